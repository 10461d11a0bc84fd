"""Checks of the exercises of notebook 02: where BLEU halves, a strange encoder, kept words, a reversed source."""

from __future__ import annotations

import random
from dataclasses import replace

import pandas as pd

from helpers.corpus.pairs import Pair, load_split
from helpers.exercises.feedback import Wrong, call, exercise, hindi, number
from helpers.recipes import load_results


@exercise("The length is right for 40 tables, also for those that never fall so low.")
def half_length(answer):
    """answer(by_length) on tables of three to seven rows."""
    dice, never = random.Random(0), float("inf")
    tables = [[60, 80, 45, 38, 28, 33], [60, 70, 50, 40]]  # in the first, each wrong turn gives another length
    tables += [[round(dice.uniform(20, 100), 1) for _ in range(n)] for n in [3, 5, 7, 4] * 10][:38]
    for bleu in tables:
        table = pd.DataFrame(
            {"length_min": range(1, 8 * len(bleu), 8), "length_max": range(8, 8 * len(bleu) + 1, 8), "bleu": bleu}
        )
        below = table[table["bleu"] < max(bleu) / 2]

        def first(limit, table=table):
            rows = table[table["bleu"] < limit]
            return rows["length_min"].iloc[0] if len(rows) else float("inf")

        found, right = call(answer, table.copy()), first(max(bleu) / 2)
        if right == never and found != never:
            raise Wrong("where no BLEU is below half, the answer is float('inf'): it never falls so low.")
        if found != right:
            turns = [
                (first(bleu[0] / 2), "half of the *first* BLEU was taken; the best one need not come first."),
                (below["length_max"].min(), "this is length_max of the bucket; length_min is asked for."),
                (below["length_min"].max(), "this is the last length below half; the first is asked for."),
                (first(50), "this compares with 50; half of this table's own best is asked for."),
            ]
            other = f"for BLEU {bleu} at 1, 9, 17, … words yours is {found}, {right} is right."
            raise Wrong(next((words for wrong, words in turns if found == wrong), other))


@exercise("")
def stranger(answer, guess, trained: pd.DataFrame) -> str:
    """The table of an untrained encoder, and a guess of what is read back from it 5 words before the end."""
    found = call(answer)
    if not isinstance(found, pd.DataFrame) or not {"distance", "accuracy"} <= set(found):
        raise Wrong("the table that `probe` returns is needed, with its columns distance and accuracy.")
    both = found.merge(trained, on="distance", suffixes=("", "_trained"))
    if (both["sentences"] != both["sentences_trained"]).any():
        raise Wrong(
            "these are other sentences than those of the trained encoder above, so the two cannot be compared: "
            "probe(…, *only_long, [0, 5, 10, 15])."
        )
    if not (both["distance"] == 5).any() or len(both) < 3:
        raise Wrong("the table needs at least three distances, 5 among them: [0, 5, 10, 15].")
    if (both["accuracy"] - both["accuracy_trained"]).abs().max() < 0.05:
        raise Wrong("this is the table of the trained model: make a new one with new_translator, and do not train it.")
    here = both[both["distance"] == 5].iloc[0]
    known = "" if guess is ... else f"You said {number(guess, 0, 100, 'a percentage'):g} %. "
    words = (
        f"{known}Five words before the end, {here['accuracy']:.0f} % are read back from the stranger, "
        f"{here['accuracy_trained']:.0f} % from the trained encoder; the commonest word would be right in "
        f"{here['guess']:.0f} %. (These are {here['sentences']:.0f} sentences: a few points mean nothing.) A "
        "random network remembers, too: a good probe says that something is in the "
        "vector, not that training put it there, nor that the decoder uses it."
    )
    if guess is not ... and abs(guess - here["accuracy"]) > 15:
        raise Wrong(words)
    return words


