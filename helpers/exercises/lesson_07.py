"""The checks of notebook 07: all steps at once, heads cut and joined, the causal mask, a moving start."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, randn
from torch.nn.functional import scaled_dot_product_attention

from helpers.exercises.feedback import EQUAL, WrongAnswer, call, choice, compare, exercise, prediction, tensor
from helpers.transformer import positions

SHAPES = (2, 3, 2, 4), (3, 5, 3, 2), (2, 4, 1, 6), (1, 1, 4, 3), (4, 2, 2, 1)  # B, T, heads, d / heads


@exercise("The contexts are right, and padding has no say: 1 to 4 sentences of 1 to 6 words, 1 to 5 steps.")
def all_steps(answer):
    """7.1: answer(q, k, v, src_mask) against PyTorch's scaled_dot_product_attention."""
    for B, T_y, T_x, d, d_v in ((3, 3, 5, 4, 4), (2, 3, 4, 4, 6), (4, 5, 6, 9, 2), (1, 1, 1, 2, 3)):
        q, k, v = randn(B, T_y, d), randn(B, T_x, d), randn(B, T_x, d_v)
        src_mask = torch.arange(T_x) < torch.randint(1, max(2, T_x), (B, 1))  # padding where there is room
        mask, products = src_mask.unsqueeze(1), q @ k.transpose(1, 2)
        e, everything = products / d**0.5, torch.ones_like(mask)

        def c(scores: Tensor, mask: Tensor = mask, values: Tensor = v) -> Tensor:
            return torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=2) @ values

        result = call(answer, q, k, v, src_mask)
        if isinstance(result, Tensor) and result.isnan().any():
            raise WrongAnswer(
                "the result has a nan in it: the softmax runs over t, where padding has no score but -inf (it "
                "should run over j, dim=2), or a 0 was multiplied by infinity (use masked_fill)."
            )
        turns = [
            (c(products), "right but for the scale: divide the scores by √d, or they grow with d."),
            (c(products / d), f"you divided by d = {d}; divide by its square root."),
            (c(products / d_v**0.5), "you divided by √d_v, the size of a value; d is the size of a query and a key."),
            (c(products / T_x**0.5), "you divided by √T_x, the number of words; d is the size of a query and a key."),
            (c(e, everything), "padding has a say: mask the scores before the softmax."),
            (
                torch.softmax(e, 2) * mask @ v,
                "padding gets 0, but the weights no longer sum to 1: the softmax gave "
                "some to the padding first. Mask before the softmax.",
            ),
            (
                c(e * mask, everything),
                "padding has a say: a score of 0 is not “no weight”, since e^0 = 1. The score must be -torch.inf.",
            ),
            (c(e, ~mask), "the mask is the wrong way round: True marks a real word."),
            (c(e, values=k), "the keys were averaged: a word is found by its key and gives its value."),
        ]
        if T_y == B:
            turns.append(
                (
                    c(e, src_mask),
                    "each *step* got another sentence's mask: (B, T_x) lines up with "
                    "(B, T_y, T_x) from the right. Make it (B, 1, T_x) with unsqueeze(1).",
                )
            )
        right = scaled_dot_product_attention(q, k, v, attn_mask=mask)
        compare(tensor(result, (B, T_y, d_v), "a context for each step of each sentence"), right, *turns)


@exercise("Each head has its own part of each word: 1 to 4 sentences, 1 to 5 words, 1 to 4 heads.")
def cut(answer):
    """7.2: answer(x, heads): head n of a word holds its n-th part."""
    for B, T, heads, size in SHAPES:
        x = randn(B, T, heads * size)
        compare(
            tensor(call(answer, x, heads), (B, heads, T, size), "(B, heads, T, d / heads), the heads before the words"),
            x.unflatten(2, (heads, size)).transpose(1, 2),
            (
                x.reshape(B, heads, T, size),
                "the shape is right, but the numbers of different *words* got mixed. Cut "
                "each word first, (B, T, heads, d / heads); then exchange two axes.",
            ),
            (
                x.unflatten(2, (size, heads)).permute(0, 3, 1, 2),
                f"the numbers were dealt out to the heads in turn; a head has {size} that stand side by side.",
            ),
        )


