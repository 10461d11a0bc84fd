"""Hindi in pictures looks as Chromium draws it: tests/devanagari.png holds that for four words hard to shape."""

import base64
import io
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pymupdf_fonts
import pytest
from PIL import Image
from support.examples import needs_devanagari

WORDS = ("राष्ट्र", "निवृत्ति", "किताब", "पढ़ी")  # conjuncts, a vowel sign that goes to the left, a dot below
GOOD = Path(__file__).with_name("devanagari.png")
HEIGHT = 80  # of each word's line in it
PAGE = """<style>@font-face {{ font-family: F; src: url(data:font/otf;base64,{font}) }}
    div {{ font: 48px F; line-height: {height}px; height: {height}px; padding-left: 20px }} body {{ margin: 0 }}</style>
    {words}"""


def ink(image):
    """The word alone, as 48 by 96 shares of black, and how many times wider than high it is."""
    image = image.convert("L").point(lambda grey: 255 - grey)
    word = image.crop(image.getbbox())
    return np.asarray(word.resize((96, 48)), float).ravel(), word.width / word.height


def alike(image, good):
    """1 for the same shapes, about 0 for others."""
    (a, wide), (b, as_wide) = ink(image), ink(good)
    return np.corrcoef(a, b)[0, 1] * min(wide / as_wide, as_wide / wide)


def lines(image):
    return [image.crop((0, HEIGHT * i, image.width, HEIGHT * (i + 1))) for i in range(len(WORDS))]


def drawn(word):
    """By matplotlib, as in the course's pictures."""
    figure, buffer = plt.figure(figsize=(4, 1.5), dpi=110), io.BytesIO()
    figure.text(0.05, 0.4, word, fontsize=32)
    figure.savefig(buffer, format="png")
    plt.close(figure)
    return Image.open(buffer)


def side_by_side(parts):
    """What a picture without shaping shows: sign after sign, in the order in which they are typed."""
    parts = [part.crop(part.convert("L").point(lambda grey: 255 - grey).getbbox()) for part in map(drawn, parts)]
    page, x = Image.new("L", (600, 150), 255), 5
    for part in parts:
        page.paste(part.convert("L"), (x, 20))
        x += part.width + 1
    return page


@needs_devanagari
@pytest.mark.parametrize("i,word", list(enumerate(WORDS)))
def test_pictures_have_the_shapes_of_a_browser(i, word):
    good = lines(Image.open(GOOD))
    assert alike(drawn(word), good[i]) > 0.85
    assert max(alike(drawn(word), other) for j, other in enumerate(good) if j != i) < 0.5


@needs_devanagari
@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("i,word", list(enumerate(WORDS)))
def test_wrong_shapes_would_be_found(i, word):
    good = lines(Image.open(GOOD))[i]
    assert alike(side_by_side(word), good) < 0.5
    assert alike(drawn("\ue000" * len(word)), good) < 0.5  # boxes
    if "ि" in word:  # the vowel sign to the right of its letter
        assert alike(side_by_side(word.replace("ि", " ि").split(" ")), good) < 0.5


@pytest.mark.browser
def test_the_good_shapes_are_those_of_the_browser(page):
    font = base64.b64encode(pymupdf_fonts.myfont("figo")).decode()
    page.set_viewport_size({"width": 240, "height": HEIGHT * len(WORDS)})
    page.set_content(PAGE.format(font=font, height=HEIGHT, words="".join(f"<div>{word}</div>" for word in WORDS)))
    page.evaluate("document.fonts.ready")
    shown = Image.open(io.BytesIO(page.screenshot())).convert("L")
    if not GOOD.exists():
        shown.quantize(16).save(GOOD, optimize=True)
    for one, other in zip(lines(shown), lines(Image.open(GOOD)), strict=True):
        assert alike(one, other) > 0.97
