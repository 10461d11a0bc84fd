"""Sentences become padded batches of similar length."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers.corpus.pairs import Pair
from helpers.oracle import Oracle, check_alpha
from helpers.vocabulary import BOS, PAD, Vocabulary

Sentence = Pair | Sequence[str]  # the words of a source sentence, with or without a translation


@dataclass(frozen=True)
class SourceBatch:
    """Sentences to translate, padded to a rectangle. B sentences, T_x words, `</s>` counted."""

    source: Tensor  # (B, T_x)
    source_lengths: Tensor  # (B,), stays on the CPU, where packing wants it
    alpha: Tensor | None  # (B, T, T_x): the weights that an oracle gives, if there is one
    alpha_lengths: Tensor | None  # (B,): for how many steps it gives them
    indices: list[int]  # where the sentences stand in the list that they come from

    def to(self, device: torch.device | str):
        """The same batch on another device."""

        def move(name: str, part):
            stays = name == "source_lengths" or not isinstance(part, Tensor)
            return part if stays else part.to(device, non_blocking=True)

        return type(self)(**{name: move(name, part) for name, part in vars(self).items()})


@dataclass(frozen=True)
class Batch(SourceBatch):
    """Sentence pairs to learn from. T_y words on the target side, `</s>` counted."""

    target_in: Tensor  # (B, T_y): <s> y_1 ... y_T
    target_out: Tensor  # (B, T_y): y_1 ... y_T </s>


def source_words(sentence: Sentence) -> Sequence[str]:
    """The source words of a pair, or of a list of words."""
    return sentence.source if isinstance(sentence, Pair) else sentence


def pad(rows: Sequence[Sequence[int]]) -> Tensor:
    """(B, longest): the rows, filled up with `<pad>`."""
    return torch.nn.utils.rnn.pad_sequence([torch.tensor(r) for r in rows], batch_first=True, padding_value=PAD)


def source_batch(
    sentences: Sequence[Sentence], indices: list[int], vocab: Vocabulary, oracle: Callable[..., Tensor] | None = None
) -> SourceBatch:
    """The sentences with these indices, without their targets.

    Args:
        sentences: pairs, or lists of source words.
        oracle: who gives α (T, T_x + 1) for a sentence; it may have a row for each step, or fewer.
    """
    chosen = [sentences[i] for i in indices]
    source = [vocab.encode(source_words(s)) for s in chosen]
    lengths = torch.tensor([len(s) for s in source])
    if oracle is None:
        return SourceBatch(pad(source), lengths, None, None, indices)
    alphas = [torch.as_tensor(oracle(s), dtype=torch.float32) for s in chosen]
    alpha = torch.zeros(len(chosen), max(map(len, alphas)), int(lengths.max()))
    for b, a in enumerate(alphas):
        check_alpha(a, (max(1, len(a)), len(source[b])))
        alpha[b, : a.size(0), : a.size(1)] = a
    return SourceBatch(pad(source), lengths, alpha, torch.tensor([len(a) for a in alphas]), indices)


def source_batches(
    sentences: Sequence[Sentence], vocab: Vocabulary, batch_size: int = 128, oracle: Callable[..., Tensor] | None = None
) -> list[SourceBatch]:
    """All sentences in batches of similar length, for translating; see `source_batch`."""
    order = sorted(range(len(sentences)), key=lambda i: len(source_words(sentences[i])))
    starts = range(0, len(order), batch_size)
    return [source_batch(sentences, order[start : start + batch_size], vocab, oracle) for start in starts]


def make_batches(
    pairs: Sequence[Pair],
    source_vocab: Vocabulary,
    target_vocab: Vocabulary,
    batch_size: int = 64,
    oracle: Oracle | None = None,
    seed: int = 0,
) -> list[Batch]:
    """Pairs in batches of similar length, so that little is padding.

    Args:
        oracle: who gives α (T_y + 1, T_x + 1) for a pair, for a model that is told where to look.
        seed: pairs of equal length are mixed by it.
    Raises:
        ValueError: there are no pairs, or α does not fit one of them.
    """
    if not pairs:
        raise ValueError("there are no sentence pairs to make batches of")
    rng = random.Random(seed)
    order = sorted(range(len(pairs)), key=lambda i: (len(pairs[i].source), len(pairs[i].target), rng.random()))
    batches = []
    for start in range(0, len(order), batch_size):
        indices = order[start : start + batch_size]
        batch = source_batch(pairs, indices, source_vocab, oracle)
        target = [target_vocab.encode(pairs[i].target) for i in indices]
        target_in, target_out = pad([[BOS, *t[:-1]] for t in target]), pad(target)
        if batch.alpha_lengths is not None:
            for i, t, rows in zip(indices, target, batch.alpha_lengths.tolist(), strict=True):
                if rows != len(t):
                    raise ValueError(
                        f"α has {rows} rows for “{' '.join(pairs[i].target)}”: {len(t)} are needed, "
                        "one for each target word and one for </s>"
                    )
        batches.append(Batch(**vars(batch), target_in=target_in, target_out=target_out))
    return batches
