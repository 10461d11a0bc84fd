# %% [markdown]
# # It looks at the right word. Does it know what it sees?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/05_both_ways.ipynb)
#
# **Lesson 5 of 8** · about 75 minutes with the exercises, 3 minutes to run · two CPU cores are enough ·
# you should know learned attention from [lesson 4](04_learned_attention.ipynb).

# %% [markdown]
# **After this lesson you can**
#
# 1. write an encoder that reads a sentence in both directions, and say what its state $h_j$ has read;
# 2. find out *from where* a model knows something, by exchanging one part between two sentences;
# 3. choose controls that separate "it reads the other side" from "it has more numbers".

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
from dataclasses import replace

import matplotlib.pyplot as plt
import torch

from helpers import plots
from helpers.corpus.pairs import hero, load_split
from helpers.corpus.romanize import romanize
from helpers.corpus.words import glosses_of
from helpers.drawings import machine
from helpers.evaluation import forced_alpha, score_by_length, with_losses
from helpers.oracle import SoftAlignment
from helpers.recipes import load_results, recipe
from helpers.training import fit_or_load_all, new_translator
from helpers.translation import translate
from helpers.two_places import DAYS, questions
from helpers.vocabulary import BOS

# %% [markdown]
# ## A word that needs two places
#
# कल (kal) is *yesterday* and it is *tomorrow*. The verb tells which of the two it is, and the verb comes later.

# %%
splits = ("train", "valid", "test", "test_long")
train, valid, test, test_long = map(load_split, splits)
asked = questions(test + valid + test_long)  # words that need a second place, by the alignments
kal = {day: [q for q in asked if q.right == day and q.kind.startswith("कल first")] for day in DAYS}
example = min(kal["yesterday"], key=lambda q: abs(len(q.pair.source) - 9))
plots.gloss_table(example.pair)

# %% [markdown]
# Lesson 4 left us with a puzzle. Its model looks at कल when it writes the first word. Its encoder reads from left to right, so the state $h_1$ has read one word: कल. That
# state is the same vector in every sentence that begins with कल. And still the right day comes out almost always.
#
# **Predict.** From where does the model know the day?

# %%
my_guess = None  # "from s_0", "from the state at कल", or "from other states"

# %% [markdown]
# We train two models, one on each core. *learned* is the model of lesson 4; if you come from there, it is taken from the cache.
# *both ways* is new, and we need it in a moment. The training of both is the same.

# %%
print(recipe("both ways").training)
print("learned:  ", recipe("learned").model)
print("both ways:", recipe("both ways").model)

# %%
names = ["learned", "both ways"]
trained = fit_or_load_all([recipe(name) for name in names], train, valid)
models = {name: trained[name][0].cpu() for name in names}  # single sentences are quick on the CPU

# %% [markdown]
# ## Where does it look?
#
# First the heatmap of the model of lesson 4, for the sentence above. Look at the row of the first English word.

# %%
figure = plots.heatmap(forced_alpha(models["learned"], [example.pair])[0],
                       f"The row of “{example.right}”: most of its weight is on कल")
plots.show(figure, alt="Learned weights for the sentence above: its first word looks at कल most.")

# %% [markdown]
# A heatmap shows where a model looks. It does not show what the model finds there. To learn that, we change one thing and look at the result.
#
# ## Exchange one part
#
# Take two sentences that begin with कल, one about yesterday and one about tomorrow. Carry one part of the second sentence into the first. If the model now writes *tomorrow*, this part told it
# the day.
#
# Such an exchange is called **activation patching**. Two things decide the first word: the decoder's first state $s_0$, and the context $c_1$, which is mixed from the states $h_j$.

# %%
@torch.no_grad()
def first_word(model, words, s_0=None, c_1=None):
    """P(yesterday) and P(tomorrow) as the first word; s_0, c_1 may be another sentence's."""
    encoded, (s,) = model.read(words)
    s = s if s_0 is None else s_0
    c = model.context(s, encoded).c if c_1 is None else c_1
    y = model.target_embedding(torch.tensor([BOS]))
    (s_1,) = model.cell(model.from_word(y) + model.from_context(c), (s,))
    p = model.logits(s_1, c, y)[0].softmax(dim=0)
    return {day: p[model.target_vocab.ids[day]].item() for day in DAYS}

