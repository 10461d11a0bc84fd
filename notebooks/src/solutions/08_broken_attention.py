# %% [markdown]
# # Solutions to lesson 8: Your attention does not work. Why?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/solutions/08_broken_attention.ipynb)
#
# For [lesson 8](../08_broken_attention.ipynb). Try each exercise before you read its solution here.

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
import torch

from helpers.exercises import lesson_08 as checks
from helpers.museum import FAULTS
from helpers.vocabulary import BOS

# %% [markdown]
# ## 8.1 Who may be seen

# %%
my_faults_1 = {"A": "padding is not masked", "B": "softmax over the batch", "C": "the mask is inverted"}

checks.room_1(my_faults_1)

# %% [markdown]
# **Why it works.** Padding has a weight above 0 in A and in C. In C it has all of it, and the attention gets no gradient, since the states of padding are all the same. In B the sums over the words are far from 1, and
# those over the batch are 1.
#
# **Common wrong turns.** Calling B's fault a missing mask, because its sentences change with their batch. A batch matters in all three. But in B padding gets nothing.

# %% [markdown]
# ## 8.2 What a score knows

# %%
my_faults_2 = {"D": "the tanh is missing", "E": "keys of words", "F": "healthy", "G": "scores without states"}

checks.room_2(my_faults_2)

# %% [markdown]
# **Why it works.** *What a score reads* tells E and G apart: only the own word, and no word. In D the scores read all words, as they should, but no row differs from another, so the step has no say.
#
# **Common wrong turns.** Suspecting F, because its heatmap is not quite the alignment. A healthy model need not look where the alignment does: its states know more than one word.

# %% [markdown]
# ## 8.3 From the weights to the word

# %%
my_faults_3 = {"H": "read from the left twice", "I": "α is recorded a step late", "J": "α times its own scores"}

checks.room_3(my_faults_3)

# %% [markdown]
# **Why it works.** In I and J the average with the shown weights is not the context. If α is only recorded late, it fits the links after a shift by one step. If it is multiplied afterwards, it fits as it is. In H the average is right, and no score
# reads a word to its right.
#
# **Common wrong turns.** Judging I by its picture: it looks like the worst attention in the house, and it is a healthy model.

# %% [markdown]
# ## 8.4 Who measures

# %%
my_faults_4 = {"K": "it sees the word to write", "L": "the teacher is still there", "M": "BLEU with exchanged arguments"}

checks.room_4(my_faults_4)

# %% [markdown]
# **Why it works.** Another answer must change neither the scores of the step that writes it nor the translations. The known case has nothing to do with the model: it tries the ruler alone.
#
# **Common wrong turns.** Taking K's low loss for a good sign. A loss that is too good is a symptom.

# %% [markdown]
# ## 8.5 Mend the weights and the scores

# %%
def weights_a(e_t, mask):
    return torch.softmax(e_t.masked_fill(~mask, -torch.inf), dim=1)

def weights_b(e, mask):
    return torch.softmax(e.masked_fill(~mask.unsqueeze(1), -torch.inf), dim=2)

def weights_c(e_t, mask):
    return torch.softmax(e_t.masked_fill(~mask, -torch.inf), dim=1)

def scores_d(keys, query, V_att):
    return torch.tanh(keys + query.unsqueeze(1)) @ V_att

def keys_e(h, x, U_att):
    return h @ U_att

def scores_g(s_prev, h, U_att, W_att, V_att):
    return torch.tanh(h @ U_att + (s_prev @ W_att).unsqueeze(1)) @ V_att

checks.weights_a(weights_a)
checks.weights_b(weights_b)
checks.weights_c(weights_c)
checks.scores_d(scores_d)
checks.keys_e(keys_e)
checks.scores_g(scores_g)

# %% [markdown]
# **Why it works.** A, B and C come to the same two steps: the score of padding becomes $-\infty$, and the softmax goes over the words. D, E and G come to the score of lesson 4: a tanh of what the word's state and the step's state say together.
#
# **Common wrong turns.** Multiplying the weights by the mask after the softmax: padding gets 0, and the row no longer sums to 1. Counting axes from the wrong side: with all steps at once, the words are axis 2, or axis −1.

# %% [markdown]
# ## 8.6 Mend the rest

# %%
def states_h(from_left, from_right):
    return torch.cat([from_left, from_right], dim=2)

def alphas_i(step, s, n):
    alphas = []
    for _ in range(n):
        s, alpha_t = step(s)
        alphas.append(alpha_t)
    return torch.stack(alphas)

def context_j(alpha_t, e_t, h):
    return (alpha_t.unsqueeze(1) @ h).squeeze(1)

def given_k(target_out):
    begin = torch.full((len(target_out), 1), BOS)
    return torch.cat([begin, target_out[:, :-1]], dim=1)

def next_l(scores, right):
    return scores.argmax(dim=1)

def bleu_m(bleu, written, right):
    return bleu(written, right)

checks.states_h(states_h)
checks.alphas_i(alphas_i)
checks.context_j(context_j)
checks.given_k(given_k)
checks.next_l(next_l)
checks.bleu_m(bleu_m)

# %% [markdown]
# **Why it works.** Each function uses what its exhibit left out: the states from the right, the weights of *this* step, the weights as they are, the previous word, the model's own word, and the two lists in their places.
#
# **Common wrong turns.** In K, `target_out.roll(1, dims=1)` gives the first step the last word of the sentence in place of `<s>`. In I, returning a list: `torch.stack` makes one tensor of it.

# %% [markdown]
# The public cases, for those who want to read them:

# %%
for letter, fault in FAULTS.items():
    print(letter, f"{fault.name:31}", fault.case or "–")
