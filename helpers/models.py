"""Translators that differ only in where the context c_t comes from, which is an object of helpers/attention.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from helpers.attention import AdditiveAttention, Context, Encoded, GivenPlaces, GivenWeights, LastState, Look
from helpers.batching import Batch
from helpers.vocabulary import PAD, Vocabulary

KINDS: dict[str, Callable[..., Context]] = {
    "none": LastState,
    "given": GivenWeights,
    "places": GivenPlaces,
    "additive": AdditiveAttention,
}
CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
State = tuple[Tensor, ...]  # the decoder's: (s,) or, for an LSTM, (s, memory), each (B, D_s)


@dataclass(frozen=True)
class ModelConfig:
    """What a translator is made of. Sizes are numbers of units.

    Args:
        attention: "none" (the last state at every step), "given" (weights from an oracle), "places" (a control that
            is told the places, not shown the states) or "additive" (learned).
        cell: "rnn", "gru" or "lstm".
        bidirectional: whether the encoder reads both ways.
        dropout: before the output layer.
        deep_output: whether the output layer also sees the context and the word before.
    Raises:
        ValueError: an unknown attention or cell, or a size below 1.
    """

    attention: str = "additive"
    cell: str = "gru"
    bidirectional: bool = False
    embedding: int = 128
    hidden: int = 128
    attention_hidden: int = 64
    dropout: float = 0.0
    deep_output: bool = False

    def __post_init__(self):
        for name, allowed in (("attention", tuple(KINDS)), ("cell", tuple(CELLS))):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name}={getattr(self, name)!r} is not known: choose one of {', '.join(allowed)}")
        for name in ("embedding", "hidden", "attention_hidden"):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)!r}: it is a number of units from 1 on, such as 128")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout={self.dropout}: it is a share from 0 to below 1, such as 0.3")


def device_of(model: nn.Module) -> torch.device:
    """Where the weights of a model are."""
    return next(model.parameters()).device


class DecoderCell(nn.Module):
    """One recurrent step, with the part that needs no recurrence (the input's share of the gates) left outside.

    Source: Elman 1990 (rnn); Cho et al. 2014 (gru); Hochreiter and Schmidhuber 1997 (lstm). Taught in notebook 01.
    """

    def __init__(self, kind: str, d_s: int):
        super().__init__()
        self.kind = kind
        self.from_state = nn.Linear(d_s, GATES[kind] * d_s)
        nn.init.orthogonal_(self.from_state.weight)

    def forward(self, gates: Tensor, state: State) -> State:
        """The next state.

        Args:
            gates: (B, G·D_s) what the word and the context contribute; G is 1, 3 or 4.
        """
        s = state[0]
        recurrent = self.from_state(s)
        if self.kind == "rnn":
            return (torch.tanh(gates + recurrent),)
        if self.kind == "gru":
            (r_z, new), (r_z_of_s, new_of_s) = (x.split([2 * s.size(1), s.size(1)], dim=1) for x in (gates, recurrent))
            r, z = torch.sigmoid(r_z + r_z_of_s).chunk(2, dim=1)
            return (torch.lerp(torch.tanh(new + r * new_of_s), s, z),)
        i, f, o, g = (gates + recurrent).chunk(4, dim=1)
        memory = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(memory), memory


class Translator(nn.Module):
    """Encoder, decoder cell and output layer; `context` says where c_t comes from, and can be exchanged.

    Args:
        config: sizes, cell and kind of attention.
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
        sizes = (d_h, d_s, config.attention_hidden) if config.attention == "additive" else ()
        self.context: Context = KINDS[config.attention](*sizes)
        self.readout = nn.Linear(d_s + d_h + config.embedding, d_s) if config.deep_output else None
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(d_s, len(target_vocab))
        if config.deep_output:  # the embeddings go straight into a tanh, which large ones would saturate
            for table in (self.source_embedding, self.target_embedding):
                nn.init.normal_(table.weight, std=0.1)
                nn.init.zeros_(table.weight[PAD].data)
        if config.cell == "lstm":  # its forget gates start open (Jozefowicz et al. 2015)
            for name, bias in self.named_parameters():
                if name.startswith("encoder.bias_ih") or name == "cell.from_state.bias":
                    nn.init.ones_(bias.data[d_s : 2 * d_s])

    def encode(self, source: Tensor, lengths: Tensor) -> tuple[Encoded, State]:
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
        words = self.source_embedding(source)
        if lengths.min() == source.size(1):  # nothing is padding
            h, last = self.encoder(words)
        else:
            packed = nn.utils.rnn.pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
            states, last = self.encoder(packed)
            h, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True, total_length=source.size(1))
        last = last[0] if isinstance(last, tuple) else last  # an LSTM also returns its memory
        last = torch.cat(list(last), dim=1)
        s_0 = torch.tanh(self.first_state(last))
        state = (s_0, torch.zeros_like(s_0)) if self.config.cell == "lstm" else (s_0,)
        return Encoded(h, last, source != PAD, self.context.keys(h)), state

    def read(self, words: Sequence[str]) -> tuple[Encoded, State]:
        """Read one sentence of words, a batch of its own; see `encode`."""
        source = torch.tensor([self.source_vocab.encode(words)], device=device_of(self))  # (1, T_x)
        return self.encode(source, torch.tensor([source.size(1)]))

    def forward(self, batch: Batch) -> tuple[Tensor, Look]:
        """Teacher forcing: at each step the decoder is given the right word before.

        Returns:
            logits (B, T_y, words), and where each step looked: c (B, T_y, D_h), α and e (B, T_y, T_x).
        """
        encoded, state = self.encode(batch.source, batch.source_lengths)
        words = self.target_embedding(batch.target_in)
        gates = self.from_word(words).unbind(1)  # T_y times (B, G·D_s)
        look_at = self.context.at_each_step(encoded, batch.alpha, self.from_context, len(gates))
        states, looks = [], []
        for t, from_word in enumerate(gates):
            look, from_context = look_at(t, state[0])
            state = self.cell(from_word + from_context, state)
            states.append(state[0])
            looks.append(look)
        look = Look.stack(looks)
        return self.logits(torch.stack(states, dim=1), look.c, words), look

    def logits(self, s: Tensor, c: Tensor, words: Tensor) -> Tensor:
        """A score for each target word (…, words), from the state (…, D_s).

        A deep output also takes the context (…, D_h) and the word before (…, E): Bahdanau et al. 2015, appendix A.2.2.
        """
        if self.readout is not None:
            s = torch.tanh(self.readout(torch.cat([s, c, words], dim=-1)))
        return self.output(self.dropout(s))

    def step(
        self, words: Tensor, state: State, encoded: Encoded, alpha_t: Tensor | None = None
    ) -> tuple[Tensor, State, Look]:
        """One step of translating.

        Args:
            words: (B,) numbers of the words before. alpha_t: (B, T_x), if the model is given its weights.
        Returns:
            log-probabilities (B, words) of the next word, the next state, and where the step looked.
        """
        look = self.context(state[0], encoded, alpha_t)
        y = self.target_embedding(words)
        state = self.cell(self.from_word(y) + self.from_context(look.c), state)
        return torch.log_softmax(self.logits(state[0], look.c, y), dim=1), state, look
