# %% [markdown]
# # What if attention does all the work?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/07_to_the_transformer.ipynb)
#
# **Lesson 7 of 7** · about 90 minutes with the exercises, 2 minutes to run · two CPU cores are enough ·
# you should know learned attention from [lesson 4](04_learned_attention.ipynb).
# Every term is in the [glossary](../docs/glossary.md).

# %% [markdown]
# **After this lesson you can**
#
# 1. name the four changes that lead from our translator to the Transformer, equation beside equation, and the three parts that a layer adds;
# 2. write a head, several heads and a layer, and check them against PyTorch;
# 3. find out by a control what the positions do, and by measuring what a Transformer does beyond its training lengths.

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
import pandas as pd
import torch
from torch import nn

from helpers import plots
from helpers.attention import Attention, Encoded, Look
from helpers.batching import make_batches
from helpers.corpus.build import sample_pairs
from helpers.corpus.pairs import load_split
from helpers.evaluation import alignment_error, forced_alpha, score_by_length
from helpers.models import ModelConfig
from helpers.training import TrainingConfig, fit, fit_all, new_translator
from helpers.translation import translate
from helpers.vocabulary import PAD

# %% [markdown]
# ## Four changes
#
# In lesson 4 a decoder step asked a question, and the source words answered. The usual words for this are **query** (what asks), **key** (what a word is found by) and
# **value** (what it has to say). Here is our model beside the Transformer (Vaswani and others, 2017), line by line.

# %% [markdown]
# | | lessons 3 and 4 | Transformer |
# |---|---|---|
# | query | $s_{t-1} W_{att}$ | $q_t = x_t W_Q$ |
# | key | $h_j U_{att}$ | $k_j = x_j W_K$ |
# | value | $h_j$ itself | $v_j = x_j W_V$ |
# | score | $e_{jt} = V_{att} \cdot \tanh(\text{key} + \text{query})$ | $e_{jt} = q_t \cdot k_j / \sqrt{d}$ |
# | weights | softmax over $j$ | softmax over $j$ |
# | context | $c_t = \sum_j \alpha_{jt} h_j$ | $c_t = \sum_j \alpha_{jt} v_j$ |
# | how many | one a step | several heads, in every layer |
# | who reads the sentence | a recurrent network | attention from the sentence to itself |
# | who knows the order | the recurrence | positions, added to the words |
#
# $x_j$ is the vector of a word in the sentence that answers, $x_t$ of one in the sentence that asks; $d$ is the length of one query. Vectors are rows, as in the code.

# %% [markdown]
# So the softmax and the weighted average stay as you know them. What changes: (1) the **score** is a product, (2) there are **many heads**, (3) **no recurrence**,
# and therefore (4) **positions**. A layer adds three parts: a small network, and *residual connections* and *layer normalisation*, which keep deep stacks trainable. We go through them in this order.
#
# ## A cheaper score
#
# A product of query and key is large if they point the same way. By hand, with the three states of lesson 4 as keys and values, and the query $(0, 2)$:

# %%
h = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])  # h_1, h_2, h_3
q = torch.tensor([0.0, 2.0])

e = h @ q / 2**0.5  # (0, 2, 2) / √2
alpha = torch.softmax(e, dim=0)
print("e", e.numpy().round(3), " α", alpha.numpy().round(3), " c", (alpha @ h).numpy().round(3))

# %% [markdown]
# Why the root? The product is a sum of $d$ terms. If they are independent, each with mean 0 and variance 1, the sum has variance $d$: it spreads as $\sqrt{d}$. Large scores make the softmax
# certain, and where it is certain its gradient is close to zero: little is learned. Dividing by $\sqrt{d}$ keeps the scores in the same range for every $d$ (Vaswani and others, 2017, section 3.2.1).
#
# As a module, with the same calls as lesson 4's, so that we can put it into the same translator. Unlike in exercise 4.5, query and key have matrices of their own:

# %%
class ScaledDotProductAttention(Attention):
    def __init__(self, d_h, d_s, d_a):
        super().__init__()
        self.W_Q = nn.Linear(d_s, d_a, bias=False)
        self.W_K = nn.Linear(d_h, d_a, bias=False)

    def keys(self, h):
        return self.W_K(h)  # (B, T_x, D_a)

    def scores(self, s_prev, encoded):
        q = self.W_Q(s_prev).unsqueeze(2)  # (B, D_a, 1)
        return (encoded.keys @ q).squeeze(2) / encoded.keys.size(2) ** 0.5  # (B, T_x)

# %% [markdown]
# No tanh, no $V_{att}$: one matrix product scores all words. To have four trainings in little time we take sentences of up to twelve words, and we keep longer ones for the end.

# %%
LONGEST = 12
valid, test = load_split("valid"), load_split("test")
train = sample_pairs(6000, longest=LONGEST, without=valid + test)
few_valid = [p for p in valid if len(p.source) <= LONGEST][:60]
test = [p for p in test if len(p.source) <= 24]
short = [p for p in test if len(p.source) <= LONGEST]

# %% [markdown]
# **Predict.** The same recurrent translator, once with the additive and once with the product score, the same sentences, the same number of passes: which one gets the higher BLEU?

# %%
my_guess = "additive"  # or "dot product", or "about equal"

# %%
config = TrainingConfig(epochs=6)
models = {name: new_translator(ModelConfig("additive"), config, train) for name in ("additive", "dot product")}
torch.manual_seed(0)
models["dot product"].context = ScaledDotProductAttention(128, 128, 64)
history = fit_all(models, train, few_valid, config)

# %%
def summary(models):
    rows = {}
    for name, model in models.items():
        scores = score_by_length(translate(model, short), short, [(1, LONGEST)]).iloc[0]
        errors = alignment_error(forced_alpha(model, short), short).set_index("word_class")["aer"]
        rows[name] = {"BLEU": scores.bleu, "±": scores.bleu_ci, "AER, content words": errors["content"],
                      "AER, function words": errors["function"], "seconds": sum(history[name].seconds),
                      "parameters": sum(p.numel() for p in model.parameters())}
    return pd.DataFrame(rows).T.round(2).astype({"parameters": int})

print("you guessed:", my_guess)
summary(models)

# %% [markdown]
# Compare the difference with the ± column. One seed and one small corpus cannot crown a score function, and need not: the product was chosen for what it costs. These seconds cannot show that. A recurrent
# decoder asks one query at a time, and the clock also counts whatever else the machine does.
#
# ## All steps at once
#
# If all the queries are known, nothing has to wait: queries $(T_y, d)$ times keys $(d, T_x)$ is the table of all scores. The additive score can be worked out at once, too, but the tanh needs
# a number for each step, each word *and* each hidden unit. The scores alone, in milliseconds for one sentence:

# %%
from statistics import median
from timeit import repeat

V_att = torch.randn(64)

def additive(queries, keys):
    return torch.tanh(keys + queries.unsqueeze(1)) @ V_att  # by way of T · T · 64 numbers

def dot_product(queries, keys):
    return queries @ keys.T / 64**0.5

def milliseconds(score, T):
    queries, keys = torch.randn(T, 64), torch.randn(T, 64)
    return 1000 * median(repeat(lambda: score(queries, keys), number=1, repeat=9))

pd.DataFrame({f"{T} words": {f.__name__: milliseconds(f, T) for f in (additive, dot_product)} for T in (40, 100, 200)}).round(2)

# %% [markdown]
# ### Exercise 7.1: all steps at once
#
# *10 minutes, medium.* Write it for a whole batch, without a loop, before you read on: scores divided by $\sqrt{d}$, mask, softmax over $j$, average of the values. As in lesson 4, the mask is True
# where a real word stands.
#
# <details><summary>Hint 1</summary>
#
# `k.transpose(1, 2)` is $(B, d, T_x)$, so `q @ k.transpose(1, 2)` is the table of scores, $(B, T_y, T_x)$.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The mask is the same for all steps of a sentence: `src_mask.unsqueeze(1)` is $(B, 1, T_x)$.
#
# </details>

# %%
def all_steps(q, k, v, src_mask):
    """q: (B, T_y, d), k: (B, T_x, d), v: (B, T_x, d_v), src_mask: (B, T_x) bool. Returns the contexts, (B, T_y, d_v)."""
    ...  # your lines here

# %%
from helpers.exercises import lesson_07 as checks

checks.all_steps(all_steps)

# %% [markdown]
# Here it is for any mask, and for any axes in front of the last two; we shall need one for the heads. It returns α, too.

