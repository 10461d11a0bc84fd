# %% [markdown]
# # What if someone told us where to look?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/03_oracle_attention.ipynb)
#
# **Lesson 3 of 8** · about 130 minutes with the exercises, 2 minutes to run · two CPU cores are enough ·
# you should know the class of [lesson 1](01_encoder_decoder.ipynb), and have seen the fall in [lesson 2](02_long_sentences.ipynb).
# Every term is in the [glossary](../docs/glossary.md#terms).

# %% [markdown]
# **After this lesson you can**
#
# 1. work out a context vector as a weighted average, by hand, and put the weights into the loop of a decoder;
# 2. read a heatmap of α: what a row is, what a column is, what must sum to 1;
# 3. say what a control keeps, what it changes, and what its result rules out.

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

import matplotlib.pyplot as plt
import pandas as pd
import torch
from torch import nn

from helpers import plots
from helpers.batching import make_batches
from helpers.corpus.pairs import hero, load_split
from helpers.corpus.romanize import romanize
from helpers.corpus.words import gloss, word_class
from helpers.drawings import machine
from helpers.evaluation import score, score_by_length, with_losses
from helpers.models import ModelConfig
from helpers.oracle import SoftAlignment, oracle_alpha, shifted_alpha, shuffled_alpha, uniform_alpha
from helpers.recipes import load_results, recipe
from helpers.steps import forced
from helpers.training import fit_or_load_all, load, new_translator
from helpers.translation import translate
from helpers.vocabulary import BOS, END, PAD, Vocabulary

# %% [markdown]
# ## An oracle
#
# In lesson 2 the whole sentence had to pass through one vector, and long sentences were lost. Suppose that the decoder
# may look at the Hindi sentence again, at every step. And suppose that somebody tells it where to look. Would that
# help?

# %%
train, valid, test = (load_split(name) for name in ("train", "valid", "test"))
pair = next(p for p in test if " ".join(p.target) == "the gardener came from Mumbai .")
plots.gloss_table(pair)

# %% [markdown]
# In ancient Greece an **oracle** knew what no one could know. Ours knows for each English word which Hindi words it
# belongs to, because it has read the answer: it takes the links that the grammar recorded in lesson 1. So it is an
# instrument for thinking, not a translator.

# %%
alpha = oracle_alpha(pair)
title = "Step 3: the oracle points at two states"
plots.show(*machine(pair, recipe("oracle").model, t=3, alpha=alpha, title=title))

# %% [markdown]
# The picture shows step 3, in which the decoder writes *came*. Lines go from the states to a new context, and each line
# is as wide as its weight. Two words get weight here: आ (ā, *come*) and गया (gayā, the past of *go*). Together they
# mean *came*. The vector of lesson 2 no longer goes into every step. It only makes $s_0$.

# %% [markdown]
# The weight of input word $j$ at output step $t$ is called
#
# $$\alpha_{jt}, \qquad 0 \le \alpha_{jt} \le 1, \qquad \sum_j \alpha_{jt} = 1 .$$
#
# In words, $\alpha_{12}$ is the weight of the first Hindi word for the second English word.

# %% [markdown]
# Where do the weights come from? The grammar records two kinds of links. A **sure** link joins words that translate
# each other. A **possible** link joins words that belong together less closely: *the* with its noun, or *Mumbai* with the
# से (se, *from*) behind it.
#
# A sure link counts 1 and a possible link counts ½. Then the numbers of each step are divided by their sum:

# %%
for t, word in enumerate(pair.target):
    counts = {romanize(pair.source[j]): 1 if sure else 0.5 for j, step, sure in pair.links if step == t}
    total = sum(counts.values())
    weights = [f"{said}: {n} / {total} = {n / total:.2f}" for said, n in counts.items()]
    print(f"step {t + 1}  {word:9}", *weights, sep="   ")

# %% [markdown]
# *the* has one possible link and no other: ½ divided by ½ is 1. *came* has a sure link and a possible one: 1 and ½ are
# divided by 1½, which gives ⅔ and ⅓. The ½ is a choice of ours.

# %%
figure = plots.heatmap(SoftAlignment.of(pair, alpha), "Each row says where to look for one word")
plots.show(figure, alt=f"The oracle's weights, a row for each word of “{' '.join(pair.target)}”.")

# %% [markdown]
# **How to read a heatmap.** A row is one step and one English word. A column is one Hindi word. Each row sums to 1. A
# column need not: माली (mālī, *gardener*) is used twice. The last row and the last column are `</s>`, the end of the
# sentence.

# %% [markdown]
# The order of the two letters is a habit. This course follows a lecture (CS7015, unit 15.3), which writes the Hindi
# word first in formulas: $\alpha_{jt}$. In code a row is a step, so the step comes first, and we count from 0:
# `alpha[t, j]`. Many books write $\alpha_{tj}$. All of these are the same number.

# %%
t, j = 2, 1  # the second English word, the first Hindi word
hindi, english = romanize(pair.source[j - 1]), pair.target[t - 1]
print(f"the weight of {hindi} for “{english}” is {alpha[t - 1, j - 1]:.2f}")
assert torch.allclose(alpha.sum(dim=1), torch.ones(len(alpha)))

# %% [markdown]
# ### Exercise 3.1: be the oracle
#
# *10 minutes, medium.* Make α from the links, as the oracle does. `links` holds `(j, t, sure)`, counted from 0. A sure
# link weighs 1, a possible one ½. Then each row is divided by its sum. The last row and the last column are `</s>`,
# which is linked to itself.
#
# <details><summary>Hint 1</summary>
#
# Begin with `torch.zeros(n_english + 1, n_hindi + 1)` and write the weights into it. Row or column first? Row $t$,
# column $j$.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `alpha.sum(dim=1, keepdim=True)` sums over $j$ and leaves one number in each row, so dividing by it works row by row.
#
# </details>