# %% [markdown]
# This is one step of the decoder of lesson 4, with two doors through which something else can come in. `model.context` gives the context,
# and `model.logits` are the numbers before the softmax over the English words. Without an exchange it gives what the model itself says:

# %%
other = min(kal["tomorrow"], key=lambda q: abs(len(q.pair.source) - 9))
for q in (example, other):
    chances = first_word(models["learned"], q.pair.source)
    print(q.right, "→", {day: round(p, 2) for day, p in chances.items()})
    print("   ", *map(romanize, q.pair.source))

# %% [markdown]
# Now we carry $s_0$ of the second sentence into the first one, and then $c_1$.

# %%
with torch.no_grad():
    encoded, (s_0,) = models["learned"].read(other.pair.source)
    c_1 = models["learned"].context(s_0, encoded).c
for name, parts in {"nothing": {}, "s_0": {"s_0": s_0}, "c_1": {"c_1": c_1}}.items():
    p = first_word(models["learned"], example.pair.source, **parts)
    print(f"{name:8} exchanged: P({other.right}) = {p[other.right]:.2f}")

# %% [markdown]
# One pair of sentences is an anecdote. The next exercise adds the third part, the state at कल. The table after it does all exchanges for many pairs.

# %% [markdown]
# ### Exercise 5.1: exchange a state
#
# *15 minutes, medium.* Put the state at the first word of another sentence into this one, and let the model compute its weights and its first word. `encoded.h` are the states, $(1, T_x, D_h)$. The model
# has also prepared `encoded.keys` from them, so they must be made anew: `encoded.keys = model.context.keys(encoded.h)`.
#
# <details><summary>Hint 1</summary>
#
# Read both sentences with `model.read`, under `torch.no_grad()`. Copy the donor's `h[0, 0]` into `encoded.h[0, 0]` of the first sentence.
#
# </details>
# <details><summary>Hint 2</summary>
#
# After the keys are made anew, `log_p, state, look = model.step(torch.tensor([BOS]), state, encoded)` is the first step, where `state` came from `model.read`. The probabilities are `log_p[0].exp()`.
#
# </details>

# %%
def with_state_of(model, words, donor):
    """words, donor: the Hindi words of two sentences.
    Returns the probabilities of the first English word, (target words,)."""
    ...  # your lines here

my_effect = ...  # P(tomorrow) in the example after the exchange, from 0 to 1

# %%
from helpers.exercises import lesson_05 as checks

if checks.with_state_of(with_state_of):
    p = with_state_of(models["learned"], example.pair.source, other.pair.source)
    checks.effect(my_effect, p[models["learned"].target_vocab.ids[other.right]].item())

# %% [markdown]
# <details><summary>What we got</summary>
#
# The probability stayed as it was, to the last digit: the state at कल is the same vector in both sentences. The heaviest square of the row carries no news about the day.
#
# </details>
#
# ## Many exchanges
#
# For the stored table, this was done with up to 50 pairs of sentences for each day and seed, and with the encoder's states at the verb,
# too. *s* and *c* are the decoder's state before the day is written, and its context: $s_0$ and $c_1$ if the day is the first word.
# A new *s* also makes new weights. The numbers say in how many sentences, in %, the *other* day then has a probability above ½.

# %%
kinds = {"कल first, short": "कल first, to 12 words", "कल first, long": "कल first, from 13 words",
         "कल later, before its verb": "कल in a later clause",
         "कल, after its verb": "English verb before the day", "क्या": "क्या (do, did, …)",
         "वह": "वह (he, she)", "अपना": "अपना (his, her, their)"}
parts = {"h": "at कल", "hints": "at the verb"}  # the states there
patched = load_results("patching.csv").replace({"kind": kinds, "part": parts})

def exchanges(*models):
    rows = patched.query("model in @models")
    print("seeds:", rows.groupby("model")["seed"].nunique().to_dict())
    return rows.pivot_table("turned", ["model", "kind"], "part", sort=False).round(0)

exchanges("learned")

# %% [markdown]
# Look at the rows where कल is first. Exchanging the state at कल changes nothing, and exchanging $s_0$ next to nothing. The states at
# the verb turn some answers round. The whole context $c_1$ turns nearly all of them.
#
# So the news is in the context, and not in its heaviest part. But the context is a sum, $c_1 = \sum_j \alpha_{j1} h_j$, and we can
# exchange its terms one by one: what comes from कल, from the words before the verb, from the verb, and from behind it. The states
# behind the verb have read it, too.

