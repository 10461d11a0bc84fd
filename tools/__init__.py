"""The commands of the course. Each answers `--help`; `make` lists them with what they are for.

course       executes the notebooks              website      a site of them
slides       slides of them                      classroom    the students' edition, grading, a pack for a room
pins         the pinned versions
links        the one name of the repository      students/    what the students' edition has of its own
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
