"""The splits of the generated corpus, read once."""

import pytest

from helpers.corpus.pairs import SPLITS, load_split


@pytest.fixture(scope="session")
def splits():
    return {name: load_split(name) for name in SPLITS}
