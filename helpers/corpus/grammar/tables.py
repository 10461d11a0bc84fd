"""How a table of data/lexicon is read, and what is said about a wrong cell."""

import re
from collections.abc import Iterable
from pathlib import Path

from helpers.corpus.pairs import DATA
from helpers.corpus.text import decode

LEXICON = DATA / "lexicon"


def read_table(name: str, columns: str, folder: Path = LEXICON) -> list[tuple[str, dict[str, str]]]:
    """Rows of a TSV table as (place, cells by column); comments (`#`) and the header are left out.

    Raises:
        ValueError: a row with too many cells or an empty first one, or one that is there twice, or text of another
            kind, with file and line.
    """
    header = columns.split()
    rows: list[tuple[str, dict[str, str]]] = []
    for n, line in enumerate(decode(str(folder / name), (folder / name).read_bytes()).splitlines(), 1):
        where = f"{folder / name}, line {n}"
        cells = [cell.strip() for cell in line.split("\t")]
        if line.startswith("#") or not line.strip() or cells == header:
            continue
        if len(cells) > len(header) or not cells[0]:
            raise ValueError(
                f"{where}: expected at most {len(header)} tab-separated cells, the first not "
                f"empty ({', '.join(header)}), found {len(cells)}."
            )
        cells += [""] * (len(header) - len(cells))
        row = dict(zip(header, cells, strict=True))
        if twin := next((place for place, other in rows if other == row), None):
            raise ValueError(f"{where}: this row is there already, see {twin}. Take one of them out.")
        rows.append((where, row))
    return rows


def one_of(where: str, what: str, value: str, allowed: Iterable[str]) -> str:
    """The value, or a ValueError that names what is allowed."""
    allowed = list(allowed)
    if value not in allowed:
        raise ValueError(f"{where}: {what} {value!r} is not allowed. Write one of: {', '.join(filter(None, allowed))}.")
    return value


def one_word(where: str, what: str, cell: str) -> str:
    """The cell, or a ValueError if it is not a single word: an alignment links single words."""
    if len(cell.split()) != 1:
        raise ValueError(
            f"{where}: {what} {cell!r} must be one word, since the alignment links single words. A noun of two words "
            "can be left out, or joined: bus-stop."
        )
    return cell


def weight(where: str, cell: str) -> float:
    """How often a row is chosen beside its alternatives."""
    if not re.fullmatch(r"\d+(\.\d+)?", cell):
        raise ValueError(f"{where}: the weight {cell!r} is not a number. Write 4 or 0.5.")
    return float(cell)
