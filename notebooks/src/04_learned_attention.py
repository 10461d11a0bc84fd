# %% [markdown]
# # There is no oracle. Can α be learned?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/04_learned_attention.ipynb)
#
# **Lesson 4** · about 2 hours with the exercises, 3 minutes to run · two CPU cores are enough ·
# you should know α and the weighted average from [lesson 3](03_oracle_attention.ipynb).

# %% [markdown]
# **After this lesson you can**
#
# 1. explain $e_{jt}$, $\alpha_{jt}$ and $c_t$, compute them by hand for three words, and implement them without a loop over words;
# 2. mask padding so that it gets a weight of exactly 0;
# 3. measure whether α looks where the alignment says, and say what a heatmap does and does not show.

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
from collections import Counter

import matplotlib.pyplot as plt
import pandas as pd
import torch
from torch import nn

from helpers import plots
from helpers.batching import make_batches
from helpers.corpus.build import sample_pairs
from helpers.corpus.pairs import TRAIN_BUCKETS, load_split
from helpers.corpus.words import word_class
from helpers.evaluation import alignment_error, forced_alpha, score_by_length
from helpers.oracle import SoftAlignment, oracle_alpha
from helpers.recipes import load_results, recipe
from helpers.training import fit_or_load_all, new_translator
from helpers.translation import translate
from helpers.vocabulary import BOS

# %% [markdown]
# ## What should the weights depend on?
#
# The oracle is gone. The model itself must decide, at step $t$, how important Hindi word $j$ is. What can it go by? Two things:
#
# - the word's own representation, $h_j$: what the word is;
# - what the decoder has done so far, $s_{t-1}$: what is still to be said.
#
# So each word gets a **score**, a function of these two: $e_{jt} = f(s_{t-1}, h_j)$. Why $s_{t-1}$ and not $s_t$? Because $s_t$ is worked out
# *from* the context $c_t$, which needs the weights first.

# %% [markdown]
# The first $f$ that people used for this (Bahdanau and others, 2015) is a network with one small hidden layer:
#
# $$e_{jt} = V_{att}^\top \tanh(U_{att} h_j + W_{att} s_{t-1})$$
#
# $$\alpha_{jt} = \frac{\exp(e_{jt})}{\sum_{k} \exp(e_{kt})}, \qquad c_t = \sum_j \alpha_{jt} h_j$$
#
# | symbol | in the code | what it is | shape |
# |---|---|---|---|
# | $h_j$ | `h` | encoder state at word $j$ | $(B, T_x, D_h)$ |
# | $s_{t-1}$ | `s_prev` | decoder state before step $t$ | $(B, D_s)$ |
# | $e_{jt}$ | `e_t` | score, any number | $(B, T_x)$ |
# | $\alpha_{jt}$ | `alpha_t` | weight, 0 to 1, sums to 1 over $j$ | $(B, T_x)$ |
# | $c_t$ | `c_t` | context | $(B, D_h)$ |
# | $U_{att}, W_{att}, V_{att}$ | the same | learned | $(D_h, D_a)$, $(D_s, D_a)$, $(D_a)$ |
#
# The lecture behind many explanations of this formula (CS7015, 15.3) also writes it with the names $U_{att}$ and $W_{att}$ swapped. The names do not
# matter; which of them meets $h_j$ does. (In the code vectors are rows and stand to the left, `h @ U_att`; that is why $U_{att}$ has the shape $(D_h, D_a)$.) In this course $U_{att}$ always meets the encoder. All symbols, and their names elsewhere, are in the [glossary](../docs/glossary.md#symbols).

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
# The rows of these matrices belong to the input, so a vector stands to the left: $h_j U_{att}$. The decoder's share is the same for all words: $s_{t-1} W_{att} = (-1, 0)$.
# Word 1 gives $(1,0) + (-1,0) = (0,0)$, so its score is 0. **Work out word 2 before you go on.** You will want $\tanh(1) = 0.762$.

# %%
for j in range(3):
    inner = h[j] @ U_att + s_prev @ W_att
    e = V_att @ torch.tanh(inner)
    print(f"word {j + 1}: inside {inner.tolist()}, after tanh {torch.tanh(inner).numpy().round(3)}, e = {e.item():.3f}")

