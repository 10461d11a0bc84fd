"""Training: reproducible, interruptible, and kept in a cache that notices damage."""

import hashlib
import io
import multiprocessing
import os
import pickle
import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from support.examples import PAIRS

from helpers import training
from helpers.batching import make_batches
from helpers.corpus import cache
from helpers.corpus.pairs import Pair
from helpers.models import ModelConfig, Translator
from helpers.oracle import oracle_alpha, uniform_alpha
from helpers.recipes import reverse_sources
from helpers.training import History, Recipe, TrainingConfig, fit, fit_all, fit_or_load, fit_or_load_all, new_translator
from helpers.translation import translate
from helpers.vocabulary import END, UNK

MODEL = ModelConfig("additive", embedding=8, hidden=8, attention_hidden=8)
QUICK = TrainingConfig(epochs=2, batch_size=8, learning_rate=1e-2)
RECIPE = Recipe("learned", MODEL, QUICK)


def word_by_word(count, seed):
    """Pairs of a language that is translated word by word, 1 to 6 words long."""
    rng = random.Random(seed)
    sentences = [[int(8 * rng.random()) for _ in range(1 + int(6 * rng.random()))] for _ in range(count)]
    return [
        Pair(tuple(f"h{n}" for n in s), tuple(f"e{n}" for n in s), tuple((i, i, True) for i in range(len(s))))
        for s in sentences
    ]


TRAIN, VALID = word_by_word(40, 0), word_by_word(8, 1)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """An empty cache, and no GPU, on which equal seeds need not give equal curves."""
    monkeypatch.setenv("ATTENTION_COURSE_CACHE", str(tmp_path))
    monkeypatch.setattr(training, "pick_device", lambda: torch.device("cpu"))
    return tmp_path


