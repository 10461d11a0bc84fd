# %% [markdown]
# # Solutions to lesson 4: There is no oracle. Can α be learned?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/solutions/04_learned_attention.ipynb)
#
# Try [the lesson](../04_learned_attention.ipynb) first: a check that says what is wrong teaches more than an answer that is right. Each solution here passes the same check, says why it is right, and names the wrong turns that many people take.

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
import pandas as pd
import torch

from helpers.exercises import lesson_04 as checks

# %% [markdown]
# ## 4.1 Scores, with loops and without

# %%
def scores_by_loops(s_prev, h, U_att, W_att, V_att):
    e_t = torch.zeros(len(h))
    for j in range(len(h)):
        for a in range(len(V_att)):
            e_t[j] += V_att[a] * torch.tanh(h[j] @ U_att[:, a] + s_prev @ W_att[:, a])
    return e_t

def scores(s_prev, h, U_att, W_att, V_att):
    return torch.tanh(h @ U_att + (s_prev @ W_att).unsqueeze(1)) @ V_att

checks.scores_by_loops(scores_by_loops)
checks.scores(scores)

# %% [markdown]
# **Why.** `h @ U_att` is $(B, T_x, D_a)$. The decoder's share is $(B, D_a)$, the same for all words of a sentence; `unsqueeze(1)` makes it $(B, 1, D_a)$, and PyTorch repeats it along the words. The last product, with $(D_a)$, sums over the hidden units.
#
# **Common wrong turns.** Without `unsqueeze(1)` shapes are lined up from the right, so $B$ meets $T_x$: mostly an error, but if a batch has as many sentences as words, there is none, and each *word* gets another sentence's state. $U$ and $W$ exchanged: no error
# if $D_h = D_s$. $\tanh(a) + \tanh(b)$ in place of $\tanh(a + b)$: then the decoder's share is the same for all words, and the softmax forgets it.

# %% [markdown]
# ## 4.2 Mask and softmax

# %%
def masked_softmax(e_t, src_mask):
    return torch.softmax(e_t.masked_fill(~src_mask, -torch.inf), dim=1)

checks.masked_softmax(masked_softmax)

# %% [markdown]
# **Why.** $e^{-\infty} = 0$, exactly, and the sum below the line does not notice the padding at all.
#
# **Common wrong turns.** `softmax(e_t) * src_mask`: padding gets 0, but its share is lost and the row no longer sums to 1. `e_t * src_mask`: a score of 0 is not a weight of 0. `e_t.masked_fill(…)` on a line of its own: it returns a new tensor, and the
# old one is as it was.

# %% [markdown]
# ## 4.3 Find the planted bug
#
# Three questions to each suspect: what does padding get, what do the rows sum to, and do two rows differ?

# %%
torch.manual_seed(1)
s_all, h_all = torch.randn(1, 3, 4), torch.randn(1, 5, 4)
src_mask = torch.tensor([[True, True, True, False, False]])
seen = {}
for name, attend in checks.suspects().items():
    alpha = attend(s_all, h_all, src_mask)[0]
    seen[name] = {"padding gets": alpha[:, 3:].max(), "smallest row sum": alpha.sum(1).min(), "largest row sum": alpha.sum(1).max(),
                  "rows differ by": (alpha[0] - alpha[1]).abs().max()}
pd.DataFrame(seen).astype(float).round(2).T

# %%
my_verdict = {"A": "over t", "B": "nothing", "C": "padding", "D": "no tanh"}

checks.find_the_bugs(my_verdict)

# %% [markdown]
# **Why.** A softmax over $t$ makes the *columns* sum to 1. A softmax over padding shows as weight where no word is. Without the tanh the decoder's share is one number for all words, it drops out of the softmax, and every step looks at the same place: all rows are
# equal.
#
# **Common wrong turns.** Looking at shapes only: all four are right. Trying it without padding: then C is beyond suspicion. Trying it with a single step: then D is.

# %% [markdown]
# ## 4.4 The gradient of the scores

# %%
def gradient_of_scores(alpha, grad_c, h):
    g = (h @ grad_c.unsqueeze(2)).squeeze(2)
    return alpha * (g - (alpha * g).sum(dim=1, keepdim=True))

checks.gradient_of_scores(gradient_of_scores)

# %% [markdown]
# Three properties, on random numbers: each row sums to 0, padding gets 0, and a row with all its weight on one word gets 0 everywhere.

# %%
torch.manual_seed(0)
alpha = torch.tensor([[0.5, 0.3, 0.2, 0.0], [0.0, 1.0, 0.0, 0.0]])  # the last word is padding
gradient_of_scores(alpha, torch.randn(2, 3), torch.randn(2, 4, 3)).numpy().round(3)

# %% [markdown]
# **Why.** $g_j = \partial L/\partial c \cdot h_j$ says how the loss changes with the weight of word $j$. A higher score $e_k$ raises $\alpha_k$ and lowers all other weights, each in proportion to its size. The two effects together are
# $\alpha_k (g_k - \sum_j \alpha_j g_j)$. So a word is rewarded if its state is better for the loss than the average of what the decoder sees now.
#
# **Common wrong turns.** $\alpha_k g_k$: that would raise all scores if all states help, and a softmax takes no notice of that. $\alpha_k g_k (1 - \alpha_k)$: only the effect on the word's own weight. The plain mean of $g$ in place of the
# weighted one. `keepdim=True` forgotten: then $(B,)$ lines up with the words and not with the sentences.

# %% [markdown]
# ## 4.5 The alignment error rate

# %%
def alignment_error_rate(alpha, links):
    A = {(j, t) for t, j in enumerate(alpha[:-1].argmax(dim=1).tolist())}
    S = {(j, t) for j, t, sure in links if sure}
    P = {(j, t) for j, t, sure in links}
    return 1 - (len(A & S) + len(A & P)) / (len(A) + len(S))

checks.alignment_error_rate(alignment_error_rate)

# %% [markdown]
# **Why.** A hit on a sure link counts twice, once in $S$ and once in $P$; a hit on a possible link counts once, which just pays for its place in $|A|$. So possible links neither help nor hurt.
#
# **Common wrong turns.** $P$ without the sure links. The row of `</s>` counted. A mean over sentences in place of one count over all of them: the helper counts all links of the test set together, so that long sentences weigh more.
