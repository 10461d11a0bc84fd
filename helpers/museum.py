"""The exhibits of lesson 08: small translators, each of them with one fault, and one that is healthy.

This file names the faults. Read it after the lesson, or it spoils the search.

Every exhibit is the translator of lesson 5 with one thing changed: the weights, the scores, the states, the words that
the decoder is given, or the program that measures it. They were trained by experiments/museum.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import torch
from torch import Tensor, nn

from helpers import evaluation
from helpers.attention import AdditiveAttention, Attention, Encoded, Look
from helpers.batching import make_batches, source_batch
from helpers.corpus.pairs import DATA, Pair
from helpers.models import ModelConfig, Translator
from helpers.vocabulary import BOS, EOS, PAD, Vocabulary

LONGEST = 10  # Hindi words in a sentence of the museum
SIZES = ModelConfig("additive", bidirectional=True, embedding=48, hidden=48, attention_hidden=32)
PASSES = 8
WEIGHTS = DATA / "museum"


def average(alpha: Tensor, e: Tensor, encoded: Encoded) -> Look:
    """c_t = Σ_j α_jt h_j, as in lesson 4."""
    return Look((alpha.unsqueeze(1) @ encoded.h).squeeze(1), alpha, e)


# The faults. Each class differs from the healthy one by what its first line says.


class NotMasked(AdditiveAttention):
    """Padding is not masked. After abisee/pointer-generator#41."""

    def forward(self, s_prev, encoded, alpha_t=None):
        e = self.scores(s_prev, encoded)
        return average(torch.softmax(e, dim=1), e, encoded)


class MaskInverted(AdditiveAttention):
    """The mask hides the words and shows the padding. After lucidrains/halonet-pytorch#6."""

    def forward(self, s_prev, encoded, alpha_t=None):
        e = self.scores(s_prev, encoded).masked_fill(encoded.mask, -1e9)
        return average(torch.softmax(e, dim=1), e, encoded)


class OverTheBatch(AdditiveAttention):
    """The softmax goes over the sentences of the batch. After PetrochukM/PyTorch-NLP#2."""

    def forward(self, s_prev, encoded, alpha_t=None):
        e = self.scores(s_prev, encoded).masked_fill(~encoded.mask, -1e9)
        return average(torch.softmax(e, dim=0) * encoded.mask, e, encoded)


class NoTanh(AdditiveAttention):
    """The tanh is left out. After AuCson/PyTorch-Batch-Attention-Seq2seq#3."""

    def scores(self, s_prev, encoded):
        return (encoded.keys + (s_prev @ self.W_att).unsqueeze(1)) @ self.V_att


class TimesItsScore(AdditiveAttention):
    """The weights are multiplied by their own scores. After yandexdataschool/Practical_RL#429."""

    def forward(self, s_prev, encoded, alpha_t=None):
        _, alpha, e = super().forward(s_prev, encoded)
        return Look(((alpha * e.masked_fill(~encoded.mask, 0.0)).unsqueeze(1) @ encoded.h).squeeze(1), alpha, e)


class OneScoreForEachPlace(Attention):
    """The scores are made without the encoder's states. After pytorch/tutorials#1098."""

    def __init__(self, d_h: int, d_s: int, d_a: int):
        super().__init__()
        self.W_att = nn.Parameter(nn.init.xavier_uniform_(torch.empty(d_s, LONGEST + 1)))

    def scores(self, s_prev, encoded):
        return (s_prev @ self.W_att)[:, : encoded.h.size(1)]


class KeysOfWords(AdditiveAttention):
    """The keys are made from the vectors of the words, in place of the states."""

    def __init__(self, d_h: int, d_s: int, d_a: int):
        super().__init__(SIZES.embedding, d_s, d_a)

    def keys(self, h):
        return h  # not used: `WithKeysOfWords` makes them


class WithKeysOfWords(Translator):
    def encode(self, source, lengths):
        encoded, state = super().encode(source, lengths)
        encoded.keys = self.source_embedding(source) @ self.context.U_att
        return encoded, state


class ForwardTwice(Translator):
    """Both halves of each state are read from the left. After ematvey/tensorflow-seq2seq-tutorials#1."""

    def encode(self, source, lengths):
        encoded, _ = super().encode(source, lengths)
        h, last = (x[..., : SIZES.hidden].repeat(*[1] * (x.dim() - 1), 2) for x in (encoded.h, encoded.last))
        return Encoded(h, last, encoded.mask, self.context.keys(h)), (torch.tanh(self.first_state(last)),)


