# %% [markdown]
# # Your attention does not work. Why?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/08_broken_attention.ipynb)
#
# **Lesson 8 of 8** · about 110 minutes with the exercises, 1 minute to run · two CPU cores are enough ·
# you should know lessons [4](04_learned_attention.ipynb) and [5](05_both_ways.ipynb).
# Every term is in the [glossary](../docs/glossary.md#terms).

# %% [markdown]
# **After this lesson you can**
#
# 1. test any model with attention by ten short instruments, and say what each of them can find and cannot find;
# 2. go from a symptom to a test, and from the test to the cause;
# 3. mend twelve faults; for eleven of them a public case is named.
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
from dataclasses import replace

import matplotlib.pyplot as plt
import pandas as pd
import torch
from IPython.display import display
from torch import nn

from helpers import plots
from helpers.batching import make_batches
from helpers.corpus.pairs import hero, load_split
from helpers.corpus.words import gloss, word_class
from helpers.evaluation import with_losses
from helpers.museum import SUSPECTS, museum, untrained
from helpers.recipes import load_results, recipe
from helpers.training import load
from helpers.translation import translate
from helpers.vocabulary import BOS, EOS, PAD

# %% [markdown]
# ## Bugs that do not crash
#
# In May 2017 a reader of PyTorch's own tutorial on attention noticed that its weights are computed without the encoder's states
# ([pytorch/tutorials#87](https://github.com/pytorch/tutorials/issues/87)). Others noticed it again in 2018, 2019 and 2020
# ([#130](https://github.com/pytorch/tutorials/issues/130), [#1098](https://github.com/pytorch/tutorials/issues/1098)). It was repaired in 2023.
# In all this time the program ran, and drew heatmaps.
#
# A broken attention does not stop with an error. The rest of the network learns to live with it. So nobody notices, unless somebody
# tests.

# %% [markdown]
# This lesson is a museum of such faults. It has thirteen exhibits, A to M. Each is the translator of lesson 5, made small: it reads both
# ways, and has learned from 6,000 sentences of up to ten words. Twelve of them have one fault each. One is healthy.

# %%
test = [pair for pair in load_split("test") if len(pair.source) <= 10]
right = [" ".join(pair.target) for pair in test]
exhibits = museum()
print(len(test), "new sentences;", "exhibits", *exhibits)

# %% [markdown]
# An exhibit has a `model`, the `losses` of its training, and its author's own programs: `write(pairs)` translates, and
# `bleu(written, right)` measures. Here is what the authors could see, and what most of us look at: the BLEU that they report, and two
# translations. The columns are headed by the right ones. (BLEU is measured on all 128 sentences, in batches of 32. The two sentences are a
# batch of their own.)

# %%
chosen = [next(p for p in test if " ".join(p.target) == text) for text in (
    "when did Sita and Gita meet the child in Delhi ?",
    "this boy says that the gardener does not grow apples .")]

def on_the_wall(exhibit):
    """The BLEU that its author reports, and two translations, cut where they are very long."""
    texts = [text if len(text) < 60 else text[:58] + " …" for text in exhibit.write(chosen)]
    return [round(exhibit.bleu(exhibit.write(test), right)), *texts]

columns = ["BLEU", *(" ".join(p.target) for p in chosen)]
with pd.option_context("display.max_colwidth", 70):
    display(pd.DataFrame(map(on_the_wall, exhibits.values()), exhibits, columns))

# %% [markdown]
# **Predict.** Which one is healthy? Write its letter. You will see at the end whether this was enough to tell.

# %%
my_healthy = None  # a letter in quotes

# %% [markdown]
# ## Ten instruments
#
# An instrument asks one question, and every healthy model passes. So we can try each of them on a healthy model that has
# learned nothing yet, and see how a pass looks.

# %%
healthy = untrained()

# %% [markdown]
# The questions are asked with one batch of eight sentences. Their lengths differ, so there is padding.

# %%
mixed = sorted(test, key=lambda pair: len(pair.source))[4::16]

def batch_of(exhibit):
    """The sentences as one batch; where a step is no padding, (B, T_y); and a word, (B, T_x)."""
    (batch,) = make_batches(mixed, *exhibit.vocabularies, len(mixed))
    return batch, batch.target_out != PAD, batch.source != PAD

