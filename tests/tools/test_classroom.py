"""The students' edition has no solutions, and nbgrader gives points for right answers only, whatever is handed in."""

import ast
import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest

pytest.importorskip("nbgrader", reason="needs .venv/teaching: make test runs it there")

from nbgrader.api import Gradebook

from helpers.corpus.real import SOURCE
from helpers.exercises.feedback import Verdict, points
from tools import classroom
from tools.classroom import LESSONS, ROOT, quick, released
from tools.course import NOTEBOOKS, read, solutions
from tools.links import SETUP

pytestmark = pytest.mark.filterwarnings("ignore:Object of type")  # nbgrader's, see tools/classroom.py
SOLVED = {path.stem: [cell.source for cell in read(path).cells if cell.cell_type == "code"] for path in solutions()}
GIVEN = {
    "positions",
    "bleu_if_told",
    "with_same_budget",
    "shown",
    "as_text",
    "right_days",
}  # functions of the lessons that the solutions repeat
FULL = dict(zip(LESSONS, (8, 11, 12, 9, 6, 6, 9, 12), strict=True))
ORACLE = LESSONS[2]
IMPORT = "from collections import Counter, defaultdict"
NOTHING = "def by_table(table, pair):\n    return []"
LOOP = "def oracle_weights(links, T_x, T_y):\n    while True:\n        pass"
WARNS = """import warnings

def early(pair):
    warnings.warn("harmless")
    return oracle_alpha(pair).roll(-1, dims=0)"""


def answers(lesson):
    """The source of each function and each my_… in the solutions, and of the imports."""
    written, imports = {}, []
    for source in SOLVED[lesson][1:]:
        for node in ast.parse(source).body:
            name = getattr(node, "name", None) or getattr(getattr(node, "targets", [None])[0], "id", "")
            if isinstance(node, ast.FunctionDef) or name.startswith("my_"):
                written[name] = ast.get_source_segment(source, node)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                imports.append(ast.unparse(node))
    return written, "\n".join(imports)


def bodies(lesson):
    """The bodies of the functions in the solutions, for the lessons that have exercises with checks."""
    for source in SOLVED.get(lesson, []):
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and node.name not in GIVEN:
                yield flat(node.body)


def flat(code):
    """Code without comments and indentation."""
    return "\n".join(line.strip() for line in ast.unparse(code).strip().split("\n"))


def answer_cells(cells):
    """The cells to be filled in, by their numbers."""
    marked = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")]
    return {cell.metadata.nbgrader.grade_id.removeprefix("answer-").replace("-", "."): cell for cell in marked}


def grade_cells(cells):
    return [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]


def solve(notebook, lesson):
    """Fill in the solutions; what they import comes in a cell of its own, as students do it."""
    written, imports = answers(lesson)
    for cell in answer_cells(notebook.cells).values():
        stub = [ast.unparse(node) for node in ast.parse(cell.source).body]
        cell.source = "\n\n".join(
            source
            for name, source in written.items()
            if any(line.startswith((f"def {name}(", f"{name} =")) for line in stub)
        )
    notebook.cells.insert(3, nbformat.v4.new_code_cell(imports))
    return notebook


def hand_in(room, student, lesson, change):
    path = room / "submitted" / student / lesson / f"{lesson}.ipynb"
    path.parent.mkdir(parents=True)
    notebook = nbformat.read(room / "release" / lesson / path.name, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)
    return path


def write(**sources):
    """A change of a notebook: these sources in place of the answers, such as e31 for exercise 3.1."""

    def change(notebook):
        for number, source in sources.items():
            answer_cells(notebook.cells)[f"{number[1]}.{number[2]}"].source = source

    return change


def tampered(notebook):
    for cell in grade_cells(notebook.cells):
        cell.source = "2"
    notebook.cells[0].source = "My notes"


