"""Words that need two places: which they are, what models make of them, and exchanges between sentences."""

import pytest
import torch

from helpers.corpus.pairs import load_split
from helpers.models import ModelConfig
from helpers.oracle import oracle_alpha
from helpers.training import TrainingConfig, new_translator
from helpers.two_places import DAYS, KINDS, answers, chances, parts, questions, summary

TEST = load_split("test")
ASKED = questions(TEST)


def model(attention="additive", both_ways=False):
    config = ModelConfig(attention, bidirectional=both_ways, hidden=8)
    return new_translator(config, TrainingConfig(), TEST).eval()


def test_every_kind_is_asked_about_and_each_question_has_its_words():
    assert {q.kind for q in ASKED} == set(KINDS)
    for q in ASKED:
        assert q.right == q.pair.target[q.t] and q.right in KINDS[q.kind]
        links = {j for j, t, _ in q.pair.links if t == q.t}
        assert {q.j, *q.hints} == links and q.hints and q.j not in q.hints


def test_the_day_first_and_later():
    for q in ASKED:
        if q.kind.startswith("कल first"):
            assert q.t == q.j == 0 and (len(q.pair.source) <= 12) == q.kind.endswith("short")
        if q.kind == "कल later, before its verb":
            assert q.pair.source[q.j] == "कल" and q.j > 0
        if q.kind == "अपना":
            assert min(q.hints) < q.j


@pytest.mark.parametrize(("attention", "oracle"), [("additive", None), ("none", None), ("given", oracle_alpha)])
def test_answers_are_choices_among_the_words_in_question(attention, oracle):
    table = answers(model(attention), ASKED, oracle)
    assert table["kind"].tolist() == [q.kind for q in ASKED] and table["p"].between(0, 1).all()
    assert all(chosen in KINDS[kind] for chosen, kind in zip(table["chosen"], table["kind"], strict=True))
    assert ("word" in table) == (attention != "none")
    if oracle is not None:
        assert (table["word"] + table["hints"]).tolist() == pytest.approx([1.0] * len(table))
    by_kind = summary(table)
    assert by_kind["questions"].sum() == len(ASKED) and by_kind["accuracy"].between(0, 100).all()


@pytest.mark.parametrize("both_ways", [False, True])
def test_chances_without_an_exchange_are_those_of_the_answers(both_ways):
    translator, some = model(both_ways=both_ways), [q for q in ASKED if q.kind.startswith("कल")][:6]
    for q, p in zip(some, answers(translator, some)["p"], strict=True):
        assert chances(translator, q)[q.right] == pytest.approx(p, abs=1e-5)
        own = parts(translator, q)
        assert chances(translator, q, *own)[q.right] == pytest.approx(p, abs=1e-5)


def test_an_exchange_changes_what_depends_on_it():
    first = {day: next(q for q in ASKED if q.kind.startswith("कल first") and q.right == day) for day in DAYS}
    q, donor = first["yesterday"], first["tomorrow"]
    for both_ways in (False, True):
        translator = model(both_ways=both_ways)
        taken, before = parts(translator, donor), chances(translator, q)
        assert chances(translator, q, s=taken.s, c=taken.c) == pytest.approx(chances(translator, donor), abs=1e-5)
        same = chances(translator, q, h=taken.h) == pytest.approx(before, abs=1e-7)
        assert same == (not both_ways)  # a forward state at the first word is the same in all sentences
        assert torch.equal(taken.h, parts(translator, q).h) == (not both_ways)
