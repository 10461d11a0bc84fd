"""The grammar's rules, read from data/lexicon/constructions.tsv and checked row by row."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from helpers.corpus.grammar.lexicon import CLAUSE_FORMS, RULE, Lexicon
from helpers.corpus.grammar.tables import LEXICON, one_of, read_table, weight

LEVELS = ("noun", "place", "arguments", "clause", "unit", "sentence", "mood")
EXAMPLES = {"time": "time=past", "roles": "roles=S O"}
CONDITIONS = (
    *(
        "roles",
        "number",
        "subject",
        "avoid",
        "only",
        "tag",
        "time",
        "ne",
        "frames",
        "singular",
        "without",
        "once",
        "last",
        "end",
    ),
)
HINDI_FORMS = ("dir", "obl", "stem", "hab", "perf", "fut", "inf", "imp", "polite")
ENGLISH_FORMS = ("base", "pres", "past", "part", "ing", "be", "was", "do", "have", "own", "his")
FORMS = ("", *HINDI_FORMS, *CLAUSE_FORMS, *ENGLISH_FORMS)
TOKEN = re.compile(r"([A-Za-z]+\d?)(?:=([^@?]+)|:([a-z]+))?(?:@([A-Z]))?(\?)?")


class Token(NamedTuple):
    """A token of a rule, as the head of the table explains it."""

    label: str  # equal labels on both sides make a link
    word: str  # "" where it is chosen or formed
    form: str  # one of FORMS
    control: str  # the label that it agrees with
    optional: bool
    slot: str  # "S", "O", …: what to choose from the lexicon; "" for other tokens


@dataclass(frozen=True, eq=False)
class Rule:
    """A row of the table."""

    level: str
    name: str
    hindi: tuple[Token, ...]
    english: tuple[Token, ...]
    more: tuple[tuple[str, str, str], ...]  # further links: (English label, Hindi label, "?", "~" or "-")
    conditions: dict[str, str]
    weight: float
    description: str

    def wants(self, label: str) -> str:
        """The condition on a slot: that of T1 or, without one, of T."""
        return self.conditions.get(label, self.conditions.get(label[0], ""))


def parse_token(text: str, where: str) -> Token:
    """A token from its text: S, S:obl, IN=में, BE=है@S, T1?."""
    match = TOKEN.fullmatch(text)
    if not match:
        raise ValueError(f"{where}: {text!r} is not a token. Write S, S:obl, IN=में, BE=है@S or T1?.")
    label, word, form, control = (group or "" for group in match.groups()[:4])
    one_of(where, "the form", form, FORMS)
    slot = label[0] if re.fullmatch("[A-Z][123]?", label) and not word else ""
    return Token(label, word, form, control, bool(match[5]), slot)


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
    return [_rule(where, row, lexicon) for where, row in read_table("constructions.tsv", RULE, folder)]


def _rule(where: str, row: dict[str, str], lexicon: Lexicon) -> Rule:
    level = one_of(where, "level", row["level"], LEVELS)
    hindi, english = (tuple(parse_token(text, where) for text in row[side].split()) for side in ("hindi", "english"))
    in_hindi, in_english = ({token.label for token in side} for side in (hindi, english))
    for token in english:
        if not token.word and not token.form and "ARGS" not in in_hindi:
            one_of(where, "the English label", token.label, sorted(in_hindi))
    more = []
    for text in row["links"].split():
        if not (match := re.fullmatch(r"(\w+)([?~-])(\w+)", text)):
            raise ValueError(
                f"{where}: {text!r} is not a link. Write ENGLISH~hindi, as in THE~N, or - or ? in place of ~."
            )
        if level != "arguments" and "ARGS" not in in_hindi:  # their links may go to words of the other one
            one_of(where, "the English label", match[1], sorted(in_english))
            one_of(where, "the Hindi label", match[3], sorted(in_hindi))
        more.append((match[1], match[3], match[2]))
    slots = {key for token in hindi if token.slot for key in (token.label, token.slot)}
    conditions = parse_conditions(row["conditions"], where, slots, lexicon)
    for name in {"clause": ["time"], "noun": ["roles"]}.get(level, []):
        if name not in conditions:
            raise ValueError(
                f"{where}: a rule of level {level} needs a condition on {name!r}, such as {EXAMPLES[name]}"
            )
    chance = weight(where, row["weight"])
    return Rule(level, row["name"], hindi, english, tuple(more), conditions, chance, row["description"])
