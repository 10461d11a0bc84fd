"""A Python with other packages than this one."""

import pytest
from packaging.requirements import Requirement

from helpers import bootstrap

NEW = "9999"


@pytest.fixture
def python_with(monkeypatch):
    """A function that lets the set-up see these versions (None: absent), and all other packages as new enough.

    It returns the list of the packages that pip is asked for. Pip installs them.
    """

    def python_with(versions):
        asked = []

        def version(name):
            if versions.get(name, NEW) is None:
                raise bootstrap.PackageNotFoundError(name)
            return versions.get(name, NEW)

        def pip(command, check):
            names = [Requirement(line).name for line in command[command.index("--quiet") + 1 :]]
            asked.extend(names)
            versions.update(dict.fromkeys(names, NEW))

        monkeypatch.setattr(bootstrap, "version", version)
        monkeypatch.setattr(bootstrap.subprocess, "run", pip)
        return asked

    return python_with
