"""Sentences that people wrote: fetched, checked, cut into words and split; used in notebook 05."""

from __future__ import annotations

import os
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pooch

from helpers.corpus.cache import cache_folder, write_whole
from helpers.corpus.pairs import Pair, load_split
from helpers.corpus.text import detokenise, read_rows, share, spelling_key, tokenise, unzip


@dataclass(frozen=True)
class Source:
    """A zip on the web: its name in the cache, the members that it must have, and the fewest pairs to expect."""

    name: str
    url: str
    file: str
    members: tuple[str, str]  # the target's and the source's file
    fewest: int


SOURCE = Source(
    "OPUS Tatoeba v2023-04-12",
    "https://object.pouta.csc.fi/OPUS-Tatoeba/v2023-04-12/moses/en-hi.txt.zip",
    "opus-tatoeba-en-hi.zip",
    ("Tatoeba.en-hi.en", "Tatoeba.en-hi.hi"),
    10_000,
)
CREDIT = (
    "Sentences: Tatoeba (https://tatoeba.org) and its contributors, licence CC BY 2.0 FR; collected by "
    "OPUS (J. Tiedemann, LREC 2012)."
)


class CorpusUnavailable(RuntimeError):
    """The real sentences could not be had; the message says why, and what to do by hand."""


@dataclass(frozen=True)
class RealCorpus:
    """Real sentence pairs in three splits that share no sentence."""

    name: str
    credit: str  # who wrote the sentences, under which licence: shown wherever they are
    train: list[Pair]
    valid: list[Pair]
    test: list[Pair]
    references: dict[str, list[str]]  # split -> its target sentences as they were written, for BLEU and chrF
    counts: dict[str, int]  # pairs read and kept, groups, and pairs in each split
    spelling: dict[str, str]  # spelling key -> the commonest spelling in the training pairs

    def source_words(self, text: str) -> tuple[str, ...]:
        """The words of a source sentence of your own, spelt as in the training pairs."""
        return tuple(self.spelling.get(spelling_key(word), word) for word in tokenise(text))


