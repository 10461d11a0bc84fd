"""Step through a translation: the explorer works in every page, also without a kernel; the sentence box needs one."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from matplotlib.patches import Rectangle
from PIL import Image
from torch import Tensor

from helpers import plots
from helpers.attention import check_alpha
from helpers.corpus.pairs import Pair
from helpers.corpus.romanize import romanize
from helpers.corpus.words import gloss, word_class
from helpers.models import Translator
from helpers.steps import Steps, decoder_steps
from helpers.training import History
from helpers.translation import Translation

PAGE = Path(__file__).with_name("explorer.html")  # its style and its script
VIRIDIS = [[round(255 * x) for x in plt.get_cmap("viridis")(i / 16)[:3]] for i in range(17)]


class Explorer:
    """Steps that a reader can walk through. Leave it as the last line of a cell, or `display` it.

    It is one piece of HTML: a picture, and a script that puts the sliders in its place. So it needs no kernel and no
    internet, and where scripts do not run (on GitHub, on paper) the picture stays.

    Args:
        epochs: the steps of one sentence; or those after each epoch of a training, for a second slider.
        oracle: (T_y, T_x) weights to lay over α as hollow marks.
        note: a line of text below.
    """

    def __init__(self, epochs: Sequence[Steps], oracle: Tensor | None = None, note: str = ""):
        self.epochs, self.oracle, self.note = list(epochs), oracle, note
        if not self.epochs or len({(s.source, s.target) for s in self.epochs}) > 1:
            raise ValueError("the steps of one sentence are needed, or those of the same sentence after each epoch")
        if oracle is not None:
            check_alpha(oracle, tuple(self.epochs[-1].alpha.shape))

    def __repr__(self) -> str:
        s = self.epochs[-1]
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
        live = PAGE.read_text(encoding="utf-8")
        for place, content in (("ROOT", name), ("VIRIDIS", str(VIRIDIS)), ("DATA", data)):
            live = live.replace(place, content)
        return (
            f'<div id="{name}" class="explorer"><img alt="{escape(repr(self))}" style="max-width: 100%" '
            f'src="data:image/png;base64,{picture}"></div>\n{live}'
        )

    def picture(self) -> bytes:
        """The heatmap as a PNG, with a telling step marked: one that looks, surely, far off the diagonal."""
        s, t = self.epochs[-1], self._telling_step()
        rows, columns = s.alpha.shape
        width, height = (0.78, 0.3) if columns <= 16 else (0.36, 0.2)  # inches a cell
        with plt.rc_context({"text.parse_math": False}):
            figure, ax = plt.subplots(figsize=(1.6 + width * columns, 1.4 + height * rows))
            plots.heatmap(s.alpha, s.source, s.target, self._looks(), ax, glosses=columns <= 16)
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
        alpha = self.epochs[-1].alpha
        t, j = (torch.linspace(0, 1, n) for n in alpha.shape)
        telling = alpha.max(1).values * (alpha * (t.unsqueeze(1) - j).abs()).sum(1)  # sure of a place that is far off
        content = [word_class(word) == "content" for word in self.epochs[-1].target[:-1]]
        return int((telling[: max(1, len(t) - 1)] * (torch.tensor(content or [True]) + 0.01)).argmax())

    def _looks(self) -> str:
        s, t = self.epochs[-1], self._telling_step()
        weight, j = s.alpha[t].max(0)
        word = with_sound(s.source[j]) if plots.DEVANAGARI else romanize(s.source[j])
        return f"step {t + 1}: “{s.target[t]}” looks at {word} {weight:.2f}"

    def _data(self) -> dict:
        """What the script gets: numbers as they are shown, in hundredths; c as bytes."""
        last = self.epochs[-1]
        scale = round(max(float(s.c.abs().max()) for s in self.epochs) + 0.05, 1)  # the largest |c|, rounded up
        scores = [e for s in self.epochs if s.e is not None for row in _hundredths(s.e) for e in row]
        return {
            "source": [[w] if romanize(w) == w else [w, romanize(w), gloss(w)] for w in last.source],
            "target": last.target,
            "oracle": None if self.oracle is None else _hundredths(self.oracle),
            "scale": scale,
            "scores": [min(0, *scores), max(1, *scores)] if scores else None,  # the ends of their axis
            "note": self.note,
            "epochs": [
                {
                    "alpha": _hundredths(s.alpha),
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
    sentence: Pair | Translation | Sequence[str] | str,
    alpha: Tensor | None = None,
    oracle: Tensor | None = None,
    history: History | None = None,
) -> Explorer:
    """Step through a sentence: the scores, the weights, the context and the next words, all as the model computes them.

    Args:
        sentence: a pair, whose target words the decoder is given; or a translation, a list of source words or typed
            text, to follow the words that the model writes itself.
        alpha: (T_y + 1, T_x + 1) weights set by hand, for a model that is told its weights.
        oracle: (T_y + 1, T_x + 1) weights to lay over the model's own, such as `oracle_alpha(pair)`.
        history: of a training that watched this pair (`watch=pair`): gives a second slider, over the epochs.
    Raises:
        ValueError: the model has no α; weights do not fit the words or do not sum to 1; the pair was not watched.
    """
    if history is None:
        epochs = [decoder_steps(model, sentence, alpha)]
    else:
        epochs = history.watched
        if not epochs:
            raise ValueError("no sentence was watched in this training: give `watch=pair` to `trained` or `fit`")
        words = (epochs[0].source[:-1], epochs[0].target[:-1])
        if not isinstance(sentence, Pair) or (sentence.source, sentence.target) != words:
            raise ValueError(f"another sentence was watched in this training: explore “{' '.join(words[0])}”")
    unknown = [word for word in epochs[-1].source[:-1] if word not in model.source_vocab]
    note = f"The model does not know {', '.join(dict.fromkeys(unknown))}: to it, each is <unk>." if unknown else ""
    return Explorer(epochs, None if oracle is None else torch.as_tensor(oracle), note)


def _hundredths(x: Tensor) -> list[list[int]]:
    return (100 * x).round().int().tolist()


def with_sound(word: str) -> str:
    return word if word == romanize(word) else f"{word} ({romanize(word)})"
