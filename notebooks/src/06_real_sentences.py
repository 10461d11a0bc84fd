# %% [markdown]
# # Does it hold on sentences that people wrote?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/06_real_sentences.ipynb)
#
# **Lesson 6 of 8** · about 90 minutes with the exercises, 5 minutes to run · two CPU cores are enough ·
# you should know the model that reads both ways from [lesson 5](05_both_ways.ipynb). The first run downloads 0.5 MB.
# Every term is in the [glossary](../docs/glossary.md).

# %% [markdown]
# **After this lesson you can**
#
# 1. measure how much of a test set leaks into the training, and say why pairs are split in groups;
# 2. say whether a difference between two translators may be luck: of the test sentences, of groups among them, or of the seed;
# 3. cut words into pieces, and say what this does to unknown words.

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
from dataclasses import replace
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import regex
import torch
from sacrebleu.metrics import CHRF

from helpers import plots
from helpers.corpus.pairs import hero, load_split
from helpers.corpus.real import (CorpusUnavailable, aligned, generated_as_real, group_pairs,
                                 load_tatoeba)
from helpers.corpus.romanize import romanize
from helpers.corpus.text import detokenise, tokenise
from helpers.corpus.words import word_class
from helpers.evaluation import (alignment_error, as_written, forced_alpha, score, score_by_length,
                                signatures, with_losses)
from helpers.oracle import SoftAlignment
from helpers.recipes import load_results, recipe
from helpers.training import fit_or_load_all, new_translator, pick_device
from helpers.translation import translate
from helpers.vocabulary import BOS, EOS, PAD
from helpers.widgets.explorer import attention_explorer

# %% [markdown]
# ## Sentences that people wrote
#
# Until now a grammar wrote all sentences. Now people did. [Tatoeba](https://tatoeba.org) is a collection of sentences and translations by volunteers. If it cannot be downloaded, the lesson goes on with
# generated sentences and says so. Then every cell still runs, and its numbers say nothing about real language.

# %%
try:
    corpus = load_tatoeba()
except CorpusUnavailable as problem:
    print(problem)
    corpus = generated_as_real()
    print(corpus.name)
print(corpus.counts, corpus.credit, sep="\n")

# %% [markdown]
# Three pairs to look at. Nobody told these people to use few words, or to agree on a spelling.

# %%
for pair, reference in list(zip(corpus.test, corpus.references["test"]))[5:8]:
    print(*pair.source, "→", reference)
    print("   said:", *map(romanize, pair.source))

# %% [markdown]
# ### Words
#
# First the sentences must be cut into words, and here is a trap. Many programs find words by the pattern `\w+`. In Hindi the vowel behind a consonant is written as a *mark*, and `\w` leaves out most marks.
# So it tears words apart. This course takes letters *and* marks.

# %%
import re

sentence = "मुझे हिन्दी में बात करनी है।"  # I want to speak Hindi.
print(r"\w+:       ", re.findall(r"\w+", sentence))
print("this course:", list(tokenise(sentence)))
print("English:    ", list(tokenise("I can't swim, but Tom can.")))

# %% [markdown]
# In English, *can't* becomes *ca* and *n't*. It looks odd, and it has a use: *n't* is now one word, the same in *can't*, *don't* and *isn't*.
#
# ### Twins
#
# The next trap is the split. Hindi has several words for *you*, so one English sentence can have two Hindi ones, with तुम (tum) and with
# आप (āp). And a Hindi verb can tell whether a man or a woman speaks. If one of such twins is in training and the other in the test set, a model that knows sentences by heart looks
# better than it is.
#
# So two pairs with the same Hindi or the same English sentence are in one **group**. If A and B share a sentence, and B and C share
# one, all three are together. A group goes into one split as a whole. Sentences that are only similar can still be apart.

# %%
everything = [(p.source, p.target) for s in (corpus.train, corpus.valid, corpus.test) for p in s]
sizes = pd.Series([len(group) for group in group_pairs(everything)])
seen = {p.source for p in corpus.train} | {p.target for p in corpus.train}
leaks = sum(p.source in seen or p.target in seen for p in corpus.test)
print(f"{len(everything):,} pairs in {len(sizes):,} groups, the largest of {sizes.max()}")
print(f"{leaks} of {len(corpus.test)} test pairs have a side that occurs in training")

# %% [markdown]
# ### Exercise 6.1: a leaking split
#
# *10 minutes, easy.* How much would leak if we split the pairs at random? A test pair leaks if its source *or* its target occurs in training. **Predict** as well: what percentage of the test pairs would leak?
#
# <details><summary>Hint 1</summary>
#
# Make two sets: all sources of the training, and all targets of the training. To ask a set is fast, and to ask a list is slow.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `sum(condition for p in test)` counts the pairs for which the condition is true.
#
# </details>

# %%
def leak(train, test):
    """Two lists of pairs. Returns the share of test pairs, 0 to 1, with a side that train has."""
    ...  # your lines here

my_leak = ...  # a percentage, from 0 to 100; within 5 counts as right

# %%
from helpers.exercises import lesson_06 as checks

if checks.leak(leak):
    every_pair = [p for s in (corpus.train, corpus.valid, corpus.test) for p in s]
    rows = random.Random(0).sample(every_pair, len(every_pair))
    n = len(corpus.test)
    checks.leak_by_row(my_leak, leak(rows[n:], rows[:n]), leak(corpus.train, corpus.test))

# %% [markdown]
# <details><summary>What we got</summary>
#
# 12 % of the test pairs would leak if the pairs were split at random. In our split none does.
#
# </details>
#
# ### Most words are rare
#
# A word that was seen once becomes `<unk>`, since one example teaches a vector too little. How many words is that? We compare with the generated sentences.

# %%
def rarity(train, test):
    counts = Counter(word for p in train for word in p.source)
    tokens = [word for p in test for word in p.source]
    once, unknown = sum(n == 1 for n in counts.values()), sum(counts[word] < 2 for word in tokens)
    return {"different Hindi words": len(counts), "of them seen once, %": 100 * once / len(counts),
            "unknown among the test words, %": 100 * unknown / len(tokens)}

both = [rarity(corpus.train, corpus.test), rarity(load_split("train"), load_split("test"))]
pd.DataFrame(both, index=["this corpus", "the generated one"]).round(1)

