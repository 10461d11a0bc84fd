# %% [markdown]
# # What gets lost, and where?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/02_long_sentences.ipynb)
#
# **Lesson 2 of 8** · about 140 minutes with the exercises, 2 minutes to run · two CPU cores are enough ·
# you should know the encoder-decoder of [lesson 1](01_encoder_decoder.ipynb), and have seen a pandas table.
# Every term is in the [glossary](../docs/glossary.md#terms).

# %% [markdown]
# **After this lesson you can**
#
# 1. measure how translation quality depends on the length of a sentence, in BLEU and in exact match, with an interval;
# 2. name rival explanations before you look, say what each of them predicts, and test it;
# 3. read words back from a vector with a linear probe, and say what a probe shows and what it does not show.
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
import numpy as np
import pandas as pd
import torch
from IPython.display import display

from helpers import plots
from helpers.corpus.pairs import TRAIN_BUCKETS, hero, load_split
from helpers.evaluation import bleu, encoding_vectors, score_by_length, with_losses
from helpers.recipes import load_results, recipe
from helpers.training import fit_or_load_all, new_translator
from helpers.translation import translate

# %% [markdown]
# ## A lost sentence
#
# Here is a Hindi sentence of 20 words, with the sound and the meaning of each word. Read the rows *means*.

# %%
train, valid, test = (load_split(name) for name in ("train", "valid", "test"))
example = next(pair for pair in test if len(pair.source) == 20)
glosses = plots.gloss_table(example)
display(glosses.iloc[:, :10], glosses.iloc[:, 10:])
print("in English:", *example.target)

# %% [markdown]
# In lesson 1 the model learned from short sentences only. Here it learns from sentences of up to 39 words. These are all its settings;
# you know the first ones, and those such as *attention* and *dropout* are for later lessons.

# %%
print(recipe("vanilla").model)
print(recipe("vanilla").training)

# %% [markdown]
# Each word and each state has 128 numbers (`hidden`). The model goes through the training sentences 6 times: 6 **passes** (`epochs`). In the first pass,
# short sentences come before long ones; later the order is random. `weight_decay` pulls all parameters towards 0 a little. Its value and
# the learning rate were chosen for the models of lessons 4 and 5; below we see whether this is fair.
# Lessons 2 to 5 train their translators like this.

# %% [markdown]
# A second model trains at the same time, on another core. We need it near the end, when we try to make the fall of long sentences smaller. Choose any of the three:
# `"reversed"` reads the sentence backwards, `"lstm"` has an LSTM in place of the GRU, and `"wider"` has 256 numbers in place of 128 and takes three times as long.

# %%
cure = "reversed"  # or "lstm", or "wider"

# %% [markdown]
# On two idle cores the training takes about a minute and a half, on a busy computer more. A model that was trained before comes out of a
# cache.

# %%
trained = fit_or_load_all([recipe("vanilla"), recipe(cure)], train, valid)
vanilla, history = trained["vanilla"]

# %%
answers = translate(vanilla, test)

def show_losses(pair, answer):
    print("right:  ", *pair.target)
    print("written:", answer)
    print("lost:   ", with_losses(pair.target, answer.target), "\n")

show_losses(example, answers[test.index(example)])

# %% [markdown]
# The last line is the right translation again. The words in brackets are lost: the model did not write them, or it wrote them in another order.
# The program keeps the longest common run first, so it may mark too many. Here are three longer sentences, of 24 words or more.

# %%
long = [i for i, pair in enumerate(test) if len(pair.source) >= 24]
for i in long[::70]:
    show_losses(test[i], answers[i])

# %% [markdown]
# The model writes English, and often the frame of the sentence is right. *Which* words does it lose? We count two classes.
# **Function words** are articles, auxiliaries, prepositions and pronouns, such as *the*, *will*, *in*, *she*. All other words are
# **content words**. Python's `SequenceMatcher` finds what two lists have in common.

# %%
from difflib import SequenceMatcher
from helpers.corpus.words import word_class

def places_written(pair, answer):
    """The places of the right words that the translation has too, in the same order."""
    match = SequenceMatcher(None, pair.target, answer.target, autojunk=False)
    return {block.a + k for block in match.get_matching_blocks() for k in range(block.size)}

# %% [markdown]
# Some words are right by chance. To see how many, we also compare each sentence with the translation of *another* sentence.

# %%
rows = []
for n, i in enumerate(long):
    own, other = (places_written(test[i], answers[k]) for k in (i, long[n - 1]))
    rows += [(word_class(word), t in own, t in other) for t, word in enumerate(test[i].target)]

classes = pd.DataFrame(rows, columns=["class", "written, %", "by chance, %"]).groupby("class")
(100 * classes.mean()).round().assign(words=classes.size()).drop("punctuation")

# %% [markdown]
# Content words say *who*, *what* and *where*, and most of them are lost, or stand in another order. In the sentences above, other words
# stand in their place, so the translation is fluent and speaks about something else.

# %% [markdown]
# All that the decoder learns about the Hindi sentence must pass through one vector of 128 numbers, the **bottleneck**. Is the bottleneck
# to blame? We first measure what is lost. Then we name other explanations, and test them all.

# %% [markdown]
# ## A fair chance
#
# Perhaps the model saw too few long sentences? We put sentences of similar length together and call them a **bucket**.
# The training has *more* long sentences than short ones:

# %%
for low, high in TRAIN_BUCKETS:
    here = [sum(low <= len(pair.source) <= high for pair in split) for split in (train, test)]
    print(f"{low:2}–{high:<2} words: {here[0]:5,} pairs in training, {here[1]} in the test set")

# %% [markdown]
# **Predict.** Which BLEU do you expect for each of the five lengths? Write five numbers from 0 to 100. They will be drawn into the figure.

# %%
my_guess = None  # five numbers in square brackets, for 1–7, 8–15, 16–23, 24–31, 32–39 words

# %%
by_length = score_by_length(answers, test)
by_length["words"] = [f"{low}–{high}" for low, high in TRAIN_BUCKETS]
shown = by_length[["words", "bleu", "bleu_ci", "exact_match", "exact_match_ci"]].round(1)
shown.set_axis(["words", "BLEU", "±", "exact match, %", "± "], axis=1)

# %% [markdown]
# At 1–7 words this model is worse than that of lesson 1. It has seen fewer short sentences and learns long ones as well; which of the two
# matters, we did not test.

# %% [markdown]
# *Exact match* falls with length even if single words do not get harder: if 98 % of the words are right, all of 35 words are right with a
# probability of about $0.98^{35} \approx 0.49$. BLEU counts runs of one to four words, so it does not depend on the length in this way. That
# is why we look at both.