# %%
def oracle_weights(links, n_hindi, n_english):
    """n_hindi, n_english: how many words each sentence has; </s> is not counted.
    Returns α, (n_english + 1, n_hindi + 1)."""
    ...  # your lines here

# %%
from helpers.exercises import lesson_03 as checks

checks.oracle_weights(oracle_weights)

# %% [markdown]
# ## A weighted average, by hand
#
# At each step the decoder gets a context of its own. It is the average of the encoder's states, weighted by the α of
# this step:
#
# $$c_t = \sum_j \alpha_{jt} \, h_j$$
#
# Three words with states of two numbers are enough to do it on paper. Try it before you run the cell.

# %%
h = torch.tensor([[1.0, 4.0], [3.0, 1.0], [5.0, 2.0]])  # h_1, h_2, h_3
alpha_2 = torch.tensor([0.5, 0.3, 0.2])  # the weights at step 2

# %%
c_2 = 0.5 * h[0] + 0.3 * h[1] + 0.2 * h[2]
print("first number:  0.5·1 + 0.3·3 + 0.2·5 =", round(c_2[0].item(), 2))
print("second number: 0.5·4 + 0.3·1 + 0.2·2 =", round(c_2[1].item(), 2))

# %% [markdown]
# The contexts of all steps together are one matrix product: weights $(T_y, T_x)$ times states $(T_x, D_h)$. Here are
# three steps.

# %%
all_weights = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.3, 0.2], [0.0, 0.0, 1.0]])
contexts = all_weights @ h
print(contexts)
assert torch.allclose(contexts[1], c_2)

# %%
plots.show(plots.average_picture(h, all_weights, "No context leaves the triangle of the states"),
           alt="Three states as corners of a triangle. c_1 and c_3 are corners; c_2 lies inside.")

# %% [markdown]
# Steps 1 and 3 have a single weight of 1, and such a row *picks* a state. Step 2 mixes. Weights are not negative and
# sum to 1, so every context lies in the triangle: an average mixes, and it invents nothing. Change `all_weights`, and
# run these two cells again.
#
# This average, with new weights at each step, is called **attention**.

# %% [markdown]
# ### Exercise 3.2: from the context to the weights
#
# *5 minutes, easy.* Which weights of the three states in the picture give the context $(3, 2)$? First look where this
# point lies. Then use a pencil.
#
# <details><summary>Hint 1</summary>
#
# There are three unknown weights $a$, $b$, $c$ and three equations. One for the first number: $a + 3b + 5c = 3$. One
# for the second number. And the weights sum to 1.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Subtract $a + b + c = 1$ from the first equation: $2b + 4c = 2$. So $b = 1 - 2c$, and then $a = c$. Put both into the
# second equation, $4a + b + 2c = 2$.
#
# </details>

# %%
my_weights = ...  # three numbers, such as [0.5, 0.3, 0.2]

# %%
checks.which_weights(my_weights)

# %% [markdown]
# <details><summary>What we got</summary>
#
# ¼, ½ and ¼. With three states and two numbers there is one answer. With thirty states there are many answers, and
# you cannot find the weights from the context any more.
#
# </details>
#
# ## The context changes
#
# Encoder, cell, output layer and $s_0$ stay as they were in lesson 1. Only the context changes from step to step:
#
# $$s_t = \mathrm{GRU}([y_{t-1}; c_t],\; s_{t-1}) \quad\text{in place of}\quad s_t = \mathrm{GRU}([y_{t-1}; c],\; s_{t-1})$$

# %% [markdown]
# ### Exercise 3.3: put α into the loop
#
# *10 minutes, medium.* This is the loop of lesson 1. There `encode` returned the last state as the context of all
# steps, `c`:
#
# ```python
# def forward(self, batch):
#     c, s = self.encode(batch.source, batch.source_lengths)
#     all_scores = []
#     for t in range(batch.target_in.size(1)):
#         scores, s = self.step(batch.target_in[:, t], s, c)
#         all_scores.append(scores)
#     return torch.stack(all_scores, dim=1)
# ```
#
# Now `encode` returns all states $h$, of shape $(B, T_x, D_h)$, and $s_0$. The weights are `batch.alpha`, of shape
# $(B, T_y, T_x)$. Write the loop so that each step has a context of its own.
#
# <details><summary>Hint 1</summary>
#
# `batch.alpha[:, t]` are the weights of step $t$ for all sentences, $(B, T_x)$. The context of a step needs the shape
# $(B, D_h)$.
#
# </details>
# <details><summary>Hint 2</summary>
#
# A product of two batches of matrices works sentence by sentence: $(B, 1, T_x)$ times $(B, T_x, D_h)$ is $(B, 1, D_h)$.
# `.unsqueeze(1)` puts the 1 in, `.squeeze(1)` takes it out.
#
# </details>

# %%
def scores_of(model, batch):
    """model has the methods encode and step, as above. Returns scores, (B, T_y, English words)."""
    ...  # your lines here

# %%
checks.scores_of(scores_of)

# %% [markdown]
# Here is the class of lesson 1 as a whole. The three lines that differ have a mark.

