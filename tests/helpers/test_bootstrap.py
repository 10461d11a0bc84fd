"""The set-up cell, as a learner's machine runs it: from any folder, and on a bare Colab machine."""

import os
import shutil
import subprocess
import sys

import pytest

from helpers import bootstrap
from tools.links import REPOSITORY, ROOT, SETUP

REPORT = "\nimport helpers.bootstrap; print(helpers.bootstrap.__file__)"
# Keeps an installed copy of the course out of the way: no site-packages path hooks of an editable install.
HIDE_INSTALLED = "import sys; sys.meta_path[:] = [f for f in sys.meta_path if 'ditable' not in str(f)]\n"
HIDE_INSTALLED += f"sys.path[:] = [p for p in sys.path if p and p != {str(ROOT)!r}]\n"


def run(code, folder, **environment):
    """The last line of what Python prints that runs the code in a folder, knowing nothing of this test's own path."""
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, cwd=folder, env=clean | environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]  # set-up has something to say where matplotlib is old


def test_set_up_cell_is_short():
    assert SETUP.count("\n") + 1 <= 10


@pytest.mark.parametrize("folder", [".", "notebooks", "notebooks/src", "data", "tests"])
def test_set_up_cell_finds_the_course_from_any_of_its_folders(folder):
    assert run(HIDE_INSTALLED + SETUP + REPORT, ROOT / folder) == str(ROOT / "helpers" / "bootstrap.py")


def test_set_up_cell_uses_the_installed_course_elsewhere(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "attention-course.pth").write_text(str(ROOT))
    install = f"import site; site.addsitedir({str(tmp_path / 'site')!r})\n"
    assert run(HIDE_INSTALLED + install + SETUP + REPORT, tmp_path) == str(ROOT / "helpers" / "bootstrap.py")


@pytest.fixture
def github(tmp_path):
    """Environment in which git takes a local copy of the course for the repository on GitHub."""
    origin = tmp_path / "origin"
    shutil.copytree(ROOT / "helpers", origin / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", origin)
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "course"]):
        subprocess.run(["git", *command], cwd=origin, check=True)
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{origin.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://github.com/{REPOSITORY}",
    }


def test_set_up_cell_fetches_the_course_on_colab_and_runs_twice(tmp_path, github):
    (tmp_path / "stub" / "google" / "colab").mkdir(parents=True)
    (tmp_path / "stub" / "google" / "colab" / "__init__.py").touch()
    content = tmp_path / "content"
    content.mkdir()
    colab = f"sys.path.append({str(tmp_path / 'stub')!r})\nimport google.colab\n"
    for _ in range(2):
        path = run(HIDE_INSTALLED + colab + SETUP + REPORT, content, **github)
        assert path == str(content / "attention-course" / "helpers" / "bootstrap.py")


def test_this_python_lacks_nothing():
    assert bootstrap.missing() == []


@pytest.fixture
def bare(python_with):
    """A Python without sacrebleu and torch, with an old matplotlib; and what pip is asked for."""
    versions = {"matplotlib": "3.5.0", "sacrebleu": None, "torch": None}
    return versions, python_with(versions)


def test_missing_names_what_is_absent_or_too_old(bare):
    assert [line.split(">=")[0] for line in bootstrap.missing()] == ["torch", "matplotlib", "sacrebleu"]
    assert [line.split(">=")[0] for line in bootstrap.missing(absent=True)] == ["torch", "sacrebleu"]


def test_colab_installs_what_is_absent_and_leaves_its_own(bare, monkeypatch, capsys):
    versions, asked = bare
    monkeypatch.setitem(sys.modules, "google.colab", object())
    with pytest.raises(ModuleNotFoundError, match="lacks torch>=.*, matplotlib>=[^,]*\\. Run"):
        bootstrap.prepare()
    assert asked == ["sacrebleu"]
    assert capsys.readouterr().out == "Installed sacrebleu; all else is Colab's own.\n"

    versions |= {"torch": "2.4.1+cu121", "matplotlib": "3.10.0"}
    bootstrap.prepare()
    assert asked == ["sacrebleu"] and "Installed" not in capsys.readouterr().out


def test_elsewhere_nothing_is_installed_and_the_message_says_what_to_do(bare):
    with pytest.raises(ModuleNotFoundError, match="sacrebleu.*make lab"):
        bootstrap.prepare()
    assert bare[1] == []
