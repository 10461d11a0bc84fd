# %% [markdown]
# # What gets lost, and where?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/02_long_sentences.ipynb)
#
# **Lesson 2** · about 45 minutes to read and try, 2 minutes to run · two CPU cores are enough ·
# you should know the encoder-decoder of [lesson 1](01_encoder_decoder.ipynb), and have seen a pandas table.
# Every term is in the [glossary](../docs/glossary.md).

# %% [markdown]
# **After this lesson you can**
#
# 1. measure how translation quality depends on the length of the sentence, with an interval around each figure;
# 2. use a linear probe to find out what a vector still knows;
# 3. test a proposed cure against the disease: a wider state, an LSTM, a reversed source.

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
from helpers.corpus.pairs import TRAIN_BUCKETS, load_split
from helpers.evaluation import probe, score_by_length
from helpers.recipes import load_results, recipe
from helpers.training import fit_or_load, fit_or_load_all
from helpers.translation import translate

# %% [markdown]
# ## A fair chance
#
# In lesson 1 the model saw short sentences only. It would be unfair to test it on long ones. So we train the same kind of model (with
# larger word vectors) on sentences of all lengths up to 39 words, for six passes. The sentences of similar length are a **bucket**; the long buckets hold more, not fewer.

# %%
train, valid, test = (load_split(name) for name in ("train", "valid", "test"))
for low, high in TRAIN_BUCKETS:
    print(f"{low:2}–{high} words: {sum(low <= len(p.source) <= high for p in train):5,} pairs in training, "
          f"{sum(low <= len(p.source) <= high for p in test)} in the test set")

# %% [markdown]
# **Predict.** The model scores some BLEU on sentences of up to 7 words. Write down what you expect for each of the five lengths.
# Your line will be drawn into the figure.

# %%
my_guess = [90, 90, 90, 90, 90]  # BLEU for 1–7, 8–15, 16–23, 24–31, 32–39 words

# %% [markdown]
# The training takes about a minute. On another core a second model trains, which reads the sentences backwards: we need it at the end of this lesson. A model that was
# trained before, with just these settings, comes out of a cache.

# %%
trained = fit_or_load_all([recipe("vanilla"), recipe("reversed")], train, valid)
vanilla, history = trained["vanilla"]

# %%
answers = translate(vanilla, test)
by_length = score_by_length(answers, test)
by_length.round(1)

# %% [markdown]
# Each row holds the test sentences of one length. `bleu_ci` is half the width of a 95 % interval from 1000 bootstrap
# resamples of those sentences. (chrF is a relative of BLEU that counts runs of letters.) Exact match is merciless: one wrong word, and the sentence counts as wrong.
# Where none of 100 sentences is right, the interval says ± 0. Do not believe it: a model that is right in 3 % of all
# sentences fails on all of a hundred once in twenty times, since $0.97^{100} = 0.05$.
#
# The bootstrap is four lines. Draw as many sentences as there are, with replacement, and take the mean; do it a thousand times; see how far it moves.

# %%
torch.manual_seed(0)
first = [i for i, p in enumerate(test) if len(p.source) <= 7]
right = torch.tensor([100.0 * (str(answers[i]) == " ".join(test[i].target)) for i in first])
means = right[torch.randint(len(right), (1000, len(right)))].mean(dim=1)
low, high = means.quantile(torch.tensor([0.025, 0.975]))
print(f"exact match {right.mean():.0f} %, interval {low:.0f} to {high:.0f} %: give or take {(high - low) / 2:.1f}")

# %%
import pandas as pd

middles = (by_length["length_min"] + by_length["length_max"]) / 2
figure = plots.bleu_by_length(load_results("by_length.csv").query("split == 'test'"), {"vanilla": by_length}, ["vanilla"],
                              "BLEU falls as sentences get longer")
figure.axes[0].plot(middles, my_guess, ":", color="0.5", label="my guess")
figure.axes[0].legend(frameon=False)
plots.show(figure, alt="BLEU of the vanilla model falls steeply from short to long source sentences.")

# %% [markdown]
# The solid line is the model that you just trained; its bars are the intervals. The dashed line and the band behind it come with the
# course: five models, trained from five different seeds, their mean and their range. (Yours uses the first of these seeds.) The fall is no accident of one run.

