# %% [markdown]
# # It looks at the right word. Does it know what it sees?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/05_both_ways.ipynb)
#
# **Lesson 5 of 7** · about 75 minutes with the exercises, 3 minutes to run · two CPU cores are enough ·
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
import pandas as pd
import torch

from helpers import plots
from helpers.corpus.pairs import hero, load_split
from helpers.corpus.romanize import romanize
from helpers.drawings import machine
from helpers.evaluation import alignment_error, forced_alpha, score_by_length, with_losses
from helpers.oracle import SoftAlignment
from helpers.recipes import load_results, recipe
from helpers.training import fit_or_load_all
from helpers.translation import translate
from helpers.two_places import DAYS, answers, questions, summary
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
# *both ways* is new, and we need it in a moment. Everything else about the two is the same.

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
# This is one step of the decoder of lesson 4, with two doors through which something else can come in. Without an exchange it gives
# what the model itself says:

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
# has also prepared `encoded.keys` from them, so the keys must be made anew: `model.context.keys(encoded.h)`.
#
# <details><summary>Hint 1</summary>
#
# Read both sentences with `model.read`. Copy the donor's `h[0, 0]` into `encoded.h[0, 0]` of the first sentence.
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
# The probability stayed as it was, to the last digit: the state at कल is the same vector in both sentences. The darkest square of the row carries no news about the day.
#
# </details>
#
# ## Many exchanges
#
# The course's stored table did this with up to 50 pairs of sentences for each row, and with five seeds of each model. It holds the probability of the *other* day, before and
# after the exchange.

# %%
patched = load_results("patching.csv")
table = patched.groupby(["model", "kind"], sort=False)[["before", "s", "h", "c"]].mean().round(2)
table.columns = ["before", "s exchanged", "state at कल", "c exchanged"]
table.loc[["learned"]]

# %% [markdown]
# Read the first row from left to right. An exchange of the state at कल changes nothing. An exchange of $s_0$ changes little. An exchange of the
# whole context $c_1$ turns the day round in most sentences. So the news is in the context, and not in its heaviest part.
#
# The row of the heatmap has many pale squares. Together they hold the rest of the weight. Here is the row of our example:

# %%
print("you predicted:", my_guess)
row = forced_alpha(models["learned"], [example.pair])[0].alpha[0]
for word, weight in zip(example.pair.source, row):
    print(f"{weight:.2f} {'█' * round(40 * weight.item())} {word} ({romanize(word)})")

# %% [markdown]
# Some of these words give the day away: ने (ne) stands behind the subject of a verb in the past, and किया (kiyā) is that verb. The model looks at कल,
# and it takes the day from the pale squares.
#
# This is harder when a later clause begins with कल. The row *कल later, before its verb* shows it: before any exchange, the wrong day
# already gets a part of the probability.
#
# ## Read from the other side
#
# The cause is the direction of reading: no state knows what comes after its word. The cure is a second reader, who begins at the end. Its states are written with an arrow
# to the left:
#
# $$\overrightarrow{h}_j = \mathrm{GRU}(\overrightarrow{h}_{j-1}, x_j), \qquad \overleftarrow{h}_j = \mathrm{GRU}'(\overleftarrow{h}_{j+1}, x_j), \qquad h_j = [\overrightarrow{h}_j; \overleftarrow{h}_j]$$

# %% [markdown]
# The two readers have weights of their own. Their states are put end to end, so $h_j$ has twice as many numbers, and it has read the whole sentence: everything
# up to word $j$ from the left, and everything from word $j$ on from the right.

# %%
alpha = forced_alpha(models["both ways"], [example.pair])[0]
plots.show(*machine(example.pair, recipe("both ways").model, t=1, alpha=alpha))

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
# ## What does it bring?
#
# **Predict.** The model of lesson 4 falls behind on long sentences. Will reading both ways help most on short sentences, on long ones, or beyond the lengths of the training?

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
                              "Both ways is ahead of learned, most of all on long sentences",
                              measure=("bleu", "exact_match"))
plots.show(figure, alt="BLEU and exact match by length: both ways is above learned.")

# %% [markdown]
# The points are your two models. The thin lines and bands are the course's five seeds of each.

