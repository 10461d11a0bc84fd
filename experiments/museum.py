"""Trains the exhibits of lesson 08 with three seeds, and writes data/museum and data/results/museum.csv.

python -m experiments.museum        about half an hour on two cores

The instruments are those of the lesson: its cells are run here.
"""

from __future__ import annotations

import argparse
import ast
import io
from collections.abc import Sequence
from functools import partial

import pandas as pd
import torch
from tqdm import tqdm

from helpers import museum
from helpers.cores import Tell, side_by_side
from helpers.corpus.build import sample_pairs
from helpers.corpus.cache import write_whole
from helpers.corpus.pairs import DATA, Pair, load_split
from helpers.evaluation import bleu
from helpers.museum import FAULTS, LONGEST, WEIGHTS, as_exhibit, build, train, write
from helpers.recipes import RESULTS
from helpers.vocabulary import SPECIALS, Vocabulary

SEEDS, PAIRS = range(3), 6000
LESSON = DATA.parent / "notebooks" / "src" / "08_broken_attention.py"


def short(split: str) -> list[Pair]:
    """The pairs of a split that the museum uses."""
    return [pair for pair in load_split(split) if len(pair.source) <= LONGEST]


def instruments(healthy: museum.Exhibit) -> dict:
    """What the cells of lesson 08 define up to `readings`, with this exhibit as the healthy one."""
    space: dict = {}
    for cell in LESSON.read_text(encoding="utf-8").split("\n# %%"):
        if cell.startswith(" [markdown]") or "prepare()" in cell:
            continue
        for node in ast.parse(cell.partition("\n")[2]).body:
            runs_alone = isinstance(node, ast.Assign) and "exhibits" not in ast.unparse(node)
            if runs_alone or isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef):
                exec(compile(ast.Module([node], []), str(LESSON), "exec"), space)
                space["untrained"] = lambda: healthy
        if "readings" in space:
            return space
    raise ValueError(f"{LESSON.name} does not define `readings`")


def run(letter: str, seed: int, pairs: Sequence[Pair], tell: Tell) -> tuple[dict, list[dict]]:
    """Train one exhibit: what is stored of it, and its rows of the table."""
    fault, number = FAULTS[letter], list(FAULTS).index(letter)
    vocabularies = Vocabulary.of(pair.source for pair in pairs), Vocabulary.of(pair.target for pair in pairs)
    model = build(fault, *vocabularies, seed=100 * seed + number)
    losses = train(model, pairs, seed=100 * seed + number)
    half = {name: part.half() for name, part in model.state_dict().items()}
    model.load_state_dict({name: part.float() for name, part in half.items()})  # as the lesson reads it
    shown, test = as_exhibit(model, fault, losses), short("test")
    right = [" ".join(pair.target) for pair in test]
    healthy = as_exhibit(build(FAULTS["F"], *vocabularies))
    found = instruments(healthy)["readings"](shown)
    found |= {
        ("BLEU", "reported"): shown.bleu(shown.write(test), right),
        ("BLEU", "measured rightly"): bleu(write(model, test), right),
        ("loss", "of the last pass"): losses[-1],
    }
    keys = [
        {"exhibit": letter, "seed": seed, "reading": name, "part": part, "value": x}
        for (name, part), x in found.items()
    ]
    tell(letter)
    words = {"source": model.source_vocab.words[len(SPECIALS) :], "target": model.target_vocab.words[len(SPECIALS) :]}
    return {**words, "losses": losses, "state": half}, keys


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    train_pairs, valid, test = (load_split(name) for name in ("train", "valid", "test"))
    few = [pair for pair in train_pairs if len(pair.source) <= LONGEST]
    pairs = few + sample_pairs(PAIRS - len(few), longest=LONGEST, without=train_pairs + valid + test)
    tasks = {f"{letter}, seed {seed}": partial(run, letter, seed, pairs) for seed in SEEDS for letter in FAULTS}
    with tqdm(total=len(tasks), unit="exhibit") as bar:
        made = side_by_side(tasks, lambda name, told: bar.update())
    table = pd.DataFrame([row for _, rows in made.values() for row in rows])
    table.to_csv(RESULTS / "museum.csv", index=False, lineterminator="\n", float_format="%.6g")
    for letter in FAULTS:
        buffer = io.BytesIO()
        torch.save(made[f"{letter}, seed {SEEDS[0]}"][0], buffer)
        write_whole(WEIGHTS / f"{letter}.pt", buffer.getvalue())


if __name__ == "__main__":
    main()
