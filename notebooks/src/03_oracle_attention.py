# %% [markdown]
# # What if someone told us where to look?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/03_oracle_attention.ipynb)
#
# **Lesson 3** · about 45 minutes to read and try, 2 minutes to run · two CPU cores are enough ·
# you should have seen the fall in [lesson 2](02_long_sentences.ipynb).
# Every term is in the [glossary](../docs/glossary.md).

# %% [markdown]
# **After this lesson you can**
#
# 1. work out a context vector as a weighted average, by hand and for all steps at once;
# 2. read an α heatmap: what a row is, what a column is, what must sum to 1;
# 3. say what a control must keep and what it must change, to separate "the right weights" from "more input".

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
import torch

from helpers import plots
from helpers.corpus.pairs import load_split
from helpers.corpus.romanize import romanize
from helpers.corpus.words import gloss
from helpers.evaluation import score_by_length
from helpers.oracle import SoftAlignment, oracle_alpha, shifted_alpha, shuffled_alpha, uniform_alpha
from helpers.recipes import load_results, recipe
from helpers.training import fit_or_load_all, new_translator
from helpers.translation import translate
from helpers.vocabulary import BOS

# %% [markdown]
# ## An oracle
#
# In ancient Greece an oracle knew what no one could know. Ours knows, for every English word, which Hindi words it comes from. At each step it
# hands the decoder a weight for every Hindi word. The weight of input word $j$ at output step $t$ is called
#
# $$\alpha_{jt}, \qquad 0 \le \alpha_{jt} \le 1, \qquad \sum_j \alpha_{jt} = 1 .$$
#
# In words, $\alpha_{12}$ is the importance of the first Hindi word for the second English word.

# %%
train, valid, test = (load_split(name) for name in ("train", "valid", "test"))
pair = next(p for p in test if len(p.source) == 5 and p.target[0] == "the" and any(not sure for *_, sure in p.links))
plots.gloss_table(pair)

# %% [markdown]
# The oracle's knowledge is the word alignment that the grammar recorded. A sure link weighs 1, a possible link ½, and
# each step's weights are divided by their sum.

# %%
alpha = oracle_alpha(pair)
plots.show(
    plots.heatmap(SoftAlignment.of(pair, alpha), "Each row says where to look for one English word"),
    alt=f"Oracle weights for “{' '.join(pair.target)}”: each English word's row has its weight on its Hindi word.",
)

# %% [markdown]
# **How to read it.** A row is one step $t$ and one English word; a column is one Hindi word $j$. Each row sums to 1. The last row and column
# are `</s>`, the end of the sentence. A word with a sure and a possible link has 1 and ½ to share out, so ⅔ and ⅓. The lecture that many courses follow (CS7015, 15.3)
# writes the source index first, $\alpha_{jt}$; Bahdanau and others write the target first. In our code a row is a step, so it is `alpha[t, j]`, counted from 0.
# We say this once; it stays so in the whole course.

# %%
t, j = 2, 1  # the second English word, the first Hindi word
print(f"α_{j}{t} = {alpha[t - 1, j - 1]:.2f}: how much '{pair.target[t - 1]}' looks at {pair.source[j - 1]}")
assert torch.allclose(alpha.sum(dim=1), torch.ones(len(alpha)))

# %% [markdown]
# ### Exercise 3.1: be the oracle
#
# *10 minutes, medium.* Make α from the links, as the oracle does. `links` holds `(j, t, sure)`, counted from 0. A sure link weighs 1, a possible one ½; then each row is divided by its sum.
# The last row and column are `</s>`, which is linked to itself.
#
# <details><summary>Hint 1</summary>
#
# Begin with `torch.zeros(T_y + 1, T_x + 1)` and write the weights into it. Row or column first? Row $t$, column $j$.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `alpha.sum(dim=1, keepdim=True)` sums over $j$ and has the shape $(T_y + 1, 1)$, so that dividing by it works row by row.
#
# </details>

# %%
def oracle_weights(links, T_x, T_y):
    """T_x source words, T_y target words, </s> not counted. Returns α, (T_y + 1, T_x + 1)."""
    ...  # your lines here

# %%
from helpers.exercises import lesson_03 as checks

checks.oracle_weights(oracle_weights)

# %% [markdown]
# ## A weighted average, by hand
#
# At time step 2 the decoder is not given the whole encoding. It gets the average of the encoder's states, each weighed by its $\alpha_{j2}$:
#
# $$c_2 = \sum_j \alpha_{j2} \, h_j$$
#
# Three words with states of size 2 are enough to do it on paper. Try it before you run the cell.

