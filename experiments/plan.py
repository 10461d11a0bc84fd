"""Which models are trained to be measured, how often, and what is measured of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpers.recipes import RECIPES
from helpers.training import Recipe


@dataclass(frozen=True)
class Study:
    """A model that is trained with several seeds.

    Args:
        longest: learns only from sentences of at most so many Hindi words.
    """

    recipe: Recipe
    seeds: Sequence[int] = range(5)
    longest: int | None = None

    @property
    def name(self) -> str:
        """What the tables call it."""
        return self.recipe.name


def variant(
    of: str, name: str, seeds: Sequence[int] = range(5), longest: int | None = None, hidden: int = 128, **training
) -> Study:
    """A recipe of the course under another name, with another size or training."""
    base = RECIPES[of]
    changed = replace(
        base, name=name, model=replace(base.model, hidden=hidden), training=replace(base.training, **training)
    )
    return Study(changed, seeds, longest)


THREE, ONE = range(3), range(1)
MAIN = [Study(RECIPES[name]) for name in ("vanilla", "oracle", "learned", "both ways")]
CONTROLS = [Study(RECIPES[name]) for name in ("uniform", "shuffled", "shifted", "places")]
CURES = [Study(RECIPES[name]) for name in ("wider", "lstm", "reversed")]
LONGER = [
    *(variant("vanilla", f"vanilla, {passes} passes", THREE, epochs=passes) for passes in (24, 48)),
    variant("lstm", "lstm, 24 passes", ONE, epochs=24),
]
WIDTHS = [
    variant("vanilla", f"vanilla, {units} units, 24 passes", seeds, hidden=units, epochs=24)
    for units, seeds in ((256, THREE), (512, THREE), (1024, ONE))
]
BOTH_WAYS = [
    Study(RECIPES["backward"]),
    variant("learned", "learned, as many numbers", hidden=168),  # as both ways
    variant("learned", "learned, decay 0.4", THREE, weight_decay=0.4),
    variant("both ways", "both ways, decay 0.4", THREE, weight_decay=0.4),
]
SHORT = [  # a third of the pairs and three times the passes: about as many updates as the others make
    variant(name, f"{name}, to 15 words", THREE, longest=15, epochs=18) for name in ("vanilla", "learned", "both ways")
]
RATES = [  # and with another learning rate?
    variant(name, f"{name}, rate {rate}", ONE, learning_rate=rate)
    for name in ("vanilla", "lstm", "learned")
    for rate in (0.003, 0.006, 0.024)
]
SWEEP = [  # would a model do better with a weight decay of its own?
    variant(name, f"{name}, decay {decay}", ONE, weight_decay=decay)
    for name in ("vanilla", "uniform", "oracle", "learned")
    for decay in (0.01, 0.1, 0.4)
    if (name, decay) != ("learned", 0.4)  # which is among BOTH_WAYS
]
REAL = [
    *(Study(RECIPES[f"real {name}"], THREE) for name in ("vanilla", "learned", "both ways")),
    variant("real vanilla", "real vanilla, as many numbers", THREE, hidden=335),  # as real both ways
]
STUDIES = {s.name: s for s in (*MAIN, *CONTROLS, *CURES, *BOTH_WAYS, *SHORT, *LONGER, *WIDTHS, *RATES, *SWEEP, *REAL)}
