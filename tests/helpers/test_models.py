"""The three translators: what must hold for any of them, and α against numbers worked out by hand."""

import math

import pytest
import torch
from support.examples import CELLS, PAIRS, batch_of, small

from helpers.attention import AdditiveAttention
from helpers.batching import PAD, Vocabulary, make_batches
from helpers.models import CONTEXTS, ModelConfig, Translator
from helpers.oracle import oracle_alpha
from helpers.training import TrainingConfig, fit
from helpers.translation import translate


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
    states = torch.tensor([h])
    c_t, alpha_t, e_t = attention(torch.tensor([s]), states, attention.keys(states), torch.ones(1, 3, dtype=torch.bool))
    torch.testing.assert_close(e_t, torch.tensor([e]))
    torch.testing.assert_close(alpha_t, torch.tensor([weights]))
    torch.testing.assert_close(c_t, torch.tensor([context]))


def test_vectorised_attention_equals_a_loop():
    torch.manual_seed(1)
    attention = AdditiveAttention(6, 5, 4)
    h, s, mask = torch.randn(3, 7, 6), torch.randn(3, 5), torch.arange(7) < torch.tensor([[7], [4], [1]])
    c_t, alpha_t, _ = attention(s, h, attention.keys(h), mask)
    for b in range(3):
        scores = [attention.V_att @ torch.tanh(h[b, j] @ attention.U_att + s[b] @ attention.W_att) for j in range(7)]
        total = sum(torch.exp(scores[j]) for j in range(7) if mask[b, j])
        loop = torch.stack([torch.exp(scores[j]) / total if mask[b, j] else torch.zeros(()) for j in range(7)])
        torch.testing.assert_close(alpha_t[b], loop)
        torch.testing.assert_close(c_t[b], sum(loop[j] * h[b, j] for j in range(7)))


@pytest.mark.parametrize("context", ["oracle", "uniform", "shuffled", "shifted", "learned"])
def test_rows_of_alpha_sum_to_one_and_padding_gets_exactly_zero(context):
    model = small(context)
    batch = batch_of(model)
    _, alpha = model(batch)
    for b, i in enumerate(batch.rows):
        rows, columns = len(PAIRS[i].target) + 1, len(PAIRS[i].source) + 1
        torch.testing.assert_close(alpha[b, :rows].sum(1), torch.ones(rows))
        assert alpha[b, :rows, columns:].eq(0).all()


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("cell,bidirectional", CELLS)
def test_more_padding_changes_nothing(context, cell, bidirectional):
    model = small(context, cell, bidirectional)
    together, _ = model(batch_of(model))
    for b, i in enumerate(batch_of(model).rows):
        alone, _ = model(batch_of(model, [PAIRS[i]]))
        torch.testing.assert_close(together[b, : alone.size(1)], alone[0], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("cell,bidirectional", CELLS)
@pytest.mark.parametrize("beam", [1, 3])
def test_a_batch_gives_what_single_sentences_give(context, cell, bidirectional, beam):
    model = small(context, cell, bidirectional)
    together = translate(model, PAIRS, beam, max_length=12)
    for pair, in_batch in zip(PAIRS, together, strict=True):
        (alone,) = translate(model, [pair], beam, max_length=12)
        assert in_batch.target == alone.target and in_batch.source == pair.source
        assert in_batch.log_probability == pytest.approx(alone.log_probability, abs=1e-4)
        if in_batch.alpha is not None:
            torch.testing.assert_close(in_batch.alpha, alone.alpha, atol=1e-5, rtol=1e-4)
            assert in_batch.alpha.size(1) == len(pair.source) + 1


@pytest.mark.parametrize("cell,bidirectional", CELLS)
def test_stepping_equals_teacher_forcing(cell, bidirectional):
    for context in CONTEXTS:
        model = small(context, cell, bidirectional)
        batch = batch_of(model)
        logits, alpha = model(batch)
        encoded, state = model.encode(batch.source, batch.source_lengths)
        for t in range(batch.target_in.size(1)):
            given = batch.alpha[:, t] if batch.alpha is not None else None
            log_p, state, alpha_t = model.step(batch.target_in[:, t], state, encoded, given)
            torch.testing.assert_close(log_p, torch.log_softmax(logits[:, t], 1), atol=1e-5, rtol=1e-5)
            if context == "learned":
                torch.testing.assert_close(alpha_t, alpha[:, t])


@pytest.mark.parametrize("context", CONTEXTS)
def test_a_deep_output_sees_the_context_and_the_word_before_in_steps_as_in_batches(context):
    model = small(context, bidirectional=True, deep_output=True)
    batch = batch_of(model)
    logits, _ = model(batch)
    encoded, state = model.encode(batch.source, batch.source_lengths)
    for t in range(batch.target_in.size(1)):
        given = batch.alpha[:, t] if batch.alpha is not None else None
        log_p, state, _ = model.step(batch.target_in[:, t], state, encoded, given)
        torch.testing.assert_close(log_p, torch.log_softmax(logits[:, t], 1), atol=1e-5, rtol=1e-5)
    s, c, y = torch.randn(3, 16), torch.randn(3, 32), torch.randn(3, 8)
    for other in (s, c + 1, y), (s, c, y + 1), (s + 1, c, y):
        assert not torch.allclose(model.scores(s, c, y), model.scores(*other))
    logits.logsumexp(2).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


TORCH_CELLS = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}


