"""Checks of the exercises of notebook 03: the oracle's weights, a weighted average, one step early, a noisy oracle."""

from __future__ import annotations

import random

import torch
from torch import Tensor, randn

from helpers.corpus.pairs import Pair, load_split
from helpers.exercises.feedback import Wrong, call, choice, compare, exercise, number, tensor
from helpers.oracle import oracle_alpha

LIKE_ORACLE, LIKE_SHIFTED = "like the oracle", "like shifted"


def random_pairs(count: int = 12) -> list[Pair]:
    """Pairs of 4 by 6, then of random numbers of words, at last 1 by 1; each target word has a random link or more."""
    dice, pairs = random.Random(0), []
    for n in range(count):
        T_x, T_y = {0: (4, 6), count - 1: (1, 1)}.get(n, (dice.randint(2, 7), dice.randint(2, 7)))
        links = {(dice.randrange(T_x), t) for t in range(T_y) for _ in range(dice.randint(1, 3))}
        links = tuple((j, t, dice.random() < 0.5) for j, t in sorted(links))
        pairs.append(Pair(tuple(f"x{j}" for j in range(T_x)), tuple(f"y{t}" for t in range(T_y)), links))
    return pairs


@exercise("Rows sum to 1, sure links weigh twice as much as possible ones, </s> is linked to itself: 12 sentences.")
def oracle_weights(answer):
    """answer(links, T_x, T_y) against `oracle_alpha`."""
    for pair in random_pairs():
        T_x, T_y = len(pair.source), len(pair.target)
        right, sure = oracle_alpha(pair), torch.zeros(T_y + 1, T_x + 1)
        for j, t, _ in pair.links:
            sure[t, j] = 1
        sure[-1, -1] = 1
        found = call(answer, pair.links, T_x, T_y)
        if isinstance(found, Tensor) and T_x != T_y and found.shape == right.T.shape:
            raise Wrong(
                f"the result has shape {tuple(found.shape)}, for {T_x} source and {T_y} target words: a row is "
                "a target word t, so alpha[t, j]."
            )
        if isinstance(found, Tensor) and found.isnan().any():
            raise Wrong("there is a nan: a row without any weight was divided by its sum, 0. Has </s> a link?")
        found = tensor(
            found, (T_y + 1, T_x + 1), "a row for each target word and </s>, a column for each source word and </s>"
        )
        sums = found.sum(1)
        if not torch.allclose(sums, torch.ones(1)):
            if torch.allclose(found.sum(0)[found.sum(0) > 0], torch.ones(1), atol=1e-4):
                raise Wrong(
                    "the columns sum to 1, that is over t; they should over j: divide each row by its own sum, "
                    "alpha.sum(dim=1, keepdim=True)."
                )
            t = int((sums - 1).abs().argmax())
            raise Wrong(
                f"row {t} sums to {sums[t]:.2f}, not to 1"
                + (
                    ": the last row is </s>, linked to the source's </s>."
                    if t == T_y and sums[t] == 0
                    else ": divide each row by its own sum."
                )
            )
        compare(
            found,
            right,
            (
                sure / sure.sum(1, keepdim=True),
                "all links weigh the same; a possible link should weigh half of a sure "
                "one before the row is divided by its sum.",
            ),
        )


@exercise("The average is right.")
def by_hand(answer):
    """The context of three states, worked out on paper."""
    h, weights = torch.tensor([[2.0, 0.0], [0.0, 2.0], [4.0, 4.0]]), torch.tensor([0.25, 0.25, 0.5])
    try:
        found = torch.as_tensor(answer, dtype=torch.float)
    except (TypeError, ValueError, RuntimeError):
        raise Wrong("two numbers in brackets are needed, such as [1.0, 2.0].") from None
    if found.shape != (2,):
        raise Wrong("c has as many numbers as each state, two: write them as in [1.0, 2.0].")
    compare(
        found,
        weights @ h,
        (h.mean(0), "this is the plain average, with each weight 1/3; the third state counts for half of it."),
        (h.sum(0), "the states were added without their weights."),
        (weights @ h / 3, "the weights sum to 1 already, so nothing is divided by 3."),
        ((weights @ h).flip(0), "the two numbers are in the wrong order."),
    )


