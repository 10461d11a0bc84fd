"""The slides: what is on them, and that a browser shows all of it."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.course import NOTEBOOKS, read, sources
from tools.slides import MATHS, formula, slides_of
from tools.slides import page as page_of

STORED = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
every_lesson = pytest.mark.parametrize("path", STORED, ids=[path.stem for path in STORED])
SMALLEST = {True: 0.45, False: 0.6}  # below this scale a step-through, or a slide, is hard to read from the last row
MEASURE = """() => slides.map(slide => {
  const edge = slide.getBoundingClientRect(), foot = slide.querySelector("footer").getBoundingClientRect();
  const cut = [...slide.querySelectorAll("h2, .body *")].filter(e => {
    const box = e.getBoundingClientRect();
    const inside = box.left >= edge.left && box.right <= edge.right + 1 && box.top >= edge.top;
    const folded = e.closest("details:not([open])") && e.localName !== "details" && !e.closest("summary");
    return box.width && !folded && !(inside && box.bottom <= foot.top + 2);
  });
  const alone = slide.querySelector('[data-largest="1.8"]') !== null;
  return {alone, scale: Number(slide.dataset.scale || 1), cut: cut.map(e => e.outerHTML.slice(0, 80))};
})"""


@pytest.mark.browser
@every_lesson
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_a_browser_shows_all_of_every_slide(path, width, height, page, tmp_path):
    file = tmp_path / "slides.html"
    file.write_text(page_of(nbformat.read(path, as_version=4)), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": height})
    page.goto(file.as_uri())
    slides = page.evaluate(MEASURE)
    assert [slide for slide in slides if slide["cut"] or slide["scale"] < SMALLEST[slide["alone"]]] == []
    assert page.errors == page.refused == []
    count = page.locator("section").count()
    for key, number in (("End", count), ("PageUp", count - 1), ("Home", 1), ("ArrowRight", 2)):
        page.keyboard.press(key)
        assert page.locator(".now footer").inner_text().endswith(f"{number} / {count}")


@every_lesson
def test_a_page_needs_nothing_from_elsewhere_and_loses_no_picture(path):
    notebook = nbformat.read(path, as_version=4)
    html = page_of(notebook)
    assert re.findall(r"""(?:src|srcset)=["'](?!data:)|<link|@import|url\((?!data:)""", html) == []
    pictures = [o for cell in notebook.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert html.count("data:image/png;base64,") >= len(pictures)
    assert html.count('alt=""') == 0
    texts = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    headings = re.findall(r"^#+ .+", texts, re.MULTILINE)
    assert len({slide.heading for slide in slides_of(notebook)}) == len(set(headings))


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.stem)
def test_every_formula_is_drawn(source):
    cells = [cell.source for cell in read(source).cells if cell.cell_type == "markdown"]
    formulas = [display or inline for text in cells for display, inline in MATHS.findall(text)]
    assert [tex for tex in formulas if "<svg" not in formula(tex, display=False)] == []


def lesson(*cells):
    """The slides of a notebook: text is text, a pair is code and what it printed."""
    made = [new_markdown_cell("# Why?\n\nA lesson")]
    for cell in [("set_up()", ""), *cells]:
        if isinstance(cell, str):
            made.append(new_markdown_cell(cell))
        else:
            made.append(new_code_cell(cell[0], outputs=[new_output("stream", text=cell[1])] if cell[1] else []))
    return slides_of(new_notebook(cells=made))


def words(slide):
    return re.sub("<[^>]+>", " ", " ".join(block.html for block in slide.blocks))


def test_a_heading_begins_a_slide_and_stays_until_the_next():
    slides = lesson("## One\n\n" + "\n\n".join(["word " * 60] * 4), "## Two\n\nshort")
    assert [slide.heading for slide in slides] == ["Why?", "One", "One", "Two"]
    assert slides[0].kind == "title"


def test_plumbing_and_stubs_are_left_out():
    stub = "def mine(x):\n    ...  # your line here"
    slides = lesson(
        "## One",
        ("import torch", ""),
        ("my_guess = 3", ""),
        (stub, ""),
        ("check(mine)", "not attempted"),
        "## Two",
        ("y = 2\nprint(y)", "2"),
    )
    shown = " ".join(map(words, slides))
    assert "print" in shown and not re.search("torch|guess|attempted", shown)


def test_code_stays_with_what_it_prints_and_with_the_words_that_announce_it():
    slides = lesson("## One\n\n" + "word " * 120, "Now this:", ("\n".join(f"x = {n}" for n in range(9)), "done"))
    assert [slide.heading for slide in slides] == ["Why?", "One", "One"]
    assert "Now this" in words(slides[2]) and "x" in words(slides[2]) and "done" in words(slides[2])


def test_a_prediction_has_a_slide_of_its_own():
    slides = lesson("## One\n\nsome words", "**Predict.** How many?", "and on")
    assert [slide.kind for slide in slides] == ["title", "", "predict", ""]


def test_an_exercise_is_its_text_and_the_lesson_goes_on_below_its_heading():
    exercise = "### Exercise 3.1: try\n\nDo it.\n\n<details><summary>Hint 1</summary>\n\nLike this.\n\n</details>"
    tried = ("print(mine)", "no"), ("check(mine)", "no")
    slides = lesson("## One\n\nsome words", exercise, *tried, "and on", ("print(3)", "3"))
    assert [(s.heading, s.kind) for s in slides[1:]] == [("One", ""), ("Exercise 3.1: try", "exercise"), ("One", "")]
    assert words(slides[2]).strip() == "Do it." and "and on" in words(slides[3]) and "3" in words(slides[3])


def test_a_question_of_the_quiz_has_a_slide_of_its_own():
    answers = "\n".join(f"<details><summary>{n}</summary><p>No.</p></details>" for n in ("one", "two"))
    slides = lesson("## Quiz\n\nClick.", f"**1.** How many?\n\n{answers}", f"**2.** And now?\n\n{answers}")
    assert [slide.heading for slide in slides] == ["Why?", "Quiz", "Quiz", "Quiz"]
    assert "How many" in words(slides[2]) and "two" in words(slides[2])


def test_what_a_cell_printed_is_shown_as_text():
    slide = lesson("## One", ("print(x)", "</pre><script>alert(1)</script>"))[-1]
    assert "&lt;script&gt;" in slide.blocks[0].html and "<script" not in slide.blocks[0].html