# %% [markdown]
# ### What does ± mean?
#
# The test sentences are a sample. How far would the score of another sample be from ours? The **bootstrap** answers with the sample that we have.
#
# Draw as many sentences as there are, *with replacement*: some are drawn twice, some not at all. Compute the score of this new sample. Do this a thousand times. Leave out the
# lowest 2.5 % of the scores and the highest 2.5 %. The rest lies between two numbers: this is the 95 % **interval**, and ± is half of its
# width.

# %%
short = [i for i, pair in enumerate(test) if len(pair.source) <= 7]
right = np.array([100.0 * (str(answers[i]) == " ".join(test[i].target)) for i in short])

samples = np.random.default_rng(0).choice(right, (1000, len(right)))  # each row is a new sample
low, high = np.percentile(samples.mean(axis=1), [2.5, 97.5])
print(f"exact match {right.mean():.0f} %, from {low:.0f} to {high:.0f} %: ± {(high - low) / 2:.1f}")

# %% [markdown]
# This is the number of the table. Exact match is a *mean*. BLEU is no mean: it counts the runs of all sentences together. So for BLEU one
# thing changes: compute the BLEU of all drawn sentences together.

# %% [markdown]
# A warning. Where 0 of 100 sentences are right, the interval says ± 0. But suppose that the true share is 3 %. Then the probability of 0 in 100 is still
# $0.97^{100} \approx 0.05$. So 0 of 100 does not exclude 3 %.

# %% [markdown]
# ### Exercise 2.1: the interval of a BLEU
#
# *15 minutes, medium.* Write the bootstrap for BLEU. `bleu(written, right)` takes two lists of sentences and returns one number.
#
# <details><summary>Hint 1</summary>
#
# Draw *numbers* of sentences, not sentences: then each translation keeps its right sentence. `random.choices(range(n), k=n)` draws `n` numbers with replacement.
#
# </details>
# <details><summary>Hint 2</summary>
#
# In a loop over `range(samples)`: draw `at`, and append `bleu([written[i] for i in at], [right[i] for i in at])` to a list. `np.percentile(scores, [2.5, 97.5])` gives both ends.
#
# </details>

# %%
import random

def bleu_interval(written, right, samples=300):
    """written, right: equally many sentences.
    Returns both ends of the 95 % interval of their BLEU, the lower one first."""
    ...  # your lines here

# %%
from helpers.exercises import lesson_02 as checks

if checks.bleu_interval(bleu_interval):
    inside = [i for i, pair in enumerate(test) if len(pair.source) <= 7]
    texts = [str(answers[i]) for i in inside], [" ".join(test[i].target) for i in inside]
    low, high = bleu_interval(*texts)
    print(f"BLEU at 1–7 words: from {low:.1f} to {high:.1f}, so ± {(high - low) / 2:.1f}")

# %% [markdown]
# <details><summary>What we got</summary>
#
# The interval was ± 6.7, 6.2 and 6.5 in three tries, and ± 6.3 in the table. Other random draws move the ends a little: a bootstrap interval has an uncertainty of its own.
#
# </details>

# %% [markdown]
# ### The fall
#
# The interval speaks about other *sentences*. It does not speak about another random start of the training. So the course stores results by **seed**:
# the number that starts the random generator. In the figure, the points with bars are *your* model. The line without points is the mean
# of the stored seeds, and its band reaches from the lowest seed to the highest.

# %%
results = load_results("by_length.csv")
results["words"] = [f"{a}–{b}" for a, b in zip(results["length_min"], results["length_max"])]
new = results[results["split"] == "test"]
figure = plots.bleu_by_length(new, {"vanilla": by_length}, ["vanilla"], "The longer, the worse",
                              ("bleu", "exact_match"), my_guess)
plots.show(figure, alt="BLEU and exact match of vanilla fall from short to long sentences.")

# %%
falls = new[new["model"] == "vanilla"].pivot(index="seed", columns="length_min", values="bleu")
falling = (falls.diff(axis=1).iloc[:, 1:] < 0).all(axis=1)
print(f"BLEU falls from each length to the next in {falling.sum()} of {len(falling)} seeds.")

last = [i for i, pair in enumerate(test) if len(pair.source) >= 32]
others = [answers[i] for i in last[1:] + last[:1]]  # each gets the translation of another sentence
by_chance = bleu(others, [" ".join(test[i].target) for i in last])
print(f"By chance, BLEU at 32–39 words is {by_chance:.1f}.")

# %% [markdown]
# ### How new are the sentences?
#
# No test sentence is among the training sentences. But a long sentence is made of **clauses**, parts with a verb of their own. Words
# such as और (aur, *and*) and लेकिन (lekin, *but*) join them. Does the model know the clauses already? We cut at the joints. This also cuts
# *Ram and Sita* in two. Shorter pieces are known more often, so the share that we find is rather too high.

# %%
joints = set("। ? , और लेकिन क्योंकि कि अगर तो जब तब".split())

def clauses(pair):
    """What stands between the joints of the Hindi sentence."""
    cut = " ".join("|" if word in joints else word for word in pair.source)
    return {clause.strip() for clause in cut.split("|")} - {""}

learned = set().union(*map(clauses, train))  # word for word
known = [len(clauses(pair) & learned) / len(clauses(pair)) for pair in test]

# %%
rows = {}
for (low, high), words in zip(TRAIN_BUCKETS, by_length["words"]):
    inside = [i for i, pair in enumerate(test) if low <= len(pair.source) <= high]
    fresh = [i for i in inside if known[i] == 0]
    texts = [answers[i] for i in fresh], [" ".join(test[i].target) for i in fresh]
    rows[words] = 100 * np.mean([known[i] for i in inside]), len(fresh), bleu(*texts)
columns = ["clauses known from the training, %", "sentences without any known clause", "their BLEU"]
pd.DataFrame(rows, index=columns).T.round(1)

# %% [markdown]
# Few clauses are known. BLEU also falls in sentences that have no known clause. Two things we cannot separate: a longer sentence has more
# clauses, and short sentences are of other kinds. More of them are questions.

# %% [markdown]
# ## Four explanations
#
# Why does BLEU fall? "One vector has too little room" comes to mind first, and it is not the only explanation. We name four *before* we
# look at more results, and say what each of them predicts.
#
# | | explanation | if it is right, the fall goes away … |
# |---|---|---|
# | 1 | **Too few passes.** The model has not finished learning. | … with 24 or 48 passes |
# | 2 | **Too narrow.** 128 numbers have no room for a long sentence. | … with more numbers |
# | 3 | **New sentences.** The model has not learned to pack *new* long sentences. | … on sentences of its training |
# | 4 | **Errors that feed on themselves.** The decoder reads its own words, and one wrong word leads to the next. | … if it is given the right previous words |

