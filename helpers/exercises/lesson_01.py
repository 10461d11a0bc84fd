"""The checks of notebook 01: a step of the encoder, a step of the decoder, a loss, the order of the words, a gate."""

from __future__ import annotations

import math
from collections import Counter

import torch
from torch import nn, randn

from helpers.corpus.pairs import load_split
from helpers.exercises.feedback import (
    WrongAnswer,
    call,
    compare,
    compare_numbers,
    describe,
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


@exercise("Scores and states are right for batches of 1, 3 and 4 sentences.")
def decoder_step(answer):
    """1.2: answer(word_before, s, c, embedding, cell, output) against the step of the lesson's class."""
    for B, D_y, D_h, D_s, words in ((1, 3, 4, 2, 5), (3, 2, 2, 4, 6), (4, 5, 3, 3, 7)):
        parts = nn.Embedding(words, D_y), nn.GRUCell(D_y + D_h, D_s), nn.Linear(D_s, words)
        embedding, cell, output = (part.requires_grad_(False) for part in parts)
        word_before, s, c = torch.randint(words, (B,)), randn(B, D_s), randn(B, D_h)
        y = embedding(word_before)
        right = cell(torch.cat([y, c], dim=1), s)
        result = call(answer, word_before, s, c, embedding, cell, output)
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise WrongAnswer(
                f"a step returns two things, as in `return scores, s`: the scores and the new state. This is "
                f"{describe(result)}."
            )
        if [getattr(part, "shape", None) for part in result] == [right.shape, (B, words)]:
            raise WrongAnswer("the two results are exchanged: first the scores, then the new state.")
        scores = tensor(result[0], (B, words), "a score for each English word")
        state = tensor(result[1], (B, D_s), "the new state of each sentence")
        compare(
            state,
            right,
            (s, "the state that you return is the one from before: return what the cell gives."),
            (cell(torch.cat([c, y], dim=1), s), "in [y; c] the word before comes first, and then the context."),
            (cell(torch.cat([y, 0 * c], dim=1), s), "the context has no effect: it is the second part of [y; c]."),
            (cell(torch.cat([y, c], dim=1)), "the state before has no effect: it is the cell's second argument."),
        )
        compare(
            scores,
            output(right),
            (output(s), "these are the scores of the state before: take those of the new state."),
            (torch.softmax(output(right), dim=1), "these are probabilities: a step returns the scores themselves."),
            (torch.log_softmax(output(right), dim=1), "these are log-probabilities: a step returns the scores."),
        )


@exercise("The loss is right for sentences of 1 to 7 words: it is PyTorch's cross-entropy.")
def sentence_loss(answer):
    """1.3: answer(scores, right) against cross_entropy."""
    for T, words in ((1, 3), (4, 5), (7, 4)):
        scores, right = 2 * randn(T, words), torch.randint(words, (T,))
        loss = nn.functional.cross_entropy(scores, right).item()
        at = range(T), right.tolist()
        p = torch.softmax(scores, dim=1)[at]
        across = torch.softmax(scores, dim=0)[at]
        compare_numbers(
            call(answer, scores, right),
            loss,
            f"for a sentence of {T} word{'s' * (T > 1)}",
            (-loss, "the sign is missing: the logarithm of a probability is negative, and the loss is not."),
            (T * loss, "this is the sum over the words; the loss is their mean."),
            (loss / math.log(2), "this is the logarithm to the base 2; torch.log is the natural one."),
            (loss / math.log(10), "this is the logarithm to the base 10; torch.log is the natural one."),
            (p.mean().item(), "this is a probability; take -ln of it."),
            (1 - p.mean().item(), "this is 1 minus a probability; the loss is -ln of it."),
            (-p.mean().log().item(), "first the logarithm of each probability, then the mean."),
            (-p.prod().item(), "first the logarithm of each probability, then the mean."),
            (-scores[at].mean().item(), "these are scores; the softmax turns them into probabilities first."),
            (-across.log().mean().item(), "here each *column* sums to 1; each row should, so take dim=1."),
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


@exercise("The gate is right for 1 to 39 words.")
def gate_for_half(answer):
    """1.5: answer(n) against the n-th root of one half."""
    for n in (10, 1, 2, 20, 39):
        right = 0.5 ** (1 / n)
        compare_numbers(
            call(answer, n),
            right,
            f"for {n} word{'s' * (n > 1)}",
            (0.5**n, "this is what is left if z is a half. Here the *result* is a half, and z is looked for."),
            (0.5 / n, "z is multiplied by itself at each word, so it is a root and not a quotient."),
            (1 - 0.5 / n, "this takes the same *amount* away at each word; z takes away the same *share*."),
            (1 - right, "this is 1 - z, the factor of the draft."),
            (0.5, "so much is left after one word already."),
        )