class RecordedLate(Translator):
    """α is recorded one step late; the model itself is healthy. After OpenNMT/OpenNMT-tf#304."""

    def forward(self, batch):
        logits, look = super().forward(batch)
        return logits, look._replace(alpha=look.alpha.roll(1, dims=1))  # type: ignore[union-attr]


class Peeking(Translator):
    """In training the decoder is given the word that it should write. After Kyubyong/transformer#94."""

    def forward(self, batch):
        return super().forward(replace(batch, target_in=batch.target_out))


@torch.no_grad()
def write(model: Translator, pairs: Sequence[Pair]) -> list[str]:
    """Greedy translations, in batches of 32 sentences of different lengths."""
    written = []
    for start in range(0, len(pairs), 32):
        some = list(range(start, min(start + 32, len(pairs))))
        batch = source_batch(pairs, some, model.source_vocab)
        encoded, state = model.encode(batch.source, batch.source_lengths)
        word, rows = torch.full((len(some),), BOS), []
        for _ in range(2 * LONGEST):
            log_p, state, _ = model.step(word, state, encoded)
            word = log_p.argmax(dim=1)
            rows.append(word)
        for ids in torch.stack(rows, dim=1).tolist():
            ids = ids[: ids.index(EOS)] if EOS in ids else ids
            written.append(" ".join(model.target_vocab.words[i] for i in ids))
    return written


@torch.no_grad()
def write_with_teacher(model: Translator, pairs: Sequence[Pair]) -> list[str]:
    """The teacher is still in the room: each word is chosen after the *right* words. After keon/seq2seq#8."""
    written = []
    for pair in pairs:
        (batch,) = make_batches([pair], model.source_vocab, model.target_vocab)
        ids = model(batch)[0].argmax(dim=2)[0].tolist()
        written.append(" ".join(model.target_vocab.words[i] for i in ids if i != EOS))
    return written


def exchanged_bleu(written: Sequence[str], right: Sequence[str]) -> float:
    """BLEU with its arguments exchanged. After bentrevett/pytorch-seq2seq#62 and d2l-ai/d2l-en#1780."""
    return evaluation.bleu(right, written)


@dataclass(frozen=True)
class Fault:
    """What is planted in an exhibit."""

    name: str
    meaning: str
    rings: tuple[str, ...]  # the instruments of the lesson that find it, the clearest one first
    case: str = ""  # the public issue that it is modelled on, if we know of one
    model: type[Translator] = Translator
    context: type[Attention] = AdditiveAttention
    write: Callable[[Translator, Sequence[Pair]], list[str]] = write
    bleu: Callable[[Sequence[str], Sequence[str]], float] = evaluation.bleu


PADDING, BATCH, SUMS = "weight on padding", "a batch against its singles", "sums"
QUESTION, READS, GRADIENT = "another question", "what a score reads", "smallest gradient"
AVERAGE, ANSWER, CASE = "the average again", "another answer", "a known case"
FAULTS = {
    "A": Fault(
        "padding is not masked",
        "padding takes part in the softmax",
        (PADDING, BATCH),
        "abisee/pointer-generator#41",
        context=NotMasked,
    ),
    "B": Fault(
        "softmax over the batch",
        "the weights of a word sum to 1 over the sentences of a batch",
        (SUMS, BATCH),
        "PetrochukM/PyTorch-NLP#2",
        context=OverTheBatch,
    ),
    "C": Fault(
        "the mask is inverted",
        "the words are hidden, and the padding is seen",
        (PADDING, BATCH, GRADIENT, QUESTION, READS),
        "lucidrains/halonet-pytorch#6",
        context=MaskInverted,
    ),
    "D": Fault(
        "the tanh is missing",
        "the score is a sum of two terms, one of the word and one of the step",
        (QUESTION, GRADIENT),
        "AuCson/PyTorch-Batch-Attention-Seq2seq#3",
        context=NoTanh,
    ),
    "E": Fault(
        "keys of words",
        "the keys are made from the vectors of the words, not from the states",
        (READS,),
        "",
        WithKeysOfWords,
        KeysOfWords,
    ),
    "F": Fault("healthy", "nothing is wrong", ()),
    "G": Fault(
        "scores without states",
        "each place of the sentence gets a score from the decoder alone",
        (READS,),
        "pytorch/tutorials#1098",
        context=OneScoreForEachPlace,
    ),
    "H": Fault(
        "read from the left twice",
        "the second half of each state is a copy of the first",
        (READS,),
        "ematvey/tensorflow-seq2seq-tutorials#1",
        ForwardTwice,
    ),
    "I": Fault(
        "α is recorded a step late",
        "the model is right, and the heatmap is not that of the model",
        (AVERAGE,),
        "OpenNMT/OpenNMT-tf#304",
        RecordedLate,
    ),
    "J": Fault(
        "α times its own scores",
        "the context is made with weights that were multiplied once more",
        (AVERAGE,),
        "yandexdataschool/Practical_RL#429",
        context=TimesItsScore,
    ),
    "K": Fault(
        "it sees the word to write",
        "in training, the decoder is given the word of this step, not the previous one",
        (ANSWER,),
        "Kyubyong/transformer#94",
        Peeking,
    ),
    "L": Fault(
        "the teacher is still there",
        "while it translates, the program gives the right previous words",
        (ANSWER,),
        "keon/seq2seq#8",
        write=write_with_teacher,
    ),
    "M": Fault(
        "BLEU with exchanged arguments",
        "the right sentences are measured against the translations",
        (CASE,),
        "bentrevett/pytorch-seq2seq#62",
        bleu=exchanged_bleu,
    ),
}
SUSPECTS = {fault.name: fault.meaning for fault in sorted(FAULTS.values(), key=lambda fault: fault.meaning)}


