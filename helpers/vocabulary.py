"""Words and their numbers, with four special tokens."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

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
        return [self.ids.get(unicodedata.normalize("NFC", word), UNK) for word in words] + [EOS]

    def unknown(self, words: Sequence[str]) -> dict[str, list[str]]:
        """Each word that the table lacks, with up to three known words that are spelt most like it."""
        known = self.words[len(SPECIALS) :]
        return {
            word: difflib.get_close_matches(word, known, n=3, cutoff=0.5)
            for word in words
            if unicodedata.normalize("NFC", word) not in self.ids
        }
