"""The checks of notebook 05: an exchanged state, a second reader, sides, the distance of two heatmaps."""

from __future__ import annotations

import torch
from torch import nn, rand, randn

from helpers.corpus.pairs import Pair
from helpers.exercises.feedback import (
    NotAttempted,
    WrongAnswer,
    call,
    choice,
    compare,
    exercise,
    hindi,
    number,
    prediction,
    tensor,
)
from helpers.models import ModelConfig
from helpers.training import TrainingConfig, new_translator

SENTENCES = [Pair(tuple(source.split()), tuple("a b c d e f".split())) for source in ("x y z", "u v w x", "z u", "w")]


@exercise("The state, and the keys made from it, come from the other sentence; all else is as it was: 24 exchanges.")
def with_state_of(answer):
    """5.1: answer(model, words, donor) on untrained models that read one way and both ways."""
    for both_ways in (False, True):
        model = new_translator(ModelConfig(bidirectional=both_ways, hidden=8), TrainingConfig(), SENTENCES).eval()
        for words, donor in ((a.source, b.source) for a in SENTENCES for b in SENTENCES if a is not b):
            with torch.no_grad():
                right = first_words(model, words, donor)
                result = tensor(
                    call(answer, model, words, donor),
                    (len(model.target_vocab),),
                    "a probability for each English word: log_p[0].exp()",
                )
                compare(
                    result,
                    right,
                    (right.log(), "these are log-probabilities: .exp() makes probabilities of them."),
                    (first_words(model, words, words), "these are the probabilities without any exchange."),
                    (
                        first_words(model, donor, words),
                        "the two sentences are interchanged: the donor gives its state.",
                    ),
                    (first_words(model, words, donor, keys=False), "encoded.keys still belong to the old state."),
                    (first_words(model, words, donor, start=True), "the decoder's state s_0 was exchanged, too."),
                )


def first_words(model, words, donor, keys=True, start=False):
    """The probabilities of the first word, with h_1 of the donor; wrong turns leave the keys, or exchange s_0."""
    (encoded, state), (given, other) = model.read(words), model.read(donor)
    encoded.h[0, 0] = given.h[0, 0]
    if keys:
        encoded.keys = model.context.keys(encoded.h)
    log_p, _, _ = model.step(torch.tensor([2]), other if start else state, encoded)
    return log_p[0].exp()


@prediction
def effect(guess, measured):
    """5.1: a guess of P(tomorrow) after the exchange of the state at कल, from 0 to 1."""
    guess = number(guess, 0, 1, "my_effect")
    return abs(guess - measured) <= 0.15, (
        f"You said {guess:.2f}, measured {measured:.2f}. A forward reader has the same state at the first word of both "
        "sentences, so an exchange cannot change anything."
    )


@exercise("Both readers are in their places, and padding is 0: batches of 1 to 4 sentences.")
def read_both_ways(answer):
    """5.2: answer(x, lengths, forward, backward) against a bidirectional nn.GRU."""
    for lengths in ([3, 5, 4], [1], [4, 4], [2, 6, 1, 3]):
        both = nn.GRU(3, 4, batch_first=True, bidirectional=True)
        forward, backward = one_way(both, ""), one_way(both, "_reverse")
        x = randn(len(lengths), max(lengths), 3)
        for b, n in enumerate(lengths):
            x[b, n:] = 0
        with torch.no_grad():
            packed = nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
            right, _ = nn.utils.rnn.pad_packed_sequence(both(packed)[0], batch_first=True)
            left, turned = forward(x)[0], backward(x.flip(1))[0]
            mask = (right != 0).any(2, keepdim=True)
            result = tensor(
                call(answer, x, lengths, forward, backward),
                tuple(right.shape),
                "for each word the 4 numbers of the forward state, then the 4 of the backward one",
            )
            unturned = right.clone()
            for b, n in enumerate(lengths):
                unturned[b, :n, 4:] = right[b, :n, 4:].flip(0)
            if not torch.equal(result * ~mask, torch.zeros_like(result)):
                raise WrongAnswer("padding must be 0: write the states of real words into a tensor of zeros.")
            compare(
                result,
                right,
                (unturned, "the backward states are still in the order of reading: turn them round again, .flip(1)."),
                (right[:, :, [4, 5, 6, 7, 0, 1, 2, 3]], "the forward states come first, then the backward ones."),
                (
                    torch.cat([left, turned.flip(1)], 2) * mask,
                    "the sentence was turned round together with its padding, so the backward reader began there.",
                ),
                (torch.cat([left, backward(x)[0]], 2) * mask, "the second reader has read from left to right, too."),
            )


def one_way(both: nn.GRU, ending: str) -> nn.GRU:
    """One of the two readers of a bidirectional GRU."""
    gru = nn.GRU(both.input_size, both.hidden_size, batch_first=True)
    gru.load_state_dict({name: getattr(both, name + ending) for name in gru.state_dict()})
    return gru


SIDES = {"कल": "right", "वह": "right", "क्या": "right", "अपना": "left"}


@exercise("The verb stands to the right of कल, वह and क्या; the subject stands to the left of अपना.")
def sides(answer):
    """5.3: {Hindi word: "left" or "right"}."""
    if not isinstance(answer, dict) or set(answer) != set(SIDES):
        raise WrongAnswer('a side for each of the four words is needed, as in {"कल": "left", …}.')
    if any(side is ... for side in answer.values()):
        raise NotAttempted
    wrong = [word for word, side in answer.items() if choice(side, "left", "right") != SIDES[word]]
    if wrong:
        raise WrongAnswer(
            f"not yet right: {', '.join(map(hindi, wrong))}. The verb ends its clause, the subject opens it."
        )


@exercise("Each row has its own distance, from 0 to 1.")
def distances(answer):
    """5.4: answer(a, b) on random weights, on equal ones and on ones that look at different words."""
    for T_y, T_x in ((3, 4), (1, 6), (5, 2)):
        a, b = (rand(T_y, T_x) ** 3 for _ in range(2))
        a, b = a / a.sum(1, keepdim=True), b / b.sum(1, keepdim=True)
        for left, right in ((a, b), (a, a), (torch.eye(T_x)[[0] * T_y], torch.eye(T_x)[[1] * T_y])):
            gap = (left - right).abs()
            compare(
                tensor(call(answer, left, right), (T_y,), "one distance for each row: sum over dim=1"),
                gap.sum(1) / 2,
                (
                    gap.sum(1),
                    "the half is missing: rows that look at different words are at a distance of 1, not of 2.",
                ),
                (gap.mean(1), "the sum is over all words, and this is their mean."),
                (
                    (left - right).sum(1) / 2,
                    "without the absolute value, what is more here and less there adds up to 0.",
                ),
            )


@prediction
def mean_distance(guess, measured):
    """5.4: a guess of the mean distance between the rows of two models, from 0 to 1."""
    guess = number(guess, 0, 1, "my_distance")
    return abs(guess - measured) <= 0.1, (
        f"You said {guess:.2f}, measured {measured:.2f}: on average {measured:.0%} of a row's weight lies elsewhere in "
        "the other model. Within 0.1 counts as right."
    )
