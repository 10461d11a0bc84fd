"""The checks of notebook 01: an encoder step, the size of a GRU, temperature, the order of the words."""

from __future__ import annotations

from collections import Counter

import torch
from torch import nn, randn

from helpers.corpus.pairs import load_split
from helpers.exercises.feedback import (
    WrongAnswer,
    call,
    compare,
    compare_numbers,
    exercise,
    hindi,
    number,
    prediction,
    tensor,
)


@exercise("The states are right for batches of 1, 4 and 7 sentences, equal to nn.RNNCell's.")
def encoder_step(answer):
    """1.1: answer(x, h, W, U, b) against nn.RNNCell."""
    for B, D_x, D_h in ((1, 3, 2), (4, 5, 3), (7, 2, 6)):
        cell, x, h = nn.RNNCell(D_x, D_h).requires_grad_(False), randn(B, D_x), randn(B, D_h)
        nn.init.zeros_(cell.bias_ih)
        W, U, b = cell.weight_hh, cell.weight_ih, cell.bias_hh
        inner = h @ W.T + x @ U.T + b
        result = tensor(call(answer, x, h, W, U, b), (B, D_h), "a state for each sentence of the batch")
        compare(
            result,
            cell(x, h),
            (inner, "there is no tanh around the sum, so the state can grow without limit."),
            (torch.tanh(inner - b), "the bias b is missing."),
            (torch.tanh(inner - x @ U.T), "the current word is missing: where is U x?"),
            (torch.tanh(inner - h @ W.T), "the state before is missing: where is W h?"),
            (torch.tanh(h @ W + x @ U.T + b), "W is the wrong way round: W h for one column is h @ W.T for rows."),
            (torch.sigmoid(inner), "this is a sigmoid; the equation has a tanh."),
        )


@exercise("The count is right for 5 sizes: it is the number of weights in nn.GRUCell.")
def gru_size(answer):
    """1.2: answer(D_x, D_h) against the parameters of nn.GRUCell."""
    for D_x, D_h in ((1, 1), (4, 3), (3, 4), (64, 128), (128, 64)):
        right = sum(p.numel() for p in nn.GRUCell(D_x, D_h).parameters())
        compare_numbers(
            call(answer, D_x, D_h),
            right,
            f"for D_x = {D_x} and D_h = {D_h}",
            (right / 3, "this is one of three: r, z and the new state each have their own W, U and biases."),
            (4 * right / 3, "four parts are an LSTM's; a GRU has three: r, z and the new state."),
            (right - 6 * D_h, "the biases are missing: in gru_step count the b and the d as well."),
            (right - 3 * D_h, "there are two biases in each part: one beside W (b), one beside U (d)."),
        )


@exercise("Rows sum to 1 at temperatures from 0.1 to 10, and even for scores of 1000.")
def softmax_at(answer):
    """1.3: answer(scores, temperature) against torch.softmax."""
    for B, n in ((1, 3), (3, 3), (2, 7)):
        for T in (1.0, 10.0, 0.1):
            scores = randn(B, n)
            result = tensor(call(answer, scores, T), (B, n), "a probability for each score")
            compare(
                result,
                torch.softmax(scores / T, dim=1),
                (torch.softmax(scores, dim=1), "the temperature has no effect: divide the scores by it."),
                (torch.softmax(scores * T, dim=1), "a high temperature must make the rows flatter: divide by it."),
                (
                    torch.softmax(scores, dim=1) / T,
                    f"at temperature {T:g} the rows sum to {result[0].sum():.2f}: divide "
                    "the scores, before the softmax, not the probabilities.",
                ),
                (torch.softmax(scores / T, dim=0), "the columns sum to 1; the rows should, so take dim=1."),
                ((scores / T).exp() / (scores / T).exp().sum(), "all rows together sum to 1; each row should."),
                ((scores / T).exp(), f"the rows sum to {result[0].sum():.2f}, not to 1: divide by the row's sum."),
            )
    large = torch.tensor([[1000.0, 999.0, 0.0], [-1000.0, -1001.0, -1000.0]])  # rows of different sizes
    if not torch.allclose(call(answer, large, 1.0), torch.softmax(large, dim=1), atol=1e-4):  # nan is close to nothing
        raise WrongAnswer(
            "right for small scores, but e^1000 is too large for a computer, and e^-1000 too small. Take the largest "
            "score of each row away from that row first (the result is the same), or use torch.softmax."
        )


@exercise("The words of 50 sentences are mixed, none is lost, the last sign stays, and each seed has its own order.")
def shuffled_words(answer):
    """1.4: answer(pair, seed) on sentences of the test set."""
    pairs = load_split("test")[::10]
    for pair in pairs:
        result, end = call(answer, pair, 1), pair.source[-1]
        if isinstance(result, str):
            raise WrongAnswer("this is one text; a list of words is needed, without ' '.join.")
        result = list(result)
        if Counter(result) != Counter(pair.source):
            lost = ", ".join(map(hindi, (Counter(pair.source) - Counter(result)).elements()))
            if not lost:
                raise WrongAnswer(f"{len(result)} words came back, and the sentence has {len(pair.source)}.")
            raise WrongAnswer(
                f"these words were lost: {lost}. A set drops words that come twice; and the {end} has to be "
                "put back at the end."
            )
        if result[-1] != end:
            raise WrongAnswer(
                f"the {end} must stay at the end; here it is word {result.index(end) + 1} of {len(result)}. Shuffle "
                "pair.source[:-1]."
            )
        if result != list(call(answer, pair, 1)):
            raise WrongAnswer(
                "the same seed gives another order each time: make random.Random(seed) anew in each call."
            )
    if all(list(call(answer, pair, 1)) == list(call(answer, pair, 2)) for pair in pairs):
        raise WrongAnswer(
            "seeds 1 and 2 give the same order for every sentence: use the seed, as in random.Random(seed)."
        )


@prediction
def order_matters(guess, before: float, after: float) -> tuple[bool, str]:
    """1.4: a guess of BLEU on shuffled sentences against the measured one."""
    guess = number(guess, 0, 100, "BLEU")
    return abs(guess - after) <= 15, (
        f"You said {guess:g}; BLEU fell from {before:.1f} to {after:.1f}. Every word was still there. What was "
        "lost is who does what to whom, which the encoder reads from the order; and that it never saw sentences "
        "like these. (Within 15 counts as right.)"
    )
