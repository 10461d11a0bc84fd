"""Where the cache is, and how files come there: whole, and nothing else stays."""

import os
import time

from helpers.corpus.cache import cache_folder, write_whole


def test_what_killed_processes_left_is_cleared_away(tmp_path):
    old, fresh = tmp_path / "model.pt.1.part", tmp_path / "model.pt.2.part"
    for part in (old, fresh):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 100_000,) * 2)
    write_whole(tmp_path / "model.pt", b"whole")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.pt", "model.pt.2.part"]  # another one may write it now


def test_the_folder_may_be_in_the_home_of_the_user(monkeypatch):
    monkeypatch.setenv("ATTENTION_COURSE_CACHE", "~/attention")
    assert cache_folder() == cache_folder().expanduser() and cache_folder().name == "attention"
