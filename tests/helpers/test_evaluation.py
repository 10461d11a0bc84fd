"""Scores against sacrebleu's own, alignment errors against a sum by hand, a probe against planted words."""

import math
import random
from types import SimpleNamespace

import pytest
import sacrebleu
import torch
from support.examples import PAIRS, small

from helpers.batching import make_batches
from helpers.corpus.pairs import Pair
from helpers.corpus.text import detokenise, tokenise
from helpers.evaluation import (
    alignment_error,
    bleu,
    encoding_vectors,
    forced_alpha,
    paired_bootstrap,
    probe,
    score,
    score_by_length,
    signatures,
    with_losses,
)
from helpers.oracle import SoftAlignment, oracle_alpha, uniform_alpha
from helpers.translation import translate
from helpers.vocabulary import END, Vocabulary

REFERENCES = [f"the {a} boy reads the {n} books ." for a in ("small", "old", "good") for n in ("two", "red", "new")]
HYPOTHESES = [r.replace("reads", "read").replace("old", "young") for r in REFERENCES]


def test_scores_are_those_of_sacrebleu():
    right = sacrebleu.corpus_bleu(HYPOTHESES, [REFERENCES], tokenize="none", force=True).score
    scores = score(HYPOTHESES, REFERENCES)
    assert bleu(HYPOTHESES, REFERENCES) == scores.bleu == pytest.approx(right)
    assert scores.chrf == pytest.approx(sacrebleu.corpus_chrf(HYPOTHESES, [REFERENCES]).score)
    assert scores.sentences == 9 and scores.exact_match == 0 and 0 < scores.bleu < 100


def test_real_sentences_are_scored_without_regard_to_case():
    hypotheses, references = ["tom's dog is here.", "Where?"], ["Tom's dog is here!", "where?"]
    scores = score(hypotheses, references, tokenized=False)
    assert scores.bleu == pytest.approx(sacrebleu.corpus_bleu(hypotheses, [references], lowercase=True).score)
    right = sacrebleu.corpus_chrf([h.lower() for h in hypotheses], [[r.lower() for r in references]]).score
    assert scores.chrf == pytest.approx(right)
    assert scores.exact_match == 50


def test_a_perfect_translation_scores_100_without_doubt():
    scores = score(REFERENCES, REFERENCES)
    assert [scores.bleu, scores.chrf, scores.exact_match] == pytest.approx([100, 100, 100])
    assert scores.exact_match_ci == 0 and scores.bleu_ci == pytest.approx(0) and scores.chrf_ci == pytest.approx(0)
    assert score(["x"] * 9, REFERENCES).exact_match_ci == 0


@pytest.mark.parametrize(
    "reference",
    [
        "Don’t you think it’s Tom’s own fault?",
        "She said, “I won’t go there again with you.”",
        "'Well…' he said — “come in.”",
        "मेरा भाई कल नई किताब पढ़ रहा था.",
        "मेरे पास ५ किताबें हैं ।",
        "میرا بھائی کل نئی کتاب پڑھ رہا تھا۔",
        "هل قرأت الكتاب، يا أخي؟",
        "می‌خواهم کتاب‌ها را بخوانم.",
        "„Ich komme morgen mit dem Zug“, sagte Anna zu ihm.",
        "—No sé, dijo él, ¿y tú?",
        "Ես կարդում եմ գիրքը։",
        "我昨天在图书馆里看书。",
        "きのうとしょかんでほんをよみました。",
        "เมื่อวานฉันอ่านหนังสือ",
        "Yes",
    ],
)
def test_the_right_words_score_100_however_they_are_typed(reference):
    for count in (1, 9):
        written = [detokenise(tokenise(reference))] * count
        scores = score(written, [reference] * count, tokenized=False)
        assert [scores.bleu, scores.chrf, scores.exact_match] == pytest.approx([100, 100, 100])
    compared = paired_bootstrap({"base": ["?"] * 9, "right": written}, [reference] * 9)
    assert compared[compared["model"] == "right"]["score"].tolist() == pytest.approx([100, 100])


