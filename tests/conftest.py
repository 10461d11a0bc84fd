"""Settings for all tests: figures without a screen, and the fixtures for tests in a browser."""

import os

os.environ.setdefault("MPLBACKEND", "Agg")

from support.browser import chromium, jupyter, page  # noqa: E402, F401
