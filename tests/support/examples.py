"""Three sentence pairs, and untrained models, which many tests share."""

import matplotlib
import pytest
import torch

from helpers.batching import make_batches
from helpers.corpus.pairs import Pair, load_split
from helpers.models import ModelConfig
from helpers.oracle import oracle_alpha
from helpers.training import TrainingConfig, new_translator
from helpers.vocabulary import EOS

PAIRS = [
    Pair(("लड़का", "आया", "।"), ("the", "boy", "came", "."), ((0, 0, False), (0, 1, True), (1, 2, True), (2, 3, True))),
    Pair(
        ("लड़की", "किताब", "पढ़ती", "है", "।"),
        ("the", "girl", "reads", "the", "book", "."),
        ((0, 0, False), (0, 1, True), (2, 2, True), (3, 2, False), (1, 3, False), (1, 4, True), (4, 5, True)),
    ),
    Pair(("माँ", "आई", "।"), ("mother", "came", "."), ((0, 0, True), (1, 1, True), (2, 2, True))),
]
CELLS = [("rnn", False), ("gru", False), ("lstm", False), ("gru", True), ("lstm", True)]


KINDS = ("none", "given", "additive")  # of attention


def small(attention="additive", cell="gru", bidirectional=False, **sizes):
    sizes = {"embedding": 8, "hidden": 16, "attention_hidden": 12, **sizes}
    return new_translator(ModelConfig(attention, cell, bidirectional, **sizes), TrainingConfig(), PAIRS)


def oracle_of(model):
    """Who gives the weights: the oracle, for a model that is told them, else nobody."""
    return oracle_alpha if model.config.attention == "given" else None


def batch_of(model, pairs=PAIRS):
    (batch,) = make_batches(pairs, model.source_vocab, model.target_vocab, 64, oracle_of(model))
    return batch


def loud(attention="given", cell="gru", bidirectional=False):
    """An untrained model whose words differ much from state to state."""
    model = small(attention, cell, bidirectional)
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.6)
    return model


@torch.no_grad()
def untrained(config):
    """A model of the course's words with loud weights, all exact in half precision. Some sentences do not end."""
    model = new_translator(config, TrainingConfig(), load_split("train"))
    model.output.bias[EOS] += 0.6
    for name, weight in model.named_parameters():
        weight.copy_((weight * (8 if name.startswith(("output", "context.V_att")) else 3)).half())
    return model.eval()


SHAPES_DEVANAGARI = tuple(int(n) for n in matplotlib.__version__.split(".")[:2]) >= (3, 11)
needs_devanagari = pytest.mark.skipif(not SHAPES_DEVANAGARI, reason="matplotlib before 3.11 cannot shape Devanagari")
