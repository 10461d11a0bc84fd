"""The generated corpus: sentence pairs with gold alignments. `python -m helpers.corpus` makes it anew."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from helpers.constructions import load_rules
from helpers.lexicon import LEXICON, glosses, lexicon, parse_links
from helpers.romanize import romanize

DATA = Path(__file__).resolve().parents[1] / "data"
SPLITS = ("train", "valid", "test", "test_long")
BUCKETS = ((1, 7), (8, 15), (16, 23), (24, 31), (32, 39), (40, 47), (48, 60))  # source words, । included
TRAIN_BUCKETS = BUCKETS[:5]
PER_BUCKET = {"train": (1700, 2000, 2400, 2700, 3100, 0, 0), "valid": (120, 120, 120, 120, 120, 0, 0),
              "test": (100, 100, 100, 100, 100, 0, 0), "test_long": (0, 0, 0, 0, 0, 100, 100)}  # pairs
SURVEY, RARE = 4000, 12  # a word form that a survey of so many sentences meets less often is not used
FREQUENT = 5  # the least that a word of the other splits occurs in training
FUNCTION_WORDS = frozenset("""
    a an the this that these those I you he she it we they me him her us them my your his its our their 's
    am is are was were has have had do does did will can cannot should used to not every
    in on near at from with for of and but if then when who there . ,""".split())


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
    return [_parse(line, f"{path}, line {n}")
            for n, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1) if line]


def _parse(line: str, where: str) -> Pair:
    cells = line.split("\t")
    if not 2 <= len(cells) <= 4:
        raise ValueError(f"{where}: expected 2 to 4 tab-separated columns (hindi, english, alignment, "
                         f"constructions), found {len(cells)}.")
    hindi, english, alignment, constructions = cells + [""] * (4 - len(cells))
    source, target, links = tuple(hindi.split()), tuple(english.split()), parse_links(alignment, where)
    for j, t, _ in links:
        if j >= len(source) or t >= len(target):
            raise ValueError(f"{where}: the link {j}-{t}, counted from 0, leaves these sentences of "
                             f"{len(source)} Hindi and {len(target)} English words.")
    return Pair(source, target, links, tuple(filter(None, constructions.split(","))))


def alignment_text(pair: Pair) -> str:
    """The links as in the files: "0-0 3p1"."""
    return " ".join(f"{j}{'-' if sure else 'p'}{t}" for j, t, sure in pair.links)


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Writes pairs as TSV, one a line, in the format of `read_pairs`."""
    rows = ((" ".join(p.source), " ".join(p.target), alignment_text(p), ",".join(p.constructions))
            for p in pairs)
    Path(path).write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8", newline="\n")


def load_split(name: str) -> list[Pair]:
    """Pairs of one split of the generated corpus: "train", "valid", "test" or "test_long"."""
    if name not in SPLITS:
        raise ValueError(f'no split {name!r}. Choose one of {", ".join(SPLITS)}, as in load_split("train").')
    return read_pairs(DATA / "generated" / f"{name}.tsv")


def corpus_checksum() -> str:
    """First 16 hex digits of the SHA-256 over the four generated files."""
    content = b"".join((DATA / "generated" / f"{name}.tsv").read_bytes() for name in SPLITS)
    return hashlib.sha256(content).hexdigest()[:16]


def word_class(english_word: str) -> str:
    """"function" for articles, auxiliaries, prepositions, pronouns, punctuation, …; else "content"."""
    return "function" if english_word in FUNCTION_WORDS else "content"


def gloss(hindi_word: str) -> str:
    """A short English gloss: gloss("पढ़ी") is "past of read"; "" for a word not in the lexicon."""
    return glosses().get(hindi_word, "")


def bucket_of(length: int) -> tuple[int, int] | None:
    """The bucket of a source length in words, None beyond the longest."""
    return next((b for b in BUCKETS if b[0] <= length <= b[1]), None)


