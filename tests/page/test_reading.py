"""The page reads what people type as the notebooks do, and splits it into the same words."""

import random
import unicodedata
from difflib import SequenceMatcher
from pathlib import Path

from support.node import in_node, needs_node

from helpers.corpus.pairs import load_split
from helpers.corpus.romanize import romanize
from helpers.corpus.text import spelling_key, tokenise
from helpers.corpus.typed import TypedWords, plain
from helpers.page import write
from helpers.vocabulary import SPECIALS, Vocabulary
from helpers.widgets.sentence_box import read_sentence, readings_of

pytestmark = needs_node
READING = Path(write.__file__).with_name("reading.js")
VOCAB = Vocabulary.of(pair.source for pair in load_split("train"))
WORDS = VOCAB.words[len(SPECIALS) :]
SENTENCES = """\
ladka kitab padhta hai
laṛkā kitāb paṛhtā hai.
Larka किताब PARHTA hai |
लडका किताब पढता है
"ladka" aaya!
main ghar jaa raha hoon
bachcha dhire dhire khata hai
बच्चा धीरे-धीरे खाता है
dhīre–dhīre
kon aaya aur wo kyu nahi aaya
sita kehti hai ki ram ki kitab achchhi hai
मै घर मे नही हु
उन्होने किताबे देखेगें
कभी-कभी, वो
मां को नयी किताब पसन्द है
nhi rha skta gya bhut
hamare yahan ek hathi hai
she reads a good book every day with his friend
xyzzy das10 १२ 3.5
मैं\u200bघर\u00ad जा\u200dता हूँ…
ki kya"""
TEXTS = """\
Don't, he said: “3,500.5 things” – isn't it?
Tom's café, naïve İstanbul ЁЖ ςΣ
१२३ ٣٤ 今日は良い天気 मैं! 👩‍👩‍👧 🇮🇳 👍🏽x
राम ने कहा "आओ".
एक।दो |"""


def in_page(function, argument):
    return in_node(function, {"tables": write.tables_of(WORDS), "asked": argument}, READING)


def typed_forms():
    """Every word of the corpus in many spellings, and with slips of the finger."""
    known, rng = TypedWords(WORDS), random.Random(0)
    forms = {*known.exact, *known.plain, *known.sounds, *known.hasty}
    for word in WORDS:
        said = romanize(word)
        forms |= {word, unicodedata.normalize("NFD", word), spelling_key(word), said, said.upper(), plain(said)}
        forms.add(said.replace("ā", "aa").replace("ī", "ee").replace("ū", "oo").replace("c", "ch"))
        for form in (word, plain(said)):
            i = rng.randrange(max(1, len(form)))
            forms |= {form[:i] + form[i + 1 :], form[:i] + "n" + form[i:]}
    return sorted(forms - {""})


def test_words_are_found_as_in_python():
    forms = typed_forms()
    found = in_page("({ tables, asked }) => { const r = new Reader(tables); return asked.map(x => r.find(x)); }", forms)
    known = TypedWords(WORDS)
    assert len(forms) > 8000
    assert [pair for pair in zip(forms, found, strict=True) if known.find(pair[0]) != pair[1]] == []


def test_sentences_are_read_as_in_python():
    lines = [line for line in SENTENCES.splitlines() if line]
    read = "({ tables, asked }) => { const r = new Reader(tables); return asked.map(x => [r.readings(x), r.read(x)]); }"
    for line, (readings, found) in zip(lines, in_page(read, lines), strict=True):
        assert [tuple(pair) for pair in readings] == readings_of(line, VOCAB), line
        words, unknown = read_sentence(line, VOCAB)
        assert (tuple(found["words"]), found["unknown"]) == (words, unknown), line


def test_slips_get_the_same_words_as_in_python():
    known = TypedWords(WORDS)
    slips = [form for form in typed_forms() if form.isalpha() and not known.find(form)][::12]
    found = in_page(
        "({ tables, asked }) => { const r = new Reader(tables); return asked.map(x => r.closeTo(x)); }", slips
    )
    right = [VOCAB.unknown([slip])[slip] or known.close_to(slip) for slip in slips]
    assert len(slips) > 50 and found == right


def test_text_is_split_as_in_python():
    lines = [*TEXTS.splitlines(), *SENTENCES.splitlines()]
    found = in_page("({ asked }) => asked.map(tokenise)", lines)
    assert [tuple(words) for words in found] == [tokenise(line) for line in lines]


def test_runs_in_common_are_those_of_difflib():
    rng = random.Random(1)
    asked = [[[rng.choice("abcd") for _ in range(rng.randrange(12))] for _ in "ab"] for _ in range(200)]
    found = in_page("({ asked }) => asked.map(([a, b]) => matchingRuns(a, b))", asked)
    joined = [SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()[:-1] for a, b in asked]
    for runs, blocks, (a, _) in zip(found, joined, asked, strict=True):
        at = {i + n: j + n for i, j, count in runs for n in range(count)}
        assert at == {block.a + n: block.b + n for block in blocks for n in range(block.size)}, a


def test_an_empty_sentence_is_named():
    ask = "({ tables }) => { try { new Reader(tables).read(' . '); } catch (error) { return error.message; } }"
    assert in_page(ask, None).startswith("The sentence is empty: type some words, such as")