def copy_of(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def quiet(progress):
    """Shows nothing."""


def after_each_epoch(function):
    """A report that calls the function when an epoch is over."""
    epochs = []

    def report(progress):
        if len(progress.history.loss) > len(epochs):
            epochs.append(progress)
            function()

    return report


def run(config=QUICK, model=MODEL, report=quiet, **options):
    translator = new_translator(model, config, TRAIN)
    return translator, fit(translator, TRAIN, VALID, config, report=report, **options)


def same_weights(a, b):
    a, b = (x if isinstance(x, dict) else x.state_dict() for x in (a, b))
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def interrupt_after(calls, function):
    """The function, until it has been called so often; then the learner presses ■."""
    left = [calls]

    def wrapped(*args, **options):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return function(*args, **options)

    return wrapped


def test_a_seed_fixes_the_curve():
    (first, one), (second, two), (third, other) = run(), run(), run(replace(QUICK, seed=1))
    assert one.loss == two.loss and one.bleu == two.bleu and same_weights(first, second)
    assert one.loss != other.loss and not same_weights(first, third)


def test_training_lowers_the_loss():
    _, history = run(replace(QUICK, epochs=4))
    assert len(history.loss) == len(history.bleu) == len(history.seconds) == 4
    assert history.loss[-1] < history.loss[0] and not history.interrupted


def test_validation_picks_the_best_epoch(monkeypatch):
    scores, snapshots = iter([10.0, 30.0, 20.0]), []
    monkeypatch.setattr(training, "bleu", lambda *_: next(scores))
    config = replace(QUICK, epochs=3)
    model = new_translator(MODEL, config, TRAIN)
    history = fit(model, TRAIN, VALID, config, report=after_each_epoch(lambda: snapshots.append(copy_of(model))))
    assert history.bleu == [10.0, 30.0, 20.0]
    assert [same_weights(model, snapshot) for snapshot in snapshots] == [False, True, False]
    assert not model.training


def test_the_first_epoch_goes_from_short_to_long(monkeypatch):
    config = replace(QUICK, batch_size=4)
    model, lengths = new_translator(MODEL, config, TRAIN), []
    forward = model.forward
    monkeypatch.setattr(model, "forward", lambda batch: lengths.append(batch.source.size(1)) or forward(batch))
    fit(model, TRAIN, VALID, config, report=quiet)
    first, second = lengths[:10], lengths[10:]
    assert first == sorted(first) and second != first and sorted(second) == first


@pytest.mark.parametrize("steps", [1, 2, 10, 20, 30])
def test_any_number_of_steps(steps):
    model = new_translator(MODEL, QUICK, PAIRS)
    history = fit(model, PAIRS, PAIRS, TrainingConfig(epochs=steps), report=quiet)
    assert len(history.loss) == steps


@pytest.mark.parametrize("attention,oracle", [("additive", None), ("given", oracle_alpha)])
def test_watching_notes_alpha_after_each_epoch(attention, oracle):
    watched = max(VALID, key=lambda p: len(p.source))
    _, history = run(model=replace(MODEL, attention=attention), oracle=oracle, watch=watched)
    first, second = (steps.alignment for steps in history.watched)
    assert first.source == second.source == (*watched.source, END) and first.target == (*watched.target, END)
    assert first.alpha.equal(second.alpha) == (attention == "given")


def test_a_model_without_alpha_says_so_before_it_is_trained():
    with pytest.raises(ValueError, match="the vanilla model has no α"):
        run(model=replace(MODEL, attention="none"), watch=VALID[0], report=lambda _: pytest.fail("trained"))


def test_the_oracle_is_asked_in_training_and_in_validation():
    asked = []

    def oracle(pair):
        asked.append(pair)
        return oracle_alpha(pair)

    run(replace(QUICK, epochs=3), replace(MODEL, attention="given"), oracle=oracle)
    assert len(asked) == len(TRAIN) + 3 * len(VALID)
    with pytest.raises(ValueError, match="must be told where to look"):
        run(model=replace(MODEL, attention="given"))


# The model is called for each of 5 batches an epoch; for the watched sentence once before, twice in the first epoch,
# and once after each epoch.
@pytest.mark.parametrize("calls,place", [(11, "a batch"), (14, "watching"), (9, "just after an epoch")])
def test_an_interrupted_training_leaves_its_best_model(calls, place):
    model, snapshots = new_translator(MODEL, QUICK, TRAIN), []
    model.forward = interrupt_after(calls, model.forward)
    history = fit(
        model,
        TRAIN,
        VALID,
        QUICK,
        watch=VALID[0],
        report=after_each_epoch(lambda: snapshots.append(copy_of(model))),
    )
    assert history.interrupted and len(snapshots) == 1
    assert len(history.loss) == len(history.bleu) == len(history.watched) == len(history.seconds) == 1
    assert same_weights(model, snapshots[0]) and not model.training
    assert len(translate(model, VALID)) == len(VALID)


def test_an_interruption_in_validation_leaves_the_history_whole():
    model = new_translator(MODEL, QUICK, TRAIN)
    model.step = interrupt_after(1, model.step)
    history = fit(model, TRAIN, VALID, QUICK, report=quiet)
    assert history.interrupted and history.loss == history.bleu == history.seconds == []


def test_an_interrupted_training_is_not_kept(monkeypatch, folder, capsys):
    forward = Translator.forward
    monkeypatch.setattr(Translator, "forward", interrupt_after(2, lambda *args: forward(*args)))
    model, history = fit_or_load(RECIPE, TRAIN, VALID)
    assert history.interrupted and history.loss == [] and len(translate(model, VALID)) == len(VALID)
    assert "best model so far" in capsys.readouterr().out and list(folder.iterdir()) == []


def test_a_trained_model_is_kept(monkeypatch, folder, capsys):
    model, history = fit_or_load(RECIPE, TRAIN, VALID, watch=VALID[0])
    first = capsys.readouterr().out
    assert "validation BLEU" in first and "cache" not in first
    (file,) = folder.iterdir()
    assert file.name.startswith("learned-") and file.suffix == ".pt"
    monkeypatch.setattr(training, "fit", lambda *_, **__: pytest.fail("it was trained again"))
    again, stored = fit_or_load(RECIPE, TRAIN, VALID, watch=VALID[0])
    assert "taken from the cache" in capsys.readouterr().out
    assert same_weights(model, again) and not again.training
    assert stored.loss == history.loss and len(stored.watched) == 2
    assert stored.watched[1].alignment.alpha.equal(history.watched[1].alignment.alpha)
    assert [t.target for t in translate(again, VALID)] == [t.target for t in translate(model, VALID)]


def test_whatever_changes_the_training_changes_the_key(monkeypatch, folder):
    monkeypatch.setattr(training, "fit", lambda *_, **__: History(loss=[1.0]))
    other_links = [replace(p, links=p.links[:-1]) for p in TRAIN]
    different = [
        (RECIPE, TRAIN, VALID),
        (replace(RECIPE, model=replace(MODEL, hidden=9)), TRAIN, VALID),
        (replace(RECIPE, model=replace(MODEL, attention="given"), oracle=oracle_alpha), TRAIN, VALID),
        (replace(RECIPE, model=replace(MODEL, attention="given"), oracle=uniform_alpha), TRAIN, VALID),
        (replace(RECIPE, training=replace(QUICK, seed=1)), TRAIN, VALID),
        (replace(RECIPE, training=replace(QUICK, learning_rate=2e-2)), TRAIN, VALID),
        (RECIPE, TRAIN[:-1], VALID),
        (RECIPE, TRAIN[::-1], VALID),
        (RECIPE, other_links, VALID),
        (RECIPE, TRAIN, VALID[:-1]),
        (RECIPE, TRAIN[:-1], [*TRAIN[-1:], *VALID]),
    ]
    for count, asked in enumerate(different, start=1):
        fit_or_load(*asked)
        fit_or_load(*asked)
        assert len(list(folder.iterdir())) == count, asked


def test_a_model_that_was_watched_serves_those_who_do_not_ask_and_no_other_pair(monkeypatch, folder):
    trained = []
    monkeypatch.setattr(training, "fit", lambda *args, **__: trained.append(args[5]) or History(loss=[1.0]))
    for watch in (None, None, VALID[0], VALID[0], None, VALID[1]):
        fit_or_load(RECIPE, TRAIN, VALID, watch)
    assert trained == [None, VALID[0], VALID[1]] and len(list(folder.iterdir())) == 1


def test_code_that_decides_changes_the_key_and_a_docstring_does_not():
    code = """
    def greedy(scores):
        "The best word."  # and a comment
        return scores.argmax()
    """
    assert training._code(code) == training._code(code.replace("The best word", "Words").replace("# and a comment", ""))
    assert training._code(code) == training._code(code.replace("scores.argmax()", "( scores.argmax( ) )"))
    assert training._code(code) != training._code(code.replace("argmax", "argmin"))
    parts = {part.__name__ for part in training.DECIDES}
    assert {"helpers.attention", "helpers.models", "helpers.translation", "bleu", "fit"} <= parts


DAMAGE = {
    "empty": lambda data: b"",
    "cut by one byte": lambda data: data[:-1],
    "one bit": lambda data: data[:400] + bytes([data[400] ^ 1]) + data[401:],
    "text": lambda data: "<html>नमस्ते</html>".encode(),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_noticed_and_made_again(folder, capsys, damage):
    asked = replace(RECIPE, training=replace(QUICK, epochs=1)), TRAIN[:8], VALID
    model, history = fit_or_load(*asked)
    (file,) = folder.iterdir()
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    capsys.readouterr()
    again, new = fit_or_load(*asked)
    said = capsys.readouterr().out
    assert "damaged" in said and "trained again" in said
    assert same_weights(model, again) and (new.loss, new.bleu) == (history.loss, history.bleu)
    fit_or_load(*asked)
    assert "taken from the cache" in capsys.readouterr().out


class FullDisk(io.FileIO):
    def write(self, data):
        super().write(data[:100])
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("trouble", ["full disk", "no permission"])
def test_no_half_written_file_is_left(monkeypatch, folder, capsys, trouble):
    if trouble == "full disk":
        monkeypatch.setattr(cache, "open", FullDisk, raising=False)
    else:

        def refuse(*_):
            raise PermissionError("not allowed")

        monkeypatch.setattr(os, "replace", refuse)
    model, _ = fit_or_load(replace(RECIPE, training=replace(QUICK, epochs=1)), TRAIN[:8], VALID)
    assert "could not be kept" in capsys.readouterr().out and translate(model, VALID)
    assert list(folder.iterdir()) == []


def test_a_failed_write_keeps_the_old_file(monkeypatch, folder):
    cache.write_whole(folder / "x", b"old")
    monkeypatch.setattr(cache, "open", FullDisk, raising=False)
    with pytest.raises(OSError, match="No space left"):
        cache.write_whole(folder / "x", b"new" * 100)
    assert [p.name for p in folder.iterdir()] == ["x"] and (folder / "x").read_bytes() == b"old"


def answers_of_one_student(_):
    model, _ = fit_or_load(RECIPE, TRAIN, VALID)
    return [str(answer) for answer in translate(model, VALID)]


def test_a_class_shares_a_cache(folder, capsys):
    (folder / "any new file").touch()
    with multiprocessing.get_context("spawn").Pool(2) as pool:  # two processes train and write at the same time
        first, second = pool.map(answers_of_one_student, range(2), chunksize=1)
    assert first == second == answers_of_one_student(None)
    assert "taken from the cache" in capsys.readouterr().out
    new, model = sorted(folder.iterdir())
    assert new.stat().st_mode == model.stat().st_mode  # other students can read it


def test_rare_words_are_unknown():
    pairs = [*PAIRS, PAIRS[0]]
    model = new_translator(MODEL, TrainingConfig(min_count=2), pairs)
    assert "आया" in model.source_vocab and "किताब" not in model.source_vocab
    (batch,) = make_batches(PAIRS[1:2], model.source_vocab, model.target_vocab)
    assert batch.source[0].tolist().count(UNK) == 4


def test_clear_errors():
    model = new_translator(MODEL, QUICK, TRAIN)
    with pytest.raises(ValueError, match="epochs=0"):
        fit(model, TRAIN, VALID, TrainingConfig(epochs=0))
    with pytest.raises(ValueError, match="batch_size=0"):
        fit(model, TRAIN, VALID, TrainingConfig(batch_size=0))
    with pytest.raises(ValueError, match="no sentence pairs"):
        fit(model, [], VALID)
    with pytest.raises(ValueError, match="no validation sentences"):
        fit(model, TRAIN, [], report=lambda _: pytest.fail("trained"))
    for wrong in ({"epochs": 1.5}, {"min_count": 0}, {"learning_rate": 0}, {"clip": -1}, {"label_smoothing": -1}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))}={next(iter(wrong.values()))}"):
            TrainingConfig(**wrong)
    with pytest.raises(ValueError, match="two recipes have the same name"):
        fit_or_load_all([RECIPE, RECIPE], TRAIN, VALID)