# %%
@torch.no_grad()
def terms(q):
    """s_0, and c_1 in four terms: from कल, from before the verb, from the verb, from behind it."""
    encoded, (s_0,) = models["learned"].read(q.pair.source)
    alpha = models["learned"].context(s_0, encoded).alpha[0]
    weighted, verb, behind = alpha.unsqueeze(1) * encoded.h[0], min(q.hints), max(q.hints) + 1
    return s_0, [weighted[a:b].sum(dim=0) for a, b in ((0, 1), (1, verb), (verb, behind), (behind, None))]

taken = {"nothing": [], "कल": [0], "before the verb": [1], "the verb": [2], "behind the verb": [3],
         "the verb and behind": [2, 3], "all but कल": [1, 2, 3]}
print("you predicted:", my_guess)
for name, places in taken.items():
    turned = []
    for day, other_day in (DAYS, DAYS[::-1]):
        for q, donor in zip(kal[day], kal[other_day]):
            (s_0, own), (_, given) = terms(q), terms(donor)
            c_1 = sum(given[k] if k in places else own[k] for k in range(4)).unsqueeze(0)
            p = first_word(models["learned"], q.pair.source, s_0, c_1)
            turned.append(p[other_day] > 0.5)
    print(f"{name:20} {100 * sum(turned) / len(turned):3.0f} % of {len(turned)} answers turned")

# %% [markdown]
# The term of कल turns none, although it is the heaviest. Each of the others turns some, and all three together turn all. So the model takes
# the day from many small weights: on the verb, behind it, and on words such as ने (ne). ने follows the subject where the verb has an
# object and the action is finished, so it belongs to *yesterday*.
#
# A later clause is harder. Even with nothing exchanged, the model takes the wrong day in some of the sentences.
#
# ## Read from the other side
#
# The state at कल cannot know the day, because of the direction of reading: no state knows what comes after its word. So take a second reader, who begins at the end. Its states are written with an arrow
# to the left:
#
# $$\overrightarrow{h}_j = \mathrm{GRU}(\overrightarrow{h}_{j-1}, x_j), \qquad \overleftarrow{h}_j = \mathrm{GRU}'(\overleftarrow{h}_{j+1}, x_j), \qquad h_j = [\overrightarrow{h}_j; \overleftarrow{h}_j]$$

# %% [markdown]
# The two readers have parameters of their own. Their states are put end to end, so $h_j$ has twice as many numbers, and it has read the whole sentence: everything
# up to word $j$ from the left, and everything from word $j$ on from the right. $U_{att}$ gets twice as many rows, and $s_0$ is made from the
# last states of both readers.

# %%
alpha = forced_alpha(models["both ways"], [example.pair])[0]
title = "Brown: what is read from the left. Pink: what is read from the right."
plots.show(*machine(example.pair, recipe("both ways").model, t=1, alpha=alpha, title=title))

# %% [markdown]
# Such an encoder is called **bidirectional**. In the code above it is one word of the configuration, `bidirectional=True`. You can write it yourself.

# %% [markdown]
# ### Exercise 5.2: the second reader
#
# *15 minutes, medium.* Here are two GRUs, one for each direction. Build the states of a padded batch. The trap is the padding: a sentence that is turned round begins with its own last word, and
# not with the padding behind it.
#
# <details><summary>Hint 1</summary>
#
# Go through the batch sentence by sentence: `words = x[b, : lengths[b]].unsqueeze(0)` has no padding. `words.flip(1)` is the same sentence from its end.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `backward(words.flip(1))[0]` has the state of the *last* word first. Turn it round again before you put it beside the other with `torch.cat([…, …], dim=2)`.
# Begin with zeros of the right shape, and fill in `h[b, : lengths[b]]`.
#
# </details>

# %%
def read_both_ways(x, lengths, forward, backward):
    """x: (B, T_x, D_x), lengths: a list of B numbers, forward and backward: two nn.GRU.
    Returns h, (B, T_x, 2 D_h): the forward states first; 0 on padding."""
    ...  # your lines here

# %%
checks.read_both_ways(read_both_ways)

