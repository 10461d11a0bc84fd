"""The grammar: what its Hindi, its English and its links promise, and how its tables are extended.

The checks read the sentences as they stand and the raw tables, not the generator's own features.
"""

import shutil
from collections import Counter
from random import Random

import pytest

from helpers.corpus.grammar.sentences import Grammar
from helpers.corpus.grammar.tables import LEXICON
from helpers.corpus.pairs import DATA
from helpers.corpus.words import word_class

POSTPOSITIONS = {"ने", "को", "से", "में", "पर", "का", "के", "की"}
FUSED_NE = {"मैंने", "हमने", "आपने", "उसने", "उन्होंने"}
COPULAS = {"है", "हैं", "हूँ", "था", "थे", "थी", "थीं"}


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
INFLECTING += ["मेर", "हमार", "आपक", "उनक", "अपन"]
GIVEN = {n for n in GENDER if "given" in KINDS[n]}


def perfectives(ne):
    """Masculine singular, feminine and plural perfective forms of the verbs with (or without) ने."""
    forms = {}
    for stem, _, perfective, _, verb_ne, *_ in rows("verbs.tsv"):
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
    joined = {"and", "but", "relative", "conditional", "when", "report"}
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


def test_content_words_have_exactly_one_sure_link(sampled):
    for p in sampled:
        sure = Counter(t for _, t, is_sure in p.links if is_sure)
        assert all(sure[t] == 1 for t, word in enumerate(p.target) if word_class(word) == "content"), p


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
        if any("predicate" in name or name in ("location", "past location") for name in p.constructions):
            continue
        checked += 1
        assert verb.endswith(("ी", "ई")) if GENDER[subject] == "f" else verb.endswith("ा"), p
        assert copula in ("", "है", "थी" if GENDER[subject] == "f" else "था"), p
    assert checked > 60


def test_honorifics_take_the_plural(simple):
    checked = 0
    for p in simple:
        if p.source[0] in {"पिताजी", "दादाजी", "दादीजी"} and p.source[1] not in POSTPOSITIONS | {"और"}:
            verb, copula = finite(p)
            checked += 1
            assert copula in {"हैं", "थे", "थीं"} or verb.endswith(("गे", "गी", "े", "ए", "ीं", "ईं")), p
    assert checked > 20


def test_ne_exactly_where_a_perfective_asks_for_it(simple):
    checked = Counter()
    for p in simple:
        verb, copula = finite(p)
        has_ne = "ने" in p.source or bool(FUSED_NE & set(p.source))
        perfective = verb in WITH_NE and copula in ("", "है", "हैं")
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
        followed = zip(p.source, p.source[1:], strict=False)
        nouns = [w for w, after in followed if (w in GENDER or w in plurals) and after not in POSTPOSITIONS]
        if nouns:
            checked["bare"] += 1
            assert feminine == (GENDER[plurals.get(nouns[-1], nouns[-1])] == "f"), p
            assert verb.endswith("ं") == (nouns[-1] in plurals and not copula), p
    assert checked["को"] > 5 and checked["bare"] > 50


def test_kal_is_yesterday_with_a_past_and_tomorrow_with_a_future(sampled, simple):
    for p in simple:
        if "कल" in p.source:
            verb, _ = finite(p)
            future = verb.endswith(("गा", "गे", "गी"))
            assert ("tomorrow" if future else "yesterday") in p.target, p
            linked = [p.target[t] for j, t, _ in p.links if j == p.source.index("कल")]
            assert sum(word in ("yesterday", "tomorrow") for word in linked) == 1, p
    for p in sampled:
        assert p.source.count("कल") == p.target.count("yesterday") + p.target.count("tomorrow"), p


def test_own_never_opens_a_sentence_and_third_person_singular_is_never_oblique(simple):
    for p in simple:
        assert p.source[0] not in {"अपना", "अपने", "अपनी"}, p
        assert not {"उसने", "उसे", "उसके", "उसका", "उसकी"} & set(p.source), p


def test_nobody_meets_himself(simple):
    for p in simple:
        assert all(p.source.count(name) <= 1 for name in GIVEN), p


# English


