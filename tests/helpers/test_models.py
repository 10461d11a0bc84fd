"""The three translators: what must hold for any of them, and α against numbers worked out by hand."""

import math
import re
from dataclasses import replace

import pytest
import torch
from support.examples import CELLS, KINDS, PAIRS, batch_of, oracle_of, small

from helpers.attention import AdditiveAttention, Attention, Encoded, GivenPlaces, positions
from helpers.batching import make_batches
from helpers.evaluation import forced_alpha
from helpers.models import ModelConfig
from helpers.oracle import SoftAlignment, oracle_alpha, shifted_alpha, shuffled_alpha, uniform_alpha
from helpers.training import TrainingConfig, fit
from helpers.translation import translate
from helpers.vocabulary import BOS, END, EOS, PAD, Vocabulary

ORACLES = (oracle_alpha, uniform_alpha, shuffled_alpha, shifted_alpha)
VOCABULARY = Vocabulary(word for pair in PAIRS for word in pair.source + pair.target)


def encoded_of(context, h, mask=None):
    """States as an encoder would leave them."""
    return Encoded(h, h[:, -1], torch.ones(h.shape[:2], dtype=torch.bool) if mask is None else mask, context.keys(h))


def test_alpha_equals_an_example_worked_out_by_hand():
    # Three words, states of size 2, attention of size 2; tanh and exp written out with `math` alone.
    h = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    s = [0.5, -1.0]
    U, W, V = [[1.0, 0.0], [2.0, -1.0]], [[0.0, 1.0], [1.0, 0.5]], [1.0, 2.0]
    e = []
    for h_j in h:
        inner = [sum(h_j[i] * U[i][a] for i in range(2)) + sum(s[i] * W[i][a] for i in range(2)) for a in range(2)]
        e.append(sum(V[a] * math.tanh(inner[a]) for a in range(2)))
    weights = [math.exp(x) / sum(math.exp(y) for y in e) for x in e]
    context = [sum(weights[j] * h[j][i] for j in range(3)) for i in range(2)]

    attention = AdditiveAttention(2, 2, 2)
    with torch.no_grad():
        attention.U_att.copy_(torch.tensor(U))
        attention.W_att.copy_(torch.tensor(W))
        attention.V_att.copy_(torch.tensor(V))
    c_t, alpha_t, e_t = attention(torch.tensor([s]), encoded_of(attention, torch.tensor([h])))
    torch.testing.assert_close(e_t, torch.tensor([e]))
    torch.testing.assert_close(alpha_t, torch.tensor([weights]))
    torch.testing.assert_close(c_t, torch.tensor([context]))


def test_vectorised_attention_equals_a_loop():
    torch.manual_seed(1)
    attention = AdditiveAttention(6, 5, 4)
    h, s, mask = torch.randn(3, 7, 6), torch.randn(3, 5), torch.arange(7) < torch.tensor([[7], [4], [1]])
    c_t, alpha_t, _ = attention(s, encoded_of(attention, h, mask))
    for b in range(3):
        scores = [attention.V_att @ torch.tanh(h[b, j] @ attention.U_att + s[b] @ attention.W_att) for j in range(7)]
        total = sum(torch.exp(scores[j]) for j in range(7) if mask[b, j])
        loop = torch.stack([torch.exp(scores[j]) / total if mask[b, j] else torch.zeros(()) for j in range(7)])
        torch.testing.assert_close(alpha_t[b], loop)
        torch.testing.assert_close(c_t[b], sum(loop[j] * h[b, j] for j in range(7)))


class ByPlace(Attention):
    """Scores that depend on nothing but the place."""

    def scores(self, s_prev, encoded):
        return torch.arange(encoded.h.size(1)).log().expand(len(s_prev), -1)


def test_scores_of_your_own_are_masked_and_averaged():
    h, mask = torch.randn(2, 4, 3), torch.arange(4) < torch.tensor([[4], [3]])
    look = ByPlace()(torch.zeros(2, 5), encoded_of(ByPlace(), h, mask))
    torch.testing.assert_close(look.alpha, torch.tensor([[0, 1 / 6, 2 / 6, 3 / 6], [0, 1 / 3, 2 / 3, 0]]))
    torch.testing.assert_close(look.c[1], h[1, 1] / 3 + 2 * h[1, 2] / 3)
    model = small()
    model.context = ByPlace()
    assert [t.source for t in translate(model, PAIRS, max_length=4)] == [p.source for p in PAIRS]


