"""What the grammar builds sentences from: phrases in two languages, their scope and their agreement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from helpers.corpus.grammar.lexicon import Agreement, Noun, Verb, Word, present
from helpers.corpus.grammar.rules import Rule, Token

BE = {"I": "am", "he": "is", "she": "is", "it": "is"}
OWN = {"I": "my", "we": "our", "you": "your", "he": "his", "she": "her", "it": "its", "they": "their"}
PLURALS = {"this": "these", "that": "those"}
NO_VERB = Verb("", ("", "", "", ""), "", "", ("", ""), "", "", (), {})
REGISTERS = ("familiar", "polite")  # whether a sentence says तुम or आप
Choice = TypeVar("Choice")


class DeadEnd(Exception):
    """No word of the lexicon fits here: the caller tries something else."""


@dataclass
class Node:
    """A phrase in both languages; heads are the (Hindi, English) positions of its head words."""

    hindi: list[str] = field(default_factory=list)
    english: list[str] = field(default_factory=list)
    links: dict[tuple[int, int], bool] = field(default_factory=dict)
    heads: list[tuple[int, int]] = field(default_factory=list)
    own: list[int] = field(default_factory=list)  # English positions of his, her, … for अपना
    back: list[int] = field(default_factory=list)  # English positions of he, her, … for somebody named before
    names: list[str] = field(default_factory=list)  # of the constructions in it
    agreement: Agreement = field(default_factory=Agreement)
    noun: Noun | None = None  # the head word in the lexicon: a noun,
    word: Word | None = None  # or another word
    subject: "Node | None" = None
    object: Noun | None = None  # of a clause
    subject_at: list[int] = field(default_factory=list)  # Hindi positions of the head of the subject
    verb: Verb | None = None  # of a clause
    clauses: int = 1  # of a unit
    time: str = ""

    @property
    def open(self) -> bool:
        """True if only another word tells the translation: कल is yesterday or tomorrow."""
        return "open" in self.noun.kinds if self.noun else bool(self.word and self.word.open)

    @property
    def fused(self) -> bool:
        """True for a pronoun that is one word with its postposition (मैंने)."""
        return bool(self.noun and self.noun.fused) and self.agreement.case == "obl"


class Scope(NamedTuple):
    """What a rule knows when it is expanded."""

    rng: Random
    clauses: float  # how many are still to come
    optional: float  # chance of an optional token
    least: int = 1  # clauses of a unit
    most: int = 1
    without: str = ""  # optional labels left out
    kinds: Mapping[str, str] = MappingProxyType({})  # of nouns, per slot
    used: frozenset[str] = frozenset()  # nouns of this clause so far
    verb: Verb = NO_VERB
    time: str = ""
    tag: str = ""
    form: str = ""  # of the clause: one of CLAUSE_FORMS
    register: str = ""  # one of REGISTERS
    said: frozenset[str] = frozenset()  # all Hindi words of the sentence so far
    verbs: frozenset[str] = frozenset()  # stems of the verbs of this unit so far
    last: bool = True  # whether the sentence ends with this unit
    later: str = ""  # "later" behind the first unit of a sentence
    subject: Node | None = None
    first: Node | None = None  # the first clause of a unit
    role: str = ""  # slot of the noun phrase
    postposition: str = ""
    noun: Noun | None = None
    agreement: Agreement = Agreement()  # of the noun phrase


def pick(rng: Random, items: Sequence[Choice], weights: Sequence[float] | None = None) -> Choice:
    """One of the items, by rng.random() alone, which is stable across Python versions."""
    if not items:
        raise DeadEnd
    weights = weights or [1] * len(items)
    left = rng.random() * sum(weights)
    for item, weight in zip(items, weights, strict=True):
        left -= weight
        if left < 0:
            return item
    return items[-1]


def pick_rule(rng: Random, rules: Sequence[Rule]) -> Rule:
    """One of the rules, by their weights."""
    return pick(rng, rules, [rule.weight for rule in rules])


@cache
def goes_with(rule: Rule, tag: str, excluded: tuple[str, ...] = ()) -> bool:
    """False for a rule that clauses of this tag avoid, or that is for others only, or that a verb excludes."""
    tags = set(tag.split())
    avoided, only = set(rule.conditions.get("avoid", "").split()), set(rule.conditions.get("only", "").split())
    return not avoided & tags and only <= tags and not set(rule.name.replace(",", " ").split()) & set(excluded)


def controller(token: Token, parts: dict[str, Node], scope: Scope) -> Agreement:
    """What a Hindi word agrees with: masculine singular where its controller is marked or missing."""
    if token.control == "N":
        return scope.agreement
    agreement = parts[token.control].agreement if token.control in parts else Agreement()
    return agreement if agreement.case == "dir" else Agreement()


def english_word(token: Token, parts: dict[str, Node], scope: Scope) -> str:
    """A word of the rule in the form that agrees with its controller."""
    owner = scope.subject if token.form == "own" else parts.get(token.control)
    if token.form == "his":
        owner = scope.first.subject if scope.first else None
    pronoun = owner.agreement.pronoun if owner else scope.agreement.pronoun
    if token.slot == "V":
        return scope.verb.english_form(token.form, pronoun)
    if token.form:
        form = "own" if token.form == "his" else token.form
        return {
            "be": BE.get(pronoun, "are"),
            "was": "was" if pronoun in BE else "were",
            "own": OWN.get(pronoun, ""),
            "do": present("do", pronoun),
            "have": present("have", pronoun),
        }[form]
    if token.word in PLURALS:
        return PLURALS[token.word] if pronoun == "they" else token.word
    return present(token.word, pronoun) if token.control else token.word
