"""Files become sentences, sentences become words, and words become sentences again."""

from __future__ import annotations

import html
import io
import lzma
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache

import regex  # unlike re, it knows \p{M}, the marks that write the vowels of Hindi

TOKEN = regex.compile(
    r"\p{N}+(?:[.,:]\p{N}+)+|\p{Han}|n't|(?<=[\p{L}\p{M}])'\p{L}+"
    r"|(?:(?!n't|\p{Han})[\p{L}\p{M}\p{N}])+|(?=[^\s\p{C}\p{M}])\X"
)
# Soft hyphens, joiners and the like; but a joiner also makes one emoji of several.
INVISIBLE = regex.compile(
    r"(?<!\p{Extended_Pictographic}[\U0001f3fb-\U0001f3ff]?)\u200d|[\p{C}\ufe00-\ufe0f--[\s\u200d]]", regex.V1
)
STRAIGHT = str.maketrans("’‘‚“”„‟", '\'\'\'""""')
NASAL = regex.compile("ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[त-ध])|म्(?=[प-भ])|ँ")


def tokenise(text: str) -> tuple[str, ...]:
    """Words and punctuation signs, in lower case, for any script that puts spaces between words.

    `don't` becomes `do n't`, `Tom's` becomes `tom 's`, digits of all scripts become 0-9; what cannot be seen, such as
    a soft hyphen, is left out; an emoji is one word.
    A Hindi sentence ends in `।`, also where `.`, `|` or `I` was typed.
    """
    text = INVISIBLE.sub("", text.translate(STRAIGHT).replace("\u200b", " "))
    text = unicodedata.normalize("NFC", text).strip()
    text = regex.sub(r"(?<=\p{Devanagari}[\s\"']*)[.|I](?=[\"']*$)", "।", text)
    text = regex.sub(r"\p{Nd}", lambda digit: str(unicodedata.decimal(digit[0])), text)
    return tuple(TOKEN.findall(text.lower().replace("i\u0307", "i")))


def detokenise(tokens: Sequence[str]) -> str:
    """The words of a translation as a line of text, to score against a reference without regard to case."""
    text = regex.sub(r'" ([^"]*) "', r'"\1"', " ".join(tokens))
    text = regex.sub(r" (?=[.,!?;:%)\]।…؟۔،؛։።']|n't( |$))|(?<=[(\[$€¿¡]) ", "", text)
    return regex.sub(r"(?<=\p{L}) - (?=\p{L})", "-", text)


@cache
def spelling_key(word: str) -> str:
    """The same for all spellings of a word: फ़ोन फोन (dot), हूँ हूं हिन्दी हिंदी (nasal), गये गए (glide)."""
    word = NASAL.sub("ं", unicodedata.normalize("NFD", word).replace("\u093c", ""))
    return regex.sub(r"(?<=\p{Devanagari})य([ेी])", lambda sign: {"े": "ए", "ी": "ई"}[sign[1]], word)


def share(script: str, texts: Iterable[str]) -> float:
    """The share of the letters, from 0 to 1, that are in a script such as "Latin"."""
    letters = "".join(regex.findall(r"\p{L}+", " ".join(texts)))
    return len(regex.findall(rf"\p{{{script}}}", letters)) / max(1, len(letters))


TABS = "save its sentences as text with tabs, in UTF-8"
# What a file begins with, if it is not what was asked for.
KINDS = {
    b"\x1f\x8b": "packed with gzip: unpack it first",
    b"bzh": "packed with bzip2: unpack it first",
    b"\xfd7zxz": "packed with xz: unpack it first",
    b"7z\xbc\xaf": "packed with 7-Zip: unpack it first",
    b"rar!": "packed with RAR: unpack it first",
    b"%pdf": f"a PDF: {TABS}",
    b"par1": f"a Parquet file: {TABS}",
    b"\x89png": "a picture",
    b"\xd0\xcf\x11\xe0": f"a document of an old Excel or Word: {TABS}",
    b"\xff\xfe": "UTF-16 text: save it again as UTF-8",
    b"\xfe\xff": "UTF-16 text: save it again as UTF-8",
    b"<!doctype": "a web page: download the file itself",
    b"<html": "a web page: download the file itself",
    b"<!--": "a web page: download the file itself",
    b"<?xml": f"XML: {TABS}",
    b"<tmx": f"XML: {TABS}",
    b"{": f"JSON: {TABS}",
    b"[{": f"JSON: {TABS}",
}
LARGEST = 500_000_000  # bytes of unpacked text
NO_SENTENCES = regex.compile(
    r"(?i)([._].*|(readme|licen[cs]e|info|copying)(\..*)?|.*\.(xml|ids|scores|tmx|md|pdf|html?))?"
)
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, LookupError, EOFError, NotImplementedError, RuntimeError)
OFFICE = ("[Content_Types].xml", "content.xml")  # in every file of Excel and Word, or of LibreOffice