# %% [markdown]
# Word 2: inside $(-1, 1)$, so $1 \cdot (-0.762) + 2 \cdot 0.762 = 0.762$. Word 3: inside $(0, 1)$, so $2 \cdot 0.762 = 1.523$.
# The softmax makes weights of the scores, and the weights make the context.

# %%
e_t = torch.tanh(h @ U_att + s_prev @ W_att) @ V_att  # all three words at once
alpha_t = e_t.exp() / e_t.exp().sum()
c_t = alpha_t @ h
print("e", e_t.numpy().round(3), " α", alpha_t.numpy().round(3), " c", c_t.numpy().round(3))

# %% [markdown]
# The third word gets the most, yet the others keep something: the softmax is *soft*, so there is a gradient everywhere, and
# $U_{att}$, $W_{att}$ and $V_{att}$ can be learned together with the rest of the model, by the same loss. Nobody ever tells the model
# what the right α is.

# %% [markdown]
# ### Exercise 4.1: scores, with loops and without
#
# *10 minutes, medium.* First one sentence and two loops, over the words $j$ and over the hidden units $a$. Then a whole batch, and no loop at all.
#
# <details><summary>Hint 1</summary>
#
# For word $j$ and unit $a$: $\tanh(\sum_d h_{jd} U_{da} + \sum_d s_d W_{da})$. Column $a$ of $U_{att}$ is `U_att[:, a]`. Multiply by `V_att[a]`, add up over $a$.
#
# </details>
# <details><summary>Hint 2</summary>
#
# In a batch, `h @ U_att` is $(B, T_x, D_a)$ and `s_prev @ W_att` is $(B, D_a)$. Give the second one an axis for the words: `.unsqueeze(1)`.
#
# </details>

# %%
def scores_by_loops(s_prev, h, U_att, W_att, V_att):
    """s_prev: (D_s,), h: (T_x, D_h), U_att: (D_h, D_a), W_att: (D_s, D_a), V_att: (D_a,). Returns e_t, (T_x,)."""
    ...  # your lines here

def scores(s_prev, h, U_att, W_att, V_att):
    """The same for a batch, without a loop. s_prev: (B, D_s), h: (B, T_x, D_h). Returns e_t, (B, T_x)."""
    ...  # your line here

# %%
from helpers.exercises import lesson_04 as checks

checks.scores_by_loops(scores_by_loops)
checks.scores(scores)

# %% [markdown]
# ### Exercise 4.2: mask and softmax
#
# *5 minutes, easy.* Sentences of a batch have different lengths, and padding must get a weight of exactly 0. Write it before you scroll down to the module.
#
# <details><summary>Hint 1</summary>
#
# Which score becomes 0 after $e^x$? Not 0: $e^0 = 1$.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `e_t.masked_fill(~src_mask, value)` returns a new tensor with `value` wherever the mask is False.
#
# </details>

# %%
def masked_softmax(e_t, src_mask):
    """e_t: (B, T_x) scores, src_mask: (B, T_x) bool, True marks a real word. Returns alpha_t, (B, T_x)."""
    ...  # your line here

# %%
checks.masked_softmax(masked_softmax)

# %% [markdown]
# ## The module
#
# For a batch we need one more thing: padding must get nothing. A score of $-\infty$ becomes a weight of exactly 0, since $e^{-\infty} = 0$.

# %%
class AdditiveAttention(nn.Module):
    def __init__(self, d_h, d_s, d_a):
        super().__init__()
        self.U_att = nn.Parameter(nn.init.xavier_uniform_(torch.empty(d_h, d_a)))
        self.W_att = nn.Parameter(nn.init.xavier_uniform_(torch.empty(d_s, d_a)))
        self.V_att = nn.Parameter(torch.empty(d_a).uniform_(-(d_a**-0.5), d_a**-0.5))

    def keys(self, h):
        return h @ self.U_att  # (B, T_x, D_a): the same at every step, so worked out once

    def forward(self, s_prev, h, keys, src_mask):
        query = (s_prev @ self.W_att).unsqueeze(1)  # (B, 1, D_a)
        e_t = torch.tanh(keys + query) @ self.V_att  # (B, T_x)
        e_t = e_t.masked_fill(~src_mask, -torch.inf)
        alpha_t = torch.softmax(e_t, dim=1)  # over j
        c_t = (alpha_t.unsqueeze(1) @ h).squeeze(1)  # (B, D_h)
        return c_t, alpha_t, e_t

