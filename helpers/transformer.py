"""A small Transformer with the calls of the other translators; each part is taught in notebook 07."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

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
    """Self-attention, attention to the source where `looks_at_source`, and a small network, each added to x.

    The norm stands before each part (Xiong et al. 2020), as in `nn.TransformerEncoderLayer(norm_first=True)`.
    """

    def __init__(self, d: int, heads: int, looks_at_source: bool):
        super().__init__()
        self.self_attention = MultiHeadAttention(d, heads)
        self.source_attention = MultiHeadAttention(d, heads) if looks_at_source else None
        self.network = nn.Sequential(nn.Linear(d, 2 * d), nn.ReLU(), nn.Linear(2 * d, d))
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(2 + looks_at_source))

    def forward(
        self, x: Tensor, mask: Tensor, encoded: Encoded | None = None
    ) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor] | None]:
        """One layer.

        Args:
            x: (B, T, d). mask: (B or 1, T, T), True where a word may be seen.
            encoded: the source sentence, for a layer that looks at it.
        Returns:
            the next x (B, T, d); α of the self-attention (B, heads, T, T); and for a layer that looks at the source
            what it found there (B, T, d) and α of its heads (B, heads, T, T_x).
        """
        y, found = self.norms[0](x), None
        added, own = self.self_attention(y, y, mask)
        x = x + added
        if self.source_attention is not None and encoded is not None:
            found = self.source_attention(self.norms[1](x), encoded.h, encoded.mask.unsqueeze(1))
            x = x + found[0]
        return x + self.network(self.norms[-1](x)), own, found


class Transformer(nn.Module):
    """An encoder and a decoder of a few layers; `step` hands on the words so far, as there is no state.

    Args:
        d: numbers for each word. 108 give it about as many parameters as the model that reads both ways.
        use_positions: False leaves the positions out, as a control.
    """

    def __init__(
        self,
        source_vocab: Vocabulary,
        target_vocab: Vocabulary,
        d: int = 108,
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

    def look_within(self, source: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The states of the sentences (B, T_x, d), and α of each layer's self-attention (B, heads, T_x, T_x)."""
        mask, x, alphas = (source != PAD).unsqueeze(1), self.place(self.source_embedding(source)), []
        for layer in self.encoder:
            x, alpha, _ = layer(x, mask)
            alphas.append(alpha)
        return self.norm_h(x), alphas

    def encode(self, source: Tensor, lengths: Tensor) -> tuple[Encoded, State]:
        """Read the sentences; the state is the words so far, none."""
        h, _ = self.look_within(source)
        return Encoded(h, last=h[:, 0], mask=source != PAD, keys=h), (source[:, :0],)

    def decode(self, words: Tensor, encoded: Encoded) -> tuple[Tensor, Tensor, Tensor]:
        """All steps at once: logits (B, T_y, words); what the last layer found in the source; α of its heads."""
        causal = torch.ones(1, words.size(1), words.size(1), dtype=torch.bool, device=words.device).tril()
        x = c = alpha = self.place(self.target_embedding(words))
        for layer in self.decoder:
            x, _, (c, alpha) = layer(x, causal, encoded)
        return self.output(self.norm_s(x)), c, alpha

    def forward(self, batch: Batch) -> tuple[Tensor, Look]:
        """Teacher forcing, as in the other translators; α is the mean over the heads."""
        logits, c, alpha = self.decode(batch.target_in, self.encode(batch.source, batch.source_lengths)[0])
        return logits, Look(c, alpha.mean(dim=1))

    def step(self, words: Tensor, state: State, encoded: Encoded) -> tuple[Tensor, State, Look]:
        """One step of translating: the whole sentence so far is read again."""
        so_far = torch.cat([state[0], words.unsqueeze(1)], dim=1)
        logits, c, alpha = self.decode(so_far, encoded)
        return torch.log_softmax(logits[:, -1], dim=1), (so_far,), Look(c[:, -1], alpha.mean(dim=1)[:, -1])


@contextmanager
def without_heads(attention: MultiHeadAttention, switched_off: Sequence[int]) -> Iterator[None]:
    """Some heads, counted from 0, find nothing for a while: their contexts are 0. Taught in notebook 07."""

    def before_W_O(_: nn.Module, inputs: tuple[Tensor]) -> Tensor:
        contexts = attention.cut(inputs[0]).clone()
        contexts[:, list(switched_off)] = 0
        return contexts.transpose(1, 2).flatten(2)

    hook = attention.W_O.register_forward_pre_hook(before_W_O)
    try:
        yield
    finally:
        hook.remove()