@torch.no_grad()
def alpha_of(exhibit):
    """The weights of all steps, given the right words: (B, T_y, T_x)."""
    return exhibit.model(batch_of(exhibit)[0])[1].alpha

print("Hindi words with </s>:", batch_of(healthy)[0].source_lengths.tolist())

# %% [markdown]
# **1. Sums.** The weights of a step sum to 1 over the Hindi words. How far is a sum from 1? We ask for the other axes, too: if the sum over
# another axis is 1, the softmax went over that one.

# %%
def sums(exhibit):
    """For each axis, how far a sum of weights is from 1 at most: nearly 0 if all of them are 1."""
    (_, real, _), alpha = batch_of(exhibit), alpha_of(exhibit)
    axes = {"over the words": alpha.sum(dim=2)[real], "over the steps": alpha.sum(dim=1),
            "over the batch": alpha.sum(dim=0)}
    return {axis: (total - 1).abs().max().item() for axis, total in axes.items()}

print(sums(healthy))

# %% [markdown]
# **2. Weight on padding.** It must be exactly 0.

# %%
def weight_on_padding(exhibit):
    """The largest weight that padding gets in any step."""
    (_, real, word), alpha = batch_of(exhibit), alpha_of(exhibit)
    return (alpha * ~word.unsqueeze(1)).sum(dim=2)[real].max().item()

print(weight_on_padding(healthy))

# %% [markdown]
# **3. A batch against its singles.** A sentence must be translated in the same way, whoever shares its batch.

# %%
@torch.no_grad()
def alone_or_together(exhibit):
    """How much the probability of a word changes at most, if each sentence is alone."""
    batch, _, _ = batch_of(exhibit)
    together, largest = exhibit.model(batch)[0].softmax(dim=2), 0.0
    for p, pair in zip(together, (mixed[i] for i in batch.indices)):
        (single,) = make_batches([pair], *exhibit.vocabularies)
        alone = exhibit.model(single)[0][0].softmax(dim=1)
        largest = max(largest, (alone - p[: len(alone)]).abs().max().item())
    return largest

print(f"{alone_or_together(healthy):.6f}")

# %% [markdown]
# **4. Another question.** The decoder asks at each step. So the rows of α must differ, at least a little.

# %%
def another_question(exhibit):
    """How much a weight changes at most, from the first step to a later one."""
    (_, real, _), alpha = batch_of(exhibit), alpha_of(exhibit)
    return ((alpha - alpha[:, :1]) * real.unsqueeze(2)).abs().max().item()

print(f"{another_question(healthy):.3f}")

# %% [markdown]
# **5. What a score reads.** The score $e_j$ should depend on word $j$. If the encoder reads both ways, it should also depend on the words to
# its left and to its right. A gradient says on which words it depends.

# %%
def what_a_score_reads(exhibit):
    """The largest gradient of a score e_j at the vector of word j, of one to its left, right."""
    read, model = [], exhibit.model
    hook = model.source_embedding.register_forward_hook(lambda *call: read.append(call[-1]))
    encoded, (s_0,) = model.read(mixed[-1].source)
    hook.remove()
    e = model.context(s_0.detach(), encoded).e[0]
    table = torch.zeros(len(e), len(e))  # row j: how strongly e_j depends on each word
    for j, e_j in enumerate(e):
        for found in torch.autograd.grad(e_j, read, retain_graph=True, allow_unused=True):
            table[j] += 0 if found is None else found[0].norm(dim=1)
    places = {"itself": table.diagonal(), "to its left": table.tril(-1),
              "to its right": table.triu(1)}
    return {place: found.max().item() for place, found in places.items()}

print({place: round(size, 3) for place, size in what_a_score_reads(healthy).items()})

# %% [markdown]
# **6. A gradient that must not be zero.** Each learned part of the attention must get a gradient, or it never learns.

# %%
def smallest_gradient(exhibit):
    """For each part of the attention its largest gradient. Of these, the smallest."""
    model, (batch, real, _) = exhibit.model, batch_of(exhibit)
    model.zero_grad()
    logits, _ = model(batch)
    nn.functional.cross_entropy(logits[real], batch.target_out[real]).backward()
    parts = [part.grad for part in model.context.parameters()]
    return min(0.0 if grad is None else grad.abs().max().item() for grad in parts)

print(f"{smallest_gradient(healthy):.6f}")

