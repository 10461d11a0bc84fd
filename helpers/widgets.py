"""Sliders that step through α; they need a running kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import ipywidgets
import torch

from helpers.batching import check_alpha
from helpers.corpus import Pair, gloss
from helpers.plots import END
from helpers.romanize import romanize
from helpers.training import History
from helpers.translation import Translation


def step_slider(translation: Translation) -> ipywidgets.VBox:
    """A slider over the decoder's steps: the words so far, and how much each source word weighs in this step.

    Raises:
        ValueError: the translation has no α, or α does not fit its words.
    """
    if translation.alpha is None:
        raise ValueError("the vanilla model has no α: it looks at one vector at every step")
    source, target = (*translation.source, END), (*translation.target, END)[: len(translation.alpha)]
    check_alpha(translation.alpha, (len(target), len(source)))

    def page(t: int) -> str:
        so_far = " ".join(escape(word) for word in target[: t - 1])
        return f"<p>{so_far} <b>{escape(target[t - 1])}</b></p>" + _bars(source, translation.alpha[t - 1].tolist())

    return _slider("step t", len(target), page)


def epoch_slider(history: History, pair: Pair) -> ipywidgets.VBox:
    """A slider over the epochs: α of the sentence that was watched in training.

    Raises:
        ValueError: no sentence was watched, or it was another one.
    """
    if not history.alpha:
        raise ValueError("no sentence was watched in this training: give `watch=pair` to `trained` or `fit`")
    source, target = (*pair.source, END), (*pair.target, END)
    check_alpha(torch.tensor(history.alpha[-1]), (len(target), len(source)))

    def page(epoch: int) -> str:
        head = "".join(f"<th style='padding:2px 6px;font-weight:normal'>{_word(word)}</th>" for word in source)
        rows = "".join(
            f"<tr><th style='text-align:right;padding-right:8px'>{escape(word)}</th>{''.join(map(_cell, weights))}</tr>"
            for word, weights in zip(target, history.alpha[epoch - 1], strict=True)
        )
        return f"<table><tr><td></td>{head}</tr>{rows}</table>"

    return _slider("epoch", len(history.alpha), page)


def _slider(name: str, last: int, page: Callable[[int], str]) -> ipywidgets.VBox:
    """An integer slider from 1 to `last`, over the HTML that `page` gives for its value."""
    slider = ipywidgets.IntSlider(value=1, min=1, max=last, description=name)
    shown = ipywidgets.HTML(page(1))
    slider.observe(lambda change: setattr(shown, "value", page(change["new"])), names="value")
    return ipywidgets.VBox([slider, shown])


def _word(word: str) -> str:
    """A source word in Devanagari, with how it is said and what it means in small print below."""
    if word == END:
        return escape(END)
    return f"{escape(word)}<br><small>{escape(romanize(word))}<br>{escape(gloss(word))}</small>"


def _bars(words: Sequence[str], weights: Sequence[float]) -> str:
    rows = "".join(
        f"<tr><td style='padding-right:10px'>{_word(word)}</td><td style='width:240px'>"
        f"<div style='background:#21918c;height:1em;width:{100 * weight:.0f}%'></div></td><td>{weight:.2f}</td></tr>"
        for word, weight in zip(words, weights, strict=True)
    )
    return f"<table>{rows}</table>"


def _cell(weight: float) -> str:
    return (
        f"<td title='{weight:.2f}' style='background:rgba(33,145,140,{weight:.2f});text-align:center;"
        f"min-width:2.6em'>{weight:.2f}</td>"
    )