# %% [markdown]
# <details><summary>What we got</summary>
#
# The same states as PyTorch's own bidirectional GRU gives. It leaves the padding out, too.
#
# </details>
#
# ## What does it bring?
#
# **Predict.** The model of lesson 4 falls behind the oracle on long sentences. Will reading both ways help most on short sentences, on long ones, or beyond the lengths of the training?

# %%
my_lengths = None  # "short", "long" or "beyond"

# %%
all_lengths = test + test_long
own = {name: score_by_length(translate(model, all_lengths), all_lengths)
       for name, model in models.items()}
columns = ["length_min", "length_max", "bleu", "bleu_ci", "exact_match", "exact_match_ci"]
own["both ways"][columns].round(1)

# %%
stored = load_results("by_length.csv").query("split != 'train'")
figure = plots.bleu_by_length(stored, own, ["oracle", "both ways", "learned"],
                              "In BLEU, both ways and learned are close up to 39 words",
                              measure=("bleu", "exact_match"))
for ax in figure.axes:
    ax.axvline(4.5, color="0.6", linewidth=0.8, zorder=0)
plots.show(figure, alt="BLEU and exact match by length: both ways and learned are close, beyond 39 words less.")

# %% [markdown]
# The points are your two models, the thin lines and bands the stored seeds. To the right of the grey line, sentences are longer
# than any in training.

# %%
means = stored.groupby(["model", "length_min"], sort=False)["exact_match"].mean().unstack()
gain = (means.loc["both ways"] - means.loc["learned"]).round(1)
print("you predicted:", my_lengths)
print("exact match gained, in points:", {f"from {n} words": g for n, g in gain.items()})

# %% [markdown]
# In exact match, none of these differences is beyond the range of the seeds (see the bands). In BLEU the two are close up to 39 words, and *both ways* is
# ahead beyond them.
#
# An aside, which nothing later needs: how far beyond its training does a model reach? The next table has models that learned from sentences of up to 15 words: a third
# of the pairs, in three times as many passes. It shows their BLEU beside that of the others.

# %%
lengths = ["learned", "both ways", "learned, to 15 words", "both ways, to 15 words"]
table = stored.pivot_table("bleu", "model", "length_min", sort=False).loc[lengths].round(0)
table.rename_axis(columns="words, from")

# %% [markdown]
# From 16 words on, both lose much of their BLEU, and at 32 words about seven tenths. To read both ways does not replace long training
# sentences.
#
# ## Is it the other side, or only more numbers?
#
# A sceptic says: "Your new model has more numbers. Any larger model would be better." Two controls answer this. One reads
# forward only, and its states have 168 numbers in place of 128. The other reads *backward* only. We count the numbers of all four.

# %%
hidden = {"learned": 128, "learned, as many numbers": 168, "backward": 128, "both ways": 128}
for name, d in hidden.items():
    chosen = recipe(name.split(",")[0])
    untrained = new_translator(replace(chosen.model, hidden=d), chosen.training, train)
    print(f"{name}: {sum(p.numel() for p in untrained.parameters()):,} numbers to learn")

# %%
rivals = list(hidden)
runs = stored[stored["model"].isin(rivals)].groupby(["model", "length_min"], sort=False)
print("seeds:", stored.groupby("model")["seed"].nunique()[rivals].to_dict())
runs["exact_match"].mean().unstack().loc[rivals].round(0)

# %% [markdown]
# The sceptic has a point. By this measure, a forward reader with as many numbers is about as good as the model that reads both ways, or better,
# up to 39 words. So the score does not show that the direction matters. We have to ask about words that need the other side.
#
# ## Which words did it learn?
#
# Seven kinds of English words need two places. For each, we give the right previous words and ask the model to choose: *yesterday* or *tomorrow*, *he* or *she*, *his*, *her* or *their*, and for
# a question which verb opens it. Here is one example of each kind.

# %%
for kind, shown in kinds.items():
    q = min((q for q in asked if q.kind == kind), key=lambda q: len(q.pair.source))
    needs = ", ".join(f"{q.pair.source[j]} ({romanize(q.pair.source[j])})" for j in q.hints)
    print(f"{shown}: “{q.right}” needs {needs}")
    print("   ", *map(romanize, q.pair.source), "→", *q.pair.target)

