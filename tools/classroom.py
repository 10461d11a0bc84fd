"""A students' edition without solutions, its grading with nbgrader, and a pack for a room without internet.

python -m tools.classroom students               build classroom/, a course of nbgrader, and a zip to hand out
python -m tools.classroom grade                  grade classroom/submitted/<student>/<lesson>/<lesson>.ipynb
python -m tools.classroom pack                   zip the course and its packages for a system like this one
python -m tools.classroom pack win_amd64 3.12    ... for another system and its version of Python
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from string import Template
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import nbformat
import pandas as pd
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    ComputeChecksums,
    DeduplicateIds,
    Execute,
    IgnorePattern,
    LimitOutput,
    LockCells,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
    SaveCells,
)
from nbgrader.utils import capture_log, is_grade, is_solution
from packaging.requirements import Requirement
from traitlets.config import Config

from helpers.corpus.cache import cache_folder
from helpers.corpus.real import CREDIT, SOURCE
from tools import ROOT
from tools.course import KERNEL, read, sources
from tools.links import PROJECT

warnings.filterwarnings("ignore", module="nbgrader")  # of SQLAlchemy, about what nbgrader does in good order
FOLDER = ROOT / "classroom"
LESSONS = [source.stem for source in sources()]
POINTS = {"easy": 1, "medium": 2, "harder": 3}
PACKED = (".zip", ".7z", ".rar", ".gz", ".tar")
SECONDS = 30  # an answer that takes longer hangs
EXERCISE = re.compile(r"### Exercise (\d)\.(\d): .+?, (easy|medium|harder)\.\*", re.DOTALL)
STUB, CHECK = re.compile(r"(^    |= |: )\.\.\.", re.MULTILINE), re.compile(r"\bchecks\.\w+\(\w")
BADGE = re.compile(r"\[!\[Open.*?in Colab\]\(\S+\)\]\(\S+\)\s*")  # leads to the notebook with its outputs
TO_SOLUTIONS = re.compile(r"( [^.?]+\?)? \[The solutions\]\(.+?\) explain the way\.")
WHAT_WE_GOT = re.compile(r"<details><summary>What we got</summary>.*?</details>\s*", re.DOTALL)
COMMON = (
    "LICENSE",
    "LICENSE-text",
    "data",
    "docs/glossary.md",
    "docs/diagnosis.md",
    "environment.yml",
    "helpers",
    "requirements.txt",
)
OWN = ROOT / "tools" / "students"  # what the edition has in place of the course's own README.md, Makefile, …
MARKERS = {  # what a pin's marker asks of a system, by the first letters of its name
    "win": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
    "mac": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    "lin": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "man": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},  # manylinux
}
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
CONFIG = f"""# Written by `make students`: with it nbgrader's own commands work in this folder.
import sys

sys.path.insert(0, {str(ROOT)!r})
from tools.classroom import settings

