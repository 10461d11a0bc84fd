"""Pictures: the right words at the right places, no boxes for letters, nothing cut off, a text for each."""

import io
import os
import re
import subprocess
import sys
import warnings
from itertools import pairwise

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.text import Text
from support.examples import PAIRS, needs_devanagari

from helpers import plots
from helpers.corpus.cache import cache_folder
from helpers.corpus.pairs import DATA, Pair
from helpers.corpus.words import gloss, glosses_of
from helpers.evaluation import score_by_length
from helpers.oracle import SoftAlignment, oracle_alpha

PAIR = PAIRS[1]
GOLD = SoftAlignment.of(PAIR, oracle_alpha(PAIR))
LEXICON = "".join(path.read_text(encoding="utf-8") for path in sorted((DATA / "lexicon").glob("*.tsv")))
ROOT = DATA.parent
HINDI = sorted(set(re.findall("[\u0900-\u097f]+", LEXICON)))


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def letters(path):
    return set(TTFont(path, fontNumber=0).getBestCmap())


def drawn(figure):
    """The words of a figure, in the order in which they are drawn, with the extents (in pixels) that they take."""
    found, draw = [], Text.draw

    def note(text, renderer):
        if text.get_visible() and text.get_text().strip():
            found.append((text.get_text(), text.get_window_extent(renderer)))
        draw(text, renderer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", note)
        figure.canvas.draw()
    return found


def saved(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")
    buffer.seek(0)
    return plt.imread(buffer)[:, :, :3]


def by_length(models=("vanilla", "oracle")):
    """A table like data/results/by_length.csv: two seeds, 10 BLEU apart."""
    rows = [
        (m, seed, low, low + 7, 100 - 30 * i - 10 * seed - low / 10)
        for i, m in enumerate(models)
        for seed in (0, 1)
        for low in (1, 8, 16)
    ]
    return pd.DataFrame(rows, columns=["model", "seed", "length_min", "length_max", "bleu"])


def own_scores():
    return {"vanilla": score_by_length([" ".join(p.target) for p in PAIRS], PAIRS, [(1, 3), (4, 7)])}


PICTURES = {
    "heatmap": lambda: plots.heatmap(GOLD, "Where to look"),
    "many columns": lambda: plots.heatmap(
        SoftAlignment(PAIR.source * 4, PAIR.target[:5] * 4, torch.eye(20)), "Many words"
    ),
    "alignment": lambda: plots.alignment_picture(PAIR, "Hindi keeps the verb for the end"),
    "curves": lambda: plots.bleu_by_length(by_length(), own_scores(), title="Each longer bucket loses BLEU"),
}


def test_a_heatmap_has_targets_on_rows_and_sources_on_columns():
    ax = plots.heatmap(GOLD, "Where to look").axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == [*PAIR.target, "</s>"]
    assert [t.get_text() for t in ax.get_xticklabels()] == [
        *(plots.label(w, gloss(w, PAIR.target)) for w in PAIR.source),
        "</s>",
    ]
    assert ax.yaxis_inverted() and not ax.xaxis_inverted()  # the first word at the top, and at the left
    assert ax.get_title(loc="left") + ax.get_title() == "Where to look"
    mesh = ax.collections[0]
    np.testing.assert_allclose(mesh.get_array().reshape(GOLD.alpha.shape), GOLD.alpha)
    assert mesh.get_clim() == (0, 1)
    written = {tuple(t.get_position()): t.get_text() for t in ax.texts}
    assert written[1.5, 0.5] == "" and written[0.5, 0.5] == "1.00" and written[2.5, 2.5] == "0.67"
    assert ax.get_xlabel() == "source word j" and ax.get_ylabel() == "target word t"


def test_a_heatmap_without_the_end_of_the_sentence():
    ax = plots.heatmap(SoftAlignment(PAIR.source, PAIR.target, GOLD.alpha[:-1, :-1])).axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == list(PAIR.target)
    assert len(ax.get_xticklabels()) == len(PAIR.source)


def test_what_a_heatmap_can_leave_out():
    figure, ax = plt.subplots()
    same = plots.heatmap(GOLD, ax=ax, numbers=False, bar=False, glosses=False)
    assert same is figure and len(figure.axes) == 1 and not ax.texts
    assert ax.get_xticklabels()[1].get_text() == plots.label(PAIR.source[1])
    assert len(plots.heatmap(GOLD).axes) == 2
    assert (
        not plots.heatmap(SoftAlignment(("क",) * 20, ("a",) * 20, torch.eye(20))).axes[0].texts
    )  # too many to be read


def test_importing_the_pictures_does_nothing(tmp_path):
    """No theme, no file, no line: only a picture, or `prepare`, sets the style."""
    code = "from matplotlib import rcParams as rc; before = dict(rc); import helpers.plots; assert dict(rc) == before"
    environment = os.environ | {"ATTENTION_COURSE_CACHE": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert not (tmp_path / "cache").exists()


@needs_devanagari
def test_a_label_has_the_word_and_how_it_is_said():
    assert plots.set_style()
    assert plots.label("किताब", "book").split("\n") == ["किताब", "kitāb", "book"]
    assert plots.label("किताब") == "किताब\nkitāb"


def test_labels_are_romanised_where_devanagari_cannot_be_drawn(monkeypatch):
    monkeypatch.setattr(plots, "set_style", lambda: False)
    assert plots.label("किताब") == "kitāb" and plots.label("</s>") == "</s>"
    for picture in ("heatmap", "alignment"):
        words = " ".join(text for text, _ in drawn(PICTURES[picture]()))
        assert "kitāb" in words and not re.search("[\u0900-\u097f]", words)


def test_an_old_matplotlib_is_named(monkeypatch, capsys):
    monkeypatch.setattr(matplotlib, "__version__", "3.10.8")
    with matplotlib.rc_context():
        assert plots.set_style.__wrapped__() is False
    assert "matplotlib 3.10.8 cannot shape Devanagari" in capsys.readouterr().out


@needs_devanagari
def test_the_font_has_every_letter_of_the_lexicon():
    firago = letters(
        cache_folder() / "FiraGO.otf"
        if (cache_folder() / "FiraGO.otf").exists()
        else font_manager.findfont("FiraGO", fallback_to_default=False)
    )
    assert len(HINDI) > 100
    assert {ord(c) for word in HINDI for c in word} <= firago
    latin = letters(font_manager.findfont("DejaVu Sans", fallback_to_default=False))
    assert {ord(c) for word in HINDI for c in plots.label(word) if c != "\n"} <= firago | latin


@needs_devanagari
@pytest.mark.parametrize("word", ["कल", "राष्ट्र", "पढ़ती", "क़मीज़"])
def test_words_are_drawn_with_letters_and_not_with_boxes(word):
    figure = plt.figure()
    figure.text(0.5, 0.5, word)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # "Glyph … missing from font"
        dark = (saved(figure) < 0.5).all(2).sum()
    assert dark > 20


@needs_devanagari
def test_letters_are_joined():
    """राष्ट्र has two clusters, ष्ट and ट्र: shaped, they take less room than their parts side by side."""
    figure = plt.figure(figsize=(9, 2))
    for word in ("राष्ट्र", "रा", "ष", "ट", "र"):
        figure.text(0.1, 0.5, word, fontsize=30)
    (_, whole), *parts = drawn(figure)
    assert whole.width < 0.9 * sum(extent.width for _, extent in parts)


@pytest.mark.parametrize("picture", PICTURES)
def test_nothing_is_cut_off(picture):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DeprecationWarning)  # an older matplotlib's own, about its parser of maths
        figure = PICTURES[picture]()
        image, words = saved(figure), drawn(figure)
    tight = figure.get_tightbbox(figure.canvas.get_renderer()).padded(0.02)
    for text, extent in words:
        low, high = extent.min / figure.dpi, extent.max / figure.dpi
        assert (low >= tight.min).all() and (high <= tight.max).all(), text
    frame = np.concatenate(
        [image[:3].reshape(-1, 3), image[-3:].reshape(-1, 3), image[:, :3].reshape(-1, 3), image[:, -3:].reshape(-1, 3)]
    )
    assert (frame > 0.99).all() and (image < 0.5).any()


@pytest.mark.parametrize("picture", ["heatmap", "alignment"])
def test_words_do_not_stand_on_each_other(picture):
    words = [(text, extent) for text, extent in drawn(PICTURES[picture]()) if "\n" in text]
    assert len(words) == len(PAIR.source)
    for (one, a), (two, b) in pairwise(words):
        assert a.x1 <= b.x0 + 1, (one, two)


def test_an_alignment_has_a_line_for_each_link():
    ax = plots.alignment_picture(PAIR).axes[0]
    assert [line.get_linestyle() for line in ax.lines] == ["-" if sure else ":" for *_, sure in PAIR.links]
    where = {text.get_text(): text.get_position() for text in ax.texts}
    for line, (j, t, _) in zip(ax.lines, PAIR.links, strict=True):
        (top, bottom) = line.get_xdata()
        assert where[plots.label(PAIR.source[j], glosses_of(PAIR)[j])][0] == top
        if PAIR.target.count(PAIR.target[t]) == 1:
            assert where[PAIR.target[t]][0] == bottom


def test_the_gloss_table():
    table = plots.gloss_table(Pair(("कल", "किताब", "।"), ("book", "tomorrow", ".")))
    assert list(table.index) == ["Hindi", "in Latin letters", "means"] and list(table.columns) == [1, 2, 3]
    assert table[1].tolist() == ["कल", "kal", "tomorrow"] and table[2]["means"] == "book"


def test_curves_with_a_reference_only():
    ax = plots.bleu_by_length(by_length()).axes[0]
    assert sorted(t.get_text() for t in ax.texts) == ["oracle", "vanilla"]
    assert len(ax.collections) == 2 and ax.get_legend() is None
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [0, 1, 2])
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1–8", "8–15", "16–23"]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [94.9, 94.2, 93.4])
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == pytest.approx(88.4) and band.max() == pytest.approx(99.9)


def test_curves_of_ones_own_only():
    own = own_scores()
    ax = plots.bleu_by_length(own=own).axes[0]
    assert [t.get_text() for t in ax.texts] == ["vanilla"]
    np.testing.assert_allclose(ax.containers[0].lines[0].get_ydata().astype(float), own["vanilla"]["bleu"])
    np.testing.assert_allclose(ax.containers[0].lines[0].get_xdata().astype(float), [0, 1])
    assert ax.get_ylabel() == "BLEU" and ax.get_xlabel() == "Hindi words in the sentence"
    both = plots.bleu_by_length(own=own, measure=("bleu", "exact_match"), guess=[50, 40])
    assert [ax.get_ylabel() for ax in both.axes] == ["BLEU", "exact match, %"]
    assert [t.get_text() for t in both.axes[0].texts] == ["my guess", "vanilla"]


def test_curves_of_both_and_of_some_models():
    ax = plots.bleu_by_length(by_length(), own_scores(), ["vanilla"]).axes[0]
    assert [t.get_text() for t in ax.texts] == ["vanilla"] and len(ax.containers) == 1
    others = plots.bleu_by_length(by_length(("vanilla", "wider", "filled in"))).axes[0]
    shades = [matplotlib.colors.to_hex(line.get_color()) for line in others.lines]
    assert len(set(shades)) == 3 and shades[0] == matplotlib.colors.to_hex(plots.COLOURS["vanilla"])


def test_colours_and_marks_tell_the_models_apart():
    assert len(set(plots.COLOURS.values())) == len(set(plots.MARKERS.values())) == len(plots.COLOURS)


def test_names_at_the_ends_of_lines_do_not_cover_each_other():
    _, ax = plt.subplots()
    ax.set_ylim(0, 100)
    plots.label_ends(ax, 1, {"a": 0.0, "b": 1.0, "c": 1.5, "d": 99.0}, dict.fromkeys("abcd", "k"))
    at = {t.get_text(): t.get_position()[1] for t in ax.texts}
    heights = [at[name] for name in "abcd"]
    assert heights == sorted(heights) and np.diff(heights).min() >= 6.9 and heights[0] > 0 and at["d"] == 99
    led_to = {t.get_text() for t in ax.texts if t.arrow_patch}  # a line leads to the names that moved
    assert led_to == set("abc")


def test_panels_draw_the_mean_of_the_seeds_and_their_range_in_the_order_of_the_rows():
    rows = [
        ("vanilla", seed, words, y) for words, *ys in (("1–7", 60, 40), ("8–15", 20, 30)) for seed, y in enumerate(ys)
    ]
    table = pd.DataFrame([*rows, ("wider", 0, "1–7", 90)], columns=["model", "seed", "words", "share"])
    styles = {"vanilla": {"color": "0.5", "marker": "s"}, "lstm": {}}
    figure = plots.panels({"left": table, "right": table}, "words", "share", styles, "A title", ("words", "%"))
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["left", "right"]
    for ax in figure.axes:
        (line,), (band,) = ax.get_lines(), ax.collections
        assert line.get_ydata().tolist() == [50, 25] and line.get_marker() == "s"
        assert {tuple(point) for point in band.get_paths()[0].vertices} == {(0, 40), (0, 60), (1, 20), (1, 30)}
        assert [text.get_text() for text in ax.texts] == ["vanilla"]
        assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1–7", "8–15"]


def test_showing_a_figure_tells_what_is_in_it(monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "display", lambda data, **options: shown.append((data, options)))
    plots.show(PICTURES["heatmap"](), alt="Each row has its weight on one word.")
    ((data, options),) = shown
    assert data["image/png"].startswith(b"\x89PNG") and data["text/plain"] == "Each row has its weight on one word."
    assert options["metadata"]["image/png"]["alt"] == "Each row has its weight on one word." and options["raw"]
    assert plt.get_fignums() == []


def test_a_word_stands_once_in_its_label_and_is_not_too_long():
    assert [plots.label(word) for word in ("Haus", "?", "7", "الولد", "</s>")] == [
        "Haus",
        "?",
        "7",
        "الولد",
        "</s>",
    ]
    long = "geschwindigkeitsbegrenzung" * 100
    assert len(plots.label(long)) == plots.LONGEST and plots.label(long).endswith("…")


def test_long_words_do_not_stand_on_each_other():
    words = ("autobahnen", "geschwindigkeitsbegrenzung", "donaudampfschifffahrt", "x" * 3000)
    figure = plots.heatmap(SoftAlignment(words, words, torch.eye(4)))
    boxes = [
        box for text, box in drawn(figure) if text.rstrip("…x") in words or text.startswith(("geschw", "donau", "xxx"))
    ]
    across = sorted((box for box in boxes if box.y1 < figure.axes[0].bbox.y0), key=lambda box: box.x0)
    assert len(across) == 4 and all(a.x1 <= b.x0 for a, b in pairwise(across))


def test_letters_that_no_font_has_are_named_once_and_are_no_boxes(monkeypatch, capsys):
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    plots._has_letter.cache_clear()
    plots._say_missing.cache_clear()
    words = ("தமிழ்", "மொழி", "कल", "$x_1$")
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph")
        texts = [text for text, _ in drawn(plots.heatmap(SoftAlignment(words, words, torch.eye(4)), "“தமிழ்”"))]
    assert "letters of the script Tamil" in capsys.readouterr().out
    assert texts.count("?") == (5 if plots.set_style() else 6)
    plots._has_letter.cache_clear()