# %%
def attend(q, k, v, mask):
    """q: (…, T_y, d), k and v: (…, T_x, d), mask: True where a word may be seen. Returns contexts and α."""
    e = q @ k.transpose(-2, -1) / q.size(-1) ** 0.5  # (…, T_y, T_x)
    alpha = torch.softmax(e.masked_fill(~mask, -torch.inf), dim=-1)
    return alpha @ v, alpha

# %%
torch.manual_seed(0)
q, k, v = torch.randn(3, 4), torch.randn(5, 4), torch.randn(5, 4)
contexts, alpha = attend(q, k, v, torch.ones(3, 5, dtype=torch.bool))
for t in range(3):
    e_t = torch.tensor([q[t] @ k[j] / 2 for j in range(5)])  # √4 = 2
    assert torch.allclose(contexts[t], torch.softmax(e_t, dim=0) @ v)
print("contexts", tuple(contexts.shape), " α", tuple(alpha.shape), ": equal to the loop over the steps")

# %% [markdown]
# ## Many heads
#
# One attention takes one average. But a word may need two things: its noun *and* its verb. So there are several **heads**. Each has projections of its own, from $d$ numbers to `d / heads`, and attends for itself; then
# their contexts are joined and mixed by $W_O$ (Vaswani and others, 2017, section 3.2.2), where $x$ asks and $m$ answers:
#
# $$\mathrm{MultiHead}(x, m) = [c^1, \dots, c^H]\, W_O, \qquad c^n = \mathrm{attend}(x W_Q^n,\ m W_K^n,\ m W_V^n)$$
#
# The projections of all heads, side by side, are *one* matrix. So we project once, and cut the result.

# %% [markdown]
# ### Exercise 7.2: cut and join
#
# *10 minutes, medium.* `cut` gives each head its part of every word's vector, `d / heads` numbers that stand side by side. `join` puts the parts together again, head after head. Beware: wrong
# ways can have the right shape.
#
# <details><summary>Hint 1</summary>
#
# First cut each word's vector in place: `(B, T, heads, d / heads)`. Then words and heads change places.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `x.unflatten(2, (heads, -1))` makes two axes of one, `.transpose(1, 2)` exchanges two, and `.flatten(2)` makes one of the last two.
#
# </details>

# %%
def cut(x, heads):
    """x: (B, T, d). Returns (B, heads, T, d / heads)."""
    ...  # your line here

def join(contexts):
    """contexts: (B, heads, T, d / heads). Returns (B, T, d)."""
    ...  # your line here

# %%
checks.cut(cut)
checks.join(join)

# %%
class MultiHeadAttention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.W_Q, self.W_K, self.W_V, self.W_O = (nn.Linear(d, d, bias=False) for _ in range(4))

    def cut(self, x):
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, heads, T, d / heads)

    def forward(self, x, memory, mask):
        q, k, v = self.cut(self.W_Q(x)), self.cut(self.W_K(memory)), self.cut(self.W_V(memory))
        contexts, alpha = attend(q, k, v, mask.unsqueeze(1))
        return self.W_O(contexts.transpose(1, 2).flatten(2)), alpha  # (B, T_y, d), (B, heads, T_y, T_x)

# %% [markdown]
# `x` asks, `memory` answers. If both are the same sentence, this is **self-attention**. PyTorch has this module too. Same numbers?

# %%
ours, theirs = MultiHeadAttention(8, 2), nn.MultiheadAttention(8, 2, bias=False, batch_first=True)
with torch.no_grad():
    theirs.in_proj_weight.copy_(torch.cat([ours.W_Q.weight, ours.W_K.weight, ours.W_V.weight]))
    theirs.out_proj.weight.copy_(ours.W_O.weight)
x, memory = torch.randn(1, 3, 8), torch.randn(1, 5, 8)
found, alpha = ours(x, memory, torch.ones(1, 3, 5, dtype=torch.bool))
expected, expected_alpha = theirs(x, memory, memory, average_attn_weights=False)
assert torch.allclose(found, expected, atol=1e-6) and torch.allclose(alpha, expected_alpha, atol=1e-6)
print("nn.MultiheadAttention agrees; α has a table for each head:", tuple(alpha.shape))

# %% [markdown]
# How many heads? They share out the same $d$ numbers. More heads are more averages, each over shorter vectors, and not one parameter more:

