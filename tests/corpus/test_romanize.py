"""romanize follows the usual scholarly spelling, with silent schwas left out."""

import unicodedata

import pytest

from helpers.corpus.pairs import load_split
from helpers.corpus.romanize import romanize

WORDS = """
किताब kitāb|लड़का laṛkā|लड़की laṛkī|लड़कियाँ laṛkiyā̃|पढ़ता paṛhtā
पढ़ी paṛhī|कमरा kamrā|समझता samajhtā|समझना samajhnā|में mẽ
मैं maĩ|नमस्ते namaste|राष्ट्र rāṣṭra|मित्र mitra|छात्र chātra
सत्य satya|कृष्ण kr̥ṣṇa|बच्चा baccā|आदमियों ādmiyõ|हिंदी hindī
अंग्रेज़ी aṅgrezī|सुंदर sundar|पुस्तकालय pustakālay|विद्यालय vidyālay|कभी-कभी kabhī-kabhī
मंदिर mandir|दिल्ली dillī|मुंबई mumbaī|घर ghar|घड़ी ghaṛī
अख़बार aḵhbār|ख़रीदना ḵharīdnā|क़मीज़ qamīz|बग़ीचा baġīcā|साड़ी sāṛī
चिट्ठियाँ ciṭṭhiyā̃|पाँच pā̃c|हूँ hū̃|हैं haĩ|नहीं nahī̃
वह vah|कहता kahtā|सड़क saṛak|छत chat|शहर śahar
जानवर jānvar|बाज़ार bāzār|गाँव gā̃v|गई gaī|आएँगे āẽge
पढ़ूँगा paṛhū̃gā|निकलना nikalnā|निकलता nikaltā|मतलब matlab|जनता jantā
भारत bhārat|संस्कृत sanskr̥t|हंस hans|हँस hãs|हंसना hãsnā|मेहनती mehnatī|दोपहर dopahar
इसलिए islie|सरकार sarkār|अपना apnā|उसने usne|शिक्षक śikṣak
अस्पताल aspatāl|पंखा paṅkhā|झंडा jhaṇḍā|अंत ant|दुःख duḥkh
क्षमा kṣamā|ज्ञान jñān|डॉक्टर ḍôkṭar|गायिका gāyikā|१२ 12
न na|संसार sansār|सिंह sinh|इंसान insān|मांस mā̃s|गांव gā̃v
भैंस bhaĩs|पैंसठ paĩsaṭh|बांह bā̃h|भौंह bhaũh|नींव nī̃v|गोमांस gomā̃s|गंवाना gãvānā|मुंह mũh|अाए āe|अौर aur|फ़्रांस frāns
कृपया kr̥payā|जनवरी janvarī|फ़रवरी farvarī|श्रीमती śrīmatī|नियमित niyamit
प्रगति pragati|राष्ट्रपति rāṣṭrapati|गर्भवती garbhavatī|उदाहरण udāharaṇ|वातावरण vātāvaraṇ
पर्यावरण paryāvaraṇ|असफल asaphal|नासमझ nāsamajh|बेवक़ूफ़ bevaqūf|दरअसल darasal
हवाईजहाज़ havāījahāz|देवनागरी devnāgarī|स्वागतम् svāgatam|उपकरण upkaraṇ|बदतमीज़ badtamīz
जल्दबाज़ी jaldbāzī|अहमदाबाद ahmadābād|औरंगज़ेब auraṅgzeb|शाहजहाँ śāhjahā̃|रामचरितमानस rāmcaritmānas
आश्चर्यचकित āścaryacakit|अधपका adhpakā|रखरखाव rakhrakhāv|हथकड़ी hathkaṛī|फुलझड़ी phuljhaṛī
किर्गिज़स्तान kirgizstān|चटपटा caṭpaṭā|अटपटा aṭpaṭā|जगमगाना jagmagānā|थरथराना thartharānā
फड़फड़ाना phaṛphaṛānā|लड़खड़ाना laṛkhaṛānā|खटखटाना khaṭkhaṭānā|गड़गड़ाहट gaṛgaṛāhaṭ|झनझनाहट jhanjhanāhaṭ
सरसराहट sarsarāhaṭ|मुसकराहट muskarāhaṭ|सनसनी sansanī|कनकनी kankanī|क्योंकि kyõki
फेंकना phẽknā|फेंको phẽko|खींचना khī̃cnā|सींचना sī̃cnā|भौंकना bhaũknā
चौंकना caũknā|पोंछना põchnā|छींकना chī̃knā|रेंगना rẽgnā|ठोंकना ṭhõknā
शाळा śāḷā|ॲप êp|कॅट kêṭ|पितॄ pitr̥̄|ॐ om
"""
PAIRS = [pair.split(" ") for line in WORDS.split("\n") for pair in line.split("|") if pair]


@pytest.mark.parametrize(("word", "latin"), PAIRS)
def test_words(word, latin):
    assert romanize(word) == unicodedata.normalize("NFC", latin)


def test_both_ways_to_write_a_dotted_letter_agree():
    assert romanize("पढ\u093cी") == romanize("प\u095dी") == "paṛhī"


def test_sentence_keeps_its_tokens():
    assert romanize("लड़के ने किताब पढ़ी ।") == "laṛke ne kitāb paṛhī ."


def test_no_devanagari_is_left_in_any_word_of_the_corpus():
    words = {word for pair in load_split("train") for word in pair.source}
    assert not [word for word in words if any("\u0900" <= char <= "\u097f" for char in romanize(word))]


def test_other_text_is_untouched():
    assert romanize("Ram, 3.5 km") == "Ram, 3.5 km"


def test_no_sign_of_the_script_is_left():
    for char in map(chr, range(0x900, 0x980)):
        for text in (char, f"क{char}ल", f"{char}{char}"):
            assert not any("\u0900" <= letter <= "\u097f" for letter in romanize(text)), text
