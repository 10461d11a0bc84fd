# %% [markdown]
# # Can one vector carry a sentence?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/01_encoder_decoder.ipynb)
#
# **Lesson 1 of 8** · about 110 minutes with the exercises, 2 minutes to run · two CPU cores are enough ·
# you should have met PyTorch tensors, and a recurrent network once. You need no Hindi.
# Every term is in the [glossary](../docs/glossary.md#terms).

# %% [markdown]
# **After this lesson you can**
#
# 1. write the encoder and the decoder of a translator, as equations and as code, and draw the one vector between them;
# 2. say what the decoder is given in training and in translating, and work out the loss of a sentence by hand;
# 3. say what gates are for; exchange the cells of a model, and say what this shows and what it does not show.
#
# The first cell fetches the course. You need not read it.

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
from IPython.display import display
from torch import nn

from helpers import plots
from helpers.batching import make_batches
from helpers.corpus.build import sample_pairs
from helpers.corpus.pairs import hero, load_split
from helpers.drawings import machine
from helpers.evaluation import bleu, score, with_losses
from helpers.models import ModelConfig
from helpers.vocabulary import BOS, EOS, PAD, Vocabulary

# %% [markdown]
# ## Read it once, close the book
#
# Here is a Hindi sentence. Below each word stands its sound in Latin letters, and then its **gloss**: what the word means, in English.
# Hindi often makes one verb of two words: *buy* and *will take* together mean *will buy*. Read the glosses once, from left to right.

# %%
train, valid, test = (load_split(name) for name in ("train", "valid", "test"))
story = hero(test)
glosses = plots.gloss_table(story)
display(glosses.iloc[:, :13], glosses.iloc[:, 13:])

# %% [markdown]
# Now look away from the table, and write the sentence down in good English. Then compare it with the right translation.

# %%
print("right:", *story.target)

# %% [markdown]
# Which words did you lose? You probably wanted to look at the table again. Early neural translators, such as that of Sutskever and
# others (2014), could not look again, either. They read a sentence once, kept one vector of numbers, and wrote the translation from it.
#
# Everything that the translation says must pass through this one vector. So the vector is called the **bottleneck**. How much can pass through it?

# %% [markdown]
# **Where the eight lessons go.** In this lesson you build such a translator, for short sentences. In lesson 2 it meets long sentences, and
# you measure what gets lost. In lesson 3 an oracle tells it where to look. In lesson 4 it learns by itself where to look: this is
# *learned* **attention**. In lesson 5 it reads in both directions, and in lesson 6 it meets sentences that people wrote. In lesson 7 attention does
# all the work, and the translator becomes a Transformer. In lesson 8 you find out what is wrong with twelve broken ones.

# %% [markdown]
# This drawing is the machine of today, with a short sentence in it. It will grow from lesson to lesson. The letters on it get their
# meaning further below.

# %%
example = next(p for p in test if " ".join(p.target) == "the farmer will sell three flowers .")
sizes = ModelConfig("none", embedding=64, hidden=128)
plots.show(*machine(example, sizes, title="Hindi words, states, one vector, states, English words"))

# %% [markdown]
# The upper half is the **encoder**: it reads the Hindi words. The lower half is the **decoder**: it writes the English words, one after the other. Between them there
# is one box, the bottleneck. We now build each part, from top to bottom.

# %% [markdown]
# ## The task
#
# We translate Hindi into English. The sentences come from a small program that belongs to the course. It knows some rules of grammar, and writes a Hindi sentence, its English
# translation, and a list of **links**: which word belongs to which.

# %%
title = "The Hindi verb comes last, the English verb after the subject"
plots.show(
    plots.alignment_picture(example, title, stress=3),  # the fourth word: becegā, will sell
    alt=f"Lines from {' '.join(example.source)} to the English words; the verb's cross others.",
)

# %% [markdown]
# Lines cross, so a translator cannot go from word to word. It has to reorder. A solid line is a **sure link**: the two words translate each other. A dotted line is a
# **possible link**: it leads to a small word, such as *the* or *will*, that has no Hindi word of its own.
#
# <details><summary>How to read the Latin letters, if you like</summary>
#
# A bar makes a vowel long: ā, ī, ū. A tilde sends a vowel through the nose: ã. A dot below a consonant, as in ṭ, is spoken with the tip of the tongue turned back. *c* is said as in *church*, *ś* and *ṣ* as *sh*.
# An *h* after a consonant is a puff of air.
#
# </details>

# %% [markdown]
# ## Words become numbers
#
# A network takes numbers. So each language gets a **vocabulary**: a table that gives each word a number. We learn from sentences of at most ten Hindi words; the full stop counts as one. The course has some of them, and the grammar
# writes more until there are 6,000. This takes about ten seconds.

# %%
few = [p for p in train if len(p.source) <= 10]
more = sample_pairs(6000 - len(few), longest=10, without=few + valid + test)
short = few + more
source_vocab = Vocabulary.of(p.source for p in short)
target_vocab = Vocabulary.of(p.target for p in short)
print(f"{len(few):,} + {len(more):,} = {len(short):,} sentence pairs")
print(f"{len(source_vocab)} Hindi words, {len(target_vocab)} English words")

# %%
print(example.source, "→", source_vocab.encode(example.source))
print("the first numbers:", dict(enumerate(source_vocab.words[:4])))

# %% [markdown]
# Four entries of the table are no words. `<pad>` fills up short sentences, `<unk>` stands for unknown words, `<s>` starts a translation, and
# `</s>` ends a sentence. Each Hindi sentence gets a `</s>`, too.

# %% [markdown]
# ## The encoder
#
# The encoder reads one word after the other and keeps a **state**, a vector of numbers. The new state $h_j$ depends on the state before, $h_{j-1}$, and on the
# current word, $x_j$. The small $j$ counts the Hindi words:
#
# $$h_j = \tanh(W h_{j-1} + U x_j + b)$$
#
# The vocabulary gave each word a number. A table, the **embedding**, has a vector for each of these numbers. So $x_j$ is a vector, of
# $D_x$ numbers.
#
# The state has $D_h$ numbers. So the matrix $W$ has the shape $(D_h, D_h)$, the matrix $U$ has the shape $(D_h, D_x)$, and $b$ is a
# vector of $D_h$ numbers. The embedding, $W$, $U$ and $b$ are **parameters**: numbers that the model learns. The first state, $h_0$, is
# all zeros. The tanh keeps every number between −1 and 1.

