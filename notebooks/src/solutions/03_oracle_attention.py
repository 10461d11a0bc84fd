# %% [markdown]
# # Solutions to lesson 3: What if someone told us where to look?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/solutions/03_oracle_attention.ipynb)
#
# Try [the lesson](../03_oracle_attention.ipynb) first: a check that says what is wrong teaches more than an answer that is right. Each solution here passes the same check, says why it is right, and names the wrong turns that many people take.

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
from collections import Counter, defaultdict
from dataclasses import replace
from functools import partial

import torch

from helpers import plots
from helpers.corpus.pairs import load_split
from helpers.evaluation import bleu, score_by_length
from helpers.exercises import lesson_03 as checks
from helpers.oracle import oracle_alpha, shifted_alpha, uniform_alpha
from helpers.recipes import fit_short, recipe
from helpers.training import fit_or_load
from helpers.translation import translate

train, valid, test = (load_split(name) for name in ("train", "valid", "test"))

# %% [markdown]
# ## 3.1 Be the oracle

# %%
def oracle_weights(links, n_hindi, n_english):
    alpha = torch.zeros(n_english + 1, n_hindi + 1)
    for j, t, sure in links:
        alpha[t, j] = 1.0 if sure else 0.5
    alpha[-1, -1] = 1.0
    return alpha / alpha.sum(dim=1, keepdim=True)

checks.oracle_weights(oracle_weights)

# %% [markdown]
# **Why.** A row is a step. `alpha.sum(dim=1)` adds along $j$. `keepdim=True` leaves the sums as a column, so each row is divided by its own sum.
#
# **Common wrong turns.** Without `keepdim` the sums lie down as a row: if the matrix happens to be square, there is no error, and the *columns* are divided. `dim=0` sums over $t$. And a forgotten `</s>` leaves a row of zeros, and 0/0 is nan.

# %% [markdown]
# ## 3.2 From the context to the weights

# %%
my_weights = [0.25, 0.5, 0.25]

checks.which_weights(my_weights)

# %% [markdown]
# **Why.** The three equations are $a + 3b + 5c = 3$, $4a + b + 2c = 2$ and $a + b + c = 1$. The first minus the last is $2b + 4c = 2$, so $b = 1 - 2c$ and $a = c$. The second becomes $4c + 1 - 2c + 2c = 2$, so $c = ¼$. In the picture, $(3, 2)$ lies above $h_2$, at half of the way to the middle of $h_1$ and $h_3$, which is $(3, 3)$.
#
# **Common wrong turns.** Weights that give $(3, 2)$ and do not sum to 1, such as 0, 0 and 0.6 for the first number alone. And a guess of ⅓ for each: that is the centre of the triangle, $(3, 2.33)$.

# %% [markdown]
# ## 3.3 Put α into the loop

# %%
def scores_of(model, batch):
    h, s = model.encode(batch.source, batch.source_lengths)
    all_scores = []
    for t in range(batch.target_in.size(1)):
        c_t = (batch.alpha[:, t].unsqueeze(1) @ h).squeeze(1)
        scores, s = model.step(batch.target_in[:, t], s, c_t)
        all_scores.append(scores)
    return torch.stack(all_scores, dim=1)

checks.scores_of(scores_of)

# %% [markdown]
# **Why.** `batch.alpha[:, t]` has the shape $(B, T_x)$. As $(B, 1, T_x)$ it can be multiplied with $h$, $(B, T_x, D_h)$, sentence by sentence. The result $(B, 1, D_h)$ loses its 1 again. `(batch.alpha[:, t].unsqueeze(2) * h).sum(dim=1)` says the same: weigh each state, then add them up.
#
# **Common wrong turns.** `batch.alpha[:, :, t]` takes the weights of the word $t$ at all steps. `batch.alpha[:, t] @ h` without `unsqueeze` mixes the sentences of the batch. A softmax of the weights: they sum to 1 already. And `target_out` in place of `target_in` gives the decoder the word that it should write.

# %% [markdown]
# ## 3.4 How wrong may an oracle be?

# %%
def mixed(pair, p):
    return (1 - p) * oracle_alpha(pair) + p * uniform_alpha(pair)

my_p = 0.7
checks.mixed(mixed)

# %%
model, _ = fit_or_load(recipe("oracle"), train, valid)
some, scores = test[::3], {}
for p in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
    answers = translate(model, some, oracle=partial(mixed, p=p))
    scores[p] = score_by_length(answers, some, [(1, 39)])["bleu"][0]