# %%
class EncoderDecoder(nn.Module):
    def __init__(self, source_words, target_words, embedding=64, hidden=128):
        super().__init__()
        self.source_embedding = nn.Embedding(source_words, embedding, padding_idx=PAD)
        self.encoder = nn.GRU(embedding, hidden, batch_first=True)
        self.first_state = nn.Linear(hidden, hidden)
        self.target_embedding = nn.Embedding(target_words, embedding, padding_idx=PAD)
        self.cell = nn.GRUCell(embedding + hidden, hidden)
        self.output = nn.Linear(hidden, target_words)

    def encode(self, source, lengths):
        h, _ = self.encoder(self.source_embedding(source))  # (B, T_x, hidden)
        c = h[torch.arange(len(source)), lengths - 1]  # (B, hidden): the state after </s>
        return h, torch.tanh(self.first_state(c))  # lesson 3: h, where lesson 1 returned c

    def step(self, word_before, s, c):
        y = self.target_embedding(word_before)
        s = self.cell(torch.cat([y, c], dim=1), s)
        return self.output(s), s

    def forward(self, batch):
        h, s = self.encode(batch.source, batch.source_lengths)  # lesson 3: h, where lesson 1 had c
        all_scores = []
        for t in range(batch.target_in.size(1)):
            c = (batch.alpha[:, t].unsqueeze(1) @ h).squeeze(1)  # lesson 3: new, c of this step
            scores, s = self.step(batch.target_in[:, t], s, c)
            all_scores.append(scores)
        return torch.stack(all_scores, dim=1)  # (B, T_y, target_words)

# %% [markdown]
# The method `step` is untouched: the decoder does not know where its context comes from. So the model of lesson 1 is a
# special case. It is this class with all the weight on the last state, `</s>`, at every step:

# %%
def last_alpha(pair):
    """All the weight on the last state, at every step: the vanilla model."""
    alpha = torch.zeros(len(pair.target) + 1, len(pair.source) + 1)
    alpha[:, -1] = 1.0
    return alpha

# %% [markdown]
# Now we train this class twice, with the oracle's weights and with `last_alpha`, from the same random start. To save
# time we take sentences of at most six words, and three passes.

# %%
short = [p for p in train if len(p.source) <= 6]
source_vocab = Vocabulary.of(p.source for p in train)
target_vocab = Vocabulary.of(p.target for p in train)

def trained_with(oracle):
    torch.manual_seed(0)
    net = EncoderDecoder(len(source_vocab), len(target_vocab))
    batches = make_batches(short, source_vocab, target_vocab, 16, oracle)  # with batch.alpha
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    for n in range(3):
        for batch in random.Random(n).sample(batches, len(batches)):
            scores, right = net(batch).flatten(0, 1), batch.target_out.flatten()
            loss = nn.functional.cross_entropy(scores, right, ignore_index=PAD)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
    return net.eval()

# %%
nets = {oracle: trained_with(oracle) for oracle in (last_alpha, oracle_alpha)}

# %% [markdown]
# The helpers of this course have the same model, with the loops arranged for speed. To see that it is the same, we put
# the learned numbers of our class into it. `"given"` means that the model is given its α. `from_word` and `from_context` are
# the two halves of the cell's input matrix.

# %%
def in_helpers(net):
    """The helpers' model, with the learned numbers of ours. You need not read this."""
    theirs = new_translator(ModelConfig("given", embedding=64), recipe("oracle").training, train)
    for part in ("source_embedding", "encoder", "first_state", "target_embedding", "output"):
        getattr(theirs, part).load_state_dict(getattr(net, part).state_dict())
    from_word, from_context = net.cell.weight_ih.split([64, 128], dim=1)  # of [y; c]
    theirs.from_word.load_state_dict({"weight": from_word, "bias": net.cell.bias_ih})
    theirs.from_context.load_state_dict({"weight": from_context})
    theirs.cell.from_state.load_state_dict({"weight": net.cell.weight_hh, "bias": net.cell.bias_hh})
    return theirs.eval()

# %%
helped = {oracle: in_helpers(net) for oracle, net in nets.items()}
batch = make_batches(test[:32], source_vocab, target_vocab, 32, oracle_alpha)[0]
with torch.no_grad():
    scores, _ = helped[oracle_alpha](batch)
    assert torch.allclose(nets[oracle_alpha](batch), scores, atol=1e-4)
print("the same scores:", tuple(scores.shape))

# %% [markdown]
# So the helpers can translate for our two models. How do they do on new sentences of at most six words?

# %%
new = [p for p in test if len(p.source) <= 6]
right = [" ".join(p.target) for p in new]
table = {}
for oracle, helper in helped.items():
    table[oracle.__name__] = score(translate(helper, new, oracle=oracle), right)
pd.DataFrame(table).T[["bleu", "exact_match"]].round(1)

# %% [markdown]
# Class, training and size are the same. Only α differs. After three passes, the model with `last_alpha` has
# learned little. The model that is told where to look has learned much.
#
# ## With the right weights
#
# Now the experiment of lesson 2, with all training sentences and all lengths. The settings are those of lesson 2.
#
# **Predict.** Which BLEU do you expect of the oracle's model for each of the five lengths?

# %%
my_guess = None  # [., ., ., ., .] for 1–7, 8–15, 16–23, 24–31 and 32–39 words

# %% [markdown]
# One core trains the oracle's model. The other core trains a **control**: the same experiment, without the thing that
# is claimed to matter. Three controls get wrong weights. The fourth gets the right weights, but not the states. Choose
# one now:
#
# | control | keeps | changes | its failure would show: it is not enough … |
# |---|---|---|---|
# | `"uniform"` | all states are seen | all words have the same weight | … to see all states |
# | `"shuffled"` | the oracle's numbers | they go to random words | … to see a few states, and new ones at each step |
# | `"shifted"` | the oracle's rows, in order | each comes one step late; the first step gets the last row | … to see the right states at the wrong time |
# | `"places"` | the right weights | fixed vectors stand in place of the states | … to know the places |

