"""Writes trained translators into one web page, which needs no server and no network.

python -m helpers.page.write    the course's own translators, into build/page/translator.html
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from helpers.attention import GivenWeights
from helpers.corpus.cache import write_whole
from helpers.corpus.pairs import BUCKETS, TRAIN_BUCKETS, Pair, alignment_text, hero, load_split
from helpers.corpus.romanize import romanize
from helpers.corpus.typed import HABITS, SAME, TypedWords
from helpers.corpus.words import bases, glosses
from helpers.models import Translator
from helpers.oracle import oracle_alpha
from helpers.page.weights import exported
from helpers.plots import COLOURS
from helpers.recipes import recipe
from helpers.training import fit_or_load_all
from helpers.vocabulary import SPECIALS
from helpers.widgets.explorer import SCRIPT, STYLE, VIRIDIS
from helpers.widgets.sentence_box import CLAUSE_ENDS, ENDS, QUOTES

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[1] / "build" / "page" / "translator.html"
SCRIPTS = ("engine.js", "reading.js", "measuring.js", "drawing.js", "page.js")
MAIN = ("vanilla", "oracle", "learned", "both ways")
LARGEST = 16 * 2**20  # bytes of a page
OTHER_COLOURS = ("#0b5fa5", "#e06c1c", "#35b890", "#d65a98")


def write_page(
    path: str | Path,
    models: Mapping[str, Translator],
    test: Sequence[Pair],
    buckets: Sequence[tuple[int, int]] = BUCKETS,
    title: str = "Where does a translator look?",
) -> Path:
    """Write a page in which these translators run: type, step through, bend α, watch a beam, measure BLEU.

    Args:
        path: of the file, such as "translator.html".
        models: by name. All of them read the words of the first one. Names of the course keep their colours.
        test: pairs that they were not trained on; the first one is shown first. A model that is told where to look
            needs their links, and another model beside it for what a reader types.
        buckets: shortest and longest number of source words of each point of the curve.
        title: the page's.
    Returns:
        the path.
    Raises:
        ValueError: no models or no pairs; a model that a page cannot carry; a pair whose links do not tell a model
            where to look; a page of more than 16 MB.
    """
    if not models or not test:
        raise ValueError('a page needs models, such as {"mine": model}, and test pairs, such as corpus.test')
    told = [isinstance(model.context, GivenWeights) for model in models.values()]
    if all(told):
        raise ValueError(
            "all models are told where to look, and nobody tells them for what a reader types: add another"
        )
    if any(told):
        for pair in test:
            oracle_alpha(pair)  # or an error that names the word without a link
    html = page_of(models, test, buckets, title)
    if len(html) > LARGEST:
        raise ValueError(
            f"the page would have {len(html) / 2**20:.0f} MB, and {LARGEST / 2**20:.0f} MB is the most: give fewer "
            "models, or train one with fewer units (ModelConfig(hidden=…)) or words (TrainingConfig(min_count=…))"
        )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, html)
    return path


def page_of(
    models: Mapping[str, Translator], test: Sequence[Pair], buckets: Sequence[tuple[int, int]], title: str
) -> bytes:
    """The page itself."""
    first = next(iter(models.values()))
    words = dict.fromkeys(first.source_vocab.words[len(SPECIALS) :])
    words |= dict.fromkeys(word for pair in test for word in pair.source)
    data = {
        "models": {name: exported(model) for name, model in models.items()},
        "colours": {name: COLOURS.get(name, OTHER_COLOURS[i % 4]) for i, name in enumerate(models)},
        "test": [[" ".join(pair.source), " ".join(pair.target), alignment_text(pair)] for pair in test],
        "buckets": [b for b in buckets if any(b[0] <= len(pair.source) <= b[1] for pair in test)],
        "reading": tables_of(first.source_vocab.words[len(SPECIALS) :]),
        "sounds": {word: romanize(word) for word in words if romanize(word) != word},
        "glosses": {word: glosses()[word].split(" / ") for word in words if word in glosses()},
        "bases": bases(),
        "palette": VIRIDIS,
    }
    html = (FOLDER / "page.html").read_text(encoding="utf-8")
    parts = {
        "TITLE": title.replace("&", "&amp;").replace("<", "&lt;"),
        "COURSE": "course" if set(MAIN) <= set(models) else "own",
        "LONGEST": str(TRAIN_BUCKETS[-1][1]),
        "STYLE": STYLE + (FOLDER / "page.css").read_text(encoding="utf-8"),
        "SCRIPT": "\n".join([SCRIPT, *((FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS)]),
        "DATA": json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", r"\u003c"),
    }
    for name, part in parts.items():
        html = html.replace(f"__{name}__", part)
    return html.encode()


def tables_of(words: Sequence[str]) -> dict:
    """What `new Reader(…)` of reading.js is made of: the known words, the commonest first, by what people type."""
    known = TypedWords(words)
    return {
        "words": words,
        "habits": HABITS,
        "same": SAME,
        "exact": known.exact,
        "plain": known.plain,
        "sounds": known.sounds,
        "hasty": known.hasty,
        "ends": ENDS,
        "clauseEnds": CLAUSE_ENDS,
        "quotes": QUOTES,
    }


def main() -> None:
    train, valid, test, long = (load_split(name) for name in ("train", "valid", "test", "test_long"))
    models = {name: model for name, (model, _) in fit_or_load_all([recipe(n) for n in MAIN], train, valid).items()}
    first = hero(test)
    pairs = [first, *(pair for pair in [*test, *long] if pair != first)]
    path = write_page(PAGE, models, pairs)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    main()
