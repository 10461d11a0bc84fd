"""The Transformer of lesson 07 beside recurrent translators, each with a learning rate and a weight decay of its own.

python -m experiments.transformer    what is missing in data/results/transformer.csv, about 40 minutes of one core

All models learn from the same sentences, as long as the hero sentence at most, in as many passes. Their settings are
found by the same search: the best of three learning rates, then the best of three weight decays, by the BLEU of the
validation sentences; where the best one is the first or the last of a row, the next one beyond it is tried, too.
The rows of each training are written when it is finished, so a run that is cut short goes on where it was.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from typing import cast

import pandas as pd
import torch
from torch import Tensor

from experiments.results import sample_questions
from helpers.batching import make_batches
from helpers.corpus.cache import write_whole
from helpers.corpus.pairs import Pair, corpus_checksum, hero, load_split
from helpers.evaluation import alignment_error, forced_alpha, score_by_length
from helpers.models import ModelConfig, Translator
from helpers.oracle import SoftAlignment
from helpers.recipes import COMMON, RESULTS
from helpers.training import TrainingConfig, fit, new_translator
from helpers.transformer import Layer, Transformer, without_heads
from helpers.translation import translate
from helpers.two_places import Question, answers, summary

FILE = RESULTS / "transformer.csv"
SEEDS, EPOCHS = range(3), 8
RECURRENT = {"learned": ModelConfig("additive"), "both ways": ModelConfig("additive", bidirectional=True)}
CONTROLS: dict[str, dict] = {"one head": {"heads": 1}, "no positions": {"use_positions": False}}
MODELS = ("Transformer", "both ways", *CONTROLS, "learned")
RATES = (5e-4, 1e-3, 2e-3, 4e-3, 8e-3)  # those in the middle are always tried
DECAYS = (0.0125, 0.05, 0.2, 0.8, 3.2)
LONGEST = len(hero(load_split("test")).source)
BUCKETS = ((1, 7), (8, 15), (16, LONGEST), (LONGEST + 1, 32), (33, 39))
VALID = "validation BLEU"
KEY = ["corpus", "model", "seed", "learning_rate", "weight_decay"]
COLUMNS = [*KEY, "measure", "where", "value"]
Settings = tuple[float, float]  # the highest learning rate, and the weight decay


@cache
def split(name: str, longest: int = LONGEST) -> list[Pair]:
    """The sentences of a split that are not too long."""
    return [pair for pair in load_split(name) if len(pair.source) <= longest]


@cache
def asked() -> list[Question]:
    """The questions of lesson 05 whose sentences are not too long."""
    return [question for question in sample_questions() if len(question.pair.source) <= LONGEST]


def untrained(name: str, config: TrainingConfig) -> Translator:
    """A model before its training; the seed fixes its first weights, and it knows all words of the training split."""
    like = new_translator(RECURRENT.get(name, ModelConfig()), config, load_split("train"))
    if name in RECURRENT:
        return like
    torch.manual_seed(config.seed)
    transformer = Transformer(like.source_vocab, like.target_vocab, **CONTROLS.get(name, {}))
    return cast(Translator, transformer)  # which has the same calls


def train(name: str, seed: int, settings: Settings) -> Iterator[dict]:
    """Train one model, and measure it: what was measured, where, and the value."""
    rate, decay = settings
    config = TrainingConfig(EPOCHS, learning_rate=rate, weight_decay=decay, seed=seed)
    model = untrained(name, config)
    history = fit(model, split("train"), split("valid")[::2], config, name=f"{name}, {rate:g}, {decay:g}, seed {seed}")
    if history.interrupted:
        raise KeyboardInterrupt
    model.cpu()
    yield {"measure": VALID, "value": max(history.bleu)}
    yield {"measure": "loss", "value": history.loss[-1]}
    yield {"measure": "parameters", "value": sum(p.numel() for p in model.parameters())}
    test = split("test", 39)
    for row in score_by_length(translate(model, test), test, BUCKETS).to_dict("records"):
        for measure in ("bleu", "exact_match"):
            yield {"measure": measure, "where": f"{row['length_min']}–{row['length_max']}", "value": row[measure]}
    yield from _alignment(forced_alpha(model, split("test")))
    for kind, row in summary(answers(model, asked())).iterrows():
        yield from ({"measure": measure, "where": kind, "value": value} for measure, value in row.items())
    if isinstance(model, Transformer):
        yield from heads_of_the_decoder(model)
        yield from within(model)
        yield from without(model)


def _alignment(alignments: Sequence[SoftAlignment], who: str = "") -> Iterator[dict]:
    for row in alignment_error(alignments, split("test")).to_dict("records"):
        yield {"measure": f"alignment error{who}", "where": row["word_class"], "value": row["aer"]}


@torch.no_grad()
def heads_of_the_decoder(model: Transformer) -> Iterator[dict]:
    """The alignment error of each head of the last layer that looks at the source."""
    pairs, found = split("test"), cast(dict[int, Tensor], {})
    for batch in make_batches(pairs, model.source_vocab, model.target_vocab, 128):
        _, _, alpha = model.decode(batch.target_in, model.encode(batch.source, batch.source_lengths)[0])
        found.update(zip(batch.indices, alpha, strict=True))
    for head in range(found[0].size(0)):
        alphas = [found[i][head, : len(p.target) + 1, : len(p.source) + 1] for i, p in enumerate(pairs)]
        yield from _alignment(list(map(SoftAlignment.of, pairs, alphas)), f", head {head + 1}")


@torch.no_grad()
def within(model: Transformer) -> Iterator[dict]:
    """How much each head of the encoder looks from the Hindi word of a question at the places that tell its meaning."""
    found = []
    for batch in make_batches([q.pair for q in asked()], model.source_vocab, model.target_vocab, 128):
        _, alphas = model.look_within(batch.source)
        for b, i in enumerate(batch.indices):
            q, hints = asked()[i], list(asked()[i].hints)
            found.append({"kind": q.kind, "chance": len(hints) / (len(q.pair.source) + 1)})
            for layer, alpha in enumerate(alphas, 1):
                on_hints = alpha[b, :, q.j, hints].sum(1).tolist()
                found[-1] |= {f"layer {layer}, head {head}": a for head, a in enumerate(on_hints, 1)}
    for kind, row in pd.DataFrame(found).groupby("kind", sort=False).mean().iterrows():
        yield from ({"measure": f"α within, {head}", "where": kind, "value": value} for head, value in row.items())


def without(model: Transformer) -> Iterator[dict]:
    """The share of right answers where the encoder's heads are switched off: each by itself, each layer, and all."""
    parts = [cast(Layer, layer).self_attention for layer in model.encoder]
    every = [(part, head) for part in range(len(parts)) for head in range(parts[0].heads)]
    cases = {f"layer {part + 1}, head {head + 1}": [(part, head)] for part, head in every}
    cases |= {f"layer {n + 1}": [where for where in every if where[0] == n] for n in range(len(parts))}
    for name, off in {**cases, "all layers": every}.items():
        with ExitStack() as stack:
            for n, part in enumerate(parts):
                stack.enter_context(without_heads(part, [head for at, head in off if at == n]))
            found = summary(answers(cast(Translator, model), asked()))["accuracy"]
        yield from ({"measure": f"accuracy without {name}", "where": kind, "value": x} for kind, x in found.items())


