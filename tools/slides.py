"""Makes slides of the executed notebooks: one HTML file a lesson, which needs no network and no server.

    python tools/slides.py          all of them, into build/slides
    python tools/slides.py 03 04    these two

The rule: a heading begins a slide and stands on every slide until the next heading; short text stays with the code that
follows it; a picture or a step-through has a slide to itself, without the code that drew it; so has a prediction, an
exercise (its text only) and each question of a quiz. Left out: the set-up cell, imports, and what the learner is to
fill in. The page then scales each slide's content until it fits.
"""

from __future__ import annotations

import ast
import re
import string
import sys
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from pathlib import Path

import nbformat
from matplotlib.textpath import TextPath
from nbconvert.filters import Highlight2HTML, ansi2html, markdown2html
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "slides"
PICTURE = '<div class="picture">'
TEMPLATE = ROOT / "tools" / "slides.html"
LINES = 13  # what a slide holds at full size, in lines of text
WIDTH, COLUMNS = 76, 84  # characters in a line of text, and of code
MATHS = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+(?:\n[^$\n]+)?)\$", re.DOTALL)


@dataclass
class Slide:
    """A heading and what stands under it: blocks of HTML, each with the lines of text that it takes up."""

    heading: str
    kind: str = ""  # a class of the style sheet: title, predict, exercise or nothing
    blocks: list[tuple[str, float]] = field(default_factory=list)
    largest: float = 1.3  # the scale beyond which its content does not grow

    def html(self, number: int, count: int, lesson: str) -> str:
        """The slide as a <section>."""
        content = "\n".join(html for html, _ in self.blocks)
        if content and not content.startswith(PICTURE):
            content = f'<div class="fit" data-largest="{self.largest}">{content}</div>'
        return (
            f'<section class="slide {self.kind}" aria-roledescription="slide">\n<h2>{self.heading}</h2>\n'
            f'<div class="body">{content}</div>\n'
            f"<footer><span>{lesson}</span><span>{number} / {count}</span></footer>\n</section>"
        )


def formula(tex: str, display: bool) -> str:
    """TeX as an inline SVG picture, in the size of the text around it."""
    tex = " ".join(re.sub(r"\\([lg])e(?![a-zA-Z])", r"\\\1eq", tex).split())  # mathtext writes \le as \leq
    try:
        path = TextPath((0, 0), f"${tex}$", size=1)  # 1 em
    except ValueError:  # TeX that mathtext does not know stays TeX
        return f"<code>{escape(tex)}</code>"
    signs = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}
    drawn = []
    for points, code in path.iter_segments(curves=True, simplify=False):
        points = [f"{n:.3f}" for n in points] if code != 79 else []
        drawn.append(signs[int(code)] + " ".join(points))
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


