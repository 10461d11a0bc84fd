"""The museum of lesson 08: each fault is found by its instruments, in three seeds and before any training."""

import re

import pandas as pd
import pytest
import torch

from experiments.museum import LESSON, SEEDS, instruments
from helpers.exercises.lesson_08 import WOULD_SHOW
from helpers.museum import FAULTS, SUSPECTS, as_exhibit, build, museum, untrained
from helpers.recipes import RESULTS
from tools import ROOT

STORED = pd.read_csv(RESULTS / "museum.csv", keep_default_na=False)
ZERO, KNOWN = 1e-5, 47.24
every_exhibit = pytest.mark.parametrize("letter", FAULTS)


def ringing(readings):
    """The instruments that ring, by the rule of the lesson. `readings`: {(instrument, part): number}."""
    must_be_zero = {
        ("sums", "over the words"),
        ("weight on padding", ""),
        ("a batch against its singles", ""),
        ("the average again", ""),
        ("another answer", "in training"),
        ("another answer", "in translating"),
    }
    must_not = {"another question", "what a score reads", "smallest gradient"}
    rings = {name for name, part in must_be_zero if abs(readings[name, part]) > ZERO}
    rings |= {name for (name, _), number in readings.items() if name in must_not and abs(number) < ZERO}
    return rings | ({"a known case"} if abs(readings["a known case", ""] - KNOWN) > 0.1 else set())


@pytest.fixture(scope="module")
def lesson():
    return instruments(untrained())


@every_exhibit
@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_instruments_ring_in_every_seed(letter, seed):
    rows = STORED.query("exhibit == @letter and seed == @seed")
    readings = {(row.reading, row.part): row.value for row in rows.itertuples()}
    assert ringing(readings) == set(FAULTS[letter].rings)


@every_exhibit
def test_the_fault_is_found_before_any_training(letter, lesson):
    fault, vocabularies = FAULTS[letter], untrained().vocabularies
    readings = lesson["readings"](as_exhibit(build(fault, *vocabularies, seed=7), fault))
    assert fault.rings == () if letter == "F" else ringing(readings) & set(fault.rings)
    assert ringing(readings) <= set(fault.rings)


@every_exhibit
def test_the_stored_exhibit_is_the_one_of_the_table(letter, lesson):
    rows = STORED.query("exhibit == @letter and seed == 0").set_index(["reading", "part"])["value"]
    for key, number in lesson["readings"](museum()[letter]).items():
        assert number == pytest.approx(rows[key], abs=1e-3, rel=1e-3), key


def test_the_healthy_exhibit_is_the_translator_of_the_course(lesson):
    exhibit = museum()["F"]
    assert type(exhibit.model).__name__ == "Translator" and type(exhibit.model.context).__name__ == "AdditiveAttention"
    batch, real, _ = lesson["batch_of"](exhibit)
    with torch.no_grad():
        logits, look = exhibit.model(batch)
    assert logits[real].isfinite().all() and torch.allclose(look.alpha.sum(dim=2)[real], torch.ones(int(real.sum())))


def test_broken_ones_can_look_perfect_and_healthy_ones_terrible():
    rows = STORED.pivot_table("value", ["reading", "part"], ["exhibit", "seed"])
    score, links, loss = (
        rows.loc["BLEU", "measured rightly"],
        rows.loc["on a link", "as it is"],
        rows.loc["loss"].iloc[0],
    )
    for letter in "AILM":  # in every seed
        assert (score[letter] > score["F"] - 5).all()
    assert (links["A"] > links["F"] - 0.15).all() and (links["I"] < links["F"] - 0.2).all()
    assert (score["J"] > score["F"] - 5).sum() == 2 and (links["J"] > links["F"] - 0.15).sum() == 2
    assert (score["K"] < 5).all() and loss["K"].max() < loss.drop("K", level="exhibit").min()


def test_every_suspect_has_its_words_and_every_fault_its_public_case():
    assert set(WOULD_SHOW) == set(SUSPECTS) and len(SUSPECTS) == len(FAULTS)
    assert {letter for letter, fault in FAULTS.items() if not fault.case} == {"E", "F"}
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", fault.case) for fault in FAULTS.values() if fault.case)


def test_the_page_has_the_table_of_the_lesson():
    table = "\n".join(line[2:] for line in LESSON.read_text(encoding="utf-8").split("\n") if line.startswith("# | "))
    rows = re.findall(r"\| [^\n]+ \|", table.split("| symptom ")[1].split("| 8.1 |")[0])
    page = (ROOT / "docs" / "diagnosis.md").read_text(encoding="utf-8")
    assert len(rows) > 12 and all(row in page for row in rows[:-1])
