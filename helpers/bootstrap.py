"""Gets a notebook's Python ready: on Colab it installs what is missing, elsewhere it says what is."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def missing(absent: bool = False) -> list[str]:
    """Requirements of pyproject.toml that this Python lacks or has too old, such as "sacrebleu>=2.4".

    Args:
        absent: leave out those that are there, but too old.
    """

    def satisfied(requirement: Requirement) -> bool:
        try:
            present = version(requirement.name)
        except PackageNotFoundError:
            return False
        return absent or requirement.specifier.contains(present, prereleases=True)

    lines = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    return [line for line in lines if not satisfied(Requirement(line))]


def prepare() -> None:
    """Make sure that this Python can run the course. The set-up cell of every notebook calls it.

    On Colab it installs what is absent, says so, and leaves the rest alone: Colab's own torch fits Colab's GPU.

    Raises:
        ModuleNotFoundError: something is missing still; the message says how to get it.
        subprocess.CalledProcessError: Colab could not install it (pip says why).
    """
    wanted = [line for line in missing(absent=True) if Requirement(line).name != "torch"]
    if wanted and "google.colab" in sys.modules:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *wanted], check=True)
        importlib.invalidate_caches()
        print(f"Installed {', '.join(Requirement(line).name for line in wanted)}; all else is Colab's own.")
    if lacking := missing():
        raise ModuleNotFoundError(
            f"This Python ({sys.executable}) lacks {', '.join(lacking)}. Run `make lab` in the course folder; "
            "for Windows and conda see README.md. In VS Code choose the kernel of .venv."
        )
    importlib.import_module("helpers.cores")  # which settles the number of threads
    importlib.import_module("helpers.plots").set_style()
