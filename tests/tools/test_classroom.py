"""The students' edition has no solutions, and nbgrader gives points for right answers only, whatever is handed in."""

import ast
import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest

pytest.importorskip("nbgrader", reason="needs .venv/teaching: make test runs it there")

from nbgrader.api import Gradebook  # noqa: E402

from helpers.corpus.real import SOURCES  # noqa: E402
from helpers.exercises.feedback import Verdict, points  # noqa: E402
from tools import classroom  # noqa: E402
from tools.classroom import FOLDED_ANSWER, LESSONS, ROOT, quick, released  # noqa: E402
from tools.course import NOTEBOOKS, read, solutions, sources  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:Object of type")  # nbgrader's, see tools/classroom.py
SOLVED = {path.stem: [cell.source for cell in read(path).cells if cell.cell_type == "code"] for path in solutions()}
GIVEN = {"positions", "bleu_if_told", "with_same_budget"}  # functions of the lessons that the solutions repeat
FULL = dict(zip(LESSONS, (5, 5, 7, 10, 5, 8), strict=True))
ORACLE = LESSONS[2]
AVERAGE = "\ndef weighted_average(alpha_t, h):\n    return h.mean(0)"
LOOP = "def oracle_weights(links, T_x, T_y):\n    while True:\n        pass"
WARNS = """import warnings

def early(pair):
    warnings.warn("harmless")
    return oracle_alpha(pair).roll(-1, dims=0)"""


def answers(lesson):
    """The source of each function and each my_… in the solutions, and of the imports."""
    found, imports = {}, []
    for source in SOLVED[lesson][1:]:
        for node in ast.parse(source).body:
            name = getattr(node, "name", None) or getattr(getattr(node, "targets", [None])[0], "id", "")
            if isinstance(node, ast.FunctionDef) or name.startswith("my_"):
                found[name] = ast.get_source_segment(source, node)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                imports.append(ast.unparse(node))
    return found, "\n".join(imports)


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
    found = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")]
    return {cell.metadata.nbgrader.grade_id.split("-", 1)[1][:3].replace("-", "."): cell for cell in found}


def grade_cells(cells):
    return [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]


def solve(notebook, lesson):
    """Fill in the solutions; what they import comes in a cell of its own, as students do it."""
    found, imports = answers(lesson)
    for cell in answer_cells(notebook.cells).values():
        stub = [ast.unparse(node) for node in ast.parse(cell.source).body]
        cell.source = "\n\n".join(
            source
            for name, source in found.items()
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
    early = answers(ORACLE)[0]["early"]
    for lesson in LESSONS:
        hand_in(room, "right", lesson, lambda notebook, lesson=lesson: solve(notebook, lesson))
    hand_in(room, "nothing", ORACLE, lambda notebook: None)
    hand_in(room, "half", ORACLE, write(e31=LOOP, e32=f"my_c = [2.5, 2.5]\n{AVERAGE}", e33=early))
    hand_in(room, "warns", ORACLE, write(e31="def oracle_weights(", e33=WARNS, e34="import sys\nsys.exit()"))
    hand_in(room, "tampered", ORACLE, tampered)
    hand_in(room, "copied", ORACLE, copied)
    hand_in(room, "unmarked", ORACLE, unmarked)
    hand_in(room, "broken", ORACLE, lambda notebook: None).write_text("{")
    shutil.copy(room / "release" / ORACLE / f"{ORACLE}.ipynb", room / "submitted" / "right" / "03.ipynb")
    return room


@pytest.fixture(scope="module")
def graded(room):
    """The points by student and lesson, and what `make grade` printed."""
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as printed:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setattr(classroom, "SECONDS", 20)  # one of them loops for ever
        assert classroom.grade(room) == 1
    return pd.read_csv(room / "grades.csv").set_index(["student", "lesson"]), printed.getvalue()


# The students' edition


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_exercise_but_the_probe_gives_points(lesson):
    cells = released(NOTEBOOKS / "src" / f"{lesson}.py").cells
    exercises = [cell.source for cell in cells if cell.source.startswith("### Exercise")]
    assert len(answer_cells(cells)) == len(exercises)
    assert set(answer_cells(cells)) - {cell.id[-3:].replace("-", ".") for cell in grade_cells(cells)} <= {"2.2"}
    assert sum(cell.metadata.nbgrader.points for cell in grade_cells(cells)) == FULL[lesson]
    assert all(cell.metadata.nbgrader.locked for cell in grade_cells(cells))


def test_points_are_for_answers_and_not_for_predictions():
    lessons = [released(NOTEBOOKS / "src" / f"{lesson}.py").cells for lesson in LESSONS]
    text = "".join(cell.source for cells in lessons for cell in grade_cells(cells))
    assert set(re.findall(r"\bmy_\w+", text)) == {"my_c", "my_verdict"}


def test_nothing_attempted_goes_on_and_gives_nothing(capsys):
    space = {}
    for cell in released(NOTEBOOKS / "src" / f"{ORACLE}.py").cells:
        if cell.cell_type == "code" and "nbgrader" in cell.metadata:
            exec(cell.source.replace("\npoints(", "\ntotal = points("), space)
            assert space.get("total", 0) == 0
    assert capsys.readouterr().out.count("Not attempted") == 5


def test_points_are_the_share_of_right_verdicts():
    right, wrong, none = (Verdict(passed, "") for passed in (True, False, None))
    assert [points(2, right), points(2, right, wrong), points(3, none)] == [2, 1, 0]


def test_students_get_the_course_without_the_solutions(room):
    with zipfile.ZipFile(room / "attention-course-students.zip") as box:
        files = {name.split("/", 1)[1]: box.read(name).decode("utf-8", "ignore") for name in box.namelist()}
    lessons = [f"notebooks/{path.stem}.ipynb" for path in sources()]
    assert sorted(name for name in files if name.startswith("notebooks")) == lessons
    assert {"Makefile", "README.md", "helpers/bootstrap.py", "requirements.txt", "data/LICENSE"} <= set(files)
    assert not [name for name in files if re.match(r"(teaching|tests|tools|experiments)/|\.|.*pyc$", name)]
    for lesson in lessons:
        notebook = nbformat.reads(files[lesson], as_version=4)
        nbformat.validate(notebook)
        text = "\n".join(cell.source for cell in notebook.cells)
        assert not any(cell.get("outputs") for cell in notebook.cells)
        assert "olutions" not in text and "in Colab]" not in text and not FOLDED_ANSWER.search(text)
        code = flat(ast.parse("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")))
        assert [body for body in bodies(lesson[10:-6]) if body in code] == []
    links = [link for link in re.findall(r"\]\(([^)#]+)", files["README.md"]) if "://" not in link]
    assert len(links) > 5 and set(links) <= set(files)
    assert not re.search("git clone|solutions|make test|teachers", files["README.md"])
    assert re.findall(r"^[a-z]+(?=:)", files["Makefile"], re.MULTILINE) == ["help", "setup", "lab"]
    assert "tool.jupytext" not in files["pyproject.toml"] and tomllib.loads(files["pyproject.toml"])["project"]


