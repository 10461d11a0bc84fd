"""Lesson 06 with a small corpus of somebody's own, in another pair of languages."""

import random

import pytest

from tools.course import execute, sources

NOUNS = {"Hund": "dog", "Baum": "tree", "Garten": "garden", "Zug": "train", "Bruder": "brother", "Mond": "moon"}
VERBS = {"sieht": "sees", "kennt": "knows", "sucht": "looks for", "findet": "finds"}
WHEN = {"heute": "today", "morgen": "tomorrow", "jetzt": "now", "am Abend": "in the evening"}


def german_and_english(count, seed=0):
    """Lines as people export them: a score in front, quotes of the country, CRLF."""
    rng, lines = random.Random(seed), set()

    def one(of):
        return rng.choice(list(of.items()))

    while len(lines) < count:
        (a, a_en), (b, b_en), (verb, verb_en), (when, when_en) = one(NOUNS), one(NOUNS), one(VERBS), one(WHEN)
        german = f"„Der {a} {verb} {when} den {b}“, sagte Mia."
        english = f"“The {a_en} {verb_en} the {b_en} {when_en},” said Mia."
        lines.add(f"0.{rng.randrange(10, 99)}\t{german}\t{english}")
    return "\ufeff" + "\r\n".join(sorted(lines)) + "\r\n"


@pytest.mark.notebooks
def test_lesson_06_runs_with_three_hundred_lines_of_another_pair_of_languages(tmp_path):
    (tmp_path / "mine.tsv").write_text(german_and_english(320), encoding="utf-8", newline="")
    (lesson,) = (source for source in sources() if source.stem.startswith("06"))
    code = lesson.read_text(encoding="utf-8")
    own = f"load_parallel({str(tmp_path / 'mine.tsv')!r}, columns=(1, 2), valid=15, test=30)"
    line = "\n    corpus = load_tatoeba()\n"
    assert code.count(line) == 1
    code = code.replace(line, f"\n    from helpers.corpus.real import load_parallel\n    corpus = {own}\n")
    (tmp_path / "06_own.py").write_text(code, encoding="utf-8")
    notebook, _ = execute(tmp_path / "06_own.py", tmp_path / "cache")
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    said = [output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs]
    for line in ("'read': 320", "no links for this corpus", "no कल in this corpus"):
        assert any(line in text for text in said), line
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
