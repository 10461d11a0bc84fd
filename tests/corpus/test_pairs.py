"""Sentence pairs: their file format, the splits, the checksum."""

import hashlib
import shutil

import pytest

from helpers.corpus.pairs import DATA, SPLITS, Pair, corpus_checksum, hero, load_split, read_pairs, write_pairs


def test_round_trip(tmp_path, splits):
    write_pairs(tmp_path / "pairs.tsv", splits["valid"])
    assert read_pairs(tmp_path / "pairs.tsv") == splits["valid"]
    (tmp_path / "two.tsv").write_text("राम सोया ।\tRam slept .\n", encoding="utf-8")
    assert read_pairs(tmp_path / "two.tsv") == [Pair(("राम", "सोया", "।"), ("Ram", "slept", "."))]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("राम ।", "line 1: expected 2 to 4"),
        ("राम ।\tRam .\t0=0", "line 1: '0=0' is not an alignment"),
        ("राम ।\tRam .\t0-0 2p1", "line 1: the link 2-1"),
    ],
)
def test_wrong_lines_are_refused(tmp_path, line, message):
    (tmp_path / "x.tsv").write_text(line, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_pairs(tmp_path / "x.tsv")


def test_wrong_split_is_refused():
    with pytest.raises(ValueError, match="train, valid, test, test_long"):
        load_split("dev")


def test_the_checksum_is_that_of_the_files():
    content = b"".join((DATA / "generated" / f"{name}.tsv").read_bytes() for name in SPLITS)
    assert corpus_checksum() == hashlib.sha256(content).hexdigest()[:16]


@pytest.mark.parametrize("name", SPLITS)
def test_the_checksum_changes_with_one_byte(name, tmp_path, monkeypatch):
    checksum = corpus_checksum()
    path = shutil.copytree(DATA / "generated", tmp_path / "generated") / f"{name}.tsv"
    monkeypatch.setattr("helpers.corpus.pairs.DATA", tmp_path)
    assert corpus_checksum() == checksum
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert corpus_checksum() != checksum


@pytest.mark.parametrize("words", [("बस अड्डा",), ("",), ("a\tb",)])
def test_words_that_could_not_be_read_again_are_not_written(tmp_path, words):
    path = tmp_path / "train.tsv"
    path.write_text("as before", encoding="utf-8")
    with pytest.raises(ValueError, match="each is one word|columns|outside"):
        write_pairs(path, [Pair(words, ("bus",), ((0, 0, True),))])
    assert path.read_text(encoding="utf-8") == "as before"


def test_the_hero_is_long_whole_and_reordered(splits):
    pair = hero(splits["test"])
    assert 24 <= len(pair.source) <= 39 and "कल" in pair.source and "।" not in pair.source[:-1]
    assert {"he", "she", "they"} & set(pair.target) and "and" not in pair.constructions
    assert any(abs(j / len(pair.source) - t / len(pair.target)) > 0.2 for j, t, sure in pair.links if sure)
    assert hero(splits["test"]) == pair
