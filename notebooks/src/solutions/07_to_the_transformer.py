# %% [markdown]
# # Solutions to lesson 7: What if attention does all the work?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/solutions/07_to_the_transformer.ipynb)
#
# Try [the lesson](../07_to_the_transformer.ipynb) first: a check that says what is wrong teaches more than an answer that is right. Each solution here passes the same check, says why it is right, and names the wrong turns that many people take.

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

from helpers.corpus.build import sample_pairs
from helpers.corpus.pairs import load_split
from helpers.evaluation import score_by_length
from helpers.exercises import lesson_07 as checks
from helpers.models import ModelConfig
from helpers.training import TrainingConfig, fit, new_translator
from helpers.transformer import Transformer, positions  # the lesson's
from helpers.translation import translate

# %% [markdown]
# ## 7.1 All steps at once

# %%
def all_steps(q, k, v, src_mask):
    e = q @ k.transpose(1, 2) / q.size(2) ** 0.5  # (B, T_y, T_x)
    e = e.masked_fill(~src_mask.unsqueeze(1), -torch.inf)
    return torch.softmax(e, dim=2) @ v

checks.all_steps(all_steps)

# %% [markdown]
# **Why.** Row $t$ of the table has the scores of step $t$, column $j$ those of word $j$. `unsqueeze(1)` gives the mask an axis for the steps, and PyTorch repeats it along them. The second product is the weighted average of lesson 3, for all steps of all sentences. PyTorch has all of it in
# `torch.nn.functional.scaled_dot_product_attention`; there, too, True in `attn_mask` means *may be seen*.
#
# **Common wrong turns.** Without `unsqueeze(1)` shapes are lined up from the right, so $B$ meets $T_y$: if a batch has as many sentences as steps, there is no error, and each *step* gets another sentence's mask. The root of $T_x$ or of the values' size: what grows is the sum over the numbers of
# query and key. The 2 of the example in the lesson: it was $\sqrt{4}$. And `(~mask) * -torch.inf` is nan for every real word, since 0 times infinity is.

# %% [markdown]
# ## 7.2 Cut and join

# %%
def cut(x, heads):
    return x.unflatten(2, (heads, -1)).transpose(1, 2)

def join(contexts):
    return contexts.transpose(1, 2).flatten(2)

checks.cut(cut)
checks.join(join)

# %% [markdown]
# **Why.** `unflatten` and `flatten` keep the order of the numbers; `transpose` changes it. So a word's vector must be cut while its numbers stand side by side, and can be joined only when they do so again.
#
# **Common wrong turns.** `x.reshape(B, heads, T, -1)`: the right shape, but a head gets a part of the *sentence*, not a part of each word. And a `join` with the same mistake undoes it, so that comparing `join(cut(x, heads))` with `x` does not find it. `(-1, heads)` in place of `(heads, -1)`: the numbers are dealt out like cards. `.view`
# after `.transpose` stops with an error, since the numbers no longer stand side by side; `.flatten` and `.reshape` copy them.

# %% [markdown]
# ## 7.3 Hide the future

# %%
def causal_mask(n):
    return torch.ones(n, n, dtype=torch.bool).tril()

checks.causal_mask(causal_mask)

# %% [markdown]
# **Why.** Row $t$ is True from column 0 to column $t$, which is the lower triangle with its diagonal.
#
# **Common wrong turns.** `triu`: the steps see the future and not the past. `tril(-1)`: the first step sees nothing, and a softmax over nothing is nan. True for what is hidden: that is what `nn.MultiheadAttention` wants, and the opposite of the mask in this course. Numbers in place of True and False: `~` of the number 1 is −2.

# %% [markdown]
# ## 7.4 A moving start

# %%
def place_from(x, start):
    return x + positions(start + x.size(1), x.size(2))[start:]

my_change = "lower"
checks.place_from(place_from)

# %%
LONGEST = 12
valid, test = load_split("valid"), load_split("test")
train = sample_pairs(6000, longest=LONGEST, without=valid + test)
few_valid = [p for p in valid if len(p.source) <= LONGEST][:60]
test = [p for p in test if len(p.source) <= 24]
like = new_translator(ModelConfig(), TrainingConfig(), train)

def measured_from(start):
    """Train a Transformer whose places begin at start(); returns a row for within twelve words, and one for beyond."""
    torch.manual_seed(0)
    model = Transformer(like.source_vocab, like.target_vocab)
    model.place = lambda x: place_from(x.cpu(), start() if model.training else 0).to(x.device)
    fit(model, train, few_valid, TrainingConfig(epochs=6, learning_rate=2e-3, weight_decay=0.1))
    return score_by_length(translate(model, test), test, [(1, LONGEST), (LONGEST + 1, 24)])

# %%
rng = random.Random(0)
both = [measured_from(lambda: 0), measured_from(lambda: rng.randint(0, 20))]
checks.moving_start(my_change, *(scores["bleu"] for scores in both), both[0]["bleu_ci"].iloc[-1])

# %% [markdown]
# **Why.** The rows of `positions` from `start` on, as many as there are words. It is natural to guess *higher*: the vectors of later places are no longer new. But the same words are now met at many places, and there are no more passes than before to learn that this makes no difference.
# That is a likely reason, which we have not tested; and the control without positions fails on long sentences as well. So unseen vectors are not the whole cause, and what fails beyond twelve words stays open.
# What stays the same is only the distances between places, and those of a long sentence are still new. With far more data and passes such a start does help on long sentences (Kiyono and others, 2021).
#
# **Common wrong turns.** `positions(x.size(1), d) + start` adds to the numbers of the vectors, not to the places. `positions(start, d)` ends where it should begin. A moving start at the time of translating: a sentence must begin somewhere, and 0 is what every model here has met.
