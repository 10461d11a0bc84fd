"""Every picture of the course, in one style: heatmaps of α, curves over sentence length, alignments."""

from __future__ import annotations

import io
import textwrap
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import cast

import matplotlib
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from IPython.display import display
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from helpers.corpus.cache import cache_folder, write_whole
from helpers.corpus.pairs import Pair
from helpers.corpus.romanize import romanize
from helpers.corpus.words import gloss, glosses_of
from helpers.oracle import SoftAlignment

LONGEST = 24  # letters of a word in a picture
PALETTE = sns.color_palette("colorblind")
COLOURS = {
    "vanilla": PALETTE[3],
    "oracle": PALETTE[2],
    "learned": PALETTE[0],
    "uniform": PALETTE[7],
    "shuffled": PALETTE[1],
    "shifted": PALETTE[4],
}
MARKERS = dict(zip(COLOURS, "osD^vX", strict=True))


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
    written = [[f"{a:.2f}".lstrip("0") if a >= 0.005 else "" for a in row] for row in alpha.tolist()]
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
        cbar_kws={"label": "weight α_jt", "pad": 0.02} if bar else None,
    )
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
        self.figure, axes = plt.subplot_mosaic(
            [["α", "loss"], ["α", "BLEU"]], figsize=size, width_ratios=[size[0] - 3.6, 2.6], layout="constrained"
        )
        plt.close(self.figure)
        heatmap(alignment, "α while the model trains", axes["α"], numbers=False)
        self.cells = axes["α"].collections[0]
        self.words = self.figure.suptitle("\n\n", x=0.01, ha="left", size="medium", parse_math=False)
        self.right, self.epochs = " ".join(alignment.target[:-1]), epochs
        self.width = int(9 * size[0])  # letters that fit on a line
        self.curves = []
        for name, title in (("loss", "training loss, nats a word"), ("BLEU", "validation BLEU")):
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


def alignment_picture(pair: Pair, title: str = "") -> Figure:
    """Which word is which: lines between the Hindi and the English words, possible links dashed."""
    set_style()
    n = max(len(pair.source), len(pair.target))
    figure, ax = plt.subplots(figsize=(1 + 0.85 * n, 2.8))

    def place(i, count):
        return (i + 0.5) * n / count

    for j, (word, meaning) in enumerate(zip(pair.source, glosses_of(pair), strict=True)):
        ax.text(place(j, len(pair.source)), 1.9, label(word, meaning), ha="center", va="top")
    for t, word in enumerate(pair.target):
        ax.text(place(t, len(pair.target)), -0.08, short(word), ha="center", va="top")
    for j, t, sure in pair.links:
        ax.plot(
            [place(j, len(pair.source)), place(t, len(pair.target))],
            [1, 0],
            color="0.2" if sure else "0.6",
            linestyle="-" if sure else ":",
            linewidth=1.6,
        )
    ax.set(xlim=(0, n), ylim=(-0.3, 1.9), title=title)
    ax.axis("off")
    return figure


def bleu_by_length(
    reference: pd.DataFrame | None = None,
    own: dict[str, pd.DataFrame] | None = None,
    models: Sequence[str] | None = None,
    title: str = "",
    measure: str = "bleu",
) -> Figure:
    """A score against the length of the source sentence.

    Args:
        reference: rows of data/results/by_length.csv: each model's mean over the seeds is a dashed line, and the band
            reaches from its lowest to its highest seed.
        own: the learner's own `score_by_length` of each model, drawn as points with 95 % intervals.
        models: which of them to draw; all by default.
    """
    set_style()
    figure, ax = plt.subplots()
    own = own or {}
    names = models or list(dict.fromkeys([*own, *([] if reference is None else reference["model"])]))
    shades = dict(zip([n for n in names if n not in COLOURS], sns.color_palette("dark"), strict=False)) | COLOURS
    for name in names:
        if reference is not None and (reference["model"] == name).any():
            seeds = reference[reference["model"] == name].groupby(["length_min", "length_max"])[measure]
            middle = [(low + high) / 2 for low, high in seeds.groups]
            ax.fill_between(middle, seeds.min(), seeds.max(), color=shades[name], alpha=0.2, linewidth=0)
            ax.plot(middle, seeds.mean(), "--", color=shades[name], linewidth=1, label=None if name in own else name)
        if name in own:
            table = own[name]
            ax.errorbar(
                (table["length_min"] + table["length_max"]) / 2,
                table[measure],
                table[f"{measure}_ci"],
                color=shades[name],
                marker=MARKERS.get(name, "o"),
                markersize=5,
                capsize=2,
                label=name,
            )
    ax.set(
        xlabel="words in the source sentence",
        ylabel={"bleu": "BLEU", "exact_match": "exact match, %"}[measure],
        ylim=(-3, 103),
        title=title,
    )
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure
