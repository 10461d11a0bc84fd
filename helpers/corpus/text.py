"""Files become sentences, sentences become words, and words become sentences again."""

from __future__ import annotations

import io
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence

import regex  # unlike re, it knows \p{M}, the marks that write the vowels of Hindi

TOKEN = regex.compile(
    r"\p{N}+(?:[.,:]\p{N}+)+|\p{Han}|n't|(?<=[\p{L}\p{M}])'\p{L}+"
    r"|(?:(?!n't|\p{Han})[\p{L}\p{M}\p{N}])+|[^\s\p{C}]"
)
STRAIGHT = str.maketrans("’‘“”", "''\"\"", "\u200c\u200d")
NASAL = regex.compile("ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[त-ध])|म्(?=[प-भ])|ँ")


def tokenise(text: str) -> tuple[str, ...]:
    """Words and punctuation signs, in lower case, for any script that puts spaces between words.

    `don't` becomes `do n't`, `Tom's` becomes `tom 's`, digits of all scripts become 0-9, joiners are left out.
    A Hindi sentence ends in `।`, also where `.`, `|` or `I` was typed.
    """
    text = unicodedata.normalize("NFC", text.translate(STRAIGHT)).strip()
    text = regex.sub(r"(?<=\p{Devanagari}[\s\"']*)[.|I](?=[\"']*$)", "।", text)
    text = regex.sub(r"\p{Nd}", lambda digit: str(unicodedata.decimal(digit[0])), text)
    return tuple(TOKEN.findall(text.lower()))


def detokenise(tokens: Sequence[str]) -> str:
    """The words of a translation as a line of text, to score against a reference without regard to case."""
    text = regex.sub(r'" ([^"]*) "', r'"\1"', " ".join(tokens))
    text = regex.sub(r" (?=[.,!?;:%)\]।']|n't( |$))|(?<=[(\[$€¿¡]) ", "", text)
    return regex.sub(r"(?<=\p{L}) - (?=\p{L})", "-", text)


def spelling_key(word: str) -> str:
    """The same for all spellings of a word: फ़ोन फोन (dot), हूँ हूं हिन्दी हिंदी (nasal), गये गए (glide)."""
    word = NASAL.sub("ं", unicodedata.normalize("NFD", word).replace("\u093c", ""))
    return regex.sub(r"(?<=\p{Devanagari})य([ेी])", lambda sign: {"े": "ए", "ी": "ई"}[sign[1]], word)


def share(script: str, texts: Iterable[str]) -> float:
    """The share of the letters, from 0 to 1, that are in a script such as "Latin"."""
    letters = "".join(regex.findall(r"\p{L}+", " ".join(texts)))
    return len(regex.findall(rf"\p{{{script}}}", letters)) / max(1, len(letters))


def unzip(name: str, data: bytes, members: Sequence[str] = ()) -> list[tuple[str, bytes]]:
    """(name, content) of the members of a zip; without `members`, of all that can be sentences."""
    no_sentences = ("/", "README", "LICENSE", ".xml", ".ids", ".scores")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = members or [m for m in archive.namelist() if m[0] != "_" and not m.endswith(no_sentences)]
            return [(f"{name}: {member}", archive.read(member)) for member in members]
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"{name} is not the zip file that was expected, or not all of it: {error}") from None


def read_sentences(files: Sequence[tuple[str, bytes]], columns: Sequence[int] | None = None) -> list[tuple[str, str]]:
    """(source, target) sentences of a table with tabs, or of two files that run in parallel, line by line.

    Args:
        files: (name, content) of the table, or of each of the two files.
        columns: (source, target), counted from 0; without it, the side not in Latin script is the source.
    Raises:
        ValueError: the content is of another kind; the message names the file and the line.
    """
    if columns is not None and (len(columns) != 2 or min(columns) < 0):
        raise ValueError(f"columns={columns}: it is (source, target), counted from 0, such as (1, 0)")
    texts = [_lines(name, data) for name, data in files]
    name = " and ".join(name for name, _ in files)
    if len(texts) not in (1, 2) or len({len(text) for text in texts}) == 2:
        raise ValueError(
            f"{name}: one table, or two files with equally many lines, are needed; there are "
            f"{len(texts)} files, with {[len(text) for text in texts]} lines"
        )
    table = list(zip(*texts, strict=True)) if len(texts) == 2 else [tuple(line.split("\t")) for line in texts[0]]
    rows = {number: row for number, row in enumerate(table, 1) if "".join(row).strip()}
    if not rows:
        raise ValueError(f"{name} is empty")
    needed = max(columns or (0, 1)) + 1
    for number, row in rows.items():
        if len(row) < needed:
            raise ValueError(
                f"{name}, line {number}: found {len(row)} of {needed} columns; a line is a "
                "sentence, a tab and its translation, such as 'Wow!<tab>वाह!'"
            )
    source, target = columns or _by_script(name, list(rows.values()))
    return [(row[source], row[target]) for row in rows.values()]


def _lines(name: str, data: bytes) -> list[str]:
    try:
        return data.decode("utf-8-sig").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{name}, line {number}: not UTF-8 text; save the file again as UTF-8") from None


def _by_script(name: str, rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """The columns of the source, which is not in Latin script, and of the target, which is."""
    is_latin = [share("Latin", (row[column] for row in rows)) > 0.5 for column in (0, 1)]
    if is_latin[0] == is_latin[1]:
        raise ValueError(
            f"{name}: the scripts do not tell the source from the target; say which columns "
            "they are, from 0: columns=(1, 0) translates the second into the first"
        )
    return (1, 0) if is_latin[0] else (0, 1)