get_config().merge(settings(__file__.rpartition("nbgrader_config.py")[0] or "."))
"""


def released(source: Path) -> NotebookNode:
    """A lesson as students get it: no outputs, no way to the solutions, the exercises marked for nbgrader."""
    notebook = read(source)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    sections: list[list[NotebookNode]] = [[]]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = TO_SOLUTIONS.sub("", BADGE.sub("", WHAT_WE_GOT.sub("", cell.source)))
            if cell.source.startswith("#"):
                sections.append([])
        elif "prepare()" in cell.source:
            mark(cell, "set-up", locked=True)
        sections[-1].append(cell)
    for cells in sections[1:]:
        if (heading := EXERCISE.match(cells[0].source)) and any(CHECK.search(cell.source) for cell in cells):
            mark_exercise(cells, *heading.groups())
    notebook.cells = [cell for cells in sections for cell in cells if cell.source]
    return notebook


def mark(cell: NotebookNode, name: str, **marks) -> None:
    """Write what nbgrader is to know about a cell into it."""
    nothing = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    cell.metadata.nbgrader = nbformat.from_dict({**nothing, "grade_id": name, **marks})


def mark_exercise(cells: list[NotebookNode], lesson: str, number: str, level: str) -> None:
    """Mark the cell with the stub as the answer, and put a cell that gives points after the last check.

    It repeats the checks that need the answer only. A prediction gets no points: it counts for having been made.
    """
    (answer,) = (cell for cell in cells if cell.cell_type == "code" and STUB.search(cell.source))
    mark(answer, f"answer-{lesson}-{number}", solution=True)
    names = {
        node.name if isinstance(node, ast.FunctionDef) else node.id
        for node in ast.walk(ast.parse(answer.source))
        if isinstance(node, ast.FunctionDef) or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    }
    predictions = {name for name in names if name.startswith("my_") and "**Predict" in cells[0].source}
    checks = [cell for cell in cells if cell.cell_type == "code" and CHECK.search(cell.source)]
    graded = []
    for part in ast.walk(ast.parse("\n".join(cell.source for cell in checks))):
        if isinstance(part, ast.Call) and CHECK.match(call := ast.unparse(part)):
            needed = {ast.unparse(argument) for argument in part.args}
            graded += [call] if needed <= names and needed - predictions else []
    if graded:
        points = new_code_cell(
            f"# Points for exercise {lesson}.{number}: please leave this cell as it is.\n"
            f"from helpers.exercises import lesson_0{lesson} as checks\n"
            "from helpers.exercises.feedback import points\n\n"
            f"points({POINTS[level]}, {', '.join(graded)})",
            id=f"points-{lesson}-{number}",
        )
        mark(points, points.id, grade=True, locked=True, points=POINTS[level])
        cells.insert(cells.index(checks[-1]) + 1, points)


class Restore(OverwriteCells):
    """Puts locked cells back as they were released; those with points that are gone come last, after all answers."""

    def preprocess(self, notebook, resources):
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader") == {}:  # of a cell that is there twice: the last one counts
                del cell.metadata["nbgrader"]
        return super().preprocess(notebook, resources)

    def add_missing_grade_cells(self, notebook, resources):
        there = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
        original = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        points = {cell.name: cell.max_score for cell in original.grade_cells if cell.name not in there}
        notebook.cells += [
            new_code_cell(**self.missing_cell_transform(cell, points[cell.name]))
            for cell in original.source_cells
            if cell.name in points
        ]
        return notebook, resources


class ExecuteAnswers(Execute):
    """Runs the marked cells, and of the others only what takes no time: no model is trained."""

    def preprocess_cell(self, cell, resources, index):
        written = cell.source
        try:
            if cell.cell_type == "code" and "nbgrader" not in cell.metadata:
                cell.source = quick(written)
            return super().preprocess_cell(cell, resources, index)
        finally:
            cell.source = written


def quick(source: str) -> str:
    """The imports, definitions and constants of a cell; nothing if it is not Python."""
    try:
        nodes = ast.parse(source).body
    except SyntaxError:
        return ""
    wanted = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef
    return "\n".join(
        ast.unparse(node)
        for node in nodes
        if isinstance(node, wanted)
        or (isinstance(node, ast.Assign) and not any(isinstance(part, ast.Name) for part in ast.walk(node.value)))
    )


def settings(folder: str | Path) -> Config:
    """What nbgrader is to know about a course folder."""
    config = Config()
    config.CourseDirectory.root = str(Path(folder).resolve())
    # The stubs are there already: no solutions to clear.
    config.GenerateAssignment.preprocessors = [LockCells, ClearOutput, CheckCellMetadata, ComputeChecksums, SaveCells]
    config.OverwriteCells.add_missing_cells = True
    config.Autograde.sanitize_preprocessors = [
        ClearOutput,
        DeduplicateIds,
        OverwriteKernelspec,
        Restore,
        CheckCellMetadata,
    ]
    config.Autograde.autograde_preprocessors = [
        ExecuteAnswers,
        IgnorePattern,
        LimitOutput,
        SaveAutoGrades,
        CheckCellMetadata,
    ]
    config.Execute.timeout_func = lambda cell: SECONDS if is_grade(cell) or is_solution(cell) else 10 * SECONDS
    config.Execute.iopub_timeout, config.Execute.extra_arguments = SECONDS, ["--log-level=ERROR"]
    config.IgnorePattern.enabled, config.IgnorePattern.pattern = True, "."  # a warning would cost all points
    return config


def run(converter: type, folder: Path, lesson: str, student: str = "*") -> None:
    """One of nbgrader's steps.

    Raises:
        RuntimeError: it failed; the message says why in one line.
    """
    if (commands := str(Path(sys.executable).parent)) not in os.environ["PATH"]:  # nbgrader calls alembic
        os.environ["PATH"] = commands + os.pathsep + os.environ["PATH"]
    config = settings(folder)
    step = converter(coursedir=CourseDirectory(config=config, assignment_id=lesson, student_id=student), config=config)
    step.force, step.log.propagate = True, False
    result = capture_log(step)
    if not result["success"]:
        log = result.get("log", "") + result["error"]
        raise RuntimeError(re.findall(r"^ *([\w.]*(?:Error|Exception): .+)", log, re.MULTILINE)[0])


def edition(folder: Path) -> dict[str, Path | str]:
    """Build the course folder. What was handed in, and the grades, stay as they are.

    Returns:
        the files of the students' edition: path -> where its content lies, or the content.
    Raises:
        RuntimeError: nbgrader refuses, as when an exercise came or went after its lesson was handed in.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    common = [path for name in COMMON for path in [ROOT / name, *sorted((ROOT / name).rglob("[!.]*"))]]
    files: dict[str, Path | str] = {
        path.relative_to(ROOT).as_posix(): path for path in common if path.is_file() and path.suffix != ".pyc"
    }
    files["Makefile"] = OWN / "Makefile"
    files["README.md"] = filled("README.md", lessons="\n".join(map(listed, sources())))
    files["pyproject.toml"] = project_file()
    for source in sources():
        path = folder / "source" / source.stem / f"{source.stem}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(released(source), path)
        run(GenerateAssignment, folder, source.stem)
        files[f"notebooks/{path.name}"] = folder / "release" / source.stem / path.name
    return files