@pytest.mark.parametrize("cell,torch_cell", TORCH_CELLS.items())
def test_the_decoder_cell_is_the_textbook_one(cell, torch_cell):
    model = small("vanilla", cell)
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
    model = small("oracle")
    batch = batch_of(model)
    encoded, _ = model.encode(batch.source, batch.source_lengths)
    chosen = torch.tensor([0, 2, 1])
    one_hot = torch.nn.functional.one_hot(chosen, encoded.h.size(1)).float().unsqueeze(1)
    c = model.given_context(encoded, one_hot)
    torch.testing.assert_close(c[:, 0], encoded.h[torch.arange(3), chosen], atol=0, rtol=0)


def test_the_vanilla_context_is_the_state_after_the_last_real_word():
    model = small("vanilla")
    batch = batch_of(model)
    encoded, _ = model.encode(batch.source, batch.source_lengths)
    torch.testing.assert_close(encoded.last, encoded.h[torch.arange(3), batch.source_lengths - 1])


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("cell,bidirectional", CELLS)
def test_gradients_reach_every_parameter(context, cell, bidirectional):
    model = small(context, cell, bidirectional)
    batch = batch_of(model)
    logits, _ = model(batch)
    torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch.target_out.flatten(), ignore_index=PAD).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("context", ["vanilla", "oracle", "learned"])
def test_one_batch_can_be_overfitted(context):
    model = small(context, hidden=32)
    fit(model, PAIRS, PAIRS, TrainingConfig(epochs=80, learning_rate=1e-2))
    assert [t.target for t in translate(model, PAIRS)] == [p.target for p in PAIRS]
    assert [t.target for t in translate(model, PAIRS, beam=4)] == [p.target for p in PAIRS]


def test_models_of_one_size_differ_only_in_where_the_context_comes_from():
    sizes = {c: sum(p.numel() for p in small(c).parameters()) for c in CONTEXTS}
    attention = sum(p.numel() for p in small("learned").attention.parameters())
    assert sizes["learned"] - attention == sizes["vanilla"] == sizes["oracle"] == sizes["shifted"]


def test_greedy_search_takes_the_likeliest_word_at_each_step():
    model = small("learned")
    (found,) = translate(model, PAIRS[:1], max_length=6)
    batch = batch_of(model, PAIRS[:1])
    encoded, state = model.encode(batch.source, batch.source_lengths)
    word, words = torch.tensor([2]), []
    for _ in range(7):
        log_p, state, _ = model.step(word, state, encoded)
        log_p[:, [0, 2]] = -torch.inf
        word = log_p.argmax(1)
        if word.item() == 3:
            break
        words.append(model.target_vocab.words[word.item()])
    assert list(found.target) == words


