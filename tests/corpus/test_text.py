"""Words and sentences: cut apart, put together again, compared without regard to spelling."""

import random
import unicodedata

import pytest

from helpers.corpus.text import detokenise, spelling_key, tokenise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("मुझे हिन्दी में", "मुझे हिन्दी में"),
        ("वह गया.", "वह गया ।"),
        ("वह गया |", "वह गया ।"),
        ("मैं एक जानवर हूँ I", "मैं एक जानवर हूँ ।"),
        ('"वह गया."', '" वह गया । "'),
        ("क्\u200dया तुम ७२ हो?", "क्या तुम 72 हो ?"),
        ("२:३० बजे", "2:30 बजे"),
        ("धीरे-धीरे", "धीरे - धीरे"),
        ("Either you or I.", "either you or i ."),
        ("It is I", "it is i"),
        ("Don’t! Tom's dog can't.", "do n't ! tom 's dog ca n't ."),
        ("It costs $1,000.50, OK?", "it costs $ 1,000.50 , ok ?"),
        ("Ça va, café", "ça va , café"),
        ("Привет, мир!", "привет , мир !"),
        ("我爱你", "我 爱 你"),
        ("Donau\u00addampf \ufeffa\u2060b bo\0ok", "donaudampf ab book"),
        ("می\u200cخواهم \u202bکتاب\u202c", "میخواهم کتاب"),
        ("ein\u200bwort", "ein wort"),
        ("❤️ 🇮🇳 👍🏽 👨\u200d👩\u200d👧, ok 😀😀", "❤ 🇮🇳 👍🏽 👨\u200d👩\u200d👧 , ok 😀 😀"),
        ("", ""),
    ],
)
def test_tokenise(text, words):
    assert tokenise(text) == tuple(words.split())
    assert tokenise(unicodedata.normalize("NFD", text)) == tokenise(text)
    assert tokenise(detokenise(tokenise(text))) == tokenise(text)


def test_no_letter_or_vowel_sign_is_lost():
    rng = random.Random(0)
    signs = [chr(c) for c in range(0x900, 0x980) if unicodedata.category(chr(c))[0] in "LM"]
    for _ in range(300):
        word = unicodedata.normalize("NFC", "".join(signs[int(rng.random() * len(signs))] for _ in range(8)))
        assert tokenise(f"{word}, {word}?") == (word, ",", word, "?")


@pytest.mark.parametrize(
    "text",
    [
        "i can't believe tom's parents' house!",
        'he said, "don\'t go."',
        '"yes," she said, "it\'s 2:30."',
        "well-known books (and $5.50).",
        "wow...",
        "is it 50%?",
    ],
)
def test_detokenise_undoes_tokenise(text):
    assert detokenise(tokenise(text)) == text


@pytest.mark.parametrize("variants", ["फ़ोन फोन", "ज़रूरत जरूरत", "हूँ हूं", "हिन्दी हिंदी", "गये गए", "नयी नई"])
def test_spelling_variants_share_a_key(variants):
    assert len({spelling_key(word) for word in variants.split()}) == 1


def test_different_words_keep_different_keys():
    words = "में मैं मे ये ए वे है हैं की कि के यह वह न नहीं नया book café".split()
    assert len({spelling_key(word) for word in words}) == len(words)