# %% [markdown]
# Does it agree with our pencil? We put the three matrices into it, and add a word of padding.

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
# *10 minutes, medium.* Four programs, A to D, compute α for all steps at once. One gives weight to padding, one lacks the tanh, one takes the softmax over $t$ instead of over $j$, and one is right. Not one
# of them stops with an error. Feed them with numbers of your own, and find out which is which.
#
# <details><summary>Hint 1</summary>
#
# Print `A(s, h, src_mask)`, with two words of padding. Sum its rows, then its columns.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Without the tanh the score is $V^\top U h_j + V^\top W s_{t-1}$. The second term is the same for all words $j$. What does the softmax make of that, in different rows?
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
# ## Encode, attend, decode
#
# The whole model, as a loop over output steps. Compare it with lesson 1: the context used to come from outside the loop; now each
# step makes its own. That is all of the difference.
#
# Two names need a word. `from_word` and `from_context` are the two halves of the decoder cell's input matrix, so that what depends only on known
# words is worked out once. `state[0]` is $s_{t-1}$.

# %%
def encode_attend_decode(model, batch):
    encoded, state = model.encode(batch.source, batch.source_lengths)  # h, mask, keys; and s_0
    from_word = model.from_word(model.target_embedding(batch.target_in))
    logits, alphas = [], []
    for t in range(batch.target_in.size(1)):
        c_t, alpha_t, e_t = model.context(state[0], encoded)  # the module above, with the weights of this model
        state = model.cell(from_word[:, t] + model.from_context(c_t), state)
        logits.append(model.output(state[0]))
        alphas.append(alpha_t)
    return torch.stack(logits, dim=1), torch.stack(alphas, dim=1)

# %% [markdown]
# The helpers' model does the same, and must give the same numbers.

# %%
train, valid, test, test_long = (load_split(name) for name in ("train", "valid", "test", "test_long"))
untrained = new_translator(recipe("learned").model, recipe("learned").training, train).eval()
batch = make_batches(test[:64], untrained.source_vocab, untrained.target_vocab)[0]
with torch.no_grad():
    logits, alpha = encode_attend_decode(untrained, batch)
    their_logits, look = untrained(batch)  # look holds c, alpha and e of all steps
assert torch.allclose(logits, their_logits, atol=1e-6) and torch.allclose(alpha, look.alpha, atol=1e-6)
print("logits", tuple(logits.shape), " α", tuple(alpha.shape), " as in the helpers")

# %% [markdown]
# ## Training, and watching α
#
# We keep an eye on one sentence while the model learns. It begins with कल (kal), a word with a secret.

# %%
days = ("yesterday", "tomorrow")
kal = [p for p in sample_pairs(6000, longest=12, without=train) if p.source[0] == "कल" and p.target[0] in days]
print(len(kal), "new sentences that begin with कल")
watched = next(p for p in kal if p.target[0] == "yesterday" and len(p.source) == 8)
plots.gloss_table(watched)

# %% [markdown]
# **Predict.** Nobody tells this model where to look. How many passes over the training sentences will it take until a heatmap looks like an alignment? And
# what BLEU will it reach at 32–39 words, where the vanilla model has so little left?

# %%
my_epochs, my_bleu = 3, 50

# %% [markdown]
# Watch the picture while it trains: α of the watched sentence, what the model makes of it, and the curves. (The models of lessons 2 and 3 train beside
# it, on the other core, unless the cache has them. We compare the three below.)

# %%
recipes = [recipe(name) for name in ("learned", "vanilla", "oracle")]
trained = fit_or_load_all(recipes, train, valid, watch={"learned": watched})
learned, history = trained["learned"]

