"""The checks of notebook 03: the oracle's weights, a weighted average, one step early, a noisy oracle."""

from __future__ import annotations

import random
from dataclasses import replace

import torch
from torch import Tensor, randn

from helpers.corpus.pairs import Pair, load_split
from helpers.exercises.feedback import WrongAnswer, call, choice, compare, exercise, number, prediction, tensor
from helpers.oracle import oracle_alpha, shifted_alpha, uniform_alpha

LIKE_ORACLE, LIKE_SHIFTED = "like the oracle", "like shifted"


def random_pairs(count: int = 12) -> list[Pair]:
    """Pairs of 4 by 6, then of random numbers of words, finally 1 by 1; each target word has a random link or more."""
    rng, pairs = random.Random(0), []
    for n in range(count):
        T_x, T_y = {0: (4, 6), count - 1: (1, 1)}.get(n, (rng.randint(2, 7), rng.randint(2, 7)))
        places = {(rng.randrange(T_x), t) for t in range(T_y) for _ in range(rng.randint(1, 3))}
        links = tuple((j, t, rng.random() < 0.5) for j, t in sorted(places))
        pairs.append(Pair(tuple(f"x{j}" for j in range(T_x)), tuple(f"y{t}" for t in range(T_y)), links))
    return pairs


@exercise("Rows sum to 1, sure links weigh twice as much as possible ones, </s> is linked to itself: 12 sentences.")
def oracle_weights(answer):
    """3.1: answer(links, T_x, T_y) against `oracle_alpha`."""
    for pair in random_pairs():
        T_x, T_y = len(pair.source), len(pair.target)
        result = call(answer, pair.links, T_x, T_y)
        if isinstance(result, Tensor) and T_x != T_y and result.shape == (T_x + 1, T_y + 1):
            raise WrongAnswer(
                f"the result has shape {tuple(result.shape)}, for {T_x} source and {T_y} target words: a row is "
                "a target word t, so alpha[t, j]."
            )
        if isinstance(result, Tensor) and result.isnan().any():
            raise WrongAnswer("there is a nan: a row without any weight was divided by its sum, 0. Has </s> a link?")
        result = tensor(
            result, (T_y + 1, T_x + 1), "a row for each target word and </s>, a column for each source word and </s>"
        )
        sums = result.sum(1)
        if not torch.allclose(sums, torch.ones(1)):
            if torch.allclose(result.sum(0)[result.sum(0) > 0], torch.ones(1), atol=1e-4):
                raise WrongAnswer(
                    "the columns sum to 1, that is over t; they should over j: divide each row by its own sum, "
                    "alpha.sum(dim=1, keepdim=True)."
                )
            t = int((sums - 1).abs().argmax())
            advice = "divide each row by its own sum"
            if t == T_y and sums[t] == 0:
                advice = "the last row is </s>, linked to the source's </s>"
            raise WrongAnswer(f"row {t} sums to {sums[t]:.2f}, not to 1: {advice}.")
        all_sure = replace(pair, links=tuple((j, t, True) for j, t, _ in pair.links))
        compare(
            result,
            oracle_alpha(pair),
            (
                oracle_alpha(all_sure),
                "all links weigh the same; a possible link should weigh half of a sure "
                "one before the row is divided by its sum.",
            ),
        )


@exercise("The average is right.")
def by_hand(answer):
    """3.2: the context of three states, worked out on paper."""
    h, weights = torch.tensor([[2.0, 0.0], [0.0, 2.0], [4.0, 4.0]]), torch.tensor([0.25, 0.25, 0.5])
    try:
        result = torch.as_tensor(answer, dtype=torch.float)
    except (TypeError, ValueError, RuntimeError):
        raise WrongAnswer("two numbers in brackets are needed, such as [1.0, 2.0].") from None
    if result.shape != (2,):
        raise WrongAnswer("c has as many numbers as each state, two: write them as in [1.0, 2.0].")
    compare(
        result,
        weights @ h,
        (h.mean(0), "this is the plain average, with each weight 1/3; the third state counts for half of it."),
        (h.sum(0), "the states were added without their weights."),
        (weights @ h / 3, "the weights sum to 1 already, so nothing is divided by 3."),
    )


