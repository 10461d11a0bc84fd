"""The words of data/lexicon and their inflection, in Hindi and in English."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from helpers.corpus.grammar.tables import LEXICON, one_of, one_word, read_table, weight
from helpers.corpus.pairs import parse_links

VOWEL_SIGNS = "ािीुूेैोौ"
GENDERS, NUMBERS, CASES = ("m", "f"), ("sg", "pl"), ("dir", "obl")
CLAUSE_FORMS = tuple("relative correlative inner plain said first undone anaphor about toward contrast".split())
RULE = "level name hindi english links conditions weight description"  # the columns of constructions.tsv


@dataclass(frozen=True)
class Agreement:
    """What other words agree with; pronoun: the English pronoun that could stand for the phrase."""

    gender: str = "m"
    number: str = "sg"
    person: int = 3
    pronoun: str = "it"
    case: str = "dir"
    familiar: bool = False  # with तुम


@cache
def matches(kinds: frozenset[str], wanted: str) -> bool:
    """True if one of the kinds is wanted ("human animal", "" wants any) and none is refused ("!elder")."""
    accepted = {term for term in wanted.split() if term[0] != "!"}
    refused = {term[1:] for term in wanted.split() if term[0] == "!"}
    return not refused & kinds and bool(not accepted or accepted & kinds)


# direct and oblique singular, direct and oblique plural
BY_CASE = {"यह": ("यह", "इस", "ये", "इन"), "वह": ("वह", "उस", "वे", "उन"), "जो": ("जो", "जिस", "जो", "जिन")}


def agree(word: str, a: Agreement, last: bool = False) -> str:
    """Inflects an adjective, participle or determiner; `last` nasalises a clause-final feminine plural."""
    if word in BY_CASE:
        return BY_CASE[word][2 * (a.number == "pl") + (a.case == "obl")]
    if word == "है":
        return "हो" if a.familiar else "हैं" if a.number == "pl" else "हूँ" if a.person == 1 else "है"
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
    number: str = ""  # of a pronoun
    person: int = 3
    fused: dict[str, str] = field(default_factory=dict, hash=False)  # postposition -> form

    def agreement(self, number: str, case: str) -> Agreement:
        if self.fused:
            return Agreement(self.gender, self.number, self.person, self.english, case, "familiar" in self.kinds)
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
    """A verb, as data/lexicon/verbs.tsv explains it."""

    hindi: str  # the stem
    english: tuple[str, str, str, str]  # base, past, participle and -ing form
    perfective: str  # masculine singular
    future: str  # third person masculine singular
    imperative: tuple[str, str]  # to a तुम and to an आप
    ne: str  # "yes" where the perfective takes ने
    vector: str  # the stem of the verb that it is combined with: खा ले, दे दे, सो जा
    frames: tuple[str, ...]  # the arguments that it can have
    slots: dict[str, str] = field(hash=False)  # slot -> kinds of its nouns
    manner: tuple[str, ...] = ()  # English adverbs that go with it
    excluded: tuple[str, ...] = ()  # rules and forms of clause that do not

    def hindi_form(self, form: str, a: Agreement, last: bool = False) -> str:
        """The stem (पढ़), the imperatives (पढ़ो, पढ़िए) or, as it agrees, the habitual (पढ़ता), perfective (पढ़ा),
        infinitive (पढ़ना) or future (पढ़ेगा).
        """
        if form in ("stem", "imp", "polite"):
            return {"stem": self.hindi, "imp": self.imperative[0], "polite": self.imperative[1]}[form]
        if form != "fut":
            participles = {"hab": self.hindi + "ता", "inf": self.hindi + "ना", "perf": self.perfective}
            return agree(participles[form], a, last)
        base = self.future[:-2]  # पढ़े of पढ़ेगा
        if a.familiar:
            base = (
                base.removesuffix("िए") + "ियो"
                if base.endswith("िए")
                else base[:-1] + ("ओ" if base[-1] == "ए" else "ो")
            )
        elif a.number == "pl":
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
    kinds: str = ""  # of nouns that an adjective goes with
    order: int = 0  # of two adjectives, the one of the lower order comes first; 0 and 5: only as a predicate
    times: tuple[str, ...] = ()  # of clauses that an adverb goes with
    weight: float = 1
    open: bool = False  # only the verb tells the translation

    @property
    def kind(self) -> frozenset[str]:
        """What an adjective is: a colour, which has no degrees here, a feeling, a low one, or another quality."""
        return frozenset({0: ["feeling"], 4: ["colour"], 5: ["feeling", "low"]}.get(self.order, ["quality"]))


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


class Lexicon:
    """All words: nouns (with names and pronouns), verbs, and the other words by slot (J, U, T, F, M, see `Word`).

    Raises:
        ValueError: a wrong row, with its file, its line, the reason and what is allowed.
    """

    def __init__(self, folder: Path = LEXICON):
        self.nouns = [*_nouns(folder), *_pronouns(folder)]
        self._nouns_of: dict[str, tuple[Noun, ...]] = {}
        self.kinds = sorted(frozenset().union(*(noun.kinds for noun in self.nouns)))
        self.rules = [row for _, row in read_table("constructions.tsv", RULE, folder)]
        self.words: dict[str, list[Word]] = {slot: [] for slot in "JUTFM"}
        for slot, word in self._words(folder):
            self.words[slot].append(word)
        self.verbs = list(self._verbs(folder))

    def _verbs(self, folder: Path) -> Iterator[Verb]:
        columns = "hindi english perfective future imperative ne vector frames subject object place manner not"
        frames = sorted({r["name"] for r in self.rules if r["level"] in ("arguments", "unit")})
        adverbs = sorted({word.hindi[0] for word in self.words["M"]})
        names = {name for rule in self.rules for name in rule["name"].split()}
        optional = {token[:-1] for rule in self.rules for token in rule["hindi"].split() if token.endswith("?")}
        excluded = sorted({*CLAUSE_FORMS, *names, *optional})
        for where, row in read_table("verbs.tsv", columns, folder):
            for column, allowed in {"frames": frames, "manner": adverbs, "not": excluded}.items():
                for name in row[column].split():
                    one_of(where, column, name, allowed)
            stem = one_word(where, "the stem", row["hindi"])
            slots = {"S": row["subject"], "O": row["object"], "W": row["place"]}
            self.check_kinds(where, " ".join(slots.values()))
            vowel = stem[-1] in VOWEL_SIGNS + "आ"
            perfective, future, imperative = ("या", "एगा", "ओ इए") if vowel else ("ा", "ेगा", "ो िए")
            commands = row["imperative"].split() or [stem + ending for ending in imperative.split()]
            if len(commands) != 2:
                raise ValueError(f"{where}: the imperative {row['imperative']!r} must be two words, such as: दो दीजिए")
            yield Verb(
                stem,
                _parts(where, row["english"]),
                one_word(where, "the perfective", row["perfective"] or stem + perfective),
                one_word(where, "the future", row["future"] or stem + future),
                (commands[0], commands[1]),
                one_of(where, "ne", row["ne"], ("yes", "no")),
                one_of(where, "vector", row["vector"], ("ले", "दे", "जा", "")),
                tuple(row["frames"].split()),
                slots,
                tuple(row["manner"].split()),
                tuple(row["not"].split()),
            )

    def _words(self, folder: Path) -> Iterator[tuple[str, Word]]:
        for where, row in read_table("adjectives.tsv", "hindi english order kinds", folder):
            self.check_kinds(where, row["kinds"])
            order = int(one_of(where, "order", row["order"] or "?", "012345"))
            yield "J", Word(*_both(where, row), kinds=row["kinds"], order=order)
        for where, row in read_table("numerals.tsv", "hindi english", folder):
            yield "U", Word(*_both(where, row))
        times = sorted(set(re.findall(r"time=(\w+)", " ".join(rule["conditions"] for rule in self.rules))))
        for where, row in read_table("adverbs.tsv", "slot hindi english links times weight open", folder):
            for time in row["times"].split():
                one_of(where, "the time", time, times)
            adverb = Word(
                tuple(row["hindi"].split()),
                tuple(row["english"].split()),
                parse_links(row["links"], where),
                times=tuple(row["times"].split()),
                weight=weight(where, row["weight"] or "1"),
                open=one_of(where, "open", row["open"], ("yes", "")) == "yes",
            )
            places = range(len(adverb.hindi)), range(len(adverb.english))
            if any(j not in places[0] or t not in places[1] for j, t, _ in adverb.links):
                raise ValueError(f"{where}: a link of {row['links']!r} goes beyond the words; they are counted from 0")
            if {t for _, t, _ in adverb.links} != set(places[1]):
                raise ValueError(
                    f"{where}: each of the English words {row['english']!r} needs a link, such as 0-0 or 0p1"
                )
            yield one_of(where, "slot", row["slot"], "TFM"), adverb

    def nouns_of(self, wanted: str) -> tuple[Noun, ...]:
        """Nouns that meet each of the conditions: nouns_of("human !elder;own")."""
        if wanted not in self._nouns_of:
            conditions = wanted.split(";")
            self._nouns_of[wanted] = tuple(n for n in self.nouns if all(matches(n.kinds, c) for c in conditions))
        return self._nouns_of[wanted]

    def vector(self, verb: Verb) -> Verb | None:
        """The verb that it is combined with: ले in खा ले."""
        return next((v for v in self.verbs if v.hindi == verb.vector), None)

    def check_kinds(self, where: str, wanted: str) -> None:
        """Refuses kinds that no noun has: they are spelling mistakes."""
        for term in wanted.split():
            one_of(where, "the kind of noun", term.lstrip("!"), self.kinds)


def _nouns(folder: Path) -> Iterator[Noun]:
    for where, row in read_table("nouns.tsv", "hindi gender english plural kinds", folder):
        gender = one_of(where, "gender", row["gender"], GENDERS)
        (hindi,), (english,) = _both(where, row)
        kinds = frozenset([*row["kinds"].split(), english])
        noun = Noun(hindi, gender, english, one_word(where, "the plural", row["plural"] or english + "s"), kinds)
        same = noun.form("pl", "dir") == noun.hindi  # only other words show the number
        yield replace(noun, kinds=kinds | {"same"}) if same else noun


def _both(where: str, row: dict[str, str]) -> tuple[tuple[str], tuple[str]]:
    """The Hindi and the English word of a row."""
    return (one_word(where, "the Hindi", row["hindi"]),), (one_word(where, "the English", row["english"]),)


def _parts(where: str, cell: str) -> tuple[str, str, str, str]:
    if not 1 <= len(cell.split()) <= 4:
        raise ValueError(
            f"{where}: the English {cell!r} must be one verb and, where not regular, its parts: cut cut cut cutting"
        )
    return principal_parts(cell)


def _pronouns(folder: Path) -> Iterator[Noun]:
    columns = "hindi gender number person english object kinds ने को के से"
    for where, row in read_table("pronouns.tsv", columns, folder):
        yield Noun(
            row["hindi"],
            one_of(where, "gender", row["gender"], GENDERS),
            row["english"],
            row["object"],
            frozenset(row["kinds"].split()),
            one_of(where, "number", row["number"], NUMBERS),
            int(one_of(where, "person", row["person"], "123")),
            {postposition: row[postposition] for postposition in ("ने", "को", "के", "से")},
        )


@cache
def lexicon() -> Lexicon:
    """The course's own lexicon, read once."""
    return Lexicon()
