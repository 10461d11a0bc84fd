"""Every command says what it does and refuses wrong words; those that need .venv/teaching are in their own tests."""

import pytest

COMMANDS = [
    "tools.course",
    "tools.slides",
    "tools.links",
    "tools.film",
    "experiments.results",
    "experiments.museum",
    "experiments.timings",
    "experiments.tables",
    "experiments.speed",
]


@pytest.mark.parametrize("module", COMMANDS)
def test_a_command_answers(module, assert_it_answers):
    assert_it_answers(module)