# %% [markdown]
# First an example that we can follow with a pencil: three words of two numbers each, and states of two numbers. The parameters are given.

# %%
x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
W = torch.tensor([[0.5, 0.0], [0.0, 0.5]])
U = torch.tensor([[1.0, 0.0], [0.0, -1.0]])
b = torch.tensor([0.0, 0.1])

h = torch.zeros(2)
for j, x_j in enumerate(x, start=1):
    h = torch.tanh(W @ h + U @ x_j + b)
    print(f"h_{j} = {h.numpy().round(3)}")

# %% [markdown]
# Check the first number of $h_2$ with a calculator: $\tanh(0.5 \cdot 0.7616 + 1 \cdot 0) = \tanh(0.3808) = 0.363$. The first word
# is still in this number, but $W$ halved it. Every further word halves it again, and the tanh leaves still less. At the end of the
# lesson, this will matter.
#
# PyTorch has the same loop built in. It keeps two biases, one beside $W$ and one beside $U$; we set the second one to 0. In the
# names, `hh` means from state to state, and `ih` from word to state.

# %%
rnn = nn.RNN(2, 2, batch_first=True)
with torch.no_grad():
    rnn.weight_hh_l0.copy_(W)
    rnn.weight_ih_l0.copy_(U)
    rnn.bias_hh_l0.copy_(b)
    rnn.bias_ih_l0.zero_()
    states, last = rnn(x.unsqueeze(0))
assert torch.allclose(states[0, -1], h) and torch.allclose(last[0, 0], h)
print("nn.RNN gives the same last state:", last[0, 0].numpy().round(3))

# %% [markdown]
# One step of this loop is called a **cell** (the boxes of a notebook have the same name), and the cell with the tanh is a plain **RNN**, a recurrent neural network. Our translator will have another cell, the
# **GRU**. It is used in the same way: word and state go in, the next state comes out. We open it at the end, when we have seen why it is needed.

# %% [markdown]
# ### Exercise 1.1: the encoder step
#
# *5 minutes, easy.* Write one step of the plain RNN for a whole batch of sentences. Each row of `x` is the current word of another sentence,
# and each row of `h` is the state of this sentence. B is the number of sentences in the batch. No loop is needed.
#
# The cell below your code checks your answer, and says what is wrong. Nothing later depends on an exercise, so you may skip it.
#
# <details><summary>Hint 1</summary>
#
# For one sentence it is `torch.tanh(W @ h + U @ x + b)`. In a batch the vectors are rows, and rows stand to the left of the matrix.
#
# </details>
# <details><summary>Hint 2</summary>
#
# For a column we write $W h$. For rows we write `h @ W.T`. The bias is added to every row by itself.
#
# </details>

# %%
def encoder_step(x, h, W, U, b):
    """x: (B, D_x), h: (B, D_h), W: (D_h, D_h), U: (D_h, D_x), b: (D_h,). Returns h_j, (B, D_h)."""
    ...  # your line here

# %%
from helpers.exercises import lesson_01 as checks

checks.encoder_step(encoder_step)

# %% [markdown]
# <details><summary>What we got</summary>
#
# One line, with two matrix products. `h @ W` without the `.T` runs as well, because $W$ is square, and it gives wrong numbers. So a comparison with `nn.RNNCell` is worth the time.
#
# </details>

# %% [markdown]
# ## One box
#
# The last state has read everything. It is called the **encoding vector**; in our drawing it is the box. The decoder gets nothing else. It has the same size for a sentence of five words
# and for the sentence that you read at the beginning:

# %%
plots.show(*machine(story, sizes, title=f"{len(story.source)} words and </s>: the box is the same"))

# %% [markdown]
# Both drawings have 128 numbers in the box. Whatever the decoder has to know must be in there: which words the sentence has, who does what,
# the tense, and the order.

# %% [markdown]
# ## The decoder
#
# The decoder has states, too: $s_0, s_1, s_2, \dots$ It writes one word a step, and the
# small $t$ counts these steps. Here it is at step 3, where it writes *will*. Of the
# arrows into its states, only those of this step are dark.

# %%
plots.show(*machine(example, sizes, t=3, title="Step 3: three arrows go into the state"))

# %% [markdown]
# Three arrows go into the state $s_3$. One comes from the state before, $s_2$. One comes from the box: this is the **context** $c$, what the decoder knows of the Hindi sentence. In
# this lesson the context is the encoding vector, at every step. From lesson 3 on, each step will have a context of its own. And the first state is made of it as well:
#
# $$c = h_{T_x} \qquad s_0 = \tanh(W_s c + b_s)$$
#
# $T_x$ is the number of Hindi words with `</s>`. $W_s$ and $b_s$ are learned.

# %% [markdown]
# The dotted arrow is the previous English word, $y_{t-1}$; at the first step it is `<s>`. It goes in as a vector, from an embedding of
# its own.
#
# $$s_t = \mathrm{GRU}([y_{t-1}; c],\; s_{t-1})$$
#
# $[y_{t-1}; c]$ means that the two vectors are put end to end. In code this is `cell(torch.cat([y, c], dim=1), s)`.

# %% [markdown]
# From the state the decoder computes one score for each English word, and the **softmax** turns the scores into probabilities:
#
# $$P(y_t) = \mathrm{softmax}(W_o s_t + b_o)$$
#
# So $P(y_t)$ has a number for each English word: the probability that it comes next, after the Hindi sentence and the previous English words. The softmax takes $e^{\text{score}}$ for each word, and divides by the sum. Here are three words in place of all English words:

