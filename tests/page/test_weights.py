"""A translator becomes text for the page: its words and all of its weights, or a reason why not."""

import base64
import json

import pytest
import torch
from support.examples import small

from helpers.attention import AdditiveAttention
from helpers.page.weights import exported
from helpers.transformer import Transformer


@pytest.mark.parametrize("precision, dtype", [("float16", torch.float16), ("float32", torch.float32)])
def test_the_text_has_all_words_and_all_weights(precision, dtype):
    model = small(bidirectional=True)
    page = json.loads(json.dumps(exported(model, precision)))
    assert page["source"] == model.source_vocab.words and page["target"] == model.target_vocab.words
    numbers = torch.frombuffer(bytearray(base64.b64decode(page["weights"])), dtype=dtype)
    assert numbers.numel() == sum(weight.numel() for weight in model.parameters())
    weights, start = model.state_dict(), 0
    assert [name for name, *_ in page["shapes"]] == list(weights)
    for name, *shape in page["shapes"]:
        weight = numbers[start:][: torch.Size(shape).numel()].view(shape)
        turned = name in ("context.U_att", "context.W_att")
        assert torch.equal(weight.T if turned else weight, weights[name].to(dtype))
        start += weight.numel()


class MyAttention(AdditiveAttention):
    pass


def with_weight(value):
    model = small()
    with torch.no_grad():
        model.output.weight[0, 0] = value
    return model


def with_context(context):
    model = small()
    model.context = context
    return model


@pytest.mark.parametrize(
    "model, precision, message",
    [
        (small(), "float64", "choose one of float16, float32"),
        (small(cell="rnn"), "float16", 'this model has cell="rnn"'),
        (small(cell="lstm"), "float16", 'this model has cell="lstm"'),
        (small("places"), "float16", "does not compute GivenPlaces"),
        (with_context(MyAttention(16, 16, 12)), "float16", "does not compute MyAttention"),
        (Transformer.__new__(Transformer), "float16", "is a Transformer"),
        (with_weight(torch.nan), "float32", "infinite or nan in float32"),
        (with_weight(7e4), "float16", "beyond 65504"),
    ],
)
def test_what_the_page_cannot_carry_is_refused(model, precision, message):
    with pytest.raises(ValueError, match=message):
        exported(model, precision)


def test_a_large_weight_needs_single_precision():
    assert exported(with_weight(7e4), "float32")["precision"] == "float32"