def unzip(name: str, data: bytes, members: Sequence[str] = ()) -> list[tuple[str, bytes]]:
    """(name, content) of the members of a zip; without `members`, of all that can be sentences.

    Raises:
        ValueError: it is no zip, not all of it, or one without sentences.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if any(office in names for office in OFFICE):
                raise ValueError(f"{name} is a spreadsheet or a document: save it as text with tabs")
            members = members or [m for m in names if not NO_SENTENCES.fullmatch(m.rpartition("/")[2])]
            if not members:
                raise ValueError(
                    f"{name} is a zip without a file of sentences; in it are: {', '.join(names) or 'none'}"
                )
            if sum(archive.getinfo(member).file_size for member in members) > LARGEST:
                raise ValueError(f"{name} unpacks to more than {LARGEST // 1_000_000} MB: take a smaller corpus")
            return [(f"{name}: {member}", archive.read(member)) for member in members]
    except BROKEN as error:
        raise ValueError(f"{name} is not the zip file that was expected, or not all of it: {error}") from None


def read_sentences(files: Sequence[tuple[str, bytes]], columns: Sequence[int] | None = None) -> list[tuple[str, str]]:
    """(source, target) sentences of a table with tabs, or of two files that run in parallel, line by line.

    Args:
        files: (name, content) of the table, or of each of the two files.
        columns: (source, target), counted from 0; without it, the two columns that hold sentences, and the one not in
            Latin script is the source.
    Raises:
        ValueError: the content is of another kind; the message names the file and the line.
    """
    if columns is not None and not (
        isinstance(columns, Sequence)
        and len(set(columns)) == len(columns) == 2
        and all(isinstance(c, int) and c >= 0 for c in columns)
    ):
        raise ValueError(f"columns={columns!r}: it is (source, target), two columns counted from 0, such as (1, 0)")
    texts = [_lines(name, data) for name, data in files]
    name = " and ".join(name for name, _ in files)
    if len(texts) not in (1, 2) or len({len(text) for text in texts}) == 2:
        raise ValueError(
            f"{name}: one table, or two files with equally many lines, are needed; there are {len(texts)} files, with "
            f"{[len(text) for text in texts]} lines. Name what is meant: load_parallel('sentences.de', 'sentences.en')"
        )
    if len(texts) == 2 and sum("\t" in line for text in texts for line in text) > len(texts[0]):
        raise ValueError(f"{name}: each of them is a table with columns of its own: give one of them")
    table = list(zip(*texts, strict=True)) if len(texts) == 2 else [tuple(line.split("\t")) for line in texts[0]]
    rows = {number: _plain(row) for number, row in enumerate(table, 1) if "".join(row).strip()}
    if not rows:
        raise ValueError(f"{name} is empty")
    needed = max(columns or (0, 1)) + 1
    for number, row in rows.items():
        if len(row) < needed:
            raise ValueError(f"{name}, line {number}: {_too_few(row, needed, list(rows.values()))}")
    _check_letters(name, list(rows.values()))
    source, target = _columns(name, list(rows.values()), columns)
    pairs = [(row[source], row[target]) for row in rows.values()]
    for cells in zip(*pairs, strict=True):
        lengths = sorted(len(word) for cell in cells for word in tokenise(cell[:200]) if word[0].isalpha())
        if lengths and lengths[len(lengths) // 2] > 12:
            raise ValueError(f"{name}: {cells[0]!r} has no spaces between its words; put them in first")
    titles = [regex.findall(r"[\p{L}\p{M}]+", cell.lower()) for cell in pairs[0]]
    is_title = all(words and TITLES.issuperset(words) for words in titles)
    return pairs[1:] if is_title else pairs


def _plain(row: Sequence[str]) -> tuple[str, ...]:
    """The cells without what a spreadsheet or a web page adds: quotes around quotes, &quot; and the like."""
    quoted = regex.compile(r'"(?:[^"]|"")*""(?:[^"]|"")*"|"[^"]*,[^"]*"')  # what has commas or quotes stands in quotes
    cells = (cell[1:-1].replace('""', '"') if quoted.fullmatch(cell) else cell for cell in row)
    return tuple(html.unescape(cell) for cell in cells)


def _too_few(row: Sequence[str], needed: int, rows: Sequence[Sequence[str]]) -> str:
    """What is wrong with a row that has too few cells: another separator, a second file, or columns beyond the last."""
    example = "a line is a sentence, a tab and its translation, such as 'Wow!<tab>वाह!'"
    if len(row) > 1 and max(map(len, rows)) < needed:
        return f"there is no column {needed - 1}: the columns are 0 to {len(row) - 1}"
    if len(row) == max(map(len, rows)) == 1:
        signs = (sign for sign in ("|||", ";", ",") if sum(sign in cells[0] for cells in rows) > 0.9 * len(rows))
        if sign := next(signs, None):
            return f"the columns are separated by {sign!r}: {TABS}; {example}"
        return f"there is one column, and {example}. Of two parallel files, name both: load_parallel('a.de', 'a.en')"
    return f"found {len(row)} of {needed} columns; {example}"


def _check_letters(name: str, rows: Sequence[Sequence[str]]) -> None:
    """Refuse text that was decoded wrongly."""

    def meant(cell: str) -> str:
        for wrong in ("latin-1", "cp1252"):
            with suppress(UnicodeError):
                return cell.encode(wrong).decode()
        return cell

    wrong = [cell for row in rows for cell in row if meant(cell) != cell]
    if len(wrong) > len(rows) / 10:
        raise ValueError(
            f"{name}: the letters were decoded wrongly, as in {wrong[0]!r}, meant as {meant(wrong[0])!r}: "
            "make the file again as UTF-8"
        )


# What stands above a column: what it is, or the name of a language, in the commonest languages or as a code.
TITLES = frozenset(
    """
    source target src tgt trg sentence sentences translation translations text original
    english hindi german french spanish italian portuguese dutch polish turkish russian arabic persian urdu bengali
    bangla marathi gujarati punjabi tamil telugu kannada malayalam nepali sanskrit chinese japanese korean
    en hi de fr es it pt nl pl tr ru ar fa ur bn mr gu pa ta te kn ml ne sa zh ja ko
    eng hin deu ger fra fre spa ita por nld pol tur rus ara fas urd ben mar guj pan tam tel kan mal nep san zho jpn kor
    englisch deutsch französisch spanisch italienisch russisch türkisch satz sätze übersetzung quelle ziel
    anglais français allemand espagnol italien phrase phrases traduction
    inglés español francés alemán italiano frase frases oración traducción inglês português francês traduzione inglese
    английский русский немецкий предложение перевод ingilizce türkçe almanca cümle çeviri
    हिन्दी हिंदी अंग्रेज़ी अंग्रेजी वाक्य अनुवाद मराठी नेपाली اردو انگریزی الإنجليزية العربية الترجمة الجملة
    英語 日本語 中文 英文 한국어 영어
    """.split()
)


def decode(name: str, data: bytes) -> str:
    """The text of a file, or a ValueError that names the file and the line that is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{name}, line {number}: not UTF-8 text; save the file again as UTF-8") from None