# %%
words, scores = ["sell", "buy", "flowers"], torch.tensor([2.0, 1.0, 0.0])
probabilities = scores.exp() / scores.exp().sum()
for word, p in zip(words, probabilities):
    print(f"{word:8} {p:.3f}")

# %% [markdown]
# ### Exercise 1.2: the decoder step
#
# *10 minutes, medium.* Write one step of the decoder for a batch. You get three parts of the model: `embedding` turns word numbers into vectors, `cell` is a GRU cell, `output` turns
# states into scores. Return the scores and the new state. The softmax is not part of the step.
#
# <details><summary>Hint 1</summary>
#
# Three lines: the vector of the previous word, the new state, the scores of the new state.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.cat([y, c], dim=1)` puts the vectors of each row end to end, and `cell(…, s)` takes this as its first argument.
#
# </details>

# %%
def decoder_step(word_before, s, c, embedding, cell, output):
    """word_before: (B,), s: (B, D_h), c: (B, D_h). Returns scores (B, words) and s_t (B, D_h)."""
    ...  # your lines here

# %%
checks.decoder_step(decoder_step)

# %% [markdown]
# <details><summary>What we got</summary>
#
# The three lines of the method `step` in the class below. The scores come from the *new* state: only this one has taken in the previous word.
#
# </details>

# %% [markdown]
# ## The whole model
#
# The model takes a whole **batch** of sentence pairs at once. Let us look at one before we write the class.

# %%
batches = make_batches(short, source_vocab, target_vocab, batch_size=32)
batch = next(b for b in batches if b.source.size(1) == 7 and b.target_out[0, -1] == PAD)
print("source    ", tuple(batch.source.shape), "  lengths", batch.source_lengths.tolist()[:5], "…")
print("target_in ", tuple(batch.target_in.shape))
print("target_out", tuple(batch.target_out.shape))

# %%
print("source:    ", *[source_vocab.words[i] for i in batch.source[0]])
print("target_in: ", *[target_vocab.words[i] for i in batch.target_in[0]])
print("target_out:", *[target_vocab.words[i] for i in batch.target_out[0]])

# %% [markdown]
# A row is a sentence. The lengths count `</s>`, and not the padding. `make_batches` puts sentences of similar length together, so there is little padding. `target_out` holds the words that the decoder should
# write. `target_in` holds the same words moved one place on, with `<s>` in front: at each step, the right *previous*
# word. $T_y$ is the number of English words with `</s>`.

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
        return c, torch.tanh(self.first_state(c))  # the context, and s_0

    def step(self, word_before, s, c):
        y = self.target_embedding(word_before)
        s = self.cell(torch.cat([y, c], dim=1), s)
        return self.output(s), s

    def forward(self, batch):
        c, s = self.encode(batch.source, batch.source_lengths)
        all_scores = []
        for t in range(batch.target_in.size(1)):
            scores, s = self.step(batch.target_in[:, t], s, c)
            all_scores.append(scores)
        return torch.stack(all_scores, dim=1)  # (B, T_y, target_words)

# %% [markdown]
# You find each equation again. `nn.Linear` is a matrix and a bias, and `padding_idx` gives `<pad>` a vector of zeros that is not learned. The line that
# makes `c` takes from each sentence the state at its own last place.

# %% [markdown]
# Look at `forward`: at step $t$ the decoder is given the right previous word, whatever it would have written itself. This is **teacher forcing**.
# A model of this kind, with nothing added, is called **vanilla**.

# %%
torch.manual_seed(0)
model = EncoderDecoder(len(source_vocab), len(target_vocab))
assert model(batch).shape == (*batch.target_out.shape, len(target_vocab))
print(f"{sum(p.numel() for p in model.parameters()):,} numbers to learn")
print("scores of the batch:", tuple(model(batch).shape))

# %% [markdown]
# ## Translating
#
# When the model translates a new sentence, there is no teacher. **Greedy decoding** takes the word with the highest score and gives it to the next step as the
# previous word. It goes on until the model writes `</s>`.

# %%
@torch.no_grad()
def greedy(model, words, longest=30):
    numbers = torch.tensor([source_vocab.encode(words)])
    c, s = model.encode(numbers, torch.tensor([numbers.size(1)]))
    word, translation = torch.tensor([BOS]), []
    while len(translation) < longest:
        scores, s = model.step(word, s, c)
        word = scores.argmax(dim=1)
        if word.item() == EOS:
            break
        translation.append(target_vocab.words[word.item()])
    return translation

# %%
print("right:", *example.target)
print("untrained model:", *greedy(model, example.source))

# %% [markdown]
# ## Training
#
# The untrained model knows nothing. To train it, we need one number that says how wrong it is: the **loss**. For one word, the loss is $-\ln p$, where $p$ is the
# probability of the right word. Take the three probabilities from above:

# %%
for word, p in zip(words, probabilities):
    print(f"if {word!r} is right, the loss is -ln {p:.3f} = {-p.log():.2f}")

# %% [markdown]
# If the model is sure and right, the loss is 0. If it gives each of 440 words the same probability, the loss is $\ln 440$. The loss of
# a sentence is the mean over its steps, and padding does not count. This loss is called **cross-entropy**.

# %% [markdown]
# ### Exercise 1.3: the loss of a sentence
#
# *10 minutes, medium.* Work out the loss of a sentence from its scores. Row $t$ of `scores` has the scores of all words at step $t$, and `right[t]` is the number of the
# right word. Do it without `cross_entropy`.
#
# <details><summary>Hint 1</summary>
#
# First the softmax of each row: `torch.softmax(scores, dim=1)`. Then take one probability from each row.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `probabilities[t, right[t]]` is the one for step `t`. Add up `-torch.log(…)` in a loop, and divide by the number of steps.
#
# </details>

# %%
def sentence_loss(scores, right):
    """scores: (T_y, words), right: (T_y,) numbers of words. Returns the loss, a single number."""
    ...  # your lines here

# %%
checks.sentence_loss(sentence_loss)

