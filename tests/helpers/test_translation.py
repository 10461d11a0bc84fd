"""Searching for translations: batches, beams, lengths, weights."""

import math

import pytest
import torch
from support.examples import PAIRS, small

from helpers.attention import Encoded, Look
from helpers.batching import make_batches
from helpers.translation import translate
from helpers.vocabulary import BOS, END, EOS, PAD, Vocabulary


@torch.no_grad()
def log_probability(model, translation, pair):
    """Of a translation, the words given to the model one by one; </s> where there is room for one."""
    (batch,) = make_batches([pair], model.source_vocab, model.target_vocab)
    encoded, state = model.encode(batch.source, batch.source_lengths)
    before, total = BOS, 0.0
    for word in model.target_vocab.encode(translation.target)[: len(translation.tokens)]:
        log_p, state, _ = model.step(torch.tensor([before]), state, encoded)
        before, total = word, total + log_p[0, word].item()
    return total


def test_translations_come_in_the_order_of_the_sentences():
    model = small()
    mixed = [PAIRS[i % 3] for i in (1, 0, 2, 0, 1, 2, 2, 1)]
    for batch_size in (1, 3, 128):
        translations = translate(model, mixed, max_length=8, batch_size=batch_size)
        assert [t.source for t in translations] == [p.source for p in mixed]
    alone = {p.source: translate(model, [p], max_length=8)[0].target for p in PAIRS}
    assert [t.target for t in translations] == [alone[p.source] for p in mixed]


def test_pairs_and_lists_of_words_are_taken_alike():
    model = small()
    a, b = translate(model, PAIRS, max_length=8), translate(model, [list(p.source) for p in PAIRS], max_length=8)
    assert [t.target for t in a] == [t.target for t in b] and str(a[0]) == " ".join(a[0].target)


@pytest.mark.parametrize("beam", [1, 2, 7])
def test_the_reported_log_probability_is_that_of_the_words(beam):
    model = small()
    for pair, translation in zip(PAIRS, translate(model, PAIRS, beam, max_length=10), strict=True):
        assert translation.log_probability == pytest.approx(log_probability(model, translation, pair), abs=1e-4)


@pytest.mark.parametrize("attention", ["none", "additive"])
def test_a_beam_finds_at_least_what_greedy_search_finds(attention):
    for seed in range(5):
        torch.manual_seed(seed)
        model = small(attention)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.normal_(std=0.3)
        greedy, wide = (translate(model, PAIRS, beam, max_length=4) for beam in (1, 100))
        for one, many in zip(greedy, wide, strict=True):
            per_word = [t.log_probability / len(t.tokens) for t in (one, many)]
            assert per_word[1] >= per_word[0] - 1e-5


class GardenPath(torch.nn.Module):
    """Its likeliest first word, "well", leads nowhere; "good" is a little less likely and then nearly sure to end."""

    def __init__(self):
        super().__init__()
        self.source_vocab, self.target_vocab = Vocabulary(["लड़का"]), Vocabulary(["well", "good"])
        self.next_word = torch.nn.Parameter(torch.full((6, 6), 1e-6))  # of <pad> <unk> <s> </s> well good
        with torch.no_grad():
            self.next_word[BOS, 4:] = torch.tensor([0.6, 0.4])
            self.next_word[4, 3:] = torch.tensor([0.4, 0.3, 0.3])
            self.next_word[5, 3:] = torch.tensor([0.9, 0.05, 0.05])

    def encode(self, source, lengths):
        return Encoded(*torch.zeros(4, len(source), 1, 1)), (torch.zeros(len(source), 1),)

    def step(self, words, state, encoded):
        return self.next_word[words].log(), state, Look(encoded.last)


def test_a_beam_leaves_the_garden_path():
    model = GardenPath()
    (greedy,), (wide,) = (translate(model, [("लड़का",)], beam) for beam in (1, 2))
    assert greedy.target == ("well",) and wide.target == ("good",) and wide.alignment is None
    assert greedy.log_probability == pytest.approx(math.log(0.6 * 0.4))
    assert wide.log_probability == pytest.approx(math.log(0.4 * 0.9))


def test_a_translation_that_does_not_end_is_cut_off():
    model = small()
    with torch.no_grad():
        model.output.bias[EOS] = -100.0
    for longest in (1, 5, 20):
        for translation in translate(model, PAIRS, max_length=longest):
            assert (
                len(translation.target) == longest
                and not translation.finished
                and translation.tokens == translation.target
            )
            assert translation.alignment.target == translation.target and END not in translation.target
    with torch.no_grad():
        model.output.bias[EOS] = 100.0
    for translation in translate(model, PAIRS, max_length=1):
        assert (
            translation.target == ()
            and translation.finished
            and translation.tokens == (END,) == translation.alignment.target
        )


def test_a_model_is_left_in_the_mode_that_it_was_in():
    model = small()
    translate(model.train(), PAIRS, max_length=2)
    assert model.training
    translate(model.eval(), PAIRS, max_length=2)
    assert not model.training


def test_weights_given_by_hand_are_used():
    model = small("given")
    pair, alpha = PAIRS[0], torch.eye(5, 4).clamp(max=1)
    alpha[4, 3] = 1.0
    other = alpha.flip(1)
    by_hand, turned = (
        translate(model, [pair.source], oracle=lambda _, a=a: a, max_length=4)[0] for a in (alpha, other)
    )
    torch.testing.assert_close(by_hand.alignment.alpha, alpha[: len(by_hand.tokens)])
    torch.testing.assert_close(turned.alignment.alpha, other[: len(turned.tokens)])
    assert by_hand.log_probability != turned.log_probability
    (batch,) = make_batches([pair], model.source_vocab, model.target_vocab, oracle=lambda _: alpha)
    logits, _ = model(batch)
    first = logits[0, 0].index_fill(0, torch.tensor([PAD, BOS]), -torch.inf).argmax()
    assert (*by_hand.target, "</s>")[0] == model.target_vocab.words[first]


def test_steps_beyond_the_last_row_use_it_again():
    model = small("given")
    with torch.no_grad():
        model.output.bias[EOS] = -100.0
    alpha = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
    (translation,) = translate(model, [("लड़का", "।")], oracle=lambda _: alpha, max_length=6)
    used = translation.alignment.alpha
    assert len(used) == 6 and used[0].equal(alpha[0]) and all(row.equal(alpha[1]) for row in used[1:])


@pytest.mark.parametrize("options", [{"beam": 0}, {"beam": -1}, {"max_length": 0}])
def test_clear_errors(options):
    with pytest.raises(ValueError, match="whole number from 1 on"):
        translate(small(), PAIRS, **options)
