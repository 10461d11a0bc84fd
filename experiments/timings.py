"""How long the experiments of the lessons take (training, and translating the test set), and how much memory.

    python -m experiments.timings    some five minutes; writes timings.csv, which the guide quotes

What is counted is the processor time of one thread, so that a busy machine does not matter; two idle cores need less.
"""

import resource
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch

from helpers.corpus.build import sample_pairs
from helpers.corpus.pairs import Pair, load_split
from helpers.evaluation import score_by_length
from helpers.models import ModelConfig
from helpers.recipes import recipe, reverse_sources
from helpers.training import TrainingConfig, fit, new_translator
from helpers.translation import translate

FILE = Path(__file__).with_name("experiments.csv")
EIGHT = TrainingConfig(epochs=8, weight_decay=0.01)
LESSON_1 = {
    "training loop": (ModelConfig("vanilla", embedding=64), TrainingConfig(epochs=20, batch_size=64)),
    **{f"cell {cell}": (ModelConfig("vanilla", cell=cell), EIGHT) for cell in ("rnn", "gru", "lstm")},
}
RECIPES = {
    "02": {"vanilla": "vanilla", "cure": "reversed"},
    "03": {"oracle": "oracle", "control": "uniform"},
    "04": {"learned": "learned"},
}


def seconds(
    model: ModelConfig, training: TrainingConfig, train: Sequence[Pair], valid: Sequence[Pair], test: Sequence[Pair]
) -> float:
    """Processor time of training a translator and scoring it."""
    start = time.process_time()
    translator = new_translator(model, training, train)
    fit(translator, train, valid, training, device=torch.device("cpu"), progress=False)
    score_by_length([str(t) for t in translate(translator, test)], test)
    return time.process_time() - start


def main() -> None:
    torch.set_num_threads(1)
    train, valid, test = (load_split(name) for name in ("train", "valid", "test"))
    short = sample_pairs(8000, longest=10, without=valid + test)
    valid_10, test_10 = ([p for p in pairs if len(p.source) <= 10] for pairs in (valid, test))
    jobs = [("01", name, (*config, short, valid_10, test_10)) for name, config in LESSON_1.items()]
    for lesson, experiments in RECIPES.items():
        for experiment, name in experiments.items():
            turn = reverse_sources if name == "reversed" else list
            jobs.append((lesson, experiment, (*recipe(name), *map(turn, (train, valid, test)))))
    rows = []
    for lesson, name, job in jobs:
        taken = seconds(*job)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # MB, the most until now
        rows.append({"lesson": lesson, "experiment": name, "seconds": round(taken), "memory": round(memory)})
        print("{lesson} {experiment:14} {seconds:4} s {memory:5} MB".format(**rows[-1]), flush=True)
        pd.DataFrame(rows).to_csv(FILE, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
