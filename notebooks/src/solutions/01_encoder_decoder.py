# %% [markdown]
# # Solutions to lesson 1: Can one vector carry a sentence?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/solutions/01_encoder_decoder.ipynb)
#
# Try [the lesson](../01_encoder_decoder.ipynb) first: a check that says what is wrong teaches more than an answer that is right. Each solution here passes the same check, says why it is right, and names the wrong turns that many people take.

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

import torch

from helpers.corpus.pairs import load_split
from helpers.evaluation import score
from helpers.exercises import lesson_01 as checks
from helpers.recipes import recipe
from helpers.training import fit_or_load
from helpers.translation import translate

# %% [markdown]
# ## 1.1 The encoder step

# %%
def encoder_step(x, h, W, U, b):
    return torch.tanh(h @ W.T + x @ U.T + b)

checks.encoder_step(encoder_step)

# %% [markdown]
# **Why.** The equation $W h$ has the vector as a column, to the right of the matrix. A batch keeps its vectors as rows, and the same product for a row is $h W^\top$. `h @ W.T` does it for all rows at once.
# The bias has the shape $(D_h)$; PyTorch adds it to every row.
#
# **Common wrong turns.** `h @ W` runs as well, since $W$ is square, and gives other numbers: only a comparison with a reference shows it. `x @ U` stops with an error as soon as $D_x \ne D_h$. So test with
# sizes that are all different.

# %% [markdown]
# ## 1.2 What do gates cost?

# %%
def gru_size(D_x, D_h):
    return 3 * (D_h * D_h + D_h * D_x + 2 * D_h)

checks.gru_size(gru_size)
print(f"the lesson's cell, 64 + 128 inputs and 128 units: {gru_size(64 + 128, 128):,} numbers")

# %% [markdown]
# **Why.** There are three parts: the gates $r$ and $z$, and the new state. Each has a $W$ (state to state), a $U$ (word to state), and two biases, because PyTorch keeps one beside each matrix. A plain RNN has one such part, an LSTM
# four. So at the same number of units a GRU costs three times a plain RNN.
#
# **Common wrong turns.** One bias in place of two; only the two gates counted; the embeddings counted, which belong to the model, not to the cell.

# %% [markdown]
# ## 1.3 Temperature

# %%
def softmax_at(scores, temperature):
    return torch.softmax(scores / temperature, dim=1)

checks.softmax_at(softmax_at)
for temperature in (0.1, 1, 10):
    print(temperature, softmax_at(torch.tensor([[2.0, 1.0, 0.0]]), temperature)[0].numpy().round(3))

# %% [markdown]
# **Why.** A large temperature makes all scores nearly equal, so the probabilities come close to each other. A small one pulls them apart, and the best word takes it all. The order never changes, so greedy search writes the same sentence at each temperature.
#
# **Common wrong turns.** Dividing the *probabilities* by the temperature: then they no longer sum to 1. `dim=0`: then each column sums to 1, over the sentences of the batch. And $e^{1000}$ by hand, which is infinity for a computer; the softmax
# stays the same if the largest score is subtracted first, and `torch.softmax` does so.

# %% [markdown]
# ## 1.4 Does the order matter?
#
# Here the vanilla model of lesson 2 stands in for the one of lesson 1: it takes the same sentences, and its training may be in the cache already. We give it the short test sentences.

# %%
train, valid, test = (load_split(name) for name in ("train", "valid", "test"))
model, _ = fit_or_load(recipe("vanilla"), train, valid)
new = [p for p in test if len(p.source) <= 10]

# %%
def shuffled_words(pair, seed=0):
    words = list(pair.source[:-1])
    return [*random.Random(seed).sample(words, len(words)), pair.source[-1]]

checks.shuffled_words(shuffled_words)

# %%
references = [" ".join(p.target) for p in new]
as_they_are = translate(model, new)
mixed_up = translate(model, [shuffled_words(p) for p in new])
before, after = score(as_they_are, references), score(mixed_up, references)
my_bleu = 30

checks.order_matters(my_bleu, before.bleu, after.bleu)

# %% [markdown]
# Which sentences still come out exactly right?

# %%
same = [p for p in new if shuffled_words(p) == list(p.source)]
still = [p for p, a, r in zip(new, mixed_up, references) if a == r]
print(f"{len(still)} of {len(new)} sentences; {len(same)} of all were not changed by the shuffle")
for p in still[:5]:
    print("  ", " ".join(p.target))

# %% [markdown]
# **Why.** $h_j$ depends on $h_{j-1}$, so the state carries the *order* of the words too, and the decoder has learned to read "who did what" from it. Some sentences survive: in the very short ones the shuffle changes little, and in others only one reading makes sense.
#
# **Common wrong turns.** `random.shuffle(pair.source)` fails on a tuple. `set(pair.source)` loses words that come twice. With the । in the middle, one measures two things at once: the order, and a sentence that ends too soon.
