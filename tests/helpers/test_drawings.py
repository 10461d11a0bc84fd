"""The growing drawing: its parts, its numbers, nothing on top of each other, nothing cut off, a text for each."""

import re
from itertools import combinations

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import same_color
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from support.examples import PAIRS, needs_devanagari

from helpers import plots
from helpers.corpus.pairs import load_split
from helpers.corpus.words import glosses_of
from helpers.drawings import PALE, Drawing, machine, to_itself
from helpers.models import ModelConfig
from helpers.oracle import SoftAlignment, oracle_alpha, uniform_alpha

PAIR = PAIRS[1]  # 5 Hindi words, 6 English ones
GOLD = oracle_alpha(PAIR)
SIZES = {"embedding": 8, "hidden": 16}
VANILLA, GIVEN, LEARNED, BOTH = (
    ModelConfig(*kind, **SIZES) for kind in (("none",), ("given",), ("additive",), ("additive", "gru", True))
)
LENGTHS = (4, 6, 8, 10)
SENTENCES = {n: [p for p in load_split("test") if len(p.source) == n][:3] for n in LENGTHS}


def ramp(pair):
    return [(j + 1) / len(pair.source) for j in range(len(pair.source))]


def last(pair):
    return len(pair.target) + 1


def within(pair):
    n = len(pair.source) + 1
    weights = torch.softmax(torch.linspace(-3, 3, n * n).sin().reshape(n, n) * 4, dim=1)
    return to_itself((*pair.source, "</s>"), weights, n // 2, "It looks at itself", pair.target)


STAGES = {
    "one vector": lambda pair: machine(pair, VANILLA, title="All goes through one vector"),
    "fading": lambda pair: machine(pair, VANILLA, ink=ramp(pair)),
    "oracle": lambda pair: machine(pair, GIVEN, t=1, alpha=oracle_alpha(pair), title="Where to look"),
    "learned": lambda pair: machine(pair, LEARNED, t=last(pair) // 2, alpha=uniform_alpha(pair)),
    "both ways": lambda pair: machine(pair, BOTH, t=last(pair), alpha=oracle_alpha(pair)),
    "to itself": within,
}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def texts(drawing):
    return [text for text in drawing.figure.axes[0].texts if text.get_text()]


def written(drawing):
    return [text.get_text() for text in texts(drawing)]


def arrows(drawing, colour):
    """The curves and arrows of a colour: (where they start, where they end, how wide they are)."""
    found = [p for p in drawing.figure.axes[0].patches if isinstance(p, FancyArrowPatch)]
    found = [p for p in found if same_color(p.get_edgecolor()[:3], colour)]
    paths = [(p._path_original.vertices, p.get_linewidth()) for p in found]
    return [(tuple(path[0]), tuple(path[-1]), width) for path, width in paths]


def words_of(drawing):
    """The Hindi words, from the left to the right, and the English ones."""
    marks = [text for text in texts(drawing) if "$" not in text.get_text() and text.get_va() == "top"]
    rows = [[text for text in marks if text.get_position()[1] < 2], [t for t in marks if t.get_position()[1] > 2]]
    return [sorted(row, key=lambda text: text.get_position()[0]) for row in rows]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("n", LENGTHS)
def test_texts_do_not_touch_nor_stick_out_and_can_be_read_on_a_telephone(stage, n):
    for pair in SENTENCES[n]:
        drawing = STAGES[stage](pair)
        page = drawing.figure.bbox
        assert 400 / (page.width + 22) * 10 * drawing.figure.dpi / 72 > 8  # of 400 pixels, letters of 10 points have 8
        boxes = [(text.get_text(), text.get_window_extent()) for text in texts(drawing)]
        assert len(boxes) > 2 * n
        states = [
            ("a state", p.get_window_extent()) for p in drawing.figure.axes[0].patches if isinstance(p, Rectangle)
        ]
        for text, box in boxes + states:
            assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1, text
        for (one, a), (two, b) in combinations(boxes, 2):
            common = Bbox.intersection(a, b)
            assert common is None or min(common.width, common.height) < 1, (one, two)


@pytest.mark.parametrize("stage", STAGES)
def test_no_arrow_runs_through_a_word(stage):
    drawing = STAGES[stage](SENTENCES[10][1])
    ax = drawing.figure.axes[0]
    words = [text for text in texts(drawing) if text.get_va() == "top"]
    boxes = [(text.get_text(), text.get_window_extent()) for text in words]
    for arrow in ax.patches:
        if isinstance(arrow, FancyArrowPatch):
            (line,) = ax.transData.transform_path(arrow._path_original).to_polygons(closed_only=False)
            points = Path(line).interpolated(20).vertices
            for text, box in boxes:
                assert not box.padded(-3).count_contains(points), text


@needs_devanagari
def test_words_stand_with_how_they_are_said_and_what_they_mean():
    hindi, english = words_of(machine(PAIR, VANILLA))
    labels = [plots.label(*both) for both in zip(PAIR.source, glosses_of(PAIR), strict=True)]
    assert [text.get_text() for text in hindi] == [*labels, "</s>"]
    assert [text.get_text() for text in english] == ["<s>", *PAIR.target, "</s>"]


def test_romanised_where_devanagari_cannot_be_drawn(monkeypatch):
    monkeypatch.setattr(plots, "set_style", lambda: False)
    words = " ".join(written(machine(PAIR, VANILLA)))
    assert "laṛkī" in words and not re.search("[\u0900-\u097f]", words)


def test_sizes_are_those_of_the_translator():
    said = written(machine(PAIR, VANILLA))
    assert {"$x_j$: 8\nnumbers", "$h_j$: 16\nnumbers", "$s_t$: 16\nnumbers"} <= set(said)
    assert "the encoding vector\n$c = h_{6}$: 16 numbers" in said
    said = written(machine(PAIR, BOTH, t=2, alpha=GOLD))
    assert {"$x_j$: 8\nnumbers", "$h_j$: 32\nnumbers", "$s_t$: 16\nnumbers", "$c_{2}$: 32 numbers"} <= set(said)


def test_symbols_are_set_as_maths():
    said = written(machine(PAIR, LEARNED, t=2, alpha=GOLD))
    assert {f"$h_{{{j}}}$" for j in range(1, 7)} <= set(said) and "$h_{7}$" not in said
    assert {f"$s_{{{t}}}$" for t in range(8)} <= set(said) and "$s_{8}$" not in said
    assert {f"$e_{{{j}2}}$" for j in range(1, 7)} <= set(said)
    assert "a softmax gives the weights $\\alpha_{j2}$" in said and "scores of $h_j$ and $s_{1}$" in said
    long = SENTENCES[10][1]
    assert {"$e_{1,10}$", "$e_{11,10}$"} <= set(written(machine(long, LEARNED, t=10, alpha=oracle_alpha(long))))


def test_without_attention_all_goes_through_one_box():
    drawing = machine(PAIR, VANILLA)
    way, *fan = arrows(drawing, plots.COLOURS["vanilla"])
    hindi, english = words_of(drawing)
    assert way[0][0] == hindi[-1].get_position()[0]  # from the last state
    assert len({start for start, *_ in fan}) == 1
    assert [end[0] for _, end, _ in fan] == [word.get_position()[0] for word in english]


@pytest.mark.parametrize(("config", "model"), [(GIVEN, "oracle"), (LEARNED, "learned"), (BOTH, "both ways")])
def test_a_line_is_as_wide_as_its_weight(config, model):
    t = 3  # "reads": पढ़ती ⅔, है ⅓
    drawing = machine(PAIR, config, t=t, alpha=GOLD)
    hindi, english = words_of(drawing)
    to_state, lines = [], []
    for start, end, width in arrows(drawing, plots.COLOURS[model]):
        (lines if start[0] in {word.get_position()[0] for word in hindi} else to_state).append((start, end, width))
    assert [line[0][0] for line in lines] == [hindi[j].get_position()[0] for j in (2, 3)]
    assert lines[0][2] / lines[1][2] == pytest.approx(2)
    assert {line[1][0] for line in lines} == {english[t].get_position()[0]} and len(to_state) == 1
    assert [text for text in written(drawing) if text.startswith(".") and len(text) == 3] == [".67", ".33"]


def test_who_gives_the_weights():
    given, computed = (" ".join(written(machine(PAIR, c, t=2, alpha=GOLD))) for c in (GIVEN, LEARNED))
    assert "the oracle gives the weights" in given and "e_" not in given
    assert "a softmax gives the weights" in computed and "oracle" not in computed


def test_weights_with_and_without_their_words_are_the_same():
    plain, with_words = (machine(PAIR, GIVEN, t=2, alpha=a) for a in (GOLD, SoftAlignment.of(PAIR, GOLD)))
    assert written(plain) == written(with_words) and plain.alt == with_words.alt


def test_ink_is_the_opacity_of_states():
    faded = machine(PAIR, VANILLA, ink=torch.tensor([0, 0.25, 0.5, 0.75, 1.0]))
    assert {word.get_alpha() for word in words_of(faded)[0]} == {None}
    cells = [p.get_alpha() for p in faded.figure.axes[0].patches if p.get_alpha() is not None]
    assert all(cells.count(share) >= 4 for share in (0, 0.25, 0.5, 0.75, 1))


@pytest.mark.parametrize("config", [VANILLA, GIVEN])
def test_later_steps_are_pale(config):
    drawing = machine(PAIR, config, t=3, alpha=None if config is VANILLA else GOLD)
    assert [word.get_alpha() for word in words_of(drawing)[1]] == [1] * 4 + [PALE] * 4
    assert {word.get_alpha() for word in words_of(machine(PAIR, VANILLA))[1]} == {1}


def test_where_a_step_is_shown_only_its_arrows_into_the_state_are_dark():
    def dark(drawing):
        patches = [p for p in drawing.figure.axes[0].patches if isinstance(p, FancyArrowPatch)]
        return sum(same_color(p.get_edgecolor(), plots.COLOURS["vanilla"]) for p in patches)

    assert dark(machine(PAIR, VANILLA, t=3)) == 2  # into the box, and out of it into the state
    assert dark(machine(PAIR, VANILLA)) == 1 + len(PAIR.target) + 2


def test_reading_both_ways_adds_arrows_to_the_left():
    def to_the_left(drawing):
        return sum(end[0] < start[0] and start[1] == end[1] for start, end, _ in arrows(drawing, "0.35"))

    one, both = (machine(PAIR, config, t=2, alpha=GOLD) for config in (LEARNED, BOTH))
    assert to_the_left(one) == 0 and to_the_left(both) == len(PAIR.source)
    assert both.figure.get_size_inches()[1] > one.figure.get_size_inches()[1]


def test_a_word_that_looks_at_its_own_sentence():
    words, alpha = ("she", "saw", "her", "book"), torch.full((4, 4), 0.1).fill_diagonal_(0.7)
    drawing = to_itself(words, alpha, 2, "saw")
    lines = arrows(drawing, plots.COLOURS["learned"])
    assert [width / lines[0][2] for *_, width in lines] == pytest.approx([1, 7, 1, 1])
    assert len({end for _, end, _ in lines}) == 1 and all(end[1] < start[1] for start, end, _ in lines)
    above, below = words_of(drawing)
    assert [word.get_text() for word in above] == [word.get_text() for word in below] == list(words)
    assert [word.get_alpha() for word in above] == [PALE, 1, PALE, PALE]
    assert drawing.alt == (
        "Word 2 of “she saw her book” looks at its own sentence, with these weights: "
        "she 0.10, saw 0.70, her 0.10, book 0.10."
    )


def test_words_are_no_maths_and_may_be_long():
    odd = type(PAIR)(("$x_1$", "क" * 50, "a"), ("$y$", "x" * 300))
    drawing = machine(odd, VANILLA, title="Odd words")
    drawing.figure.canvas.draw()
    assert max(len(line) for text in words_of(drawing) for word in text for line in word.get_text().split("\n")) == 24


def test_an_empty_sentence_has_its_end():
    assert written(machine(type(PAIR)((), ()), VANILLA)).count("</s>") == 2


@pytest.mark.parametrize(
    ("stage", "parts"),
    [
        ("one vector", ["16 numbers", "one box", "“the girl reads the book .”"]),
        ("fading", ["What is left of the words: लड़की (laṛkī) 0.20, किताब (kitāb) 0.40", "from left to right"]),
        ("oracle", ["At step 1 the oracle gives these weights: लड़की (laṛkī) 1.00."]),
        ("learned", ["At step 3 a softmax gives these weights: लड़की (laṛkī) 0.17, ", "</s> 0.17."]),
        ("both ways", ["both ways", "32 numbers", "weights: </s> 1.00."]),
    ],
)
def test_the_text_says_what_is_drawn(stage, parts):
    drawing = STAGES[stage](PAIR)
    assert [part for part in ["reads लड़की किताब पढ़ती है ।", *parts] if part not in drawing.alt] == []
    assert isinstance(drawing, Drawing) and drawing == (drawing.figure, drawing.alt)


def test_small_weights_are_told_where_there_are_no_others():
    n = 20
    assert to_itself(["a"] * n, torch.full((n, n), 1 / n), 1).alt.count("a 0.05") == n


def test_it_is_shown_with_its_text(monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "display", lambda data, **options: shown.append(data))
    plots.show(*machine(PAIR, VANILLA))
    assert shown[0]["text/plain"].startswith("The encoder reads") and plt.get_fignums() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((VANILLA, {"ink": [0.5] * 3}), "ink has 3 numbers; 5 are needed.*ink="),
        ((VANILLA, {"ink": [0.5, 0.5, 1.5, 0.5, 0.5]}), r"ink\[2\] is 1.5: it is a share from 0 .* to 1 .*such as 0.5"),
        ((VANILLA, {"ink": [float("nan")] * 5}), r"ink\[0\] is nan"),
        ((VANILLA, {"t": 8}), "t=8 is no step: they are counted from 1 to 7.*t=1"),
        ((GIVEN, {"t": 0, "alpha": GOLD}), "t=0 is no step"),
        ((VANILLA, {"alpha": GOLD}), "takes no weights"),
        ((GIVEN, {"t": 2}), r"a step and the weights are needed, as in t=2, alpha=oracle_alpha\(pair\)"),
        ((LEARNED, {"alpha": GOLD}), "a step and the weights are needed"),
        ((GIVEN, {"t": 2, "alpha": GOLD[:-1]}), r"shape \(6, 6\); \(7, 6\) is needed"),
        ((GIVEN, {"t": 2, "alpha": GOLD * 2}), "sum to 1"),
        ((ModelConfig("places"), {"t": 2, "alpha": GOLD}), "places.*has no drawing"),
        ((ModelConfig("none", bidirectional=True), {}), "has no drawing"),
    ],
)
def test_what_cannot_be_drawn_is_named(arguments, message):
    config, options = arguments
    with pytest.raises(ValueError, match=message):
        machine(PAIR, config, **options)
    assert plt.get_fignums() == []


def test_what_a_sentence_cannot_ask_of_itself():
    for t in (0, 4):
        with pytest.raises(ValueError, match=f"t={t} is none of the words: they are counted from 1 to 3, as in t=1"):
            to_itself("abc", torch.eye(3), t)
    with pytest.raises(ValueError, match=r"\(3, 3\) is needed"):
        to_itself("abc", torch.eye(4), 1)
