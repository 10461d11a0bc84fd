"""The way to the first picture of α ends at that picture."""

import pytest

from experiments.first_picture import until_picture


@pytest.mark.notebooks
def test_lesson_04_draws_alpha_before_it_has_trained_long(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("ATTENTION_COURSE_CACHE", str(tmp_path))
    until_picture(passes=0.1)
    said = capsys.readouterr().out
    assert "until α after 0.00 of" in said and "until α after 0.12 of" in said