# %% [markdown]
# We also fix a rule. **What is left** is a model's score at 32–39 words divided by its score at 1–7 words. The score is BLEU. In the
# fourth experiment it is the share of right words, less those that are right by chance; we explain this there.
#
# The fall is *gone* if at least 0.9 is left. It is *smaller* if what is left grows by 0.1 or more, and *larger* if it shrinks by 0.1 or
# more. Otherwise it is *the same*. The 0.1 is a choice of ours: read the numbers beside the words.
#
# **Predict.** Write "gone", "smaller", "the same" or "larger" for each.

# %%
my_guesses = {"more passes": None, "more numbers": None,
              "its own training": None, "right previous words": None}

# %% [markdown]
# ### 1 and 2: more passes, more numbers
#
# These trainings take from minutes to half an hour each, so the course comes with their results. The code of this section only picks
# rows out of the stored tables, and draws them. You need not read it. The learning rate falls to 0 at the end
# of a training, so 24 passes are a training of their own, not a longer one of 6. How many seeds are there of each?

# %%
def there(models):
    """Those of the models that have stored results."""
    return {name: model for name, model in models.items() if model in set(results["model"])}

def stored(models, split="test"):
    """The stored results of these models, under their short names."""
    rows = results[results["split"] == split]
    return pd.concat([rows[rows["model"] == m].assign(model=name) for name, m in models.items()])

more_passes = {f"{n} passes": f"vanilla, {n} passes" for n in (24, 48)}
more_numbers = {f"{n} numbers": f"vanilla, {n} units, 24 passes" for n in (256, 512)}
passes = there({"6 passes": "vanilla", **more_passes})
widths = there({"128 numbers": "vanilla, 24 passes", **more_numbers})
for models in (passes, widths):
    print(stored(models).groupby("model", sort=False)["seed"].nunique().to_dict())

# %%
def draw_fall(models, title, alt):
    """Both scores against the length, a line for each model; the last one is the darkest."""
    rows = stored(models)
    tables = {name: rows.assign(score=rows[column]) for column, name in plots.MEASURES.items()}
    looks = zip(models, ("#f0b182", "#e06c1c", "#9c4408", "#4a1f00"), "osD^")
    styles = {name: {"color": colour, "marker": marker} for name, colour, marker in looks}
    labels = "Hindi words in the sentence", ""
    plots.show(plots.panels(tables, "words", "score", styles, title, labels), alt)

# %%
draw_fall(passes, "More passes, with 128 numbers",
          "BLEU and exact match against length, a line for each number of passes.")

# %%
draw_fall(widths, "More numbers, with 24 passes",
          "BLEU and exact match against length, a line for each size of the vector.")

# %% [markdown]
# More passes and more numbers lift nearly every point. All lines still fall from left to right, and in exact match all end near 0. Have
# passes and numbers made the fall smaller? We apply our rule when all four experiments are done.

# %% [markdown]
# Our settings were chosen for the models of lessons 4 and 5. Would others suit vanilla better? In the first row the weight decay is 0.2
# and the learning rate 0.012. In each other row one of the two is changed. All have 6 passes and one seed.

# %%
settings = {"ours": "vanilla"} | {f"decay {d}": f"vanilla, decay {d}" for d in (0.01, 0.1, 0.4)}
settings |= {f"rate {r}": f"vanilla, rate {r}" for r in (0.003, 0.006, 0.024)}
one_seed = stored(there(settings)).query("seed == 0")
table = one_seed.pivot(index="model", columns="words", values="bleu")
table.loc[list(there(settings)), list(by_length["words"])].round(1)

# %% [markdown]
# BLEU falls from left to right in each row, and no row is clearly better than the first. So a decay and a rate that were chosen for other
# models do not hold vanilla back. The *passes* do: 24 are better, as you saw. So where vanilla is compared with attention, lesson 4 shows the
# best vanilla that we trained as well.

# %% [markdown]
# ### 3: new sentences, or sentences of its own training?
#
# How well does each of these models translate the long sentences that it *learned from*? We compare them with new sentences of the same length.

# %%
runs = {"6 passes, 128 numbers": "vanilla"}
runs |= {f"{n}, 128 numbers": model for n, model in more_passes.items()}
runs = there(runs | {f"24 passes, {n}": model for n, model in more_numbers.items()})

def longest(split, score):
    """The mean over the seeds of a score at 32–39 words, for each of the runs."""
    rows = stored(runs, split).query("words == '32–39'")
    return rows.groupby("model", sort=False)[score].mean()

# %%
import matplotlib.pyplot as plt

rows, size = range(len(runs)), (8, 0.9 + 0.3 * len(runs))
figure, axes = plt.subplots(1, 2, figsize=size, sharey=True, layout="constrained")
for ax, (score, name) in zip(axes, plots.MEASURES.items()):
    unseen, known = longest("test", score), longest("train", score)
    ax.hlines(rows, unseen, known, color="0.7")
    ax.plot(unseen, rows, "o", color="#9c4408", markerfacecolor="white", markersize=9)
    ax.plot(known, rows, "o", color="#9c4408", markersize=5)
    ax.set(xlim=(-4, 104), ylim=(len(runs) - 0.5, -0.5), xlabel=f"{name}, at 32–39 words")
axes[0].set_yticks(rows, runs)
figure.suptitle("○ new sentences   ● sentences of its training", x=0.01, ha="left", size="medium")
plots.show(figure, alt="Scores at 32–39 words, of new sentences and of the training, by model.")

# %% [markdown]
# The first model is a little better on its own sentences than on new ones. With more passes or more numbers, the difference grows. The
# model with 512 numbers writes all of its own long sentences without a mistake, and none of the new ones. The grammar and the lengths
# are the same, so it has learned its own sentences by heart. Would more training pairs help, or something against learning by heart? This is a
# fifth explanation, and we did not test it.
#
# Is there room in the vector? We count in bits. The vocabulary says how many bits it takes to choose a word.

# %%
bits = np.log2(len(vanilla.source_vocab))  # to choose one of all Hindi words
print(f"a long sentence: 39 words of {bits:.1f} bits, {39 * bits:.0f} bits")
print(f"a vector: 128 numbers of 32 bits, {128 * 32:,} bits")
print(f"to tell {len(train):,} sentences apart: {np.log2(len(train)):.1f} bits")