@pytest.mark.parametrize("watch", [None, VALID[0]])
def test_a_training_that_goes_astray_is_not_kept(folder, watch):
    wild = replace(RECIPE, training=replace(QUICK, epochs=4, learning_rate=1e30, clip=1e30))
    with pytest.raises(
        ValueError, match=r"went astray(: its loss is nan. learning_rate=1e\+30 is too high|[.:] [Aa] smaller)"
    ):
        fit_or_load(wild, TRAIN, VALID, watch)
    assert list(folder.iterdir()) == []


def test_a_cache_that_cannot_be_read_is_left_alone(monkeypatch, folder, capsys):
    fit_or_load(RECIPE, TRAIN, VALID)

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    _, history = fit_or_load(RECIPE, TRAIN, VALID)
    assert "the cache cannot be read" in capsys.readouterr().out and len(history.loss) == 2


def test_a_folder_in_the_place_of_a_model(folder, capsys):
    fit_or_load(RECIPE, TRAIN, VALID)
    (file,) = folder.iterdir()
    file.unlink()
    file.mkdir()
    _, history = fit_or_load(RECIPE, TRAIN, VALID)
    said = capsys.readouterr().out
    assert "cannot be read" in said and "could not be kept" in said and len(history.loss) == 2


@pytest.mark.parametrize("content", [b"no pickle", pickle.dumps({"x": 1})])
def test_another_content_with_a_fitting_hash_is_damage(folder, capsys, content):
    fit_or_load(RECIPE, TRAIN, VALID)
    (file,) = folder.iterdir()
    file.write_bytes(hashlib.sha256(content).digest() + content)
    fit_or_load(RECIPE, TRAIN, VALID)
    assert "damaged" in capsys.readouterr().out


