"""A small Transformer with the calls of the other translators; each part is taught in notebook 07."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from helpers.attention import Encoded, Look, positions
from helpers.batching import Batch
from helpers.models import State
from helpers.vocabulary import PAD, Vocabulary


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Scaled dot-product attention for all steps at once.

    Args:
        q: (…, T_y, d), k and v: (…, T_x, d), mask: True where a word may be seen.
    Returns:
        contexts (…, T_y, d) and α (…, T_y, T_x).
    Source: Vaswani et al. 2017, section 3.2.1.
    """
    e = q @ k.transpose(-2, -1) / q.size(-1) ** 0.5
    alpha = torch.softmax(e.masked_fill(~mask, -torch.inf), dim=-1)
    return alpha @ v, alpha


class MultiHeadAttention(nn.Module):
    """Several heads side by side, each on its part of the vectors. Source: Vaswani et al. 2017, section 3.2.2."""

    def __init__(self, d: int, heads: int):
        super().__init__()
        self.heads = heads
        self.W_Q, self.W_K, self.W_V, self.W_O = (nn.Linear(d, d, bias=False) for _ in range(4))

    def cut(self, x: Tensor) -> Tensor:
        """(B, T, d) as (B, heads, T, d / heads)."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """x (B, T_y, d) asks, memory (B, T_x, d) answers: contexts (B, T_y, d) and α (B, heads, T_y, T_x)."""
        q, k, v = self.cut(self.W_Q(x)), self.cut(self.W_K(memory)), self.cut(self.W_V(memory))
        contexts, alpha = attend(q, k, v, mask.unsqueeze(1))
        return self.W_O(contexts.transpose(1, 2).flatten(2)), alpha


class Layer(nn.Module):
    """Self-attention, attention to the source where `looks_at_source`, and a small network, each added to x."""

    def __init__(self, d: int, heads: int, looks_at_source: bool, dropout: float = 0.1):
        super().__init__()
        self.self_attention = MultiHeadAttention(d, heads)
        self.source_attention = MultiHeadAttention(d, heads) if looks_at_source else None
        self.network = nn.Sequential(nn.Linear(d, 2 * d), nn.ReLU(), nn.Linear(2 * d, d))
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor, encoded: Encoded | None = None) -> tuple[Tensor, Look | None]:
        """The next x (B, T, d); and where it looked in the source, averaged over the heads."""
        y, look = self.norms[0](x), None
        x = x + self.dropout(self.self_attention(y, y, mask)[0])
        if self.source_attention is not None and encoded is not None:
            c, alpha = self.source_attention(self.norms[1](x), encoded.h, encoded.mask.unsqueeze(1))
            x, look = x + self.dropout(c), Look(c, alpha.mean(dim=1))
        return x + self.dropout(self.network(self.norms[2](x))), look


class Transformer(nn.Module):
    """An encoder and a decoder of a few layers; `step` hands on the words so far, as there is no state.

    Args:
        use_positions: False leaves the positions out, as a control.
    """

    def __init__(
        self,
        source_vocab: Vocabulary,
        target_vocab: Vocabulary,
        d: int = 128,
        heads: int = 4,
        layers: int = 2,
        use_positions: bool = True,
    ):
        super().__init__()
        self.use_positions = use_positions
        self.source_vocab, self.target_vocab = source_vocab, target_vocab
        self.source_embedding = nn.Embedding(len(source_vocab), d)
        self.target_embedding = nn.Embedding(len(target_vocab), d)
        for embedding in (self.source_embedding, self.target_embedding):
            nn.init.normal_(embedding.weight, std=0.5)  # about as large as the positions
        self.encoder = nn.ModuleList(Layer(d, heads, looks_at_source=False) for _ in range(layers))
        self.decoder = nn.ModuleList(Layer(d, heads, looks_at_source=True) for _ in range(layers))
        self.norm_h, self.norm_s = nn.LayerNorm(d), nn.LayerNorm(d)
        self.output = nn.Linear(d, len(target_vocab))

    def place(self, x: Tensor) -> Tensor:
        """x (B, T, d) with the vector of each place added."""
        return x + positions(x.size(1), x.size(2)).to(x.device) if self.use_positions else x

    def encode(self, source: Tensor, lengths: Tensor) -> tuple[Encoded, State]:
        """Read the sentences; the state is the words so far, none."""
        mask, x = source != PAD, self.place(self.source_embedding(source))
        for layer in self.encoder:
            x, _ = layer(x, mask.unsqueeze(1))
        h = self.norm_h(x)
        return Encoded(h, last=h[:, 0], mask=mask, keys=h), (source[:, :0],)

    def decode(self, words: Tensor, encoded: Encoded) -> tuple[Tensor, Look]:
        """All steps at once: logits (B, T_y, words), and where the last layer looks."""
        causal = torch.ones(words.size(1), words.size(1), dtype=torch.bool, device=words.device).tril().unsqueeze(0)
        x = self.place(self.target_embedding(words))
        for layer in self.decoder:
            x, look = layer(x, causal, encoded)
        return self.output(self.norm_s(x)), look

    def forward(self, batch: Batch) -> tuple[Tensor, Look]:
        """Teacher forcing, as in the other translators."""
        return self.decode(batch.target_in, self.encode(batch.source, batch.source_lengths)[0])

    def step(self, words: Tensor, state: State, encoded: Encoded) -> tuple[Tensor, State, Look]:
        """One step of translating: the whole sentence so far is read again."""
        so_far = torch.cat([state[0], words.unsqueeze(1)], dim=1)
        logits, look = self.decode(so_far, encoded)
        return (
            torch.log_softmax(logits[:, -1], dim=1),
            (so_far,),
            Look._make(part if part is None else part[:, -1] for part in look),
        )