def sample_splits(seed: int) -> dict[str, list[Pair]]:
    """Samples all splits, evenly over their length buckets; no sentence comes twice."""
    from helpers.grammar import Grammar  # which needs Pair

    grammar, rng, seen = Grammar(), Random(seed), set()

    def sample(low: int, high: int) -> Pair:
        return grammar.sample(rng, (low + rng.random() * (high - low)) // 6.5 / 2)

    usable = frequent((sample(*BUCKETS[n % len(TRAIN_BUCKETS)]) for n in range(SURVEY)), RARE)
    pools: dict[tuple[int, int], list[Pair]] = {b: [] for b in BUCKETS}
    sizes = {b: sum(PER_BUCKET[name][n] for name in SPLITS) for n, b in enumerate(BUCKETS)}
    while missing := [b for b in BUCKETS if len(pools[b]) < sizes[b]]:
        pair = sample(*missing[-1])
        bucket = bucket_of(len(pair.source))
        is_new = bucket in missing and not {pair.source, pair.target} & seen
        if is_new and usable.issuperset(pair.source + pair.target):
            seen |= {pair.source, pair.target}
            pools[bucket].append(pair)
    splits: dict[str, list[Pair]] = {name: [] for name in SPLITS}
    for n, pool in enumerate(pools.values()):
        pool.sort(key=lambda _: rng.random())  # each split gets its share of what was sampled early and late
        for name in SPLITS:
            splits[name] += pool[: PER_BUCKET[name][n]]
            del pool[: PER_BUCKET[name][n]]
    known = frequent(splits["train"], FREQUENT)
    return {name: [p for p in pairs if name == "train" or known.issuperset(p.source + p.target)]
            for name, pairs in splits.items()}


def sample_pairs(count: int, longest: int, without: Iterable[Pair] = (), seed: int = 0) -> list[Pair]:
    """New pairs in the words of training, all different, of at most `longest` Hindi words (8 or more).

    Args:
        without: pairs to leave out, such as a test set.
    """
    from helpers.grammar import Grammar

    if longest < 8:
        raise ValueError(f"longest={longest}: the grammar has enough different sentences from 8 words on")
    grammar, rng = Grammar(), Random(seed)
    known = frequent(load_split("train"), 1)
    left_out, found = {p.source for p in without}, {}
    while len(found) < count:
        pair = grammar.sample(rng, rng.random() * longest // 6.5 / 2)
        is_new = len(pair.source) <= longest and pair.source not in left_out
        if is_new and known.issuperset(pair.source + pair.target):
            found[pair.source] = pair
    return list(found.values())


def frequent(pairs: Iterable[Pair], least: int) -> set[str]:
    """Words that occur at least so many times."""
    counts = Counter(word for p in pairs for word in p.source + p.target)
    return {word for word, count in counts.items() if count >= least}


def build(folder: Path = DATA, seed: int = 2024) -> None:
    """Writes folder/generated/*.tsv and the data sheet folder/README.md, always the same bytes for a seed."""
    splits, out = sample_splits(seed), folder / "generated"
    out.mkdir(parents=True, exist_ok=True)
    lengths = {name: Counter(bucket_of(len(p.source)) for p in pairs) for name, pairs in splits.items()}
    files = []
    for name, pairs in splits.items():
        write_pairs(out / f"{name}.tsv", pairs)
        checksum = hashlib.sha256((out / f"{name}.tsv").read_bytes()).hexdigest()
        files.append(f"- `{name}.tsv`: {len(pairs)} pairs, SHA-256 `{checksum}`")
    rows = [["words", *SPLITS], ["---"] * 5]
    rows += [[f"{low}–{high}", *(lengths[s][low, high] for s in SPLITS)] for low, high in BUCKETS]
    train = splits["train"]
    sheet = (LEXICON / "datasheet.md").read_text(encoding="utf-8").format(
        seed=seed, frequent=FREQUENT, files="\n".join(files), constructions=examples(train),
        buckets="\n".join(f"| {' | '.join(map(str, row))} |" for row in rows),
        hindi_forms=len({w for p in train for w in p.source}),
        english_forms=len({w for p in train for w in p.target}))
    (folder / "README.md").write_text(sheet, encoding="utf-8", newline="\n")


def examples(train: list[Pair]) -> str:
    """Each construction with its description and its shortest example."""
    shortest: dict[str, Pair] = {}
    for pair in sorted(train, key=lambda p: len(p.source)):
        for name in pair.constructions:
            shortest.setdefault(name, pair)
    described: dict[str, list[str]] = {}
    for rule in load_rules(lexicon()):
        if rule.name in shortest:
            described.setdefault(rule.name, []).append(rule.description)
    blocks = []
    for name, texts in described.items():
        p, text = shortest[name], "; ".join(filter(None, texts))
        words = " · ".join(f"{romanize(w)} {gloss(w).split(' / ')[0]}" for w in p.source[:-1])
        blocks.append("  \n".join((
            f"**{name}**{': ' * bool(text)}{text}", " ".join(p.source), f"*{romanize(' '.join(p.source))}*",
            words, " ".join(p.target), f"`{alignment_text(p)}`")))
    return "\n\n".join(blocks)


if __name__ == "__main__":
    build()
