"""The benchmark compares models that compute the same, and what it measures is what the course claims."""

import torch
from support.examples import PAIRS, small

from experiments import speed
from experiments.speed import NaiveTranslator, measure, random_batches, until
from helpers.batching import make_batches
from helpers.models import ModelConfig
from helpers.training import Recipe, TrainingConfig
from helpers.vocabulary import PAD


class Inverse(torch.nn.Module):
    """Undoes the tanh of s_0, so that a translator starts with the encoder's last state, as the naive loop does."""

    def forward(self, last):
        return torch.atanh(last)


@torch.no_grad()
def copy_weights(model, naive):
    for part in ("source_embedding", "target_embedding", "encoder", "output"):
        getattr(naive, part).load_state_dict(getattr(model, part).state_dict())
    naive.cell.weight_ih.copy_(torch.cat([model.from_word.weight, model.from_context.weight], dim=1))
    naive.cell.bias_ih.copy_(model.from_word.bias)
    naive.cell.weight_hh.copy_(model.cell.from_state.weight)
    naive.cell.bias_hh.copy_(model.cell.from_state.bias)
    naive.score.weight.copy_(torch.cat([model.context.W_att, model.context.U_att]).T)
    naive.score.bias.zero_()
    naive.weigh.weight.copy_(model.context.V_att.unsqueeze(0))


def test_the_naive_loop_computes_the_same():
    model = small(embedding=8, hidden=16, attention_hidden=16)
    model.first_state = Inverse()
    naive = NaiveTranslator(model)
    copy_weights(model, naive)
    for pair in PAIRS:
        (batch,) = make_batches([pair], model.source_vocab, model.target_vocab)
        torch.testing.assert_close(naive(batch)[0], model(batch)[0], atol=1e-5, rtol=1e-4)


def test_random_batches_hold_every_sentence_once():
    model = small()
    batches = random_batches(PAIRS * 3, model, 2)
    assert [len(b.indices) for b in batches] == [2, 2, 2, 2, 1]
    words = sum(int((b.target_out != PAD).sum()) for b in batches)
    assert words == 3 * sum(len(p.target) + 1 for p in PAIRS)


def test_it_measures_all_four_models():
    speeds = measure(hidden=8, batch_size=8, runs=1, sentences=16)
    assert set(speeds) == {"vanilla", "oracle", "learned", "naive"} and min(speeds.values()) > 0


def test_a_race_ends_with_the_bleu_or_with_the_passes(monkeypatch, capsys):
    quick = Recipe("learned", ModelConfig(embedding=8, hidden=8, attention_hidden=8), TrainingConfig(epochs=3))
    monkeypatch.setattr(speed, "load_split", lambda name: PAIRS)
    monkeypatch.setattr(speed, "recipe", lambda name: quick)
    assert min(until(0).values()) > 0 and capsys.readouterr().out.count("passes") == 2
    assert set(until(101, most_passes=2)) == {"learned", "naive"}
    assert capsys.readouterr().out.count("passes") == 3 + 2
