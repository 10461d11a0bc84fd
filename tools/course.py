"""Builds the notebooks: executes each notebooks/src/NN_name.py for real, stores notebooks/NN_name.ipynb.

The solutions in notebooks/src/solutions are executed after the lessons and stored in notebooks/solutions.

    python tools/course.py          all of them, starting from an empty cache
    python tools/course.py 03 04    these two lessons and their solutions

For each it prints the seconds, the most memory that its kernel held, and the size of the stored notebook.
"""

from __future__ import annotations

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

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
WIDGET = "application/vnd.jupyter.widget-view+json"
CELL_SECONDS = 1200  # a cell that takes longer hangs
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


def main(numbers: list[str]) -> int:
    known = {source.stem[:2]: source for source in sources()}
    wanted = numbers or list(known)
    if unknown := sorted(set(numbers) - set(known)):
        print(f"No notebook {', '.join(unknown)}: there are {', '.join(known)}. Example: course.py 03 04")
        return 2
    failed = 0
    with tempfile.TemporaryDirectory() as cache:
        for source in [*map(known.get, wanted), *(s for s in solutions() if s.stem[:2] in wanted)]:
            print(f"{source.relative_to(NOTEBOOKS / 'src').with_suffix('')!s:32}", end="", flush=True)
            try:
                build(source, folder_of(source), Path(cache))
            except CellExecutionError as error:
                failed += 1
                print(f" failed, the stored notebook stays as it was\n{error}", flush=True)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