# %%
for heads in (1, 2, 4, 8):
    size = sum(p.numel() for p in MultiHeadAttention(128, heads).parameters())
    print(f"heads: {heads}, numbers in each: {128 // heads}, parameters: {size:,}")

# %% [markdown]
# ## Positions
#
# A weighted average does not care about order. Shuffle the words, and self-attention gives the same states, shuffled:

# %%
order = torch.tensor([2, 0, 4, 1, 3])
everything = torch.ones(1, 5, 5, dtype=torch.bool)
states, _ = ours(memory, memory, everything)
shuffled, _ = ours(memory[:, order], memory[:, order], everything)
assert torch.allclose(states[:, order], shuffled, atol=1e-6)
print("the encoder cannot tell one order of words from another")

# %% [markdown]
# So each word is told its place: a vector of sines and cosines of many wavelengths is added to it (Vaswani and others, 2017, section 3.5), as the hands of many clocks tell a time:
#
# $$p_{t,2i} = \sin(t / 10000^{2i/d}), \qquad p_{t,2i+1} = \cos(t / 10000^{2i/d})$$

# %%
def positions(n, d):
    """A vector for each of n places: (n, d)."""
    angle = torch.arange(n).unsqueeze(1) / 10000 ** (torch.arange(0, d, 2) / d)
    return torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1)

print(positions(3, 4).numpy().round(2))

# %% [markdown]
# ## The whole model
#
# A **layer** of the encoder lets the words look at each other, then a network of two linear maps works on each word by itself:
#
# $$x \leftarrow x + \mathrm{MultiHead}(\mathrm{norm}(x), \mathrm{norm}(x)), \qquad x \leftarrow x + \mathrm{ReLU}(\mathrm{norm}(x)\, W_1 + b_1)\, W_2 + b_2$$
#
# Each part is *added* to what was there before, a **residual connection**. **Layer normalisation**, the norm, gives the numbers of each word mean 0 and variance 1, and then a learned scale and shift.
# A decoder's layer also looks at the encoder's states $h$, by $x + \mathrm{MultiHead}(\mathrm{norm}(x), h)$: that is the attention of lesson 4.

# %%
class Layer(nn.Module):
    def __init__(self, d, heads, looks_at_source, dropout=0.1):
        super().__init__()
        self.self_attention = MultiHeadAttention(d, heads)
        self.source_attention = MultiHeadAttention(d, heads) if looks_at_source else None
        self.network = nn.Sequential(nn.Linear(d, 2 * d), nn.ReLU(), nn.Linear(2 * d, d))
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask, encoded=None):
        y, look = self.norms[0](x), None
        x = x + self.dropout(self.self_attention(y, y, mask)[0])
        if self.source_attention:
            c, alpha = self.source_attention(self.norms[1](x), encoded.h, encoded.mask.unsqueeze(1))
            x, look = x + self.dropout(c), Look(c, alpha.mean(dim=1))  # the mean over the heads
        return x + self.dropout(self.network(self.norms[2](x))), look

# %% [markdown]
# The decoder may look at the words that it has written, not at later ones. In training all steps are computed at once, so the **causal mask** must hide the future. Without it the model would copy the right word instead of learning to say it.

# %% [markdown]
# ### Exercise 7.3: hide the future
#
# *2 minutes, easy.* Row $t$ of the causal mask is True where step $t$ may look: at its own place and at those before. (The word at its own place is $y_{t-1}$, which is written already.)
#
# <details><summary>Hint 1</summary>
#
# For $n = 3$ the rows are True False False, then True True False, then True True True.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.ones(n, n, dtype=torch.bool)` is True everywhere. `.tril()` leaves only the lower triangle.
#
# </details>

# %%
def causal_mask(n):
    """Returns the mask for n steps, (n, n) bool, True where a step may look."""
    ...  # your line here

# %%
checks.causal_mask(causal_mask)

# %% [markdown]
# Now the model. Its calls are those of the helpers' translators (`encode`, `forward`, `step`), so training, translating and measuring work as before. It has no state: what `step` hands on is simply all the words so far.

