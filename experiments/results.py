"""What the course's models reach: trains each with several seeds, measures it, and writes data/results.

python -m experiments.results                          what is missing or was made with other recipes, hours of it
python -m experiments.results --only vanilla oracle    these models only, as named in experiments/plan.py
python -m experiments.results --seeds 0                the first seed only

The rows of each model are written when it is finished, so a run that is cut short goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from importlib.metadata import version

import pandas as pd
from tqdm import tqdm

from experiments import measures
from experiments.plan import STUDIES, Study
from experiments.tables import write_tables
from helpers.cores import Tell, cores, side_by_side
from helpers.corpus.build import sample_pairs
from helpers.corpus.cache import write_whole
from helpers.corpus.pairs import SPLITS, Pair, corpus_checksum, load_split
from helpers.corpus.real import aligned, load_tatoeba
from helpers.corpus.text import detokenise
from helpers.evaluation import forced_alpha, probe, score_by_length
from helpers.exercises import lesson_03
from helpers.recipes import RESULTS, reverse_sources
from helpers.training import fit, fit_or_load, new_translator
from helpers.translation import translate
from helpers.two_places import KINDS, Question, questions

STAMP = RESULTS / "stamp.json"
READ_BACK = ("vanilla", "wider", "lstm")  # whose encoding vectors are probed
REAL_BUCKETS = ((1, 4), (5, 7), (8, 10), (11, 16))
Tables = dict[str, list[dict]]


def run(study: Study, seed: int, asked: Sequence[Question], tell: Tell) -> Tables:
    """Train one model with one seed, and measure it: rows for each of the tables."""
    tables = (_real if study.name.startswith("real") else _generated)(study, seed, asked, tell)
    finished = {file: [{"model": study.name, "seed": seed, **row} for row in rows] for file, rows in tables.items()}
    tell(finished)
    return finished


def _generated(study: Study, seed: int, asked: Sequence[Question], tell: Tell) -> Tables:
    chosen = replace(study.recipe, training=replace(study.recipe.training, seed=seed))
    splits = {name: chosen.prepare(load_split(name)) for name in SPLITS}
    if study.longest is None:
        model, history = fit_or_load(chosen, load_split("train"), load_split("valid"), report=tell)
    else:  # it knows all words, though it learns from the short sentences only
        model = new_translator(chosen.model, chosen.training, splits["train"])
        short, short_valid = ([p for p in splits[s] if len(p.source) <= study.longest] for s in ("train", "valid"))
        history = fit(model, short, short_valid, chosen.training, chosen.oracle, report=tell)
    if history.interrupted:
        raise KeyboardInterrupt
    model.cpu()
    translated = partial(translate, model, oracle=chosen.oracle)
    test, answers = splits["test"], translated(splits["test"])
    tables = {
        "by_length.csv": measures.by_length(translated, splits),
        "curves.csv": measures.curves(history),
        "losses.csv": measures.losses(answers, test),
        "forcing.csv": measures.forcing(model, answers, test, chosen.oracle),
        "two_places.csv": measures.two_places(model, _prepared(asked, chosen.prepare), chosen.oracle),
    }
    if chosen.model.attention == "additive":
        measured = {name: splits[name] for name in ("test", "test_long")}
        tables["alignment.csv"] = measures.alignment(partial(forced_alpha, model), measured)
        if chosen.prepare is not reverse_sources:
            tables["patching.csv"] = measures.patching(model, asked)
    if study.name in READ_BACK:
        untrained = new_translator(chosen.model, chosen.training, splits["train"])
        for name, encoder in (("trained", model), ("untrained", untrained)):
            found = probe(encoder, splits["train"], test, range(36)).round(2)
            tables["probe.csv"] = tables.get("probe.csv", []) + found.assign(encoder=name).to_dict("records")
    return tables


def _prepared(asked: Sequence[Question], prepare: Callable[[Sequence[Pair]], Sequence[Pair]]) -> list[Question]:
    """The questions with the pairs as a model reads them; where it reads them backwards, the places are others."""
    if prepare is not reverse_sources:
        return list(asked)
    found = []
    for q, pair in zip(asked, prepare([q.pair for q in asked]), strict=True):
        last = len(pair.source) - 1
        found.append(replace(q, pair=pair, j=last - q.j, hints=tuple(last - j for j in q.hints)))
    return found


def _real(study: Study, seed: int, _: Sequence[Question], tell: Tell) -> Tables:
    corpus, chosen = load_tatoeba(), replace(study.recipe, training=replace(study.recipe.training, seed=seed))
    model, history = fit_or_load(chosen, corpus.train, corpus.valid, report=tell)
    if history.interrupted:
        raise KeyboardInterrupt
    answers = translate(model.cpu(), corpus.test)
    texts = [detokenise([word for word in answer.target if word != "<unk>"]) for answer in answers]
    rows = []
    for buckets in (REAL_BUCKETS, ((1, 16),)):
        scores = score_by_length(texts, corpus.test, buckets, corpus.references["test"]).round(2)
        rows += scores[["length_min", "length_max", "sentences", "bleu", "chrf"]].to_dict("records")
    tables = {"real.csv": rows, "curves.csv": measures.curves(history)}
    if chosen.model.attention == "additive":
        tables["alignment.csv"] = measures.alignment(partial(forced_alpha, model), {"tatoeba": aligned(corpus)})
    return tables


def sample_questions() -> list[Question]:
    """Up to 300 questions of each kind, in sentences that no split contains."""
    known = [pair for name in SPLITS for pair in load_split(name)]
    fresh: list[Pair] = sample_pairs(4000, 12, without=known) + sample_pairs(3000, 39, without=known, seed=1)
    found: dict[str, list[Question]] = {kind: [] for kind in KINDS}
    for question in questions(fresh):
        found[question.kind].append(question)
    return [q for kind in KINDS for q in found[kind][:300]]


def without_training() -> dict[str, Tables]:
    """The baselines that learn nothing: the lookup table, and the ends of the scale of alignment errors."""
    splits = {name: load_split(name) for name in SPLITS}
    table = lesson_03.counted(splits["train"])

    def translated(pairs: Sequence[Pair]) -> list[str]:
        return [" ".join(lesson_03.looked_up(table, pair)) for pair in pairs]

    tables = {"lookup": {"by_length.csv": measures.by_length(translated, splits)}}
    for name, rows in measures.scale({name: splits[name] for name in ("test", "test_long")}):
        tables.setdefault(f"{name} α", {})["alignment.csv"] = rows
    return {
        model: {file: [{"model": model, "seed": 0, **row} for row in rows] for file, rows in of_files.items()}
        for model, of_files in tables.items()
    }


def stamp(study: Study) -> str:
    """What the rows of a model depend on: they have to be made again when this changes."""
    r = study.recipe
    recipe = [asdict(r.model), asdict(r.training), r.oracle and r.oracle.__name__, r.prepare.__name__, study.longest]
    return hashlib.sha256(json.dumps([recipe, corpus_checksum()], sort_keys=True).encode()).hexdigest()[:16]


def made() -> dict[str, str]:
    """The stamps of the models whose rows are stored, under "model, seed n"."""
    return json.loads(STAMP.read_text(encoding="utf-8"))["models"] if STAMP.exists() else {}


def store(tables: Tables, stamps: dict[str, str]) -> None:
    """Put rows into the tables, in place of those of the same models and seeds."""
    order = {name: i for i, name in enumerate(STUDIES)}
    for file, rows in tables.items():
        new, path = pd.DataFrame(rows), RESULTS / file
        new_runs = set(zip(new["model"], new["seed"], strict=True))
        if path.exists():
            old = pd.read_csv(path)
            kept = [run not in new_runs for run in zip(old["model"], old["seed"], strict=True)]
            new = pd.concat([old[kept], new], ignore_index=True)
        new = new.sort_values(
            ["model", "seed"], key=lambda c: c.map(order).fillna(-1) if c.name == "model" else c, kind="stable"
        )
        write_whole(path, new.to_csv(index=False, lineterminator="\n").encode())
    versions = {"python": platform.python_version(), **{p: version(p) for p in ("torch", "numpy", "sacrebleu")}}
    content = {"corpus": corpus_checksum(), "versions": versions, "models": dict(sorted({**made(), **stamps}.items()))}
    write_whole(STAMP, (json.dumps(content, indent=1) + "\n").encode())


def main(only: Sequence[str], seeds: Sequence[int], processes: int) -> None:
    """Train and measure what is missing; write the rows of each model when they are there."""
    stored = made()
    for tables in without_training().values():
        store(tables, {})
    missing = {
        f"{study.name}, seed {seed}": (study, seed)
        for seed in range(max(len(study.seeds) for study in STUDIES.values()))
        for study in STUDIES.values()
        if study.name in (only or STUDIES) and seed in study.seeds and seed in (seeds or study.seeds)
    }
    missing = {run: (study, seed) for run, (study, seed) in missing.items() if stored.get(run) != stamp(study)}
    asked = sample_questions() if missing else []
    with tqdm(total=len(missing), unit="model") as bar:

        def heard(name: str, message) -> None:
            if isinstance(message, dict):
                store(message, {name: stamp(missing[name][0])})
                bar.update()
                bar.write(name)

        side_by_side({name: partial(run, *what, asked) for name, what in missing.items()}, heard, processes)
    write_tables()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", nargs="+", default=[], choices=list(STUDIES), metavar="MODEL")
    options.add_argument("--seeds", nargs="+", type=int, default=[])
    options.add_argument("--processes", type=int, default=cores(), help="models trained at once, one core each")
    given = options.parse_args()
    main(given.only, given.seeds, given.processes)