# %%
control = "shifted"  # or "uniform", "shuffled", "places"

# %%
for name in ("vanilla", "oracle", control):
    chosen = recipe(name)
    size = sum(p.numel() for p in new_translator(chosen.model, chosen.training, train).parameters())
    same = chosen.training == recipe("oracle").training
    print(f"{name:8} {size:,} numbers to learn, the same training: {same}")

# %% [markdown]
# All models have one recipe. Its weight decay was chosen for a model of lesson 4; below we try other values. While you
# wait for the training, write down what the other three controls would do.

# %%
trained = fit_or_load_all([recipe("oracle"), recipe(control)], train, valid)
model, _ = trained["oracle"]

# %%
told = translate(model, test, oracle=oracle_alpha)
own = {"oracle": score_by_length(told, test)}
print("you guessed:", my_guess or "nothing", "· measured:", own["oracle"]["bleu"].round(1).tolist())

# %%
results = load_results("by_length.csv").query("split == 'test'")
title, both = "With the right weights, the fall is gone", ("bleu", "exact_match")
figure = plots.bleu_by_length(results, own, ["oracle", "vanilla"], title, both, my_guess)
plots.show(figure, alt="BLEU and exact match of the oracle's model stay near 100; vanilla falls.")

# %% [markdown]
# The points are your model with its 95 % intervals, and the thin lines are the mean of the seeds that come with the
# course. The line is flat, even in exact match, which counts a sentence only if every word of it is right.

# %%
def at_length(measure, low=32):
    """The scores of each model (columns) and seed (rows), at the length that begins with `low`."""
    return results.query("length_min == @low").pivot(index="seed", columns="model", values=measure)

exact = at_length("exact_match")
for name in ("oracle", "vanilla"):
    seeds = exact[name].dropna()
    found = f"{seeds.min():.0f} to {seeds.max():.0f} % in {len(seeds)} seeds"
    print(f"{name:8} exact match at 32–39 words: {found}")

# %% [markdown]
# A few mistakes are left. Which ones? Here are those in the shortest sentences:

# %%
new = [p for p in test if len(p.source) <= 7]
wrong = [(p, said) for p, said in zip(test, told) if p in new and said.target != p.target]
questions = [sum(p.source[-1] == "?" for p in some) for some in (new, [p for p, _ in wrong])]
print(f"{questions[0]} of the {len(new)} shortest sentences are questions.",
      f"{len(wrong)} have a mistake, and {questions[1]} of these are questions.")
for p, said in wrong:
    print("  right:", *p.target, "  written:", said)

# %% [markdown]
# In lesson 2 words were lost. Here nearly all are in place. Often only a form is wrong, such as *does* for *do*. In *do you need
# rice ?* the oracle points at क्या (kyā), which opens the question, and with less weight at the verb at the end. The form depends on
# the subject, and the state at क्या has not read it yet. The oracle says where to look. It does not say what the state there knows. Keep
# this in mind for lesson 5.
#
# ## You are the oracle
#
# Do the weights *cause* the word? Then the word must change when we change the weights and nothing else. We go to step
# $t$ with the oracle's weights, and at step $t$ we set our own.

# %%
@torch.no_grad()
def next_word(model, pair, t, weights):
    """P of each word at step t (counted from 1), if this step gets your weights: (words,)."""
    encoded, state = model.read(pair.source)  # one sentence: B = 1
    word = torch.tensor([BOS], device=encoded.h.device)
    rows = list(oracle_alpha(pair)[: t - 1]) + [weights]  # the steps before t get the oracle's
    for alpha_t in rows:
        log_p, state, _ = model.step(word, state, encoded, alpha_t.unsqueeze(0).to(word.device))
        word = log_p.argmax(dim=1)
    return log_p[0].exp().cpu()

# %% [markdown]
# **Predict.** Step 3 of our sentence writes *came*. Which word comes if all the weight is on गया (gayā, the past of
# *go*)?

# %%
my_word = None  # an English word in quotes

# %%
print("you predicted:", my_word or "nothing")
one_word = torch.eye(len(pair.source) + 1)  # row j has all the weight on word j
for word, weights in zip([*pair.source, END], one_word):
    p, best = next_word(model, pair, 3, weights).max(dim=0)
    meaning = gloss(word, pair.target) or "the end"
    print(f"all on {romanize(word):7} {meaning:12} → {model.target_vocab.words[best]} ({p:.0%})")

# %% [markdown]
# The states of the encoder, the state of the decoder and the previous word are the same in each line. Only the weights
# differ, and the word follows them. The oracle's own weights, ⅔ on आ and ⅓ on गया, give *came*.
#
# Here are 100 random steps of the test set, each with all the weight on a random word that the oracle does not point at:

# %%
rng, changed, follows = random.Random(0), 0, 0
for some in rng.sample(test, 100):
    gold, t = oracle_alpha(some), rng.randrange(len(some.target))
    j = rng.choice([j for j in range(len(some.source)) if gold[t, j] == 0])
    best = next_word(model, some, t + 1, torch.eye(len(some.source) + 1)[j]).argmax()
    word = model.target_vocab.words[best]
    changed += word != some.target[t]
    follows += word in [some.target[step] for place, step, _ in some.links if place == j]
print(f"The word changed in {changed} of 100 cases.")
print(f"In {follows} of them it became a word that belongs to the chosen Hindi word.")

# %% [markdown]
# Now you. Pull a slider, or click on a Hindi word to give it all the weight. All other steps keep the true weights. The
# sliders need a running kernel. Elsewhere, as on GitHub, you see a picture.