# %%
h = torch.tensor([[1.0, 4.0], [3.0, 1.0], [5.0, 2.0]])  # h_1, h_2, h_3
alpha_2 = torch.tensor([0.5, 0.3, 0.2])  # the weights at time step 2

# %%
c_2 = 0.5 * h[0] + 0.3 * h[1] + 0.2 * h[2]
print("first number:  0.5·1 + 0.3·3 + 0.2·5 =", round(c_2[0].item(), 2))
print("second number: 0.5·4 + 0.3·1 + 0.2·2 =", round(c_2[1].item(), 2))

# %% [markdown]
# ### Exercise 3.2: with a pencil
#
# *5 minutes, easy.* The states are $h_1=(2,0)$, $h_2=(0,2)$, $h_3=(4,4)$, the weights 0.25, 0.25 and 0.5. Work out $c$ on paper. Then write the average as a loop, for any number of words.
#
# <details><summary>Hint 1</summary>
#
# First number: 0.25 times 2, and 0.25 times 0, and 0.5 times 4, added up.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Begin with `c = torch.zeros(h.size(1))`; in the loop, `c = c + …`; after the loop, `return c`.
#
# </details>

# %%
my_c = ...  # two numbers, such as [1.0, 2.0]

def weighted_average(alpha_t, h):
    """alpha_t: (T_x,), h: (T_x, D_h). Returns c_t, (D_h,). Use a loop, no @."""
    ...  # your lines here

# %%
checks.by_hand(my_c)
checks.weighted_average(weighted_average)

# %% [markdown]
# Nobody writes out thirty terms. The sum is a product of a row of weights with a matrix of states, and all steps together are
# one matrix product: weights $(T_y, T_x)$ times states $(T_x, D_h)$.

# %%
all_weights = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.3, 0.2], [0.0, 0.0, 1.0]])  # three steps
contexts = all_weights @ h
print(contexts)
assert torch.allclose(contexts[1], c_2)

# %% [markdown]
# Look at the first and last rows: a weight of 1 simply *picks* a state. And since weights are not negative and sum to 1, no row can leave the triangle between the
# three states. This average, with new weights at each step, is called **attention**: it mixes, it does not invent.
#
# ## One line changes
#
# The encoder, the decoder cell and the output layer stay as they were, and $s_0$ is still made of the last state. Only the context changes from step to step:
#
# $$s_t = \mathrm{GRU}(s_{t-1}, [y_{t-1}; c_t]) \quad\text{in place of}\quad s_t = \mathrm{GRU}(s_{t-1}, [y_{t-1}; c])$$

# %%
def context(h, alpha=None):
    """h: (B, T_x, D_h), alpha: (B, T_y, T_x). Returns c_t for all steps: (B, T_y, D_h), or (B, 1, D_h)."""
    if alpha is None:
        return h[:, -1:]  # lesson 1: the last state, at every step (no padding in this example)
    return alpha @ h  # lesson 3: a weighted average, at each step another

# %%
h_batch, alpha_batch = torch.randn(1, 6, 4), oracle_alpha(pair).unsqueeze(0)
c = context(h_batch, alpha_batch)
for t in range(alpha_batch.size(1)):
    by_loop = sum(alpha_batch[0, t, j] * h_batch[0, j] for j in range(6))
    assert torch.allclose(c[0, t], by_loop, atol=1e-6)
print("c has shape", tuple(c.shape), "and equals the loop at every step")

# %% [markdown]
# **Predict.** The vanilla model fell from its first bucket to its last. Write down the BLEU that you expect of the oracle model for each length.

# %%
my_guess = [80, 70, 60, 50, 40]  # BLEU for 1–7, 8–15, 16–23, 24–31, 32–39 words

# %%
for name in ("vanilla", "oracle"):
    chosen = recipe(name)
    size = sum(p.numel() for p in new_translator(chosen.model, chosen.training, train).parameters())
    print(f"{name}: {size:,} parameters, {chosen.training.epochs} passes, weight decay {chosen.training.weight_decay}")

# %% [markdown]
# The size is the same. The training is not quite: passes and weight decay (a pull of all weights towards 0) were chosen for the vanilla model and for the oracle separately,
# so small gaps between curves mean little. The gap to look at is not small.
#
# Who gives α is a function from a pair to its weights, here `oracle_alpha`. The recipe names it for the training; to translate, we say it again.
# (Three more models train side by side with this one. They answer a sceptic, in a moment.)