# %% [markdown]
# <details><summary>What we got</summary>
#
# The same number as `cross_entropy`. If the three rows of a sentence give their right words the probabilities 0.5, 0.5 and 1, the loss is $(0.693 + 0.693 + 0) / 3 = 0.462$.
#
# </details>
#
# PyTorch's `cross_entropy` takes the scores, applies the softmax itself, and returns the mean of $-\ln p$ over all words of the batch.
# For this, `flatten` puts all steps of all sentences into one long list, and `ignore_index` leaves the padding out.

# %%
def loss_of(model, batch):
    scores = model(batch)
    right = batch.target_out
    return nn.functional.cross_entropy(scores.flatten(0, 1), right.flatten(), ignore_index=PAD)

print(f"untrained: {loss_of(model, batch).item():.2f}")
print(f"no idea:   {torch.tensor(len(target_vocab)).log().item():.2f}")

# %% [markdown]
# Now the training loop. It takes a batch, works out the loss, and changes every parameter a little in the direction that makes the loss smaller. When all batches
# were used once, this is one **pass**; other books say *epoch*.

# %%
import random

def train_model(net, batches, report, passes=8):
    """Train; `report` gets a line of text after each pass. Returns the model and its losses."""
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.2)
    steps = passes * len(batches)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    rng, losses = random.Random(0), []
    for n in range(1, passes + 1):
        total = 0.0
        for batch in rng.sample(batches, len(batches)):  # in a new order
            loss = loss_of(net, batch)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        losses.append(total / len(batches))
        report(f"pass {n:2}: loss {losses[-1]:.2f}")
    return net, losses

# %% [markdown]
# Four names need an explanation. `AdamW` does the changing; it is a common kind of gradient descent, with a step size of its own for each parameter. `OneCycleLR` lets the step size, also called learning rate, rise at first and then fall to 0. `clip_grad_norm_` shortens a step that would be too long, so that no single batch
# changes the model too much. `weight_decay` pulls all parameters a little towards 0. It is meant to keep a model from learning its sentences by heart.

# %% [markdown]
# **Predict.** After eight passes, what part of *new* short sentences will the model translate without any mistake? Write a number before you run on.

# %%
my_guess = None  # percent

# %% [markdown]
# After each pass we print the loss and the model's translation of our example. The model never trains on this sentence.

# %%
def show_progress(line):
    print(line, "  ", *greedy(model, example.source))

print("right:          ", "  ", *example.target)
model, losses = train_model(model, batches, show_progress)

# %% [markdown]
# At first the model writes frequent words in an English order. The right words come later, one after the other. Yours may come in another order than ours.

# %% [markdown]
# ## The answer
#
# The sentences of the test set are new to the model. Here are five of the short ones.

# %%
new = [p for p in test if len(p.source) <= 10]
for pair in new[::26]:
    answer = tuple(greedy(model, pair.source))
    print("right:", *pair.target)
    print("model:", *answer, "" if answer == pair.target else "  ✗")

# %% [markdown]
# How good is a translation that is not quite right? **BLEU** counts how many runs of one, two, three and four words it shares with the right translation. Let us do
# it for six words:

# %%
right = "the farmer will sell three flowers".split()
written = "the farmer will sell two flowers".split()

def runs(words, n):
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

product = 1.0
for n in (1, 2, 3, 4):
    shared = [run for run in runs(written, n) if run in runs(right, n)]
    print(f"runs of {n}: {len(shared)} of {len(runs(written, n))}")
    product *= len(shared) / len(runs(written, n))
by_sacrebleu = bleu([" ".join(written)], [" ".join(right)])
print(f"BLEU by hand {100 * product ** (1 / 4):.1f}, by sacrebleu {by_sacrebleu:.1f}")

# %% [markdown]
# The four shares are multiplied, and the fourth root is taken. One wrong word of six costs almost half of the BLEU. For many sentences, the runs of all sentences are counted together. A translation
# that is too short loses points as well. The result goes from 0 to 100.
#
# The second measure is simpler: **exact match** is the share of sentences without any mistake.

# %%
def translations(net, pairs):
    return [" ".join(greedy(net, p.source)) for p in pairs]

def english(pairs):
    return [" ".join(p.target) for p in pairs]

found = score(translations(model, new), english(new))
print("you guessed:", "nothing" if my_guess is None else f"{my_guess} %")
print(f"exact match: {found.exact_match:.0f} % of {len(new)} new sentences")
print(f"BLEU: {found.bleu:.0f} ± {found.bleu_ci:.0f}")

# %% [markdown]
# So one vector of 128 numbers carries much of a short sentence, and quite often all of it. The ± is a 95 % interval: how much the number would change with other test sentences.
# It says nothing about another random start: the parameters that a model has before training are drawn by chance. Lesson 2 explains how it is made.

# %% [markdown]
# ## By heart
#
# At the end the training loss was not far from 0. Why is not every new sentence right? We try sentences that the model was trained on.

# %%
def exact_match(net, pairs):
    both = zip(translations(net, pairs), english(pairs))
    return 100 * sum(said == right for said, right in both) / len(pairs)

seen = few[::24]
print(f"exact match: {exact_match(model, seen):.0f} % of {len(seen)} training sentences")
print(f"             {exact_match(model, new):.0f} % of the new ones")

# %% [markdown]
# The model has learned many of its training sentences **by heart**: as wholes, like somebody who learns a poem in a foreign language. In a new sentence it must combine words that it knows from other sentences. Would it do
# better with more sentences to learn from? We test this below.

# %% [markdown]
# ### Exercise 1.4: does the order matter?
#
# *10 minutes, medium.* Shuffle the Hindi words of each sentence, leave the last punctuation mark (। or ?) at the end, and translate again. **Predict** first: what BLEU is left?
#
# <details><summary>Hint 1</summary>
#
# `rng = random.Random(seed)` is a random generator of its own, and `rng.sample(words, len(words))` is a shuffled copy of a list.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `pair.source` is a tuple. All of it but the last word is `list(pair.source[:-1])`.
#
# </details>

# %%
def shuffled_words(pair, seed=0):
    """Returns a list: the words of pair.source in a random order, the । or ? still at the end."""
    ...  # your lines here