# %% [markdown]
# ## Two larger models
#
# We train a vanilla model and the model of lesson 5, which attends and reads both ways. The stored tables have two more: *learned*,
# which attends and reads forward, and a wider vanilla model as a control of the size.

# %%
control = "vanilla, as many numbers"
for name, hidden in {"vanilla": 256, "learned": 256, control: 335, "both ways": 256}.items():
    chosen = recipe("real " + name.split(",")[0])
    untrained = new_translator(replace(chosen.model, hidden=hidden), chosen.training, corpus.train)
    print(f"{name}: {sum(p.numel() for p in untrained.parameters()):,} numbers to learn")
print("both ways:", chosen.model)
print("all four: ", chosen.training)

# %% [markdown]
# | new | what it does |
# |---|---|
# | `dropout=0.3` | in training, 30 % of the numbers before the output layer are set to 0, chosen anew by chance each time. So the model cannot rely on any single one |
# | `label_smoothing=0.1` | the right word should not get all of the probability: 10 % is shared by all words. So the model does not learn to be too sure |
# | `min_count=2` | a word that was seen once is `<unk>` |
# | `deep_output=True` | one more layer before the output; see the exercise |
#
# The first two work against learning by heart. Passes, learning rate and weight decay are others than before, too. All four models
# are trained with this recipe. It was not searched for each of them, so another one might suit some of them better.

# %% [markdown]
# ### Exercise 6.2: the deep output
#
# *5 minutes, easy.* Until now the logits came from the state alone: $W_o s_t + b_o$. A **deep output** also sees the context $c_t$ and the previous word, $y_{t-1}$. All three are put end to end and go through a layer with a tanh:
#
# $$\text{logits}_t = W_o \tanh(W_r [s_t; c_t; y_{t-1}] + b_r) + b_o$$
#
# Bahdanau and others (2015, appendix A) have such a layer, with another function in place of the tanh. Write it for a batch.
#
# <details><summary>Hint 1</summary>
#
# `torch.cat([…, …, …], dim=1)` puts rows end to end.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `inner` and `outer` are `nn.Linear`: each multiplies by its matrix and adds its bias. The tanh stands between them.
#
# </details>

# %%
def deep_output(s, c, y, inner, outer):
    """s: (B, D_s), c: (B, D_h), y: (B, D_y) the vector of the previous word; inner, outer: nn.Linear.
    Returns the logits, (B, words)."""
    ...  # your line here

# %%
checks.deep_output(deep_output)

# %% [markdown]
# <details><summary>What we got</summary>
#
# One line is enough: put the three end to end, then `inner`, the tanh, and `outer`. Without the tanh the two layers would be one linear layer.
#
# </details>
#
# **Predict.** On generated sentences the model of lesson 5 was close to perfect. These sentences are short, at most 16 words, and there are few of them for so many words. What BLEU will the two models reach?

# %%
my_guess = {"vanilla": None, "both ways": None}

# %% [markdown]
# The training takes most of the lesson's time, with one core for each model.

# %%
names = ["vanilla", "both ways"]
trained = fit_or_load_all([recipe(f"real {name}") for name in names], corpus.train, corpus.valid)
models = {name: trained[f"real {name}"][0] for name in names}
history = {name: trained[f"real {name}"][1] for name in names}

# %% [markdown]
# The loss on the left is counted in **nats**: a loss that is computed with the natural logarithm has this unit. The label
# smoothing asks for 0.9 of the probability at the right word, and for 0.1 shared by all words. A model that gives exactly this has the loss
# of the dotted line, and no model can come below it.

# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
for ax, measure in zip(axes, ("loss", "bleu")):
    curves = {name: getattr(history[name], measure) for name in names}
    passes = range(1, 1 + max(map(len, curves.values())))
    for name, curve in curves.items():
        style = {"color": plots.COLOURS[name], "marker": plots.MARKERS[name], "markersize": 5}
        ax.plot(passes[: len(curve)], curve, **style)
    ax.set(xlabel="passes", xticks=passes[1::2], ylim=(0, 1.1 * max(map(max, curves.values()))))
    ends = {name: curve[-1] for name, curve in curves.items()}
    plots.label_ends(ax, len(passes) + 0.2, ends, plots.COLOURS)
axes[0].set_title("Training loss (smoothed), nats a word")
axes[1].set_title("BLEU on validation sentences")
words = len(models["vanilla"].target_vocab)
p = torch.tensor([0.9 + 0.1 / words] + (words - 1) * [0.1 / words])  # what the smoothing asks for
axes[0].axhline(torch.special.entr(p).sum(), color="0.5", linestyle=":")
title = "Both ways has a lower loss, and a much higher BLEU on new sentences"
figure.suptitle(title, x=0.01, ha="left", size="medium")
plots.show(figure, alt="Training loss and validation BLEU after each pass, for both models.")

# %% [markdown]
# ## The answer, in two measures
#
# Two measures stand side by side here. BLEU counts shared runs of one to four *words*. **chrF** counts shared runs of one to six *letters*, so a word that is nearly right brings some points. Both go
# from 0 to 100.
#
# The scores are computed against the sentences as people wrote them, regardless of case. Where a model wrote `<unk>`, we leave it out: BLEU would cut it into three pieces and punish it three times.

# %%
def as_text(answers):
    return [detokenise([word for word in a.target if word != "<unk>"]) for a in answers]

references = [as_written(reference) for reference in corpus.references["test"]]
answers = {name: translate(model, corpus.test) for name, model in models.items()}
texts = {name: as_text(found) for name, found in answers.items()}
measured = {name: score(found, references, tokenized=False) for name, found in texts.items()}
print("you predicted, in BLEU:", my_guess, " ·", signatures(tokenized=False)["BLEU"])
pd.DataFrame(measured).T[["bleu", "bleu_ci", "chrf", "chrf_ci", "exact_match"]].round(1)

# %% [markdown]
# `…_ci` is half the width of a 95 % interval, as in lesson 2. The line above the table says how BLEU was computed, so that others can compare. Here are some of the translations.

# %%
for i in range(8, min(80, len(references)), 12):
    print("right:    ", corpus.references["test"][i])
    for name in names:
        print(f"{name:10}", texts[name][i])
    print()

# %% [markdown]
# Why two measures? BLEU needs runs of four words, and a short sentence has hardly any. How many runs of four words are there to share, and how many runs of six letters?