# %%
pd.DataFrame({"loss": history.loss, "validation BLEU": history.bleu}, index=range(1, len(history.loss) + 1)).round(2).T

# %% [markdown]
# Here is α for the watched sentence after some of the epochs.

# %%
print(f"you predicted a picture after epoch {my_epochs}: judge for yourself")
epochs = [0, 1, 2, len(history.watched) - 1]
figure, axes = plt.subplots(2, 2, figsize=(11, 0.62 * len(watched.target) + 3), sharey=True, layout="constrained")
for ax, epoch in zip(axes.flat, epochs):
    plots.heatmap(history.watched[epoch].alignment, f"epoch {epoch + 1}", ax, numbers=False, bar=False, glosses=False)
plots.show(figure, alt="Four heatmaps of the watched sentence: α is spread out after epoch 1 and sharp in the last epoch.")

# %% [markdown]
# Go through all epochs with the second slider, and through the steps with the first. At each step you see the scores, the softmax, the weights, the context and the likeliest
# next words. The hollow squares are the oracle's weights, which the model never saw. (Where a page may not run scripts, you see a picture of one step.)

# %%
from helpers.widgets.explorer import attention_explorer
from helpers.widgets.sentence_box import sentence_box

attention_explorer(learned, watched, compare=oracle_alpha(watched), history=history)

# %% [markdown]
# ## The three curves
#
# The question of this course, in one figure. First, what do the three models have in common, and what not?

# %%
for name in ("vanilla", "oracle", "learned"):
    chosen = recipe(name)
    size = sum(p.numel() for p in new_translator(chosen.model, chosen.training, train).parameters())
    print(f"{name}: {size:,} parameters, {chosen.training.epochs} passes, weight decay {chosen.training.weight_decay}")

# %% [markdown]
# They are not trained in just the same way: each has the number of passes and the weight decay that suit it. So small gaps between the curves mean
# little; the gap to look at is not small. Solid lines are your own models; dashed lines and bands are five seeds of each.

# %%
models = {name: trained[name][0] for name in ("vanilla", "oracle", "learned")}
own = {name: score_by_length(translate(m, test, oracle=recipe(name).oracle), test) for name, m in models.items()}

# %%
reference = load_results("by_length.csv")
figure = plots.bleu_by_length(reference.query("split == 'test'"), own, list(own), title="Learned attention comes close to the oracle")
plots.show(figure, alt="BLEU against length: vanilla falls steeply; oracle and learned attention stay above 90.")

# %%
table = pd.DataFrame({name: scores["bleu"] for name, scores in own.items()})
table.index = [f"{low}–{high} words" for low, high in TRAIN_BUCKETS]
print(f"you predicted {my_bleu} BLEU at 32–39 words")
table.round(1)

# %% [markdown]
# ## Does it look where the oracle would?
#
# The model was never shown an alignment. Here are its weights, and below them the oracle's for the same sentence.

# %%
def above_the_oracle(pair):
    size = (2.4 + 0.85 * len(pair.source), 1.7 + 0.62 * len(pair.target))
    figure, axes = plt.subplots(2, 1, figsize=size, sharex=True, layout="constrained")
    plots.heatmap(forced_alpha(learned, [pair])[0], "learned", axes[0])
    plots.heatmap(SoftAlignment.of(pair, oracle_alpha(pair)), "oracle", axes[1])
    axes[0].set_xlabel("")
    return figure

pair = next(p for p in test if 7 <= len(p.source) <= 9 and {"simple", "recipient"} <= set(p.constructions))
plots.show(above_the_oracle(pair), alt=f"Learned and oracle weights for “{' '.join(pair.target)}”.")

# %% [markdown]
# One sentence proves nothing, so we count. The heaviest weight of each row is taken as the model's link. The **alignment error rate** is 0 if all
# links are right and 1 if none is; *possible* links do no harm where they are taken and are not missed where they are not (Och and Ney, 2003). `precision` is the share of
# the model's links that are right (sure or possible), `recall` the share of the sure links that it found.

# %%
errors = alignment_error(forced_alpha(learned, test), test)
five = load_results("alignment.csv").query("model == 'learned'").groupby("word_class")["aer"].agg(["min", "max"])
errors.merge(five, on="word_class").round(3)

