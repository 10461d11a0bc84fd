# %% [markdown]
# # Can one vector carry a sentence?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/01_encoder_decoder.ipynb)
#
# **Lesson 1** · about 60 minutes to read and try, 2 minutes to run · two CPU cores are enough ·
# you should have met PyTorch tensors, and a recurrent network once. You need no Hindi.

# %% [markdown]
# **After this lesson you can**
#
# 1. write down the encoder and the decoder of a sequence-to-sequence model, as equations and as code;
# 2. say what the decoder is fed in training (teacher forcing) and in translating (greedy search), and read both loops line by line;
# 3. swap an RNN for a GRU or an LSTM, and say what the gates are for.

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
from torch import nn

from helpers import plots
from helpers.batching import make_batches
from helpers.corpus.build import sample_pairs
from helpers.corpus.pairs import load_split
from helpers.corpus.romanize import romanize
from helpers.vocabulary import BOS, EOS, PAD, Vocabulary

# %% [markdown]
# ## The task
#
# We translate Hindi into English. The sentences come from a small grammar that ships with the course: it writes a Hindi
# sentence, its English translation, and a record of which word is which. Nothing has to be downloaded, and later
# we can ask for sentences as long as we like.

# %%
valid, test = load_split("valid"), load_split("test")
example = next(p for p in test if len(p.source) == 5 and {"simple", "transitive"} <= set(p.constructions))
print(*example.source, "→", *example.target)

# %% [markdown]
# Under every Hindi word we show how it is written in Latin letters, and what it means.
#
# <details><summary>How to read these letters</summary>
#
# A bar makes a vowel long (ā, ī, ū); *e* and *o* are always long. A tilde sends a vowel through the nose (ã). A dot below a consonant bends the
# tongue back (ṭ, ḍ, ṛ, ṇ). *c* is said as in *church*, *ś* and *ṣ* as *sh*, *ñ* and *ṅ* as *n*, *v* between v and w, *ô* as in *doctor*. *h* after a consonant is a
# puff of air. Some sounds came with words from Persian and Arabic: *q* (a k far back), *ḵh* as in *loch*, *ġ* a soft one of that kind, *z*, *f*.
# So थे, *the*, is not the English article, and छत, *chat*, is no chat. A few words are said otherwise than they are written: वह *vah* as *vo*, यह *yah* as *ye*, बहुत *bahut* as *bahot*.
#
# </details>

# %%
plots.gloss_table(example)

# %% [markdown]
# Read the glosses from left to right: the verb comes last. English puts it right after the subject. So a translator cannot
# go word by word; it has to reorder. The grammar knows which words belong together, and we can draw that.

# %%
plots.show(
    plots.alignment_picture(example, "Hindi keeps the verb for the end, English puts it after the subject"),
    alt=f"Lines join each Hindi word of {' '.join(example.source)} to its English words; the lines cross.",
)

# %% [markdown]
# A solid line is a *sure* link: these words translate each other. A dotted line is a *possible* one: the English word leans on that Hindi word, too, as *used to* leans
# on the form of the verb, and *the*, which Hindi does not have, on its noun. We need the links in lesson 3, and in an exercise before. (Every term
# of the course is in the [glossary](../docs/glossary.md#terms), with its names elsewhere.) Today's model gets only the two sentences.

# %% [markdown]
# ## Words become numbers
#
# A network takes numbers, so each language gets a table of its words. Four entries are special: `<pad>` fills up short sentences,
# `<unk>` stands for unknown words, `<s>` starts a translation and `</s>` ends a sentence.

# %%
short = sample_pairs(8000, longest=10, without=valid + test)
source_vocab = Vocabulary.of(p.source for p in short)
target_vocab = Vocabulary.of(p.target for p in short)
print(f"{len(short):,} short pairs, {len(source_vocab)} Hindi words, {len(target_vocab)} English words")
print(source_vocab.encode(example.source), "ends with", EOS, "for </s>")