my_bleu = ...  # what you expect, a number from 0 to 100

# %%
if checks.shuffled_words(shuffled_words):
    mixed_up = [" ".join(greedy(model, shuffled_words(p))) for p in new]
    references = [" ".join(p.target) for p in new]
    checks.order_matters(my_bleu, found.bleu, score(mixed_up, references).bleu)

# %% [markdown]
# <details><summary>What we got</summary>
#
# For the model of this lesson, BLEU fell from 69 to 40, although every word was still there. So the state says more than which words came: it depends on their order. One sentence in five still came out without a mistake. For these, it seems, the words alone
# are enough.
#
# </details>

# %% [markdown]
# ## Change one thing
#
# Two questions are open. Would more sentences help? And does it matter which cell we use? We answer both in the same way: change one thing, and leave everything
# else as it is. Two lines are enough to put other cells into our model:

# %%
def with_cells(reads, writes):
    """Our model, untrained, with these cells in the encoder and in the decoder."""
    torch.manual_seed(0)
    net = EncoderDecoder(len(source_vocab), len(target_vocab))
    net.encoder = reads(64, 128, batch_first=True)
    net.cell = writes(64 + 128, 128)
    return net

# %%
changed = {
    "fewer sentences": with_cells(nn.GRU, nn.GRUCell),
    "plain RNN": with_cells(nn.RNN, nn.RNNCell),
    "only reads with RNN": with_cells(nn.RNN, nn.GRUCell),
    "only writes with RNN": with_cells(nn.GRU, nn.RNNCell),
}

# %% [markdown]
# "Fewer sentences" is our model again. It learns from fewer sentences, those that the course had before the grammar wrote more. It makes more passes, so that its parameters are changed equally often. The other three learn from all sentences.
#
# **Predict.** Which of the four will be worst on new sentences?

# %%
my_worst = None  # one of the four names
patient = False  # True trains a fifth model: the plain RNN with 24 passes, some 20 seconds more

# %% [markdown]
# The trainings run side by side, one on each core. They take about 40 seconds on two idle cores. The next two cells only start them
# and show how far they are: you need not read them.

# %%
from functools import partial
from helpers.cores import side_by_side

few_batches = make_batches(few, source_vocab, target_vocab, batch_size=32)
more_passes = round(8 * len(batches) / len(few_batches))
tasks = {name: partial(train_model, net, batches) for name, net in changed.items()}
tasks["fewer sentences"] = partial(
    train_model, changed["fewer sentences"], few_batches, passes=more_passes)
if patient:
    slow = with_cells(nn.RNN, nn.RNNCell)
    tasks["plain RNN, 24 passes"] = partial(train_model, slow, batches, passes=24)

# %%
lines, board = {}, display({"text/plain": "starting …"}, raw=True, display_id=True)

def heard(name, line):
    lines[name] = f"{name:22}{line}"
    board.update({"text/plain": "\n".join(lines.values())}, raw=True)

trained = side_by_side(tasks, heard)

# %%
nets = {"our model": model} | {name: net for name, (net, _) in trained.items()}
rows = {}
for name, net in nets.items():
    on_new = bleu(translations(net, new), english(new)), exact_match(net, new)
    quality = *on_new, exact_match(net, seen)
    rows[name] = [f"{sum(p.numel() for p in net.parameters()):,}", *map("{:.0f}".format, quality)]
columns = ["numbers to learn", "BLEU, new", "exact match, new, %", "exact match, trained on, %"]
print("you predicted:", my_worst or "nothing")
pd.DataFrame(rows, index=columns).T

# %% [markdown]
# **Fewer sentences.** Look at the last two columns. This model gives nearly all of its training sentences back. But it may know them by
# heart, so this does not show how much the vector holds. On new sentences it is much worse than our model, which has seen two and a
# half times as many. So more examples help.

# %% [markdown]
# **The plain RNN** is far behind after the same eight passes, even on the sentences that it was trained on. Here is what it writes:

# %%
for pair in new[10::30]:
    print("right:    ", *pair.target)
    print("our model:", *greedy(model, pair.source))
    print("plain RNN:", *greedy(nets["plain RNN"], pair.source), "\n")

# %% [markdown]
# The plain RNN has learned to write English. But it hardly knows what the Hindi sentence said. Now the last two rows of the table.
# With an RNN that only *writes*, the model is nearly as good as ours. With an RNN that only *reads*, it is as bad as the plain RNN.

# %% [markdown]
# Is our model better because it has more numbers to learn? The first column says no. The model that only reads with an RNN has more
# numbers than the one that only writes with an RNN, and it is far worse. So the cell of the *reader* counts.
#
# But a GRU reader has **gates**, which you will meet below, and it has three times the numbers of an RNN reader. Which of the two helps, this table does not say.

# %%
import matplotlib.pyplot as plt

styles = {"our model": ("#e06c1c", "s-"), "plain RNN": ("0.2", "o-"),
          "only reads with RNN": ("#2d6cc0", "D--"), "only writes with RNN": ("0.5", "^:")}
curves = {"our model": losses} | {n: curve for n, (_, curve) in trained.items() if n in styles}
figure, ax = plt.subplots(figsize=(5.6, 3))
for name, curve in curves.items():
    ax.plot(range(1, 9), curve, styles[name][1], color=styles[name][0], markersize=4)
ax.set(xlabel="passes", ylabel="training loss", xticks=range(1, 9), ylim=(0, 5), yticks=range(6),
       title="The two models that read with a plain RNN learn less")
ends = {name: curve[-1] for name, curve in curves.items()}
plots.label_ends(ax, 8, ends, {name: style[0] for name, style in styles.items()})
plots.show(figure, alt="Training loss of each pass: " + "; ".join(
    f"{name} {', '.join(f'{loss:.2f}' for loss in curve)}" for name, curve in curves.items()))

