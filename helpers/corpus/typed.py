"""What people type when they mean a Hindi word: everyday spellings in Devanagari, and Hindi in Latin letters."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from itertools import product

from helpers.corpus.romanize import romanize
from helpers.corpus.text import spelling_key

# Words that people write by habit, not by sound, and English ones in their English spelling.
HABITS = {
    "वो": "वह",
    "डाक्टर": "डॉक्टर",
    "बहिन": "बहन",
    "h": "है",
    "yeh": "यह",
    "woh": "वह",
    "pe": "पर",
    "subeh": "सुबह",
    "gaon": "गाँव",
    "chaiye": "चाहिए",
    "muje": "मुझे",
    "gaye": "गए",
    "gae": "गए",
    "gayi": "गई",
    "our": "और",
    "mujhko": "मुझे",
    "kyu": "क्यों",
    "kyun": "क्यों",
    "intezar": "इंतज़ार",
    "intezaar": "इंतज़ार",
    "hospital": "अस्पताल",
    "nurse": "नर्स",
    "cycle": "साइकिल",
    "bicycle": "साइकिल",
    "delhi": "दिल्ली",
}
# A sound as one sign: capital letters for the long vowels, ch, dots and nasal vowels of a romanised word.
MARKED = {
    "a\u0304": "A",
    "i\u0304": "I",
    "u\u0304": "U",
    "n\u0303": "n",
    "r\u0323": "R",
    "r\u0325": "Q",
    "o\u0302": "O",
    "s\u0301": "S",
    "s\u0323": "S",
    "t\u0323": "T",
    "d\u0323": "D",
    "\u0303": "N",
    "ch": "c",
    "c": "C",
}
WAYS = {  # in which people write the sounds of a word, those that come first before the others
    re.compile("^vah$"): ("vah", "vo"),
    re.compile("^yah$"): ("yah", "ye"),
    re.compile("ANv$"): ("Anv", "anv", "Av", "av"),
    re.compile("aha"): ("aha", "eha", "ehe", "ahe"),
    re.compile("ahu"): ("ahu", "oho", "ahA"),
    re.compile("ah$"): ("ah", "ha"),
    re.compile("ah"): ("ah", "eh", "ha"),
    re.compile("Ay$"): ("ay", "Ay", "ai", "Ai"),
    re.compile("ay$"): ("ay", "ai"),
    re.compile("ai(?=N|$)"): ("ai", "e"),
    re.compile("ai"): ("ai",),
    re.compile("au"): ("au", "o"),
    re.compile("Rh"): ("rh", "dh", "d"),
    re.compile(r"([a-zC])\1"): (r"\1\1", r"\1"),
    re.compile("TTh"): ("tth", "th", "tt"),
    re.compile("A"): ("a", "A"),
    re.compile("I"): ("i", "I"),
    re.compile("U"): ("u", "U"),
    re.compile("R"): ("r", "d"),
    re.compile("S"): ("sh", "s"),
    re.compile("Q"): ("ri", "ru", "r"),
    re.compile("O"): ("o", "a"),
    re.compile("N"): ("", "n"),
    re.compile("T"): ("t",),
    re.compile("D"): ("d",),
}
SAME = {  # what makes no difference, in this order
    "sch": "sk",
    "ph": "f",
    "chh?": "C",
    "c(?=C)": "C",
    "ck|c(?=t)": "k",
    "w": "v",
    "z": "j",
    "q": "k",
    "aa": "A",
    "ee|ii": "I",
    "oo|uu": "U",
    "e[iy]": "e",
    "[iI]y(?=[aeiouA])": "i",  # chahiye
    "(?<=[aeiouA])y(?=[eiI])": "",  # nayi
    "(?<=[oe])h$": "",  # yeh, toh
    "tor": "tar",  # doctor
}


class TypedWords:
    """Finds known words in what people type.

    Args:
        words: those that are known, the commonest first.
    """

    def __init__(self, words: Iterable[str]):
        self.rank = {word: n for n, word in enumerate(words, 1)}
        self.exact: dict[str, list[str]] = {}  # by the word, its other spellings, and the course's Latin letters
        self.plain: dict[str, list[str]] = {}  # by these letters without accents and dots
        self.sounds: dict[str, list[str]] = {}  # by their sounds, as people write them
        self.hasty: dict[str, list[str]] = {}  # as they are written in a hurry: nhi, rha; मे, नही
        for word in self.rank:
            said = romanize(word)
            names = {word, spelling_key(word), *([] if said.isascii() else [said])}
            keys = [(self.exact, names), (self.hasty, {_without_signs(word)})]
            if said != word and plain(said):
                ways = _ways(said) | _ways(romanize(word, spelt_out=True))
                keys += [(self.plain, {plain(said)}), (self.sounds, ways), (self.hasty, _ways(said, hasty=True))]
            for table, names in keys:
                for name in names:
                    table.setdefault(name, []).append(word)

    def find(self, typed: str) -> list[str]:
        """The known words that this can be, the likeliest first; none if it can be none."""
        typed = unicodedata.normalize("NFC", typed.lower())
        if found := self.exact.get(typed) or self.exact.get(spelling_key(typed)):
            return found
        if typed in HABITS:
            return [HABITS[typed]] if HABITS[typed] in self.rank else []
        if any(map(str.isdigit, typed)):  # das10
            return []
        bare, sound = plain(typed), _sound(plain(typed))
        if len(bare) == 1:  # "a" is a word of another language
            return []
        exactly = self.plain.get(bare, [])
        candidates = dict.fromkeys(exactly + self.sounds.get(sound, []))
        for table, name in (
            (self.sounds, sound.replace("u", "a")),
            (self.hasty, sound),
            (self.hasty, _without_signs(typed)),
        ):
            candidates = candidates or dict.fromkeys(table.get(name, []) if len(name) > 1 else [])
        return sorted(candidates, key=lambda word: self.rank[word] / (4 if word in exactly else 1))

    def close_to(self, typed: str) -> list[str]:
        """Up to three known words that are written much like this one."""
        near = difflib.get_close_matches(_sound(plain(typed)), self.sounds, n=3, cutoff=0.5)
        return list(dict.fromkeys(word for name in near for word in self.sounds[name]))[:3]


def plain(latin: str) -> str:
    """Only the letters a to z: laṛkā becomes larka."""
    return re.sub("[^a-z]", "", unicodedata.normalize("NFD", latin.lower()))


def _sound(bare: str) -> str:
    """The same for several ways to write the same sounds: chhota and chota."""
    for way, same in SAME.items():
        bare = re.sub(way, same, bare)
    return bare


def _without_signs(word: str) -> str:
    """A word in Devanagari without what is left out in a hurry: nasals, long marks, joined letters."""
    word = re.sub("[ंँ्-]", "", spelling_key(word))
    return word.translate(str.maketrans("ीूईऊौऔ", "िुइउोओ")).replace("ठठ", "टठ").replace("ॉ", "ा")


def _ways(said: str, hasty: bool = False) -> set[str]:
    """The sounds of a romanised word, in all the ways in which people write it; `hasty`: without short a's."""
    marked = unicodedata.normalize("NFD", said)
    for mark, letter in MARKED.items():
        marked = marked.replace(mark, letter)
    marked = re.sub("[^a-zA-Z]", "", marked)
    for way, same in SAME.items():
        marked = re.sub(way, same, marked)
    if hasty:
        marked = re.sub("(?<=.)a(?![iu])", "", marked)
    parts: list[tuple[str, ...]] = []
    end = 0
    while end < len(marked):
        matches = ((way.match(marked, end), ways) for way, ways in WAYS.items())
        match, ways = next(((found, ways) for found, ways in matches if found), (None, ()))
        parts.append(tuple(map(match.expand, ways)) if match else (marked[end],))
        end = match.end() if match else end + 1
    return {"".join(way) for way in product(*parts)}