# %%
from helpers.widgets.be_the_oracle import BeTheOracle

BeTheOracle(model, pair, t=3)

# %% [markdown]
# Try these. The answers are folded.
#
# <details><summary>Steps 1 and 2 both have all their weight on माली (mālī, <i>gardener</i>). Why do they write different words?</summary>
#
# The context is the same. But the decoder also has its state and the previous word: at the beginning a noun needs an
# article, and after *the* comes the noun itself.
#
# </details>
# <details><summary>Give आ (ā) and गया (gayā) other shares at step 3. When does <i>came</i> become <i>went</i>?</summary>
#
# Only when most of the weight is on गया (gayā). The decoder was trained with ⅔ and ⅓, and mixtures near them give the
# same word. On the way there is a place where both words are equally likely.
#
# </details>
# <details><summary>Put all the weight on &lt;/s&gt; at step 3. What happens?</summary>
#
# The sentence ends there. So the oracle's rows also say when to stop. We come back to this.
#
# </details>
#
# In these experiments the weights cause the word. That is a stronger claim than "the model looks there", as lesson 5
# will show.

# %% [markdown]
# ### Exercise 3.4: how wrong may an oracle be?
#
# *10 minutes, medium.* Mix the oracle's weights, also called *gold* weights, with uniform ones:
# $(1-p) \cdot \text{gold} + p \cdot \text{uniform}$. The model stays as it is. Only what it is told while it translates
# gets worse. **Predict** first: at which $p$ does BLEU fall below half of what it is at $p = 0$?
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
    """(1 - p) of the gold weights and p of the uniform ones: (T_y, T_x), rows sum to 1."""
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
# <details><summary>What we got</summary>
#
# BLEU was 100 at $p = 0$ and at 0.2, 99 at 0.4, 84 at 0.6, 19 at 0.8 and 0 at 1. At $p = 0.4$ the right word has lost
# about 40 % of its weight, and BLEU is still 99. After that BLEU falls fast, although up to $p = 0.8$ the right word has
# the largest weight.
#
# </details>
#
# ## What else did the oracle tell?
#
# Look at the heatmap once more, as a sceptic. Its rows come in the order of the English words, a row for each. The last
# row points at `</s>`. A Hindi word that gives two English words has two rows.
#
# So the oracle tells more than where to look: the order, the length, and how many words each Hindi word becomes. How
# much of the flat line comes from that? Two experiments separate the parts. The first one has no network at all.

# %% [markdown]
# ### Exercise 3.5: translate without a network
#
# *20 minutes, harder.* A step of the oracle shows some Hindi words with their weights; call this its row. Two steps of different
# sentences may have the same row. In all training sentences, count for each row which English word was written, and after which English
# word. Then translate: at each step write the word with the highest count. **Predict** first: which BLEU will this table reach on sentences of 32 to 39 words?
#
# When the table translates, the previous word is the one that it wrote itself. The keys of the table are `(row, word before)`. A second key, `(row, None)`, counts the same words after any word. Use
# it when this row and this previous word never occurred together in training. If a row is new altogether, write `<unk>`.
#
# <details><summary>Hint 1</summary>
#
# `from collections import Counter, defaultdict`, and begin with `table = defaultdict(Counter)`. For each pair,
# `before = "<s>"`, and then walk over `zip(shown(pair), (*pair.target, "</s>"))`. Count with
# `table[row, before][word] += 1`, and set `before = word` at the end of each turn.
#
# </details>
# <details><summary>Hint 2</summary>
#
# To translate: `counts = table.get((row, before)) or table.get((row, None)) or Counter(["<unk>"])`, and
# `counts.most_common(1)[0][0]` is the commonest word. Stop at `</s>`.
#
# </details>

# %%
def shown(pair):
    """What the oracle shows at each step, as words with their weights; the last row is for </s>."""
    words, rows = (*pair.source, "</s>"), []
    for row in oracle_alpha(pair).tolist():
        rows.append(tuple(sorted((word, round(a, 2)) for word, a in zip(words, row) if a > 0)))
    return rows

def count_words(pairs):
    """Returns {(row, word before): Counter, (row, None): Counter}, the counts of English words."""
    ...  # your lines here; the word before the first one is "<s>", and "</s>" is counted too

def by_table(table, pair):
    """Returns a list: the commonest word of each row of shown(pair), after the word before."""
    ...  # your lines here

my_bleu = ...  # a number from 0 to 100

# %%
if checks.count_words(count_words) and checks.by_table(by_table):
    table = count_words(train)
    answers = [" ".join(by_table(table, p)) for p in test]
    checks.without_a_network(my_bleu, score_by_length(answers, test)["bleu"])

# %% [markdown]
# <details><summary>What we got</summary>
#
# The table reaches a BLEU of 77 on sentences up to 7 words, and of 92 to 94 on longer ones. Its exact match is 60 % at
# 1–7 words, 69 % at 8–23 and 42 % at 32–39. So most words need no network. Of the long sentences without a mistake, the table has 42 in
# 100, and the network about 95.
#
# </details>
#
# The second experiment has the network, and takes the states away. In the control *places* the decoder gets the same α,
# but not the states $h_j$. In their place stand fixed vectors $q_j$. Each of them says nothing but "this is place $j$":
#
# $$c_t = h_{T_x} + \sum_j \alpha_{jt} \, q_j$$

# %% [markdown]
# So this decoder is told the order, the length and every place. About the words it knows only what the one vector $h_{T_x}$
# holds. In the figure, *lookup* is such a table as you wrote in the exercise.
#
# **Predict.** Will *places* come out like the oracle, like vanilla, or between?

# %%
my_places = None  # "like the oracle", "like vanilla" or "between"