def _lines(name: str, data: bytes) -> list[str]:
    beginning = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, kind in KINDS.items():
        if beginning.startswith(start):
            raise ValueError(f"{name} is {kind}")
    if b"\0" in beginning[:100]:
        raise ValueError(f"{name} is no text in UTF-8: {TABS}")
    return regex.sub(r"\r\n?", "\n", decode(name, data)).removesuffix("\n").split("\n")


def _columns(name: str, rows: Sequence[Sequence[str]], asked: Sequence[int] | None) -> tuple[int, int]:
    """The columns of the source and of the target, if they hold sentences.

    Numbers are none, and neither are the same few words in row after row, such as the code of a language.
    """
    holds: dict[int, str] = {}  # what a column without sentences has
    for column in range(min(map(len, rows))):
        cells = [row[column].strip() for row in rows]
        words = [cell for cell in cells if regex.search(r"\p{L}", cell)]
        if len(words) < len(cells) / 2:
            holds[column] = f"hardly any words, such as {next(filter(None, cells), '')!r} in line 1"
        elif len(rows) >= 20 and len(set(cells)) <= len(cells) / 20 and max(map(len, cells)) <= 12:
            holds[column] = f"the same few words in all lines, such as {cells[0]!r}"
        elif sum(cell.startswith("CC") for cell in cells) > len(cells) / 2:
            holds[column] = f"licences, such as {cells[0]!r}"
    good = [column for column in range(min(map(len, rows))) if column not in holds]
    is_latin = {column: share("Latin", (row[column] for row in rows)) > 0.5 for column in good}
    scripts_tell = len(good) == 2 and is_latin[good[0]] != is_latin[good[1]]
    forwards = not is_latin[good[0]] if scripts_tell else bool(asked and asked[0] < asked[1])
    ways = tuple(good[:2] if forwards else good[1::-1])
    example = f": columns={ways} translates column {ways[0]} into column {ways[1]}" if len(ways) == 2 else ""
    for column in asked or ():
        if column in holds:
            raise ValueError(f"{name}: column {column} has {holds[column]}; sentences are in {good}{example}")
    if asked is not None:
        return asked[0], asked[1]
    if not scripts_tell:
        raise ValueError(
            f"{name}: columns {good} hold sentences, and their scripts do not tell the source from the target; say "
            f"which columns they are, from 0{example}. Line 1: {rows[0]}"
        )
    return ways[0], ways[1]
