"""Copies two pictures of the executed lesson 04 to docs/, where README.md shows them."""

from __future__ import annotations

import base64
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
PICTURES = {"three_curves": "BLEU against length: vanilla falls", "alignment": "Learned and oracle weights for"}


def main() -> None:
    """Find each picture by the beginning of its alternative text, and write it.

    Raises:
        ValueError: lesson 04 has no such picture.
    """
    cells = nbformat.read(ROOT / "notebooks" / "04_learned_attention.ipynb", as_version=4).cells
    shown = [output for cell in cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    for name, alt in PICTURES.items():
        found = [o.data["image/png"] for o in shown if o.metadata["image/png"]["alt"].startswith(alt)]
        if not found:
            raise ValueError(f"no picture in lesson 04 has a text that begins with {alt!r}: run `make course`")
        (ROOT / "docs").mkdir(exist_ok=True)
        (ROOT / "docs" / f"{name}.png").write_bytes(base64.b64decode(found[0]))


if __name__ == "__main__":
    main()