# %%
shortest, longest = by_length.iloc[0], by_length.iloc[-1]
print(f"BLEU {shortest.bleu:.0f} for up to {shortest.length_max:.0f} words, {longest.bleu:.0f} for {longest.length_min:.0f} and more: "
      f"{100 * (1 - longest.bleu / shortest.bleu):.0f} % is gone")

# %% [markdown]
# Is it only that the long test sentences are *new*? Then the model should do well on long sentences from its training.

# %%
known = [p for p in train if len(p.source) >= 32][:100]
of_training = score_by_length(translate(vanilla, known), known, [(32, 39)]).iloc[0]
print(f"BLEU {of_training.bleu:.0f} on 100 training sentences of 32 words and more, {longest.bleu:.0f} on new ones")

# %% [markdown]
# It does not: even sentences that it has seen six times do not come out.

# %% [markdown]
# ### Exercise 2.1: from which length on is half of it gone?
#
# *5 minutes, easy.* Find the length at which BLEU first falls below half of the best BLEU in the table. The table is the one printed above.
#
# <details><summary>Hint 1</summary>
#
# `by_length["bleu"].max() / 2` is the limit; `by_length[by_length["bleu"] < limit]` holds the rows below it, and `.iloc[0]` of a column is its first number.
#
# </details>
# <details><summary>Hint 2</summary>
#
# If no row is left, the answer is `float("inf")`: it never falls so low.
#
# </details>

# %%
def half_length(by_length):
    """by_length: a table from score_by_length. Returns the length_min of the first row whose bleu is below half of the best,
    or float("inf") if there is none."""
    ...  # your lines here

# %%
from helpers.exercises import lesson_02 as checks

if checks.half_length(half_length):
    print("your model: half is gone from", half_length(by_length), "words on")

# %% [markdown]
# ## What a loss looks like
#
# Here are some long sentences. Read the model's version beside the right one.

# %%
for i in [i for i, p in enumerate(test) if len(p.source) >= 24][::60]:
    print("right:", *test[i].target, "\nmodel:", answers[i], "\n")
loops = sum(len(a.target) >= 100 for a in answers)
print(f"{loops} of {len(answers)} translations never ended and were cut off")

# %% [markdown]
# Most of it sounds like English. What is missing is *this* sentence: who, what, where. The decoder fills the gaps with words that are
# often right, and now and then it loses the thread and repeats itself. We call the one vector between encoder and decoder the **bottleneck**: all has to go through it.
#
# ## Reading the vector back
#
# Is the information gone from the vector, or does the decoder fail to find it? We ask the vector directly. A **linear probe** is a
# table of weights from the 128 numbers to the words: for "the last word", "the word before it", and so on, one table each.

# %%
from helpers.evaluation import encoding_vectors

vectors = encoding_vectors(vanilla, train)  # (sentences, 128)
distance = 5  # words before the end
rows = [k for k, p in enumerate(train) if len(p.source) > distance]
words = torch.tensor([vanilla.source_vocab.ids[train[k].source[-1 - distance]] for k in rows])

# %% [markdown]
# With $X$ the vectors (and a column of ones) and $Y$ the words as rows of 0 and one 1, the table has a closed form, ridge regression:
# $W = (X^\top X + I)^{-1} X^\top Y$. No training loop; the weight of the $I$ is left at 1.

# %%
X = torch.cat([vectors[rows], torch.ones(len(rows), 1)], dim=1)
Y = torch.nn.functional.one_hot(words, len(vanilla.source_vocab)).float()
W = torch.linalg.solve(X.T @ X + torch.eye(X.size(1)), X.T @ Y)
right = ((X @ W).argmax(dim=1) == words).float().mean()
print(f"word {distance} before the end: {100 * right:.0f} % read back, on sentences that the table was fitted to")

# %% [markdown]
# Fitted and tried on the same sentences: that flatters. `probe` does the same for every distance and tries it on the test set. It also
# reports how often one would be right by always guessing the commonest word at that place. We ask only about long sentences, so that each
# distance means the same sentences.
#
# **Predict.** The sentence is read from its beginning to its end. Which end will be easier to read back?