# %%
class Transformer(nn.Module):
    def __init__(self, source_vocab, target_vocab, d=128, heads=4, layers=2, use_positions=True):
        super().__init__()
        self.use_positions = use_positions
        self.source_vocab, self.target_vocab = source_vocab, target_vocab
        self.source_embedding = nn.Embedding(len(source_vocab), d)
        self.target_embedding = nn.Embedding(len(target_vocab), d)
        for embedding in (self.source_embedding, self.target_embedding):
            nn.init.normal_(embedding.weight, std=0.5)  # about as large as the positions
        self.encoder = nn.ModuleList(Layer(d, heads, looks_at_source=False) for _ in range(layers))
        self.decoder = nn.ModuleList(Layer(d, heads, looks_at_source=True) for _ in range(layers))
        self.norm_h, self.norm_s = nn.LayerNorm(d), nn.LayerNorm(d)
        self.output = nn.Linear(d, len(target_vocab))

    def place(self, x):
        return x + positions(x.size(1), x.size(2)).to(x.device) if self.use_positions else x

    def encode(self, source, lengths):
        mask, x = source != PAD, self.place(self.source_embedding(source))
        for layer in self.encoder:
            x, _ = layer(x, mask.unsqueeze(1))
        h = self.norm_h(x)
        return Encoded(h, last=h[:, 0], mask=mask, keys=h), (source[:, :0],)  # no words so far

# %%
def decode(self, words, encoded):
    """All steps at once: logits (B, T_y, words), and where the last layer looks."""
    causal = torch.ones(words.size(1), words.size(1), dtype=torch.bool, device=words.device).tril().unsqueeze(0)
    x = self.place(self.target_embedding(words))
    for layer in self.decoder:
        x, look = layer(x, causal, encoded)
    return self.output(self.norm_s(x)), look

def forward(self, batch):
    return self.decode(batch.target_in, self.encode(batch.source, batch.source_lengths)[0])

def step(self, words, state, encoded):
    so_far = torch.cat([state[0], words.unsqueeze(1)], dim=1)
    logits, look = self.decode(so_far, encoded)
    return torch.log_softmax(logits[:, -1], dim=1), (so_far,), Look(look.c[:, -1], look.alpha[:, -1])

Transformer.decode, Transformer.forward, Transformer.step = decode, forward, step

# %% [markdown]
# There is no loop over $t$ in `forward`: this is what the Transformer is famous for. It holds in training and in the encoder; to translate, this model too calls `step` word by word. Two checks. Step by step gives the same as all at once; and a later word changes nothing before it.

# %%
torch.manual_seed(0)
vocabularies = models["additive"].source_vocab, models["additive"].target_vocab
model = Transformer(*vocabularies).eval()
(batch,) = make_batches(short[:8], model.source_vocab, model.target_vocab)
with torch.no_grad():
    logits, _ = model(batch)
    encoded, state = model.encode(batch.source, batch.source_lengths)
    for t in range(batch.target_in.size(1)):
        log_p, state, _ = model.step(batch.target_in[:, t], state, encoded)
        assert torch.allclose(log_p, torch.log_softmax(logits[:, t], dim=1), atol=1e-4)
    changed, _ = model.decode(torch.cat([batch.target_in[:, :-1], batch.target_in[:, :1]], dim=1), encoded)
    assert torch.allclose(changed[:, :-1], logits[:, :-1], atol=1e-5)
print("step by step = all at once, and the future is hidden")

# %% [markdown]
# ## The experiment
#
# The same sentences and the same number of passes as above. And a **control**: the same model without positions.
#
# **Predict.** Will the Transformer beat the recurrent translators within twelve words? What will the control reach? And who comes furthest beyond twelve words?

# %%
my_ranking = ["Transformer", "additive", "dot product", "no positions"]  # best first, beyond twelve words

# %%
gentle = TrainingConfig(epochs=6, learning_rate=2e-3, weight_decay=0.1)  # what it does best with
for name in ("Transformer", "no positions"):
    torch.manual_seed(0)
    models[name] = Transformer(*vocabularies, use_positions=name == "Transformer")
history |= fit_all({name: models[name] for name in ("Transformer", "no positions")}, train, few_valid, gentle)

# %%
summary(models)

