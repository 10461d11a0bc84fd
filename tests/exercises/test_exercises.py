"""The exercises, solutions and quizzes in the notebooks: all there, in one form, and nothing else depends on them."""

import ast
import importlib
import re
import symtable
from dataclasses import replace
from html.parser import HTMLParser

import nbformat
import pandas as pd
import pytest
import torch

from helpers import recipes
from helpers.corpus.pairs import load_split
from helpers.corpus.real import generated_as_real
from helpers.evaluation import score
from helpers.models import ModelConfig
from helpers.training import TrainingConfig, new_translator
from helpers.transformer import Transformer
from helpers.translation import translate
from helpers.two_places import DAYS, Question
from tools.course import NOTEBOOKS, read, solutions, sources
from tools.links import SETUP

SOLUTIONS = {path.stem: read(path).cells for path in solutions()}
LESSONS = {path.stem: read(path).cells for path in sources()}
HEADING = r"### Exercise (\d\.\d): (.+)\n\n\*(\d+) minutes(, [^*]*waiting)?, (easy|medium|harder)\.\* "
every_lesson = pytest.mark.parametrize("name", LESSONS)


def exercises(cells):
    """For each exercise the match of its heading, and its cells: up to the last check before the next heading."""
    starts = [i for i, cell in enumerate(cells) if cell.source.startswith("### Exercise")]
    for start in starts:
        end = next((i for i in range(start + 1, len(cells)) if cells[i].source.startswith("#")), len(cells))
        last = max(i for i in range(start, end) if "checks." in cells[i].source and cells[i].cell_type == "code")
        yield re.match(HEADING, cells[start].source), cells[start : last + 1]


@every_lesson
def test_exercise_has_minutes_level_two_hints_a_stub_and_a_check(name):
    in_lesson = list(exercises(LESSONS[name]))
    assert 3 <= len(in_lesson) <= 6
    for number, (heading, cells) in enumerate(in_lesson, 1):
        assert heading and heading[1] == f"{name[1]}.{number}", cells[0].source[:80]
        assert 2 <= int(heading[3]) <= 20
        assert re.findall("<summary>(.+?)</summary>", cells[0].source) == ["Hint 1", "Hint 2"]
        code = [cell.source for cell in cells if cell.cell_type == "code"]
        assert any(re.search(r"(^    |= |: )\.\.\.", cell, re.MULTILINE) for cell in code) and "checks." in code[-1]


@every_lesson
def test_check_says_which_exercise_it_belongs_to(name):
    checks = importlib.import_module(f"helpers.exercises.lesson_{name[:2]}")
    for heading, cells in exercises(LESSONS[name]):
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        used = re.findall(r"checks\.(\w+)", code)
        assert used
        for check in used:
            assert getattr(checks, check).__doc__.startswith(f"{heading[1]}: "), check


@every_lesson
def test_list_at_the_end_and_solutions_have_every_exercise(name):
    (end,) = [cell.source for cell in LESSONS[name] if "## Exercises\n" in cell.source]
    headings = [heading for heading, _ in exercises(LESSONS[name])]
    rows = [f"| {h[1]} | {h[2]} | {h[3]}{h[4] or ''} | {h[5]} |" for h in headings]
    assert re.findall(r"^\| \d.*", end, re.MULTILINE) == rows
    assert f"](solutions/{name}.ipynb)" in end
    solved = [m[1] for cell in SOLUTIONS[name] for m in re.finditer(r"^## (\d.+)", cell.source, re.MULTILINE)]
    assert solved == [f"{h[1]} {h[2][0].upper()}{h[2][1:]}" for h in headings]


def bound_and_needed(cell):
    """The names that a code cell binds, and those that it takes from cells before."""
    top = symtable.symtable(cell.source, "cell", "exec")
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    tables, needed = [top], set()
    for table in tables:  # grows while it is walked
        tables += table.get_children()
        needed |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and (table is top or s.is_global())}
    return bound, needed - bound


