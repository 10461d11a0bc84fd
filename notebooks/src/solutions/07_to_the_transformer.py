# %% [markdown]
# # Solutions to lesson 7: What if attention does all the work?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/solutions/07_to_the_transformer.ipynb)
#
# Try [the lesson](../07_to_the_transformer.ipynb) first: a check that says what is wrong teaches more than an answer that is right. Each solution here passes the same check, says why it is right, and names the wrong turns that many people take.

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

from helpers.exercises import lesson_07 as checks

# %% [markdown]
# ## 7.1 All steps at once

# %%
def all_steps(q, k, v, src_mask):
    e = q @ k.transpose(1, 2) / q.size(2) ** 0.5  # (B, T_y, T_x)
    e = e.masked_fill(~src_mask.unsqueeze(1), -torch.inf)
    return torch.softmax(e, dim=2) @ v

checks.all_steps(all_steps)

# %% [markdown]
# **Why.** Row $t$ of the table has the scores of step $t$, column $j$ those of word $j$. `unsqueeze(1)` gives the mask an axis for the steps, and PyTorch repeats it along them. The second product is the weighted average of lesson 3, for all steps of all sentences. PyTorch has all of it in
# `torch.nn.functional.scaled_dot_product_attention`; there, too, True in `attn_mask` means *may be seen*.
#
# **Common wrong turns.** Without `unsqueeze(1)` shapes are lined up from the right, so $B$ meets $T_y$: if a batch has as many sentences as steps, there is no error, and each *step* gets another sentence's mask. The root of $T_x$ or of the values' size: what grows is the sum over the numbers of
# query and key. The 2 of the example in the lesson: it was $\sqrt{4}$. And `(~mask) * -torch.inf` is nan for every real word, since 0 times infinity is.

# %% [markdown]
# ## 7.2 Cut and join

# %%
def cut(x, heads):
    return x.unflatten(2, (heads, -1)).transpose(1, 2)

def join(contexts):
    return contexts.transpose(1, 2).flatten(2)

checks.cut(cut)
checks.join(join)

# %% [markdown]
# **Why.** `unflatten` and `flatten` keep the order of the numbers; `transpose` changes it. So a word's vector must be cut while its numbers stand side by side, and can be joined only when they do so again.
#
# **Common wrong turns.** `x.reshape(B, heads, T, -1)`: the right shape, but a head gets a part of the *sentence*, not a part of each word. And a `join` with the same mistake undoes it, so that comparing `join(cut(x, heads))` with `x` does not find it. `(-1, heads)` in place of `(heads, -1)`: the numbers are dealt out like cards. `.view`
# after `.transpose` stops with an error, since the numbers no longer stand side by side; `.flatten` and `.reshape` copy them.

# %% [markdown]
# ## 7.3 Hide the future

# %%
def causal_mask(n):
    return torch.ones(n, n, dtype=torch.bool).tril()

checks.causal_mask(causal_mask)

# %% [markdown]
# **Why.** Row $t$ is True from column 0 to column $t$, which is the lower triangle with its diagonal.
#
# **Common wrong turns.** `triu`: the steps see the future and not the past. `tril(-1)`: the first step sees nothing, and a softmax over nothing is nan. True for what is hidden: that is what `nn.MultiheadAttention` wants, and the opposite of the mask in this course. Numbers in place of True and False: `~` of the number 1 is −2.

# %% [markdown]
# ## 7.4 A layer

# %%
def layer(x, mask, parts):
    y = parts.norm_1(x)
    found, alpha = parts.attention(y, y, mask)
    x = x + found
    return x + parts.network(parts.norm_2(x))

checks.layer(layer)

# %% [markdown]
# **Why.** Each part gets normalised words, and what it finds is added to the words as they were. So the words themselves run through all layers unchanged, but for what is added. If a part finds nothing, the layer hands on what it got,
# and a gradient comes back to the first layer on the same way.
#
# **Common wrong turns.** `x + parts.attention(…)` without `[0]`: the module returns α as well, and a tensor and a tuple cannot be added. `y + found`: then every layer loses the size of its words. `norm(x + found)`, the norm *after* the sum: this is how Vaswani and others wrote it in 2017. It works,
# but deep stacks of such layers need a slow start of the learning rate (Xiong and others, 2020). The network on the old `x`: a layer then has two parts side by side in place of one after the other.

# %% [markdown]
# ## 7.5 Switch a head off

# %%
def without_head(contexts, n):
    copy = contexts.clone()
    copy[:, n] = 0
    return copy

my_head = "none"
checks.without_head(without_head)

# %% [markdown]
# **Why.** The contexts of the heads stand on the second axis until `W_O` joins them. The copy has zeros for one head, and the others as they were. The cells below train the Transformer of the lesson, and switch its heads off one by one. No head by itself is
# missed: what it tells, another head tells as well, or the decoder finds it. A weight says where a head looks. It does not say whether the model needs the head.
#
# **Common wrong turns.** `contexts[:, n] = 0` without a copy: it changes a tensor that belongs to the model, and a gradient could no longer be computed. `copy[n]`: a sentence is switched off, and not a head. Rows of α set to 0: this comes to the same for the
# contexts, but a row of zeros is no longer an average.

# %%
from itertools import product

from helpers.corpus.build import sample_pairs
from helpers.corpus.pairs import hero, load_split
from helpers.models import ModelConfig
from helpers.recipes import load_results
from helpers.training import TrainingConfig, fit, new_translator
from helpers.transformer import Transformer, without_heads  # the lesson's, and a hook for the solution
from helpers.two_places import answers, questions

train, valid, test = (load_split(name) for name in ("train", "valid", "test"))
LONGEST = len(hero(test).source)
short, short_valid = ([p for p in pairs if len(p.source) <= LONGEST] for pairs in (train, valid))
tried = load_results("transformer.csv").query("measure == 'validation BLEU' and seed == 0")
best = tried[tried["model"] == "Transformer"].nlargest(1, "value").iloc[0]
config = TrainingConfig(8, learning_rate=best["learning_rate"], weight_decay=best["weight_decay"])
like = new_translator(ModelConfig(), config, train)
torch.manual_seed(0)
model = Transformer(like.source_vocab, like.target_vocab)
history = fit(model, short, short_valid[::2], config, name="Transformer")

# %%
model = model.cpu()
needs_verb = ("कल first, short", "कल first, long", "कल later, before its verb")
fresh = questions(sample_pairs(2500, LONGEST, without=train + valid + test))
kal = [q for q in fresh if q.kind in needs_verb]

@torch.no_grad()
def on_its_verb(q):
    source = torch.tensor([model.source_vocab.encode(q.pair.source)])
    return torch.cat(model.look_within(source)[1])[:, :, q.j, list(q.hints)].sum(-1)

def right_days():
    table = answers(model, kal)
    return 100 * (table["chosen"] == table["right"]).mean()

accuracies = []
for layer_number, head in product(range(2), range(4)):
    with without_heads(model.encoder[layer_number].self_attention, [head]):
        accuracies.append(right_days())
looks = torch.stack([on_its_verb(q) for q in kal]).mean(0).flatten().tolist()
checks.head_that_matters(my_head, looks, accuracies, right_days())
