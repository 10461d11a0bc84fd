"""How good is a translation, and does α look where the alignment says? Measured by length, with intervals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

import numpy as np
import pandas as pd
import torch
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.metrics.base import Metric
from sacrebleu.significance import PairedTest
from torch import Tensor

from helpers.batching import make_batches, source_batches
from helpers.corpus.pairs import BUCKETS, Pair
from helpers.corpus.text import detokenise, tokenise
from helpers.corpus.words import word_class
from helpers.models import Translator, device_of
from helpers.oracle import Oracle, SoftAlignment
from helpers.translation import Translation
from helpers.vocabulary import END, UNK

Texts = Sequence[str | Translation]
RESAMPLES = 1000  # of the bootstrap


class _Floats:
    """sacrebleu's bootstrap mixes two kinds of floats, and fails, when a sample shares nothing with its references."""

    def _compute_score_from_stats(self, stats):
        result = super()._compute_score_from_stats(stats)  # type: ignore[misc]
        result.score = float(result.score)
        return result


class _BLEU(_Floats, BLEU):
    pass


class _CHRF(_Floats, CHRF):
    pass


def metrics(tokenized: bool = True, spaces: bool = True) -> dict[str, Metric]:
    """sacrebleu's BLEU and chrF.

    Args:
        tokenized: the sentences are words with spaces between: leave them so.
        spaces: whether the language puts spaces between words; where it does not, letters are counted.
    """
    cut = "none" if tokenized else "13a" if spaces else "char"
    # Of sentences that all have fewer than four words, no runs of four can be counted.
    bleu = _BLEU(tokenize=cut, force=tokenized, lowercase=not tokenized, effective_order=True)
    return {"BLEU": bleu, "chrF": _CHRF(lowercase=not tokenized)}


def bleu(translations: Texts, references: Sequence[str]) -> float:
    """Corpus BLEU, 0 to 100, of tokenized sentences."""
    return metrics()["BLEU"].corpus_score(_texts(translations, references), [references]).score


def score(translations: Texts, references: Sequence[str], tokenized: bool = True) -> pd.Series:
    """BLEU, chrF and exact match (all 0 to 100), each with half the width of its 95 % bootstrap interval, as `…_ci`.

    Args:
        tokenized: the sentences are words with spaces between. If not, both sides are written in the same way first
            (quotes, dashes, digits, end signs; see `as_written`), since a model cannot know how somebody types them.
    Raises:
        ValueError: no sentences, or not as many translations as references.
    """
    same = str if tokenized else as_written
    texts = [same(text) for text in _texts(translations, references)]
    references = [same(reference) for reference in references]
    scores: dict[str, float] = {"sentences": len(texts)}
    for name, metric in metrics(tokenized, any(" " in r for r in references)).items():
        result = metric.corpus_score(texts, [references], n_bootstrap=RESAMPLES)
        as_json = json.loads(result.format(signature=str(metric.get_signature()), is_json=True, width=3))
        scores[name.lower()], scores[f"{name.lower()}_ci"] = result.score, as_json.get("confidence_var", 0.0)
    exact = 100.0 * np.array([text == reference for text, reference in zip(texts, references, strict=True)])
    means = np.random.default_rng(0).choice(exact, (RESAMPLES, len(exact))).mean(1)
    scores["exact_match"], scores["exact_match_ci"] = exact.mean(), np.subtract(*np.percentile(means, [97.5, 2.5])) / 2
    return pd.Series(scores)


def as_written(text: str) -> str:
    """A line of text as a translation is written: straight quotes, digits 0-9, one way to set each sign."""
    return detokenise(tokenise(text))


def signatures(tokenized: bool = True) -> dict[str, str]:
    """How BLEU and chrF were computed, in sacrebleu's notation, so that others can compare."""
    in_words = {}
    for name, metric in metrics(tokenized).items():
        metric.corpus_score(["x"], [["x"]])
        in_words[name] = str(metric.get_signature())
    return in_words


def with_losses(reference: Sequence[str], written: Sequence[str]) -> str:
    """The words of the reference, with brackets around those that a translation lacks or has in another order."""
    kept = SequenceMatcher(None, reference, written, autojunk=False).get_matching_blocks()
    at = {block.a + i for block in kept for i in range(block.size)}
    return " ".join(word if t in at else f"[{word}]" for t, word in enumerate(reference)).replace("] [", " ")


