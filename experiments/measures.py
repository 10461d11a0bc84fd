"""What is measured of a trained model: each function returns the rows of one table of data/results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import partial

import pandas as pd
import torch
from torch import Tensor

from helpers.batching import make_batches
from helpers.corpus.pairs import BUCKETS, TRAIN_BUCKETS, Pair
from helpers.evaluation import Texts, alignment_error, score_by_length
from helpers.models import Translator, device_of
from helpers.oracle import Oracle, SoftAlignment, oracle_alpha
from helpers.training import History
from helpers.translation import Translation
from helpers.two_places import DAYS, Question, answers, chances, parts, summary

LONG = 24  # Hindi words: where it is asked which of them are lost
STEP = 5  # places that are counted together
Rows = list[dict]


def by_length(translated: Callable[[Sequence[Pair]], Texts], splits: Mapping[str, Sequence[Pair]]) -> Rows:
    """BLEU and exact match for each length: of both test sets, and of sentences of the training."""
    known = [p for a, b in TRAIN_BUCKETS for p in [p for p in splits["train"] if a <= len(p.source) <= b][:100]]
    rows = []
    for split, pairs in {"train": known, "test": splits["test"], "test_long": splits["test_long"]}.items():
        scores = score_by_length(translated(pairs), pairs, BUCKETS)
        kept = scores[["length_min", "length_max", "sentences", "bleu", "exact_match"]].round(2)
        rows += [{"split": split, **row} for row in kept.to_dict("records")]
    return rows


def curves(history: History) -> Rows:
    """Loss and BLEU of each pass."""
    return [
        {"epoch": epoch, "loss": round(loss, 4), "bleu": round(bleu, 2)}
        for epoch, (loss, bleu) in enumerate(zip(history.loss, history.bleu, strict=True), 1)
    ]


def alignment(
    alphas: Callable[[Sequence[Pair]], Sequence[SoftAlignment]], splits: Mapping[str, Sequence[Pair]]
) -> Rows:
    """The alignment error by class of word."""
    return [
        {"split": split, **row}
        for split, pairs in splits.items()
        for row in alignment_error(alphas(pairs), pairs).round(4).to_dict("records")
    ]


def scale(splits: Mapping[str, Sequence[Pair]]) -> Iterator[tuple[str, Rows]]:
    """What the alignment error is at its best, along the diagonal, and at random: a name and its rows for each."""
    generator = torch.Generator().manual_seed(0)

    def diagonal(pair: Pair) -> Tensor:
        t, j = torch.arange(len(pair.target) + 1), len(pair.source) + 1
        return torch.nn.functional.one_hot((t * j / len(t)).long(), j).float()

    def random(pair: Pair) -> Tensor:
        j = len(pair.source) + 1
        return torch.nn.functional.one_hot(torch.randint(j, (len(pair.target) + 1,), generator=generator), j).float()

    for name, alpha in {"oracle": oracle_alpha, "diagonal": diagonal, "random": random}.items():
        yield name, alignment(partial(_told, alpha), splits)


def _told(oracle: Oracle, pairs: Sequence[Pair]) -> list[SoftAlignment]:
    return [SoftAlignment.of(pair, oracle(pair)) for pair in pairs]


def two_places(model: Translator, asked: Sequence[Question], oracle: Oracle | None) -> Rows:
    """Does the model know words that need two places?"""
    return summary(answers(model, asked, oracle)).round(4).reset_index().to_dict("records")


def patching(model: Translator, asked: Sequence[Question]) -> Rows:
    """P(the other day) before and after a part (see `two_places.Parts`) came from a sentence of that day.

    `turned` is the share of sentences in which the other day has more than half.
    """
    rows = []
    for kind in ("कल first, short", "कल first, long", "कल later, before its verb"):
        by_day = {day: [q for q in asked if q.kind == kind and q.right == day][:50] for day in DAYS}
        for day, other in zip(DAYS, DAYS[::-1], strict=True):
            found: dict[str, list[float]] = {}
            for question, donor in zip(by_day[day], by_day[other], strict=False):
                for part, value in {"nothing": None, **parts(model, donor)._asdict()}.items():
                    exchanged = {} if value is None else {part: value}
                    found.setdefault(part, []).append(chances(model, question, **exchanged)[other])
            for part, p in found.items():
                column = pd.Series(p)
                row = {
                    "sentences": len(p),
                    "p": round(column.mean(), 4),
                    "turned": round(100 * (column > 0.5).mean(), 1),
                }
                rows.append({"kind": kind, "day": day, "part": part, **row})
    return rows


def kept(pair: Pair, written: Sequence[str]) -> list[bool]:
    """For each Hindi word with a sure link, signs aside, whether all English words linked to it were written."""
    there: dict[int, bool] = {}
    for j, t, sure in pair.links:
        if sure and pair.source[j] not in "।?,":
            there[j] = there.get(j, True) and pair.target[t] in written
    return [there[j] for j in sorted(there)]


def losses(translations: Sequence[Translation], pairs: Sequence[Pair]) -> Rows:
    """The share of Hindi words whose translation was written, by their place from the start and from the end.

    Chance is the share for the translation of another sentence, the one before.
    """
    rows = []
    long = [i for i, p in enumerate(pairs) if len(p.source) >= LONG]
    for end in ("start", "end"):
        counts = torch.zeros(12, 3)
        for n, i in enumerate(long):
            for column, written in ((0, translations[i]), (1, translations[long[n - 1]])):
                order = kept(pairs[i], written.target)
                for place, there in enumerate(
                    order[: len(counts)] if end == "start" else order[: -len(counts) - 1 : -1]
                ):
                    counts[place, column] += there
                    counts[place, 2] += column == 0
        shares = (100 * counts[:, :2] / counts[:, 2:]).round(decimals=2).tolist()
        rows += [{"from": end, "place": p, "kept": a, "chance": b} for p, (a, b) in enumerate(shares, 1)]
    return rows


@torch.no_grad()
def forcing(
    model: Translator, translations: Sequence[Translation], pairs: Sequence[Pair], oracle: Oracle | None
) -> Rows:
    """The share of right next words: given the right words before, and on its own; by length, and within long ones.

    On its own, a word is right if it stands in what the translation and the right one have in common, in their order.
    Chance is the share with the Hindi of another sentence of about the same length, or with its translation; a model
    that is told its weights has no chance of the first kind, as they fit its own sentence only.
    """
    counts: dict[tuple[str, int, int], Tensor] = {}
    for low, high in TRAIN_BUCKETS:
        inside = [i for i, pair in enumerate(pairs) if low <= len(pair.source) <= high]
        if len(inside) < 2:
            continue
        own = _next_words(model, [pairs[i] for i in inside], oracle)
        other = None if oracle else _next_words(model, [pairs[i] for i in inside], oracle, exchanged=True)
        for n, i in enumerate(inside):
            target = pairs[i].target
            free, by_chance = (_in_common(target, translations[k].target) for k in (i, inside[n - 1]))
            for t in range(len(target)):
                chance = other[n][t] if other else float("nan")
                row = torch.tensor([own[n][t], chance, t in free, t in by_chance, 1.0])
                for group in [("length", low, high)] + [("place", t // STEP * STEP + 1, t // STEP * STEP + STEP)] * (
                    len(pairs[i].source) >= LONG
                ):
                    counts[group] = counts.get(group, torch.zeros(5)) + row
    names = ("forced", "forced_chance", "free", "free_chance")
    shares = {group: [round(100 * n / row[4].item(), 2) for n in row[:4].tolist()] for group, row in counts.items()}
    return [
        {"by": by, "min": a, "max": b, **dict(zip(names, shares[by, a, b], strict=True)), "words": int(row[4])}
        for (by, a, b), row in sorted(counts.items(), key=lambda item: item[0])
        if row[4] >= 100
    ]


def _next_words(
    model: Translator, pairs: Sequence[Pair], oracle: Oracle | None, exchanged: bool = False
) -> list[list[bool]]:
    """For each pair and English word, whether it is the first choice, given the right words before.

    Args:
        exchanged: each English sentence has the Hindi of the next one.
    """
    sources = [*pairs[1:], pairs[0]] if exchanged else pairs
    asked = [replace(pair, source=source.source, links=()) for pair, source in zip(pairs, sources, strict=True)]
    right: dict[int, list[bool]] = {}
    for batch in make_batches(asked if exchanged else pairs, model.source_vocab, model.target_vocab, 128, oracle):
        logits, _ = model(batch.to(device_of(model)))
        right.update(zip(batch.indices, (logits.argmax(2).cpu() == batch.target_out.cpu()).tolist(), strict=True))
    return [right[i] for i in range(len(pairs))]


def _in_common(target: Sequence[str], written: Sequence[str]) -> set[int]:
    """The places of the words of `target` that stand in `written`, too, in the same order."""
    same = SequenceMatcher(None, target, written, autojunk=False).get_matching_blocks()
    return {block.a + k for block in same for k in range(block.size)}
