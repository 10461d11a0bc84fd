"""A baseline without a network: what can be translated with the oracle's rows and a table of counts alone?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from helpers.corpus.pairs import Pair
from helpers.oracle import oracle_alpha
from helpers.vocabulary import END, SPECIALS

Row = tuple[tuple[str, float], ...]  # the Hindi words that a step looks at, with their weights


def rows(pair: Pair) -> list[Row]:
    """What the oracle shows at each step, as words: no place, no state."""
    words = (*pair.source, END)
    return [
        tuple(sorted((words[j], round(weight, 2)) for j, weight in enumerate(row) if weight))
        for row in oracle_alpha(pair).tolist()
    ]


class Lookup:
    """For each row of the oracle and English word before: the commonest English word in training."""

    def __init__(self, train: Sequence[Pair]):
        self.seen: dict[tuple[Row, str | None], Counter[str]] = defaultdict(Counter)
        for pair in train:
            before = SPECIALS[2]
            for row, word in zip(rows(pair), (*pair.target, END), strict=True):
                self.seen[row, before][word] += 1
                self.seen[row, None][word] += 1  # for a row that comes after another word than ever in training
                before = word

    def translate(self, pair: Pair) -> str:
        """The English words, one for each row; nothing for a row that was never seen."""
        written, before = [], SPECIALS[2]
        for row in rows(pair):
            counts = self.seen.get((row, before)) or self.seen.get((row, None)) or Counter([SPECIALS[1]])
            before = counts.most_common(1)[0][0]
            if before == END:
                break
            written.append(before)
        return " ".join(written)
