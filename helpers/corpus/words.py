"""What single words are: the class of an English word, the meaning of a Hindi one."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, product

from helpers.corpus.grammar.lexicon import CASES, GENDERS, NUMBERS, Agreement, agree, lexicon
from helpers.corpus.grammar.tables import read_table
from helpers.corpus.pairs import Pair

FUNCTION_WORDS = frozenset(
    """
    a an the this that these those I you he she it we they me him her us them my your his its our their 's
    am is are was were has have had do does did will can cannot should used to not every please
    in on near at from with for of and but if then when because who what where why how many there
    i 'm 're 've 'll 'd 'em n't ca wo sha no some any each both either neither all would could may might must shall
    ought be been being having doing mine yours hers ours theirs myself yourself himself herself itself ourselves
    themselves whom whose which while until though although as than or nor so about into onto over under after before
    between through during without within against among above below up down out off by upon toward towards till since
    whether""".split()  # the lower part: words that only people's sentences have, in lower case (notebook 06)
)


def word_class(english_word: str) -> str:
    """The class: "punctuation", "function" for articles, auxiliaries, prepositions, pronouns, …; else "content"."""
    if not any(letter.isalnum() for letter in english_word):
        return "punctuation"
    return "function" if english_word in FUNCTION_WORDS else "content"


def gloss(hindi_word: str, translation: Iterable[str] = ()) -> str:
    """A short English gloss: gloss("पढ़ी") is "past of read"; "" for a word not in the lexicon.

    Args:
        translation: the English words of the sentence, which tell the meaning of a word that has several: with
            ["yesterday", "I", "slept"], कल is "yesterday" and not "yesterday / tomorrow". Where none is there, it is
            the first one: को is "object mark".
    """
    readings = list(dict.fromkeys(glosses().get(hindi_word, "").split(" / ")))
    there = {word for form in translation for word in (form, bases().get(form, form))}
    fitting = [text for text in readings if there & set(re.findall(r"[\w']+", text))]
    return " / ".join(fitting or (readings[:1] if there else readings))


def glosses_of(pair: Pair) -> list[str]:
    """The gloss of each Hindi word of a pair, with the meaning that it has there: that of the words linked to it.

    Where none of its meanings is linked, it is the first one: को is "object mark", and क्या the mark of a question.
    """
    linked: dict[int, list[str]] = {}
    for j, t, _ in pair.links:
        linked.setdefault(j, []).append(pair.target[t])
    return [
        gloss(word, linked.get(j, () if pair.links else pair.target)).split(" / ")[0]
        for j, word in enumerate(pair.source)
    ]


@cache
def bases() -> dict[str, str]:
    """English verb forms with their base form: "saw" is of "see"."""
    forms = ("pres", "past", "part", "ing")
    return {verb.english_form(form, "it"): verb.english[0] for verb in lexicon().verbs for form in forms}


@cache
def glosses() -> dict[str, str]:
    """A short English gloss for each Hindi word form; " / " stands between readings."""
    readings: dict[str, dict[str, None]] = {}  # the texts of a form, each once
    for form, text in chain(_of_function_words(), _of_nouns(), _of_words(), _of_verbs()):
        readings.setdefault(form, {})[text] = None
    return {form: " / ".join(filter(None, texts)) for form, texts in readings.items()}


Glosses = Iterator[tuple[str, str]]  # (Hindi form, English gloss)
AGREEMENTS = [Agreement(g, n, p, case=c) for g in GENDERS for n in NUMBERS for p in (3, 1) for c in CASES]
AGREEMENTS += [Agreement(g, "pl", 2, familiar=True) for g in GENDERS]


def _of_function_words() -> Glosses:
    table = {row["hindi"]: row["gloss"] for _, row in read_table("function_words.tsv", "hindi gloss")}
    for word, text in table.items():
        for agreement, last in product(AGREEMENTS, (False, True)):
            form = agree(word, agreement, last)
            yield form, table.get(form, text)  # a form may have a row of its own: हैं is "are"


def _of_nouns() -> Glosses:
    for noun in lexicon().nouns:
        if noun.fused:  # a pronoun
            for postposition, form in {"": noun.hindi, **noun.fused}.items():
                yield form, noun.english if postposition in ("", "ने") else noun.plural
            continue
        only_singular = bool(noun.kinds & {"name", "mass", "one"})
        same = "same" in noun.kinds and not only_singular
        regular = noun.english in noun.plural
        both = f"{noun.english}({noun.plural[len(noun.english) :]})" if regular else f"{noun.english}, {noun.plural}"
        for case, number in product(CASES, ("sg",) if only_singular else NUMBERS):
            form = noun.form(number, case)
            if same and form == noun.hindi:
                yield form, both  # temple(s)
            else:
                yield form, noun.english if number == "sg" else noun.plural


def _of_words() -> Glosses:
    for slot, words in lexicon().words.items():
        for word, agreement in product(words, AGREEMENTS if slot == "J" else AGREEMENTS[:1]):
            sure = {t: j for j, t, is_sure in word.links if is_sure}
            for j, form in enumerate(word.hindi):  # a possible link counts where no other word has a sure one
                linked = [t for i, t, _ in word.links if i == j and sure.get(t, j) == j]
                yield agree(form, agreement), " ".join(word.english[t] for t in linked)


def _of_verbs() -> Glosses:
    meanings = {"stem": "{}", "hab": "{} (habit)", "perf": "past of {}", "fut": "will {}", "inf": "to {}"}
    meanings |= {"imp": "{}!", "polite": "please {}"}
    for verb, (form, meaning) in product(lexicon().verbs, meanings.items()):
        if form in ("perf", "inf") and "perfective" in verb.excluded:  # no रहा "lived" in the corpus
            continue
        for agreement, last in product(AGREEMENTS, (False, True)):
            # with a noun before it, करना means what the noun means
            yield (
                verb.hindi_form(form, agreement, last),
                meaning.format("do" if verb.hindi == "कर" else verb.english[0]),
            )
