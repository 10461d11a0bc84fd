"""You are the oracle: sliders for the weights of one decoder step, and what they do to the words. For notebook 03."""

from __future__ import annotations

import base64
import io
from html import escape

import ipywidgets
import matplotlib.pyplot as plt
import pandas as pd
import torch
from torch import Tensor

from helpers.batching import END
from helpers.corpus.pairs import Pair
from helpers.corpus.romanize import romanize
from helpers.corpus.words import gloss, word_class
from helpers.models import Translator
from helpers.widgets.overrule import Decoding, Step, distance

TRUE, YOURS = "#8c8c8c", "#2a7fba"  # grey and blue: told apart by everyone, seen on white and on black
NO_KERNEL = "To set the weights yourself, run this notebook: the sliders need a running kernel."
WRAP = {"flex_flow": "row wrap"}
# ipywidgets leaves its sliders without a name, and Notebook takes their arrow keys: both are put right in the page.
NAME_SLIDERS = """<style onload="setTimeout(() => document.querySelectorAll('.source-word').forEach((column, j) => {
    const handle = column.querySelector('.noUi-handle, .ui-slider-handle'), name = column.querySelector('.widget-html');
    if (!handle || !name) return;
    name.id = 'source-word-' + j;
    handle.setAttribute('role', 'slider');
    handle.setAttribute('aria-labelledby', name.id);
    handle.dataset.lmSuppressShortcuts = 'true';
}), 300)"></style>"""


