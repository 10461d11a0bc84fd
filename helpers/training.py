"""Training a translator, and keeping what was trained."""

from __future__ import annotations

import ast
import hashlib
import inspect
import io
import json
import random
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

import torch
from torch import nn
from tqdm import tqdm

from helpers import attention, batching, evaluation, models, oracle, steps, translation, vocabulary
from helpers.batching import make_batches
from helpers.corpus.cache import cache_folder, write_whole
from helpers.corpus.pairs import Pair
from helpers.evaluation import bleu
from helpers.models import ModelConfig, Translator
from helpers.oracle import Oracle, SoftAlignment
from helpers.steps import Steps, decoder_steps
from helpers.translation import translate
from helpers.vocabulary import END, PAD, Vocabulary


@dataclass(frozen=True)
class TrainingConfig:
    """How a translator is trained."""

    epochs: int = 6
    batch_size: int = 32
    learning_rate: float = 3e-3  # the highest of one cycle, reached after the warm-up, a tenth of the steps
    weight_decay: float = 0.4  # of AdamW; without it, α learns the training sentences by heart
    clip: float = 1.0  # the largest gradient norm
    label_smoothing: float = 0.0
    min_count: int = 1  # words seen less often than this are <unk>
    seed: int = 0


@dataclass(frozen=True)
class Recipe:
    """How one of the course's translators is built and trained, and who tells it where to look."""

    name: str
    model: ModelConfig
    training: TrainingConfig
    oracle: Oracle | None = None


@dataclass
class History:
    """What was seen in training, one entry an epoch."""

    loss: list[float] = field(default_factory=list)  # nats a word
    bleu: list[float] = field(default_factory=list)  # of the validation sentences
    seconds: list[float] = field(default_factory=list)
    watched: list[Steps] = field(default_factory=list)  # of the watched sentence
    interrupted: bool = False

    @classmethod
    def from_dict(cls, stored: dict) -> History:
        """The history that `asdict` made a dictionary of."""
        watched = [Steps(**s | {"alignment": SoftAlignment(**s["alignment"])}) for s in stored["watched"]]
        return cls(**stored | {"watched": watched})