def unmarked(notebook):
    """As an editor leaves it that knows nothing of nbgrader, with an answer twice and two cells gone."""
    solve(notebook, ORACLE)
    cells = answer_cells(notebook.cells)
    notebook.cells.append(nbformat.v4.new_code_cell(cells["3.1"].source))
    notebook.cells = [cell for cell in notebook.cells if cell not in [cells["3.4"], *grade_cells(notebook.cells)[:2]]]
    for cell in notebook.cells[::2]:
        cell.metadata.clear()


def copied(notebook):
    """Cells that were copied and pasted, with their marks."""
    solve(notebook, ORACLE)
    for cell in (answer_cells(notebook.cells)["3.1"], *grade_cells(notebook.cells)[:1]):
        notebook.cells.append(nbformat.from_dict({**cell, "id": f"copy-{cell.id}"}))


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A course folder in which students have handed in."""
    room = tmp_path_factory.mktemp("classroom")
    classroom.students(room)
    early, *counted = (answers(ORACLE)[0][name] for name in ("early", "shown", "count_words"))
    for lesson in LESSONS:
        hand_in(room, "right", lesson, lambda notebook, lesson=lesson: solve(notebook, lesson))
    hand_in(room, "nothing", ORACLE, lambda notebook: None)
    hand_in(room, "half", ORACLE, write(e31=LOOP, e35="\n\n".join([IMPORT, *counted, NOTHING]), e36=early))
    hand_in(room, "warns", ORACLE, write(e31="def oracle_weights(", e36=WARNS, e34="import sys\nsys.exit()"))
    hand_in(room, "tampered", ORACLE, tampered)
    hand_in(room, "copied", ORACLE, copied)
    hand_in(room, "unmarked", ORACLE, unmarked)
    hand_in(room, "broken", ORACLE, lambda notebook: None).write_text("{")
    shutil.copy(room / "release" / ORACLE / f"{ORACLE}.ipynb", room / "submitted" / "right" / "03.ipynb")
    return room


@pytest.fixture(scope="module")
def graded(room):
    """The points by student and lesson, and what `make grade` printed. (One answer loops for ever: it is stopped.)"""
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as printed:
        patch.setenv("PYTHONPATH", str(ROOT))
        assert classroom.grade(room) == 1
    return pd.read_csv(room / "grades.csv").set_index(["student", "lesson"]), printed.getvalue()


def test_the_command_answers(assert_it_answers):
    assert_it_answers("tools.classroom")


# The students' edition


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_exercise_gives_points(lesson):
    cells = released(NOTEBOOKS / "src" / f"{lesson}.py").cells
    exercises = [cell.source for cell in cells if cell.source.startswith("### Exercise")]
    assert len(answer_cells(cells)) == len(exercises)
    assert set(answer_cells(cells)) == {cell.id[-3:].replace("-", ".") for cell in grade_cells(cells)}
    assert sum(cell.metadata.nbgrader.points for cell in grade_cells(cells)) == FULL[lesson]
    assert all(cell.metadata.nbgrader.locked for cell in grade_cells(cells))


def test_points_are_for_answers_and_not_for_predictions():
    lessons = [released(NOTEBOOKS / "src" / f"{lesson}.py").cells for lesson in LESSONS]
    text = "".join(cell.source for cells in lessons for cell in grade_cells(cells))
    assert set(re.findall(r"\bmy_\w+", text)) == {
        "my_weights",
        "my_verdict",
        "my_sides",
        *(f"my_faults_{n}" for n in (1, 2, 3, 4)),
    }


def test_nothing_attempted_goes_on_and_gives_nothing(capsys):
    space = {}
    for cell in released(NOTEBOOKS / "src" / f"{ORACLE}.py").cells:
        if cell.cell_type == "code" and "nbgrader" in cell.metadata:
            exec(cell.source.replace("\npoints(", "\ntotal = points("), space)
            assert space.get("total", 0) == 0
    assert capsys.readouterr().out.count("Not attempted") == 7


def test_points_are_the_share_of_right_verdicts():
    right, wrong, none = (Verdict(passed, "") for passed in (True, False, None))
    assert [points(2, right), points(2, right, wrong), points(3, none)] == [2, 1, 0]


@pytest.fixture(scope="module")
def unpacked(room, tmp_path_factory):
    """The folder that students get."""
    folder = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(room / "attention-course-students.zip") as box:
        box.extractall(folder)
    return folder / "attention-course-students"


def test_students_get_the_course_and_nothing_else(unpacked):
    files = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert {name for name in files if name.startswith("notebooks")} == {f"notebooks/{name}.ipynb" for name in LESSONS}
    helpers = [path for path in (ROOT / "helpers").rglob("*") if path.suffix in (".py", ".html", ".css", ".js")]
    assert {path.relative_to(ROOT).as_posix() for path in helpers} == {n for n in files if n.startswith("helpers")}
    assert {name.split("/")[0] for name in files} == {
        *("LICENSE", "LICENSE-text", "Makefile", "README.md", "data", "docs", "environment.yml", "helpers"),
        *("notebooks", "pyproject.toml", "requirements.txt"),
    }
    readme = (unpacked / "README.md").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", readme) if "://" not in link]
    assert {f"notebooks/{name}.ipynb" for name in LESSONS} < set(links) <= files


def test_there_is_no_word_of_solutions_tests_or_teaching(unpacked):
    for name in ("Makefile", "README.md", "pyproject.toml", "environment.yml", "docs/glossary.md"):
        text = (unpacked / name).read_text(encoding="utf-8")
        words = re.findall(r"solution|\btests\b|make test|pytest|nbgrader|teach(?!er[ -]forc)|git clone", text)
        assert words == [], name
    for lesson in LESSONS:
        notebook = nbformat.read(unpacked / "notebooks" / f"{lesson}.ipynb", as_version=4)
        nbformat.validate(notebook)
        text = "\n".join(cell.source for cell in notebook.cells)
        assert not any(cell.get("outputs") for cell in notebook.cells)
        assert "olutions" not in text and "in Colab]" not in text
        assert "What we got" not in text
        code = flat(ast.parse("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")))
        assert [body for body in bodies(lesson) if body in code] == []


def test_students_set_up_as_everybody_does(unpacked):
    def steps(makefile):
        command = ["make", "--dry-run", "--file", makefile, "lab"]
        return subprocess.run(command, cwd=unpacked, capture_output=True, text=True, check=True).stdout

    assert "pip install -r requirements.txt" in steps("Makefile")
    assert steps("Makefile") == steps(ROOT / "Makefile"), "tools/students/Makefile is not in step with the course's own"
    listed = subprocess.run(["make"], cwd=unpacked, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"make (\w+)", listed) == ["help", "setup", "lab"]


def test_what_students_get_can_be_installed_and_used(unpacked, tmp_path):
    course, installed = shutil.copytree(unpacked, tmp_path / "course"), tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(installed), str(course)], check=True)
    for path in (course / "helpers").rglob("*.py"):
        assert (installed / path.relative_to(course)).exists()
    code = f"{SETUP}\nfrom helpers.exercises import lesson_07\nprint(lesson_07.__file__)"
    command = [sys.executable, "-P", "-c", code]
    printed = subprocess.run(command, cwd=course / "notebooks", capture_output=True, text=True, check=True).stdout
    assert Path(printed.strip()).is_relative_to(course)


def test_a_pack_for_another_system_has_its_pins():
    windows, mac, linux = (
        classroom.pins_for(*target)
        for target in (("win_amd64", "3.12"), ("macosx_14_0_arm64", "3.13"), ("manylinux_2_28_x86_64", "3.11"))
    )
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for only, pins in (("pywinpty", windows), ("appnope", mac), ("overrides", linux)):
        assert [name for name in ("pywinpty", "appnope", "overrides") for pin in pins if pin.startswith(name)] == [only]
        assert all(pin in lines and ";" not in pin for pin in pins) and any(pin.startswith("torch==") for pin in pins)
    with pytest.raises(ValueError, match="no system 'beos': pip names them"):
        classroom.pins_for("beos", "3.12")


# Grading


@pytest.mark.parametrize("lesson", LESSONS)
def test_solutions_get_all_points(lesson, graded):
    assert list(graded[0].loc["right", lesson]) == [FULL[lesson]] * 2


@pytest.mark.parametrize(
    ("student", "expected"),
    [
        ("nothing", 0),
        ("half", 3.5),  # an endless loop costs its exercise only; one of two checks is half the points
        ("warns", 2),  # a warning costs nothing; a syntax error and an exit cost their exercises
        ("tampered", 0),
        ("copied", 12),
        ("unmarked", 10),
    ],
)
def test_points_of(student, expected, graded):
    assert graded[0].loc[(student, ORACLE), "points"] == expected


def test_what_cannot_be_graded_is_named(room, graded):
    assert graded[0].loc[("broken", ORACLE)].isna().all()
    assert re.search(rf"broken +{ORACLE} +not graded: .*JSON", graded[1])
    assert f"{room / 'submitted' / 'right' / '03.ipynb'} is not graded: it should be a notebook" in graded[1]


def test_feedback_shows_what_was_written_and_what_the_checks_said(room, graded):
    page = (room / "feedback" / "warns" / ORACLE / f"{ORACLE}.html").read_text(encoding="utf-8")
    assert "harmless" in page and "Each row is the oracle" in page and "SyntaxError" in page


def test_building_again_leaves_what_was_handed_in_and_the_grades(room, graded):
    def state():
        with Gradebook(f"sqlite:///{room / 'gradebook.db'}") as book:
            scores = {(s.student.id, s.assignment.name): s.score for a in book.assignments for s in a.submissions}
        return scores, {
            path: path.read_bytes()
            for folder in ("submitted", "autograded", "feedback")
            for path in (room / folder).rglob("*")
            if path.is_file()
        }

    before = state()
    classroom.students(room)
    assert state() == before and before[0]["half", ORACLE] == 3.5


def test_an_empty_folder_gets_an_example(tmp_path, capsys):
    assert classroom.grade(tmp_path) == 1
    assert f"asha/{ORACLE}/{ORACLE}.ipynb" in capsys.readouterr().out.replace("\\", "/")


def test_only_what_takes_no_time_is_run_of_other_cells():
    source = "import math\nEPS = 1e-9\nmodel = train(EPS)\nwhile model():\n    pass\ndef f(x):\n    return x\nf(1)"
    assert quick(source) == "import math\nEPS = 1e-09\ndef f(x):\n    return x"
    assert quick("%%time\nimport math") == ""


# The pack


def test_pack_has_the_packages_and_the_real_sentences_where_the_course_finds_them(tmp_path, monkeypatch):
    cache, calls = tmp_path / "cache", []

    def download(command, **_):  # in place of pip, which would fetch 400 MB
        calls.append(command)
        (Path(command[command.index("--dest") + 1]) / "torch-2-py3-none-any.whl").touch()

    cache.mkdir()
    (cache / SOURCE.file).write_bytes(b"PK")
    monkeypatch.setenv("ATTENTION_COURSE_CACHE", str(cache))
    monkeypatch.setattr(classroom, "subprocess", SimpleNamespace(run=download))
    classroom.pack("win_amd64", "3.12", tmp_path)
    monkeypatch.undo()
    (call,) = calls
    pins = classroom.pins_for("win_amd64", "3.12")
    assert call[-len(pins) :] == pins and "--no-deps" in call
    with zipfile.ZipFile(tmp_path / "attention-course-room.zip") as box:
        box.extractall(tmp_path)
    course = tmp_path / "attention-course-room"
    assert (course / "wheels" / "torch-2-py3-none-any.whl").exists()
    assert "Python 3.12 on win_amd64" in (course / "READ_ME_FIRST.txt").read_text(encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "ATTENTION_COURSE_CACHE"}
    ask = "from helpers.corpus.cache import cache_folder; print(*(p.name for p in cache_folder().iterdir()))"
    there = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=course,
        env=environment | {"PYTHONPATH": str(course)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == SOURCE.file
