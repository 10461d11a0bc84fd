"""Devanagari in Latin letters as linguists write Hindi: IAST, ã ẽ õ for nasal vowels, no silent schwas."""

import re
import unicodedata


def _table(letters: str, sounds: str) -> dict[str, str]:
    return dict(zip(letters, sounds.split(), strict=True))


# Besides the letters of Hindi those of Marathi, Sanskrit, Kashmiri, Sindhi and loanwords.
VOWELS = _table("अआइईउऊऋएऐओऔऑऄऌऍऎऒॠॡॲॳॴॵॶॷ", "a ā i ī u ū r̥ e ai o au ô ĕ l̥ ê ĕ ŏ r̥̄ l̥̄ ê ö ȫ aw ü ǖ")
SIGNS = _table("ािीुूृेैोौॉॄॅॆॊॎॏॕॖॗॢॣऺऻ", "ā i ī u ū r̥ e ai o au ô r̥̄ ê ĕ ŏ e aw ê ü ǖ l̥ l̥̄ ö ȫ")
CONSONANTS = _table(
    "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळॹॺॻॼॾॿॽॸ",
    "k kh g gh ṅ c ch j jh ñ ṭ ṭh ḍ ḍh ṇ t th d dh n p ph b bh m y r l v ś ṣ s h ḷ ž y g̈ j̈ d̈ b̈ ʼ ḍ",
)
WITH_NUKTA = {
    "क": "q",
    "ख": "ḵh",
    "ग": "ġ",
    "ज": "z",
    "ड": "ṛ",
    "ढ": "ṛh",
    "फ": "f",
    "न": "ṉ",
    "र": "ṟ",
    "ळ": "ḻ",
    "य": "y",
}
NASAL_BEFORE = {
    **dict.fromkeys("कखगघ", "ṅ"),
    **dict.fromkeys("चछजझ", "ñ"),
    **dict.fromkeys("टठडढ", "ṇ"),
    **dict.fromkeys("तथदध", "n"),
    **dict.fromkeys("पफबभम", "m"),
    **dict.fromkeys("सशषहयरलव", "n"),
}
OTHER = {
    "।": ".",
    "॥": ".",
    "॰": ".",
    "ॐ": "om",
    "ः": "ḥ",
    "ऽ": "’",
    **dict.fromkeys("॒॑॓॔ॱ", ""),
    **{chr(0x966 + n): str(n) for n in range(10)},
}
VIRAMA, NUKTA, SCHWA, TILDE = "्", "़", "ə", "\u0303"
# Words whose parts decide which schwa is said: do-pahar, rāṣṭra-pati.
_SAID = """
    दोपहर dopahar  मेहनती mehnatī  कृपया kr̥payā  जनवरी janvarī  फ़रवरी farvarī  श्रीमती śrīmatī
    नियमित niyamit  प्रगति pragati  राष्ट्रपति rāṣṭrapati  गर्भवती garbhavatī  उदाहरण udāharaṇ
    वातावरण vātāvaraṇ  पर्यावरण paryāvaraṇ  असफल asaphal  नासमझ nāsamajh  बेवक़ूफ़ bevaqūf
    दरअसल darasal  हवाईजहाज़ havāījahāz  देवनागरी devnāgarī  स्वागतम् svāgatam  उपकरण upkaraṇ
    बदतमीज़ badtamīz  जल्दबाज़ी jaldbāzī  अहमदाबाद ahmadābād  औरंगज़ेब auraṅgzeb  शाहजहाँ śāhjahā̃
    रामचरितमानस rāmcaritmānas  आश्चर्यचकित āścaryacakit  अधपका adhpakā  रखरखाव rakhrakhāv
    हथकड़ी hathkaṛī  फुलझड़ी phuljhaṛī  किर्गिज़स्तान kirgizstān  चटपटा caṭpaṭā  अटपटा aṭpaṭā
    जन्मदिन janmdin  लोकप्रिय lokpriya  शब्दकोश śabdkoś
    जगमगाना jagmagānā  लड़खड़ाना laṛkhaṛānā  मुसकराहट muskarāhaṭ
""".split()
EXCEPTIONS = dict(zip(_SAID[::2], _SAID[1::2], strict=True))
# Words in which ं stands for ँ, as printers put it where a sign stands above the line; no rule tells them from हिंदी.
NASAL = re.compile(
    "^(क्यों|फेंक|खींच|सींच|भौंक|चौंक|झोंक|छींक|रेंग|पोंछ|ठोंक|नींद|सींग|ईंट|चोंच|मेंढक|सैंतीस|सांस|सांप|गांव|पांव|छांव|बांह|मुंह|आंस|फांस"
    "|बधाईं|भैंस|भौंह|नींव|पैंस|फंस|धंस|ठूंस|गंवा|कुंवर|हंस(?=.))|मांस"
)


