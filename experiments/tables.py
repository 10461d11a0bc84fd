"""Writes what was measured into the tables of teaching/: the last step of experiments.results and .timings.

python -m experiments.tables    after an edit of teaching/, without measuring again
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from helpers.recipes import load_results

TIMINGS = Path(__file__).with_name("timings.csv")
TEACHING = Path(__file__).resolve().parents[1] / "teaching"


def row(cells: Iterable[str]) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(cells)} |\n"


def cells(row: str) -> list[str]:
    """The cells of a row of a Markdown table."""
    return row.strip("| \n").split(" | ")


def with_scores(text: str) -> str:
    """The text with the mean BLEU of the stored seeds in each of its tables with the title "BLEU, five seeds"."""
    stored = pd.concat([load_results("by_length.csv"), load_results("cures.csv")])
    words = stored["length_min"].astype(str) + "–" + stored["length_max"].astype(str)
    means = stored.groupby(["model", words])["bleu"].mean()

    def renew(table: re.Match[str]) -> str:
        title, rule, *rows = table[0].splitlines(keepends=True)
        _, *lengths = cells(title)
        models = [cells(line)[0] for line in rows]
        return title + rule + "".join(row([m, *(f"{means[m, length]:.0f}" for length in lengths)]) for m in models)

    return re.sub(r"^\| BLEU, five seeds .+\n(?:\|.+\n)+", renew, text, flags=re.MULTILINE)


def with_times(text: str) -> str:
    """The text with the measured experiments in its table with the columns lesson, experiment, …"""
    measured = "".join(map(row, pd.read_csv(TIMINGS, dtype=str).to_numpy()))
    table = re.compile(r"(^\| lesson \| experiment .+\n\|---.+\n)(?:\|.+\n)*", re.MULTILINE)
    return table.sub(lambda match: match[1] + measured, text)


def write_tables() -> None:
    """Bring the tables of the guide and of the answer key up to date."""
    for page, renew in (("guide.md", with_times), ("answer_key.md", with_scores)):
        path = TEACHING / page
        path.write_text(renew(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    write_tables()
