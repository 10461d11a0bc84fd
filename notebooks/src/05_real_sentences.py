# %% [markdown]
# # Does it hold on sentences that people wrote?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/attention-course/attention-course/blob/main/notebooks/05_real_sentences.ipynb)
#
# **Lesson 5** · about 90 minutes with the exercises, up to 5 minutes to run on two CPU cores, 1 or 2 on a GPU ·
# you should know learned attention from [lesson 4](04_learned_attention.ipynb). The first run downloads 0.5 MB.
# Every term is in the [glossary](../docs/glossary.md).

# %% [markdown]
# **After this lesson you can**
#
# 1. measure how much a split leaks into the test set;
# 2. say whether one translator is better than another, or just luckier with the test set or the seed;
# 3. say what a beam, and unknown words filled in by α, do to the score and to single sentences.

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
import matplotlib.pyplot as plt
import pandas as pd
import torch

from helpers import plots
from helpers.corpus.real import CorpusUnavailable, generated_as_real, load_tatoeba
from helpers.corpus.romanize import romanize
from helpers.corpus.text import detokenise, tokenise
from helpers.evaluation import forced_alpha, paired_bootstrap, score, score_by_length, signatures
from helpers.recipes import recipe
from helpers.training import fit_or_load_all, pick_device
from helpers.translation import translate
from helpers.vocabulary import BOS, EOS, PAD
from helpers.widgets.explorer import attention_explorer

# %% [markdown]
# ## Sentences that people wrote
#
# [Tatoeba](https://tatoeba.org) is a collection of sentences and translations by volunteers. If it cannot be had now, the lesson goes on with
# the generated sentences, and says so: then everything below works, but the numbers are not about real language.

# %%
try:
    corpus = load_tatoeba()
except CorpusUnavailable as problem:
    print(problem)
    corpus = generated_as_real()
print(corpus.name, corpus.counts, corpus.credit, sep="\n")

# %% [markdown]
# Three to look at. Nobody told these people to use few words, or to agree on a spelling.

# %%
for pair, reference in list(zip(corpus.test, corpus.references["test"]))[5:8]:
    print(*pair.source, "→", reference)
    print("   said:", *map(romanize, pair.source))

# %% [markdown]
# **A trap.** Many tutorials find words with `\w+`. In Hindi the vowels after a consonant are *marks*, and `\w` leaves them out: it tears words apart.
# We take runs of letters *and* marks.

# %%
import re

sentence = "मुझे हिन्दी में बात करनी है।"
print(r"\w+:       ", re.findall(r"\w+", sentence))
print("this course:", list(tokenise(sentence)))

# %% [markdown]
# **Another trap.** Tatoeba has many near-twins: *you* translated as तुम and as आप, a man's and a woman's version. A random split would put one twin into training and
# the other into the test set, and the score would flatter. So sentences that share a side, directly or through others, go into the same split.

# %%
from helpers.corpus.real import group_pairs

everything = [(p.source, p.target) for s in (corpus.train, corpus.valid, corpus.test) for p in s]
sizes = pd.Series([len(group) for group in group_pairs(everything)])
seen = {p.source for p in corpus.train} | {p.target for p in corpus.train}
leaks = sum(p.source in seen or p.target in seen for p in corpus.test)
print(f"{len(everything):,} pairs in {len(sizes):,} groups, the largest of {sizes.max()}; {leaks} test sentences occur in training")

# %% [markdown]
# ### Exercise 5.1: a leaking split
#
# *10 minutes, easy.* How much would leak in a random split? A test pair leaks if its source *or* its target occurs in training. **Predict** first: what percentage of the test pairs, if we split row by row?
#
# <details><summary>Hint 1</summary>
#
# Two sets: all sources of training, all targets of training. Asking a set is fast; asking a list is slow.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `sum(condition for p in test)` counts the pairs for which the condition is true.
#
# </details>

# %%
def leak(train, test):
    """Two lists of pairs. Returns the share of test pairs, from 0 to 1, with a side that occurs in train."""
    ...  # your lines here

my_leak = ...  # a percentage, from 0 to 100; within 15 counts as right

# %%
from helpers.exercises import lesson_05 as checks

if checks.leak(leak):
    import random
    rows = random.Random(0).sample([p for s in (corpus.train, corpus.valid, corpus.test) for p in s], len(everything))
    n = len(corpus.test)
    checks.leak_by_row(my_leak, leak(rows[n:], rows[:n]), leak(corpus.train, corpus.test))