@pytest.mark.parametrize("tokenized", [True, False])
def test_small_sets_have_scores(tokenized):
    for texts, references in (
        (["yes", "no"], ["yes", "maybe"]),
        (["yes", "no"], ["yes", ""]),
        (["a b c d e", "q"], ["a b c d e", "x y z"]),
        (["q"], ["x"]),
    ):
        assert score(texts, references, tokenized).notna().all()


def test_one_text_is_no_list_of_sentences():
    for texts, references in (("ab", "ab"), (["ab"], "ab"), ("ab", ["a", "b"])):
        with pytest.raises(ValueError, match="lists of sentences are needed"):
            score(texts, references)


def test_a_mixed_result_has_an_interval():
    mixed = [*REFERENCES[:5], *HYPOTHESES[5:]]
    scores = score(mixed, REFERENCES)
    assert scores.exact_match == pytest.approx(100 * 5 / 9)
    p = 5 / 9
    assert scores.exact_match_ci == pytest.approx(196 * math.sqrt(p * (1 - p) / 9), rel=0.15)
    assert scores.bleu_ci > 0 and scores.chrf_ci > 0
    more = score(mixed * 9, REFERENCES * 9)
    assert more.exact_match_ci < scores.exact_match_ci / 2 and more.bleu_ci < scores.bleu_ci / 2
    assert score(mixed, REFERENCES).equals(scores)


def test_signatures_say_how():
    assert "tok:none" in signatures()["BLEU"] and "case:mixed" in signatures()["BLEU"]
    assert "tok:13a" in signatures(tokenized=False)["BLEU"] and "case:lc" in signatures(tokenized=False)["BLEU"]
    assert set(signatures()) == {"BLEU", "chrF"} and sacrebleu.__version__ in signatures()["chrF"]


def test_score_by_length():
    pairs = [Pair(("h",) * n, tuple(REFERENCES[n % 9].split())) for n in (1, 3, 7, 8, 15, 16, 24, 99)]
    right = [" ".join(p.target) for p in pairs]
    wrong = [t if len(p.source) <= 7 else "no" for t, p in zip(right, pairs, strict=True)]
    scores = score_by_length(wrong, pairs)
    assert scores[["length_min", "length_max", "sentences"]].values.tolist() == [
        [1, 7, 3],
        [8, 15, 2],
        [16, 23, 1],
        [24, 31, 1],
    ]  # none between 32 and 60, and 99 is in no bucket
    assert scores["exact_match"].tolist() == [100, 0, 0, 0]
    assert scores["bleu"].tolist() == pytest.approx([100, 0, 0, 0])
    own = score_by_length([t.upper() for t in right], pairs, [(1, 3), (4, 99)], right)
    assert own["sentences"].tolist() == [2, 6] and own["exact_match"].tolist() == [100, 100]


def test_the_bootstrap_finds_a_real_difference_and_no_other():
    references = REFERENCES * 6
    compared = paired_bootstrap(
        {"base": HYPOTHESES * 6, "same": HYPOTHESES * 6, "better": [*REFERENCES * 3, *HYPOTHESES * 3]}, references
    )
    assert list(compared.columns) == ["model", "metric", "score", "ci", "p"]
    table = compared.set_index(["model", "metric"])
    assert set(table.index) == {(m, s) for m in ("base", "same", "better") for s in ("BLEU", "chrF2")}
    for metric in ("BLEU", "chrF2"):
        base, same, better = (table.loc[(name, metric)] for name in ("base", "same", "better"))
        assert math.isnan(base.p) and same.p > 0.5 and better.p < 0.01
        assert base.score == same.score < better.score and better.ci > 0
    right = sacrebleu.corpus_bleu(HYPOTHESES * 6, [references], lowercase=True).score
    assert table.loc[("base", "BLEU")].score == pytest.approx(right)


def test_the_bootstrap_finds_no_difference_between_equally_good_ones():
    a, b = ([(HYPOTHESES, REFERENCES)[(i + shift) % 2][i % 9] for i in range(90)] for shift in (0, 1))
    compared = paired_bootstrap({"a": a, "b": b}, REFERENCES * 10)
    assert (compared["p"].dropna() > 0.05).all() and compared["p"].count() == 2


