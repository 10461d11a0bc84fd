"""The lexicon: the plain tables of data/lexicon, checked row by row, and the inflection of their words."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from helpers.corpus.pairs import parse_links

LEXICON = Path(__file__).resolve().parents[3] / "data" / "lexicon"
VOWEL_SIGNS = "ािीुूेैोौ"
NUMBERS, CASES = ("sg", "pl"), ("dir", "obl")


@dataclass(frozen=True)
class Agreement:
    """What other words agree with; pronoun: the English pronoun that could stand for the phrase."""

    gender: str = "m"
    number: str = "sg"
    person: int = 3
    pronoun: str = "it"
    case: str = "dir"


@cache
def matches(kinds: frozenset[str], wanted: str) -> bool:
    """True if kinds has one of the wanted ones ("human animal") and none of the refused ("!elder")."""
    accepted = {t for t in wanted.split() if t[0] != "!"}
    refused = {t[1:] for t in wanted.split() if t[0] == "!"}
    return not refused & kinds and bool(not accepted or accepted & kinds)


BY_CASE = {"यह": ("यह", "इस", "ये", "इन"), "वह": ("वह", "उस", "वे", "उन"), "जो": ("जो", "जिस", "जो", "जिन")}


def agree(word: str, a: Agreement, last: bool = False) -> str:
    """Inflects an adjective, participle or determiner; `last` nasalises a clause-final feminine plural."""
    if word in BY_CASE:
        return BY_CASE[word][2 * (a.number == "pl") + (a.case == "obl")]
    if word == "है":
        return "हैं" if a.number == "pl" else "हूँ" if a.person == 1 else "है"
    if not word.endswith("ा") or (a.gender, a.number, a.case) == ("m", "sg", "dir"):
        return word
    glide = word.endswith("या")  # गया: गए, गई; but दिया: दिए, दी
    if a.gender == "m":
        return word[:-2] + "ए" if glide else word[:-1] + "े"
    cut, ending = (3, "ी") if word.endswith("िया") else (2, "ई") if glide else (1, "ी")
    return word[:-cut] + ending + ("ं" if a.number == "pl" and (last or word == "था") else "")


@dataclass(frozen=True)
class Noun:
    """A noun, name or pronoun; a pronoun has `fused` forms (मैंने) and, as `plural`, its object form (me)."""

    hindi: str
    gender: str
    english: str
    plural: str
    kinds: frozenset[str]
    number: str = ""
    person: int = 3
    fused: dict[str, str] = field(default_factory=dict, hash=False)

    def agreement(self, number: str, case: str) -> Agreement:
        if self.fused:
            return Agreement(self.gender, self.number, self.person, self.english, case)
        one = "it" if "human" not in self.kinds else "he" if self.gender == "m" else "she"
        pronoun = "they" if number == "pl" else one
        return Agreement(self.gender, "pl" if "honorific" in self.kinds else number, 3, pronoun, case)

    def form(self, number: str, case: str, postposition: str = "") -> str:
        """The Hindi form: लड़का, लड़के, लड़कों; for a pronoun मैं, मैंने."""
        if self.fused:
            return self.fused[postposition] if case == "obl" else self.hindi
        if self.kinds & {"name", "mass"} or (number, case) == ("sg", "dir"):
            return self.hindi
        stem, ending, oblique = self.hindi[:-1], self.hindi[-1], case == "obl"
        if self.gender == "m" and ending == "ा" and "fixed" not in self.kinds:
            return stem + ("ों" if number == "pl" and oblique else "े")
        if number == "sg" or (self.gender == "m" and not oblique):
            return self.hindi
        if self.hindi.endswith("िया"):
            return stem + "ों" if oblique else self.hindi + "ँ"
        if ending in "ीिई":
            return stem + ("इ" if ending == "ई" else "ि") + ("यों" if oblique else "याँ")
        if ending in VOWEL_SIGNS:
            return (stem + "ु" if ending == "ू" else self.hindi) + ("ओं" if oblique else "एँ")
        return self.hindi + ("ों" if oblique else "ें")


@dataclass(frozen=True)
class Verb:
    """A verb: `hindi` its stem, `english` its base, past, participle and -ing form."""

    hindi: str
    english: tuple[str, str, str, str]
    perfective: str
    future: str
    ne: str
    frames: tuple[str, ...]
    slots: dict[str, str] = field(hash=False)
    manner: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def hindi_form(self, form: str, a: Agreement, last: bool = False) -> str:
        if form != "fut":
            if form == "stem":
                return self.hindi
            ending = {"hab": "ता", "inf": "ना"}
            return agree(self.perfective if form == "perf" else self.hindi + ending[form], a, last)
        base = self.future[:-2]  # पढ़े of पढ़ेगा
        if a.number == "pl":
            base += "ँ" if base.endswith("ए") else "ं"
        elif a.person == 1:
            base = base[:-1] + ("ऊँ" if base.endswith("ए") else "ूँ")
        return base + agree("गा", a)

    def english_form(self, form: str, pronoun: str) -> str:
        base, past, participle, ing = self.english
        return {"base": base, "past": past, "part": participle, "ing": ing, "pres": present(base, pronoun)}[form]


@dataclass(frozen=True)
class Word:
    """An adjective (J), numeral (U) or adverb (T time, F frequency, M manner)."""

    hindi: tuple[str, ...]
    english: tuple[str, ...]
    links: tuple[tuple[int, int, bool], ...] = ((0, 0, True),)
    kinds: str = ""
    order: int = 0
    times: tuple[str, ...] = ()
    weight: float = 1
    open: bool = False


def present(base: str, pronoun: str) -> str:
    """English present tense: present("go", "she") is "goes"."""
    if pronoun not in ("he", "she", "it"):
        return base
    if re.search("[^aeiou]y$", base):
        return base[:-1] + "ies"
    return "has" if base == "have" else base + ("es" if re.search("(s|x|z|ch|sh|o)$", base) else "s")


def principal_parts(cell: str) -> tuple[str, str, str, str]:
    """Completes "cut cut cut cutting", "read read read" or "wash" to base, past, participle and -ing form."""
    base, *rest = cell.split()
    past = rest[0] if rest else base + ("d" if base.endswith("e") else "ed")
    ing = rest[2] if len(rest) > 2 else re.sub("([^e])e$", r"\1", base) + "ing"
    return base, past, rest[1] if len(rest) > 1 else past, ing


def read_table(name: str, columns: str, folder: Path = LEXICON) -> list[tuple[str, dict[str, str]]]:
    """Rows of a TSV table as (where, cells by column); lines with `#` and the one naming the columns go.

    Raises:
        ValueError: a row with too many cells or an empty first one, with file and line.
    """
    header, rows = columns.split(), []
    for n, line in enumerate((folder / name).read_text(encoding="utf-8").splitlines(), 1):
        where, cells = f"{folder / name}, line {n}", [cell.strip() for cell in line.split("\t")]
        if line.startswith("#") or not line.strip() or cells == header:
            continue
        if len(cells) > len(header) or not cells[0]:
            raise ValueError(
                f"{where}: expected at most {len(header)} tab-separated cells, the first not "
                f"empty ({', '.join(header)}), found {len(cells)}."
            )
        rows.append((where, dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=True))))
    return rows


def one_of(where: str, what: str, value: str, allowed: tuple[str, ...]) -> str:
    """The value, or a ValueError that names what is allowed."""
    if value not in allowed:
        raise ValueError(f"{where}: {what} {value!r} is not allowed. Write one of: {', '.join(filter(None, allowed))}.")
    return value


def number(where: str, cell: str) -> float:
    """The value of a weight."""
    if not re.fullmatch(r"\d+(\.\d+)?", cell):
        raise ValueError(f"{where}: the weight {cell!r} is not a number. Write 4 or 0.5.")
    return float(cell)


class Lexicon:
    """All words, by table: nouns (with names and pronouns), verbs, and words by slot (J, U, T, F, M).

    Raises:
        ValueError: a wrong row, with its file, its line, the reason and what is allowed.
    """

    def __init__(self, folder: Path = LEXICON):
        self.nouns: list[Noun] = []
        self.verbs: list[Verb] = []
        self._nouns_of: dict[str, tuple[Noun, ...]] = {}
        self.words: dict[str, list[Word]] = {slot: [] for slot in "JUTFM"}
        for where, r in read_table("nouns.tsv", "hindi gender english plural kinds", folder):
            kinds = frozenset([*r["kinds"].split(), r["english"]])
            noun = Noun(
                r["hindi"],
                one_of(where, "gender", r["gender"], ("m", "f")),
                r["english"],
                r["plural"] or r["english"] + "s",
                kinds,
            )
            self.nouns.append(noun)
            if noun.form("pl", "dir") == noun.hindi:  # only other words show the number
                self.nouns[-1] = Noun(noun.hindi, noun.gender, noun.english, noun.plural, kinds | {"same"})
        columns = "hindi gender number person english object kinds ने को के"
        for where, r in read_table("pronouns.tsv", columns, folder):
            self.nouns.append(
                Noun(
                    r["hindi"],
                    one_of(where, "gender", r["gender"], ("m", "f")),
                    r["english"],
                    r["object"],
                    frozenset(r["kinds"].split()),
                    one_of(where, "number", r["number"], NUMBERS),
                    int(one_of(where, "person", r["person"], ("1", "2", "3"))),
                    {p: r[p] for p in ("ने", "को", "के")},
                )
            )
        self.kinds = frozenset().union(*(noun.kinds for noun in self.nouns))
        columns = "hindi english perfective future ne frames subject object place manner not"
        for where, r in read_table("verbs.tsv", columns, folder):
            slots = {"S": r["subject"], "O": r["object"], "W": r["place"]}
            self.check_kinds(where, " ".join(slots.values()))
            vowel = r["hindi"][-1] in VOWEL_SIGNS + "आ"
            perfective, future = ("या", "एगा") if vowel else ("ा", "ेगा")
            self.verbs.append(
                Verb(
                    r["hindi"],
                    principal_parts(r["english"]),
                    r["perfective"] or r["hindi"] + perfective,
                    r["future"] or r["hindi"] + future,
                    one_of(where, "ne", r["ne"], ("yes", "no")),
                    tuple(r["frames"].split()),
                    slots,
                    tuple(r["manner"].split()),
                    tuple(r["not"].split()),
                )
            )
        for where, r in read_table("adjectives.tsv", "hindi english order kinds", folder):
            self.check_kinds(where, r["kinds"])
            order = int(one_of(where, "order", r["order"], tuple("01234")))
            self.words["J"].append(Word((r["hindi"],), (r["english"],), kinds=r["kinds"], order=order))
        for _, r in read_table("numerals.tsv", "hindi english", folder):
            self.words["U"].append(Word((r["hindi"],), (r["english"],)))
        for where, r in read_table("adverbs.tsv", "slot hindi english links times weight open", folder):
            self.words[one_of(where, "slot", r["slot"], tuple("TFM"))].append(
                Word(
                    tuple(r["hindi"].split()),
                    tuple(r["english"].split()),
                    parse_links(r["links"], where),
                    times=tuple(r["times"].split()),
                    weight=number(where, r["weight"] or "1"),
                    open=r["open"] == "yes",
                )
            )

    def nouns_of(self, wanted: str) -> tuple[Noun, ...]:
        """Nouns that meet each of the conditions: nouns_of("human !elder;own")."""
        if wanted not in self._nouns_of:
            self._nouns_of[wanted] = tuple(
                n for n in self.nouns if all(matches(n.kinds, part) for part in wanted.split(";"))
            )
        return self._nouns_of[wanted]

    def check_kinds(self, where: str, wanted: str) -> None:
        """Refuses kinds that no noun has: they are spelling mistakes."""
        for term in wanted.split():
            one_of(where, "the kind of noun", term.lstrip("!"), tuple(sorted(self.kinds)))


@cache
def lexicon() -> Lexicon:
    """The course's own lexicon, read once."""
    return Lexicon()