# %%
buckets = [(1, 4), (5, 7), (8, 10), (11, max(16, *(len(p.source) for p in corpus.test)))]
counted = {}
for low, high in buckets:
    inside = [r for p, r in zip(corpus.test, references) if low <= len(p.source) <= high]
    words = [len(tokenise(r)) for r in inside]
    counted[f"{low}–{high}"] = {
        "sentences": len(inside),
        "no run of four words, %": 100 * np.mean([n < 4 for n in words]) if words else 0,
        "runs of four words": sum(max(0, n - 3) for n in words),
        "runs of six letters": sum(max(0, len(r.replace(" ", "")) - 5) for r in inside)}
pd.DataFrame(counted).T.round(0).astype(int)

# %% [markdown]
# In the first row BLEU rests on few runs. chrF has many more in every row, so read chrF for the shortest sentences.
#
# One training of each model is little to go by. The course has stored others on Tatoeba, with other seeds.

# %%
stored = load_results("real.csv")
stored["model"] = stored["model"].str.removeprefix("real ")
stored["words"] = stored["length_min"].astype(str) + "–" + stored["length_max"].astype(str)
by_words = stored.query("length_max - length_min < 10")
whole_set = stored.query("length_max - length_min > 10")
means = whole_set.groupby("model")["chrf"].mean()
print("number of seeds:", whole_set["model"].value_counts().to_dict())
compared = [("vanilla", "learned"), (control, "both ways"), ("learned", "both ways")]
for a, b in compared:
    print(f"{b} against {a}: {means[b] - means[a]:+.1f} chrF")
whole_set.pivot_table(index="model", columns="seed", values=["bleu", "chrf"], sort=False).round(1)

# %% [markdown]
# From *vanilla* to *learned* we add attention and only few numbers. The two models of the second line are of the same size. Attention is ahead in both,
# so the size does not explain its gain. The third line adds the second reader and numbers, and cannot tell which of them helps.
#
# In the figure, a line is the mean of the seeds, and a band goes from the lowest to the highest. The hollow points are your two
# models, with 95 % intervals.

# %%
lengths = {name: score_by_length(found, corpus.test, buckets, references)
           for name, found in texts.items()}
shown = ("vanilla", "learned", "both ways")
styles = {name: {"color": plots.COLOURS[name], "marker": plots.MARKERS[name]} for name in shown}
styles[control] = {"color": plots.COLOURS["vanilla"], "linestyle": "--"}
panels = {"BLEU": by_words.assign(score=by_words["bleu"]),
          "chrF": by_words.assign(score=by_words["chrf"])}
figure = plots.panels(panels, "words", "score", styles, "Attention is ahead at every length",
                      labels=("Hindi words in the sentence", ""), ylim=(0, 60))
for ax, column in zip(figure.axes, ("bleu", "chrf")):
    for name, table in lengths.items():
        places = [[low for low, _ in buckets].index(low) for low in table["length_min"]]
        look = {"mfc": "white", "color": plots.COLOURS[name], "ms": 8, "capsize": 2}
        ax.errorbar(places, table[column], table[f"{column}_ci"], fmt=plots.MARKERS[name], **look)
plots.show(figure, alt="BLEU and chrF by source length: the vanilla models are the lowest ones.")

# %% [markdown]
# Is the bottleneck of lesson 2 the reason? Then attention should help most where sentences are long. We look at the difference, in points, and at the ratio.

# %%
table = pd.DataFrame({(measure, name): lengths[name].set_index("length_min")[measure]
                      for measure in ("bleu", "chrf") for name in names})
for measure in ("bleu", "chrf"):
    vanilla, both = table[measure, "vanilla"], table[measure, "both ways"]
    table[measure, "points"], table[measure, "ratio"] = both - vanilla, both / vanilla
table.rename_axis("words, from").sort_index(axis=1, level=0, sort_remaining=False).round(1)

# %% [markdown]
# In points, the longest sentences do not gain most, and from eight words on the ratio hardly rises. In lesson 2 the sentences had up to
# 39 words, and here none has more than 16. So we see *that* attention helps, and not that the bottleneck is the reason.

# %% [markdown]
# ## Better, or luckier with the test sentences?
#
# Your two models translated the same sentences. So for each sentence we can say what *both ways* gained in it. Such a comparison is called **paired**: a hard sentence is hard for both, so it favours neither.

# %%
chrf = CHRF(lowercase=True)

def each(texts):
    """chrF of each translation."""
    return np.array([chrf.sentence_score(t, [r]).score for t, r in zip(texts, references)])

gain = each(texts["both ways"]) - each(texts["vanilla"])
better, worse = 100 * np.mean(gain > 0), 100 * np.mean(gain < 0)
print(f"mean gain {gain.mean():.2f} chrF; {better:.0f} % of the sentences gain, {worse:.0f} % lose")

# %% [markdown]
# With other test sentences the mean gain would be another number. The **bootstrap** of lesson 2 shows how far it may move: draw as many sentences from our own test set, with replacement, and take their mean gain.
# Do this 2,000 times. Of these means, 95 % lie within the interval.
#
# There is one more trap. The bootstrap assumes that the sentences are independent, and twins are not. Here is the group of twins that gains or loses most.

# %%
groups = group_pairs([(p.source, p.target) for p in corpus.test])
print(f"{len(corpus.test)} test sentences in {len(groups)} groups")
for i in max(groups, key=lambda group: (len(group) > 1) * abs(gain[group].sum())):
    print(f"{gain[i]:+6.1f} ", *map(romanize, corpus.test[i].source))
    print("          right:", corpus.references["test"][i])
    print("        vanilla:", texts["vanilla"][i], "  both ways:", texts["both ways"][i])

# %% [markdown]
# Twins get similar translations, so they win or lose together. The remedy is to draw whole groups: all sentences of a group come, or
# none.