# %% [markdown]
# **7. The average again.** We compute $c_t = \sum_j \alpha_{jt} h_j$ ourselves, from the weights that we are shown. If the result is another
# context, we are not shown the weights that the model uses.

# %%
@torch.no_grad()
def average_again(exhibit):
    """How far the context is from the average of the states at most."""
    batch, real, _ = batch_of(exhibit)
    encoded, _ = exhibit.model.encode(batch.source, batch.source_lengths)
    _, look = exhibit.model(batch)
    return (look.alpha @ encoded.h - look.c)[real].abs().max().item()

print(f"{average_again(healthy):.6f}")

# %% [markdown]
# **8. Another answer.** The right answer may be used to compute the loss. The model must not see a word before it has written it. So we give
# the model another answer, twice. We change `</s>`, which is written last, and no score may change. And we translate with the English
# sentences exchanged, and no translation may change.

# %%
@torch.no_grad()
def another_answer(exhibit):
    """How much a score changes, in training; the share of translations that do, in translating."""
    batch, real, _ = batch_of(exhibit)
    others = batch.target_out.clone()
    others[batch.target_out == EOS] = 5  # some other word in place of </s>
    before, after = exhibit.model(batch)[0], exhibit.model(replace(batch, target_out=others))[0]
    turned = [replace(pair, target=mixed[i - 1].target) for i, pair in enumerate(mixed)]
    changed = [a != b for a, b in zip(exhibit.write(mixed), exhibit.write(turned))]
    return {"in training": (before - after)[real].abs().max().item(),
            "in translating": sum(changed) / len(changed)}

print(another_answer(healthy))

# %% [markdown]
# **9. A known case.** The measure must be tested, too. *the farmer will sell* has four words, and the right
# sentence has seven. All runs of one to four words are right, and the sentence is too short: by hand, BLEU is $100 \cdot e^{1 - 7/4} = 47.2$.

# %%
def known_case(exhibit):
    return exhibit.bleu(["the farmer will sell"], ["the farmer will sell three flowers ."])

print(f"{known_case(healthy):.1f}")

# %% [markdown]
# **10. α against the alignment.** How often does the heaviest weight of a content word meet a link? These are 25 words. We shift α as well: *one step up* gives each step
# the weights of the next one.
# This instrument needs a trained model, and links. The untrained one shows what chance gives.

# %%
@torch.no_grad()
def on_a_link(exhibit):
    """The share of content words whose heaviest weight is on a link; α as it is, and shifted."""
    order = batch_of(exhibit)[0].indices
    counts = {"as it is": 0, "one step up": 0, "one step down": 0}
    links = [(b, t, {j for j, to, _ in mixed[i].links if to == t}) for b, i in enumerate(order)
             for t, word in enumerate(mixed[i].target) if word_class(word) == "content"]
    for name, shift in zip(counts, (0, -1, 1)):
        heaviest = alpha_of(exhibit).roll(shift, dims=1).argmax(dim=2)
        counts[name] = sum(heaviest[b, t].item() in linked for b, t, linked in links) / len(links)
    return counts

print({name: round(share, 2) for name, share in on_a_link(healthy).items()})

# %% [markdown]
# ## The suspects
#
# Here are the names of all faults in the museum, and *healthy*. Each letter has one of them.

# %%
for name, meaning in SUSPECTS.items():
    print(f"{name:33} {meaning}")

# %% [markdown]
# The next cell puts all ten instruments into one table; you will see it in each room. Its last column is the untrained healthy model.

# %%
def readings(exhibit):
    """What all instruments say about an exhibit: {(instrument, part): number}."""
    instruments = {"sums": sums, "weight on padding": weight_on_padding,
                   "a batch against its singles": alone_or_together,
                   "another question": another_question, "what a score reads": what_a_score_reads,
                   "smallest gradient": smallest_gradient, "the average again": average_again,
                   "another answer": another_answer, "a known case": known_case,
                   "on a link": on_a_link}
    found = {name: instrument(exhibit) for name, instrument in instruments.items()}
    return {(name, part): number for name, numbers in found.items()
            for part, number in (numbers if isinstance(numbers, dict) else {"": numbers}).items()}

def short(number):
    return "0" if abs(number) < 1e-5 else f"{number:.5f}" if abs(number) < 1e-3 else f"{number:.3g}"

