"""The growing drawing of the machine: one drawing, to which each lesson adds the part that it teaches.

01  Hindi words → states → one box, the encoding vector → states → English words
02  the same, and the ink of each state says how much of its Hindi word is left
03  in place of the box, lines from all states to the context of one step, as wide as their weights
04  the same lines, with the part that computes the weights
05  the same, and the encoder reads both ways
07  a sentence that looks at itself

Each is a figure with a text for those who cannot see it, so `plots.show(*machine(pair, config))` displays it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import BoxStyle, FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.typing import ColorType
from torch import Tensor

from helpers.attention import refuse
from helpers.corpus.pairs import Pair
from helpers.corpus.romanize import romanize
from helpers.corpus.words import gloss, glosses_of
from helpers.models import ModelConfig
from helpers.oracle import SoftAlignment, check_alpha
from helpers.plots import COLOURS, PALETTE, drawable, label, set_style, short
from helpers.vocabulary import BOS, END, SPECIALS

FORWARD, BACKWARD, DECODER = PALETTE[5], PALETTE[6], "#404a5c"  # states; in grey they differ, too
BETWEEN = {"none": 1.2, "given": 1.5, "additive": 2.15}  # inches from the encoder's states to the decoder's
MARGIN, WIDTH, GAP, CELL = 0.66, 4.7, 0.1, 0.11  # inches: left of the words, for them, between two; a vector's cell
TALL = 4 * CELL  # a vector
PALE = 0.35  # opacity of what is still to come
POINTS, WRITTEN = 8, 0.1  # how wide a line with the weight 1 is; a weight from here on stands on its line
Point = tuple[float, float]


class Drawing(NamedTuple):
    """A figure, and a text for those who cannot see it."""

    figure: Figure
    alt: str


def machine(
    pair: Pair,
    config: ModelConfig,
    *,
    t: int | None = None,
    alpha: SoftAlignment | Tensor | None = None,
    ink: Iterable[float] | None = None,
    title: str = "",
) -> Drawing:
    """A translator at work on a pair; its kind of attention stands between encoder and decoder.

    Args:
        config: what the translator is made of; its sizes stand beside the vectors.
        t: a step, counted from 1: later steps are pale, and of the arrows into decoder states all but its own. With
            attention it is needed; without, all steps are shown.
        alpha: the weights (T_y + 1, T_x + 1), both ends with `</s>`, of a translator with attention.
        ink: how dark the state of each Hindi word is, a share from 0 to 1 for each word.
    Raises:
        ValueError: t, alpha or ink do not fit the pair or the translator.
    """
    weights, shares = _weights(pair, config, t, alpha), _shares(pair, ink)
    page = _Machine(title, pair, config, t)
    page.draw_encoder(shares)
    page.draw_decoder()
    if weights is None:
        page.draw_one_vector()
        between = "Its last state is the encoding vector: all that the decoder gets passes through this one box."
    else:
        page.draw_attention(weights)
        between = f"At step {t} {page.who} gives these weights: {_list((*pair.source, END), weights)}."
    ways = "both ways" if config.bidirectional else "from left to right"
    left = "" if ink is None else f" What is left of the words: {_list(pair.source, shares[:-1], 0)}."
    return Drawing(
        page.figure,
        f"The encoder reads {' '.join(pair.source)} {ways}, into a state of {page.d_h} numbers for each word.{left} "
        f"{between} The right translation is “{' '.join(pair.target)}”; each of its words goes into the next step.",
    )


def to_itself(words: Sequence[str], alpha: Tensor, t: int, title: str = "", translation: Sequence[str] = ()) -> Drawing:
    """Attention of a sentence to itself: where one of its words looks.

    Args:
        alpha: (T, T) weights; row t - 1 holds those of word t.
        t: the word that looks, counted from 1.
        translation: the English words, which tell the meanings of the Hindi words.
    Raises:
        ValueError: alpha does not fit the words, or t is none of them.
    """
    check_alpha(alpha.detach().cpu(), (len(words), len(words)))
    if t not in range(1, len(words) + 1):
        raise ValueError(f"t={t} is none of the words: they are counted from 1 to {len(words)}, as in t=1")
    page, weights = _Page(title, 0.1), alpha[t - 1].tolist()
    below = _Row(page, [label(word, gloss(word, translation).split(" / ")[0]) for word in words], 0.4)
    above = _Row(page, list(map(label, words)), 0.4, above=True)
    above.x, above.wide, above.levels = below.x, below.wide, below.levels  # the same columns: meanings make wider ones
    width = max(WIDTH, below.wide)
    top = above.place(page.y, width) + 0.2
    start = top + TALL + 1.3
    page.cut(width, below.place(start + TALL + 0.36, width))
    for j, x in enumerate(below.x):
        shade = 1 if j == t - 1 else PALE
        above.texts[j].set_alpha(shade)
        page.arrow((x, top), (x, above.ends[j] + 0.02), alpha=shade)
        page.vector(x, top, [FORWARD] * 4, shade)
        page.arrow((x, below.starts[j] - 0.02), (x, start + TALL))
        page.vector(x, start, [FORWARD] * 4)
        page.text(x - 0.05, start + TALL + 0.13, f"$x_{{{j + 1}}}$", ha="right")
        page.line((x, start), (below.x[t - 1], top + TALL), weights[j], COLOURS["learned"])
    looks = f"Word {t} of “{' '.join(words)}” looks at its own sentence, with these weights"
    return Drawing(page.figure, f"{looks}: {_list(words, weights)}.")


class _Page:
    """Where the parts are put. All lengths are inches, and y runs downwards."""

    def __init__(self, title: str, margin: float):
        set_style()
        self.margin = margin
        self.figure, self.ax = plt.subplots()
        self.ax.set_position((0, 0, 1, 1))
        self.ax.axis("off")
        self.text(0.05, 0.12, drawable(title), 11, ha="left")
        self.y = 0.36 if title else 0.05  # where the words begin

    def cut(self, width: float, height: float) -> None:
        """Give the page its size; the margin comes on top."""
        width += self.margin + 0.05
        self.figure.set_size_inches(width, height)
        self.ax.set(xlim=(0, width), ylim=(height, 0))

    def text(self, x: float, y: float, text: str, size: float = 10, **style) -> Text:
        return self.ax.text(x, y, text, size=size, **{"ha": "center", "va": "center", "zorder": 5, **style})

    def arrow(self, *points: Point, colour: ColorType = "0.35", head: float = 7, curve: bool = False, **style) -> None:
        """A line through the points, with a head at its end; `curve` makes a Bézier curve of the last four."""
        codes = [Path.MOVETO] + [Path.LINETO] * (len(points) - 1)
        if curve:
            codes[-3:] = [Path.CURVE4] * 3
        style = {"lw": 1, "capstyle": "butt", "shrinkA": 0, "shrinkB": 0, "mutation_scale": head or 1, **style}
        path, shape = Path(points, codes), "-|>" if head else "-"
        self.ax.add_artist(FancyArrowPatch(path=path, arrowstyle=shape, color=colour, **style))

    def line(self, start: Point, end: Point, weight: float, colour: ColorType) -> None:
        """A curve as wide as its weight, which stands on it."""
        (x, y), (to_x, to_y) = start, end
        turns = [(x, y + 0.15 * (to_y - y)), (x, y + 0.75 * (to_y - y)), (to_x, y + 0.4 * (to_y - y))]
        style = {"lw": max(0.6, POINTS * weight), "zorder": 1 + weight}
        self.arrow(start, *turns, end, colour=colour if weight > 0.01 else "0.75", head=0, curve=True, **style)
        if weight >= WRITTEN:
            around = {"boxstyle": "round,pad=0.12", "fc": "white", "ec": "none"}
            self.text(x, y + np.sign(to_y - y) * 0.2, f"{weight:.2f}".lstrip("0"), 9, bbox=around)

    def box(self, left: float, right: float, y: float, height: float, edge: ColorType, fill: ColorType = "1") -> None:
        """A box with round corners, below y."""
        shape = BoxStyle("round", pad=0, rounding_size=0.06)
        self.ax.add_artist(FancyBboxPatch((left, y), right - left, height, shape, fc=fill, ec=edge, lw=1.5, zorder=3))

    def vector(
        self, x: float, y: float, cells: Sequence[ColorType], opacity: float = 1, edge: ColorType | None = None
    ) -> None:
        """A vector, upright below (x, y); or, with an edge of its own, on its side around (x, y)."""
        size, step, start = (1.4 * CELL, CELL), (0.0, CELL), (x - 0.7 * CELL, y)
        if edge:
            size, step = (1.2 * CELL, 1.8 * CELL), (1.2 * CELL, 0.0)
            start = x - 0.6 * CELL * len(cells), y - 0.9 * CELL
        whole = [(len(cells) - 1) * s + one for s, one in zip(step, size, strict=True)]
        self.ax.add_artist(Rectangle(start, *whole, fc="white", zorder=3))
        for i, cell in enumerate(cells):
            corner = start[0] + i * step[0], start[1] + i * step[1]
            self.ax.add_artist(Rectangle(corner, *size, fc=cell, ec="white", lw=0.8, alpha=opacity, zorder=3))
        self.ax.add_artist(Rectangle(start, *whole, fc="none", ec=edge or "0.3", lw=2.2 if edge else 0.8, zorder=4))


class _Row:
    """Words side by side; where they would take up too much room, every other one stands further from the states.

    Args:
        pitch: inches from one word to the next, at least. above: whether the words stand above the states.
    """

    def __init__(self, page: _Page, words: Sequence[str], pitch: float, above: bool = False):
        self.margin, self.above = page.margin, above
        self.texts = [page.text(0, 0, word, va="top", parse_math=False) for word in words]
        sizes = np.array([text.get_window_extent().size for text in self.texts]) / page.figure.dpi
        self.heights = sizes[:, 1]
        for self.levels in (1, 2):
            self.x, self.wide = self._fit(sizes[:, 0], pitch)
            if self.wide <= WIDTH:
                break

    def _fit(self, w: np.ndarray, pitch: float) -> tuple[np.ndarray, float]:
        """The places of words of the widths w, as close as they can stand, and the width of them all."""
        x = np.zeros(len(w))
        for j in range(len(w)):
            least = [w[j] / 2, pitch / 2] + ([x[j - 1] + pitch] if j else [])
            if j and self.levels == 2:  # the arrow of the word further away passes by the nearer one
                least.append(x[j - 1] + w[j - j % 2] / 2 + 1.4 * GAP)
            if (i := j - self.levels) >= 0:
                least.append(x[i] + (w[i] + w[j]) / 2 + GAP)
            x[j] = max(least)
        return x, max(*(x + w / 2), x[-1] + pitch / 2)

    def place(self, y: float, width: float) -> float:
        """Spread the words over a width, below y; returns where they end."""
        n, levels = len(self.texts), range(self.levels)
        self.x = self.x + self.margin + (width - self.wide) * (np.arange(n) + 0.5) / n
        self.starts = np.full(n, y)
        for level in reversed(levels) if self.above else levels:
            self.starts[level :: self.levels] = y
            y += self.heights[level :: self.levels].max(initial=0) + 0.03
        self.ends = self.starts + self.heights
        for text, x, start in zip(self.texts, self.x, self.starts, strict=True):
            text.set_position((x, start))
        return y


class _Machine(_Page):
    """The parts of a translator, from the Hindi words at the top to the English words at the bottom."""

    def __init__(self, title: str, pair: Pair, config: ModelConfig, t: int | None):
        super().__init__(title, MARGIN)
        both, steps = config.bidirectional, range(len(pair.target) + 2)
        self.config, self.t = config, t or steps[-1]
        self.into = [PALE if t and step != t else 1 for step in steps]  # opacity of the arrows into each state
        self.cells, self.d_h = [FORWARD] * 4 + [BACKWARD] * 4 * both, config.hidden * (1 + both)
        self.lying = 0.6 * CELL * len(self.cells)  # half of such a vector on its side
        self.who = "the oracle" if config.attention == "given" else "a softmax"
        model = {"none": "vanilla", "given": "oracle", "additive": "both ways" if both else "learned"}
        self.colour = COLOURS[model[config.attention]]
        self.source = _Row(self, [*map(label, pair.source, glosses_of(pair)), END], 0.42, above=True)
        self.target = _Row(self, [SPECIALS[BOS], *map(short, pair.target), END], 0.33)
        self.width = max(WIDTH, self.source.wide, self.target.wide)
        self.h = self.source.place(self.y, self.width) + 0.4  # where the encoder's states begin,
        self.top = self.h + CELL * len(self.cells)  # where they end,
        self.s = self.top + BETWEEN[config.attention]  # and where the decoder's begin
        self.cut(self.width, self.target.place(self.s + TALL + 0.34, self.width) + 0.03)

    def note(self, y: float, symbol: str, numbers: int) -> None:
        """How many numbers a vector has, in the margin."""
        self.text(MARGIN - 0.06, y, f"${symbol}$: {numbers}\nnumbers", 9, ha="right", color="0.3")

    def draw_encoder(self, shares: Sequence[float]) -> None:
        for j, x in enumerate(self.source.x):
            self.arrow((x, self.source.ends[j] + 0.02), (x, self.h - 0.18))
            self.text(x, self.h - 0.09, f"$h_{{{j + 1}}}$")
            self.vector(x, self.h, self.cells, shares[j])
            if j:
                left, right, y = self.source.x[j - 1] + CELL, x - CELL, self.h + TALL / 2
                self.arrow((left, y), (right, y))
                if self.config.bidirectional:
                    self.arrow((right, y + TALL), (left, y + TALL))
        self.note(self.h - 0.35, "x_j", self.config.embedding)
        self.note((self.h + self.top) / 2, "h_j", self.d_h)

    def draw_decoder(self) -> None:
        xs, end, middle = self.target.x, self.s + TALL, self.s + TALL / 2
        for t, x in enumerate(xs):
            shade = PALE if t > self.t else 1
            self.target.texts[t].set_alpha(shade)
            self.vector(x, self.s, [DECODER] * 4, shade)
            self.text(x - 0.04, end + 0.13, f"$s_{{{t}}}$", ha="right", alpha=shade)
            if t:
                self.arrow((xs[t - 1] + CELL, middle), (x - CELL, middle), alpha=self.into[t])
                self.arrow((x, end), (x, self.target.starts[t] - 0.01), alpha=shade)
                up, word, y = xs[t - 1] + 0.06, self.target.starts[t - 1], end - CELL / 2  # which is fed into this step
                way = [(up, word), (up, end + 0.14), (up, y), ((up + x) / 2, y), (x - 0.8 * CELL, y)]
                self.arrow(*way, colour="0.5", head=5, curve=True, alpha=self.into[t], linestyle=(0, (2, 1)))
        self.note(middle, "s_t", self.config.hidden)

    def draw_one_vector(self) -> None:
        """The encoding vector, on the way from the encoder to all steps of the decoder."""
        last, x, y = self.source.x[-1], MARGIN + 0.6 * self.width, self.top + 0.42
        way = (last, self.top), (last, y), (x + self.lying + 0.03, y)
        self.arrow(*way, colour=self.colour, lw=2.2, head=11)
        what = f"the encoding vector\n$c = h_{{{len(self.source.x)}}}$: {self.d_h} numbers"
        self.text(x - self.lying - 0.12, y - 0.06, what, ha="right")
        self.vector(x, y, self.cells, edge=self.colour)
        for t, to_x in enumerate(self.target.x):
            self.arrow((x, y + CELL), (to_x, self.s), colour=self.colour, alpha=self.into[t])

    def draw_attention(self, weights: Sequence[float]) -> None:
        """The context of step t: who gives its weights, and a line for each of them."""
        t, x, end = self.t, self.target.x[self.t], self.s - 0.3
        left, right = self.source.x[0] - 0.21, self.source.x[-1] + 0.21
        given, middle = self.config.attention == "given", (left + right) / 2
        bar = self.top + (0.14 if given else 0.8)
        for x_j, weight in zip(self.source.x, weights, strict=True):
            self.arrow((x_j, self.top), (x_j, bar), colour="0.6", head=0)
            self.line((x_j, bar + 0.24), (x, end), weight, self.colour)
        self.box(left, right, bar, 0.24, self.colour)
        self.text(middle, bar + 0.115, f"{self.who} gives the weights $\\alpha_{{{_subscript('j', t)}}}$")
        self.arrow((x, end), (x, self.s), colour=self.colour, lw=2.2, head=11)
        c = min(x, right - self.lying)  # the margin leaves room on the left
        self.vector(c, end, self.cells, edge=self.colour)
        side, ha = (1, "left") if x < middle else (-1, "right")
        self.text(c + side * (self.lying + 0.08), end, f"$c_{{{t}}}$: {self.d_h} numbers", ha=ha)
        if not given:
            self.draw_scores(left, right)

    def draw_scores(self, left: float, right: float) -> None:
        """What the weights are computed from."""
        y, x = self.top + 0.12, self.target.x[self.t - 1]
        self.box(left, right, y, 0.5, DECODER, "0.95")
        for j, x_j in enumerate(self.source.x, 1):
            self.box(x_j - 0.185, x_j + 0.185, y + 0.05, 0.22, "0.5")
            self.text(x_j, y + 0.155, f"$e_{{{_subscript(j, self.t)}}}$", 9)
        self.text((left + right) / 2, y + 0.38, f"scores of $h_j$ and $s_{{{self.t - 1}}}$")
        corner, under = MARGIN - 0.24, self.s - 0.1
        way = (x, self.s), (x, under), (corner, under), (corner, y + 0.25), (left, y + 0.25)
        self.arrow(*way, colour=DECODER, lw=1.5, head=10)


def _subscript(j: int | str, t: int) -> str:
    """Both, with a comma where two digits could be taken for two numbers: j1, 11, but 1,11."""
    return f"{j}{',' if max(len(str(j)), len(str(t))) > 1 else ''}{t}"


def _weights(
    pair: Pair, config: ModelConfig, t: int | None, alpha: SoftAlignment | Tensor | None
) -> list[float] | None:
    """The weights of step t, or None for a translator without attention."""
    steps = len(pair.target) + 1
    if t is not None and t not in range(1, steps + 1):
        raise ValueError(f"t={t} is no step: they are counted from 1 to {steps}, which writes </s>, as in t=1")
    if config.attention not in BETWEEN or (config.attention == "none" and config.bidirectional):
        raise ValueError(f'{config} has no drawing: attention="given" or "additive" has; "none", if it reads one way')
    alpha = alpha.alpha if isinstance(alpha, SoftAlignment) else alpha
    if config.attention == "none":
        refuse(alpha, "has one vector for all steps")
        return None
    if t is None or alpha is None:
        raise ValueError("with attention, a step and the weights are needed, as in t=2, alpha=oracle_alpha(pair)")
    check_alpha(alpha.detach().cpu(), (steps, len(pair.source) + 1))
    return alpha[t - 1].tolist()


def _shares(pair: Pair, ink: Iterable[float] | None) -> list[float]:
    """The ink of each word, and of `</s>`, which keeps all of it."""
    n = len(pair.source)
    shares = [1.0] * n if ink is None else list(map(float, ink))
    if len(shares) != n:
        raise ValueError(f"ink has {len(shares)} numbers; {n} are needed, one for each Hindi word: ink={[0.5] * n}")
    for j, share in enumerate(shares):
        if not 0 <= share <= 1:
            raise ValueError(f"ink[{j}] is {share}: it is a share from 0 (all lost) to 1 (all there), such as 0.5")
    return [*shares, 1.0]


def _list(words: Sequence[str], numbers: Sequence[float], least: float = WRITTEN) -> str:
    """The words, how they are said, and their numbers; small ones are left out where there are others."""
    said = [word if romanize(word) == word else f"{word} ({romanize(word)})" for word in words]
    least = min(least, max(numbers, default=0))
    return ", ".join(f"{word} {n:.2f}" for word, n in zip(said, numbers, strict=True) if n >= least)
