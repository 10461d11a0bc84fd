"""The alignment error of eflomal, a program that does nothing but align words, as a scale for the models' α.

    pip install eflomal    into an environment of its own; the course does not need it
    python -m experiments.aligner path/to/eflomal-align

It aligns the training and test sentences together (model 3: IBM 1, HMM and fertility; its other settings are its
defaults) and adds its rows to data/results/alignment.csv. Source: Östling and Tiedemann 2016.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from experiments.results import store
from helpers.corpus.pairs import Pair, load_split, parse_links
from helpers.corpus.real import aligned, load_tatoeba
from helpers.evaluation import alignment_error
from helpers.oracle import SoftAlignment


def align(program: str, pairs: Sequence[Pair]) -> list[tuple[tuple[int, int, bool], ...]]:
    """The links of each pair: at most one Hindi word for each English word."""
    with TemporaryDirectory() as folder:
        files = {name: Path(folder, name) for name in ("source", "target", "links")}
        for side in ("source", "target"):
            lines = (" ".join(getattr(pair, side)) + "\n" for pair in pairs)
            files[side].write_text("".join(lines), encoding="utf-8")
        options = ["-s", files["source"], "-t", files["target"], "-f", files["links"], "--model", "3"]
        subprocess.run([program, *map(str, options)], check=True)
        return [parse_links(line, "eflomal") for line in files["links"].read_text().split("\n")[: len(pairs)]]


def errors(links: Sequence[tuple[tuple[int, int, bool], ...]], pairs: Sequence[Pair]) -> list[dict]:
    """The alignment error by class of word. A word without a link counts as one that looks at `</s>`."""
    alphas = []
    for found, pair in zip(links, pairs, strict=True):
        alpha = torch.zeros(len(pair.target) + 1, len(pair.source) + 1)
        for j, t, _ in found:
            alpha[t, j] = 1
        alpha[alpha.sum(1) == 0, -1] = 1
        alphas.append(SoftAlignment.of(pair, alpha))
    return alignment_error(alphas, pairs).round(4).to_dict("records")


def main(program: str) -> None:
    """Align both corpora, and store the errors."""
    train, test = load_split("train"), load_split("test")
    corpus = load_tatoeba()
    silver = {pair.source + pair.target: pair for pair in aligned(corpus)}
    rows = [{"split": "test", **row} for row in errors(align(program, train + test)[len(train) :], test)]
    real = corpus.train + corpus.valid + corpus.test
    links = {p.source + p.target: found for p, found in zip(real, align(program, real), strict=True)}
    rows += [{"split": "tatoeba", **row} for row in errors([links[key] for key in silver], list(silver.values()))]
    store({"alignment.csv": [{"model": "eflomal", "seed": 0, **row} for row in rows]}, {})


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program", nargs="?", default="eflomal-align", help="where eflomal-align is")
    main(options.parse_args().program)