def test_english_articles_and_verbs(sampled):
    wrong = "I is,he are,she are,they is,he do,she do,they does,I does,we was,they was"
    disagreeing = set(wrong.split(","))
    for p in sampled:
        for word, after in zip(p.target, p.target[1:], strict=False):
            assert not (word == "a" and after[0] in "aeioAEIO"), p
            assert not (word == "an" and after[0] not in "aeioAEIO"), p
            assert f"{word} {after}" not in disagreeing, p
        assert "" not in p.target and p.target[-1] == ".", p


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
            "बात कर\tchat chatted chatted chatting\t\t\tno\tintransitive\thuman",
            "the stem 'बात कर' must be",
        ),
        ("verbs.tsv", "चख\t\t\t\tyes\ttransitive\thuman\tfood", "the English '' must be one verb"),
        ("verbs.tsv", "चख\tgo to the place now\t\t\tyes\ttransitive\thuman\tfood", "must be one verb"),
        ("adjectives.tsv", "बहुत बड़ा\thuge\t2\tfruit", "the Hindi 'बहुत बड़ा' must be one word"),
        ("adjectives.tsv", "गोल\tround\t\tfruit", "order '?'"),
        ("numerals.tsv", "सौ\ta hundred", "the English 'a hundred' must be one word"),
        ("adverbs.tsv", "T\tतब\tthen\t0-1\tpast\t", "goes beyond the words"),
        ("adverbs.tsv", "T\tतब\tback then\t0-1\tpast\t", "of the English words 'back then' needs a link"),
        ("adverbs.tsv", "T\tतब\tthen\t0-0\tpast\t1\tmaybe", "open 'maybe'"),
        ("constructions.tsv", "clause\tx\tS V:hab@S\tS V:pres\t\t\t1\t", "such as time=past"),
        ("constructions.tsv", "noun\tx\tN\tN\t\t\t1\t", "such as roles=S O"),
        ("verbs.tsv", "चख\ttaste\t\t\tyes\ttransitive\thuman\tfoood\t\t\t", "the kind of noun 'foood'"),
        ("verbs.tsv", "चख\ttaste\t\t\tja\ttransitive\thuman\tfood\t\t\t", "ne 'ja' is not allowed"),
        ("adjectives.tsv", "गोल\tround\t9\tfruit", "order '9'"),
        ("adverbs.tsv", "T\tतब\tthen\t0:0\tpast\t", "'0:0' is not an alignment"),
        ("constructions.tsv", "clauze\tx\tS\tS\t\t\t1\t", "level 'clauze'"),
        ("constructions.tsv", "clause\tx\tS V:hab%S\tS V:pres\t\ttime=state\t1\t", "'V:hab%S' is not a token"),
        ("constructions.tsv", "clause\tx\tS V:hab@S\tS Q\t\ttime=state\t1\t", "the English label 'Q'"),
        ("constructions.tsv", "clause\tx\tS V:hub@S\tS V:pres\t\ttime=state\t1\t", "the form 'hub'"),
        ("constructions.tsv", "clause\tx\tS\tS\tS>S\ttime=state\t1\t", "'S>S' is not a possible link"),
        ("constructions.tsv", "clause\tx\tS\tS\t\tcolour=red\t1\t", "the condition on 'colour'"),
        ("constructions.tsv", "clause\tx\tS\tS\t\ttime=state\tmuch\t", "the weight 'much'"),
        ("verbs.tsv", "चख\ttaste\t\t\tyes\ttransitiv\thuman\tfood\t\t\t", "frames 'transitiv' is not allowed"),
        ("verbs.tsv", "चख\ttaste\t\t\tyes\ttransitive\thuman\tfood\t\tslow\t", "manner 'slow' is not allowed"),
        ("verbs.tsv", "चख\ttaste\t\t\tyes\ttransitive\thuman\tfood\t\t\tpresent2", "not 'present2' is not"),
        ("adverbs.tsv", "T\tतब\tthen\t0-0\tpats\t", "the time 'pats' is not allowed"),
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
            for side in ("hindi", "english"):
                labels = [t.label for rule in (clause, frame) for t in getattr(rule, side)]
                assert len(labels) == len(set(labels)), (clause.name, frame.name)