def read_room(letters):
    """The readings of some exhibits, and those of the untrained healthy model."""
    columns = {name: readings(exhibits[name]) for name in letters} | {"healthy": readings(healthy)}
    return pd.DataFrame(columns).map(short)

# %% [markdown]
# When does an instrument **ring**? Numbers below 0.00001 are written as 0.
#
# - Where the healthy model has a 0, every other number rings. Of the sums, only those over the words must be 0. If
#   another axis has a 0, the softmax went over that one.
# - Where the healthy model has a small number, only a 0 rings. The untrained model asks, reads and learns a little, and a trained one more.
# - The known case must be 47.2. *On a link* rings for nobody: it describes.
#
# In each room we see the loss curves and the heatmaps first. The sentence is the one about the child that will return. A row is an English
# word; the colour goes from 0 (dark) to 1 (bright). The sentence is alone, so the pictures have no padding. The code only draws.

# %%
def show_room(letters):
    """Loss curves and heatmaps of some exhibits."""
    figure, axes = plt.subplots(2, len(letters), figsize=(2.9 * len(letters), 4.8), squeeze=False,
                                height_ratios=(1, 1.9), layout="constrained")
    text = "tomorrow the child will return from the city ."
    pair = next(p for p in test if " ".join(p.target) == text)
    glosses = [gloss(word, pair.target) or word for word in pair.source] + ["</s>"]
    for name, (curve, picture) in zip(letters, axes.T):
        exhibit = exhibits[name]
        (batch,) = make_batches([pair], *exhibit.vocabularies)
        with torch.no_grad():
            alpha = exhibit.model(batch)[1].alpha[0]
        curve.plot(range(1, 1 + len(exhibit.losses)), exhibit.losses, "o-", color="0.2", ms=3)
        curve.set(title=f"{name}: loss of each pass", xlim=(0.5, 8.5), ylim=(0, 5))
        curve.set(xticks=range(1, 9))
        picture.imshow(alpha, vmin=0, vmax=1, cmap="viridis", aspect="auto")
        picture.set(title=f"{name}: α")
        picture.set_xticks(range(len(glosses)), glosses, rotation=90)
        rows = [*pair.target, "</s>"]
        picture.set_yticks(range(len(rows)), rows if name == letters[0] else [""] * len(rows))
        picture.tick_params(length=0)
    plots.show(figure, alt="Loss curves and heatmaps of the exhibits " + ", ".join(letters) + ".")

# %% [markdown]
# ## Room 1: who may be seen

# %%
show_room("ABC")

# %% [markdown]
# **Predict.** Which instruments will ring for A, for B and for C? Write a name or several, such as `"sums, weight on padding"`.

# %%
my_rings = {"A": None, "B": None, "C": None}

# %%
print("you predicted:", my_rings)
read_room("ABC")

# %% [markdown]
# ### Exercise 8.1: who may be seen
#
# *8 minutes, medium.* Name the faults of A, B and C, by the names of the suspects.
#
# <details><summary>Hint 1</summary>
#
# Go through a column from top to bottom, and compare it with the last one. The first row that rings says most.
#
# </details>
# <details><summary>Hint 2</summary>
#
# In one of the three, padding gets a little weight, and in another one all of it. For the third, see over which axis the sums are 1.
#
# </details>

# %%
my_faults_1 = {"A": ..., "B": ..., "C": ...}  # such as "healthy"

# %%
from helpers.exercises import lesson_08 as checks

checks.room_1(my_faults_1)

# %% [markdown]
# <details><summary>What we got</summary>
#
# A does not mask the padding. Its BLEU is as good as any, and padding gets 2 % of the weight at most. It has learned to leave padding alone, nearly. But the
# same sentence is translated a little differently in another batch.
#
# B takes its softmax over the batch. Its translation depends on the sentences beside it: alone, every word has the weight 1. So its BLEU, in batches of
# 32, is far better than its two translations on the wall.
#
# C has its mask inverted. Where there is padding, it gets all of the weight. Elsewhere all words have the same. The attention gets no gradient at all, and the rest of the
# network translates as a vanilla model does. The mask also cuts the scores off from the words, so *what a score reads* rings; the weight on padding tells
# C from others that ring there.
#
# </details>
#
# ## Room 2: what a score knows

# %%
show_room("DEFG")

# %% [markdown]
# **Predict.** Which instrument will ring for D, E, F and G?