# %% [markdown]
# ### Exercise 5.3: on which side?
#
# *3 minutes, easy.* Another Hindi word decides the translation. Does it stand to the left or to the right? Then think about the
# reader who begins at the end: which of the four words will it know better than a forward reader, and which worse?
#
# <details><summary>Hint 1</summary>
#
# वह (vah) is *he* or *she*, and the form of the verb tells which. अपना (apnā, *one's own*) belongs to the subject. In these
# questions it is *his*, *her* or *their*.
#
# </details>
# <details><summary>Hint 2</summary>
#
# In Hindi the subject comes first and the verb last. In front of a sentence, क्या (kyā) makes a question of it that is answered
# by yes or no. Inside a sentence it is *what*.
#
# </details>

# %%
my_sides = {"कल": ..., "वह": ..., "क्या": ..., "अपना": ...}  # "left" or "right"

# %%
checks.sides(my_sides)

# %% [markdown]
# <details><summary>What we got</summary>
#
# The verb stands to the right of कल, वह and क्या, and the subject to the left of अपना.
#
# </details>
#
# The share of right choices comes from `n` new sentences. In brackets stand the lowest and the highest seed.

# %%
known = load_results("two_places.csv").query("model in @rivals").replace({"kind": kinds})

def with_range(x):
    return f"{x.mean():.0f} ({x.min():.0f}–{x.max():.0f})"

by_kind = known.pivot_table("accuracy", "kind", "model", with_range, sort=False)[rivals]
by_kind.insert(0, "n", known.groupby("kind")["questions"].max())
print("right choices in %; blind guessing gives about 50, and less for क्या and अपना")
by_kind

# %% [markdown]
# *कल* in a later clause shows the gain. *Both ways* and the backward reader have read the verb, and are right nearly always, in every
# seed. *learned* is not, and its seeds differ a lot. The larger forward reader is between.
#
# The other kinds show less. At क्या the two who read from the right are ahead of *learned*, and not of the larger forward reader. At वह they are
# ahead of nobody, although the verb stands on the right: here our expectation failed. At अपना they are behind, and we do not know why: *both ways* has a
# reader from the left, too. Where the English verb comes before the day, all four are
# alike: the decoder has written that verb already.
#
# Where does *both ways* find the day? We exchange again.

# %%
exchanges("learned, as many numbers", "both ways")

# %% [markdown]
# In *both ways*, the state at कल alone turns most answers round, wherever कल stands. The states at the verb turn hardly any. The state at
# कल has read the verb.
#
# In the forward reader, the state at कल has not read the verb, and it turns next to none. The forward reader takes more of the day from
# the verb's states.
#
# Both models look at कल. Here is the row of one sentence from each. The dotted frame is the verb.

# %%
later = next(q for q in asked if "later" in q.kind and 8 < len(q.pair.source) <= 14)
alphas = [forced_alpha(model, [later.pair])[0].alpha for model in models.values()]
rows = torch.stack([alpha[later.t] for alpha in alphas])  # one row of each model
figure = plots.heatmap(SoftAlignment((*later.pair.source, "</s>"), tuple(models), rows),
                       f"For “{later.right}” both models look at कल", glosses=False)
ax = figure.axes[0]
ax.set_xticklabels([*map(plots.label, later.pair.source, glosses_of(later.pair)), "</s>"])
for j in later.hints:
    ax.add_patch(plt.Rectangle((j + 0.03, 0.03), 0.94, 1.94, fill=False, ec="white", lw=2, ls=":"))
ax.set_ylabel("")
plots.show(figure, alt=f"Both models look at कल to write “{later.right}”, and hardly at the verb.")
print(*later.pair.target)

# %% [markdown]
# ### Exercise 5.4: how alike are two heatmaps?
#
# *10 minutes, easy.* Two rows of weights, $\alpha$ and $\beta$, differ by $\frac{1}{2} \sum_j |\alpha_j - \beta_j|$: 0 if they are the same, 1 if they look at different words. This is the **total variation distance**. Write it for all rows
# of two heatmaps. **Predict** as well: what is the mean distance between the rows of the two models, over all test sentences?
#
# <details><summary>Hint 1</summary>
#
# `(a - b).abs()` has the same shape as the heatmaps.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Sum over the words, which are the columns: `dim=1`.
#
# </details>

