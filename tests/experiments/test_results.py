"""What the stored results must say for the lessons to be true, and what they depend on."""

import json
from dataclasses import replace

import pandas as pd
import pytest
import torch

from experiments import plan, results
from experiments.measures import forcing, kept, losses
from experiments.plan import STUDIES
from experiments.results import made, stamp, store, without_training
from helpers.corpus.pairs import BUCKETS, TRAIN_BUCKETS, Pair, load_split
from helpers.evaluation import score_by_length
from helpers.exercises.lesson_03 import counted, looked_up
from helpers.models import ModelConfig
from helpers.recipes import COMMON, RESULTS, load_results, recipe
from helpers.training import TrainingConfig, fit, new_translator
from helpers.translation import translate

BEYOND = BUCKETS[len(TRAIN_BUCKETS) :]
GENERATED = [name for name in STUDIES if not name.startswith("real")]


@pytest.fixture
def scores():
    """Mean BLEU of new sentences over the seeds, a row for each bucket, a column for each model."""
    table = load_results("by_length.csv").query("split != 'train'")
    return table.pivot_table(index=["length_min", "length_max"], columns="model", values="bleu")


@pytest.fixture
def known():
    """Right choices where a word needs two places, in %: a row for each kind, a column for each model."""
    return load_results("two_places.csv").pivot_table(index="kind", columns="model", values="accuracy")


@pytest.fixture
def errors():
    """The alignment error on the test set: a row for each class of words, a column for each model."""
    table = load_results("alignment.csv").query("split == 'test'")
    return table.pivot_table(index="word_class", columns="model", values="aer")


# How they are made


def test_the_stamp_depends_on_recipe_and_corpus(monkeypatch):
    study = STUDIES["shifted"]
    before = stamp(study)
    for other in (
        replace(study, longest=15),
        replace(study, recipe=replace(study.recipe, model=replace(study.recipe.model, hidden=64))),
        replace(study, recipe=replace(study.recipe, oracle=recipe("uniform").oracle)),
    ):
        assert stamp(other) != before
    assert stamp(replace(study, seeds=[7])) == before
    monkeypatch.setattr(results, "corpus_checksum", lambda: "0" * 16)
    assert stamp(study) != before


def test_all_models_of_generated_sentences_have_one_recipe_but_for_what_their_names_say():
    for name in GENERATED:
        training = STUDIES[name].recipe.training
        if not any(word in name for word in ("passes", "decay", "rate", "to 15 words")):
            assert training == COMMON, name


def test_the_results_were_made_with_these_recipes_and_this_corpus():
    stored = made()
    assert stored and json.loads((RESULTS / "stamp.json").read_text(encoding="utf-8"))["corpus"]
    for run, mark in stored.items():
        name, seed = run.rsplit(", seed ", 1)
        assert mark == stamp(STUDIES[name]) and int(seed) in STUDIES[name].seeds, "make them anew: make results"


def test_a_new_run_takes_the_place_of_an_old_one_and_leaves_the_others(monkeypatch, tmp_path):
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    monkeypatch.setattr(results, "STAMP", tmp_path / "stamp.json")
    store({"t.csv": [{"model": "oracle", "seed": 0, "x": 1}]}, {"oracle, seed 0": "a"})
    store({"t.csv": [{"model": "vanilla", "seed": 1, "x": 2}]}, {"vanilla, seed 1": "b"})
    store({"t.csv": [{"model": "oracle", "seed": 0, "x": 3}, {"model": "oracle", "seed": 0, "x": 4}]}, {})
    table = pd.read_csv(tmp_path / "t.csv")
    assert table.to_numpy().tolist() == [["vanilla", 1, 2], ["oracle", 0, 3], ["oracle", 0, 4]]
    assert made() == {"oracle, seed 0": "a", "vanilla, seed 1": "b"}


