"""Step through a translation: one piece of HTML, a picture and a script, which works in every page without a kernel."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from matplotlib.patches import Rectangle
from PIL import Image
from torch import Tensor

from helpers import plots
from helpers.corpus.pairs import Pair
from helpers.corpus.romanize import romanize
from helpers.corpus.words import gloss, word_class
from helpers.models import Translator
from helpers.oracle import Oracle
from helpers.steps import Steps, decoder_steps
from helpers.training import History
from helpers.translation import Translation
from helpers.vocabulary import END

STYLE, SCRIPT = (Path(__file__).with_name(f"explorer.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
VIRIDIS = [[round(255 * x) for x in plt.get_cmap("viridis")(i / 16)[:3]] for i in range(17)]


class Explorer:
    """Steps that a reader can walk through. Leave it as the last line of a cell, or `display` it.

    It is one piece of HTML: a picture, and a script that puts the sliders in its place. So it needs no kernel and no
    internet, and where scripts do not run (on GitHub, on paper) the picture stays.

    Args:
        epochs: the steps of one sentence; or those after each epoch of a training, for a second slider.
        compare: (T_y, T_x) weights to lay over α as hollow marks.
        note: a line of text below.
    """

    def __init__(self, epochs: Sequence[Steps], compare: Tensor | None = None, note: str = ""):
        self.epochs, self.note = list(epochs), note
        if not self.epochs or len({(s.alignment.source, s.alignment.target) for s in self.epochs}) > 1:
            raise ValueError("the steps of one sentence are needed, or those of the same sentence after each epoch")
        self.alignment = self.epochs[-1].alignment  # the words, and where they look at last
        self.compare = None if compare is None else replace(self.alignment, alpha=compare)

    def __repr__(self) -> str:
        s = self.alignment
        return (
            f"Heatmap of α: {len(s.target)} target words (rows) by {len(s.source)} source words (columns), for "
            f"“{' '.join(s.target)}”. Marked is {self._looks()}. {self.note}"
        ).strip()

    def _repr_mimebundle_(self, **_) -> tuple[dict, dict]:
        picture = base64.b64encode(self.picture()).decode()
        return (
            {"text/html": self.html(picture), "image/png": picture, "text/plain": repr(self)},
            {"image/png": {"alt": repr(self)}},
        )

    def html(self, picture: str) -> str:
        """The page: `picture` is a PNG in base64."""
        data = json.dumps(self._data(), ensure_ascii=False, separators=(",", ":")).replace("<", r"\u003c")
        name = "explorer-" + hashlib.sha256(data.encode()).hexdigest()[:12]
        return (
            f'<div id="{name}" class="explorer"><img alt="{escape(repr(self))}" style="max-width: 100%" '
            f'src="data:image/png;base64,{picture}"></div>\n<style>\n{STYLE}</style>\n<script>\n{{\n{SCRIPT}\n'
            f"for (const root of document.querySelectorAll('[id=\"{name}\"]:not(.live)')) explore(root, {data});\n"
            "}\n</script>\n"
        )

    def picture(self) -> bytes:
        """The heatmap as a PNG. One step is marked: it has most of its weight on one word, far from the diagonal."""
        plots.set_style()  # before the context below, which would take it back
        t = self._telling_step()
        rows, columns = self.alignment.alpha.shape
        width, height = (0.78, 0.3) if columns <= 16 else (0.36, 0.2)  # inches a cell
        with plt.rc_context({"text.parse_math": False}):
            figure, ax = plt.subplots(figsize=(1.6 + width * columns, 1.4 + height * rows))
            plots.heatmap(self.alignment, self._looks(), ax, glosses=columns <= 16)
            ax.tick_params(axis="x", labelsize=8 if columns <= 16 else 7)
            for colour, line in (("white", 4), ("black", 2)):
                ax.add_patch(Rectangle((0, t), columns, 1, fill=False, edgecolor=colour, linewidth=line, clip_on=False))
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png", bbox_inches="tight", dpi=min(110, 6000 / figure.get_figwidth()))
        plt.close(figure)
        few_colours = io.BytesIO()
        Image.open(buffer).convert("RGB").quantize(128).save(few_colours, format="PNG", optimize=True)
        return few_colours.getvalue()

    def _telling_step(self) -> int:
        alpha = self.alignment.alpha
        t, j = (torch.linspace(0, 1, n) for n in alpha.shape)
        # Much weight on one word, far from the diagonal.
        telling = alpha.max(1).values * (alpha * (t.unsqueeze(1) - j).abs()).sum(1)
        content = [word_class(word) == "content" for word in self.alignment.target[:-1]]
        return int((telling[: max(1, len(t) - 1)] * (torch.tensor(content or [True]) + 0.01)).argmax())

    def _looks(self) -> str:
        t = self._telling_step()
        weight, j = (100 * self.alignment.alpha[t]).round().max(0)  # of equal hundredths the first, as in the script
        word = self.alignment.source[int(j)]
        word = with_sound(word) if plots.set_style() else romanize(word)
        return f"step {t + 1}: “{kept(self.alignment.target[t])}” looks at {kept(word)} {weight / 100:.2f}"

    def _data(self) -> dict:
        """What the script gets: numbers as they are shown, in hundredths; c as bytes."""
        scale = round(max(float(s.c.abs().max()) for s in self.epochs) + 0.05, 1)  # the largest |c|, rounded up
        scores = [e for s in self.epochs if s.e is not None for row in _hundredths(s.e) for e in row]
        return {
            "source": [
                [w] if romanize(w) == w else [w, romanize(w), gloss(w, self.alignment.target)]
                for w in self.alignment.source
            ],
            "target": self.alignment.target,
            "compare": None if self.compare is None else _hundredths(self.compare.alpha),
            "hollow": "the oracle’s",  # whose weights those are
            "palette": VIRIDIS,
            "scale": scale,
            "scores": [min(0, *scores), max(1, *scores)] if scores else None,  # the ends of their axis
            "note": self.note,
            "epochs": [
                {
                    "alpha": _hundredths(s.alignment.alpha),
                    "e": None if s.e is None else _hundredths(s.e),
                    "c": base64.b64encode(bytes(((s.c.flatten() / scale + 1) * 127.5).round().int().tolist())).decode(),
                    "next": [[(word, round(100 * p)) for word, p in words] for words in s.likeliest],
                    "p": [round(100 * p) for p in s.p],
                }
                for s in self.epochs
            ],
        }


def attention_explorer(
    model: Translator,
    sentence: Pair | Translation,
    oracle: Oracle | None = None,
    compare: Tensor | None = None,
    history: History | None = None,
) -> Explorer:
    """Step through a sentence: the scores, the weights, the context and the next words, all as the model computes them.

    Args:
        sentence: a pair, whose target words the decoder is given; or a translation, to follow the words that the model
            wrote itself.
        oracle: who gives the weights, for a model that is told them; a translation brings those that it was given.
        compare: (T_y + 1, T_x + 1) weights to lay over the model's own, such as `oracle_alpha(pair)`.
        history: of a training that watched this pair (`watch=pair`): gives a second slider, over the epochs.
    Raises:
        ValueError: the model has no α; weights do not fit the words or do not sum to 1; the pair was not watched.
    """
    if history is None:
        if isinstance(sentence, Translation):
            tokens, alpha = sentence.tokens, sentence.alignment.alpha if oracle and sentence.alignment else None
        else:
            tokens, alpha = (*sentence.target, END), oracle(sentence) if oracle else None
        epochs = [decoder_steps(model, sentence.source, tokens, alpha)]
    else:
        epochs = history.watched
        if not epochs:
            raise ValueError("no sentence was watched in this training: give `watch=pair` to `fit_or_load` or `fit`")
        words = (epochs[0].alignment.source[:-1], epochs[0].alignment.target[:-1])
        if not isinstance(sentence, Pair) or (sentence.source, sentence.target) != words:
            raise ValueError(f"another sentence was watched in this training: explore “{' '.join(words[0])}”")
    unknown = [word for word in sentence.source if word not in model.source_vocab]
    note = f"The model does not know {', '.join(dict.fromkeys(unknown))}: to it, each is <unk>." if unknown else ""
    return Explorer(epochs, compare, note)


def _hundredths(x: Tensor) -> list[list[int]]:
    return (100 * x).round().int().tolist()


def kept(word: str) -> str:
    """A word that is written from right to left with a mark that keeps what follows, such as its number, behind it."""
    return f"{word}\u200e" if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in word) else word


def with_sound(word: str) -> str:
    """A Hindi word with its romanisation in brackets; any other word as it is."""
    return word if word == romanize(word) else f"{word} ({romanize(word)})"
