"""The checks of notebook 07: all steps at once, heads cut and joined, the causal mask, a layer, a head switched off."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn, randn
from torch.nn.functional import scaled_dot_product_attention

from helpers.exercises.feedback import WrongAnswer, call, choice, compare, exercise, prediction, tensor
from helpers.transformer import MultiHeadAttention

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


class Parts:
    """The parts of a layer with random weights, which the check can put together in right and in wrong ways."""

    def __init__(self, d: int, heads: int):
        self.attention = MultiHeadAttention(d, heads)
        self.network = nn.Sequential(nn.Linear(d, 2 * d), nn.ReLU(), nn.Linear(2 * d, d))
        self.norm_1, self.norm_2 = nn.LayerNorm(d), nn.LayerNorm(d)
        for norm in (self.norm_1, self.norm_2):  # as if they had learned a scale and a shift of their own
            nn.init.normal_(norm.weight, 1.0, 0.5)
            nn.init.normal_(norm.bias, 0.0, 0.5)


@exercise("Both parts are added, each after its norm: 1 to 3 sentences of 1 to 5 words, with padding.")
def layer(answer):
    """7.4: answer(x, mask, parts) against the two equations."""
    for B, T, heads, size in ((2, 4, 2, 3), (1, 1, 1, 4), (3, 5, 2, 4)):
        parts, x = Parts(heads * size, heads), 2 * randn(B, T, heads * size) + 1
        mask = (torch.arange(T) < torch.randint(1, T + 1, (B, 1))).unsqueeze(1).expand(B, T, T)
        n1, n2, network, everything = parts.norm_1, parts.norm_2, parts.network, torch.ones_like(mask)

        def look(y: Tensor, memory: Tensor, mask: Tensor = mask, parts: Parts = parts) -> Tensor:
            return parts.attention(y, memory, mask)[0]

        def second(x: Tensor, network: nn.Module = network, norm: nn.Module = n2) -> Tensor:
            return x + network(norm(x))

        y = n1(x)
        added = x + look(y, y)
        result = call(answer, x, mask, parts)
        if isinstance(result, tuple):
            raise WrongAnswer("the result is a tuple: parts.attention returns what was found *and* α; take its [0].")
        compare(
            tensor(result, (B, T, heads * size), "as x"),
            second(added),
            (added, "the second equation is missing: the network works on the new x."),
            (second(x), "the first equation is missing: the words do not look at each other."),
            (
                second(look(y, y)),
                "what the attention found is not added to x: the first residual connection is missing.",
            ),
            (network(n2(added)), "the network's result is not added to x: the second residual connection is missing."),
            (second(y + look(y, y)), "the sum begins with the normalised words; add to x as it was."),
            (second(x + look(x, x)), "the words go into the attention without their norm."),
            (second(x + look(y, x)), "only the query is normalised; in self-attention the memory is norm_1(x), too."),
            (second(x + look(x, y)), "only the memory is normalised; the query is norm_1(x), too."),
            (added + network(added), "the network gets its words without norm_2."),
            (added + network(y), "the network gets the words of before: the second equation begins with the new x."),
            (
                added + network(n2(x)),
                "the network gets the words of before: the second equation begins with the new x.",
            ),
            (added + network(n1(added)), "the network's norm is norm_2, with a scale and a shift of its own."),
            (second(x + look(n2(x), n2(x)), norm=n1), "norm_1 and norm_2 are exchanged."),
            (
                n2(n1(x + look(x, x)) + network(n1(x + look(x, x)))),
                "the norms stand after the sums, as in the article of 2017; here each stands before its part.",
            ),
            (second(x + look(y, y, everything)), "padding has a say: give the mask to the attention."),
        )


@exercise("The head finds nothing, and all others what they found: 1 to 4 heads, 1 to 4 sentences.")
def without_head(answer):
    """7.5: answer(contexts, n): contexts (B, heads, T, d / heads) in which those of head n are 0."""
    for n, (B, T, heads, size) in enumerate(SHAPES):
        contexts, n = randn(B, heads, T, size), n % heads
        right = contexts.clone()
        right[:, n] = 0
        turns = [
            (contexts, "nothing has changed."),
            (torch.zeros_like(contexts), "all heads are switched off."),
            (contexts - right, f"head {n} is left and the others are switched off; it should be the other way round."),
        ]
        for dim, what in ((0, "a *sentence*"), (2, "a *word*"), (3, "a number of every head")):
            if n < contexts.size(dim):
                off = contexts.clone()
                off.select(dim, n).zero_()
                turns.append((off, f"{what} is switched off: the heads are the second axis, [:, n]."))
        result = call(answer, contexts, n)
        compare(tensor(result, (B, heads, T, size), "as contexts"), right, *turns)


@prediction
def head_that_matters(
    guess, weights: Sequence[float], accuracies: Sequence[float], with_all: float
) -> tuple[bool, str]:
    """7.5: a guess which head must not be missed.

    Args:
        weights: of each head, from कल to its verb. accuracies: the right days without each head, in %.
        with_all: the right days with all heads, in %.
    """
    lost = [with_all - accuracy for accuracy in accuracies]
    most, looks_most = lost.index(max(lost)), weights.index(max(weights))
    right = "none" if max(lost) < 5 else "the one that looks" if most == looks_most else "another one"
    return choice(guess, "the one that looks", "another one", "none") == right, (
        f"You said {guess}. All heads together have {with_all:.0f} % of the days right. Head {looks_most + 1} of "
        f"{len(weights)} looks most at the verb, with a weight of {weights[looks_most]:.2f}; without it, "
        f"{accuracies[looks_most]:.0f} % are right. The head that is missed most is head {most + 1}, with a weight of "
        f"{weights[most]:.2f} on the verb: without it, {accuracies[most]:.0f} % are right."
    )