# %% [markdown]
# If the Transformer's BLEU is ahead by more than the ± column, look at the last two columns before you cheer: it has nearly twice the parameters, and a pass takes it longer or shorter than the others.
# After as many *seconds* the comparison may come out another way: give the additive model more `epochs`, and see what is left of the difference. (The Transformer and the control do
# almost the same sums. If their seconds differ much, that was the machine.)
#
# And look at AER. Lesson 4 named one possible reason, not tested, why α slips at function words: $s_{t-1}$ has not read the word $y_{t-1}$ yet. The Transformer's query has: it is made of all the words so far. But so has the
# control's. If the control's AER is no lower than the additive model's, then to have read $y_{t-1}$ is not enough.

# %% [markdown]
# The control is not as helpless as one might think. Its encoder sees a bag of words, yet the bag often tells who did what: boys eat mangoes, and mangoes eat no boys. And the causal mask tells its *decoder* how
# many words are written. What happens to it as sentences grow?

# %%
buckets = [(1, 8), (9, 12), (13, 16), (17, 20), (21, 24)]
lengths = {name: score_by_length(translate(model, test), test, buckets) for name, model in models.items()}
figure = plots.bleu_by_length(own=lengths, title="All of them fall, within the training lengths and beyond")
figure.axes[0].axvline(1.5, color="0.5", linewidth=0.8)  # between 9–12 and 13–16 words
plots.show(figure, alt="BLEU against length for four models: all fall with length, left and right of the line at twelve words.")

# %%
table = pd.DataFrame({name: scores["bleu"] for name, scores in lengths.items()})
table.index = [f"{low}–{high} words" for low, high in buckets]
print("you predicted, beyond twelve words:", ", ".join(my_ranking))
table.round(1)

# %% [markdown]
# Compare the last two columns. In our runs the control lost much more at 9–12 words than at 1–8; beyond twelve words both are poor, and their difference shows no clear trend.
#
# All four fall within the training lengths already. So the figure does not tell *longer* from *longer than in training*; to the right of the line it is both. There the Transformer meets
# positions whose vectors it has never seen. Is that the cause? The control has no positions, and if it falls as steeply, they cannot be the whole of it. Let us try.

# %% [markdown]
# ### Exercise 7.4: a moving start
#
# *20 minutes, some of it waiting, harder.* Are the unseen positions to blame? In training, let the places begin at a random number from 0 to 20 (a new one each time) in place of 0, so that the vectors of later places are known (Kiyono and others, 2021). **Predict**
# first: will BLEU beyond twelve words be higher, lower, or about equal, within the ± of one interval?
#
# <details><summary>Hint 1</summary>
#
# `positions(n, d)` has a row for each of the places 0 to $n - 1$. You need those from `start` on, as many as `x` has words.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The last place is `start + x.size(1) - 1`, so ask for `start + x.size(1)` of them, and leave out the first ones: `[start:]`.
#
# </details>

# %%
def place_from(x, start):
    """x: (B, T, d). Returns x plus the vectors of the places start, start + 1, …: (B, T, d)."""
    ...  # your line here

my_change = ...  # "higher", "lower" or "about equal"

# %% [markdown]
# Nothing else changes: the sentences, the passes and the seed are those of the Transformer above, and the training takes about as long. A translation always begins at 0.

# %%
if checks.place_from(place_from):
    import random
    rng = random.Random(0)
    torch.manual_seed(0)
    moving = Transformer(*vocabularies)
    moving.place = lambda x: place_from(x.cpu(), rng.randint(0, 20) if moving.training else 0).to(x.device)
    fit(moving, train, few_valid, gentle)
    both = [score_by_length(translate(model, test), test, [(1, LONGEST), (LONGEST + 1, 24)])
            for model in (models["Transformer"], moving)]
    checks.moving_start(my_change, *(scores["bleu"] for scores in both), both[0]["bleu_ci"].iloc[-1])

# %% [markdown]
# ## Where does it look?

# %%
pair = next(p for p in short if 6 <= len(p.source) <= 8 and "the" in p.target and p.source[-1] == "।")
for name in ("additive", "Transformer"):
    (alignment,) = forced_alpha(models[name], [pair])
    plots.show(plots.heatmap(alignment, f"{name}: where each English word looks"),
               alt=f"Weights of the {name} model for “{' '.join(pair.target)}”.")