# %% [markdown]
# The last two columns are the range over five seeds. Nouns, verbs and adjectives are found far more often than the little words. Which words are missed most?

# %%
times, missed = Counter(), Counter()
for alignment, p in zip(forced_alpha(learned, test), test):
    linked = {(j, t) for j, t, _ in p.links}
    times.update(p.target)
    missed.update(word for t, word in enumerate(p.target) if (alignment.alpha[t].argmax().item(), t) not in linked)
pd.DataFrame([{"word": w, "times": times[w], "missed, %": 100 * n / times[w]} for w, n in missed.most_common(12)]).round(0)

# %% [markdown]
# Look for "." in it: the full stop likes to look at `</s>`, which says the same thing. The alignment calls that wrong; the translation does not suffer. Two
# likely reasons for the rest, which we have not tested:
#
# - a word such as *the* can often be guessed from the English so far, and then its weights matter little to the loss;
# - the weights at step $t$ come from $s_{t-1}$, which has not read the word $y_{t-1}$ yet.
#
# Is there a content word among them, such as *evening* (शाम को, śām ko)? It has two Hindi words, and the state at the second has read the first: to look there is as good. We shall come back to this.
#
# And this count is kind: a look at a *possible* link, such as the है (hai, *is*) of a verb, is not held against the model.

# %% [markdown]
# ### Exercise 4.4: the alignment error rate
#
# *10 minutes, medium.* Compute it for one sentence. $A$, $S$ and $P$ are sets of pairs $(j, t)$: $A$ has the heaviest $j$ of each English word's row (the column of `</s>` counts, its row does not), $S$ the sure links, $P$ *all* links, sure and possible:
#
# $$\mathrm{AER} = 1 - \frac{|A \cap S| + |A \cap P|}{|A| + |S|}$$
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
    """alpha: (T_y + 1, T_x + 1), its last row is </s>; links: (j, t, sure), counted from 0. Returns a number from 0 to 1."""
    ...  # your lines here

# %%
checks.alignment_error_rate(alignment_error_rate)

# %% [markdown]
# ### Exercise 4.5: dot-product attention
#
# *20 minutes, some of it waiting, harder.* Replace the additive score by $e_{jt} = s_{t-1}^\top h_j / \sqrt{D_h}$: no weights, no tanh. **Predict** first: after the same few passes over short sentences, which
# of the two has the lower alignment error?
#
# <details><summary>Hint 1</summary>
#
# Multiply `h`, $(B, T_x, D_h)$, with `s_prev` as a column, $(B, D_h, 1)$, and drop the last axis.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `s_prev.unsqueeze(2)` is the column; `.squeeze(2)` drops the axis. $D_h$ is `h.size(2)`.
#
# </details>

# %%
def dot_product_scores(s_prev, h):
    """s_prev: (B, D_h), h: (B, T_x, D_h). Returns e_t, (B, T_x)."""
    ...  # your line here

my_choice = ...  # "additive", "dot product" or "about equal"

# %% [markdown]
# Everything but the score stays as it was: the mask, the softmax and the average come from `Attention`, so the class fits into the course's model.

# %%
from helpers.attention import Attention  # masks the scores, takes the softmax and the average


class DotProductAttention(Attention):
    def scores(self, s_prev, encoded):
        return dot_product_scores(s_prev, encoded.h)

# %%
from dataclasses import replace

from helpers.recipes import fit_short
from helpers.training import TrainingConfig


def with_same_budget(context=None):
    """Train on short sentences; returns BLEU and alignment error on short test sentences."""
    small, history, short_test = fit_short(replace(recipe("learned"), training=TrainingConfig(epochs=6)), context)
    errors = alignment_error(forced_alpha(small, short_test), short_test).set_index("word_class")
    return {"validation BLEU": max(history.bleu), "alignment error": errors.loc["all", "aer"]}

# %%
if checks.dot_product_scores(dot_product_scores):
    budget = pd.DataFrame({"additive": with_same_budget(), "dot product": with_same_budget(DotProductAttention())})
    print(budget.round(2))
    checks.additive_or_dot(my_choice, dict(budget.loc["alignment error"]))

