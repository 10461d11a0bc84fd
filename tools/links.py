"""Where the course lives on GitHub: the notebooks' set-up cell, and links that a fork changes in one place.

python -m tools.links    point badges and clone lines at the repository named in pyproject.toml
"""

from __future__ import annotations

import argparse
import re
import tomllib
from pathlib import Path

from tools import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
REPOSITORY: str = PROJECT["tool"]["course"]["repository"]

# The first code cell of every notebook: works from any folder of the course and on a bare Colab machine.
SETUP = f"""\
import subprocess, sys
from pathlib import Path

folders = [Path.cwd(), *Path.cwd().parents, Path.cwd() / "attention-course"]
if "google.colab" in sys.modules and not folders[-1].exists():  # Colab starts empty: fetch the course
    clone = "git clone --quiet --depth 1 https://github.com/{REPOSITORY} attention-course"
    subprocess.run(clone.split(), check=True)
sys.path[:0] = [str(folder) for folder in folders if (folder / "helpers/bootstrap.py").exists()][:1]
from helpers.bootstrap import prepare
prepare()"""


def relink(text: str, repository: str = REPOSITORY) -> str:
    """The text with its badges (Colab, Binder) and clone lines pointing at `repository` ("owner/name")."""
    place = (
        r"(colab\.research\.google\.com/github/|mybinder\.org/v2/gh/|git clone [^\n]*https://github\.com/)"
        r"[\w.-]+/[\w.-]+"
    )
    return re.sub(place, rf"\g<1>{repository}", text)


def linked_files() -> list[Path]:
    """Every file that holds such a link."""
    return [
        ROOT / "README.md",
        ROOT / "helpers" / "page" / "page.html",
        *sorted((ROOT / "notebooks" / "src").rglob("*.py")),
    ]


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    for path in linked_files():
        text = path.read_text(encoding="utf-8")
        if relink(text) != text:
            path.write_text(relink(text), encoding="utf-8", newline="\n")
            print(f"{path.relative_to(ROOT)} now links to {REPOSITORY}")


if __name__ == "__main__":
    main()
