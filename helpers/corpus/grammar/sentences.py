"""A synchronous grammar: one rule builds the Hindi, the English and the links between them."""

import re
from dataclasses import replace
from pathlib import Path
from random import Random

from helpers.corpus.grammar.lexicon import Agreement, Lexicon, Noun, Verb, agree, matches
from helpers.corpus.grammar.phrases import (
    NO_VERB,
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
ALWAYS_SINGULAR = "PGXH"
TRIES = 200  # of a rule and a verb for a clause; most fail because the two do not go together
# By form of the clause: the optional tokens left out.
WITHOUT = {"relative": "T1", "correlative": "T1", "inner": "T1", "said": "T1", "plain": "T1 T2 F"}


class Grammar:
    """Samples sentence pairs; the tables are read from `folder`.

    Raises:
        ValueError: a wrong row in a table, with its file, its line, the reason and what is allowed.
    """

    def __init__(self, folder: Path = LEXICON):
        self.lexicon = Lexicon(folder)
        rules = load_rules(self.lexicon, folder)
        self.rules = {level: [r for r in rules if r.level == level] for level in LEVELS}

    def sample(self, rng: Random, clauses: float = 1) -> Pair:
        """A random sentence pair of about so many clauses; below 1, a terse one."""
        node = self.sentence(Scope(rng, clauses, OPTIONAL * min(1, clauses)))
        target = [
            "an" if word == "a" and re.match("[aeio]", after, re.I) else word
            for word, after in zip(node.english, [*node.english[1:], ""], strict=True)
        ]
        links = {**node.links, (len(node.hindi), len(target)): True}
        return Pair(
            (*node.hindi, "।"),
            (*target, "."),
            tuple((*spot, links[spot]) for spot in sorted(links)),
            tuple(dict.fromkeys(node.names)),
        )

    def sentence(self, scope: Scope) -> Node:
        last = scope.clauses <= 1
        rules = [r for r in self.rules["sentence"] if last == all(t.slot != "Z" for t in r.hindi)]
        return self.any_of(rules, replace(scope, clauses=scope.clauses - 1))

    def any_of(self, rules: list[Rule], scope: Scope) -> Node:
        """Expands one of the rules, another one where the first is a dead end."""
        while True:
            rule = pick_rule(scope.rng, rules)
            try:
                return self.expand(rule, scope)
            except DeadEnd:
                rules = [r for r in rules if r is not rule]

    def clause(self, wanted: str, form: str, scope: Scope) -> Node:
        """A clause of the wanted time and tag; a relative or correlative one needs a subject."""
        rules = [
            rule
            for rule in self.rules["clause"]
            if matches(frozenset([rule.conditions["time"], *rule.conditions.get("tag", "").split()]), wanted)
            and ("relative" not in form or any(token.label == "S" for token in rule.hindi))
        ]
        for _ in range(TRIES):
            rule, verb = pick_rule(scope.rng, rules), NO_VERB
            try:
                if any(token.label == "ARGS" for token in rule.hindi):
                    verb = self.verb(form, scope)
                    rule = self.with_arguments(rule, verb, scope.rng)
                time, tag = rule.conditions["time"], rule.conditions.get("tag", "")
                without = [WITHOUT.get(form, ""), rule.conditions.get("without", ""), *verb.excluded]
                inner = replace(
                    scope,
                    kinds=verb.slots,
                    verb=verb,
                    form=form,
                    subject=None,
                    time=time,
                    tag=f"{time} {tag} {form}",
                    without=" ".join(without),
                )
                return self.expand(rule, inner)
            except DeadEnd:
                continue
        raise DeadEnd

    def verb(self, form: str, scope: Scope) -> Verb:
        """A verb for this form of clause whose stem does not begin a word that was used."""
        verbs = [v for v in self.lexicon.verbs if form not in v.excluded]
        return pick(scope.rng, [v for v in verbs if not any(word.startswith(v.hindi) for word in scope.used)])

    def with_arguments(self, rule: Rule, verb: Verb, rng: Random) -> Rule:
        """A clause rule with its ARGS replaced by those of one of the verb's frames."""
        if rule.conditions.get("ne", verb.ne) != verb.ne or any(x in rule.name for x in verb.excluded):
            raise DeadEnd
        frames = [r for r in self.rules["arguments"] if r.name in verb.frames]
        frame = pick_rule(rng, [r for r in frames if matches(frozenset([r.name]), rule.wants("frames"))])
        hindi, english = (
            tuple(t for token in outer for t in (inner if token.label == "ARGS" else [token]))
            for outer, inner in ((rule.hindi, frame.hindi), (rule.english, frame.english))
        )
        return replace(
            rule,
            name=f"{rule.name},{frame.name}",
            hindi=hindi,
            english=english,
            possible=rule.possible + frame.possible,
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
                agreement = controller(token, parts, scope)
                out.hindi.append(scope.verb.hindi_form(token.form, agreement, last=not after))
                heads["V"] = [here]
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
                scope = replace(
                    scope,
                    used=scope.used.union(used, part.hindi),
                    subject=parts.get("S", scope.subject),
                    antecedent=part.subject if token.form == "relative" else scope.antecedent,
                )
            elif before and before.label in parts and parts[before.label].fused:
                heads[token.label] = heads[before.label]
            else:
                heads[token.label] = [here]
                agreement = controller(token, parts, scope) if token.control else Agreement()
                out.hindi.append(agree(token.word, agreement, last=not after))
        english_heads = self.add_english(rule, scope, out, parts, starts, heads)
        labels = [label for label in ("N", "P", "Y1", "Y2") if label in parts]
        out.heads = [head for label in labels for head in zip(heads[label], english_heads[label], strict=True)]
        out.subject = parts.get("S")
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
                heads[token.label] = [here + t for _, t in part.heads]
            elif token.label not in dropped:
                out.english.append(english_word(token, parts, scope))
                heads[token.label] = [here]
                out.own += [here] if token.form == "own" else []
                out.links |= {(j, here): True for j in hindi_heads.get(token.label, ())}
        marked = [
            (noun.label, marker.label, False)  # लड़के is "boys", लड़के ने "the boy": the postposition decides
            for noun, marker in zip(rule.hindi, rule.hindi[1:], strict=False)
            if noun.form == "obl" and marker.word
        ]
        for english, hindi, only_if_open in (*rule.possible, *marked):
            if not only_if_open or (english in parts and parts[english].open):
                for j in hindi_heads.get(hindi, ()):
                    for t in heads.get(english, ()):
                        out.links.setdefault((j, t), False)
        if "S" in parts:  # अपना is his, her, their, … by the subject
            out.links = {(j, t): False for t in out.own for j in hindi_heads["S"]} | out.links
            out.own = []
        return heads

    def fill(self, token: Token, postposition: str, rule: Rule, parts: dict[str, Node], scope: Scope) -> Node:
        """The phrase or the word for a slot."""
        slot, wanted = token.slot, rule.wants(token.label)
        if slot == "Z":
            return self.sentence(scope)
        if slot == "L":
            verb = pick(scope.rng, [v for v in self.lexicon.verbs if "report" in v.frames])
            scope = replace(scope, verb=verb, kinds=verb.slots, used=frozenset())
            return self.any_of(self.rules["unit"], scope)
        if slot == "C":
            return self.clause(wanted, token.form, scope)
        if slot == "N":
            return self.predicate_noun(wanted, parts["S"], scope) if "S" in parts else self.noun(scope)
        if slot in "JUTFM":
            return self.word(token, parts, scope)
        kinds = f"{scope.kinds.get(slot, '')};{wanted}"
        if slot == "W":
            if kinds == ";":  # a verb that takes no place
                raise DeadEnd
            rules = [r for r in self.rules["place"] if goes_with(r, scope.tag, scope.verb)]
            return self.any_of(rules, replace(scope, kinds={"P": kinds}))
        if slot == "S" and scope.form == "correlative":
            return self.correlative(token.form, postposition, kinds, scope)
        role = "R" if slot == "S" and scope.form == "relative" else slot
        case = scope.agreement.case if slot == "Y" else token.form or "dir"
        inner = replace(scope, role=role, agreement=Agreement(case=case), postposition=postposition, kinds={"Y": kinds})
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
            and goes_with(r, scope.tag, scope.verb if role == "O" else NO_VERB)
            and not (role in ALWAYS_SINGULAR and r.conditions.get("number") == "pl")
        ]
        while True:
            rule = pick_rule(rng, rules)
            either = "sg" if role in ALWAYS_SINGULAR or rng.random() > PLURAL else "pl"
            number, inner = rule.conditions.get("number", either), scope
            try:
                if any(t.slot == "N" for t in rule.hindi):
                    noun = self.head(f"{rule.wants('N')};{kinds}", number, rule.name == "pronoun", scope)
                    agreement, used = noun.agreement(number, case), scope.used | {noun.hindi}
                    inner = replace(scope, noun=noun, agreement=agreement, used=used)
                return self.expand(rule, inner)
            except DeadEnd:
                rules = [r for r in rules if r is not rule]

    def head(self, wanted: str, number: str, pronoun: bool, scope: Scope) -> Noun:
        """A noun for a noun phrase; a pronoun where it has a form and is not the subject's own person."""
        wanted = wanted if scope.agreement.case == "dir" else wanted.replace("!same", "")
        nouns = [
            noun
            for noun in self.lexicon.nouns_of(wanted + (";!name !mass !one" if number == "pl" else ""))
            if noun.hindi not in scope.used and pronoun == bool(noun.fused)
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

    def correlative(self, case: str, postposition: str, kinds: str, scope: Scope) -> Node:
        """वह, उसने, … that takes up a relative clause's noun: a word in Hindi, none in English."""
        assert scope.antecedent and scope.antecedent.noun  # the relative clause's
        noun, a = scope.antecedent.noun, replace(scope.antecedent.agreement, case=case)
        if not all(matches(noun.kinds, part) for part in kinds.split(";")):
            raise DeadEnd
        pronoun = next(n for n in self.lexicon.nouns_of("correlative") if n.number == a.number)
        return Node([pronoun.form(a.number, case, postposition)], agreement=a, noun=replace(noun, fused=pronoun.fused))

    def word(self, token: Token, parts: dict[str, Node], scope: Scope) -> Node:
        """An adjective (of two, the second of a higher order), numeral or adverb."""
        words, a = self.lexicon.words[token.slot], scope.agreement
        if token.slot == "J":
            noun, first = scope.noun, parts["J1"].word if "J1" in parts else None
            least = first.order + 1 if first else 1
            if token.control:  # a predicate
                noun, a, least = parts[token.control].noun, parts[token.control].agreement, 0
            words = [w for w in words if noun and w.order >= least and matches(noun.kinds, w.kinds)]
        elif token.slot == "M":
            words = [w for w in words if w.english[0] in scope.verb.manner]
        elif token.slot in "TF":
            words = [w for w in words if scope.time in w.times]
        word = pick(scope.rng, words, [w.weight for w in words])
        return Node(
            [agree(hindi, a) for hindi in word.hindi] if token.slot == "J" else list(word.hindi),
            list(word.english),
            {(j, t): sure for j, t, sure in word.links},
            list(dict.fromkeys((0, t) for _, t, sure in word.links if sure)),
            word=word,
        )
