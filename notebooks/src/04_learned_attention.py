# %% [markdown]
# # There is no oracle. Can α be learned?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/04_learned_attention.ipynb)
#
# **Lesson 4 of 8** · about 80 minutes with the exercises, 3 minutes to run · two CPU cores are enough ·
# you should know α and the weighted average from [lesson 3](03_oracle_attention.ipynb).
# Every term is in the [glossary](../docs/glossary.md#terms).

# %% [markdown]
# **After this lesson you can**
#
# 1. compute $e_{jt}$, $\alpha_{jt}$ and $c_t$ by hand for three words, and implement them for a batch, with padding
#    that gets a weight of exactly 0;
# 2. derive how the loss changes each score, and say in words why α learns to look at the right word;
# 3. measure whether α looks where the alignment says, and say what a heatmap does not show.

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
from collections import Counter
from difflib import SequenceMatcher

import matplotlib.pyplot as plt
import pandas as pd
import torch
from IPython.display import display
from torch import nn

from helpers import plots
from helpers.batching import make_batches
from helpers.corpus.pairs import hero, load_split
from helpers.corpus.words import gloss, word_class
from helpers.drawings import machine
from helpers.evaluation import alignment_error, forced_alpha, score_by_length, with_losses
from helpers.oracle import SoftAlignment, oracle_alpha
from helpers.recipes import load_results, recipe
from helpers.training import fit_or_load_all, new_translator
from helpers.translation import translate
from helpers.two_places import DAYS, VERBS, answers, questions, summary
from helpers.vocabulary import BOS

# %% [markdown]
# ## What should the weights depend on?
#
# The oracle of lesson 3 had read the answer. A translator must compute the weights itself. How important is Hindi word
# $j$ at step $t$? That can depend on two things:
#
# - $h_j$: what has been read up to and including word $j$;
# - $s_{t-1}$: what the decoder has done so far, and so what is still to be said.
#
# A function of these two gives each word a **score**, $e_{jt} = f(s_{t-1}, h_j)$. The higher the score, the more weight.

# %%
train, valid, test, test_long = map(load_split, ("train", "valid", "test", "test_long"))
text = "tomorrow the child will return from the city ."
watched = next(p for p in test if " ".join(p.target) == text)
untrained = new_translator(recipe("learned").model, recipe("learned").training, train).eval()
title = "Step 5 before any training: no state stands out"
alpha = forced_alpha(untrained, [watched])[0]
plots.show(*machine(watched, recipe("learned").model, t=5, alpha=alpha, title=title))

# %% [markdown]
# In place of the oracle there are scores and a **softmax**, which makes weights of them. Step 5 uses $s_4$, as the dark
# arrow shows. The state $s_5$ needs $c_5$, which needs the weights first. And $s_4$ has read the English words up to
# $y_3$ only: $y_4$ goes in together with $c_5$, so the weights cannot depend on it.

# %% [markdown]
# Bahdanau and others (2015) took a small network with one hidden layer for $f$. Vectors are rows, as in the code:
#
# $$e_{jt} = \tanh(h_j U_{att} + s_{t-1} W_{att}) \, V_{att}, \qquad \alpha_{jt} = \frac{\exp(e_{jt})}{\sum_{k} \exp(e_{kt})}, \qquad c_t = \sum_j \alpha_{jt} h_j$$
#
# | symbol | in the code | what it is | shape |
# |---|---|---|---|
# | $h_j$, all $j$ | `h` | the encoder's states | $(B, T_x, D_h)$ |
# | $s_{t-1}$ | `s_prev` | the decoder's state before step $t$ | $(B, D_s)$ |
# | $e_{jt}$ | `e_t` | score, any number | $(B, T_x)$ |
# | $\alpha_{jt}$ | `alpha_t` | weight, 0 to 1, sums to 1 over $j$ | $(B, T_x)$ |
# | $c_t$ | `c_t` | context | $(B, D_h)$ |
# | $U_{att}, W_{att}, V_{att}$ | the same | learned | $(D_h, D_a)$, $(D_s, D_a)$, $(D_a)$ |
#
# $D_a$ is the number of hidden units in the small network. This is **additive attention**. With vectors as columns it is written
# $V_{att}^\top \tanh(U_{att} h_j + W_{att} s_{t-1})$, and the matrices are transposed. Some texts exchange the names
# $U_{att}$ and $W_{att}$; here $U_{att}$ meets the encoder. Bahdanau's encoder reads the sentence both ways. Ours reads
# it forwards only, until [lesson 5](05_both_ways.ipynb).

# %% [markdown]
# ## Three words, by hand
#
# Take $D_h = D_s = D_a = 2$ and numbers that a pencil can handle.

# %%
h = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])  # h_1, h_2, h_3
s_prev = torch.tensor([0.0, 1.0])
U_att = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
W_att = torch.tensor([[0.0, 0.0], [-1.0, 0.0]])
V_att = torch.tensor([1.0, 2.0])

# %% [markdown]
# The decoder's part is the same for all words: $s_{t-1} W_{att} = (-1, 0)$. Word 1 gives $(1,0) + (-1,0) = (0,0)$, so
# its score is 0. **Work out word 2 before you go on.** You will need $\tanh(1) = 0.762$.

# %%
for j in range(3):
    inner = h[j] @ U_att + s_prev @ W_att
    e = torch.tanh(inner) @ V_att
    after = torch.tanh(inner).numpy().round(3)
    print(f"word {j + 1}: inside {inner.tolist()}, after tanh {after}, e = {e.item():.3f}")

# %% [markdown]
# Word 2: inside $(-1, 1)$, so $1 \cdot (-0.762) + 2 \cdot 0.762 = 0.762$. Word 3: inside $(0, 1)$, so
# $2 \cdot 0.762 = 1.523$. The softmax makes weights of the scores, and the weights make the context.

