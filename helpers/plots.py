"""Every picture of the course, in one style: heatmaps of α, curves over sentence length, alignments."""

from __future__ import annotations

import io
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from statistics import fmean
from typing import cast

import matplotlib
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from IPython.display import display
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator
from matplotlib.typing import ColorType
from pandas.core.groupby import SeriesGroupBy
from torch import Tensor

from helpers.corpus.cache import cache_folder, write_whole
from helpers.corpus.pairs import Pair
from helpers.corpus.romanize import romanize
from helpers.corpus.words import gloss, glosses_of
from helpers.oracle import SoftAlignment

LONGEST = 24  # letters of a word in a picture
PALETTE = sns.color_palette("colorblind")
# The four main models differ in lightness, too; a control is grey, and its dashes and its name tell which one it is.
COLOURS = {"vanilla": "#e06c1c", "oracle": "#35b890", "learned": "#0b5fa5", "both ways": "#3d1a5b"}
COLOURS |= {"uniform": "0.45", "shuffled": "0.6", "shifted": "0.3", "places": "0.5", "lookup": "0.2"}
COLOURS |= {"Transformer": "#d65a98", "one head": "0.35", "no positions": "0.55"}  # notebook 07
COLOURS |= {"vanilla at its best": "#8a3c05"}  # notebook 04
MARKERS = dict(zip(COLOURS, "osD^vXP*dhp<>", strict=True))
DASHES = {"shuffled": (0, (4, 2)), "shifted": (0, (1, 1)), "places": (0, (6, 2, 1, 2)), "lookup": (0, (3, 3))}
DASHES |= {"one head": (0, (2, 2)), "no positions": (0, (1, 2)), "vanilla at its best": (0, (4, 2))}
MEASURES = {"bleu": "BLEU", "exact_match": "exact match, %"}


@cache
def set_style() -> bool:
    """Set the course's style, once; say whether pictures can show Hindi, which takes matplotlib 3.11 or newer.

    matplotlib before 3.11 puts vowel signs on the wrong letters, so there the pictures are romanised.
    """
    sns.set_theme(style="white", context="notebook", font_scale=0.8)
    plt.rcParams.update(
        {
            "figure.figsize": (6, 3.2),
            "figure.dpi": 110,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlesize": "medium",
            "axes.titlelocation": "left",
        }
    )
    if tuple(int(n) for n in matplotlib.__version__.split(".")[:2]) < (3, 11):
        print(f"matplotlib {matplotlib.__version__} cannot shape Devanagari, so the pictures show Hindi romanised.")
        return False
    import pymupdf_fonts

    path = cache_folder() / "FiraGO.otf"
    try:
        font = pymupdf_fonts.myfont("figo")
        if not path.exists() or path.read_bytes() != font:  # it may have been damaged
            write_whole(path, font)
        font_manager.fontManager.addfont(path)
    except OSError as error:
        print(f"The letters for Hindi could not be kept ({error}), so the pictures show it romanised.")
        return False
    plt.rcParams["font.family"] = ["DejaVu Sans", font_manager.FontProperties(fname=path).get_name()]
    return True


def label(word: str, meaning: str = "") -> str:
    """A source word for an axis: as it is, romanised where it is Hindi, and what it means, one below the other."""
    said = romanize(word)
    lines = [word, said] if set_style() and said != word else [said]
    lines += textwrap.wrap(meaning, 10, break_long_words=False)
    return "\n".join(short(line) for line in lines)


def short(word: str) -> str:
    """A word for a picture, cut where it would take up too much of it."""
    return drawable(word if len(word) <= LONGEST else f"{word[: LONGEST - 1]}…")


def drawable(text: str) -> str:
    """The text, with `?` for each word whose letters no font of this computer has; they would be empty boxes."""
    return " ".join(word if all(map(_has_letter, word)) else "?" for word in text.split(" "))


