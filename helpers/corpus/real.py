"""Sentences that people wrote: fetched, checked, cut into words and split; used in lesson 06."""

from __future__ import annotations

import hashlib
import os
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import pooch

from helpers.corpus.cache import cache_folder, write_whole
from helpers.corpus.pairs import DATA, Pair, load_split, read_pairs
from helpers.corpus.text import detokenise, read_sentences, share, spelling_key, tokenise, unzip

Words = tuple[str, ...]


@dataclass(frozen=True)
class RealCorpus:
    """Real sentence pairs in three splits that have no sentence in common."""

    name: str
    credit: str  # who wrote the sentences, under which licence: shown wherever they are
    train: list[Pair]
    valid: list[Pair]
    test: list[Pair]
    references: dict[str, list[str]]  # split -> its target sentences as they were written, for BLEU and chrF
    counts: dict[str, int]  # pairs read and kept, groups, and pairs in each split
    spelling: dict[str, str]  # spelling key -> the commonest spelling in the training pairs

    def source_words(self, text: str) -> Words:
        """The words of a source sentence of your own, spelt as in the training pairs."""
        return tuple(self.spelling.get(spelling_key(word), word) for word in tokenise(text))


# From sentences to a corpus

MANY = 100_000  # pairs: more than a lesson can train with