checks.breaking_point(my_p, scores)

# %%
import matplotlib.pyplot as plt

figure, ax = plt.subplots()
ax.plot(list(scores), list(scores.values()), marker="o", color=plots.COLOURS["oracle"])
ax.axhline(scores[0.0] / 2, color="0.6", linewidth=1, linestyle=":")
ax.annotate("half of BLEU at p = 0", (0, scores[0.0] / 2), xytext=(0, 4), textcoords="offset points", color="0.4", size=8)
ax.set(xlabel="share p of uniform weights", ylabel="BLEU", ylim=(0, 103), title="A blurred oracle is a good oracle, up to a point")
plots.show(figure, alt="BLEU against the share of uniform weights: high at first, then it falls steeply.")

# %% [markdown]
# **Why.** With $p$ uniform weight the context is the right state, a bit smaller, plus a constant mixture of all. Sentences are long, so each wrong word has only a small part of $p$, and the right state stands out. For every $p$ below 1 the right word has the largest weight, and still BLEU falls fast after $p = 0.4$. So the largest weight alone is not enough.
#
# **Common wrong turns.** `gold + p * uniform`: rows sum to more than 1, and `translate` refuses them. A uniform weight of $1/T_x$ with `</s>` forgotten: it is one of the columns.

# %% [markdown]
# ## 3.5 Translate without a network

# %%
def shown(pair):
    """What the oracle shows at each step, as words with their weights; the last row is for </s>."""
    words, rows = (*pair.source, "</s>"), []
    for row in oracle_alpha(pair).tolist():
        rows.append(tuple(sorted((word, round(a, 2)) for word, a in zip(words, row) if a > 0)))
    return rows

def count_words(pairs):
    table = defaultdict(Counter)
    for pair in pairs:
        before = "<s>"
        for row, word in zip(shown(pair), (*pair.target, "</s>")):
            table[row, before][word] += 1
            table[row, None][word] += 1
            before = word
    return table

def by_table(table, pair):
    words, before = [], "<s>"
    for row in shown(pair):
        counts = table.get((row, before)) or table.get((row, None)) or Counter(["<unk>"])
        before = counts.most_common(1)[0][0]
        if before == "</s>":
            break
        words.append(before)
    return words

my_bleu = 50
checks.count_words(count_words)
checks.by_table(by_table)

# %%
table = count_words(train)
answers = [" ".join(by_table(table, p)) for p in test]
by_length = score_by_length(answers, test)
checks.without_a_network(90, by_length["bleu"])
by_length[["length_min", "length_max", "bleu", "exact_match"]].round(1)

# %% [markdown]
# **Why.** At each step the oracle's row names the Hindi words to translate. The word before tells an article from its noun, since both have the same Hindi word. So the table needs no memory of the sentence, and its mistakes do not grow with the length. It knows the inside of a row only: *do* or *does*, *his* or *her* depend on words that no row shows together.
#
# **Common wrong turns.** `before = word` forgotten: then every word comes after `<s>`. The right English word before, in place of the one that the table wrote: at test time nobody gives it. And `table[row, before]` of a `defaultdict` puts an empty Counter into the table whenever it is asked; `.get` does not.

# %% [markdown]
# ## 3.6 One step early

# %%
def early(pair):
    return oracle_alpha(pair).roll(-1, dims=0)

my_early = "like the oracle"
checks.early(early)

# %%
def bleu_if_told(oracle):
    """Train on short sentences with weights from `oracle`; returns BLEU on short test sentences."""
    told, _, some = fit_short(replace(recipe("oracle"), name=oracle.__name__, oracle=oracle))
    return bleu(translate(told, some, oracle=oracle), [" ".join(p.target) for p in some])

# %%
three = [bleu_if_told(oracle) for oracle in (oracle_alpha, early, shifted_alpha)]
checks.early_or_late(my_early, *three)

# %% [markdown]
# **Why.** One step early, the decoder sees the Hindi word while it still writes the English word before. It can keep it in its state for one step, and a GRU is good at that. The first word is the exception, because nobody announces it. One step late, the decoder must write
# the word first and is shown it afterwards. Then it depends on what the shown states have read before.
#
# **Common wrong turns.** `roll(1)` is *shifted* itself. `dims=1` moves the columns: then every step looks at the wrong *word*, not at the wrong *time*.