# %% [markdown]
# In principle there is room for ten long sentences. This does not say that a training finds a way to use it.
#
# And be careful with the filled points. For a sentence that the model knows by heart, the vector need only tell *which* of the training sentences it is. The parameters of the decoder can hold the rest.

# %% [markdown]
# ### The price
#
# What did each model cost? We multiply the number of its parameters by the number of passes. The first model is the unit.

# %%
from dataclasses import replace

bill = pd.DataFrame({f"{score}, {name}": longest(split, column)
                     for score, column in (("BLEU", "bleu"), ("exact", "exact_match"))
                     for name, split in (("new", "test"), ("own", "train"))})
for name in runs:
    n_passes, numbers = (int(part.split()[0]) for part in name.split(", "))
    config = replace(recipe("vanilla").model, hidden=numbers)
    model = new_translator(config, recipe("vanilla").training, train)
    bill.loc[name, "parameters, millions"] = sum(part.numel() for part in model.parameters()) / 1e6
    bill.loc[name, "cost"] = bill.loc[name, "parameters, millions"] * n_passes
bill["cost"] /= bill["cost"].iloc[0]
bill.round(1)

# %% [markdown]
# Both changes multiply the cost, and both gain BLEU. *More numbers* makes every part of the model larger, not the vector alone. But no new long
# sentence comes out without a mistake. Keep the last row in
# mind for lesson 4.

# %% [markdown]
# ### 4: errors that feed on themselves
#
# When the model translates, it reads its own words. In training it reads the right words: that is teacher forcing, from lesson 1. So we
# can take away all errors that feed on themselves: give the decoder the right previous words, and ask only for the next one. The share of
# right ones is the **teacher-forced accuracy**.

# %%
from helpers.batching import make_batches
from helpers.vocabulary import EOS, PAD

@torch.no_grad()
def next_word_right(model, batch):
    """For each English word: is it the model's first choice, given the right previous words?"""
    scores, _ = model(batch)  # (B, T_y, words); the second part is for lesson 3
    real = (batch.target_out != PAD) & (batch.target_out != EOS)
    return (scores.argmax(dim=2) == batch.target_out)[real]

# %%
pair = test[long[0]]
(batch,) = make_batches([pair], vanilla.source_vocab, vanilla.target_vocab)
right = next_word_right(vanilla, batch)
print(f"given the right previous words: {right.sum()} of {len(right)} words of our first long sentence")
found = places_written(pair, answers[long[0]])
print(f"in its own translation:       {len(found)} of {len(right)}")

# %% [markdown]
# But some words are right by *chance*: after *in the* comes a place, whatever the Hindi says. So there are two scores, and each has a
# chance of its own, which we subtract. The course has measured all four. The two scores count differently: a next word must be right at its place, and
# a word of a translation may stand a little earlier or later. So look at how the lines run, not at which is higher.
#
# | the decoder reads | score: which words are right | chance |
# |---|---|---|
# | the right previous words | its next words | the same, with the Hindi of *another* sentence |
# | its own previous words | the words of its translation | the same, with the translation of another sentence |

# %%
forcing = load_results("forcing.csv").query("model == 'vanilla'")
kinds = {"right previous words": "forced", "its own words": "free"}
above = pd.concat([forcing.assign(model=name, share=forcing[kind] - forcing[f"{kind}_chance"])
                   for name, kind in kinds.items()])
above["words"] = above["min"].astype(int)
names = {low: words for (low, _), words in zip(TRAIN_BUCKETS, by_length["words"])}
of_place, of_length = above.query("by == 'place'"), above.query("by == 'length'")
of_length = of_length.assign(words=of_length["words"].map(names))

# %%
ORANGE = {"color": "#e06c1c", "marker": "o"}
BROWN = {"color": "#4a1f00", "marker": "s", "linestyle": "--"}
GREY = {"color": "0.5", "linestyle": ":"}

styles = {"right previous words": BROWN, "its own words": ORANGE}
tables = {"by the length of the sentence": of_length, "inside long sentences": of_place}
title = "Given the right previous words, long sentences are still worse"
labels = "Hindi words in the sentence", "right words above chance, %"
figure = plots.panels(tables, "words", "share", styles, title, labels, (0, 85))
figure.axes[1].set_xlabel("place in the translation: the next five words from …")
plots.show(figure, alt="Above chance, the share of right words falls alike in both.")

# %% [markdown]
# Left: from short to long sentences, both lines fall. With the right previous words no error can feed on itself, so there is a fall without it.
# Right: inside the sentences of 24 to 39 Hindi words, both lines fall after the first words. From word 16 on only the model's own words get
# worse, so there errors do feed on themselves.

# %% [markdown]
# ### Exercise 2.2: the vector of another sentence
#
# *10 minutes, medium.* Measure chance yourself. Give each English sentence of a batch the *Hindi* of another one. A word that is
# still right did not need the vector. **Predict** as well: how many words in 100 will that be?
#
# <details><summary>Hint 1</summary>
#
# `replace(batch, source=…)` copies a batch with one part changed. `tensor.roll(1, dims=0)` moves each row one place down, and the last row to the top.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The encoder must know how long each Hindi sentence is. So `batch.source_lengths` has to move together with `batch.source`.
#
# </details>

# %%
def with_other_source(batch):
    """batch.source: (B, T_x), batch.source_lengths: (B,).
    Returns a batch in which each English sentence has the Hindi side of another one."""
    ...  # your line here

my_percent = ...  # how many next words in 100 are right with the wrong vector

# %%
if checks.with_other_source(with_other_source):
    shares = {}
    for low, high in TRAIN_BUCKETS:
        pairs = [pair for pair in test if low <= len(pair.source) <= high]
        (batch,) = make_batches(pairs, vanilla.source_vocab, vanilla.target_vocab, len(pairs))
        own = next_word_right(vanilla, batch).float().mean()
        wrong = next_word_right(vanilla, with_other_source(batch)).float().mean()
        print(f"{low:2}–{high:<2} words: right vector {own:.0%}, wrong vector {wrong:.0%}")
        shares[low] = 100 * wrong.item()
    checks.wrong_vector(my_percent, sum(shares.values()) / len(shares))

# %% [markdown]
# <details><summary>What we got</summary>
#
# With the wrong vector, 19 words in 100 are right in the shortest sentences, and 27 to 29 in the others. With the right vector, 94 are right
# in the shortest and 62 in the longest. A wrong vector also misleads the decoder, so this chance is rather too low. But whatever chance is, 6 words in
# 100 are wrong in the shortest sentences and 38 in the longest, although all previous words are right.
#
# </details>

