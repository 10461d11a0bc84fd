"""Reading what a learner types, and showing it."""

import unicodedata

import pytest
import torch
from support.examples import PAIRS, small

from helpers.corpus.pairs import Pair, load_split
from helpers.corpus.romanize import romanize
from helpers.corpus.text import spelling_key
from helpers.models import ModelConfig
from helpers.training import TrainingConfig, new_translator
from helpers.translation import translate
from helpers.vocabulary import SPECIALS, Vocabulary
from helpers.widgets.sentence_box import read_sentence, readings_of, sentence_box

VOCAB = Vocabulary(["।", ",", "लड़का", "लड़की", "किताब", "पढ़ता", "है", "क़मीज़", "राष्ट्र"])


@pytest.mark.parametrize(
    "typed",
    [
        "लड़का किताब पढ़ता है ।",
        "लड़का किताब पढ़ता है।",
        "लड़का किताब पढ़ता है",
        "  लड़का  किताब पढ़ता है . ",
        "laṛkā kitāb paṛhtā hai.",
        "larka kitab parhta hai",
        "Larka kitab PARHTA hai",
        "laṛkā किताब parhta है",
        unicodedata.normalize("NFD", "laṛkā kitāb paṛhtā hai"),
        unicodedata.normalize("NFD", "लड़का किताब पढ़ता है"),
        "लड\u093cका किताब प\u095dता है",
    ],
)
def test_a_sentence_may_be_typed_in_many_ways(typed):
    assert read_sentence(typed, VOCAB) == (("लड़का", "किताब", "पढ़ता", "है", "।"), {})


def test_every_word_can_be_typed_romanised():
    for typed, word in (("qamīz", "क़मीज़"), ("qamiz", "क़मीज़"), ("rāṣṭra", "राष्ट्र"), ("rastra", "राष्ट्र")):
        assert read_sentence(typed, VOCAB) == ((word, "।"), {})


def test_unknown_words_are_named_with_the_closest_ones():
    words, unknown = read_sentence("लड़के किताब पढ़ता है", VOCAB)
    assert words == ("लड़के", "किताब", "पढ़ता", "है", "।")
    assert set(unknown) == {"लड़के"} and {"लड़का", "लड़की"} <= set(unknown["लड़के"])
    words, unknown = read_sentence("larkon kitabon", VOCAB)
    assert words == ("larkon", "kitabon", "।")
    assert "लड़का" in unknown["larkon"] and unknown["kitabon"] == ["किताब"]
    for word in ("हाथी", "xyzzy", "5"):  # nothing is like them, and none of them is taken for another word
        assert read_sentence(word, VOCAB) == ((word, "।"), {word: []})


def test_what_was_typed_can_be_translated():
    model = small()
    words, unknown = read_sentence("larka aya", model.source_vocab)
    assert unknown == {} and words == PAIRS[0].source
    (typed,), (given,) = translate(model, [words], max_length=5), translate(model, PAIRS[:1], max_length=5)
    assert typed.target == given.target
    words, unknown = read_sentence("larka xyzzy", model.source_vocab)
    assert set(unknown) == {"xyzzy"} and translate(model, [words], max_length=5)[0].source == words


CORPUS = Vocabulary.of(p.source for p in load_split("train"))


@pytest.mark.parametrize(
    "typed,words",
    [
        ("ladka kitab padhta hai", "लड़का किताब पढ़ता है"),
        ("main ghar jaa raha hoon", "मैं घर जा रहा हूँ"),
        ("mai ghar ja raha hu", "मैं घर जा रहा हूँ"),
        ("bachche bagiche mein hain", "बच्चे बग़ीचे में हैं"),
        ("bachcha dhire dhire khata hai", "बच्चा धीरे-धीरे खाता है"),
        ("बच्चा धीरे-धीरे खाता है", "बच्चा धीरे-धीरे खाता है"),
        ("बच्चा धीरे धीरे खाता है", "बच्चा धीरे-धीरे खाता है"),
        ("dhīre-dhīre", "धीरे-धीरे"),
        ("mujhe chai pasand nahin hai", "मुझे चाय पसंद नहीं है"),
        ("doctor school mein hai", "डॉक्टर स्कूल में है"),
        ("meri behen aur woh", "मेरी बहन और वह"),
        ("Raam aur Mohan bazaar gaye the", "राम और मोहन बाज़ार गए थे"),
        ("aapne sahab ko laaya", "आपने sahab को लाया"),
        ("hum hamesha humara", "हम हमेशा हमारा"),
        ("nhi rha skta gya bhut", "नहीं रहा सकता गया बहुत"),
        ("auraton lekhakon gaon delhi nurse", "औरतों लेखकों गाँव दिल्ली नर्स"),
        ("yeh kitab sita ki hai", "यह किताब सीता की है"),
        ("tum kahan ja rahe ho", "तुम कहाँ जा रहे हो"),
        ("kon aaya aur wo kyu nahi aaya", "कौन आया और वह क्यों नहीं आया"),
        ("sita ka intezar kijiye", "सीता का इंतज़ार कीजिए"),
        ("Sita kehti hai ki", "सीता कहती है कि"),
        ("मै घर मे नही हु", "मैं घर में नहीं हूँ"),
        ("उन्होने किताबे देखेगें", "उन्होंने किताबें देखेंगे"),
        ("dheere-dheere.", "धीरे-धीरे"),
        ("कभी-कभी, वो", "कभी-कभी , वह"),
        ("मैं घर जा रहा हूं", "मैं घर जा रहा हूँ"),
        ("लडका किताब पढता है", "लड़का किताब पढ़ता है"),
        ("मां को नयी किताब पसन्द है", "माँ को नई किताब पसंद है"),
    ],
)
def test_everyday_spellings(typed, words):
    assert read_sentence(typed, CORPUS)[0] == (*words.split(), "।")


