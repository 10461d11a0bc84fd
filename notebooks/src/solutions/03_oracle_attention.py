# %% [markdown]
# # Solutions to lesson 3: What if someone told us where to look?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/solutions/03_oracle_attention.ipynb)
#
# Try [the lesson](../03_oracle_attention.ipynb) first: a check that says what is wrong teaches more than an answer that is right. Each solution here passes the same check, says why it is right, and names the wrong turns that many people take.

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
from dataclasses import replace
from functools import partial

import torch

from helpers import plots
from helpers.corpus.pairs import load_split
from helpers.evaluation import bleu, score_by_length
from helpers.exercises import lesson_03 as checks
from helpers.oracle import oracle_alpha, shifted_alpha, uniform_alpha
from helpers.recipes import fit_short, recipe
from helpers.training import fit_or_load
from helpers.translation import translate

train, valid, test = (load_split(name) for name in ("train", "valid", "test"))

# %% [markdown]
# ## 3.1 Be the oracle

# %%
def oracle_weights(links, T_x, T_y):
    alpha = torch.zeros(T_y + 1, T_x + 1)
    for j, t, sure in links:
        alpha[t, j] = 1.0 if sure else 0.5
    alpha[-1, -1] = 1.0
    return alpha / alpha.sum(dim=1, keepdim=True)

checks.oracle_weights(oracle_weights)

# %% [markdown]
# **Why.** A row is a step. `alpha.sum(dim=1)` adds along $j$; `keepdim=True` leaves it as a column, so that each row is divided by its own sum.
#
# **Common wrong turns.** Without `keepdim` the sums lie down as a row: if the matrix happens to be square, there is no error, and the *columns* are divided. `dim=0` sums over $t$. And a forgotten `</s>` leaves a row of zeros, and 0/0 is nan.

# %% [markdown]
# ## 3.2 With a pencil

# %%
my_c = [2.5, 2.5]

def weighted_average(alpha_t, h):
    c = torch.zeros(h.size(1))
    for weight, h_j in zip(alpha_t, h):
        c = c + weight * h_j
    return c

checks.by_hand(my_c)
checks.weighted_average(weighted_average)

# %% [markdown]
# **Why.** 0.25·2 + 0.25·0 + 0.5·4 = 2.5, and 0.25·0 + 0.25·2 + 0.5·4 = 2.5. The third state has as much to say as the first two together.
#
# **Common wrong turns.** Dividing by 3 at the end: the weights sum to 1 already. `return` inside the loop: then only the first word counts.

# %% [markdown]
# ## 3.3 One step early

# %%
def early(pair):
    return oracle_alpha(pair).roll(-1, dims=0)

my_early = "like the oracle"
checks.early(early)

# %%
def bleu_if_told(oracle):
    """Train on short sentences with oracle(pair) as the weights of each pair; returns BLEU on short test sentences."""
    told, _, short_test = fit_short(replace(recipe("oracle"), name=oracle.__name__, oracle=oracle))
    return bleu(translate(told, short_test, oracle=oracle), [" ".join(p.target) for p in short_test])

# %%
three = [bleu_if_told(oracle) for oracle in (oracle_alpha, early, shifted_alpha)]
checks.early_or_late(my_early, *three)

# %% [markdown]
# **Why.** One step early, the decoder sees the Hindi word while it still writes the English word before. It can keep it in its state for one step: that is what a GRU is good at. (The first word is the exception: nobody announces it.) One step late, it must write
# the word first and is shown it afterwards; no memory helps against that.
#
# **Common wrong turns.** `roll(1)` is "shifted" itself. `dims=1` moves the columns: then every step looks at the wrong *word*, not at the wrong *time*.

# %% [markdown]
# ## 3.4 How wrong may an oracle be?

# %%
def mixed(pair, p):
    return (1 - p) * oracle_alpha(pair) + p * uniform_alpha(pair)

my_p = 0.7
checks.mixed(mixed)

# %%
model, _ = fit_or_load(recipe("oracle"), train, valid)
some, scores = test[::3], {}
for p in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
    answers = translate(model, some, oracle=partial(mixed, p=p))
    scores[p] = score_by_length(answers, some, [(1, 39)])["bleu"][0]
checks.breaking_point(my_p, scores)

# %%
import matplotlib.pyplot as plt

figure, ax = plt.subplots()
ax.plot(list(scores), list(scores.values()), marker="o")
ax.set(xlabel="share p of uniform weights", ylabel="BLEU", ylim=(0, 103), title="A blurred oracle is a good oracle, up to a point")
plots.show(figure, alt="BLEU against the share of uniform weights: high at first, then it falls steeply.")

# %% [markdown]
# **Why.** With $p$ uniform weight the context is the right state, a bit smaller, plus a constant mixture of all. As long as the right state stands out, the decoder recognises it. Sentences are long, so each wrong word has only a small part of $p$.
#
# **Common wrong turns.** `gold + p * uniform`: rows sum to more than 1, and `translate` refuses them. A uniform weight of $1/T_x$ with `</s>` forgotten: it is one of the columns.