# %% [markdown]
# Today we learn from short sentences only, up to ten words (the full stop counts as one); the grammar wrote 8,000 of them just now. Long ones are the
# subject of lesson 2.
#
# ## The encoder
#
# The encoder reads the Hindi words one after the other and keeps a *state*, a vector. Each new state is a function of the
# state before, the current word and a bias:
#
# $$h_j = \tanh(W h_{j-1} + U x_j + b)$$
#
# Here $x_j$ is the vector of word $j$ and $h_0$ is all zeros. First on numbers that we can follow: states of size 2.

# %%
x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])  # three words, two numbers each
W = torch.tensor([[0.5, 0.0], [0.0, 0.5]])
U = torch.tensor([[1.0, 0.0], [0.0, -1.0]])
b = torch.tensor([0.0, 0.1])

h = torch.zeros(2)
for j, x_j in enumerate(x, start=1):
    h = torch.tanh(W @ h + U @ x_j + b)
    print(f"h_{j} = {h.numpy().round(3)}")

# %% [markdown]
# Check the first number of $h_2$ with a calculator: $\tanh(0.5 \cdot 0.7616 + 1 \cdot 0) = \tanh(0.3808) = 0.363$. The first word
# is still in there, but halved and squeezed. With this $W$, every further word halves and squeezes it again. Keep that in mind.
#
# PyTorch has this loop built in. Same numbers?

# %%
rnn = nn.RNN(2, 2, batch_first=True)
with torch.no_grad():
    rnn.weight_hh_l0.copy_(W), rnn.weight_ih_l0.copy_(U)
    rnn.bias_ih_l0.copy_(b), rnn.bias_hh_l0.zero_()
    states, last = rnn(x.unsqueeze(0))
assert torch.allclose(states[0, -1], h) and torch.allclose(last[0, 0], h)
print("nn.RNN gives the same last state:", last[0, 0].numpy().round(3))

# %% [markdown]
# ### Exercise 1.1: the encoder step
#
# *5 minutes, easy.* Write one step of the encoder for a whole batch, from the equation above. Each row of `x` is the current word of another sentence,
# each row of `h` its state. No loop is needed.
#
# The cell after it checks your answer at once, and says what is wrong. Nothing later depends on an exercise, so you may skip any of them.
#
# <details><summary>Hint 1</summary>
#
# For one sentence it is `torch.tanh(W @ h + U @ x + b)`. In a batch the vectors are rows, and rows stand to the left of the matrix.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `h @ W.T` has the shape $(B, D_h)$. The bias is added to every row by itself.
#
# </details>

# %%
def encoder_step(x, h, W, U, b):
    """x: (B, D_x), h: (B, D_h), W: (D_h, D_h), U: (D_h, D_x), b: (D_h,). Returns the next state, (B, D_h)."""
    ...  # your line here

# %%
from helpers.exercises import lesson_01 as checks

checks.encoder_step(encoder_step)

# %% [markdown]
# The last state has read everything. We call it the **encoding vector**: it is all that the decoder will ever learn about
# the sentence. For three words or for thirty, it has the same size.
#
# ## Gates, in five minutes
#
# A plain RNN squeezes its whole state at every step. A **GRU** decides, number by number, how much to keep ($z$ near 1) and how much to
# write anew ($z$ near 0). $\sigma$ is the sigmoid, which turns any number into one between 0 and 1:
#
# $$r = \sigma(W_r h + U_r x),\quad z = \sigma(W_z h + U_z x),\quad \tilde h = \tanh(r \odot W_n h + U_n x),\quad h' = z \odot h + (1-z) \odot \tilde h$$
#
# $r$ says how much of the old state the draft $\tilde h$ may see. ($\odot$ multiplies number by number; biases are left out here and are there in the
# code.)

