"""How long the experiments of the lessons take (training, and translating the test set), and how much memory.

    python -m experiments.timings    some five minutes; writes timings.csv and the guide's table of it

What is counted is the processor time of one thread, so that a busy machine does not matter; two idle cores need less.
"""

import argparse
import time
from collections.abc import Sequence

import pandas as pd
import torch

from experiments.tables import TIMINGS, write_tables
from helpers.corpus.build import sample_pairs
from helpers.corpus.pairs import Pair, load_split
from helpers.evaluation import score_by_length
from helpers.models import ModelConfig
from helpers.recipes import recipe
from helpers.training import Recipe, TrainingConfig, fit, new_translator
from helpers.translation import translate

AS_IN_LESSON_1 = TrainingConfig(epochs=8, learning_rate=0.01, weight_decay=0.2)
LESSON_1 = [
    Recipe("training loop", ModelConfig("none", embedding=64), AS_IN_LESSON_1),
    *(Recipe(f"cell {cell}", ModelConfig("none", cell=cell, embedding=64), AS_IN_LESSON_1) for cell in ("rnn", "lstm")),
]
LATER = [  # the lesson, what the guide calls the experiment, and its recipe
    ("02", "vanilla", "vanilla"),
    ("02", "cure", "reversed"),
    ("03", "oracle", "oracle"),
    ("03", "control", "uniform"),
    ("04", "learned", "learned"),
    ("05", "both ways", "both ways"),
]


def seconds(chosen: Recipe, splits: Sequence[Sequence[Pair]]) -> float:
    """Processor time of training a translator and scoring it."""
    train, valid, test = map(chosen.prepare, splits)
    start = time.process_time()
    translator = new_translator(chosen.model, chosen.training, train)
    cpu = torch.device("cpu")
    fit(translator, train, valid, chosen.training, chosen.oracle, device=cpu, report=lambda progress: None)
    score_by_length(translate(translator, test, oracle=chosen.oracle), test)
    return time.process_time() - start


def main() -> None:
    import resource  # Windows has none, and should answer --help all the same

    splits = [load_split(name) for name in ("train", "valid", "test")]
    short = [sample_pairs(6000, longest=10, without=splits[1] + splits[2])]
    short += [[pair for pair in pairs if len(pair.source) <= 10] for pairs in splits[1:]]
    jobs = [("01", chosen.name, chosen, short) for chosen in LESSON_1]
    jobs += [(lesson, experiment, recipe(name), splits) for lesson, experiment, name in LATER]
    rows = []
    for lesson, experiment, chosen, pairs in jobs:
        taken = seconds(chosen, pairs)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # MB, the most until now
        rows.append({"lesson": lesson, "experiment": experiment, "seconds": round(taken), "memory": round(memory)})
        print("{lesson} {experiment:14} {seconds:4} s {memory:5} MB".format(**rows[-1]), flush=True)
    pd.DataFrame(rows).to_csv(TIMINGS, index=False, lineterminator="\n")
    write_tables()


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    main()