@exercise("The heads are one vector a word again, one head after the other: 1 to 4 sentences, 1 to 4 heads.")
def join(answer):
    """7.2: answer(contexts) puts back together what `cut` cuts."""
    for B, T, heads, size in SHAPES:
        contexts = randn(B, heads, T, size)
        compare(
            tensor(call(answer, contexts), (B, T, heads * size), "(B, T, d), one vector for each word"),
            contexts.transpose(1, 2).flatten(2),
            (
                contexts.reshape(B, T, -1),
                "the shape is right, but the numbers of different *words* got mixed: first "
                "the heads and the words change places, .transpose(1, 2).",
            ),
            (
                contexts.permute(0, 2, 3, 1).flatten(2),
                "the heads were shuffled like cards; a vector has all of head 0 first, then all of head 1.",
            ),
        )


@exercise("A step sees itself and what was before it, and nothing later: for 1 to 6 words.")
def causal_mask(answer):
    """7.3: answer(n) against the lower triangle."""
    for n in (4, 1, 6):
        result, right = call(answer, n), torch.ones(n, n).tril()
        if isinstance(result, Tensor) and result.dtype != torch.bool:
            raise WrongAnswer(
                f"the result has the dtype {result.dtype}; True and False are needed, since ~mask must work: "
                ".bool() makes them."
            )
        compare(
            tensor(result, (n, n), "a row for each step, a column for each word"),
            right,
            (
                1 - right,
                "True and False are exchanged: in this course True means *may be seen*. (In the attn_mask of "
                "nn.MultiheadAttention it means the opposite.)",
            ),
            (right.T, "the steps see the future and not the past: row t must be True up to column t."),
            (
                right - torch.eye(n),
                "a step must see its own place, too: the word there is y_{t-1}, written already; "
                "and the first step would see nothing at all.",
            ),
            (torch.ones(n, n), "every step sees everything: nothing is hidden."),
        )


@exercise("The places begin at 0, 1, 7 and 20, for 1 to 5 words.")
def place_from(answer):
    """7.4: answer(x, start) against x with the vectors of the places from start on."""
    for B, T, d, start in ((2, 3, 4, 7), (1, 5, 8, 1), (3, 2, 6, 20), (2, 4, 2, 0), (1, 1, 4, 7)):
        x, all_places = randn(B, T, d), positions(start + T, d)
        compare(
            tensor(call(answer, x, start), (B, T, d), "as x"),
            x + all_places[start:],
            (x + all_places[:T], "the places begin at 0: start has no effect."),
            (all_places[start:].expand(B, T, d), "these are the places alone: add them to x."),
            (
                x + all_places[:T] + start,
                "start was added to the *numbers* of the vectors; it counts places: take the rows from start on.",
            ),
            (x + positions(start + T + 1, d)[start + 1 :], "one too far: the first word gets the place start itself."),
        )


@prediction
def moving_start(guess, fixed: Sequence[float], moving: Sequence[float], band: float) -> tuple[bool, str]:
    """7.4: a guess of what a moving start does to BLEU beyond the training lengths.

    Args:
        fixed, moving: BLEU (within, beyond).
        band: differences up to this are about equal: half the width of an interval.
    """
    gain = moving[1] - fixed[1]
    right = EQUAL if abs(gain) <= band else "higher" if gain > 0 else "lower"
    return choice(guess, "higher", "lower", EQUAL) == right, (
        f"You said {guess}. BLEU beyond twelve words: {fixed[1]:.1f} with a start at 0, {moving[1]:.1f} with a moving "
        f"one, ± {band:.1f}: {right}. Within: {fixed[0]:.1f} and {moving[0]:.1f}. One seed can mislead. If it is not "
        "higher, then vectors that were never seen are not the whole cause, and what is stays open: the same words "
        "had to be learned at many places in as many passes, and so many words in one sentence are as new as before."
    )