# %% [markdown]
# ## Yesterday, tomorrow
#
# कल means *yesterday* and it means *tomorrow*. Only the verb tells which, and the verb stands at the far end. To write the first English word rightly, a
# model has to know about two places: कल, and the verb. Does the heatmap show two?

# %%
tomorrow = next(p for p in kal if p.target[0] == "tomorrow" and len(p.source) >= 6)
for p in (watched, tomorrow):
    answer = translate(learned, [p])[0]
    figure = plots.heatmap(answer.alignment, f"right: “{p.target[0]}”, written: “{answer.target[0]}”")
    plots.show(figure, alt=f"Learned weights while translating a sentence that begins with कल into “{answer}”.")

# %%
learned.cpu()  # where single sentences are quick
rows = []
with torch.no_grad():
    for p in kal:
        logits, look = learned(make_batches([p], learned.source_vocab, learned.target_vocab)[0])
        chances = logits[0, 0].softmax(dim=0)[learned.target_vocab.encode(days)[:2]]  # of the first word
        verb = {j for j, t, sure in p.links if t == 0 and not sure}  # the verb form that gives the day away
        rows.append({"right word": p.target[0], "weight on कल": look.alpha[0, 0, 0].item(),
                     "weight on the verb": sum(look.alpha[0, 0, j].item() for j in verb),
                     **{f"P({day})": chance.item() for day, chance in zip(days, chances)}})
pd.DataFrame(rows).groupby("right word").mean().round(2)

# %% [markdown]
# The first word looks at कल, and hardly at the verb. So through α the model cannot know the day. Compare the probabilities of the two rows: how far apart are they? And how far from this:

# %%
seen = Counter(p.target[0] for p in train if p.source[0] == "कल" and p.target[0] in days)
print(f"{seen.total()} of {len(train)} training sentences begin with कल:", {day: f"{seen[day] / seen.total():.2f}" for day in days})

# %% [markdown]
# A model that knows nothing of the verb does best if it guesses by frequency: it gives each day the share that it had in training, and always writes the commoner one.
#
# Is the tense lost, then? α is not the model's only way to the Hindi sentence. The decoder starts from $s_0$, which is made of the encoder's *last* state, and that state has just read the verb.
# Ask it as you asked the vector in lesson 2, with a linear probe. **Predict**: for what share of these sentences can the day be read from $s_0$?

# %%
my_share = 50  # percent

# %%
@torch.no_grad()
def starts(pairs):
    """s_0 of each sentence, and a column of ones."""
    batches = [make_batches([p], learned.source_vocab, learned.target_vocab)[0] for p in pairs]
    s_0 = [learned.encode(b.source, b.source_lengths)[1][0] for b in batches]
    return torch.cat([torch.cat(s_0), torch.ones(len(pairs), 1)], dim=1)

def is_tomorrow(pairs):
    return torch.tensor([1.0 if p.target[0] == "tomorrow" else -1.0 for p in pairs])

known = [p for p in train if p.source[0] == "कल" and p.target[0] in days]
X = starts(known)
W = torch.linalg.solve(X.T @ X + torch.eye(X.size(1)), X.T @ is_tomorrow(known))  # ridge regression, as in lesson 2
right = (starts(kal) @ W).sign() == is_tomorrow(kal)
commoner = max(Counter(p.target[0] for p in kal).values()) / len(kal)
print(f"you predicted {my_share} %; read back {100 * right.float().mean():.0f} %, always the commoner day {100 * commoner:.0f} %")

# %% [markdown]
# So the decoder begins with a state from which the tense can be read, and it looks at the very word that needs the tense. If your two rows above are alike, it does not put the two together: a good probe
# says that something is in the vector, *not* that the decoder uses it (lesson 2). If they differ, the difference came through $s_0$, and the heatmap does not show it. Either way, the heatmap says "it looks at कल", as if all
# were well. Remember this when somebody shows you a heatmap as an explanation.
#
# ## Your own sentence
#
# Type a Hindi sentence from the words of this course, in Devanagari or as it is said, and step through what the model makes of it.

