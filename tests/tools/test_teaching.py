"""The teaching material and the glossary: minutes add up, links lead somewhere, every number is computed again here."""

import math
import re

import numpy as np
import pandas as pd
import pytest
import torch
from sacrebleu.metrics import BLEU
from support.lessons import taught

from experiments.tables import with_scores, with_times, write_tables
from helpers.attention import AdditiveAttention, Encoded
from helpers.corpus.pairs import Pair
from helpers.evaluation import alignment_error
from helpers.oracle import SoftAlignment, oracle_alpha, uniform_alpha
from tools.course import read, sources
from tools.links import ROOT

PAGES = {
    path.stem: path.read_text(encoding="utf-8")
    for folder in ("teaching", "docs")
    for path in sorted((ROOT / folder).glob("*.md"))
}
NUMBER = r"-?\d+(?:\.\d+)?"


def headings(source):
    """The headings of a notebook, each with the text below it."""
    text = "\n".join(cell.source for cell in read(source).cells if cell.cell_type == "markdown")
    parts = re.split(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


HEADINGS = {source.stem: headings(source) for source in sources()}


def tables(text, first):
    """The rows of cells of each Markdown table in the text whose heading row begins with `first`."""
    whole = re.findall(rf"^\| ?{first} \|.+\n(?:\|.+(?:\n|$))+", text, re.MULTILINE)
    lines = [[line for line in table.strip().split("\n") if not line.startswith("|---")] for table in whole]
    return [[[cell.strip() for cell in line[1:-1].split("|")] for line in table] for table in lines]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings(page):
    folder = ROOT / ("docs" if page in ("glossary", "diagnosis") else "teaching")
    links = re.findall(r"\]\((?!https:)([^\s)#]+)#?([^\s)]*)\)", PAGES[page])
    assert links or page == "exam_solutions"
    for file, anchor in links:
        path = (folder / file).resolve()
        assert path.exists() or path.stem in HEADINGS, file
        if anchor:
            assert anchor in {h.replace(" ", "-") for h in HEADINGS[path.stem]}, f"{file}#{anchor}"


# The guide

PLANS = [part.split("\n", 1) for part in PAGES["guide"].split("\n### ") if "\n| min |" in part]
PLANS = [(*re.match(r"(.+?) \((\d+) minutes", title).groups(), tables(text, "min")[0][1:]) for title, text in PLANS]
EXPERIMENTS = pd.read_csv(ROOT / "experiments" / "timings.csv", dtype={"lesson": str})


@pytest.mark.parametrize(("name", "minutes", "plan"), PLANS, ids=[name for name, *_ in PLANS])
def test_minutes_of_a_plan_add_up_and_its_trainings_fit(name, minutes, plan):
    seconds = dict(zip(EXPERIMENTS["experiment"], EXPERIMENTS["seconds"], strict=True))
    assert sum(int(row[0]) for row in plan) == int(minutes)
    for row in plan:
        assert any(stem.startswith(row[2]) for stem in HEADINGS), row
        trained = [experiment.strip() for experiment in row[3].split(",") if experiment.strip()]
        assert sum(seconds[experiment] for experiment in trained) <= 60 * int(row[0]), row


def test_there_are_the_plans_that_were_promised():
    assert [minutes for _, minutes, _ in PLANS] == ["90"] + ["50"] * 11 + ["90"]


def test_times_of_the_guide_are_those_that_were_measured():
    assert with_times(PAGES["guide"]) == PAGES["guide"], "run `python -m experiments.tables`"
    assert len(tables(PAGES["guide"], "lesson")[0]) == 1 + len(EXPERIMENTS)


def test_numbers_on_the_board_are_those_of_the_lessons():
    board = PAGES["guide"].split("## For the board")[1]
    by_hand = taught(
        "03",
        "h = torch.tensor([[1.0, 4.0], [3.0, 1.0], [5.0, 2.0]])  # h_1, h_2, h_3",
        "c_2 = 0.5 * h[0] + 0.3 * h[1] + 0.2 * h[2]",
    )
    state, weight = ([re.findall(NUMBER, cell) for cell in row[1:]] for row in tables(board, "")[0][1:])
    assert [[float(n) for n in cell] for cell in state[:3]] == by_hand.h.tolist()
    assert [float(cell[0]) for cell in weight[:3]] == pytest.approx(by_hand.alpha_2.tolist())
    assert [float(n) for n in weight[3]] == pytest.approx(by_hand.c_2.tolist(), abs=0.05)
    learned = taught(
        "04",
        "h = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])  # h_1, h_2, h_3",
        "alpha_t = e_t.exp() / e_t.exp().sum()",
    )
    inside = learned.h @ learned.U_att + learned.s_prev @ learned.W_att
    for j, row in enumerate(tables(board, "word")[0][1:]):
        written = [float(n) for cell in row for n in re.findall(NUMBER, cell)]
        right = [j + 1, *learned.h[j].tolist(), *inside[j].tolist(), learned.e_t[j].item(), learned.alpha_t[j].item()]
        assert written == pytest.approx(right, abs=0.0006)
    context = re.search(rf"c_t = \(({NUMBER}), ({NUMBER})\)", board).groups()
    assert [float(n) for n in context] == pytest.approx(learned.c_t.tolist(), abs=0.0006)


# The answers to the predictions


def test_every_prediction_of_the_lessons_has_its_answer():
    asked = {
        f"{stem}#{heading.replace(' ', '-')}"
        for stem, parts in HEADINGS.items()
        for heading, text in parts.items()
        if "**Predict.**" in text  # an exercise asks for its own in another way
    }
    answered = set(
        re.findall(r"^\*\*\[.+?\]\(\.\./notebooks/(\S+?)\):", PAGES["answer_key"].replace(".ipynb", ""), re.MULTILINE)
    )
    assert answered == asked


def test_every_prediction_of_an_exercise_has_its_answer():
    asked = {
        re.match(r"Exercise (\d\.\d)", heading)[1]
        for parts in HEADINGS.values()
        for heading, text in parts.items()
        if re.search(r"\*\*Predict\*\* (?:first|as well)", text)
    }
    assert asked <= set(re.findall(r"^\*\*(\d\.\d)\*\*", PAGES["answer_key"], re.MULTILINE))


def test_tables_of_the_answers_are_the_stored_results():
    assert with_scores(PAGES["answer_key"]) == PAGES["answer_key"], "run `python -m experiments.tables`"


def test_tables_of_both_pages_are_brought_up_to_date(tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.tables.TEACHING", tmp_path)
    written = {name: tmp_path / f"{name}.md" for name in ("guide", "answer_key")}
    for name, path in written.items():
        wrong = re.sub(r"^(\| (?:vanilla|01) \|.+\|) [\d /]+ \|$", r"\1 0 |", PAGES[name], flags=re.MULTILINE)
        assert wrong != PAGES[name]
        path.write_text(wrong, encoding="utf-8")
    write_tables()
    assert {name: path.read_text(encoding="utf-8") for name, path in written.items()}.items() <= PAGES.items()


# The exam


def parts(page):
    """The questions or solutions of a page by their number."""
    pieces = re.split(r"^\*\*(\d+)\.", PAGES[page], flags=re.MULTILINE)
    return {int(n): text for n, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def softmax(*scores):
    return torch.softmax(torch.tensor(scores, dtype=torch.float64), dim=0).tolist()


def entropy(*weights):
    return -sum(w * math.log(w) for w in weights if w)


def count(module):
    return sum(p.numel() for p in module.parameters())


def additive_by_hand():
    attention = AdditiveAttention(2, 2, 2)
    with torch.no_grad():
        attention.U_att.copy_(torch.eye(2))
        attention.W_att.copy_(torch.tensor([[0.0, -1.0], [0.0, 0.0]]))
        attention.V_att.copy_(torch.tensor([2.0, 1.0]))
        h = torch.eye(2).unsqueeze(0)
        encoded = Encoded(h, h[:, -1], torch.ones(1, 2, dtype=torch.bool), attention.keys(h))
        look = attention(torch.tensor([[1.0, 1.0]]), encoded)
    return [*look.e[0].tolist(), look.alpha[0, 0].item(), *look.c[0].tolist()]


def bleu_by_hand():
    right = "the farmer sold the mangoes yesterday ."
    bleu = BLEU(tokenize="none").corpus_score(["the farmer sold the mangoes ."], [[right]])
    return [*(p / 100 for p in bleu.precisions), bleu.bp, bleu.score]


def gradients():
    """∂L/∂e by autograd, for the two α of the question."""
    of_e = []
    for alpha in ((0.5, 0.3, 0.2), (1.0, 0.0, 0.0)):
        e = torch.tensor(alpha).log().requires_grad_()
        (torch.softmax(e, dim=0) @ torch.tensor([1.0, 0.0, 0.0])).backward()
        of_e += e.grad.tolist()
    return of_e


def alignment():
    links = ((0, 0, True), (2, 1, True), (3, 3, True), (2, 2, False))
    pair = Pair(tuple("abcd"), ("farmer", "sold", "mango", "tree"), links)
    errors = []
    for looked_at in ([0, 2, 1, 3, 4], [0, 2, 2, 3, 4]):
        alpha = torch.nn.functional.one_hot(torch.tensor(looked_at), 5).float()
        table = alignment_error([SoftAlignment.of(pair, alpha)], [pair])
        errors.append(table.set_index("word_class").loc["all"])
    return [3 * errors[0].recall, 4 * errors[0].precision, errors[0].aer, errors[1].aer]  # |A∩S|, |A∩P|


def one_step_at_a_time():
    h = 0.0
    return [h := math.tanh(0.5 * h + x) for x in (1, 0.5, -1)]


def cost():
    T, D, D_a, d = 30, 128, 64, 128
    keys, step = T * D * D_a, D * D_a + T * D_a + T * D
    return [keys, step, (keys + step) / step, T * T * d]


def without_the_padding():
    alone = torch.softmax(torch.tensor([[0.3, -1.2]]), dim=0)  # one sentence: the axis of the batch has one place
    return [0.6 / 0.9, 0.3 / 0.9, 0.9 + 0.2 + 1.0, 0.1 + 0.8 + 0.0, alone.max().item()]


RESULTS = {
    1: one_step_at_a_time,
    2: lambda: [-np.log([0.5, 0.25, 0.125]).mean(), math.log(390)],
    3: lambda: [0.9 * 0.8 + 0.1 * -0.4, 0.9**10, 0.5**10],
    4: lambda: [32 * math.log2(512), 128 * 32, 128 * 32 / (32 * math.log2(512))],
    5: bleu_by_hand,
    6: lambda: [100 * (1 - 15 / 60), 100 * (1 - 60 / 64)],
    8: lambda: (torch.tensor([0.1, 0.6, 0.3]) @ torch.tensor([[4.0, 0], [0, 2], [2, 6]])).tolist(),
    9: lambda: [torch.zeros(32, 7, 5).numel()],
    10: lambda: oracle_alpha(Pair(tuple("abcd"), ("x",), ((0, 0, True), (2, 0, False))))[0, :4].tolist(),
    11: lambda: uniform_alpha(Pair(tuple("abcdefg"), ("x",)))[0, :1].tolist(),
    12: lambda: [*softmax(0, 1, 2), *softmax(0, 2, 4)],
    13: lambda: [*softmax(2, 1, -math.inf)[:2], *softmax(2, 1, 3)[:2], sum(softmax(2, 1, 3)[:2])],
    14: additive_by_hand,
    15: lambda: [count(AdditiveAttention(128, 128, 64)), count(AdditiveAttention(256, 128, 64)), 0],
    16: gradients,
    17: alignment,
    18: lambda: [entropy(1, 0, 0, 0), entropy(0.5, 0.25, 0.25, 0), entropy(0.25, 0.25, 0.25, 0.25)],
    19: lambda: [0.6 * 0.5, 0.4 * 0.9, -2.0 / 4, -2.4 / 6],
    20: cost,
    21: without_the_padding,
}


def test_every_question_has_a_solution_that_gives_five_points():
    solutions = parts("exam_solutions")
    assert list(parts("exam")) == list(solutions) == list(range(1, 23))
    for number, text in solutions.items():
        assert sum(int(points) for points in re.findall(r"\[(\d)\]", text)) == 5, f"question {number}"


def test_every_result_of_the_exam_is_computed_here():
    assert set(RESULTS) == {n for n, text in parts("exam_solutions").items() if "**Result:**" in text}


@pytest.mark.parametrize("number", RESULTS)
def test_result_of_the_exam(number):
    written = re.findall(NUMBER, parts("exam_solutions")[number].split("**Result:**")[1].split("\n")[0])
    right = RESULTS[number]()
    assert len(written) == len(right)
    for text, value in zip(written, right, strict=True):
        digits = len(text.partition(".")[2])
        assert float(text) == pytest.approx(value, abs=0.51 * 10**-digits), f"question {number}: {text}, not {value}"


def test_questions_named_in_the_guide_and_in_the_exam_exist():
    named = " ".join(re.findall(r"\((\d+(?:, \d+)*)\)$", PAGES["guide"], re.MULTILINE))
    assert {int(n) for n in re.findall(r"\d+", named)} <= set(range(1, 23)) and named
    kinds = re.search(r"\*\*Recall and read\*\*.+", PAGES["exam"])[0]
    assert sorted(int(n) for n in re.findall(r"\d+", kinds)) == list(range(1, 23))


# The glossary

SYMBOLS = {
    "$h_j$": "`h`",
    "$s_{t-1}$": "`s_prev`",
    "$e_{jt}$": "`e_t`",
    r"$\alpha_{jt}$": "`alpha_t`, stacked `alpha`",
    "$c_t$": "`c_t`",
    "mask": "`src_mask`",
    **{f"${name}_{{att}}$": f"`{name}_att`" for name in "UWV"},
}


def test_glossary_has_every_symbol_and_no_line_without_a_link():
    symbols, terms = (tables(PAGES["glossary"], first)[0][1:] for first in ("symbol", "term"))
    assert dict(row[:2] for row in symbols).items() >= SYMBOLS.items()
    assert all(len(row) == 6 and ".ipynb#" in row[4] for row in symbols)
    assert all(len(row) == 4 and row[1] and ".ipynb#" in row[2] for row in terms)


def test_terms_are_in_alphabetical_order():
    terms = [row[0].lower() for row in tables(PAGES["glossary"], "term")[0][1:]]
    assert terms == sorted(set(terms)) and len(terms) > 40
