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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LESSON = "04_learned_attention"


def say(what: str, since: float) -> float:
    """Print how long something took; returns the time now."""
    now = time.perf_counter()
    print(f"{now - since:6.1f} s  {what}", flush=True)
    return now


def until_picture(passes: float) -> None:
    """In the Python of the clone: run the cells of the lesson until α has been drawn after so many passes."""
    import nbformat
    from jupyter_client.manager import start_new_kernel

    cells = nbformat.read(f"notebooks/{LESSON}.ipynb", as_version=4).cells
    begun = time.perf_counter()
    manager, client = start_new_kernel(cwd="notebooks")
    begun = say("the kernel starts", begun)
    for cell in cells:
        if cell.cell_type != "code":
            continue
        asked, start = client.execute(cell.source), time.perf_counter()
        while True:
            message = client.get_iopub_msg(timeout=600)
            if message["parent_header"].get("msg_id") != asked:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "error":
                raise RuntimeError("\n".join(content["traceback"]))
            alt = content.get("metadata", {}).get("image/png", {}).get("alt", "")
            if alt.startswith("α after "):
                done = float(alt.split()[2])
                say(f"this cell, until {alt.split(';')[0]}", start)
                if done >= passes:
                    say("all cells up to this picture", begun)
                    manager.shutdown_kernel(now=True)
                    return
            if kind == "status" and content["execution_state"] == "idle":
                break
        if time.perf_counter() - start > 1:
            say(f"the cell that begins {cell.source.splitlines()[0]!r}", start)
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