# %%
if control == "places":
    answers = translate(trained[control][0], test, oracle=oracle_alpha)
    own["places"] = score_by_length(answers, test)
    right_length = sum(len(said.target) == len(p.target) for said, p in zip(answers, test))
    print(f"{right_length} of {len(test)} translations have the right number of words")
names = ["oracle", "lookup", "places", "vanilla"]
title = "A table without a network is flat, too; the places alone did not help"
live = {name: table for name, table in own.items() if name in names}
figure = plots.bleu_by_length(results, live, names, title, both)
plots.show(figure, alt="In BLEU the lookup table is nearly as high and flat as the oracle, and "
           "in exact match it is far lower. Places falls like vanilla.")

# %%
print("you predicted:", my_places or "nothing")
for measure in ("bleu", "exact_match"):
    means = at_length(measure)[names]
    found = [f"{name} {means[name].mean():.0f} ({means[name].count()})" for name in names]
    print(f"{measure:12} at 32–39 words:", *found, sep="  ")
print("in brackets: how many seeds there are; the table needs no random start")

# %% [markdown]
# The BLEU of the table hardly falls with the length. So the oracle's rows, together with the Hindi words that they point at, are enough
# for a flat line in BLEU. Exact match shows what the network adds to this table, which
# remembers one English word.
#
# The line *places* is the opposite: it falls like the vanilla model, and is even a little below it. To know *where* did not help this decoder, which may
# not look there. It does not follow that it never can. We tried one form only: fixed vectors $q_j$ that are added to $h_{T_x}$.

# %% [markdown]
# ## Is it the weights, or just more input?
#
# A sceptic says: "The vanilla model gets one state. Yours gets a mixture of all states, a new one at every step.
# Perhaps any mixture helps." Three controls answer. Only their weights are wrong. The columns are again *gardener*,
# *Mumbai*, *from*, *come*, the past of *go*, and the full stop.

# %%
oracles = {"oracle": oracle_alpha, "uniform": uniform_alpha}
oracles |= {"shuffled": shuffled_alpha, "shifted": shifted_alpha}
figure, axes = plt.subplots(1, 4, figsize=(12, 2.9), sharey=True, layout="constrained")
for ax, (name, who) in zip(axes, oracles.items()):
    told_now = SoftAlignment.of(pair, who(pair))
    plots.heatmap(told_now, name, ax, numbers=False, bar=False, glosses=False)
    ax.set(xlabel="", ylabel="")
plots.show(figure, alt="Four heatmaps of one sentence: the oracle's; uniform, one colour; "
           "shuffled, the same numbers at random words; shifted, the oracle's rows one row lower.")

# %% [markdown]
# What does each decoder see? A state with the weight 0 is not seen. The code below counts the states that a step mixes,
# and the different mixtures in a sentence.

# %%
for name, who in oracles.items():
    rows = [who(p) for p in test]
    mixes = torch.cat([(row > 0).sum(dim=1).float() for row in rows]).mean()
    different = sum(len(row.unique(dim=0)) for row in rows) / len(rows)
    print(f"{name:9} {mixes:4.1f} states at a step, {different:4.1f} contexts in a sentence")

# %% [markdown]
# *Shuffled* and *shifted* show as few states as the oracle, but the wrong ones. *Uniform* mixes all states, and the
# mixture is the same at every step: it is one vector again.
#
# **Predict.** Put the three in order, the best first. Can *shifted* be any good? At step $t$ it is shown what step
# $t-1$ needed.

# %%
my_order = None  # such as ["uniform", "shuffled", "shifted"]

# %%
if control != "places":
    answers = translate(trained[control][0], test, oracle=recipe(control).oracle)
    own[control] = score_by_length(answers, test)
names = ["oracle", "uniform", "shuffled", "shifted", "vanilla"]
live = {name: table for name, table in own.items() if name in names}
figure = plots.bleu_by_length(results, live, names, "No control comes near the oracle", both)
plots.show(figure, alt="Uniform and shuffled fall with the length as vanilla does. Shifted is far "
           "below the oracle at all lengths, and does not fall beyond 15 words.")

# %%
bleu = at_length("bleu")
print("you predicted:", my_order or "nothing", "· BLEU at 32–39 words:")
for name in ("uniform", "shuffled", "shifted"):
    seeds = bleu[[name, "oracle", "vanilla"]].dropna()
    below, above = (seeds[name] < seeds["oracle"]).sum(), (seeds[name] > seeds["vanilla"]).sum()
    print(f"{name:9} {seeds[name].mean():.0f} in the mean;",
          f"below the oracle in {below} of {len(seeds)} seeds, above vanilla in {above}")

# %% [markdown]
# So the right states must come at the right steps. (How exact must a step be? Exercise 3.6 tries one.) *Uniform* and *shuffled* fall with the length, as
# vanilla does, and are below it from 8 words on; why, we did not test. *Shifted* keeps some BLEU in long sentences, but its exact match there is 0.
#
# Would *uniform* or vanilla do better with a recipe of its own? Here are other weight decays and learning rates, one
# seed each: BLEU at 32–39 words. The models of all figures have decay 0.2 and rate 0.012.

# %%
seed_0, names = bleu.loc[0], ["oracle", "uniform", "vanilla"]
sweep = {}
for d in (0.01, 0.1, 0.2, 0.4):
    sweep[f"decay {d}"] = [seed_0.get(n if d == 0.2 else f"{n}, decay {d}") for n in names]
for rate in (0.003, 0.006, 0.024):
    sweep[f"rate {rate}"] = [None, None, seed_0.get(f"vanilla, rate {rate}")]
pd.DataFrame(sweep, names, dtype=float).T.round(1).astype(object).fillna("")

# %% [markdown]
# With all settings that we tried, *uniform* and vanilla stay far from the oracle, and none is clearly better for them than
# ours. For *uniform* we tried no other rate, and for the other three controls nothing.
#
# ## Why is *shifted* not so bad?
#
# Call the Hindi word that a step needs its *needed* word. *Shifted* shows each step the needed word of the step before. Yet
# its BLEU is lowest at 8–23 words and then rises again, and in the longest sentences it is above vanilla. Why it rises, we do not know. Look at the heatmap above: in the row *gardener* it is shown
# माली, by luck, because *the* needed the same word.
#
# And there is a second reason. A state is not a word: $h_j$ also knows something of the words before word $j$.

# %% [markdown]
# So we ask for each content word of the long sentences: how far is its needed word from the words that the step is shown? It may be shown itself. It may stand one to four places before a shown word, and then the shown
# state has just read it. Or it stands elsewhere.

# %%
def where(needed, row):
    """Where the needed Hindi word stands, as seen from the words with a weight in this row."""
    places = row.nonzero().flatten()
    if needed in places:
        return "it is shown"
    return "1 to 4 places before" if any(0 < j - needed <= 4 for j in places) else "elsewhere"

def seen_from(who, p):
    """For each step that writes a content word: where its Hindi word stands, if `who` tells."""
    content = [t for t, word in enumerate(p.target) if word_class(word) == "content"]
    gold, told = oracle_alpha(p), who(p)
    return {t: where(gold[t].argmax(), told[t]) for t in content}

# %%
long = [p for p in test if len(p.source) >= 24]
shares = {}
for name in ("shuffled", "shifted"):
    places = pd.Series([place for p in long for place in seen_from(oracles[name], p).values()])
    shares[f"{name}, %"] = 100 * places.value_counts(normalize=True)
pd.DataFrame(shares).round()

# %% [markdown]
# With *shifted*, the needed word is shown or stands closely before about twice as often as with *shuffled*. Does the model
# use it? We give it the right previous words, and count how often it writes the right content word next.

# %%
net, who, found = trained[control][0], recipe(control).oracle, []
for p in long:
    best = forced(net, p.source, (*p.target, END), who(p))[0].argmax(dim=1)
    said = [net.target_vocab.words[i] for i in best]
    found += [(place, said[t] == p.target[t]) for t, place in seen_from(who, p).items()]

print("the control is", control)
table = pd.DataFrame(found, columns=["the needed word", "right, %"])
counts = table.groupby("the needed word")["right, %"]
pd.DataFrame({"content words": counts.size(), "right, %": 100 * counts.mean()}).round()

# %% [markdown]
# The table is about the control that you chose. With *shifted*, the model is nearly always right where a shown state has just read the
# needed word, even if that word itself is not shown. So it can read a word out of a later state, or these words are easier to guess. **A state is not a word.**
#
# In the row *elsewhere* it is right less often, but far more often than never. Some of these words can be guessed from the right previous
# words, and a state has read more than the last four words. We did not separate the two. And when the model must read its own words, it is right far
# less often than here: its BLEU says so.

# %% [markdown]
# ### Exercise 3.6: one step early
#
# *10 minutes, some of it waiting, medium.* *Shifted* gives each step the weights of the step *before*. Now give each
# step those of the step *after*. The last step gets the first row. **Predict** first: will the trained model be like
# the oracle, or like *shifted*?
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
    """The oracle's α, each row one step early. Returns (T_y, T_x)."""
    ...  # your line here

my_early = ...  # "like the oracle" or "like shifted"

# %% [markdown]
# To try it, train with your function as the oracle. `fit_short` follows a recipe on short sentences only. It takes less
# than a minute for each oracle. So short a training gives lower numbers than the figure above, for all three.

# %%
from dataclasses import replace

from helpers.evaluation import bleu
from helpers.recipes import fit_short


def bleu_if_told(oracle):
    """Train on short sentences with weights from `oracle`; returns BLEU on short test sentences."""
    told, _, some = fit_short(replace(recipe("oracle"), name=oracle.__name__, oracle=oracle))
    return bleu(translate(told, some, oracle=oracle), [" ".join(p.target) for p in some])

# %%
if checks.early(early):
    three = [bleu_if_told(oracle) for oracle in (oracle_alpha, early, shifted_alpha)]
    checks.early_or_late(my_early, *three)

# %% [markdown]
# <details><summary>What we got</summary>
#
# *Early* is much more like the oracle: BLEU 87, against 95 for the oracle and 37 for *shifted*. What comes a step early
# can be kept in the decoder's state. What comes a step late comes after the word was written.
#
# </details>
# <details><summary>A control of your own: what would you keep, what would you change, and what would its result rule out?</summary>
#
# For example: keep the rows, and put them in a random order. Then all the right states are shown, each once, at the
# wrong steps. If that fails, it rules out that the right states are enough in any order. Or show the word's vector
# $x_j$ in place of $h_j$: that asks whether the state adds anything to the word.
#
# </details>
#
# ## One long sentence
#
# Here is the sentence with which lesson 1 began. Words in brackets are lost.

# %%
vanilla = load(recipe("vanilla"), train, valid)  # it is there if lesson 2 was run on this computer
p = hero(test)
print("right:  ", *p.target)
if vanilla is not None:
    print("vanilla:", with_losses(p.target, translate(vanilla, [p])[0].target))
print("oracle: ", with_losses(p.target, translate(model, [p], oracle=oracle_alpha)[0].target))

