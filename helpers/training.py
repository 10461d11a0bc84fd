"""Training a translator, and keeping what was trained."""

from __future__ import annotations

import hashlib
import io
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm

from helpers import batching, models, steps
from helpers.batching import PAD, Vocabulary, make_batches
from helpers.corpus.cache import cache_folder, write_whole
from helpers.corpus.pairs import Pair
from helpers.evaluation import bleu
from helpers.models import ModelConfig, Translator
from helpers.steps import Steps, decoder_steps
from helpers.translation import translate


@dataclass(frozen=True)
class TrainingConfig:
    """How a translator is trained."""

    epochs: int = 6
    batch_size: int = 32
    learning_rate: float = 3e-3  # the highest of one cycle, reached after a tenth of the steps
    weight_decay: float = 0.4  # of AdamW; without it, α learns the training sentences by heart
    clip: float = 1.0  # the largest norm of the gradient
    label_smoothing: float = 0.0
    min_count: int = 1  # words seen less often than this are <unk>
    seed: int = 0


@dataclass
class History:
    """What was seen in training, one entry an epoch."""

    loss: list[float] = field(default_factory=list)  # nats a word
    bleu: list[float] = field(default_factory=list)  # of the validation sentences
    seconds: list[float] = field(default_factory=list)
    watched: list[Steps] = field(default_factory=list)  # of the watched sentence
    interrupted: bool = False

    def __post_init__(self):  # the cache keeps plain dictionaries
        self.watched = [Steps(**s) if isinstance(s, dict) else s for s in self.watched]

    @property
    def alpha(self) -> list[list[list[float]]]:
        """α of the watched sentence after each epoch, (T_y + 1, T_x + 1)."""
        return [s.alpha.tolist() for s in self.watched]


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
    config: TrainingConfig = TrainingConfig(),  # noqa: B008
    watch: Pair | None = None,
    device: torch.device | None = None,
    progress: bool = True,
) -> History:
    """Train a translator by teacher forcing, and leave it with the weights of its best epoch.

    Interrupt it (the ■ button, or I I) whenever you like: the best epoch so far is kept and can be used.

    Args:
        valid: sentences whose BLEU says which epoch is the best.
        watch: a pair whose steps are noted after each epoch.
    """
    if config.epochs < 1 or config.batch_size < 1:
        raise ValueError(f"epochs={config.epochs}, batch_size={config.batch_size}: both are whole numbers from 1 on")
    torch.manual_seed(config.seed)
    device = device or pick_device()
    model.to(device)
    vocabularies = model.source_vocab, model.target_vocab
    batches = make_batches(train, *vocabularies, config.batch_size, model.config.weights, config.seed)
    batches = [b.to(device) for b in batches]
    optimizer = torch.optim.AdamW(model.parameters(), config.learning_rate, weight_decay=config.weight_decay)
    steps = config.epochs * len(batches)
    tenth = 0.1 if steps != 10 else 0.2  # torch divides by 0 if the way up is a single step
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.learning_rate, total_steps=steps, pct_start=tenth)
    criterion = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=config.label_smoothing)
    half = device.type == "cuda"  # mixed precision, where it pays
    scaler = torch.amp.GradScaler(device.type, enabled=half)
    dice, history, best = random.Random(config.seed), History(), None
    name = model.config.context
    with tqdm(total=steps, desc=name, unit="batch", file=sys.stdout, mininterval=0.5, disable=not progress) as bar:
        try:
            for epoch in range(config.epochs):
                start, total = time.perf_counter(), torch.zeros((), device=device)
                model.train()
                # Short sentences come first in the first epoch: in them, what belongs together is found soonest.
                for batch in dice.sample(batches, len(batches)) if epoch else batches:
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
                hypotheses = [str(t) for t in translate(model, valid)]
                watched = [decoder_steps(model, watch)] if watch and name != "vanilla" else []
                history.bleu.append(bleu(hypotheses, [" ".join(p.target) for p in valid]))
                history.loss.append(float(total) / len(batches))
                history.watched += watched
                history.seconds.append(time.perf_counter() - start)
                bar.set_postfix_str(f"loss {history.loss[-1]:.2f}, validation BLEU {history.bleu[-1]:.1f}")
                if history.bleu[-1] >= max(history.bleu):
                    best = {name: value.detach().clone() for name, value in model.state_dict().items()}
        except KeyboardInterrupt:
            history.interrupted = True
    if best is not None:
        model.load_state_dict(best)
    model.eval()
    return history


def trained(
    model: ModelConfig,
    training: TrainingConfig,
    train: Sequence[Pair],
    valid: Sequence[Pair],
    watch: Pair | None = None,
) -> tuple[Translator, History]:
    """A trained translator: from the cache if just this one was trained before, else trained now and kept.

    The key is made of the configuration, the sentences and the code. Only a training that ran to its end is kept.
    """
    asked = {"model": asdict(model), "training": asdict(training), "watch": watch and asdict(watch)}
    path = cache_folder() / f"{model.context}-{_key(asked, train, valid)}.pt"
    translator = new_translator(model, training, train)
    if path.exists():
        found = path.read_bytes()  # once: another process may replace the file
        if hashlib.sha256(found[32:]).digest() == found[:32]:
            stored = torch.load(io.BytesIO(found[32:]), map_location="cpu", weights_only=True)
            translator.load_state_dict(stored["state"])
            history = History(**stored["history"])
            print(f"{model.context}: taken from the cache (its training took {sum(history.seconds):.0f} s)")
            return translator.to(pick_device()).eval(), history
        print(f"{model.context}: the stored model is damaged, so it is trained again")
    history = fit(translator, train, valid, training, watch)
    if history.interrupted:
        print("interrupted: this is the best model so far; it is not kept in the cache")
    else:
        stored = io.BytesIO()
        torch.save({"state": translator.state_dict(), "history": asdict(history)}, stored)
        content = stored.getvalue()
        try:
            write_whole(path, hashlib.sha256(content).digest() + content)
        except OSError as error:
            print(f"{model.context}: could not be kept in the cache ({error})")
    return translator, history


def _key(asked: dict, *data: Sequence[Pair]) -> str:
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
    for pairs in data:
        digest.update(repr([(p.source, p.target, p.links) for p in pairs]).encode())
    for module in (batching, models, steps, sys.modules[__name__]):
        digest.update(Path(module.__file__).read_bytes())
    return digest.hexdigest()[:16]