def group_pairs(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[list[int]]:
    """Positions of the pairs in groups: pairs with a sentence in common on either side, directly or by a chain.

    Sentences that differ only in case, punctuation or spelling variants count as the same.
    """
    parent: dict[tuple[str, Words], tuple[str, Words]] = {}  # (side, sentence) -> another one of its group

    def root(node: tuple[str, Words]) -> tuple[str, Words]:
        while parent.setdefault(node, node) != node:
            parent[node] = node = parent[parent[node]]
        return node

    def key(words: Sequence[str]) -> Words:
        return tuple(spelling_key(w.lower()) for w in words if any(c.isalnum() for c in w)) or tuple(words)

    nodes = [(("source", key(source)), ("target", key(target))) for source, target in pairs]
    for source, target in nodes:
        parent[root(source)] = root(target)
    groups = defaultdict(list)
    for position, (source, _) in enumerate(nodes):
        groups[root(source)].append(position)
    return list(groups.values())


def split_sentences(
    sentences: Sequence[tuple[str, str]],
    name: str,
    credit: str = "",
    *,
    max_tokens: int = 16,
    valid: int = 500,
    test: int = 700,
    most: int | None = None,
    seed: int = 0,
) -> RealCorpus:
    """A corpus of (source, target) sentences, without repeated pairs and those with an empty or longer side.

    Args:
        most: of more pairs than this, so many are taken by chance; without it, all are.
        valid, test: pairs to hold out, in whole groups (`group_pairs`), so that nothing leaks into training.
    Raises:
        ValueError: there are too few pairs, or too many of them hang together; the message says what would do.
    """
    if not (isinstance(valid, int) and isinstance(test, int) and valid > 0 and test > 0):
        raise ValueError(f"valid={valid}, test={test}: each is a number of pairs from 1 on, such as valid=50, test=100")
    if most is not None and len(sentences) > most:
        sentences = random.Random(seed).sample(sentences, most)
    elif len(sentences) > MANY:
        print(f"{name} has {len(sentences):,} pairs, which takes minutes; most={MANY} takes so many of them by chance.")
    references: dict[tuple[Words, Words], str] = {}  # pair of words -> its target as it was written
    for source, target in sentences:
        references.setdefault((tokenise(source), tokenise(target)), target.strip())
    pairs = [pair for pair in references if all(0 < len(side) <= max_tokens for side in pair)]
    if len(pairs) < 2 * (valid + test):
        why, advice = _why_so_few(len(sentences), list(references), len(pairs), max_tokens)
        raise ValueError(f"{name}: {why} The {len(pairs)} left are too few to hold out {valid} + {test}. {advice}")
    groups = group_pairs(pairs)

    def place(group: list[int]) -> bytes:  # by chance, but the same chance in another edition of the corpus
        first = min(" ".join(source) for source, _ in (pairs[position] for position in group))
        return hashlib.sha256(f"{seed} {first}".encode()).digest()

    limits = {"test": test, "valid": valid, "train": len(pairs)}  # a group goes into the first split with room for it
    pairs_of: dict[str, list[tuple[Words, Words]]] = {split: [] for split in limits}
    for group in sorted(groups, key=place):
        split = next(s for s in limits if len(pairs_of[s]) + len(group) <= limits[s])
        pairs_of[split] += [pairs[position] for position in group]
    if 2 * len(pairs_of["valid"]) < valid or 2 * len(pairs_of["test"]) < test:
        often, count = Counter(side for pair in pairs for side in pair).most_common(1)[0]
        raise ValueError(
            f"{name}: pairs with a sentence in common must stay together, and {max(map(len, groups))} of {len(pairs)} "
            f"hang together, so that only {len(pairs_of['valid'])} + {len(pairs_of['test'])} could be held out for "
            f"valid={valid}, test={test}. Leave out what is there often, such as “{' '.join(often)}” ({count} times)"
        )
    spelling: dict[str, str] = {}
    for word, _ in Counter(word for source, _ in pairs_of["train"] for word in source).most_common():
        spelling.setdefault(spelling_key(word), word)

    def spelt(source: Words) -> Words:
        return tuple(spelling.get(spelling_key(word), word) for word in source)

    sizes = {split: len(pairs_of[split]) for split in pairs_of}
    return RealCorpus(
        name,
        credit,
        **{split: [Pair(spelt(source), target) for source, target in pairs_of[split]] for split in pairs_of},
        references={split: [references[pair] for pair in pairs_of[split]] for split in pairs_of},
        counts={"read": len(sentences), "kept": len(pairs), "groups": len(groups), **sizes},
        spelling=spelling,
    )


def _why_so_few(read: int, different: Sequence[tuple[Words, Words]], kept: int, max_tokens: int) -> tuple[str, str]:
    """How many pairs were read and why some are left out, and what to do about it."""
    empty = sum(not all(pair) for pair in different)
    reasons = {
        f"longer than max_tokens={max_tokens}": len(different) - kept - empty,
        "empty on one side": empty,
        "there more than once": read - len(different),
    }
    said = ", ".join(f"{count} are {reason}" for reason, count in reasons.items() if count)
    why = f"{read} pairs were read" + (f"; {said}." if said else ".")
    lengths = sorted(max(map(len, pair)) for pair in different if all(pair))
    advice = []
    if lengths and lengths[len(lengths) // 2] > max_tokens:
        kept = 9 * len(lengths) // 10
        advice = [f"max_tokens={lengths[kept]}"]
    if kept < 30:
        return why, "Give 30 pairs or more; a comparison of models needs some thousands"
    advice += [f"valid={kept // 20}", f"test={kept // 10}"]
    return why, f"{'Ask for less' if len(advice) == 2 else 'Allow longer ones'}: {', '.join(advice)}"


def aligned(corpus: RealCorpus) -> list[Pair]:
    """The test pairs of Tatoeba whose words were aligned (data/alignments), with their links; of another corpus, none.

    The links are silver, not gold: a language model made them, twice, by written guidelines; see data/README.md.
    """

    def key(pair: Pair) -> tuple[Words, Words]:
        return tuple(map(spelling_key, pair.source)), tuple(map(str.lower, pair.target))

    links = {key(pair): pair.links for pair in read_pairs(DATA / "alignments" / "tatoeba.tsv")}
    return [replace(pair, links=links[key(pair)]) for pair in corpus.test if key(pair) in links]


# From a file of your own, or from the generated corpus


def load_parallel(
    path: str | Path,
    path2: str | Path | None = None,
    *,
    columns: Sequence[int] | None = None,
    credit: str = "",
    **options: Any,
) -> RealCorpus:
    """A corpus from a file of your own, in any two languages.

    Args:
        path: UTF-8 text with a sentence, a tab and its translation on each line; or one of two files that run
            in parallel, line by line; or a zip with such a file or such two files.
        path2: the other of two parallel files.
        columns: (source, target), counted from 0; without it, the side not in Latin script is the source.
        options: of `split_sentences`.
    Raises:
        ValueError: the file is of another kind, or has too few sentences; the message says what would do.
        OSError: it cannot be read.
    """
    files = []
    for file in (path, path2) if path2 is not None else (path,):
        if not isinstance(file, str | Path):
            raise ValueError(
                f"a file has a name, such as 'my_sentences.tsv', not {file!r}; two are load_parallel(a, b)"
            )
        place = Path(file).expanduser()
        if place.is_dir():
            inside = ", ".join(sorted(p.name for p in place.iterdir())[:10]) or "nothing"
            raise ValueError(f"{file} is a folder: name a file in it, or two that run in parallel. In it: {inside}")
        if not place.exists():
            raise FileNotFoundError(f"{file} is not there; names are looked up in {Path.cwd()}")
        data = place.read_bytes()
        files += unzip(str(file), data) if data.startswith(b"PK") else [(str(file), data)]
    return split_sentences(read_sentences(files, columns), Path(path).name, credit, **options)


def generated_as_real() -> RealCorpus:
    """Short sentences of the generated corpus in the same form, for when the real ones are unavailable."""
    splits = {
        split: [p for p in load_split(split) if max(len(p.source), len(p.target)) <= 16]
        for split in ("train", "valid", "test")
    }
    return RealCorpus(
        "The generated corpus, in place of the real one",
        "Its sentences are in the public domain (CC0).",
        **splits,
        references={split: [detokenise(p.target) for p in pairs] for split, pairs in splits.items()},
        counts={split: len(pairs) for split, pairs in splits.items()},
        spelling={},
    )


# From the web


@dataclass(frozen=True)
class Source:
    """A zip on the web with two parallel files."""

    name: str
    url: str
    file: str  # its name in the cache
    members: tuple[str, str]  # the target's and the source's file
    fewest: int  # pairs, for a download that counts


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
    """The real sentences are not available; the message says why, and what to do by hand."""


def load_tatoeba(source: Source = SOURCE, timeout: float = 10, retries: int = 2, **options: Any) -> RealCorpus:
    """Hindi and English sentences from Tatoeba: from the cache, else from the web.

    The environment variable ATTENTION_COURSE_TATOEBA names a file to read instead, see `load_parallel`.

    Args:
        timeout, retries: as for `download`.
        options: of `split_sentences`.
    Raises:
        CorpusUnavailable: there is nothing usable in the cache, nor on the web.
    """
    if local := os.environ.get("ATTENTION_COURSE_TATOEBA"):
        return load_parallel(local, credit=CREDIT, **options)
    return split_sentences(cached_or_fetched(source, timeout, retries), source.name, CREDIT, **options)


def cached_or_fetched(source: Source, timeout: float, retries: int) -> list[tuple[str, str]]:
    """The sentences in the cached zip; without a good one, those of the zip on the web, which is kept then."""
    path = cache_folder() / source.file
    problems = []
    try:
        return checked(source, path.read_bytes())
    except FileNotFoundError:
        pass
    except (ValueError, OSError) as error:
        problems.append(f"- {path}: {type(error).__name__}, {error}")
    try:
        data = download(source, timeout, retries)
        sentences = checked(source, data)
    except (ValueError, OSError) as error:
        problems.append(f"- {source.url}: {type(error).__name__}, {error}")
    else:
        try:
            write_whole(path, data)
        except OSError as error:
            print(f"The sentences could not be kept ({error}), so they are fetched again next time.")
        return sentences
    raise CorpusUnavailable(
        "\n".join(
            [
                "The real sentences are not available:",
                *problems,
                "The generated sentences always work. For the real ones, fetch this file in a browser and put it,",
                "still zipped, where the arrow points; or give a file of your own to load_parallel(path).",
                f"- {source.url} -> {path}",
            ]
        )
    )


def download(source: Source, timeout: float = 10, retries: int = 2, limit: float = 180) -> bytes:
    """The zip on the web, fetched by pooch.

    Args:
        timeout: seconds without a byte after which an attempt ends.
        retries: attempts after the first.
        limit: seconds for everything, however the bytes trickle.
    Raises:
        OSError: nothing came, or not all of it, or not in time.
    """
    pooch.get_logger().setLevel("ERROR")  # the progress bar says enough
    box: Future[bytes] = Future()

    def fetch() -> None:
        try:
            with TemporaryDirectory() as folder:  # not in the cache: nobody has looked at the content yet
                # The zip's SHA-256 is not known to the course, so it is not pinned (None): `checked` looks inside.
                fetcher = pooch.create(
                    folder, "", registry={source.file: None}, urls={source.file: source.url}, retry_if_failed=retries
                )
                one = pooch.HTTPDownloader(progressbar=True, timeout=timeout)
                box.set_result(Path(fetcher.fetch(source.file, downloader=one)).read_bytes())
        except BaseException as error:
            box.set_exception(error)

    Thread(target=fetch, daemon=True).start()  # neither pooch nor requests can limit the time of all attempts
    try:
        return box.result(limit)
    except TimeoutError:
        raise OSError(f"not all of it came within {limit:g} seconds") from None


def checked(source: Source, data: bytes) -> list[tuple[str, str]]:
    """The (Hindi, English) sentences in a source's zip.

    Raises:
        ValueError: it is another file, or not all of it.
    """
    sentences = read_sentences(unzip(source.name, data, source.members), columns=(1, 0))
    if len(sentences) < source.fewest or share("Devanagari", (hindi for hindi, _ in sentences)) < 0.5:
        raise ValueError(f"{len(sentences)} pairs came; {source.fewest} or more with a Hindi side should")
    return sentences