def test_only_what_is_missing_is_made(monkeypatch, tmp_path):
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    monkeypatch.setattr(results, "STAMP", tmp_path / "stamp.json")
    monkeypatch.setattr(results, "without_training", dict)
    monkeypatch.setattr(results, "sample_questions", list)
    monkeypatch.setattr(results, "write_tables", lambda: None)
    begun = []

    def side_by_side(tasks, heard, processes):
        begun.append(list(tasks))
        for name in tasks:
            heard(name, {"t.csv": [{"model": name.split(",")[0], "seed": 0, "x": 1}]})

    monkeypatch.setattr(results, "side_by_side", side_by_side)
    results.main(["vanilla"], [0], 1)
    results.main(["vanilla", "oracle"], [0], 1)
    results.main(["oracle"], [0, 1], 1)
    assert begun == [["vanilla, seed 0"], ["oracle, seed 0"], ["oracle, seed 1"]]


def test_the_lookup_table_knows_words_and_nothing_else():
    train = [
        Pair(tuple("a b ।".split()), tuple("x y .".split()), ((0, 0, True), (1, 1, True), (2, 2, True))),
        Pair(tuple("b a ।".split()), tuple("y x .".split()), ((0, 0, True), (1, 1, True), (2, 2, True))),
    ]
    new = Pair(tuple("a a c ।".split()), tuple("x x z .".split()), tuple((n, n, True) for n in range(4)))
    assert " ".join(looked_up(counted(train), train[1])) == "y x ."
    assert " ".join(looked_up(counted(train), new)) == "x x <unk> ."
    assert set(without_training()) >= {"lookup", "oracle α", "diagonal α", "random α"}


def test_what_is_kept_goes_by_sure_links_and_leaves_signs_out():
    pair = Pair(tuple("a b c ।".split()), tuple("x y z .".split()))
    pair = replace(pair, links=((0, 0, True), (1, 1, True), (1, 2, True), (2, 2, False), (3, 3, True)))
    assert kept(pair, ["x", "y"]) == [True, False] and kept(pair, ["z", "y", "."]) == [False, True]


def test_losses_and_next_words_of_an_untrained_model():
    long = [p for p in load_split("test") if len(p.source) >= 24][:20]
    model = new_translator(ModelConfig("none", hidden=8), TrainingConfig(), long).eval()
    translations = translate(model, long, max_length=30)
    rows = losses(translations, long)
    assert len(rows) == 24 and all(0 <= row["kept"] <= 100 for row in rows)
    shares = forcing(model, translations, long, None)
    by_place = [row for row in shares if row["by"] == "place"]
    assert by_place[0]["min"] == 1 and by_place[0]["words"] == 100
    columns = ("forced", "forced_chance", "free", "free_chance")
    assert all(0 <= row[column] <= 100 for row in shares for column in columns)
    assert sum(r["words"] for r in shares if r["by"] == "length") == sum(len(p.target) for p in long)


# What they say


@pytest.mark.parametrize("file", ["by_length.csv", "curves.csv", "losses.csv", "forcing.csv", "two_places.csv"])
def test_each_table_has_a_row_for_each_model_and_seed(file):
    table, stored = load_results(file), made()
    there = {f"{m}, seed {s}" for m, s in zip(table["model"], table["seed"], strict=True)}
    assert {run for run in stored if not run.startswith("real")} <= there
    assert not table.drop(columns=["word", "hints", "forced_chance"], errors="ignore").isna().any().any()


def test_the_first_seed_of_every_model_that_the_lessons_show_is_there():
    shown = [*plan.MAIN, *plan.CONTROLS, *plan.CURES, *plan.BOTH_WAYS, *plan.SHORT, *plan.REAL]
    assert {f"{study.name}, seed 0" for study in shown} <= set(made())


def test_vanilla_loses_most_of_its_bleu_and_at_its_best_two_fifths(scores):
    for name in ("vanilla", "vanilla, 24 passes"):
        assert scores[name].loc[TRAIN_BUCKETS[-1]] <= scores[name].loc[TRAIN_BUCKETS[0]] / 2, name
    widest = scores["vanilla, 512 units, 24 passes"]  # it knows its own sentences by heart, and loses nearly a half
    assert widest.loc[TRAIN_BUCKETS[-1]] <= 0.6 * widest.loc[TRAIN_BUCKETS[0]]