def test_beam_search_finds_the_best_sentence_that_there_is():
    """With a beam as wide as all sentences of two words, the search is exhaustive: compare with trying them all."""
    model = small("learned")
    V = len(model.target_vocab)
    batch = batch_of(model, PAIRS[:1])
    scores = {}
    for first in range(V):
        for second in range(V):
            encoded, state = model.encode(batch.source, batch.source_lengths)
            ids = [first, second] if first != 3 else [first]
            if any(i in (0, 2) for i in ids):
                continue
            total, before = 0.0, torch.tensor([2])
            for i in ids:
                log_p, state, _ = model.step(before, state, encoded)
                total, before = total + log_p[0, i].item(), torch.tensor([i])
            scores[tuple(ids)] = total / len(ids)
    best = max(scores, key=scores.get)
    (found,) = translate(model, PAIRS[:1], beam=V * V, max_length=1)
    assert found.target == tuple(model.target_vocab.words[i] for i in best if i != 3)


@pytest.mark.parametrize("weights", ["gold", "uniform", "shuffled", "shifted"])
def test_oracle_weights(weights):
    alpha = oracle_alpha(PAIRS[1], weights)
    assert alpha.shape == (7, 6)
    torch.testing.assert_close(alpha.sum(1), torch.ones(7))
    gold = oracle_alpha(PAIRS[1])
    torch.testing.assert_close(gold[2], torch.tensor([0, 0, 2 / 3, 1 / 3, 0, 0]))  # reads: sure पढ़ती, possible है
    if weights == "uniform":
        assert alpha.eq(1 / 6).all()
    if weights == "shuffled":
        torch.testing.assert_close(alpha.sort(1).values, gold.sort(1).values)
        assert not alpha.equal(gold)
    if weights == "shifted":
        torch.testing.assert_close(alpha[1:], gold[:-1])


def test_clear_errors():
    model = small("oracle")
    with pytest.raises(ValueError, match="the sentence is empty"):
        translate(model, [()])
    with pytest.raises(ValueError, match="list of words"):
        Vocabulary(["a"]).encode("लड़का")
    with pytest.raises(ValueError, match="list of words"):
        Vocabulary(["a"]).encode([1, 2])
    with pytest.raises(ValueError, match="choose one of rnn, gru, lstm"):
        ModelConfig(cell="transformer")
    with pytest.raises(ValueError, match="choose one of vanilla, oracle"):
        ModelConfig(context="hard")
    with pytest.raises(ValueError, match="too small"):
        ModelConfig(hidden=0)
    with pytest.raises(ValueError, match="sums to 0.900"):
        translate(model, [("लड़का", "।")], alphas=[torch.tensor([[0.5, 0.4, 0.0], [0.0, 0.0, 1.0]])])
    with pytest.raises(ValueError, match="a row for each target word"):
        translate(model, [("लड़का", "।")], alphas=[torch.eye(2)])
    with pytest.raises(ValueError, match="no link"):
        translate(model, [("लड़का", "।")])
    with pytest.raises(ValueError, match="each sentence needs its own"):
        translate(model, [("लड़का", "।")], alphas=[])
    with pytest.raises(ValueError, match="needs α"):
        model.given_context(model.encode(torch.ones(1, 2, dtype=torch.long), torch.tensor([2]))[0], None)
    with pytest.raises(ValueError, match="no weights called 'gould'"):
        oracle_alpha(PAIRS[0], "gould")
    with pytest.raises(ValueError, match="at least one word"):
        model.encode(torch.zeros(1, 2, dtype=torch.long), torch.tensor([0]))
    with pytest.raises(ValueError, match="no sentence pairs"):
        make_batches([], model.source_vocab, model.target_vocab)
    with pytest.raises(ValueError, match="beam=0"):
        translate(model, PAIRS, beam=0)
    assert isinstance(model, Translator)