# %%
def gru_step(x, h, cell):
    """One step of a GRU; cell holds the weights, in the order r, z, n."""
    W_r, W_z, W_n = cell.weight_hh.chunk(3)
    U_r, U_z, U_n = cell.weight_ih.chunk(3)
    b_r, b_z, b_n = cell.bias_hh.chunk(3)
    d_r, d_z, d_n = cell.bias_ih.chunk(3)
    r = torch.sigmoid(W_r @ h + b_r + U_r @ x + d_r)
    z = torch.sigmoid(W_z @ h + b_z + U_z @ x + d_z)
    new = torch.tanh(r * (W_n @ h + b_n) + U_n @ x + d_n)
    return z * h + (1 - z) * new

# %% [markdown]
# An **LSTM** is older, and carries a second vector, the memory $m$. No matrix touches it: it is only scaled and added to. The gate $f$ says what to
# forget, $i$ what to write of the draft $g$, and $o$ what to show:
#
# $$m' = f \odot m + i \odot g, \qquad h' = o \odot \tanh(m')$$

# %%
def lstm_step(x, h, m, cell):
    """One step of an LSTM; the four parts are in the order i, f, g, o."""
    parts = cell.weight_hh @ h + cell.bias_hh + cell.weight_ih @ x + cell.bias_ih
    i, f, g, o = parts.chunk(4)
    m = torch.sigmoid(f) * m + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(m), m

# %% [markdown]
# Are these the cells that PyTorch has? We try them on random numbers.

# %%
torch.manual_seed(0)
x_1, h_1, m_1 = torch.randn(4), torch.randn(3), torch.randn(3)
gru, lstm = nn.GRUCell(4, 3), nn.LSTMCell(4, 3)
assert torch.allclose(gru_step(x_1, h_1, gru), gru(x_1, h_1), atol=1e-6)
for ours, theirs in zip(lstm_step(x_1, h_1, m_1, lstm), lstm(x_1, (h_1, m_1))):
    assert torch.allclose(ours, theirs, atol=1e-6)
print("GRU and LSTM agree with PyTorch")

# %% [markdown]
# ### Exercise 1.2: what do gates cost?
#
# *3 minutes, easy.* How many numbers must a GRU cell learn, for words of $D_x$ numbers and states of $D_h$? Count the tensors in `gru_step`: three
# parts, and in each of them a $W$, a $U$ and two biases.
#
# <details><summary>Hint 1</summary>
#
# $W_r$ turns a state into a state, so it has $D_h \cdot D_h$ numbers. $U_r$ turns a word into a state.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Each part has $D_h D_h + D_h D_x + 2 D_h$ numbers.
#
# </details>

# %%
def gru_size(D_x, D_h):
    """Returns how many numbers a GRU cell learns, biases included."""
    ...  # your line here

# %%
checks.gru_size(gru_size)

# %% [markdown]
# ## The decoder
#
# The decoder writes English, one word a step. Its state $s_t$ is a function of the state before, the word before, and what it knows of the
# Hindi sentence: a context $c$. In this lesson the context is the encoding vector, the same at every step:
#
# $$c = h_{T_x}, \qquad s_0 = \tanh(W_s c + b_s), \qquad s_t = \mathrm{GRU}(s_{t-1}, [y_{t-1}; c]), \qquad P(y_t) = \mathrm{softmax}(W_o s_t + b_o)$$
#
# $T_x$ is the number of Hindi words, `</s>` counted; $[y_{t-1}; c]$ is two vectors put end to end. A model of this kind, with nothing added, is called **vanilla**.
# The softmax turns one score for each English word into probabilities.

# %%
scores = torch.tensor([2.0, 1.0, 0.0])  # three English words
probabilities = scores.exp() / scores.exp().sum()
print(probabilities.numpy().round(3), "sum to", round(probabilities.sum().item(), 3))

# %% [markdown]
# ### Exercise 1.3: temperature
#
# *5 minutes, easy.* Divide the scores by a **temperature** before the softmax, for a batch of rows. Then try it on `scores.unsqueeze(0)`: what do 10 and
# 0.1 do to the probabilities? Scores may be large: yours should work for 1000, too.
#
# <details><summary>Hint 1</summary>
#
# Divide first, then take $e^x$ of each number, then divide each row by its sum: `.sum(dim=1, keepdim=True)`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# $e^{1000}$ is more than a computer can hold. `torch.softmax(…, dim=1)` subtracts the largest number of each row first.
#
# </details>

