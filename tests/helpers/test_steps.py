"""Steps hold what the model computes, for every kind of sentence and every kind of model."""

from dataclasses import asdict, replace

import pytest
import torch
from support.examples import CELLS, PAIRS, batch_of, small

from helpers.corpus.pairs import Pair
from helpers.models import CONTEXTS
from helpers.oracle import oracle_alpha
from helpers.steps import END, Steps, decoder_steps
from helpers.translation import translate

PAIR = PAIRS[1]
WITH_ALPHA = [context for context in CONTEXTS if context != "vanilla"]


@torch.no_grad()
@pytest.mark.parametrize("context", WITH_ALPHA)
@pytest.mark.parametrize("cell,bidirectional", CELLS)
def test_steps_of_a_pair_are_those_of_the_forward_pass(context, cell, bidirectional):
    model = small(context, cell, bidirectional)
    found = decoder_steps(model, PAIR)
    batch = batch_of(model, [PAIR])
    logits, alpha = model(batch)
    encoded, _ = model.encode(batch.source, batch.source_lengths)
    p = logits[0].softmax(1)
    torch.testing.assert_close(found.alpha, alpha[0])
    torch.testing.assert_close(found.c, alpha[0] @ encoded.h[0])
    torch.testing.assert_close(torch.tensor(found.p), p.gather(1, batch.target_out.T).squeeze(1))
    torch.testing.assert_close(torch.tensor([[x for _, x in words] for words in found.likeliest]), p.topk(5).values)
    assert [words[0][0] for words in found.likeliest] == [model.target_vocab.words[i] for i in p.argmax(1).tolist()]
    assert found.source == (*PAIR.source, END) and found.target == (*PAIR.target, END)
    if context == "learned":
        torch.testing.assert_close(found.e.softmax(1), found.alpha)
    else:
        assert found.e is None


@pytest.mark.parametrize(
    "sentence", [PAIR.source, list(PAIR.source), "लड़की किताब पढ़ती है", "laṛkī kitāb paṛhtī hai", "answer"]
)
def test_any_other_sentence_is_followed_through_the_models_own_words(sentence):
    model = small()
    (answer,) = translate(model, [PAIR.source])
    found = decoder_steps(model, answer if sentence == "answer" else sentence)
    assert found.source == (*PAIR.source, END)
    assert found.target == (*answer.target, END)[: len(answer.alpha)]
    torch.testing.assert_close(found.alpha, answer.alpha)
    assert torch.tensor(found.p).log().sum().item() == pytest.approx(answer.log_probability, rel=1e-3)


@pytest.mark.parametrize("most", [1, 3])
def test_a_translation_that_was_cut_off_has_no_last_row(most):
    model = small()
    (answer,) = translate(model, [PAIR.source], max_length=most)
    found = decoder_steps(model, answer)
    assert len(found.target) == len(found.alpha) == len(answer.alpha)
    torch.testing.assert_close(found.alpha, answer.alpha)


def test_the_oracle_is_told_or_asked():
    model = small("oracle")
    torch.testing.assert_close(decoder_steps(model, PAIR).alpha, oracle_alpha(PAIR))
    by_hand = torch.full((7, 6), 1 / 6)
    found = decoder_steps(model, PAIR, by_hand)
    assert found.alpha.equal(by_hand) and not found.c.equal(decoder_steps(model, PAIR).c)
    assert decoder_steps(model, PAIR, by_hand.tolist()).alpha.equal(by_hand)
    own = decoder_steps(model, PAIR.source, by_hand)
    assert own.alpha.eq(1 / 6).all() and own.alpha.size(1) == 6
    (answer,) = translate(model, [PAIR])
    torch.testing.assert_close(decoder_steps(model, answer).alpha, answer.alpha)


def test_words_that_the_model_does_not_know():
    found = decoder_steps(small(), Pair(("zzz", "।"), ("qqq", ".")))
    assert found.source == ("zzz", "।", END) and found.target == ("qqq", ".", END)


def test_a_model_in_training_stays_in_training_and_its_dropout_does_not_show():
    model = small(dropout=0.5).train()
    assert decoder_steps(model, PAIR).p == decoder_steps(model, PAIR).p and model.training


NOT_A_NUMBER = torch.full((7, 6), float("nan"))


@pytest.mark.parametrize(
    "model,sentence,alpha,message",
    [
        ("vanilla", PAIR, None, "the vanilla model has no α"),
        ("learned", PAIR, torch.full((7, 6), 1 / 6), "works out its own α"),
        ("oracle", PAIR.source, None, "must be told where to look"),
        ("oracle", "लड़की", None, "must be told where to look"),
        ("oracle", replace(PAIR, links=()), None, "nothing to say"),
        ("oracle", PAIR, torch.full((6, 7), 1 / 7), r"\(7, 6\) is needed"),
        ("oracle", PAIR, torch.full((3, 6), 1 / 6), r"\(7, 6\) is needed"),
        ("oracle", PAIR, torch.ones(7, 6), "sum to 1"),
        ("oracle", PAIR, NOT_A_NUMBER, "row 0 of α"),
        ("oracle", PAIR.source, NOT_A_NUMBER, "row 0 of α"),
        ("learned", [], None, "the sentence is empty"),
        ("learned", "", None, "the sentence is empty"),
    ],
)
def test_clear_errors(model, sentence, alpha, message):
    with pytest.raises(ValueError, match=message):
        decoder_steps(small(model), sentence, alpha)


@pytest.mark.parametrize(
    "changes,message",
    [
        ({"alpha": torch.full((7, 6), 0.5)}, "sum to 1"),
        ({"alpha": torch.eye(6)}, r"\(7, 6\) is needed"),
        ({"target": ("the",)}, r"\(1, 6\) is needed"),
        ({"e": torch.zeros(6, 7)}, "e has shape"),
        ({"e": NOT_A_NUMBER}, "finite scores"),
        ({"c": torch.zeros(3, 16)}, "c has shape"),
        ({"c": torch.full((7, 16), float("inf"))}, "finite numbers"),
        ({"p": [0.5]}, "next words are given for 7 of 7|probabilit"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(decoder_steps(small(), PAIR), **changes)


def test_steps_can_be_stored(tmp_path):

    found = decoder_steps(small(), PAIR)
    torch.save(asdict(found), tmp_path / "steps.pt")
    again = Steps(**torch.load(tmp_path / "steps.pt", weights_only=True))
    assert again.alpha.equal(found.alpha) and again.e.equal(found.e) and again.likeliest == found.likeliest
