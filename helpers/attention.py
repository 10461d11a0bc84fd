"""Where the context c_t comes from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


class AdditiveAttention(nn.Module):
    """e_jt = V_attᵀ tanh(U_att h_j + W_att s_{t-1}), softmax over j, c_t = Σ_j α_jt h_j.

    Source: Bahdanau et al. 2015, section 3.1 and appendix A.1.2; taught in notebook 04.
    """

    def __init__(self, d_h: int, d_s: int, d_a: int):
        super().__init__()
        self.U_att = nn.Parameter(nn.init.xavier_uniform_(torch.empty(d_h, d_a)))
        self.W_att = nn.Parameter(nn.init.xavier_uniform_(torch.empty(d_s, d_a)))
        self.V_att = nn.Parameter(torch.empty(d_a).uniform_(-(d_a**-0.5), d_a**-0.5))

    def keys(self, h: Tensor) -> Tensor:
        """U_att h_j for all j, (B, T_x, D_a): the same at every step, so it is worked out once a sentence."""
        return h @ self.U_att

    def forward(self, s_prev: Tensor, h: Tensor, keys: Tensor, src_mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Where to look at one decoder step.

        Args:
            s_prev: (B, D_s) decoder state s_{t-1}.
            h: (B, T_x, D_h) encoder states h_j.
            keys: (B, T_x, D_a), from `keys(h)`.
            src_mask: (B, T_x) bool, True marks a real token.
        Returns:
            c_t: (B, D_h); alpha_t: (B, T_x), rows sum to 1, exactly 0 on padding; e_t: (B, T_x), -inf on padding.
        """
        query = s_prev @ self.W_att
        e_t = torch.tanh_(keys + query.unsqueeze(1)) @ self.V_att  # (B, T_x)
        e_t = e_t.masked_fill(~src_mask, -torch.inf)
        alpha_t = torch.softmax(e_t, dim=1)
        c_t = (alpha_t.unsqueeze(1) @ h).squeeze(1)
        return c_t, alpha_t, e_t


@dataclass
class Encoded:
    """What the encoder leaves for the decoder."""

    h: Tensor  # (B, T_x, D_h)
    last: Tensor  # (B, D_h), the encoding vector
    mask: Tensor  # (B, T_x) bool, True marks a real token
    keys: Tensor | None  # (B, T_x, D_a) for learned attention

    def repeat(self, n: int) -> Encoded:
        """Each sentence n times in a row, for beam search."""
        parts = (self.h, self.last, self.mask, self.keys)
        return Encoded(*(None if p is None else p.repeat_interleave(n, dim=0) for p in parts))


def check_alpha(alpha: Tensor, shape: tuple[int, int]) -> None:
    """Raise a ValueError unless α has this shape and rows of weights between 0 and 1 that sum to 1."""
    if alpha.shape != shape:
        raise ValueError(
            f"α has shape {tuple(alpha.shape)}; {shape} is needed: a row for each target word, "
            "a column for each source word, </s> included"
        )
    bad = ~torch.isclose(alpha.sum(1), torch.ones(1), atol=1e-4) | (alpha < 0).any(1) | alpha.isnan().any(1)
    if bad.any():
        t = int(bad.nonzero()[0])
        raise ValueError(
            f"row {t} of α is {[round(a, 3) for a in alpha[t].tolist()]}, which sums to "
            f"{alpha[t].sum():.3f}: weights lie between 0 and 1 and sum to 1, as in [0.2, 0.8, 0.0]"
        )
