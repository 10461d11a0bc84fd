# %% [markdown]
# # Solutions to lesson 2: What gets lost, and where?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/solutions/02_long_sentences.ipynb)
#
# Try [the lesson](../02_long_sentences.ipynb) first: a check that says what is wrong teaches more than an answer that is right. Each solution here passes the same check, says why it is right, and names the wrong turns that many people take.

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
from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from helpers.attention import Context, Look
from helpers.batching import make_batches
from helpers.corpus.pairs import TRAIN_BUCKETS, load_split
from helpers.evaluation import bleu, score_by_length
from helpers.exercises import lesson_02 as checks
from helpers.recipes import fit_short, recipe
from helpers.training import fit_or_load
from helpers.translation import translate
from helpers.vocabulary import EOS, PAD

train, valid, test = (load_split(name) for name in ("train", "valid", "test"))
vanilla, _ = fit_or_load(recipe("vanilla"), train, valid)
answers = translate(vanilla, test)

# %% [markdown]
# ## 2.1 The interval of a BLEU

# %%
def bleu_interval(written, right, samples=300):
    scores = []
    for _ in range(samples):
        at = random.choices(range(len(right)), k=len(right))
        scores.append(bleu([written[i] for i in at], [right[i] for i in at]))
    low, high = np.percentile(scores, [2.5, 97.5])
    return low, high

checks.bleu_interval(bleu_interval)

# %%
inside = [i for i, pair in enumerate(test) if len(pair.source) <= 7]
written, right = [str(answers[i]) for i in inside], [" ".join(test[i].target) for i in inside]
for _ in range(3):
    low, high = bleu_interval(written, right)
    print(f"BLEU at 1–7 words: between {low:.1f} and {high:.1f}, so ± {(high - low) / 2:.1f}")

# %% [markdown]
# **Why.** A translation and its right sentence belong together, so we draw their number. BLEU then counts the runs of all drawn sentences together, as it does for the test set.
# Three intervals of the same translations differ a little: other random draws.
#
# **Common wrong turns.** Drawing `written` and `right` each for itself: then BLEU compares different sentences. `random.sample` in place of `random.choices`: that draws without replacement, so every sample is the whole set in another order. The mean of the
# BLEU of single sentences: that is another number, in which a short sentence counts as much as a long one.

# %% [markdown]
# ## 2.2 The vector of another sentence

# %%
def with_other_source(batch):
    return replace(batch, source=batch.source.roll(1, dims=0), source_lengths=batch.source_lengths.roll(1))

my_percent = 35

checks.with_other_source(with_other_source)

# %%
@torch.no_grad()
def next_word_right(model, batch):
    logits, _ = model(batch)
    real = (batch.target_out != PAD) & (batch.target_out != EOS)
    return 100 * (logits.argmax(dim=2) == batch.target_out)[real].float().mean().item()

rows = {}
for low, high in TRAIN_BUCKETS:
    pairs = [pair for pair in test if low <= len(pair.source) <= high]
    (batch,) = make_batches(pairs, vanilla.source_vocab, vanilla.target_vocab, len(pairs))
    rows[f"{low}–{high}"] = [next_word_right(vanilla, b) for b in (batch, with_other_source(batch))]
shares = pd.DataFrame(rows, index=["the right vector", "the vector of another sentence"])
shares.loc["difference"] = shares.iloc[0] - shares.iloc[1]
shares.round().astype(int)

# %%
checks.wrong_vector(my_percent, shares.iloc[1].mean())

# %% [markdown]
# **Why.** The second row is what the English words before tell, together with the habits of the corpus. The difference is what the *right* vector adds. It shrinks with the length of the sentence.
# One caution: the model was never trained with wrong vectors. A model without any Hindi could be a little better than the second row.
#
# **Common wrong turns.** Only `source` is moved: then the encoder stops at a wrong place, or reads padding. `roll(1)` without `dims=0` moves *words* from one sentence into the next.

# %% [markdown]
# ## 2.3 Which words are kept?

# %%
def kept(pair, answer):
    found = {}
    for j, t, sure in pair.links:
        if sure:
            found[j] = found.get(j, True) and pair.target[t] in answer
    return found

checks.kept(kept)

# %%
long, rows = [i for i, pair in enumerate(test) if len(pair.source) >= 24], []
for n, i in enumerate(long):
    for name, k in (("kept", i), ("by chance", long[n - 1])):  # by chance: the translation of another sentence
        found = kept(test[i], list(answers[k].target))
        words = [found[j] for j in sorted(found) if test[i].source[j] not in "।?,"]
        rows.append({"": name, "first three": sum(words[:3]) / 3, "last three": sum(words[-3:]) / 3})
print((100 * pd.DataFrame(rows).groupby("").mean()).round().astype(int), "(%)")

# %% [markdown]
# **Why.** The links say which English word a Hindi word became, so we need not know any Hindi to count. The line *by chance* is the yardstick: so many words are "kept" by the translation of quite another sentence.
#
# **Common wrong turns.** `pair.target[t] in str(answer)` finds *man* in *woman*. Possible links counted: then *the* decides. The full stop counted: it is right in every sentence.

# %% [markdown]
# ## 2.4 Turn it round

# %%
def reversed_pair(pair):
    n = len(pair.source)
    return replace(pair, source=pair.source[::-1], links=tuple((n - 1 - j, t, sure) for j, t, sure in pair.links))

my_share = 25

checks.reversed_pair(reversed_pair)
checks.reversing(my_share)

# %% [markdown]
# **Why.** Reversed, the encoder reads the first Hindi word last. So the beginning is fresh when the decoder starts, and the decoder begins with the beginning. The end of the sentence is now far away. The size of the vector stays the same. Whether the fresh beginning makes the model better, this does not show.
#
# **Common wrong turns.** `n - j` in place of `n - 1 - j`, since places are counted from 0. Links that were left as they are: the training would not mind, since vanilla never looks at them, but every measurement by links would be wrong.

# %% [markdown]
# ## 2.5 A vector of your own

# %%
def largest(h, mask):
    return h.masked_fill(~mask.unsqueeze(2), -torch.inf).max(dim=1).values

checks.largest(largest)

# %%
class Largest(Context):
    def forward(self, s_prev, encoded, alpha_t=None):
        return Look(largest(encoded.h, encoded.mask))

for name, context in (("last state", None), ("largest values", Largest())):
    model, _, short_test = fit_short(recipe("vanilla"), context)
    scores = score_by_length(translate(model, short_test), short_test, TRAIN_BUCKETS[:2])
    print(f"{name}: BLEU {scores['bleu'].round(1).tolist()} at 1–7 and 8–15 words")

# %% [markdown]
# **Why.** The maximum reaches back to every word in one step, and it does not matter how far away the word is. Vectors of this kind were used for comparing sentences (Conneau and others, 2017). But it is still one vector of 128 numbers,
# and each of them can hold the trace of one place only.
#
# **Common wrong turns.** Padding that takes part: the states of padding are 0, and in a state with negative numbers 0 wins. `h * mask` has the same fault. `.max(dim=1)` without `.values` returns the places as well.