def score_by_length(
    translations: Texts,
    pairs: Sequence[Pair],
    buckets: Sequence[tuple[int, int]] = BUCKETS,
    references: Sequence[str] | None = None,
) -> pd.DataFrame:
    """`score` for each bucket of source lengths (shortest and longest number of words, both counted in)."""
    tokenized = references is None
    references = [" ".join(p.target) for p in pairs] if references is None else references
    texts = _texts(translations, references)
    rows = []
    for low, high in buckets:
        inside = [i for i, p in enumerate(pairs) if low <= len(p.source) <= high]
        if inside:
            s = score([texts[i] for i in inside], [references[i] for i in inside], tokenized)
            rows.append({"length_min": low, "length_max": high, **s})
    if not rows:
        raise ValueError(
            f"no sentence has a length in {list(buckets)}: they have {sorted({len(p.source) for p in pairs})}"
        )
    return pd.DataFrame(rows).astype({"sentences": int})


def paired_bootstrap(
    translations: Mapping[str, Texts], references: Sequence[str], tokenized: bool = False
) -> pd.DataFrame:
    """Is the difference between translators more than the luck of the test set? The first one is the baseline.

    Returns:
        for each translator and metric: score, 95 % interval (± ci) and, but for the baseline, the p-value.
    Source: Koehn 2004, as in sacrebleu.
    """
    same = str if tokenized else as_written
    systems: list[tuple[str, Sequence[str]]] = []
    for name, texts in translations.items():
        systems.append((name, [same(text) for text in _texts(texts, references)]))
    references = [same(reference) for reference in references]
    cut = metrics(tokenized, any(" " in r for r in references))
    test = PairedTest(systems, cut, [references], test_type="bs", n_samples=RESAMPLES, n_jobs=1)
    results: dict = test()[1]
    names = results.pop("System")
    rows = [
        {
            "model": name.removeprefix("Baseline: "),
            "metric": metric,
            "score": r.score,
            "ci": r.ci,
            # sacrebleu gives a translator with the same score the lowest p
            "p": 1.0 if r.p_value and r.score == column[0].score else r.p_value,
        }
        for metric, column in results.items()
        for name, r in zip(names, column, strict=True)
    ]
    return pd.DataFrame(rows)


@torch.no_grad()
def forced_alpha(model: Translator, pairs: Sequence[Pair], oracle: Oracle | None = None) -> list[SoftAlignment]:
    """Where the model looks while it is given the right words, so that row t belongs to target word t.

    Args:
        oracle: who gives the weights, for a model that is told them.
    """
    alphas: dict[int, Tensor] = {}
    was_training = model.training
    model.eval()
    for batch in make_batches(pairs, model.source_vocab, model.target_vocab, 128, oracle):
        _, look = model(batch.to(device_of(model)))
        if look.alpha is None:
            raise ValueError("the vanilla model has no α: it looks at one vector only")
        for i, alpha in zip(batch.indices, look.alpha.cpu(), strict=True):
            alphas[i] = alpha[: len(pairs[i].target) + 1, : len(pairs[i].source) + 1]
    model.train(was_training)
    return [SoftAlignment.of(pair, alphas[i]) for i, pair in enumerate(pairs)]