@exercise("The averages are right for 1, 3 and 6 words, with states of 1 to 5 numbers.")
def weighted_average(answer):
    """3.2: answer(alpha_t, h) against alpha_t @ h."""
    for T_x, D_h in ((3, 3), (1, 4), (6, 1), (3, 5)):
        alpha_t, h = torch.softmax(randn(T_x), dim=0), randn(T_x, D_h)
        result = tensor(call(answer, alpha_t, h), (D_h,), "one number for each number of a state")
        compare(
            result,
            alpha_t @ h,
            (h.mean(0), "this is the plain average: the weights have no effect."),
            (alpha_t @ h / T_x, f"the weights sum to 1 already: do not divide by {T_x}."),
            (h.sum(0), "the states were added without their weights."),
            (alpha_t[-1] * h[-1], "only the last term is left: add each term to what was there before, with +=."),
            (alpha_t[0] * h[0], "only the first term is there: does `return` stand inside the loop?"),
        )


@exercise("Each row is the oracle's row of the step after, for 50 sentences.")
def early(answer):
    """3.3: answer(pair) against the oracle's α moved up by one row."""
    for pair in load_split("test")[::10]:
        gold = oracle_alpha(pair)
        result = tensor(call(answer, pair), tuple(gold.shape), "as oracle_alpha(pair)")
        compare(
            result,
            gold.roll(-1, dims=0),
            (gold, "these are the oracle's own weights: nothing moved."),
            (shifted_alpha(pair), "each row came one step *late*, which is 'shifted': move them up, not down."),
            (gold.roll(-1, dims=1), "the columns moved, that is the words j; the steps t are the rows, dims=0."),
        )


@prediction
def early_or_late(guess, oracle: float, early: float, shifted: float) -> tuple[bool, str]:
    """3.3: a guess whether 'early' comes out like the oracle or like 'shifted', against three measured BLEU."""
    right = LIKE_ORACLE if abs(early - oracle) < abs(early - shifted) else LIKE_SHIFTED
    return choice(guess, LIKE_ORACLE, LIKE_SHIFTED) == right, (
        f"You said “{guess}”. BLEU: oracle {oracle:.1f}, early {early:.1f}, shifted {shifted:.1f}. What comes a step "
        "early can be kept in the decoder's state until it is due; what comes a step late comes after the word was "
        "written."
    )


@exercise("The mixtures are right for p = 0, 0.3 and 1, and every row sums to 1.")
def mixed(answer):
    """3.4: answer(pair, p) against the mixture of gold and uniform weights."""
    for pair in random_pairs():
        gold, uniform = oracle_alpha(pair), uniform_alpha(pair)
        for p in (0.3, 0.0, 1.0):
            result = tensor(call(answer, pair, p), tuple(gold.shape), "as oracle_alpha(pair)")
            sums = result.sum(1)
            compare(
                result,
                (1 - p) * gold + p * uniform,
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


@prediction
def breaking_point(guess, bleu: dict[float, float]) -> tuple[bool, str]:
    """3.4: a guess of the share p at which BLEU is halved, against BLEU measured for several p."""
    guess = number(guess, 0, 1, "a share p")
    curve = ", ".join(f"p = {p:g}: {score:.0f}" for p, score in sorted(bleu.items()))
    is_right, where = False, "not at all"
    if below := [p for p, score in bleu.items() if score < max(bleu.values()) / 2]:
        high = min(below)
        low = max(p for p in bleu if p < high)
        is_right, where = low - 0.1 <= guess <= high + 0.1, f"between {low:g} and {high:g}"
    return is_right, (
        f"You said {guess:g}; BLEU falls below half {where} ({curve}). The right word's weight may shrink a good "
        "deal as long as it stands out from the others: the decoder was trained on clear answers, and reads the "
        "blurred ones as well as it can."
    )