# %%
def distances(a, b):
    """a, b: (T_y, T_x), rows sum to 1. Returns the distance of each pair of rows, (T_y,)."""
    ...  # your line here

my_distance = ...  # from 0 to 1

# %%
if checks.distances(distances):
    pairs_of_maps = zip(*(forced_alpha(model, test) for model in models.values()))
    found = torch.cat([distances(a.alpha, b.alpha) for a, b in pairs_of_maps])
    checks.mean_distance(my_distance, found.mean().item())

# %% [markdown]
# <details><summary>What we got</summary>
#
# 0.22: more than a fifth of a row's weight lies elsewhere in the other model. Two seeds of *one* kind of model would differ, too; we did not measure how much. And it does not tell what
# the two find there.
#
# </details>
#
# ## Does it look where the alignment says?
#
# The alignment error of lesson 4. The scale stands beside the models: the oracle's own weights, the diagonal, and words at random.
# *eflomal* is a program that only aligns words (Östling and Tiedemann, 2016). It was given the same sentences.

# %%
errors = load_results("alignment.csv").query("split == 'test'")
order = ["oracle α", "eflomal", *reversed(rivals), "diagonal α", "random α"]
by_class = errors.pivot_table("aer", "model", "word_class", sort=False)
by_class.loc[order].round(3)

# %% [markdown]
# Over all words, the error of *both ways* is about half of that of the other readers, and below that of eflomal. We do not know why.
# More numbers alone are not the reason, and reading from the right alone is not: over all words the other three are close to each other. The gain is in content words
# and punctuation.
#
# ## The same heatmap, and other knowledge
#
# Does a good heatmap show a good translator? Here are several models that read both ways. They differ in their random start, and some
# have a weight decay of 0.4 in place of 0.2.
#
# **Predict.** Will the models with the lowest alignment error be right most often where a word needs two places?

# %%
my_relation = None  # "yes" or "no"

# %%
readers = ["both ways", "both ways, decay 0.4"]
error = errors.query("model in @readers and word_class == 'all'").set_index(["model", "seed"])["aer"]
right = load_results("two_places.csv").query("model in @readers").replace({"kind": kinds})
right = right.pivot_table("accuracy", ["model", "seed"], "kind", sort=False).round(0)
hard = [kinds["कल later, before its verb"], kinds["वह"], kinds["अपना"]]
print("you predicted:", my_relation, " right choices in %, the lowest alignment error first:")
right[hard].assign(**{"alignment error": error.round(3)}).sort_values("alignment error")

# %% [markdown]
# Over all words, these heatmaps are good and their errors hardly differ. What the models know differs a lot: at अपना some are right nine times
# in ten, and some hardly more than six. The order of the rows does not tell which. (The error is over all words. Whether α at अपना itself differs, this table does
# not say.) So α shows where a model looks. What it finds there is in the states, and only a question about it can tell.
#
# ## Whose model is this?
#
# The model of this lesson is close to the one of Bahdanau, Cho and Bengio (2015). Their encoder reads both ways, too, and the score is theirs.
#
# Several things differ. They make $s_0$ from the backward state of the first word; we make it from the last states of both
# readers. They have a deeper output layer (see lesson 6), another optimiser, and beam search. Their models are about eight times as
# wide, and they learned from millions of English and French sentences.

# %% [markdown]
# ## Your own sentences
#
# Here you can try sentences made of words of this course, in Devanagari or as they are said. This one is *tomorrow the boy will read
# the book*. For *yesterday the boy read the book*, type *kal laṛke ne kitāb paṛhī*.

# %%
from helpers.widgets.sentence_box import sentence_box

sentence_box(models["both ways"], "kal laṛkā kitāb paṛhegā")

# %% [markdown]
# ## One long sentence
#
# The sentence of the other lessons, by both models of this one. What a model lost stands in brackets.

# %%
pair = hero(test)
print("right:    ", *pair.target)
for name, model in models.items():
    print(f"{name:10}", with_losses(pair.target, translate(model, [pair])[0].target))

