"""Three translators that differ only in where the context c_t comes from.

vanilla: c_t is the encoder's last state, the same at every step (notebook 01);
oracle:  c_t is the average of the encoder's states with weights α_jt that somebody gives (notebook 03);
learned: c_t is the same average, with weights that the model works out by itself (notebook 04).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from helpers.attention import AdditiveAttention, Encoded
from helpers.batching import PAD, Batch, Vocabulary

# Where the oracle's weights come from, by the name of the model; the last three are controls.
ORACLES = {"oracle": "gold", "uniform": "uniform", "shuffled": "shuffled", "shifted": "shifted"}
CONTEXTS = ("vanilla", *ORACLES, "learned")
CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
GATES = {"rnn": 1, "gru": 3, "lstm": 4}


@dataclass(frozen=True)
class ModelConfig:
    """What a translator is made of. Sizes are numbers of units.

    Raises:
        ValueError: an unknown context or cell, or a size below 1.
    """

    context: str = "learned"
    cell: str = "gru"
    bidirectional: bool = False
    embedding: int = 128
    hidden: int = 128
    attention: int = 64
    dropout: float = 0.0  # before the output layer
    deep_output: bool = False  # the output layer also sees the context and the word before

    def __post_init__(self):
        for name, allowed in (("context", CONTEXTS), ("cell", tuple(CELLS))):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name}={getattr(self, name)!r} is not known: choose one of {', '.join(allowed)}")
        for name in ("embedding", "hidden", "attention"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)} is too small: it is a number of units, such as 128")

    @property
    def weights(self) -> str | None:
        """The name of the oracle's weights, or None for a model that asks no oracle."""
        return ORACLES.get(self.context)