# %% [markdown]
# The losses say the same: with a plain RNN as the reader, the model learns much more slowly.
#
# <details><summary>Does the plain RNN only need more time?</summary>
#
# It helps. Set `patient = True` above, and run on from there. With 24 passes, three times as many, our plain RNN reached 36 BLEU, and 18 % of the new sentences came out without a mistake. This is still far from what the GRU reached with 8.
#
# </details>

# %% [markdown]
# ## Why the plain RNN is so slow
#
# Remember the calculator: each further word left at most half of what there was of the first word. What is left after $n$ words?

# %%
for n in (1, 5, 10, 20):
    print(f"after {n:2} words: at most {0.5**n:.6f}")

# %% [markdown]
# Is it like this in a real encoder? We let it read two sentences that differ in the first word only. The difference of the two states
# is the **trace** of the first word. Two things can happen to a trace: it becomes smaller, and it moves to other numbers of the state.
# We measure both after each further word. The code takes the difference and measures it; you need not read it.

# %%
@torch.no_grad()
def traces(net, sentences, n=10):
    """The trace of the first word after 1 to n words: its size, and its cosine with the first."""
    one = torch.tensor([source_vocab.encode(words)[:n] for words in sentences])
    other = one.clone()
    other[:, 0] = one[:, 0].roll(1)  # the first word of another sentence
    h_one, h_other = (net.encoder(net.source_embedding(words))[0] for words in (one, other))
    trace = (h_one - h_other)[one[:, 0] != other[:, 0]]  # (sentences, n, 128)
    size = trace.norm(dim=2).mean(dim=0)
    alike = nn.functional.cosine_similarity(trace[:, :1], trace, dim=2).mean(dim=0)
    return {"size of the trace": size / size[0], "in the same place?": alike}

# %% [markdown]
# For the place we take the **cosine** of the first trace and a later one. It is 1 if the difference sits in the same numbers of the
# state, with the same signs. It is near 0 if it sits in others, and below 0 if signs have changed. First the two encoders *before*
# training:

# %%
sentences = [p.source for p in test if len(p.source) >= 10]

def draw(models, when):
    found = {name: traces(net, sentences) for name, net in models.items()}
    figure, axes = plt.subplots(1, 2, figsize=(7.6, 2.9), layout="constrained")
    units = "size, first word = 1", "cosine with the first trace"
    for ax, asked, unit in zip(axes, found["GRU"], units):
        for name, style in (("RNN", "o--"), ("GRU", "s-")):
            ax.plot(range(1, 11), found[name][asked], style, color=colours[name], markersize=4)
        ax.set(title=f"{when}: {asked}", xlabel="words read", ylabel=unit)
        highest = max(values[asked].max().item() for values in found.values())
        ax.set(xticks=range(1, 11), yticks=(0, 0.5, 1), ylim=(-0.05, 1.05 * highest))
        plots.label_ends(ax, 10, {name: found[name][asked][-1].item() for name in found}, colours)
    plots.show(figure, alt=f"{when}, after 2, 5 and 10 words: " + "; ".join(
        f"{name}, {asked} {values[1]:.2f}, {values[4]:.2f}, {values[9]:.2f}"
        for name in found for asked, values in found[name].items()))

colours = {"RNN": "0.2", "GRU": "#e06c1c"}
untrained = {"RNN": with_cells(nn.RNN, nn.RNNCell), "GRU": with_cells(nn.GRU, nn.GRUCell)}
draw(untrained, "Untrained")

# %% [markdown]
# Left: in both encoders each word about halves the trace, as on paper. After ten words next to nothing is left. Right: in the GRU, the
# trace fades in its place. In the RNN, the very next word moves it to other numbers.

# %% [markdown]
# A small trace is bad for *learning*. The **gradient** says how to change each learned number. To learn from the first word, it must go
# back from the loss through every step of the encoder. At each step it is multiplied by how much the new state depends on the old one.
# If these factors are small, nearly nothing arrives. So we ask how strongly the last state depends on each word of the long sentence. (The function `jacobian`
# finds it; you need not read the code.)

# %%
def gradient(net, words):
    """How strongly the last state depends on each word of the sentence; the last is 1."""
    x = net.source_embedding(torch.tensor([source_vocab.encode(words)])).detach()
    each = torch.autograd.functional.jacobian(lambda x: net.encoder(x)[0][0, -1], x)
    size = each.square().sum(dim=(0, 1, 3)).sqrt()  # of (128, 1, T_x, 64), for each word
    return size / size[-1]

at = {"</s>": -1, "5 words before": -6, "10 words before": -11, "20 words before": -21}
places = list(at.values())
columns = {name: gradient(net, story.source)[places] for name, net in untrained.items()}
columns["GRU / RNN"] = columns["GRU"] / columns["RNN"]
formats = {"RNN": "{:.7f}".format, "GRU": "{:.7f}".format, "GRU / RNN": "{:.0f}".format}
pd.DataFrame(columns, index=list(at)).transform(formats)

# %% [markdown]
# Ten words before the end, less than a hundredth is left, and twenty words before the end nearly nothing. This is the **vanishing
# gradient**: the encoder is hardly told what to do with early words. The last column shows how much more the GRU keeps. After twenty
# words it is far more, and still next to nothing. And *after* training?

# %%
draw({"RNN": nets["plain RNN"], "GRU": model}, "Trained")

# %% [markdown]
# Neither of the two forgets the first word any more. In the RNN its trace even grows at first. So the *size* no longer sets them apart.
# The *place* does. In the RNN the very next word still moves the trace, so in a sentence of five words the first word ends
# in one place of the state, and in a sentence of six words in another. The decoder must learn each of them. In the GRU, much of the trace is still where it was.
#
# The $W$ of a plain RNN mixes all numbers anew at each word, and nothing else is carried over. The RNN lacks a way to leave a number as
# it is.

# %% [markdown]
# ## Gates, in five minutes
#
# A **gate** is a number between 0 and 1 that says how much passes. Take a state of one number, $h$, and one gate, $z$. The cell also has a draft of a new number, $\tilde h$. It mixes the two:
#
# $$h' = z \cdot h + (1 - z) \cdot \tilde h$$
#
# With $z = 1$ the old number stays, in its place. With $z = 0$ it is replaced by the draft. How fast does a number fade with $z = 0.9$
# and a draft of 0?