def project_file() -> str:
    """The edition's pyproject.toml: what pip installs, and what the set-up cells look for."""
    project = {key: PROJECT["project"][key] for key in ("name", "version", "requires-python", "dependencies")}
    tables = {
        "build-system": PROJECT["build-system"],
        "project": project,
        "tool.setuptools": {"packages": PROJECT["tool"]["setuptools"]["packages"]},
    }
    return "\n".join(  # texts and lists of texts are the same in JSON and in TOML
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        for name, table in tables.items()
    )


def filled(name: str, **values: str) -> str:
    """One of the edition's own files, its $names replaced by these values."""
    return Template((OWN / name).read_text(encoding="utf-8")).substitute(values)


def listed(source: Path) -> str:
    """A lesson in the edition's list of them."""
    question = read(source).cells[0].source.split("\n")[0].removeprefix("# ")
    return f"- [{source.stem[:2]}](notebooks/{source.stem}.ipynb) {question}"


def write_zip(path: Path, files: dict[str, Path | str]) -> None:
    """A zip of these files, in one folder with the zip's name; it is there whole, or not at all."""
    part = path.with_suffix(".part")
    with ZipFile(part, "w", ZIP_DEFLATED) as box:
        for name, content in files.items():
            if isinstance(content, Path):
                box.write(content, f"{path.stem}/{name}", ZIP_STORED if name.endswith((".whl", ".zip")) else None)
            else:
                box.writestr(f"{path.stem}/{name}", content)
    part.replace(path)
    print(f"{path}: {len(files)} files, {path.stat().st_size / 1e6:.0f} MB")


def students(folder: Path = FOLDER) -> None:
    """Build the course folder and the zip that students get."""
    write_zip(folder / "attention-course-students.zip", edition(folder))


def grade(folder: Path = FOLDER) -> int:
    """Grade all that was handed in, and write grades.csv; 1 if something could not be graded."""
    submitted = folder / "submitted"
    notebooks = {path for path in submitted.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts}
    in_place = {path for lesson in LESSONS for path in submitted.glob(f"*/{lesson}/{lesson}.ipynb")}
    example = f"such as {submitted / 'asha' / LESSONS[2] / LESSONS[2]}.ipynb"
    packed = {path for path in submitted.rglob("*") if path.suffix.lower() in PACKED or path.suffix == ".IPYNB"}
    for path in sorted(notebooks - in_place | packed):
        print(f"{path} is not graded: it should be a notebook in the folder of its student and lesson, {example}")
    if not in_place or not (folder / "gradebook.db").exists():
        print(f"Nothing to grade. First `make students`; then put in place what was handed in, {example}")
        return 1
    grades = pd.DataFrame([graded(path, folder) for path in sorted(in_place)])
    grades.to_csv(folder / "grades.csv", index=False)
    print(f"{folder / 'grades.csv'} has the points, {folder / 'feedback'} a page for each notebook")
    return int(notebooks != in_place or bool(packed) or grades["points"].isna().any())


