"""The recipes, and what the stored results must say for the lessons to be true."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from experiments.results import stamp
from helpers import recipes as results
from helpers.corpus.pairs import BUCKETS, TRAIN_BUCKETS, Pair
from helpers.models import ModelConfig
from helpers.recipes import RECIPES, load_results, recipe, reverse_sources

stored = pytest.mark.skipif(not results.RESULTS.exists(), reason="no data/results yet: `make results` makes them")
MODELS = ["vanilla", "oracle", "learned", "uniform", "shuffled", "shifted"]


@pytest.fixture
def bleu():
    """Mean BLEU over the seeds, a row for each bucket, a column for each model."""
    table = load_results("by_length.csv")
    return table.pivot_table(index=["length_min", "length_max"], columns="model", values="bleu")


@pytest.mark.parametrize("name", [*RECIPES, *results.REAL_RECIPES])
def test_a_recipe_differs_between_seeds_by_the_seed_only(name):
    (model, training), (same, other) = recipe(name), recipe(name, 3)
    assert training.seed == 0 and other.seed == 3
    assert model == same and training == replace(other, seed=0)


def test_recipes_of_one_table_have_one_size():
    assert [name for name in MODELS if recipe(name)[0].context != name] == []
    assert {replace(recipe(name)[0], context="learned") for name in MODELS} == {ModelConfig()}


def test_clear_errors():
    with pytest.raises(ValueError, match="no recipe called 'lerned': choose one of vanilla, oracle, learned"):
        recipe("lerned")
    with pytest.raises(ValueError, match="no table 'by_lenght.csv' in data/results: choose one of"):
        load_results("by_lenght.csv")


def test_the_error_names_the_tables_that_there_are(monkeypatch, tmp_path):
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / "curves.csv", index=False)
    assert load_results("curves.csv")["a"].tolist() == [1]
    with pytest.raises(ValueError, match="choose one of curves.csv"):
        load_results("x.csv")


def test_reversing_twice_changes_nothing():
    pairs = [Pair(("a", "b", "c"), ("x", "y"), ((0, 1, True), (2, 0, False)), ("negation",))]
    (turned,) = reverse_sources(pairs)
    assert turned.source == ("c", "b", "a") and turned.target == ("x", "y")
    assert turned.links == ((2, 1, True), (0, 0, False))
    assert reverse_sources([turned]) == pairs


def test_the_stamp_depends_on_recipes_and_corpus(monkeypatch):
    before = stamp()
    assert before == stamp() and set(before) == {"configuration", "corpus"}
    monkeypatch.setitem(RECIPES, "vanilla", (ModelConfig("vanilla", hidden=64), RECIPES["vanilla"][1]))
    assert stamp()["configuration"] != before["configuration"] and stamp()["corpus"] == before["corpus"]
    monkeypatch.setattr(results, "corpus_checksum", lambda: "0" * 16)
    assert stamp()["corpus"] != before["corpus"]


@stored
def test_the_results_were_made_with_these_recipes_and_this_corpus():
    made = json.loads((results.RESULTS / "stamp.json").read_text(encoding="utf-8"))
    assert {key: made.get(key) for key in stamp()} == stamp(), "make them anew: make results"


@stored
def test_the_table_by_length_is_complete():
    table = load_results("by_length.csv")
    assert list(table.columns) == [
        "model",
        "seed",
        "split",
        "length_min",
        "length_max",
        "sentences",
        "bleu",
        "exact_match",
    ]
    assert list(table["model"].unique()) == MODELS and set(table["split"]) == {"test", "test_long"}
    assert set(table["seed"]) == set(range(5))
    buckets = {"test": set(TRAIN_BUCKETS), "test_long": set(BUCKETS[len(TRAIN_BUCKETS) :])}
    for (_, _, split), rows in table.groupby(["model", "seed", "split"]):
        assert set(zip(rows["length_min"], rows["length_max"], strict=True)) == buckets[split]
    assert len(table) == len(MODELS) * 5 * len(BUCKETS)
    assert table[["bleu", "exact_match"]].min().min() >= 0 and table[["bleu", "exact_match"]].max().max() <= 100
    assert table["sentences"].min() >= 30


@stored
def test_the_table_of_alignments_is_complete():
    table = load_results("alignment.csv")
    assert list(table.columns) == ["model", "seed", "word_class", "precision", "recall", "aer"]
    assert set(table["model"]) == {"learned"}
    for _, rows in table.groupby("seed"):
        assert rows["word_class"].tolist() == ["content", "function", "all"]
    assert table["seed"].nunique() == 5 and not table.isna().any().any()


@stored
def test_vanilla_loses_at_least_half_of_its_bleu(bleu):
    shortest, longer = bleu["vanilla"].iloc[0], bleu["vanilla"][bleu.index.get_level_values("length_min") >= 24]
    assert len(longer) == 4 and (longer <= shortest / 2).all()


@stored
def test_with_the_right_weights_length_does_not_matter(bleu):
    assert (bleu["oracle"].loc[list(TRAIN_BUCKETS)] >= 98).all()


@stored
def test_learned_weights_are_nearly_as_good(bleu):
    assert ((bleu["oracle"] - bleu["learned"]).loc[list(TRAIN_BUCKETS)].abs() <= 3).all()


@stored
@pytest.mark.parametrize("control", ["shuffled", "shifted"])
def test_wrong_weights_do_not_help(bleu, control):
    difference = (bleu["oracle"] - bleu[control]).loc[list(TRAIN_BUCKETS)]
    assert difference.mean() >= 30 and (difference > 0).all()


@stored
def test_content_words_are_looked_at():
    table = load_results("alignment.csv").query("word_class == 'content'")
    assert table["aer"].mean() <= 0.10