# %% [markdown]
# Step through it. Move the slider, press the arrow keys, or click on a row. At each step you see the weights, the
# context that they make, and the next words. Where a page may not run scripts, as on GitHub, you see a picture of one
# step.

# %%
from helpers.widgets.explorer import attention_explorer

attention_explorer(model, hero(test), oracle=oracle_alpha)

# %% [markdown]
# The rows do not follow the diagonal. At *eat* the oracle jumps to खाएँगी (khāẽgī, *will eat*) at the end of the Hindi
# clause, and for the next words it comes back. At *tomorrow* it points at two places: कल (kal) is *yesterday* or
# *tomorrow*, and the verb tells which.

# %% [markdown]
# ## Exercises
#
# | | what | minutes | level |
# |---|---|---|---|
# | 3.1 | be the oracle | 10 | medium |
# | 3.2 | from the context to the weights | 5 | easy |
# | 3.3 | put α into the loop | 10 | medium |
# | 3.4 | how wrong may an oracle be? | 10 | medium |
# | 3.5 | translate without a network | 20 | harder |
# | 3.6 | one step early | 10, some of it waiting | medium |
#
# Each stands right after what it practises. [The solutions](solutions/03_oracle_attention.ipynb) explain the way.

# %% [markdown]
# ## Quiz
#
# Click on the answer that you would give: it says why it is right or wrong.

# %% [markdown]
# **1.** In the heatmap, what must sum to 1?
#
# <details><summary>Each row: the weights of all Hindi words for one English word.</summary><p>✓ Right. At each step there is a weight of 1 in all, and the Hindi words share it.</p></details>
# <details><summary>Each column: the weights of one Hindi word over all steps.</summary><p>✗ No. A Hindi word may be used at several steps, or at none.</p></details>
# <details><summary>All numbers of the picture together.</summary><p>✗ No. Each step has a weight of 1 of its own, so the whole picture sums to the number of steps.</p></details>

# %% [markdown]
# **2.** An English word has two possible links and no sure one. Which weights do the two Hindi words get?
#
# <details><summary>½ and ½</summary><p>✓ Right. Both count ½, and ½ divided by the sum of 1 is ½.</p></details>
# <details><summary>¼ and ¼, since each of them is only possible</summary><p>✗ No. Each row is divided by its own sum, so it sums to 1. The ½ of a possible link matters only beside a sure one.</p></details>
# <details><summary>1 and 1, since each is divided by itself</summary><p>✗ No. They are divided by the sum of the row, which is 1 here, and a row cannot sum to 2.</p></details>

# %% [markdown]
# **3.** Three states are <i>h</i><sub>1</sub> = (6, 0), <i>h</i><sub>2</sub> = (0, 6) and <i>h</i><sub>3</sub> = (0,
# 0). Which of these points can be a context?
#
# <details><summary>(4, 4)</summary><p>✗ No. It lies outside of the triangle, beyond the line from (6, 0) to (0, 6). It would need the weights ⅔ and ⅔.</p></details>
# <details><summary>(7, 0)</summary><p>✗ No. It would need a weight of 7/6 on the first state, and a weight is at most 1.</p></details>
# <details><summary>(1, 2)</summary><p>✓ Right. It lies in the triangle: the weights are 1/6, 2/6 and 3/6.</p></details>
# <details><summary>All three, with the right weights</summary><p>✗ No. Weights between 0 and 1 that sum to 1 reach the points of the triangle only.</p></details>

# %% [markdown]
# **4.** The table of counts has no network, and its BLEU hardly falls with the length. What does that show?
#
# <details><summary>A translator does not need to read a sentence in order.</summary><p>✗ No. The oracle has read both sentences, and it gives its rows in the order of the translation.</p></details>
# <details><summary>Part of what the oracle's model does well is told by the rows: order, length, and the Hindi word of each step.</summary><p>✓ Right. That is why BLEU alone says too much for the network. Exact match shows what it adds.</p></details>
# <details><summary>The oracle's model has learned nothing but such a table.</summary><p>✗ No. Its exact match is far above the table's, so it knows more than the table does.</p></details>

# %% [markdown]
# **5.** *Uniform* mixes all states at every step, and its BLEU falls with the length as vanilla's does. Why?
#
# <details><summary>The weights of 1/<i>n</i> are too small for a long sentence, so the context is nearly 0.</summary><p>✗ No. A long sentence has more of them, so they sum to 1 as in a short one.</p></details>
# <details><summary>It was trained with a recipe that suits the oracle's model.</summary><p>✗ No. All have the same recipe, and the other weight decays that we tried do not change the picture.</p></details>
# <details><summary>It has the same context at every step: one vector for the whole sentence.</summary><p>✓ Right. The mixture changes from sentence to sentence, but not from step to step.</p></details>

# %% [markdown]
# ## What we measured, and what we did not show
#
# - With the right weights the fall is gone, with the same recipe and as many numbers to learn. With wrong weights BLEU
#   is far lower.
# - Part of that is told by the oracle's rows: the order, the length, and the Hindi word for each step. A table of
#   counts gets nearly as far in BLEU from 8 words on.
# - To be told the places and not shown the states did not help here.
#
# We did not show that such weights can be *had* by somebody who has not read the answer. That is the question of lesson
# 4.
#
# **To read next**
#
# - Och, Ney: *A Systematic Comparison of Various Statistical Alignment Models* (2003), sure and possible links.
# - Mi, Wang, Ittycheriah: *Supervised Attentions for Neural Machine Translation* (2016), training with given alignments.
# - Luong, Pham, Manning: *Effective Approaches to Attention-based Neural Machine Translation* (2015).
#
# **Next:** [04 There is no oracle. Can α be learned?](04_learned_attention.ipynb)
