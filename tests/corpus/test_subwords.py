"""Byte pair encoding: the merges of an example that can be followed by hand, and pieces that go together again."""

import pytest

from helpers.corpus.pairs import load_split
from helpers.corpus.subwords import Cutter, cut, join, learn_merges, letters, whole

SENTENCES = [pair.source for pair in load_split("valid")[:80]]


def test_a_letter_keeps_its_marks():
    assert letters("लड़कियाँ") == ("ल", "ड़", "कि", "याँ_")
    assert letters("a") == ("a_",)


def test_all_pairs_are_joined_from_the_left():
    assert join(("a", "a", "a", "b"), ("a", "a")) == ("aa", "a", "b")
    assert join(("a", "b", "c", "a", "b"), ("a", "b")) == ("ab", "c", "ab")
    assert join(("a", "b"), ("b", "a")) == ("a", "b")


def test_merges_by_hand():
    counts = {"aab": 3, "ab": 2, "b": 9}  # pieces a a b_, a b_, b_
    assert learn_merges(counts, 1) == [("a", "b_")]  # 5 times; a a only 3 times
    assert learn_merges(counts, 9) == [("a", "b_"), ("a", "ab_")]  # then every word is one piece
    assert learn_merges({}, 3) == []


def test_a_word_is_cut_by_the_earliest_merge_first():
    assert cut("aab", {("a", "a"): 0, ("a", "b_"): 1}) == ("aa", "b_")
    assert cut("aab", {("a", "a"): 1, ("a", "b_"): 0}) == ("a", "ab_")


@pytest.mark.parametrize("n", [0, 50, 10_000])
def test_pieces_go_together_again(n):
    cutter = Cutter.of(SENTENCES, n)
    for words in SENTENCES:
        assert whole(cutter.cut(words)) == words
    if n == 10_000:
        assert all(len(cutter.cut(words)) == len(words) for words in SENTENCES)
