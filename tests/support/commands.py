"""What every command of the course answers, whatever else it does."""

import runpy
import sys
import warnings
from importlib import import_module

import pytest


@pytest.fixture
def assert_it_answers(monkeypatch, capsys):
    """A function that fails unless `python -m module` says with --help what it does, and refuses wrong words."""

    def check(module):
        for word, status in (("--help", 0), ("nonsense", 2)):
            monkeypatch.setattr(sys, "argv", [module, word])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # runpy's, of a module that tests have imported
                with pytest.raises(SystemExit) as end:
                    runpy.run_module(module, run_name="__main__")
            assert end.value.code == status
        out, err = capsys.readouterr()
        assert import_module(module).__doc__[:40] in out and "nonsense" in err

    return check