# %%
e_t = torch.tanh(h @ U_att + s_prev @ W_att) @ V_att  # all three words at once
alpha_t = e_t.exp() / e_t.exp().sum()
c_t = alpha_t @ h
print("e", e_t.numpy().round(3), " α", alpha_t.numpy().round(3), " c", c_t.numpy().round(3))

# %% [markdown]
# ### Exercise 4.1: scores, with loops and without
#
# *10 minutes, medium.* First one sentence and two loops, over the words $j$ and over the hidden units $a$. Then a whole
# batch, and no loop at all.
#
# <details><summary>Hint 1</summary>
#
# For word $j$ and unit $a$: $\tanh(\sum_d h_{jd} U_{da} + \sum_d s_d W_{da})$. Column $a$ of $U_{att}$ is
# `U_att[:, a]`. Multiply by `V_att[a]`, add up over $a$.
#
# </details>
# <details><summary>Hint 2</summary>
#
# In a batch, `h @ U_att` is $(B, T_x, D_a)$ and `s_prev @ W_att` is $(B, D_a)$. Give the second one an axis for the
# words: `.unsqueeze(1)`.
#
# </details>

# %%
def scores_by_loops(s_prev, h, U_att, W_att, V_att):
    """s_prev: (D_s,), h: (T_x, D_h), U_att: (D_h, D_a), W_att: (D_s, D_a), V_att: (D_a,).
    Returns e_t, (T_x,)."""
    ...  # your lines here

def scores(s_prev, h, U_att, W_att, V_att):
    """The same for a batch, without a loop. s_prev: (B, D_s), h: (B, T_x, D_h).
    Returns e_t, (B, T_x)."""
    ...  # your line here

# %%
from helpers.exercises import lesson_04 as checks

checks.scores_by_loops(scores_by_loops)
checks.scores(scores)

# %% [markdown]
# ## What padding must get
#
# In a batch, short sentences are filled up with padding. How much a sentence gets depends on the other sentences of its
# batch, so padding must get a weight of exactly 0. A *score* of 0 does not do it, because $e^0 = 1$. A score of
# $-\infty$ does, since $e^{-\infty} = 0$. To give padding this score is called **masking**.

# %%
for padding in (0.0, -torch.inf):
    with_padding = torch.cat([e_t, torch.tensor([padding])])  # three words and one padding
    print(f"score of the padding {padding:4}:", torch.softmax(with_padding, dim=0).numpy().round(3))

# %% [markdown]
# ### Exercise 4.2: mask and softmax
#
# *5 minutes, easy.* Write the masked softmax for a batch. The mask is True where a real word stands.
#
# <details><summary>Hint 1</summary>
#
# First give the padding its score, then take the softmax over the words, which are axis 1.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `e_t.masked_fill(~src_mask, value)` returns a new tensor with `value` wherever the mask is False.
#
# </details>

# %%
def masked_softmax(e_t, src_mask):
    """e_t: (B, T_x) scores, src_mask: (B, T_x) bool, True marks a real word.
    Returns alpha_t, (B, T_x)."""
    ...  # your line here

# %%
checks.masked_softmax(masked_softmax)

# %% [markdown]
# ## The module
#
# Here is attention for a batch. Three tensors are learned. `keys` is the encoder's part of the score, which is the
# same at every step. `query` is the decoder's part, which is new at every step. Then we put the numbers of our example into it, with one word of padding.

# %%
class AdditiveAttention(nn.Module):
    def __init__(self, d_h, d_s, d_a):
        super().__init__()
        self.U_att = nn.Parameter(nn.init.xavier_uniform_(torch.empty(d_h, d_a)))  # random at first
        self.W_att = nn.Parameter(nn.init.xavier_uniform_(torch.empty(d_s, d_a)))
        self.V_att = nn.Parameter(torch.empty(d_a).uniform_(-(d_a**-0.5), d_a**-0.5))

    def keys(self, h):
        return h @ self.U_att  # (B, T_x, D_a)

    def forward(self, s_prev, h, keys, src_mask):
        query = (s_prev @ self.W_att).unsqueeze(1)  # (B, 1, D_a)
        e_t = torch.tanh(keys + query) @ self.V_att  # (B, T_x)
        e_t = e_t.masked_fill(~src_mask, -torch.inf)
        alpha_t = torch.softmax(e_t, dim=1)  # over j
        c_t = (alpha_t.unsqueeze(1) @ h).squeeze(1)  # (B, D_h)
        return c_t, alpha_t, e_t

# %%
attention = AdditiveAttention(2, 2, 2)
with torch.no_grad():
    attention.U_att.copy_(U_att), attention.W_att.copy_(W_att), attention.V_att.copy_(V_att)
padded = torch.cat([h, torch.tensor([[9.0, 9.0]])]).unsqueeze(0)
mask = torch.tensor([[True, True, True, False]])
c, alpha, _ = attention(s_prev.unsqueeze(0), padded, attention.keys(padded), mask)
assert torch.allclose(c[0], c_t) and torch.allclose(alpha[0, :3], alpha_t) and alpha[0, 3] == 0
print("α", alpha.detach().numpy().round(3), " and the padding got exactly", alpha[0, 3].item())

# %% [markdown]
# ### Exercise 4.3: find the planted bug
#
# *10 minutes, medium.* Four programs, A to D, compute α for all steps at once. One gives weight to padding, one lacks
# the tanh, one takes the softmax over $t$ instead of over $j$, and one is right. None stops with an error. Try them on
# numbers of your own. Which is which?
#
# <details><summary>Hint 1</summary>
#
# Print `A(s_all, h_all, src_mask)`, with two words of padding. Sum its rows, then its columns.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Without the tanh the score is $h_j U V + s_{t-1} W V$. The second term is the same for all words $j$. What does the
# softmax make of that, in different rows?
#
# </details>

