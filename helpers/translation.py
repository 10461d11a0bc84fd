"""From a trained model to English: greedy and beam search, with α; and sentences that a learner types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers.batching import BOS, EOS, PAD, Batch, Vocabulary, make_batches
from helpers.corpus.pairs import Pair
from helpers.models import Translator


@dataclass(frozen=True)
class Translation:
    """A sentence, what a model made of it, and where the model looked."""

    source: tuple[str, ...]  # T_x words
    target: tuple[str, ...]  # T_y words
    alpha: Tensor | None  # (T_y + 1, T_x + 1), `</s>` counted at both ends; None for the vanilla model
    log_probability: float  # of the whole target sentence

    def __str__(self) -> str:
        return " ".join(self.target)


@torch.no_grad()
def translate(
    model: Translator,
    sentences: Sequence[Pair | Sequence[str]],
    beam: int = 1,
    alphas: Sequence[Tensor] | None = None,
    max_length: int = 100,
    batch_size: int = 128,
) -> list[Translation]:
    """Translate sentences, many at a time.

    Args:
        sentences: pairs, or lists of source words.
        beam: how many beginnings are kept at each step; 1 is greedy search.
        alphas: for a model that is told its weights, an α (T_y + 1, T_x + 1) for each sentence; by default it is
            made from the alignment of the pairs. Steps beyond its last row use the last row.
        max_length: a translation that has not ended after so many words is cut off, and then has no row for `</s>`.
    Returns:
        one `Translation` a sentence, in the order of the sentences.
    Raises:
        ValueError: an empty sentence, a beam below 1, or no weights for a model that needs them.
    """
    if beam < 1 or max_length < 1:
        raise ValueError(f"beam={beam} and max_length={max_length}: both are whole numbers from 1 on")
    if alphas is not None and len(alphas) != len(sentences):
        raise ValueError(f"{len(alphas)} α for {len(sentences)} sentences: each sentence needs its own")
    rows = [2] * len(sentences) if alphas is None else [len(a) for a in alphas]
    pairs = [
        s if isinstance(s, Pair) else Pair(s, ("?",) * max(1, n - 1)) for s, n in zip(sentences, rows, strict=True)
    ]
    weights = alphas if alphas is not None and model.config.weights else model.config.weights
    was_training = model.training
    model.eval()
    done: dict[int, Translation] = {}
    for batch in make_batches(pairs, model.source_vocab, model.target_vocab, batch_size, weights):
        for i, found in zip(batch.rows, _search(model, batch, beam, max_length), strict=True):
            done[i] = Translation(tuple(pairs[i].source), *found)
    model.train(was_training)
    return [done[i] for i in range(len(pairs))]


def _search(model: Translator, batch: Batch, k: int, max_length: int) -> list[tuple]:
    """Beam search over a batch, taught in notebook 05: (words, α, log-probability) of each sentence's best beam."""
    device = next(model.parameters()).device
    batch = batch.to(device)
    encoded, state = model.encode(batch.source, batch.source_lengths)
    encoded, state = encoded.repeat(k), tuple(s.repeat_interleave(k, dim=0) for s in state)
    B, V = len(batch.rows), len(model.target_vocab)
    first = (torch.arange(B, device=device) * k).unsqueeze(1)  # each sentence's first beam
    only_pad = torch.full((V,), -torch.inf, device=device).index_fill(0, torch.tensor([PAD], device=device), 0.0)
    scores = torch.full((B, k), -torch.inf, device=device)
    scores[:, 0] = 0.0
    words = torch.full((B * k,), BOS, device=device)
    finished = torch.zeros(B * k, dtype=torch.bool, device=device)
    last_row = (batch.target_out != PAD).sum(1) - 1  # (B,)
    trail = []  # at each step: the beam that was continued, its new word, the α_t used for it
    for t in range(max_length + 1):
        alpha_t = None
        if batch.alpha is not None:
            alpha_t = batch.alpha[torch.arange(B, device=device), last_row.clamp(max=t)].repeat_interleave(k, dim=0)
        log_p, state, alpha_t = model.step(words, state, encoded, alpha_t)
        log_p[:, [PAD, BOS]] = -torch.inf
        log_p = torch.where(finished.unsqueeze(1), only_pad, log_p)
        scores, best = (scores.unsqueeze(2) + log_p.view(B, k, V)).view(B, k * V).topk(k, dim=1)
        parents = (first + best // V).flatten()
        words = (best % V).flatten()
        state = tuple(s[parents] for s in state)
        finished = finished[parents] | (words == EOS)
        trail.append((parents.cpu(), words.cpu(), None if alpha_t is None else alpha_t.cpu()))
        if t % 8 == 7 and finished.all():  # asked now and then, since asking makes a GPU wait
            break
    return [_follow(trail, b, k, scores[b].cpu(), batch, model.target_vocab) for b in range(B)]


def _follow(trail: list, b: int, k: int, scores: Tensor, batch: Batch, vocab: Vocabulary) -> tuple:
    """Walk a sentence's beams back to their beginning; the best has the highest log-probability per word."""
    beams = []
    for i in range(k):
        at, ids, rows = b * k + i, [], []
        for parents, words, alpha_t in reversed(trail):
            if words[at] != PAD:
                ids.append(int(words[at]))
                rows.append(alpha_t[parents[at], : batch.source_lengths[b]] if alpha_t is not None else None)
            at = int(parents[at])
        beams.append((float(scores[i]) / len(ids), ids[::-1], rows[::-1], float(scores[i])))
    _, ids, rows, score = max(beams, key=lambda beam: beam[0])
    target = tuple(vocab.words[i] for i in ids if i != EOS)
    return target, torch.stack(rows) if rows[0] is not None else None, score