def test_every_word_of_the_corpus_can_be_typed():
    for word in CORPUS.words[len(SPECIALS) :]:
        if word not in "।,?":
            for typed in (
                word,
                spelling_key(word),
                romanize(word),
                romanize(word).replace("ā", "aa").replace("ī", "ee").replace("c", "ch"),
            ):
                assert word in readings_of(typed, CORPUS)[0][1], typed


def test_words_of_another_language_are_not_taken_for_hindi():
    _, unknown = read_sentence("she reads a good book every day with his friend", CORPUS)
    assert set(unknown) == {"she", "reads", "a", "good", "book", "every", "day", "with", "his", "friend"}


def test_nobody_would_read_another_word_in_these():
    words = "tera chor cat soon full mill pass bane dikhe khatta jaanna haar tare mahan das10".split()
    assert read_sentence(" ".join(words), CORPUS)[0] == (*words, "।")


@pytest.mark.parametrize(
    "typed,known,words",
    [
        ("लड़का पढ़ता है?", "। ?", "लड़का पढ़ता है ?"),
        ("लड़का पढ़ता है?", "।", "लड़का पढ़ता है ।"),
        ("लड़का पढ़ता है !", "।", "लड़का पढ़ता है ।"),
        ("लड़का पढ़ता है॥", "।", "लड़का पढ़ता है ।"),
        ("“लड़का पढ़ता है।”", "।", "लड़का पढ़ता है ।"),
        ("लड़का पढ़ता है", ". ?", "लड़का पढ़ता है ."),
        ("Der Hund schläft.", ".", "der hund schläft ."),
        ("Der Hund schläft", ". ?", "der hund schläft ."),
        ("der hund schläft?", "", "der hund schläft"),
    ],
)
def test_the_end_sign_is_one_that_the_model_knows(typed, known, words):
    vocab = Vocabulary([*"लड़का पढ़ता है der hund schläft".split(), *known.split()])
    assert read_sentence(typed, vocab) == (tuple(words.split()), {})


@pytest.mark.parametrize("nothing", ["", "   ", "।", " . । ", "?", "“”"])
def test_an_empty_sentence_is_refused(nothing):
    with pytest.raises(ValueError, match="the sentence is empty: type some words"):
        read_sentence(nothing, VOCAB)


@pytest.mark.parametrize("thing", [None, 7, ["लड़का"], b"larka", Pair(("a",), ("b",))])
def test_what_is_not_text_is_refused(thing):
    with pytest.raises(ValueError, match="a sentence is text, such as"):
        read_sentence(thing, VOCAB)


PAIR, EVIL = PAIRS[1], "</script><img src=x onerror=alert(1)>"


@pytest.fixture
def shown(monkeypatch):
    explorers = []
    monkeypatch.setattr("helpers.widgets.sentence_box.display", explorers.append)
    return explorers


def test_the_sentence_box_shows_what_is_typed(shown):
    model = small()
    box = sentence_box(model, "laṛkī kitāb paṛhtī hai")
    field, message, _ = box.children
    assert shown[0].alignment.source[:-1] == PAIR.source and message.value == ""
    field.value = "larka aya"
    assert shown[1].alignment.source[:2] == ("लड़का", "आया")
    (same,) = translate(model, [("लड़का", "आया", "।")])
    torch.testing.assert_close(shown[1].alignment.alpha, same.alignment.alpha)
    field.value = f"लड़कपन {EVIL}"
    assert "does not know लड़कपन. Close to it: " in message.value and "लड़की (laṛkī)" in message.value
    assert "<img" not in message.value and "&lt;" in message.value
    field.value = "larki ai"
    assert "the sentence is empty" not in message.value
    field.value = " "
    assert "the sentence is empty" in message.value and len(shown) == 4


def test_what_can_be_read_in_two_ways_is_said(shown):
    box = sentence_box(
        new_translator(ModelConfig(hidden=4), TrainingConfig(), load_split("valid")), "ladka ghar mein hai"
    )
    message = box.children[1].value
    assert (
        "hai is read as है (hai); it can also be हैं" in message and "mein is read as में (mẽ); it can also be मैं" in message
    )


def test_the_sentence_box_leaves_a_line_where_no_kernel_runs():
    data = sentence_box(small())._repr_mimebundle_()
    assert "needs a running kernel" in data["text/html"] and "application/vnd.jupyter.widget-view+json" in data


@pytest.mark.parametrize(
    "attention,message", [("none", "has no α to step through"), ("given", "must be told where to")]
)
def test_the_sentence_box_needs_a_model_that_looks_by_itself(attention, message):
    with pytest.raises(ValueError, match=message):
        sentence_box(small(attention))