# %% [markdown]
# ## How real language differs
#
# Most words are rare. Words seen only once in training become `<unk>`, since one example teaches a vector too little.

# %%
from collections import Counter

words = Counter(word for p in corpus.train for word in p.source)
once = sum(n == 1 for n in words.values())
tokens = [word for p in corpus.test for word in p.source]
unseen = sum(words[word] < 2 for word in tokens)
print(f"{len(words):,} source words in training, {100 * once / len(words):.0f} % of them seen once; "
      f"{100 * unseen / len(tokens):.1f} % of the words in the test set are unknown")

# %% [markdown]
# **Predict.** On generated sentences learned attention was close to perfect. Here the sentences are short (16 words at most), but there are few of them for so many words.
# What BLEU will the vanilla model reach, and what the one with attention?

# %%
my_guess = {"vanilla": 20, "learned": 40}

# %% [markdown]
# Larger models than before, 256 units, with a good deal of dropout against learning by heart, and a *deep output*: the output layer also sees
# the context $c_t$ and the word before (Bahdanau and others, 2015, appendix A).
# Both get the same number of passes; the learned
# one has some more weights, those of the attention.

# %%
trained = fit_or_load_all([recipe("real vanilla"), recipe("real learned")], corpus.train, corpus.valid)
models = {name: trained[f"real {name}"][0] for name in ("vanilla", "learned")}
history = {name: trained[f"real {name}"][1] for name in models}

# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 2.8))
for name in models:
    epochs = range(1, len(history[name].loss) + 1)
    axes[0].plot(epochs, history[name].loss, color=plots.COLOURS[name], label=name)
    axes[1].plot(epochs, history[name].bleu, color=plots.COLOURS[name], label=name)
axes[0].set(xlabel="epoch", ylabel="training loss (smoothed), nats a word", title="Training loss")
axes[1].set(xlabel="epoch", ylabel="BLEU on validation sentences", title="Does it hold on new sentences?")
axes[1].legend(frameon=False)
plots.show(figure, alt="Training loss and validation BLEU after each pass, for the vanilla and the learned model.")

# %% [markdown]
# ## Better, or luckier?
#
# With some hundred test sentences, some difference always appears. The **paired bootstrap** draws 1000 new test sets from them, each time the same for both models, and sees how much
# their difference wobbles. $p$ says how often it strays from its own mean by more than the difference that we measured; it cannot be smaller than 1/1001. A small $p$ says that luck
# with the test set is a poor explanation. As in lesson 2, *ci* is half the width of a 95 % interval.
#
# An unknown word is left out of the text that is scored: BLEU would cut `<unk>` into three pieces, and punish it three times.

# %%
references = corpus.references["test"]
answers = {name: translate(model, corpus.test) for name, model in models.items()}
known = {name: [[word for word in a.target if word != "<unk>"] for a in found] for name, found in answers.items()}
texts = {name: [detokenise(words) for words in found] for name, found in known.items()}
compared = paired_bootstrap(texts, references)
compared.round(3)

# %%
bleu = compared[compared["metric"] == "BLEU"].set_index("model")["score"]
print(f"you guessed {my_guess}; measured: vanilla {bleu['vanilla']:.1f}, learned {bleu['learned']:.1f}")
print(signatures(tokenized=False)["BLEU"])

# %% [markdown]
# The scores are computed against the sentences as people wrote them, unknown words included, regardless of case. The bootstrap knows about the luck of the *test set*, not of the
# *training*: other seeds would move both figures too (exercise 5.2).
#
# If the bottleneck is the reason, attention should help most with the longest sentences. Does it?

# %%
buckets = [(1, 4), (5, 7), (8, 10), (11, max(16, *(len(p.source) for p in corpus.test)))]
lengths = {name: score_by_length(found, corpus.test, buckets, references) for name, found in texts.items()}
figure = plots.bleu_by_length(own=lengths, title="BLEU by length of the source sentence")
figure.axes[0].set_ylim(0, max(50, *(scores["bleu"].max() + 10 for scores in lengths.values())))
plots.show(figure, alt="BLEU by source length on real sentences, for the vanilla and the learned model.")

# %%
rows = []
for low, high in buckets:
    inside = [i for i, p in enumerate(corpus.test) if low <= len(p.source) <= high]
    if not inside:  # a small corpus of your own may have none
        continue
    found = paired_bootstrap({m: [texts[m][i] for i in inside] for m in models}, [references[i] for i in inside])
    a, b = found[found["metric"] == "BLEU"].itertuples()
    rows.append({"words": f"{low}–{high}", "sentences": len(inside), a.model: a.score, b.model: b.score, "p": b.p})