# %%
suspects = checks.suspects()
s_all, h_all = torch.randn(1, 3, 4), torch.randn(1, 5, 4)  # 3 steps t, 5 words j
src_mask = torch.tensor([[True, True, True, False, False]])
for name, attend in suspects.items():
    print(name, tuple(attend(s_all, h_all, src_mask).shape))  # look at more than the shape

# %%
my_verdict = {"A": ..., "B": ..., "C": ..., "D": ...}  # "padding", "no tanh", "over t" or "nothing"

checks.find_the_bugs(my_verdict)

# %% [markdown]
# <details><summary>What we got</summary>
#
# A: the columns sum to 1, so the softmax goes over $t$. B is right. C gives weight to padding. In D all rows are equal:
# without the tanh the decoder has no say.
#
# </details>
#
# ## How does α learn?
#
# Nobody tells the model the right α. It is told the right English words, and the loss has to move each score up or
# down. We follow it through our three words.
#
# Let the decoder be as small as possible. There are two English words, and the two numbers of $c_t$ are their
# **logits**: the numbers from which a softmax makes probabilities of words. In lesson 1 we called them scores; here
# *score* means $e_{jt}$. The second word is right. From now on we mostly leave the $t$ out.

# %%
p = torch.softmax(c_t, dim=0)
loss = -p[1].log()
grad_c = p - torch.tensor([0.0, 1.0])  # ∂L/∂c: the probabilities, minus 1 for the right word
print(f"P(right word) = {p[1]:.3f}, loss = {loss:.3f}, ∂L/∂c = {grad_c.numpy().round(3)}")

# %% [markdown]
# Since $c_t = \sum_j \alpha_{jt} h_j$, a little more weight on word $j$ changes the loss by
#
# $$g_j = \frac{\partial L}{\partial \alpha_{jt}} = \frac{\partial L}{\partial c_t} \cdot h_j .$$
#
# A negative $g_j$ means that the state of word $j$ lowers the loss. But the weights sum to 1: what one word gains, the
# others lose. So each word competes with the average:
#
# $$\frac{\partial L}{\partial e_{kt}} = \alpha_{kt} \left(g_k - \sum_j \alpha_{jt} \, g_j\right) .$$
#
# <details><summary>The three steps, in full</summary>
#
# 1. Call the two numbers of the context $a$ and $b$. Then $L = -\ln p_2 = -b + \ln(e^a + e^b)$. So
#    $\partial L / \partial a = e^a / (e^a + e^b) = p_1$ and $\partial L / \partial b = p_2 - 1$.
# 2. With $Z = \sum_i e^{e_i}$ the weight is $\alpha_j = e^{e_j} / Z$. For $j = k$ the rule for quotients gives
#    $\partial \alpha_k / \partial e_k = (e^{e_k} Z - e^{e_k} e^{e_k}) / Z^2 = \alpha_k - \alpha_k^2$. For $j \ne k$
#    only $Z$ depends on $e_k$, and $\partial \alpha_j / \partial e_k = -e^{e_j} e^{e_k} / Z^2 = -\alpha_j \alpha_k$.
#    Both are $\alpha_k ([j = k] - \alpha_j)$, where $[j = k]$ is 1 or 0.
# 3. All weights depend on $e_k$, so their parts are added:
#    $\sum_j g_j \, \alpha_k ([j = k] - \alpha_j) = \alpha_k (g_k - \sum_j \alpha_j g_j)$.
#
# </details>

# %%
g = h @ grad_c
average = alpha_t @ g
grad_e = alpha_t * (g - average)
print(f"the average of g, weighted by α, is {average:.3f}")
words = ["word 1", "word 2", "word 3"]
pd.DataFrame({"α": alpha_t, "g": g, "g - average": g - average, "∂L/∂e": grad_e}, words).round(3)

# %% [markdown]
# Training goes against the gradient. The state of word 2 lowers the loss more than the average does, so its score will
# rise. Words 1 and 3 are worse than the average, and their scores will fall. The factor $\alpha_k$ makes a word with
# hardly any weight learn hardly anything.
#
# Does PyTorch find the same gradient? And what does training do to $U_{att}$, $W_{att}$ and $V_{att}$, and through them
# to α? Here are 30 steps against the gradient, with a learning rate of 1:

# %%
e = e_t.clone().requires_grad_()
(-torch.log_softmax(torch.softmax(e, dim=0) @ h, dim=0)[1]).backward()
assert torch.allclose(e.grad, grad_e)
print("autograd: ∂L/∂e =", e.grad.numpy().round(3))

path, parts = [], [U_att, W_att, V_att]
for _ in range(31):
    parts = [part.detach().requires_grad_() for part in parts]
    U, W, V = parts
    alpha = torch.softmax(torch.tanh(h @ U + s_prev @ W) @ V, dim=0)
    loss = -torch.log_softmax(alpha @ h, dim=0)[1]
    path.append(alpha.tolist())
    gradients = torch.autograd.grad(loss, parts)
    parts = [part - 1 * gradient for part, gradient in zip(parts, gradients)]
for n in (0, 1, 30):
    print(f"α after {n} steps:", [round(a, 3) for a in path[n]])

# %%
figure, ax = plt.subplots()
for dash, weights in zip(("--", "-", ":"), zip(*path)):
    ax.plot(weights, dash, color=plots.COLOURS["learned"])
ax.set(xlabel="steps of training", ylabel=r"weight $\alpha_j$", ylim=(0, 1),
       title="The loss alone moves the weight to word 2")
