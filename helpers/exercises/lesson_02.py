"""The checks of notebook 02: where BLEU halves, an untrained encoder, kept words, a reversed source."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pandas as pd

from helpers.corpus.pairs import Pair, load_split
from helpers.exercises.feedback import WrongAnswer, call, compare_numbers, exercise, hindi, number, prediction
from helpers.recipes import load_results


def starts_below(limit: float, bleu: list[float]) -> list[float]:
    """Where the buckets with a BLEU below the limit begin: 1, 9, 17, …; infinity if there is none."""
    return [1 + 8 * i for i, score in enumerate(bleu) if score < limit] or [math.inf]


@exercise("The length is right for 40 tables, also for those that never fall so low.")
def half_length(answer):
    """2.1: answer(by_length) on tables of three to seven rows."""
    rng = random.Random(0)
    tables: list[list[float]] = [[60, 80, 45, 38, 28, 33], [60, 70, 50, 40]]
    tables += [[round(rng.uniform(20, 100), 1) for _ in range(n)] for n in [3, 5, 7, 4] * 10][:38]
    for bleu in tables:
        table = pd.DataFrame(
            {"length_min": range(1, 8 * len(bleu), 8), "length_max": range(8, 8 * len(bleu) + 1, 8), "bleu": bleu}
        )
        result, below = call(answer, table), starts_below(max(bleu) / 2, bleu)
        if below == [math.inf] and result != math.inf:
            raise WrongAnswer("where no BLEU is below half, the answer is float('inf'): it never falls so low.")
        compare_numbers(  # in the first table, each wrong turn gives another length
            result,
            below[0],
            f"for BLEU {bleu} at 1, 9, 17, … words",
            (
                starts_below(bleu[0] / 2, bleu)[0],
                "half of the *first* BLEU was taken; the best one need not come first.",
            ),
            (below[0] + 7, "this is length_max of the bucket; length_min is asked for."),
            (below[-1], "this is the last length below half; the first is asked for."),
            (starts_below(50, bleu)[0], "this compares with 50; half of this table's own best is asked for."),
        )


@prediction
def stranger(answer, guess, trained: pd.DataFrame) -> tuple[bool, str]:
    """2.2: the table of an untrained encoder, and a guess of what is read back from it 5 words before the end."""
    table = call(answer)
    if not isinstance(table, pd.DataFrame) or not {"distance", "accuracy"} <= set(table):
        raise WrongAnswer("the table that `probe` returns is needed, with its columns distance and accuracy.")
    both = table.merge(trained, on="distance", suffixes=("", "_trained"))
    if (both["sentences"] != both["sentences_trained"]).any():
        raise WrongAnswer(
            "these are other sentences than those of the trained encoder above, so the two cannot be compared: "
            "probe(…, *only_long, [0, 5, 10, 15])."
        )
    if not (both["distance"] == 5).any() or len(both) < 3:
        raise WrongAnswer("the table needs at least three distances, 5 among them: [0, 5, 10, 15].")
    if (both["accuracy"] - both["accuracy_trained"]).abs().max() < 0.05:
        raise WrongAnswer(
            "this is the table of the trained model: make a new one with new_translator, and do not train it."
        )
    here = both[both["distance"] == 5].iloc[0]
    message = (
        f"Five words before the end, {here['accuracy']:.0f} % are read back from the stranger, "
        f"{here['accuracy_trained']:.0f} % from the trained encoder; the commonest word would be right in "
        f"{here['guess']:.0f} %. (These are {here['sentences']:.0f} sentences: a few points mean nothing.) A random "
        "network remembers, too: a good probe says that something is in the vector, not that training put it there, "
        "nor that the decoder uses it."
    )
    if guess is ...:
        return True, message
    guess = number(guess, 0, 100, "a percentage")
    return abs(guess - here["accuracy"]) <= 15, f"You said {guess:g} %. {message}"


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
    """2.4: a guess of the BLEU that reversing gains at 32–39 words against the mean of five seeds."""
    guess = number(guess, -100, 100, "a gain in BLEU")
    tables = pd.concat([load_results("by_length.csv"), load_results("cures.csv")]).query("split == 'test'")
    bleu = tables.pivot_table(index="length_min", columns="model", values="bleu")
    gain, lost = (bleu["reversed"] - bleu["vanilla"]).iloc[-1], 100 * (1 - bleu.iloc[-1] / bleu.iloc[0])
    return abs(guess - gain) <= 5, (
        f"You said {guess:+g}; over five seeds it is {gain:+.1f} BLEU at {bleu.index[-1]} words and more. "
        f"From the shortest sentences to these, vanilla loses {lost['vanilla']:.0f} % of its BLEU, reversed "
        f"{lost['reversed']:.0f} %. The first Hindi words are now fresh, the last ones are old, and the vector is as "
        "small as before."
    )
