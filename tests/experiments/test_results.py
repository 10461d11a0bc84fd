"""What the stored results must say for the lessons to be true, and what they depend on."""

import json
from dataclasses import replace

import pytest
import torch

from experiments import results
from experiments.results import CURES, MODELS, SEEDS, stamp
from helpers.corpus.pairs import BUCKETS, TRAIN_BUCKETS, load_split
from helpers.evaluation import score_by_length
from helpers.recipes import RECIPES, RESULTS, load_results, recipe
from helpers.training import fit, new_translator
from helpers.translation import translate

BEYOND = BUCKETS[len(TRAIN_BUCKETS) :]


@pytest.fixture
def bleu():
    """Mean BLEU over the seeds, a row for each bucket, a column for each model."""
    table = load_results("by_length.csv")
    return table.pivot_table(index=["length_min", "length_max"], columns="model", values="bleu")


def test_the_stamp_depends_on_recipes_and_corpus(monkeypatch):
    before = stamp()
    assert set(before) == {"configuration", "corpus"}
    vanilla = RECIPES["vanilla"]
    monkeypatch.setitem(RECIPES, "vanilla", replace(vanilla, model=replace(vanilla.model, hidden=64)))
    assert stamp()["configuration"] != before["configuration"] and stamp()["corpus"] == before["corpus"]
    monkeypatch.setitem(RECIPES, "vanilla", vanilla)
    assert stamp() == before
    monkeypatch.setitem(RECIPES, "shifted", replace(RECIPES["shifted"], oracle=RECIPES["uniform"].oracle))
    assert stamp()["configuration"] != before["configuration"]
    monkeypatch.setattr(results, "corpus_checksum", lambda: "0" * 16)
    assert stamp()["corpus"] != before["corpus"]


def test_the_results_were_made_with_these_recipes_and_this_corpus():
    made = json.loads((RESULTS / "stamp.json").read_text(encoding="utf-8"))
    assert {key: made.get(key) for key in stamp()} == stamp(), "make them anew: make results"


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
    assert tuple(table["model"].unique()) == MODELS and set(table["split"]) == {"test", "test_long"}
    assert set(table["seed"]) == set(SEEDS)
    buckets = {"test": set(TRAIN_BUCKETS), "test_long": set(BEYOND)}
    for (_, _, split), rows in table.groupby(["model", "seed", "split"]):
        assert set(zip(rows["length_min"], rows["length_max"], strict=True)) == buckets[split]
    assert len(table) == len(MODELS) * 5 * len(BUCKETS)
    assert table[["bleu", "exact_match"]].min().min() >= 0 and table[["bleu", "exact_match"]].max().max() <= 100
    assert table["sentences"].min() >= 30


def test_the_table_of_alignments_is_complete():
    table = load_results("alignment.csv")
    assert list(table.columns) == ["model", "seed", "word_class", "precision", "recall", "aer"]
    assert set(table["model"]) == {"learned"}
    for _, rows in table.groupby("seed"):
        assert rows["word_class"].tolist() == ["content", "function", "all"]
    assert table["seed"].nunique() == 5 and not table.isna().any().any()


def test_vanilla_loses_at_least_half_of_its_bleu(bleu):
    shortest, longer = bleu["vanilla"].iloc[0], bleu["vanilla"][bleu.index.get_level_values("length_min") >= 24]
    assert len(longer) == 4 and (longer <= shortest / 2).all()


def test_with_the_right_weights_length_does_not_matter(bleu):
    assert (bleu["oracle"].loc[list(TRAIN_BUCKETS)] >= 94).all()  # half of the shortest are questions and commands
    assert (bleu["oracle"].loc[list(TRAIN_BUCKETS[1:])] >= 98).all()


def test_learned_weights_are_nearly_as_good(bleu):
    assert ((bleu["oracle"] - bleu["learned"]).loc[list(TRAIN_BUCKETS)].abs() <= 7).all()


@pytest.mark.parametrize("control", ["uniform", "shuffled", "shifted"])
def test_wrong_weights_do_not_help(bleu, control):
    difference = (bleu["oracle"] - bleu[control]).loc[list(TRAIN_BUCKETS)]
    assert difference.mean() >= 30 and (difference > 0).all()


def test_content_words_are_looked_at():
    table = load_results("alignment.csv").query("word_class == 'content'")
    assert table["aer"].mean() <= 0.10


def test_function_words_are_looked_at_less_than_content_words():
    errors = load_results("alignment.csv").pivot(index="seed", columns="word_class", values="aer")
    assert (errors["content"] < errors["function"]).all()


def test_beyond_the_training_lengths_learned_weights_slip_and_the_oracle_does_not(bleu):
    assert (bleu["oracle"].loc[list(BEYOND)] >= 98).all()
    assert bleu["learned"].loc[BEYOND[0]] < bleu["learned"].loc[list(TRAIN_BUCKETS)].min() - 5
    assert bleu["learned"].loc[BEYOND[1]] < bleu["learned"].loc[BEYOND[0]] - 5


def test_no_cure_removes_the_fall_and_the_wider_state_moves_it_most(bleu):
    cures = load_results("cures.csv")
    means = cures.pivot_table(index=["length_min", "length_max"], columns="model", values="bleu")
    assert set(means.columns) == set(CURES) and set(cures["seed"]) == set(SEEDS)
    shortest, longest = means.loc[TRAIN_BUCKETS[0]], means.loc[TRAIN_BUCKETS[-1]]
    assert (longest < shortest / 2).all()
    others = means.drop(columns="wider").join(bleu["vanilla"])
    assert (means["wider"] > others.max(axis=1)).all()


def test_the_end_of_a_sentence_is_easier_to_read_back_from_the_vector():
    accuracy = load_results("probe.csv").groupby(["model", "distance"])["accuracy"].mean().unstack()
    assert set(accuracy.index) == {"vanilla", "wider", "lstm"}
    assert (accuracy[[1, 2, 3]].min(axis=1) > accuracy[[15, 20, 25, 30]].max(axis=1)).all()


@pytest.mark.notebooks
def test_a_model_trained_now_lies_in_its_stored_band():
    """The stored tables know nothing of the code: one oracle is trained with it, as the first seed was."""
    torch.set_num_threads(1)
    chosen, test = recipe("oracle"), load_split("test")
    model = new_translator(chosen.model, chosen.training, load_split("train"))
    fit(model, load_split("train"), load_split("valid"), chosen.training, chosen.oracle, device=torch.device("cpu"))
    now = score_by_length(translate(model, test, oracle=chosen.oracle), test).set_index("length_min")["bleu"]
    table = load_results("by_length.csv").query("model == 'oracle' and split == 'test'")
    stored = table.groupby("length_min")["bleu"].agg(["min", "max"])
    spread = (stored["max"] - stored["min"]).max()
    assert (now >= stored["min"] - spread).all() and (now <= stored["max"] + spread).all(), now
