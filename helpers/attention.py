"""Where the context c_t comes from: the one thing in which the course's translators differ.

LastState          vanilla: the encoder's last state, the same at every step (notebook 01)
GivenWeights       oracle: the average of the states, with weights α_jt that somebody gives (notebook 03)
GivenPlaces        a control: the last state, and the places that the weights name, but no other state (notebook 03)
AdditiveAttention  learned: the same average, with weights that the model computes itself (notebook 04)

Each is called once a step, `context(s_prev, encoded, alpha_t)`, and returns a `Look`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Look(NamedTuple):
    """Where a step looks. Stacked over all steps, each part has an axis T_y after B."""

    c: Tensor  # (B, D_h) the context c_t
    alpha: Tensor | None = None  # (B, T_x) the weights α_jt, where there are any
    e: Tensor | None = None  # (B, T_x) the scores e_jt, where the weights are computed from them

    @classmethod
    def stack(cls, looks: Iterable[Look]) -> Look:
        """The looks of all steps as one, with an axis T_y after B."""
        return cls._make(None if parts[0] is None else torch.stack(parts, dim=1) for parts in zip(*looks, strict=True))


@dataclass
class Encoded:
    """What the encoder leaves for the decoder."""

    h: Tensor  # (B, T_x, D_h)
    last: Tensor  # (B, D_h), the encoding vector
    mask: Tensor  # (B, T_x) bool, True marks a real token
    keys: Tensor  # (B, T_x, …), what `Context.keys` made of h

    def repeat(self, n: int) -> Encoded:
        """Each sentence n times in a row, for beam search."""
        return Encoded(*(part.repeat_interleave(n, dim=0) for part in (self.h, self.last, self.mask, self.keys)))


class Context(nn.Module):
    """Where c_t comes from. A kind of your own needs `forward`; `keys`, if it prepares the states."""

    def keys(self, h: Tensor) -> Tensor:
        """What can be computed from the states h (B, T_x, D_h) once a sentence; by default nothing is."""
        return h

    def forward(self, s_prev: Tensor, encoded: Encoded, alpha_t: Tensor | None = None) -> Look:
        """Look at the source sentence once.

        Args:
            s_prev: (B, D_s) decoder state s_{t-1}.
            alpha_t: (B, T_x) the weights of this step, for a kind that is given them.
        Raises:
            ValueError: weights are missing, or there is no use for them.
        """
        raise NotImplementedError

    def at_each_step(
        self, encoded: Encoded, alpha: Tensor | None, project: nn.Module, steps: int
    ) -> Callable[[int, Tensor], tuple[Look, Tensor]]:
        """For teacher forcing: a function of t (counted from 0) and s_{t-1} that gives the look and project(c_t).

        A kind whose contexts are known beforehand computes them all here, outside the loop over t.

        Args:
            alpha: (B, T_y, T_x) the given weights of all steps, or None.
            steps: how many there are, T_y.
        """

        def look(t: int, s_prev: Tensor) -> tuple[Look, Tensor]:
            now = self(s_prev, encoded, None if alpha is None else alpha[:, t])
            return now, project(now.c)

        return look


class LastState(Context):
    """c_t is the encoder's last state, the same at every step; taught in notebook 01."""

    def forward(self, s_prev, encoded, alpha_t=None):
        refuse(alpha_t, "looks at the encoder's last state only")
        return Look(encoded.last)

    def at_each_step(self, encoded, alpha, project, steps):
        look = self(encoded.last, encoded, alpha)
        projected = project(look.c.unsqueeze(1)).expand(-1, steps, -1).unbind(1)
        return lambda t, s_prev: (look, projected[t])


class GivenWeights(Context):
    """c_t = Σ_j α_jt h_j, with weights that somebody gives; taught in notebook 03."""

    def forward(self, s_prev, encoded, alpha_t=None):
        if alpha_t is None:
            raise ValueError(
                "this model must be told where to look: say who gives the weights, such as oracle=oracle_alpha, "
                "which needs pairs with an alignment"
            )
        return Look((alpha_t.unsqueeze(1) @ encoded.h).squeeze(1), alpha_t)

    def at_each_step(self, encoded, alpha, project, steps):
        if alpha is None:
            return super().at_each_step(encoded, alpha, project, steps)
        c = alpha @ encoded.h
        known = list(zip(map(Look, c.unbind(1), alpha.unbind(1)), project(c).unbind(1), strict=True))
        return lambda t, s_prev: known[t]


class GivenPlaces(GivenWeights):
    """c_t = h_{T_x} + Σ_j α_jt p_j: told *where* the oracle looks, and not shown what stands there.

    The vector p_j says only that it is place j. A control, taught in notebook 03.
    """

    def forward(self, s_prev, encoded, alpha_t=None):
        look = super().forward(s_prev, self._places(encoded), alpha_t)
        return look._replace(c=encoded.last + look.c)

    def at_each_step(self, encoded, alpha, project, steps):
        return Context.at_each_step(self, encoded, alpha, project, steps)

    def _places(self, encoded: Encoded) -> Encoded:
        return replace(encoded, h=positions(*encoded.h.shape[1:]).to(encoded.h).expand_as(encoded.h))


def positions(n: int, d: int) -> Tensor:
    """A vector for each of n places, (n, d): sines and cosines in turn. Source: Vaswani et al. 2017, section 3.5."""
    angle = torch.arange(n).unsqueeze(1) / 10000 ** (torch.arange(0, d, 2) / d)
    return torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1)


class Attention(Context):
    """c_t = Σ_j α_jt h_j, where α_jt is the softmax over j of scores e_jt. A kind of your own needs `scores`."""

    def scores(self, s_prev: Tensor, encoded: Encoded) -> Tensor:
        """e_jt for all j, (B, T_x): how well word j fits what the decoder does now."""
        raise NotImplementedError

    def forward(self, s_prev, encoded, alpha_t=None):
        refuse(alpha_t, "computes its own weights")
        e_t = self.scores(s_prev, encoded).masked_fill(~encoded.mask, -torch.inf)
        alpha_t = torch.softmax(e_t, dim=1)  # exactly 0 on padding
        return Look((alpha_t.unsqueeze(1) @ encoded.h).squeeze(1), alpha_t, e_t)


class AdditiveAttention(Attention):
    """e_jt = V_attᵀ tanh(U_att h_j + W_att s_{t-1}).

    Source: Bahdanau et al. 2015, section 3.1 and appendix A.1.2; taught in notebook 04.
    """

    def __init__(self, d_h: int, d_s: int, d_a: int):
        super().__init__()
        self.U_att = nn.Parameter(nn.init.xavier_uniform_(torch.empty(d_h, d_a)))
        self.W_att = nn.Parameter(nn.init.xavier_uniform_(torch.empty(d_s, d_a)))
        self.V_att = nn.Parameter(torch.empty(d_a).uniform_(-(d_a**-0.5), d_a**-0.5))

    def keys(self, h):
        """U_att h_j for all j, (B, T_x, D_a): the same at every step."""
        return h @ self.U_att

    def scores(self, s_prev, encoded):
        query = s_prev @ self.W_att
        return torch.tanh_(encoded.keys + query.unsqueeze(1)) @ self.V_att


def refuse(alpha: Tensor | None, because: str) -> None:
    """Raise a ValueError if weights are given to a model that has no use for them."""
    if alpha is not None:
        raise ValueError(
            f"this model takes no weights: it {because}. Leave oracle=… and alpha=… out, or take a model with given "
            'weights, such as recipe("oracle")'
        )
