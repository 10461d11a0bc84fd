"""Devanagari in Latin letters as linguists write Hindi: IAST, ã ẽ õ for nasal vowels, no silent schwas."""

import re
import unicodedata


def _table(letters: str, sounds: str) -> dict[str, str]:
    return dict(zip(letters, sounds.split(), strict=True))


VOWELS = _table("अआइईउऊऋएऐओऔऑ", "a ā i ī u ū r̥ e ai o au ô")
SIGNS = _table("ािीुूृेैोौॉ", "ā i ī u ū r̥ e ai o au ô")
CONSONANTS = _table(
    "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह",
    "k kh g gh ṅ c ch j jh ñ ṭ ṭh ḍ ḍh ṇ t th d dh n p ph b bh m y r l v ś ṣ s h",
)
WITH_NUKTA = {"क": "q", "ख": "ḵh", "ग": "ġ", "ज": "z", "ड": "ṛ", "ढ": "ṛh", "फ": "f"}
NASAL_BEFORE = {
    **dict.fromkeys("कखगघ", "ṅ"),
    **dict.fromkeys("चछजझ", "ñ"),
    **dict.fromkeys("टठडढ", "ṇ"),
    **dict.fromkeys("तथदध", "n"),
    **dict.fromkeys("पफबभम", "m"),
}
OTHER = {"।": ".", "ः": "ḥ", "ऽ": "’", **{chr(0x966 + n): str(n) for n in range(10)}}
VIRAMA, NUKTA, SCHWA, TILDE = "्", "़", "ə", "\u0303"
EXCEPTIONS = {"दोपहर": "dopahar", "मेहनती": "mehnatī"}  # do-pahar, mehnat-ī: the parts of the word decide


def romanize(text: str) -> str:
    """Devanagari in Latin letters: romanize("किताब पढ़ी ।") is "kitāb paṛhī ."; other letters stay."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub("[\u0900-\u097f]+", lambda m: EXCEPTIONS.get(m[0]) or _word(m[0]), text)
    return unicodedata.normalize("NFC", text)


def _word(word: str) -> str:
    sounds: list[str] = []  # SCHWA stands for the vowel that is not written
    word = unicodedata.normalize("NFD", word)
    for char, after in zip(word, word[1:] + " ", strict=True):
        if char in CONSONANTS:
            sounds += [WITH_NUKTA.get(char, CONSONANTS[char]) if after == NUKTA else CONSONANTS[char], SCHWA]
        elif char in SIGNS:
            sounds[-1:] = [SIGNS[char]]
        elif char == VIRAMA:
            sounds.pop()
        elif char in "ंँ":
            nasal = NASAL_BEFORE.get(after) if char == "ं" else None
            sounds = [*sounds, nasal] if nasal else [*sounds[:-1], sounds[-1] + TILDE if sounds else TILDE]
        elif char != NUKTA:
            sounds.append(VOWELS.get(char) or OTHER.get(char, char))
    return "".join(_without_silent_schwas(sounds)).replace(SCHWA, "a")


def _without_silent_schwas(sounds: list[str]) -> list[str]:
    """Drops a last schwa, unless a cluster needs it (rāṣṭra), and from the right each in VC_CV (laṛkā).

    Source: the schwa deletion rule of Ohala 1983, Aspects of Hindi Phonology.
    """

    def vowel(i: int) -> bool:
        return 0 <= i < len(sounds) and sounds[i].strip(TILDE) in {SCHWA, *VOWELS.values()}

    if len(sounds) > 2 and sounds[-1] == SCHWA:
        before, last = sounds[-3:-1]
        cluster = not vowel(len(sounds) - 3) and before not in "ṅñṇnmr" and last in "yrlvnṇ"
        if not cluster and not (before in "iī" and last == "y"):
            sounds = sounds[:-1]
    for i in range(len(sounds) - 3, 1, -1):
        if sounds[i] == SCHWA and vowel(i - 2) and not vowel(i - 1) and not vowel(i + 1) and vowel(i + 2):
            sounds = sounds[:i] + sounds[i + 1 :]
    return sounds
