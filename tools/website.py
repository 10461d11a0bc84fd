"""Makes a site of the course: the executed lessons with the solutions folded in, the glossary, the teacher's guide.

    python -m tools.website    into build/site, which needs no server and fetches nothing from elsewhere

Sphinx builds it with MyST-NB and the theme Furo, as docs/site says. What this file does is gather the pages: badges
become buttons, each exercise gets its solution, and links to what has no page lead to the repository. If `make page`
has written the page of the translators, the front page leads to it.
"""

from __future__ import annotations

import argparse
import os.path
import re
import shutil
import sys
from html import escape
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from sphinx.cmd.build import main as sphinx

from tools import ROOT
from tools.course import NOTEBOOKS
from tools.links import REPOSITORY

BUILD = ROOT / "build"
FRONT = ROOT / "docs" / "site"  # Sphinx's settings, the style sheet and the front page
GITHUB, COLAB = f"https://github.com/{REPOSITORY}", f"https://colab.research.google.com/github/{REPOSITORY}"
LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
OPEN = '<p class="buttons"><a href="translator.html">Open the translators: they run in your browser</a></p>'
PAGES = {
    "docs/translator.gif",
    "docs/three_curves.png",
    "docs/alignment.png",
    "docs/glossary.md",
    "docs/diagnosis.md",
    "teaching/guide.md",
    *(path.relative_to(ROOT).as_posix() for path in LESSONS),
}


def slug(heading: str) -> str:
    """The anchor of a heading as Jupyter makes it, since the course's links are written for Jupyter."""
    return heading.strip().replace(" ", "-")


def link_up(markdown: str, folder: str) -> str:
    """Text from a file in `folder` of the repository, with links that hold on the site."""

    def target(match: re.Match) -> str:
        path, anchor = match[1], match[2] or ""
        where = os.path.normpath(os.path.join(folder, path))
        if "://" in path or where in PAGES:
            return match[0]
        kind = "tree" if (ROOT / where).is_dir() else "blob"
        return f"]({GITHUB}/{kind}/main/{where}{anchor})"

    markdown = re.sub(r"\[!\[(?:[^]]* )?(\w+)\]\(https:[^)]*\.svg\)\]", r"[\1]", markdown)  # badges
    return re.sub(r"\]\(([^)#\s]+)(#[^)\s]*)?\)", target, markdown)


def buttons(lesson: Path) -> str:
    """What the Colab badge of a lesson becomes."""
    return (
        f'<p class="buttons"><a href="{COLAB}/blob/main/notebooks/{lesson.name}">Open in Colab</a>'
        f'<a href="{lesson.name}" download>Download the notebook</a></p>'
    )


def fenced(text: str, language: str) -> str:
    """A block of text that keeps its own ``` inside."""
    fence = "`" * (1 + max(2, *map(len, re.findall("`+", text)), 0))
    return f"{fence}{language}\n{text}\n{fence}"


def shown(output: NotebookNode) -> str:
    """An output of a solution as HTML."""
    data = output.get("data", {})
    if "image/png" in data:
        alt = escape(output.metadata.get("image/png", {}).get("alt", ""))
        return f'<img alt="{alt}" src="data:image/png;base64,{data["image/png"].strip()}">'
    if "text/html" in data:  # without empty lines, which would end a block of HTML
        return '<div class="output">' + re.sub(r"\n\s*\n", "\n", data["text/html"]) + "</div>"
    return fenced("".join(output.get("text", data.get("text/plain", ""))).rstrip(), "text")


def solutions(lesson: Path) -> dict[str, str]:
    """The folded solution of each exercise, such as "3.1"."""
    folded: dict[str, str] = {}
    number = ""
    for cell in nbformat.read(NOTEBOOKS / "solutions" / lesson.name, as_version=4).cells:
        if heading := re.match(r"## (\d\.\d) .*\n?", cell.source):
            number, cell.source = heading[1], cell.source[heading.end() :].lstrip()
            folded[number] = '<details class="solution"><summary>Solution</summary>'
        if number and cell.source:
            code = cell.cell_type == "code"
            parts = [fenced(cell.source, "python") if code else link_up(cell.source, "notebooks")]
            folded[number] = "\n\n".join([folded[number], *parts, *map(shown, cell.get("outputs", []))])
    return {number: f"{text}\n\n</details>" for number, text in folded.items()}


def page_of(lesson: Path) -> NotebookNode:
    """A lesson as a page: buttons at its top, and after each exercise its solution."""
    notebook, solved = nbformat.read(lesson, as_version=4), solutions(lesson)
    cells, number = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if number in solved and re.match("#|---", cell.source):  # the exercise ends here
                cells.append(new_markdown_cell(solved.pop(number)))
            if exercise := re.match(r"### Exercise (\d\.\d)", cell.source):
                number = exercise[1]
            text = re.sub(r"^\[!\[Open in Colab.*", buttons(lesson), cell.source, flags=re.MULTILINE)
            cell.source = link_up(text, "notebooks")
        for output in cell.get("outputs", []):
            if alt := output.get("metadata", {}).get("image/png", {}).get("alt"):
                cell.metadata["mystnb"] = {"image": {"alt": alt}}
        cells.append(cell)
    if solved:
        raise ValueError(f"{lesson.name} has no exercise {', '.join(solved)}, and there is a solution to it")
    notebook.cells = cells
    return notebook


def gather(folder: Path) -> None:
    """Write the site's sources into a folder, laid out as the repository is."""
    for name in [*PAGES, "README.md"]:  # which the front page includes
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".ipynb":
            nbformat.write(page_of(ROOT / name), path)
        elif path.suffix == ".md":
            path.write_text(link_up((ROOT / name).read_text("utf-8"), os.path.dirname(name)), "utf-8")
        else:
            shutil.copy(ROOT / name, path)
    front = (FRONT / "index.md").read_text("utf-8")
    (folder / "index.md").write_text(f"{OPEN}\n\n{front}" if translators().exists() else front, "utf-8")


def translators() -> Path:
    """Where the page of the translators is, once it is made."""
    return BUILD / "page" / "translator.html"


def main() -> int:
    pages, site = BUILD / "site_pages", BUILD / "site"
    for folder in (pages, site):
        shutil.rmtree(folder, ignore_errors=True)
    gather(pages)
    (site / "notebooks").mkdir(parents=True)
    for lesson in LESSONS:  # to download, beside its page
        shutil.copy(lesson, site / "notebooks")
    if translators().exists():  # on the site, its lessons are pages
        html = translators().read_text("utf-8")
        html = re.sub(rf"{re.escape(COLAB)}/blob/main/(notebooks/\w+)\.ipynb", r"\1.html", html)
        (site / "translator.html").write_text(html, "utf-8")
    return sphinx(["-W", "--keep-going", "-q", "-c", str(FRONT), str(pages), str(site)])


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    sys.exit(main())
