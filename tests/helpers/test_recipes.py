"""The recipes of the course's models, and the tables of their results."""

from dataclasses import replace

import pandas as pd
import pytest

from helpers import recipes
from helpers.corpus.pairs import Pair
from helpers.models import ModelConfig
from helpers.recipes import RECIPES, load_results, recipe, reverse_sources


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_differs_between_seeds_by_the_seed_only(name):
    first, other = recipe(name), recipe(name, 3)
    assert first.name == name and first.training.seed == 0 and other.training.seed == 3
    assert first == replace(other, training=replace(other.training, seed=0))


def test_recipes_of_one_table_have_one_size():
    models = [
        recipe(name).model for name in ("vanilla", "oracle", "learned", "uniform", "shuffled", "shifted", "places")
    ]
    assert {replace(model, attention="additive") for model in models} == {ModelConfig()}
    told = {"given", "places"}
    assert all((r.model.attention in told) == (r.oracle is not None) for r in RECIPES.values())


def test_clear_errors():
    with pytest.raises(ValueError, match="no recipe called 'lerned': choose one of vanilla, oracle, learned"):
        recipe("lerned")
    with pytest.raises(ValueError, match="no table 'by_lenght.csv' in data/results: choose one of"):
        load_results("by_lenght.csv")


def test_the_error_names_the_tables_that_there_are(monkeypatch, tmp_path):
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
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
