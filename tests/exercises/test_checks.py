"""The exercises' checks: they accept the solutions, and say in words what is wrong with what learners write instead."""

import ast
import importlib
import math
import random
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.corpus.pairs import load_split
from helpers.evaluation import bleu
from helpers.exercises import feedback
from helpers.exercises.feedback import call, compare, exercise
from helpers.exercises.lesson_03 import looked_up, shown
from helpers.exercises.lesson_05 import first_words
from helpers.oracle import oracle_alpha, shifted_alpha, uniform_alpha
from tools.course import read, solutions, sources

LESSONS = ["01", "02", "03", "04", "05", "06", "07", "08"]
CHECKS = {n: importlib.import_module(f"helpers.exercises.lesson_{n}") for n in LESSONS}


def names_of(path):
    """What a notebook defines without running: its imports, functions and the answers called my_…."""
    space = {}
    for cell in read(path).cells[2:]:
        if cell.cell_type == "code" and "prepare()" not in cell.source:
            for node in ast.parse(cell.source).body:
                answer = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").startswith("my_")
                if answer or isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef):
                    exec(compile(ast.Module([node], []), path.name, "exec"), space)
    return space


STUBS = {path.name[:2]: names_of(path) for path in sources()}
SOLVED = {path.name[:2]: names_of(path) for path in solutions()}

softmax, inf = torch.softmax, torch.inf


def step_of(word_before, s, c, embedding, cell, output):
    s = cell(torch.cat([embedding(word_before), c], dim=1), s)
    return output(s), s


def mean_loss(scores, right, log=torch.log):
    return -log(softmax(scores, 1)[range(len(right)), right]).mean()


danda = "।"


def both_ways(x, lengths, forward, backward, turn=True):
    h = torch.zeros(*x.shape[:2], 8)
    for b, n in enumerate(lengths):
        right = backward(x[b : b + 1, :n].flip(1))[0]
        h[b, :n] = torch.cat([forward(x[b : b + 1, :n])[0], right.flip(1) if turn else right], 2)[0]
    return h


def shuffled(words, seed):
    return random.Random(seed).sample(list(words), len(words))


def scores(s, h, U, W, V):
    return torch.tanh(h @ U + (s @ W).unsqueeze(1)) @ V


def of_weights(grad_c, h):
    return (h * grad_c.unsqueeze(1)).sum(2)


def mean_of(alpha, grad_c, h):
    return (alpha * of_weights(grad_c, h)).sum(1, keepdim=True)


def links_of(alpha, links, P_all=True, dim=1):
    A = {(j, t) for t, j in enumerate(alpha[:-1].argmax(dim).tolist())}
    S = {(j, t) for j, t, sure in links if sure}
    P = {(j, t) for j, t, sure in links if P_all or not sure}
    return A, S, P


def rate(A, S, P, below=None):
    return 1 - (len(A & S) + len(A & P)) / (below or len(A) + len(S))


def share_outside(these, those):
    return len(these - those) / max(1, len(these))


def gold(links, T_x, T_y, possible=0.5, end=1.0):
    alpha = torch.zeros(T_y + 1, T_x + 1)
    for j, t, sure in links:
        alpha[t, j] = 1 if sure else possible
    alpha[-1, -1] = end
    return alpha


def mix(h, weights):
    return (weights.unsqueeze(1) @ h).squeeze(1)


def recorded(step, s, n, late=False):
    alphas, alpha = [], torch.zeros_like(step(s)[1])
    for _ in range(n):
        before, (s, alpha) = alpha, step(s)
        alphas.append(before if late else alpha)
    return torch.stack(alphas)


def told(model, batch, context=lambda h, alpha, t: mix(h, alpha[:, t]), words="target_in", carry=True):
    h, s = model.encode(batch.source, batch.source_lengths)
    scores = []
    for t in range(batch.target_in.size(1)):
        score, new = model.step(getattr(batch, words)[:, t], s, context(h, batch.alpha, t))
        scores, s = [*scores, score], new if carry else s
    return torch.stack(scores, dim=1)


def counted(pairs, before=lambda before, word: word, end=("</s>",), start="<s>"):
    table = {}
    for pair in pairs:
        last = start
        for row, word in zip(shown(pair), (*pair.target, *end), strict=False):
            for key in ((row, last), (row, None)):
                table.setdefault(key, Counter())[word] += 1
            last = before(last, word)
    return table


def kept(pair, answer, every=all, sure_only=True):
    written = {}
    for j, t, sure in pair.links:
        if sure or not sure_only:
            written.setdefault(j, []).append(pair.target[t] in answer)
    return {j: every(hits) for j, hits in written.items()}


def turned(pair, end):
    return replace(pair, source=pair.source[::-1], links=tuple((end(pair) - j, t, s) for j, t, s in pair.links))


def resampled(written, right, samples, draw=lambda n: random.choices(range(n), k=n), ends=(2.5, 97.5)):
    scores = []
    for _ in range(samples):
        at = draw(len(right))
        scores.append(bleu([written[i] for i in at], [right[i] for i in at]))
    return tuple(np.percentile(scores, ends))


def moved(batch, rows, lengths):
    return replace(batch, source=batch.source.roll(rows, dims=0), source_lengths=batch.source_lengths.roll(lengths))


def out_of_place(e, mask):
    e.masked_fill(~mask, -inf)
    return softmax(e, 1)


def heard(q, k, v, mask, scale=None, axis=1):
    e = q @ k.transpose(1, 2) / (scale or q.size(2) ** 0.5)
    return softmax(e.masked_fill(~mask.unsqueeze(axis), -inf), 2) @ v


def triangle(n, diagonal=0):
    return torch.ones(n, n, dtype=torch.bool).tril(diagonal)


def layered(x, mask, p, first=True, second=True, query=True, memory=True, keep=True, add=True):
    y = p.norm_1(x)
    found = p.attention(y if query else x, y if memory else x, mask)[0]
    x = (x + found if keep else found) if first else x
    return (x if add else 0) + p.network(p.norm_2(x)) if second else x


def off(contexts, *place):
    contexts = contexts.clone()
    contexts[place] = 0
    return contexts


def divided(a, b, measure=float, beyond=-1e-9):
    scores, hits = a + b, []
    truth = measure(sum(b) / len(b) - sum(a) / len(a))
    for first in combinations(range(len(scores)), len(a)):
        left = sum(scores[i] for i in first)
        hits.append(measure((sum(scores) - left) / len(b) - left / len(a)) > truth + beyond)
    return sum(hits) / len(hits)


