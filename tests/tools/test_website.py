"""The site: every page, its solutions, links and search, in a browser that reaches nothing but the site's files."""

import re
from itertools import product

import nbformat
import pytest

pytest.importorskip("sphinx", reason="the site's tools are in .venv/teaching: make test")

from support.examples import PAIRS, small

from helpers.page.write import write_page
from tools import website

PAGES = ["index", "docs/glossary", "teaching/guide", *(f"notebooks/{path.stem}" for path in website.LESSONS)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site; Sphinx stops at a warning, such as a link or an anchor that leads nowhere."""
    build = tmp_path_factory.mktemp("build")
    write_page(build / "page" / "translator.html", {"mine": small()}, PAIRS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(website, "BUILD", build)
        assert website.main() == 0
    return build / "site"


@pytest.fixture
def offline(page):
    """A page that counts what it asks for beyond the site's files."""
    page.asked = []
    page.on("request", lambda r: page.asked.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
    return page


@pytest.mark.browser
@pytest.mark.parametrize("name, width", list(product(PAGES, (1200, 400))))
def test_a_page_is_whole(name, width, site, offline):
    offline.set_viewport_size({"width": width, "height": 900})
    offline.goto((site / f"{name}.html").as_uri())
    maths = offline.locator(".math").count()
    offline.wait_for_function("n => document.querySelectorAll('mjx-container').length === n", arg=maths)
    assert offline.errors == [] and offline.asked == []
    assert offline.evaluate("document.documentElement.scrollWidth") <= width
    assert offline.locator("mjx-merror").count() == 0 and "$" not in offline.locator("article p").first.inner_text()
    pictures = offline.locator("article img")
    assert all(pictures.evaluate_all("all => all.map(img => img.alt && img.complete && img.naturalWidth)"))


@pytest.mark.browser
def test_a_step_through_works(site, offline):
    offline.goto((site / "notebooks/04_learned_attention.html").as_uri())
    explorer = offline.locator(".explorer").first
    assert explorer.locator(".looks").inner_text().startswith("step 1")
    explorer.get_by_role("slider", name="step t").press("ArrowRight")
    assert explorer.locator(".looks").inner_text().startswith("step 2")


def test_the_front_page_leads_to_the_translators_and_they_lead_to_the_lessons(site):
    assert website.OPEN in (site / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"#]+)"', (site / "translator.html").read_text(encoding="utf-8"))
    lessons = {link for link in links if link != "data:,"}
    assert lessons == {f"notebooks/{path.stem}.html" for path in website.LESSONS}


@pytest.mark.browser
def test_search_finds_a_word(site, offline):
    offline.goto((site / "search.html").as_uri() + "?q=bottleneck")
    offline.locator("ul.search a[href*='02_long_sentences']").first.wait_for()
    assert offline.asked == []


@pytest.mark.parametrize("lesson", website.LESSONS, ids=lambda path: path.stem)
def test_every_exercise_has_its_solution_folded_below_it(lesson, site):
    html = (site / f"notebooks/{lesson.stem}.html").read_text(encoding="utf-8")
    there = re.findall(r"<h3>Exercise (\d\.\d):|class=\"(solution)\"", html)
    exercises = [number for number, _ in there if number]
    assert there == [pair for number in exercises for pair in ((number, ""), ("", "solution"))]
    assert exercises and "<details open" not in html


@pytest.mark.parametrize("lesson", website.LESSONS, ids=lambda path: path.stem)
def test_the_buttons_lead_to_the_stored_notebook(lesson, site):
    html = (site / f"notebooks/{lesson.stem}.html").read_text(encoding="utf-8")
    assert f'href="{website.COLAB}/blob/main/notebooks/{lesson.name}">Open in Colab' in html
    (download,) = re.findall(r'href="([^"]+)" download>', html)
    assert (site / "notebooks" / download).read_bytes() == lesson.read_bytes()


def test_links_without_a_page_lead_to_the_repository():
    guide = "[a](../README.md) [b](../notebooks/src/) [c](#x) [d](https://x.org) [e](exam.md#q)"
    blob, tree = f"{website.GITHUB}/blob/main", f"{website.GITHUB}/tree/main"
    assert website.link_up(guide, "teaching") == (
        f"[a]({blob}/README.md) [b]({tree}/notebooks/src) [c](#x) [d](https://x.org) [e]({blob}/teaching/exam.md#q)"
    )
    lesson = "[g](../notebooks/01_encoder_decoder.ipynb#The-task)"
    assert website.link_up(lesson, "teaching") == lesson


def test_the_command_answers(assert_it_answers):
    assert_it_answers("tools.website")


def test_a_solution_without_its_exercise_is_noticed(monkeypatch):
    monkeypatch.setattr(website, "solutions", lambda lesson: {"9.9": "?"})
    with pytest.raises(ValueError, match="has no exercise 9.9"):
        website.page_of(website.LESSONS[0])


def test_pictures_in_a_solution_keep_their_words():
    output = nbformat.v4.new_output("display_data", {"image/png": "AAAA\n"}, metadata={"image/png": {"alt": 'a "b"'}})
    assert website.shown(output) == '<img alt="a &quot;b&quot;" src="data:image/png;base64,AAAA">'
