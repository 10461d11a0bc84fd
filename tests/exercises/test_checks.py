"""The exercises' checks: they accept the solutions, and say in words what is wrong with what learners write instead."""

import ast
import importlib
import random
from dataclasses import replace

import pandas as pd
import pytest
import torch

from helpers.corpus.pairs import load_split
from helpers.exercises import feedback
from helpers.exercises.feedback import call, compare, exercise
from helpers.oracle import oracle_alpha, shifted_alpha, uniform_alpha
from helpers.transformer import positions
from tools.course import read, solutions, sources

LESSONS = ["01", "02", "03", "04", "05", "06"]
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


def softmax_from(scores):
    """Without a thought for large scores."""
    return scores.exp() / scores.exp().sum(1, keepdim=True)


danda = "।"


def shuffled(words, seed):
    return random.Random(seed).sample(list(words), len(words))


def scores(s, h, U, W, V):
    return torch.tanh(h @ U + (s @ W).unsqueeze(1)) @ V


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


def kept(pair, answer, every=all, sure_only=True):
    written = {}
    for j, t, sure in pair.links:
        if sure or not sure_only:
            written.setdefault(j, []).append(pair.target[t] in answer)
    return {j: every(hits) for j, hits in written.items()}


def turned(pair, end):
    return replace(pair, source=pair.source[::-1], links=tuple((end(pair) - j, t, s) for j, t, s in pair.links))


def below_half(table, limit):
    rows = table[table["bleu"] < limit]
    return rows["length_min"].iloc[0] if len(rows) else inf


def first_only(alpha, h):
    for a, x in zip(alpha, h, strict=True):
        return a * x


def out_of_place(e, mask):
    e.masked_fill(~mask, -inf)
    return softmax(e, 1)


def heard(q, k, v, mask, scale=None, axis=1):
    e = q @ k.transpose(1, 2) / (scale or q.size(2) ** 0.5)
    return softmax(e.masked_fill(~mask.unsqueeze(axis), -inf), 2) @ v


def triangle(n, diagonal=0):
    return torch.ones(n, n, dtype=torch.bool).tril(diagonal)


def placed(x, first, count, d=None):
    return x + positions(first + count, d or x.size(2))[first:]


def spread(bleu):
    return max(bleu) - min(bleu)


def seen(train, side):
    return {getattr(pair, side) for pair in train}


def leak_of_both(train, test):
    return sum(p.source in seen(train, "source") and p.target in seen(train, "target") for p in test) / len(test)


