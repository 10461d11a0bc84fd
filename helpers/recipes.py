"""The recipes of the course's models, and what five seeds of each reached (made by `experiments/results.py`)."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.corpus.pairs import DATA, Pair
from helpers.models import ModelConfig
from helpers.training import TrainingConfig

RESULTS = DATA / "results"
# Each trains until its validation BLEU stands still, with the weight decay that it does best with: a model that finds
# its own α needs much of it, or it learns the training sentences by heart; the vanilla model needs little.
VANILLA = TrainingConfig(epochs=6, weight_decay=0.01)
TOLD = TrainingConfig(epochs=4)
RECIPES = {
    "vanilla": (ModelConfig("vanilla"), VANILLA),
    "oracle": (ModelConfig("oracle"), TOLD),
    "learned": (ModelConfig("learned"), TrainingConfig(epochs=8)),
    "uniform": (ModelConfig("uniform"), TOLD),
    "shuffled": (ModelConfig("shuffled"), TOLD),
    "shifted": (ModelConfig("shifted"), TOLD),
    "wider": (ModelConfig("vanilla", hidden=256), VANILLA),  # notebook 02: a wider state
    "lstm": (ModelConfig("vanilla", cell="lstm"), VANILLA),  # notebook 02: a cell with a memory
    "reversed": (ModelConfig("vanilla"), VANILLA),  # notebook 02: the source read backwards
}
REAL = TrainingConfig(epochs=12, learning_rate=2e-3, weight_decay=0.1, label_smoothing=0.1, min_count=2)
REAL_RECIPES = {  # notebook 05: real sentences, where words are many and examples few
    f"real {name}": (ModelConfig(name, hidden=256, attention=256, dropout=0.3, deep_output=True), REAL)
    for name in ("vanilla", "learned")
}


def recipe(name: str, seed: int = 0) -> tuple[ModelConfig, TrainingConfig]:
    """How the course builds and trains the model of this name."""
    recipes = RECIPES | REAL_RECIPES
    if name not in recipes:
        raise ValueError(f"no recipe called {name!r}: choose one of {', '.join(recipes)}")
    model, training = recipes[name]
    return model, replace(training, seed=seed)


def reverse_sources(pairs: list[Pair]) -> list[Pair]:
    """The same pairs with the Hindi words in the opposite order."""
    return [
        replace(p, source=p.source[::-1], links=tuple((len(p.source) - 1 - j, t, s) for j, t, s in p.links))
        for p in pairs
    ]


def load_results(file: str) -> pd.DataFrame:
    """A table of data/results, such as "by_length.csv".

    Raises:
        ValueError: there is no such table.
    """
    if not (RESULTS / file).exists():
        known = ", ".join(sorted(p.name for p in RESULTS.glob("*.csv")))
        raise ValueError(f"no table {file!r} in data/results: choose one of {known}")
    return pd.read_csv(RESULTS / file)