@pytest.mark.parametrize("attention,oracle", [("additive", None), *(("given", oracle) for oracle in ORACLES)])
def test_rows_of_alpha_sum_to_one_and_padding_gets_exactly_zero(attention, oracle):
    model = small(attention)
    (batch,) = make_batches(PAIRS, model.source_vocab, model.target_vocab, 64, oracle)
    _, look = model(batch)
    for b, i in enumerate(batch.indices):
        rows, columns = len(PAIRS[i].target) + 1, len(PAIRS[i].source) + 1
        torch.testing.assert_close(look.alpha[b, :rows].sum(1), torch.ones(rows))
        assert look.alpha[b, :rows, columns:].eq(0).all()


@pytest.mark.parametrize("attention", KINDS)
@pytest.mark.parametrize("cell,bidirectional", CELLS)
def test_more_padding_changes_nothing(attention, cell, bidirectional):
    model = small(attention, cell, bidirectional)
    together, _ = model(batch_of(model))
    for b, i in enumerate(batch_of(model).indices):
        alone, _ = model(batch_of(model, [PAIRS[i]]))
        torch.testing.assert_close(together[b, : alone.size(1)], alone[0], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("attention", KINDS)
@pytest.mark.parametrize("cell,bidirectional", CELLS)
@pytest.mark.parametrize("beam", [1, 3])
def test_a_batch_gives_what_single_sentences_give(attention, cell, bidirectional, beam):
    model = small(attention, cell, bidirectional)
    together = translate(model, PAIRS, beam, oracle_of(model), max_length=12)
    for pair, in_batch in zip(PAIRS, together, strict=True):
        (alone,) = translate(model, [pair], beam, oracle_of(model), max_length=12)
        assert in_batch.target == alone.target and in_batch.source == pair.source
        assert in_batch.log_probability == pytest.approx(alone.log_probability, abs=1e-4)
        assert (in_batch.alignment is None) == (attention == "none")
        if in_batch.alignment is not None:
            torch.testing.assert_close(in_batch.alignment.alpha, alone.alignment.alpha, atol=1e-5, rtol=1e-4)
            assert in_batch.alignment.source == (*pair.source, END)


@pytest.mark.parametrize("cell,bidirectional", CELLS)
def test_stepping_equals_teacher_forcing(cell, bidirectional):
    for attention in KINDS:
        model = small(attention, cell, bidirectional)
        batch = batch_of(model)
        logits, look = model(batch)
        encoded, state = model.encode(batch.source, batch.source_lengths)
        for t in range(batch.target_in.size(1)):
            given = batch.alpha[:, t] if batch.alpha is not None else None
            log_p, state, now = model.step(batch.target_in[:, t], state, encoded, given)
            torch.testing.assert_close(log_p, torch.log_softmax(logits[:, t], 1), atol=1e-5, rtol=1e-5)
            for one, all_steps in zip(now, look, strict=True):
                assert (one is None) == (all_steps is None)
                if one is not None:
                    torch.testing.assert_close(one, all_steps[:, t])


@pytest.mark.parametrize("attention", KINDS)
def test_a_deep_output_sees_the_context_and_the_word_before_in_steps_as_in_batches(attention):
    model = small(attention, bidirectional=True, deep_output=True)
    batch = batch_of(model)
    logits, _ = model(batch)
    encoded, state = model.encode(batch.source, batch.source_lengths)
    for t in range(batch.target_in.size(1)):
        given = batch.alpha[:, t] if batch.alpha is not None else None
        log_p, state, _ = model.step(batch.target_in[:, t], state, encoded, given)
        torch.testing.assert_close(log_p, torch.log_softmax(logits[:, t], 1), atol=1e-5, rtol=1e-5)
    s, c, y = torch.randn(3, 16), torch.randn(3, 32), torch.randn(3, 8)
    for other in (s, c + 1, y), (s, c, y + 1), (s + 1, c, y):
        assert not torch.allclose(model.logits(s, c, y), model.logits(*other))
    logits.logsumexp(2).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


TORCH_CELLS = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}


@pytest.mark.parametrize("cell,torch_cell", TORCH_CELLS.items())
def test_the_decoder_cell_is_the_textbook_one(cell, torch_cell):
    model = small("none", cell)
    theirs = torch_cell(5, 16)
    x, state = torch.randn(4, 5), tuple(torch.randn(4, 16) for _ in range(2 if cell == "lstm" else 1))
    gates = torch.nn.functional.linear(x, theirs.weight_ih, theirs.bias_ih)
    if cell == "lstm":  # torch has the gates in the order i, f, g, o; ours is i, f, o, g

        def order(p):
            i, f, g, o = p.chunk(4)
            return torch.cat([i, f, o, g])

        gates = order(gates.T).T
        expected = theirs(x, state)
    else:

        def order(p):
            return p

        expected = (theirs(x, state[0]),)
    with torch.no_grad():
        model.cell.from_state.weight.copy_(order(theirs.weight_hh))
        model.cell.from_state.bias.copy_(order(theirs.bias_hh))
    for ours, right in zip(model.cell(gates, state), expected, strict=True):
        torch.testing.assert_close(ours, right)


