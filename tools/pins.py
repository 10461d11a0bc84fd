"""Writes requirements.txt and requirements-teaching.txt: versions within the ranges of pyproject.toml, by uv.

python -m tools.pins             pin what is new, keep the other versions
python -m tools.pins --upgrade   take the newest versions that fit together
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import ROOT

LEARN, TEACH = "requirements.txt", "requirements-teaching.txt"
HEADERS = {
    LEARN: "# What the course was tested with. Packages that only CUDA needs are left to pip.\n",
    TEACH: "# What builds the site and the students' edition, and grades it; over those of requirements.txt.\n",
}
RENEWED = "# Written by `make pins`; `make pins UPGRADE=--upgrade` takes the newest versions. Then run `make test`.\n"
CUDA = re.compile(r"(nvidia|cuda|triton)\b")


def name_of(pin: str) -> str:
    """The package of a line such as "numpy==2.4.6"."""
    return pin.partition("==")[0]


def compiled(file: str, extra: str, *options: str) -> list[str]:
    """The pins of an extra and of all that it needs, for every system and every Python that the course supports.

    Raises:
        subprocess.CalledProcessError: uv found no versions that fit together (it says why).
    """
    with TemporaryDirectory() as folder:
        output = Path(folder) / file
        output.write_bytes((ROOT / file).read_bytes())  # uv keeps the versions that stand there
        command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--extra", extra, "--universal"]
        command += ["--python-version", "3.11", "--no-header", "--no-annotate", "--quiet", "--output-file", str(output)]
        subprocess.run([*command, *options], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        return output.read_text(encoding="utf-8").splitlines()


def main(upgrade: bool) -> None:
    """Write both files."""
    options = ["--upgrade"] if upgrade else []
    learn = [pin for pin in compiled(LEARN, "test", *options) if not CUDA.match(pin)]
    write(LEARN, learn)
    known = {name_of(pin) for pin in learn}
    teach = compiled(TEACH, "teaching", "--constraints", LEARN, *options)
    write(TEACH, [pin for pin in teach if name_of(pin) not in known and not CUDA.match(pin)])


def write(file: str, pins: list[str]) -> None:
    """The header and the pins, in the order of the names."""
    text = HEADERS[file] + RENEWED + "".join(f"{pin}\n" for pin in pins)
    (ROOT / file).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--upgrade", action="store_true", help="take the newest versions that fit together")
    main(options.parse_args().upgrade)
