"""Words cut into pieces by byte pair encoding (BPE); taught in notebook 06.

A piece is some letters, each with its marks; the last piece of a word ends in `_`.
Source: Sennrich, Haddow and Birch 2016.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import regex

Pieces = tuple[str, ...]
Merge = tuple[str, str]  # two pieces that are joined wherever they stand side by side


def letters(word: str) -> Pieces:
    """The letters of a word, each with the marks that belong to it: की is one letter, and ends in `_`."""
    cut = regex.findall(r".\p{M}*", word)
    return (*cut[:-1], cut[-1] + "_")


def join(pieces: Sequence[str], pair: Merge) -> Pieces:
    """The pieces, with the two pieces of the pair joined wherever they stand side by side."""
    joined: list[str] = []
    for piece in pieces:
        if joined and (joined[-1], piece) == pair:
            joined[-1] += piece
        else:
            joined.append(piece)
    return tuple(joined)


def learn_merges(counts: Mapping[str, int], n: int) -> list[Merge]:
    """Up to n merges: again and again, the two pieces that stand side by side most often.

    Args:
        counts: how often each word was seen.
    """
    words = {word: letters(word) for word in counts}
    pairs: Counter[Merge] = Counter()
    merges: list[Merge] = []

    def count(word: str, times: int) -> None:
        for pair in pairwise(words[word]):
            pairs[pair] += times

    for word in words:
        count(word, counts[word])
    while len(merges) < n and max(pairs.values(), default=0) > 0:
        best = max(pairs, key=pairs.__getitem__)
        merges.append(best)
        for word, pieces in words.items():
            if best in pairwise(pieces):
                count(word, -counts[word])  # its pairs as they were
                words[word] = join(pieces, best)
                count(word, counts[word])  # and as they are now
    return merges


def cut(word: str, merges: Mapping[Merge, int]) -> Pieces:
    """The pieces of a word: merges are made in the order of their numbers for as long as there is one to make."""
    pieces = letters(word)
    while found := [pair for pair in pairwise(pieces) if pair in merges]:
        pieces = join(pieces, min(found, key=merges.__getitem__))
    return pieces


@dataclass(frozen=True)
class Cutter:
    """Cuts the words of one language into pieces, and puts pieces together again."""

    merges: Sequence[Merge]

    @classmethod
    def of(cls, sentences: Iterable[Sequence[str]], n: int) -> Cutter:
        """One that learned up to n merges from these sentences."""
        return cls(learn_merges(Counter(word for sentence in sentences for word in sentence), n))

    @cached_property
    def _order(self) -> dict[Merge, int]:
        return {pair: i for i, pair in enumerate(self.merges)}

    def cut(self, words: Sequence[str]) -> Pieces:
        """The pieces of a sentence."""
        return tuple(piece for word in words for piece in cut(word, self._order))


def whole(pieces: Sequence[str]) -> tuple[str, ...]:
    """The words of a sentence in pieces; what does not end in `_` goes together with what follows."""
    return tuple("".join(pieces).replace("_", " ").split())