# %%
def softmax_at(scores, temperature):
    """scores: (B, n), temperature: a number above 0. Returns probabilities, (B, n); each row sums to 1."""
    ...  # your line here

# %%
checks.softmax_at(softmax_at)

# %% [markdown]
# ## The whole model
#
# Now the model itself. One thing in it is new: `nn.Embedding`, a table with a learned vector for each word. Its rows are the $x_j$ and $y_{t-1}$. Shapes: $B$ sentences a batch, $T_x$ Hindi words, $T_y$ English words.

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
        c = h[torch.arange(len(source)), lengths - 1]  # (B, hidden): the state after </s>, before the padding
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
# Look at `forward`: at step $t$ the decoder is given the *right* word before, `target_in[:, t]`, whatever it would have
# said itself. That is **teacher forcing**. A batch holds sentences of similar length, so that little is padding.

# %%
torch.manual_seed(0)
model = EncoderDecoder(len(source_vocab), len(target_vocab))
batches = make_batches(short, source_vocab, target_vocab, batch_size=64)
batch = batches[len(batches) // 2]
print("source", tuple(batch.source.shape), " target", tuple(batch.target_out.shape))
print("in: ", [target_vocab.words[i] for i in batch.target_in[0]])
print("out:", [target_vocab.words[i] for i in batch.target_out[0]])
assert model(batch).shape == (*batch.target_out.shape, len(target_vocab))

# %% [markdown]
# ## Training
#
# The loss is the mean negative log-probability of the right word: 0 if the model is always sure and right,
# $\ln(\text{number of words})$ if it has no idea. Padding does not count.

# %%
def loss_of(model, batch):
    scores = model(batch)
    return nn.functional.cross_entropy(scores.flatten(0, 1), batch.target_out.flatten(), ignore_index=PAD)

print(f"untrained: {loss_of(model, batch).item():.2f}, no idea: {torch.tensor(len(target_vocab)).log().item():.2f}")

# %% [markdown]
# **Predict.** After twenty passes over the short sentences, what part of *new* short sentences will the model translate
# without any mistake? Write your guess down as a number before you run on.

# %%
my_guess = 90  # percent

# %% [markdown]
# The training loop: take a batch, work out the loss, follow the gradient downhill. Clipping keeps a single wild batch from doing damage.

# %%
import random
import time

EPOCHS = 20
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=EPOCHS * len(batches))
rng, start = random.Random(0), time.perf_counter()
for epoch in range(1, EPOCHS + 1):
    total = 0.0
    for batch in rng.sample(batches, len(batches)):
        loss = loss_of(model, batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
    if epoch % 4 == 0:
        print(f"epoch {epoch}: loss {total / len(batches):.3f}, {time.perf_counter() - start:.0f} s")

# %% [markdown]
# ## Translating
#
# Now there is no teacher. **Greedy decoding**: take the likeliest word, feed it back, until the model says `</s>`.

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

# %% [markdown]
# The model has seen none of the sentences in the test set. Here are five of the short ones.

# %%
new = [p for p in test if len(p.source) <= 10]
for pair in new[::len(new) // 5][:5]:
    answer = greedy(model, pair.source)
    print(*pair.source)
    print("   said: ", *map(romanize, pair.source))
    print("   right:", *pair.target)
    print("   model:", *answer, "" if tuple(answer) == pair.target else "   ✗")

# %% [markdown]
# ## The answer
#
# How often is the whole sentence right? And how good is the rest? **BLEU**, from 0 to 100, counts the runs of one to four words
# that a translation shares with the right one. We take it from sacrebleu, as researchers do.

# %%
from helpers.evaluation import score, signatures

found = score([" ".join(greedy(model, p.source)) for p in new], [" ".join(p.target) for p in new])
print(f"you guessed {my_guess} %: {found.exact_match:.0f} % of {found.sentences:.0f} new sentences are exactly right")
print(f"BLEU {found.bleu:.1f} ± {found.bleu_ci:.1f}   ({signatures()['BLEU']})")

# %% [markdown]
# So one vector of 128 numbers carries much of a short sentence, and quite often all of it. The ± says how much the figure would move with other test
# sentences (a 95 % interval, from 1000 resamples of the test set); it says nothing about other first weights.
#
# But the loss had come down almost to 0. Why is not every sentence right? Let us try sentences that the model was trained on.

# %%
seen = score([" ".join(greedy(model, p.source)) for p in short[:100]], [" ".join(p.target) for p in short[:100]])
print(f"of the sentences from training, {seen.exact_match:.0f} % are exactly right; of the new ones, {found.exact_match:.0f} %")

# %% [markdown]
# Compare the two shares. What goes wrong on new sentences is not for want of room in the vector alone: the model has also learned its
# training sentences by heart.

# %% [markdown]
# ### Exercise 1.4: does the order matter?
#
# *10 minutes, medium.* Shuffle the Hindi words of each sentence, leave the last sign (। or ?) at the end, and translate again. **Predict** first: what BLEU is left?
#
# <details><summary>Hint 1</summary>
#
# `random.Random(seed)` gives a generator of random numbers of its own, `rng`, and `rng.sample(words, len(words))` a shuffled copy of a list.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `pair.source` is a tuple. All of it but the last word is `list(pair.source[:-1])`.
#
# </details>

# %%
def shuffled_words(pair, seed=0):
    """Returns a list: the words of pair.source in a random order, with the । or ? still at the end."""
    ...  # your lines here

my_bleu = ...  # what you expect, a number from 0 to 100

# %%
if checks.shuffled_words(shuffled_words):
    mixed_up = [" ".join(greedy(model, shuffled_words(p))) for p in new]
    checks.order_matters(my_bleu, found.bleu, score(mixed_up, [" ".join(p.target) for p in new]).bleu)

# %% [markdown]
# ## One argument: RNN, GRU or LSTM
#
# The course's helpers hold the same model, with the cell as an argument and the loops arranged for speed. (A test makes sure that
# the helper and the class above give the same numbers. Word vectors, batches and passes differ from those above, so compare within the table only.) **Predict**: in which order will the three cells come out?

# %%
my_order = ["?", "?", "?"]  # "rnn", "gru", "lstm", the best first

# %%
from helpers.models import ModelConfig
from helpers.training import Recipe, TrainingConfig, fit_or_load_all
from helpers.translation import translate

few = TrainingConfig(epochs=8, weight_decay=0.01)
short_valid = [p for p in valid if len(p.source) <= 10]
recipes = [Recipe(cell, ModelConfig("none", cell=cell), few) for cell in ("rnn", "gru", "lstm")]
trained = fit_or_load_all(recipes, short, short_valid)  # side by side, one on each core

right = [" ".join(p.target) for p in new]
table = {cell: score(translate(translator, new), right) for cell, (translator, _) in trained.items()}

# %%
import pandas as pd

print("you predicted", my_order)
pd.DataFrame(table).T[["bleu", "bleu_ci", "exact_match", "exact_match_ci"]].round(1)

# %% [markdown]
# Look at the ± columns before you call a winner: where two intervals overlap, the order of the two is open (lesson 5 has a sharper test, sentence by
# sentence). With one seed each we know nothing about other first weights, and eight passes are few: a cell that learns slowly is not a worse cell. From here on the course uses the GRU,
# because it learns much in few passes.
#
# ## Exercises
#
# | | what | minutes | level |
# |---|---|---|---|
# | 1.1 | the encoder step | 5 | easy |
# | 1.2 | what do gates cost? | 3 | easy |
# | 1.3 | temperature | 5 | easy |
# | 1.4 | does the order matter? | 10 | medium |
#
# Each stands right after what it practises. Done, or stuck for long? [The solutions](solutions/01_encoder_decoder.ipynb) explain the way.

# %% [markdown]
# ## Quiz
#
# Click on the answer that you would give: it says why it is right or wrong. Nothing is stored.

# %% [markdown]
# **1.** A sentence of 3 words and one of 30 words go through the encoder. How do their encoding vectors differ?
#
# <details><summary>The longer sentence has ten times as many numbers.</summary><p>✗ No. Each step gives a state of the same size, and only the last one is kept.</p></details>
# <details><summary>Both have the same size; only the numbers in them differ.</summary><p>✓ Right. That is the question of this course: how much fits into a vector of a fixed size?</p></details>
# <details><summary>They do not differ: the last word decides.</summary><p>✗ No. The last state depends on the state before, and so on the whole sentence, though the first words may have faded.</p></details>

# %% [markdown]
# **2.** In teacher forcing, which word is the decoder given at step <i>t</i>?
#
# <details><summary>The word that it wrote itself at step <i>t</i> − 1.</summary><p>✗ No. That is what happens in translation, when there is no teacher.</p></details>
# <details><summary>The right word of step <i>t</i>.</summary><p>✗ No. Then it could copy the answer, and would learn nothing.</p></details>
# <details><summary>The right word of step <i>t</i> − 1, whatever it wrote.</summary><p>✓ Right. In the code this is <code>target_in[:, t]</code>, the target moved by one step.</p></details>

# %% [markdown]
# **3.** All scores are divided by 10 before the softmax. What becomes of greedy translations?
#
# <details><summary>Nothing: the same word has the highest probability.</summary><p>✓ Right. The probabilities get closer to each other, but their order stays, and greedy search asks for the order only.</p></details>
# <details><summary>They get more daring.</summary><p>✗ No. That is true when words are <i>drawn</i> with these probabilities. Greedy search draws nothing: it takes the first.</p></details>
# <details><summary>They end sooner.</summary><p>✗ No. The end is one more word, and its place in the order is the same as before.</p></details>

# %% [markdown]
# **4.** In a GRU one number of the gate <i>z</i> is exactly 1. What happens to that number of the state?
#
# <details><summary>It is replaced by the draft.</summary><p>✗ No. That is <i>z</i> = 0. In <i>z</i>·<i>h</i> + (1 − <i>z</i>)·<i>h̃</i> the draft has the factor 1 − <i>z</i>.</p></details>
# <details><summary>It is kept as it was.</summary><p>✓ Right. 1·<i>h</i> + 0·<i>h̃</i> = <i>h</i>: so a GRU can carry a number over many words, which a plain RNN can hardly learn.</p></details>
# <details><summary>It becomes 1.</summary><p>✗ No. The gate says how much is kept, not what is written.</p></details>

# %% [markdown]
# **5.** A model knows 100 English words and has no idea at all. What is its loss?
#
# <details><summary>0</summary><p>✗ No. That is a model that is always sure and always right.</p></details>
# <details><summary>1</summary><p>✗ No. The loss has no upper end at 1; it is a negative logarithm.</p></details>
# <details><summary>ln 100</summary><p>✓ Right. Each word gets the probability 1/100, and −ln(1/100) = ln 100.</p></details>
# <details><summary>100</summary><p>✗ No. That would be a probability of e<sup>−100</sup> for the right word: very sure, and wrong.</p></details>

# %% [markdown]
# ## What we measured, and what we did not show
#
# We measured how much of a sentence of up to ten words one vector carries, in a small, regular language written by a grammar: it has no
# slips, no idioms and a few hundred words. We did not show what happens to longer ones. That is the next lesson's question.
#
# **To read next**
#
# - Sutskever, Vinyals, Le: *Sequence to Sequence Learning with Neural Networks* (2014), the encoder-decoder with LSTMs.
# - Cho and others: *Learning Phrase Representations using RNN Encoder-Decoder* (2014), where the GRU comes from.
# - Post: *A Call for Clarity in Reporting BLEU Scores* (2018), why we print that signature.
#
# **Next:** [02 What gets lost, and where?](02_long_sentences.ipynb)
