"""Training a translator, and keeping what was trained."""

from __future__ import annotations

import ast
import hashlib
import inspect
import io
import json
import random
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from math import ceil, inf, isfinite
from pathlib import Path
from pickle import UnpicklingError
from types import MappingProxyType

import torch
from torch import Tensor, nn

from helpers import attention, batching, evaluation, models, oracle, steps, translation, vocabulary
from helpers.batching import Batch, make_batches
from helpers.cores import side_by_side
from helpers.corpus.cache import cache_folder, write_whole
from helpers.corpus.pairs import Pair
from helpers.evaluation import bleu
from helpers.models import ModelConfig, Translator
from helpers.oracle import Oracle
from helpers.progress import History, Progress, View, Watched
from helpers.steps import decoder_steps
from helpers.translation import translate
from helpers.vocabulary import END, PAD, Vocabulary

BETWEEN = 0.25  # seconds between two reports


@dataclass(frozen=True)
class TrainingConfig:
    """How a translator is trained.

    Raises:
        ValueError: a number that cannot be meant; the message says which are allowed.
    """

    epochs: int = 6
    batch_size: int = 32
    learning_rate: float = 3e-3  # the highest of one cycle, reached after the warm-up, a tenth of the steps
    weight_decay: float = 0.4  # of AdamW; without it, α learns the training sentences by heart
    clip: float = 1.0  # the largest gradient norm
    label_smoothing: float = 0.0
    min_count: int = 1  # words seen less often than this are <unk>
    seed: int = 0

    def __post_init__(self):
        for name in ("epochs", "batch_size", "min_count"):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)!r}: it is a whole number from 1 on")
        for name, usual in (("learning_rate", 3e-3), ("clip", 1.0)):
            if not 0 < getattr(self, name) < inf:
                raise ValueError(f"{name}={getattr(self, name)}: it is a number above 0, such as {usual}")
        if not 0 <= self.label_smoothing < 1 or not 0 <= self.weight_decay < inf:
            raise ValueError(
                f"label_smoothing={self.label_smoothing}, weight_decay={self.weight_decay}: the first is from 0 to "
                "below 1, the second from 0 on; 0 does without"
            )


@dataclass(frozen=True)
class Recipe:
    """How one of the course's translators is built and trained, and who tells it where to look."""

    name: str
    model: ModelConfig
    training: TrainingConfig
    oracle: Oracle | None = None
    prepare: Callable[[Sequence[Pair]], Sequence[Pair]] = list  # what is done to all pairs before


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
    name: str = "training",
    device: torch.device | None = None,
    report: Callable[[Progress], None] | None = None,
) -> History:
    """Train a translator by teacher forcing, and leave it with the weights of its best epoch.

    Interrupt it (the ■ button, or I I) whenever you like: the best epoch so far is kept and can be used.

    Args:
        valid: sentences whose BLEU says which epoch is the best.
        oracle: who gives the weights, for a model that is told them, such as `oracle_alpha`.
        watch: a pair whose steps are noted after each epoch, for a model with α; it is drawn while the model trains.
        name: what the progress bar is called.
        report: called a few times a second and after each epoch; by default the progress is shown.
    Raises:
        ValueError: no pairs; weights are missing, or the model takes none; the model has no α to watch; the loss is no
            longer a number.
    """
    if report is None:
        with View() as view:
            return fit(model, train, valid, config, oracle, watch, name, device, view)
    torch.manual_seed(config.seed)
    device = device or pick_device()
    model.to(device)
    batches = make_batches(train, model.source_vocab, model.target_vocab, config.batch_size, oracle, config.seed)
    batches = [b.to(device) for b in batches]
    updates = _Updates(model, config, device, config.epochs * len(batches))
    rng, history, best = random.Random(config.seed), History(), None
    references = _references(valid)
    first_looks = {len(batches) // n for n in (32, 16, 8, 4, 2)} - {0}  # in the first epoch, where α changes most

    def look() -> Watched | None:
        if watch is None:
            return None
        steps = decoder_steps(model, watch.source, (*watch.target, END), None if oracle is None else oracle(watch))
        return Watched(steps, str(translate(model, [watch], oracle=oracle)[0]))

    def tell(done: int, watched: Watched | None = None) -> float:
        report(Progress(name, config.epochs, config.epochs * len(batches), done, history, watched))
        return time.perf_counter()

    try:
        told = tell(0, look())  # a model without α says so before it is trained
        for epoch in range(config.epochs):
            start, total = time.perf_counter(), torch.zeros((), device=device)
            model.train()
            # Short sentences come first in the first epoch: in them, what belongs together is found soonest.
            for i, batch in enumerate(rng.sample(batches, len(batches)) if epoch else batches):
                if epoch == 0 and i in first_looks:
                    tell(i, look())
                elif time.perf_counter() - told > BETWEEN:
                    told = tell(epoch * len(batches) + i)
                total += updates.make(batch)
            loss = _mean(total, len(batches), config)
            score, watched = bleu(translate(model, valid, oracle=oracle), references), look()
            history.loss.append(loss)
            history.bleu.append(score)
            history.watched += [watched.steps] if watched else []
            history.seconds.append(time.perf_counter() - start)
            if score >= max(history.bleu):
                best = {part: value.detach().clone() for part, value in model.state_dict().items()}
            told = tell((epoch + 1) * len(batches), watched)
    except KeyboardInterrupt:
        history.interrupted = True
    if best is not None:
        model.load_state_dict(best)
    model.eval()
    return history


def _references(valid: Sequence[Pair]) -> list[str]:
    if not valid:
        raise ValueError("there are no validation sentences: they say which epoch is the best")
    return [" ".join(pair.target) for pair in valid]


def _mean(total: Tensor, batches: int, config: TrainingConfig) -> float:
    """The mean loss of an epoch, if it is a number."""
    loss = float(total) / batches
    if not isfinite(loss):
        raise ValueError(
            f"the training went astray: its loss is {loss}. learning_rate={config.learning_rate} is too high: try a "
            "tenth of it"
        )
    return loss


class _Updates:
    """Updates of the weights, one batch at a time, at a learning rate that rises and falls once."""

    def __init__(self, model: Translator, config: TrainingConfig, device: torch.device, steps: int):
        self.model, self.config, self.device = model, config, device
        self.optimizer = torch.optim.AdamW(
            model.parameters(), config.learning_rate, weight_decay=config.weight_decay, fused=device.type != "mps"
        )
        warm_up = 0.1 if steps != 10 else 0.2  # torch divides by 0 if the warm-up is a single step
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, config.learning_rate, total_steps=steps, pct_start=warm_up
        )
        self.criterion = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=config.label_smoothing)
        self.half = device.type == "cuda"  # mixed precision, where it pays
        self.scaler = torch.amp.GradScaler(device.type, enabled=self.half)

    def make(self, batch: Batch) -> Tensor:
        """Learn from a batch: its loss, before the update."""
        with torch.autocast(self.device.type, torch.float16, enabled=self.half):
            logits, _ = self.model(batch)
            loss = self.criterion(logits.flatten(0, 1), batch.target_out.flatten())
        self.optimizer.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.schedule.step()
        return loss.detach()


