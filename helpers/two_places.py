"""English words that need two places of the Hindi sentence: does a model know them? Taught in notebook 05.

कल alone is "yesterday" or "tomorrow", and only the verb tells which. वह is "he" or "she", which the verb tells, too;
अपना is "his", "her" or "their", which the subject before it tells. क्या opens a question, and its verb tells whether
English begins with "do", "did", "will", …
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from helpers.attention import Encoded
from helpers.batching import make_batches
from helpers.corpus.pairs import Pair
from helpers.models import Translator, device_of
from helpers.oracle import Oracle
from helpers.vocabulary import BOS

DAYS = ("yesterday", "tomorrow")
OWN = {"अपना", "अपनी", "अपने"}
OPENS_A_CLAUSE = {"that", "and", "but", "when", "if", "then", "because", ","}
SHORT = 12  # Hindi words; in a sentence that begins with कल and is not longer, the day's verb is the last one
VERBS = ("do", "does", "did", "will", "can", "should", "am", "is", "are", "was", "were", "has", "have", "had")
KINDS = {  # the English words among which a question asks
    "कल first, short": DAYS,  # the verb stands to its right
    "कल first, long": DAYS,
    "कल later, before its verb": DAYS,
    "कल, after its verb": DAYS,  # English has the verb first: it is written already
    "वह": ("he", "she"),  # the verb stands to its right
    "क्या": VERBS,
    "अपना": ("his", "her", "their"),  # the subject stands to its left
}


@dataclass(frozen=True)
class Question:
    """One English word of a pair, and the two places that it needs."""

    kind: str  # of KINDS
    pair: Pair
    t: int  # the place of the English word, from 0
    j: int  # the place of its Hindi word, from 0
    hints: tuple[int, ...]  # the places that tell which English word it is

    @property
    def right(self) -> str:
        """The English word."""
        return self.pair.target[self.t]


def questions(pairs: Sequence[Pair]) -> list[Question]:
    """All questions of these kinds that the gold alignments contain."""
    found = []
    for pair in pairs:
        for t, word in enumerate(pair.target):
            links = [(j, sure) for j, at, sure in pair.links if at == t]
            for j, kind in {j: _kind(pair, j, t, word) for j, _ in links}.items():
                hints = tuple(i for i, _ in links if i != j)
                if kind and hints:
                    found.append(Question(kind, pair, t, j, hints))
    return found


def _kind(pair: Pair, j: int, t: int, english: str) -> str | None:
    hindi = pair.source[j]
    if hindi == "कल" and english in DAYS:
        if t == j == 0:
            return "कल first, short" if len(pair.source) <= SHORT else "कल first, long"
        opens = t == 0 or pair.target[t - 1] in OPENS_A_CLAUSE
        return "कल later, before its verb" if opens else "कल, after its verb"
    base = "अपना" if hindi in OWN else hindi
    if base == "क्या" and (t or j):  # the mark of a question opens it
        return None
    return base if english in KINDS.get(base, ()) else None


@torch.no_grad()
def answers(model: Translator, asked: Sequence[Question], oracle: Oracle | None = None) -> pd.DataFrame:
    """What a model makes of the questions while it is given the right words before.

    Args:
        oracle: who gives the weights, for a model that is told them.
    Returns:
        a row for each question: kind, right, chosen (the likeliest of the words in question), p (the probability of
        the right one among them, 0 to 1), and for a model with α its weight on the Hindi word (`word`) and on the
        places of the hints (`hints`).
    """
    rows: dict[int, dict] = {}
    pairs = [question.pair for question in asked]
    was_training = model.training
    model.eval()
    for batch in make_batches(pairs, model.source_vocab, model.target_vocab, 128, oracle):
        logits, look = model(batch.to(device_of(model)))
        for b, i in enumerate(batch.indices):
            q = asked[i]
            words = KINDS[q.kind]
            p = logits[b, q.t, model.target_vocab.encode(words)[:-1]].softmax(0)
            rows[i] = {"kind": q.kind, "right": q.right, "chosen": words[int(p.argmax())]}
            rows[i]["p"] = p[words.index(q.right)].item()
            if look.alpha is not None:
                alpha = look.alpha[b, q.t].cpu()
                rows[i] |= {"word": alpha[q.j].item(), "hints": alpha[list(q.hints)].sum().item()}
    model.train(was_training)
    return pd.DataFrame([rows[i] for i in range(len(asked))])


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """`answers` by kind: how many, the share of right choices in %, and the means of the other columns."""
    table = table.assign(accuracy=100.0 * (table["chosen"] == table["right"]), questions=1)
    means = table.groupby("kind", sort=False)[[c for c in ("accuracy", "p", "word", "hints") if c in table]].mean()
    return table.groupby("kind", sort=False)[["questions"]].sum().join(means)


class Parts(NamedTuple):
    """What decides the word of one step, and can be taken from one sentence into another."""

    s: Tensor  # (D_s,) the decoder's state before the step, s_{t-1}
    h: Tensor  # (D_h,) the encoder's state at the Hindi word of the question
    hints: Tensor  # (hints, D_h) the encoder's states at the places of its hints
    c: Tensor  # (D_h,) the context of the step


@torch.no_grad()
def parts(model: Translator, question: Question) -> Parts:
    """The parts that decide the word of a question, when the right words were written before it."""
    encoded, s = _before(model, question)
    return Parts(s[0], encoded.h[0, question.j], encoded.h[0, list(question.hints)], model.context(s, encoded).c[0])


@torch.no_grad()
def chances(
    model: Translator,
    question: Question,
    s: Tensor | None = None,
    h: Tensor | None = None,
    hints: Tensor | None = None,
    c: Tensor | None = None,
) -> dict[str, float]:
    """The probabilities of the words in question, with parts of another sentence put in place of its own.

    Args:
        s, h, hints, c: as in `Parts`. If the other sentence has fewer hints, its last one serves for the rest.

    Source: activation patching, as in the causal mediation analysis of Vig et al. 2020.
    """
    encoded, before = _before(model, question)
    if h is not None:
        encoded.h[0, question.j] = h
    if hints is not None:
        for n, j in enumerate(question.hints):
            encoded.h[0, j] = hints[min(n, len(hints) - 1)]
    encoded.keys = model.context.keys(encoded.h)
    s_prev = before if s is None else s.unsqueeze(0)
    c_t = model.context(s_prev, encoded).c if c is None else c.unsqueeze(0)
    words = [BOS, *model.target_vocab.encode(question.pair.target)]
    y = model.target_embedding(torch.tensor(words[question.t : question.t + 1], device=c_t.device))
    s_t = model.cell(model.from_word(y) + model.from_context(c_t), (s_prev,))[0]
    asked = KINDS[question.kind]
    p = model.logits(s_t, c_t, y)[0, model.target_vocab.encode(asked)[:-1]].softmax(0)
    return dict(zip(asked, p.tolist(), strict=True))


def _before(model: Translator, question: Question) -> tuple[Encoded, Tensor]:
    """The sentence as it was read, and s_{t-1} (1, D_s) after the right words before the one in question."""
    encoded, state = model.read(question.pair.source)
    for number in [BOS, *model.target_vocab.encode(question.pair.target)][: question.t]:
        _, state, _ = model.step(torch.tensor([number], device=encoded.h.device), state, encoded)
    return encoded, state[0]
