"""Sentence pairs with their word alignments: the type, its file format, the splits of the generated corpus."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.corpus.cache import write_whole
from helpers.corpus.text import decode

DATA = Path(__file__).resolve().parents[2] / "data"
SPLITS = ("train", "valid", "test", "test_long")
BUCKETS = ((1, 7), (8, 15), (16, 23), (24, 31), (32, 39), (40, 47), (48, 60))  # source words, । included
TRAIN_BUCKETS = BUCKETS[:5]


@dataclass(frozen=True)
class Pair:
    """A Hindi sentence, its English translation and their word alignment.

    Args:
        source: Hindi words; target: English words.
        links: (j, t, sure), 0-based positions in source and target; sure False marks a possible link.
        constructions: names of the grammar's constructions in it, as listed in data/README.md.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    links: tuple[tuple[int, int, bool], ...] = ()
    constructions: tuple[str, ...] = ()


def read_pairs(path: Path) -> list[Pair]:
    """Reads a TSV of hindi, english and, where present, alignment ("0-0 3p1") and constructions ("a,b").

    Raises:
        ValueError: a line that does not follow this format, with file, line number and reason.
    """
    lines = decode(str(path), Path(path).read_bytes()).splitlines()
    return [_parse(line, f"{path}, line {n}") for n, line in enumerate(lines, 1) if line]


def _parse(line: str, where: str) -> Pair:
    cells = line.split("\t")
    if not 2 <= len(cells) <= 4:
        raise ValueError(
            f"{where}: expected 2 to 4 tab-separated columns (hindi, english, alignment, constructions), "
            f"found {len(cells)}."
        )
    hindi, english, alignment, constructions = cells + [""] * (4 - len(cells))
    source, target, links = tuple(hindi.split()), tuple(english.split()), parse_links(alignment, where)
    for j, t, _ in links:
        if j >= len(source) or t >= len(target):
            raise ValueError(
                f"{where}: the link {j}-{t}, counted from 0, is outside of these sentences of "
                f"{len(source)} Hindi and {len(target)} English words."
            )
    return Pair(source, target, links, tuple(filter(None, constructions.split(","))))


def parse_links(cell: str, where: str) -> tuple[tuple[int, int, bool], ...]:
    """Links from their text: "0-0 1p0" is ((0, 0, True), (1, 0, False))."""
    links = []
    for link in cell.split():
        match = re.fullmatch(r"(\d+)([-p])(\d+)", link)
        if not match:
            raise ValueError(
                f'{where}: {cell!r} is not an alignment. Write sure links as "0-0" and possible '
                'ones as "3p1", Hindi position first, from 0.'
            )
        links.append((int(match[1]), int(match[3]), match[2] == "-"))
    return tuple(links)


def alignment_text(pair: Pair) -> str:
    """The links as in the files: "0-0 3p1"."""
    return " ".join(f"{j}{'-' if sure else 'p'}{t}" for j, t, sure in pair.links)


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Writes pairs as TSV, one a line, in the format of `read_pairs`; the whole file, or nothing.

    Raises:
        ValueError: a pair that could not be read again as it is.
    """
    lines = []
    for p in pairs:
        line = f"{' '.join(p.source)}\t{' '.join(p.target)}\t{alignment_text(p)}\t{','.join(p.constructions)}"
        if _parse(line, str(path)) != p:
            raise ValueError(f"{path}: the words of {p} cannot be written: each is one word, without spaces")
        lines.append(line + "\n")
    write_whole(Path(path), "".join(lines).encode())


def load_split(name: str) -> list[Pair]:
    """Pairs of one split of the generated corpus: "train", "valid", "test" or "test_long"."""
    if name not in SPLITS:
        raise ValueError(f'no split {name!r}. Choose one of {", ".join(SPLITS)}, as in load_split("train").')
    return read_pairs(DATA / "generated" / f"{name}.tsv")


def corpus_checksum() -> str:
    """First 16 hex digits of the SHA-256 over the four generated files."""
    content = b"".join((DATA / "generated" / f"{name}.tsv").read_bytes() for name in SPLITS)
    return hashlib.sha256(content).hexdigest()[:16]


def hero(pairs: Sequence[Pair]) -> Pair:
    """The sentence that the lessons come back to: the longest with कल that tells one story of the same people.

    Its three clauses belong together, its verbs move, and कल needs the verb at the end of its clause.
    """
    crowded = {"and", "genitive", "noun and noun"}
    stories = (p for p in pairs if "long story" in p.constructions and not crowded & set(p.constructions))
    return max((p for p in stories if "कल" in p.source[1:]), key=lambda p: len(p.source))


def bucket_of(length: int) -> tuple[int, int] | None:
    """The bucket of a source length in words, None beyond the longest."""
    return next((b for b in BUCKETS if b[0] <= length <= b[1]), None)