def test_folded_answers_go_and_hints_and_quizzes_stay():
    hint = "<details><summary>Hint 1</summary>\n\nRoll the rows.\n\n</details>"
    quiz = "<details><summary>Both.</summary><p>✗ No.</p></details>"
    folded = "<details><summary>An answer</summary>\n\n42\n\n</details>\n\n"
    assert FOLDED_ANSWER.sub("", hint + "\n" + folded + quiz) == hint + "\n" + quiz


# Grading


@pytest.mark.parametrize("lesson", LESSONS)
def test_solutions_get_all_points(lesson, graded):
    assert list(graded[0].loc["right", lesson]) == [FULL[lesson]] * 2


@pytest.mark.parametrize(
    ("student", "expected"),
    [
        ("nothing", 0),
        ("half", 2.5),  # an endless loop costs its exercise only; one of two checks is half the points
        ("warns", 2),  # a warning costs nothing; a syntax error and an exit cost their exercises
        ("tampered", 0),
        ("copied", 7),
        ("unmarked", 5),
    ],
)
def test_points_of(student, expected, graded):
    assert graded[0].loc[(student, ORACLE), "points"] == expected


def test_what_cannot_be_graded_is_named(room, graded):
    assert graded[0].loc[("broken", ORACLE)].isna().all()
    assert re.search(rf"broken +{ORACLE} +not graded: .*JSON", graded[1])
    assert f"{room / 'submitted' / 'right' / '03.ipynb'} is not graded: it should be in" in graded[1]


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
    assert state() == before and before[0]["half", ORACLE] == 2.5


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
    (cache / SOURCES[0].file).write_bytes(b"PK")
    monkeypatch.setenv("ATTENTION_COURSE_CACHE", str(cache))
    monkeypatch.setattr(classroom, "subprocess", SimpleNamespace(run=download))
    classroom.pack("win_amd64", "3.12", tmp_path)
    monkeypatch.undo()
    assert [call[-3:] for call in calls] == [["-r", str(ROOT / "requirements.txt"), "pywinpty"]]
    with zipfile.ZipFile(tmp_path / "attention-course-room.zip") as box:
        box.extractall(tmp_path)
    course = tmp_path / "attention-course-room"
    assert (course / "wheels" / "torch-2-py3-none-any.whl").exists()
    assert "Python 3.12 on win_amd64" in (course / "READ_ME_FIRST.txt").read_text(encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "ATTENTION_COURSE_CACHE"}
    ask = "from helpers.corpus.cache import cache_folder; print(*(p.name for p in cache_folder().iterdir()))"
    found = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=course,
        env=environment | {"PYTHONPATH": str(course)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == SOURCES[0].file
