"""A synchronous grammar: one rule builds the Hindi, the English and the links between them."""

import re
from dataclasses import replace
from math import ceil, floor
from pathlib import Path
from random import Random

from helpers.corpus.grammar.lexicon import Agreement, Lexicon, Noun, Verb, agree, matches
from helpers.corpus.grammar.phrases import (
    NO_VERB,
    REGISTERS,
    DeadEnd,
    Node,
    Scope,
    controller,
    english_word,
    goes_with,
    pick,
    pick_rule,
)
from helpers.corpus.grammar.rules import LEVELS, Rule, Token, load_rules
from helpers.corpus.grammar.tables import LEXICON
from helpers.corpus.pairs import Pair

OPTIONAL, FRONTED = 0.3, 0.4  # chances of an optional token, and of a time at the beginning of a clause
PLURAL = 0.3  # chance of a plural where both numbers are possible
ALONE = 0.5  # chance of a sentence that is not joined to another one, where its clauses suffice
MOOD = 0.45  # chance of a question or a command; half of it from 2 clauses on, and none from 3 on
ALWAYS_SINGULAR = "PGXH"
TRIES = 200  # of a rule and a verb for a clause; most fail because the two do not go together
POSTPOSITIONS = frozenset("ने को का के की में पर से".split())
# By form of the clause: the optional tokens left out.
WITHOUT = {
    **dict.fromkeys(("correlative", "inner", "said"), "T1"),
    **dict.fromkeys(("anaphor", "about", "contrast", "plain"), "T1 T2 F"),
    "relative": "T1 W",
    "toward": "T1 T2 F W",
}
TAKES_UP = ("relative", "correlative", "anaphor", "contrast", "about", "toward")  # forms of clauses that need a subject
ALIKE = tuple("fruit drink food vegetable readable song clothing vehicle furniture plant animal human place".split())
SPECIAL = {"question", "command", "feeling"}  # tags of clauses that are taken only where they are asked for


YOU = Node(agreement=Agreement("m", "pl", 2, "you"))  # whom a command is for
OBJECTS = {"he": "him", "she": "her", "they": "them"}


