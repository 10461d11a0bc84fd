"""A page of one's own: another language pair, one's own models; and what a page cannot be."""

import re

import pytest
from playwright.sync_api import expect
from support.examples import PAIRS, small

from helpers.corpus.pairs import Pair
from helpers.models import ModelConfig
from helpers.page import write
from helpers.page.write import write_page
from helpers.training import TrainingConfig, new_translator
from helpers.translation import translate

EVIL = "</script><img/src=x/onerror=alert(1)>"
GERMAN = [
    Pair(("das", "mädchen", "liest", "ein", "buch", "."), ("the", "girl", "reads", "a", "book", ".")),
    Pair(("der", "junge", "schläft", "."), ("the", "boy", "sleeps", ".")),
    Pair(("ich", "sehe", EVIL, "."), ("i", "see", EVIL, ".")),
]


@pytest.mark.browser
def test_a_page_of_ones_own(page, tmp_path):
    config = ModelConfig("additive", bidirectional=True, hidden=16, embedding=8, deep_output=True)
    model = new_translator(config, TrainingConfig(), GERMAN)
    path = write_page(tmp_path / "mine.html", {"mine": model}, GERMAN, [(1, 4), (5, 9)], "Deutsch <-> English")
    page.goto(path.as_uri())
    assert page.title() == "Deutsch <-> English"
    assert page.locator("#source b").all_inner_texts() == [*GERMAN[0].source, "</s>"]
    page.get_by_label("A sentence").fill("Der Junge liest ein Bch!")
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_contain_text("No translator here knows bch. Close to it: buch")
    page.locator("#message button").first.click()
    words = ["der", "junge", "liest", "ein", "buch", "."]
    assert page.locator("#source b").all_inner_texts() == [*words, "</s>"]
    (found,) = translate(model, [words])
    assert page.locator("#target span").all_inner_texts() == list(found.tokens)
    for hidden in ("Hindi", "lesson", "Lesson", "oracle"):  # what is of the course alone
        assert not page.get_by_text(hidden).locator("visible=true").count(), hidden
    page.get_by_role("button", name="Translate them all").click()
    expect(page.locator("#running")).to_contain_text("seconds")
    assert page.locator("#chart tbody tr").count() == 2
    for odd in (" ".join(GERMAN[2].source), "constructor toString __proto__"):
        page.get_by_label("A sentence").fill(odd)
        page.keyboard.press("Enter")
        expect(page.locator("#source b").last).to_have_text("</s>")
    assert page.refused == page.errors == [] and not page.locator("img").count()


@pytest.mark.parametrize(
    "models, test, message",
    [
        ({}, PAIRS, "a page needs models, such as"),
        ({"mine": small()}, [], "a page needs models, such as"),
        ({"mine": small(cell="lstm")}, PAIRS, "the page computes GRUs"),
        ({"mine": small("given")}, PAIRS, "all models are told where to look"),
        ({"mine": small(), "oracle": small("given")}, GERMAN, "the oracle has nothing to say for"),
    ],
)
def test_what_cannot_be_a_page_is_said(models, test, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        write_page(tmp_path / "page.html", models, test)
    assert not list(tmp_path.iterdir())


def test_a_page_is_not_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(write, "LARGEST", 50_000)
    with pytest.raises(ValueError, match="0 MB is the most: give fewer models"):
        write_page(tmp_path / "page.html", {"mine": small()}, PAIRS)


def test_a_page_asks_for_nothing_from_elsewhere(tmp_path):
    html = write_page(tmp_path / "new" / "page.html", {"mine": small()}, PAIRS).read_text(encoding="utf-8")
    assert "__" not in re.sub(r"<script type=.*?</script>", "", html)
    asked = re.findall(r"(?:src|@import|url\(|<link[^>]*href)=?[\"' (]*([^\"' )>]+)", html)
    assert asked == ["data:,"] and "fetch(" not in html and "XMLHttpRequest" not in html


def test_the_command_answers(assert_it_answers):
    assert_it_answers("helpers.page.write")
