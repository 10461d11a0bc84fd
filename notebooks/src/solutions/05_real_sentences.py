# %% [markdown]
# # Solutions to lesson 5: Does it hold on sentences that people wrote?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/solutions/05_real_sentences.ipynb)
#
# Try [the lesson](../05_real_sentences.ipynb) first: a check that says what is wrong teaches more than an answer that is right. Each solution here passes the same check, says why it is right, and names the wrong turns that many people take.

# %%
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
from dataclasses import replace

from helpers.corpus.real import CorpusUnavailable, generated_as_real, load_tatoeba
from helpers.corpus.text import detokenise
from helpers.corpus.words import word_class
from helpers.evaluation import forced_alpha, score
from helpers.exercises import lesson_05 as checks
from helpers.recipes import recipe
from helpers.training import fit_all, fit_or_load, new_translator
from helpers.translation import translate

# %%
try:
    corpus = load_tatoeba()
except CorpusUnavailable as problem:
    print(problem)
    corpus = generated_as_real()
print(corpus.name, corpus.credit, sep="\n")

# %% [markdown]
# ## 5.1 A leaking split

# %%
def leak(train, test):
    sources, targets = {p.source for p in train}, {p.target for p in train}
    return sum(p.source in sources or p.target in targets for p in test) / len(test)

my_leak = 15
checks.leak(leak)

# %%
everything = [p for split in (corpus.train, corpus.valid, corpus.test) for p in split]
rows, n = random.Random(0).sample(everything, len(everything)), len(corpus.test)
checks.leak_by_row(my_leak, leak(rows[n:], rows[:n]), leak(corpus.train, corpus.test))

# %% [markdown]
# **Why.** Volunteers translate a sentence more than once. Row by row, such twins are dealt out to both sides; group by group they stay together, so that no side of a test pair was seen.
#
# **Common wrong turns.** Comparing whole pairs: a twin has one side in common, hardly ever both. Lists in place of sets: the same result, but each question goes through the whole list.

# %% [markdown]
# ## 5.2 Other seeds

# %%
def luck(scores):
    means = {name: sum(x) / len(x) for name, x in scores.items()}
    spread = max(max(x) - min(x) for x in scores.values())
    return means["learned"] - means["vanilla"], spread

my_seeds = "about equal"
checks.luck(luck)

# %%
references = corpus.references["test"]
few = max(7, sorted(len(p.source) for p in corpus.train)[len(corpus.train) // 2])  # words
short, by_seed = [p for p in corpus.train if len(p.source) <= few], {"vanilla": [], "learned": []}
for seed in (1, 2, 3):
    chosen = {name: recipe(f"real {name}", seed) for name in by_seed}
    passes = replace(chosen["learned"].training, epochs=4, learning_rate=4e-3)
    small = {name: new_translator(replace(r.model, hidden=128, attention_hidden=128), passes, short)
             for name, r in chosen.items()}
    fit_all(small, short, corpus.valid[:100], passes)
    for name, model in small.items():
        guesses = [detokenise(a.target) for a in translate(model, corpus.test)]
        by_seed[name].append(score(guesses, references, tokenized=False).chrf)
for name, values in by_seed.items():
    print(name, *(f"{chrf:.1f}" for chrf in values))
checks.small_seeds(my_seeds, *luck(by_seed))

# %% [markdown]
# **Why.** The bootstrap holds the models fixed and varies the test set. Seeds vary the models. A difference that is no larger than the spread could turn round with the next seed; one that is several times larger will hardly do so. Three seeds are few: report all
# of them.
#
# **Common wrong turns.** The best seed of each model: this rewards whoever tried more often. Small models that decide about large ones: these are for learning how to look, not for the answer.

# %% [markdown]
# ## 5.3 How sure is it?

# %%
def entropy(alpha):
    return -(alpha * alpha.clamp(min=1e-12).log()).sum(dim=1)

checks.entropy(entropy)

# %%
learned, _ = fit_or_load(recipe("real learned"), corpus.train, corpus.valid)
by_class = {"content": [], "function": []}
for pair, alignment in zip(corpus.test, forced_alpha(learned, corpus.test)):
    for word, row in zip(pair.target, entropy(alignment.alpha).tolist()):
        by_class[word_class(word)].append(row)
for kind, values in filter(lambda item: item[1], by_class.items()):  # the classes are those of English words
    print(f"{kind} words: mean entropy {sum(values) / len(values):.2f} nats, {len(values)} words")

# %% [markdown]
# **Why.** In nats, $\ln 2$ is the entropy of two words with half of the weight each, so $e^{\text{entropy}}$ is roughly "how many words it looks at". A low entropy says that the model looks at one place. It does not say that it is the right one.
#
# **Common wrong turns.** No minus: all values are below 0. `dim=0`: that is one figure for each Hindi word. $0 \cdot \ln 0$: on padding and on a sharp row the logarithm is $-\infty$, and zero times infinity is nan.

# %% [markdown]
# ## 5.4 Greedy against beam

# %%
def better_and_worse(greedy, beam, references):
    gains = [checks.chrf(b, r) - checks.chrf(g, r) for g, b, r in zip(greedy, beam, references)]
    return sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)

checks.better_and_worse(better_and_worse)

# %%
greedy, beam = ([detokenise(a.target) for a in translate(learned, corpus.test, beam=k)] for k in (1, 5))
better, worse = better_and_worse(greedy, beam, references)
my_better = 25
checks.beam_changes(my_better, better, worse, len(references))

# %% [markdown]
# **Why.** The beam looks for a higher *log-probability*. chrF asks somebody else: the person who wrote the reference. Where the two disagree, a better search does not help; a better model would.
#
# **Common wrong turns.** Counting unchanged sentences as worse, or as better. Averaging the gains and reporting nothing else: a few large ones can hide many small losses.