# %%
kept = halved = 1.0
for n in range(1, 11):
    kept, halved = 0.9 * kept + (1 - 0.9) * 0.0, 0.5 * halved
    if n in (1, 5, 10):
        print(f"after {n:2} words: z = 0.9 leaves {kept:.3f}, halving leaves {halved:.3f}")

# %% [markdown]
# In a **GRU** each number of the state has its own gate, and the gates are computed anew at each word. So the cell can keep some numbers, and replace others. The sigmoid $\sigma$ turns any number
# into one between 0 and 1, and $\odot$ multiplies number by number:
#
# | | |
# |---|---|
# | $r = \sigma(W_r h + b_r + U_r x + d_r)$ | how much of the old state the draft may see |
# | $z = \sigma(W_z h + b_z + U_z x + d_z)$ | how much of the old state stays |
# | $\tilde h = \tanh(r \odot (W_n h + b_n) + U_n x + d_n)$ | the draft |
# | $h' = z \odot h + (1 - z) \odot \tilde h$ | the new state |

# %% [markdown]
# Here $h$ is the old state $h_{j-1}$, and $h'$ is the new one, $h_j$. $W$, $U$ and the two biases $b$ and $d$ are learned for each line;
# the small letter names the line, and n stands for *new*. Set all of $r$ to 1 and all of $z$ to 0, and what remains is the plain RNN. So a GRU is a plain RNN with two gates. In code:

# %%
def gru_step(x, h, cell):
    """One step of a GRU; cell holds the weights, in the order r, z, n."""
    W_r, W_z, W_n = cell.weight_hh.chunk(3)
    U_r, U_z, U_n = cell.weight_ih.chunk(3)
    b_r, b_z, b_n = cell.bias_hh.chunk(3)
    d_r, d_z, d_n = cell.bias_ih.chunk(3)
    r = torch.sigmoid(W_r @ h + b_r + U_r @ x + d_r)
    z = torch.sigmoid(W_z @ h + b_z + U_z @ x + d_z)
    draft = torch.tanh(r * (W_n @ h + b_n) + U_n @ x + d_n)
    return z * h + (1 - z) * draft

# %% [markdown]
# An **LSTM** is older, and has three gates. It carries a second vector, the memory $m$, which other books call $c$. No matrix touches the memory: it is only scaled and added to.
#
# | | |
# |---|---|
# | $f = \sigma(W_f h + b_f + U_f x + d_f)$ | how much of the memory stays |
# | $i = \sigma(W_i h + b_i + U_i x + d_i)$ | how much is written |
# | $g = \tanh(W_g h + b_g + U_g x + d_g)$ | the draft |
# | $o = \sigma(W_o h + b_o + U_o x + d_o)$ | how much is shown |
# | $m' = f \odot m + i \odot g$ | the new memory |
# | $h' = o \odot \tanh(m')$ | the new state |

# %%
def lstm_step(x, h, m, cell):
    """One step of an LSTM; cell holds the weights, in the order i, f, g, o."""
    parts = cell.weight_hh @ h + cell.bias_hh + cell.weight_ih @ x + cell.bias_ih
    i, f, g, o = parts.chunk(4)
    i, f, o = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o)
    g = torch.tanh(g)
    m = f * m + i * g
    return o * torch.tanh(m), m

# %% [markdown]
# Are these the cells that PyTorch has? We try them on random numbers, and count what the cells have to learn.

# %%
torch.manual_seed(0)
x_1, h_1, m_1 = torch.randn(64), torch.randn(128), torch.randn(128)
cells = {"RNN": nn.RNNCell(64, 128), "GRU": nn.GRUCell(64, 128), "LSTM": nn.LSTMCell(64, 128)}
assert torch.allclose(gru_step(x_1, h_1, cells["GRU"]), cells["GRU"](x_1, h_1), atol=1e-6)
for ours, theirs in zip(lstm_step(x_1, h_1, m_1, cells["LSTM"]), cells["LSTM"](x_1, (h_1, m_1))):
    assert torch.allclose(ours, theirs, atol=1e-6)
print("GRU and LSTM agree with PyTorch")
for name, cell in cells.items():
    print(f"{name:4} {sum(p.numel() for p in cell.parameters()):7,} numbers to learn")

# %% [markdown]
# If you want to put an LSTM into our class: where a GRU returns its last state, `nn.LSTM` returns a **pair**, state and memory, and
# `nn.LSTMCell` wants a pair. So `step` must carry both. Lesson 2 uses such a model, from the helpers of the course.

# %% [markdown]
# ### Exercise 1.5: a gate that remembers
#
# *5 minutes, easy.* A number should still be half of what it was after $n$ words. All drafts are 0, and $z$ is the same at each word. Which $z$ does it take?
#
# <details><summary>Hint 1</summary>
#
# After one word $z \cdot h$ is left, after two words $z \cdot z \cdot h$.
#
# </details>
# <details><summary>Hint 2</summary>
#
# $z^n = \frac{1}{2}$. In Python the $n$-th root of `a` is `a ** (1 / n)`.
#
# </details>

# %%
def gate_for_half(n):
    """Returns the z that leaves half of a number after n words, if all drafts are 0."""
    ...  # your line here

# %%
checks.gate_for_half(gate_for_half)

# %% [markdown]
# <details><summary>What we got</summary>
#
# For 10 words 0.933, for 20 words 0.966. A gate that is nearly 1 is easy to learn: $\sigma(3.3) = 0.966$, so a bias that grows to 3.3 is enough. In a plain RNN, no single number does this.
#
# </details>

# %% [markdown]
# ## The sentence of the beginning
#
# Our model has learned from at most ten words. What does it make of the 25 words that you read at the beginning? The words in brackets are lost: they are missing, or they stand in another order.

# %%
answer = greedy(model, story.source, longest=60)
print("right:  ", *story.target)
print("written:", *answer)
print("lost:   ", with_losses(story.target, answer))

