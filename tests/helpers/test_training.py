"""Training: reproducible, interruptible, and kept in a cache that notices damage."""

import io
import multiprocessing
import os
import random
from dataclasses import asdict, replace

import pytest
import torch
from support.examples import PAIRS

from helpers import training
from helpers.batching import make_batches
from helpers.corpus import cache
from helpers.corpus.pairs import Pair
from helpers.models import ModelConfig
from helpers.training import History, TrainingConfig, fit, new_translator, trained
from helpers.translation import translate

MODEL = ModelConfig("learned", embedding=8, hidden=8, attention=8)
QUICK = TrainingConfig(epochs=2, batch_size=8, learning_rate=1e-2)


def word_by_word(count, seed):
    """Pairs of a language that is translated word by word, 1 to 6 words long."""
    dice = random.Random(seed)
    sentences = [[int(8 * dice.random()) for _ in range(1 + int(6 * dice.random()))] for _ in range(count)]
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


@pytest.fixture
def snapshots(monkeypatch):
    """The weights after each epoch."""
    taken = []

    def note(model, sentences):
        taken.append({name: value.clone() for name, value in model.state_dict().items()})
        return translate(model, sentences)

    monkeypatch.setattr(training, "translate", note)
    return taken


def run(config=QUICK, model=MODEL, **options):
    translator = new_translator(model, config, TRAIN)
    return translator, fit(translator, TRAIN, VALID, config, progress=False, **options)


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


def test_validation_picks_the_best_epoch(monkeypatch, snapshots):
    scores = iter([10.0, 30.0, 20.0])
    monkeypatch.setattr(training, "bleu", lambda *_: next(scores))
    model, history = run(replace(QUICK, epochs=3))
    assert history.bleu == [10.0, 30.0, 20.0]
    assert [same_weights(model, taken) for taken in snapshots] == [False, True, False]
    assert not model.training


def test_the_first_epoch_goes_from_short_to_long(monkeypatch):
    config = replace(QUICK, batch_size=4)
    model, lengths = new_translator(MODEL, config, TRAIN), []
    forward = model.forward
    monkeypatch.setattr(model, "forward", lambda batch: lengths.append(batch.source.size(1)) or forward(batch))
    fit(model, TRAIN, VALID, config, progress=False)
    first, second = lengths[:10], lengths[10:]
    assert first == sorted(first) and second != first and sorted(second) == first


@pytest.mark.parametrize("steps", [1, 2, 10, 20, 30])
def test_any_number_of_steps(steps):
    model = new_translator(MODEL, QUICK, PAIRS)
    history = fit(model, PAIRS, PAIRS, TrainingConfig(epochs=steps), progress=False)
    assert len(history.loss) == steps


@pytest.mark.parametrize("context", ["learned", "oracle"])
def test_watching_notes_alpha_after_each_epoch(context):
    watched = max(VALID, key=lambda p: len(p.source))
    _, history = run(model=replace(MODEL, context=context), watch=watched)
    alpha = torch.tensor(history.alpha)
    assert alpha.shape == (2, len(watched.target) + 1, len(watched.source) + 1)
    torch.testing.assert_close(alpha.sum(2), torch.ones(alpha.shape[:2]))
    assert alpha[0].equal(alpha[1]) == (context == "oracle")


def test_a_model_without_alpha_has_none_to_watch():
    assert run(model=replace(MODEL, context="vanilla"), watch=VALID[0])[1].alpha == []


@pytest.mark.parametrize("place", ["a batch", "validation", "watching"])
def test_an_interrupted_training_leaves_its_best_model(monkeypatch, snapshots, folder, capsys, place):
    if place == "a batch":
        monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", interrupt_after(7, torch.nn.utils.clip_grad_norm_))
    elif place == "validation":
        monkeypatch.setattr(training, "translate", interrupt_after(1, training.translate))
    else:
        monkeypatch.setattr(training, "decoder_steps", interrupt_after(1, training.decoder_steps))
    model, history = trained(MODEL, QUICK, TRAIN, VALID, watch=VALID[0])
    assert history.interrupted
    assert len(history.loss) == len(history.bleu) == len(history.seconds) == len(history.alpha) == 1
    assert same_weights(model, snapshots[0]) and not model.training
    assert len(translate(model, VALID)) == len(VALID)
    assert "best model so far" in capsys.readouterr().out
    assert list(folder.iterdir()) == []


def test_an_interruption_before_the_first_validation_leaves_a_usable_model(monkeypatch, folder):
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", interrupt_after(1, torch.nn.utils.clip_grad_norm_))
    model, history = trained(MODEL, QUICK, TRAIN, VALID)
    assert history.interrupted and history.loss == [] and len(translate(model, VALID)) == len(VALID)
    assert list(folder.iterdir()) == []