# %%
means = stored.groupby(["model", "length_min"], sort=False)["exact_match"].mean().unstack()
gain = (means.loc["both ways"] - means.loc["learned"]).round(1)
print("you predicted:", my_lengths)
print("exact match gained, in points:", {f"from {n} words": g for n, g in gain.items()})

# %% [markdown]
# ## Is it the other side, or only more numbers?
#
# A sceptic says: "Your new model has half as many numbers again. Any larger model would be better." Two controls answer this. One reads forward only and has as many numbers as the new model. The other reads
# *backward* only, and has as many numbers as the model of lesson 4.

# %%
rivals = ["learned", "learned, as many numbers", "backward", "both ways"]
runs = stored[stored["model"].isin(rivals)].groupby(["model", "length_min"], sort=False)
print("seeds:", stored.groupby("model")["seed"].nunique()[rivals].to_dict())
runs["exact_match"].mean().unstack().loc[rivals].round(0)

# %% [markdown]
# The sceptic has a point. By this measure, the larger forward reader does about as well as the model that reads both ways. So the score alone
# does not show that the direction matters. We have to ask about words that need the other side.
#
# ## Which words did it learn?
#
# Seven kinds of English words need two places. For each, we give the right words before and ask the model to choose: *yesterday* or *tomorrow*, *he* or *she*, *his*, *her* or *their*, and for
# a question which verb opens it. Here is one example of each kind.

# %%
for kind, q in {q.kind: q for q in sorted(asked, key=lambda q: -len(q.pair.source))}.items():
    needs = ", ".join(f"{q.pair.source[j]} ({romanize(q.pair.source[j])})" for j in q.hints)
    print(f"{kind}: “{q.right}” needs {needs}")
    print("   ", *q.pair.source, "→", *q.pair.target)

# %% [markdown]
# ### Exercise 5.3: on which side?
#
# *3 minutes, easy.* On which side of the Hindi word stands the word that tells the English one? Then think about the reader who begins at the end: which of the four
# words will it know better than a forward reader, and which worse?
#
# <details><summary>Hint 1</summary>
#
# वह (vah) is *he* or *she*, and the form of the verb tells which. अपना (apnā) is *his*, *her* or *their*, and it belongs to the subject.
#
# </details>
# <details><summary>Hint 2</summary>
#
# In Hindi the subject comes first and the verb last. क्या (kyā) opens a question.
#
# </details>

# %%
my_sides = {"कल": ..., "वह": ..., "क्या": ..., "अपना": ...}  # "left" or "right"

# %%
checks.sides(my_sides)

# %% [markdown]
# Now the models. The table holds the share of right choices.

# %%
known = load_results("two_places.csv").query("model in @rivals or model == 'oracle'")
by_kind = known.pivot_table(index="kind", columns="model", values="accuracy", sort=False)
print("right choices in %; by chance 50, and less for अपना and क्या")
by_kind[[*rivals, "oracle"]].round(1)

# %% [markdown]
# The backward reader is better at क्या and at कल in a later clause, whose verb it has read. It is worse at अपना, whose subject it has not. The larger forward reader is not better at कल in a later
# clause. Only who reads both ways has no weak side there.

# %%
summary(answers(models["both ways"], asked)).round(2)  # your own model

# %% [markdown]
# `word` is the weight on the Hindi word itself and `hints` the weight on the words that tell. Compare the two columns for *कल later, before its verb*. Nearly all the weight is on कल and nearly
# none on the verb. The model still knows the day, because its state at कल has read the verb from the right.
#
# Is that so? We exchange again.

# %%
table = patched.groupby(["model", "kind"], sort=False)[["before", "s", "h", "c"]].mean().round(2)
table.columns = ["before", "s exchanged", "state at कल", "c exchanged"]
table.loc[["learned", "learned, as many numbers", "both ways"]]

# %% [markdown]
# In the model that reads both ways, an exchange of the state at कल alone turns many answers round. In the forward readers it cannot: their
# state has not read the verb. Both kinds of model look at कल. Here is the row of one sentence from each.