# %% [markdown]
# ### What became of the four?

# %%
def left(rows, score="bleu"):
    """The score of the longest sentences divided by the score of the shortest ones."""
    means = rows.groupby("words", sort=False)[score].mean()
    return means.iloc[-1] / means.iloc[0]

def left_of(model, split="test"):
    return left(stored({model: model}, split))

def fall(before, after):
    """What became of the fall, by our rule."""
    if after >= 0.9:
        return "gone"
    grows = after - before
    return "smaller" if grows >= 0.1 else "larger" if grows <= -0.1 else "the same"

# %%
most, widest = ([*models.values()][-1] for models in (passes, widths))
forced, own = (left(of_length[of_length["model"] == name], "share") for name in kinds)
measured = {
    "more passes": (left_of("vanilla"), left_of(most)),
    "more numbers": (left_of(widths["128 numbers"]), left_of(widest)),
    "its own training": (left_of(widest), left_of(widest, "train")),
    "right previous words": (own, forced),
}
verdict = pd.DataFrame(measured, index=["left before", "left after"]).T
verdict["the fall is …"] = [fall(*both) for both in measured.values()]
verdict["you predicted"] = [my_guesses[name] or "–" for name in verdict.index]
print(f"more passes: {most}; more numbers, and own training: {widest}")
verdict.round(2)

# %% [markdown]
# The fall is gone only where a model knows the sentences by heart. On new sentences none of the four makes it go away.
#
# - *Passes* and *numbers* make a better translator, which falls less. With 512 numbers, more than half of its BLEU is left in long
#   sentences.
# - With *the right previous words*, long sentences still have far more wrong words than short ones. So errors that feed on themselves are not
#   the whole reason. How large their part is, our two scores cannot tell: they count differently.

# %% [markdown]
# So what became of the explanations? *Too few passes* and *too narrow* are a part of it: with more of both, the fall is smaller. Whether
# still more would end it, we did not try. *New sentences* is a part, too: on its own sentences the widest model does not fall. But it may
# know them by heart, so this says nothing about room. *Errors that feed on themselves* are a part, late in long sentences. No model that we trained brought
# *new* long sentences through one vector without loss.

# %% [markdown]
# ## Where is it lost?
#
# Now the second half of our question. The encoder reads a sentence from its beginning to its end, and hands the vector over right after the last word.
#
# **Predict.** Which part of a long sentence survives best in the translations?

# %%
my_part = None  # "the beginning", "the middle" or "the end"

# %% [markdown]
# ### First instrument: the translations
#
# The links of a pair say which words belong together. A Hindi word is **kept** if the English words that it is linked with stand in the translation. We count kept words
# by their place from the start of the sentence, and by their place from the end.

# %% [markdown]
# ### Exercise 2.3: which words are kept?
#
# *15 minutes, medium.* Write this measurement. `pair.links` holds `(j, t, sure)`: places in `pair.source` and `pair.target`, counted from 0. Go by the sure links only.
# Ask only whether a word is in the list `answer`; one English word may count for two Hindi words.
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
    """answer: a list of English words.
    Returns {j: True or False} for each Hindi word j with a sure link."""
    ...  # your lines here

# %%
if checks.kept(kept):
    rows = []
    for n, i in enumerate(long):
        for name, k in (("kept", i), ("by chance", long[n - 1])):
            found = kept(test[i], list(answers[k].target))
            words = [found[j] for j in sorted(found) if test[i].source[j] not in "।?,"]
            rows.append((name, sum(words[:3]) / 3, sum(words[-3:]) / 3))
    table = pd.DataFrame(rows, columns=["", "first three, %", "last three, %"])
    print((100 * table.groupby("").mean()).round().astype(int))

# %% [markdown]
# <details><summary>What we got</summary>
#
# Of the first three words, 80 % were kept, and 13 % by chance. Of the last three, 49 % were kept, and 11 % by chance. The translations keep more of the beginning.
#
# </details>

# %% [markdown]
# The course stores this count for each of its seeds. Punctuation marks are left out, and so are words without a sure link.

# %%
def both_ends(rows):
    """A table for each end of the sentence; the last word stands at the right edge."""
    from_end = rows[rows["from"] == "end"].sort_values("place", ascending=False, kind="stable")
    return {"place, counted from the start": rows[rows["from"] == "start"],
            "place, counted from the end": from_end}

all_losses = load_results("losses.csv")
losses = all_losses.query("model == 'vanilla'")
rows = losses.melt(["seed", "from", "place"], ["kept", "chance"], "model", "share")
styles = {"kept": ORANGE, "chance": GREY}
figure = plots.panels(both_ends(rows), "place", "share", styles, "The first words are kept best",
                      ("place", "words in the translation, %"))
plots.show(figure, alt="The first words are kept best; from the fourth on the share is flat.")

# %% [markdown]
# Read each line together with its chance. At the very end fewer words are kept, but fewer are right by chance, too. The distance between
# the lines is large for the first three or four words. After them it is smaller, and hardly changes up to the end.

# %% [markdown]
# Words that stand early in the Hindi sentence are mostly *written* early, too. Does it matter when they are *read*? The model *reversed*
# reads the last word first. In the table, start and end are those of the sentence as it is spoken.

# %%
turned = all_losses.query("model == 'reversed'")  # its places are counted as it reads them
both = pd.concat([losses, turned.replace({"from": {"start": "end", "end": "start"}})])
parts = pd.cut(both["place"], [0, 3, 6, 12], labels=["places 1 to 3", "4 to 6", "7 to 12"])
above = (both["kept"] - both["chance"]).groupby([both["from"], both["model"], parts], observed=True)
print("you predicted:", my_part or "–", "\nwords kept, points above chance:")
above.mean().unstack().round(0).astype(int)

# %% [markdown]
# Both models keep the first words best, and about equally many, whether these are read first or last. So it does not matter much when a
# word is *read*. This would fit if it mattered when a word is *written*, and we did not test it.

# %% [markdown]
# ## Reading the vector back
#
# The translations show what the decoder writes. Two more instruments ask the vector itself.
#
# ### Second instrument: a linear probe
#
# Is a lost word gone from the vector, or does the decoder not use it? We ask the vector. For each place we train a **linear probe**: it gets the
# 128 numbers, gives a score to each Hindi word, and names the word with the highest score. If even this simple reader is right about new sentences, the word is in the vector.

# %% [markdown]
# We use the same words and the same places as the first instrument, in sentences of the same length.

# %%
def linked_words(pair):
    """The Hindi words with a sure link, in order, without punctuation."""
    places = sorted({j for j, t, sure in pair.links if sure})
    return [pair.source[j] for j in places if pair.source[j] not in "।?,"]