def romanize(text: str, spelt_out: bool = False) -> str:
    """Devanagari in Latin letters: romanize("किताब पढ़ी ।") is "kitāb paṛhī ."; other letters stay.

    Args:
        spelt_out: write also those schwas within a word that are not said: auratẽ, not aurtẽ.
    """
    text = unicodedata.normalize("NFC", text)
    said = {} if spelt_out else EXCEPTIONS
    text = re.sub("[\u0900-\u097f]+", lambda m: said.get(m[0]) or _whole(m[0], spelt_out), text)
    return unicodedata.normalize("NFC", text)


def _whole(word: str, spelt_out: bool) -> str:
    """A word; one that says its beginning twice is said in two parts: khaṭ-khaṭānā."""
    word = unicodedata.normalize("NFD", word)
    twice = re.match("((?:[क-ह]़?){2})(?=\\1)", word)
    return "".join(_word(part, spelt_out) for part in ((twice[1], word[twice.end() :]) if twice else (word,)))


def _word(word: str, spelt_out: bool) -> str:
    sounds: list[str] = []  # SCHWA stands for the vowel that is not written
    word = unicodedata.normalize("NFD", NASAL.sub(lambda stem: stem[0].replace("ं", "ँ"), word))
    for char, after in zip(word, word[1:] + " ", strict=True):
        if char in CONSONANTS:
            sounds += [WITH_NUKTA.get(char, CONSONANTS[char]) if after == NUKTA else CONSONANTS[char], SCHWA]
        elif char in SIGNS:
            after_vowel = sounds[-1:] == [SCHWA] or (sounds and sounds[-1] in VOWELS.values())
            sounds = [*(sounds[:-1] if after_vowel else sounds), SIGNS[char]]
        elif char == VIRAMA:
            sounds = sounds[:-1] if sounds[-1:] == [SCHWA] else sounds
        elif char in "ंँऀ":
            nasal = NASAL_BEFORE.get(after) if char == "ं" else None
            sounds = [*sounds, nasal] if nasal else [*sounds[:-1], sounds[-1] + TILDE if sounds else TILDE]
        elif char != NUKTA:
            sounds.append(VOWELS.get(char, OTHER.get(char, char)))
    return "".join(_without_silent_schwas(sounds, spelt_out)).replace(SCHWA, "a")


def _without_silent_schwas(sounds: list[str], only_last: bool) -> list[str]:
    """Drops a last schwa, unless a cluster needs it (rāṣṭra), and from the right each in VC_CV (laṛkā).

    Source: the schwa deletion rule of Ohala 1983, Aspects of Hindi Phonology.
    """

    def vowel(i: int) -> bool:
        return 0 <= i < len(sounds) and sounds[i].strip(TILDE) in {SCHWA, *VOWELS.values()}

    if len(sounds) > 2 and sounds[-1] == SCHWA:
        before, last = sounds[-3:-1]
        cluster = not vowel(len(sounds) - 3) and before not in "ṅñṇnmr" and last in "yrlvnṇ"
        cluster = (cluster and before + last not in ("sl", "ql")) or before + last in ("ry", "rv")  # asl, but kārya
        if not cluster and not (before in "iī" and last == "y"):
            sounds = sounds[:-1]
    for i in () if only_last else range(len(sounds) - 3, 1, -1):
        if sounds[i] == SCHWA and vowel(i - 2) and not vowel(i - 1) and not vowel(i + 1) and vowel(i + 2):
            sounds = sounds[:i] + sounds[i + 1 :]
    return sounds
