"""What is measured of a trained model: each function returns the rows of one table of data/results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    """P(the other day) before and after a part (see `two_places.Parts`) came from a sentence of that day."""
    rows = []
    for kind in ("कल first, short", "कल first, long", "कल later, before its verb"):
        by_day = {day: [q for q in asked if q.kind == kind and q.right == day][:50] for day in DAYS}
        for day, other in zip(DAYS, DAYS[::-1], strict=True):
            found = []
            for question, donor in zip(by_day[day], by_day[other], strict=False):
                taken = parts(model, donor)._asdict()
                changed = {part: chances(model, question, **{part: value})[other] for part, value in taken.items()}
                found.append({"before": chances(model, question)[other], **changed})
            means = pd.DataFrame(found).mean().round(4).to_dict()
            rows.append({"kind": kind, "day": day, "sentences": len(found), **means})
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
    """The share of right next words by place in the English sentence: given the right words before, and on its own.

    On its own, a word is right if it stands in what the translation and the right one have in common, in their order.
    """
    counts: dict[int, Tensor] = {}
    for batch in make_batches(pairs, model.source_vocab, model.target_vocab, 128, oracle):
        if max(len(pairs[i].source) for i in batch.indices) < LONG:
            continue
        logits, _ = model(batch.to(device_of(model)))
        forced = (logits.argmax(2).cpu() == batch.target_out.cpu()).tolist()
        for i, right in zip(batch.indices, forced, strict=True):
            target, written = pairs[i].target, translations[i].target
            if len(pairs[i].source) < LONG:
                continue
            same = SequenceMatcher(None, target, written, autojunk=False).get_matching_blocks()
            free = {block.a + k for block in same for k in range(block.size)}
            for t in range(len(target)):
                row = counts.setdefault(t // STEP * STEP, torch.zeros(3))
                row += torch.tensor([right[t], t in free, 1.0])
    return [
        {
            "place_min": t + 1,
            "place_max": t + STEP,
            "forced": round(100 * a / n, 2),
            "free": round(100 * b / n, 2),
            "words": int(n),
        }
        for t, (a, b, n) in sorted((t, row.tolist()) for t, row in counts.items())
        if n >= 100
    ]