@every_lesson
def test_nothing_depends_on_an_exercise(name):
    cells = [cell for cell in LESSONS[name] if cell.cell_type == "code"]
    own = [cell for _, some in exercises(LESSONS[name]) for cell in some]
    from_exercises = set()
    for cell in cells:
        bound, needed = bound_and_needed(cell)
        if cell in own:
            from_exercises |= bound
        else:
            assert needed & from_exercises == set(), cell.source
            from_exercises -= bound


def run_exercises(name, given, answers=()):
    """Run a lesson's imports and then only its exercises' cells; `answers` take the place of the stubs."""
    space = dict(given)
    for cell in LESSONS[name]:
        if cell.cell_type == "code" and "prepare()" not in cell.source:
            imports = [node for node in ast.parse(cell.source).body if isinstance(node, ast.Import | ast.ImportFrom)]
            exec(compile(ast.Module(imports, []), name, "exec"), space)
    for _, cells in exercises(LESSONS[name]):
        for cell in cells:
            if cell.cell_type == "code":
                for node in ast.parse(cell.source).body:  # one by one, so that an answer is there before its check
                    exec(compile(ast.Module([node], []), name, "exec"), space)
                    space.update((key, answers[key]) for key in set(answers) & set(space))
    return space


@every_lesson
def test_run_all_goes_on_when_nothing_is_attempted(name, capsys):
    run_exercises(name, {})  # with no model and no sentences, nothing can be trained or translated
    said = capsys.readouterr().out
    assert said.count("… Not attempted") >= 4 and "✓" not in said and "✗" not in said


REAL = ["vanilla", "learned", "both ways", "vanilla, as many numbers"]


def small_world(number):
    """Few sentences and untrained models in place of what a lesson has at hand."""
    if number == 6:
        corpus = generated_as_real()
        references = corpus.references["test"][::10]
        corpus = replace(
            corpus,
            train=corpus.train[::30],
            valid=corpus.valid[::30],
            test=corpus.test[::10],
            references={"test": references},
        )
        return {
            "corpus": corpus,
            "everything": corpus.train + corpus.valid + corpus.test,
            "references": references,
            "models": {"both ways": new_translator(ModelConfig(), TrainingConfig(), corpus.train)},
            "silver": corpus.test,  # generated pairs have links
            "whole_set": pd.DataFrame([(m, 30.0 + n) for n, m in enumerate(3 * REAL)], columns=["model", "chrf"]),
            "compared": [("vanilla", "learned"), ("learned", "both ways")],
            "texts": {"both ways": references, "beam 5": references[::-1]},
        }
    small = {split: few(split) for split in ("train", "valid", "test")}
    if number == 1:
        new = [p for p in small["test"] if len(p.source) <= 10]
        texts = [" ".join(p.target) for p in new]
        return {"new": new, "model": None, "greedy": lambda model, words: ["the", "."], "found": score(texts, texts)}
    model = new_translator(ModelConfig("given" if number == 3 else "additive"), TrainingConfig(), small["train"])
    if number == 2:
        vanilla = new_translator(ModelConfig("none"), TrainingConfig(), small["train"])
        test = small["test"] + [p for p in load_split("test") if len(p.source) >= 24][:9]
        return {
            **small,
            "test": test,
            "vanilla": vanilla,
            "answers": translate(vanilla, test, max_length=9),
            "long": [i for i, p in enumerate(test) if len(p.source) >= 24],
            "next_word_right": lambda model, batch: torch.ones(4) > 0,
        }
    if number == 5:
        kal = [p for p in load_split("train") if p.source[0] == "कल" and p.target[0] in DAYS]
        one, other = (
            next(Question("कल first, short", p, 0, 0, (1,)) for p in kal if p.target[0] == day) for day in DAYS
        )
        return {**small, "models": {"learned": model, "both ways": model}, "example": one, "other": other}
    if number == 7:
        transformer = Transformer(model.source_vocab, model.target_vocab)
        return {
            "models": {"Transformer": transformer},
            "looks": torch.rand(2, 4),
            "right_days": lambda model: 90.0,
        }
    return {**small, "model": model}


