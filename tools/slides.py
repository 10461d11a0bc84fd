"""Makes slides of the executed notebooks: one HTML file a lesson, which needs no network and no server.

    python -m tools.slides          all of them, into build/slides
    python -m tools.slides 03 04    these two

The rule: a heading begins a slide and stands on every slide until the next heading; short text stays with the code that
follows it; a picture or a step-through has a slide to itself, without the code that drew it; so has a prediction, an
exercise (its text only) and each question of a quiz. Left out: the set-up cell, imports, and what the learner is to
fill in. The page then scales each slide's content until it fits.

nbconvert's slides would need the network for reveal.js and MathJax, and in every cell of the sources a tag that says
where a slide begins; and they cut off what is longer than the screen.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from html import escape
from string import Template
from typing import NamedTuple

import nbformat
from matplotlib.textpath import TextPath
from nbconvert.filters import Highlight2HTML, ansi2html, markdown2html
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

from tools import ROOT
from tools.course import NOTEBOOKS, lessons_named

FOLDER = ROOT / "build" / "slides"
TEMPLATE = ROOT / "tools" / "slides.html"
LINES = 13  # what a slide holds at full size, in lines of text
WIDTH, COLUMNS = 76, 84  # characters in a line of text, and of code
MATHS = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+(?:\n[^$\n]+)?)\$", re.DOTALL)
STUB, CHECK = re.compile(r"^\s+\.\.\.", re.MULTILINE), re.compile(r"\bchecks\.\w+\(")
highlight = Highlight2HTML(pygments_lexer="python")

# What is in a lesson: sections of Markdown and code


@dataclass
class Section:
    """What begins on a slide of its own: a heading, and under it blocks of Markdown and cells of code."""

    heading: str
    kind: str = ""  # a class of the style sheet: title, predict, exercise or nothing
    content: list[str | NotebookNode] = field(default_factory=list)


def sections_of(notebook: NotebookNode) -> list[Section]:
    """The sections of an executed notebook, without what a lecture leaves out."""
    sections: list[Section] = []
    set_up = next(cell for cell in notebook.cells if cell.cell_type == "code")
    learners = False  # code after a stub or an exercise tries what the learner has written
    for cell in notebook.cells:
        if sections and sections[-1].kind in ("title", "predict"):  # these end with their cell
            sections.append(Section(sections[-1].heading))
        if cell.cell_type == "markdown":
            learners = False
            add_text(sections, cell.source)
            continue
        if sections[-1].kind == "exercise":  # then the lesson goes on below the heading above it
            sections.append(Section(next(s.heading for s in reversed(sections) if s.kind != "exercise")))
            learners = True
        learners = learners or bool(STUB.search(cell.source))
        if not (learners or cell is set_up or CHECK.search(cell.source)):
            sections[-1].content.append(cell)
    return sections


def add_text(sections: list[Section], markdown: str) -> None:
    """Put a text cell into the last section, and into new ones where a heading, a prediction or a question begins."""
    blocks = [block for block in split(markdown) if not block.startswith(("[![", "<details><summary>Hint"))]
    if any(block.startswith("<details") for block in blocks):  # a question of the quiz
        sections.append(Section(sections[-1].heading, sections[-1].kind))
    for block in blocks:
        if heading := re.match(r"#+ (.+)", block):
            kind = "exercise" if re.match(r"Exercise \d", heading[1]) else ""
            sections.append(Section(heading[1], kind if sections else "title"))
            continue
        if "**Predict" in block and not sections[-1].kind:
            sections.append(Section(sections[-1].heading, "predict"))
        sections[-1].content.append(block)


def split(markdown: str) -> list[str]:
    """A text cell's paragraphs, lists, tables, formulas and folded parts."""
    blocks: list[str] = []
    for block in re.split(r"\n\s*\n", markdown.strip()):
        begun = blocks[-1] if blocks else ""
        if begun.count("<details") > begun.count("</details") or begun.count("```") % 2:
            blocks[-1] += "\n\n" + block
        elif re.match(r"#+ .*\n", block):
            blocks += block.split("\n", 1)
        else:
            blocks.append(block)
    return blocks