@cache
def _has_letter(letter: str) -> bool:
    """Whether a picture can show a letter; a font of this computer that has it is used from then on."""
    families = plt.rcParams["font.family"]
    used = [font_manager.findfont(font_manager.FontProperties(family=[name])) for name in families]
    invisible = unicodedata.category(letter) in ("Cf", "Mn", "Me")
    if invisible or any(font_manager.get_font(path).get_char_index(ord(letter)) for path in used):
        return True
    for path in sorted(font_manager.findSystemFonts(), key=lambda path: ("Regular" not in path, len(path))):
        with suppress(RuntimeError):  # not all of them are for matplotlib
            if font_manager.get_font(path).get_char_index(ord(letter)):
                font_manager.fontManager.addfont(path)
                plt.rcParams["font.family"] = [*families, font_manager.FontProperties(fname=path).get_name()]
                return True
    _say_missing(unicodedata.name(letter, "this").split()[0].capitalize())
    return False


@cache
def _say_missing(script: str) -> None:
    print(
        f"No font of this computer has the letters of the script {script}: pictures show ? in their place. "
        "Install one, such as Noto Sans, and restart the kernel."
    )


def gloss_table(pair: Pair) -> pd.DataFrame:
    """The Hindi words of a pair in Latin letters and with what they mean in it, as a table to look at."""
    words = pair.source
    rows = {"Hindi": words, "in Latin letters": list(map(romanize, words)), "means": glosses_of(pair)}
    return pd.DataFrame(rows, index=range(1, len(words) + 1)).T


def show(figure: Figure, alt: str) -> None:
    """Display a finished figure with a text for those who cannot see it, and close it."""
    plt.close(figure)
    data, metadata = bundle(figure, alt, bbox_inches="tight")
    display(data, metadata=metadata, raw=True)