plots.label_ends(ax, 30, dict(zip(words, path[-1])), dict.fromkeys(words, "0.1"))
plots.show(figure, alt="Over 30 steps the weight of word 2 rises from 0.28 to above 0.9, "
           "and the other two fall to nearly 0.")

# %% [markdown]
# ### Exercise 4.4: the gradient of the scores
#
# *10 minutes, medium.* The figure answers the title, in small: the loss of the translation is enough. Now write
# $\partial L/\partial e$ for a batch, without autograd and without a loop, from the weights, the gradient at the
# context and the states.
#
# <details><summary>Hint 1</summary>
#
# $g$ has the shape $(B, T_x)$. It is a product of all states with one vector for each sentence: $(B, T_x, D_h)$ times
# $(B, D_h, 1)$.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The average has one number for each sentence: `(alpha * g).sum(dim=1, keepdim=True)`.
#
# </details>

# %%
def gradient_of_scores(alpha, grad_c, h):
    """alpha: (B, T_x), grad_c: (B, D_h), h: (B, T_x, D_h). Returns ∂L/∂e, (B, T_x)."""
    ...  # your lines here

# %%
checks.gradient_of_scores(gradient_of_scores)

# %% [markdown]
# <details><summary>What we got</summary>
#
# Each row of the result sums to 0. Padding has $\alpha = 0$, so its gradient is 0. And if one word has a weight of 1,
# all gradients of the row are 0: such a row learns nothing any more.
#
# </details>
#
# ## Encode, attend, decode
#
# The whole model is the loop of lesson 3 with one change: the weights came from outside, and now `model.context`, our
# module, computes them. As in lesson 3, `from_word` and `from_context` are the two halves of the cell's input matrix;
# `state[0]` is $s_{t-1}$. The helpers' model must give the same numbers.

# %%
def encode_attend_decode(model, batch):
    encoded, state = model.encode(batch.source, batch.source_lengths)  # h, mask, keys; and s_0
    from_word = model.from_word(model.target_embedding(batch.target_in))
    logits, alphas = [], []
    for t in range(batch.target_in.size(1)):
        c_t, alpha_t, e_t = model.context(state[0], encoded)  # lesson 4: new, computed here
        state = model.cell(from_word[:, t] + model.from_context(c_t), state)
        logits.append(model.output(state[0]))
        alphas.append(alpha_t)
    return torch.stack(logits, dim=1), torch.stack(alphas, dim=1)

# %%
batch = make_batches(test[:64], untrained.source_vocab, untrained.target_vocab)[0]
with torch.no_grad():
    logits, alpha = encode_attend_decode(untrained, batch)
    their_logits, look = untrained(batch)  # look holds c, alpha and e of all steps
assert torch.allclose(logits, their_logits, atol=1e-6)
assert torch.allclose(alpha, look.alpha, atol=1e-6)
print("logits", tuple(logits.shape), " α", tuple(alpha.shape), " as in the helpers")

# %% [markdown]
# ## Training, and watching α
#
# All models have one recipe. Its learning rate and weight decay were chosen for learned attention and the model of
# lesson 5, by BLEU on the validation sentences. The last table of the next cell shows this BLEU for other settings, one
# seed each. None is clearly better, and learned attention is far ahead in every column.
#
# In the first pass the sentences come from short to long. This is a help from us, and we did not try to do without it: in a short sentence there are few
# pairs of words that could belong together. But no link is ever shown to the model.

# %%
print(recipe("learned").training)
for name in ("vanilla", "oracle", "learned"):
    model = new_translator(recipe(name).model, recipe(name).training, train)
    size = sum(p.numel() for p in model.parameters())
    same = recipe(name).training == recipe("learned").training
    print(f"{name:8} {size:,} numbers to learn, the same training: {same}")
best = load_results("curves.csv").query("seed == 0").groupby("model")["bleu"].max()
changed = ["decay 0.01", "decay 0.1", "decay 0.4", "rate 0.003", "rate 0.006", "rate 0.024"]
table = {name: [best[name], *(best.get(f"{name}, {change}") for change in changed)]
         for name in ("vanilla", "learned")}
pd.DataFrame(table, ["decay 0.2, rate 0.012", *changed]).T.round(1)

# %% [markdown]
# **Predict.** After how many passes does a heatmap look like an alignment? Which BLEU will it reach at 32–39 words, and
# how many exact matches in 100?
#
# Then watch α of one sentence while the model trains, and vanilla beside it. The oracle's numbers come from the stored
# seeds.

# %%
my_passes, my_bleu, my_exact = None, None, None

# %%
recipes = [recipe("learned"), recipe("vanilla")]
trained = fit_or_load_all(recipes, train, valid, watch={"learned": watched})
models = {name: model.cpu() for name, (model, _) in trained.items()}  # quick for single sentences
learned, history = trained["learned"]

# %%
def words_of(pair):
    """The places of the English words, without punctuation."""
    return [t for t, word in enumerate(pair.target) if word_class(word) != "punctuation"]

def misses(pair, alignment):
    """The places of the words whose heaviest weight is on no linked word."""
    looks_at = alignment.alpha.argmax(dim=1).tolist()
    linked = {(j, t) for j, t, _ in pair.links}
    return [t for t in words_of(pair) if (looks_at[t], t) not in linked]

total = len(words_of(watched))
found = [total - len(misses(watched, after.alignment)) for after in history.watched]
print(f"of {total} words, so many look at a linked word after each pass:", *found)
print("validation BLEU after each pass:", *map(round, history.bleu), " you predicted:", my_passes)