# %%
def interval(gain, groups, samples=2000):
    """The 95 % interval of the mean gain, if groups of sentences are drawn with replacement."""
    sums, sizes = np.array([[gain[group].sum(), len(group)] for group in groups]).T
    drawn = np.random.default_rng(0).integers(len(groups), size=(samples, len(groups)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    return np.percentile(means, [2.5, 97.5]).round(2)

sentences = [[i] for i in range(len(gain))]
print("sentences are drawn:", interval(gain, sentences))
print("groups are drawn:   ", interval(gain, groups))

# %% [markdown]
# If 0 lies outside of the interval, the luck of the test sentences is a poor explanation of the gain. The two intervals hardly differ here, since most groups have one sentence. To see what is at stake, take a bad test set: each
# sentence stands in it four times.

# %%
four_times = np.tile(gain, 4)
copies = [[i, i + len(gain), i + 2 * len(gain), i + 3 * len(gain)] for i in range(len(gain))]
for drawn, blocks in (("sentences", [[i] for i in range(len(four_times))]), ("groups", copies)):
    low, high = interval(four_times, blocks)
    print(f"{drawn:9} are drawn: {low:.2f} to {high:.2f}, a width of {high - low:.2f}")

# %% [markdown]
# Nothing new was measured, and still the interval of the sentences is half as wide. It believes that it has seen four times as much. The width falls with the root of the number, and $\sqrt{4} = 2$. The interval of the groups is the same as before.

# %% [markdown]
# ## Or luckier with the seed?
#
# The interval knows nothing about the luck of the training: another seed gives another model. So we need several seeds of each model.

# %% [markdown]
# ### Exercise 6.3: the luck of the seed
#
# *15 minutes, medium.* Suppose that two models are equally good. Then each score could have come from either of them. So put all
# scores together and divide them again into two groups of the same sizes, in every possible way. In what share of these divisions is
# the second group ahead of the first by at least as much as in truth? This is a **permutation test**.
#
# Three and three scores can be divided in 20 ways, and one of them is the truth. So with three seeds each, the share is at least 5 %.
#
# **Predict** as well: is *both ways* ahead of *learned* by so much that this share is 5 % or less?
#
# <details><summary>Hint 1</summary>
#
# `itertools.combinations(range(len(scores)), len(a))` gives the places of the first group, in every possible way. The other places are the second group.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Count a division if its difference of means is `>= truth - 1e-9`: the small number forgives errors of rounding. The true division is one of them, so the share is never 0.
#
# </details>

# %%
def by_chance(a, b):
    """a, b: lists of scores, one for each seed. Returns the share of divisions, from 0 to 1,
    in which mean(second) - mean(first) is at least mean(b) - mean(a)."""
    ...  # your lines here

my_seeds = ...  # "5 % or less" or "more than 5 %"

# %%
if checks.by_chance(by_chance):
    of = {name: list(scores) for name, scores in whole_set.groupby("model")["chrf"]}
    for a, b in compared:
        share = by_chance(of[a], of[b])
        print(f"{a} {of[a]}, {b} {of[b]}: {share:.2f}")
    checks.seeds(my_seeds, of["learned"], of["both ways"], share)

# %% [markdown]
# <details><summary>What we got</summary>
#
# A share of 5 % means that all scores of the second model are above all of the first. Three seeds cannot say more. And the 5 % are
# weak. We counted only the divisions in which the *second* group is ahead; with both directions it would be 2 of 20. And we made three
# comparisons: the more one tries, the easier one of them comes out by luck.
#
# </details>
#
# ## Where does it look?
#
# No grammar wrote these sentences, so there is no gold alignment. For 200 of the test pairs the course has **silver** links. A
# language model made them by written guidelines, twice. Its two rounds agree in 99 % of the links, as the
# [data's README](../data/README.md#real-sentences-with-links) tells, and they may share mistakes. So silver can be wrong.

# %%
silver = aligned(corpus)  # the test pairs that have links; of a corpus of your own, none
print(f"{len(silver)} pairs with {sum(len(p.links) for p in silver):,} links" if silver else
      "no links for this corpus, so the next cells have little to show")

# %% [markdown]
# Here is α of the model that reads both ways, while it is given the right English words. It is the sentence whose links are furthest from the diagonal, among short ones with clear links. White squares are the links.

# %%
def crossing(pair):
    """How far its links are from the diagonal; 0 for a long pair, or one with unsure words."""
    clear = {t for _, t, sure in pair.links if sure} == set(range(len(pair.target)))
    return sum(abs(j - t) for j, t, _ in pair.links) * (clear and len(pair.source) <= 9)

example = max(silver or corpus.test[:1], key=crossing)
meaning = [" ".join(example.target[t] for i, t, _ in example.links if i == j)
           for j in range(len(example.source))]
(found,) = forced_alpha(models["both ways"], [example])
figure = plots.heatmap(found, "α finds some links and looks beside others", glosses=False)
figure.axes[0].set_xticklabels([*map(plots.label, example.source, meaning), "</s>"])
for j, t, sure in example.links:
    line = {"edgecolor": "white", "linewidth": 2, "linestyle": "-" if sure else ":"}
    figure.axes[0].add_patch(plt.Rectangle((j + 0.05, t + 0.05), 0.9, 0.9, fill=False, **line))
plots.show(figure, alt=f"Weights for “{' '.join(example.target)}”; white squares mark the links.")

# %% [markdown]
# How often does the heaviest weight meet a link? For a scale we put three others beside the model: an oracle, which always points at a link, the diagonal, and words at random.

# %%
def points_at(pair, places):
    """α with all weight on one Hindi word for each English word, and </s> on </s>."""
    alpha = torch.eye(len(pair.source) + 1)[[*places, len(pair.source)]]
    return SoftAlignment.of(pair, alpha)

def linked(pair, t):
    """A Hindi word that is linked to English word t, surely if possible; else the first word."""
    return max(((sure, j) for j, at, sure in pair.links if at == t), default=(False, 0))[1]

rng = random.Random(0)
looks = {"oracle α": linked,
         "diagonal α": lambda p, t: t * len(p.source) // len(p.target),
         "random α": lambda p, t: rng.randrange(len(p.source))}

# %%
def error(alphas, pairs):
    return alignment_error(alphas, pairs).set_index("word_class")["aer"]

def told(place, pairs):
    return [points_at(p, [place(p, t) for t in range(len(p.target))]) for p in pairs]

errors, short = {}, [p for p in silver if len(p.source) <= 6]
long = [p for p in silver if len(p.source) >= 9]
for words, pairs in {"": silver, ", to 6 words": short, ", from 9 words": long}.items():
    if pairs:
        errors[f"both ways{words}"] = error(forced_alpha(models["both ways"], pairs), pairs)
        for name, place in looks.items():
            if name == "random α" or not words:
                errors[f"{name}{words}"] = error(told(place, pairs), pairs)
kept = load_results("alignment.csv").set_index(["model", "split"]).sort_index()
others = {"learned, stored seeds": ("real learned", "tatoeba"), "eflomal": ("eflomal", "tatoeba"),
          "both ways, generated sentences": ("both ways", "test")}
for name, which in others.items():
    errors[name] = kept.loc[which].groupby("word_class")["aer"].mean()
pd.DataFrame(errors).T[["content", "function", "punctuation", "all"]].round(2)

# %% [markdown]
# This is the alignment error of lesson 4: 0 is best. English words without a link are not counted. The oracle's error is not 0, because
# a word may have several sure links, and only one of them can have the heaviest weight. *eflomal*, the
# program of lesson 5, has read all of these sentences.
#
# Compare the first row with the last: on real sentences α is a far worse pointer. It is worst in long ones. A long sentence has more
# wrong places, but this explains little: from short to long sentences, the error of random places grows less than that of α. Where does the heaviest weight go instead?

# %%
places = Counter()
for p in silver:
    (found,) = forced_alpha(models["both ways"], [p])
    for t, j in enumerate(found.alpha[:-1].argmax(dim=1).tolist()):
        distances = [abs(j - at) for at, to, _ in p.links if to == t]
        if distances and word_class(p.target[t]) != "punctuation":
            places[{0: "on a link", 1: "beside a link"}.get(min(distances), "elsewhere")] += 1
print("content and function words:", dict(places.most_common()) or "no links for this corpus")

# %% [markdown]
# Beside a link need not mean a mistake: a state has read the words around it, so the neighbour's state may know the word, too.

# %% [markdown]
# ### Exercise 6.4: how sure is it?
#
# *10 minutes, easy.* A row of α may be sharp or spread out. Its **entropy**, $-\sum_j \alpha_{jt} \ln \alpha_{jt}$, is 0 if all weight is on one word, and $\ln T_x$ if all $T_x$ words have the same.
#
# Long sentences allow for a larger entropy, so divide by $\ln T_x$: then 0 is sharp and 1 is even, for every sentence.
#
# **Predict** as well: take the third of the words with the sharpest rows. What percentage of them looks at a silver link?
#
# <details><summary>Hint 1</summary>
#
# One logarithm for each weight, times the weight, summed over the words (`dim=1`), with a minus. $T_x$ is `alpha.size(1)`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# 0 · ln 0 is nan for a computer. `alpha.clamp(min=1e-12).log()` never takes the logarithm of 0.
#
# </details>

# %%
def evenness(alpha):
    """alpha: (T_y, T_x). Returns each row's entropy / ln T_x, (T_y,); 0 · ln 0 counts as 0."""
    ...  # your lines here

my_sharp = ...  # a percentage, from 0 to 100; within 10 counts as right

# %%
if checks.evenness(evenness):
    rows = []
    for p in silver:
        (found,) = forced_alpha(models["both ways"], [p])
        for t, even in enumerate(evenness(found.alpha)[:-1].tolist()):
            right = {j for j, at, _ in p.links if at == t}
            if right and word_class(p.target[t]) != "punctuation":
                rows.append((even, int(found.alpha[t].argmax()) in right))
    thirds = np.array_split(sorted(rows), 3) if rows else []
    checks.sharp_and_right(my_sharp, [100 * third[:, 1].mean() for third in thirds])

# %% [markdown]
# <details><summary>What we got</summary>
#
# Of the third with the sharpest rows 83 % look at a link, of the middle third 56 %, and of the third with the most even rows 39 %. So a sharp row is a better pointer, and no proof.
#
# </details>
#
# ## कल in real sentences
#
# In the generated sentences कल (kal) was *yesterday* or *tomorrow*, and the verb told which. What is it in real ones?

# %%
DAYS = ("yesterday", "tomorrow", "last night")

def day_of(words):
    return next((day for day in DAYS if f" {day} " in f" {' '.join(words)} "), "something else")

kal = [p for p in corpus.train if "कल" in p.source]
there = sum("कल" in p.source for p in load_split("train"))
print(f"{len(kal)} training sentences have कल; of the generated ones of lesson 5, {there:,}")
night = {True: "रात (rāt, night) comes next", False: "another word comes next"}
found = Counter((day_of(p.target), night[("कल", "रात") in pairwise(p.source)]) for p in kal)
pd.Series(found).unstack(fill_value=0) if kal else "no कल in this corpus: the next cells stay empty"

# %% [markdown]
# In 22 of them the next word tells: कल रात (kal rāt) is *last night*. For the others, the verb has to tell, as before. That is little
# to learn from. What do the models write in new sentences? We ask for the validation sentences as well, since the test set has few.

# %%
held_out = [p for p in corpus.valid + corpus.test if "कल" in p.source]
wrote = {name: translate(model, held_out) if held_out else [] for name, model in models.items()}
days = {name: [day_of(answer.target) for answer in found] for name, found in wrote.items()}
table = pd.DataFrame({"Hindi": [" ".join(map(romanize, p.source)) for p in held_out],
                      "right": [day_of(p.target) for p in held_out], **days})
print({name: f"{(table[name] == table['right']).sum()} of {len(table)} right" for name in names})
table

# %% [markdown]
# Lesson 5 had hundreds of such sentences. These few confirm nothing, and refute nothing.

# %% [markdown]
# ## Pieces of words
#
# Short of time? This part and *Beam search* can wait: after them, go on at *What failed*.
#
# A word that was seen once or never is `<unk>` to our models, and nothing in it is used. Yet we know much about such a word: लड़कियों (laṛkiyõ, *girls*) begins as लड़का (laṛkā, *boy*) does and ends as many other words do.
# So let the model read *pieces* of words.
#
# Which pieces? **Byte pair encoding**, BPE for short, learns them from the text. It begins with single letters. Then it looks for the two pieces that stand side by side most often, and joins them
# everywhere. This is one *merge*. Then it does so again, a thousand times.

# %%
def letters(word):
    """The letters of a word, each with its marks. A _ marks the end of the word."""
    cut = regex.findall(r".\p{M}*", word)  # a letter, and all marks that follow it
    return (*cut[:-1], cut[-1] + "_")

def join(pieces, pair):
    """The pieces, with the two of the pair joined wherever they stand side by side."""
    joined = []
    for piece in pieces:
        if joined and (joined[-1], piece) == pair:
            joined[-1] += piece
        else:
            joined.append(piece)
    return tuple(joined)

print(letters("लड़कियाँ"), "→", join(letters("लड़कियाँ"), ("ल", "ड़")))

# %% [markdown]
# Marks must stay with their letters here, too: कि (ki) and याँ (yā̃) are one letter each, with their marks. The `_` lets us put the pieces together again.

# %%
def learn_merges(counts, n):
    """counts: how often each word was seen. Returns n merges, the first one first."""
    words, pairs, merges = {word: letters(word) for word in counts}, Counter(), []

    def count(word, times):
        for pair in pairwise(words[word]):
            pairs[pair] += times

    for word in words:
        count(word, counts[word])
    while len(merges) < n and max(pairs.values(), default=0) > 0:
        best = max(pairs, key=pairs.get)  # the two pieces that stand side by side most often
        merges.append(best)
        for word, pieces in words.items():
            if best in pairwise(pieces):
                count(word, -counts[word])  # its old pairs go,
                words[word] = join(pieces, best)
                count(word, counts[word])  # and its new pairs come
    return merges

# %% [markdown]
# First on four forms of one word and another word, so that we can follow it: *boy*, *boys*, *girl*, *girls*, and *house*.

# %%
toy = {"लड़का": 5, "लड़के": 4, "लड़की": 6, "लड़कियाँ": 2, "मकान": 3}
for n, (left, right) in enumerate(learn_merges(toy, 5), 1):
    print(f"merge {n}: {left} + {right}   ({romanize(left)} + {romanize(right)})")

# %% [markdown]
# The first merge finds what all four forms share. To cut a new word, we make the same merges in the same order.

# %%
def cut(word, merges):
    """merges: {pair: its number}. Returns the pieces of the word."""
    pieces = letters(word)
    while found := [pair for pair in pairwise(pieces) if pair in merges]:
        pieces = join(pieces, min(found, key=merges.get))  # the earliest merge first
    return pieces

numbered = {pair: n for n, pair in enumerate(learn_merges(toy, 5))}
for word in ("लड़कों", "लड़की"):  # the first was not among the words above
    pieces = cut(word, numbered)
    print(romanize(word), "→", *pieces, "→", *(romanize(piece.strip("_")) for piece in pieces))

# %% [markdown]
# **Predict.** Now for the Hindi words of the corpus. A piece that was seen less than twice in training is unknown, as a word is. After 1,000 merges, what percentage of the pieces in the test sentences is unknown? The
# share for words is in the table near the beginning.

# %%
my_unknown = None  # a percentage

# %%
counts = Counter(word for p in corpus.train for word in p.source)
test_words = [word for p in corpus.test for word in p.source]
merges, rows = learn_merges(counts, 1000), []
for n in (0, 100, 300, 1000):
    numbered = {pair: k for k, pair in enumerate(merges[:n])}
    seen_pieces = Counter()
    for word, times in counts.items():
        seen_pieces.update(dict.fromkeys(cut(word, numbered), times))
    pieces = [piece for word in test_words for piece in cut(word, numbered)]
    rows.append({"merges": n, "known pieces": sum(k >= 2 for k in seen_pieces.values()),
                 "pieces a word": len(pieces) / len(test_words),
                 "unknown, %": 100 * np.mean([seen_pieces[piece] < 2 for piece in pieces])})
whole = 100 * np.mean([counts[word] < 2 for word in test_words])
rows.append({"merges": "whole words", "known pieces": sum(k >= 2 for k in counts.values()),
             "pieces a word": 1, "unknown, %": whole})
print("you predicted", my_unknown)
pd.DataFrame(rows).set_index("merges").round(2)

# %% [markdown]
# The table shows a trade. Few merges give few different pieces and long sentences. Many merges give short sentences, and rare pieces come back. Here is what 1,000 merges make of some words that the models do not know.

# %%
unknown = [word for word in dict.fromkeys(test_words) if counts[word] < 2][:40:5]
for word in unknown:
    pieces = cut(word, numbered)
    there = next(r for p, r in zip(corpus.test, corpus.references["test"]) if word in p.source)
    print(f"{word} ({romanize(word)}), in “{there}”")
    print("    ", *(f"{piece} ({romanize(piece.strip('_'))})" for piece in pieces))

# %% [markdown]
# Some cuts are good guesses, and others fall in the middle of a part with a meaning. BPE counts, and knows no grammar. Does it find endings? Here are the last pieces that most words share, single consonants left out.

# %%
cuts = [cut(word, numbered) for word in counts]
endings = Counter(pieces[-1] for pieces in cuts if len(pieces) > 1 and len(pieces[-1]) > 2)
for piece, n in endings.most_common(8):
    some = [romanize(w) for w, pieces in zip(counts, cuts) if pieces[-1] == piece != pieces[0]]
    print(f"{piece} ({romanize(piece.strip('_'))}): {n} words, such as", *some[:5])

# %% [markdown]
# Some of them are endings of Hindi grammar: ना (nā) and ने (ne) end an infinitive, as in *to eat*; ता (tā) and ते (te) end a present form, as in *eats*. Some words only look alike,
# such as रोज़ाना (rozānā, *daily*) and समझौता (samjhautā, *agreement*). Many endings are a mark on the last letter, as in लड़कों (laṛkõ, *boys*).
# Our letters keep their marks, so BPE cannot find these.
#
# Do pieces help the translation? The course trained the model that reads both ways once more, with one seed, on pieces of both languages, 2,000 merges each. The rows tell how many words of a sentence are unknown to the model of words.

# %%
by_unknown = load_results("pieces.csv").rename(columns={"unknown_words": "unknown words"})
rows, measures = ["unknown words", "sentences"], ["chrf", "bleu"]
by_unknown.pivot(index=rows, columns="model", values=measures).round(1)

# %% [markdown]
# Over all sentences nothing is won. In chrF the sentences with unknown words gain, and those without lose. BLEU says the opposite
# where two or more words are unknown. Pieces make an unknown word readable, and every sentence longer. One seed cannot say more. Large systems,
# which learn from millions of sentences, do use pieces.
#
# ## Beam search
#
# Greedy decoding takes the likeliest word and never reconsiders. **Beam search** keeps the $k$ best beginnings, continues each of them by every word, and keeps the $k$ best again.
#
# Take $k = 2$, and suppose that a sentence begins with *the* (0.6) or *a* (0.4). After *the* come *boy* (0.5) and *girl* (0.5), after *a* comes *boy* (0.9).
# The probabilities of the beginnings multiply: *the boy* 0.30, *the girl* 0.30, *a boy* 0.36. Greedy search has taken *the* and cannot find the best one. The beam still has *a*.
#
# The program adds logarithms, since the product of many probabilities would become too small for the computer. Here it is for one sentence, in full.

# %%
@torch.no_grad()
def beam_search(model, words, k=4, longest=40):
    encoded, state = model.read(words)
    beams = [(0.0, [], state)]  # log-probability, words so far, decoder state
    for _ in range(longest):
        longer = []
        for total, so_far, state in beams:
            if so_far[-1:] == [EOS]:  # finished
                longer.append((total, so_far, state))
                continue
            before = torch.tensor([so_far[-1] if so_far else BOS])
            log_p, new_state, _ = model.step(before, state, encoded)
            likeliest = log_p[0].topk(k + 2)
            for p, word in zip(likeliest.values.tolist(), likeliest.indices.tolist()):
                if word not in (PAD, BOS):  # these two are never written; therefore k + 2
                    longer.append((total + p, [*so_far, word], new_state))
        beams = sorted(longer, key=lambda beam: -beam[0])[:k]
    best = max(beams, key=lambda beam: beam[0] / len(beam[1]))
    return [model.target_vocab.words[i] for i in best[1] if i != EOS]

# %% [markdown]
# `longer` is cut to the $k$ likeliest. At the end log-probabilities are compared *per word*, since each further word makes a sentence less likely. The helpers do this for many sentences at a time. Do they agree?

# %%
attentive = models["both ways"].cpu()
for p in corpus.test[:10]:
    (theirs,) = translate(attentive, [p], beam=4, max_length=40)
    assert beam_search(attentive, p.source) == list(theirs.target)
print("the search above and the helpers' agree")
attentive.to(pick_device());

# %%
for k in (1, 2, 5):
    found = as_text(translate(attentive, corpus.valid, beam=k))
    of_beam = score(found, corpus.references["valid"], tokenized=False)
    print(f"beam {k}: BLEU {of_beam['bleu']:.1f}, chrF {of_beam['chrf']:.1f}, validation sentences")

# %% [markdown]
# The beam is chosen on the validation sentences, because a choice on the test set would flatter. On the test set we try only a beam of 5.

# %%
texts["beam 5"] = as_text(translate(attentive, corpus.test, beam=5))
gain = each(texts["beam 5"]) - each(texts["both ways"])
print(f"mean gain {gain.mean():.2f} chrF; groups are drawn:", interval(gain, groups))

# %% [markdown]
# ### Exercise 6.5: greedy against beam
#
# *10 minutes, easy.* A mean hides what happens to single sentences. Count the sentences that a beam of 5 makes better, and those that it makes worse, by `checks.chrf(text, reference)`.
# **Predict** as well: what percentage gets better?
#
# <details><summary>Hint 1</summary>
#
# `zip(greedy, beam, references)` goes through the three lists together.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Better, worse, or the same: most translations do not change at all, and belong to neither count.
#
# </details>

# %%
def better_and_worse(greedy, beam, references):
    """Three lists of text. Returns two whole numbers: how many translations have a higher chrF
    with the beam, and how many a lower one."""
    ...  # your lines here

my_better = ...  # a percentage, from 0 to 100; within 10 counts as right

# %%
if checks.better_and_worse(better_and_worse):
    better, worse = better_and_worse(texts["both ways"], texts["beam 5"], references)
    checks.beam_changes(my_better, better, worse, len(references))

# %% [markdown]
# <details><summary>What we got</summary>
#
# Of 700 translations 27 % got better and 21 % got worse. The beam finds sentences that the model thinks likelier, and the model is not always right about that.
#
# </details>
#
# ## What failed
#
# A mean hides failures, too. Here are the translations that share least with the right ones, among sentences of six words and more.

# %%
one_by_one = each(texts["beam 5"])
worst = sorted((s, i) for i, s in enumerate(one_by_one) if len(corpus.test[i].source) >= 6)
for s, i in worst[:5]:
    print(f"{s:4.1f}  {texts['beam 5'][i]}\n      right: {corpus.references['test'][i]}")

# %% [markdown]
# Are unknown words to blame?

# %%
unknown_words = np.array([sum(counts[word] < 2 for word in p.source) for p in corpus.test])
table = pd.DataFrame({"unknown words": unknown_words.clip(max=2), "chrF": one_by_one})
table["below 20, %"] = 100 * (table["chrF"] < 20)
table["Hindi words"] = [len(p.source) for p in corpus.test]
means = table.groupby("unknown words").mean().rename({2: "2 and more"}).round(1)
means.assign(sentences=table.groupby("unknown words").size().values)

# %% [markdown]
# Partly: with each unknown word more translations fail. These sentences are longer, too, and some fail without any.
#
# Let us say it plainly: this is not a usable translator. Attention lets the decoder see every word of the sentence. It brings no
# knowledge of words that were seen only twice. For that one needs far more text.
#
# A score against *one* reference is hard on correct answers, too: whoever writes *these questions are simple* for *These questions are easy to answer.* is right, and loses points.
#
# ## One long sentence
#
# Here is the sentence of the other lessons. It has 25 words, and these models have never seen more than 16. What they lost stands in brackets.

# %%
pair = hero(load_split("test"))
strange = [word for word in pair.source if counts[word] < 2]
print(f"{len(strange)} of {len(pair.source)} words are unknown:", *map(romanize, strange))
if len(strange) < len(pair.source) / 2:  # else the corpus is in another language
    print("right:    ", *pair.target)
    for name, model in models.items():
        written = translate(model, [pair])[0].target
        print(f"{name:10}", with_losses([word.lower() for word in pair.target], written))
        print("   it wrote:", *written)

# %% [markdown]
# Two things come together here: a length that the models have never seen, and unknown words. One sentence cannot tell which of the two does more harm.

# %% [markdown]
# ## Your own sentence
#
# Type a Hindi sentence, and step through what the model makes of it.

# %%
my_sentence = "मुझे पानी चाहिए।"  # I need water.
if not set(corpus.source_words(my_sentence)) & set(attentive.source_vocab.words):
    my_sentence = " ".join(corpus.test[0].source)  # of a corpus in another language

# %%
mine = corpus.source_words(my_sentence)
for word, close in attentive.source_vocab.unknown(mine).items():
    print(f"the model does not know {word}; close to it: {', '.join(close) or 'nothing'}")
attention_explorer(attentive, translate(attentive, [mine], beam=5)[0])

# %% [markdown]
# Look at the row of the full stop. It often points at some word in the middle. The table of errors has measured this: for punctuation
# the weights meet a link least often.
#
# Or bring your own pair of languages. In place of `corpus = load_tatoeba()` near the top, write `load_parallel("my_sentences.tsv", columns=(0, 1), valid=100, test=200)`,
# from `helpers.corpus.real`. It reads a file with a sentence, a tab and its translation on each line. A comparison of models needs some thousands of pairs.
#
# ## Your translator in a web page
#
# Your model also fits into one web page, without a kernel, a server or a network. Type a sentence there, and pull a bar of α: the rest is
# translated again at once. Open the file in a browser, or send it to a friend. It may have up to 16 MB.

# %%
write = False  # True writes the page, about 10 MB, beside this notebook

if write:
    from helpers.page.write import write_page
    path = write_page("my_translator.html", {"both ways": attentive.cpu()}, corpus.test, buckets)
    print(f"{path.resolve()}: {path.stat().st_size / 1e6:.1f} MB")

# %% [markdown]
# ## Exercises
#
# | | what | minutes | level |
# |---|---|---|---|
# | 6.1 | a leaking split | 10 | easy |
# | 6.2 | the deep output | 5 | easy |
# | 6.3 | the luck of the seed | 15 | medium |
# | 6.4 | how sure is it? | 10 | easy |
# | 6.5 | greedy against beam | 10 | easy |
#
# Each stands right after what it practises. [The solutions](solutions/06_real_sentences.ipynb) explain the way.

# %% [markdown]
# ## Quiz
#
# Click on the answer that you would give: it says why it is right or wrong.

# %% [markdown]
# **1.** Twins of training sentences get into the test set. What happens to the comparison of two models?
#
# <details><summary>Both scores rise by the same amount, so the comparison is still fair.</summary><p>✗ No. A model that learns more by heart wins more by it, so the difference changes, too.</p></details>
# <details><summary>The model that learns more by heart looks better than it is.</summary><p>✓ Right. The test then also asks what was learned by heart.</p></details>
# <details><summary>Both scores fall, because twins have two translations.</summary><p>✗ No. A twin of a known sentence is easier than a sentence that is really new.</p></details>

# %% [markdown]
# **2.** The interval of the mean gain, with groups drawn, lies above 0. What is shown?
#
# <details><summary>The difference between <i>these two trained models</i> is hardly the luck of the test sentences.</summary><p>✓ Right. For the kind of model as such you need several seeds: exercise 6.3.</p></details>
# <details><summary>Attention is better than no attention, with 95 % probability.</summary><p>✗ No. One training of each model was compared. Another seed gives other models, and the interval knows nothing of them.</p></details>
# <details><summary>Attention is better in at least 95 % of the sentences.</summary><p>✗ No. It is an interval of the mean. In many single sentences the other model may be better.</p></details>

# %% [markdown]
# **3.** Why are groups drawn, and not sentences?
#
# <details><summary>It is faster, since there are fewer of them.</summary><p>✗ No. It is about as fast, and that is not the reason.</p></details>
# <details><summary>So that short and long sentences come equally often.</summary><p>✗ No. A group has sentences that share a side, whatever their length.</p></details>
# <details><summary>Sentences of a group win or lose together, so they are fewer pieces of evidence than they seem.</summary><p>✓ Right. If every sentence stood there four times, the interval of the sentences would be half as wide for nothing.</p></details>

# %% [markdown]
# **4.** Two models have three seeds each, and all three scores of the second are above all three of the first. How small can the share of exercise 6.3 be?
#
# <details><summary>1 in 20.</summary><p>✓ Right. There are 20 divisions of six scores into three and three, and the true one is among them. With three seeds more cannot be said.</p></details>
# <details><summary>1 in 9, since there are nine pairings of seeds.</summary><p>✗ No. All nine pairings are won, but they are not independent. What counts is the number of divisions.</p></details>
# <details><summary>0, since the second model always wins.</summary><p>✗ No. The true division is one of the divisions, so the share is never 0.</p></details>

# %% [markdown]
# **5.** You make 10,000 merges in place of 1,000. What happens to the pieces?
#
# <details><summary>They get shorter, since more merges cut more.</summary><p>✗ No. A merge joins two pieces. Cutting is what the letters of the beginning did.</p></details>
# <details><summary>Nearly every word becomes one piece again, and rare pieces are unknown again.</summary><p>✓ Right. With enough merges we are back at words.</p></details>
# <details><summary>No word is unknown any more.</summary><p>✗ No. Unknown pieces are fewest with few merges, where pieces are short and common.</p></details>

# %% [markdown]
# ## What we measured, and what we did not show
#
# On Tatoeba's sentences, models with attention are ahead of vanilla models of nearly the same size, in BLEU and chrF. For your two
# models, the luck of the test sentences does not explain the gain. We measured where α looks, and what pieces do to unknown words.
#
# We did not show it for long real sentences, nor that the bottleneck is the reason, nor for recipes that suit each model best. The
# silver links have a maker who can be wrong. Three seeds are few, and one seed says nothing about luck.
#
# **To read next**
#
# - Tiedemann: *Parallel Data, Tools and Interfaces in OPUS* (2012), the collection behind the download.
# - Popović: *chrF: character n-gram F-score for automatic MT evaluation* (2015).
# - Koehn: *Statistical Significance Tests for Machine Translation Evaluation* (2004), the bootstrap for translation.
# - Sennrich, Haddow, Birch: *Neural Machine Translation of Rare Words with Subword Units* (2016), byte pair encoding.
# - Koehn, Knowles: *Six Challenges for Neural Machine Translation* (2017), what attention does not solve.
#
# **Next:** [07 What if attention does all the work?](07_to_the_transformer.ipynb)
