"""A trained translator as the object that engine.js takes: its words, and its weights as text."""

from __future__ import annotations

import base64
from dataclasses import asdict

import torch

from helpers.attention import AdditiveAttention, GivenWeights, LastState
from helpers.models import Translator

CONTEXTS = {LastState: "none", GivenWeights: "given", AdditiveAttention: "additive"}
PRECISIONS = {"float16": torch.float16, "float32": torch.float32}
TURNED = ("context.U_att", "context.W_att")  # in the page, each matrix has a row for each number that comes out


def exported(model: Translator, precision: str = "float16") -> dict:
    """What `new Translator(…)` of engine.js is made of; `json.dumps` makes it text.

    Args:
        precision: of the weights, "float16" (2 bytes a number) or "float32".
    Returns:
        config: the model's, as in `ModelConfig`. source, target: the words, each at the place of its number.
        shapes: [name, rows, columns] or [name, numbers] of each weight. weights: all numbers in this order, row by
        row, little-endian, in base64.
    Raises:
        ValueError: a model that the page cannot carry, or weights that are no numbers in this precision.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision={precision!r} is not known: choose one of {', '.join(PRECISIONS)}")
    if type(model) is not Translator:
        raise ValueError(f"the page runs the course's Translator, and this model is a {type(model).__name__}")
    if model.config.cell != "gru":
        raise ValueError(f'the page computes GRUs, and this model has cell="{model.config.cell}": train one with "gru"')
    if type(model.context) not in CONTEXTS:
        known = ", ".join(context.__name__ for context in CONTEXTS)
        raise ValueError(f"the page does not compute {type(model.context).__name__}: it knows the contexts {known}")
    weights = {name: weight.T if name in TURNED else weight for name, weight in model.state_dict().items()}
    numbers = torch.cat([weight.flatten() for weight in weights.values()]).cpu().to(PRECISIONS[precision])
    if not numbers.isfinite().all():
        raise ValueError(
            f"a weight is infinite or nan in {precision}. Where nan was trained, a smaller learning rate helps; where "
            'a number is beyond 65504, precision="float32" does'
        )
    return {
        "config": {**asdict(model.config), "attention": CONTEXTS[type(model.context)]},
        "source": model.source_vocab.words,
        "target": model.target_vocab.words,
        "shapes": [[name, *weight.shape] for name, weight in weights.items()],
        "precision": precision,
        "weights": base64.b64encode(numbers.numpy().tobytes()).decode(),
    }