def fit_all(
    models: Mapping[str, Translator],
    train: Sequence[Pair],
    valid: Sequence[Pair],
    config: TrainingConfig | Mapping[str, TrainingConfig] = TrainingConfig(),
) -> dict[str, History]:
    """Train several models side by side, each just as `fit` would, and leave each with the weights of its best epoch.

    Interrupt it whenever you like, as `fit`; a model that was not begun by then stays untrained.

    Args:
        config: one for all models, or for each name its own.
    """
    configs = dict.fromkeys(models, config) if isinstance(config, TrainingConfig) else config
    return _side_by_side([partial(fit, model, train, valid, configs[n], name=n) for n, model in models.items()])


def fit_or_load(
    recipe: Recipe,
    train: Sequence[Pair],
    valid: Sequence[Pair],
    watch: Pair | None = None,
    report: Callable[[Progress], None] | None = None,
) -> tuple[Translator, History]:
    """A trained translator: from the cache if this one was trained before, else trained now and kept.

    Only a training that ran to its end is kept.

    Args:
        watch, report: see `fit`.
    """
    watched = {} if watch is None else {recipe.name: watch}
    return fit_or_load_all([recipe], train, valid, watched, report)[recipe.name]


def fit_or_load_all(
    recipes: Sequence[Recipe],
    train: Sequence[Pair],
    valid: Sequence[Pair],
    watch: Mapping[str, Pair] = MappingProxyType({}),
    report: Callable[[Progress], None] | None = None,
) -> dict[str, tuple[Translator, History]]:
    """Several trained translators, by name; see `fit_or_load`. Those that are not in the cache train side by side.

    Args:
        watch: for the names of some recipes, a pair that is watched.
        report: see `fit`.
    Raises:
        ValueError: two recipes have the same name.
    """
    if len({recipe.name for recipe in recipes}) < len(recipes):
        raise ValueError(f"two recipes have the same name: {', '.join(r.name for r in recipes)}")
    translators, histories, paths, trainings = {}, {}, {}, []
    for recipe in recipes:
        name, seen = recipe.name, watch.get(recipe.name)
        pairs = recipe.prepare(train), recipe.prepare(valid)
        translators[name] = model = new_translator(recipe.model, recipe.training, pairs[0])
        paths[name] = _path(recipe, *pairs)
        history = _load(model, paths[name], name, seen)
        if history is None:
            trainings.append(partial(fit, model, *pairs, recipe.training, recipe.oracle, seen, name=name))
        else:
            histories[name] = history
    for name, history in _side_by_side(trainings, report).items():
        histories[name] = history
        _keep(translators[name], history, paths[name], name, watch.get(name))
    return {recipe.name: (translators[recipe.name], histories[recipe.name]) for recipe in recipes}


