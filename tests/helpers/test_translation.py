"""Searching for translations, and reading what a learner types."""

import math
import unicodedata
from types import SimpleNamespace

import pytest
import torch
from support.examples import PAIRS, small

from helpers.attention import Encoded
from helpers.batching import BOS, EOS, Vocabulary, make_batches
from helpers.corpus.pairs import Pair
from helpers.translation import translate
from helpers.widgets.sentence_box import read_sentence

WORDS = ["।", ",", "लड़का", "लड़की", "किताब", "पढ़ता", "है", "क़मीज़", "राष्ट्र"]
VOCAB = Vocabulary(WORDS)


@torch.no_grad()
def log_probability(model, found, pair):
    """Of a translation, the words given to the model one by one; </s> where there is room for one."""
    (batch,) = make_batches([pair], model.source_vocab, model.target_vocab)
    encoded, state = model.encode(batch.source, batch.source_lengths)
    before, total = BOS, 0.0
    for word in (model.target_vocab.encode(found.target))[: len(found.alpha)]:
        log_p, state, _ = model.step(torch.tensor([before]), state, encoded)
        before, total = word, total + log_p[0, word].item()
    return total


def test_translations_come_in_the_order_of_the_sentences():
    model = small()
    mixed = [PAIRS[i % 3] for i in (1, 0, 2, 0, 1, 2, 2, 1)]
    for batch_size in (1, 3, 128):
        found = translate(model, mixed, max_length=8, batch_size=batch_size)
        assert [t.source for t in found] == [p.source for p in mixed]
    alone = {p.source: translate(model, [p], max_length=8)[0].target for p in PAIRS}
    assert [t.target for t in found] == [alone[p.source] for p in mixed]


def test_pairs_and_lists_of_words_are_taken_alike():
    model = small()
    a, b = translate(model, PAIRS, max_length=8), translate(model, [list(p.source) for p in PAIRS], max_length=8)
    assert [t.target for t in a] == [t.target for t in b] and str(a[0]) == " ".join(a[0].target)


@pytest.mark.parametrize("beam", [1, 2, 7])
def test_the_reported_log_probability_is_that_of_the_words(beam):
    model = small()
    for pair, found in zip(PAIRS, translate(model, PAIRS, beam, max_length=10), strict=True):
        assert found.log_probability == pytest.approx(log_probability(model, found, pair), abs=1e-4)


@pytest.mark.parametrize("context", ["vanilla", "learned"])
def test_a_beam_finds_at_least_what_greedy_search_finds(context):
    for seed in range(5):
        torch.manual_seed(seed)
        model = small(context)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.normal_(std=0.3)
        greedy, wide = (translate(model, PAIRS, beam, max_length=3) for beam in (1, 100))
        for one, many in zip(greedy, wide, strict=True):  # four words at most, </s> counted
            per_word = [found.log_probability / min(len(found.target) + 1, 4) for found in (one, many)]
            assert per_word[1] >= per_word[0] - 1e-5


class GardenPath(torch.nn.Module):
    """Its likeliest first word, "well", leads nowhere; "good" is a little less likely and then nearly sure to end."""

    config = SimpleNamespace(weights=None)

    def __init__(self):
        super().__init__()
        self.source_vocab, self.target_vocab = VOCAB, Vocabulary(["well", "good"])
        self.next_word = torch.nn.Parameter(torch.full((6, 6), 1e-6))  # of <pad> <unk> <s> </s> well good
        with torch.no_grad():
            self.next_word[BOS, 4:] = torch.tensor([0.6, 0.4])
            self.next_word[4, 3:] = torch.tensor([0.4, 0.3, 0.3])
            self.next_word[5, 3:] = torch.tensor([0.9, 0.05, 0.05])

    def encode(self, source, lengths):
        return Encoded(*torch.zeros(3, len(source), 1, 1), None), (torch.zeros(len(source), 1),)

    def step(self, words, state, encoded, alpha_t=None):
        return self.next_word[words].log(), state, None


def test_a_beam_leaves_the_garden_path():
    model = GardenPath()
    (greedy,), (wide,) = (translate(model, [("लड़का",)], beam) for beam in (1, 2))
    assert greedy.target == ("well",) and wide.target == ("good",) and wide.alpha is None
    assert greedy.log_probability == pytest.approx(math.log(0.6 * 0.4))
    assert wide.log_probability == pytest.approx(math.log(0.4 * 0.9))


def test_a_translation_that_does_not_end_is_cut_off():
    model = small()
    with torch.no_grad():
        model.output.bias[EOS] = -100.0
    for longest in (1, 5, 20):
        for found in translate(model, PAIRS, max_length=longest):
            assert longest <= len(found.target) <= longest + 1
            assert found.alpha.shape[0] >= len(found.target) and "</s>" not in found.target
    with torch.no_grad():
        model.output.bias[EOS] = 100.0
    assert [t.target for t in translate(model, PAIRS)] == [()] * 3