# %% [markdown]
# After the first pass, nearly all words of this sentence look at a linked one, and the BLEU of the validation sentences is still low. So in
# this training α is found first, and good translations come a pass later.
#
# Go through the steps with the first slider, and through the passes with the second one. The hollow squares are the
# oracle's weights. Where a page may not run scripts, as on GitHub, you see a picture of one step.

# %%
from helpers.widgets.explorer import attention_explorer

attention_explorer(learned, watched, compare=oracle_alpha(watched), history=history)

# %% [markdown]
# ## The three curves
#
# The points are your two models with 95 % intervals, the thin lines and bands the stored seeds. Right of the grey line,
# sentences are longer than any in training. *The best vanilla* is the one of lesson 2 with 512 numbers and 24
# passes. It is the best that we trained; nobody searched for settings of its own.

# %%
both = test + test_long
written = {name: translate(model, both) for name, model in models.items()}
own = {name: score_by_length(written[name], both) for name in written}
widest = {"vanilla, 512 units, 24 passes": "the best vanilla"}
stored = load_results("by_length.csv").query("split != 'train'").replace({"model": widest})
names = ["oracle", "learned", *widest.values(), "vanilla"]
title = "Learned attention is near the oracle in BLEU, and further from it in exact match"
figure = plots.bleu_by_length(stored, own, names, title, measure=("bleu", "exact_match"))
for ax in figure.axes:
    ax.axvline(4.5, color="0.6", linewidth=0.8, zorder=0)
plots.show(figure, alt="BLEU against length: vanilla falls steeply; learned attention stays near "
           "the oracle up to 39 words. In exact match it falls further, and the oracle hardly.")

# %%
print("you predicted at 32–39 words:", {"BLEU": my_bleu, "exact match": my_exact})
at = stored.query("length_min == 32").pivot_table(["bleu", "exact_match"], "seed", "model")
for measure in ("bleu", "exact_match"):
    seeds = at[measure][["oracle", "learned", "vanilla"]].dropna()
    gap = seeds["oracle"] - seeds["learned"]
    print(f"{measure:11} at 32–39 words: {gap.mean():.0f} points below the oracle in the mean,",
          f"below the oracle in {(seeds['learned'] < seeds['oracle']).sum()} of {len(seeds)} seeds")
words = stored["length_min"].astype(str) + "–" + stored["length_max"].astype(str)
measures = ["bleu", "exact_match"]
table = stored.assign(words=words).pivot_table(measures, "model", "words", sort=False)
table.stack(0, future_stack=True).loc[names].round(1)  # means of the stored seeds

# %% [markdown]
# Within the lengths of training, learned attention is nearly at the oracle by BLEU. By exact match the gap is below ten points in short
# sentences, and largest in the longest ones. One wrong word in thirty costs little BLEU, and the whole exact match. At 1–7 words the best
# vanilla is as good as learned attention, or better; from 16 words on it is far behind in exact match.
#
# Right of the grey line learned attention falls, and the oracle hardly does. The oracle also tells how many English
# words there will be. Why learned attention falls there, we did not test.
#
# ## Which words are wrong?
#
# We count the English words that a translation lacks or has in another order.

# %%
def lost(pair, answer):
    """The places of the words that a translation lacks or has in another order."""
    same = SequenceMatcher(None, pair.target, answer.target, autojunk=False).get_matching_blocks()
    kept = {block.a + i for block in same for i in range(block.size)}
    return [t for t in range(len(pair.target)) if t not in kept]

rows = []
for p, answer in zip(test, written["learned"]):
    wrong, links = lost(p, answer), Counter(t for _, t, _ in p.links)
    rows += [(word, "one" if links[t] == 1 else "two or more", t in wrong)
             for t, word in enumerate(p.target)]
english = pd.DataFrame(rows, columns=["word", "links", "wrong"])
times = english["word"].value_counts()
print(english["wrong"].sum(), "of", len(english), "words are lost:")
often = english[english["wrong"]]["word"].value_counts().head(12)
print(", ".join(f"“{w}” {n} of {times[w]}" for w, n in often.items()))

# %% [markdown]
# Many of them have something in common: उसकी (uskī) is *his* or *her*, क्या (kyā) opens a question with *do*, *does* or
# *is*, and another word has to tell which. Such a word has two links. Does that matter?

# %%
kinds = {  # the words, and what tells them apart
    "he, she, his, their, …": "he she they him her them his their".split(),  # gender and number
    "yesterday, tomorrow": DAYS,  # the verb's tense
    "a, an": ["a", "an"],  # the next English word
    "do, is, has, will, …": VERBS,  # the verb's form
}
kind_of = {word: kind for kind, some in kinds.items() for word in some}
english["kind"] = english["word"].map(kind_of).fillna("all others")
of_four, wrong = english["kind"] != "all others", english["wrong"]
print(f"The first four kinds are {of_four.mean():.0%} of the words",
      f"and {of_four[wrong].mean():.0%} of the wrong ones.")
table = wrong.groupby([english["kind"], english["links"]]).agg(["size", "sum", "mean"])
table["mean"] = (100 * table["mean"]).round(1)
table.columns = ["in the test", "wrong", "wrong, %"]
table.loc[[*kinds, "all others"]]

# %% [markdown]
# Pronouns and verbs such as *do* are wrong most often, and nearly always where they have two links or more. The oracle is told
# both places; our model has to find the second one itself. This fits, and it is no proof: days and articles have two
# links, too, and are seldom wrong. We chose the kinds after we had seen the mistakes. And we wrote the grammar that made the links.
#
# ## Does it look where the oracle would?
#
# The links belong to the right translation, and a model on its own may write other words. So we give the decoder the
# right words, as in training, and note its weights: **forced α**.
#
# Here are two test sentences of 7 to 9 words: one drawn at random, and the one with the most words whose heaviest
# weight is on no linked word. Frames are links, dotted where a link is only possible.

