"""Settings for all tests: figures without a screen, and the fixtures that tests in several rooms share."""

import os

os.environ.setdefault("MPLBACKEND", "Agg")

pytest_plugins = ["support.browser", "support.commands", "support.other_browsers", "support.packages"]