def stored() -> pd.DataFrame:
    """The rows that were made with this corpus."""
    table = pd.read_csv(FILE) if FILE.exists() else pd.DataFrame(columns=COLUMNS)
    return table[table["corpus"] == corpus_checksum()]


def write(table: pd.DataFrame) -> None:
    """Store the rows."""
    write_whole(FILE, table.to_csv(index=False, lineterminator="\n").encode())


def result(name: str, seed: int, settings: Settings) -> float:
    """The validation BLEU of a model, which is trained and measured if that was not done before."""
    run = dict(zip(KEY, (corpus_checksum(), name, seed, *settings), strict=True))
    table = stored()
    if not (table[KEY] == pd.Series(run)).all(axis=1).any():
        new = pd.DataFrame([run | row for row in train(name, seed, settings)], columns=COLUMNS).round({"value": 4})
        table = new if table.empty else pd.concat([table, new], ignore_index=True)
        write(table)
    rows = table[(table[KEY] == pd.Series(run)).all(axis=1)]
    return rows.set_index("measure").loc[VALID, "value"]


def best(row: Sequence[float], score: Callable[[float], float]) -> float:
    """The number of a row with the highest score: of those in the middle, and of the next one if the best is the last.

    Args:
        row: in order. The first and the last one are tried only where their neighbour is the best.
    """
    scores = {x: score(x) for x in row[1:-1]}
    winner = max(scores, key=scores.__getitem__)
    beyond = {row[1]: row[0], row[-2]: row[-1]}.get(winner)
    if beyond is not None:
        scores[beyond] = score(beyond)
    return max(scores, key=scores.__getitem__)


def search(name: str) -> Settings:
    """The learning rate and the weight decay of a model with the highest validation BLEU, seed 0."""
    rate = best(RATES, lambda rate: result(name, 0, (rate, COMMON.weight_decay)))
    return rate, best(DECAYS, lambda decay: result(name, 0, (rate, decay)))


def main() -> None:
    """Find the settings of each model, then train it with the other seeds; the controls have the Transformer's.

    Of the settings that were not chosen, only the validation BLEU is kept.
    """
    settings: dict[str, Settings] = {}
    for name in MODELS:
        settings[name] = settings["Transformer"] if name in CONTROLS else search(name)
        for seed in SEEDS:
            print(f"{name}, seed {seed}: validation BLEU {result(name, seed, settings[name]):.1f}", flush=True)
    table = stored()
    chosen = [
        (row.learning_rate, row.weight_decay) == settings.get(row.model, settings["Transformer"])
        for row in table.itertuples()
    ]
    write(table[pd.Series(chosen, table.index) | (table["measure"] == VALID)])


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    main()