def load(recipe: Recipe, train: Sequence[Pair], valid: Sequence[Pair]) -> Translator | None:
    """The trained translator of a recipe if it is in the cache, else None: where it is not worth a training."""
    pairs = recipe.prepare(train), recipe.prepare(valid)
    model = new_translator(recipe.model, recipe.training, pairs[0])
    return None if _load(model, _path(recipe, *pairs), recipe.name, None) is None else model


def _path(recipe: Recipe, train: Sequence[Pair], valid: Sequence[Pair]) -> Path:
    """Where the cache has the model of this recipe that was trained on these pairs."""
    return cache_folder() / f"{recipe.name.replace(' ', '-')}-{_key(recipe, train, valid)}.pt"


def _load(model: Translator, path: Path, name: str, watch: Pair | None) -> History | None:
    """Give the model the weights of the cache; None if they are not there, cannot be read, or are damaged.

    None as well if a pair is to be watched, and another one or none was.
    """
    try:
        content = path.read_bytes()  # once: another process may replace the file
    except FileNotFoundError:
        return None
    except OSError as error:
        print(f"{name}: the cache cannot be read ({error}), so it is trained again")
        return None
    try:
        if hashlib.sha256(content[32:]).digest() != content[:32]:
            raise ValueError
        stored = torch.load(io.BytesIO(content[32:]), map_location="cpu", weights_only=True)
        if watch is not None and stored.get("watch") != asdict(watch):
            return None
        history = History.from_dict(stored["history"])
        model.load_state_dict(stored["state"])
    except (ValueError, KeyError, TypeError, RuntimeError, UnpicklingError):
        print(f"{name}: the stored model is damaged, so it is trained again")
        return None
    model.to(pick_device()).eval()
    print(f"{name}: taken from the cache (its training took {sum(history.seconds):.0f} s)")
    return history


def _keep(model: Translator, history: History, path: Path, name: str, watch: Pair | None) -> None:
    """Put a model into the cache if its training ran to its end."""
    if history.interrupted:
        print(f"{name}: interrupted; this is the best model so far, and it is not kept in the cache")
        return
    buffer = io.BytesIO()
    watched = None if watch is None else asdict(watch)
    torch.save({"state": model.state_dict(), "history": asdict(history), "watch": watched}, buffer)
    content = buffer.getvalue()
    try:
        write_whole(path, hashlib.sha256(content).digest() + content)
    except OSError as error:
        print(f"{name}: could not be kept in the cache ({error})")


def _side_by_side(
    trainings: Sequence[partial[History]], report: Callable[[Progress], None] | None = None
) -> dict[str, History]:
    """Run calls of `fit` at the same time; each model gets the weights that its process found."""
    if report is None:
        with View() as view:
            return _side_by_side(trainings, view)
    named = {training.keywords["name"]: partial(training, device=pick_device()) for training in trainings}
    for name, training in named.items():
        _, train, _, config = training.args[:4]
        report(Progress(name, config.epochs, config.epochs * ceil(len(train) / config.batch_size)))
    tasks = {name: partial(_apart, training) for name, training in named.items()}
    results = side_by_side(tasks, lambda _, progress: report(progress))
    histories = {}
    for name, training in named.items():
        model = training.args[0]
        state, histories[name] = results.get(name, (model.state_dict(), History(interrupted=True)))
        model.load_state_dict(state)
        model.to(pick_device()).eval()
    return histories


def _apart(training: partial[History], report: Callable[[Progress], None]) -> tuple[dict[str, Tensor], History]:
    """Train in a process of its own: the weights, on the CPU, and what was seen."""
    history = training(report=report)
    return {part: value.cpu() for part, value in training.args[0].state_dict().items()}, history


# What decides the weights of a trained model, and what is noted of it; a docstring or a comment in it does not.
DECIDES: tuple = (vocabulary, attention, batching, oracle, models, translation, steps)
DECIDES += (evaluation.metrics, bleu, TrainingConfig, History, new_translator, fit, _Updates)


def _key(recipe: Recipe, train: Sequence[Pair], valid: Sequence[Pair]) -> str:
    asked = [asdict(recipe.model), asdict(recipe.training)]
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
