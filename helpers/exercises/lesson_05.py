"""The checks of notebook 05: a leaking split, luck of the seed, entropy, greedy against beam."""

from __future__ import annotations

import random

import torch
from sacrebleu.metrics import CHRF
from torch import randn

from helpers.corpus.pairs import Pair
from helpers.exercises.feedback import (
    EQUAL,
    WrongAnswer,
    call,
    choice,
    compare,
    compare_numbers,
    exercise,
    number,
    prediction,
    tensor,
)


@exercise("The share is right for 30 small splits.")
def leak(answer):
    """5.1: answer(train, test) on pairs of few sentences."""
    rng = random.Random(0)

    def draw(count: int, names: int) -> list[Pair]:
        return [Pair((f"x{rng.randrange(names)}",), (f"y{rng.randrange(names)}",)) for _ in range(count)]

    def pairs(letters: str) -> list[Pair]:
        return [Pair((p[0],), (p[1],)) for p in letters.split()]

    splits = [(pairs("ab cd"), pairs("ab ad cx ax xb xx"))]  # here, each wrong turn gives another number
    splits += [(draw(4 + n % 5, 5 + n), draw(3 + n % 7, 5 + n)) for n in range(29)]
    for train, test in splits:
        sources, targets = {p.source for p in train}, {p.target for p in train}
        hits = [(p.source in sources, p.target in targets) for p in test]
        right = sum(x or y for x, y in hits) / len(test)
        compare_numbers(
            call(answer, train, test),
            right,
            f"for {len(test)} test pairs, {round(right * len(test))} of them with a seen side,",
            (100 * right, "this is a percentage; a share between 0 and 1 is asked for."),
            (len(test) * right, "this is a number of pairs: divide by the number of test pairs."),
            (sum(x and y for x, y in hits) / len(test), "a pair leaks if *either* side was seen; yours asks for both."),
            (sum(x for x, _ in hits) / len(test), "only the source was compared; a seen target leaks as well."),
            (sum(y for _, y in hits) / len(test), "only the target was compared; a seen source leaks as well."),
            (sum(p in train for p in test) / len(test), "whole pairs were compared; one side is enough for a leak."),
            (len(test) * right / len(train), "the share is of the test pairs; you divided by the training pairs."),
        )


@prediction
def leak_by_row(guess, by_row: float, by_group: float) -> tuple[bool, str]:
    """5.1: a guess of the leak of a split by row, in %, against the measured shares."""
    guess = number(guess, 0, 100, "a percentage")
    if not by_row:
        return True, f"You said {guess:g} %. There are no twins in this corpus, so no split leaks: nothing to see."
    return abs(guess - 100 * by_row) <= 15, (
        f"You said {guess:g} %. Split row by row, {100 * by_row:.0f} % of the test pairs share a side with "
        f"training; split by group, {100 * by_group:.0f} %. A model that knows sentences by heart would look good in "
        "the first."
    )


@exercise("Difference and spread are right for 20 tables, also where the vanilla model is better.")
def luck(answer):
    """5.2: answer(scores) on scores of two to five seeds."""
    rng = random.Random(0)

    def draw(n: int) -> list[float]:
        return [round(rng.uniform(0, 40), 1) for _ in range(n)]

    tables = [{"vanilla": [10.0, 30.0, 20.0], "learned": [22.0, 12.0, 35.0]}]  # each wrong turn gives another number
    tables += [{"vanilla": draw(n), "learned": draw(n)} for n in [2, 3, 5, 4] * 4 + [2, 3, 5]]
    for scores in tables:
        means = {name: sum(bleu) / len(bleu) for name, bleu in scores.items()}
        ranges = {name: max(bleu) - min(bleu) for name, bleu in scores.items()}
        result = call(answer, {name: list(bleu) for name, bleu in scores.items()})
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise WrongAnswer("two numbers are needed: return difference, spread.")
        difference = means["learned"] - means["vanilla"]
        compare_numbers(
            result[0],
            difference,
            f"for {scores} the difference:",
            (-difference, "the sign is the other way round: learned minus vanilla, above 0 if learned is better."),
            (
                max(scores["learned"]) - max(scores["vanilla"]),
                "the best seeds were compared: that rewards luck. Compare the means.",
            ),
            (scores["learned"][0] - scores["vanilla"][0], "only the first seed was used; take the mean of all."),
        )
        both = scores["vanilla"] + scores["learned"]
        compare_numbers(
            result[1],
            max(ranges.values()),
            f"for {scores} the spread:",
            (min(ranges.values()), "this is the smaller of the two ranges; the larger one is the fair yardstick."),
            (max(both) - min(both), "this is the range of both together; take it for each, then the larger."),
        )