long_train = [pair for pair in train if len(pair.source) >= 24]
long_test = [pair for pair in test if len(pair.source) >= 24]
train_words, test_words = (list(map(linked_words, pairs)) for pairs in (long_train, long_test))
print(f"{len(long_train):,} sentences to fit the probes, {len(long_test)} to try them")

# %% [markdown]
# A probe is a table $A$. `X` has a row for each sentence: its vector, and a 1 for the bias. `Y` has a row for each sentence, too: a 1 at the right word, 0 at all others.
# `fit` finds the table for which `X @ A` comes closest to `Y`.
#
# This is *least squares* with a small penalty for large numbers. It needs no training loop. You need not know the formula: take it as `fit(X, Y)`.

# %%
def fit(X, Y):
    """The table A for which X @ A comes closest to Y."""
    return torch.linalg.solve(X.T @ X + torch.eye(X.size(1)), X.T @ Y)

def vectors(model, pairs):
    return torch.nn.functional.pad(encoding_vectors(model, pairs), (0, 1), value=1.0)

X, X_test = vectors(vanilla, long_train), vectors(vanilla, long_test)
print(tuple(X.shape), tuple(X_test.shape))

# %% [markdown]
# First one probe, for the last linked word: place −1. How often does the right word have the highest score? We try the probe on the sentences
# that it was fitted to, and on new ones.

# %%
ids = vanilla.source_vocab.ids

def words_at(place, sentences):
    """The number of the word at this place, for each sentence."""
    return torch.tensor([ids[words[place]] for words in sentences])

def one_hot(words):
    return torch.nn.functional.one_hot(words, len(ids)).float()

A = fit(X, one_hot(words_at(-1, train_words)))

# %%
for name, x, words in (("it was fitted to", X, train_words), ("that are new", X_test, test_words)):
    right = (x @ A).argmax(dim=1) == words_at(-1, words)
    print(f"the last word read back from sentences {name}: {100 * right.float().mean():.0f} %")

# %% [markdown]
# On the sentences that it was fitted to, the probe looks better than it is. From now on only new ones count. For comparison we need a reader *without* the vector: it always names the commonest word
# of the place.

# %%
def read_back(X, X_test, place):
    """How many words at a place are read back; how often the commonest one stands there. In %."""
    words, right = words_at(place, train_words), words_at(place, test_words)
    read = (X_test @ fit(X, one_hot(words))).argmax(dim=1)
    return [100 * (guess == right).float().mean().item() for guess in (read, words.mode().values)]

# %% [markdown]
# ### Third instrument: a probe of an untrained encoder
#
# How much of this is the work of *training*? We probe an encoder with random parameters as well, exactly as it is before its training begins.
#
# **Predict.** How many of the last words will be read back from an encoder that has learned nothing?

# %%
my_untrained = None  # a percentage

# %%
untrained = new_translator(recipe("vanilla").model, recipe("vanilla").training, train)
both = {"trained": (X, X_test),
        "untrained": (vectors(untrained, long_train), vectors(untrained, long_test))}
rows = []
for name, of_model in both.items():
    for end, places in (("start", range(12)), ("end", range(-1, -13, -1))):
        for n, place in enumerate(places, 1):
            read, commonest = read_back(*of_model, place)
            rows += [(end, n, name, read, commonest), (end, n, "commonest word", commonest, 0)]
columns = ["from", "place", "model", "share", "commonest"]
readable = pd.DataFrame(rows, columns=columns).assign(seed=0)

# %%
styles = {"trained": ORANGE, "untrained": BROWN, "commonest word": GREY}
title = "An untrained encoder remembers the end; training adds the beginning"
labels = "place", "words read back, %"
figure = plots.panels(both_ends(readable), "place", "share", styles, title, labels)
plots.show(figure, alt="Untrained, only the last words are read back; trained, some at both ends.")

# %%
found = readable.query("`from` == 'end' and place == 1 and model == 'untrained'")["share"].item()
print(f"last words from the untrained encoder: {found:.0f} %")
print("you predicted:", "–" if my_untrained is None else f"{my_untrained} %")

# %% [markdown]
# The untrained encoder gives back *more* of the last words than the trained one. Remember the traces of lesson 1: before training,
# each word about halves what is left of the words before it. So the last words are the strongest, and nobody has to learn this. Of the beginning, a linear probe reads nothing: there its line lies on the line of the
# commonest word.

# %% [markdown]
# The difference between the two is the work of the training. A linear map now reads less of the end, and some of the beginning. Was that an accident of one seed? Here the course has probes of
# all words in sentences of all lengths.

# %%
probes = load_results("probe.csv").query("model == 'vanilla'")
probes = probes.pivot_table("accuracy", ["seed", "distance"], "encoder")
more = {"untrained reads more of the last two words before the full stop": "1 <= distance <= 2",
        "trained reads more of the words 24 and more before the end": "distance >= 24"}
for what, where in more.items():
    means = probes.query(where).groupby("seed").mean()
    first = means[what.split()[0]] > means["trained" if what.startswith("un") else "untrained"]
    print(f"{what}: in {first.sum()} of {len(first)} seeds")

# %% [markdown]
# ### Three instruments, three answers
#
# From each we subtract what chance, or the commonest word, would give.

# %%
read = readable[readable["model"] != "commonest word"].assign(kind=lambda t: "probe, " + t["model"])
both = pd.concat([losses.assign(kind="translations", gain=losses["kept"] - losses["chance"]),
                  read.assign(gain=read["share"] - read["commonest"])])
ends = both["from"].map({"start": "first three", "end": "last three"})
both["part"] = ends.where(both["place"] <= 3).fillna("places 7 to 12")
both = both[(both["place"] <= 3) | (both["place"] >= 7)]
table = both.pivot_table("gain", "kind", "part").round().astype(int)
table[["first three", "places 7 to 12", "last three"]]

# %% [markdown]
# They disagree, because they answer different questions. The untrained probe says what comes for free. The trained probe says what a
# linear map reads *at a certain place*. The translations say what the decoder writes *anywhere* in its sentence.

# %% [markdown]
# So we can conclude:
#
# 1. "The end is fresh, so the end survives" is wrong for translations: they keep the first words best, whether read first or last.
# 2. A good probe does not prove that training stored a word, nor that the decoder uses it.
# 3. A bad probe does not prove that a word is gone: between the ends the probe reads next to nothing, and translations keep many words.
# 4. By the first instrument, places 4 to 12 from either end lose about equally.