# %%
my_rings = {"D": None, "E": None, "F": None, "G": None}

# %%
print("you predicted:", my_rings)
read_room("DEFG")

# %% [markdown]
# ### Exercise 8.2: what a score knows
#
# *8 minutes, medium.* Name the faults of D, E, F and G.
#
# <details><summary>Hint 1</summary>
#
# *What a score reads* has three rows. For each suspect, say which words its scores may read.
#
# </details>
# <details><summary>Hint 2</summary>
#
# If *another question* is 0, the rows of α are all the same: the step has no say. Exercise 4.3 had such a bug.
#
# </details>

# %%
my_faults_2 = {"D": ..., "E": ..., "F": ..., "G": ...}

# %%
checks.room_2(my_faults_2)

# %% [markdown]
# <details><summary>What we got</summary>
#
# D lacks the tanh. Its score is $h_j U V + s W V$, and the second term is the same for all words: the softmax takes no notice of it. So $W_{att}$ gets no gradient.
#
# E makes its keys from the words. Each score reads its own word and no other. Where a word stands twice, both places get the same weight.
#
# F is healthy. G gives a score to each *place*: no score reads any word. This is the fault of the tutorial. In short sentences of a regular language it is found out late: the
# words stand in similar places.
#
# </details>
#
# ## Room 3: from the weights to the word

# %%
show_room("HIJ")

# %% [markdown]
# **Predict.** Which instrument will ring for H, I and J?

# %%
my_rings = {"H": None, "I": None, "J": None}

# %%
print("you predicted:", my_rings)
read_room("HIJ")

# %% [markdown]
# ### Exercise 8.3: from the weights to the word
#
# *8 minutes, medium.* Name the faults of H, I and J.
#
# <details><summary>Hint 1</summary>
#
# If *the average again* rings, we are not shown the weights that the model uses. Two suspects can do that.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Does α fit the links better as it is, or shifted by a step? For the third exhibit, see which words its scores do not read.
#
# </details>

# %%
my_faults_3 = {"H": ..., "I": ..., "J": ...}

# %%
checks.room_3(my_faults_3)

# %% [markdown]
# <details><summary>What we got</summary>
#
# H has read the sentence from the left only; the second half of each state is a copy. BLEU shows it a little, and the heatmap not at all.
#
# I is a healthy model with a wrong heatmap: its α is recorded a step late. Shifted up by one step, it fits the links.
#
# J multiplies α by its own scores, so its context is not an average. The rest of the network has got used to it: here both the heatmap and the BLEU are good.
#
# </details>
#
# ## Room 4: who measures

# %%
show_room("KLM")

# %% [markdown]
# **Predict.** Which instrument will ring for K, L and M?

# %%
my_rings = {"K": None, "L": None, "M": None}

# %%
print("you predicted:", my_rings)
read_room("KLM")

# %% [markdown]
# ### Exercise 8.4: who measures
#
# *8 minutes, medium.* Name the faults of K, L and M.
#
# <details><summary>Hint 1</summary>
#
# *Another answer* asks two things: does the training see the answer before it should, and does the translation?
#
# </details>
# <details><summary>Hint 2</summary>
#
# *A known case* tries the ruler, not the model.
#
# </details>

# %%
my_faults_4 = {"K": ..., "L": ..., "M": ...}

# %%
checks.room_4(my_faults_4)

# %% [markdown]
# <details><summary>What we got</summary>
#
# K is given the word that it should write. So it learned to copy: its loss is near 0. When it translates, there is nothing to copy.
#
# L has the teacher in the room while it is measured. Its score is a little too high, and nothing else shows it.
#
# M measures with exchanged arguments. A translation that is too short is then not punished. Here the two scores are nearly the same, since the translations have
# the right length. With another model they would not be.
#
# </details>
#
# ## Were BLEU and the heatmap enough?
#
# Now all exhibits with their faults. The numbers are means of three seeds that come with the course. *Reported* is the BLEU of the author's program,
# *measured rightly* is ours. *On a link* is the share of content words whose heaviest weight meets a link.

# %%
from helpers.museum import FAULTS

print("you said that", my_healthy or "nothing", "is healthy")
stored = load_results("museum.csv")
names = {("BLEU", "reported"): "BLEU, reported",
         ("BLEU", "measured rightly"): "BLEU, measured rightly",
         ("on a link", "as it is"): "on a link", ("loss", "of the last pass"): "last loss"}
