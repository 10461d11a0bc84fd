"""The class of an English word, the meaning of a Hindi one."""

from helpers.corpus.words import gloss, word_class


def test_word_classes():
    assert {word_class(w) for w in "the of does he my 's not if who".split()} == {"function"}
    assert {word_class(w) for w in ". , ? !".split()} == {"punctuation"}
    assert {word_class(w) for w in "book Ram read old slowly two yesterday".split()} == {"content"}


def test_every_hindi_word_has_a_gloss(splits):
    assert not {word for p in splits["train"] for word in p.source if not gloss(word)}
    assert gloss("किताब") == "book" and gloss("पढ़ी") == "past of read" and gloss("क्वथनांक") == ""


def test_the_translation_tells_which_meaning():
    assert gloss("कल") == "yesterday / tomorrow" and gloss("कल", ["he", "came", "yesterday"]) == "yesterday"
    assert gloss("हैं") == "are" and gloss("हूँ") == "am" and gloss("ये") == "these"
    assert gloss("उसने", ["she", "read"]) == "she" and gloss("उसने") == "he / she"