# %% [markdown]
# ## Three cures
#
# Three remedies were trained with the recipe of vanilla. If you have little time, go on at *One long sentence*: nothing later needs them.
#
# - *wider*: vectors of 256 numbers;
# - *lstm*: an LSTM, with a memory that no matrix touches;
# - *reversed*: Hindi words fed last to first (Sutskever and others, 2014).
#
# What is a cure? A model that is better at *every* length is a better model, and may fall as steeply. So our rule applies again: how much
# is left at 32–39 words, and is it more than vanilla has left?
#
# **Predict.** Write "gone", "smaller", "the same" or "larger" for the fall of each.

# %%
my_cures = {"wider": None, "lstm": None, "reversed": None}

# %% [markdown]
# ### Exercise 2.4: turn it round
#
# *10 minutes, medium.* Write what the reversed source needs: turn the Hindi side of a pair round. The links must follow: they hold places, and the words move. **Predict** as well: the reversed model has
# some BLEU at 1–7 words. How many percent of it are left at 32–39 words?
#
# <details><summary>Hint 1</summary>
#
# `replace(pair, source=…, links=…)` copies a pair with two parts changed. Both parts are tuples.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Of `n` words, number 0 becomes number `n - 1`. Where does number `j` go?
#
# </details>

# %%
def reversed_pair(pair):
    """Returns the pair with pair.source in the opposite order,
    and links (j, t, sure) that join the same words as before."""
    ...  # your lines here

my_share = ...  # what the reversed model keeps at 32–39 words, in percent

# %%
checks.reversed_pair(reversed_pair)
checks.reversing(my_share)

# %% [markdown]
# <details><summary>What we got</summary>
#
# Reversed keeps about three tenths, as vanilla does. It is a little better in the mean. Why it is better, this does not say.
#
# </details>

# %%
def relative(rows):
    """BLEU in percent of the BLEU of the same model and seed at 1–7 words."""
    first = rows.groupby(["model", "seed"])["bleu"].transform("first")
    return rows.assign(share=100 * rows["bleu"] / first)

new = results[results["split"] == "test"]
shares = relative(new[new["model"].isin(["vanilla", *my_cures])])
cured = score_by_length(translate(trained[cure][0], recipe(cure).prepare(test)), test)
yours = relative(cured.assign(model="yours", seed=0, words=by_length["words"]))

# %%
styles = {"vanilla": {"color": "0.5", "linestyle": "--"}, **{name: ORANGE for name in my_cures},
          "yours": {"color": "#4a1f00", "marker": "D", "markersize": 8, "markerfacecolor": "none",
                    "linestyle": "", "zorder": 5}}
tables = {name: shares[shares["model"].isin(["vanilla", name])] for name in my_cures}
tables[cure] = pd.concat([tables[cure], yours])
title = "How much of its short-sentence BLEU a model keeps"
labels = "Hindi words", "% of BLEU at 1–7 words"
figure = plots.panels(tables, "words", "share", styles, title, labels, (0, 108))
plots.show(figure, alt="Relative to short sentences all three cures fall; vanilla is in grey.")

# %%
ends = shares[shares["words"] == "32–39"].pivot(index="model", columns="seed", values="share")
gain = ends - ends.loc["vanilla"]
table = shares.pivot_table("bleu", "model", "words").round(1)[list(by_length["words"])]
table["left"] = [round(left_of(name), 2) for name in table.index]
table["the fall is …"] = [fall(left_of("vanilla"), left_of(name)) for name in table.index]
table["more left than vanilla"] = [f"in {n} of {of} seeds" for n, of in
                                   zip((gain > 0).sum(axis=1), gain.count(axis=1))]
table["you predicted"] = [my_cures.get(name) or "–" for name in table.index]
table.loc[["vanilla", *my_cures]]

# %% [markdown]
# The LSTM is far behind. Is it only slow? Here it is beside vanilla with 24 passes, and with other learning rates, one seed each.

# %%
slow = {f"{name}, 24 passes": f"{name}, 24 passes" for name in ("vanilla", "lstm")}
slow |= {f"lstm, rate {r}": f"lstm, rate {r}" for r in (0.003, 0.006, 0.024)}
rows = stored(slow).query("seed == 0").pivot(index="model", columns="words", values="bleu")
rows.loc[list(slow), list(by_length["words"])].round(1)

# %% [markdown]
# The wider model has the most left, and still falls. *Reversed* is a little better than vanilla in the mean, and what it has left is about
# the same. The LSTM is worse at every length. With 24 passes it is better than with 6, and still far behind; whether it is only slow, one seed does not
# tell. Why reversed is better, we did not test.

# %% [markdown]
# ### Exercise 2.5: a vector of your own
#
# *20 minutes, 1 minute of waiting, harder.* Write a part of the model: another way to make one vector from the states $h_1, h_2, \dots$ The last state is far from the first words. Take instead, for each
# of the 128 numbers, the *largest* value that it has in any state. Then all words are equally near. Padding must not take part.
#
# <details><summary>Hint 1</summary>
#
# `h.max(dim=1).values` takes the largest values over the words. But padding has states in `h` as well: first make them so small that they cannot win.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `h.masked_fill(~mask.unsqueeze(2), -torch.inf)` writes $-\infty$ where the mask is False. `unsqueeze(2)` gives the mask the shape (B, T_x, 1), so that it fits all numbers of a state.
#
# </details>

# %%
def largest(h, mask):
    """h: (B, T_x, D_h) states, mask: (B, T_x), True at real words.
    Returns (B, D_h): the largest value of each number."""
    ...  # your line here

# %%
from helpers.attention import Context, Look  # you need not read this cell
from helpers.recipes import fit_short

class Largest(Context):
    """The context of each step is your vector. (s_0 still comes from the last state.)"""
    def forward(self, s_prev, encoded, alpha_t=None):
        return Look(largest(encoded.h, encoded.mask))

if checks.largest(largest):
    for name, context in (("last state", None), ("largest values", Largest())):
        model, _, short_test = fit_short(recipe("vanilla"), context)
        scores = score_by_length(translate(model, short_test), short_test, TRAIN_BUCKETS[:2])
        print(f"{name}: BLEU {scores['bleu'].round(1).tolist()} at 1–7 and 8–15 words")

# %% [markdown]
# <details><summary>What we got</summary>
#
# After learning from sentences of up to 15 words, the last state has a BLEU of 52 at 1–7 words and 31 at 8–15 words, and the largest
# values have 54 and 31. So here all words are nearer, and the fall up to 15 words is about the same.
#
# </details>

