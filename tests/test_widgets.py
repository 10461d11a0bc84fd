"""Sliders change what they show, and show words as words."""

import pytest
import torch
from test_models import PAIRS

from helpers.corpus import Pair
from helpers.training import History
from helpers.translation import Translation
from helpers.widgets import epoch_slider, step_slider

PAIR = PAIRS[0]
ALPHA = torch.eye(5, 4)
ALPHA[4] = torch.tensor([0.1, 0.2, 0.3, 0.4])
EVIL = "<script>alert('ह')</script>"


def pages(widget):
    """What each position of the slider shows."""
    slider, shown = widget.children
    found = []
    for value in range(slider.min, slider.max + 1):
        slider.value = value
        found.append(shown.value)
    return found


def rising(epochs, rows=5, columns=4):
    """α that is the same for all words at first and points at one word in the end."""
    one, even = torch.zeros(rows, columns), torch.full((rows, columns), 1 / columns)
    one[:, 0] = 1.0
    return [torch.lerp(even, one, e / (epochs - 1)).tolist() for e in range(epochs)]


def test_the_step_slider_walks_through_the_translation():
    widget = step_slider(Translation(PAIR.source, PAIR.target, ALPHA, -1.0))
    slider, _ = widget.children
    assert (slider.min, slider.max, slider.value) == (1, 5, 1)
    found = pages(widget)
    assert len(set(found)) == 5
    for t, page in enumerate(found):
        word = (*PAIR.target, "&lt;/s&gt;")[t]
        assert f"{' '.join(PAIR.target[:t])} <b>{word}</b>" in page
        assert all(word in page for word in PAIR.source)
        assert [f"{a:.2f}</td>" in page for a in ALPHA[t].tolist()] == [True] * 4
    assert "laṛkā" in found[0] and "width:100%" in found[0] and "width:40%" in found[4]


def test_a_translation_that_was_cut_off_has_a_slider_too():
    assert len(pages(step_slider(Translation(PAIR.source, PAIR.target, ALPHA[:4], -1.0)))) == 4


def test_the_epoch_slider_walks_through_the_training():
    widget = epoch_slider(History(alpha=rising(3)), PAIR)
    found = pages(widget)
    assert len(found) == len(set(found)) == 3
    assert "0.25" in found[0] and "1.00" not in found[0] and "1.00" in found[2] and "0.25" not in found[2]
    for page in found:
        assert page.count("<tr>") == 6 and page.count("<td title") == 20
        assert all(word in page for word in (*PAIR.source, *PAIR.target))


def test_words_are_not_taken_for_html():
    source, target = (EVIL, "।"), (EVIL, ".")
    alpha = torch.full((3, 3), 1 / 3)
    shown = pages(step_slider(Translation(source, target, alpha, -1.0)))
    shown += pages(epoch_slider(History(alpha=[alpha.tolist()]), Pair(source, target)))
    for page in shown:
        assert "<script" not in page and "&lt;script&gt;" in page and "</s>" not in page


def test_clear_errors():
    with pytest.raises(ValueError, match="the vanilla model has no α"):
        step_slider(Translation(PAIR.source, PAIR.target, None, -1.0))
    with pytest.raises(ValueError, match=r"\(5, 4\) is needed"):
        step_slider(Translation(PAIR.source, PAIR.target, torch.eye(5), -1.0))
    with pytest.raises(ValueError, match="sum to 1"):
        step_slider(Translation(PAIR.source, PAIR.target, ALPHA / 2, -1.0))
    with pytest.raises(ValueError, match="no sentence was watched"):
        epoch_slider(History(), PAIR)
    with pytest.raises(ValueError, match=r"\(7, 6\) is needed"):
        epoch_slider(History(alpha=rising(2)), PAIRS[1])
