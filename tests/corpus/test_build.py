"""The generated corpus: its files, its splits and its words."""

import unicodedata
from collections import Counter

import pytest

from helpers.corpus.build import build, sample_pairs
from helpers.corpus.pairs import BUCKETS, DATA, SPLITS, TRAIN_BUCKETS, bucket_of


def test_regenerates_byte_for_byte(tmp_path):
    build(tmp_path)
    for name in ["README.md", *(f"generated/{split}.tsv" for split in SPLITS)]:
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes(), name


def test_sizes_are_even_over_the_buckets(splits):
    lengths = {name: Counter(bucket_of(len(p.source)) for p in splits[name]) for name in SPLITS}
    assert lengths["test"] == dict.fromkeys(TRAIN_BUCKETS, 100)
    assert lengths["test_long"] == dict.fromkeys(BUCKETS[5:], 100)
    for name, least, most in (("train", 1700, 3100), ("valid", 110, 120)):
        assert set(lengths[name]) == set(TRAIN_BUCKETS)
        assert all(least <= count <= most for count in lengths[name].values())


def test_no_sentence_is_in_two_splits_or_twice(splits):
    pairs = [p for split in splits.values() for p in split]
    assert len({p.source for p in pairs}) == len({p.target for p in pairs}) == len(pairs)


def test_vocabulary(splits):
    for side, least, most in (("source", 350, 720), ("target", 300, 450)):
        seen = Counter(word for p in splits["train"] for word in getattr(p, side))
        assert least <= len(seen) <= most
        for name in ("valid", "test", "test_long"):
            assert all(seen[word] >= 5 for p in splits[name] for word in getattr(p, side))


def test_files_are_tidy(splits):
    for pairs in splits.values():
        for p in pairs:
            assert p.source[-1] in "।?" and p.source.count("।") + p.source.count("?") == 1
            assert all(unicodedata.is_normalized("NFC", word) for word in p.source + p.target)


def test_new_pairs(splits):
    pairs = sample_pairs(300, longest=8)
    sources = {p.source for p in pairs}
    assert len(sources) == len(pairs) == 300
    assert max(map(len, sources)) == 8
    known = {word for p in splits["train"] for word in p.source + p.target}
    assert all(known.issuperset(p.source + p.target) for p in pairs)
    assert sample_pairs(300, longest=8) == pairs
    assert not sources & {p.source for p in sample_pairs(300, longest=8, without=pairs)}


def test_new_pairs_need_eight_words():
    with pytest.raises(ValueError, match="longest=7"):
        sample_pairs(1, longest=7)