# %%
sentence_box(learned, "kal laṛkā kitāb paṛhegā")

# %% [markdown]
# ## What attention is not
#
# A weight says how much of a *state* goes into the context. A state is not a word: $h_j$ has read all words up to $j$. So a model can
# look one word too far to the right and still know. And a high weight is no proof of a reason. We can test that: take the weights away from the favourite place
# of a step, spread them over the others, and see whether the word changes, and how far its probability falls.

# %%
@torch.no_grad()
def first_word_without_favourite(pair):
    encoded, state = learned.read(pair.source)
    start = torch.tensor([BOS], device=encoded.h.device)
    before, _, look = learned.step(start, state, encoded)  # log-probabilities, and where it looked
    encoded.mask[0, look.alpha.argmax()] = False  # the favourite may not be looked at
    after, _, _ = learned.step(start, state, encoded)
    word = before.argmax().item()
    return {"stays the same, %": 100 * (word == after.argmax().item()), "P(word)": before[0, word].exp().item(),
            "P without": after[0, word].exp().item()}

rows = [{"first word": word_class(p.target[0]), **first_word_without_favourite(p)} for p in test]
pd.DataFrame(rows).groupby("first word").mean().round(2)

# %% [markdown]
# Where the word stays the same, its favourite place was not necessary for it: another state, or $s_0$, can carry the same. Where it changes, that state did matter. Compare the
# two rows. (And this is the first step only.)
#
# ## Beyond the training lengths
#
# No training sentence had more than 39 words. **Predict**: what happens at 40 and more, and at 48 and more?

# %%
beyond = {name: score_by_length(translate(m, test_long, oracle=recipe(name).oracle), test_long) for name, m in models.items()}
both = {name: pd.concat([own[name], beyond[name]], ignore_index=True) for name in own}
figure = plots.bleu_by_length(reference, both, list(own), title="Beyond 39 words the learned weights begin to slip")
figure.axes[0].axvline(39.5, color="0.5", linewidth=0.8)
plots.show(figure, alt="Beyond the training lengths the oracle stays high, learned attention drops to about two thirds, vanilla is low.")

# %%
table = pd.DataFrame({name: scores["bleu"] for name, scores in beyond.items()})
table.index = ["40–47 words", "48–60 words"]
table.round(1)

# %% [markdown]
# The oracle's decoder goes on as before: mixing states works at these lengths too. And the finding?

# %%
by_split = {"up to 39 words": test, "40 words and more": test_long}
pd.DataFrame({name: alignment_error(forced_alpha(learned, pairs), pairs).set_index("word_class")["aer"]
              for name, pairs in by_split.items()}).round(3)

# %% [markdown]
# The alignment error of the learned weights grows: the *finding* slips. Perhaps because there are more words to tell apart than ever in training; and whether it is all that slips, we did not test.
#
# ## One long sentence
#
# The sentence of the last two lessons, by all three models. What a model lost stands in brackets.

# %%
from helpers.corpus.pairs import hero
from helpers.evaluation import with_losses

pair = hero(test)
print("right:  ", *pair.target)
for name, m in models.items():
    written = translate(m, [pair], oracle=recipe(name).oracle)[0]
    print(f"{name:8}", with_losses(pair.target, written.target))

# %% [markdown]
# ## Exercises
#
# | | what | minutes | level |
# |---|---|---|---|
# | 4.1 | scores, with loops and without | 10 | medium |
# | 4.2 | mask and softmax | 5 | easy |
# | 4.3 | find the planted bug | 10 | medium |
# | 4.4 | the alignment error rate | 10 | medium |
# | 4.5 | dot-product attention | 20, some of it waiting | harder |
#
# Short of time? Do 4.1, 4.2 and 4.3. [The solutions](solutions/04_learned_attention.ipynb) explain the way.

# %% [markdown]
# ## Quiz
#
# Click on the answer that you would give: it says why it is right or wrong.

