"""Where downloads and trained models are kept, outside the repository, and how files get there whole."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """$ATTENTION_COURSE_CACHE if it is set, else the system's place for caches."""
    return Path(os.environ.get("ATTENTION_COURSE_CACHE") or platformdirs.user_cache_dir("attention-course"))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there in one step: it is there whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with open(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