# %%
names = ("oracle", "uniform", "shuffled", "shifted")
trained = fit_or_load_all([recipe(name) for name in names], train, valid)
model, _ = trained["oracle"]

# %%
own = {"oracle": score_by_length(translate(model, test, oracle=oracle_alpha), test)}
own["oracle"].round(1)

# %%
reference = load_results("by_length.csv").query("split == 'test'")
middles = (own["oracle"]["length_min"] + own["oracle"]["length_max"]) / 2
figure = plots.bleu_by_length(reference, own, ["vanilla", "oracle"], "With the right weights, BLEU stays flat")
figure.axes[0].plot(middles, my_guess, ":", color="0.5", label="my guess")
figure.axes[0].legend(frameon=False)
plots.show(figure, alt="The oracle model stays near 100 BLEU at every length, while the vanilla model falls.")

# %% [markdown]
# Flat; even `exact_match`, which forgives nothing, stays high. The dashed lines and bands are five seeds of each model that come with the course; the
# solid line is yours. The decoder did not need a bigger vector. It needed the right part of the sentence at the right moment. An oracle gives away a little more than that, to be
# fair: its rows come in the order of the English words.
#
# ## Is it the weights, or just more input?
#
# A sceptic says: "The vanilla model saw one state, yours sees all of them. Of course it is better." That is a fair objection, and three
# controls answer it. All three are trained just like the oracle's model, and get *every* state at every step. Only the weights are wrong:
#
# - **uniform**: every word has the same weight;
# - **shuffled**: the oracle's numbers, dealt out to random words;
# - **shifted**: the oracle's rows, one time step late.

# %%
titles = {uniform_alpha: "Uniform: an average of all", shuffled_alpha: "Shuffled: right numbers, wrong words",
          shifted_alpha: "Shifted: right words, one step late"}
for control, title in titles.items():
    figure = plots.heatmap(SoftAlignment.of(pair, control(pair)), title)
    plots.show(figure, alt=f"{title}, for the sentence above.")

# %% [markdown]
# (In a short sentence a shuffle can leave a row as it was. In "shifted", the first step gets the last row.)
#
# **Predict**: put the three in order. (And think of a fourth control: what would you keep, what would you change, what would it rule out?) Can "shifted" be any good? At step $t$ it looks at the word that step $t-1$ needed.

# %%
for name in ("uniform", "shuffled", "shifted"):  # the oracle's recipe, with another function from a pair to α
    own[name] = score_by_length(translate(trained[name][0], test, oracle=recipe(name).oracle), test)

# %%
figure = plots.bleu_by_length(reference, own, ["oracle", "uniform", "shuffled", "shifted", "vanilla"],
                              "No control comes near the oracle")
plots.show(figure, alt="Oracle near 100; uniform, shuffled and shifted weights far below at every length.")

# %%
import pandas as pd

table = pd.DataFrame({name: scores["bleu"] for name, scores in own.items()})
table.index = [f"{a}–{b} words" for a, b in zip(own["oracle"]["length_min"], own["oracle"]["length_max"])]
table.round(1)

# %% [markdown]
# So it is the weights: the same kind of states, in the wrong proportions, do not come near the oracle. "Shifted" is worth a thought. On long sentences it beats even the vanilla
# model. One likely reason: an article leans on its noun, so one step late the noun is still on show just when it is due.

# %% [markdown]
# ### Exercise 3.3: one step early
#
# *10 minutes, some of it waiting, medium.* "Shifted" gives each step the weights of the step *before*. Now give each step those of the step *after*; the last step gets the first row. **Predict** first: will the
# trained model be like the oracle, or like "shifted"?
#
# <details><summary>Hint 1</summary>
#
# `oracle_alpha(pair)` has a row for each step. You want row 1 where row 0 was.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `tensor.roll(1, dims=0)` moves every row down by one, and the last one to the top.
#
# </details>

# %%
def early(pair):
    """The oracle's α, each row one step early. Returns (T_y + 1, T_x + 1)."""
    ...  # your line here

my_early = ...  # "like the oracle" or "like shifted"

# %% [markdown]
# To try it, train with your function as the oracle. `fit_short` follows a recipe on short sentences only, less than a minute for each oracle.

# %%
from dataclasses import replace

from helpers.evaluation import bleu
from helpers.recipes import fit_short


def bleu_if_told(oracle):
    """Train on short sentences with oracle(pair) as the weights of each pair; returns BLEU on short test sentences."""
    told, _, short_test = fit_short(replace(recipe("oracle"), name=oracle.__name__, oracle=oracle))
    return bleu(translate(told, short_test, oracle=oracle), [" ".join(p.target) for p in short_test])