# %% [markdown]
# **1.** Why does the score use <i>s</i><sub><i>t</i>−1</sub> and not <i>s</i><sub><i>t</i></sub>?
#
# <details><summary><i>s<sub>t</sub></i> needs <i>c<sub>t</sub></i>, which needs the weights first.</summary><p>✓ Right. (There are models that look after the step, with <i>s<sub>t</sub></i>: Luong and others, 2015. They use the context later.)</p></details>
# <details><summary><i>s</i><sub><i>t</i>−1</sub> has seen the whole sentence.</summary><p>✗ No. It has seen the contexts and words up to step <i>t</i> − 1.</p></details>
# <details><summary>It is faster.</summary><p>✗ No. Both are vectors of the same size, so a score takes as long.</p></details>

# %% [markdown]
# **2.** The scores of three words are 1, 1 and 1 + ln 2. What are the weights?
#
# <details><summary>1/3, 1/3, 1/3</summary><p>✗ No. The third score is higher, so its weight must be, too.</p></details>
# <details><summary>1/4, 1/4, 1/2</summary><p>✓ Right. e<sup>1 + ln 2</sup> is twice e<sup>1</sup>, so the parts are 1 : 1 : 2.</p></details>
# <details><summary>0, 0, 1</summary><p>✗ No. That is the largest score picked out. The softmax is soft: nothing but padding gets exactly 0.</p></details>

# %% [markdown]
# **3.** Somebody adds 5 to all scores of a step. What happens to the weights?
#
# <details><summary>They get sharper.</summary><p>✗ No. <i>Multiplying</i> all scores by 5 would do that.</p></details>
# <details><summary>Nothing.</summary><p>✓ Right. The factor e<sup>5</sup> stands above and below the line. For this reason a score without tanh would ignore the decoder: its share is the same for all words.</p></details>
# <details><summary>They sum to more than 1.</summary><p>✗ No. The softmax divides by the sum, whatever the scores are.</p></details>

# %% [markdown]
# **4.** Padding is masked with the score 0 in place of −∞. What happens?
#
# <details><summary>Nothing: 0 means no weight.</summary><p>✗ No. e<sup>0</sup> = 1, so padding gets a share, and more of it if the true scores are below 0.</p></details>
# <details><summary>Padding gets some weight, and a sentence is translated differently in another batch.</summary><p>✓ Right. A batch of many should give what single sentences give; that is a good test for any mask.</p></details>
# <details><summary>The training stops with an error.</summary><p>✗ No. It goes on, and that makes such bugs expensive.</p></details>

# %% [markdown]
# **5.** α<sub>jt</sub> is 0.95 for one state <i>h<sub>j</sub></i>. Does it follow that the model needs this state?
#
# <details><summary>Yes, it looks nowhere else.</summary><p>✗ No. The lesson took away such favourites, and counted how often the output stayed the same.</p></details>
# <details><summary>No: another state may carry the same information.</summary><p>✓ Right. Each <i>h<sub>j</sub></i> has read all words up to <i>j</i>. For most content words of the lesson it was needed, for many function words it was not: the weight alone does not tell.</p></details>
# <details><summary>No, weights are random.</summary><p>✗ No. They agree with the alignment far too often for that; see the error rates.</p></details>

# %% [markdown]
# ## What we measured, and what we did not show
#
# We measured that α can be learned from translations alone, that it then works nearly as well as the oracle's within the lengths of training, and that its heaviest
# weights agree with the gold alignment for content words far more than for function words. We did not show that α *explains* the model, nor that any of it holds outside of a
# tidy generated language. That is the next lesson's question.
#
# **To read next**
#
# - Bahdanau, Cho, Bengio: *Neural Machine Translation by Jointly Learning to Align and Translate* (2015): this lesson's model.
# - Luong, Pham, Manning: *Effective Approaches to Attention-based Neural Machine Translation* (2015): other score functions.
# - Jain, Wallace: *Attention is not Explanation* (2019), and Wiegreffe, Pinter: *Attention is not not Explanation* (2019).
# - Vaswani and others: *Attention Is All You Need* (2017): attention without the recurrent network. From here to there: [the extra lesson 06](06_to_the_transformer.ipynb).
#
# **Next:** [05 Does it hold on sentences that people wrote?](05_real_sentences.ipynb)
