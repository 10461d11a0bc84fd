"""Everything that happens at each step of the decoder: e_jt, α_jt, c_t, and the words that could come next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers.attention import check_alpha
from helpers.batching import BOS, END, UNK
from helpers.corpus.pairs import Pair
from helpers.models import Translator
from helpers.oracle import oracle_alpha
from helpers.translation import Translation, translate

LIKELIEST = 5  # so many of the next words are kept


@dataclass(frozen=True)
class Steps:
    """What one sentence does to a model, step by step. `</s>` is counted at both ends.

    Raises:
        ValueError: α or another part does not fit the words, or is not made of finite numbers.
    """

    source: tuple[str, ...]  # T_x words
    target: tuple[str, ...]  # T_y words: step t writes target[t]
    alpha: Tensor  # (T_y, T_x), rows sum to 1
    e: Tensor | None  # (T_y, T_x); None where somebody gave α
    c: Tensor  # (T_y, D_h)
    likeliest: list[list[tuple[str, float]]]  # for each step: next words and their probabilities, the highest first
    p: list[float]  # the probability of target[t]

    def __post_init__(self):
        shape = len(self.target), len(self.source)
        check_alpha(self.alpha, shape)
        if self.e is not None and (self.e.shape != shape or not self.e.isfinite().all()):
            raise ValueError(f"e has shape {tuple(self.e.shape)}; {shape} finite scores are needed, as many as in α")
        if self.c.dim() != 2 or len(self.c) != shape[0] or not self.c.isfinite().all():
            raise ValueError(
                f"c has shape {tuple(self.c.shape)}; a vector of finite numbers is needed for each of "
                f"the {shape[0]} steps"
            )
        if not len(self.likeliest) == len(self.p) == shape[0]:
            raise ValueError(f"next words are given for {len(self.likeliest)} of {shape[0]} steps")


@torch.no_grad()
def decoder_steps(
    model: Translator, sentence: Pair | Translation | Sequence[str] | str, alpha: Tensor | None = None
) -> Steps:
    """Run a model over one sentence, and keep what it computes at each step.

    Args:
        sentence: a pair, whose target words the decoder is given one by one; or a translation, a list of source words
            or typed text: then the decoder is given the words that it wrote itself.
        alpha: (T_y + 1, T_x + 1) weights set by hand, for a model that is told its weights.
    Raises:
        ValueError: the model has no α, or lacks it, or makes its own; or α does not fit the words.
    """
    source, target, alpha = _words(model, sentence, alpha)
    was_training, device = model.training, next(model.parameters()).device
    model.eval()
    ids = torch.tensor([model.source_vocab.encode(source)], device=device)
    encoded, state = model.encode(ids, torch.tensor([ids.size(1)]))
    before, found = BOS, []
    for t, word in enumerate(target):
        e_t, alpha_t = None, None if alpha is None else alpha[t].unsqueeze(0).to(device)
        if model.attention is None:
            c_t = model.given_context(encoded, alpha_t.unsqueeze(1)).squeeze(1)
        else:
            c_t, alpha_t, e_t = model.attention(state[0], encoded.h, encoded.keys, encoded.mask)
        log_p, state, _ = model.step(torch.tensor([before], device=device), state, encoded, alpha_t)
        before = model.target_vocab.ids.get(word, UNK)
        p, best = log_p[0].exp().topk(min(LIKELIEST, log_p.size(1)))
        likeliest = [(model.target_vocab.words[i], x) for i, x in zip(best.tolist(), p.tolist(), strict=True)]
        found.append((alpha_t[0], e_t if e_t is None else e_t[0], c_t[0], likeliest, log_p[0, before].exp().item()))
    model.train(was_training)
    alphas, e, c, likeliest, p = map(list, zip(*found, strict=True))
    e = None if model.attention is None else torch.stack(e).cpu()
    return Steps((*source, END), target, torch.stack(alphas).cpu(), e, torch.stack(c).cpu(), likeliest, p)


def _words(model: Translator, sentence, alpha: Tensor | None) -> tuple[tuple[str, ...], tuple[str, ...], Tensor | None]:
    """Source words; the target words that the decoder is given, with `</s>`; and α, if the model is told it."""
    told = model.config.weights
    if model.attention is None and told is None:
        raise ValueError("the vanilla model has no α: it looks at one vector at every step")
    if alpha is not None and told is None:
        raise ValueError(
            "the learned model works out its own α: only a model that is told its weights, such as "
            "'oracle', takes alpha=…"
        )
    if alpha is not None:
        alpha = torch.as_tensor(alpha, dtype=torch.float32)
    if isinstance(sentence, Pair):
        target = *sentence.target, END
        alpha = oracle_alpha(sentence, told) if told and alpha is None else alpha
        columns = len(sentence.source) + 1
    else:
        if not isinstance(sentence, Translation):
            if told and alpha is None:
                raise ValueError(
                    f"the {model.config.context} model must be told where to look: explore a pair with "
                    "its alignment, or give alpha=… with a row for each step, a column for each word"
                )
            sentence = translate(model, [sentence], alphas=None if alpha is None else [alpha])[0]
            alpha = None
        columns = len(sentence.source) + 1
        rows = len(sentence.target) + 1 if sentence.alpha is None else len(sentence.alpha)
        target = (*sentence.target, END)[:rows]  # a translation that was cut off has no `</s>`
        alpha = sentence.alpha if told and alpha is None else alpha
    if told:
        check_alpha(alpha, (len(target), columns))
    return tuple(sentence.source), target, alpha