@exercise("The averages are right for 1, 3 and 6 words, with states of 1 to 5 numbers.")
def weighted_average(answer):
    """answer(alpha_t, h) against alpha_t @ h."""
    for T_x, D_h in ((3, 3), (1, 4), (6, 1), (3, 5)):
        alpha_t, h = torch.softmax(randn(T_x), dim=0), randn(T_x, D_h)
        found = tensor(call(answer, alpha_t, h), (D_h,), "one number for each number of a state")
        compare(
            found,
            alpha_t @ h,
            (h.mean(0), "this is the plain average: the weights have no effect."),
            (alpha_t @ h / T_x, f"the weights sum to 1 already: do not divide by {T_x}."),
            (h.sum(0), "the states were added without their weights."),
            (alpha_t[-1] * h[-1], "only the last term is left: add each term to what was there before, with +=."),
            (alpha_t[0] * h[0], "only the first term is there: does `return` stand inside the loop?"),
        )


@exercise("Each row is the oracle's row of the step after, for 50 sentences.")
def early(answer):
    """answer(pair) against the oracle's α moved up by one row."""
    for pair in load_split("test")[::10]:
        gold = oracle_alpha(pair)
        found = tensor(call(answer, pair), tuple(gold.shape), "as oracle_alpha(pair)")
        compare(
            found,
            gold.roll(-1, dims=0),
            (gold, "these are the oracle's own weights: nothing moved."),
            (gold.roll(1, dims=0), "each row came one step *late*, which is 'shifted': move them up, not down."),
            (gold.roll(-1, dims=1), "the columns moved, that is the words j; the steps t are the rows, dims=0."),
        )


@exercise("")
def early_or_late(guess: str, oracle: float, early: float, shifted: float) -> str:
    """A guess whether 'early' comes out like the oracle or like 'shifted', against three measured BLEU."""
    right = LIKE_ORACLE if abs(early - oracle) < abs(early - shifted) else LIKE_SHIFTED
    words = (
        f"You said “{choice(guess, LIKE_ORACLE, LIKE_SHIFTED)}”. BLEU: oracle {oracle:.1f}, early {early:.1f}, "
        f"shifted {shifted:.1f}. What comes a step early can be kept in the decoder's state until it is due; what "
        "comes a step late comes after the word was written."
    )
    if guess != right:
        raise Wrong(words)
    return words


@exercise("The mixtures are right for p = 0, 0.3 and 1, and every row sums to 1.")
def mixed(answer):
    """answer(pair, p) against the mixture of gold and uniform weights."""
    for pair in random_pairs():
        gold, uniform = oracle_alpha(pair), oracle_alpha(pair, "uniform")
        for p in (0.3, 0.0, 1.0):
            found = tensor(call(answer, pair, p), tuple(gold.shape), "as oracle_alpha(pair)")
            right = (1 - p) * gold + p * uniform
            sums = found.sum(1)
            compare(
                found,
                right,
                (p * gold + (1 - p) * uniform, "the two are exchanged: p = 0 is the pure oracle."),
                (gold + p * uniform, f"rows sum to {sums[0]:.2f}: the gold weights need the factor (1 - p)."),
                (gold, "p has no effect."),
                (
                    (1 - p) * gold + p * torch.ones_like(gold),
                    f"rows sum to {sums[0]:.2f}: a uniform weight is 1 divided by the number of words, </s> included.",
                ),
                ((1 - p) * gold + p / max(1, gold.size(1) - 1), f"rows sum to {sums[0]:.3f}: </s> is a column, too."),
                (
                    (1 - p) * gold + p / gold.size(0),
                    f"rows sum to {sums[0]:.2f}: divide by the number of source words "
                    "(columns), not of target words (rows).",
                ),
            )


@exercise("")
def breaking_point(guess: float, bleu: dict[float, float]) -> str:
    """A guess of the share p at which BLEU is halved, against BLEU measured for several p."""
    guess = number(guess, 0, 1, "a share p")
    half = [p for p, found in sorted(bleu.items()) if found < max(bleu.values()) / 2]
    curve = ", ".join(f"p = {p:g}: {found:.0f}" for p, found in sorted(bleu.items()))
    broken = min(half, default=None)
    where = "not at all" if broken is None else f"between {max(p for p in bleu if p < broken):g} and {broken:g}"
    words = (
        f"You said {guess:g}; BLEU falls below half {where} ({curve}). The right word's weight may shrink a good "
        "deal as long as it stands out from the others: the decoder was trained on clear answers, and reads the "
        "blurred ones as well as it can."
    )
    if broken is None or not max(p for p in bleu if p < broken) - 0.1 <= guess <= broken + 0.1:
        raise Wrong(words)
    return words
