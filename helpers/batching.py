"""Words become numbers, sentences become padded batches of similar length."""

from __future__ import annotations

import difflib
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers.attention import check_alpha
from helpers.corpus.pairs import Pair
from helpers.oracle import oracle_alpha

PAD, UNK, BOS, EOS = range(4)
SPECIALS = ("<pad>", "<unk>", "<s>", "</s>")
END = SPECIALS[EOS]


class Vocabulary:
    """A two-way table between words and numbers.

    Args:
        words: the known words, without the special ones.
    """

    def __init__(self, words: Iterable[str]):
        self.words = [*SPECIALS, *words]
        self.ids = {word: i for i, word in enumerate(self.words)}

    @classmethod
    def of(cls, sentences: Iterable[Sequence[str]], min_count: int = 1) -> Vocabulary:
        """The words seen at least `min_count` times, most frequent first, ties in alphabetical order."""
        counts = Counter(word for sentence in sentences for word in sentence)
        return cls(sorted((w for w in counts if counts[w] >= min_count), key=lambda w: (-counts[w], w)))

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self.ids

    def encode(self, words: Sequence[str]) -> list[int]:
        """The numbers of the words, with `</s>` at the end and `<unk>` for unknown words."""
        if isinstance(words, str) or not all(isinstance(word, str) for word in words):
            raise ValueError(f"a sentence is a list of words such as ['लड़का', 'आया', '।'], not {words!r}")
        if not words:
            raise ValueError("the sentence is empty: it needs at least one word, such as ['लड़का', 'आया', '।']")
        return [self.ids.get(word, UNK) for word in words] + [EOS]

    def unknown(self, words: Sequence[str]) -> dict[str, list[str]]:
        """Each word that the table lacks, with up to three known words that are spelt most like it."""
        known = self.words[len(SPECIALS) :]
        return {w: difflib.get_close_matches(w, known, n=3, cutoff=0.5) for w in words if w not in self.ids}


@dataclass(frozen=True)
class Batch:
    """Sentences of similar length, padded to rectangles. B sentences, T_x and T_y words, `</s>` counted."""

    source: Tensor  # (B, T_x)
    source_lengths: Tensor  # (B,), stays on the CPU, where packing wants it
    target_in: Tensor  # (B, T_y): <s> y_1 ... y_T
    target_out: Tensor  # (B, T_y): y_1 ... y_T </s>
    alpha: Tensor | None  # (B, T_y, T_x): the weights that an oracle gives, if there is one
    rows: list[int]  # where the sentences stand in the list that they come from

    def to(self, device: torch.device | str) -> Batch:
        def move(x):
            return None if x is None else x.to(device, non_blocking=True)

        return Batch(
            move(self.source),
            self.source_lengths,
            move(self.target_in),
            move(self.target_out),
            move(self.alpha),
            self.rows,
        )


def pad(rows: Sequence[Sequence[int]]) -> Tensor:
    """(B, longest): the rows, filled up with `<pad>`."""
    return torch.nn.utils.rnn.pad_sequence([torch.tensor(r) for r in rows], batch_first=True, padding_value=PAD)


def make_batches(
    pairs: Sequence[Pair],
    source_vocab: Vocabulary,
    target_vocab: Vocabulary,
    batch_size: int = 64,
    weights: str | Sequence[Tensor] | None = None,
    seed: int = 0,
) -> list[Batch]:
    """Batches of sentences of similar length, so that little is padding.

    Args:
        weights: None, the name of an oracle (see `oracle_alpha`), or an α of your own for each pair.
        seed: sentences of equal length are mixed by it.
    """
    if not pairs:
        raise ValueError("there are no sentence pairs to make batches of")
    dice = random.Random(seed)
    order = sorted(range(len(pairs)), key=lambda i: (len(pairs[i].source), len(pairs[i].target), dice.random()))
    batches = []
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        source = [source_vocab.encode(pairs[i].source) for i in rows]
        target = [target_vocab.encode(pairs[i].target) for i in rows]
        alpha = None
        if weights is not None:
            alpha = torch.zeros(len(rows), max(map(len, target)), max(map(len, source)))
            for b, i in enumerate(rows):
                a = oracle_alpha(pairs[i], weights) if isinstance(weights, str) else weights[i]
                check_alpha(a, (len(target[b]), len(source[b])))
                alpha[b, : a.shape[0], : a.shape[1]] = a
        batches.append(
            Batch(
                pad(source),
                torch.tensor([len(s) for s in source]),
                pad([[BOS, *t[:-1]] for t in target]),
                pad(target),
                alpha,
                rows,
            )
        )
    return batches
