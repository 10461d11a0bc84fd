"""What Colab ships is enough: `make test` runs this, and the tests of pictures and widgets, over its versions, too."""

import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from helpers import bootstrap
from tools.links import ROOT

PINS = [
    Requirement(line)
    for line in (ROOT / "requirements-colab.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
# What Colab has of the course's needs: the pins, and more of the list that they come from.
COLAB = {
    "torch": "2.11.0+cu128",
    "numpy": "2.1.3",
    "pandas": "2.2.3",
    "seaborn": "0.13.2",
    **{pin.name: str(pin.specifier).removeprefix("==") for pin in PINS},
    "sacrebleu": None,
    "pymupdf-fonts": None,
}
in_colab = pytest.mark.skipif(Path(sys.prefix).name != "colab", reason="this is not .venv/colab: see `make test`")


def test_colab_lacks_two_packages_and_keeps_its_own(python_with, monkeypatch, capsys):
    asked = python_with(dict(COLAB))
    monkeypatch.setitem(sys.modules, "google.colab", object())
    bootstrap.prepare()
    assert asked == ["sacrebleu", "pymupdf-fonts"]
    assert capsys.readouterr().out.startswith("Installed sacrebleu, pymupdf-fonts; all else is Colab's own.\n")


@in_colab
@pytest.mark.parametrize("pin", PINS, ids=lambda pin: pin.name)
def test_here_are_colabs_versions(pin):
    assert pin.specifier.contains(version(pin.name))


@in_colab
def test_what_is_imported_is_what_is_pinned():
    import IPython
    import ipywidgets
    import matplotlib

    imported = {module.__name__.lower(): module.__version__ for module in (IPython, ipywidgets, matplotlib)}
    assert imported == {name: COLAB[name] for name in imported}
