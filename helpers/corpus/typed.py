"""What people type when they mean a Hindi word: everyday spellings in Devanagari, and Hindi in Latin letters."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from itertools import product

from helpers.corpus.romanize import romanize
from helpers.corpus.text import spelling_key

# Romanised sounds that people write in several ways. The capital letters stand for what MARKED makes of its marks.
MARKED = {"n\u0303": "n", "r\u0323": "R", "r\u0325": "Q", "o\u0302": "O", "s\u0301": "S", "s\u0323": "S", "\u0303": "N"}
WAYS = {
    "^vah$": ("vah", "vo"),
    "^yah$": ("yah", "ye"),
    "ah$": ("ah", "eh", "ha"),
    "ay$": ("ay", "ai"),
    "ai": ("ai", "e"),
    "au": ("au", "o"),
    "R": ("r", "d"),
    "S": ("sh", "s"),
    "Q": ("ri", "ru", "r"),
    "O": ("o", "a"),
    "N": ("", "n"),
}
SAME = {  # what makes no difference, in this order
    "sch": "sk",
    "ph": "f",
    "chh?": "c",
    "c(?=[kt])": "k",
    "w": "v",
    "z": "j",
    "q": "k",
    "aa": "a",
    "ee": "i",
    "oo": "u",
    "e[iy]": "e",
    "iy(?=[aeou])": "i",  # chahiye
    "(?<=[aeiou])y(?=[ei])": "",  # nayi
    "[aeiou]+h[aeiou]*(?=[^aeiouh])": "h",  # kehta, bohot
    "(?<=[oe])h$": "",  # yeh, toh
    "or$": "ar",  # doctor
    r"(.)\1": r"\1",
}


class TypedWords:
    """Finds known words in what people type.

    Args:
        words: those that are known, the commonest first.
    """

    def __init__(self, words: Iterable[str]):
        self.exact: dict[str, list[str]] = {}  # by the word, its other spellings, and the course's Latin letters
        self.plain: dict[str, list[str]] = {}  # by these letters without accents and dots
        self.sounds: dict[str, list[str]] = {}  # by their sounds, as people write them
        for word in words:
            said = romanize(word)
            latin = said != word and plain(said)
            keys = [(self.exact, {word, spelling_key(word), *([] if said.isascii() else [said])})]
            keys += [(self.plain, {plain(said)}), (self.sounds, _ways(said))] if latin else []
            for table, names in keys:
                for name in names:
                    table.setdefault(name, []).append(word)

    def find(self, typed: str) -> list[str]:
        """The known words that this can be, the likeliest first; none if it can be none."""
        typed = unicodedata.normalize("NFC", typed.lower())
        bare = plain(typed)
        for table, name in ((self.exact, typed), (self.exact, spelling_key(typed)), (self.plain, bare)):
            if name in table:
                return table[name] if table is self.exact or len(bare) > 1 else []  # "a" is a word of another language
        return sorted(self.sounds.get(_sound(bare), ()), key=lambda word: -_alike(bare, word))

    def close_to(self, typed: str) -> list[str]:
        """Up to three known words that are written much like this one."""
        near = difflib.get_close_matches(_sound(plain(typed)), self.sounds, n=3, cutoff=0.5)
        return list(dict.fromkeys(word for name in near for word in self.sounds[name]))[:3]


def plain(latin: str) -> str:
    """Only the letters a to z: laṛkā becomes larka."""
    return re.sub("[^a-z]", "", unicodedata.normalize("NFD", latin.lower()))


def _alike(bare: str, word: str) -> float:
    return difflib.SequenceMatcher(None, bare, plain(romanize(word))).ratio()


def _sound(bare: str) -> str:
    """The same for several ways to write the same sounds: chhota and chota."""
    for way, same in SAME.items():
        bare = re.sub(way, same, bare)
    return bare


def _ways(said: str) -> set[str]:
    """The sounds of a romanised word, in all the ways in which people write it."""
    marked = unicodedata.normalize("NFD", said)
    for mark, letter in MARKED.items():
        marked = marked.replace(mark, letter)
    parts = re.split(f"({'|'.join(WAYS)})", re.sub("[^a-zA-Z]", "", marked))
    of = {way.strip("^$"): ways for way, ways in WAYS.items()}
    return {_sound("".join(way)) for way in product(*(of[p] if i % 2 else (p,) for i, p in enumerate(parts)))}
