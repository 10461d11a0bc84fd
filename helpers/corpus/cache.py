"""Where downloads and trained models are kept, and how a file is written there: whole, or not at all."""

from __future__ import annotations

import os
import time
import uuid
from contextlib import suppress
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """$ATTENTION_COURSE_CACHE; else .cache in the course, if it is there; else the system's place for caches."""
    inside = Path(__file__).resolve().parents[2] / ".cache"
    own = platformdirs.user_cache_dir("attention-course")
    return Path(os.environ.get("ATTENTION_COURSE_CACHE") or (inside if inside.is_dir() else own)).expanduser()


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file beside its place and moves it there in one step: others see all of it, or nothing.

    It has the rights of any new file, so that a class can use one folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        os.replace(temporary, path)
    finally:
        for part in [temporary, *path.parent.glob("*.part")]:  # of a process that was killed, too
            with suppress(OSError):
                if part == temporary or part.stat().st_mtime < time.time() - 86_400:
                    part.unlink(missing_ok=True)
