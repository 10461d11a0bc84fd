"""How long a newcomer waits: from a fresh clone to the first picture of learned α, and where the time goes.

    python -m experiments.first_picture    clones this repository, runs `make setup`, and lesson 04 up to its picture

Packages come from pip's cache where it has them, and from the net otherwise; the caches of the course are empty.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
LESSON = "04_learned_attention"


def say(what: str, since: float) -> float:
    """Print how long something took; returns the time now."""
    now = time.perf_counter()
    print(f"{now - since:6.1f} s  {what}", flush=True)
    return now


class Seen(Exception):
    """The picture is there."""


class Watcher(NotebookClient):
    """Runs the cells of a notebook until α has been drawn after so many passes, and says what took how long."""

    passes = 1.0
    start = 0.0

    def begin(self, cell, cell_index) -> None:
        """A cell begins."""
        self.start = time.perf_counter()

    def end(self, cell, cell_index, execute_reply) -> None:
        """A cell is done."""
        if time.perf_counter() - self.start > 1:
            say(f"the cell that begins {cell.source.splitlines()[0]!r}", self.start)

    def process_message(self, msg, cell, cell_index):
        alt = msg["content"].get("metadata", {}).get("image/png", {}).get("alt", "")
        if alt.startswith("α after "):
            say(f"in the cell that trains, until {alt.split(';')[0]}", self.start)
            if float(alt.split()[2]) >= self.passes:
                raise Seen
        return super().process_message(msg, cell, cell_index)


def until_picture(passes: float) -> None:
    """With the Python of the clone, in its folder."""
    notebook = nbformat.read(f"notebooks/{LESSON}.ipynb", as_version=4)
    client = Watcher(notebook, timeout=600, resources={"metadata": {"path": "notebooks"}})
    client.passes, client.on_cell_execute, client.on_cell_executed = passes, client.begin, client.end
    with suppress(Seen):
        client.execute()
        raise RuntimeError(f"lesson {LESSON} drew no α")


def main(passes: float) -> None:
    begun = start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "attention-course"
        environment = os.environ | {"ATTENTION_COURSE_CACHE": str(Path(folder) / "cache")}
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), clone], check=True)
        start = say("git clone", start)
        subprocess.run(["make", "setup"], cwd=clone, check=True, stdout=subprocess.DEVNULL)
        start = say("make setup", start)
        command = [
            str(clone / ".venv/bin/python"),
            "-m",
            "experiments.first_picture",
            "--lesson",
            "--passes",
            str(passes),
        ]
        subprocess.run(command, cwd=clone, env=environment, check=True)
        say("lesson 04 up to its picture", start)
        say("in all", begun)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--passes", type=float, default=1, help="of the training that the picture shows; 1 by default")
    options.add_argument("--lesson", action="store_true", help="only the lesson, with this Python")
    chosen = options.parse_args()
    if chosen.lesson:
        until_picture(chosen.passes)
    else:
        main(chosen.passes)