# %%
def with_links(pair, alignment, title, ax):
    plots.heatmap(alignment, title, ax, bar=False)
    for colour, width in (("black", 3), ("white", 1.5)):
        for j, t, sure in pair.links:
            dash = "-" if sure else ":"
            ax.add_patch(plt.Rectangle((j, t), 1, 1, fill=False, ec=colour, lw=width, ls=dash))

# %%
forced = forced_alpha(learned, test)
short = [(p, a) for p, a in zip(test, forced) if 7 <= len(p.source) <= 9]
worst = max(short, key=lambda pa: len(misses(*pa)))
shown = {"drawn at random": random.Random(4).choice(short), "the worst": worst}
figure, axes = plt.subplots(1, 2, figsize=(14, 4.6), layout="constrained")
for ax, (title, (p, a)) in zip(axes, shown.items()):
    title += f": {len(misses(p, a))} of {len(words_of(p))} words look at no linked word"
    with_links(p, a, title, ax)
both_texts = " and ".join(f"“{' '.join(p.target)}”" for p, _ in shown.values())
plots.show(figure, alt=f"Learned and oracle weights for {both_texts}: squares of learned weights, "
           "and frames where the alignment has its links.")

# %% [markdown]
# Two sentences prove nothing, so we count. Of each row we take the heaviest weight as the model's link, be it .98 or
# .51. Let $A$ be these links, $S$ the sure links of the alignment, and $P$ all of its links, sure and possible. Then
#
# $$\mathrm{AER} = 1 - \frac{|A \cap S| + |A \cap P|}{|A| + |S|} .$$
#
# AER is the **alignment error rate** (Och and Ney, 2003). It is 0 if every link of the model is among $P$ and every
# sure link is among $A$. It is 1 if no link of the model is right.

# %% [markdown]
# ### Exercise 4.5: the alignment error rate
#
# *10 minutes, medium.* Compute it for one sentence. $A$, $S$ and $P$ are sets of pairs $(j, t)$: $A$ has the heaviest
# $j$ of each English word's row. If this $j$ is the place of `</s>`, the pair stays in $A$: it is a wrong link. Leave
# out the *row* of `</s>`.
#
# <details><summary>Hint 1</summary>
#
# Python's sets do most of it: `S = {(j, t) for j, t, sure in links if sure}`, and `len(A & S)`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `alpha[:-1]` leaves the row of `</s>` out, and `.argmax(dim=1)` gives the heaviest $j$ of each row.
#
# </details>

# %%
def alignment_error_rate(alpha, links):
    """alpha: (T_y, T_x), its last row and its last column are </s>; links: (j, t, sure), from 0.
    Returns a number from 0 to 1."""
    ...  # your lines here

# %%
checks.alignment_error_rate(alignment_error_rate)

# %% [markdown]
# <details><summary>What we got</summary>
#
# Three sets and the formula. A look at a sure link counts twice above the line, a look at a possible one once. A
# possible link that the model does not take costs nothing.
#
# </details>
#
# The oracle's own α is the floor: it misses only the second link of words that have two sure ones. A look along the
# diagonal and a look at random are the other end of the scale.

# %%
scale = load_results("alignment.csv").query("split == 'test'")
ends = ["oracle α", "diagonal α", "random α"]
table = scale.pivot_table("aer", "word_class", "model", sort=False)[ends]
table.insert(1, "yours", alignment_error(forced, test).set_index("word_class")["aer"])
seeds = scale.query("model == 'learned'").groupby("word_class")["aer"]
table.insert(2, "lowest seed", seeds.min()), table.insert(3, "highest seed", seeds.max())
print(f"alignment error by kind of English word; {seeds.size().max()} seeds")
table.round(3)

# %% [markdown]
# **Content words** are nouns, verbs, adjectives and adverbs; they come nearest to the floor. **Function words** such as
# *the*, *in* and *is* are found less well. Punctuation is worse than along the diagonal. Where do the missed words
# look?

# %%
sides, rows = {-1: "one to the left", 1: "one to the right"}, []
for p, a in zip(test, forced):
    for t, at in enumerate(a.alpha[:-1].argmax(dim=1).tolist()):
        away = min((at - j for j, to, _ in p.links if to == t), key=abs)
        if away:
            side = "at </s>" if at == len(p.source) else sides.get(away, "further away")
            rows.append((word_class(p.target[t]), f"“{p.target[t]}”", side))
missed = pd.DataFrame(rows, columns=["class", "word", "where"])
often = missed["word"].value_counts().index[:6]
by_word = pd.crosstab(missed["word"], missed["where"]).loc[often]
by_word.insert(0, "in the test", [times[w.strip("“”")] for w in often])
display(pd.crosstab(missed["class"], missed["where"]), by_word)

# %% [markdown]
# Many missed content words look exactly one place too far to the right, and so do *not* and *'s*. A likely reason: a state is not a
# word, and $h_{j+1}$ has read word $j$, too. The full stop looks at `</s>`, which follows the Hindi full stop । in every
# sentence. The alignment calls all this wrong. So a low error is good news, and a high one need not be bad news. The
# function words that look to the left, we did not look into.
#
# ## What attention is not
#
# A heatmap invites us to say: the model wrote this word *because* it looked there. We can test it at the first step.
# Does the model still write the same word
#
# - without its *favourite*, the state with the heaviest weight? We mask it.
# - without other states? We draw them at random until they weigh as much as the favourite, or until all are masked.
# - with the states of another sentence, and its own $s_0$?

# %%
def first_word(encoded, state):
    log_p, _, look = learned.step(torch.tensor([BOS]), state, encoded)
    return learned.target_vocab.words[log_p.argmax()], look.alpha[0]

