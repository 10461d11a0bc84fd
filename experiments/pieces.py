"""Do pieces of words (BPE) help? Trains the model of real sentences on them, once, and writes data/results/pieces.csv.

python -m experiments.pieces    about 5 minutes on an idle core; notebook 06 shows the table
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from helpers.corpus.cache import write_whole
from helpers.corpus.pairs import Pair
from helpers.corpus.real import load_tatoeba
from helpers.corpus.subwords import Cutter, whole
from helpers.corpus.text import detokenise
from helpers.evaluation import score
from helpers.recipes import RESULTS, recipe
from helpers.training import fit_or_load
from helpers.translation import translate

MERGES = 2000  # of each language: about as many pieces as there are words seen twice


def main() -> None:
    """Train on words and on pieces, translate, and measure by the number of words that the model of words lacks."""
    corpus, words = load_tatoeba(), recipe("real both ways")
    hindi = Cutter.of((pair.source for pair in corpus.train), MERGES)
    english = Cutter.of((pair.target for pair in corpus.train), MERGES)

    def in_pieces(pairs: Sequence[Pair]) -> list[Pair]:
        return [Pair(hindi.cut(pair.source), english.cut(pair.target)) for pair in pairs]

    texts = {}
    for name, prepare, join in (("words", list, tuple), ("pieces", in_pieces, whole)):
        model, _ = fit_or_load(
            words if name == "words" else replace(words, name="real pieces"),
            prepare(corpus.train),
            prepare(corpus.valid),
        )
        answers = translate(model.cpu(), prepare(corpus.test))
        texts[name] = [detokenise(join([word for word in a.target if word != "<unk>"])) for a in answers]
    counts = Counter(word for pair in corpus.train for word in pair.source)
    unknown = [sum(counts[word] < words.training.min_count for word in pair.source) for pair in corpus.test]
    parts = {"0": {0}, "1": {1}, "2 and more": set(range(2, 99)), "all": set(range(99))}
    rows = []
    for name, written in texts.items():
        for part, numbers in parts.items():
            inside = [i for i, n in enumerate(unknown) if n in numbers]
            references = [corpus.references["test"][i] for i in inside]
            found = score([written[i] for i in inside], references, tokenized=False)
            rows.append({"model": name, "seed": words.training.seed, "unknown_words": part, "sentences": len(inside)})
            rows[-1] |= {"bleu": round(found["bleu"], 2), "chrf": round(found["chrf"], 2)}
    table = pd.DataFrame(rows)
    write_whole(RESULTS / "pieces.csv", table.to_csv(index=False, lineterminator="\n").encode())
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
