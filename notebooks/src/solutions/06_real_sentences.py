# %% [markdown]
# # Solutions to lesson 6: Does it hold on sentences that people wrote?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/solutions/06_real_sentences.ipynb)
#
# For [lesson 6](../06_real_sentences.ipynb). Try each exercise before you read its solution here.

# %% jupyter={"source_hidden": true}
import subprocess, sys
from pathlib import Path

folders = [Path.cwd(), *Path.cwd().parents, Path.cwd() / "attention-course"]
if "google.colab" in sys.modules and not folders[-1].exists():  # Colab starts empty: fetch the course
    clone = "git clone --quiet --depth 1 https://github.com/attention-course/attention-course attention-course"
    subprocess.run(clone.split(), check=True)
sys.path[:0] = [str(folder) for folder in folders if (folder / "helpers/bootstrap.py").exists()][:1]
from helpers.bootstrap import prepare
prepare()

# %%
import random
from itertools import combinations

import numpy as np
import torch

from helpers.corpus.real import CorpusUnavailable, aligned, generated_as_real, load_tatoeba
from helpers.corpus.text import detokenise
from helpers.corpus.words import word_class
from helpers.evaluation import as_written, forced_alpha
from helpers.exercises import lesson_06 as checks
from helpers.recipes import load_results, recipe
from helpers.training import fit_or_load
from helpers.translation import translate

# %%
try:
    corpus = load_tatoeba()
except CorpusUnavailable as problem:
    print(problem)
    corpus = generated_as_real()
    print(corpus.name)
print(corpus.credit)
model, _ = fit_or_load(recipe("real both ways"), corpus.train, corpus.valid)

# %% [markdown]
# ## 6.1 A leaking split

# %%
def leak(train, test):
    sources, targets = {p.source for p in train}, {p.target for p in train}
    return sum(p.source in sources or p.target in targets for p in test) / len(test)

my_leak = 10

checks.leak(leak)

# %%
every_pair = [p for split in (corpus.train, corpus.valid, corpus.test) for p in split]
rows, n = random.Random(0).sample(every_pair, len(every_pair)), len(corpus.test)
checks.leak_by_row(my_leak, leak(rows[n:], rows[:n]), leak(corpus.train, corpus.test))

# %% [markdown]
# **Why.** Volunteers translate a sentence more than once. A random split puts some of these twins on both sides. If groups stay together, no side of a test pair was seen in training.
#
# **Common wrong turns.** Comparing whole pairs: twins have one side in common, and hardly ever both. Lists in place of sets: the result is the same, and each question goes through the whole list.

# %% [markdown]
# ## 6.2 The deep output

# %%
def deep_output(s, c, y, inner, outer):
    return outer(torch.tanh(inner(torch.cat([s, c, y], dim=1))))

checks.deep_output(deep_output)

# %% [markdown]
# **Why.** The state $s_t$ has to carry everything that the next steps need. With a deep output the next word can also be read off the context and the word before, so the state need not carry what only this word needs.
#
# **Common wrong turns.** No tanh: two linear layers in a row are one linear layer, and nothing is gained. Another order of the three: the shapes fit where the sizes are equal, and the matrix meets the wrong numbers.

# %% [markdown]
# ## 6.3 The luck of the seed

# %%
def by_chance(a, b):
    scores, hits = [*a, *b], []
    truth = np.mean(b) - np.mean(a)
    for first in combinations(range(len(scores)), len(a)):
        second = [i for i in range(len(scores)) if i not in first]
        difference = np.mean([scores[i] for i in second]) - np.mean([scores[i] for i in first])
        hits.append(difference >= truth - 1e-9)
    return np.mean(hits)

my_seeds = "5 % or less"

checks.by_chance(by_chance)

# %%
stored = load_results("real.csv").query("length_max - length_min > 10")
of = {name.removeprefix("real "): list(scores) for name, scores in stored.groupby("model")["chrf"]}
compared = [("vanilla", "learned"), ("vanilla, as many numbers", "both ways"), ("learned", "both ways")]
for first, second in compared:
    print(f"{first} {of[first]}, {second} {of[second]}: {by_chance(of[first], of[second]):.2f}")
checks.seeds(my_seeds, of["learned"], of["both ways"], by_chance(of["learned"], of["both ways"]))

# %% [markdown]
# **Why.** The bootstrap holds the models fixed and varies the test sentences. Seeds vary the models. If the model made no difference, every division of the scores would be as likely as the true one, so the share says how often chance alone does as
# much. This is a *permutation test*, with one side: it asks whether the second model is ahead. Three seeds of each can reach 1 in 20 at best, and who asks three times has three chances.
#
# **Common wrong turns.** Comparing the best seed of each model: this rewards whoever tried more often. Comparing the ranges of the scores: a range grows with the number of seeds, so more evidence would make a difference harder to show. Leaving out the
# true division: with few seeds the share would then be 0, which claims too much.

# %% [markdown]
# ## 6.4 How sure is it?

# %%
def evenness(alpha):
    entropy = -(alpha * alpha.clamp(min=1e-12).log()).sum(dim=1)
    return entropy / torch.tensor(float(alpha.size(1))).log()

my_sharp = 85

checks.evenness(evenness)

# %%
silver, rows = aligned(corpus), []
for p, found in zip(silver, forced_alpha(model, silver) if silver else []):
    for t, even in enumerate(evenness(found.alpha)[:-1].tolist()):
        right = {j for j, at, _ in p.links if at == t}
        if right and word_class(p.target[t]) != "punctuation":
            rows.append((even, int(found.alpha[t].argmax()) in right))
hits = [100 * np.mean([hit for _, hit in part]) for part in np.array_split(sorted(rows), 3)] if rows else []
checks.sharp_and_right(my_sharp, hits)

# %% [markdown]
# **Why.** In nats, $\ln 2$ is the entropy of two words with half of the weight each, so $e^{\text{entropy}}$ is roughly "how many words it looks at". A sentence of $T_x$ words can reach $\ln T_x$, so after the division sentences of all lengths can be
# compared. Sharp rows are right more often than even ones, and some of them are wrong.
#
# **Common wrong turns.** No minus: all values are below 0. `dim=0`: that is one number for each Hindi word. $0 \cdot \ln 0$: on a sharp row the logarithm is $-\infty$, and zero times infinity is nan.

# %% [markdown]
# ## 6.5 Greedy against beam

# %%
def better_and_worse(greedy, beam, references):
    gains = [checks.chrf(b, r) - checks.chrf(g, r) for g, b, r in zip(greedy, beam, references)]
    return sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)

my_better = 25

checks.better_and_worse(better_and_worse)

# %%
def as_text(answers):
    return [detokenise([word for word in a.target if word != "<unk>"]) for a in answers]

references = [as_written(reference) for reference in corpus.references["test"]]
greedy, beam = (as_text(translate(model, corpus.test, beam=k)) for k in (1, 5))
better, worse = better_and_worse(greedy, beam, references)
checks.beam_changes(my_better, better, worse, len(references))

# %% [markdown]
# **Why.** The beam looks for a higher *log-probability*. chrF asks somebody else: the person who wrote the reference. Where the two disagree, a better search does not help, and a better model would.
#
# **Common wrong turns.** Counting unchanged sentences as worse, or as better. Averaging the gains and reporting nothing else: a few large ones can hide many small losses.