class DecoderCell(nn.Module):
    """One recurrent step, with the part that needs no recurrence (the input's share of the gates) left outside.

    Source: Elman 1990 (rnn); Cho et al. 2014 (gru); Hochreiter and Schmidhuber 1997 (lstm). Taught in notebook 01.
    """

    def __init__(self, kind: str, d_s: int):
        super().__init__()
        self.kind = kind
        self.from_state = nn.Linear(d_s, GATES[kind] * d_s)
        nn.init.orthogonal_(self.from_state.weight)

    def forward(self, gates: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """The next state.

        Args:
            gates: (B, G·D_s) what the word and the context contribute; G is 1, 3 or 4.
            state: (s,) or, for an LSTM, (s, memory), each (B, D_s).
        """
        s = state[0]
        recurrent = self.from_state(s)
        if self.kind == "rnn":
            return (torch.tanh(gates + recurrent),)
        if self.kind == "gru":
            d = 2 * s.size(1)
            r, z = torch.sigmoid(gates[:, :d] + recurrent[:, :d]).chunk(2, dim=1)
            candidate = torch.tanh(gates[:, d:] + r * recurrent[:, d:])
            return (torch.lerp(candidate, s, z),)
        i, f, o, g = (gates + recurrent).chunk(4, dim=1)
        memory = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(memory), memory


class Translator(nn.Module):
    """Encoder, decoder cell and output layer; `config.context` says where c_t comes from.

    Args:
        config: sizes, cell and context.
        source_vocab, target_vocab: the words that it knows.
    """

    def __init__(self, config: ModelConfig, source_vocab: Vocabulary, target_vocab: Vocabulary):
        super().__init__()
        self.config, self.source_vocab, self.target_vocab = config, source_vocab, target_vocab
        d_h, d_s = config.hidden * (1 + config.bidirectional), config.hidden
        self.source_embedding = nn.Embedding(len(source_vocab), config.embedding, padding_idx=PAD)
        self.encoder = CELLS[config.cell](
            config.embedding, config.hidden, batch_first=True, bidirectional=config.bidirectional
        )
        self.first_state = nn.Linear(d_h, d_s)
        self.target_embedding = nn.Embedding(len(target_vocab), config.embedding, padding_idx=PAD)
        self.from_word = nn.Linear(config.embedding, GATES[config.cell] * d_s)
        self.from_context = nn.Linear(d_h, GATES[config.cell] * d_s, bias=False)
        self.cell = DecoderCell(config.cell, d_s)
        self.attention = AdditiveAttention(d_h, d_s, config.attention) if config.context == "learned" else None
        self.readout = nn.Linear(d_s + d_h + config.embedding, d_s) if config.deep_output else None
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(d_s, len(target_vocab))
        if config.deep_output:  # where words go straight into a tanh: small ones, so that it is not all -1 and 1
            for table in (self.source_embedding, self.target_embedding):
                nn.init.normal_(table.weight, std=0.1)
                nn.init.zeros_(table.weight[PAD].data)
        if config.cell == "lstm":  # its forget gates start open (Jozefowicz et al. 2015)
            for name, bias in self.named_parameters():
                if name.startswith("encoder.bias_ih") or name == "cell.from_state.bias":
                    nn.init.ones_(bias.data[d_s : 2 * d_s])

    def encode(self, source: Tensor, lengths: Tensor) -> tuple[Encoded, tuple[Tensor, ...]]:
        """Read the sentences.

        Args:
            source: (B, T_x) word numbers, padded. lengths: (B,) on the CPU.
        Returns:
            what the decoder needs, and the decoder's first state s_0.
        """
        if source.dim() != 2 or lengths.shape != source.shape[:1] or lengths.min() < 1:
            raise ValueError(
                f"source has shape {tuple(source.shape)} and lengths {tuple(lengths.shape)}: (B, T_x) and "
                "(B,) are needed, and each sentence needs at least one word"
            )
        packed = nn.utils.rnn.pack_padded_sequence(
            self.source_embedding(source), lengths, batch_first=True, enforce_sorted=False
        )
        states, last = self.encoder(packed)
        h, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True, total_length=source.size(1))
        last = last[0] if isinstance(last, tuple) else last  # an LSTM also returns its memory
        last = torch.cat(list(last), dim=1)
        keys = self.attention.keys(h) if self.attention else None
        s_0 = torch.tanh(self.first_state(last))
        state = (s_0, torch.zeros_like(s_0)) if self.config.cell == "lstm" else (s_0,)
        return Encoded(h, last, source != PAD, keys), state

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """Teacher forcing: at each step the decoder is given the right word before.

        Returns:
            logits (B, T_y, words) and α (B, T_y, T_x), or None for the vanilla model.
        """
        encoded, state = self.encode(batch.source, batch.source_lengths)
        words = self.target_embedding(batch.target_in)
        gates = self.from_word(words)  # (B, T_y, G·D_s)
        if self.attention is None:  # every context is known beforehand, so it stays outside the loop
            c = self.given_context(encoded, batch.alpha)
            gates = gates + self.from_context(c)
        states, contexts, alphas = [], [], []
        for gates_t in gates.unbind(1):
            if self.attention is not None:
                c_t, alpha_t, _ = self.attention(state[0], encoded.h, encoded.keys, encoded.mask)
                gates_t = gates_t + self.from_context(c_t)
                contexts.append(c_t)
                alphas.append(alpha_t)
            state = self.cell(gates_t, state)
            states.append(state[0])
        alpha = batch.alpha
        if self.attention is not None:
            c, alpha = torch.stack(contexts, dim=1), torch.stack(alphas, dim=1)
        return self.scores(torch.stack(states, dim=1), c, words), alpha

    def scores(self, s: Tensor, c: Tensor, words: Tensor) -> Tensor:
        """A score for each target word (…, words), from the state (…, D_s).

        A deep output also takes the context (…, D_h) and the word before (…, E): Bahdanau et al. 2015, appendix A.2.2.
        """
        if self.readout is not None:
            s = torch.tanh(self.readout(torch.cat([s, c.expand(*s.shape[:-1], -1), words], dim=-1)))
        return self.output(self.dropout(s))

    def given_context(self, encoded: Encoded, alpha: Tensor | None) -> Tensor:
        """c_t for a model that does not choose it: (B, T, D_h) from α (B, T, T_x), or the last state, (B, 1, D_h)."""
        if self.config.weights is None:
            return encoded.last.unsqueeze(1)
        if alpha is None:
            raise ValueError(
                f"the {self.config.context} model needs α: make the batches with "
                f"weights={self.config.weights!r}, from pairs that have an alignment"
            )
        return alpha @ encoded.h

    def step(
        self, words: Tensor, state: tuple[Tensor, ...], encoded: Encoded, alpha_t: Tensor | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...], Tensor | None]:
        """One step of translating.

        Args:
            words: (B,) numbers of the words before. alpha_t: (B, T_x), if the model is given its weights.
        Returns:
            log-probabilities (B, words) of the next word, the next state, α_t (B, T_x) or None.
        """
        if self.attention is not None:
            c_t, alpha_t, _ = self.attention(state[0], encoded.h, encoded.keys, encoded.mask)
        else:
            c_t = self.given_context(encoded, None if alpha_t is None else alpha_t.unsqueeze(1)).squeeze(1)
        y = self.target_embedding(words)
        state = self.cell(self.from_word(y) + self.from_context(c_t), state)
        return torch.log_softmax(self.scores(state[0], c_t, y), dim=1), state, alpha_t
