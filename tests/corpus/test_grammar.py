"""The grammar: what its Hindi, its English and its links promise, and how its tables are extended.

The checks read the sentences as they stand and the raw tables, not the generator's own features.
"""

import re
import shutil
from collections import Counter
from random import Random

import pytest

from helpers.corpus.grammar.lexicon import matches
from helpers.corpus.grammar.sentences import Grammar, _frames
from helpers.corpus.grammar.tables import LEXICON
from helpers.corpus.pairs import DATA
from helpers.corpus.words import word_class

POSTPOSITIONS = {"ने", "को", "से", "में", "पर", "का", "के", "की"}
FUSED_NE = {"मैंने", "हमने", "आपने", "तुमने", "उसने", "उन्होंने", "किसने"}
COPULAS = {"है", "हैं", "हूँ", "हो", "था", "थे", "थी", "थीं"}


def rows(name):
    """The rows of a table as tuples of cells, by nothing but splitting lines."""
    lines = [
        line.split("\t")
        for line in (LEXICON / name).read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    width = len(lines[0])
    return [tuple(line + [""] * (width - len(line))) for line in lines[1:]]


GENDER = {hindi: gender for hindi, gender, *_ in rows("nouns.tsv")}
KINDS = {hindi: set(kinds.split()) for hindi, _, _, _, kinds in rows("nouns.tsv")}
MARKED = {n for n in GENDER if GENDER[n] == "m" and n.endswith("ा") and not KINDS[n] & {"fixed", "name"}}
FEMININE = {n for n in GENDER if GENDER[n] == "f" and not KINDS[n] & {"name", "mass"}}


def feminine_plural(noun):
    """The direct plural: लड़कियाँ, चिड़ियाँ, दवाइयाँ, भाषाएँ, किताबें."""
    for ending, plural in (("िया", "ियाँ"), ("ी", "ियाँ"), ("ई", "इयाँ"), ("ा", "ाएँ")):
        if noun.endswith(ending):
            return noun.removesuffix(ending) + plural
    return noun + "ें"


FEMININE_PLURAL = {noun: feminine_plural(noun) for noun in FEMININE}
INFLECTING = [a[0][:-1] for a in rows("adjectives.tsv") if a[0].endswith("ा") and not a[0].endswith("या")]
INFLECTING += ["मेर", "हमार", "आपक", "तुम्हार", "उनक", "उसक", "अपन"]
GIVEN = {n for n in GENDER if "given" in KINDS[n]}


def perfectives(ne):
    """Masculine singular, feminine and plural perfective forms of the verbs with (or without) ने."""
    forms = {}
    for stem, _, perfective, _, _, verb_ne, *_ in rows("verbs.tsv"):
        if verb_ne != ne:
            continue
        singular = perfective or stem + ("या" if stem[-1] in "ािीुूेैोौआ" else "ा")
        if singular.endswith("िया"):
            plural, feminine = singular[:-2] + "ए", singular[:-3] + "ी"
        elif singular.endswith("या"):
            plural, feminine = singular[:-2] + "ए", singular[:-2] + "ई"
        else:
            plural, feminine = singular[:-1] + "े", singular[:-1] + "ी"
        forms |= {singular: "msg", plural: "mpl", feminine: "f", feminine + "ं": "fpl"}
    return forms


WITH_NE, WITHOUT_NE = perfectives("yes"), perfectives("no")


@pytest.fixture(scope="module")
def grammar():
    return Grammar()


@pytest.fixture(scope="module")
def sampled(grammar):
    rng = Random(1)
    return [grammar.sample(rng, 0.5 if i % 4 else 1 + i % 12 / 4) for i in range(4500)]


@pytest.fixture(scope="module")
def simple(sampled):
    """Pairs of one clause."""
    joined = {"and", "relative", "conditional", "when", "report", "tell", "story", "long story", "about", "because"}
    joined |= {"contrast", "report question", "conditional question", "conditional command"}
    return [p for p in sampled if not joined & set(p.constructions)]


def finite(pair):
    """The last verb word before the copula, and the copula or ''."""
    words = pair.source[:-1]
    return (words[-2], words[-1]) if words[-1] in COPULAS else (words[-1], "")


# Links


def test_links_are_well_formed_and_every_english_word_has_one(sampled):
    for p in sampled:
        positions = [(j, t) for j, t, _ in p.links]
        assert len(positions) == len(set(positions)), p
        assert all(0 <= j < len(p.source) and 0 <= t < len(p.target) for j, t in positions), p
        assert {t for _, t in positions} == set(range(len(p.target))), p


def test_content_words_have_one_sure_link_or_two_where_hindi_has_two_words(sampled):
    two = {"help", "wait", "talk", "phon", "work", "clean", "start", "well"}
    for p in sampled:
        sure = Counter(t for _, t, is_sure in p.links if is_sure)
        for t, word in enumerate(p.target):
            if word_class(word) == "content":
                most = 2 if any(word.startswith(x) for x in two) else 1
                assert 1 <= sure[t] <= most, p


def test_nouns_that_carry_ne_are_linked_to_it(sampled):
    for p in sampled:
        for i, word in enumerate(p.source):
            if word == "ने":
                assert any(j == i and not sure for j, _, sure in p.links), p


# Hindi


def test_oblique_before_every_postposition(sampled):
    direct = MARKED | set(FEMININE_PLURAL.values())
    checked = 0
    for p in sampled:
        for i, word in enumerate(p.source):
            if word not in POSTPOSITIONS or p.source[i - 1] not in set(GENDER) | direct:
                continue
            checked += 1
            phrase = [p.source[i - 1]]
            named = "name" in KINDS.get(phrase[0], ())
            for before in () if named else reversed(p.source[: i - 1]):
                if before[:-1] not in INFLECTING and before not in {"यह", "ये", "नया"}:  # वह, वे: pronouns too
                    break
                phrase.append(before)
            assert not set(phrase) & (direct | {"यह", "ये", "नया"}), p
            assert not any(w[:-1] in INFLECTING and w.endswith("ा") for w in phrase), p
    assert checked > 1000


def test_oblique_plurals_stand_only_before_a_postposition(sampled):
    obliques = {n[:-1] + "ों" for n in MARKED}
    obliques |= {w[:-2] + "ों" for w in FEMININE_PLURAL.values() if w.endswith("याँ")}  # लड़कियों
    for p in sampled:
        for word, after in zip(p.source, p.source[1:], strict=False):
            assert word not in obliques or after in POSTPOSITIONS, p


def test_adjectives_and_possessives_agree_with_their_noun(sampled):
    checked = 0
    for p in sampled:
        for word, noun in zip(p.source, p.source[1:], strict=False):
            if word[:-1] in INFLECTING and word[-1] in "ाेी" and noun in GENDER:
                checked += 1
                assert word[-1] == "ी" if GENDER[noun] == "f" else word[-1] in "ाे", p
                assert noun not in MARKED or word[-1] == "ा", p  # the direct singular
    assert checked > 500


def test_numerals_go_with_plurals_in_both_languages(sampled):
    numerals = dict(rows("numerals.tsv"))
    singular = MARKED | set(FEMININE_PLURAL)
    english_singular = {r[2] for r in rows("nouns.tsv")} - {"sweet"}  # an adjective too
    for p in sampled:
        for words, numbers, forms in ((p.source, numerals, singular), (p.target, numerals.values(), english_singular)):
            for i, word in enumerate(words):
                if word in numbers:
                    assert words[i + 1] not in forms, p


def test_verb_agrees_with_a_name_as_subject(simple):
    checked = 0
    for p in simple:
        subject, after = p.source[:2]
        verb, copula = finite(p)
        if subject not in GIVEN or after in POSTPOSITIONS | {"और"} or verb[-1] not in "ाीेंई":
            continue
        predicates = ("location", "past location", "where state", "where was", "why state")
        if any("predicate" in name or name in predicates for name in p.constructions):
            continue
        checked += 1
        assert verb.endswith(("ी", "ई")) if GENDER[subject] == "f" else verb.endswith("ा"), p
        assert copula in ("", "है", "थी" if GENDER[subject] == "f" else "था"), p
    assert checked > 60


def test_honorifics_take_the_plural(simple):
    checked = 0
    for p in simple:
        if p.source[0] in {"माँ", "पिताजी", "दादाजी", "दादीजी"} and p.source[1] not in POSTPOSITIONS | {"और"}:
            verb, copula = finite(p)
            checked += 1
            assert copula in {"हैं", "थे", "थीं"} or verb.endswith(("गे", "गी", "े", "ए", "ीं", "ईं")), p
    assert checked > 20


def test_ne_exactly_where_a_perfective_asks_for_it(simple):
    checked = Counter()
    for p in simple:
        verb, copula = finite(p)
        has_ne = "ने" in p.source or bool(FUSED_NE & set(p.source))
        perfective = verb in WITH_NE and copula in ("", "है", "हैं") and "must" not in p.constructions  # जाना है
        checked[has_ne] += 1
        assert has_ne == perfective, p
        if verb in WITHOUT_NE and copula in ("", "है", "हैं", "हूँ"):
            assert not has_ne, p
    assert checked[True] > 100


def test_the_perfective_agrees_with_the_bare_object_and_not_with_one_before_ko(simple):
    checked, plurals = Counter(), {plural: noun for noun, plural in FEMININE_PLURAL.items()}
    for p in simple:
        verb, copula = finite(p)
        if not ("ने" in p.source or FUSED_NE & set(p.source)):
            continue
        feminine = verb.endswith(("ी", "ीं", "ई", "ईं"))
        if "animate" in p.constructions:
            checked["को"] += 1
            assert WITH_NE[verb] == "msg", p
            continue
        if {"what", "how many", "noun and noun"} & set(p.constructions):
            continue
        end = len(p.source) - (3 if copula else 2)  # where the verb is: की is one, too
        followed = [(w, "" if j + 1 == end else p.source[j + 1]) for j, w in enumerate(p.source[:end])]
        nouns = [w for w, after in followed if (w in GENDER or w in plurals) and after not in POSTPOSITIONS]
        if nouns:
            checked["bare"] += 1
            assert feminine == (GENDER[plurals.get(nouns[-1], nouns[-1])] == "f"), p
            assert verb.endswith("ं") == (nouns[-1] in plurals and not copula), p
    assert checked["को"] > 2 and checked["bare"] > 50


def test_kal_is_yesterday_with_a_past_and_tomorrow_with_a_future(sampled, simple):
    for p in simple:
        if "कल" in p.source:
            verb, _ = finite(p)
            future = verb.endswith(("गा", "गे", "गी")) or any("command" in name for name in p.constructions)
            assert ("tomorrow" if future else "yesterday") in p.target, p
            linked = [p.target[t] for j, t, _ in p.links if j == p.source.index("कल")]
            assert sum(word in ("yesterday", "tomorrow") for word in linked) == 1, p
    for p in sampled:
        assert p.source.count("कल") == p.target.count("yesterday") + p.target.count("tomorrow"), p


def test_own_never_opens_a_sentence_and_third_person_singular_is_never_oblique(simple):
    for p in simple:
        assert p.source[0] not in {"अपना", "अपने", "अपनी"} or any("command" in n for n in p.constructions), p
        assert not {"उसने", "उसे", "उससे", "उसके", "उसका", "उसकी"} & set(p.source), p


def test_nobody_meets_himself(simple):
    for p in simple:
        assert all(p.source.count(name) <= 1 for name in GIVEN), p


def test_nothing_but_not_and_its_verb_is_linked_to_nahin(sampled):
    allowed = {"not", "cannot", "did", "do", "does"}
    for p in sampled:
        assert all(p.target[t] in allowed for j, t, _ in p.links if p.source[j] == "नहीं"), p


def test_what_no_speaker_says(sampled):
    for p in sampled:
        text = " ".join(p.source)
        assert not any(asleep in text for asleep in ("सोया है", "सोई है", "सोए हैं", "सोना चाहिए")), p  # is asleep; gold
        if "habitual" in p.constructions and "and" not in p.constructions:
            assert not {"see", "sees"} & set(p.target), p  # in a habit, देखना is to look at
        assert not re.search("दयालु (बच्च|लड़क)|हरे फूल|हरा फूल|काले फूल|काला फूल", text), p
        assert p.source.count("लेकिन") <= p.source.count("और") + 1, p


@pytest.mark.parametrize("respected", ["शिक्षक", "डॉक्टर", "राजा", "रानी", "माँ", "पिताजी"])
def test_respect_takes_the_plural(simple, respected):
    found = [p for p in simple if p.source[0] == respected and p.source[1] not in POSTPOSITIONS | {"और"}]
    for p in found:
        verb, copula = finite(p)
        assert copula in {"हैं", "थे", "थीं"} or (not copula and verb[-1] in "ेीएं"), p
        assert not copula or verb[-1] != "ा" or verb not in {"रहा", "चुका", "सकता"}, p


# Questions, commands, two verbs for one, people named before


INVERTED = {"do", "does", "did", "will", "can", "is", "are", "am"}
ASKED = {"क्या": "what", "कहाँ": "where", "कब": "when", "क्यों": "why", "कौन": "who", "किसने": "who"}
NUMBERED = {"कितने": "how", "कितनी": "how"}
BASES = {english.split()[0] for _, english, *_ in rows("verbs.tsv")} | {"have", "like", "need", "want"}


def linked(p, t, sure=True):
    """The Hindi words linked to an English position."""
    return [p.source[j] for j, u, is_sure in p.links if u == t and is_sure == sure]


def having(sampled, *names):
    found = [p for p in sampled if set(names) & set(p.constructions)]
    assert len(found) > 20, names
    return found


def test_yes_no_questions_begin_with_kya_and_english_inverts(sampled):
    names = {name for p in sampled for name in p.constructions if name.startswith("yes no")}
    for p in having(sampled, *names):
        start = p.source.index("तो") + 1 if "conditional question" in p.constructions else 0
        verb = p.target.index("then") + 1 if start else 0
        assert p.source[start] == "क्या" and p.source[-1] == p.target[-1] == "?", p
        assert p.target[verb] in INVERTED and "क्या" in linked(p, verb) + linked(p, verb, sure=False), p
        if p.target[verb] in ("do", "does", "did", "will", "can"):
            assert BASES & set(p.target[verb + 1 :]), p


def test_question_words_stay_in_place_and_english_moves_them(sampled, simple):
    checked = Counter()
    for p in simple:
        asked = [w for w in p.source if w in ASKED | NUMBERED]
        if p.source[-1] == "?" and asked and p.source[0] != "क्या":
            word = asked[0]
            assert p.target[0] == (ASKED | NUMBERED)[word] and linked(p, 0) == [word], p
            assert word in ("कौन", "किसने", "कितने", "कितनी") or p.source.index(word) > 0, p
            checked[word] += 1
    assert all(checked[word] >= 3 for word in ASKED), checked


def test_how_many_takes_a_plural(sampled):
    for p in having(sampled, "how many"):
        j = next(j for j, w in enumerate(p.source) if w in NUMBERED)
        assert p.target[p.target.index("how") + 1] == "many" and p.source[j + 1] not in MARKED | set(FEMININE_PLURAL), p


def test_a_sentence_says_either_tum_or_aap(sampled):
    tum = {"तुम", "तुमने", "तुम्हें", "तुम्हारे", "तुम्हारा", "तुम्हारी", "तुमसे", "हो"}
    aap = {"आप", "आपने", "आपको", "आपके", "आपका", "आपकी", "आपसे"}
    assert sum(bool(tum & set(p.source)) for p in sampled) > 100 < sum(bool(aap & set(p.source)) for p in sampled)
    for p in sampled:
        assert not (tum & set(p.source) and aap & set(p.source)), p
        assert "हो" not in p.source or "तुम" in p.source, p


def test_the_verb_of_tum(simple):
    found = [p for p in simple if p.source[0] == "तुम" and p.source[1] != "और"]
    for p in found:
        verb, copula = finite(p)
        assert copula in ("हो", "थे", "थीं") or verb.endswith(("ोगे", "ोगी", "ओगे", "ओगी", "े", "ए", "ीं", "ईं", "ते", "ती")), p
    assert len(found) > 10


def imperatives(polite):
    forms = set()
    for stem, _, _, _, irregular, *_ in rows("verbs.tsv"):
        vowel = stem[-1] in "ािीुूेैोौआ"
        forms.add(irregular.split()[polite] if irregular else stem + (("ओ", "इए") if vowel else ("ो", "िए"))[polite])
    return forms


def test_commands_end_in_an_imperative_and_only_the_polite_ones_say_please(sampled):
    for p in having(sampled, "command", "negative command", "polite command", "polite negative command"):
        polite = "please" in p.target
        assert p.source[-2] in imperatives(polite), p
        assert "conditional command" in p.constructions or ("मत" in p.source) == ("not" in p.target), p


def test_vector_verbs_follow_a_stem_and_are_never_negative(sampled, simple):
    stems = {stem for stem, *_ in rows("verbs.tsv")}
    vectors = {f"{v}{e}" for v in ("लि", "दि") for e in ("या", "ए")} | {"ली", "लीं", "दी", "दीं", "गया", "गए", "गई", "गईं"}
    checked = 0
    for p in simple:
        if {"vector", "vector with ne"} & set(p.constructions):
            assert p.source[-2] in vectors and p.source[-3] in stems and "नहीं" not in p.source, p
            verb = next(t for t in range(len(p.target)) if p.source[-3] in linked(p, t))
            assert p.source[-2] in linked(p, verb, sure=False), p
            checked += 1
    assert checked > 30
    for p in having(sampled, "vector of going"):
        j = next(j for j, w in enumerate(p.source) if w in ("चला", "चले", "चली", "चलीं"))
        assert (
            p.source[j + 1] in vectors and p.source[j + 1][-1] == {"ा": "ा", "े": "ए"}.get(p.source[j][-1], "ई")
        ) or "गईं" in p.source, p


def test_a_noun_makes_a_verb_with_karna(sampled):
    before = {"मदद": "की", "इंतज़ार": "का", "बात": "से", "फ़ोन": "को"}
    for p in having(sampled, "help", "wait", "talk", "phone"):
        for noun, mark in before.items():
            for j, word in enumerate(p.source):
                if word == noun:
                    assert mark in p.source[max(0, j - 9) : j] or any(
                        w.endswith(("से", "े", "ें", "को")) for w in p.source[:j]
                    ), p
                    t = next(t for t in range(len(p.target)) if noun in linked(p, t))
                    assert any(w.startswith(("कर", "कि", "की", "कीजिए")) for w in linked(p, t)), p


def test_he_and_she_are_somebody_of_the_clause_before(sampled):
    checked = 0
    for p in having(sampled, "story", "because", "long story"):
        if p.source[0] not in GIVEN or p.source[1] not in {"ने", "को", *KINDS} or "and" in p.constructions:
            continue
        wanted = "she" if GENDER[p.source[0]] == "f" else "he"
        t = next(t for t, word in enumerate(p.target) if word in ("he", "she"))
        assert p.target[t] == wanted and p.source[0] in linked(p, t, sure=False), p
        assert linked(p, t)[0] in ("वह", "उसने", "उसे", "उसके"), p
        checked += 1
    assert checked > 20
    for p in having(sampled, "person before"):
        assert {"he", "she", "they", "him", "her", "them"} & set(p.target), p


def test_a_reason_follows_what_did_not_happen(sampled):
    for p in having(sampled, "because"):
        reason = p.source.index("क्योंकि")
        assert "नहीं" in p.source[:reason] and p.target.count("because") == p.source.count("क्योंकि"), p


def test_but_joins_the_same_verb_with_and_without_not(sampled):
    for p in having(sampled, "contrast"):
        assert p.source.count("लेकिन") == 1 and "नहीं" in p.source[p.source.index("लेकिन") :], p


# English


def test_english_articles_and_verbs(sampled):
    wrong = "I is,he are,she are,they is,he do,she do,they does,I does,we was,they was"
    disagreeing = set(wrong.split(","))
    for p in sampled:
        for word, after in zip(p.target, p.target[1:], strict=False):
            assert not (word == "a" and after[0] in "aeioAEIO"), p
            assert not (word == "an" and after[0] not in "aeioAEIO"), p
            assert f"{word} {after}" not in disagreeing, p
        assert "" not in p.target and (p.source[-1], p.target[-1]) in (("।", "."), ("?", "?")), p


def test_english_is_lower_case_except_names_and_i(sampled):
    names = {r[2] for r in rows("nouns.tsv") if r[2][0].isupper()} | {"I"}
    assert all(word in names or word == word.lower() for p in sampled for word in p.target)


def test_a_sentence_has_one_translation(grammar, splits):
    rng, seen = Random(5), {}
    pairs = [p for split in splits.values() for p in split] + [grammar.sample(rng, 0.2) for _ in range(5000)]
    for p in pairs:
        assert seen.setdefault(p.source, p.target) == p.target, p


# The tables


def test_every_construction_is_in_the_training_split_and_on_the_data_sheet(splits):
    seen = {name for p in splits["train"] for name in p.constructions}
    sheet = (DATA / "README.md").read_text(encoding="utf-8")
    names = {r[1] for r in rows("constructions.tsv")}
    assert seen == names and len(names) >= 12
    assert all(f"**{name}**" in sheet for name in names)


@pytest.fixture
def tables(tmp_path):
    return shutil.copytree(LEXICON, tmp_path / "lexicon")


def test_a_teacher_adds_a_noun_and_a_construction(tables):
    with open(tables / "nouns.tsv", "a", encoding="utf-8") as nouns:
        nouns.write("नारियल\tm\tcoconut\t\tfruit food bulk fresh\n")
    with open(tables / "constructions.tsv", "a", encoding="utf-8") as rules:
        rules.write("clause\tgreeting\tHELLO=नमस्ते S:dir\tHELLO=hello S\t\ttime=state; S=given\t30\t\n")
    grammar, rng = Grammar(tables), Random(2)
    pairs = [grammar.sample(rng) for _ in range(1500)]
    assert any({"coconut", "coconuts"} & set(p.target) for p in pairs)
    assert any(p.target[:1] == ("hello",) and p.source[0] == "नमस्ते" for p in pairs)


@pytest.mark.parametrize(
    ("table", "row", "message"),
    [
        ("nouns.tsv", "नारियल\tn\tcoconut\t\tfruit", "gender 'n' is not allowed. Write one of: m, f"),
        ("nouns.tsv", "\tm\tcoconut\t\tfruit", "the first not empty"),
        ("nouns.tsv", "बस अड्डा\tm\tstation\t\tplace", "the Hindi 'बस अड्डा' must be one word"),
        ("nouns.tsv", "चायघर\tm\ttea house\t\tplace", "the English 'tea house' must be one word"),
        ("nouns.tsv", "नारियल\tm\t\t\tfruit", "the English '' must be one word"),
        ("nouns.tsv", "नारियल\tm\tcoconut\tcoco nuts\tfruit", "the plural 'coco nuts' must be one word"),
        (
            "verbs.tsv",
            "बात कर\tchat chatted chatted chatting\t\t\t\tno\t\tintransitive\thuman",
            "the stem 'बात कर' must be",
        ),
        ("verbs.tsv", "चख\t\t\t\t\tyes\t\ttransitive\thuman\tfood", "the English '' must be one verb"),
        ("verbs.tsv", "चख\tgo to the place now\t\t\t\tyes\t\ttransitive\thuman\tfood", "must be one verb"),
        ("adjectives.tsv", "बहुत बड़ा\thuge\t2\tfruit", "the Hindi 'बहुत बड़ा' must be one word"),
        ("adjectives.tsv", "गोल\tround\t\tfruit", "order '?'"),
        ("numerals.tsv", "सौ\ta hundred", "the English 'a hundred' must be one word"),
        ("adverbs.tsv", "T\tतब\tthen\t0-1\tpast\t", "goes beyond the words"),
        ("adverbs.tsv", "T\tतब\tback then\t0-1\tpast\t", "of the English words 'back then' needs a link"),
        ("adverbs.tsv", "T\tतब\tthen\t0-0\tpast\t1\tmaybe", "open 'maybe'"),
        ("constructions.tsv", "clause\tx\tS V:hab@S\tS V:pres\t\t\t1\t", "such as time=past"),
        ("constructions.tsv", "noun\tx\tN\tN\t\t\t1\t", "such as roles=S O"),
        ("verbs.tsv", "चख\ttaste\t\t\t\tyes\t\ttransitive\thuman\tfoood\t\t\t", "the kind of noun 'foood'"),
        ("verbs.tsv", "चख\ttaste\t\t\t\tja\t\ttransitive\thuman\tfood\t\t\t", "ne 'ja' is not allowed"),
        ("adjectives.tsv", "गोल\tround\t9\tfruit", "order '9'"),
        ("adverbs.tsv", "T\tतब\tthen\t0:0\tpast\t", "'0:0' is not an alignment"),
        ("constructions.tsv", "clauze\tx\tS\tS\t\t\t1\t", "level 'clauze'"),
        ("constructions.tsv", "clause\tx\tS V:hab%S\tS V:pres\t\ttime=state\t1\t", "'V:hab%S' is not a token"),
        ("constructions.tsv", "clause\tx\tS V:hab@S\tS Q\t\ttime=state\t1\t", "the English label 'Q'"),
        ("constructions.tsv", "clause\tx\tS V:hub@S\tS V:pres\t\ttime=state\t1\t", "the form 'hub'"),
        ("constructions.tsv", "clause\tx\tS\tS\tS>S\ttime=state\t1\t", "'S>S' is not a link"),
        ("constructions.tsv", "clause\tx\tS\tS\t\tcolour=red\t1\t", "the condition on 'colour'"),
        ("constructions.tsv", "clause\tx\tS\tS\t\ttime=state\tmuch\t", "the weight 'much'"),
        ("verbs.tsv", "चख\ttaste\t\t\t\tyes\t\ttransitiv\thuman\tfood\t\t\t", "frames 'transitiv' is not allowed"),
        ("verbs.tsv", "चख\ttaste\t\t\t\tyes\t\ttransitive\thuman\tfood\t\tslow\t", "manner 'slow' is not allowed"),
        ("verbs.tsv", "चख\ttaste\t\t\t\tyes\t\ttransitive\thuman\tfood\t\t\tpresent2", "not 'present2' is not"),
        ("adverbs.tsv", "T\tतब\tthen\t0-0\tpats\t", "the time 'pats' is not allowed"),
        ("verbs.tsv", "चख\ttaste\t\t\tचखो\tyes\t\ttransitive\thuman\tfood", "the imperative 'चखो' must be two words"),
        ("verbs.tsv", "चख\ttaste\t\t\t\tyes\tआ\ttransitive\thuman\tfood", "vector 'आ' is not allowed"),
        ("numerals.tsv", "दो\ttwo", "this row is there already"),
    ],
)
def test_wrong_rows_are_refused_with_file_line_and_reason(tables, table, row, message):
    with open(tables / table, "a", encoding="utf-8") as file:
        file.write(row + "\n")
    with pytest.raises(ValueError, match=message.replace("(", r"\(")) as error:
        Grammar(tables)
    last = len((tables / table).read_text(encoding="utf-8").splitlines())
    assert f"{table}, line {last}" in str(error.value)


def test_a_table_may_begin_with_a_mark_and_must_be_utf_8(tables):
    path = tables / "nouns.tsv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    Grammar(tables)
    path.write_bytes(path.read_bytes() + "नारियल\tm\tcoconut\n".encode("utf-16"))
    with pytest.raises(ValueError, match=r"nouns.tsv, line \d+: not UTF-8 text"):
        Grammar(tables)


def test_labels_of_a_clause_and_its_arguments_do_not_clash(grammar):
    for clause in grammar.rules["clause"]:
        for frame in grammar.rules["arguments"] if any(t.label == "ARGS" for t in clause.hindi) else ():
            if not matches(frozenset([frame.name]), _frames(clause)):
                continue
            for side in ("hindi", "english"):
                moved = {"O"} if "counted" in clause.conditions.get("tag", "") else set()
                labels = [t.label for rule in (clause, frame) for t in getattr(rule, side) if t.label not in moved]
                assert len(labels) == len(set(labels)), (clause.name, frame.name)