def is_plumbing(code: str) -> bool:
    """Code of which a lecture shows nothing: imports, and a place for the learner's guess."""
    try:
        lines = ast.parse(code).body
    except SyntaxError:  # such as %magic
        return False
    return all(isinstance(line, ast.Import | ast.ImportFrom) for line in lines) or bool(re.match(r"my_\w+( =|,)", code))


# What it looks like: blocks of HTML


class Block(NamedTuple):
    """A piece of a slide: its HTML, and about how many lines of text it takes up."""

    html: str
    lines: float
    alone: bool = False  # it has a slide to itself


def height_of_text(markdown: str) -> float:
    """About how many lines of text a block takes up."""
    if markdown.startswith("$$") or "\\frac" in markdown:
        return 2.6
    lines = markdown.split("\n") if re.match(r"[-*|\d]", markdown) else [" ".join(markdown.split())]
    return 0.8 + sum(1 + len(re.sub(r"\]\([^)]*\)|\\[a-z]+|[{}$]", "", line)) // WIDTH for line in lines)


def height_of_code(code: str) -> float:
    """About how many lines of text a box of code or print takes up; its letters are smaller."""
    return 1 + 0.75 * len(code.split("\n"))


def blocks_of(part: str | NotebookNode) -> list[Block]:
    """Markdown; or a cell's code and what it printed, in one block if it fits; or its tables and pictures only."""
    if isinstance(part, str):
        return [Block(text(part), height_of_text(part))]
    outputs = [block for output in part.outputs if (block := block_of_output(output))]
    outputs.sort(key=lambda block: block.alone)
    if is_plumbing(part.source) or any(block.alone or "<table" in block.html for block in outputs):
        return outputs
    longest = max(map(len, part.source.split("\n")))
    size = max(0.72, min(1, COLUMNS / longest))  # so that its longest line is not wrapped
    code = f'<div class="code" style="--size:{size:.2f}">{highlight(part.source)}</div>'
    blocks = [Block(code, height_of_code(part.source)), *outputs]
    height = sum(block.lines for block in blocks)
    return [Block("\n".join(block.html for block in blocks), height)] if height <= LINES else blocks


def block_of_output(output: NotebookNode) -> Block | None:
    """A picture, a step-through, a table or printed text; nothing if only a progress bar was printed."""
    data = output.get("data", {})
    html = data.get("text/html", "")
    if "<script" in html or "<img" in html:
        return Block(html, LINES, alone=True)
    if "image/png" in data:
        alt = escape(output.metadata.get("image/png", {}).get("alt", ""), quote=True)
        picture = f'<img alt="{alt}" src="data:image/png;base64,{data["image/png"].strip()}">'
        return Block(f"<figure>{picture}</figure>", LINES, alone=True)
    if html:
        return Block(f'<div class="table">{html}</div>', 1 + 1.2 * html.count("<tr"))
    if printed := re.sub(r".*100%\|.*\n?", "", output.get("text", data.get("text/plain", ""))).rstrip():
        return Block(f'<div class="output"><pre>{ansi2html(printed)}</pre></div>', height_of_code(printed))
    return None


def formula(tex: str, display: bool) -> str:
    """TeX as an inline SVG picture, in the size of the text around it."""
    tex = " ".join(re.sub(r"\\([lg])e(?![a-zA-Z])", r"\\\1eq", tex).split())  # mathtext writes \le as \leq
    try:
        path = TextPath((0, 0), f"${tex}$", size=1)  # 1 em
    except ValueError:  # TeX that mathtext does not know stays TeX
        return f"<code>{escape(tex)}</code>"
    signs = {path.MOVETO: "M", path.LINETO: "L", path.CURVE3: "Q", path.CURVE4: "C"}
    drawn = [
        "Z" if code == path.CLOSEPOLY else signs[code] + " ".join(f"{n:.3f}" for n in points)
        for points, code in path.iter_segments(curves=True, simplify=False)
    ]
    (left, below), (right, above) = path.get_extents().get_points().round(3)
    size = f"width:{right - left:.3f}em;height:{above - below:.3f}em;vertical-align:{below:.3f}em"
    box = f"{left} {-above} {right - left:.3f} {above - below:.3f}"
    picture = (
        f'<svg class="maths" role="img" aria-label="{escape(tex)}" viewBox="{box}" style="{size}">'
        f'<path transform="scale(1 -1)" d="{"".join(drawn)}"/></svg>'
    )
    return f'<div class="formula">{picture}</div>' if display else picture


def text(markdown: str) -> str:
    """Markdown as HTML, its formulas as pictures."""
    kept: list[str] = []

    def keep(match: re.Match) -> str:
        kept.append(formula(match[1] or match[2], display=bool(match[1])))
        return f"\ue000{len(kept) - 1}\ue001"

    html = markdown2html(MATHS.sub(keep, markdown))
    html = re.sub(r"<p>(\ue000\d+\ue001)</p>", r"\1", html)
    return re.sub("\ue000(\\d+)\ue001", lambda match: kept[int(match[1])], html)


# Where it stands: slides


@dataclass
class Slide:
    """A heading and the blocks that stand under it."""

    heading: str
    kind: str
    blocks: list[Block] = field(default_factory=list)

    def html(self, number: int, count: int, lesson: str) -> str:
        """The slide as a <section>."""
        content = "\n".join(block.html for block in self.blocks)
        if not content.startswith("<figure>"):
            largest = 1.8 if self.blocks[0].alone else 1.3  # the scale beyond which it does not grow
            content = f'<div class="fit" data-largest="{largest}">{content}</div>'
        return (
            f'<section class="slide {self.kind}" aria-roledescription="slide">\n<h2>{self.heading}</h2>\n'
            f'<div class="body">{content}</div>\n'
            f"<footer><span>{lesson}</span><span>{number} / {count}</span></footer>\n</section>"
        )


def slides_of(notebook: NotebookNode) -> list[Slide]:
    """The slides of an executed notebook."""
    return [slide for section in sections_of(notebook) for slide in laid_out(section) if slide.blocks]


def laid_out(section: Section) -> list[Slide]:
    """As many slides as the section needs, all with its heading."""
    heading = text(section.heading).strip().removeprefix("<p>").removesuffix("</p>")
    slides = [Slide(heading, section.kind)]
    for block in [block for part in section.content for block in blocks_of(part)]:
        above = slides[-1].blocks
        if above and (block.alone or sum(b.lines for b in above) + block.lines > LINES):
            slides.append(Slide(heading, section.kind))
            if not block.alone and len(above) > 1 and above[-1].html.rstrip().endswith((":</p>", "</strong></p>")):
                slides[-1].blocks.append(above.pop())  # what announces a block goes with it
        slides[-1].blocks.append(block)
    return slides


def page(notebook: NotebookNode) -> str:
    """The slides of an executed notebook as one HTML page."""
    slides = slides_of(notebook)
    lesson = slides[0].heading
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=re.sub("<[^>]+>", "", lesson),
        highlight=HtmlFormatter(style="default").get_style_defs(".highlight"),
        slides="\n".join(slide.html(n, len(slides), lesson if n > 1 else "") for n, slide in enumerate(slides, 1)),
    )


def main() -> None:
    lessons = lessons_named(__doc__)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for lesson in lessons:
        html = page(nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4))
        path = FOLDER / f"{lesson}.html"
        path.write_text(html, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {html.count('<section')} slides, {len(html) / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
