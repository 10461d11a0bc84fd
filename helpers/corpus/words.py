"""What single words are: the class of an English word, the meaning of a Hindi one."""

from functools import cache
from itertools import product

from helpers.corpus.grammar.lexicon import CASES, NUMBERS, Agreement, agree, lexicon, read_table

FUNCTION_WORDS = frozenset(
    """
    a an the this that these those I you he she it we they me him her us them my your his its our their 's
    am is are was were has have had do does did will can cannot should used to not every
    in on near at from with for of and but if then when who there . ,""".split()
)


def word_class(english_word: str) -> str:
    """ "function" for articles, auxiliaries, prepositions, pronouns, punctuation, …; else "content"."""
    return "function" if english_word in FUNCTION_WORDS else "content"


def gloss(hindi_word: str) -> str:
    """A short English gloss: gloss("पढ़ी") is "past of read"; "" for a word not in the lexicon."""
    return glosses().get(hindi_word, "")


@cache
def glosses() -> dict[str, str]:
    """A short English gloss for each Hindi word form; " / " stands between readings."""
    found: dict[str, dict[str, None]] = {}
    every = [Agreement(g, n, p, case=c) for g in "mf" for n in NUMBERS for p in (3, 1) for c in CASES]

    def add(form: str, text: str) -> None:
        found.setdefault(form, {})[text] = None

    for _, r in read_table("function_words.tsv", "hindi gloss"):
        for a in every:
            add(agree(r["hindi"], a), r["gloss"])
            add(agree(r["hindi"], a, last=True), r["gloss"])
    for noun in lexicon().nouns:
        if noun.fused:
            for postposition, form in {"": noun.hindi, **noun.fused}.items():
                add(form, noun.english if postposition in ("", "ने") else noun.plural)
        else:
            one, many = bool(noun.kinds & {"name", "mass", "one"}), noun.plural
            both = f"{noun.english}({many[len(noun.english) :]})" if noun.english in many else f"{noun.english}, {many}"
            for case, number in product(CASES, NUMBERS[: 1 if one else 2]):
                form = noun.form(number, case)
                same = "same" in noun.kinds and form == noun.hindi and not one  # temple(s)
                add(form, both if same else noun.english if number == "sg" else many)
    for word in (w for words in lexicon().words.values() for w in words):
        for a in every if word in lexicon().words["J"] else every[:1]:
            for j, form in enumerate(word.hindi):
                add(
                    agree(form, a),
                    " ".join(
                        word.english[t]
                        for i, t, sure in word.links
                        if i == j and (sure or (1 - i, t, True) not in word.links)
                    ),
                )
    for verb in lexicon().verbs:
        base = verb.english[0]
        for form, text in (
            ("stem", base),
            ("hab", f"{base} (habit)"),
            ("perf", f"past of {base}"),
            ("fut", f"will {base}"),
            ("inf", f"to {base}"),
        ):
            if form in ("perf", "inf") and "perfect" in verb.excluded:  # no रहा "lived" in the corpus
                continue
            for a in every:
                add(verb.hindi_form(form, a), text)
                add(verb.hindi_form(form, a, last=True), text)
    return {form: " / ".join(filter(None, texts)) for form, texts in found.items()}
