"""What a training has seen so far, and how it is shown while it runs: a bar for each model, and α as it grows."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from IPython import get_ipython
from IPython.display import DisplayHandle, display
from tqdm import tqdm

from helpers import plots
from helpers.oracle import SoftAlignment
from helpers.steps import Steps


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


@dataclass(frozen=True)
class Watched:
    """The watched sentence at one moment of a training."""

    steps: Steps
    written: str  # how the model translates it now


@dataclass(frozen=True)
class Progress:
    """How far a training is."""

    name: str
    epochs: int  # in all
    total: int  # batches in all
    done: int = 0
    history: History = field(default_factory=History)  # of the epochs that are over
    watched: Watched | None = None  # when it is looked at


class View:
    """Shows trainings while they run. Call it with each `Progress`; the last picture stays.

    In a notebook the bars, and for a watched sentence its α, its translation and the curves, are redrawn in place.
    Elsewhere there are the bars alone.
    """

    def __init__(self) -> None:
        self.bars: dict[str, tqdm] = {}
        self.lines: dict[str, str] = {}  # what the bars say, in a notebook
        self.handle: DisplayHandle | None = None  # of all lines
        self.pictures: dict[str, tuple[plots.GrowingAlpha, DisplayHandle]] = {}
        self.in_notebook = hasattr(get_ipython(), "kernel")

    def __call__(self, progress: Progress) -> None:
        """Show how far this training is."""
        name, history = progress.name, progress.history
        if name not in self.bars:
            bar = partial(_Line, self._write) if self.in_notebook else partial(tqdm, file=sys.stdout)
            self.bars[name] = bar(total=progress.total, desc=name, unit="batch", position=len(self.bars))
        bar = self.bars[name]
        if progress.done == 0:
            bar.reset()  # the clock starts now
        if history.loss:
            bar.set_postfix_str(f"loss {history.loss[-1]:.2f}, validation BLEU {history.bleu[-1]:.1f}", refresh=False)
        bar.update(progress.done - bar.n)
        if progress.done == progress.total:
            bar.close()
        if progress.watched is not None and self.in_notebook:
            self._draw(progress, progress.watched)

    def __enter__(self) -> View:
        return self

    def __exit__(self, *_) -> None:
        for bar in self.bars.values():
            bar.close()

    def _write(self, name: str, line: str) -> None:
        self.lines[name] = line
        self.handle = _put(self.handle, {"text/plain": "\n".join(self.lines.values())})

    def _draw(self, progress: Progress, now: Watched) -> None:
        picture, handle = self.pictures.get(progress.name, (None, None))
        if picture is None:
            picture = plots.GrowingAlpha(now.steps.alignment, progress.epochs)
        passes, history = progress.done * progress.epochs / progress.total, progress.history
        drawn = picture.draw(now.steps.alignment.alpha, now.written, passes, history.loss, history.bleu)
        self.pictures[progress.name] = picture, _put(handle, *drawn)


def _put(handle: DisplayHandle | None, data: dict, metadata: dict | None = None) -> DisplayHandle:
    """Display something where the handle drew before, or in a new place."""
    if handle is None:
        return display(data, metadata=metadata, raw=True, display_id=True)
    handle.update(data, metadata=metadata, raw=True)
    return handle


class _Line(tqdm):
    """A bar in a notebook: a line of the text that shows all of them."""

    def __init__(self, write: Callable[[str, str], None], **options):
        self.write_line = write
        super().__init__(file=io.StringIO(), ascii=False, ncols=100, **options)

    def display(self, msg=None, pos=None):
        self.write_line(self.desc, str(self))
