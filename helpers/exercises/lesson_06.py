"""The checks of notebook 06: a leaking split, the deep output, the luck of the seed, sharp rows of α, and the beam."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import combinations

import torch
from sacrebleu.metrics import CHRF
from torch import nn, randn

from helpers.corpus.pairs import Pair
from helpers.exercises.feedback import (
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
    """6.1: answer(train, test) on pairs of few sentences."""
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
    """6.1: a guess of the leak of a split by row, in %, against the measured shares."""
    guess = number(guess, 0, 100, "a percentage")
    if not by_row:
        return True, f"You said {guess:g} %. There are no twins in this corpus, so no split leaks: nothing to see."
    return abs(guess - 100 * by_row) <= 5, (
        f"You said {guess:g} %. Split row by row, {100 * by_row:.0f} % of the test pairs share a side with "
        f"training; split by group, {100 * by_group:.0f} %. A model that knows sentences by heart would look good in "
        "the first."
    )


@exercise("The logits are right for batches of one and of four sentences.")
def deep_output(answer):
    """6.2: answer(s, c, y, inner, outer) against outer(tanh(inner([s; c; y])))."""
    for B, d_s, d_h, E, words in ((1, 4, 4, 4, 6), (4, 4, 4, 4, 5), (3, 3, 6, 2, 7)):
        inner, outer = nn.Linear(d_s + d_h + E, d_s), nn.Linear(d_s, words)
        s, c, y = randn(B, d_s), randn(B, d_h), randn(B, E)
        together = torch.cat([s, c, y], dim=1)
        right = outer(torch.tanh(inner(together)))
        turns = [
            (outer(inner(together)), "the tanh between the two layers is missing."),
            (torch.tanh(outer(torch.tanh(inner(together)))), "one tanh too many: logits are any numbers."),
            (torch.tanh(outer(inner(together))), "the tanh stands between the two layers, not at the end."),
            (outer(torch.tanh(inner(torch.relu(together)))), "nothing is done to s, c and y before they go in."),
            (torch.softmax(right, 1), "these are probabilities already; logits are asked for, before the softmax."),
            (outer(torch.sigmoid(inner(together))), "this is a sigmoid; a tanh is asked for."),
        ]
        if d_s == d_h == E:  # another order has the same shape
            for order in ((s, y, c), (c, s, y), (c, y, s), (y, s, c), (y, c, s)):
                wrong = outer(torch.tanh(inner(torch.cat(order, dim=1))))
                turns.append(
                    (wrong, "the order is s, then c, then y: the matrix has a column for each of their numbers.")
                )
        result = call(answer, s, c, y, inner, outer)
        compare(tensor(result, (B, words), "a logit for each word"), right, *turns)


def _share(a: Sequence[float], b: Sequence[float], beyond: bool = False, both_ways: bool = False) -> float:
    """The share of divisions in which the second group is ahead by at least as much as in truth."""
    scores, hits = [*a, *b], []
    truth = sum(b) / len(b) - sum(a) / len(a)
    for chosen in combinations(range(len(scores)), len(a)):
        first = sum(scores[i] for i in chosen)
        gain = (sum(scores) - first) / len(b) - first / len(a)
        gain, least = (abs(gain), abs(truth)) if both_ways else (gain, truth)
        hits.append(gain > least + 1e-9 if beyond else gain >= least - 1e-9)
    return sum(hits) / len(hits)


@exercise("The share is right for 20 pairs of models with one to four seeds, also where the first one is better.")
def by_chance(answer):
    """6.3: answer(a, b) on scores of one to four seeds."""
    rng = random.Random(0)

    def draw(n: int) -> list[float]:
        return [round(rng.uniform(20, 40), 1) for _ in range(n)]

    tables = [([26.0, 28.0, 33.0], [29.0, 33.0, 36.0]), ([20.0, 21.0, 22.0], [30.0, 31.0, 32.0]), ([30.0], [31.0])]
    tables += [(draw(n), draw(m)) for n, m in [(3, 3), (2, 3), (4, 2), (3, 4)] * 4 + [(1, 1)]]
    for a, b in tables:
        right, ways = _share(a, b), math.comb(len(a) + len(b), len(a))
        compare_numbers(
            call(answer, list(a), list(b)),
            right,
            f"for {a} and {b}, with {ways} divisions,",
            (_share(b, a), "the sign is the other way round: count where the *second* group is ahead."),
            (_share(a, b, beyond=True), "the true division counts as well: at least as much, >=, forgiving rounding."),
            (_share(a, b, both_ways=True), "only divisions in which the second group is ahead count; leave out abs."),
            (1 - right, "these are the divisions that do *not* reach the true difference."),
            (ways * right, "this is a number of divisions; a share between 0 and 1 is asked for."),
            (100 * right, "this is a percentage; a share between 0 and 1 is asked for."),
            (
                sum(x < y for x in a for y in b) / len(a) / len(b),
                "these are pairings of seeds that b wins; divide again.",
            ),
        )


@prediction
def seeds(guess, a: Sequence[float], b: Sequence[float], share: float) -> tuple[bool, str]:
    """6.3: a guess whether the lead of the second model can hardly be the luck of the seed."""
    few, many = "5 % or less", "more than 5 %"
    right = few if share <= 0.05 + 1e-9 else many
    meaning = "the seed is a poor explanation of the lead" if right == few else "the seed may explain it"
    too_few = math.comb(len(a) + len(b), len(a)) < 20
    if too_few:
        meaning = "so few seeds cannot tell, whatever their scores are"
    return choice(guess, few, many) == right or too_few, (
        f"You said {guess}. With {len(a)} and {len(b)} seeds the means differ by "
        f"{sum(b) / len(b) - sum(a) / len(a):.1f} chrF, and {100 * share:.0f} % of the divisions do as much: {meaning}."
    )


@exercise("The numbers are right, for α of 1 by 3 to 5 by 6 words, and for weights of exactly 0.")
def evenness(answer):
    """6.4: answer(alpha) against -Σ α ln α / ln T_x."""
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
        right = terms.sum(1) / math.log(T_x)
        turns = [
            (-right, "the sign is wrong: ln α is below 0, so the sum needs a minus."),
            (terms.sum(1), "this is the entropy; divide it by ln T_x."),
            (terms.sum(1) / T_x, "divide by ln T_x, not by T_x."),
            (terms.mean(1) / math.log(T_x), "this is the mean of the terms; their sum is asked for."),
            (right / math.log(2), "log2 in one place and ln in the other: take the same logarithm for both."),
            (right * math.log(2), "log2 in one place and ln in the other: take the same logarithm for both."),
            (1 - right, "0 is sharp and 1 is even; yours is the other way round."),
        ]
        if T_y > 1:
            turns.append(
                (terms.sum(1) / math.log(T_y), "T_x is the number of columns, alpha.size(1); yours are the rows.")
            )
        turns.append((terms.sum(0) / math.log(T_x), "you summed over t, down the columns; sum over j, dim=1."))
        compare(tensor(call(answer, alpha), (T_y,), "one number for each row"), right, *turns)


@prediction
def sharp_and_right(guess, hits: Sequence[float]) -> tuple[bool, str]:
    """6.4: a guess of the share of sharp rows that look at a link, in %, against the shares of three equal parts."""
    guess = number(guess, 0, 100, "a percentage")
    if not len(hits):
        return True, f"You said {guess:g} %. This corpus has no links, so nothing can be said."
    sharp, middle, even = hits
    return abs(guess - sharp) <= 10, (
        f"You said {guess:g} %. Of the third with the sharpest rows {sharp:.0f} % look at a link, of the middle third "
        f"{middle:.0f} %, of the third with the most even rows {even:.0f} %. A sharp row says that the model looks at "
        "one place; only the links say whether it is the right one."
    )


def chrf(text: str, reference: str) -> float:
    """6.5: chrF of one translation, 0 to 100, regardless of case."""
    return CHRF(lowercase=True).sentence_score(text, [reference]).score


@exercise("Both counts are right for 20 sets of translations.")
def better_and_worse(answer):
    """6.5: answer(greedy, beam, references) on random translations."""
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
    """6.5: a guess of how many of 100 translations a beam improves, against the measured number."""
    guess, measured = number(guess, 0, 100, "a percentage"), 100 * better / sentences
    return abs(guess - measured) <= 10, (
        f"You said {guess:g} %. Of {sentences} translations {better} got better ({measured:.0f} %) and {worse} got "
        "worse. The beam finds sentences that the model thinks likelier; the model's taste is not the reference's."
    )
