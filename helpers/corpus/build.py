"""The generated corpus, sampled from the grammar. `python -m helpers.corpus.build` writes it again."""

import argparse
import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random

from helpers.corpus.grammar.lexicon import lexicon
from helpers.corpus.grammar.rules import load_rules
from helpers.corpus.grammar.sentences import Grammar
from helpers.corpus.grammar.tables import LEXICON
from helpers.corpus.pairs import (
    BUCKETS,
    DATA,
    SPLITS,
    TRAIN_BUCKETS,
    Pair,
    alignment_text,
    bucket_of,
    load_split,
    write_pairs,
)
from helpers.corpus.romanize import romanize
from helpers.corpus.words import glosses_of

# Split -> pairs in each of the BUCKETS.
PER_BUCKET = {
    "train": (1700, 2000, 2400, 2700, 3100, 0, 0),
    "valid": (120, 120, 120, 120, 120, 0, 0),
    "test": (100, 100, 100, 100, 100, 0, 0),
    "test_long": (0, 0, 0, 0, 0, 100, 100),
}
SURVEY, RARE = 4000, 5  # a word form that a survey of so many sentences meets less often is not used
FREQUENT = 5  # the fewest times that a word of the other splits occurs in training


def clauses_for(words: float) -> float:
    """The `clauses` to ask of the grammar for a sentence of about so many Hindi words."""
    # A clause comes to about 10 words, so half a one is asked for each 5. Halves matter below 1: there the grammar
    # leaves more of the optional words out.
    return words // 5 / 2


def sample_splits(seed: int) -> dict[str, list[Pair]]:
    """Samples all splits, evenly over their length buckets; no sentence comes twice."""
    grammar, rng = Grammar(), Random(seed)
    seen: set[tuple[str, ...]] = set()

    def sample(low: int, high: int) -> Pair:
        return grammar.sample(rng, clauses_for(low + rng.random() * (high - low)))

    usable = frequent((sample(*BUCKETS[n % len(TRAIN_BUCKETS)]) for n in range(SURVEY)), RARE)
    pools: dict[tuple[int, int], list[Pair]] = {b: [] for b in BUCKETS}
    sizes = {b: sum(PER_BUCKET[name][n] for name in SPLITS) for n, b in enumerate(BUCKETS)}
    while missing := [b for b in BUCKETS if len(pools[b]) < sizes[b]]:
        pair = sample(
            *missing[int(rng.random() * len(missing))]
        )  # what comes out shorter or longer goes to another pool
        bucket, sentences = bucket_of(len(pair.source)), {pair.source, pair.target}
        if bucket in missing and not sentences & seen and usable.issuperset(pair.source + pair.target):
            seen |= sentences
            pools[bucket].append(pair)
    splits: dict[str, list[Pair]] = {name: [] for name in SPLITS}
    for n, pool in enumerate(pools.values()):
        pool.sort(key=lambda _: rng.random())  # each split gets its share of what was sampled early and late
        for name in SPLITS:
            splits[name] += pool[: PER_BUCKET[name][n]]
            del pool[: PER_BUCKET[name][n]]
    known = frequent(splits["train"], FREQUENT)
    return {
        name: [p for p in pairs if name == "train" or known.issuperset(p.source + p.target)]
        for name, pairs in splits.items()
    }


def sample_pairs(count: int, longest: int, without: Iterable[Pair] = (), seed: int = 0) -> list[Pair]:
    """New pairs in the words of training, all different, of at most `longest` Hindi words (8 or more).

    Args:
        without: pairs to leave out, such as a test set.
    """
    if longest < 8:
        raise ValueError(f"longest={longest}: the grammar has enough different sentences from 8 words on")
    grammar, rng = Grammar(), Random(seed)
    known = frequent(load_split("train"), 1)
    left_out = {p.source for p in without}
    pairs: dict[tuple[str, ...], Pair] = {}
    while len(pairs) < count:
        pair = grammar.sample(rng, clauses_for(rng.random() * longest))
        wanted = len(pair.source) <= longest and pair.source not in left_out
        if wanted and known.issuperset(pair.source + pair.target):
            pairs[pair.source] = pair
    return list(pairs.values())


def frequent(pairs: Iterable[Pair], fewest: int) -> set[str]:
    """Words that occur at least so many times."""
    counts = Counter(word for p in pairs for word in p.source + p.target)
    return {word for word, count in counts.items() if count >= fewest}


def build(folder: Path = DATA, seed: int = 2024) -> None:
    """Writes folder/generated/*.tsv and the data sheet folder/README.md, always the same bytes for a seed."""
    splits = sample_splits(seed)
    generated = folder / "generated"
    generated.mkdir(parents=True, exist_ok=True)
    files = []
    for name, pairs in splits.items():
        path = generated / f"{name}.tsv"
        write_pairs(path, pairs)
        files.append(f"- `{path.name}`: {len(pairs)} pairs, SHA-256 `{hashlib.sha256(path.read_bytes()).hexdigest()}`")
    lengths = {name: Counter(bucket_of(len(p.source)) for p in pairs) for name, pairs in splits.items()}
    table = [["words", *SPLITS], ["---"] * (1 + len(SPLITS))]
    table += [[f"{low}–{high}", *(str(lengths[s][low, high]) for s in SPLITS)] for low, high in BUCKETS]
    train = splits["train"]
    template = (LEXICON / "datasheet.md").read_text(encoding="utf-8")
    sheet = template.format(
        seed=seed,
        frequent=FREQUENT,
        files="\n".join(files),
        constructions=examples(train),
        buckets="\n".join(f"| {' | '.join(row)} |" for row in table),
        hindi_forms=len({word for p in train for word in p.source}),
        english_forms=len({word for p in train for word in p.target}),
    )
    (folder / "README.md").write_text(sheet, encoding="utf-8", newline="\n")


def examples(train: list[Pair]) -> str:
    """Each construction with its description and its shortest example."""
    shortest: dict[str, Pair] = {}
    for pair in sorted(train, key=lambda p: len(p.source)):
        for name in pair.constructions:
            shortest.setdefault(name, pair)
    descriptions: dict[str, list[str]] = {}
    for rule in load_rules(lexicon()):
        if rule.name in shortest:
            descriptions.setdefault(rule.name, []).append(rule.description)
    return "\n\n".join(_example(name, texts, shortest[name]) for name, texts in descriptions.items())


def _example(name: str, descriptions: list[str], pair: Pair) -> str:
    description = "; ".join(filter(None, descriptions))
    lines = [
        f"**{name}**: {description}" if description else f"**{name}**",
        " ".join(pair.source),
        f"*{romanize(' '.join(pair.source))}*",
        " · ".join(f"{romanize(w)} {means}" for w, means in zip(pair.source, glosses_of(pair), strict=True)),
        " ".join(pair.target),
        f"`{alignment_text(pair)}`",
    ]
    return "  \n".join(lines)


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    build()