table = stored.pivot_table("value", "exhibit", ["reading", "part"])[list(names)]
table.columns = names.values()
table.insert(0, "fault", [FAULTS[letter].name for letter in table.index])
print("seeds:", stored["seed"].nunique(), "· BLEU of J in each:",
      stored.query("exhibit == 'J' and part == 'measured rightly'")["value"].round().tolist())
table.sort_values("BLEU, measured rightly", ascending=False).round(
    {"BLEU, reported": 0, "BLEU, measured rightly": 0, "on a link": 2, "last loss": 2})

# %% [markdown]
# By BLEU, A, I, L and M are as good as the healthy F. By the heatmap, A is as well. I has a poor heatmap and is right all the same.
# J is as good in two of the seeds, and in the third it never found out where to look: a fault may show by luck. K has the lowest loss of
# all, and cannot translate.
#
# So neither the loss nor BLEU nor the heatmap tells a healthy attention from a broken one.
#
# Each fault was found by a test of a few lines. All of these tests but the last one can be made before any training.
#
# ## The workshop
#
# Each exhibit but the healthy one is mended in a line or two. The comment is the line of the exhibit. Write what should stand there.
# Vectors are rows here, as in lesson 4: the matrices stand on the right.

# %% [markdown]
# ### Exercise 8.5: mend the weights and the scores
#
# *15 minutes, medium.* $B$ sentences, $T_x$ Hindi words; the mask is True at real words.
#
# <details><summary>Hint 1</summary>
#
# A, B and C: first give the padding the score $-\infty$, then take the softmax over the words. In B they are axis 2, and its mask needs an axis for the steps.
#
# </details>
# <details><summary>Hint 2</summary>
#
# D, E and G are parts of $e_{jt} = \tanh(h_j U_{att} + s_{t-1} W_{att}) \, V_{att}$. The query has the shape (B, D_a), and it needs an axis for the words.
#
# </details>

# %%
def weights_a(e_t, mask):
    """e_t: (B, T_x), mask: (B, T_x). Returns alpha_t, (B, T_x)."""
    # exhibit A:  return torch.softmax(e_t, dim=1)
    ...  # your line

def weights_b(e, mask):
    """All steps at once. e: (B, T_y, T_x), mask: (B, T_x). Returns alpha, (B, T_y, T_x)."""
    # exhibit B:  return torch.softmax(e.masked_fill(~mask.unsqueeze(1), -1e9), dim=0)
    ...  # your line

def weights_c(e_t, mask):
    """e_t: (B, T_x), mask: (B, T_x). Returns alpha_t, (B, T_x)."""
    # exhibit C:  return torch.softmax(e_t.masked_fill(mask, -1e9), dim=1)
    ...  # your line

def scores_d(keys, query, V_att):
    """keys: (B, T_x, D_a), query: (B, D_a), V_att: (D_a,). Returns e_t, (B, T_x)."""
    # exhibit D:  return (keys + query.unsqueeze(1)) @ V_att
    ...  # your line

def keys_e(h, x, U_att):
    """h: (B, T_x, D) states, x: (B, T_x, D) words, U_att: (D, D_a). Returns keys, (B, T_x, D_a)."""
    # exhibit E:  return x @ U_att
    ...  # your line

def scores_g(s_prev, h, U_att, W_att, V_att):
    """s_prev: (B, D_s), h: (B, T_x, D_h), U_att: (D_h, D_a), W_att: (D_s, D_a), V_att: (D_a,).
    Returns e_t, (B, T_x)."""
    # exhibit G:  return (s_prev @ W)[:, : h.size(1)], with a W that has a column for each place
    ...  # your lines

# %%
checks.weights_a(weights_a)
checks.weights_b(weights_b)
checks.weights_c(weights_c)
checks.scores_d(scores_d)
checks.keys_e(keys_e)
checks.scores_g(scores_g)

# %% [markdown]
# ### Exercise 8.6: mend the rest
#
# *15 minutes, medium.* These are the states of H, the loop that records α in I, the context of J, what K is given, which word L takes for the next step, and the measurement of M.
#
# <details><summary>Hint 1</summary>
#
# I: first do the step, then record its weights. K: put `<s>` (the number `BOS`) in front of each sentence, and leave the last column out: `torch.cat([begin, …], dim=1)`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# J: a batch of weights (B, 1, T_x) times the states (B, T_x, D_h) is (B, 1, D_h). L: `scores.argmax(dim=1)` are the words that the model would write.
#
# </details>