def test_with_the_right_weights_length_does_not_matter(scores):
    assert (scores["oracle"].loc[list(BUCKETS)] >= 98).all()


@pytest.mark.parametrize("name", ["learned", "both ways"])
def test_learned_weights_come_near_the_oracle(scores, name):
    assert (scores["oracle"] - scores[name]).loc[list(TRAIN_BUCKETS)].max() <= 4


@pytest.mark.parametrize("control", ["uniform", "shuffled", "shifted", "places"])
def test_wrong_weights_do_not_help(scores, control):
    difference = (scores["oracle"] - scores[control]).loc[list(TRAIN_BUCKETS)]
    assert difference.mean() >= 20 and (difference > 0).all()


def test_much_of_what_the_oracle_tells_needs_no_network(scores):
    assert (scores["oracle"] - scores["lookup"]).loc[list(TRAIN_BUCKETS[1:])].max() <= 10


def test_alpha_points_at_the_right_content_words_and_reading_both_ways_sharpens_it(errors):
    assert errors["both ways"]["content"] <= 0.04 and errors["both ways"]["all"] <= 0.12
    assert 0.12 < errors["learned"]["all"] < errors["diagonal α"]["all"] / 2
    assert errors["oracle α"]["all"] <= 0.01 and errors["random α"]["all"] >= 0.9


def test_words_that_need_the_other_side_are_known_by_who_reads_it(known):
    assert known["both ways"]["कल first, short"] >= 95 and known["both ways"]["कल first, long"] >= 95
    assert known["both ways"]["कल later, before its verb"] >= known["learned"]["कल later, before its verb"] + 5


def test_equally_good_heatmaps_hide_other_knowledge():
    errors = load_results("alignment.csv").query("split == 'test' and word_class == 'all'")
    known = load_results("two_places.csv").query("kind == 'अपना'")
    both = errors.merge(known, on=["model", "seed"])
    both = both[both["model"].isin(["both ways", "both ways, decay 0.4"])].sort_values("aer")
    assert both["aer"].max() <= 0.12 and both["accuracy"].max() - both["accuracy"].min() >= 20
    assert both.head(3)["accuracy"].min() < both["accuracy"].median()


def test_the_settings_of_all_models_are_those_that_suit_vanilla(scores):
    """So the baseline is not held back by settings that were chosen for others."""
    means = scores.loc[list(TRAIN_BUCKETS)].mean()
    others = [name for name in means.index if name.startswith(("vanilla, rate", "vanilla, decay"))]
    assert len(others) == 6 and (means["vanilla"] > means[others]).all()


def test_the_state_at_kal_tells_the_day_only_to_who_reads_both_ways():
    patched = load_results("patching.csv").pivot_table("p", ["model", "kind"], "part")
    first = patched.xs("कल first, short", level="kind")
    assert first.loc["learned", "h"] == pytest.approx(first.loc["learned", "nothing"], abs=1e-3)
    later = patched.xs("कल later, before its verb", level="kind")
    assert later.loc["both ways", "h"] >= 0.5 > later.loc["learned", "h"]
    assert (first.loc[["learned", "both ways"], "c"] >= 0.6).all()


def test_the_probe_says_the_same_of_an_untrained_encoder_further_back():
    table = load_results("probe.csv").query("model == 'vanilla'")
    means = table.groupby(["encoder", "distance"])["accuracy"].mean().unstack()
    assert (means[[1, 2, 3]].min(axis=1) > means[[15, 20, 25]].max(axis=1)).all()


def test_real_sentences_are_translated_better_with_attention():
    real = load_results("real.csv")
    whole = real[(real["length_min"] == 1) & (real["length_max"] == 16)].groupby("model")[["bleu", "chrf"]].mean()
    assert (whole.loc["real both ways"] > whole.loc["real vanilla"]).all()


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
    spread = max(1.5, (stored["max"] - stored["min"]).max())
    assert (now >= stored["min"] - spread).all() and (now <= stored["max"] + spread).all(), now