# %% [markdown]
# ## One long sentence
#
# Here is the sentence with which lesson 1 began; each lesson ends with it. We draw it into the machine of lesson 1. The colour of a state
# shows how much is left of its word in the *translations*: the share of words kept at this place, above chance, in all long sentences. The loops only find the
# place of each word: you need not read them.

# %%
from helpers.drawings import machine

pair, share = hero(test), losses.groupby(["from", "place"])[["kept", "chance"]].mean()
above_chance = ((share["kept"] - share["chance"]) / (100 - share["chance"])).clip(0, 1)

linked = sorted({j for j, t, sure in pair.links if sure and pair.source[j] not in "।?,"})
ink = [0.0] * len(pair.source)
for k, j in enumerate(linked, 1):
    from_end = len(linked) + 1 - k
    ink[j] = above_chance["start", k] if k <= from_end else above_chance["end", from_end]
for j in range(1, len(ink)):
    ink[j] = ink[j] or ink[j - 1]  # without a link of its own: as the word before

# %%
plots.show(*machine(pair, vanilla.config, ink=ink, title="What is left of a long sentence"))

# %% [markdown]
# Below the decoder stand the words that it *should* write. And this is what it writes:

# %%
show_losses(pair, translate(vanilla, [pair])[0])

# %% [markdown]
# ## How do people do it?
#
# People look back: for each word that they write, they look at two or three words of the original. The decoder should be allowed to look
# back, too. But where to look? In the next lesson, somebody tells it.

# %% [markdown]
# ## Exercises
#
# | | what | minutes | level |
# |---|---|---|---|
# | 2.1 | the interval of a BLEU | 15 | medium |
# | 2.2 | the vector of another sentence | 10 | medium |
# | 2.3 | which words are kept? | 15 | medium |
# | 2.4 | turn it round | 10 | medium |
# | 2.5 | a vector of your own | 20, 1 minute of waiting | harder |
#
# Each stands right after what it practises. [The solutions](solutions/02_long_sentences.ipynb) explain the way.

# %% [markdown]
# ## Quiz
#
# Click on the answer that you would give: it says why it is right or wrong.

# %% [markdown]
# **1.** BLEU is 20 ± 4. What does the ± say?
#
# <details><summary>Training again with another seed gives a BLEU between 16 and 24.</summary><p>✗ No. The model stays the same in the bootstrap. How far seeds differ is another question, and the bands in the figures answer it.</p></details>
# <details><summary>Over all sentences of this kind, the BLEU of this model most likely lies between 16 and 24.</summary><p>✓ Right. The test set is a sample of them. The bootstrap draws new samples from the old one and looks how far the score moves.</p></details>
# <details><summary>95 % of the sentences score between 16 and 24.</summary><p>✗ No. Single sentences differ far more. The interval is about the score of the whole set.</p></details>

# %% [markdown]
# **2.** Suppose that a model translates long sentences of its own training without mistakes, and new long sentences badly. What follows?
#
# <details><summary>Its vector is too small for long sentences.</summary><p>✗ No. It may be, but this comparison does not show it.</p></details>
# <details><summary>The new sentences have constructions that the training sentences do not have.</summary><p>✗ Not here. The same grammar wrote both, and they have the same lengths.</p></details>
# <details><summary>It knows its own sentences by heart, and has not learned to do the same with new ones.</summary><p>✓ Right. Its vector may hold every word, or only tell which of the known sentences it is: this comparison does not say which.</p></details>

# %% [markdown]
# **3.** The decoder is given all the right previous words, and the share of right next words, above chance, still falls with the length of the sentence. What does that say about errors that feed on themselves?
#
# <details><summary>They cannot be the whole reason of the fall.</summary><p>✓ Right. With the right previous words, no error can feed on itself, and there is still a fall.</p></details>
# <details><summary>They play no role.</summary><p>✗ No. With its own previous words, the model does somewhat worse in long sentences. They play a role, but not the only one.</p></details>
# <details><summary>They are the reason: long sentences have more words, so more errors.</summary><p>✗ No. We looked at the <i>share</i> of right words, which need not fall with their number.</p></details>

# %% [markdown]
# **4.** A linear probe reads most of the last words back from the vector of a trained encoder. What follows?
#
# <details><summary>The training stored these words in the vector.</summary><p>✗ Not by itself. The vector of an untrained encoder gives back the last words, too.</p></details>
# <details><summary>The decoder will write these words.</summary><p>✗ No. A probe says what is in the vector. Only the translations say what the decoder makes of it.</p></details>
# <details><summary>The vector holds enough to tell these words by a linear map.</summary><p>✓ Right, and no more than that.</p></details>

# %% [markdown]
# **5.** A cure raises BLEU at 32–39 words from 14 to 21, and at 1–7 words from 56 to 84. What has it done to the fall?
#
# <details><summary>It has made the fall smaller: long sentences gain 7 points.</summary><p>✗ Look at the short ones, too: they gain even more points.</p></details>
# <details><summary>Nothing: the model is better at both lengths, and keeps a quarter of its BLEU before and after.</summary><p>✓ Right. 14/56 = 0.25 and 21/84 = 0.25.</p></details>
# <details><summary>It has made the fall worse: the distance grew from 42 to 63 points.</summary><p>✗ The distance grew because the whole curve is higher. Relative to its short sentences the model falls as before.</p></details>

# %% [markdown]
# ## What we measured, and what we did not show
#
# We measured that BLEU falls with length, in every stored seed. More passes, more numbers, other settings and three cures leave a fall.
# A model with 512 numbers knows its long sentences by heart, and falls on new ones. With the right previous words, there is still a fall.
#
# We did not show that *no* vector can do it. Cho and others (2014) saw such a fall on real sentences. Sutskever and others (2014) saw
# little of it, with a large and deep LSTM that read the source reversed. We did not separate length from the number of clauses,
# nor the size of the vector from the size of the model. We did not try more training pairs. And we did not show *how* the vector stores what it
# stores.
#
# **To read next**
#
# - Cho and others: *On the Properties of Neural Machine Translation* (2014), the fall on real sentences.
# - Bahdanau, Cho, Bengio: *Neural Machine Translation by Jointly Learning to Align and Translate* (2015), figure 2.
# - Alain and Bengio: *Understanding intermediate layers using linear classifier probes* (2017).
# - Wieting and Kiela: *No Training Required: Exploring Random Encoders for Sentence Classification* (2019), what untrained encoders know.
# - Koehn: *Statistical Significance Tests for Machine Translation Evaluation* (2004), the bootstrap.
#
# **Next:** [03 What if someone told us where to look?](03_oracle_attention.ipynb)