def looks_at(pair, *places):
    """α of a pair whose heaviest weights are at these places; the last row is that of </s>."""
    columns = len(pair.source) + 1
    alpha = torch.full((len(places) + 1, columns), 0.1 / columns)
    for t, j in enumerate([*places, columns - 1]):
        alpha[t, j] += 0.9
    return SoftAlignment.of(pair, alpha)


def test_alignment_errors_against_a_sum_by_hand():
    # the boy came . ; "the" may look at 0, "boy" should; "came" should look at 1 and at 2, "." at 3
    pair = Pair(
        ("a", "b", "c", "d"),
        ("the", "boy", "came", "."),
        ((0, 0, False), (0, 1, True), (1, 2, True), (2, 2, True), (3, 3, True)),
    )
    # it looks at 0 (possible), at </s> (wrong), at 1 (sure), at 3 (sure)
    errors = alignment_error([looks_at(pair, 0, 4, 1, 3)], [pair]).set_index("word_class")
    assert list(errors.columns) == ["precision", "recall", "aer", "words"]
    # A, S, A∩S, A∩P: content 2, 3, 1, 1; function 1, 0, 0, 1; punctuation 1, 1, 1, 1; all 4, 4, 2, 3
    assert errors.loc["content"].tolist() == pytest.approx([1 / 2, 1 / 3, 1 - 2 / 5, 2])
    assert errors.loc["function"].tolist() == pytest.approx([1 / 1, float("nan"), 1 - 1 / 1, 1], nan_ok=True)
    assert errors.loc["punctuation"].tolist() == pytest.approx([1 / 1, 1 / 1, 1 - 2 / 2, 1])
    assert errors.loc["all"].tolist() == pytest.approx([3 / 4, 2 / 4, 1 - 5 / 8, 4])


def test_the_best_and_the_worst_alignment():
    pair = Pair(("a", "b"), ("boy", "came"), ((0, 0, True), (1, 1, True)))
    perfect, worst = (
        alignment_error([looks_at(pair, *at)] * 2, [pair] * 2).set_index("word_class") for at in ((0, 1), (1, 0))
    )
    assert perfect.loc["all"].tolist() == [1, 1, 0, 4] and worst.loc["all"].tolist() == [0, 0, 1, 4]
    assert perfect.loc["function"].isna().tolist() == [True, True, True, False]


def test_a_word_without_links_is_not_counted():
    pair = Pair(("a", "b"), ("boy", "indeed", "came"), ((0, 0, True), (1, 2, True)))
    (errors,) = alignment_error([looks_at(pair, 0, 1, 1)], [pair]).query("word_class == 'all'").values.tolist()
    assert errors == ["all", 1, 1, 0, 2]


@pytest.mark.parametrize("attention,oracle", [("additive", None), ("given", oracle_alpha), ("given", uniform_alpha)])
def test_forced_alpha_is_that_of_the_model(attention, oracle):
    model = small(attention)
    alignments = forced_alpha(model, PAIRS, oracle)
    for pair, alignment in zip(PAIRS, alignments, strict=True):
        (batch,) = make_batches([pair], model.source_vocab, model.target_vocab, oracle=oracle)
        assert alignment.source == (*pair.source, END) and alignment.target == (*pair.target, END)
        assert not alignment.alpha.requires_grad
        torch.testing.assert_close(alignment.alpha, model(batch)[1].alpha[0].detach())
    if oracle is oracle_alpha:  # whoever looks where the oracle does makes no sure mistake
        assert alignment_error(alignments, PAIRS)["precision"].tolist() == [1, 1, 1, 1]


class LastWordOnly(torch.nn.Module):
    """An encoder whose last state is the number of the last word, and nothing else."""

    def __init__(self, vocab):
        super().__init__()
        self.source_vocab = self.target_vocab = vocab
        self.nothing = torch.nn.Parameter(torch.zeros(1))

    def encode(self, source, lengths):
        last = source[torch.arange(len(source)), lengths - 2]  # </s> is counted
        return SimpleNamespace(last=torch.nn.functional.one_hot(last, len(self.source_vocab)).float()), ()


