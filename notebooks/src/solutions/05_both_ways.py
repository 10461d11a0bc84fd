# %% [markdown]
# # Solutions to lesson 5: It looks at the right word. Does it know what it sees?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/solutions/05_both_ways.ipynb)
#
# For [lesson 5](../05_both_ways.ipynb). Try each exercise before you read its solution here.

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
import torch

from helpers.corpus.pairs import load_split
from helpers.evaluation import forced_alpha
from helpers.exercises import lesson_05 as checks
from helpers.recipes import recipe
from helpers.training import fit_or_load_all
from helpers.two_places import DAYS, questions
from helpers.vocabulary import BOS

# %%
train, valid, test, test_long = (load_split(name) for name in ("train", "valid", "test", "test_long"))
trained = fit_or_load_all([recipe(name) for name in ("learned", "both ways")], train, valid)
models = {name: model.cpu() for name, (model, _) in trained.items()}

# %% [markdown]
# ## 5.1 Exchange a state

# %%
@torch.no_grad()
def with_state_of(model, words, donor):
    encoded, state = model.read(words)
    encoded.h[0, 0] = model.read(donor)[0].h[0, 0]
    encoded.keys = model.context.keys(encoded.h)
    log_p, _, _ = model.step(torch.tensor([BOS]), state, encoded)
    return log_p[0].exp()

my_effect = 0.05

checks.with_state_of(with_state_of)

# %%
asked = questions(test + valid + test_long)
kal = {day: [q for q in asked if q.right == day and q.kind.startswith("कल first")] for day in DAYS}
example, other = (min(kal[day], key=lambda q: abs(len(q.pair.source) - 9)).pair.source for day in DAYS)
for name, model in models.items():
    p = with_state_of(model, example, other)
    print(f"{name}: P(tomorrow) = {p[model.target_vocab.ids['tomorrow']]:.2f}")

p = with_state_of(models["learned"], example, other)
checks.effect(my_effect, p[models["learned"].target_vocab.ids["tomorrow"]].item())

# %% [markdown]
# **Why it works.** `model.read` gives everything that the decoder gets. One state is overwritten, and all later steps of the computation use the new one. The keys are $h_j U_{att}$, so they would still
# belong to the old state if they were not made anew. In the forward reader both states are equal, and the probabilities stay. In the model that reads both ways the state has read the verb.
#
# **Common wrong turns.** Leaving the keys as they were: then the weights are those of the old state. Returning log-probabilities: `.exp()` is missing. Exchanging the `state` as well: then two things change at
# once, and nobody knows which of them had the effect.

# %% [markdown]
# ## 5.2 The second reader

# %%
def read_both_ways(x, lengths, forward, backward):
    h = torch.zeros(*x.shape[:2], 2 * forward.hidden_size)
    for b, n in enumerate(lengths):
        words = x[b, :n].unsqueeze(0)  # (1, n, D_x), without padding
        from_left = forward(words)[0]
        from_right = backward(words.flip(1))[0].flip(1)
        h[b, :n] = torch.cat([from_left, from_right], dim=2)[0]
    return h

checks.read_both_ways(read_both_ways)

# %% [markdown]
# **Why it works.** The second reader gets the words from the last to the first, so its first state belongs to the last word. The second `flip` puts each state beside its word. PyTorch does the same for all sentences
# at a time with `bidirectional=True`, where a packed batch tells it the lengths.
#
# **Common wrong turns.** Forgetting the second `flip`: the shape is right, and each word gets the backward state of another word. Turning the padded tensor round: the reader begins with padding, and a
# sentence is read differently in another batch.

# %% [markdown]
# ## 5.3 On which side?

# %%
my_sides = {"कल": "right", "वह": "right", "क्या": "right", "अपना": "left"}

checks.sides(my_sides)

# %% [markdown]
# **Why it works.** The Hindi verb stands at the end of its clause, so it is to the right of कल, वह and क्या. The subject stands before अपना. A backward reader has read what is to the right, so it knows the first three
# better than अपना.
#
# **Common wrong turns.** Going by the English order: in English the verb stands to the left of *yesterday* in many sentences. The question is about the Hindi words.

# %% [markdown]
# ## 5.4 How alike are two heatmaps?

# %%
def distances(a, b):
    return (a - b).abs().sum(dim=1) / 2

my_distance = 0.25

checks.distances(distances)

# %%
pairs_of_maps = zip(*(forced_alpha(model, test) for model in models.values()))
found = torch.cat([distances(a.alpha, b.alpha) for a, b in pairs_of_maps])
checks.mean_distance(my_distance, found.mean().item())

# %% [markdown]
# **Why it works.** What one row has more at some words, it has less at others, since both sum to 1. The sum of all differences counts this amount twice, so half of it is the part of the weight that lies elsewhere.
#
# **Common wrong turns.** Leaving out the absolute value: then more and less add up to 0. Taking the mean over the words: then a long sentence seems to differ less. Summing over `dim=0` compares columns.