def even(alpha):
    return torch.special.entr(alpha).sum(1) / math.log(alpha.size(1))


def seen(train, side):
    return {getattr(pair, side) for pair in train}


def leak_of_both(train, test):
    return sum(p.source in seen(train, "source") and p.target in seen(train, "target") for p in test) / len(test)


def better(greedy, beam, references, as_better=0, as_worse=0):
    chrf = CHECKS["06"].chrf
    gains = [chrf(b, r) - chrf(g, r) for g, b, r in zip(greedy, beam, references, strict=True)]
    same = gains.count(0)
    return sum(g > 0 for g in gains) + as_better * same, sum(g < 0 for g in gains) + as_worse * same


# (lesson, exercise): wrong answers that learners give, each with words of what they are told. The last one of each is
# right on the first or simplest input only.
WRONG = {
    ("01", "encoder_step"): [
        (lambda x, h, W, U, b: h @ W.T + x @ U.T + b, "no tanh"),
        (lambda x, h, W, U, b: torch.tanh(h @ W.T + x @ U.T), "bias b is missing"),
        (lambda x, h, W, U, b: torch.tanh(h @ W.T + b), "where is U x?"),
        (lambda x, h, W, U, b: torch.tanh(x @ U.T + b), "where is W h?"),
        (lambda x, h, W, U, b: torch.sigmoid(h @ W.T + x @ U.T + b), "this is a sigmoid"),
        (lambda x, h, W, U, b: torch.tanh(h @ W + x @ U.T + b), "wrong way round"),
        (lambda x, h, W, U, b: torch.tanh(h @ W.T + x @ U + b), "It was given x of shape (1, 3), h of shape (1, 2)"),
        (lambda x, h, W, U, b: torch.tanh(W @ h[0] + U @ x[0] + b).unsqueeze(0), "shape (1, 3); (4, 3) is needed"),
    ],
    ("01", "decoder_step"): [
        (lambda *x: step_of(*x)[::-1], "exchanged: first the scores"),
        (lambda *x: step_of(*x)[0], "a step returns two things"),
        (lambda w, s, c, e, f, o: (o(f(torch.cat([e(w), c], 1), s)), s), "the one from before"),
        (lambda w, s, c, e, f, o: (o(s), f(torch.cat([e(w), c], 1), s)), "scores of the state before"),
        (lambda w, s, c, e, f, o: step_of(w, s, c, e, lambda x, s: f(torch.cat([c, e(w)], 1), s), o), "comes first"),
        (lambda w, s, c, e, f, o: step_of(w, s, 0 * c, e, f, o), "context has no effect"),
        (lambda w, s, c, e, f, o: step_of(w, None, c, e, f, o), "state before has no effect"),
        (lambda *x: (softmax(step_of(*x)[0], 1), step_of(*x)[1]), "these are probabilities"),
        (lambda *x: (torch.log_softmax(step_of(*x)[0], 1), step_of(*x)[1]), "log-probabilities"),
        (lambda w, s, c, e, f, o: step_of(w, s, e(w), e, f, o), "stopped with RuntimeError"),
        (lambda w, s, c, e, f, o: step_of(w[:1], s[:1], c[:1], e, f, o), "(3, 6) is needed"),
    ],
    ("01", "sentence_loss"): [
        (lambda s, r: -mean_loss(s, r), "the sign is missing"),
        (lambda s, r: mean_loss(s, r) * len(r), "this is the sum"),
        (lambda s, r: mean_loss(s, r, torch.log2), "base 2"),
        (lambda s, r: mean_loss(s, r, torch.log10), "base 10"),
        (lambda s, r: -mean_loss(s, r, lambda p: p), "this is a probability"),
        (lambda s, r: 1 + mean_loss(s, r, lambda p: p), "1 minus a probability"),
        (lambda s, r: -(-mean_loss(s, r, lambda p: p)).log(), "then the mean"),
        (lambda s, r: -s[range(len(r)), r].mean(), "these are scores"),
        (lambda s, r: -softmax(s, 0)[range(len(r)), r].log().mean(), "each *column* sums to 1"),
        (lambda s, r: -softmax(s, 1)[range(len(r)), r].log(), "one number"),
        (lambda s, r: mean_loss(s[:1], r[:1]), "for a sentence of 4 words"),
    ],
    ("01", "shuffled_words"): [
        (lambda pair, seed: shuffled(pair.source, seed), "must stay at the end"),
        (lambda pair, seed: " ".join(shuffled(pair.source[:-1], seed)), "a list of words"),
        (lambda pair, seed: [*sorted(set(pair.source[:-1])), danda], "were lost"),
        (lambda pair, seed: [*pair.source, danda], "words came back, and the sentence has"),
        (lambda pair, seed: [*sorted(pair.source[:-1]), pair.source[-1]], "use the seed"),
        (lambda pair, seed: [*shuffled(pair.source[:-1], None), pair.source[-1]], "another order each time"),
        (lambda pair, seed: [*shuffled(pair.source[:-1][:6], seed), danda], "were lost"),
    ],
    ("01", "gate_for_half"): [
        (lambda n: 0.5**n, "the *result* is a half"),
        (lambda n: 0.5 / n, "a root and not a quotient"),
        (lambda n: 1 - 0.5 / n, "the same *share*"),
        (lambda n: 1 - 0.5 ** (1 / n), "the factor of the draft"),
        (lambda n: 0.5, "after one word already"),
        (lambda n: 0.5 ** (1 / 10), "for 1 word yours is"),
    ],
    ("02", "bleu_interval"): [
        (lambda w, r, n: resampled(w, r, n)[::-1], "the lower end comes first"),
        (lambda w, r, n: resampled(w, r, n, draw=lambda k: random.sample(range(k), k)), "with replacement"),
        (lambda w, r, n: resampled(random.Random(0).sample(w, len(w)), r, n), "keep its right sentence"),
        (lambda w, r, n: (40.9, 57.2), "a mean over single sentences is another number"),
        (lambda w, r, n: resampled(w, r, n, ends=(0, 100)), "about"),
        (lambda w, r, n: resampled(w, r, n, ends=(25, 75)), "2.5th"),
        (lambda w, r, n: resampled(w, r, n, draw=lambda k: random.choices(range(k), k=k // 2)), "as many sentences"),
        (lambda w, r, n: resampled(w, r, n)[0], "two numbers"),
        (lambda w, r: (0, 100), "as many arguments as the stub did"),
    ],
    ("02", "with_other_source"): [
        (lambda b: replace(b, source=b.source.roll(1, dims=0)), "source_lengths stayed where they were"),
        (lambda b: replace(b, source=b.source.roll(1, dims=1)), "whole rows move"),
        (lambda b: replace(b, source=b.source.roll(1), source_lengths=b.source_lengths.roll(1)), "whole rows move"),
        (lambda b: moved(b, 1, -1), "do not belong to the rows"),
        (lambda b: b, "some sentence still has its own"),
        (lambda b: b.source.roll(1, dims=0), "a batch is needed"),
        (lambda b: replace(moved(b, 1, 1), target_out=b.target_out.roll(1, dims=0)), "the English side changed"),
        (lambda b: replace(b, source=b.source[:, :3]), "is needed"),
    ],
    ("02", "largest"): [
        (lambda h, m: h.max(dim=1).values, "padding won"),
        (lambda h, m: (h * m.unsqueeze(2)).max(dim=1).values, "0 may be larger"),
        (lambda h, m: (h * m.unsqueeze(2)).sum(1) / m.sum(1, keepdim=True), "this is the mean"),
        (lambda h, m: h.masked_fill(m.unsqueeze(2), -inf).max(dim=1).values, "True at real words"),
        (lambda h, m: h.masked_fill(~m.unsqueeze(2), -inf).max(dim=1), "a tensor is needed"),
        (lambda h, m: h.masked_fill(~m.unsqueeze(2), -inf).max(dim=2).values, "one vector for each sentence"),
        (lambda h, m: h.masked_fill(~m, -inf).max(dim=1).values, "stopped with RuntimeError"),
        (lambda h, m: h[:, -1], "the last column"),
    ],
    ("02", "kept"): [
        (lambda pair, answer: kept(pair, answer, sure_only=False), "no *sure* link"),
        (lambda pair, answer: {t: word in answer for t, word in enumerate(pair.target)}, "places of English words"),
        (lambda pair, answer: kept(pair, " ".join(answer)), "whole words"),
        (lambda pair, answer: [True], "a dictionary is needed"),
        (lambda pair, answer: kept(pair, answer, every=any), "all of its sure links count"),
        (lambda pair, answer: kept(pair, answer, every=lambda hits: hits[-1]), "all of its sure links count"),
    ],
    ("02", "reversed_pair"): [
        (lambda pair: replace(pair, source=pair.source[::-1]), "old places"),
        (lambda pair: turned(pair, lambda p: len(p.source)), "not n - j"),
        (lambda pair: replace(pair, source=pair.source[-2::-1] + pair.source[-1:]), "the । too"),
        (lambda pair: pair.source[::-1], "a Pair is needed"),
        (lambda pair: replace(pair, target=pair.target[::-1]), "the English words changed"),
        (lambda pair: pair, "not in the opposite order"),
        (lambda pair: replace(turned(pair, lambda p: len(p.source) - 1), links=()), "join other words than before"),
        (lambda pair: turned(pair, lambda p: 5), "n - 1 - j"),
    ],
    ("03", "oracle_weights"): [
        (lambda *x: gold(*x) / gold(*x).sum(0, keepdim=True).clamp(min=1e-9), "columns sum to 1"),
        (lambda *x: gold(*x), "sums to"),
        (lambda *x: gold(*x, possible=1) / gold(*x, possible=1).sum(1, keepdim=True), "half of a sure"),
        (lambda *x: gold(*x, end=0) / gold(*x, end=0).sum(1, keepdim=True), "Has </s> a link?"),
        (lambda *x: gold(*x, end=0) / gold(*x, end=0).sum(1, keepdim=True).clamp(min=1e-9), "the last row is </s>"),
        (lambda *x: (gold(*x) / gold(*x).sum(1, keepdim=True)).T, "alpha[t, j]"),
        (lambda *x: gold(*x) / gold(*x).sum(1), "stopped with RuntimeError"),
    ],
    ("03", "which_weights"): [
        ([1 / 3, 1 / 3, 1 / 3], "the context is (3, 2.33)"),
        ([0.0, 0.0, 0.6], "these sum to 0.60"),
        ([1.0, -0.5, 0.5], "between 0 and 1"),
        ([3.0, 2.0], "three weights are needed"),
        ("¼, ½, ¼", "brackets"),
    ],
    ("03", "scores_of"): [
        (lambda model, batch: told(model, batch, lambda h, alpha, t: h[:, -1]), "as in lesson 1"),
        (lambda model, batch: told(model, batch, lambda h, alpha, t: mix(h, alpha[:, 0])), "of the first step"),
        (lambda model, batch: told(model, batch, lambda h, alpha, t: h.mean(1)), "plain average"),
        (lambda model, batch: told(model, batch, words="target_out"), "use target_in"),
        (lambda model, batch: told(model, batch, carry=False), "keep the state"),
        (lambda model, batch: told(model, batch, lambda h, alpha, t: mix(h, softmax(alpha[:, t], 1))), "once more"),
        (lambda model, batch: told(model, batch, lambda h, alpha, t: mix(h, alpha[:, -1 - t])), "of other steps"),
        (lambda model, batch: told(model, batch).transpose(0, 1), "dim=1"),
        (lambda model, batch: told(model, batch, lambda h, alpha, t: alpha[:, t : t + 1] @ h), "(2, 5), not (2, 1, 5)"),
        (lambda model, batch: told(model, batch, lambda h, alpha, t: mix(h, alpha[:, :, t])), "do not fit"),
    ],
    ("03", "count_words"): [
        (lambda pairs: {key: dict(counts) for key, counts in counted(pairs).items()}, "Counters is needed"),
        (lambda pairs: defaultdict(Counter), "pair of two things"),
        (lambda pairs: counted(pairs, before=lambda before, word: before), "remember the word"),
        (lambda pairs: {key: counts for key, counts in counted(pairs).items() if key[1]}, "under (row, None)"),
        (lambda pairs: counted(pairs, end=()), "no </s> was counted"),
        (lambda pairs: counted(pairs, start="the"), "“<s>”"),
        (lambda pairs: counted(pairs, before=lambda before, word: None), "no English word comes before"),
        (lambda pairs: counted(pairs[:1]), "is right"),
    ],
    ("03", "by_table"): [
        (lambda table, pair: " ".join(looked_up(table, pair)), "a list of English words"),
        (lambda table, pair: [*looked_up(table, pair), "</s>"], "stop when it comes"),
        (lambda table, pair: looked_up({k: c for k, c in table.items() if k[1] is None}, pair), "no difference"),
        (lambda table, pair: [w for w in looked_up(table, pair) if w != "<unk>"], "by the table"),
        (lambda table, pair: [], "is missing"),
        (lambda table, pair: list(pair.target), "by the table"),
    ],
    ("03", "early"): [
        (oracle_alpha, "nothing moved"),
        (shifted_alpha, "late"),
        (lambda pair: oracle_alpha(pair).roll(-1, dims=1), "dims=0"),
        (lambda pair: oracle_alpha(pair)[[1, 2, 3, 4, 0]], "is needed"),
    ],
    ("03", "mixed"): [
        (lambda pair, p: p * oracle_alpha(pair) + (1 - p) * uniform_alpha(pair), "exchanged"),
        (lambda pair, p: oracle_alpha(pair) + p * uniform_alpha(pair), "factor (1 - p)"),
        (lambda pair, p: oracle_alpha(pair), "p has no effect"),
        (lambda pair, p: (1 - p) * oracle_alpha(pair) + p / len(pair.source), "</s> is a column"),
        (lambda pair, p: (1 - p) * oracle_alpha(pair) + p, "1 divided by the number"),
        (lambda pair, p: (1 - p) * oracle_alpha(pair) + p / (len(pair.target) + 1), "not of target words"),
    ],
    ("04", "scores_by_loops"): [
        (lambda s, h, U, W, V: (h @ U + s @ W) @ V, "no tanh"),
        (lambda s, h, U, W, V: torch.tanh(h @ U) @ V, "decoder is missing"),
        (lambda s, h, U, W, V: (torch.tanh(s @ W) @ V).expand(len(h)), "words are missing"),
        (lambda s, h, U, W, V: torch.tanh(h @ U + s @ W)[:, -1] * V[-1], "only the last hidden unit"),
        (lambda s, h, U, W, V: torch.tanh(h @ W + s @ U) @ V, "exchanged"),
        (lambda s, h, U, W, V: torch.tanh(h @ U + s @ W).sum(1), "V_att is missing"),
        (lambda s, h, U, W, V: torch.tanh(h @ U + s @ W)[:, :2] @ V[:2], "not right yet"),
    ],
    ("04", "scores"): [
        (lambda s, h, U, W, V: (h @ U + (s @ W).unsqueeze(1)) @ V, "no tanh"),
        (lambda s, h, U, W, V: torch.tanh((h @ U + (s @ W).unsqueeze(1)) @ V), "inside"),
        (lambda s, h, U, W, V: softmax(scores(s, h, U, W, V), 1), "weights already"),
        (lambda s, h, U, W, V: torch.tanh(h @ U) @ V + torch.tanh(s @ W).unsqueeze(1) @ V, "add first"),
        (lambda s, h, U, W, V: torch.tanh(h @ U + s @ W) @ V, "another sentence's state"),
    ],
    ("04", "masked_softmax"): [
        (lambda e, m: softmax(e, 1), "padding received weight"),
        (out_of_place, "mask before the softmax"),
        (lambda e, m: softmax(e, 1) * m, "a row sums to"),
        (lambda e, m: softmax(e * m, 1), "e^0 = 1"),
        (lambda e, m: softmax(e.masked_fill(m, -inf), 1), "wrong way round"),
        (lambda e, m: torch.log_softmax(e.masked_fill(~m, -inf), 1), "these are logarithms"),
        (lambda e, m: softmax(e.masked_fill(~m, -inf), 0), "dim=1"),
        (lambda e, m: softmax(e.masked_fill(~m, -9), 1), "exactly 0"),
        (lambda e, m: (e.exp() * m) / (e.exp() * m).sum(1, keepdim=True), "e^300"),
        (lambda e, m: softmax(e.masked_fill(~m[0], -inf), 1), "not right yet"),
    ],
    ("04", "find_the_bugs"): [
        ({"A": "padding", "B": "nothing", "C": "padding", "D": "no tanh"}, "look again at A"),
        ({"A": "over t", "B": "nothing", "C": "nothing", "D": "no tanh"}, "its padding gets 0.3"),
        ({"A": "over t", "B": "nothing", "C": "padding", "D": ...}, "look again at D"),
        ({"A": "softmax"}, "A, B, C and D"),
        ({"A": "t", "B": "nothing", "C": "padding", "D": "no tanh"}, "not among the choices"),
    ],
    ("04", "gradient_of_scores"): [
        (lambda a, c, h: of_weights(c, h), "the softmax is still missing"),
        (lambda a, c, h: a * of_weights(c, h), "the average is missing"),
        (lambda a, c, h: of_weights(c, h) - mean_of(a, c, h), "the factor α_k"),
        (lambda a, c, h: a * (mean_of(a, c, h) - of_weights(c, h)), "the sign is wrong"),
        (lambda a, c, h: a * of_weights(c, h) * (1 - a), "the *other* words"),
        (lambda a, c, h: a * (of_weights(c, h) - of_weights(c, h).mean(1, keepdim=True)), "is weighted"),
        (lambda a, c, h: a * (of_weights(c, h) - (a * of_weights(c, h)).sum()), "over all sentences"),
        (lambda a, c, h: a * (of_weights(c, h) - mean_of(a, c, h).squeeze(1)), "another sentence's average"),
        (lambda a, c, h: a * ((h * c).sum(2) - (a * (h * c).sum(2)).sum(1, keepdim=True)), "met another sentence's"),
        (lambda a, c, h: h @ c, "stopped with RuntimeError"),
    ],
    ("04", "alignment_error_rate"): [
        (lambda a, links: 1 - rate(*links_of(a, links)), "1 minus it"),
        (lambda a, links: rate(*links_of(a, links, P_all=False)), "counts twice"),
        (lambda a, links: rate(*links_of(a, links), below=len(a) - 1 + len(links)), "not |P|"),
        (lambda a, links: rate(*links_of(torch.cat([a, a[-1:]]), links)), "the row of </s>"),
        (lambda a, links: share_outside(*links_of(a, links)[::2]), "this is 1 - |A∩P| / |A|"),  # of A, outside P
        (lambda a, links: share_outside(*links_of(a, links)[1::-1]), "this is 1 - |A∩S| / |S|"),  # of S, outside A
        (lambda a, links: rate(*links_of(a, links, dim=0)), "the heaviest *row*"),
        (lambda a, links: 0.0, "|A∩S|"),
        (lambda a, links: rate({(t, j) for j, t in links_of(a, links)[0]}, *links_of(a, links)[1:]), "the wrong way"),
        (lambda a, links: rate(*links_of(a[:, :-1], links)), "column of </s>"),
    ],
    ("05", "with_state_of"): [
        (lambda model, words, donor: first_words(model, words, donor, keys=False), "still belong to the old state"),
        (lambda model, words, donor: first_words(model, words, donor, start=True), "s_0 was exchanged"),
        (lambda model, words, donor: first_words(model, words, words), "without any exchange"),
        (lambda model, words, donor: first_words(model, donor, words), "interchanged"),
        (lambda model, words, donor: first_words(model, words, donor).log(), "log-probabilities"),
        (lambda model, words, donor: first_words(model, words, donor).unsqueeze(0), "has shape"),
    ],
    ("05", "read_both_ways"): [
        (lambda x, n, f, b: torch.cat([f(x)[0], b(x)[0]], 2), "padding must be 0"),
        (lambda x, n, f, b: torch.cat([f(x)[0], b(x)[0]], 2) * (x != 0).any(2, keepdim=True), "left to right, too"),
        (lambda x, n, f, b: both_ways(x, n, f, b, turn=False), "order of reading"),
        (lambda x, n, f, b: both_ways(x, n, f, b).roll(4, 2), "forward states come first"),
        (
            lambda x, n, f, b: torch.cat([f(x)[0], b(x.flip(1))[0].flip(1)], 2) * (x != 0).any(2, keepdim=True),
            "together with its padding",
        ),
    ],
    ("05", "sides"): [
        ({"कल": "right", "वह": "right", "क्या": "right", "अपना": "right"}, "not yet right: अपना"),
        ({"कल": "left", "वह": "right", "क्या": "right", "अपना": "left"}, "not yet right: कल"),
        ({"कल": "left"}, "a side for each"),
        ({"कल": "up", "वह": "right", "क्या": "right", "अपना": "left"}, "'up' is not among"),
    ],
    ("05", "distances"): [
        (lambda a, b: (a - b).abs().sum(1), "half is missing"),
        (lambda a, b: (a - b).abs().mean(1), "their mean"),
        (lambda a, b: (a - b).sum(1) / 2, "absolute value"),
        (lambda a, b: (a - b).abs().sum(0) / 2, "has shape"),
    ],
    ("06", "leak"): [
        (lambda train, test: 100 * SOLVED["06"]["leak"](train, test), "percentage"),
        (lambda train, test: len(test) * SOLVED["06"]["leak"](train, test), "divide by the number of test pairs"),
        (lambda train, test: len(test) / len(train) * SOLVED["06"]["leak"](train, test), "the training pairs"),
        (lambda train, test: sum(p.source in seen(train, "source") for p in test) / len(test), "only the source"),
        (lambda train, test: sum(p.target in seen(train, "target") for p in test) / len(test), "only the target"),
        (leak_of_both, "asks for both"),
        (lambda train, test: sum(p in train for p in test) / len(test), "whole pairs were compared"),
        (lambda train, test: 2 * SOLVED["06"]["leak"](train, test) - 5 / 6, "is right"),
    ],
    ("06", "deep_output"): [
        (lambda s, c, y, i, o: o(i(torch.cat([s, c, y], 1))), "the tanh between"),
        (lambda s, c, y, i, o: torch.tanh(o(i(torch.cat([s, c, y], 1)))), "not at the end"),
        (lambda s, c, y, i, o: torch.tanh(o(torch.tanh(i(torch.cat([s, c, y], 1))))), "one tanh too many"),
        (lambda s, c, y, i, o: o(torch.tanh(i(torch.cat([c, s, y], 1)))), "the order is s, then c"),
        (lambda s, c, y, i, o: softmax(o(torch.tanh(i(torch.cat([s, c, y], 1)))), 1), "probabilities already"),
        (lambda s, c, y, i, o: o(torch.sigmoid(i(torch.cat([s, c, y], 1)))), "this is a sigmoid"),
        (lambda s, c, y, i, o: o(torch.tanh(i(torch.cat([s, y], 1)))), "stopped with RuntimeError"),
        (lambda s, c, y, i, o: o(torch.tanh(i(torch.cat([s, c, y])))), "stopped with RuntimeError"),
        (lambda s, c, y, i, o: o(torch.tanh(i(torch.cat([s[:1], c[:1], y[:1]], 1)))), "a logit for each word"),
    ],
    ("06", "by_chance"): [
        (lambda a, b: SOLVED["06"]["by_chance"](b, a), "the other way round"),
        (lambda a, b: 1 - SOLVED["06"]["by_chance"](a, b), "do *not* reach"),
        (lambda a, b: math.comb(len(a + b), len(a)) * SOLVED["06"]["by_chance"](a, b), "a number of divisions"),
        (lambda a, b: 100 * SOLVED["06"]["by_chance"](a, b), "this is a percentage"),
        (lambda a, b: divided(a, b, beyond=1e-9), "true division counts"),
        (lambda a, b: sum(x < y for x in a for y in b) / len(a) / len(b), "pairings of seeds"),
        (lambda a, b: divided(a, b, measure=abs), "leave out abs"),
        (lambda a, b: (0.05, a), "the result is one number"),
        (lambda a, b: 0.15, "divisions, yours is"),
    ],
    ("06", "evenness"): [
        (lambda a: (a * a.log()).sum(1) / math.log(a.size(1)), "needs a minus"),
        (lambda a: -(a * a.log()).sum(1), "divide it by ln T_x"),
        (lambda a: -(a * a.log()).sum(1) / a.size(1), "not by T_x"),
        (lambda a: -(a * a.log()).mean(1) / math.log(a.size(1)), "the mean of the terms"),
        (lambda a: -(a * a.log2()).sum(1) / math.log(a.size(1)), "the same logarithm"),
        (lambda a: -(a * a.log()).sum(1) / math.log(max(2, len(a))) if len(a) > 1 else even(a), "yours are the rows"),
        (lambda a: 1 - even(a), "the other way round"),
        (lambda a: -(a * a.log()).sum() / math.log(a.size(1)), "one number for each row"),
        (lambda a: -(a * a.log()).sum(1) / math.log(a.size(1)), "0 · ln 0"),
        (lambda a: -(a * a.log()).sum(0) / math.log(a.size(1)), "is needed"),
        (lambda a: even(a)[:1], "one number for each row"),
    ],
    ("06", "better_and_worse"): [
        (lambda g, b, r: better(g, b, r)[::-1], "exchanged"),
        (lambda g, b, r: better(g, b, r, as_worse=1), "counted as worse"),
        (lambda g, b, r: better(g, b, r, as_better=1), "counted as better"),
        (lambda g, b, r: (better(g, b, r)[0] / len(r), better(g, b, r)[1] / len(r)), "shares"),
        (lambda g, b, r: tuple(100 * n / len(r) for n in better(g, b, r)), "percentages"),
        (lambda g, b, r: better(g, b, r)[0], "two whole numbers"),
        (lambda g, b, r: better(g[:1], b[:1], r[:1]), "is right"),
    ],
    ("07", "all_steps"): [
        (lambda q, k, v, m: heard(q, k, v, m, scale=1), "divide the scores by √d"),
        (lambda q, k, v, m: heard(q, k, v, m, scale=q.size(2)), "divide by its square root"),
        (lambda q, k, v, m: heard(q, k, v, m, scale=k.size(1) ** 0.5), "number of words"),
        (lambda q, k, v, m: heard(q, k, v, m, scale=v.size(2) ** 0.5), "the size of a value"),
        (lambda q, k, v, m: heard(q, k, v, m | True), "mask the scores before"),
        (lambda q, k, v, m: heard(q, k, v, ~m), "True marks a real word"),
        (lambda q, k, v, m: softmax(q @ k.mT / q.size(2) ** 0.5, 2) * m.unsqueeze(1) @ v, "no longer sum to 1"),
        (lambda q, k, v, m: softmax(q @ k.mT / q.size(2) ** 0.5 * m.unsqueeze(1), 2) @ v, "e^0 = 1"),
        (lambda q, k, v, m: softmax((q @ k.mT).masked_fill(~m.unsqueeze(1), -inf), 1) @ v, "over j, dim=2"),
        (lambda q, k, v, m: heard(q, k, k, m), "the keys were averaged"),
        (lambda q, k, v, m: heard(q, k, v, m, axis=0), "another sentence's mask"),
        (lambda q, k, v, m: q @ k, "stopped with RuntimeError"),
        (lambda q, k, v, m: heard(q, k, v, m, scale=2), "not right yet"),
    ],
    ("07", "cut"): [
        (lambda x, n: x.reshape(x.size(0), n, x.size(1), -1), "*words* got mixed"),
        (lambda x, n: x.unflatten(2, (-1, n)).permute(0, 3, 1, 2), "dealt out"),
        (lambda x, n: x.unflatten(2, (n, -1)), "the heads before the words"),
        (lambda x, n: x.view(x.size(0), x.size(1), x.size(2) / n), "stopped with TypeError"),
        (lambda x, n: torch.stack(x.chunk(2, dim=2), 1), "(B, heads, T, d / heads)"),
    ],
    ("07", "join"): [
        (lambda c: c.reshape(c.size(0), c.size(2), -1), "*words* got mixed"),
        (lambda c: c.permute(0, 2, 3, 1).flatten(2), "shuffled like cards"),
        (lambda c: c.transpose(1, 2).view(c.size(0), c.size(2), -1), ".view cannot"),
        (lambda c: c.transpose(1, 2), "one vector for each word"),
        (lambda c: torch.cat([c[:, 0], c[:, 1]], dim=2), "is needed"),
    ],
    ("07", "causal_mask"): [
        (lambda n: triangle(n).T, "future and not the past"),
        (lambda n: ~triangle(n), "True means *may be seen*"),
        (lambda n: triangle(n, -1), "its own place"),
        (lambda n: triangle(n, n), "nothing is hidden"),
        (lambda n: torch.ones(n, n).tril(), ".bool() makes them"),
        (lambda n: triangle(4), "(1, 1) is needed"),
    ],
    ("07", "layer"): [
        (lambda x, m, p: layered(x, m, p, second=False), "second equation is missing"),
        (lambda x, m, p: layered(x, m, p, first=False), "do not look at each other"),
        (lambda x, m, p: layered(x, m, p, keep=False), "first residual connection is missing"),
        (lambda x, m, p: layered(x, m, p, add=False), "second residual connection is missing"),
        (lambda x, m, p: layered(x, m, p, query=False, memory=False), "without their norm"),
        (lambda x, m, p: layered(x, m, p, memory=False), "only the query is normalised"),
        (lambda x, m, p: layered(x, m, p, query=False), "only the memory is normalised"),
        (lambda x, m, p: layered(x, m | True, p), "padding has a say"),
        (lambda x, m, p: p.norm_1(x) + p.attention(p.norm_1(x), p.norm_1(x), m)[0], "not right yet"),
        (lambda x, m, p: x + p.attention(p.norm_1(x), p.norm_1(x), m), "stopped with TypeError"),
        (lambda x, m, p: p.attention(p.norm_1(x), p.norm_1(x), m), "take its [0]"),
        (lambda x, m, p: p.norm_2(x + p.network(x)), "not right yet"),
        (lambda x, m, p: layered(x, m, p, second=x.size(1) > 1), "second equation is missing"),
    ],
    ("07", "without_head"): [
        (lambda c, n: c, "nothing has changed"),
        (lambda c, n: 0 * c, "all heads are switched off"),
        (lambda c, n: c - off(c, slice(None), n), "is left and the others"),
        (lambda c, n: off(c, n), "a *sentence* is switched off"),
        (lambda c, n: off(c, slice(None), slice(None), n), "a *word* is switched off"),
        (lambda c, n: torch.cat([c[:, :n], c[:, n + 1 :]], dim=1), "as contexts"),
        (lambda c, n: off(c, slice(None), 0), "not right yet"),
    ],
    ("08", "room_1"): [
        ({"A": "healthy", "B": "softmax over the batch", "C": "the mask is inverted"}, "A: not “healthy”. Then no"),
        ({"A": "padding is not masked", "B": ..., "C": "the mask is inverted"}, "B: not named yet"),
        ({"A": "padding is not masked"}, "a name for each of A, B, C"),
        ({"A": "padding", "B": "healthy", "C": "healthy"}, "not among the choices"),
    ],
    ("08", "room_2"): [
        ({"D": "scores without states", "E": "keys of words", "F": "healthy", "G": "keys of words"}, "E: yes, keys"),
        ({"D": "the tanh is missing", "E": "healthy", "F": "keys of words", "G": ...}, "F: not “keys of words”"),
        ({"A": "healthy", "E": "healthy", "F": "healthy", "G": "healthy"}, "a name for each"),
        ("the tanh is missing", "a name for each"),
    ],
    ("08", "room_3"): [
        (dict.fromkeys("HIJ", "healthy"), "J: not “healthy”"),
        (dict.fromkeys("HIJ", "α times its own scores"), "J: yes, α times its own scores (after yandexdataschool"),
        (dict.fromkeys("HIJ", "read from the left twice"), "H: yes, read from the left twice (after ematvey"),
        (["read from the left twice"], "a name for each"),
    ],
    ("08", "room_4"): [
        (dict.fromkeys("KLM", "it sees the word to write"), "L: not “it sees the word to write”"),
        (dict.fromkeys("KLM", "the teacher is still there"), "K: not “the teacher is still there”"),
        (dict.fromkeys("KLM", "healthy"), "M: not “healthy”"),
        (dict.fromkeys("KL", "healthy"), "a name for each"),
    ],
    ("08", "weights_a"): [
        (lambda e, m: softmax(e, 1), "padding still gets weight"),
        (lambda e, m: softmax(e.masked_fill(m, -inf), 1), "now the words are hidden"),
        (lambda e, m: softmax(e, 1) * m, "mask before the softmax"),
        (lambda e, m: softmax(e.masked_fill(~m, -inf), 0).nan_to_num(), "over the sentences of the batch"),
    ],
    ("08", "weights_b"): [
        (lambda e, m: softmax(e, 1), "not right yet"),
        (lambda e, m: softmax(e, 2), "padding still gets weight"),
        (lambda e, m: softmax(e.masked_fill(~m.unsqueeze(1), -inf), 1), "over the steps"),
        (lambda e, m: softmax(e.masked_fill(~m.unsqueeze(1), -inf), 0).nan_to_num(), "over the sentences"),
        (lambda e, m: softmax(e.masked_fill(~m, -inf), 2), "stopped with RuntimeError"),
    ],
    ("08", "weights_c"): [
        (lambda e, m: softmax(e.masked_fill(m, -inf), 1), "now the words are hidden"),
        (lambda e, m: softmax(e, 1), "padding still gets weight"),
        (lambda e, m: softmax(e, 1) * m, "do not sum to 1"),
        (lambda e, m: softmax(e.masked_fill(not m, -inf), 1), "stopped with RuntimeError"),
    ],
    ("08", "scores_d"): [
        (lambda k, q, V: (k + q.unsqueeze(1)) @ V, "tanh is still missing"),
        (lambda k, q, V: torch.tanh((k + q.unsqueeze(1)) @ V), "belongs inside"),
        (lambda k, q, V: torch.tanh(k) @ V, "query is missing"),
        (lambda k, q, V: torch.tanh(k + q.unsqueeze(1)), "a score for each word"),
    ],
    ("08", "keys_e"): [
        (lambda h, x, U: x @ U, "still made from the words"),
        (lambda h, x, U: (h + x) @ U, "from the state alone"),
        (lambda h, x, U: h, "a key for each word"),
        (lambda h, x, U: h @ U.T, "stopped with RuntimeError"),
    ],
    ("08", "scores_g"): [
        (lambda s, h, U, W, V: (h @ U + (s @ W).unsqueeze(1)) @ V, "the fault of D"),
        (lambda s, h, U, W, V: torch.tanh(h @ U) @ V, "decoder is missing"),
        (lambda s, h, U, W, V: (s @ W)[:, : h.size(1)], "no score sees a state"),
        (lambda s, h, U, W, V: torch.tanh(h @ U + s @ W) @ V, "stopped with RuntimeError"),
    ],
    ("08", "states_h"): [
        (lambda left, right: torch.cat([left, left], 2), "still a copy"),
        (lambda left, right: torch.cat([right, left], 2), "are exchanged"),
        (lambda left, right: torch.cat([left, right.flip(1)], 2), "no flip is needed"),
        (lambda left, right: torch.cat([left, right], 1), "is needed"),
    ],
    ("08", "alphas_i"): [
        (lambda step, s, n: recorded(step, s, n, late=True), "the weights of the step before"),
        (lambda step, s, n: recorded(step, s, n)[[*range(1, n), n - 1]], "of the step after it"),
        (lambda step, s, n: recorded(step, s, n)[:1], "of each step"),
        (lambda step, s, n: step(s), "a tensor is needed"),
    ],
    ("08", "context_j"): [
        (lambda a, e, h: ((a * e).unsqueeze(1) @ h).squeeze(1), "still multiplied"),
        (lambda a, e, h: (e.unsqueeze(1) @ h).squeeze(1), "these are the scores"),
        (lambda a, e, h: ((a * a).unsqueeze(1) @ h).squeeze(1), "by themselves"),
        (lambda a, e, h: a.unsqueeze(1) @ h, "a context for each"),
    ],
    ("08", "given_k"): [
        (lambda target: target, "still given the word"),
        (lambda target: target.roll(1, 1), "needs <s>"),
        (lambda target: torch.cat([target[:, 1:], torch.full((len(target), 1), 2)], 1), "the wrong side"),
        (lambda target: target[:, :-1], "a word for each step"),
    ],
    ("08", "next_l"): [
        (lambda scores, right: right, "still given the right word"),
        (lambda scores, right: scores.max(1).values, "argmax"),
        (lambda scores, right: scores.argmax(), "one word for each sentence"),
        (lambda scores, right: (scores.argmax(1) + 1) % scores.size(1), "not right yet"),
    ],
    ("08", "bleu_m"): [
        (lambda bleu, written, right: bleu(right, written), "still stand where"),
        (lambda bleu, written, right: bleu(written, written), "is right"),
        (lambda bleu, written, right: bleu(written, right) / 100, "is right"),
        (lambda bleu, written, right: bleu, "is one number"),
    ],
}
ANSWERS = {"which_weights": "my_weights", "find_the_bugs": "my_verdict", "sides": "my_sides"}
ANSWERS |= {f"room_{n}": f"my_faults_{n}" for n in (1, 2, 3, 4)}
TABLE = pd.DataFrame({"length_min": [1, 8], "bleu": [90.0, 10.0]})
every_exercise = pytest.mark.parametrize(("lesson", "name"), WRONG)


@every_exercise
def test_solution_is_accepted_in_one_line_that_says_what_was_checked(lesson, name, capsys):
    verdict = getattr(CHECKS[lesson], name)(SOLVED[lesson][ANSWERS.get(name, name)])
    assert verdict.passed is True, verdict.message
    printed = capsys.readouterr().out
    assert printed.startswith("✓ ") and len(printed) > 20
    assert printed.count("\n") == 1 or name.startswith("room"), "a room has a line for each exhibit"


@every_exercise
def test_stub_is_not_attempted(lesson, name, capsys):
    verdict = getattr(CHECKS[lesson], name)(STUBS[lesson][ANSWERS.get(name, name)])
    assert verdict.passed is None and not verdict
    assert capsys.readouterr().out.startswith("… Not attempted yet.")


@pytest.mark.parametrize(
    ("lesson", "name", "answer", "message"), [(*key, *wrong) for key, wrongs in WRONG.items() for wrong in wrongs]
)
def test_wrong_answer_is_explained(lesson, name, answer, message, capsys):
    random.seed(0)
    verdict = getattr(CHECKS[lesson], name)(answer)
    assert verdict.passed is False and message in verdict.message, verdict.message
    assert capsys.readouterr().out.startswith("✗ ")


ODD = [
    "text",
    3,
    -1.5,
    float("nan"),
    [],
    [1, 2],
    {},
    (None, None),
    TABLE,
    TABLE["bleu"],
    torch.ones(2, 2),
    torch.zeros(0),
    torch.ones(3, dtype=torch.long),
    object(),
]


@every_exercise
def test_odd_results_are_refused_and_stop_nothing(lesson, name):
    check = getattr(CHECKS[lesson], name)
    verdicts = [(repr(odd), check(answer)) for odd in ODD for answer in (odd, lambda *_, odd=odd: odd)]
    assert [(odd, v) for odd, v in verdicts if v.passed is not False or len(v.message) <= 20] == []


def test_every_check_is_tested():
    checks = {
        (n, name)
        for n, module in CHECKS.items()
        for name, value in vars(module).items()
        if hasattr(value, "__wrapped__") and value.__module__ == module.__name__
    }
    assert {name for _, name in checks - set(WRONG)} == set(MEASURED)
    assert min(map(len, WRONG.values())) >= 4


MEASURED = {  # a prediction, its lesson, the measured values, and a good guess; then a bad guess, and nonsense
    "order_matters": ("01", (80.0, 30.0), 35, 80, "high"),
    "wrong_vector": ("02", (31.0,), 35, 80, "few"),
    "reversing": ("02", (), 25, 90, [3]),
    "early_or_late": ("03", (99.0, 97.0, 40.0), "like the oracle", "like shifted", "late"),
    "without_a_network": ("03", ([77.0, 92.0, 94.0],), 90, 20, 300),
    "breaking_point": ("03", ({0.0: 99.0, 0.5: 80.0, 1.0: 10.0},), 0.8, 0.2, 80),
    "effect": ("05", (0.03,), 0.1, 0.9, 7),
    "mean_distance": ("05", (0.31,), 0.35, 0.9, 2),
    "leak_by_row": ("06", (0.4, 0.0), 37, 30, -1),
    "seeds": ("06", ([30.0, 31.0, 32.0], [40.0, 41.0, 42.0], 0.05), "5 % or less", "more than 5 %", "yes"),
    "sharp_and_right": ("06", ([90.0, 80.0, 60.0],), 85, 50, -1),
    "beam_changes": ("06", (200, 100, 1000), 25, 90, 1000),
    "head_that_matters": ("07", ([0.1, 0.6], [50.0, 90.0], 95.0), "another one", "none", "the second"),
}


@pytest.mark.parametrize("name", MEASURED)
def test_prediction_is_held_against_the_measurement(name):
    lesson, measured, good, bad, nonsense = MEASURED[name]
    check = getattr(CHECKS[lesson], name)
    assert check(good, *measured).passed is True
    assert str(good) in check(good, *measured).message
    assert check(bad, *measured).passed is False
    assert check(good, *measured).message[-60:] == check(bad, *measured).message[-60:]  # everybody gets the explanation
    assert check(nonsense, *measured).passed is False and "You said" not in check(nonsense, *measured).message
    assert check(..., *measured).passed is None


@pytest.mark.parametrize(
    ("lesson", "name", "measured", "right"),
    [
        ("07", "head_that_matters", ([0.1, 0.6], [94.0, 93.0], 95.0), "none"),
        ("07", "head_that_matters", ([0.1, 0.6], [94.0, 73.0], 95.0), "the one that looks"),
        ("06", "seeds", ([30.0], [40.0], 0.5), "more than 5 %"),
        ("06", "seeds", ([30.0], [40.0], 0.5), "5 % or less"),
        ("06", "sharp_and_right", ([],), 50),
        ("06", "leak_by_row", (0.0, 0.0), 50),
    ],
)
def test_noise_decides_no_prediction(lesson, name, measured, right):
    assert getattr(CHECKS[lesson], name)(right, *measured).passed is True


@exercise("All right.")
def double(answer):
    x = torch.arange(6.0).reshape(2, 3)
    compare(feedback.tensor(call(answer, x), (2, 3), "as x"), 2 * x)


def line_with_an_error(x):
    return x @ x  # two shapes that do not fit


def changes_its_input(x):
    x *= 2
    return x


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (line_with_an_error, "`return x @ x  # two shapes that do not fit`, stopped with RuntimeError"),
        (line_with_an_error, "It was given x of shape (2, 3). Two shapes do not fit"),
        (lambda x: undefined, "NameError: name 'undefined' is not defined. "),  # noqa: F821
        (lambda x: not x, "write ~a"),
        (lambda: 1, "as many arguments as the stub did: 1"),
        (lambda x: print(end="") or None, "returned None"),
        (lambda x: [2, 4], "a list; a tensor is needed"),
        (lambda x: 2 * x.T, "shape (3, 2); (2, 3) is needed: as x"),
        (lambda x: x / 0 * 0, "nan"),
        (lambda x: 3 * x, "at [1, 2] yours is 15.000, 10.000 is right"),
        (7, "a function of your own is needed here, and this is 7"),
        (torch.relu, "a function of your own is needed"),  # it has no code that could be shown
    ],
)
def test_errors_are_explained(answer, message):
    assert message in double(answer).message and double(answer).passed is False


def test_what_is_left_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    assert double(changes_its_input)
    assert double(lambda x: 2 * x)._ipython_display_() is None  # printed once, not shown twice
    assert torch.equal(before, torch.get_rng_state())


def test_interrupt_is_no_mistake():
    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        double(interrupted)


def unfinished(x):
    y = x + x
    y = ...
    return y


def to_do(x):
    raise NotImplementedError("later")


@pytest.mark.parametrize("stub", [None, ..., lambda x: None, lambda x: ..., unfinished, to_do])
def test_other_stubs_are_not_attempted_either(stub):
    assert double(stub).passed is None


def test_random_links_cover_every_target_word():
    for pair in CHECKS["03"].random_pairs():
        assert {t for _, t, _ in pair.links} == set(range(len(pair.target)))


def test_checks_try_as_many_sentences_as_they_say():
    test = load_split("test")
    assert len(test[::10]) == 50 and len(test[::8]) + 3 == 66