# %%
if checks.early(early):
    three = [bleu_if_told(oracle) for oracle in (oracle_alpha, early, shifted_alpha)]
    checks.early_or_late(my_early, *three)

# %% [markdown]
# ## Step through it
#
# Move the slider, press the arrow keys or click on a row to walk through the translation: at each step the weights, the context that they make, and the words that
# it leads to. (Where a page may not run scripts, as on GitHub, you see a picture of one step.)

# %%
from helpers.widgets.explorer import attention_explorer

attention_explorer(model, pair, oracle=oracle_alpha)

# %% [markdown]
# ## You are the oracle
#
# Do the weights *cause* the word? Then the word must change when we change the weights and nothing else. We walk to step $t$ with the oracle's weights, and
# at step $t$ we set our own.

# %%
@torch.no_grad()
def next_word(model, pair, t, weights):
    """The distribution of the word at step t (counted from 1), if this step gets your weights: (words,)."""
    encoded, state = model.read(pair.source)  # one sentence: B = 1
    word = torch.tensor([BOS], device=encoded.h.device)
    for alpha_t in [*oracle_alpha(pair)[: t - 1], weights]:  # the steps before t get the oracle's
        log_p, state, _ = model.step(word, state, encoded, alpha_t.unsqueeze(0).to(word.device))
        word = log_p.argmax(dim=1)
    return log_p[0].exp().cpu()

# %% [markdown]
# **Predict**: which English word comes at step 2 if all the weight is on the last Hindi word before the full stop?

# %%
for word, weights in zip(pair.source, torch.eye(len(pair.source) + 1)):  # row j: all the weight on word j
    p = next_word(model, pair, 2, weights)
    print(f"step 2 looks at {word} ({romanize(word)}, {gloss(word, pair.target)}): “{model.target_vocab.words[p.argmax()]}” {p.max():.0%}")

# %% [markdown]
# The encoder's states, the decoder's state and the word before are the same each time. Only the weights differ. (A surprise may be है, *is*: it also ends "X के पास Y है",
# near X is Y, which is how Hindi says "X has Y".) How far does a distribution move?
# The **total variation distance**, $\frac{1}{2}\sum_w |p(w) - q(w)|$, is the share of the probability that went to other words.

# %%
uniform = torch.full((len(pair.source) + 1,), 1 / (len(pair.source) + 1))
p, q = next_word(model, pair, 2, oracle_alpha(pair)[1]), next_word(model, pair, 2, uniform)
print(f"uniform weights at step 2 move {(p - q).abs().sum() / 2:.0%} of the probability to other words")

# %% [markdown]
# Now you. Pull a slider, or click a Hindi word to give it all the weight; the weights are divided by their sum. All other steps keep the true weights. Can you make
# two words equally likely? Which step is hardest to mislead? (Without a running kernel you see a picture of one try.)

# %%
from helpers.widgets.be_the_oracle import BeTheOracle

BeTheOracle(model, pair, t=2)

# %% [markdown]
# Change the weights of one step, and the word of that step changes: in this sentence the weights *cause* the word. (In lesson 4 we shall see that this is a
# stronger thing to say than "the model looks there".)

# %% [markdown]
# ### Exercise 3.4: how wrong may an oracle be?
#
# *10 minutes, medium.* Mix the oracle's (*gold*) weights with uniform ones: $(1-p) \cdot \text{gold} + p \cdot \text{uniform}$. The model stays as it is; only what it is told while it translates gets worse.
# **Predict** first: at which $p$ does BLEU fall below half?
#
# <details><summary>Hint 1</summary>
#
# `oracle_alpha(pair)` and `uniform_alpha(pair)` have the same shape.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The rows need no division: $(1-p) + p = 1$.
#
# </details>

# %%
def mixed(pair, p):
    """(1 - p) of the gold weights and p of the uniform ones: (T_y + 1, T_x + 1), rows sum to 1."""
    ...  # your line here

my_p = ...  # a number from 0 to 1

# %%
from functools import partial

if checks.mixed(mixed):
    some, scores = test[::3], {}
    for p in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        answers = translate(model, some, oracle=partial(mixed, p=p))
        scores[p] = score_by_length(answers, some, [(1, 39)])["bleu"][0]
    checks.breaking_point(my_p, scores)

# %% [markdown]
# ## One long sentence
#
# The sentence of the last lesson once more. What the model lost stands in brackets.

# %%
from helpers.corpus.pairs import hero
from helpers.evaluation import with_losses