def bundle(figure: Figure, alt: str, **options) -> tuple[dict, dict]:
    """A figure as what Jupyter displays, and the metadata that hold its text for those who cannot see it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", **options)
    return {"image/png": buffer.getvalue(), "text/plain": alt}, {"image/png": {"alt": alt}}


def heatmap(
    alignment: SoftAlignment,
    title: str = "",
    ax: plt.Axes | None = None,
    numbers: bool | None = None,
    bar: bool = True,
    glosses: bool = True,
) -> Figure:
    """α as a picture: target words on rows, source words on columns, one colour scale from 0 to 1.

    Args:
        numbers: write the weights into the cells; by default when they are few enough to be read.
        bar, glosses: show the colour scale, and what the Hindi words mean.
    """
    set_style()
    alpha, rows, columns = alignment.alpha, list(map(short, alignment.target)), alignment.source
    meanings = [gloss(word, alignment.target) if glosses else "" for word in columns]
    labels, title = list(map(label, columns, meanings)), drawable(title)  # which may add a font
    if ax is None:
        _, ax = plt.subplots(figsize=(1.6 + 0.86 * len(columns), 1.3 + 0.3 * len(rows)))
    numbers = len(rows) * len(columns) <= 150 if numbers is None else numbers
    across = len(columns) > 16 or max(len(line) for text in labels for line in text.split("\n")) > 12
    ax.tick_params(labelfontfamily=plt.rcParams["font.family"])
    ax.title.set_fontfamily(plt.rcParams["font.family"])
    written = [[f"{a:.2f}" if a >= 0.005 else "" for a in row] for row in alpha.tolist()]
    sns.heatmap(
        alpha.numpy(),
        vmin=0,
        vmax=1,
        cmap="viridis",
        ax=ax,
        annot=written if numbers else None,
        fmt="",
        annot_kws={"size": 7},
        xticklabels=labels,
        yticklabels=rows,
        cbar=bar,
        cbar_kws={"label": r"weight $\alpha_{jt}$", "pad": 0.02} if bar else None,
    )
    if bar:
        ax.figure.axes[-1].yaxis.label.set_parse_math(True)  # where words are shown as they are, too
    ax.tick_params(axis="x", rotation=90 if across else 0, labelsize=8, length=0)
    ax.tick_params(axis="y", rotation=0, labelsize=8, length=0)
    ax.set(xlabel="source word j", ylabel="target word t", title=title)
    return cast(Figure, ax.figure)


class GrowingAlpha:
    """α of one sentence, its translation and the curves, drawn again and again while a model trains.

    Only the first drawing builds the figure; the others change what is in it, which takes a tenth of a second.
    """

    def __init__(self, alignment: SoftAlignment, epochs: int):
        set_style()
        size = 5.6 + 0.6 * len(alignment.source), max(3.6, 1.9 + 0.26 * len(alignment.target))
        apart = ConstrainedLayoutEngine(wspace=0.06)  # of the scale of α and the curves
        self.figure, axes = plt.subplot_mosaic(
            [["α", "loss"], ["α", "BLEU"]], figsize=size, width_ratios=[size[0] - 3.6, 2.6], layout=apart
        )
        plt.close(self.figure)
        heatmap(alignment, "α while the model trains", axes["α"], numbers=False)
        self.cells = axes["α"].collections[0]
        self.words = self.figure.suptitle("\n\n", x=0.01, ha="left", size="medium", parse_math=False)
        self.right, self.epochs = " ".join(alignment.target[:-1]), epochs
        self.width = int(9 * size[0])  # letters that fit on a line
        self.curves = []
        for name, title in (("loss", "training loss of a word"), ("BLEU", "validation BLEU")):
            self.curves += axes[name].plot([], [], "o-", markersize=3, color=COLOURS["learned"])
            axes[name].set(title=title, xlim=(0, epochs + 0.2))
            axes[name].xaxis.set_major_locator(MaxNLocator(integer=True))
        self.loss_axes = axes["loss"]
        self.loss_axes.tick_params(labelbottom=False)
        self.loss_axes.set_ylim(0, 1)
        axes["BLEU"].set(xlabel="passes", ylim=(0, 103))
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")

    def draw(self, alpha: Tensor, written: str, passes: float, loss: Sequence[float], bleu: Sequence[float]):
        """The picture as it is now, as `bundle` gives it.

        Args:
            alpha: (T_y, T_x) written: the translation. passes: so many are done. loss, bleu: one of each finished pass.
        """
        when = f"after {passes:.2f} of {self.epochs} passes"
        self.cells.set_array(alpha.numpy())
        lines = when, f"right: {self.right}", f"written: {written}"
        self.words.set_text("\n".join(textwrap.shorten(drawable(line), self.width, placeholder=" …") for line in lines))
        for curve, numbers in zip(self.curves, (loss, bleu), strict=True):
            curve.set_data(range(1, len(numbers) + 1), numbers)
        self.loss_axes.set_ylim(0, 1.1 * max(loss, default=1))
        return bundle(self.figure, f"α {when}; the model writes “{written}”.")


def alignment_picture(pair: Pair, title: str = "", stress: int | None = None) -> Figure:
    """Which word is which: lines between the Hindi and the English words, possible links dashed.

    Args:
        stress: the place of a Hindi word, from 0; its links are drawn in colour, all others are pale.
    """
    set_style()
    n = max(len(pair.source), len(pair.target))
    figure, ax = plt.subplots(figsize=(0.85 * n, 2.3))

    def place(i, count):
        return (i + 0.5) * n / count

    for j, (word, meaning) in enumerate(zip(pair.source, glosses_of(pair), strict=True)):
        ax.text(place(j, len(pair.source)), 1.06, label(word, meaning), ha="center", va="bottom")
    for t, word in enumerate(pair.target):
        ax.text(place(t, len(pair.target)), -0.06, short(word), ha="center", va="top")
    for j, t, sure in pair.links:
        ax.plot(
            [place(j, len(pair.source)), place(t, len(pair.target))],
            [1, 0],
            color=COLOURS["vanilla"] if j == stress else "0.3" if stress is None and sure else "0.6",
            linestyle="-" if sure else ":",
            linewidth=3 if j == stress else 1.6,
        )
    ax.set(xlim=(0, n), ylim=(-0.25, 1.85))
    ax.set_title(title, pad=0)
    ax.axis("off")
    return figure


def bleu_by_length(
    reference: pd.DataFrame | None = None,
    own: dict[str, pd.DataFrame] | None = None,
    models: Sequence[str] | None = None,
    title: str = "",
    measure: str | Sequence[str] = "bleu",
    guess: Sequence[float] | None = None,
) -> Figure:
    """A score against the length of the source sentence, a panel for each measure.

    Args:
        reference: rows of data/results/by_length.csv: each model's mean over the seeds is a thin line, and the band
            reaches from its lowest to its highest seed.
        own: the learner's own `score_by_length` of each model, drawn as points with 95 % intervals.
        models: which of them to draw; all by default.
        measure: "bleu", "exact_match" or both.
        guess: the learner's prediction for each length, drawn into the first panel.
    """
    set_style()
    own, measures = own or {}, [measure] if isinstance(measure, str) else list(measure)
    names = models or list(dict.fromkeys([*own, *([] if reference is None else reference["model"])]))
    others = sns.color_palette("dark", max(1, len(names)))
    shades = dict(zip([n for n in names if n not in COLOURS], others, strict=False)) | COLOURS
    tables = [*own.values()] + ([] if reference is None else [reference[reference["model"].isin(names)]])
    lengths = sorted(
        {(a, b) for table in tables for a, b in zip(table["length_min"], table["length_max"], strict=True)}
    )
    figure, axes = plt.subplots(
        1, len(measures), figsize=(1.5 + 4.5 * len(measures), 3.2), squeeze=False, layout="constrained"
    )
    for ax, measured in zip(axes[0], measures, strict=True):
        ends: dict[str, float] = {}
        for name in names:
            style = {"color": shades[name], "linestyle": DASHES.get(name, "-")}
            if reference is not None and (reference["model"] == name).any():
                seeds = reference[reference["model"] == name].groupby(["length_min", "length_max"])[measured]
                at = [lengths.index(length) for length in seeds.groups]
                ends[name] = _mean_and_range(ax, at, seeds, **style, linewidth=1)
            if name in own:
                table = own[name]
                at = [lengths.index(ab) for ab in zip(table["length_min"], table["length_max"], strict=True)]
                points = {"marker": MARKERS.get(name, "o"), "markersize": 5, "capsize": 2}
                ax.errorbar(at, table[measured], table[f"{measured}_ci"], **style, **points)
                ends.setdefault(name, table[measured].iloc[-1])
        if guess is not None and ax is axes[0][0]:
            ax.plot(range(len(guess)), guess, ":", color="0.4")
            ax.annotate("my guess", (0, guess[0]), xytext=(4, 4), textcoords="offset points", color="0.4", size=8)
        ax.set(ylabel=MEASURES[measured], ylim=(-3, 106), xlabel="Hindi words in the sentence")
        label_ends(ax, len(lengths) - 1, ends, shades)
        ax.set_xticks(range(len(lengths)), [f"{a}–{b}" for a, b in lengths])
    figure.suptitle(title, x=0.01, ha="left", size="medium")
    return figure


def _mean_and_range(ax: plt.Axes, x: Sequence[float], seeds: SeriesGroupBy, *, color: ColorType, **style) -> float:
    """Draw a line through the means of the seeds, and a band over their range; returns where the line ends."""
    ax.fill_between(x, seeds.min(), seeds.max(), color=color, alpha=0.2, linewidth=0)
    ax.plot(x, seeds.mean(), color=color, **style)
    return seeds.mean().iloc[-1]


def label_ends(ax: plt.Axes, x: float, ends: Mapping[str, float], colours: Mapping[str, ColorType]) -> None:
    """Write each line's name to the right of its end; names that would cover each other move apart.

    A thin line leads from the line's end to a name that was moved.

    Args:
        x: where the lines end. ends: the height of each line's end. The limits of the axes must be set before.
    """
    low, high = ax.get_ylim()
    apart = 0.07 * (high - low)
    from_above = sorted(ends, key=lambda name: -ends[name])
    groups: list[list[float]] = []  # names that are close to each other stand around the mean of their lines
    heights: list[float] = []
    for name in from_above:
        group = [ends[name]]
        while groups and fmean(groups[-1]) - fmean(group) < apart * (len(groups[-1]) + len(group)) / 2:
            group = groups.pop() + group
        groups.append(group)
    for group in groups:
        heights += [fmean(group) + apart * ((len(group) - 1) / 2 - i) for i in range(len(group))]
    for i in reversed(range(len(heights))):  # none below the axis
        heights[i] = max(heights[i], low + apart * (len(heights) - i - 0.5))
    for name, y in zip(from_above, heights, strict=True):
        moved = abs(y - ends[name]) > apart / 3  # half a name's height
        line = {"arrowstyle": "-", "color": colours[name], "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0}
        ax.annotate(name, (x, ends[name]), (10, y), textcoords=("offset points", "data"), va="center", size=8,
                    color=colours[name], annotation_clip=False,
                    arrowprops=line | {"relpos": (0, 0.5)} if moved else None)  # fmt: skip


def panels(
    tables: Mapping[str, pd.DataFrame],
    x: str,
    y: str,
    styles: Mapping[str, Mapping],
    title: str = "",
    labels: tuple[str, str] = ("", ""),
    ylim: tuple[float, float] = (-3, 106),
) -> Figure:
    """Small pictures in a row: in each a line for each model, its mean over the seeds, and a band over their range.

    Args:
        tables: for the title of each panel its rows, with columns model, seed, x and y. The values of x stand in the
            order of their first rows.
        styles: how to draw each model, such as {"vanilla": {"color": "0.5", "linestyle": "--", "marker": "o"}}; those
            that are not named here are left out.
        labels: of the two axes.
    """
    set_style()
    count = len(tables)
    size = 0.6 + count * (3.7 if count < 3 else 3), 2.9
    figure, axes = plt.subplots(1, count, figsize=size, squeeze=False, sharey=True, layout="constrained")
    for ax, (name, table) in zip(axes[0], tables.items(), strict=True):
        places = {place: i for i, place in enumerate(table[x].unique())}
        ends = {}
        for model, style in styles.items():
            seeds = table[table["model"] == model].groupby(x, sort=False)[y]
            if len(seeds):
                looks = {"color": "0.2", "linewidth": 1.5, "markersize": 4, **style}
                ends[model] = _mean_and_range(ax, [places[place] for place in seeds.groups], seeds, **looks)
        ax.set(title=name, xlabel=labels[0], ylim=ylim)
        colours = {model: style.get("color", "0.2") for model, style in styles.items()}
        label_ends(ax, len(places) - 1, ends, colours)
        ax.set_xticks(range(len(places)), [str(place) for place in places])
    axes[0][0].set_ylabel(labels[1])
    figure.suptitle(title, x=0.01, ha="left", size="medium")
    return figure


def average_picture(h: Tensor, alpha: Tensor, title: str = "") -> Figure:
    """Three states of two numbers as corners of a triangle, and the averages of them inside; for notebook 03.

    Args:
        h: (3, 2) the states. alpha: (T_y, 3) a row of weights for each average. The lines of a mixture to its states
            are as wide as their weights.
    """
    set_style()
    figure, ax = plt.subplots(figsize=(5.2, 3.6))
    ax.fill(*h.T.tolist(), color=COLOURS["oracle"], alpha=0.15)
    ax.plot(*h.T.tolist(), "o", color="0.25", markersize=9)
    names = [f"$h_{j}$" for j in range(1, len(h) + 1)]
    white = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none"}
    for t, (row, c) in enumerate(zip(alpha, alpha @ h, strict=True), 1):
        if row.max() > 0.999:
            names[int(row.argmax())] += f" = $c_{t}$"
            continue
        for weight, corner in zip(row.tolist(), h, strict=True):
            line = zip(c.tolist(), corner.tolist(), strict=True)
            ax.plot(*line, color=COLOURS["oracle"], linewidth=8 * weight, zorder=1)
            x, y = (c + 0.45 * (corner - c)).tolist()
            ax.text(x, y, f"{weight:.2f}", ha="center", va="center", size=8, bbox=white)
        ax.plot(*c.tolist(), "D", color=COLOURS["oracle"], markeredgecolor="0.1", markersize=8)
        ax.annotate(f"$c_{t}$", c.tolist(), xytext=(9, 9), textcoords="offset points", ha="left", size=11)
    for name, (x, y) in zip(names, h.tolist(), strict=True):
        above = y > h[:, 1].mean()
        ax.annotate(f"{name} = ({x:g}, {y:g})", (x, y), xytext=(0, 8 if above else -8), textcoords="offset points",
                    ha="center", va="bottom" if above else "top", size=11)  # fmt: skip
    ax.set(xlabel="first number", ylabel="second number", title=title, aspect="equal")
    ax.margins(0.28)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    return figure
