"""What the notebooks teach is what the helpers do: their cells, run here, give the same numbers."""

from collections import Counter
from itertools import pairwise

import pytest
import regex
import torch
from support.examples import PAIRS, batch_of, small
from support.lessons import taught

from helpers import models, transformer
from helpers.attention import AdditiveAttention, Encoded, Look
from helpers.batching import make_batches
from helpers.corpus import subwords
from helpers.corpus.pairs import load_split
from helpers.corpus.romanize import romanize
from helpers.oracle import oracle_alpha, uniform_alpha
from helpers.translation import translate
from helpers.vocabulary import BOS, EOS, PAD
from helpers.widgets.be_the_oracle import decode, overrule


@pytest.fixture
def lesson_1():
    cells = "def gru_step(x, h, cell):", "def lstm_step(x, h, m, cell):", "class EncoderDecoder(nn.Module):"
    no_idea = {
        "batch": batch_of(small()),
        "target_vocab": range(30),
        "model": lambda batch: torch.zeros(*batch.target_in.shape, 30),
    }  # the loss's cell tries it at once
    return taught("01", *cells, "def loss_of(model, batch):", **no_idea)


def with_the_weights_of(model, taught_here):
    """A lesson's class with the weights of the helpers' model, which has as many."""
    for part in ("source_embedding", "encoder", "first_state", "target_embedding", "output"):
        getattr(taught_here, part).load_state_dict(getattr(model, part).state_dict())
    cell = taught_here.cell
    cell.weight_ih.copy_(torch.cat([model.from_word.weight, model.from_context.weight], dim=1))
    cell.bias_ih.copy_(model.from_word.bias)
    cell.weight_hh.copy_(model.cell.from_state.weight)
    cell.bias_hh.copy_(model.cell.from_state.bias)
    sizes = [sum(p.numel() for p in m.parameters()) for m in (taught_here, model)]
    assert sizes[0] == sizes[1]
    return taught_here


@torch.no_grad()
def test_the_encoder_decoder_of_lesson_1(lesson_1):
    model = small("none", embedding=8, hidden=16)
    sizes = {"embedding": 8, "hidden": 16}
    taught_here = lesson_1.EncoderDecoder(len(model.source_vocab), len(model.target_vocab), **sizes)
    with_the_weights_of(model, taught_here)
    batch = batch_of(model)
    logits, _ = model(batch)
    torch.testing.assert_close(taught_here(batch), logits, atol=1e-5, rtol=1e-4)
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch.target_out.flatten(), ignore_index=PAD)
    torch.testing.assert_close(lesson_1.loss_of(taught_here, batch), loss)


@torch.no_grad()
def test_greedy_search_of_lesson_1():
    model = small("none")
    lesson = taught(
        "01",
        "def greedy(model, words, longest=30):",
        BOS=BOS,
        EOS=EOS,
        source_vocab=model.source_vocab,
        target_vocab=model.target_vocab,
    )

    class AsInLesson1:
        def encode(self, source, lengths):
            self.encoded, state = model.encode(source, lengths)
            return None, state

        def step(self, word, state, c):
            log_p, state, _ = model.step(word, state, self.encoded)
            log_p[:, [PAD, BOS]] = -torch.inf  # helpers never write <pad> and <s>; a trained model does not either
            return log_p, state

    for pair in PAIRS:
        (found,) = translate(model, [pair], max_length=30)
        assert lesson.greedy(AsInLesson1(), pair.source) == list(found.target)