class BeTheOracle:
    """A slider for the weight of each source word at one step; the next word and the translation follow at once.

    Where no kernel runs, as on GitHub, a picture of one overruled step takes its place.

    Args:
        model, pair: as for `Decoding`, which says what it refuses.
        t: the step to begin with, counted from 1.
    """

    def __init__(self, model: Translator, pair: Pair, t: int = 1):
        self.decoding = Decoding(model, pair)
        self.decoding.again(t, torch.ones(len(self.decoding.source)))  # refuses a step that is not there
        words = self.decoding.source
        steps = [(f"{n}: {step.word}", n) for n, step in enumerate(self.decoding.steps[: len(self.decoding)], 1)]
        self.step = ipywidgets.Dropdown(
            options=steps,
            value=t,
            description="step t:",
            layout={"width": "180px"},
            style={"description_width": "initial"},
        )
        self.true = ipywidgets.Button(description="true weights", tooltip="as the alignment says")
        self.uniform = ipywidgets.Button(description="uniform weights", tooltip="the same for every word")
        self.sliders = [
            ipywidgets.FloatSlider(
                min=0, max=1, step=0.05, orientation="vertical", readout=False, layout={"height": "90px"}
            )
            for _ in words
        ]
        self.only = [
            ipywidgets.Button(
                description=word, tooltip="all the weight on this word", layout={"width": "58px", "padding": "0"}
            )
            for word in words
        ]
        self.labels = [ipywidgets.HTML() for _ in words]
        self.shown = ipywidgets.HTML(layout={"flex": "1 1 290px", "max_width": "620px", "margin": "0 0 0 8px"})

        self.step.observe(lambda _: self._set(), "value")
        self.true.on_click(lambda _: self._set())
        self.uniform.on_click(lambda _: self._set(torch.ones(len(words))))
        for one, button, slider in zip(torch.eye(len(words)), self.only, self.sliders, strict=True):
            button.on_click(lambda _, one=one: self._set(one))
            slider.observe(lambda _: self._draw(), "value")
        columns = [
            ipywidgets.VBox(parts, layout={"align_items": "center", "width": "60px"})
            for parts in zip(self.sliders, self.only, self.labels, strict=True)
        ]
        for column in columns:
            column.add_class("source-word")
        rows = [self.step, self.true, self.uniform], [ipywidgets.HBox(columns, layout=WRAP), self.shown]
        self.widget = ipywidgets.VBox([ipywidgets.HBox(row, layout=WRAP) for row in rows])
        self._set()

    def _set(self, weights: Tensor | None = None) -> None:
        """Move all sliders, to the true weights by default, and draw once."""
        weights = self.decoding.alpha[self.step.value - 1] if weights is None else weights
        self.moving = True
        for slider, weight in zip(self.sliders, weights.tolist(), strict=True):
            slider.value = weight
        self.moving = False
        self._draw()

    def _draw(self) -> None:
        if self.moving:
            return
        weights = [slider.value for slider in self.sliders]
        for label, word, weight in zip(self.labels, self.decoding.source, weights, strict=True):
            said = "" if word == END else f"<br>{escape(romanize(word))}<br>{escape(gloss(word))}"
            label.value = (
                "<div style='text-align:center;line-height:1.25;white-space:normal;overflow-wrap:anywhere'>"
                f"<b>{weight / (sum(weights) or 1):.2f}</b><small>{said}</small></div>"
            )
        try:
            page = self._page(self.decoding.again(self.step.value, weights))
        except ValueError as error:
            page = escape(str(error))
        self.shown.value = f"<div role='status' style='line-height:1.5'>{page}</div>{NAME_SLIDERS}"

    def _page(self, yours: list[Step]) -> str:
        """How far the distribution moved, both translations, and both distributions."""
        k, true = self.step.value - 1, self.decoding.steps
        page = (
            f"{distance(true[k].p, yours[k].p):.0%} of the probability moved to other words (this share is the "
            "<i>total variation distance</i>)."
        )
        for name, colour, steps in (("true weights", TRUE, true), ("your weights", YOURS, yours)):
            words = [escape(step.word) for step in steps]
            words[k] = f"<b><u>{words[k]}</u></b>"
            page += f"<div><span style='color:{colour}'>■</span> {name}: {' '.join(words)}</div>"
        for word, *shares in self._likeliest(true[k].p, yours[k].p).itertuples():
            bars = "".join(_bar(share, colour) for share, colour in zip(shares, (TRUE, YOURS), strict=True))
            page += (
                "<div style='display:flex;align-items:center;margin-top:4px'><div style='width:6em;"
                f"text-align:right;padding-right:8px'>{escape(word)}</div><div style='flex:1'>{bars}</div></div>"
            )
        return page

    def _likeliest(self, p: Tensor, q: Tensor) -> pd.DataFrame:
        """The likeliest words of two distributions, and all others in one row."""
        best = torch.maximum(p, q).topk(5).indices
        words = [self.decoding.model.target_vocab.words[i] for i in best.tolist()]
        return pd.DataFrame(
            {
                name: [*share[best].tolist(), float(1 - share[best].sum())]
                for name, share in (("true weights", p), ("your weights", q))
            },
            [*words, "all others"],
        )

    def _repr_mimebundle_(self, **_) -> tuple[dict, dict]:
        """The sliders; and for where there is no kernel, a picture with its text."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        png, alt = self._picture()
        picture = base64.b64encode(png).decode()
        html = (
            f"<p><em>{NO_KERNEL}</em></p>"
            f'<img alt="{escape(alt)}" style="max-width: 100%" src="data:image/png;base64,{picture}">'
        )
        return (
            {
                "application/vnd.jupyter.widget-view+json": view,
                "text/html": html,
                "image/png": picture,
                "text/plain": f"{alt} {NO_KERNEL}",
            },
            {"image/png": {"alt": alt}},
        )

    def _picture(self) -> tuple[bytes, str]:
        """One overruled step: all the weight on the word that most surely leads to another content word."""
        t, true = self.step.value, self.decoding.steps[self.step.value - 1]
        tries = [self.decoding.again(t, one)[t - 1] for one in torch.eye(len(self.sliders))]
        content = [word_class(a.word) == "content" or 0.01 for a in tries]
        other = [float(a.p.max()) * (a.word != true.word) * c for a, c in zip(tries, content, strict=True)]
        j = other.index(max(other))
        source = f"{romanize(self.decoding.source[j])} ({gloss(self.decoding.source[j])})"
        alt = (
            f"With the true weights, the word at step {t} is “{true.word}” ({true.p.max():.0%}). With all weight on "
            f"{source} it is “{tries[j].word}” ({tries[j].p.max():.0%})."
        )
        shares = self._likeliest(true.p, tries[j].p).set_axis(["true weights", f"only {source}"], axis=1)
        ax = shares.plot.barh(figsize=(6, 3), width=0.8, color=[TRUE, YOURS], xlim=(0, 1.1))
        for bars in ax.containers:
            ax.bar_label(bars, [f"{share:.0%}" for share in bars.datavalues], padding=2, fontsize=8)
        ax.invert_yaxis()
        ax.set(
            title=f"Look at {source} instead, and the word is “{tries[j].word}”",
            xlabel=f"probability of the word at step {t}",
        )
        ax.legend(frameon=False, loc="lower right")
        picture = io.BytesIO()
        ax.figure.savefig(picture, format="png", bbox_inches="tight")
        plt.close(ax.figure)
        return picture.getvalue(), alt


def _bar(share: float, colour: str) -> str:
    return (
        f"<div style='display:flex;align-items:center;line-height:1.1'><div style='background:{colour};"
        f"height:.8em;width:{85 * share:.1f}%'></div><small style='padding-left:4px'>{share:.0%}</small></div>"
    )