def test_side_by_side_gives_the_same_numbers_as_one_after_the_other(capsys):
    recipes = [
        RECIPE,
        Recipe("oracle", replace(MODEL, attention="given"), replace(QUICK, seed=3), oracle_alpha),
        Recipe("backwards", replace(MODEL, attention="none", dropout=0.5), QUICK, prepare=reverse_sources),
    ]
    together = fit_or_load_all(recipes, TRAIN, VALID, watch={"learned": VALID[0]})
    said = capsys.readouterr().out
    assert list(together) == ["learned", "oracle", "backwards"] and all(f"{name}: 100%" in said for name in together)
    for recipe in recipes:
        model, history = together[recipe.name]
        alone = new_translator(recipe.model, recipe.training, recipe.prepare(TRAIN))
        watch = VALID[0] if recipe is RECIPE else None
        pairs = recipe.prepare(TRAIN), recipe.prepare(VALID)
        seen = fit(alone, *pairs, recipe.training, recipe.oracle, watch, report=quiet)
        assert (seen.loss, seen.bleu) == (history.loss, history.bleu) and same_weights(model, alone)
        assert len(history.watched) == len(seen.watched) == (2 if watch else 0) and not model.training
    fit_or_load_all(recipes, TRAIN, VALID, watch={"learned": VALID[0]})
    assert capsys.readouterr().out.count("taken from the cache") == 3


def test_models_of_your_own_train_side_by_side():
    models = {name: new_translator(MODEL, QUICK, TRAIN) for name in ("one", "two")}
    histories = fit_all(models, TRAIN, VALID, QUICK)
    _, alone = run()
    assert histories["one"].loss == histories["two"].loss == alone.loss
    assert same_weights(models["one"], models["two"])


def test_watching_changes_no_number():
    (watched, one), (unwatched, two) = run(watch=VALID[0]), run()
    assert one.loss == two.loss and one.bleu == two.bleu and same_weights(watched, unwatched)