# %%
later = next(q for q in asked if "later" in q.kind and 8 < len(q.pair.source) <= 14)
alphas = [forced_alpha(model, [later.pair])[0].alpha for model in models.values()]
rows = torch.stack([alpha[later.t] for alpha in alphas])  # one row of each model
figure = plots.heatmap(SoftAlignment((*later.pair.source, "</s>"), tuple(models), rows),
                       f"Where the two models look for “{later.right}”", glosses=False)
figure.axes[0].set_ylabel("")
plots.show(figure, alt=f"Both models look at कल to write “{later.right}”.")
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
# ## Does it look where the alignment says?
#
# The alignment error of lesson 4. The scale stands beside the models: the oracle's own weights, the diagonal, and words at random.

# %%
stored_errors = load_results("alignment.csv").query("split == 'test'")
order = ["oracle α", "both ways", "learned, as many numbers", "learned", "diagonal α", "random α"]
by_class = stored_errors.pivot_table(index="model", columns="word_class", values="aer", sort=False)
by_class.loc[order].round(3)

# %%
mine = {name: alignment_error(forced_alpha(model, test), test).set_index("word_class")["aer"]
        for name, model in models.items()}
pd.DataFrame(mine).round(3)

# %% [markdown]
# Why should reading both ways make α sharper? A forward state holds the word and all words before it, so the state *after* the right word also knows the right word. For the forward reader these places compete. A state that is
# made from both sides is different at each place.
#
# ## Longer than in training
#
# Bahdanau, Cho and Bengio (2015) trained on sentences up to 30 and up to 50 words, and tested on all lengths. We do the same with 15 and 39 words. The
# models of short sentences made about as many updates as the others. The thin lines are means over the stored seeds.

# %%
short_ones = [f"{name}, to 15 words" for name in ("vanilla", "learned", "both ways")]
figure = plots.bleu_by_length(stored, models=["learned", "both ways", *short_ones],
                              title="Beyond the lengths of the training, both fall",
                              measure=("bleu", "exact_match"))
plots.show(figure, alt="Models that learned from short sentences fall beyond 15 words.")

# %% [markdown]
# ## Nearly the same weights, another knowledge
#
# Weight decay pulls all numbers of a model towards 0. The recipe's strength, 0.2, was chosen by the BLEU of the validation sentences. Here are the same models with a decay of 0.4.

# %%
decays = ["learned", "learned, decay 0.4", "both ways", "both ways, decay 0.4"]
rows = load_results("two_places.csv").query("model in @decays and kind == 'कल first, long'")
rows.groupby("model", sort=False)[["word", "hints", "p", "accuracy"]].mean().loc[decays].round(2)

# %% [markdown]
# The two forward readers put nearly the same weights on कल and on the verb. One of them knows the day clearly less often. A heatmap could not have told them apart.
#
# ## Whose model is this?
#
# The model of this lesson is close to the one of Bahdanau, Cho and Bengio (2015). Their encoder reads both ways, too, and the score is theirs.
#
# Three things differ. They make $s_0$ from the backward state of the first
# word; we make it from the last states of both readers. Their output layer is deeper, with maxout units. Their models are about eight times as wide, and they learned from millions of French and English
# sentences.

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
# **1.** A forward encoder reads “कल … दौड़ेगा ।”. What has its state at कल read?
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
# We measured from where two models know the day, by exchanging parts between sentences. We measured that an encoder that reads both ways knows words that need the other side, and looks more often where the
# alignment says. It also translates long sentences better than the model of lesson 4; but a forward reader with as many numbers does that as well.
#
# We did not show how a model uses *all* of its parts: an exchange answers one question about one step. We did not show that any of this holds for sentences that people wrote.
#
# **To read next**
#
# - Bahdanau, Cho, Bengio: *Neural Machine Translation by Jointly Learning to Align and Translate* (2015), section 3.2 and figure 2.
# - Schuster, Paliwal: *Bidirectional Recurrent Neural Networks* (1997), where the second reader comes from.
# - Vig and others: *Investigating Gender Bias in Language Models Using Causal Mediation Analysis* (2020), exchanges in a large model.
# - Jain, Wallace: *Attention is not Explanation* (2019), and Wiegreffe, Pinter: *Attention is not not Explanation* (2019).
#
# **Next:** [06 Does it hold on sentences that people wrote?](06_real_sentences.ipynb)