# %%
my_end = "?"  # "the beginning" or "the end"

# %%
only_long = [[p for p in split if len(p.source) >= 32] for split in (train, test)]
readable = probe(vanilla, *only_long, range(32))
print("you predicted:", my_end)
readable.iloc[::5].round(1)

# %%
import matplotlib.pyplot as plt

figure, ax = plt.subplots()
ax.plot(readable["distance"], readable["accuracy"], marker="o", markersize=3, label="read back from the vector")
ax.plot(readable["distance"], readable["guess"], ":", color="0.4", label="the commonest word there")
ax.set(xlabel="words before the end of the sentence", ylabel="right, %", ylim=(0, 103),
       title="The end is remembered; ten words back, little can be read")
ax.legend(frameon=False)
plots.show(figure, alt="The share of words read back from the encoding vector falls with the distance from the end.")

# %% [markdown]
# Distance 0 is always the full stop. The few words before it are read back more often than by guessing, those further away hardly. Each step of the encoder writes
# over a little of what came before, just as $W h_{j-1}$ halved the first word in lesson 1, and there is room for only so much.
#
# Be careful with the rest of the curve. Each point rests on about 100 sentences, so a wobble of several points means nothing. But at the far right it keeps above the guesses: the very
# first words have left a trace that the middle has not. And what a *linear* map cannot find is not proven to be gone. But the decoder gets no more than this vector.

# %% [markdown]
# ### Exercise 2.2: probe a stranger
#
# *5 minutes, easy.* How much of this did the *training* do? Probe an encoder with random weights, as it is before the training.
# **Predict** first: what percentage of the words 5 before the end will be read back? Take the long sentences again, so that you can compare.
#
# <details><summary>Hint 1</summary>
#
# After `from helpers.training import new_translator`, `new_translator(recipe("vanilla").model, recipe("vanilla").training, train)` is a model that has seen nothing yet.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `probe(model, *only_long, [0, 5, 10, 15])` makes the table for four distances.
#
# </details>

# %%
def probe_stranger():
    """Returns the table of `probe` for an untrained encoder, at the distances 0, 5, 10 and 15."""
    ...  # your lines here

my_percent = ...  # what you expect at distance 5, from 0 to 100

# %%
checks.stranger(probe_stranger, my_percent, readable)

# %% [markdown]
# ### Exercise 2.3: which words are lost?
#
# *15 minutes, medium.* The probe asks the vector. Now ask the translations: is the English word for Hindi word $j$ in the model's answer? A `Pair` knows which word is which:
# `pair.links` holds `(j, t, sure)`, places in `pair.source` and `pair.target`, counted from 0. Go by the sure links only. **Predict** as well: does the translation keep more of the beginning, or of the end?
#
# <details><summary>Hint 1</summary>
#
# Begin with an empty dictionary, and go through `for j, t, sure in pair.links`. What has to happen where `sure` is false?
#
# </details>
# <details><summary>Hint 2</summary>
#
# One Hindi word may have two sure links. It is kept if *all* of its words are there: `found[j] = found.get(j, True) and …`
#
# </details>

# %%
def kept(pair, answer):
    """answer: a list of English words. Returns {j: True or False} for each Hindi word j with a sure link."""
    ...  # your lines here

# %%
if checks.kept(kept):
    long = [(p, a) for p, a in zip(test, answers) if len(p.source) >= 24]
    ends = pd.DataFrame(0.0, ["kept", "by chance"], ["first three", "last three"])
    for n, (pair, answer) in enumerate(long):
        for row, text in (("kept", answer), ("by chance", long[n - 1][1])):  # chance: the answer to another sentence
            word_kept = kept(pair, list(text.target))
            order = [word_kept[j] for j in sorted(word_kept) if pair.source[j] not in "।?"]
            ends.loc[row] += [sum(order[:3]) / 3, sum(order[-3:]) / 3]
    print((100 * ends / len(long)).round().astype(int), "(%)")