table = pd.DataFrame(rows).set_index("words")
table["points gained"], table["ratio"] = table["learned"] - table["vanilla"], table["learned"] / table["vanilla"]
table.round(3)

# %% [markdown]
# If the points shrink with length while the ratio is largest for the longest sentences, the answer is "no" by one measure and "rather yes" by the other. Near zero BLEU the
# two disagree, so this cannot decide. Few of these sentences are long, and one does not need a bottleneck to fail on them. So take from this lesson *that* attention
# helps, not that it helps for the reason of lessons 2 to 4.

# %% [markdown]
# ### Exercise 5.2: other seeds
#
# *15 minutes, some of it waiting, medium.* Is the difference between the models larger than the difference that a seed makes? Take the scores of several seeds of both models. The *difference* is the mean of learned
# minus the mean of vanilla. The *spread* is the largest minus the smallest score of a model; take the larger spread of the two. **Predict** first: for three seeds of the small models below, is the difference larger
# than the spread? A factor below 1.5 counts as about equal.
#
# <details><summary>Hint 1</summary>
#
# For a list `x`, the mean is `sum(x) / len(x)`, and the spread is `max(x) - min(x)`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `max(max(x) - min(x) for x in scores.values())` is the larger spread.
#
# </details>

# %%
def luck(scores):
    """scores: {"vanilla": [score of each seed], "learned": [...]}. Returns difference, spread."""
    ...  # your lines here

my_seeds = ...  # "larger", "smaller" or "about equal"

# %% [markdown]
# To see it in about two minutes, the models below are small, learn from short sentences only, and make few passes. They are poor translators, so we take chrF, which counts pieces of words: BLEU has little to
# count here. They tell about luck, and nothing about what the large models can do.

