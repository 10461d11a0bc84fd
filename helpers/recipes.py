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
# Each trains until its validation BLEU stands still, with the weight decay that it does best with: a model that finds
# its own α needs much of it, or it learns the training sentences by heart; the vanilla model needs little.
VANILLA = TrainingConfig(epochs=6, weight_decay=0.01)
GIVEN = TrainingConfig(epochs=4)
LEARNED = TrainingConfig(epochs=8)
REAL = TrainingConfig(epochs=12, learning_rate=2e-3, weight_decay=0.1, label_smoothing=0.1, min_count=2)
LARGE = ModelConfig("none", hidden=256, attention_hidden=256, dropout=0.3, deep_output=True)
RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("vanilla", ModelConfig("none"), VANILLA),
        Recipe("oracle", ModelConfig("given"), GIVEN, oracle_alpha),
        Recipe("learned", ModelConfig("additive"), LEARNED),
        Recipe("uniform", ModelConfig("given"), GIVEN, uniform_alpha),  # notebook 03: three controls
        Recipe("shuffled", ModelConfig("given"), GIVEN, shuffled_alpha),
        Recipe("shifted", ModelConfig("given"), GIVEN, shifted_alpha),
        Recipe("wider", ModelConfig("none", hidden=256), VANILLA),  # notebook 02: three cures
        Recipe("lstm", ModelConfig("none", cell="lstm"), VANILLA),
        Recipe("reversed", ModelConfig("none"), VANILLA, prepare=reverse_sources),  # the source read backwards
        Recipe("real vanilla", LARGE, REAL),  # notebook 05: real sentences, where words are many and examples few
        Recipe("real learned", replace(LARGE, attention="additive"), REAL),
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