def better(greedy, beam, references, as_better=0, as_worse=0):
    chrf = CHECKS["05"].chrf
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
    ("01", "gru_size"): [
        (lambda x, h: 3 * (h * h + h * x), "biases are missing"),
        (lambda x, h: 3 * (h * h + h * x + h), "two biases"),
        (lambda x, h: 4 * (h * h + h * x + 2 * h), "LSTM"),
        (lambda x, h: h * h + h * x + 2 * h, "one of three"),
        (lambda x, h: [3 * (h * h + h * x + 2 * h)], "the result is one number; this is a list"),
        (lambda x, h: 12, "for D_x = 4 and D_h = 3"),
    ],
    ("01", "softmax_at"): [
        (lambda s, T: softmax(s, 1), "temperature has no effect"),
        (lambda s, T: softmax(s * T, 1), "divide by it"),
        (lambda s, T: softmax(s, 1) / T, "not the probabilities"),
        (lambda s, T: (s / T).exp() / (s / T).exp().sum(1, keepdim=True), "too large for a computer"),
        (lambda s, T: softmax_from(s / T - (s / T).max()), "of each row away from that row"),
        (lambda s, T: softmax_from((s / T).clamp(max=60)), "of each row away from that row"),
        (lambda s, T: softmax(s / T, 0), "dim=1"),
        (lambda s, T: (s / T).exp() / (s / T).exp().sum(), "all rows together"),
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
    ("02", "half_length"): [
        (lambda t: below_half(t, t["bleu"].iloc[0] / 2), "first"),
        (lambda t: below_half(t, 50), "compares with 50"),
        (lambda t: t[t["bleu"] < t["bleu"].max() / 2]["length_min"].max(), "the last length below half"),
        (lambda t: t[t["bleu"] < t["bleu"].max() / 2]["length_min"].min(), "the answer is float('inf')"),
        (lambda t: t[t["bleu"] < t["bleu"].max() / 2]["length_max"].min(), "length_max"),
        (lambda t: t[t["bleu"] < t["bleu"].max() / 2]["length_min"].iloc[0], "IndexError"),
        (lambda t: t[t["bleu"] < t["bleu"].max() / 2]["length_min"], "one number; this is a Series"),
        (lambda t: below_half(t.head(3), t["bleu"].max() / 2), "is right"),
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
    ("03", "by_hand"): [
        ([2.0, 2.0], "plain average"),
        ([6, 6], "without their weights"),
        ([2.5 / 3, 2.5 / 3], "nothing is divided by 3"),
        (2.5, "as many numbers as each state"),
        ("2.5, 2.5", "brackets"),
    ],
    ("03", "weighted_average"): [
        (lambda a, h: h.mean(0), "plain average"),
        (lambda a, h: a @ h / len(a), "do not divide by 3"),
        (lambda a, h: h.sum(0), "without their weights"),
        (first_only, "inside the loop"),
        (lambda a, h: a[-1] * h[-1], "+="),
        (lambda a, h: a[0] * h[0] + a[1] * h[1] + a[2] * h[2], "IndexError"),
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
    ("04", "alignment_error_rate"): [
        (lambda a, links: 1 - rate(*links_of(a, links)), "1 minus it"),
        (lambda a, links: rate(*links_of(a, links, P_all=False)), "counts twice"),
        (lambda a, links: rate(*links_of(a, links), below=len(a) - 1 + len(links)), "not |P|"),
        (lambda a, links: rate(*links_of(torch.cat([a, a[-1:]]), links)), "the row of </s>"),
        (lambda a, links: share_outside(*links_of(a, links)[::2]), "this is 1 - precision"),  # of A, outside P
        (lambda a, links: share_outside(*links_of(a, links)[1::-1]), "this is 1 - recall"),  # of S, outside A
        (lambda a, links: rate(*links_of(a, links, dim=0)), "the heaviest *row*"),
        (lambda a, links: 0.0, "|A∩S|"),
        (lambda a, links: rate({(t, j) for j, t in links_of(a, links)[0]}, *links_of(a, links)[1:]), "the wrong way"),
        (lambda a, links: rate(*links_of(a[:, :-1], links)), "column of </s>"),
    ],
    ("04", "dot_product_scores"): [
        (lambda s, h: (h * s.unsqueeze(1)).sum(2), "scale"),
        (lambda s, h: (h * s.unsqueeze(1)).sum(2) / h.size(2), "square root"),
        (lambda s, h: (h * s.unsqueeze(1)).sum(2) / h.size(1) ** 0.5, "the number of words"),
        (lambda s, h: softmax((h * s.unsqueeze(1)).sum(2) / h.size(2) ** 0.5, 1), "weights already"),
        (lambda s, h: s @ h, "stopped with RuntimeError"),
        (lambda s, h: (h * s).sum(2) / h.size(2) ** 0.5, "another sentence's state"),
    ],
    ("05", "leak"): [
        (lambda train, test: 100 * SOLVED["05"]["leak"](train, test), "percentage"),
        (lambda train, test: len(test) * SOLVED["05"]["leak"](train, test), "divide by the number of test pairs"),
        (lambda train, test: len(test) / len(train) * SOLVED["05"]["leak"](train, test), "the training pairs"),
        (lambda train, test: sum(p.source in seen(train, "source") for p in test) / len(test), "only the source"),
        (lambda train, test: sum(p.target in seen(train, "target") for p in test) / len(test), "only the target"),
        (leak_of_both, "asks for both"),
        (lambda train, test: sum(p in train for p in test) / len(test), "whole pairs were compared"),
        (lambda train, test: 2 * SOLVED["05"]["leak"](train, test) - 5 / 6, "is right"),
    ],
    ("05", "luck"): [
        (lambda s: (-SOLVED["05"]["luck"](s)[0], SOLVED["05"]["luck"](s)[1]), "learned minus vanilla"),
        (lambda s: (max(s["learned"]) - max(s["vanilla"]), 1), "best seeds"),
        (lambda s: (s["learned"][0] - s["vanilla"][0], 1), "only the first seed"),
        (lambda s: (SOLVED["05"]["luck"](s)[0], min(map(spread, s.values()))), "smaller of the two"),
        (lambda s: (SOLVED["05"]["luck"](s)[0], spread(s["vanilla"] + s["learned"])), "both together"),
        (lambda s: SOLVED["05"]["luck"](s)[0], "two numbers"),
        (lambda s: SOLVED["05"]["luck"]({name: bleu[:3] for name, bleu in s.items()}), "is right"),
    ],
    ("05", "entropy"): [
        (lambda a: (a * a.log()).sum(1), "needs a minus"),
        (lambda a: -(a * a.log2()).sum(1), "nats"),
        (lambda a: -(a * a.log()).mean(1), "the mean of the terms"),
        (lambda a: -(a * a.log()).sum(0 if len(a) == len(a.T) else 1), "down the columns"),
        (lambda a: -(a * a.log()).sum(), "one entropy for each row"),
        (lambda a: -(a * a.log()).sum(1), "0 · ln 0"),
        (lambda a: -(a * a.log()).sum(0), "is needed"),
        (lambda a: -(a * a.clamp(min=1e-12).log()).sum(1)[:1], "one entropy for each row"),
    ],
    ("05", "better_and_worse"): [
        (lambda g, b, r: better(g, b, r)[::-1], "exchanged"),
        (lambda g, b, r: better(g, b, r, as_worse=1), "counted as worse"),
        (lambda g, b, r: better(g, b, r, as_better=1), "counted as better"),
        (lambda g, b, r: (better(g, b, r)[0] / len(r), better(g, b, r)[1] / len(r)), "shares"),
        (lambda g, b, r: tuple(100 * n / len(r) for n in better(g, b, r)), "percentages"),
        (lambda g, b, r: better(g, b, r)[0], "two whole numbers"),
        (lambda g, b, r: better(g[:1], b[:1], r[:1]), "is right"),
    ],
    ("06", "all_steps"): [
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
    ("06", "cut"): [
        (lambda x, n: x.reshape(x.size(0), n, x.size(1), -1), "*words* got mixed"),
        (lambda x, n: x.unflatten(2, (-1, n)).permute(0, 3, 1, 2), "dealt out"),
        (lambda x, n: x.unflatten(2, (n, -1)), "the heads before the words"),
        (lambda x, n: x.view(x.size(0), x.size(1), x.size(2) / n), "stopped with TypeError"),
        (lambda x, n: torch.stack(x.chunk(2, dim=2), 1), "(B, heads, T, d / heads)"),
    ],
    ("06", "join"): [
        (lambda c: c.reshape(c.size(0), c.size(2), -1), "*words* got mixed"),
        (lambda c: c.permute(0, 2, 3, 1).flatten(2), "shuffled like cards"),
        (lambda c: c.transpose(1, 2).view(c.size(0), c.size(2), -1), ".view cannot"),
        (lambda c: c.transpose(1, 2), "one vector for each word"),
        (lambda c: torch.cat([c[:, 0], c[:, 1]], dim=2), "is needed"),
    ],
    ("06", "causal_mask"): [
        (lambda n: triangle(n).T, "future and not the past"),
        (lambda n: ~triangle(n), "True means *may be seen*"),
        (lambda n: triangle(n, -1), "its own place"),
        (lambda n: triangle(n, n), "nothing is hidden"),
        (lambda n: torch.ones(n, n).tril(), ".bool() makes them"),
        (lambda n: triangle(4), "(1, 1) is needed"),
    ],
    ("06", "place_from"): [
        (lambda x, start: placed(x, 0, x.size(1)), "start has no effect"),
        (lambda x, start: placed(0 * x, start, x.size(1)), "add them to x"),
        (lambda x, start: placed(x, 0, x.size(1)) + start, "counts places"),
        (lambda x, start: placed(x, start + 1, x.size(1)), "one too far"),
        (lambda x, start: placed(x, start, start + x.size(1)), "stopped with RuntimeError"),
        (lambda x, start: placed(x, start, 3), "stopped with RuntimeError"),
    ],
}
ANSWERS = {"by_hand": "my_c", "find_the_bugs": "my_verdict"}
TABLE = pd.DataFrame({"length_min": [1, 8], "bleu": [90.0, 10.0]})
every_exercise = pytest.mark.parametrize(("lesson", "name"), WRONG)


@every_exercise
def test_solution_is_accepted_in_one_line_that_says_what_was_checked(lesson, name, capsys):
    verdict = getattr(CHECKS[lesson], name)(SOLVED[lesson][ANSWERS.get(name, name)])
    assert verdict.passed is True, verdict.message
    printed = capsys.readouterr().out
    assert printed.startswith("✓ ") and printed.count("\n") == 1 and len(printed) > 20


@every_exercise
def test_stub_is_not_attempted(lesson, name, capsys):
    verdict = getattr(CHECKS[lesson], name)(STUBS[lesson][ANSWERS.get(name, name)])
    assert verdict.passed is None and not verdict
    assert capsys.readouterr().out.startswith("… Not attempted yet.")


@pytest.mark.parametrize(
    ("lesson", "name", "answer", "message"), [(*key, *wrong) for key, wrongs in WRONG.items() for wrong in wrongs]
)
def test_wrong_answer_is_explained(lesson, name, answer, message, capsys):
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
    assert {name for _, name in checks - set(WRONG)} == {*MEASURED, "stranger"}
    assert min(map(len, WRONG.values())) >= 4


def table(accuracy, distances=(0, 5, 10)):
    return pd.DataFrame({"distance": distances, "accuracy": accuracy, "guess": 9.0, "sentences": 100})


TRAINED = table([90.0, 80.0, 70.0])
MEASURED = {  # a prediction, its lesson, the measured values, and a good guess; then a bad guess, and nonsense
    "order_matters": ("01", (80.0, 30.0), 35, 80, "high"),
    "reversing": ("02", (), 3, -20, [3]),
    "early_or_late": ("03", (99.0, 97.0, 40.0), "like the oracle", "like shifted", "late"),
    "breaking_point": ("03", ({0.0: 99.0, 0.5: 80.0, 1.0: 10.0},), 0.8, 0.2, 80),
    "additive_or_dot": ("04", ({"additive": 0.2, "dot product": 0.4},), "additive", "dot product", "both"),
    "leak_by_row": ("05", (0.4, 0.0), 35, 5, -1),
    "small_seeds": ("05", (4.0, 2.0), "larger", "about equal", "yes"),
    "beam_changes": ("05", (200, 100, 1000), 25, 90, 1000),
    "moving_start": ("06", ((80.0, 25.0), (65.0, 16.0), 3.0), "lower", "higher", "yes"),
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
        ("06", "moving_start", ((80.0, 27.0), (80.0, 27.5), 3.0), "about equal"),
        ("06", "moving_start", ((80.0, 27.0), (80.0, 31.0), 3.0), "higher"),
        ("05", "small_seeds", (1.4, 1.6), "about equal"),
        ("05", "small_seeds", (-0.5, 1.6), "smaller"),
        ("05", "leak_by_row", (0.0, 0.0), 50),
    ],
)
def test_noise_decides_no_prediction(lesson, name, measured, right):
    assert getattr(CHECKS[lesson], name)(right, *measured).passed is True


@pytest.mark.parametrize(
    ("answer", "guess", "passed", "message"),
    [
        (lambda: table([50.0, 40.0, 30.0]), 42, True, "You said 42"),
        (lambda: table([50.0, 40.0, 30.0]), ..., True, "40 % are read back from the stranger, 80 % from the trained"),
        (lambda: table([50.0, 40.0, 30.0]), 90, False, "commonest word would be right in 9 %"),
        (lambda: TRAINED, 42, False, "table of the trained model"),
        (lambda: table([50.0, 40.0, 30.0]).assign(sentences=90), 42, False, "other sentences"),
        (lambda: 40, 42, False, "the table that `probe` returns"),
        (lambda: table([50.0], (0,)), 42, False, "three distances"),
        (STUBS["02"]["probe_stranger"], 42, None, "Not attempted"),
    ],
)
def test_stranger_is_compared_with_the_trained_encoder(answer, guess, passed, message):
    verdict = CHECKS["02"].stranger(answer, guess, TRAINED)
    assert verdict.passed is passed and message in verdict.message


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
