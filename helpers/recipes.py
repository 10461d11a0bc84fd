"""The recipes of the course's models, and what five seeds of each reached (made by experiments/results.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from helpers.attention import Context
from helpers.corpus.pairs import DATA, Pair, load_split
from helpers.models import ModelConfig, Translator
from helpers.oracle import oracle_alpha, shifted_alpha, shuffled_alpha, uniform_alpha
from helpers.training import History, Recipe, TrainingConfig, fit, new_translator


def reverse_sources(pairs: Sequence[Pair]) -> list[Pair]:
    """The same pairs with the Hindi words in the opposite order."""
    return [
        replace(p, source=p.source[::-1], links=tuple((len(p.source) - 1 - j, t, s) for j, t, s in p.links))
        for p in pairs
    ]


RESULTS = DATA / "results"
# One recipe for all models and controls of the generated sentences: no difference between them is one of tuning.
COMMON = TrainingConfig(epochs=6, learning_rate=0.012, weight_decay=0.2)
REAL = TrainingConfig(epochs=12, learning_rate=2e-3, weight_decay=0.1, label_smoothing=0.1, min_count=2)
LARGE = ModelConfig("none", hidden=256, attention_hidden=256, dropout=0.3, deep_output=True)
RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("vanilla", ModelConfig("none"), COMMON),
        Recipe("oracle", ModelConfig("given"), COMMON, oracle_alpha),
        Recipe("learned", ModelConfig("additive"), COMMON),
        Recipe("both ways", ModelConfig("additive", bidirectional=True), COMMON),  # notebook 05
        Recipe("uniform", ModelConfig("given"), COMMON, uniform_alpha),  # notebook 03: four controls
        Recipe("shuffled", ModelConfig("given"), COMMON, shuffled_alpha),
        Recipe("shifted", ModelConfig("given"), COMMON, shifted_alpha),
        Recipe("places", ModelConfig("places"), COMMON, oracle_alpha),  # told where the words stand, not what they are
        Recipe("wider", ModelConfig("none", hidden=256), COMMON),  # notebook 02: three cures
        Recipe("lstm", ModelConfig("none", cell="lstm"), COMMON),
        Recipe("reversed", ModelConfig("none"), COMMON, prepare=reverse_sources),  # the source read backwards
        Recipe("backward", ModelConfig("additive"), COMMON, prepare=reverse_sources),  # notebook 05
        Recipe("real vanilla", LARGE, REAL),  # notebook 06: real sentences, where words are many and examples few
        Recipe("real learned", replace(LARGE, attention="additive"), REAL),
        Recipe("real both ways", replace(LARGE, attention="additive", bidirectional=True), REAL),
    )
}


def recipe(name: str, seed: int = 0) -> Recipe:
    """How the course builds and trains the model of this name.

    Raises:
        ValueError: there is no such recipe.
    """
    if name not in RECIPES:
        raise ValueError(f"no recipe called {name!r}: choose one of {', '.join(RECIPES)}")
    chosen = RECIPES[name]
    return replace(chosen, training=replace(chosen.training, seed=seed))


def fit_short(recipe: Recipe, context: Context | None = None) -> tuple[Translator, History, list[Pair]]:
    """A quick experiment: the recipe on the training sentences of at most 15 Hindi words.

    Args:
        context: where c_t comes from, in place of the recipe's own.
    Returns:
        the trained model, its history, and the test sentences of at most 15 words.
    """
    train, valid, test = (load_split(name) for name in ("train", "valid", "test"))
    short, short_valid, short_test = ([p for p in pairs if len(p.source) <= 15] for pairs in (train, valid, test))
    model = new_translator(recipe.model, recipe.training, train)
    model.context = context or model.context
    history = fit(model, short, short_valid, recipe.training, recipe.oracle, name=recipe.name)
    return model, history, short_test


def load_results(file: str) -> pd.DataFrame:
    """A table of data/results, such as "by_length.csv".

    Raises:
        ValueError: there is no such table.
    """
    if not (RESULTS / file).exists():
        known = ", ".join(sorted(p.name for p in RESULTS.glob("*.csv")))
        raise ValueError(f"no table {file!r} in data/results: choose one of {known}")
    return pd.read_csv(RESULTS / file)
