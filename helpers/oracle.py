"""α with its words, and who gives it: an oracle, which knows the gold alignment, and three controls.

An oracle is a function from a pair to α. Any such function can be given to `fit`, `translate` and the measurements:
`oracle=my_alpha`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers.corpus.pairs import Pair
from helpers.vocabulary import END

Oracle = Callable[[Pair], Tensor]
SURE, POSSIBLE = 1.0, 0.5  # the weights of a sure and a possible link, before they are divided by their sum


@dataclass(frozen=True)
class SoftAlignment:
    """The weights α with their words. `</s>` is among the words wherever it has a row or a column.

    Args:
        source: T_x words, the columns; target: T_y words, the rows. Both as in (*pair.source, END).
        alpha: (T_y, T_x) weights between 0 and 1; each row sums to 1.
    Raises:
        ValueError: α does not fit the words, or a row is not made of weights.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    alpha: Tensor

    def __post_init__(self):
        check_alpha(self.alpha, (len(self.target), len(self.source)))

    @classmethod
    def of(cls, pair: Pair, alpha: Tensor) -> SoftAlignment:
        """The weights (T_y + 1, T_x + 1) of a pair; both ends count `</s>`."""
        return cls((*pair.source, END), (*pair.target, END), alpha)

    def entropy(self) -> Tensor:
        """(T_y,): how spread out each row is, in nats; 0 · ln 0 counts as 0. Taught in notebook 06."""
        return -torch.xlogy(self.alpha, self.alpha).sum(dim=1)


def check_alpha(alpha: Tensor, shape: Sequence[int]) -> None:
    """Raise a ValueError unless α has this shape and rows of weights between 0 and 1 that sum to 1."""
    if tuple(alpha.shape) != tuple(shape):
        raise ValueError(
            f"α has shape {tuple(alpha.shape)}; {tuple(shape)} is needed: a row for each target word, "
            "a column for each source word, </s> included"
        )
    if alpha.isnan().any():
        raise ValueError(
            "α holds nan, which is no number. Where a model computed it, its training went astray: a smaller learning "
            "rate helps. Where an oracle did, it divided 0 by 0"
        )
    bad = ~torch.isclose(alpha.sum(1), torch.ones(1), atol=1e-4) | (alpha < 0).any(1)
    if bad.any():
        t = int(bad.nonzero()[0])
        raise ValueError(
            f"row {t} of α is {[round(a, 3) for a in alpha[t].tolist()]}, which sums to "
            f"{alpha[t].sum():.3f}: weights lie between 0 and 1 and sum to 1, as in [0.2, 0.8, 0.0]"
        )


def oracle_alpha(pair: Pair) -> Tensor:
    """The weights of the source words for each target word, from the gold alignment; taught in notebook 03.

    A sure link weighs 1, a possible one 1/2, and each row is divided by its sum.

    Returns:
        (T_y + 1, T_x + 1): row t are the weights α_jt over j; both ends count `</s>`, which is linked to itself.
    Raises:
        ValueError: a target word has no link, or a link goes beyond the words.
    """
    alpha = torch.zeros(len(pair.target) + 1, len(pair.source) + 1)
    for j, t, sure in pair.links:
        if not (0 <= j < len(pair.source) and 0 <= t < len(pair.target)):
            raise ValueError(f"the link {j}-{t} goes beyond the words of {pair}; both positions are counted from 0")
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