@exercise("The words are found in 62 sentences, also where one Hindi word has two English ones.")
def kept(answer):
    """answer(pair, translation) on test sentences and damaged translations of them."""
    dice = random.Random(0)
    cases = [(pair, [w for w in pair.target if dice.random() < 0.6]) for pair in load_split("test")[::8]]
    possible = Pair(("राम", "ने", "।"), ("Ram", "."), ((0, 0, True), (1, 0, False), (2, 1, True)))
    double = Pair(("यह", "।"), ("this", "one", "."), ((0, 0, True), (0, 1, True), (1, 2, True)))
    for pair, written in [(possible, ["Ram"]), *cases, (double, ["this", "."]), (double, ["one", "."])]:
        right = {}
        for j, t, sure in pair.links:
            if sure:
                right[j] = right.get(j, True) and pair.target[t] in written
        found = call(answer, pair, written)
        if not isinstance(found, dict):
            raise Wrong("a dictionary is needed: {j: True or False}.")
        if found != right and found == {t: w in written for t, w in enumerate(pair.target)}:
            raise Wrong("the keys are places of English words; the places j of Hindi words are asked for.")
        if extra := sorted(set(found) - set(right)):
            raise Wrong(f"{extra} should not be among the keys: the Hindi word there has no *sure* link.")
        if missing := sorted(set(right) - set(found)):
            raise Wrong(f"{missing} are missing: the Hindi words there have sure links.")
        for j in right:
            if bool(found[j]) != right[j]:
                words = [pair.target[t] for i, t, sure in pair.links if i == j and sure]
                raise Wrong(
                    f"word {j}, {hindi(pair.source[j])}, is linked with {words}; the answer was "
                    f"“{' '.join(written)}”. Yours says {found[j]}, {right[j]} is right: all of its sure "
                    "links count, and whole words only."
                )


@exercise("Words and links are turned round together, for 50 sentences.")
def reversed_pair(answer):
    """answer(pair) on sentences of the test set."""
    for pair in [*load_split("test")[::10], Pair(("a", "b"), ("x",), ((0, 0, True),))]:
        n = len(pair.source)
        found = call(answer, pair)
        if not isinstance(found, Pair):
            raise Wrong("a Pair is needed: replace(pair, source=…, links=…) makes one from another.")
        if tuple(found.target) != pair.target:
            raise Wrong("the English words changed; only the Hindi side is reversed.")
        if tuple(found.source) == pair.source[-2::-1] + pair.source[-1:] != pair.source[::-1]:
            raise Wrong("the । was left at the end; here everything is turned round, the । too.")
        if tuple(found.source) != pair.source[::-1]:
            raise Wrong("the Hindi words are not in the opposite order: pair.source[::-1].")
        right = replace(pair, links=tuple((n - 1 - j, t, sure) for j, t, sure in pair.links))
        if set(found.links) != set(right.links):
            if set(found.links) == set(pair.links):
                raise Wrong("the links still point at the old places: word j is now at place n - 1 - j.")
            if any(not 0 <= j < n for j, *_ in found.links):
                worst = max((j for j, *_ in found.links), key=abs)
                raise Wrong(f"a link points at place {worst} of {n} words, counted from 0: n - 1 - j, not n - j.")
            raise Wrong("the links join other words than before: each link (j, t, sure) becomes (n - 1 - j, t, sure).")


@exercise("")
def reversing(guess) -> str:
    """A guess of the BLEU that reversing gains at 32–39 words against the mean of five seeds."""
    guess = number(guess, -100, 100, "a gain in BLEU")
    tables = pd.concat([load_results("by_length.csv"), load_results("cures.csv")]).query("split == 'test'")
    bleu = tables.pivot_table(index="length_min", columns="model", values="bleu")
    gain, lost = (bleu["reversed"] - bleu["vanilla"]).iloc[-1], 100 * (1 - bleu.iloc[-1] / bleu.iloc[0])
    words = (
        f"You said {guess:+g}; over five seeds it is {gain:+.1f} BLEU at {bleu.index[-1]} words and more. "
        f"From the shortest sentences to these, vanilla loses {lost['vanilla']:.0f} % of its BLEU, reversed "
        f"{lost['reversed']:.0f} %. The first Hindi words are now fresh, the last ones are old, and the vector is "
        "as small as before."
    )
    if abs(guess - gain) > 5:
        raise Wrong(words)
    return words