# %% [markdown]
# ## Three cures
#
# People have proposed remedies. **Predict** for each, before you look: does it remove the fall, move it, change nothing, or make it worse?
#
# - *A wider state*: 256 numbers in place of 128.
# - *An LSTM*: a memory that is not squeezed at each step.
# - *A reversed source*: feed the Hindi words last to first, so that the first words are fresh when the decoder starts (Sutskever and others, 2014).

# %%
my_cures = {"wider": "?", "lstm": "?", "reversed": "?"}  # "removes", "moves", "nothing" or "worse"

# %% [markdown]
# ### Exercise 2.4: turn it round
#
# *10 minutes, medium.* Reverse the Hindi side of a pair. The links must follow: they hold places, and the words move. **Predict** as well what the reversed source gains at 32–39
# words.
#
# <details><summary>Hint 1</summary>
#
# After `from dataclasses import replace`, `replace(pair, source=…, links=…)` copies a pair with two fields changed. Both fields are tuples.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Of `n` words, number 0 becomes number `n - 1`. Where does number `j` go?
#
# </details>

# %%
def reversed_pair(pair):
    """Returns the pair with pair.source in the opposite order, and links (j, t, sure) that join the same words as before."""
    ...  # your lines here

my_gain = ...  # BLEU won (or lost, below 0) at 32–39 words, on average over five seeds

# %%
checks.reversed_pair(reversed_pair)
checks.reversing(my_gain)

# %%
cure = "reversed"  # try "wider" or "lstm" too; "wider" takes about twice as long

# %%
cured, _ = fit_or_load(recipe(cure), train, valid)
cured_answers = translate(cured, recipe(cure).prepare(test))
cured_by_length = score_by_length(cured_answers, test)

# %% [markdown]
# You trained one of them. The bands hold five seeds of each.

# %%
bands = pd.concat([load_results("by_length.csv").query("model == 'vanilla'"), load_results("cures.csv")])
bands = bands[bands["split"] == "test"]
figure = plots.bleu_by_length(bands, {"vanilla": by_length, cure: cured_by_length},
                              ["vanilla", "wider", "lstm", "reversed"], "Cures may move the fall; none removes it")
plots.show(figure, alt="BLEU against length for four models: all of them fall; the wider state stays highest, and falls too.")

# %%
means = bands.groupby(["model", "length_min"], sort=False)["bleu"].mean().unstack()
lengths = list(means.columns)
means["lost, %"] = 100 * (1 - means[lengths[-1]] / means[lengths[0]])
means["half gone from"] = [next(n for n in lengths if row[n] < row[lengths].max() / 2) for _, row in means.iterrows()]
print("you predicted", my_cures)
means.round(1)

# %% [markdown]
# `lost, %` is the share of its BLEU that each model loses from the shortest bucket to the longest; `half gone from` is the length at which it first falls below half of its best. No cure removes the fall.
#
# - *Wider* is better everywhere, and falls later: the fall has *moved*. A sentence can always be longer than the vessel is wide.
# - *Reversed* is better at every length: the beginning is fresh when the decoder starts.
# - The *LSTM* may surprise you: within the same six passes it does not get as far as the GRU. So we cannot say what an LSTM *could* hold.

# %% [markdown]
# ## One long sentence
#
# A rule has picked one sentence from the test set: three clauses about the same people, with a कल (kal, *yesterday* or *tomorrow*) in it. This lesson and the
# next two end with it. What the model lost stands in brackets.

# %%
from helpers.corpus.pairs import hero
from helpers.corpus.romanize import romanize
from helpers.evaluation import with_losses

pair = hero(test)
print(*pair.source)
print(*map(romanize, pair.source), "\n")
written = translate(vanilla, [pair])[0]
print("right:  ", *pair.target)
print("vanilla:", written)
print("lost:   ", with_losses(pair.target, written.target))

# %% [markdown]
# ## How do people do it?
#
# Ask a translator to read thirty words once, close the book, and write the translation. Few could do it well. People look back, at
# two or three words at a time, for each word that they write. The decoder should be allowed to look back too. But where to?
# In the next lesson somebody tells it.
#
# ## Exercises
#
# | | what | minutes | level |
# |---|---|---|---|
# | 2.1 | from which length on is half of it gone? | 5 | easy |
# | 2.2 | probe a stranger | 5 | easy |
# | 2.3 | which words are lost? | 15 | medium |
# | 2.4 | turn it round | 10 | medium |
#
# Each stands right after what it practises. [The solutions](solutions/02_long_sentences.ipynb) explain the way.