# %%
def states_h(from_left, from_right):
    """Both: (B, T_x, D), in the order of the words. Returns h, (B, T_x, 2 D)."""
    # exhibit H:  return torch.cat([from_left, from_left], dim=2)
    ...  # your line

def alphas_i(step, s, n):
    """step(s) returns the next s and its weights (T_x,). Returns those of n steps, (n, T_x)."""
    # exhibit I, in a loop:  alphas.append(alpha_t); s, alpha_t = step(s), with any alpha_t at first
    ...  # your lines

def context_j(alpha_t, e_t, h):
    """alpha_t, e_t: (B, T_x), h: (B, T_x, D_h). Returns c_t, (B, D_h)."""
    # exhibit J:  return ((alpha_t * e_t).unsqueeze(1) @ h).squeeze(1)
    ...  # your line

def given_k(target_out):
    """target_out: (B, T_y), what each step should write. Returns what it is given, (B, T_y)."""
    # exhibit K:  return target_out
    ...  # your lines

def next_l(scores, right):
    """scores: (B, words) of this step, right: (B,). Returns the words for the next step, (B,)."""
    # exhibit L:  return right
    ...  # your line

def bleu_m(bleu, written, right):
    """bleu(translations, right sentences) is a function. Returns the BLEU of what was written."""
    # exhibit M:  return bleu(right, written)
    ...  # your line

# %%
checks.states_h(states_h)
checks.alphas_i(alphas_i)
checks.context_j(context_j)
checks.given_k(given_k)
checks.next_l(next_l)
checks.bleu_m(bleu_m)

# %% [markdown]
# ## From the symptom to the cause
#
# This table is for your own models. It is also [a page of its own](../docs/diagnosis.md), to print.
#
# | symptom | test | likely cause |
# |---|---|---|
# | a sentence is translated differently in another batch | weight on padding; a batch against its singles | padding is not masked; the softmax goes over the batch |
# | the weights of a step do not sum to 1 | sums, over all axes | the softmax goes over another axis |
# | all words have the same weight | weight on padding; smallest gradient | the mask is inverted; the scores are constant |
# | all rows of a heatmap are the same | another question | no tanh between word and step; the decoder's state is not used |
# | α does not change in training | smallest gradient | a part is cut off from the loss: detached, not called, or cancelled |
# | the heatmap goes by places, whatever the words | what a score reads | the scores do not see the states |
# | a word that stands twice has the same weight at both places | what a score reads | the keys are made from words, not from states |
# | words are wrong that need a later word | what a score reads | the encoder reads one way, or one half twice |
# | good translations, and the heatmap lies beside the words | the average again; α against the links, shifted | α is recorded a step early or late |
# | nothing to see, or poorer translations | the average again | the weights are changed after the softmax |
# | a loss near 0, and nonsense in translating | another answer, in training | the decoder is given the word that it should write |
# | a score that is better than the translations | another answer, in translating | the teacher is still there |
# | a score that does not fit the translations | a known case | arguments exchanged; words cut twice |
# | no instrument rings, and α is not the alignment | mask a state (lesson 4); exchange a state (lesson 5) | perhaps none: a state knows more than its word |

# %% [markdown]
# ## Is our own model healthy?
#
# The instruments work on any model of the course. Here is the one that reads both ways, if lesson 5 was run on this computer.

# %%
from helpers.museum import as_exhibit

own = load(recipe("both ways"), load_split("train"), load_split("valid"))
if own is not None:
    mine = {"both ways": readings(as_exhibit(own.cpu())), "healthy, untrained": readings(healthy)}
    display(pd.DataFrame(mine).map(short))

# %% [markdown]
# It passes. This does not prove that it is right: none of these faults was found, on eight sentences.
#
# ## One long sentence
#
# And here is what this model makes of the sentence with which the course began. What it lost stands in brackets.

# %%
pair = hero(load_split("test"))
print("right:    ", *pair.target)
if own is not None:
    print("both ways:", with_losses(pair.target, translate(own, [pair])[0].target))