def test_an_oracle_that_points_at_one_word_hands_over_that_state():
    model = small("given")
    batch = batch_of(model)
    encoded, _ = model.encode(batch.source, batch.source_lengths)
    chosen = torch.tensor([0, 2, 1])
    one_hot = torch.nn.functional.one_hot(chosen, encoded.h.size(1)).float()
    look = model.context(torch.randn(3, 16), encoded, one_hot)
    torch.testing.assert_close(look.c, encoded.h[torch.arange(3), chosen], atol=0, rtol=0)


def test_the_vanilla_context_is_the_state_after_the_last_real_word():
    model = small("none")
    batch = batch_of(model)
    encoded, _ = model.encode(batch.source, batch.source_lengths)
    torch.testing.assert_close(encoded.last, encoded.h[torch.arange(3), batch.source_lengths - 1])
    assert model.context(torch.randn(3, 16), encoded).c is encoded.last


@pytest.mark.parametrize("attention", KINDS)
@pytest.mark.parametrize("cell,bidirectional", CELLS)
def test_gradients_reach_every_parameter(attention, cell, bidirectional):
    model = small(attention, cell, bidirectional)
    batch = batch_of(model)
    logits, _ = model(batch)
    torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch.target_out.flatten(), ignore_index=PAD).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("attention", KINDS)
def test_one_batch_can_be_overfitted(attention):
    model = small(attention, hidden=32)
    oracle = oracle_of(model)
    fit(model, PAIRS, PAIRS, TrainingConfig(epochs=80, learning_rate=1e-2), oracle)
    for beam in (1, 4):
        translations = translate(model, PAIRS, beam, oracle)
        assert [t.target for t in translations] == [p.target for p in PAIRS] and all(t.finished for t in translations)


def test_models_of_one_size_differ_only_in_where_the_context_comes_from():
    sizes = {kind: sum(p.numel() for p in small(kind).parameters()) for kind in KINDS}
    attention = sum(p.numel() for p in small("additive").context.parameters())
    assert sizes["additive"] - attention == sizes["none"] == sizes["given"]


def test_greedy_search_takes_the_likeliest_word_at_each_step():
    model = small("additive")
    (translation,) = translate(model, PAIRS[:1], max_length=6)
    batch = batch_of(model, PAIRS[:1])
    encoded, state = model.encode(batch.source, batch.source_lengths)
    word, words = torch.tensor([BOS]), []
    for _ in range(6):
        log_p, state, _ = model.step(word, state, encoded)
        log_p[:, [PAD, BOS]] = -torch.inf
        word = log_p.argmax(1)
        if word.item() == EOS:
            break
        words.append(model.target_vocab.words[word.item()])
    assert list(translation.target) == words


def test_beam_search_finds_the_best_sentence_that_there_is():
    """With a beam as wide as all sentences of two words, the search is exhaustive: compare with trying them all."""
    model = small("additive")
    V = len(model.target_vocab)
    batch = batch_of(model, PAIRS[:1])
    scores = {}
    for first in range(V):
        for second in range(V):
            encoded, state = model.encode(batch.source, batch.source_lengths)
            ids = [first, second] if first != EOS else [first]
            if any(i in (PAD, BOS) for i in ids):
                continue
            total, before = 0.0, torch.tensor([BOS])
            for i in ids:
                log_p, state, _ = model.step(before, state, encoded)
                total, before = total + log_p[0, i].item(), torch.tensor([i])
            scores[tuple(ids)] = total / len(ids)
    best = max(scores, key=scores.get)
    (translation,) = translate(model, PAIRS[:1], beam=V * V, max_length=2)
    assert translation.target == tuple(model.target_vocab.words[i] for i in best if i != EOS)


@pytest.mark.parametrize("oracle", ORACLES)
def test_oracle_weights(oracle):
    alpha = oracle(PAIRS[1])
    assert alpha.shape == (7, 6)
    torch.testing.assert_close(alpha.sum(1), torch.ones(7))
    gold = oracle_alpha(PAIRS[1])
    torch.testing.assert_close(gold[2], torch.tensor([0, 0, 2 / 3, 1 / 3, 0, 0]))  # reads: sure पढ़ती, possible है
    if oracle is uniform_alpha:
        assert alpha.eq(1 / 6).all()
    if oracle is shuffled_alpha:
        torch.testing.assert_close(alpha.sort(1).values, gold.sort(1).values)
        assert not alpha.equal(gold)
    if oracle is shifted_alpha:
        torch.testing.assert_close(alpha[1:], gold[:-1])
        torch.testing.assert_close(alpha[0], gold[-1])


