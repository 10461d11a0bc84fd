"""The search for settings, and what the stored table must say for lesson 07 to be true."""

import pandas as pd
import pytest

from experiments import transformer
from experiments.transformer import BUCKETS, COLUMNS, CONTROLS, DECAYS, MODELS, RATES, SEEDS, VALID, best
from helpers.corpus.pairs import corpus_checksum
from helpers.recipes import COMMON, load_results


@pytest.mark.parametrize(
    ("score", "winner", "tried"),
    [
        ({1: 0, 2: 5, 3: 9, 4: 7, 5: 0}, 3, {2, 3, 4}),
        ({1: 0, 2: 5, 3: 4, 4: 3, 5: 0}, 2, {1, 2, 3, 4}),
        ({1: 6, 2: 5, 3: 4, 4: 3, 5: 0}, 1, {1, 2, 3, 4}),
        ({1: 0, 2: 5, 3: 6, 4: 7, 5: 8}, 5, {2, 3, 4, 5}),
    ],
)
def test_the_search_goes_one_step_beyond_the_edge(score, winner, tried):
    asked = []
    assert best([1, 2, 3, 4, 5], lambda x: asked.append(x) or score[x]) == winner
    assert set(asked) == tried and len(asked) == len(tried)


def test_a_run_that_is_stored_is_not_made_again(monkeypatch, tmp_path):
    monkeypatch.setattr(transformer, "FILE", tmp_path / "transformer.csv")
    made = []

    def train(name, seed, settings):
        made.append((name, seed, settings))
        yield {"measure": VALID, "value": 100 * settings[0]}
        yield {"measure": "bleu", "where": "1–7", "value": 50.0}

    monkeypatch.setattr(transformer, "train", train)
    assert transformer.search("learned") == (RATES[-1], DECAYS[1])
    assert len(made) == len(set(made)) == 3 + 1 + 2 + 1
    transformer.search("learned")
    assert len(made) == 7
    table = transformer.stored()
    assert list(table.columns) == COLUMNS and len(table) == 2 * 7
    monkeypatch.setattr(transformer, "corpus_checksum", lambda: "another corpus")
    assert transformer.stored().empty


@pytest.fixture(scope="module")
def table():
    return load_results("transformer.csv")


def test_the_table_is_complete(table):
    assert list(table.columns) == COLUMNS and set(table["corpus"]) == {corpus_checksum()}
    rest = table[table["measure"] != VALID]
    assert set(rest["model"]) == set(MODELS)
    for name, rows in rest.groupby("model"):
        assert set(rows["seed"]) == set(SEEDS), name
        assert len(rows[["learning_rate", "weight_decay"]].drop_duplicates()) == 1, name
        assert len(rows) == len(SEEDS) * len(rows[rows["seed"] == 0]), name
        assert (rows["measure"] == "exact_match").sum() == len(SEEDS) * len(BUCKETS), name


def test_each_model_has_the_settings_that_were_best_for_it(table):
    tried, rest = table.query("measure == @VALID and seed == 0"), table[table["measure"] != VALID]
    for name in MODELS:
        of_model = tried[tried["model"] == ("Transformer" if name in CONTROLS else name)]
        if name not in CONTROLS:
            assert len(of_model) >= 5, name
        winner = of_model.loc[of_model["value"].idxmax()]
        used = rest[rest["model"] == name].iloc[0]
        assert (used[["learning_rate", "weight_decay"]] == winner[["learning_rate", "weight_decay"]]).all(), name


def test_the_models_have_about_one_size(table):
    sizes = table[table["measure"] == "parameters"].groupby("model")["value"].first()
    assert abs(sizes["Transformer"] / sizes["both ways"] - 1) < 0.03
    assert sizes["Transformer"] == sizes["one head"] == sizes["no positions"]


def test_the_search_begins_at_the_decay_of_the_course():
    assert COMMON.weight_decay in DECAYS[1:-1]


def mean(table, measure, where):
    rows = table[(table["measure"] == measure) & (table["where"] == where)]
    return pd.Series(rows.groupby("model")["value"].mean())