# %% [markdown]
# ## Exercises
#
# | | what | minutes | level |
# |---|---|---|---|
# | 8.1 | who may be seen | 8 | medium |
# | 8.2 | what a score knows | 8 | medium |
# | 8.3 | from the weights to the word | 8 | medium |
# | 8.4 | who measures | 8 | medium |
# | 8.5 | mend the weights and the scores | 15 | medium |
# | 8.6 | mend the rest | 15 | medium |
#
# Each stands right after what it practises. [The solutions](solutions/08_broken_attention.ipynb) explain the way.

# %% [markdown]
# ## Quiz
#
# Click on the answer that you would give: it says why it is right or wrong.

# %% [markdown]
# **1.** A model translates well, and each row of its heatmap sums to 1. Is its attention right?
#
# <details><summary>Yes: it could not translate well with a broken attention.</summary><p>✗ No. Several exhibits translate well: the rest of the network learns to live with a fault.</p></details>
# <details><summary>Not necessarily: the sums and the score are only two of the tests.</summary><p>✓ Right. Padding may have weight, the shown weights may not be the used ones, or the teacher may still be there.</p></details>
# <details><summary>No: a good heatmap would be sharp, and need not sum to 1.</summary><p>✗ No. The weights of a step must sum to 1. But this is not enough.</p></details>

# %% [markdown]
# **2.** Which test finds a padding that is not masked, even in an untrained model?
#
# <details><summary>BLEU on short sentences.</summary><p>✗ No. The exhibit with this fault has as good a BLEU as the healthy one, and that of all untrained models is near 0.</p></details>
# <details><summary>The sum over the words of a step.</summary><p>✗ No. Padding and words together still sum to 1.</p></details>
# <details><summary>A batch of different lengths: weight on padding, or the same sentence alone.</summary><p>✓ Right. In a batch of equal lengths there is no padding, and the fault does not show.</p></details>

# %% [markdown]
# **3.** <i>W<sub>att</sub></i> gets a gradient of 0, in every batch. What may be the reason?
#
# <details><summary>The learning rate is too low.</summary><p>✗ No. The learning rate is multiplied with the gradient; it does not change it.</p></details>
# <details><summary>The tanh after the sum of word and step is missing.</summary><p>✓ Right. Then the term of the step is the same for all words, and the softmax cancels it.</p></details>
# <details><summary>The model has learned all it can.</summary><p>✗ No. Then all gradients are small, and not one of them alone 0.</p></details>

# %% [markdown]
# **4.** The average of the states with the shown weights is not the context. The weights, shifted by one step, fit the links. What is broken?
#
# <details><summary>The recording of α.</summary><p>✓ Right. The model used the right weights at the right step, and wrote them down one step late.</p></details>
# <details><summary>The attention: it looks at the word before.</summary><p>✗ No. Then the average with the shown weights would still be the context.</p></details>
# <details><summary>The alignment.</summary><p>✗ No. The average does not use the alignment, and it is already wrong.</p></details>

# %% [markdown]
# **5.** No instrument rings. What do you know?
#
# <details><summary>The model has no fault.</summary><p>✗ No. The instruments find the faults that they were made for. There are others.</p></details>
# <details><summary>These faults were not found in it, on the sentences that were tried.</summary><p>✓ Right. Other faults can still be there.</p></details>
# <details><summary>α says why the model writes its words.</summary><p>✗ No. Lessons 4 and 5 have shown healthy models whose heatmaps do not tell this.</p></details>

# %% [markdown]
# ## What we measured, and what we did not show
#
# Each exhibit was trained with three seeds, and the same instruments rang in all of them. The models are small, their sentences are short, and
# each has one fault only. Two faults at once can hide each other.
#
# Public code was our model for eleven of the faults. For *keys of words* we know no public case. We rebuilt each fault in our own translator.
# We did not run the programs in which it was found, so we do not say what it cost there.
#
# **To read next**
#
# - Karpathy: *A Recipe for Training Neural Networks* (2019), how to look for errors that are silent.
# - Jain and Wallace: *Attention is not Explanation* (2019), and Wiegreffe and Pinter: *Attention is not not Explanation* (2019).
# - Humbatova and others: *Taxonomy of Real Faults in Deep Learning Systems* (2020), what goes wrong in practice.
# - Post: *A Call for Clarity in Reporting BLEU Scores* (2018), how scores go wrong.
