"""Draws the pictures of the README; trains the learned model unless it is in the cache."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt

from helpers import plots
from helpers.corpus import load_split
from helpers.results import load_results, recipe
from helpers.training import trained
from helpers.translation import translate

DOCS = Path(__file__).resolve().parents[1] / "docs"

if __name__ == "__main__":
    DOCS.mkdir(exist_ok=True)
    curves = plots.bleu_by_length(load_results("by_length.csv"), models=["oracle", "learned", "vanilla"],
                                  title="One vector loses long sentences; attention keeps them")
    curves.axes[0].axvline(39.5, color="0.6", linewidth=0.8)
    curves.axes[0].text(40, 3, "longer than\nin training", fontsize=7, color="0.4")
    curves.savefig(DOCS / "three_curves.png", dpi=130, bbox_inches="tight")

    train, valid, test = (load_split(name) for name in ("train", "valid", "test"))
    model, _ = trained(*recipe("learned"), train, valid)
    pair = next(p for p in test if p.source[0] == "कल" and 6 <= len(p.source) <= 9)
    found = translate(model, [pair])[0]
    heatmap = plots.heatmap(found.alpha, found.source, found.target, "Where the model looks for each English word")
    heatmap.savefig(DOCS / "alignment.png", dpi=130, bbox_inches="tight")
    plt.close("all")