def few(split):
    """About sixty sentences of a split, of all lengths."""
    pairs = load_split(split)
    return pairs[:: len(pairs) // 60]


@every_lesson
def test_what_follows_a_right_answer_runs(name, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("ATTENTION_COURSE_CACHE", str(tmp_path))
    monkeypatch.setattr(recipes, "load_split", few)  # for `fit_short`
    answers = {}
    for cell in SOLUTIONS[name]:
        if cell.cell_type == "code":
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef) or (
                    isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").startswith("my_")
                ):
                    exec(compile(ast.Module([node], []), name, "exec"), answers)
    run_exercises(name, small_world(int(name[1])), {stub: answers[stub] for stub in stubs(name)})
    said = capsys.readouterr().out
    assert said.count("✓") + said.count("✗ You said") >= 4 and "Not attempted" not in said, said


def stubs(name):
    """The functions and answers of a lesson's exercises that hold an … to be filled in."""
    for _, cells in exercises(LESSONS[name]):
        for cell in cells:
            for node in ast.parse(cell.source).body if cell.cell_type == "code" else []:
                if any(isinstance(part, ast.Constant) and part.value is ... for part in ast.walk(node)):
                    yield node.name if isinstance(node, ast.FunctionDef) else node.targets[0].id


class Quiz(HTMLParser):
    """The options of a question: whether each is right; raises if a tag is left open."""

    def __init__(self, text):
        super().__init__()
        self.open, self.options = [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-2:] == ["details", "p"] and data[0] in "✓✗":
            self.options.append(data[0] == "✓")


@every_lesson
def test_quiz_has_one_right_answer_to_each_question_and_explains_all(name):
    texts = [cell.source for cell in LESSONS[name] if re.match(r"\*\*\d\.\*\* ", cell.source)]
    assert 4 <= len(texts) <= 6
    places = set()
    for number, text in enumerate(texts, 1):
        options = Quiz(text).options
        question = text.split("\n\n")[0]
        assert question.startswith(f"**{number}.** ") and question.endswith(("?", "…")), question
        assert len(options) == text.count("<summary>") >= 3 and options.count(True) == 1
        places.add(options.index(True))
    assert len(places) > 1, "the right answer is always at the same place"


@pytest.mark.parametrize("name", SOLUTIONS)
def test_solutions_begin_alike_and_explain_each_exercise(name):
    cells = SOLUTIONS[name]
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    assert cells[0].source.startswith(f"# Solutions to lesson {name[1]}: ") and code[0] == SETUP
    for link in (f"/blob/main/notebooks/solutions/{name}.ipynb)", f"](../{name}.ipynb)"):
        assert link in cells[0].source
    text = "\n".join(cell.source for cell in cells)
    count = len(list(exercises(LESSONS[name])))
    assert text.count("**Why") == count == text.count("**Common wrong turns.**")


@pytest.mark.parametrize("name", SOLUTIONS)
def test_stored_solutions_pass_their_checks(name):
    cells = nbformat.read(NOTEBOOKS / "solutions" / f"{name}.ipynb", as_version=4).cells
    said = "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))
    calls = sum(len(re.findall(r"^checks\.(?!suspects|chrf)", cell.source, re.MULTILINE)) for cell in cells)
    assert said.count("✓") == calls >= 4 and "✗" not in said and "Not attempted" not in said


@pytest.mark.parametrize("name", LESSONS)
def test_sums_in_the_texts_are_right(name):
    for cell in LESSONS[name] + SOLUTIONS[name]:
        for left, right in re.findall(r"(?<![\w$])(\d[\d.]*(?:[·/+ ]+\d[\d.]*)+) = (\d+(?:\.\d+)?)", cell.source):
            assert eval(left.replace("·", "*")) == pytest.approx(float(right), abs=6e-4), f"{left} = {right}"


def test_there_is_a_solution_for_every_lesson():
    assert list(SOLUTIONS) == list(LESSONS)
    assert sorted(path.stem for path in (NOTEBOOKS / "solutions").glob("*.ipynb")) == list(LESSONS)
