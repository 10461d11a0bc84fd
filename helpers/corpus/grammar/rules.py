"""The grammar's rules, read from data/lexicon/constructions.tsv and checked row by row."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from helpers.corpus.grammar.lexicon import LEXICON, Lexicon, number, one_of, read_table

COLUMNS = "level name hindi english possible conditions weight description"
LEVELS = ("noun", "place", "arguments", "clause", "unit", "sentence")
CONDITIONS = ("roles", "number", "subject", "avoid", "tag", "time", "ne", "frames", "singular", "without")
FORMS = tuple(
    [
        "",
        *"dir obl stem hab perf fut inf relative correlative inner plain said".split(),
        *"base pres past part ing be was do have own".split(),
    ]
)
TOKEN = re.compile(r"([A-Za-z]+\d?)(?:=([^@?]+)|:([a-z]+))?(?:@([A-Z]))?(\?)?")


class Token(NamedTuple):
    """A token of a rule; slot: what to choose from the lexicon ("S", "O", …), "" for a word of the rule."""

    label: str
    word: str
    form: str
    control: str
    optional: bool
    slot: str


@dataclass(frozen=True)
class Rule:
    """A row of the table; possible: (English label, Hindi label, only where the English part is open)."""

    level: str
    name: str
    hindi: tuple[Token, ...]
    english: tuple[Token, ...]
    possible: tuple[tuple[str, str, bool], ...]
    conditions: dict[str, str]
    weight: float
    description: str

    def wants(self, label: str) -> str:
        """The condition on a slot: that of T1 or, without one, of T."""
        return self.conditions.get(label, self.conditions.get(label[0], ""))


def parse_token(text: str, where: str) -> Token:
    """A token from its text: S, S:obl, IN=में, BE=है@S, T1?."""
    m = TOKEN.fullmatch(text)
    if not m:
        raise ValueError(f"{where}: {text!r} is not a token. Write S, S:obl, IN=में, BE=है@S or T1?.")
    label, word, form, control = (g or "" for g in m.groups()[:4])
    one_of(where, "the form", form, FORMS)
    slot = label[0] if re.fullmatch("[A-Z][12]?", label) and not word else ""
    return Token(label, word, form, control, bool(m[5]), slot)


def parse_conditions(text: str, where: str, slots: set[str], lexicon: Lexicon) -> dict[str, str]:
    """Conditions from their text: "S=human !elder; time=past"."""
    conditions = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        key, _, value = part.partition("=")
        one_of(where, "the condition on", key, (*CONDITIONS, *sorted(slots)))
        if key[0] in "SODIPGXHYRNW" and key not in CONDITIONS:
            lexicon.check_kinds(where, value)
        conditions[key] = value
    return conditions


def load_rules(lexicon: Lexicon, folder: Path = LEXICON) -> list[Rule]:
    """All rules, in the order of the table.

    Raises:
        ValueError: a wrong row, with its file, its line, the reason and what is allowed.
    """
    rules = []
    for where, row in read_table("constructions.tsv", COLUMNS, folder):
        one_of(where, "level", row["level"], LEVELS)
        hindi, english = (
            tuple(parse_token(text, where) for text in row[side].split()) for side in ("hindi", "english")
        )
        in_hindi, in_english = ({t.label for t in side} for side in (hindi, english))
        for token in english:
            if not token.word and not token.form:
                one_of(where, "the English label", token.label, tuple(sorted(in_hindi)))
        possible = []
        for text in row["possible"].split():
            if not (m := re.fullmatch(r"(\??)(\w+)~(\w+)", text)):
                raise ValueError(f"{where}: {text!r} is not a possible link. Write ENGLISH~hindi: THE~N.")
            if row["level"] != "arguments":  # their links may go to words of the clause
                one_of(where, "the English label", m[2], tuple(sorted(in_english)))
                one_of(where, "the Hindi label", m[3], tuple(sorted(in_hindi)))
            possible.append((m[2], m[3], bool(m[1])))
        slots = {x for t in hindi if t.slot for x in (t.label, t.slot)}
        conditions = parse_conditions(row["conditions"], where, slots, lexicon)
        rules.append(
            Rule(
                row["level"],
                row["name"],
                hindi,
                english,
                tuple(possible),
                conditions,
                number(where, row["weight"]),
                row["description"],
            )
        )
    return rules
