"""Makes a site of the course: the executed lessons with the solutions folded in, the glossary, the teacher's guide.

    python -m tools.website    into build/site, which needs no server and fetches nothing from elsewhere

Sphinx builds it with MyST-NB and the theme Furo. What this file does is gather the pages: badges become buttons, each
exercise gets its solution, and links to what has no page lead to the repository.
"""

from __future__ import annotations

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

from tools.links import REPOSITORY

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
GITHUB, COLAB = f"https://github.com/{REPOSITORY}", f"https://colab.research.google.com/github/{REPOSITORY}"
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
PAGES = {path.relative_to(ROOT).as_posix() for path in LESSONS} | {
    "docs/glossary.md",
    "teaching/guide.md",
    "docs/three_curves.png",
    "docs/alignment.png",
}
SETTINGS = {
    "project": "Attention, from the question it answers",
    "html_title": "Attention",
    "html_theme": "furo",
    "extensions": ["myst_nb", "sphinx-mathjax-offline"],
    "nb_execution_mode": "off",
    "myst_enable_extensions": ["dollarmath", "amsmath"],
    "myst_heading_anchors": 4,
    "myst_heading_slug_func": "tools.website.slug",
    "exclude_patterns": ["extra"],
    "html_extra_path": ["extra"],
    "html_static_path": ["static"],
    "html_css_files": ["course.css"],
    "html_copy_source": False,
    "html_show_sphinx": False,
    "html_show_copyright": False,
}
STYLE = """\
.main, .content { min-width: 0; } .content { width: 60em; }
table.dataframe { border-collapse: collapse; font-size: .9rem; border: 0; }
table.dataframe :is(th, td) { border: 0; padding: .2rem .6rem; text-align: right; }
table.dataframe tbody tr:nth-child(odd) { background: var(--color-background-secondary); }
.buttons a { display: inline-block; margin: 0 .5rem .5rem 0; padding: .2rem .8rem; border-radius: 1rem;
  border: 1px solid var(--color-brand-primary); font-size: .9rem; text-decoration: none; }
details { margin: .5rem 0; } summary { cursor: pointer; }
details.solution { padding: .3rem .8rem; border-left: 3px solid var(--color-brand-primary); }
details.solution > summary { font-weight: 600; }
.cell_output .output, .cell_output > div { overflow-x: auto; }
.explorer p, .explorer table { margin: 0; }
@media (max-width: 40em) { article { font-size: .95rem; } .table-wrapper { font-size: .8rem; } }
@media print {
  .buttons, .skip-to-content { display: none; }
  .highlight pre { white-space: pre-wrap; }
  table.dataframe { font-size: .7rem; }
}
"""
FRONT = """\
```{{toctree}}
:hidden:
:caption: Lessons

{lessons}
```
```{{toctree}}
:hidden:
:caption: At hand

docs/glossary
teaching/guide
```
"""


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


def title(lesson: Path) -> str:
    """A lesson's number and heading, for the list of pages."""
    heading = nbformat.read(lesson, as_version=4).cells[0].source.split("\n")[0]
    return f"{int(lesson.name[:2])} · {heading.removeprefix('# ')}"


def buttons(lesson: Path) -> str:
    """What the Colab badge of a lesson becomes."""
    return (
        f'<p class="buttons"><a href="{COLAB}/blob/main/notebooks/{lesson.name}">Open in Colab</a>'
        f'<a href="../download/{lesson.name}" download>Download the notebook</a></p>'
    )


def shown(output: NotebookNode) -> str:
    """An output of a solution as HTML."""
    data = output.get("data", {})
    if "image/png" in data:
        alt = escape(output.metadata.get("image/png", {}).get("alt", ""))
        return f'<img alt="{alt}" src="data:image/png;base64,{data["image/png"].strip()}">'
    if "text/html" in data:  # without empty lines, which would end a block of HTML
        return '<div class="output">' + re.sub(r"\n\s*\n", "\n", data["text/html"]) + "</div>"
    return f"```text\n{''.join(output.get('text', data.get('text/plain', ''))).rstrip()}\n```"


def solutions(lesson: Path) -> dict[str, str]:
    """The folded solution of each exercise, such as "3.1"."""
    path, found, number = lesson.parent / "solutions" / lesson.name, {}, ""
    for cell in nbformat.read(path, as_version=4).cells:
        if heading := re.match(r"## (\d\.\d) .*\n?", cell.source):
            number, cell.source = heading[1], cell.source[heading.end() :].lstrip()
            found[number] = '<details class="solution"><summary>Solution</summary>'
        if number and cell.source:
            code = cell.cell_type == "code"
            parts = [f"```python\n{cell.source}\n```" if code else link_up(cell.source, "notebooks")]
            found[number] = "\n\n".join([found[number], *parts, *map(shown, cell.get("outputs", []))])
    return {number: f"{text}\n\n</details>" for number, text in found.items()}


def page_of(lesson: Path) -> NotebookNode:
    """A lesson as a page: buttons at its top, and after each exercise its solution."""
    notebook, solved = nbformat.read(lesson, as_version=4), solutions(lesson)
    cells, number = [], None
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
    """Write the site's sources into an empty folder, laid out as the repository is."""
    for page in PAGES:
        path = folder / page
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".ipynb":
            nbformat.write(page_of(ROOT / page), path)
        elif path.suffix == ".md":
            path.write_text(link_up((ROOT / page).read_text(encoding="utf-8"), Path(page).parent.as_posix()), "utf-8")
        else:
            shutil.copy(ROOT / page, path)
    front = (ROOT / "README.md").read_text(encoding="utf-8")
    front += FRONT.format(lessons="\n".join(f"{title(path)} <notebooks/{path.stem}>" for path in LESSONS))
    (folder / "index.md").write_text(link_up(front, ""), encoding="utf-8")
    settings = "".join(f"{name} = {value!r}\n" for name, value in SETTINGS.items())
    (folder / "conf.py").write_text(settings, encoding="utf-8")
    (folder / "static").mkdir()
    (folder / "static" / "course.css").write_text(STYLE, encoding="utf-8")
    (folder / "extra" / "download").mkdir(parents=True)
    for lesson in LESSONS:
        shutil.copy(lesson, folder / "extra" / "download")


def main() -> int:
    pages = BUILD / "site_pages"
    for folder in (pages, BUILD / "site"):
        shutil.rmtree(folder, ignore_errors=True)
    gather(pages)
    return sphinx(["-W", "--keep-going", "-q", str(pages), str(BUILD / "site")])


if __name__ == "__main__":
    sys.exit(main())