def height(markdown: str) -> float:
    """About how many lines of text a block takes."""
    if markdown.startswith("$$") or "\\frac" in markdown:
        return 2.6
    lines = markdown.split("\n") if re.match(r"[-*|\d]", markdown) else [" ".join(markdown.split())]
    return 0.8 + sum(1 + len(re.sub(r"\]\([^)]*\)|\\[a-z]+|[{}$]", "", line)) // WIDTH for line in lines)


def is_plumbing(code: str) -> bool:
    """Code of which a lecture shows nothing: imports, and a place for the learner's guess."""
    try:
        lines = ast.parse(code).body
    except SyntaxError:  # such as %magic
        return False
    return all(isinstance(line, ast.Import | ast.ImportFrom) for line in lines) or bool(re.match(r"my_\w+( =|,)", code))


def outputs(cell: NotebookNode) -> tuple[list[str], list[tuple[str, float]]]:
    """A cell's pictures and step-throughs; and its printed text and tables, with the lines that they take."""
    pictures, printed = [], []
    for output in cell.outputs:
        data = output.get("data", {})
        html = "".join(data.get("text/html", ""))
        if "<script" in html or "<img" in html:
            pictures.append(html)
        elif "image/png" in data:
            alt = escape(output.metadata.get("image/png", {}).get("alt", ""), quote=True)
            pictures.append(f'{PICTURE}<img alt="{alt}" src="data:image/png;base64,{data["image/png"].strip()}"></div>')
        elif html:
            printed.append((f'<div class="table">{html}</div>', 1 + 1.2 * html.count("<tr")))
        elif written := re.sub(r".*100%\|.*\n?", "", "".join(output.get("text", data.get("text/plain", "")))).rstrip():
            printed.append((f'<div class="output"><pre>{ansi2html(written)}</pre></div>', room(written)))
    return pictures, printed


def room(code: str) -> float:
    """About how many lines of text a box of code or print takes; its letters are smaller."""
    return 1 + 0.75 * len(code.split("\n"))


def slides_of(notebook: NotebookNode) -> list[Slide]:
    """The slides of an executed notebook."""
    highlight = Highlight2HTML(pygments_lexer="python")
    slides = [Slide("", kind="title")]
    stub = False  # the cells after a stub try what the learner has written

    def add(html: str, lines: float, kind: str = "") -> None:
        """Put a block on the last slide, or on a new one where it has no room or is of another kind."""
        last = slides[-1]
        if last.kind != "title" and not last.blocks:
            last.kind = kind
        full = sum(n for _, n in last.blocks) + lines > LINES
        if last.blocks and (full or kind != last.kind):
            slides.append(Slide(last.heading, kind))
            if len(last.blocks) > 1 and last.blocks[-1][0].rstrip().endswith((":</p>", "</strong></p>")):
                slides[-1].blocks.append(last.blocks.pop())  # what announces a block goes with it
        slides[-1].blocks.append((html, lines))

    set_up = next(cell for cell in notebook.cells if cell.cell_type == "code")
    section, above = "", ""  # "exercise" in an exercise, which ends with the text after its code; the heading above it
    for before, cell in pairwise([None, *notebook.cells]):
        if cell.cell_type == "markdown":
            if section and before.cell_type == "code":
                slides.append(Slide(above))
                section = ""
            stub, kind = False, section
            blocks = [block for block in split(cell.source) if not block.startswith(("[![", "<details><summary>Hint"))]
            if slides[-1].blocks and any(block.startswith("<details") for block in blocks):  # a question of the quiz
                slides.append(Slide(slides[-1].heading))
            for block in blocks:
                if heading := re.match(r"#+ (.+)", block):
                    above = above if section else slides[-1].heading
                    if slides[-1].blocks:
                        slides.append(Slide(""))
                    slides[-1].heading = text(heading[1]).strip().removeprefix("<p>").removesuffix("</p>")
                    section = kind = "exercise" if re.match(r"Exercise \d", heading[1]) else ""
                else:
                    kind = "predict" if not section and "**Predict" in block else kind
                    add(text(block), height(block), kind)
            continue
        stub = stub or bool(re.search(r"^\s+\.\.\.", cell.source, re.MULTILINE))
        if cell is set_up or stub or section or re.search(r"\bchecks\.\w+\(", cell.source):
            continue
        pictures, printed = outputs(cell)
        tables = any("<table" in html for html, _ in printed)
        if not (pictures or tables or is_plumbing(cell.source)):
            lines = room(cell.source)
            whole = lines + sum(n for _, n in printed)
            longest = max(map(len, cell.source.split("\n")))
            size = max(0.72, min(1, COLUMNS / longest))  # so that its longest line is not wrapped
            code = f'<div class="code" style="--size:{size:.2f}">{highlight(cell.source)}</div>'
            if whole <= LINES:  # code stays with what it prints
                add("\n".join([code, *(html for html, _ in printed)]), whole)
                continue
            add(code, lines)
        for html, lines in printed:
            add(html, lines)
        for html in pictures:
            if slides[-1].blocks:
                slides.append(Slide(slides[-1].heading))
            slides[-1].blocks, slides[-1].largest = [(html, LINES)], 1.8
    return slides


def page(notebook: NotebookNode) -> str:
    """The slides of an executed notebook as one HTML page."""
    slides = slides_of(notebook)
    lesson = slides[0].heading
    sections = [slide.html(n, len(slides), lesson if n > 1 else "") for n, slide in enumerate(slides, start=1)]
    template = string.Template(TEMPLATE.read_text(encoding="utf-8").replace("${scale}", "$${scale}"))
    return template.substitute(
        title=re.sub("<[^>]+>", "", lesson),
        slides="\n".join(sections),
        highlight=HtmlFormatter(style="default").get_style_defs(".highlight"),
    )


def main(numbers: list[str]) -> int:
    known = {path.name[:2]: path for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))}
    if unknown := sorted(set(numbers) - set(known)):
        print(f"No notebook {', '.join(unknown)}: there are {', '.join(known)}. Example: slides.py 03 04")
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in [known[number] for number in numbers or known]:
        html = page(nbformat.read(path, as_version=4))
        (FOLDER / f"{path.stem}.html").write_text(html, encoding="utf-8")
        print(f"{FOLDER.relative_to(ROOT)}/{path.stem}.html: {html.count('<section')} slides, {len(html) / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