@torch.no_grad()
def try_states(pair, another, rng):
    encoded, state = learned.read(pair.source)
    word, alpha = first_word(encoded, state)
    favourite, n = alpha.argmax().item(), len(alpha) - 1
    others = rng.sample([j for j in range(n + 1) if j != favourite], n)
    lighter = alpha[others].cumsum(dim=0) < alpha[favourite]
    others = others[: int(lighter.sum()) + 1]  # so many weigh as much as the favourite
    row = {"word": word, "α of favourite": alpha[favourite].item()}
    row["α of others"] = alpha[others].sum().item()
    for name, places in {"favourite": [favourite], "others": others}.items():
        encoded.mask[0] = True
        encoded.mask[0, places] = False  # masked: they get a weight of 0
        row[f"same without {name}, %"] = 100 * (word == first_word(encoded, state)[0])
    elsewhere, _ = learned.read(another.source)
    row["same with other sentence, %"] = 100 * (word == first_word(elsewhere, state)[0])
    return row

# %%
rng = random.Random(0)
rows = pd.DataFrame([try_states(p, rng.choice(test), rng) for p in test])
kind = rows["word"].map(lambda w: "“the”" if w == "the" else f"other {word_class(w)} words")
groups = rows.drop(columns="word").groupby(kind)
table = groups.mean().round(2)
table.insert(0, "sentences", groups.size())
table

# %% [markdown]
# Without its favourite, a content word seldom stays. Without the other states it nearly always stays. So that state is
# needed, and mostly enough. With *the* it is different: the favourite has more than half of the weight, and the word
# stays without it. Perhaps other states tell as well that *the* comes first. Or *the* is what the model writes when it is in doubt: it is the
# commonest first word. We did not separate the two.
#
# So the word of a heavily weighted state may change without it, and may stay, and the heatmap does not tell which. We tested first words only, and
# the other states mostly weigh less than the favourite, even all together.

# %% [markdown]
# ## A puzzle
#
# कल (kal) is *yesterday* or *tomorrow*, and the verb tells which. So the first English word needs two places.
# `questions` finds such words, and `q.hints` are the verb's places. Here is the row of the first word, for two
# sentences. The dotted frame is the verb.

# %%
asked = [q for q in questions(both) if q.kind.startswith("कल first")]
texts = " ".join(watched.target), "yesterday you went to the temple ."
shown = [next(q for q in asked if " ".join(q.pair.target) == text) for text in texts]
figure, axes = plt.subplots(2, 1, figsize=(7, 3.4), layout="constrained")
for ax, q in zip(axes, shown):
    a = forced_alpha(learned, [q.pair])[0]
    row = SoftAlignment(a.source, a.target[:1], a.alpha[:1])
    plots.heatmap(row, " ".join(q.pair.target), ax, bar=False)
    ax.set(xlabel="", ylabel="")
    ax.set_xticklabels([plots.label("कल", gloss("कल")), *ax.get_xticklabels()[1:]])
    for j in q.hints:
        ax.add_patch(plt.Rectangle((j, 0), 1, 1, fill=False, ec="white", lw=2, ls=":"))
plots.show(figure, alt="The first rows of two heatmaps of sentences that begin with कल: the weight "
           "is on कल, and little is on the verb.")

# %% [markdown]
# What does the row find at कल? The encoder reads forwards, so $h_1$ has read one word: कल. We compare the states of all
# such sentences, first at word 1 and then at word 2.

# %%
vocabularies = learned.source_vocab, learned.target_vocab
batch = make_batches([q.pair for q in asked], *vocabularies, len(asked))[0]
with torch.no_grad():
    states = learned.encode(batch.source, batch.source_lengths)[0].h
for j in (1, 2):
    difference = (states[:, j - 1] - states[0, j - 1]).abs().max()
    print(f"{len(asked)} sentences with कल first: h_{j} differs by at most {difference:.6f}")

# %% [markdown]
# $h_1$ is the same vector, whatever the verb is. Does the model then guess the day? We count how often it prefers the
# right day for the first word, and where that word looks. *Short* means up to 12 Hindi words.

# %%
mine = summary(answers(learned, asked))
for kind, row in mine.iterrows():
    print(f"your model, {kind}: {row['accuracy']:.0f} % of {row['questions']:.0f} days are right;",
          f"weight on कल {row['word']:.2f}, on the verb {row['hints']:.2f}")
two = load_results("two_places.csv").query("model == 'learned'").query("kind in @mine.index")
print(f"lowest and highest of {two['seed'].nunique()} stored seeds, on other new sentences:")
table = two.groupby("kind", sort=False)[["accuracy", "word", "hints"]].agg(["min", "max"]).round(2)
columns = {"accuracy": "right, %", "word": "weight on कल", "hints": "weight on the verb"}
table.rename(columns=columns)

# %% [markdown]
# The day comes out right nearly always. The state at कल cannot know it, and on average the verb has less than a tenth
# of the weight.
#
# **From where does the model know the day?** Write your suspicion down. Lesson 5 finds it out.
#
# ## One long sentence
#
# The sentence with which lesson 1 began. Words in brackets are lost. The oracle's version is in lesson 3.

# %%
p = hero(test)
print("right:  ", *p.target)
for name in ("vanilla", "learned"):
    print(f"{name + ':':8}", with_losses(p.target, translate(models[name], [p])[0].target))

# %% [markdown]
# ## Exercises
#
# | | what | minutes | level |
# |---|---|---|---|
# | 4.1 | scores, with loops and without | 10 | medium |
# | 4.2 | mask and softmax | 5 | easy |
# | 4.3 | find the planted bug | 10 | medium |
# | 4.4 | the gradient of the scores | 10 | medium |
# | 4.5 | the alignment error rate | 10 | medium |
#
# Short of time? Do 4.1, 4.2 and 4.4. [The solutions](solutions/04_learned_attention.ipynb) explain the way.
#
# ## Quiz
#
# Click on the answer that you would give: it says why it is right or wrong.