# %% [markdown]
# Where *her* stands in place of *their*: अपनी (apnī) has the feminine ending of रसोई (rasoī, *kitchen*), which says nothing about the owners.
#
# ## Exercises
#
# | | what | minutes | level |
# |---|---|---|---|
# | 5.1 | exchange a state | 15 | medium |
# | 5.2 | the second reader | 15 | medium |
# | 5.3 | on which side? | 3 | easy |
# | 5.4 | how alike are two heatmaps? | 10 | easy |
#
# Each stands right after what it practises. [The solutions](solutions/05_both_ways.ipynb) explain the way.

# %% [markdown]
# ## Quiz
#
# Click on the answer that you would give: it says why it is right or wrong.

# %% [markdown]
# **1.** A forward encoder reads “कल … दौड़ेगा ।” (dauṛegā, *will run*). What has its state at कल read?
#
# <details><summary>The whole sentence.</summary><p>✗ No. A forward state has read its own word and the words before it.</p></details>
# <details><summary>कल and nothing else.</summary><p>✓ Right. So it is the same vector in all sentences that begin with कल.</p></details>
# <details><summary>Everything but कल.</summary><p>✗ No. It is the state <i>after</i> the encoder has read कल.</p></details>

# %% [markdown]
# **2.** The state at कल is exchanged with that of another sentence, and the probabilities do not move. Which conclusion is right?
#
# <details><summary>The model does not look at कल.</summary><p>✗ No. It may look there with much weight. What it finds there is the same in both sentences.</p></details>
# <details><summary>This state does not tell the two sentences apart.</summary><p>✓ Right. The exchange tests what differs between the two sentences, and nothing else.</p></details>
# <details><summary>The model does not know the day.</summary><p>✗ No. It may know the day from another part. The exchange of the context shows that it does.</p></details>

# %% [markdown]
# **3.** Why is “a forward model with as many numbers” among the controls?
#
# <details><summary>A larger model could be better at everything, without reading the other side.</summary><p>✓ Right. A comparison should change one thing. This control changes the size and leaves the direction.</p></details>
# <details><summary>It trains faster.</summary><p>✗ No. Time is not the question here.</p></details>
# <details><summary>It shows that forward reading is enough.</summary><p>✗ No. A control can turn out either way. That is why it is run.</p></details>

# %% [markdown]
# **4.** α of both models is about the same for one row. What follows?
#
# <details><summary>Both models know the same.</summary><p>✗ No. The states that are mixed are different ones.</p></details>
# <details><summary>Both models write the same word.</summary><p>✗ Not by itself. The context is α times the states, and the states differ.</p></details>
# <details><summary>Both models look at the same places.</summary><p>✓ Right, and no more than that.</p></details>

# %% [markdown]
# **5.** A padded sentence is turned round as a whole, padding included. What goes wrong?
#
# <details><summary>The backward reader begins with the padding.</summary><p>✓ Right. Its state is no longer the starting state when the last word comes, and a sentence is read differently in another batch.</p></details>
# <details><summary>Nothing, since the embedding of padding is 0.</summary><p>✗ No. A GRU changes its state even if its input is 0, by its biases.</p></details>
# <details><summary>The first word is lost.</summary><p>✗ No. All words are still there. They come after the padding.</p></details>

# %% [markdown]
# ## What we measured, and what we did not show
#
# We measured from where models know the day, by exchanging parts between sentences. In a later clause, the model that reads both
# ways has it in its state at कल, and is right more often than forward readers of two sizes. Its α meets the alignment more often.
# In BLEU it is close to the model of lesson 4 up to 39 words, and a forward reader with as many numbers has about the same exact match.
#
# For the other words that need two places, the second reader brought little, or cost a little. Models with equally good heatmaps know different things.
#
# We did not show how a model uses *all* of its parts, nor
# that any of this holds for sentences that people wrote.
#
# **To read next**
#
# - Bahdanau, Cho, Bengio: *Neural Machine Translation by Jointly Learning to Align and Translate* (2015), section 3.2 and figure 2.
# - Schuster, Paliwal: *Bidirectional Recurrent Neural Networks* (1997), where the second reader comes from.
# - Vig and others: *Investigating Gender Bias in Language Models Using Causal Mediation Analysis* (2020), exchanges in a large model.
# - Jain, Wallace: *Attention is not Explanation* (2019), and Wiegreffe, Pinter: *Attention is not not Explanation* (2019).
#
# **Next:** [06 Does it hold on sentences that people wrote?](06_real_sentences.ipynb)
