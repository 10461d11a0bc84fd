"""From a trained model to English: greedy and beam search, with the weights α of every step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers.batching import Sentence, SourceBatch, source_batches, source_words
from helpers.models import Translator, device_of
from helpers.oracle import SoftAlignment
from helpers.vocabulary import BOS, END, EOS, PAD, Vocabulary


@dataclass(frozen=True)
class Translation:
    """A sentence, what a model made of it, and where the model looked."""

    source: tuple[str, ...]  # T_x words
    target: tuple[str, ...]  # T_y words
    finished: bool  # whether the model wrote `</s>`; if not, the translation was cut off
    alignment: SoftAlignment | None  # None for the vanilla model
    log_probability: float  # of the whole target sentence

    def __str__(self) -> str:
        return " ".join(self.target)

    @property
    def tokens(self) -> tuple[str, ...]:
        """What the model wrote, step by step: the words and, unless it was cut off, `</s>`."""
        return (*self.target, END) if self.finished else self.target


@torch.no_grad()
def translate(
    model: Translator,
    sentences: Sequence[Sentence],
    beam: int = 1,
    oracle: Callable[..., Tensor] | None = None,
    max_length: int = 100,
    batch_size: int = 128,
) -> list[Translation]:
    """Translate sentences, many at a time.

    Args:
        sentences: pairs, or lists of source words.
        beam: how many beginnings are kept at each step; 1 is greedy search.
        oracle: who gives the weights, for a model that is told them: a function from each of the sentences to
            α (T, T_x + 1), such as `oracle_alpha`. Steps beyond its last row use the last row.
        max_length: the most steps. A translation without `</s>` by then is cut off, at so many words.
    Returns:
        one `Translation` a sentence, in the order of the sentences.
    Raises:
        ValueError: an empty sentence, a beam below 1, no weights for a model that needs them, or weights for a model
            that takes none.
    """
    for name, number in (("beam", beam), ("max_length", max_length), ("batch_size", batch_size)):
        if not isinstance(number, int) or number < 1:
            raise ValueError(f"{name}={number!r}: it is a whole number from 1 on")
    was_training = model.training
    model.eval()
    done: dict[int, Translation] = {}
    for batch in source_batches(sentences, model.source_vocab, batch_size, oracle):
        for i, best in zip(batch.indices, _search(model, batch, beam, max_length), strict=True):
            done[i] = best.translation(source_words(sentences[i]), model.target_vocab)
    model.train(was_training)
    return [done[i] for i in range(len(sentences))]


@dataclass(frozen=True)
class _Beam:
    """A way through the search: the number of the word written at each step, and α_t."""

    ids: list[int]
    alphas: list[Tensor]
    log_probability: float

    def translation(self, source: Sequence[str], vocab: Vocabulary) -> Translation:
        tokens = tuple(vocab.words[i] for i in self.ids)
        finished = self.ids[-1] == EOS
        alignment = SoftAlignment((*source, END), tokens, torch.stack(self.alphas)) if self.alphas else None
        return Translation(
            tuple(source), tokens[:-1] if finished else tokens, finished, alignment, self.log_probability
        )


def _search(model: Translator, batch: SourceBatch, k: int, max_length: int) -> list[_Beam]:
    """Beam search over a batch, taught in notebook 06: the best beam of each sentence."""
    device = device_of(model)
    batch = batch.to(device)
    encoded, state = model.encode(batch.source, batch.source_lengths)
    encoded, state = encoded.repeat(k), tuple(s.repeat_interleave(k, dim=0) for s in state)
    B, V = len(batch.indices), len(model.target_vocab)
    first = (torch.arange(B, device=device) * k).unsqueeze(1)  # each sentence's first beam
    only_pad = torch.full((V,), -torch.inf, device=device).index_fill(0, torch.tensor([PAD], device=device), 0.0)
    scores = torch.full((B, k), -torch.inf, device=device)
    scores[:, 0] = 0.0
    words = torch.full((B * k,), BOS, device=device)
    finished = torch.zeros(B * k, dtype=torch.bool, device=device)
    trail = []  # at each step: the beam that was continued, its new word, the α_t used for it
    for t in range(max_length):
        given = []
        if batch.alpha is not None and batch.alpha_lengths is not None:
            row = (batch.alpha_lengths - 1).clamp(max=t)
            given.append(batch.alpha[torch.arange(B, device=device), row].repeat_interleave(k, dim=0))
        log_p, state, look = model.step(words, state, encoded, *given)
        log_p[:, [PAD, BOS]] = -torch.inf
        log_p = torch.where(finished.unsqueeze(1), only_pad, log_p)
        scores, best = (scores.unsqueeze(2) + log_p.view(B, k, V)).view(B, k * V).topk(k, dim=1)
        parents = (first + best // V).flatten()
        words = (best % V).flatten()
        state = tuple(s[parents] for s in state)
        finished = finished[parents] | (words == EOS)
        trail.append((parents.cpu(), words.cpu(), None if look.alpha is None else look.alpha.cpu()))
        if t % 8 == 7 and finished.all():  # asked now and then, since asking makes a GPU wait
            break
    lengths, scores = batch.source_lengths.tolist(), scores.cpu()
    return [_best(trail, range(b * k, b * k + k), scores[b].tolist(), lengths[b]) for b in range(B)]


def _best(trail: list, places: range, scores: list[float], source_length: int) -> _Beam:
    """Walk a sentence's beams back to their beginning; the best has the highest log-probability per word."""
    beams = []
    for place, score in zip(places, scores, strict=True):
        at, ids, alphas = place, [], []
        for parents, words, alpha_t in reversed(trail):
            if words[at] != PAD:
                ids.append(int(words[at]))
                if alpha_t is not None:
                    alphas.append(alpha_t[parents[at], :source_length])
            at = int(parents[at])
        beams.append(_Beam(ids[::-1], alphas[::-1], score))
    return max(beams, key=lambda beam: beam.log_probability / len(beam.ids))