def alignment_error(alignments: Sequence[SoftAlignment], pairs: Sequence[Pair]) -> pd.DataFrame:
    """Does each target word look at the word that it is linked to?

    The source word with the largest weight counts as the model's link A; S are the sure links and P the sure and the
    possible ones. precision = |A∩P| / |A|, recall = |A∩S| / |S|, AER = 1 - (|A∩S| + |A∩P|) / (|A| + |S|).
    A target word without any link is not counted: no place would be right for it.

    Args:
        alignments: one for each pair, of its words, as from `forced_alpha`.
    Returns:
        a row for each of content, function, punctuation, all: word_class, precision, recall, aer (0 to 1), words.
    Raises:
        ValueError: an alignment has other words than its pair.
    Source: Och and Ney 2003, section 6.1.
    """
    if len(alignments) != len(pairs):
        raise ValueError(f"{len(alignments)} alignments and {len(pairs)} pairs: one for each pair is needed")
    counts = {c: np.zeros(4) for c in ("content", "function", "punctuation", "all")}  # |A|, |S|, |A∩S|, |A∩P|
    for alignment, pair in zip(alignments, pairs, strict=True):
        if (alignment.source, alignment.target) != ((*pair.source, END), (*pair.target, END)):
            raise ValueError(
                f"α of “{' '.join(alignment.target)}” is held against the links of “{' '.join(pair.target)} {END}”: "
                "they must have the same words, as forced_alpha(model, pairs) gives them"
            )
        links = {(j, t): sure for j, t, sure in pair.links}
        looks_at = alignment.alpha.argmax(1).tolist()
        for t, word in enumerate(pair.target):
            right = {j: is_sure for (j, at), is_sure in links.items() if at == t}
            if not right:
                continue
            sure, hit = sum(right.values()), right.get(looks_at[t])
            counted = np.array([1, sure, hit is True, hit is not None])
            counts["all"] += counted
            counts[word_class(word)] += counted
    rows = []
    for name, (a, s, a_s, a_p) in counts.items():
        recall = a_s / s if s else float("nan")
        rows.append(
            {
                "word_class": name,
                "precision": a_p / a if a else float("nan"),
                "recall": recall,
                "aer": 1 - (a_s + a_p) / (a + s) if a + s else float("nan"),
                "words": int(a),
            }
        )
    return pd.DataFrame(rows)


def _texts(translations: Texts, references: Sequence[str]) -> list[str]:
    """The translations as text, if there is one for each reference."""
    if isinstance(translations, str) or isinstance(references, str):
        raise ValueError("lists of sentences are needed, such as ['the boy reads .'], not one text")
    if not translations or len(translations) != len(references):
        raise ValueError(
            f"{len(translations)} translations and {len(references)} references: as many of one as of the "
            "other are needed, and at least one"
        )
    if any(not isinstance(t, str | Translation) for t in translations):
        raise ValueError("a translation is text, such as 'the boy reads .', or what `translate` returns")
    return [str(t) for t in translations]


@torch.no_grad()
def encoding_vectors(model: Translator, pairs: Sequence[Pair]) -> Tensor:
    """(sentences, D_h): the encoder's last state for each sentence, on the CPU."""
    vectors: dict[int, Tensor] = {}
    for batch in source_batches(pairs, model.source_vocab, 256):
        encoded, _ = model.encode(batch.source.to(device_of(model)), batch.source_lengths)
        vectors.update(zip(batch.indices, encoded.last.cpu(), strict=True))
    return torch.stack([vectors[i] for i in range(len(pairs))])


def probe(model: Translator, train: Sequence[Pair], test: Sequence[Pair], distances: Sequence[int]) -> pd.DataFrame:
    """Can a linear map read the words of a sentence back from its encoding vector?

    For each distance from the end, a ridge regression from the vector to the word that stands there is fitted on
    `train` and tried on `test`. The guess is the commonest word at that distance in `train`.

    Returns:
        a row for each distance (0 is the last word): distance, accuracy and guess (both in %), sentences tried.
    Source: linear probes after Alain and Bengio 2017; taught in notebook 02.
    """
    X, X_test = (torch.nn.functional.pad(encoding_vectors(model, p), (0, 1), value=1.0) for p in (train, test))
    ids, rows = model.source_vocab.ids, []
    for d in distances:
        here, there = ([i for i, p in enumerate(pairs) if len(p.source) > d] for pairs in (train, test))
        if d < 0:
            raise ValueError(f"distance {d}: they are counted from the end, 0 is the last word")
        if not here or not there:
            raise ValueError(f"no sentence has a word {d} words before its end: ask for smaller distances")
        words = torch.tensor([ids.get(train[i].source[-1 - d], UNK) for i in here])
        right = torch.tensor([ids.get(test[i].source[-1 - d], UNK) for i in there])
        A, Y = X[here], torch.nn.functional.one_hot(words, len(model.source_vocab)).float()
        W = torch.linalg.solve(A.T @ A + torch.eye(A.size(1)), A.T @ Y)
        read_back = (X_test[there] @ W).argmax(1)
        rows.append(
            {
                "distance": d,
                "accuracy": 100 * (read_back == right).float().mean().item(),
                "guess": 100 * (words.mode().values == right).float().mean().item(),
                "sentences": len(there),
            }
        )
    return pd.DataFrame(rows)
