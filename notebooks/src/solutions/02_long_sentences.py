# %% [markdown]
# # Solutions to lesson 2: What gets lost, and where?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/solutions/02_long_sentences.ipynb)
#
# Try [the lesson](../02_long_sentences.ipynb) first: a check that says what is wrong teaches more than an answer that is right. Each solution here passes the same check, says why it is right, and names the wrong turns that many people take.

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
from dataclasses import replace

import pandas as pd

from helpers.corpus.pairs import load_split
from helpers.evaluation import probe
from helpers.exercises import lesson_02 as checks
from helpers.recipes import load_results, recipe
from helpers.training import fit_or_load, new_translator
from helpers.translation import translate

train, valid, test = (load_split(name) for name in ("train", "valid", "test"))
vanilla, _ = fit_or_load(recipe("vanilla"), train, valid)

# %% [markdown]
# ## 2.1 From which length on is half of it gone?

# %%
def half_length(by_length):
    below = by_length[by_length["bleu"] < by_length["bleu"].max() / 2]
    return below["length_min"].iloc[0] if len(below) else float("inf")

checks.half_length(half_length)

# %% [markdown]
# The five seeds of each model that come with the course:

# %%
tables = pd.concat([load_results("by_length.csv"), load_results("cures.csv")]).query("split == 'test'")
halves = {model: [half_length(one) for _, one in seeds.groupby("seed")] for model, seeds in tables.groupby("model")}
pd.DataFrame(halves).rename_axis("seed").loc[:, ["vanilla", "wider", "lstm", "reversed", "oracle", "learned"]]

# %% [markdown]
# **Why.** "Half of the best" compares each model with itself, so that a weak model and a strong one can be compared in *where* they fall. `inf` says that a model never does.
#
# **Common wrong turns.** Half of the *first* row: the best BLEU need not be that of the shortest sentences. And `.iloc[0]` of an empty table stops with an error: a model without a fall is possible, as the last two columns show.

# %% [markdown]
# ## 2.2 Probe a stranger

# %%
only_long = [[p for p in split if len(p.source) >= 32] for split in (train, test)]
readable = probe(vanilla, *only_long, [0, 5, 10, 15])

def probe_stranger():
    return probe(new_translator(recipe("vanilla").model, recipe("vanilla").training, train), *only_long, [0, 5, 10, 15])

my_percent = 20

checks.stranger(probe_stranger, my_percent, readable)

# %%
both = readable.rename(columns={"accuracy": "trained"})
both.assign(stranger=probe_stranger()["accuracy"])[["distance", "trained", "stranger", "guess"]].round(1)

# %% [markdown]
# **Why.** Even with random weights each state depends on the words so far, and different words push it in different directions. The probe then only has to find the direction. (Networks that rely on this are called *echo state networks*: Jaeger, 2001.)
# What the training adds is the difference between the two columns.
#
# **Common wrong turns.** Taking the probe's accuracy for a proof that the model *learned* to keep the word. Without the stranger in the table nobody can tell.

# %% [markdown]
# ## 2.3 Which words are lost?

# %%
def kept(pair, answer):
    found = {}
    for j, t, sure in pair.links:
        if sure:
            found[j] = found.get(j, True) and pair.target[t] in answer
    return found

checks.kept(kept)

# %%
answers = translate(vanilla, test)
long = [(p, a) for p, a in zip(test, answers) if len(p.source) >= 24]
ends = pd.DataFrame(0.0, ["kept", "by chance"], ["first three", "last three"])
for n, (pair, answer) in enumerate(long):
    for row, text in (("kept", answer), ("by chance", long[n - 1][1])):  # chance: the answer to another sentence
        word_kept = kept(pair, list(text.target))
        order = [word_kept[j] for j in sorted(word_kept) if pair.source[j] not in "।?"]
        ends.loc[row] += [sum(order[:3]) / 3, sum(order[-3:]) / 3]
print((100 * ends / len(long)).round().astype(int), "(%)")

# %% [markdown]
# **Why.** The links say which English word a Hindi word became, so we need not know any Hindi to count. The second row is the yardstick: so many words are "kept" by the answer to quite another sentence.
#
# Did you expect the end to win, after the probe? It does not. The probe asks what a straight line can read from the vector; this asks what the decoder *made* of it. One possible reason: the decoder writes the beginning first, straight from the vector. Each wrong word then
# leads it further away, and the end of the sentence suffers. Two instruments, two questions: do not report one as if it were the other.
#
# **Common wrong turns.** `pair.target[t] in str(answer)` finds *man* in *woman*. Possible links counted: then *the* decides. The full stop counted: it is right in every sentence.

# %% [markdown]
# ## 2.4 Turn it round

# %%
def reversed_pair(pair):
    n = len(pair.source)
    return replace(pair, source=pair.source[::-1], links=tuple((n - 1 - j, t, sure) for j, t, sure in pair.links))

my_gain = 3

checks.reversed_pair(reversed_pair)
checks.reversing(my_gain)

# %% [markdown]
# Does the vector of the reversed model remember the *other* end? Distances are counted from the end that the encoder reads last.

# %%
backwards = [reversed_pair(p) for p in train], [reversed_pair(p) for p in test]
model, _ = fit_or_load(recipe("reversed"), train, valid)
probe(model, *backwards, [0, 5, 10, 15])[["distance", "accuracy", "guess"]].round(1)

# %% [markdown]
# **Why.** Reversed, the encoder reads the first Hindi word last. So the beginning is fresh when the decoder starts, and the decoder begins with the beginning. The end of the sentence is now the part that fades. One vector, one size: what one end wins, the other must share.
#
# **Common wrong turns.** `n - j` in place of `n - 1 - j`, since places are counted from 0. Links that were left as they are: the training would not mind, it never looks at them, but every measurement by links would be wrong.
