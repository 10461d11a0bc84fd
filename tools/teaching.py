"""Writes what was measured into the tables of teaching/: run it after `make results` or experiments/timings.py.

python tools/teaching.py
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from helpers.recipes import load_results

ROOT = Path(__file__).resolve().parents[1]
EXPERIMENTS = ROOT / "experiments" / "timings.csv"
GUIDE, ANSWERS = ROOT / "teaching" / "guide.md", ROOT / "teaching" / "answer_key.md"


def row(cells: list) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(map(str, cells))} |"


def with_scores(text: str) -> str:
    """The text with the mean BLEU of the stored seeds in each of its tables with the title "BLEU, five seeds"."""
    stored = pd.concat([load_results("by_length.csv"), load_results("cures.csv")])
    words = stored["length_min"].astype(str) + "–" + stored["length_max"].astype(str)
    means = stored.groupby(["model", words])["bleu"].mean()

    def renew(table: re.Match) -> str:
        (_, *lengths), _, *models = [line.strip("| ").split(" | ") for line in table[0].strip().split("\n")]
        lines = [row([name, *(f"{means[name, length]:.0f}" for length in lengths)]) for name, *_ in models]
        return "\n".join([*table[0].split("\n")[:2], *lines]) + "\n"

    return re.sub(r"^\| BLEU, five seeds .+\n(?:\|.+\n)+", renew, text, flags=re.MULTILINE)


def with_times(text: str) -> str:
    """The text with the measured experiments in its table with the columns lesson, experiment, …"""
    measured = pd.read_csv(EXPERIMENTS, dtype=str).to_numpy().tolist()
    return re.sub(
        r"(^\| lesson \| experiment .+\n\|---.+\n)(?:\|.+\n)*",
        lambda table: table[1] + "".join(f"{row(cells)}\n" for cells in measured),
        text,
        flags=re.MULTILINE,
    )


if __name__ == "__main__":
    for path, renew in ((GUIDE, with_times), (ANSWERS, with_scores)):
        path.write_text(renew(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
