"""The notebooks run from their sources, and the stored ones are what their sources say."""

import re
from pathlib import Path

import nbformat
import pytest

from tools import ROOT
from tools.course import NOTEBOOKS, WIDGET, build, read, sources
from tools.links import SETUP

NAMES = [
    "01_encoder_decoder",
    "02_long_sentences",
    "03_oracle_attention",
    "04_learned_attention",
    "05_both_ways",
    "06_real_sentences",
    "07_to_the_transformer",
    "08_broken_attention",
]
SOLUTIONS = [f"solutions/{name}" for name in NAMES]  # run after the lessons, with their models in the cache
REAL_SENTENCES = ROOT.parent / "shared" / "data" / "tatoeba-hin-eng" / "tatoeba.en-hi.tsv"
ONE_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
every_notebook = pytest.mark.parametrize("name", NAMES)
with_solutions = pytest.mark.parametrize("name", NAMES + SOLUTIONS)


def problems_of(cell) -> list[str]:
    """What is wrong with a code cell and its outputs."""
    messages = ["more than 30 lines"] if cell.source.count("\n") >= 30 else []
    for output in cell.outputs:
        data = output.get("data", {})
        if output.output_type == "error":
            messages.append(f"{output.ename}: {output.evalue}")
        if output.get("name") == "stderr":
            messages.append(f"stderr: {output.text[:200]}")
        if WIDGET in data:
            messages.append("a widget that needs a kernel")
        if "image/png" in data and not output.metadata.get("image/png", {}).get("alt"):
            messages.append("a picture without alternative text")
        if re.search(r"<img(?![^>]*\balt=['\"][^'\"])", "".join(data.get("text/html", ""))):
            messages.append("an <img> without alternative text")
    return [f"code cell {cell.execution_count}: {message}" for message in messages]


def problems(path: Path) -> list[str]:
    """What is wrong with a notebook as it is stored; empty for a good one."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    messages = []
    if path.stat().st_size >= 1_000_000:
        messages.append(f"{path.stat().st_size / 1e6:.1f} MB, at most 1")
    if "widgets" in notebook.metadata:
        messages.append("metadata.widgets")
    if re.search(r"(/(home|Users|root|work)/|C:\\\\Users)", path.read_text(encoding="utf-8")):
        messages.append("a path of the machine that built it")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        messages.append("execution counts are not 1, 2, 3, …")
    messages += [message for cell in code for message in problems_of(cell)]
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    pictures = [text for text in texts if re.search(r"!\[\s*\]\(", text)]
    return messages + [f"a picture without alternative text in: {text[:60]}" for text in pictures]


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """Empty at the start: the first lesson that needs a model trains it."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.notebooks
@with_solutions
def test_notebook_runs_from_its_source(name, cache, tmp_path, monkeypatch):
    if REAL_SENTENCES.exists():  # else lesson 06 falls back on the generated ones
        monkeypatch.setenv("ATTENTION_COURSE_TATOEBA", str(REAL_SENTENCES))
    assert problems(build(NOTEBOOKS / "src" / f"{name}.py", tmp_path, cache)) == []


@with_solutions
def test_stored_notebook_is_clean(name):
    assert problems(NOTEBOOKS / f"{name}.ipynb") == []


@with_solutions
def test_stored_notebook_is_in_step_with_its_source(name):
    stored = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    source = read(NOTEBOOKS / "src" / f"{name}.py")
    cells = [(cell.id, cell.cell_type, cell.source) for cell in stored.cells]
    assert cells == [(cell.id, cell.cell_type, cell.source) for cell in source.cells], "run `make course`"


@every_notebook
def test_notebook_begins_as_every_other(name):
    cells = read(NOTEBOOKS / "src" / f"{name}.py").cells
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    assert re.match(r"# .+\?", cells[0].source), "the title is a question"
    assert f"/blob/main/notebooks/{name}.ipynb" in cells[0].source + cells[1].source, "a Colab badge"
    assert code[0] == SETUP
    assert not any("google.colab" in cell for cell in code[1:])


def test_there_is_a_test_for_every_notebook():
    assert [source.stem for source in sources()] == NAMES
    assert sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")) == NAMES


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("import warnings; warnings.warn('careful')", "stderr"),
        ("from IPython.display import Image, display; display(Image(data=PNG))", "alternative text"),
        ("from IPython.display import HTML; HTML('<img src=\"x\">')", "alternative text"),
        ("print('x' * 1_100_000)", "at most 1"),
        ("\n".join(f"x = {n}" for n in range(31)), "more than 30 lines"),
        ("print('/home/someone/course')", "path of the machine"),
    ],
)
def test_problems_are_found(code, problem, tmp_path):
    png = f"PNG = bytes.fromhex({ONE_PIXEL.hex()!r})"
    source = tmp_path / "01_bad.py"
    source.write_text(f"# %%\n{png}\n\n# %%\n{code}\n", encoding="utf-8")
    (message,) = problems(build(source, tmp_path, tmp_path))
    assert problem in message