@dataclass(frozen=True)
class Exhibit:
    """A translator, the loss of each pass of its training, and its author's own programs.

    Args:
        write: translates pairs, into sentences of words with spaces between.
        bleu: of translations and of the right sentences, 0 to 100.
    """

    model: Translator
    losses: Sequence[float]
    write: Callable[[Sequence[Pair]], list[str]]
    bleu: Callable[[Sequence[str], Sequence[str]], float]

    @property
    def vocabularies(self) -> tuple[Vocabulary, Vocabulary]:
        """Of Hindi and of English."""
        return self.model.source_vocab, self.model.target_vocab


def build(fault: Fault, source_vocab: Vocabulary, target_vocab: Vocabulary, seed: int = 0) -> Translator:
    """The untrained translator with this fault; the seed fixes its first weights."""
    torch.manual_seed(seed)
    model = fault.model(SIZES, source_vocab, target_vocab)
    model.context = fault.context(2 * SIZES.hidden, SIZES.hidden, SIZES.attention_hidden)
    return model.eval()


def as_exhibit(model: Translator, fault: Fault = FAULTS["F"], losses: Sequence[float] = ()) -> Exhibit:
    """A model with the programs of an author who made this fault; by default, with right ones."""
    return Exhibit(model, losses, partial(fault.write, model), fault.bleu)


def museum() -> dict[str, Exhibit]:
    """The trained exhibits of data/museum, by their letters."""
    exhibits = {}
    for letter, fault in FAULTS.items():
        stored = _stored(letter)
        model = build(fault, *_vocabularies())
        model.load_state_dict({name: part.float() for name, part in stored["state"].items()})
        exhibits[letter] = as_exhibit(model, fault, stored["losses"])
    return exhibits


def untrained() -> Exhibit:
    """A healthy translator with the words of the museum, before its training."""
    return as_exhibit(build(FAULTS["F"], *_vocabularies()))


@cache
def _stored(letter: str) -> dict:
    return torch.load(WEIGHTS / f"{letter}.pt", weights_only=True)


def _vocabularies() -> tuple[Vocabulary, Vocabulary]:
    return Vocabulary(_stored("F")["source"]), Vocabulary(_stored("F")["target"])


def train(model: Translator, pairs: Sequence[Pair], seed: int = 0) -> list[float]:
    """Train as lesson 1 does, in batches of sentences of different lengths. Returns the loss of each pass."""
    rng, losses, batches = random.Random(seed), [], -(-len(pairs) // 32)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.012, weight_decay=0.2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.012, total_steps=PASSES * batches)
    model.train()
    for _ in range(PASSES):
        order, total = rng.sample(pairs, len(pairs)), 0.0
        for start in range(0, len(pairs), 32):
            (batch,) = make_batches(order[start : start + 32], model.source_vocab, model.target_vocab, 32)
            logits, _ = model(batch)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), batch.target_out.flatten(), ignore_index=PAD)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        losses.append(total / batches)
    model.eval()
    return losses