class Grammar:
    """Samples sentence pairs; the tables are read from `folder`.

    Raises:
        ValueError: a wrong row in a table, with its file, its line, the reason and what is allowed.
    """

    def __init__(self, folder: Path = LEXICON):
        self.lexicon = Lexicon(folder)
        rules = load_rules(self.lexicon, folder)
        self.rules = {level: [r for r in rules if r.level == level] for level in LEVELS}
        kinds = {"motion": {"goal", "origin"}, "far": {"phone"}}
        self.kinds = {k: [v for v in self.lexicon.verbs if frames & set(v.frames)] for k, frames in kinds.items()}
        self.frames = {rule.name for rule in self.rules["arguments"]}
        self.with_person = {r.name for r in self.rules["arguments"] if "human" in r.wants("I") + r.wants("O")}
        self._verbs_for: dict[tuple[Rule, str], list[Verb]] = {}

    def sample(self, rng: Random, clauses: float = 1) -> Pair:
        """A random sentence pair of about so many clauses; below 1, a terse one."""
        while True:
            try:
                return self.pair(rng, clauses)
            except DeadEnd:
                continue

    def pair(self, rng: Random, clauses: float) -> Pair:
        register = pick(rng, REGISTERS)
        most = 1 if clauses < 0.5 else 2
        scope = Scope(rng, clauses, OPTIONAL * min(1, clauses), most=most, tag=register, register=register)
        ends = ("।", ".")
        if clauses < 3 and rng.random() < (MOOD if clauses < 2 else MOOD / 2):
            rule, node = self.unit(self.rules["mood"], scope._replace(least=ceil(clauses) if clauses > 1 else 1))
            ends = ("?", "?") if rule.conditions.get("end") == "?" else ends
        else:
            node = self.sentence(scope)
        titles = {n.hindi for n in self.lexicon.nouns if {"job", "king", "queen"} & n.kinds}
        given = {n.hindi for n in self.lexicon.nouns if "given" in n.kinds}
        if any(a in titles and b in given for a, b in zip(node.hindi, node.hindi[1:], strict=False)):
            raise DeadEnd  # राजा रवि is King Ravi
        target = [
            "an" if word == "a" and re.match("[aeio]", after, re.I) else word
            for word, after in zip(node.english, [*node.english[1:], ""], strict=True)
        ]
        links = {**node.links, (len(node.hindi), len(target)): True}
        return Pair(
            (*node.hindi, ends[0]),
            (*target, ends[1]),
            tuple((*spot, links[spot]) for spot in sorted(links)),
            tuple(dict.fromkeys(node.names)),
        )

    def sentence(self, scope: Scope) -> Node:
        left = scope.clauses
        alone = left <= 1 or (left <= 3 and scope.rng.random() < ALONE)
        least, most = (ceil(left), ceil(left)) if alone and left > 1 else (1, max(1, floor(left) - 1))
        if left < 1:
            most = 1 if left < 0.5 else 2
        rules = [r for r in self.rules["sentence"] if alone == all(t.slot != "Z" for t in r.hindi)]
        return self.any_of(rules, scope._replace(clauses=left - 1, least=least, most=most, last=alone))[1]

    def any_of(self, rules: list[Rule], scope: Scope) -> tuple[Rule, Node]:
        """Expands one of the rules, another one where the first is a dead end."""
        while True:
            rule = pick_rule(scope.rng, rules)
            try:
                return rule, self.expand(rule, scope)
            except DeadEnd:
                rules = [r for r in rules if r is not rule]

    def unit(self, rules: list[Rule], scope: Scope) -> tuple[Rule, Node]:
        """Expands a rule of clauses; where it has a verb of its own, with one of the rule's frames."""
        clauses = {r: max(1, sum(token.slot == "C" for token in r.hindi)) for r in rules}
        rules = [
            r
            for r in rules
            if r.conditions.get("once", "?") not in scope.said
            and (scope.last or "last" not in r.conditions)
            and scope.least <= clauses[r] <= scope.most
        ]
        while True:
            rule = pick_rule(scope.rng, rules)
            asked = "question" if "end" in rule.conditions else ""
            names = frozenset(
                n.hindi for n in self.lexicon.nouns if {"name", "human"} <= n.kinds and n.hindi in scope.said
            )
            inner = scope._replace(
                used=names, verbs=frozenset(), first=None, tag=f"{scope.register} {scope.later} {asked}"
            )
            try:
                if any(token.slot == "V" for token in rule.hindi):
                    verb = pick(scope.rng, [v for v in self.lexicon.verbs if rule.conditions["frames"] in v.frames])
                    inner = inner._replace(verb=verb, kinds=verb.slots)
                node = self.expand(rule, inner)
                node.clauses = clauses[rule]
                return rule, node
            except DeadEnd:
                rules = [r for r in rules if r is not rule]

    def clause(self, wanted: str, form: str, scope: Scope) -> Node:
        """A clause of the wanted time and tag, in a form of clause.

        Args:
            wanted: such as "past future !negative"; "if+motion" wants both, and a verb of coming and going; "+far" one
                of what can be done from afar.
        """
        first, kinds = scope.first, [kind for kind in self.kinds if f"+{kind}" in wanted]
        rules = self.clause_rules(re.sub("[+](motion|far)", "", wanted), form, scope)
        for _ in range(TRIES):
            rule, verb = pick_rule(scope.rng, rules), NO_VERB
            try:
                if any(token.label == "ARGS" for token in rule.hindi):
                    verb = self.verb(rule, form, kinds, scope)
                    rule = self.with_arguments(rule, verb, form, scope)
                elif form == "contrast" or kinds:
                    raise DeadEnd
                time, frame = rule.conditions["time"], rule.name.partition(",")[2]
                tags = [scope.register, scope.later, form, rule.conditions.get("tag", ""), frame]
                if form in ("about", "toward"):
                    tags.append("about")
                if form == "about" and first and first.subject:
                    tags.append(f"about_{first.subject.agreement.number}")
                inner = scope._replace(
                    kinds=verb.slots,
                    verb=verb,
                    form=form,
                    subject=YOU if time == "command" else None,
                    time=time,
                    tag=" ".join([time, *tags]),
                    without=" ".join([WITHOUT.get(form, ""), rule.conditions.get("without", ""), *verb.excluded]),
                )
                node = self.expand(rule, inner)
            except DeadEnd:
                continue
            if (form == "about" and not node.back) or (form == "toward" and "person before" not in node.names):
                continue
            node.time, node.verb = time, verb if verb is not NO_VERB else None
            return node
        raise DeadEnd

    def clause_rules(self, wanted: str, form: str, scope: Scope) -> list[Rule]:
        """The rules for a clause; one that takes up the first clause's subject, or its verb, needs them."""
        first, rules = scope.first, []
        if first and (
            (form in ("anaphor", "about", "toward") and not named(first.subject))
            or (form == "anaphor" and not (first.subject and first.subject.noun))
            or (form == "contrast" and not first.verb)
        ):
            raise DeadEnd
        same_time = first and (form == "contrast" or (form in TAKES_UP and first.time in wanted.split()))
        for rule in self.rules["clause"]:
            time = rule.conditions["time"]
            tags = frozenset([time, *rule.conditions.get("tag", "").split()])
            asked_for = tags & SPECIAL <= set(re.findall(r"\w+", wanted))
            subject = {"command", "question"} & tags or any(token.label == "S" for token in rule.hindi)
            if (
                asked_for
                and (subject or form not in TAKES_UP)
                and not (same_time and first and first.time != time)
                and all(matches(tags, part) for part in wanted.split("+"))
                and goes_with(rule, f"{scope.register} {form}")
            ):
                rules.append(rule)
        return rules

    def verb(self, rule: Rule, form: str, kinds: list[str], scope: Scope) -> Verb:
        """A verb for a clause: the first clause's for a contrast; else one that the unit does not have yet."""
        verbs = [v for v in self.verbs_for(rule, form) if all(v in self.kinds[kind] for kind in kinds)]
        if form == "contrast":
            return pick(scope.rng, [v for v in verbs if scope.first and v is scope.first.verb])
        verb = pick(scope.rng, verbs)
        again = {verb.hindi} | ({v.hindi for v in self.kinds["motion"]} if verb in self.kinds["motion"] else set())
        if again & scope.verbs or any(word.startswith(verb.hindi) for word in scope.used):
            raise DeadEnd  # nobody does the same twice, or comes and goes
        return verb

    def verbs_for(self, rule: Rule, form: str) -> list[Verb]:
        """The verbs that go with a clause rule and a form of clause."""
        if (rule, form) not in self._verbs_for:
            names, needs_vector = set(rule.name.split()), any(token.label == "V2" for token in rule.hindi)
            frames = self.with_person if form == "toward" else self.frames
            self._verbs_for[rule, form] = [
                verb
                for verb in self.lexicon.verbs
                if not {form, *names} & set(verb.excluded)
                and rule.conditions.get("ne", verb.ne) == verb.ne
                and bool(verb.vector) >= needs_vector
                and any(matches(frozenset([frame]), _frames(rule)) for frame in verb.frames if frame in frames)
            ]
        return self._verbs_for[rule, form]

    def with_arguments(self, rule: Rule, verb: Verb, form: str, scope: Scope) -> Rule:
        """A clause rule with its ARGS replaced by those of one of the verb's frames."""
        frames = [r for r in self.rules["arguments"] if r.name in verb.frames]
        if form == "contrast" and scope.first:
            frames = [r for r in frames if r.name in scope.first.names]
        frame = pick_rule(scope.rng, [r for r in frames if matches(frozenset([r.name]), _frames(rule))])
        hindi, english = (
            tuple(t for token in outer for t in (inner if token.label == "ARGS" else [token]))
            for outer, inner in ((rule.hindi, frame.hindi), (rule.english, frame.english))
        )
        return replace(
            rule,
            name=f"{rule.name},{frame.name}",
            hindi=hindi,
            english=english,
            more=rule.more + frame.more,
            conditions=rule.conditions | frame.conditions,
        )

    def expand(self, rule: Rule, scope: Scope) -> Node:
        """Builds a rule's Hindi from left to right, then its English from the same parts."""
        out = Node(names=rule.name.split(","))
        # For each label: its part, where that starts, where its head words stand in the Hindi.
        parts: dict[str, Node] = {}
        starts: dict[str, int] = {}
        heads: dict[str, list[int]] = {}
        for before, token, after in zip((None, *rule.hindi), rule.hindi, (*rule.hindi[1:], None), strict=False):
            here = len(out.hindi)
            chance = FRONTED if token.label == "T1" else scope.optional
            if token.optional and (
                scope.rng.random() > chance
                or token.label in scope.without.split()
                or (token.slot in ("T", "F") and parts.keys() & {"T1", "F"})
            ):
                continue
            if token.slot == "V":
                verb = scope.verb if token.label == "V" else self.lexicon.vector(scope.verb)
                assert verb  # with_arguments has seen to it
                out.hindi.append(verb.hindi_form(token.form, controller(token, parts, scope), last=not after))
                heads[token.label] = [here]
            elif token.slot:
                postposition = after.word if after and token.form == "obl" else ""
                try:
                    part = self.fill(token, postposition, rule, parts, scope)
                except DeadEnd:
                    if token.optional:
                        continue
                    raise
                if part.agreement.number == "pl" and rule.conditions.get("singular") == token.slot:
                    raise DeadEnd
                starts[token.label], parts[token.label] = here, part
                heads[token.label] = [here + j for j, _ in part.heads] or [here]
                out.hindi += part.hindi
                out.names += part.names
                used = {part.noun.hindi} if part.noun else set()
                scope = scope._replace(
                    used=scope.used.union(used, part.hindi),
                    said=scope.said.union(part.hindi),
                    verbs=scope.verbs | {part.verb.hindi} if part.verb else scope.verbs,
                    later="later" if token.slot == "L" else scope.later,
                    clauses=scope.clauses + 1 - part.clauses,
                    subject=parts.get("S", scope.subject),
                    first=scope.first or (part if token.slot == "C" else None),
                )
            elif before and before.label in parts and parts[before.label].fused:
                heads[token.label] = heads[before.label]
            else:
                heads[token.label] = [here]
                agreement = controller(token, parts, scope) if token.control else Agreement()
                out.hindi.append(agree(token.word, agreement, last=not after))
                scope = scope._replace(said=scope.said | {token.word})
        english_heads = self.add_english(rule, scope, out, parts, starts, heads)
        labels = [label for label in ("N", "P", "Y1", "Y2") if label in parts]
        out.heads = [head for label in labels for head in zip(heads[label], english_heads[label], strict=True)]
        out.object = parts["O"].noun if "O" in parts else None
        out.subject, out.subject_at = parts.get("S"), heads.get("S", [])
        if len(labels) == 1:
            out.agreement, out.noun = parts[labels[0]].agreement, parts[labels[0]].noun
        elif labels:
            gender = "m" if "m" in [parts[label].agreement.gender for label in labels] else "f"
            out.agreement = Agreement(gender, "pl", 3, "they", scope.agreement.case)
        return out

    def add_english(
        self,
        rule: Rule,
        scope: Scope,
        out: Node,
        parts: dict[str, Node],
        starts: dict[str, int],
        hindi_heads: dict[str, list[int]],
    ) -> dict[str, list[int]]:
        """Adds the English side and the links of a rule whose Hindi is there; returns its head words per label."""
        heads: dict[str, list[int]] = {}
        dropped = {token.label for token in rule.hindi} - hindi_heads.keys()
        for token in rule.english:
            here = len(out.english)
            if token.label in parts:
                part, start = parts[token.label], starts[token.label]
                out.english += part.english
                out.links |= {(start + j, here + t): sure for (j, t), sure in part.links.items()}
                out.own += [here + t for t in part.own]
                out.back += [here + t for t in part.back]
                heads[token.label] = [here + t for _, t in part.heads]
            elif token.label not in dropped:
                out.english.append(english_word(token, parts, scope))
                heads[token.label] = [here]
                out.own += [here] if token.form == "own" else []
                out.back += [here] if token.form == "his" else []
                out.links |= {(j, here): True for j in hindi_heads.get(token.label, ())}
        marked = [
            (noun.label, marker.label, "~")  # लड़के is "boys", लड़के ने "the boy": the postposition decides
            for noun, marker in zip(rule.hindi, rule.hindi[1:], strict=False)
            if noun.form == "obl" and marker.word in POSTPOSITIONS
        ]
        for english, hindi, kind in (*rule.more, *marked):
            if kind != "?" or (english in parts and parts[english].open):
                for j in hindi_heads.get(hindi, ()):
                    for t in heads.get(english, ()):
                        out.links[j, t] = kind == "-" or out.links.get((j, t), False)
        if "S" in parts:  # अपना is his, her, their, … by the subject
            out.links = {(j, t): False for t in out.own for j in hindi_heads["S"]} | out.links
            out.own = []
        if "C1" in parts:  # he is somebody named before
            people = [starts["C1"] + j for j in parts["C1"].subject_at]
            out.links = {(j, t): False for t in out.back for j in people} | out.links
            out.back = []
        return heads

    def fill(self, token: Token, postposition: str, rule: Rule, parts: dict[str, Node], scope: Scope) -> Node:
        """The phrase or the word for a slot."""
        slot, wanted = token.slot, rule.wants(token.label)
        if slot == "Z":
            return self.sentence(scope)
        if slot == "L":
            return self.unit(self.rules["unit"], scope)[1]
        if slot == "C":
            return self.clause(wanted, token.form, scope)
        if slot == "N":
            return self.predicate_noun(wanted, parts["S"], scope) if "S" in parts else self.noun(scope)
        if slot in "JUTFM":
            return self.word(token, wanted, parts, scope)
        kinds = f"{scope.kinds.get(slot, '')};{wanted}"
        if slot == "O" and scope.form == "contrast" and scope.first and scope.first.object:  # tea, but not milk
            kinds += ";" + next((kind for kind in ALIKE if kind in scope.first.object.kinds), "")
        if slot == "W":
            if kinds == ";":  # a verb that takes no place
                raise DeadEnd
            rules = [r for r in self.rules["place"] if goes_with(r, scope.tag, scope.verb.excluded)]
            return self.any_of(rules, scope._replace(kinds={"P": kinds}))[1]
        if slot == "S" and scope.form in ("correlative", "anaphor"):
            return self.taken_up(token.form or "dir", postposition, kinds, scope)
        role = "R" if slot == "S" and scope.form == "relative" else slot
        case = scope.agreement.case if slot == "Y" else token.form or "dir"
        inner = scope._replace(role=role, agreement=Agreement(case=case), postposition=postposition, kinds={"Y": kinds})
        return self.noun_phrase(kinds, inner)

    def noun_phrase(self, kinds: str, scope: Scope) -> Node:
        """A noun phrase of these kinds, in the scope's role and case."""
        rng, role, case = scope.rng, scope.role, scope.agreement.case
        subject = frozenset([scope.subject.agreement.pronoun if scope.subject else "none"])
        rules = [
            r
            for r in self.rules["noun"]
            if role in r.conditions["roles"]
            and matches(subject, r.wants("subject"))
            and goes_with(r, scope.tag, scope.verb.excluded if role == "O" else ())
            and not (role in ALWAYS_SINGULAR and r.conditions.get("number") == "pl")
        ]
        if role == "O" and "counted" in scope.tag.split():
            rules = [r for r in rules if "counted" in r.conditions.get("only", "")]
        while True:
            rule = pick_rule(rng, rules)
            before = scope.first.subject if scope.first else None
            same = bool(before and scope.subject and before.agreement.pronoun == scope.subject.agreement.pronoun)
            if rule.name == "possessive of before" and same:  # "his" would be his own
                rules = [r for r in rules if r is not rule]
                continue
            if rule.name == "person before":
                try:
                    return self.taken_up(case, scope.postposition, kinds, scope)
                except DeadEnd:
                    rules = [r for r in rules if r is not rule]
                    continue
            either = "sg" if role in ALWAYS_SINGULAR or rng.random() > PLURAL else "pl"
            number, inner = rule.conditions.get("number", either), scope
            try:
                if any(t.slot == "N" for t in rule.hindi):
                    numeral = any(t.slot == "U" for t in rule.hindi)
                    noun = self.head(f"{rule.wants('N')};{kinds}", number, rule.name == "pronoun", numeral, scope)
                    agreement, used = noun.agreement(number, case), scope.used | {noun.hindi}
                    inner = scope._replace(noun=noun, agreement=agreement, used=used)
                return self.expand(rule, inner)
            except DeadEnd:
                rules = [r for r in rules if r is not rule]

    def head(self, wanted: str, number: str, pronoun: bool, counted: bool, scope: Scope) -> Noun:
        """A noun for a noun phrase; a pronoun where it has a form and is not the subject's own person."""
        wanted = wanted if scope.agreement.case == "dir" else wanted.replace("!same", "")
        # One teacher has the plural of respect, so only a numeral tells several of them.
        single = ";!honorific" if number == "pl" and not counted else ""
        nouns = [
            noun
            for noun in self.lexicon.nouns_of(wanted + (";!name !mass !one" if number == "pl" else "") + single)
            if noun.hindi not in scope.used
            and pronoun == bool(noun.fused)
            and not noun.kinds & set(REGISTERS) - {scope.register}
        ]
        if pronoun:
            person = scope.subject.agreement.person if scope.subject else 3
            bare = scope.agreement.case == "dir" and scope.role == "S"
            nouns = [
                noun
                for noun in nouns
                if (person == 3 or noun.person != person)
                and "correlative" not in noun.kinds
                and (bare or noun.fused.get(scope.postposition))
            ]
        return pick(scope.rng, nouns)

    def noun(self, scope: Scope) -> Node:
        assert scope.noun  # noun_phrase has chosen it
        noun, a = scope.noun, scope.agreement
        second = scope.role != "S" if noun.fused else a.pronoun == "they"  # me, boys
        hindi = noun.form("pl" if second else "sg", a.case, scope.postposition)
        english = noun.plural if second else noun.english
        return Node([hindi], [english], {(0, 0): True}, [(0, 0)], agreement=a, noun=noun)

    def predicate_noun(self, wanted: str, subject: Node, scope: Scope) -> Node:
        nouns = self.lexicon.nouns_of(wanted)
        noun = pick(scope.rng, [n for n in nouns if n.gender == subject.agreement.gender])
        return Node([noun.hindi], [noun.english], {(0, 0): True}, [(0, 0)])

    def taken_up(self, case: str, postposition: str, kinds: str, scope: Scope) -> Node:
        """वह, उसने, उसे, … for the subject of the first clause; no word in English behind a relative clause."""
        before = scope.first.subject if scope.first else None
        if not before or not before.noun or before.noun.fused:
            raise DeadEnd
        noun, a = before.noun, replace(before.agreement, case=case)
        pronoun = next(n for n in self.lexicon.nouns_of("correlative") if n.number == a.number)
        if not all(matches(noun.kinds, part) for part in kinds.split(";")) or not (
            case == "dir" or pronoun.fused.get(postposition)
        ):
            raise DeadEnd
        node = Node([pronoun.form(a.number, case, postposition)], agreement=a, noun=replace(noun, fused=pronoun.fused))
        if scope.form != "correlative":
            if "human" not in noun.kinds:
                raise DeadEnd
            english = a.pronoun if scope.form == "anaphor" else OBJECTS[a.pronoun]
            node.english, node.links, node.heads, node.back = [english], {(0, 0): True}, [(0, 0)], [0]
            node.names = ["person before"]
        return node

    def word(self, token: Token, wanted: str, parts: dict[str, Node], scope: Scope) -> Node:
        """An adjective (of two, the second of a higher order), numeral or adverb that this unit has not used."""
        words, a = self.lexicon.words[token.slot], scope.agreement
        if token.slot == "J":
            most = 4
            noun, first = scope.noun, parts["J1"].word if "J1" in parts else None
            least = first.order + 1 if first else 2 if scope.role == "G" else 1  # nobody goes to "the good city"
            if token.control:  # a predicate
                noun, a, least = parts[token.control].noun, parts[token.control].agreement, 0
                most = 5
            words = [w for w in words if noun and least <= w.order <= most and matches(noun.kinds, w.kinds)]
            words = [w for w in words if matches(w.kind, wanted)]
        elif token.slot == "M":
            words = [w for w in words if w.hindi[0] in scope.verb.manner]
        elif token.slot in "TF":
            words = [w for w in words if scope.time in w.times]
        words = [w for w in words if not {w.hindi[0], agree(w.hindi[0], a)} & scope.used]
        word = pick(scope.rng, words, [w.weight for w in words])
        return Node(
            [agree(hindi, a) for hindi in word.hindi] if token.slot == "J" else list(word.hindi),
            list(word.english),
            {(j, t): sure for j, t, sure in word.links},
            list(dict.fromkeys((0, t) for _, t, sure in word.links if sure)),
            word=word,
        )


def _frames(rule: Rule) -> str:
    """The frames that a clause wants; those that ask for something only where they are named."""
    wanted = rule.wants("frames")
    return wanted if any(term[0] != "!" for term in wanted.split()) else f"{wanted} !what !where !many"


def named(subject: Node | None) -> bool:
    """Whether he, she or they can be said of a subject: people, but not you and me."""
    if not subject or subject.agreement.person != 3:
        return False
    return not subject.noun or ("human" in subject.noun.kinds and not subject.noun.fused)