# %% [markdown]
# **1.** Why does the score use <i>s</i><sub><i>t</i>−1</sub> and not <i>s</i><sub><i>t</i></sub>?
#
# <details><summary><i>s<sub>t</sub></i> needs <i>c<sub>t</sub></i>, which needs the weights first.</summary><p>✓ Right. There are also models that look after the step, with <i>s<sub>t</sub></i>, and use the context for the output only (Luong and others, 2015).</p></details>
# <details><summary><i>s<sub>t</sub></i> knows the word <i>y<sub>t</sub></i> already, so the model could cheat.</summary><p>✗ No. <i>s<sub>t</sub></i> is computed from <i>y</i><sub><i>t</i>−1</sub> and the context. The word <i>y<sub>t</sub></i> is chosen after it.</p></details>
# <details><summary><i>s</i><sub><i>t</i>−1</sub> has read the word <i>y</i><sub><i>t</i>−1</sub>, which tells what comes next.</summary><p>✗ No. <i>s</i><sub><i>t</i>−1</sub> was computed from <i>y</i><sub><i>t</i>−2</sub>. In this model the weights are computed before the decoder reads <i>y</i><sub><i>t</i>−1</sub>.</p></details>

# %% [markdown]
# **2.** Three words have the weights ¼, ½ and ¼ and <i>g</i> = −2, 0 and 2. Which score rises most in the next step of
# training?
#
# <details><summary>That of word 2, which has the most weight.</summary><p>✗ No. Its <i>g</i> is equal to the average, −½ + 0 + ½ = 0, so its gradient is ½ (0 − 0) = 0.</p></details>
# <details><summary>That of word 3, which has the largest <i>g</i>.</summary><p>✗ No. A large <i>g</i> means that more weight on this word <i>raises</i> the loss. Its gradient is ¼ · 2 = ½, so its score falls.</p></details>
# <details><summary>That of word 1, whose state lowers the loss.</summary><p>✓ Right. Its gradient is ¼ (−2 − 0) = −½, and training goes against the gradient.</p></details>

# %% [markdown]
# **3.** Padding is masked with the score 0 in place of −∞. What happens?
#
# <details><summary>Little: 0 is a low score, so padding gets hardly any weight.</summary><p>✗ No. <i>e</i><sup>0</sup> = 1, and scores of real words are often below 0. Padding can get most of the weight.</p></details>
# <details><summary>Padding gets some weight, and a sentence is translated differently in another batch.</summary><p>✓ Right. How much padding a sentence gets depends on the other sentences of its batch. To compare a batch with single sentences is a good test of any mask.</p></details>
# <details><summary>Training takes care of it: the model learns to give padding low scores.</summary><p>✗ No. The mask puts its 0 in the place of whatever score the model gives, so there is nothing to learn.</p></details>

# %% [markdown]
# **4.** At the first step, the heaviest weight is 0.6, on the first Hindi word. Does it follow that the model needs
# this state for its word?
#
# <details><summary>Yes: more than half of the context comes from there.</summary><p>✗ No. With <i>the</i> the heaviest weight was more than half, too, and without its state the word stayed.</p></details>
# <details><summary>No: that depends on the word, and only an experiment can tell.</summary><p>✓ Right. The lesson masked such a state, and other states as a control. Most content words changed, and <i>the</i> stayed.</p></details>
# <details><summary>No: the weights are a by-product, and the model does not use them.</summary><p>✗ No. The context is made with these weights, and most content words changed when their state was masked.</p></details>

# %% [markdown]
# **5.** A sentence begins with कल. What can the state <i>h</i><sub>1</sub> of this lesson's encoder tell about the
# tense of the verb?
#
# <details><summary>Nothing: it has read कल and no other word.</summary><p>✓ Right. The states of all such sentences were the same vector.</p></details>
# <details><summary>As much as training has taught it, since कल is often followed by such verbs.</summary><p>✗ No. Training can put into it how often each day occurs, but <i>h</i><sub>1</sub> is the same vector for both, so it cannot tell one sentence from another.</p></details>
# <details><summary>All, if the weight on it is large enough.</summary><p>✗ No. A weight says how much of the state gets into the context. It adds nothing to the state.</p></details>

# %% [markdown]
# ## What we measured, and what we did not show
#
# - α can be learned from translations, without any link; short sentences came first. A score rises, relative to the others, where its
#   state lowers the loss more than the average does.
# - Within the lengths of training, learned attention is near the oracle in BLEU. In exact match it falls behind as
#   sentences get longer. Pronouns and verbs such as *do* are wrong most often, nearly always where they have two links.
# - The heaviest weights agree with the alignment for content words, less for function words, hardly for punctuation. A high
#   weight does not prove that its state was needed, or what it knows.
#
# We did not show from where the model knows the day, why it falls beyond the lengths of training, nor that any of this
# holds for sentences that people wrote.
#
# **To read next**
#
# - Bahdanau, Cho, Bengio: *Neural Machine Translation by Jointly Learning to Align and Translate* (2015): this score,
#   on an encoder that reads both ways.
# - Luong, Pham, Manning: *Effective Approaches to Attention-based Neural Machine Translation* (2015): other score
#   functions.
# - Jain, Wallace: *Attention is not Explanation* (2019), and Wiegreffe, Pinter: *Attention is not not Explanation*
#   (2019).
#
# **Next:** [05 It looks at the right word. Does it know what it sees?](05_both_ways.ipynb)