def random_sentences(count, seed):
    rng = random.Random(seed)
    return [
        Pair(tuple("abcde"[int(5 * rng.random())] for _ in range(2 + int(3 * rng.random()))), ("a",))
        for _ in range(count)
    ]


def test_a_probe_finds_what_is_there_and_not_what_is_absent():
    model = LastWordOnly(Vocabulary("abcde"))
    read_back = probe(model, random_sentences(400, 0), random_sentences(300, 1), [0, 1, 3])
    assert list(read_back.columns) == ["distance", "accuracy", "guess", "sentences"]
    assert read_back["distance"].tolist() == [0, 1, 3] and read_back["sentences"].tolist()[:2] == [300, 300]
    assert read_back["sentences"][2] == sum(len(p.source) == 4 for p in random_sentences(300, 1))
    assert read_back["accuracy"][0] == 100
    assert read_back["accuracy"][1] < 35 and read_back["accuracy"][2] < 40 and all(read_back["guess"] < 35)


def test_a_probe_takes_unknown_words():
    known = LastWordOnly(Vocabulary("abcd"))
    read_back = probe(known, random_sentences(400, 0), random_sentences(300, 1), [0])
    assert read_back["accuracy"][0] == 100  # "e" is read back as <unk>


def test_encoding_vectors_are_the_last_states():
    model = small("none")
    vectors = encoding_vectors(model, PAIRS)
    assert vectors.shape == (3, 16)
    for pair, vector in zip(PAIRS, vectors, strict=True):
        (batch,) = make_batches([pair], model.source_vocab, model.target_vocab)
        encoded, _ = model.encode(batch.source, batch.source_lengths)
        torch.testing.assert_close(vector, encoded.h[0, -1].detach())


def test_clear_errors():
    for hypotheses, references in (([], []), (["a"], []), (["a"], ["a", "b"])):
        with pytest.raises(ValueError, match="as many of one as of the other"):
            bleu(hypotheses, references)
        with pytest.raises(ValueError, match="as many of one as of the other"):
            score(hypotheses, references)
        with pytest.raises(ValueError, match="as many of one as of the other"):
            paired_bootstrap({"x": hypotheses}, references)
    with pytest.raises(ValueError, match="as many of one as of the other"):
        score_by_length(["a"], PAIRS)
    with pytest.raises(ValueError, match="a translation is text"):
        score([("the", "boy")], ["the boy"])
    with pytest.raises(ValueError, match="the vanilla model has no α"):
        forced_alpha(small("none"), PAIRS)
    with pytest.raises(ValueError, match="9 words before its end"):
        probe(small("none"), PAIRS, PAIRS, [0, 9])
    with pytest.raises(
        ValueError, match="α of “mother came . </s>” is held against the links of “the boy came . </s>”"
    ):
        alignment_error(forced_alpha(small(), PAIRS[2:]), PAIRS[:1])
    with pytest.raises(ValueError, match="2 alignments and 3 pairs: one for each pair is needed"):
        alignment_error(forced_alpha(small(), PAIRS[:2]), PAIRS)


def test_translations_are_scored_as_their_text():
    translations = translate(small(), PAIRS, max_length=8)
    texts, right = [str(t) for t in translations], [" ".join(p.target) for p in PAIRS]
    assert bleu(translations, right) == bleu(texts, right)
    assert score_by_length(translations, PAIRS).equals(score_by_length(texts, PAIRS))


def test_what_a_translation_lost_stands_in_brackets():
    right = "the girls eat fresh bananas .".split()
    assert with_losses(right, right) == "the girls eat fresh bananas ."
    assert with_losses(right, "the girls eat bananas .".split()) == "the girls eat [fresh] bananas ."
    assert with_losses(right, "the boys".split()) == "the [girls eat fresh bananas .]"