def test_a_model_is_left_in_the_mode_that_it_was_in():
    model = small()
    translate(model.train(), PAIRS, max_length=2)
    assert model.training
    translate(model.eval(), PAIRS, max_length=2)
    assert not model.training


def test_weights_given_by_hand_are_used():
    model = small("oracle")
    pair, alpha = PAIRS[0], torch.eye(5, 4).clamp(max=1)
    alpha[4, 3] = 1.0
    other = alpha.flip(1)
    by_hand, turned = (translate(model, [pair.source], alphas=[a], max_length=4)[0] for a in (alpha, other))
    rows = len(by_hand.alpha)
    torch.testing.assert_close(by_hand.alpha, alpha[:rows])
    torch.testing.assert_close(turned.alpha, other[: len(turned.alpha)])
    assert by_hand.log_probability != turned.log_probability
    (batch,) = make_batches([pair], model.source_vocab, model.target_vocab, weights=[alpha])
    logits, _ = model(batch)
    first = logits[0, 0].index_fill(0, torch.tensor([0, BOS]), -torch.inf).argmax()
    assert (*by_hand.target, "</s>")[0] == model.target_vocab.words[first]


def test_steps_beyond_the_last_row_use_it_again():
    model = small("oracle")
    with torch.no_grad():
        model.output.bias[EOS] = -100.0
    alpha = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
    (found,) = translate(model, [("लड़का", "।")], alphas=[alpha], max_length=6)
    assert found.alpha[0].equal(alpha[0]) and all(row.equal(alpha[1]) for row in found.alpha[1:])


@pytest.mark.parametrize(
    "typed",
    [
        "लड़का किताब पढ़ता है ।",
        "लड़का किताब पढ़ता है।",
        "लड़का किताब पढ़ता है",
        "  लड़का  किताब पढ़ता है . ",
        "laṛkā kitāb paṛhtā hai.",
        "larka kitab parhta hai",
        "Larka kitab PARHTA hai",
        "laṛkā किताब parhta है",
        unicodedata.normalize("NFD", "laṛkā kitāb paṛhtā hai"),
        unicodedata.normalize("NFD", "लड़का किताब पढ़ता है"),
        "लड\u093cका किताब प\u095dता है",
    ],
)
def test_a_sentence_may_be_typed_in_many_ways(typed):
    assert read_sentence(typed, VOCAB) == (("लड़का", "किताब", "पढ़ता", "है", "।"), {})


def test_every_word_can_be_typed_romanised():
    for typed, word in (("qamīz", "क़मीज़"), ("qamiz", "क़मीज़"), ("rāṣṭra", "राष्ट्र"), ("rastra", "राष्ट्र")):
        assert read_sentence(typed, VOCAB) == ((word, "।"), {})


def test_unknown_words_are_named_with_the_closest_ones():
    words, unknown = read_sentence("लड़के किताब पढ़ता है", VOCAB)
    assert words == ("लड़के", "किताब", "पढ़ता", "है", "।")
    assert set(unknown) == {"लड़के"} and {"लड़का", "लड़की"} <= set(unknown["लड़के"])
    words, unknown = read_sentence("larkaa kitaab", VOCAB)
    assert words == ("larkaa", "kitaab", "।")
    assert "लड़का" in unknown["larkaa"] and unknown["kitaab"] == ["किताब"]
    for word in ("हाथी", "xyzzy", "5", "?"):  # nothing is like them, and none of them is taken for another word
        assert read_sentence(word, VOCAB) == ((word, "।"), {word: []})


def test_what_was_typed_can_be_translated():
    model = small()
    words, unknown = read_sentence("larka aya", model.source_vocab)
    assert unknown == {} and words == PAIRS[0].source
    (typed,), (given,) = translate(model, [words], max_length=5), translate(model, PAIRS[:1], max_length=5)
    assert typed.target == given.target
    words, unknown = read_sentence("larka xyzzy", model.source_vocab)
    assert set(unknown) == {"xyzzy"} and translate(model, [words], max_length=5)[0].source == words


@pytest.mark.parametrize("nothing", ["", "   ", "।", " . । "])
def test_an_empty_sentence_is_refused(nothing):
    with pytest.raises(ValueError, match="the sentence is empty: type some words"):
        read_sentence(nothing, VOCAB)


@pytest.mark.parametrize("thing", [None, 7, ["लड़का"], b"larka", Pair(("a",), ("b",))])
def test_what_is_not_text_is_refused(thing):
    with pytest.raises(ValueError, match="a sentence is text, such as"):
        read_sentence(thing, VOCAB)


@pytest.mark.parametrize("options", [{"beam": 0}, {"beam": -1}, {"max_length": 0}])
def test_clear_errors(options):
    with pytest.raises(ValueError, match="whole numbers from 1 on"):
        translate(small(), PAIRS, **options)
