"""The checks of notebook 02: the interval of a BLEU, a wrong vector, kept words, a reversed source, another vector."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from helpers.batching import Batch, make_batches
from helpers.corpus.pairs import Pair, load_split
from helpers.evaluation import score
from helpers.exercises.feedback import WrongAnswer, call, compare, exercise, hindi, number, prediction, tensor
from helpers.recipes import load_results
from helpers.vocabulary import Vocabulary


def _damaged() -> tuple[list[str], list[str]]:
    """Twenty translations and what is right. Long ones are damaged least: BLEU is far from the mean over sentences."""
    rng, written, right = random.Random(0), [], []
    for pair in load_split("test")[:200:10]:
        lost = 0.5 if len(pair.source) < 8 else 0.1
        written.append(" ".join("so" if rng.random() < lost else word for word in pair.target))
        right.append(" ".join(pair.target))
    return written, right


@exercise("The interval is as wide as it should be, on 20 sentences.")
def bleu_interval(answer):
    """2.1: answer(written, right, samples), against the bootstrap of sacrebleu."""
    written, right = _damaged()
    result = call(answer, written, right, 600)
    if not isinstance(result, tuple | list | np.ndarray) or len(result) != 2:
        raise WrongAnswer("two numbers are needed, the lower and the upper end: return low, high.")
    low, high = (number(end, meaning="each end of the interval") for end in result)
    expected = score(written, right)
    whole, wide = expected["bleu"], 2 * expected["bleu_ci"]
    if low > high:
        raise WrongAnswer("the lower end comes first.")
    if high - low < 0.05 * wide:
        raise WrongAnswer(
            f"both ends are {low:.1f}: every sample was the same. Draw *with replacement*, and anew for each sample."
        )
    if not low + 0.1 * wide < whole < high - 0.1 * wide:
        raise WrongAnswer(
            f"the BLEU of all sentences, {whole:.1f}, is not well within your interval, {low:.1f} to {high:.1f}. "
            "Does each translation keep its right sentence? Draw numbers, and use the same ones for both lists. And "
            "BLEU is computed of all drawn sentences together: a mean over single sentences is another number."
        )
    if not 0.8 * wide < high - low < 1.2 * wide:
        raise WrongAnswer(
            f"your interval is {high - low:.1f} wide, about {wide:.1f} is right. Its ends are the 2.5th and the 97.5th "
            "percentile of the scores, and each sample has as many sentences as there are."
        )


def _batch() -> Batch:
    """Five sentences of different lengths, no two alike."""
    test = load_split("test")
    pairs = [next(p for p in test if len(p.source) == n) for n in (5, 6, 8, 9, 11)]
    source, target = (Vocabulary.of(getattr(p, side) for p in pairs) for side in ("source", "target"))
    (batch,) = make_batches(pairs, source, target)
    return batch


def _copy(batch: Batch) -> Batch:
    """The same batch, which may be changed in place."""
    copies: dict[str, Any] = {k: v.clone() for k, v in vars(batch).items() if isinstance(v, torch.Tensor)}
    return replace(batch, **copies)


@exercise("Each English sentence has the Hindi of another one, and the lengths moved with it.")
def with_other_source(answer):
    """2.2: answer(batch) on a batch of five sentences."""
    batch = _batch()
    result = call(answer, _copy(batch))
    if not isinstance(result, Batch):
        raise WrongAnswer("a batch is needed: replace(batch, source=…, source_lengths=…) makes one from another.")
    n = len(batch.source_lengths)
    english = ("target_in", "target_out")
    if any(not torch.equal(getattr(result, side), getattr(batch, side)) for side in english):
        raise WrongAnswer("the English side changed too; only the Hindi side moves.")
    source = tensor(result.source, tuple(batch.source.shape), "the same sentences in another order")
    rows = [[k for k in range(n) if torch.equal(row, batch.source[k].float())] for row in source]
    if [len(found) for found in rows] != [1] * n or len({found[0] for found in rows}) < n:
        raise WrongAnswer("the words of different sentences got mixed: whole rows move, along dims=0.")
    order = [found[0] for found in rows]
    if any(k == i for i, k in enumerate(order)):
        raise WrongAnswer("some sentence still has its own Hindi side: every row must move.")
    lengths = torch.as_tensor(result.source_lengths)
    if not torch.equal(lengths, batch.source_lengths[order]):
        same = torch.equal(lengths, batch.source_lengths)
        raise WrongAnswer(
            "source_lengths "
            + ("stayed where they were" if same else "do not belong to the rows of source")
            + ": each length must move together with its sentence."
        )


@prediction
def wrong_vector(guess, share: float) -> tuple[bool, str]:
    """2.2: a guess of how many next words in 100 are right with the vector of another sentence."""
    guess = number(guess, 0, 100, "a percentage")
    return abs(guess - share) <= 10, (
        f"You said {guess:g} words in 100; it is {share:.0f}, the mean over the five lengths. So many next words can "
        "be told from the English before them, and from the habits of this corpus."
    )


@exercise("The words are found in 66 sentences, also where one Hindi word has two English ones.")
def kept(answer):
    """2.3: answer(pair, translation) on test sentences and damaged translations of them."""
    rng = random.Random(0)
    cases = [(pair, [w for w in pair.target if rng.random() < 0.6]) for pair in load_split("test")[::8]]
    possible = Pair(("राम", "ने", "।"), ("Ram", "."), ((0, 0, True), (1, 0, False), (2, 1, True)))
    double = Pair(("यह", "।"), ("this", "one", "."), ((0, 0, True), (0, 1, True), (1, 2, True)))
    for pair, written in [(possible, ["Ram"]), *cases, (double, ["this", "."]), (double, ["one", "."])]:
        right: dict[int, bool] = {}
        for j, t, sure in pair.links:
            if sure:
                right[j] = right.get(j, True) and pair.target[t] in written
        result = call(answer, pair, written)
        if not isinstance(result, dict):
            raise WrongAnswer("a dictionary is needed: {j: True or False}.")
        if result != right and result == {t: w in written for t, w in enumerate(pair.target)}:
            raise WrongAnswer("the keys are places of English words; the places j of Hindi words are asked for.")
        if extra := sorted(set(result) - set(right)):
            raise WrongAnswer(f"{extra} should not be among the keys: the Hindi word there has no *sure* link.")
        if missing := sorted(set(right) - set(result)):
            raise WrongAnswer(f"{missing} are missing: the Hindi words there have sure links.")
        for j in right:
            if bool(result[j]) != right[j]:
                words = [pair.target[t] for i, t, sure in pair.links if i == j and sure]
                raise WrongAnswer(
                    f"word {j}, {hindi(pair.source[j])}, is linked with {words}; the answer was “{' '.join(written)}”. "
                    f"Yours says {result[j]}, {right[j]} is right: all of its sure links count, and whole words only."
                )


@exercise("Words and links are turned round together, for 50 sentences.")
def reversed_pair(answer):
    """2.4: answer(pair) on sentences of the test set."""
    for pair in [*load_split("test")[::10], Pair(("a", "b"), ("x",), ((0, 0, True),))]:
        n = len(pair.source)
        result = call(answer, pair)
        if not isinstance(result, Pair):
            raise WrongAnswer("a Pair is needed: replace(pair, source=…, links=…) makes one from another.")
        if tuple(result.target) != pair.target:
            raise WrongAnswer("the English words changed; only the Hindi side is reversed.")
        if tuple(result.source) != pair.source[::-1]:
            if tuple(result.source) == pair.source[-2::-1] + pair.source[-1:]:
                raise WrongAnswer("the । was left at the end; here everything is turned round, the । too.")
            raise WrongAnswer("the Hindi words are not in the opposite order: pair.source[::-1].")
        right = replace(pair, links=tuple((n - 1 - j, t, sure) for j, t, sure in pair.links))
        if set(result.links) != set(right.links):
            if set(result.links) == set(pair.links):
                raise WrongAnswer("the links still point at the old places: word j is now at place n - 1 - j.")
            if any(not 0 <= j < n for j, *_ in result.links):
                worst = max((j for j, *_ in result.links), key=abs)
                raise WrongAnswer(f"a link points at place {worst} of {n} words, counted from 0: n - 1 - j, not n - j.")
            raise WrongAnswer(
                "the links join other words than before: each link (j, t, sure) becomes (n - 1 - j, t, sure)."
            )


@prediction
def reversing(guess) -> tuple[bool, str]:
    """2.4: a guess of the share of its BLEU that the reversed model keeps, against the mean of the stored seeds."""
    guess = number(guess, 0, 100, "a percentage")
    rows = load_results("by_length.csv").query("split == 'test'")
    bleu = rows.pivot_table("bleu", ["model", "seed"], "length_min")
    kept = (100 * bleu.iloc[:, -1] / bleu.iloc[:, 0]).groupby("model").agg(["mean", "count"])
    share, seeds = kept.loc["reversed"]
    return abs(guess - share) <= 5, (
        f"You said {guess:g} %; the mean of {seeds:.0f} seeds is {share:.0f} %, and vanilla keeps "
        f"{kept.loc['vanilla', 'mean']:.0f} %. The first Hindi words are now fresh and the last ones are old, and the "
        "vector is as small as before."
    )


@exercise("The largest values are found, and padding does not take part.")
def largest(answer):
    """2.5: answer(h, mask) on states of three sentences of different lengths."""
    h, mask = torch.randn(3, 6, 4) - 1, torch.arange(6) < torch.tensor([[6], [4], [1]])
    h = h.masked_fill(~mask.unsqueeze(2), 5.0)  # padding would win
    result = tensor(call(answer, h, mask), (3, 4), "one vector for each sentence")
    hidden = h.masked_fill(~mask.unsqueeze(2), -torch.inf)
    compare(
        result,
        hidden.max(dim=1).values,
        (h.max(dim=1).values, "padding won: where the mask is False, write -torch.inf before you take the maximum."),
        (hidden.abs().nan_to_num(posinf=0).max(dim=1).values, "the largest value is asked for, with its sign."),
        ((h * mask.unsqueeze(2)).max(dim=1).values, "a padded place counts as 0, and 0 may be larger than all states."),
        ((h * mask.unsqueeze(2)).sum(dim=1) / mask.sum(1, keepdim=True), "this is the mean; the maximum is asked for."),
        (h.mean(dim=1), "this is the mean; the maximum is asked for."),
        (h.masked_fill(mask.unsqueeze(2), -torch.inf).max(dim=1).values, "the mask is True at real words."),
        (h[:, -1], "this is the last column, which is padding in two of the sentences."),
    )
