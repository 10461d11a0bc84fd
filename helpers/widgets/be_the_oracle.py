"""You are the oracle: sliders for the weights of one decoder step, and what they do to the words. For notebook 03."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape

import ipywidgets
import matplotlib.pyplot as plt
import pandas as pd
import torch
from torch import Tensor

from helpers.corpus.pairs import Pair
from helpers.corpus.romanize import romanize
from helpers.corpus.words import gloss, word_class
from helpers.models import Translator
from helpers.oracle import oracle_alpha
from helpers.steps import forced
from helpers.translation import translate
from helpers.vocabulary import END

TRUE, YOURS = "#8c8c8c", "#2a7fba"  # grey and blue: told apart by everyone, seen on white and on black
NO_KERNEL = "To set the weights yourself, run this notebook: the sliders need a running kernel."
WRAP = {"flex_flow": "row wrap"}
FEW = 0.02  # a word that is less likely is not named
# ipywidgets leaves its sliders without a name, and Notebook takes their arrow keys: both are put right in the page.
NAME_SLIDERS = """<style onload="setTimeout(() => document.querySelectorAll('.source-word').forEach((column, j) => {
    const handle = column.querySelector('.noUi-handle, .ui-slider-handle'), name = column.querySelector('.widget-html');
    if (!handle || !name) return;
    name.id = 'source-word-' + j;
    handle.setAttribute('role', 'slider');
    handle.setAttribute('aria-labelledby', name.id);
    handle.dataset.lmSuppressShortcuts = 'true';
}), 300)"></style>"""


def decode(model: Translator, pair: Pair, alpha: Tensor) -> tuple[tuple[str, ...], Tensor]:
    """What a model writes when it is told α (T_y + 1, T_x + 1): the words, and the distribution (T, words) of each."""
    (translation,) = translate(model, [pair], oracle=lambda _: alpha)
    used = translation.alignment.alpha if translation.alignment else None  # its last row may have been used again
    p, _ = forced(model, pair.source, translation.tokens, used)
    return translation.tokens, p


def check_step(t: int, steps: int) -> None:
    """Raise a ValueError unless t, counted from 1, is one of so many steps."""
    if t not in range(1, steps + 1):
        raise ValueError(f"there is no step {t}: this sentence has the steps 1 to {steps}, </s> included")


def overrule(pair: Pair, t: int, weights: Sequence[float] | Tensor) -> Tensor:
    """The oracle's α (T_y + 1, T_x + 1), but with your weights at step t (counted from 1).

    Args:
        weights: (T_x + 1) numbers from 0 up, for the source words and `</s>`; they are divided by their sum.
    Raises:
        ValueError: a step or weights that do not fit the sentence.
    """
    alpha, words = oracle_alpha(pair), (*pair.source, END)
    check_step(t, len(alpha))
    given = torch.as_tensor(weights, dtype=torch.float32).cpu()
    if given.shape != (len(words),):
        raise ValueError(
            f"{len(words)} weights are needed, one for each of {', '.join(words)}; these are {given.numel()}"
        )
    if not given.isfinite().all() or (given < 0).any():
        raise ValueError(f"weights are numbers from 0 up, such as 0.5; these are {given.tolist()}")
    if given.sum() == 0:
        raise ValueError("All weights are zero, so there is nothing to average. Give at least one word a weight.")
    alpha[t - 1] = given / given.sum()
    return alpha


def distance(p: Tensor, q: Tensor) -> float:
    """Total variation distance: the share of the probability that is on other words, 0 to 1."""
    return float((p - q).abs().sum() / 2)


