# %% [markdown]
# # Solutions to lesson 1: Can one vector carry a sentence?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/solutions/01_encoder_decoder.ipynb)
#
# Try [the lesson](../01_encoder_decoder.ipynb) first: a check that says what is wrong teaches more than an answer that is right. Each solution here passes the same check, says why it is right, and names the wrong turns that many people take.

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
# ## 1.2 The decoder step

# %%
def decoder_step(word_before, s, c, embedding, cell, output):
    y = embedding(word_before)
    s = cell(torch.cat([y, c], dim=1), s)
    return output(s), s

checks.decoder_step(decoder_step)

# %% [markdown]
# **Why.** These are the three equations of the decoder: the vector $y_{t-1}$ comes from its table, $s_t = \mathrm{GRU}([y_{t-1}; c], s_{t-1})$, and the scores are $W_o s_t + b_o$. `dim=1` puts the two vectors of each *row* end to end. The
# softmax is left out because the loss applies it, and greedy decoding needs only the order of the scores.
#
# **Common wrong turns.** The scores of the old state: then the word before cannot change the next word. Returning the old state: then each step begins at the same place, and the decoder never gets on. `[c; y]` runs as well, because the sizes add up to the same number.

# %% [markdown]
# ## 1.3 The loss of a sentence

# %%
def sentence_loss(scores, right):
    probabilities = torch.softmax(scores, dim=1)
    total = 0.0
    for t in range(len(right)):
        total += -torch.log(probabilities[t, right[t]])
    return total / len(right)

checks.sentence_loss(sentence_loss)
p = torch.tensor([0.5, 0.5, 1.0])
print(f"right words with the probabilities 0.5, 0.5 and 1: {sentence_loss(torch.stack([p, 1 - p], dim=1).log(), [0, 0, 0]):.3f}")

# %% [markdown]
# **Why.** Each step is a question of its own: which word comes next? Its loss is small if the right word had a high probability. The mean makes sentences of different lengths comparable.
#
# **Common wrong turns.** The sum in place of the mean: then sentences of different lengths cannot be compared. The logarithm of the mean probability: one step with a probability near 0 would then hardly matter, while its $-\ln p$ is large. `dim=0` makes the softmax over the steps, and not over the words.

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
print(f"exact match: {before.exact_match:.0f} % before, {after.exact_match:.0f} % after")

# %% [markdown]
# Which sentences still come out exactly right?

# %%
same = [p for p in new if shuffled_words(p) == list(p.source)]
still = [p for p, a, r in zip(new, mixed_up, references) if str(a) == r]
print(f"{len(still)} of {len(new)} sentences; {len(same)} of all were not changed by the shuffle")
for p in still[:5]:
    print("  ", " ".join(p.target))

# %% [markdown]
# **Why.** $h_j$ depends on $h_{j-1}$, so the state depends on the *order* of the words too, and the decoder has learned to read from it who does what. Some sentences survive: in the very short ones the shuffle changes little, and in others only one reading makes sense.
#
# **Common wrong turns.** `random.shuffle(pair.source)` fails on a tuple. `set(pair.source)` loses words that come twice. With the । in the middle, one measures two things at once: the order, and a sentence that ends too soon.

# %% [markdown]
# ## 1.5 A gate that remembers

# %%
def gate_for_half(n):
    return 0.5 ** (1 / n)

checks.gate_for_half(gate_for_half)
for n in (5, 10, 20, 39):
    z = gate_for_half(n)
    print(f"half is left after {n:2} words: z = {z:.3f}, the sigmoid of {torch.logit(torch.tensor(z)):.1f}")

# %% [markdown]
# **Why.** With drafts of 0 each word multiplies the number by $z$, so after $n$ words $z^n$ is left. $z^n = \tfrac12$ gives the $n$-th root of one half. The sum inside of the sigmoid that makes such a $z$ is not large, so a
# gate can learn it by one bias.
#
# **Common wrong turns.** $0.5^n$ answers the opposite question: how much is left if $z$ is a half. $1 - 0.5 / n$ takes away the same amount at each word, and a gate takes away the same share.
