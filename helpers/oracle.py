"""Who gives α: an oracle, which knows the gold alignment, and three controls. Each is a function from a pair to α.

Any function of this kind can be given to `fit`, `translate` and the measurements: `oracle=my_alpha`.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import torch
from torch import Tensor

from helpers.corpus.pairs import Pair

Oracle = Callable[[Pair], Tensor]
SURE, POSSIBLE = 1.0, 0.5  # the weights of a sure and a possible link, before they are divided by their sum


def oracle_alpha(pair: Pair) -> Tensor:
    """The weights of the source words for each target word, from the gold alignment; taught in notebook 03.

    A sure link weighs 1, a possible one 1/2, and each row is divided by its sum.

    Returns:
        (T_y + 1, T_x + 1): row t are the weights α_jt over j; both ends count `</s>`, which is linked to itself.
    Raises:
        ValueError: a target word has no link.
    """
    alpha = torch.zeros(len(pair.target) + 1, len(pair.source) + 1)
    for j, t, sure in pair.links:
        alpha[t, j] = SURE if sure else POSSIBLE
    alpha[-1, -1] = SURE
    unlinked = [pair.target[t] for t in (alpha.sum(1) == 0).nonzero().flatten().tolist()]
    if unlinked:
        raise ValueError(f"the oracle has nothing to say for {unlinked}: these words have no link to a source word")
    return alpha / alpha.sum(1, keepdim=True)


def uniform_alpha(pair: Pair) -> Tensor:
    """A control: the same weight for every source word. Returns (T_y + 1, T_x + 1)."""
    n_x = len(pair.source) + 1
    return torch.full((len(pair.target) + 1, n_x), 1 / n_x)


def shuffled_alpha(pair: Pair) -> Tensor:
    """A control: each step's gold weights, given to source words at random. Returns (T_y + 1, T_x + 1)."""
    alpha = oracle_alpha(pair)
    rng = random.Random(" ".join(pair.source))
    order = [sorted(range(alpha.size(1)), key=lambda _: rng.random()) for _ in alpha]
    return alpha.gather(1, torch.tensor(order))


def shifted_alpha(pair: Pair) -> Tensor:
    """A control: at each step the gold weights of the step before; the first gets the last. (T_y + 1, T_x + 1)."""
    return oracle_alpha(pair).roll(1, dims=0)
