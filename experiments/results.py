"""What five seeds of each recipe reach: trains for about 40 minutes, then writes all of data/results, or nothing."""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sys
from dataclasses import asdict
from functools import partial
from importlib.metadata import version

import pandas as pd
import torch
from tqdm import tqdm

from experiments.tables import write_tables
from helpers.cores import Tell, cores, side_by_side
from helpers.corpus.cache import write_whole
from helpers.corpus.pairs import BUCKETS, corpus_checksum, load_split
from helpers.evaluation import alignment_error, forced_alpha, probe, score_by_length
from helpers.recipes import RESULTS, recipe
from helpers.training import fit, new_translator
from helpers.translation import translate

SEEDS = range(5)
MODELS = ("vanilla", "oracle", "learned", "uniform", "shuffled", "shifted")  # by_length.csv compares them
CURES = ("wider", "lstm", "reversed")  # cures.csv: what might help the vanilla model


def run(name: str, seed: int, tell: Tell) -> dict[str, list[dict]]:
    """Train one model with one seed, and measure it: rows for each of the files."""
    chosen = recipe(name, seed)
    splits = {s: chosen.prepare(load_split(s)) for s in ("train", "valid", "test", "test_long")}
    model = new_translator(chosen.model, chosen.training, splits["train"])
    history = fit(
        model,
        splits["train"],
        splits["valid"],
        chosen.training,
        chosen.oracle,
        device=torch.device("cpu"),
        report=tell,
    )
    if history.interrupted:
        raise KeyboardInterrupt
    who = {"model": name, "seed": seed}
    rows = {
        "curves.csv": [
            {**who, "epoch": e + 1, "loss": round(loss, 4), "bleu": round(b, 2)}
            for e, (loss, b) in enumerate(zip(history.loss, history.bleu, strict=True))
        ]
    }
    lengths = "by_length.csv" if name in MODELS else "cures.csv"
    rows[lengths] = []
    for split in ("test", "test_long"):
        scores = score_by_length(translate(model, splits[split], oracle=chosen.oracle), splits[split], BUCKETS)
        rows[lengths] += [
            {
                **who,
                "split": split,
                "length_min": int(r.length_min),
                "length_max": int(r.length_max),
                "sentences": r.sentences,
                "bleu": round(r.bleu, 2),
                "exact_match": round(r.exact_match, 2),
            }
            for r in scores.itertuples()
        ]
    if name == "learned":
        errors = alignment_error(forced_alpha(model, splits["test"]), splits["test"])
        rows["alignment.csv"] = [
            {**who, **{k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}}
            for row in errors.drop(columns="words").to_dict("records")
        ]
    if name in ("vanilla", "wider", "lstm"):
        read_back = probe(model, splits["train"], splits["test"], range(36))
        rows["probe.csv"] = [{**who, **row} for row in read_back.round(2).to_dict("records")]
    return rows


def stamp() -> dict:
    """What the results depend on: they have to be made again when this changes."""
    recipes = [
        [r.name, asdict(r.model), asdict(r.training), r.oracle and r.oracle.__name__]
        for r in map(recipe, MODELS + CURES)
    ]
    text = json.dumps([recipes, list(SEEDS), BUCKETS], sort_keys=True)
    return {"configuration": hashlib.sha256(text.encode()).hexdigest()[:16], "corpus": corpus_checksum()}


def main(processes: int) -> None:
    """Train every model with every seed, then write all the tables, or none; and those of the answer key."""
    tables: dict[str, list[dict]] = {}
    jobs = {f"{name} {seed}": partial(run, name, seed) for seed in SEEDS for name in MODELS + CURES}
    with tqdm(total=len(jobs), unit="model") as bar:
        finished = side_by_side(jobs, lambda _, progress: bar.update(progress.done == progress.total), processes)
    if len(finished) < len(jobs):
        sys.exit("Interrupted: nothing was written")
    for rows_of_files in finished.values():
        for file, rows in rows_of_files.items():
            tables.setdefault(file, []).extend(rows)
    order = {name: i for i, name in enumerate(MODELS + CURES)}
    for file, rows in tables.items():
        rows.sort(key=lambda r: (order[r["model"]], r["seed"]))
        write_whole(RESULTS / file, pd.DataFrame(rows).to_csv(index=False, lineterminator="\n").encode())
    versions = {"python": platform.python_version(), **{p: version(p) for p in ("torch", "numpy", "sacrebleu")}}
    write_whole(RESULTS / "stamp.json", (json.dumps({**stamp(), "versions": versions}, indent=1) + "\n").encode())
    write_tables()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--processes", type=int, default=cores(), help="models trained at once, one core each")
    main(options.parse_args().processes)