pair = hero(test)
written = translate(model, [pair], oracle=oracle_alpha)[0]
print("right: ", *pair.target)
print("oracle:", written)
print("lost:  ", with_losses(pair.target, written.target))

# %% [markdown]
# ## Exercises
#
# | | what | minutes | level |
# |---|---|---|---|
# | 3.1 | be the oracle | 10 | medium |
# | 3.2 | with a pencil | 5 | easy |
# | 3.3 | one step early | 10, some of it waiting | medium |
# | 3.4 | how wrong may an oracle be? | 10 | medium |
#
# Each stands right after what it practises. [The solutions](solutions/03_oracle_attention.ipynb) explain the way.

# %% [markdown]
# ## Quiz
#
# Click on the answer that you would give: it says why it is right or wrong.

# %% [markdown]
# **1.** In the heatmap, what must sum to 1?
#
# <details><summary>Each row: the weights of all Hindi words for one English word.</summary><p>✓ Right. At step <i>t</i> one whole unit of attention is shared out among the words <i>j</i>.</p></details>
# <details><summary>Each column: the weights of one Hindi word over all steps.</summary><p>✗ No. A Hindi word may be used at several steps, or at none.</p></details>
# <details><summary>Both.</summary><p>✗ No. Then there would have to be as many English words as Hindi ones.</p></details>

# %% [markdown]
# **2.** α<sub>31</sub> = 0.8. What does that say?
#
# <details><summary>The first Hindi word has the weight 0.8 for the third English word.</summary><p>✗ No. In α<sub><i>jt</i></sub> the Hindi word <i>j</i> comes first.</p></details>
# <details><summary>The third Hindi word has the weight 0.8 for the first English word.</summary><p>✓ Right. In the code it is <code>alpha[0, 2]</code>: the step first, and counted from 0.</p></details>
# <details><summary>Word 3 is right with probability 0.8.</summary><p>✗ No. α says where to look. The probabilities of English words come out of the decoder's softmax.</p></details>

# %% [markdown]
# **3.** Three states are <i>h</i><sub>1</sub> = (6, 0), <i>h</i><sub>2</sub> = (0, 6), <i>h</i><sub>3</sub> = (0, 0). All weights are the same. What is <i>c</i>?
#
# <details><summary>(6, 6)</summary><p>✗ No. That is the sum. The weights are 1/3 each.</p></details>
# <details><summary>(2, 2)</summary><p>✓ Right: 6/3 + 0/3 + 0/3 = 2, for both numbers.</p></details>
# <details><summary>(3, 3)</summary><p>✗ No. The third state is all zeros, but it has a weight like the others.</p></details>

# %% [markdown]
# **4.** Can any weights of the states in question 3 give the context (7, 0)?
#
# <details><summary>No.</summary><p>✓ Right. The first number is at most 6: weights between 0 and 1 that sum to 1 only mix what is there.</p></details>
# <details><summary>Yes, with a weight of 7/6 on <i>h</i><sub>1</sub>.</summary><p>✗ No. A weight is at most 1.</p></details>
# <details><summary>Yes, with negative weights on the others.</summary><p>✗ No. Weights lie between 0 and 1, so <i>c</i> stays in the triangle between the three states.</p></details>

# %% [markdown]
# **5.** What do the three controls rule out?
#
# <details><summary>That the oracle's model has more parameters.</summary><p>✗ No. It has exactly as many as the vanilla model; no control is needed for that.</p></details>
# <details><summary>That seeing all states at each step is enough, whatever the weights.</summary><p>✓ Right. All three see every state, and none of them comes near the oracle.</p></details>
# <details><summary>That the oracle's weights can be learned.</summary><p>✗ No. That is left open here, and is the question of the next lesson.</p></details>

# %% [markdown]
# ## What we measured, and what we did not show
#
# We measured that with the oracle's (*gold*) weights the fall is gone, and that with uniform, shuffled and shifted weights it is not. So the bottleneck is real, and
# the right weights cure it. We did not show that such weights can be *had*: our oracle peeked at the answer. At test time it even knew how many
# words the translation has. It is an instrument for thinking, not a translator.
#
# **To read next**
#
# - Och, Ney: *A Systematic Comparison of Various Statistical Alignment Models* (2003), sure and possible links.
# - Mi, Wang, Ittycheriah: *Supervised Attentions for Neural Machine Translation* (2016), training with given alignments.
# - Luong, Pham, Manning: *Effective Approaches to Attention-based Neural Machine Translation* (2015).
#
# **Next:** [04 There is no oracle. Can α be learned?](04_learned_attention.ipynb)