# %% [markdown]
# For the Transformer this is the mean over the heads of *one* layer, and its states have been mixed by self-attention before. So the warning of lesson 4 holds twice: a weight says how much of a *state* goes in, and a state is
# not a word.
#
# ## Exercises
#
# | | what | minutes | level |
# |---|---|---|---|
# | 7.1 | all steps at once | 10 | medium |
# | 7.2 | cut and join | 10 | medium |
# | 7.3 | hide the future | 2 | easy |
# | 7.4 | a moving start | 20, some of it waiting | harder |
#
# Each stands right after what it practises. [The solutions](solutions/07_to_the_transformer.ipynb) explain the way.

# %% [markdown]
# ## Quiz
#
# Click on the answer that you would give: it says why it is right or wrong.

# %% [markdown]
# **1.** Queries and keys have <i>d</i> = 16 numbers, and the product <i>q</i> · <i>k</i> is 8 for one word. What is its score?
#
# <details><summary>8</summary><p>✗ No. That is the product, not yet divided by the root of <i>d</i>.</p></details>
# <details><summary>0.5</summary><p>✗ No. That is 8/16 = 0.5, divided by <i>d</i> itself; then the scores shrink as <i>d</i> grows.</p></details>
# <details><summary>2</summary><p>✓ Right: 8/4 = 2. Divided by the root of <i>d</i>, scores stay in the same range for every <i>d</i>.</p></details>

# %% [markdown]
# **2.** The model gets eight heads in place of four, and <i>d</i> stays 128. What happens to the number of parameters?
#
# <details><summary>It doubles.</summary><p>✗ No. There are twice as many projections, but each makes half as many numbers.</p></details>
# <details><summary>It stays the same.</summary><p>✓ Right. Side by side, the heads' projections are the same matrices of 128 by 128; they are only cut into more parts.</p></details>
# <details><summary>It halves.</summary><p>✗ No. The vectors of a head get shorter, but there are more heads.</p></details>

# %% [markdown]
# **3.** An encoder without positions reads the same words in another order. What changes in their states?
#
# <details><summary>Nothing but their order.</summary><p>✓ Right. Each word still averages the same values with the same weights; the cell under <i>Positions</i> tried it.</p></details>
# <details><summary>All of them change: α is another.</summary><p>✗ No. A score depends on the two words, not on where they stand; α moves with the words.</p></details>
# <details><summary>They become equal to each other.</summary><p>✗ No. Each word asks with a query of its own.</p></details>

# %% [markdown]
# **4.** Somebody forgets the causal mask in training. What will be seen?
#
# <details><summary>The training stops with an error.</summary><p>✗ No. All shapes fit.</p></details>
# <details><summary>A high loss, and poor translations.</summary><p>✗ No. The loss looks better than it should: every step can copy the word that it is to write.</p></details>
# <details><summary>A very low loss, and poor translations.</summary><p>✓ Right. In training step <i>t</i> finds its word at the next place. When it translates, nothing is there yet.</p></details>

# %% [markdown]
# **5.** A sentence of 12 tokens, the sign of the end counted, needs 12·12 = 144 scores for a head's self-attention. How many does one of 24 tokens need?
#
# <details><summary>288</summary><p>✗ No. Each token asks each token: both sides of the table double.</p></details>
# <details><summary>576</summary><p>✓ Right: 24·24 = 576, four times as many. They do not wait for each other, though, and a recurrent network's steps do.</p></details>
# <details><summary>144, since all are worked out at once.</summary><p>✗ No. At once does not mean for nothing: the table is larger.</p></details>

# %% [markdown]
# ## What we measured, and what we did not show
#
# We measured four models on one small corpus of short sentences, with one seed and a budget of a minute: enough to see that attention alone *can* translate, that without positions it loses much within the training lengths, and that
# beyond them all four are poor. If the moving start of exercise 7.4 did not help, we do not know why. We did not compare the models after as many seconds, and we did not show why Transformers won: that is a matter of far more data, far more layers, and hardware on which the loop over $t$ is what costs.
#
# **To read next**
#
# - Vaswani and others: *Attention Is All You Need* (2017).
# - Rush and others: *The Annotated Transformer* (2018, 2022), the paper line by line.
# - Xiong and others: *On Layer Normalization in the Transformer Architecture* (2020), why the norm stands where it stands here.
# - Kiyono and others: *SHAPE: Shifted Absolute Position Embedding for Transformers* (2021), the moving start.
# - Press, Smith, Lewis: *Train Short, Test Long* (2022), positions that reach further.
#
# **Back:** [04 There is no oracle. Can α be learned?](04_learned_attention.ipynb)