def one_sentence(oracle=None, words=("लड़का", "।"), **options):
    return translate(small("given"), [words], oracle=oracle, **options)


TOO_LITTLE = torch.tensor([[0.5, 0.4, 0.0], [0.0, 0.0, 1.0]])
ENCODED = Encoded(
    *(torch.zeros(1, 2, 16), torch.zeros(1, 16), torch.ones(1, 2, dtype=torch.bool), torch.zeros(1, 2, 12))
)
ERRORS = {
    "the sentence is empty": lambda: one_sentence(words=()),
    "a sentence is a list of words such as": lambda: Vocabulary(["a"]).encode("लड़का"),
    "a sentence is a list of words": lambda: Vocabulary(["a"]).encode([1, 2]),
    "choose one of rnn, gru, lstm": lambda: ModelConfig(cell="transformer"),
    "attention='hard' is not known: choose one of none, given, places, additive": lambda: ModelConfig(attention="hard"),
    "hidden=0: it is a number of units": lambda: ModelConfig(hidden=0),
    "hidden=1.5: it is a number of units": lambda: ModelConfig(hidden=1.5),
    "dropout=1: it is a share": lambda: ModelConfig(dropout=1),
    "sums to 0.900": lambda: one_sentence(lambda _: TOO_LITTLE),
    "a row for each target word": lambda: one_sentence(lambda _: torch.eye(2)),
    "no link to a source word": lambda: one_sentence(oracle_alpha, words=replace(PAIRS[0], links=())),
    "the link 9-0 goes beyond the words": lambda: oracle_alpha(replace(PAIRS[0], links=((9, 0, True),))),
    "must be told where to look: say who gives the weights": lambda: one_sentence(),
    "α has 4 rows for “the boy came .”: 5 are needed": lambda: make_batches(
        PAIRS[:1], VOCABULARY, VOCABULARY, oracle=lambda pair: oracle_alpha(pair)[1:]
    ),
    "each sentence needs at least one word": lambda: small().encode(
        torch.zeros(1, 2, dtype=torch.long), torch.tensor([0])
    ),
    "no sentence pairs": lambda: make_batches([], VOCABULARY, VOCABULARY),
    "beam=0": lambda: one_sentence(oracle_alpha, beam=0),
}


@pytest.mark.parametrize("message", ERRORS)
def test_clear_errors(message):
    with pytest.raises(ValueError, match=re.escape(message)):
        ERRORS[message]()


@pytest.mark.parametrize("attention", ["none", "additive"])
def test_weights_given_to_a_model_that_takes_none_are_an_error(attention):
    model = small(attention)
    for ask in (
        lambda: translate(model, PAIRS, oracle=oracle_alpha),
        lambda: fit(model, PAIRS, PAIRS, TrainingConfig(epochs=1), oracle_alpha),
        lambda: forced_alpha(model, PAIRS, oracle_alpha),
        lambda: model.context(torch.zeros(1, 16), model.read(["।"])[0], torch.eye(2)[:1]),
    ):
        with pytest.raises(ValueError, match="this model takes no weights: it"):
            ask()


def test_words_with_their_alpha_are_checked_once():
    pair = PAIRS[0]
    alignment = SoftAlignment.of(pair, oracle_alpha(pair))
    assert alignment.source == (*pair.source, END) and alignment.target == (*pair.target, END)
    torch.testing.assert_close(SoftAlignment.of(pair, uniform_alpha(pair)).entropy(), torch.full((5,), math.log(4)))
    assert SoftAlignment(("a", END), ("b", END), torch.eye(2)).entropy().eq(0).all()
    with pytest.raises(ValueError, match=r"α has shape \(5, 3\); \(5, 4\) is needed"):
        SoftAlignment.of(pair, oracle_alpha(pair)[:, :3])
    with pytest.raises(ValueError, match=r"\(4, 4\) is needed"):
        replace(alignment, target=pair.target)


def test_a_model_that_is_told_the_places_sees_the_last_state_and_no_other():
    torch.manual_seed(0)
    context = GivenPlaces()
    h, alpha = torch.randn(1, 4, 6), torch.tensor([[0.0, 1.0, 0.0, 0.0]])
    other = h.clone()
    other[:, :-1] = torch.randn(1, 3, 6)
    mask = torch.ones(1, 4, dtype=torch.bool)
    c = [context(torch.zeros(1, 6), Encoded(x, x[:, -1], mask, x), alpha).c for x in (h, other)]
    torch.testing.assert_close(c[0], c[1])
    torch.testing.assert_close(c[0], h[:, -1] + positions(4, 6)[1])
    elsewhere = context(torch.zeros(1, 6), Encoded(h, h[:, -1], mask, h), alpha.roll(1, 1)).c
    assert not torch.allclose(c[0], elsewhere)