# %% [markdown]
# ## Quiz
#
# Click on the answer that you would give: it says why it is right or wrong.

# %% [markdown]
# **1.** BLEU is 20 ± 4. What does the ± say?
#
# <details><summary>Training again with another seed gives a BLEU between 16 and 24.</summary><p>✗ No. The model stays the same in the bootstrap. Other seeds are a second kind of luck, and the bands in the figure show it.</p></details>
# <details><summary>Over all sentences of this kind, the BLEU of this model most likely lies between 16 and 24.</summary><p>✓ Right. The test set is a sample of them. The bootstrap draws new samples from the old one and looks how far the score moves.</p></details>
# <details><summary>95 % of the sentences score between 16 and 24.</summary><p>✗ No. Single sentences differ far more. The interval is about the score of the whole set.</p></details>

# %% [markdown]
# **2.** The probe reads a word back from the vector in nearly all sentences. What follows?
#
# <details><summary>The decoder uses this word.</summary><p>✗ No. The word is in the vector. Whether the decoder looks for it is another question.</p></details>
# <details><summary>The training put it there.</summary><p>✗ Not by itself. Exercise 2.2 reads words back from an encoder that was never trained.</p></details>
# <details><summary>The vector holds enough to tell this word by a linear map.</summary><p>✓ Right, and no more than that.</p></details>

# %% [markdown]
# **3.** And if the probe cannot read the word back?
#
# <details><summary>Then the word is gone from the vector.</summary><p>✗ Not proven. It may be there in a form that no straight line can separate.</p></details>
# <details><summary>Then no <i>linear</i> map finds it; it may still be there.</summary><p>✓ Right. That is why the lesson looks at the translations too.</p></details>
# <details><summary>Then the probe was not trained long enough.</summary><p>✗ No. Ridge regression has a closed form: there is nothing to train longer.</p></details>

# %% [markdown]
# **4.** Why does the table of the probe show the commonest word's share beside the accuracy?
#
# <details><summary>A probe that learned nothing could still be right so often.</summary><p>✓ Right. The full stop is at distance 0 in every sentence, so an accuracy of 100 % says nothing there.</p></details>
# <details><summary>It is the best that any probe can reach.</summary><p>✗ No, it is what is reached without looking at the vector.</p></details>
# <details><summary>It is the accuracy on the training sentences.</summary><p>✗ No. It is one fixed word, guessed for all sentences.</p></details>

# %% [markdown]
# **5.** Someone doubles the state, and BLEU at 32–39 words rises. Is the bottleneck cured?
#
# <details><summary>Yes: it was a matter of size.</summary><p>✗ No. The next longer sentence needs the next larger state. The size is fixed before the sentence is known.</p></details>
# <details><summary>It has moved: longer sentences fall off further out.</summary><p>✓ Right. What would cure it is a memory that grows with the sentence.</p></details>
# <details><summary>No: more units never help.</summary><p>✗ They do help; look at the figure. They only do not remove the fall.</p></details>

# %% [markdown]
# ## What we measured, and what we did not show
#
# We measured that BLEU falls with length, that a linear map reads back the last few words and little of the others, and that
# three cures leave the fall in place at these sizes. We did not show that *no* vector could do it: with thousands of units and millions
# of sentences, one vector carries far more. But its size must be chosen beforehand; in the next idea, the memory grows with the sentence.
#
# **To read next**
#
# - Cho and others: *On the Properties of Neural Machine Translation* (2014), the fall on real sentences.
# - Bahdanau, Cho, Bengio: *Neural Machine Translation by Jointly Learning to Align and Translate* (2015), figure 2.
# - Alain and Bengio: *Understanding intermediate layers using linear classifier probes* (2017).
# - Koehn: *Statistical Significance Tests for Machine Translation Evaluation* (2004), the bootstrap.
#
# **Next:** [03 What if someone told us where to look?](03_oracle_attention.ipynb)