def group_pairs(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[list[int]]:
    """Row numbers in groups: rows that share a sentence on either side, directly or by a chain.

    Sentences that differ only in case, punctuation or spelling variants count as the same.
    """
    parent: dict = {}

    def root(node):
        while parent.setdefault(node, node) != node:
            parent[node] = node = parent[parent[node]]
        return node

    def key(tokens):
        return tuple(spelling_key(w.lower()) for w in tokens if any(c.isalnum() for c in w)) or tuple(tokens)

    nodes = [(("source", key(source)), ("target", key(target))) for source, target in pairs]
    for source, target in nodes:
        parent[root(source)] = root(target)
    groups = defaultdict(list)
    for row, (source, _) in enumerate(nodes):
        groups[root(source)].append(row)
    return list(groups.values())


def split_rows(
    rows: Sequence[tuple[str, str]],
    name: str,
    credit: str = "",
    *,
    max_tokens: int = 16,
    valid: int = 500,
    test: int = 700,
    seed: int = 0,
) -> RealCorpus:
    """A corpus of (source, target) sentences, without repeated pairs and those with an empty or longer side.

    Args:
        valid, test: pairs to hold out, in whole groups (`group_pairs`), so that nothing leaks into training.
    """
    written: dict = {}
    for source, target in rows:
        written.setdefault((tokenise(source), tokenise(target)), target.strip())
    pairs = [pair for pair in written if all(0 < len(side) <= max_tokens for side in pair)]
    if len(pairs) < 2 * (valid + test):
        raise ValueError(
            f"{name}: {len(pairs)} pairs of 1 to {max_tokens} tokens, too few to hold out "
            f"{valid} + {test}; ask for less: valid={len(pairs) // 20}, test={len(pairs) // 10}"
        )
    groups, rng = group_pairs(pairs), random.Random(seed)
    room = {"test": test, "valid": valid, "train": len(pairs)}
    splits: dict[str, list] = {"test": [], "valid": [], "train": []}
    for group in sorted(groups, key=lambda _: rng.random()):
        split = next(s for s in splits if len(splits[s]) + len(group) <= room[s])
        splits[split] += [pairs[row] for row in group]
    spelling: dict[str, str] = {}
    for word, _ in Counter(word for source, _ in splits["train"] for word in source).most_common():
        spelling.setdefault(spelling_key(word), word)
    made = {
        s: [Pair(tuple(spelling.get(spelling_key(w), w) for w in source), target) for source, target in splits[s]]
        for s in splits
    }
    counts = {"read": len(rows), "kept": len(pairs), "groups": len(groups)} | {s: len(made[s]) for s in made}
    references = {s: [written[pair] for pair in splits[s]] for s in splits}
    return RealCorpus(name, credit, **made, references=references, counts=counts, spelling=spelling)


def generated_as_real() -> RealCorpus:
    """Short sentences of the generated corpus in the same form, for when there are no real ones to be had."""
    splits = {
        name: [p for p in load_split(name) if max(len(p.source), len(p.target)) <= 16]
        for name in ("train", "valid", "test")
    }
    references = {s: [detokenise(p.target) for p in pairs] for s, pairs in splits.items()}
    return RealCorpus(
        "The generated corpus, in place of the real one",
        "Its sentences are in the public domain (CC0).",
        **splits,
        references=references,
        counts={s: len(p) for s, p in splits.items()},
        spelling={},
    )


def load_parallel(
    path: str | Path,
    path2: str | Path | None = None,
    *,
    columns: Sequence[int] | None = None,
    credit: str = "",
    **options,
) -> RealCorpus:
    """A corpus from a file of your own, in any two languages.

    Args:
        path: UTF-8 text with a sentence, a tab and its translation on each line; or one of two files that run
            in parallel, line by line; or a zip with such a file or such two files.
        path2: the other of two parallel files.
        columns: (source, target), counted from 0; without it, the side not in Latin script is the source.
        options: of `split_rows`.
    """
    files = [(str(p), Path(p).expanduser().read_bytes()) for p in (path, path2) if p is not None]
    files = [text for file in files for text in (unzip(*file) if file[1][:2] == b"PK" else [file])]
    return split_rows(read_rows(files, columns), Path(path).name, credit, **options)


def download(source: Source, timeout: float = 10, retries: int = 2) -> bytes:
    """What a web address has, fetched by pooch. There is no limit for the whole transfer: pooch knows none.

    Args:
        timeout: seconds without a byte after which an attempt ends. retries: attempts after the first.
    Raises:
        OSError: nothing came, or not all of it.
    """
    pooch.get_logger().setLevel("ERROR")
    with TemporaryDirectory() as folder:
        # The zip's hash is not pinned; `read_source` looks at what is in it instead.
        registry = pooch.create(
            folder, "", registry={source.file: None}, urls={source.file: source.url}, retry_if_failed=retries
        )
        fetched = registry.fetch(source.file, downloader=pooch.HTTPDownloader(progressbar=True, timeout=timeout))
        return Path(fetched).read_bytes()


def read_source(source: Source, data: bytes) -> list[tuple]:
    """The (Hindi, English) sentences in a source's zip.

    Raises:
        ValueError: it is another file, or not all of it.
    """
    rows = read_rows(unzip(source.name, data, source.members), columns=(1, 0))
    if len(rows) < source.fewest or share("Devanagari", (hindi for hindi, _ in rows)) < 0.5:
        raise ValueError(f"{len(rows)} pairs came; {source.fewest} or more with a Hindi side should")
    return rows


def load_tatoeba(source: Source = SOURCE, timeout: float = 10, retries: int = 2, **options) -> RealCorpus:
    """Hindi and English sentences from Tatoeba: from the cache, else from the web.

    The environment variable ATTENTION_COURSE_TATOEBA names a file to read instead, see `load_parallel`.

    Args:
        timeout, retries: as for `download`.
        options: of `split_rows`.
    Raises:
        CorpusUnavailable: there is nothing usable in the cache, nor on the web.
    """
    if local := os.environ.get("ATTENTION_COURSE_TATOEBA"):
        return load_parallel(local, credit=CREDIT, **options)
    path = cache_folder() / source.file
    problems = []
    for is_cached in (True, False) if path.exists() else (False,):
        try:
            data = path.read_bytes() if is_cached else download(source, timeout, retries)
            rows = read_source(source, data)
            if not is_cached:
                write_whole(path, data)
        except (ValueError, OSError) as error:
            problems.append(f"- {path if is_cached else source.url}: {type(error).__name__}, {error}")
        else:
            return split_rows(rows, source.name, CREDIT, **options)
    raise CorpusUnavailable(
        "\n".join(
            [
                "The real sentences could not be had:",
                *problems,
                "The generated sentences always work. For the real ones, fetch this file in a browser and put it,",
                "still zipped, where the arrow points; or give a file of your own to load_parallel(path).",
                f"- {source.url} -> {path}",
            ]
        )
    )
