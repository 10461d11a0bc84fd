"""Builds the notebooks: executes each notebooks/src/NN_name.py for real, stores notebooks/NN_name.ipynb.

The solutions in notebooks/src/solutions are executed after the lessons and stored in notebooks/solutions.

    python -m tools.course          all of them, starting from an empty cache
    python -m tools.course 03 04    these two lessons and their solutions

For each it prints the seconds, the most memory that its kernel held, and the size of the stored notebook. After lesson
04 it writes the two pictures that README.md shows.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from tools import ROOT

NOTEBOOKS = ROOT / "notebooks"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
WIDGET = "application/vnd.jupyter.widget-view+json"
CELL_SECONDS = 1200  # a cell that takes longer hangs
# Pictures of lesson 04 that README.md shows: the file in docs, and how the picture's alternative text begins.
PICTURED = NOTEBOOKS / "04_learned_attention.ipynb"
PICTURES = {
    "three_curves.png": "BLEU against length: vanilla falls",
    "alignment.png": "Learned and oracle weights for",
}
# Runs in the kernel after the last cell, and is not stored: the most memory that the kernel has held, in MB.
PEAK = """\
import sys
from pathlib import Path

if sys.platform == "linux":  # getrusage would count the process that started the kernel, too
    print(int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024 / 1e6)
elif sys.platform == "darwin":
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
else:
    print("nan")  # Windows does not tell"""


def sources() -> list[Path]:
    """The notebooks' sources in the order of the lessons."""
    return sorted((NOTEBOOKS / "src").glob("[0-9][0-9]_*.py"))


def solutions() -> list[Path]:
    """The sources of the solutions, one for each lesson, with the lesson's name."""
    return sorted((NOTEBOOKS / "src" / "solutions").glob("[0-9][0-9]_*.py"))


def folder_of(source: Path) -> Path:
    """Where the notebook of a source is stored and executed."""
    return NOTEBOOKS / "solutions" if source.parent.name == "solutions" else NOTEBOOKS


def read(source: Path) -> NotebookNode:
    """The notebook of a py:percent source, without outputs; its cell ids follow from the cells' text."""
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.nbformat_minor = 5
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        seen[cell.source] += 1
        cell.id = hashlib.sha256(f"{seen[cell.source]} {cell.source}".encode()).hexdigest()[:12]
    return notebook


def execute(source: Path, cache: Path) -> tuple[NotebookNode, float]:
    """Run a source from top to bottom in a new kernel that keeps models and downloads in `cache`.

    Returns:
        The notebook, and the most memory that its kernel held, in MB.
    Raises:
        CellExecutionError: a cell failed; the message shows the cell and its traceback.
    """
    notebook = read(source)
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        resources={"metadata": {"path": str(folder_of(source))}},
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],  # what cells write is in their outputs, not in the terminal
    )
    client.execute(env=os.environ | {"ATTENTION_COURSE_CACHE": str(cache)})
    peak = float(notebook.cells.pop().outputs[0].text)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = clean(cell.outputs)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    nbformat.validate(notebook)
    return notebook, peak


def clean(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """What a stored notebook can show: widgets as their picture or HTML, no progress bars, joined streams."""
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.get("data", {}).pop(WIDGET, None) and set(output.data) <= {"text/plain"}:
            continue
        if kept and output.output_type == "stream" and kept[-1].get("name") == output.name:
            kept[-1].text += output.text
        else:
            kept.append(output)
    for output in kept:
        if output.output_type == "stream":  # a progress bar rewrites its line with \r
            lines = [line.rstrip("\r") for line in output.text.split("\n")]
            if output.name == "stderr":
                lines = [line for line in lines if "\r" not in line]
            output.text = "\n".join(line.rpartition("\r")[2] for line in lines)
    return [output for output in kept if output.get("text", "picture").strip()]


def build(source: Path, folder: Path, cache: Path) -> Path:
    """Execute a source, store the notebook in `folder`, replacing the old file in one step, and say what it took."""
    start, path = time.perf_counter(), folder / f"{source.stem}.ipynb"
    notebook, peak = execute(source, cache)
    part = path.with_suffix(".part")
    nbformat.write(notebook, part)
    part.replace(path)
    print(f"{time.perf_counter() - start:6.0f} s {peak:6.0f} MB {path.stat().st_size / 1e3:6.0f} kB", flush=True)
    return path


def picture(notebook: NotebookNode, words: str) -> bytes:
    """The picture in an executed notebook whose alternative text begins with these words.

    Raises:
        ValueError: there is none.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("metadata", {}).get("image/png", {}).get("alt", "").startswith(words):
                return base64.b64decode(output.data["image/png"])
    raise ValueError(f"README.md shows a picture that is not there: its text should begin with {words!r}")


def lessons_named(description: str | None) -> list[str]:
    """The lessons, such as "03_oracle_attention", whose numbers the command line names; all if it names none."""
    known = {source.stem[:2]: source.stem for source in sources()}

    def lesson(number: str) -> str:
        if number not in known:
            raise argparse.ArgumentTypeError(f"no lesson {number}: there are {', '.join(known)}")
        return known[number]

    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = list(known.values())
    parser.add_argument("lessons", nargs="*", type=lesson, default=every, metavar="NN", help="a number, such as 03")
    return parser.parse_args().lessons


def main() -> int:
    wanted = lessons_named(__doc__)
    failed = 0
    with tempfile.TemporaryDirectory() as cache:
        for source in [path for path in sources() + solutions() if path.stem in wanted]:
            print(f"{source.relative_to(NOTEBOOKS / 'src').with_suffix('')!s:32}", end="", flush=True)
            try:
                path = build(source, folder_of(source), Path(cache))
            except CellExecutionError as error:
                failed = 1
                print(f" failed, the stored notebook stays as it was\n{error}", flush=True)
                continue
            if path == PICTURED:
                for file, words in PICTURES.items():
                    (ROOT / "docs" / file).write_bytes(picture(nbformat.read(path, as_version=4), words))
    return failed


if __name__ == "__main__":
    sys.exit(main())