# %% [markdown]
# It fails. You may say that this is not fair, because the model has never seen a long sentence. This is true. So in lesson 2 the model learns from long sentences, too. But look at the lengths that it does know:

# %%
for low, high in ((1, 4), (5, 6), (7, 8), (9, 10)):
    some = [p for p in new if low <= len(p.source) <= high]
    exact = exact_match(model, some)
    print(f"{low}–{high} words: {exact:3.0f} % of {len(some)} new sentences exactly right")

# %% [markdown]
# **Can one vector carry a sentence?** A short one, yes. New sentences come out right about half of the time, and more examples help. With
# our settings, this worked only with a GRU as the reader. What happens with longer sentences is the question of lesson 2.

# %% [markdown]
# ## Exercises
#
# | | what | minutes | level |
# |---|---|---|---|
# | 1.1 | the encoder step | 5 | easy |
# | 1.2 | the decoder step | 10 | medium |
# | 1.3 | the loss of a sentence | 10 | medium |
# | 1.4 | does the order matter? | 10 | medium |
# | 1.5 | a gate that remembers | 5 | easy |
#
# Each stands right after what it practises. [The solutions](solutions/01_encoder_decoder.ipynb) explain the way.

# %% [markdown]
# ## Quiz
#
# Click on the answer that you would give: it says why it is right or wrong. Nothing is stored.

# %% [markdown]
# **1.** A sentence of 3 words and one of 30 words go through the encoder. How do their encoding vectors differ?
#
# <details><summary>The longer sentence has ten times as many numbers, because there is a state for each word.</summary><p>✗ No. There is a state for each word, but only the last one is the encoding vector.</p></details>
# <details><summary>Both have the same size; only the numbers in them differ.</summary><p>✓ Right. That is the question of this course: how much can a vector of a fixed size carry?</p></details>
# <details><summary>Both have the same size, and the numbers depend on the last word only.</summary><p>✗ No. The last state depends on the state before, and so on the whole sentence, though the influence of early words may be small.</p></details>

# %% [markdown]
# **2.** In teacher forcing, which word is the decoder given at step <i>t</i>?
#
# <details><summary>The word that it wrote itself at step <i>t</i> − 1.</summary><p>✗ No. That is what happens in translation, when there is no teacher.</p></details>
# <details><summary>The right word of step <i>t</i>.</summary><p>✗ No. Then it could copy the answer, and would learn nothing.</p></details>
# <details><summary>The right word of step <i>t</i> − 1, whatever it wrote.</summary><p>✓ Right. In the code this is <code>target_in[:, t]</code>, the target moved by one step.</p></details>

# %% [markdown]
# **3.** A translation has four steps, the one that writes <code>&lt;/s&gt;</code> included. At each step the right word gets the probability ½. What is the loss of the sentence?
#
# <details><summary>ln 2</summary><p>✓ Right. Each step has the loss −ln ½ = ln 2, and the loss of the sentence is the mean.</p></details>
# <details><summary>4 ln 2</summary><p>✗ No. That is the sum over the steps. We take the mean, so that sentences of different lengths can be compared.</p></details>
# <details><summary>½</summary><p>✗ No. That is the probability. The loss is its negative logarithm.</p></details>
# <details><summary>ln 4</summary><p>✗ No. That would be the loss if each right word had the probability ¼.</p></details>

# %% [markdown]
# **4.** In a GRU one number of the gate <i>z</i> is exactly 1. What happens to that number of the state?
#
# <details><summary>It is replaced by the draft.</summary><p>✗ No. That is <i>z</i> = 0. In <i>z</i>·<i>h</i> + (1 − <i>z</i>)·<i>h̃</i> the draft has the factor 1 − <i>z</i>.</p></details>
# <details><summary>It is kept as it was.</summary><p>✓ Right. 1·<i>h</i> + 0·<i>h̃</i> = <i>h</i>: so a GRU can carry a number over many words.</p></details>
# <details><summary>It becomes 1.</summary><p>✗ No. The gate says how much is kept, not what is written.</p></details>

# %% [markdown]
# **5.** A person says: "Our model is better than the plain RNN only because it has more numbers to learn." Which two models of this lesson speak against it?
#
# <details><summary>Our model and the plain RNN.</summary><p>✗ No. Our model has more numbers and is better. That is what this person expects.</p></details>
# <details><summary>Our model and the one that learned from fewer sentences.</summary><p>✗ No. They have the same cells and the same number of numbers. They say something about examples.</p></details>
# <details><summary>The one that only reads with an RNN, and the one that only writes with an RNN.</summary><p>✓ Right. The first has more numbers to learn, and it is far worse. So the cell of the reader counts. Whether it is the gates, we did not test.</p></details>

# %% [markdown]
# ## What we measured, and what we did not show
#
# We measured how well one vector carries sentences of up to ten words, in a small and regular language that a grammar wrote. It has a few hundred words, and no mistakes.
#
# Each model was trained once, from one random start. The plain RNN learns more with more passes, and perhaps with another step size; we
# gave it the settings that suit our model. We did not try an RNN reader with as many numbers as the GRU reader has. That its trace moves
# fits its bad translations, and we did not show that this is the cause.
#
# We did not show what happens to longer sentences. That is the question of the next lesson.
#
# **To read next**
#
# - Kalchbrenner, Blunsom: *Recurrent Continuous Translation Models* (2013), an encoder and a decoder, a year before.
# - Sutskever, Vinyals, Le: *Sequence to Sequence Learning with Neural Networks* (2014), the encoder-decoder with LSTMs.
# - Cho and others: *Learning Phrase Representations using RNN Encoder-Decoder* (2014), where the GRU comes from.
# - Bengio, Simard, Frasconi: *Learning Long-Term Dependencies with Gradient Descent is Difficult* (1994), why gradients vanish.
# - Post: *A Call for Clarity in Reporting BLEU Scores* (2018), why BLEU comes from one program, sacrebleu, here as well.
#
# **Next:** [02 What gets lost, and where?](02_long_sentences.ipynb)