def graded(path: Path, folder: Path) -> dict[str, str | float | None]:
    """Grade a notebook, say what it got, and return that as a row of grades.csv."""
    student, lesson = path.parts[-3:-1]
    grades: dict[str, str | float | None] = {"student": student, "lesson": lesson, "points": None, "of": None}
    start = time.perf_counter()
    print(f"{student:24} {lesson:24} ", end="", flush=True)
    try:
        nbformat.read(path, as_version=4)
        for converter in (Autograde, GenerateFeedback):
            run(converter, folder, lesson, student)
        with Gradebook(f"sqlite:///{folder.resolve() / 'gradebook.db'}") as book:
            submission = book.find_submission(lesson, student)
            grades |= {"points": submission.score, "of": submission.max_score}
        print(f"{submission.score:5g} of {submission.max_score:<3g} {time.perf_counter() - start:4.0f} s", flush=True)
    except Exception as error:  # whatever is wrong with one notebook, the others are graded
        reason = str(error).strip().splitlines()[0][:200]
        if "KeyError" in reason:
            reason = "the marks in its cells were changed; copy the answers into the notebook as it was handed out"
        print(f"  not graded: {reason}", flush=True)
    return grades


def pins_for(system: str, python: str) -> list[str]:
    """The pins that a system needs. pip would evaluate their markers for this one, whatever --platform says.

    Raises:
        ValueError: an unknown system.
    """
    if system[:3] not in MARKERS:
        raise ValueError(f"no system {system!r}: pip names them win_amd64, macosx_14_0_arm64 or manylinux_2_28_x86_64")
    target = {**MARKERS[system[:3]], "python_version": python, "python_full_version": f"{python}.0"}
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    return [f"{pin.name}{pin.specifier}" for pin in pins if pin.marker is None or pin.marker.evaluate(target)]


def pack(system: str = "", python: str = PYTHON, folder: Path = FOLDER) -> None:
    """Zip the students' edition with all packages, the slides and, if they are in the cache, the real sentences.

    Args:
        system, python: a platform as pip names it, such as win_amd64, and its Python, such as 3.12; else this one.
    """
    files = edition(folder)
    platform = system or sys.platform
    files["READ_ME_FIRST.txt"] = filled("READ_ME_FIRST.txt", python=python, system=platform, credit=CREDIT)
    files |= {f"slides/{path.name}": path for path in (ROOT / "build" / "slides").glob("*.html")}
    if (sentences := cache_folder() / SOURCE.file).exists():
        files[f".cache/{SOURCE.file}"] = sentences
    with tempfile.TemporaryDirectory() as wheels:
        pip, requirements = [sys.executable, "-m", "pip", "download", "--only-binary=:all:"], ROOT / "requirements.txt"
        pip += ["--dest", wheels, "--find-links", wheels]
        wanted = ["-r", str(requirements)]
        if system:  # pip would take what torch needs on *this* system; requirements.txt has the rest in full
            pip += ["--no-deps", "--platform", system, "--python-version", python]
            wanted = pins_for(system, python)
        if "linux" in platform and not shutil.which("nvidia-smi"):  # as in the Makefile
            lines = requirements.read_text(encoding="utf-8").splitlines()
            (torch,) = [line for line in lines if line.startswith("torch==")]
            subprocess.run([*pip, "--no-deps", "--retries", "0", "--timeout", "15", "--index-url", CPU_BUILDS, torch])
        subprocess.run([*pip, *wanted], check=True)
        files |= {f"wheels/{path.name}": path for path in Path(wheels).iterdir()}
        write_zip(folder / "attention-course-room.zip", files)


def main() -> int | None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    commands.add_parser("students").set_defaults(command=students)
    commands.add_parser("grade").set_defaults(command=grade)
    packing = commands.add_parser("pack")
    packing.set_defaults(command=pack)
    packing.add_argument("system", nargs="?", default="", help="a platform as pip names it, such as win_amd64")
    packing.add_argument("python", nargs="?", default=PYTHON, help="its version of Python, such as 3.12")
    options = vars(parser.parse_args())
    return options.pop("command")(**options)


if __name__ == "__main__":
    sys.exit(main())
