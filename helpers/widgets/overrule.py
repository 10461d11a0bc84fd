"""One decoder step done again with other weights: what happens if we overrule the oracle? Taught in notebook 03."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from helpers.batching import BOS, END, EOS, PAD
from helpers.corpus.pairs import Pair
from helpers.models import Translator
from helpers.oracle import oracle_alpha

LONGEST = 100  # words, as in `translate`


class Step(NamedTuple):
    """One step of greedy search: what it starts from, and what comes out."""

    before: int  # the number of the word before
    state: tuple[Tensor, ...]  # the decoder's state before the step
    p: Tensor  # (words,) the distribution of the next word
    word: str


class Decoding:
    """A sentence in the decoder, kept step by step, so that a step can be done again without those before it.

    Args:
        model: a translator that is told its weights, such as the oracle model.
        pair: a sentence and its alignment, which gives the true weights, `alpha` (T_y + 1, T_x + 1).
    Raises:
        ValueError: a model that is not told its weights, or a pair without alignment.
    """

    @torch.no_grad()
    def __init__(self, model: Translator, pair: Pair):
        if model.config.weights is None:
            raise ValueError(
                f"the {model.config.context} model takes no weights from you: train one that is told its "
                'weights, as in oracle, _ = trained(*recipe("oracle"), train, valid)'
            )
        self.model, self.source = model, (*pair.source, END)
        self.alpha = oracle_alpha(pair, model.config.weights)
        self.device = next(model.parameters()).device
        source = torch.tensor([model.source_vocab.encode(pair.source)], device=self.device)
        self.encoded, first_state = model.encode(source, torch.tensor([len(self.source)]))
        self.steps = self._search(BOS, first_state, self.alpha, LONGEST + 1)

    def again(self, t: int, weights: Sequence[float] | Tensor) -> list[Step]:
        """All steps, if step t (counted from 1) gets these weights, and the others the true ones.

        Args:
            weights: (T_x + 1) numbers from 0 up, for the source words and `</s>`; they are divided by their sum.
        Raises:
            ValueError: a step or weights that do not fit the sentence.
        """
        if t not in range(1, len(self) + 1):
            raise ValueError(f"there is no step {t}: this sentence has the steps 1 to {len(self)}, </s> included")
        given = torch.as_tensor(weights, dtype=torch.float32).cpu()
        if given.shape != (len(self.source),):
            raise ValueError(
                f"{len(self.source)} weights are needed, one for each of {', '.join(self.source)}; these "
                f"are {given.numel()}"
            )
        if not given.isfinite().all() or (given < 0).any():
            raise ValueError(f"weights are numbers from 0 up, such as 0.5; these are {given.tolist()}")
        if given.sum() == 0:
            raise ValueError("All weights are zero, so there is nothing to average. Give at least one word a weight.")
        start, alpha = self.steps[t - 1], torch.cat([(given / given.sum()).unsqueeze(0), self.alpha[t:]])
        return self.steps[: t - 1] + self._search(start.before, start.state, alpha, LONGEST + 2 - t)

    def __len__(self) -> int:
        """The number of steps that have weights of their own."""
        return min(len(self.steps), len(self.alpha))

    @torch.no_grad()
    def _search(self, word: int, state: tuple[Tensor, ...], alpha: Tensor, most: int) -> list[Step]:
        """Greedy search with a row of α for each step; beyond its last row it uses the last row."""
        steps: list[Step] = []
        while len(steps) < most and word != EOS:
            alpha_t = alpha[min(len(steps), len(alpha) - 1)].unsqueeze(0).to(self.device)
            before = torch.tensor([word], device=self.device)
            log_p, next_state, _ = self.model.step(before, state, self.encoded, alpha_t)
            p = log_p[0].exp().cpu()
            best = int(p.index_fill(0, torch.tensor([PAD, BOS]), -1).argmax())  # those two are never written
            steps.append(Step(word, state, p, self.model.target_vocab.words[best]))
            word, state = best, next_state
        return steps


def next_word(model: Translator, pair: Pair, t: int, weights: Sequence[float] | Tensor) -> Tensor:
    """The distribution (words,) of the word at step t, if you set the weights of this step; see `Decoding.again`."""
    return Decoding(model, pair).again(t, weights)[t - 1].p


def distance(p: Tensor, q: Tensor) -> float:
    """Total variation distance: the share of the probability that is on other words, 0 to 1."""
    return float((p - q).abs().sum() / 2)
