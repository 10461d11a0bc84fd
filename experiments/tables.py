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
    """The text with the stored scores in each of its tables with the title "BLEU / exact match, …".

    A cell has the mean of the seeds, and the title says how many there are. The table of counts, "lookup", has none.
    """
    stored = load_results("by_length.csv").query("split != 'train'")
    stored["words"] = stored["length_min"].astype(str) + "–" + stored["length_max"].astype(str)
    means = stored.groupby(["model", "words"])[["bleu", "exact_match"]].mean()
    seeds = stored[stored["model"] != "lookup"].groupby("model")["seed"].nunique()

    def renew(table: re.Match[str]) -> str:
        title, rule, *rows = table[0].splitlines(keepends=True)
        _, *lengths = cells(title)
        models = [cells(line)[0] for line in rows]
        few, *more = sorted({int(seeds[m]) for m in models if m in seeds})
        number = f"{few} to {more[-1]} seeds" if more else f"{few} seed{'s' * (few > 1)}"
        scores = [[means.loc[m, length] for length in lengths] for m in models]
        written = [[m, *(f"{of.bleu:.0f} / {of.exact_match:.0f}" for of in scores[i])] for i, m in enumerate(models)]
        return row([f"BLEU / exact match, {number}", *lengths]) + rule + "".join(map(row, written))

    return re.sub(r"^\| BLEU / exact match, .+\n(?:\|.+\n)+", renew, text, flags=re.MULTILINE)


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