class BeTheOracle:
    """A slider for the weight of each source word at one step; the next word and the translation follow at once.

    Where no kernel runs, as on GitHub, a picture of one overruled step takes its place.

    Args:
        model: a translator that is told its weights, such as the oracle model.
        pair: a sentence and its alignment, which gives the true weights.
        t: the step to begin with, counted from 1.
    Raises:
        ValueError: a model that takes no weights, a pair without alignment, or a step that is not there.
    """

    def __init__(self, model: Translator, pair: Pair, t: int = 1):
        self.model, self.pair, self.alpha = model, pair, oracle_alpha(pair)
        self.source = words = (*pair.source, END)
        self.true, self.p = decode(model, pair, self.alpha)
        steps = [(f"{n}: {word}", n) for n, word in enumerate(self.true[: len(self.alpha)], 1)]
        check_step(t, len(steps))
        self.step = ipywidgets.Dropdown(
            options=steps,
            value=t,
            description="step t:",
            layout={"width": "180px"},
            style={"description_width": "initial"},
        )
        self.gold = ipywidgets.Button(description="true weights", tooltip="as the alignment says")
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
        self.gold.on_click(lambda _: self._set())
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
        rows = [self.step, self.gold, self.uniform], [ipywidgets.HBox(columns, layout=WRAP), self.shown]
        self.widget = ipywidgets.VBox([ipywidgets.HBox(row, layout=WRAP) for row in rows])
        self._set()

    def _set(self, weights: Tensor | None = None) -> None:
        """Move all sliders, to the true weights by default, and draw once."""
        weights = self.alpha[self.step.value - 1] if weights is None else weights
        self.moving = True
        for slider, weight in zip(self.sliders, weights.tolist(), strict=True):
            slider.value = weight
        self.moving = False
        self._draw()

    def _draw(self) -> None:
        if self.moving:
            return
        weights = [slider.value for slider in self.sliders]
        for label, word, weight in zip(self.labels, self.source, weights, strict=True):
            said = "" if word == END else f"<br>{escape(romanize(word))}<br>{escape(gloss(word, self.pair.target))}"
            label.value = (
                "<div style='text-align:center;line-height:1.25;white-space:normal;overflow-wrap:anywhere'>"
                f"<b>{weight / (sum(weights) or 1):.2f}</b><small>{said}</small></div>"
            )
        try:
            page = self._page(*decode(self.model, self.pair, overrule(self.pair, self.step.value, weights)))
        except ValueError as error:
            page = escape(str(error))
        self.shown.value = f"<div role='status' style='line-height:1.5'>{page}</div>{NAME_SLIDERS}"

    def _page(self, yours: tuple[str, ...], p: Tensor) -> str:
        """How far the distribution moved, both translations, and both distributions."""
        k = self.step.value - 1
        page = (
            f"{distance(self.p[k], p[k]):.0%} of the probability moved to other words (this share is the "
            "<i>total variation distance</i>)."
        )
        for name, colour, tokens in (("true weights", TRUE, self.true), ("your weights", YOURS, yours)):
            words = [escape(word) for word in tokens]
            words[k] = f"<b><u>{words[k]}</u></b>"
            page += f"<div><span style='color:{colour}'>■</span> {name}: {' '.join(words)}</div>"
        for word, *shares in self._likeliest(self.p[k], p[k]).itertuples():
            bars = "".join(_bar(share, colour) for share, colour in zip(shares, (TRUE, YOURS), strict=True))
            page += (
                "<div style='display:flex;align-items:center;margin-top:4px'><div style='width:6em;"
                f"text-align:right;padding-right:8px'>{escape(word)}</div><div style='flex:1'>{bars}</div></div>"
            )
        return page

    def _likeliest(self, p: Tensor, q: Tensor) -> pd.DataFrame:
        """The likeliest words of two distributions, those from 2 % on, and all others in one row."""
        highest = torch.maximum(p, q).topk(5)
        best = highest.indices[highest.values >= FEW]
        words = [self.model.target_vocab.words[i] for i in best.tolist()]
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
        t = self.step.value
        word, p = self.true[t - 1], self.p[t - 1]
        tries = [decode(self.model, self.pair, overrule(self.pair, t, one)) for one in torch.eye(len(self.source))]
        others = [(tokens[t - 1], q[t - 1]) for tokens, q in tries]
        telling = [  # </s> is no word to look at
            float(q.max()) * (other != word) * (1 if word_class(other) == "content" and other != END else 0.01)
            for other, q in others[:-1]
        ]
        j = telling.index(max(telling))
        other, q = others[j]
        source = f"{romanize(self.source[j])} ({gloss(self.source[j], self.pair.target)})"
        alt = (
            f"With the true weights, the word at step {t} is “{word}” ({p.max():.0%}). With all weight on "
            f"{source} it is “{other}” ({q.max():.0%})."
        )
        shares = self._likeliest(p, q).set_axis(["true weights", f"only {source}"], axis=1)
        ax = shares.plot.barh(figsize=(6, 3), width=0.8, color=[TRUE, YOURS], xlim=(0, 1.1))
        for bars in ax.containers:
            ax.bar_label(bars, [f"{share:.0%}" for share in bars.datavalues], padding=2, fontsize=8)
        ax.invert_yaxis()
        ax.set(
            title=f"Look at {source} instead, and the word is “{other}”",
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
