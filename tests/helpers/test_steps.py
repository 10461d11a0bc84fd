"""Steps hold what the model computes, for every kind of model."""

import re
from dataclasses import asdict, replace

import pytest
import torch
from support.examples import CELLS, PAIRS, batch_of, small

from helpers.oracle import oracle_alpha
from helpers.steps import decoder_steps, forced
from helpers.training import History
from helpers.translation import translate
from helpers.vocabulary import BOS, END, PAD

PAIR = PAIRS[1]
TOKENS = (*PAIR.target, END)


def steps_of(model):
    return decoder_steps(model, PAIR.source, TOKENS, oracle_alpha(PAIR) if model.config.attention == "given" else None)


@torch.no_grad()
@pytest.mark.parametrize("attention", ["given", "additive"])
@pytest.mark.parametrize("cell,bidirectional", CELLS)
def test_steps_are_those_of_the_forward_pass(attention, cell, bidirectional):
    model = small(attention, cell, bidirectional)
    steps = steps_of(model)
    batch = batch_of(model, [PAIR])
    logits, look = model(batch)
    encoded, _ = model.encode(batch.source, batch.source_lengths)
    p = logits[0].softmax(1)
    torch.testing.assert_close(steps.alignment.alpha, look.alpha[0])
    torch.testing.assert_close(steps.c, look.alpha[0] @ encoded.h[0])
    torch.testing.assert_close(torch.tensor(steps.p), p.gather(1, batch.target_out.T).squeeze(1))
    written = p.index_fill(1, torch.tensor([PAD, BOS]), 0)  # the search never writes these two
    torch.testing.assert_close(torch.tensor([[x for _, x in ws] for ws in steps.likeliest]), written.topk(5).values)
    assert [ws[0][0] for ws in steps.likeliest] == [model.target_vocab.words[i] for i in written.argmax(1).tolist()]
    assert steps.alignment.source == (*PAIR.source, END) and steps.alignment.target == TOKENS
    if attention == "additive":
        torch.testing.assert_close(steps.e.softmax(1), steps.alignment.alpha)
    else:
        assert steps.e is None


def test_a_translation_is_followed_through_its_own_words():
    model = small()
    (answer,) = translate(model, [PAIR.source])
    steps = decoder_steps(model, answer.source, answer.tokens)
    assert steps.alignment.source == answer.alignment.source and steps.alignment.target == answer.alignment.target
    torch.testing.assert_close(steps.alignment.alpha, answer.alignment.alpha)
    assert torch.tensor(steps.p).log().sum().item() == pytest.approx(answer.log_probability, rel=1e-3)


@pytest.mark.parametrize("most", [1, 3])
def test_a_translation_that_was_cut_off_has_no_last_row(most):
    model = small()
    (answer,) = translate(model, [PAIR.source], max_length=most)
    steps = decoder_steps(model, answer.source, answer.tokens)
    assert not answer.finished and len(answer.target) == most == len(steps.alignment.alpha)
    torch.testing.assert_close(steps.alignment.alpha, answer.alignment.alpha)


def test_weights_that_are_given_are_used():
    model, uniform = small("given"), torch.full((7, 6), 1 / 6)
    steps = decoder_steps(model, PAIR.source, TOKENS, uniform)
    assert steps.alignment.alpha.equal(uniform) and not steps.c.equal(steps_of(model).c)
    torch.testing.assert_close(steps_of(model).alignment.alpha, oracle_alpha(PAIR))


def test_distributions_are_those_of_single_steps():
    model = small("none")
    p, look = forced(model, PAIR.source, TOKENS)
    encoded, state = model.read(PAIR.source)
    log_p, _, _ = model.step(torch.tensor([2]), state, encoded)
    torch.testing.assert_close(p[0], log_p[0].exp())
    assert p.shape == (7, len(model.target_vocab)) and look.alpha is None and look.c.shape == (7, 16)


def test_words_that_the_model_does_not_know():
    steps = decoder_steps(small(), ("zzz", "।"), ("qqq", ".", END))
    assert steps.alignment.source == ("zzz", "।", END) and steps.alignment.target == ("qqq", ".", END)


def test_a_model_in_training_stays_in_training_and_its_dropout_does_not_show():
    model = small(dropout=0.5).train()
    assert steps_of(model).p == steps_of(model).p and model.training


NOT_A_NUMBER = torch.full((7, 6), float("nan"))


@pytest.mark.parametrize(
    "attention,source,alpha,message",
    [
        ("none", PAIR.source, None, "the vanilla model has no α"),
        ("none", PAIR.source, torch.full((7, 6), 1 / 6), "takes no weights"),
        ("additive", PAIR.source, torch.full((7, 6), 1 / 6), "computes its own weights"),
        ("given", PAIR.source, None, "must be told where to look"),
        ("given", PAIR.source, torch.full((7, 5), 1 / 5), "(7, 6) is needed"),
        ("given", PAIR.source, torch.full((3, 6), 1 / 6), "α has 3 rows for 7 steps"),
        ("given", PAIR.source, torch.ones(7, 6), "sum to 1"),
        ("given", PAIR.source, NOT_A_NUMBER, "α holds nan"),
        ("additive", [], None, "the sentence is empty"),
        ("additive", "लड़की", None, "a sentence is a list of words"),
    ],
)
def test_clear_errors(attention, source, alpha, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        decoder_steps(small(attention), source, TOKENS, alpha)


@pytest.mark.parametrize(
    "changes,message",
    [
        ({"e": torch.zeros(6, 7)}, "e has shape"),
        ({"e": NOT_A_NUMBER}, "finite scores"),
        ({"c": torch.zeros(3, 16)}, "c has shape"),
        ({"c": torch.full((7, 16), float("inf"))}, "finite numbers"),
        ({"p": [0.5]}, "probabilities are given for 1 of 7 steps"),
        ({"likeliest": []}, "next words are given for 0 of 7 steps"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(steps_of(small()), **changes)


def test_steps_can_be_stored(tmp_path):
    steps = steps_of(small())
    torch.save(asdict(History(watched=[steps])), tmp_path / "history.pt")
    (again,) = History.from_dict(torch.load(tmp_path / "history.pt", weights_only=True)).watched
    assert again.alignment.alpha.equal(steps.alignment.alpha) and again.alignment.target == steps.alignment.target
    assert again.e.equal(steps.e) and again.likeliest == steps.likeliest
