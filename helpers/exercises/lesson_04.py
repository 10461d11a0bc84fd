"""The checks of notebook 04: scores, masked softmax, planted bugs, the gradient, alignment error."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, randn

from helpers.evaluation import alignment_error
from helpers.exercises.feedback import (
    NotAttempted,
    WrongAnswer,
    call,
    choice,
    close,
    compare,
    compare_numbers,
    exercise,
    number,
    tensor,
)
from helpers.exercises.lesson_03 import random_pairs
from helpers.oracle import SoftAlignment

SUSPECTS = {"A": "over t", "B": "nothing", "C": "padding", "D": "no tanh"}


def score_parts(B: int, T_x: int, D_h: int, D_s: int, D_a: int) -> tuple[Tensor, ...]:
    """Random s_prev (B, D_s), h (B, T_x, D_h), U_att, W_att, V_att."""
    return randn(B, D_s), randn(B, T_x, D_h), randn(D_h, D_a), randn(D_s, D_a), randn(D_a)


def score_turns(s: Tensor, h: Tensor, U: Tensor, W: Tensor, V: Tensor) -> list[tuple[Tensor, str]]:
    """Scores (B, T_x) that learners often get, and what each of them means."""
    keys, query = h @ U, (s @ W).unsqueeze(1)
    turns = [
        (
            (keys + query) @ V,
            "there is no tanh. Without it the decoder's share is the same number for every word, and "
            "the softmax takes no notice of it: α would be the same at every step.",
        ),
        (torch.tanh(keys) @ V, "the decoder is missing: where is s_prev @ W_att?"),
        ((torch.tanh(query) @ V).expand(h.shape[:2]), "the words are missing: where is h @ U_att?"),
        (torch.tanh(keys + query).sum(-1), "V_att is missing: each hidden unit has its own weight in the sum."),
        (torch.tanh(keys) @ V + torch.tanh(query) @ V, "tanh(a) + tanh(b) is not tanh(a + b): add first."),
        (torch.tanh((keys + query) @ V), "the tanh belongs inside, before V_att: a score may be any number."),
        (torch.softmax(torch.tanh(keys + query) @ V, dim=1), "these are weights already; the scores e are asked for."),
    ]
    if U.shape == W.shape:
        turns.append((torch.tanh(h @ W + (s @ U).unsqueeze(1)) @ V, "U_att and W_att are exchanged: U_att meets h."))
    return turns


@exercise("All scores are right, for 1, 3 and 6 words and 2 to 5 hidden units.")
def scores_by_loops(answer):
    """4.1: answer(s_prev, h, U_att, W_att, V_att) for one sentence."""
    for T_x, D_h, D_s, D_a in ((3, 2, 2, 2), (1, 4, 3, 5), (6, 3, 4, 2)):
        s, h, *matrices = score_parts(1, T_x, D_h, D_s, D_a)
        result = call(answer, s[0], h[0], *matrices)
        if isinstance(result, list):
            result = torch.stack([torch.as_tensor(e) for e in result])
        result = tensor(result, (T_x,), "one score for each word")
        U, W, V = matrices
        turns = [(wrong[0], message) for wrong, message in score_turns(s, h, U, W, V)]
        last = torch.tanh(h[0] @ U[:, -1] + s[0] @ W[:, -1]) * V[-1]
        turns.append((last, "only the last hidden unit counts: add the units up with +=."))
        compare(result, torch.tanh(h[0] @ U + s[0] @ W) @ V, *turns)


@exercise("All scores are right, for batches of 1, 3 and 4 sentences.")
def scores(answer):
    """4.1: answer(s_prev, h, U_att, W_att, V_att) for a batch."""
    for sizes in ((1, 3, 2, 2, 2), (3, 3, 4, 2, 5), (4, 6, 3, 4, 2)):
        s, h, U, W, V = parts = score_parts(*sizes)
        result = tensor(call(answer, *parts), h.shape[:2], "one score for each word of each sentence")
        turns = score_turns(*parts)
        if h.size(0) == h.size(1):
            turns.append(
                (
                    torch.tanh(h @ U + s @ W) @ V,
                    "each *word* got another sentence's state: (B, D_a) lines up "
                    "with (B, T_x, D_a) from the right. Make it (B, 1, D_a) with unsqueeze(1).",
                )
            )
        compare(result, torch.tanh(h @ U + (s @ W).unsqueeze(1)) @ V, *turns)


@exercise("Rows sum to 1, padding gets exactly 0, large scores do no harm: batches of 1, 3 and 5 sentences.")
def masked_softmax(answer):
    """4.2: answer(e_t, src_mask) against softmax after masking with -inf."""
    for B, T_x, scale in ((1, 4, 1), (3, 3, 1), (5, 7, 2), (2, 5, 300)):
        e, mask = scale * randn(B, T_x), torch.arange(T_x) < torch.randint(1, T_x, (B, 1))
        masked = e.masked_fill(~mask, -torch.inf)
        result = call(answer, e, mask)
        over_b = torch.softmax(masked, dim=0).nan_to_num()
        if isinstance(result, Tensor) and result.isnan().any():
            if close(result.nan_to_num(), over_b):
                raise WrongAnswer("the columns sum to 1, over the sentences; rows should, over the words: dim=1.")
            if scale > 2:
                raise WrongAnswer(
                    "right for small scores, but e^300 is too large for a computer; not so for torch.softmax."
                )
        result = tensor(result, (B, T_x), "a weight for each word")
        row = result.sum(1).min()
        compare(
            result,
            torch.softmax(masked, dim=1),
            (torch.softmax(e, 1), f"padding received weight {result[~mask].max():.2f}: mask before the softmax."),
            (
                torch.softmax(e, 1) * mask,
                f"padding gets 0, but a row sums to {row:.2f}: the softmax gave weight to the "
                "padding before it was cut off. Mask before the softmax.",
            ),
            (
                torch.softmax(e * mask, 1),
                f"padding received weight {result[~mask].max():.2f}: a score of 0 is not “no "
                "weight”, since e^0 = 1. The score must be -torch.inf.",
            ),
            (over_b, "the columns sum to 1, over the sentences; rows should, over the words: dim=1."),
            (torch.softmax(e.masked_fill(mask, -torch.inf), 1), "the mask is the wrong way round: True is a word."),
            (torch.log_softmax(masked, 1), "these are logarithms of the weights: softmax, not log_softmax."),
        )
        if result[~mask].any():
            raise WrongAnswer(
                f"padding received {result[~mask].max():.1g}: exactly 0 is needed. Use -torch.inf as its score."
            )


def suspects() -> dict[str, Callable]:
    """4.3: four ways from s (B, T_y, 4), h (B, T_x, 4), src_mask (B, T_x) to α (B, T_y, T_x); three have a bug."""
    rng = torch.Generator().manual_seed(3)
    U, W, V = randn(4, 6, generator=rng), randn(4, 6, generator=rng), randn(6, generator=rng)

    def make(bug: str) -> Callable:
        def attend(s: Tensor, h: Tensor, src_mask: Tensor) -> Tensor:
            inner = (h @ U).unsqueeze(1) + (s @ W).unsqueeze(2)  # (B, T_y, T_x, D_a)
            e = (inner if bug == "no tanh" else torch.tanh(inner)) @ V
            mask = src_mask.unsqueeze(1)
            if bug == "padding":
                return torch.softmax(e, dim=2)
            if bug == "over t":
                return torch.softmax(e, dim=1) * mask
            return torch.softmax(e.masked_fill(~mask, -torch.inf), dim=2)

        return attend

    return {name: make(bug) for name, bug in SUSPECTS.items()}


@exercise("All four are right. Three bugs, and not one of them stops a training: only a test finds them.")
def find_the_bugs(answer):
    """4.3: a verdict on each of the four `suspects`, such as {"A": "padding", …}."""
    if not isinstance(answer, dict) or set(answer) != set("ABCD"):
        raise WrongAnswer('a dictionary with A, B, C and D is needed: {"A": "padding", "B": …}.')
    if all(bug is ... for bug in answer.values()):
        raise NotAttempted
    s, h, mask = randn(1, 3, 4), randn(1, 5, 4), torch.arange(5) < 3
    for name, attend in suspects().items():
        alpha = attend(s, h, mask.unsqueeze(0))[0]
        rows, differ = alpha.sum(1), (alpha[0] - alpha[1]).abs().max()
        if answer[name] is ... or choice(answer[name], *SUSPECTS.values()) != SUSPECTS[name]:
            raise WrongAnswer(
                f"look again at {name}. On new random inputs with two words of padding, its padding gets "
                f"{alpha[:, ~mask].max():.2f}, its rows sum to {rows.min():.2f} … {rows.max():.2f}, and two of "
                f"its rows differ by up to {differ:.2f}."
            )


@exercise("The gradients are those of autograd, for batches of 1, 3 and 4 sentences, with and without padding.")
def gradient_of_scores(answer):
    """4.4: answer(alpha, grad_c, h) against ∂L/∂e from autograd."""
    for B, T_x, D_h in ((1, 3, 2), (3, 3, 3), (4, 6, 5)):
        h, grad_c = randn(B, T_x, D_h), randn(B, D_h)
        e = randn(B, T_x)
        if T_x > 3:
            e[1:, 4:] = -torch.inf  # padding
        e.requires_grad_()
        alpha = torch.softmax(e, dim=1)
        (right,) = torch.autograd.grad(((alpha.unsqueeze(1) @ h).squeeze(1) * grad_c).sum(), e)
        alpha = alpha.detach()
        result = tensor(call(answer, alpha, grad_c, h), (B, T_x), "one number for each score")
        g = (h @ grad_c.unsqueeze(2)).squeeze(2)
        mean = (alpha * g).sum(1, keepdim=True)
        turns = [
            (g, "this is g, the gradient at the weights: the softmax is still missing."),
            (alpha * g, "the average is missing: weights sum to 1, so each word competes with the others."),
            (g - mean, "the factor α_k in front of the bracket is missing."),
            (alpha * (mean - g), "the sign is wrong: the average is taken away from g, not g from the average."),
            (alpha * g * (1 - alpha), "a score changes the weights of the *other* words, too, not only its own."),
            (alpha * (g - g.mean(1, keepdim=True)), "the average of g is weighted: Σ_j α_j g_j."),
            (alpha * (g - (alpha * g).sum()), "this average is over all sentences: sum over dim=1, with keepdim=True."),
        ]
        if T_x == B:
            turns += [
                (alpha * (g - mean.squeeze(1)), "each *word* got another sentence's average: keepdim=True."),
                (
                    alpha * ((h * grad_c).sum(2) - (alpha * (h * grad_c).sum(2)).sum(1, keepdim=True)),
                    "each *word* met another sentence's gradient: make grad_c (B, 1, D) with unsqueeze(1).",
                ),
            ]
        compare(result, right, *turns)


@exercise("The rate is right for 12 random α with random links, and agrees with alignment_error.")
def alignment_error_rate(answer):
    """4.5: answer(alpha, links) against `alignment_error`."""
    torch.manual_seed(39)  # for the first pair, each wrong turn gives another rate
    for pair in random_pairs():
        T_x, T_y = len(pair.source), len(pair.target)
        alpha = torch.softmax(3 * randn(T_y + 1, T_x + 1), dim=1)
        if T_x > 1:
            alpha[-1] = torch.eye(T_x + 1)[0]  # </s> looks at a real word, so that counting it shows
        result = number(call(answer, alpha, pair.links), 0, 1, "an alignment error rate")
        right = alignment_error([SoftAlignment.of(pair, alpha)], [pair]).set_index("word_class")["aer"]["all"]
        A = {(j, t) for t, j in enumerate(alpha[:-1].argmax(1).tolist())}
        S, P = {(j, t) for j, t, sure in pair.links if sure}, {(j, t) for j, t, _ in pair.links}
        down = {(j, t) for t, j in enumerate(alpha[:-1].argmax(0).tolist())}
        short = {(j, t) for t, j in enumerate(alpha[:-1, :-1].argmax(1).tolist())}
        hits, swapped = len(A & S) + len(A & P), {(t, j) for j, t in A}
        turns = [
            (1 - (len(B & S) + len(B & P)) / (len(B) + len(S)), message)
            for B, message in (
                (swapped, "the pairs of A are the wrong way round: a link is (j, t), the Hindi word first."),
                (down, "the heaviest *row* of each column was taken: a row is an English word, so .argmax(dim=1)."),
                (short, "the column of </s> was left out: only its row goes, a word may well look at it."),
            )
            if B != A
        ]
        compare_numbers(
            result,
            right,
            f"for {T_y} target words, |A∩S| = {len(A & S)}, |A∩P| = {len(A & P)}, |A| = {len(A)} and |S| = {len(S)},",
            *turns,
            (1 - len(A & P) / len(A), "this is 1 - |A∩P| / |A|: the sure links that were missed should count as well."),
            (
                1 - len(A & S) / max(1, len(S)),
                "this is 1 - |A∩S| / |S|: the links that the model made wrongly should count too.",
            ),
            (
                1 - (len(A & S) + len(A & (P - S))) / (len(A) + len(S)),
                "P holds the sure links as well as the possible ones, so a sure hit counts twice.",
            ),
            (1 - hits / (len(A) + len(P)), "below the line stand |A| and |S|, not |P|."),
            (hits / (len(A) + len(S)), "this is the share that is right; the error rate is 1 minus it."),
            (
                1 - hits / (len(A) + 1 + len(S)),
                "the row of </s> was counted: it has no links, so leave it out, alpha[:-1].",
            ),
        )