@torch.no_grad()
@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_the_cells_of_lesson_1(lesson_1, kind):
    torch.manual_seed(3)
    theirs = {"gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}[kind](5, 7)
    x, h, m = torch.randn(5), torch.randn(7), torch.randn(7)
    taught_here = [lesson_1.gru_step(x, h, theirs)] if kind == "gru" else lesson_1.lstm_step(x, h, m, theirs)

    def order(p):  # the lesson and torch have an LSTM's gates in the order i, f, g, o; the helpers i, f, o, g
        return p if kind == "gru" else torch.cat([p.chunk(4)[k] for k in (0, 1, 3, 2)])

    cell = models.DecoderCell(kind, 7)
    cell.from_state.weight.copy_(order(theirs.weight_hh))
    cell.from_state.bias.copy_(order(theirs.bias_hh))
    gates = order(theirs.weight_ih @ x + theirs.bias_ih).unsqueeze(0)
    state = (h.unsqueeze(0), m.unsqueeze(0))[: len(taught_here)]
    for ours, lesson in zip(cell(gates, state), taught_here, strict=True):
        torch.testing.assert_close(ours[0], lesson)


@torch.no_grad()
def test_the_class_of_lesson_3_is_told_its_weights():
    lesson = taught("03", "class EncoderDecoder(nn.Module):").EncoderDecoder
    model = small("given", embedding=8, hidden=16)
    here = with_the_weights_of(model, lesson(len(model.source_vocab), len(model.target_vocab), embedding=8, hidden=16))
    for oracle in (oracle_alpha, uniform_alpha):
        (batch,) = make_batches(PAIRS, model.source_vocab, model.target_vocab, 64, oracle)
        torch.testing.assert_close(here(batch), model(batch)[0], atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_the_next_word_of_lesson_3():
    lesson = taught("03", "def next_word(model, pair, t, weights):", oracle_alpha=oracle_alpha).next_word
    oracle = small("given")
    oracle.output.bias[[PAD, BOS, EOS]] = -9.0  # as a trained model, it does not write them early
    for weights in torch.eye(len(PAIRS[1].source) + 1):
        for t in (1, 2, 3):
            _, p = decode(oracle, PAIRS[1], overrule(PAIRS[1], t, weights))
            torch.testing.assert_close(lesson(oracle, PAIRS[1], t, weights), p[t - 1])


@torch.no_grad()
def test_the_attention_of_lesson_4():
    torch.manual_seed(4)
    lesson = taught("04", "class AdditiveAttention(nn.Module):").AdditiveAttention(6, 5, 4)
    helper = AdditiveAttention(6, 5, 4)
    lesson.load_state_dict(helper.state_dict())
    assert [name for name, _ in lesson.named_parameters()] == ["U_att", "W_att", "V_att"]
    s, h, mask = torch.randn(3, 5), torch.randn(3, 7, 6), torch.arange(7) < torch.tensor([[7], [4], [1]])
    encoded = Encoded(h, h[:, -1], mask, helper.keys(h))
    torch.testing.assert_close(lesson.keys(h), encoded.keys)
    for ours, theirs in zip(lesson(s, h, lesson.keys(h), mask), helper(s, encoded), strict=True):
        torch.testing.assert_close(ours, theirs)


@torch.no_grad()
def test_the_hand_sized_example_of_lesson_4():
    numbers = taught(
        "04",
        "h = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])  # h_1, h_2, h_3",
        "alpha_t = e_t.exp() / e_t.exp().sum()",
    )
    attention = AdditiveAttention(2, 2, 2)
    attention.load_state_dict({name: getattr(numbers, name) for name in ("U_att", "W_att", "V_att")})
    h = numbers.h.unsqueeze(0)
    encoded = Encoded(h, h[:, -1], torch.ones(1, 3, dtype=torch.bool), attention.keys(h))
    look = attention(numbers.s_prev.unsqueeze(0), encoded)
    for ours, lesson in zip(look, (numbers.c_t, numbers.alpha_t, numbers.e_t), strict=True):
        torch.testing.assert_close(ours[0], lesson)


@torch.no_grad()
@pytest.mark.parametrize("cell,bidirectional", [("gru", False), ("lstm", True)])
def test_encode_attend_decode_of_lesson_4(cell, bidirectional):
    lesson = taught("04", "def encode_attend_decode(model, batch):")
    model = small("additive", cell, bidirectional)
    (logits, alpha), (expected, look) = lesson.encode_attend_decode(model, batch_of(model)), model(batch_of(model))
    torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(alpha, look.alpha, atol=1e-5, rtol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("attention", ["none", "additive"])
def test_beam_search_of_lesson_6(attention):
    beam_search = taught("06", "def beam_search(model, words, k=4, longest=40):").beam_search
    for seed in range(4):
        torch.manual_seed(seed)
        model = small(attention)
        for parameter in model.parameters():
            parameter.normal_(std=0.4)
        for k in (1, 2, 4):
            for pair in PAIRS:
                (found,) = translate(model, [pair], beam=k, max_length=12)
                assert beam_search(model, pair.source, k, longest=12) == list(found.target)


def test_the_pieces_of_lesson_6():
    parts = "def letters(word):", "def learn_merges(counts, n):", "def cut(word, merges):"
    names = {"regex": regex, "Counter": Counter, "pairwise": pairwise, "romanize": romanize}
    lesson = taught("06", *parts, **names, toy={"लड़का": 2, "लड़की": 3})
    counts = Counter(word for pair in load_split("valid") for word in pair.source)
    merges = subwords.learn_merges(counts, 60)
    assert lesson.learn_merges(counts, 60) == merges
    numbered = {pair: n for n, pair in enumerate(merges)}
    assert all(lesson.cut(word, numbered) == subwords.cut(word, numbered) for word in counts)


@torch.no_grad()
def test_the_transformer_of_lesson_7():
    parts = (
        "def attend(q, k, v, mask):",
        "class MultiHeadAttention(nn.Module):",
        "def positions(n, d):",
        "class Layer(nn.Module):",
        "class Transformer(nn.Module):",
        "def decode(self, words, encoded):",
    )
    like = small()
    lesson = taught("07", *parts, Encoded=Encoded, Look=Look)
    torch.testing.assert_close(lesson.positions(30, 8), transformer.positions(30, 8))
    for use_positions in (True, False):
        sizes = {"d": 16, "heads": 2, "layers": 2, "use_positions": use_positions}
        torch.manual_seed(0)
        ours = lesson.Transformer(like.source_vocab, like.target_vocab, **sizes).eval()
        torch.manual_seed(0)
        theirs = transformer.Transformer(like.source_vocab, like.target_vocab, **sizes).eval()
        batch = batch_of(like)
        (logits, look), (expected, their_look) = ours(batch), theirs(batch)
        torch.testing.assert_close(logits, expected)
        torch.testing.assert_close(look.alpha, their_look.alpha)
        for alpha, their_alpha in zip(
            ours.look_within(batch.source)[1], theirs.look_within(batch.source)[1], strict=True
        ):
            torch.testing.assert_close(alpha, their_alpha)
        assert [str(t) for t in translate(ours, PAIRS)] == [str(t) for t in translate(theirs, PAIRS)]


@torch.no_grad()
def test_heads_are_switched_off_for_a_while():
    torch.manual_seed(0)
    attention = transformer.MultiHeadAttention(8, 2)
    x, everything = torch.randn(2, 5, 8), torch.ones(2, 5, 5, dtype=torch.bool)
    found, alpha = attention(x, x, everything)
    contexts = alpha @ attention.cut(attention.W_V(x))
    for head in (0, 1):
        rest = contexts.clone()
        rest[:, head] = 0
        with transformer.without_heads(attention, [head]):
            torch.testing.assert_close(attention(x, x, everything)[0], attention.W_O(rest.transpose(1, 2).flatten(2)))
    with transformer.without_heads(attention, [0, 1]):
        assert not attention(x, x, everything)[0].any()
    torch.testing.assert_close(attention(x, x, everything)[0], found)


def test_a_transformer_takes_no_weights():
    like = small()
    with pytest.raises(TypeError, match="positional argument"):
        translate(transformer.Transformer(like.source_vocab, like.target_vocab, 8, 2, 1), PAIRS, oracle=oracle_alpha)