# %%
if checks.luck(luck):
    from dataclasses import replace

    from helpers.training import fit_all, new_translator
    few = max(7, sorted(len(p.source) for p in corpus.train)[len(corpus.train) // 2])  # words
    short, by_seed = [p for p in corpus.train if len(p.source) <= few], {"vanilla": [], "learned": []}
    for seed in (1, 2, 3):
        chosen = {name: recipe(f"real {name}", seed) for name in by_seed}
        passes = replace(chosen["learned"].training, epochs=4, learning_rate=4e-3)
        small = {name: new_translator(replace(r.model, hidden=128, attention_hidden=128), passes, short)
                 for name, r in chosen.items()}
        fit_all(small, short, corpus.valid[:100], passes)
        for name, model in small.items():
            guesses = [detokenise(a.target) for a in translate(model, corpus.test)]
            by_seed[name].append(score(guesses, references, tokenized=False).chrf)
    for name, values in by_seed.items():
        print(name, *(f"{chrf:.1f}" for chrf in values))
    checks.small_seeds(my_seeds, *luck(by_seed))

# %% [markdown]
# ## Where does it look?

# %%
middling = [i for i, p in enumerate(corpus.test) if 6 <= len(p.source) <= 8] or range(len(corpus.test))
i = max(middling, key=lambda i: answers["learned"][i].target == corpus.test[i].target)  # a right one, if there is one
found = answers["learned"][i]
attention_explorer(models["learned"], found)

# %% [markdown]
# (Where a page may not run scripts, you see a picture of one step.) We picked a sentence that came out right, if there was one. Does each row look at the word that you would expect? A state $h_j$ has read all the words up to $j$,
# so the model can look further to the right and still know: on real sentences α is a rough pointer.

# %% [markdown]
# ### Exercise 5.3: how sure is it?
#
# *10 minutes, easy.* There is no gold alignment here, so no alignment error. But we can ask how *spread out* α is. The **entropy** of a row, $-\sum_j \alpha_{jt} \ln \alpha_{jt}$, is 0 if all weight is on one word, and $\ln T_x$ if all
# words have the same.
#
# <details><summary>Hint 1</summary>
#
# One logarithm for each weight, times the weight, summed over the words (`dim=1`), with a minus.
#
# </details>
# <details><summary>Hint 2</summary>
#
# 0 · ln 0 is nan for a computer. `alpha.clamp(min=1e-12).log()` never takes the logarithm of 0.
#
# </details>

# %%
def entropy(alpha):
    """alpha: (T_y, T_x). Returns the entropy of each row in nats, (T_y,); 0 · ln 0 counts as 0."""
    ...  # your line here

# %%
if checks.entropy(entropy):
    from helpers.corpus.words import word_class
    by_class = {"content": [], "function": []}
    for pair, alignment in zip(corpus.test, forced_alpha(models["learned"], corpus.test)):
        for word, row in zip(pair.target, entropy(alignment.alpha).tolist()):
            by_class[word_class(word)].append(row)
    for kind, values in filter(lambda item: item[1], by_class.items()):  # the classes are those of English words
        print(f"{kind} words: mean entropy {sum(values) / len(values):.2f} nats, {len(values)} words")

# %% [markdown]
# ## A use for α: unknown words
#
# When the model writes `<unk>`, α points at a Hindi word. If it is the right one, and if we knew a translation of it, we could put that in. α on the training pairs is
# such a dictionary, a rough one: for each English word that the model lacks, it names the Hindi word that was looked at. A word that is not in it is written in Latin letters.

# %%
learned = models["learned"]
dictionary: dict[str, Counter] = {}
for pair, alignment in zip(corpus.train, forced_alpha(learned, corpus.train)):
    looked_at = alignment.alpha[:-1, :-1].argmax(dim=1).tolist()
    for word, j in zip(pair.target, looked_at):
        dictionary.setdefault(pair.source[j], Counter())[word] += 1
rare = {hindi: [w for w, _ in found.most_common() if w not in learned.target_vocab] for hindi, found in dictionary.items()}

# %%
def fill_in(answer):
    """The translation with each <unk> replaced by what the word that α points at was translated as."""
    filled = []
    for t, word in enumerate(answer.target):
        if word == "<unk>":
            hindi = answer.source[answer.alignment.alpha[t, : len(answer.source)].argmax()]
            word = next(iter(rare.get(hindi, [])), romanize(hindi))
        filled.append(word)
    return filled

# %%
from difflib import get_close_matches

texts["filled in"] = [detokenise(fill_in(a)) for a in answers["learned"]]
new = [(i, word) for i, a in enumerate(answers["learned"]) for old, word in zip(a.target, fill_in(a)) if old == "<unk>"]
changed = list(dict.fromkeys(i for i, _ in new))
right = [i for i, word in new if word in corpus.test[i].target]
print(f"{len(changed)} of {len(references)} translations had an unknown word; "
      f"of {len(new)} words put in, {len(right)} are in the reference")

def show(rows):
    for i in rows:
        print(f"  {answers['learned'][i]}  →  {texts['filled in'][i]}   (right: {references[i]})")

print("the first three:")
show(changed[:3])
print("three picked for a word that is almost one of the reference's:")
near = [i for i, word in new if i not in right and get_close_matches(word, corpus.test[i].target, cutoff=0.7)]
show(list(dict.fromkeys(near))[:3])

# %%
paired_bootstrap({"learned": texts["learned"], "filled in": texts["filled in"]}, references).round(3)

# %% [markdown]
# Do the two metrics agree? They need not. In *learned* an unknown word was left out. If chrF rises and BLEU falls, each with a small *p*, filling in is better by one and worse by the other: a word that is nearly right brings letters, which chrF counts, and no
# word, so BLEU would rather see nothing. A reader may prefer a name in Latin letters to a gap, and a gap to a wrong word.
#
# ## Beam search
#
# Greedy decoding never reconsiders. **Beam search** keeps the $k$ best beginnings, continues each by every word, and keeps the $k$ best again. Here for one sentence, in full:

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
            log_p, new_state, _ = model.step(torch.tensor([so_far[-1] if so_far else BOS]), state, encoded)
            for p, word in zip(*(x[0].tolist() for x in log_p.topk(k + 2))):  # 2 more: <pad> and <s> may be there
                if word not in (PAD, BOS):
                    longer.append((total + p, [*so_far, word], new_state))
        beams = sorted(longer, key=lambda beam: -beam[0])[:k]
    best = max(beams, key=lambda beam: beam[0] / len(beam[1]))
    return [model.target_vocab.words[i] for i in best[1] if i != EOS]

# %% [markdown]
# `longer` is cut to the $k$ likeliest; at the end, log-probabilities are compared *per word*, since each further word makes a sentence less likely. The helpers do this for many sentences at a time.

# %%
on_cpu = learned.cpu()
for p in corpus.test[:20]:
    assert beam_search(on_cpu, p.source) == list(translate(on_cpu, [p], beam=4, max_length=40)[0].target)
print("the search above and the helpers' agree")
learned.to(pick_device());

# %%
for k in (1, 2, 5, 10):
    found = [detokenise(fill_in(a)) for a in translate(learned, corpus.valid, beam=k)]
    print(f"beam {k}: BLEU {score(found, corpus.references['valid'], tokenized=False).bleu:.1f} on the validation sentences")

# %% [markdown]
# The beam is chosen on the validation sentences; choosing it on the test set would flatter. A beam of 10 is twice the work of 5: if it gains next to nothing, 5 will do, and we take 5. Then the test set, once for the beam.

# %%
texts["beam 5"] = [detokenise(fill_in(a)) for a in translate(learned, corpus.test, beam=5)]
paired_bootstrap({name: texts[name] for name in ("filled in", "beam 5")}, references).round(3)

# %% [markdown]
# ### Exercise 5.4: greedy against beam
#
# *10 minutes, easy.* A score for the whole set hides what happens to the single sentence. Count the sentences that a beam of 5 makes better, and those that it makes worse, by `checks.chrf(text, reference)`.
# **Predict** first: what percentage gets better?
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
    """Three lists of text. Returns two whole numbers: how many have a higher chrF with the beam, how many a lower one."""
    ...  # your lines here

my_better = ...  # a percentage, from 0 to 100; within 10 counts as right

# %%
if checks.better_and_worse(better_and_worse):
    better, worse = better_and_worse(texts["filled in"], texts["beam 5"], references)
    checks.beam_changes(my_better, better, worse, len(references))

# %% [markdown]
# ## What failed
#
# A mean hides the failures, so here are the translations that share least with the right ones, among sentences of six words and more.

# %%
from sacrebleu.metrics import CHRF

one_by_one = [CHRF(lowercase=True).sentence_score(t, [r]).score for t, r in zip(texts["beam 5"], references)]
worst = sorted((s, i) for i, s in enumerate(one_by_one) if len(corpus.test[i].source) >= 6)
for s, i in worst[:5]:
    print(f"{s:4.1f}  {texts['beam 5'][i]}\n      right: {references[i]}")

# %%
exact = score(texts["beam 5"], references, tokenized=False)
print(f"chrF {exact.chrf:.1f}, exactly right {exact.exact_match:.0f} %, chrF below 20: "
      f"{100 * sum(s < 20 for s in one_by_one) / len(one_by_one):.0f} % of the sentences")

# %% [markdown]
# Let us say it plainly: this is not a usable translator. Its English is sometimes fluent and sometimes no English at all, and often about something else. Attention removes the bottleneck between
# encoder and decoder; it does not bring knowledge of words that were seen twice. For that one needs more sentences, pieces of words, or a model that was
# trained on far more text. And a score against *one* reference is hard on correct answers: whoever
# writes *these questions are simple* for *These questions are easy to answer.* is right, and loses points.
#
# ## On a GPU
#
# The same cells run on a GPU without a change: the device is chosen by itself, and there the training uses half precision where it is safe.

# %%
device = pick_device()
for name, found in history.items():
    print(f"{name}: {sum(found.seconds):.0f} s of training; this kernel now runs on {device.type}")

# %% [markdown]
# What you would change there: `hidden` to 512, `batch_size` to 128. What does not change is the loop over time: step $t$ needs $s_{t-1}$, so the words of a sentence must wait for each
# other, however many cores there are. The Transformer did away with that wait in training and in the encoder. When it translates, it too writes word by word.
#
# ## Your own sentence

# %%
my_sentence = "मुझे पानी चाहिए।"
if not set(corpus.source_words(my_sentence)) & set(learned.source_vocab.words):  # of another language
    my_sentence = " ".join(corpus.test[0].source)

# %%
mine = corpus.source_words(my_sentence)
for word, close in learned.source_vocab.unknown(mine).items():
    print(f"the model does not know {word}; close to it: {', '.join(close) or 'nothing'}")
answer = translate(learned, [mine], beam=5)[0]
attention_explorer(learned, answer)

# %% [markdown]
# Or bring your own language pair. In place of `corpus = load_tatoeba()` at the top, write `load_parallel("my_sentences.tsv", columns=(0, 1), valid=100, test=200)`,
# from `helpers.corpus.real`: it reads a file with a sentence, a tab and its translation on each line. A comparison of models needs some thousands of pairs.
#
# ## Exercises
#
# | | what | minutes | level |
# |---|---|---|---|
# | 5.1 | a leaking split | 10 | easy |
# | 5.2 | other seeds | 15, some of it waiting | medium |
# | 5.3 | how sure is it? | 10 | easy |
# | 5.4 | greedy against beam | 10 | easy |
#
# Each stands right after what it practises. [The solutions](solutions/05_real_sentences.ipynb) explain the way.

# %% [markdown]
# ## Quiz
#
# Click on the answer that you would give: it says why it is right or wrong.

# %% [markdown]
# **1.** Near-twins of training sentences get into the test set. What happens to the measured BLEU?
#
# <details><summary>It is too high.</summary><p>✓ Right. The test then also asks what was learned by heart.</p></details>
# <details><summary>It is too low.</summary><p>✗ No. A twin is easier than a sentence that is really new.</p></details>
# <details><summary>It is the same for all models, so it does not matter.</summary><p>✗ No. A model that learns more by heart wins more by it; the comparison suffers, too.</p></details>

# %% [markdown]
# **2.** The paired bootstrap says <i>p</i> = 0.001 for learned against vanilla. What is shown?
#
# <details><summary>Learned attention is better with 99.9 % probability.</summary><p>✗ No. <i>p</i> is how often such a difference comes up by the luck of the test set alone, if there were none.</p></details>
# <details><summary>The difference between <i>these two trained models</i> is hardly the luck of the test set.</summary><p>✓ Right. For the method as such you need several seeds: exercise 5.2.</p></details>
# <details><summary>The difference is large.</summary><p>✗ No. With enough test sentences a tiny difference has a small <i>p</i>, too.</p></details>

# %% [markdown]
# **3.** Why is the bootstrap <i>paired</i>?
#
# <details><summary>Both models are judged on the same drawn sentences, so hard sentences are hard for both.</summary><p>✓ Right. The luck that both share drops out, and smaller differences can be seen.</p></details>
# <details><summary>Because each sentence has a source and a target.</summary><p>✗ No. The pair is a pair of scores: one of each model, for the same sentence.</p></details>
# <details><summary>Both models were trained with the same seed.</summary><p>✗ No. The models are there already; what is drawn is the test set.</p></details>

# %% [markdown]
# **4.** Beam search with <i>k</i> = 1 is …
#
# <details><summary>… an exhaustive search.</summary><p>✗ No. That would be <i>k</i> without limit.</p></details>
# <details><summary>… greedy search.</summary><p>✓ Right. One beginning is kept, and it is continued by its likeliest word.</p></details>
# <details><summary>… a beam of 10 of which the best translation is kept.</summary><p>✗ No. That one may begin with a word that is not the likeliest; with <i>k</i> = 1 such a beginning is dropped at once.</p></details>

# %% [markdown]
# **5.** At the end, beams are compared by log-probability <i>per word</i>. What if we compared the sums?
#
# <details><summary>Long translations would win.</summary><p>✗ No. Each further word adds a number below 0.</p></details>
# <details><summary>Short translations would win too often.</summary><p>✓ Right. Every word costs, so the cheapest way is to stop early. (On the way the code does compare sums: there, beginnings that have ended early have this advantage.)</p></details>
# <details><summary>Nothing would change.</summary><p>✗ No. It would, as soon as the beams have different lengths.</p></details>

# %% [markdown]
# ## What we measured, and what we did not show
#
# On Tatoeba's sentences we measured that learned attention beats the vanilla model on short real sentences in BLEU and chrF, by more than the luck of the test set. We did not show it for long real sentences (there are hardly
# any here), nor that the bottleneck is the reason, for other training seeds (5.2), nor that its α are right: there is no gold alignment for these pairs.
#
# **To read next**
#
# - Tiedemann: *Parallel Data, Tools and Interfaces in OPUS* (2012), the collection behind the download.
# - Jean, Cho, Memisevic, Bengio: *On Using Very Large Target Vocabulary for Neural Machine Translation* (2015), unknown words through α.
# - Luong, Sutskever, Le, Vinyals, Zaremba: *Addressing the Rare Word Problem in Neural Machine Translation* (2015).
# - Sennrich, Haddow, Birch: *Neural Machine Translation of Rare Words with Subword Units* (2016).
# - Koehn, Knowles: *Six Challenges for Neural Machine Translation* (2017), what attention does not solve.
#
# **Back:** [01 Can one vector carry a sentence?](01_encoder_decoder.ipynb)