def pick_device() -> torch.device:
    """CUDA, else MPS (Apple), else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def new_translator(model: ModelConfig, training: TrainingConfig, train: Sequence[Pair]) -> Translator:
    """An untrained translator that knows the words of these pairs; the seed fixes its first weights."""
    torch.manual_seed(training.seed)
    source = Vocabulary.of((p.source for p in train), training.min_count)
    target = Vocabulary.of((p.target for p in train), training.min_count)
    return Translator(model, source, target)


def fit(
    model: Translator,
    train: Sequence[Pair],
    valid: Sequence[Pair],
    config: TrainingConfig = TrainingConfig(),
    oracle: Oracle | None = None,
    watch: Pair | None = None,
    after_epoch: Callable[[Translator, History], None] | None = None,
    name: str = "training",
    device: torch.device | None = None,
    progress: bool = True,
) -> History:
    """Train a translator by teacher forcing, and leave it with the weights of its best epoch.

    Interrupt it (the ■ button, or I I) whenever you like: the best epoch so far is kept and can be used.

    Args:
        valid: sentences whose BLEU says which epoch is the best.
        oracle: who gives the weights, for a model that is told them, such as `oracle_alpha`.
        watch: a pair whose steps are noted after each epoch, for a model with α.
        after_epoch: called with the model and the history so far.
        name: what the progress bar is called.
    Raises:
        ValueError: no epoch or no pairs; weights are missing, or the model takes none; the model has no α to watch.
    """
    if config.epochs < 1 or config.batch_size < 1:
        raise ValueError(f"epochs={config.epochs}, batch_size={config.batch_size}: both are whole numbers from 1 on")
    torch.manual_seed(config.seed)
    device = device or pick_device()
    model.to(device)
    batches = make_batches(train, model.source_vocab, model.target_vocab, config.batch_size, oracle, config.seed)
    batches = [b.to(device) for b in batches]
    optimizer = torch.optim.AdamW(model.parameters(), config.learning_rate, weight_decay=config.weight_decay)
    total_steps = config.epochs * len(batches)
    warm_up = 0.1 if total_steps != 10 else 0.2  # torch divides by 0 if the warm-up is a single step
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=total_steps, pct_start=warm_up
    )
    criterion = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=config.label_smoothing)
    half = device.type == "cuda"  # mixed precision, where it pays
    scaler = torch.amp.GradScaler(device.type, enabled=half)
    rng, history, best = random.Random(config.seed), History(), None
    references = [" ".join(p.target) for p in valid]

    def steps_of_watched() -> list[Steps]:
        if watch is None:
            return []
        return [decoder_steps(model, watch.source, (*watch.target, END), None if oracle is None else oracle(watch))]

    steps_of_watched()  # a model without α says so before it is trained
    with tqdm(
        total=total_steps, desc=name, unit="batch", file=sys.stdout, mininterval=0.5, disable=not progress
    ) as bar:
        try:
            for epoch in range(config.epochs):
                start, total = time.perf_counter(), torch.zeros((), device=device)
                model.train()
                # Short sentences come first in the first epoch: in them, what belongs together is found soonest.
                for batch in rng.sample(batches, len(batches)) if epoch else batches:
                    with torch.autocast(device.type, torch.float16, enabled=half):
                        logits, _ = model(batch)
                        loss = criterion(logits.flatten(0, 1), batch.target_out.flatten())
                    optimizer.zero_grad()
                    scaler.scale(loss).backward()
                    scaler.unscale_(optimizer)
                    nn.utils.clip_grad_norm_(model.parameters(), config.clip)
                    scaler.step(optimizer)
                    scaler.update()
                    schedule.step()
                    total += loss.detach()
                    bar.update()
                score, seen = bleu(translate(model, valid, oracle=oracle), references), steps_of_watched()
                history.loss.append(float(total) / len(batches))
                history.bleu.append(score)
                history.watched += seen
                history.seconds.append(time.perf_counter() - start)
                bar.set_postfix_str(f"loss {history.loss[-1]:.2f}, validation BLEU {history.bleu[-1]:.1f}")
                if history.bleu[-1] >= max(history.bleu):
                    best = {part: value.detach().clone() for part, value in model.state_dict().items()}
                if after_epoch is not None:
                    after_epoch(model, history)
        except KeyboardInterrupt:
            history.interrupted = True
    if best is not None:
        model.load_state_dict(best)
    model.eval()
    return history


def fit_or_load(
    recipe: Recipe, train: Sequence[Pair], valid: Sequence[Pair], watch: Pair | None = None
) -> tuple[Translator, History]:
    """A trained translator: from the cache if this one was trained before, else trained now and kept.

    Only a training that ran to its end is kept.
    """
    path = cache_folder() / f"{recipe.name.replace(' ', '-')}-{_key(recipe, train, valid, watch)}.pt"
    translator = new_translator(recipe.model, recipe.training, train)
    if path.exists():
        content = path.read_bytes()  # once: another process may replace the file
        if hashlib.sha256(content[32:]).digest() == content[:32]:
            stored = torch.load(io.BytesIO(content[32:]), map_location="cpu", weights_only=True)
            translator.load_state_dict(stored["state"])
            history = History.from_dict(stored["history"])
            print(f"{recipe.name}: taken from the cache (its training took {sum(history.seconds):.0f} s)")
            return translator.to(pick_device()).eval(), history
        print(f"{recipe.name}: the stored model is damaged, so it is trained again")
    history = fit(translator, train, valid, recipe.training, recipe.oracle, watch, name=recipe.name)
    if history.interrupted:
        print("interrupted: this is the best model so far; it is not kept in the cache")
    else:
        buffer = io.BytesIO()
        torch.save({"state": translator.state_dict(), "history": asdict(history)}, buffer)
        content = buffer.getvalue()
        try:
            write_whole(path, hashlib.sha256(content).digest() + content)
        except OSError as error:
            print(f"{recipe.name}: could not be kept in the cache ({error})")
    return translator, history


# What decides the weights of a trained model, and what is noted of it; a docstring or a comment in it does not.
DECIDES: tuple = (vocabulary, attention, batching, oracle, models, translation, steps)
DECIDES += (evaluation.metrics, bleu, TrainingConfig, History, new_translator, fit)


def _key(recipe: Recipe, train: Sequence[Pair], valid: Sequence[Pair], watch: Pair | None) -> str:
    asked = [asdict(recipe.model), asdict(recipe.training), watch and asdict(watch)]
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
    for pairs in (train, valid):
        digest.update(repr([(p.source, p.target, p.links) for p in pairs]).encode())
    if recipe.oracle is not None:  # by what it says, since a function has no lasting name
        digest.update(repr([recipe.oracle(pair).tolist() for pair in valid]).encode())
    for part in DECIDES:
        digest.update(_code(inspect.getsource(part)).encode())
    return digest.hexdigest()[:16]


def _code(source: str) -> str:
    """Python code in one layout, without its comments and docstrings."""
    tree = ast.parse(textwrap.dedent(source))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