@prediction
def small_seeds(guess, difference: float, spread: float) -> tuple[bool, str]:
    """5.2: a guess of how the difference of two models compares with the spread over their seeds."""
    size = abs(difference)
    right = "larger" if size > 1.5 * spread else "smaller" if 1.5 * size < spread else EQUAL
    meaning = "the seed is a poor explanation of it" if right == "larger" else "other seeds could turn it round"
    return choice(guess, "larger", "smaller", EQUAL) == right, (
        f"You said {guess}. The difference is {difference:.1f} chrF, the spread {spread:.1f}: {right}. So {meaning}. "
        "Three seeds are few, and small models tell nothing about the large ones."
    )


@exercise("The entropy is right, for α of 1 by 3 to 5 by 6 words, and for weights of exactly 0.")
def entropy(answer):
    """5.3: answer(alpha) against -Σ α ln α."""
    for T_y, T_x in ((1, 3), (4, 4), (5, 6), (3, 5)):
        alpha = torch.softmax(2 * randn(T_y, T_x), dim=1)
        if T_x == 5:
            alpha = torch.eye(5)[:3]  # all weight on one word
            if call(answer, alpha).isnan().any():
                raise WrongAnswer(
                    "right where no weight is 0; but 0 · ln 0 gives nan, and should count as 0. What could the "
                    "logarithm be given in place of 0?"
                )
        terms = torch.special.entr(alpha)
        compare(
            tensor(call(answer, alpha), (T_y,), "one entropy for each row"),
            terms.sum(1),
            (-terms.sum(1), "the sign is wrong: ln α is below 0, so the sum needs a minus."),
            (
                terms.sum(1) / torch.tensor(2.0).log(),
                "this is in bits, with log2; nats, with the natural logarithm, are asked for.",
            ),
            (terms.mean(1), "this is the mean of the terms; their sum is asked for."),
            (terms.sum(0), "you summed over t, down the columns; sum over j, dim=1."),
        )


def chrf(text: str, reference: str) -> float:
    """5.4: chrF of one translation, 0 to 100, regardless of case."""
    return CHRF(lowercase=True).sentence_score(text, [reference]).score


@exercise("Both counts are right for 20 sets of translations.")
def better_and_worse(answer):
    """5.4: answer(greedy, beam, references) on random translations."""
    rng = random.Random(0)
    words = "the cat saw a black dog near our old house".split()

    def text():
        return " ".join(rng.sample(words, rng.randint(3, 6)))

    for n in (9, 12, 4, 2, 1) * 4:
        references, greedy = [text() for _ in range(n)], [text() for _ in range(n)]
        beam = [g if rng.random() < 0.4 else text() for g in greedy]
        gains = [chrf(b, r) - chrf(g, r) for g, b, r in zip(greedy, beam, references, strict=True)]
        right = sum(g > 0 for g in gains), sum(g < 0 for g in gains)
        result = call(answer, greedy, beam, references)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise WrongAnswer("two whole numbers are needed: return better, worse.")
        turns = {
            right[::-1]: "better and worse are exchanged: it is better if the *beam's* chrF is higher.",
            (right[0], n - right[0]): "sentences that stayed as good were counted as worse; leave them out.",
            (n - right[1], right[1]): "sentences that stayed as good were counted as better; leave them out.",
            (right[0] / n, right[1] / n): "these are shares; numbers of sentences are asked for.",
            (100 * right[0] / n, 100 * right[1] / n): "these are percentages; numbers of sentences are asked for.",
        }
        if tuple(result) != right:
            raise WrongAnswer(
                turns.get(tuple(result), f"for {n} sentences yours is {tuple(result)}, {right} is right.")
            )


@prediction
def beam_changes(guess, better: int, worse: int, sentences: int) -> tuple[bool, str]:
    """5.4: a guess of how many of 100 translations a beam improves, against the measured number."""
    guess, measured = number(guess, 0, 100, "a percentage"), 100 * better / sentences
    return abs(guess - measured) <= 10, (
        f"You said {guess:g} %. Of {sentences} translations {better} got better ({measured:.0f} %) and {worse} got "
        "worse. The beam finds sentences that the model thinks likelier; the model's taste is not the reference's."
    )