def test_a_trained_model_is_kept(monkeypatch, folder, capsys):
    model, history = trained(MODEL, QUICK, TRAIN, VALID, watch=VALID[0])
    first = capsys.readouterr().out
    assert "validation BLEU" in first and "cache" not in first
    (file,) = folder.iterdir()
    assert file.name.startswith("learned-") and file.suffix == ".pt"
    monkeypatch.setattr(training, "fit", lambda *_: pytest.fail("it was trained again"))
    again, stored = trained(MODEL, QUICK, TRAIN, VALID, watch=VALID[0])
    assert "taken from the cache" in capsys.readouterr().out
    assert same_weights(model, again) and not again.training
    assert (stored.loss, stored.alpha) == (history.loss, history.alpha)
    assert [t.target for t in translate(again, VALID)] == [t.target for t in translate(model, VALID)]


def test_whatever_changes_the_training_changes_the_key(monkeypatch, folder):
    monkeypatch.setattr(training, "fit", lambda *_: History(loss=[1.0]))
    other_links = [replace(p, links=p.links[:-1]) for p in TRAIN]
    different = [
        (MODEL, QUICK, TRAIN, VALID, None),
        (replace(MODEL, hidden=9), QUICK, TRAIN, VALID, None),
        (replace(MODEL, context="oracle"), QUICK, TRAIN, VALID, None),
        (MODEL, replace(QUICK, seed=1), TRAIN, VALID, None),
        (MODEL, replace(QUICK, learning_rate=2e-2), TRAIN, VALID, None),
        (MODEL, QUICK, TRAIN[:-1], VALID, None),
        (MODEL, QUICK, TRAIN[::-1], VALID, None),
        (MODEL, QUICK, other_links, VALID, None),
        (MODEL, QUICK, TRAIN, VALID[:-1], None),
        (MODEL, QUICK, TRAIN[:-1], [*TRAIN[-1:], *VALID], None),
        (MODEL, QUICK, TRAIN, VALID, VALID[0]),
        (MODEL, QUICK, TRAIN, VALID, VALID[1]),
    ]
    for count, asked in enumerate(different, start=1):
        trained(*asked)
        trained(*asked)
        assert len(list(folder.iterdir())) == count, asked[:2]


def saved(content):
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def stored_in(data):
    return torch.load(io.BytesIO(data[data.index(b"PK") :]), weights_only=True)


OTHER = new_translator(replace(MODEL, hidden=9), QUICK, TRAIN).state_dict()
DAMAGE = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "cut early": lambda data: data[:300],
    "cut by one byte": lambda data: data[:-1],
    "zeros": lambda data: bytes(len(data)),
    "text": lambda data: "<html>नमस्ते</html>".encode(),
    "noise": lambda data: random.Random(0).randbytes(500),
    "a number": lambda data: saved(7),
    "a list": lambda data: saved([1, 2]),
    "nothing in it": lambda data: saved({}),
    "another model": lambda data: saved({"state": OTHER, "history": asdict(History())}),
    "no weights": lambda data: saved({"state": None, "history": asdict(History())}),
    "another history": lambda data: saved({"state": stored_in(data)["state"], "history": {"fitness": [1.0]}}),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_noticed_and_made_again(folder, capsys, damage):
    asked = MODEL, replace(QUICK, epochs=1), TRAIN[:8], VALID
    model, history = trained(*asked)
    (file,) = folder.iterdir()
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    capsys.readouterr()
    again, new = trained(*asked)
    said = capsys.readouterr().out
    assert "damaged" in said and "trained again" in said
    assert same_weights(model, again) and (new.loss, new.bleu) == (history.loss, history.bleu)
    trained(*asked)
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
    model, _ = trained(MODEL, replace(QUICK, epochs=1), TRAIN[:8], VALID)
    assert "could not be kept" in capsys.readouterr().out and translate(model, VALID)
    assert list(folder.iterdir()) == []


def test_a_failed_write_keeps_the_old_file(monkeypatch, folder):
    cache.write_whole(folder / "x", b"old")
    monkeypatch.setattr(cache, "open", FullDisk, raising=False)
    with pytest.raises(OSError):
        cache.write_whole(folder / "x", b"new" * 100)
    assert [p.name for p in folder.iterdir()] == ["x"] and (folder / "x").read_bytes() == b"old"


def answers_of_one_student(_):
    model, _ = trained(MODEL, QUICK, TRAIN, VALID)
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
    assert batch.source[0].tolist().count(1) == 4


def test_clear_errors():
    model = new_translator(MODEL, QUICK, TRAIN)
    with pytest.raises(ValueError, match="epochs=0"):
        fit(model, TRAIN, VALID, TrainingConfig(epochs=0))
    with pytest.raises(ValueError, match="batch_size=0"):
        fit(model, TRAIN, VALID, TrainingConfig(batch_size=0))
    with pytest.raises(ValueError, match="no sentence pairs"):
        fit(model, [], VALID)
