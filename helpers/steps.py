"""Everything that happens at each step of the decoder: e_jt, α_jt, c_t, and the words that could come next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers.attention import Look
from helpers.batching import Batch, pad, source_batch
from helpers.models import Translator, device_of
from helpers.oracle import SoftAlignment
from helpers.vocabulary import BOS, END, PAD, UNK

LIKELIEST = 5  # so many of the next words are kept


@dataclass(frozen=True)
class Steps:
    """What one sentence does to a model, step by step. `</s>` is counted at both ends: T_x and T_y tokens.

    Raises:
        ValueError: a part does not fit the words, or is not made of finite numbers.
    """

    alignment: SoftAlignment  # the words and α; step t writes alignment.target[t]
    e: Tensor | None  # (T_y, T_x); None where somebody gave α
    c: Tensor  # (T_y, D_h)
    likeliest: list[list[tuple[str, float]]]  # for each step: next words and their probabilities, the highest first
    p: list[float]  # the probability of the word that step t writes

    def __post_init__(self):
        shape = tuple(self.alignment.alpha.shape)
        if self.e is not None and (self.e.shape != shape or not self.e.isfinite().all()):
            raise ValueError(f"e has shape {tuple(self.e.shape)}; {shape} finite scores are needed, as many as in α")
        if self.c.dim() != 2 or len(self.c) != shape[0] or not self.c.isfinite().all():
            raise ValueError(
                f"c has shape {tuple(self.c.shape)}; a vector of finite numbers is needed for each of the "
                f"{shape[0]} steps"
            )
        for name, numbers in (("next words", self.likeliest), ("probabilities", self.p)):
            if len(numbers) != shape[0]:
                raise ValueError(f"{name} are given for {len(numbers)} of {shape[0]} steps")


@torch.no_grad()
def forced(
    model: Translator, source: Sequence[str], tokens: Sequence[str], alpha: Tensor | None = None
) -> tuple[Tensor, Look]:
    """One sentence with teacher forcing: the decoder is given these words, one by one.

    Args:
        source: T_x words. tokens: T_y target words, `</s>` included where the sentence ends.
        alpha: (T_y, T_x + 1), for a model that is told its weights.
    Returns:
        the distribution of each step's word (T_y, words), and where each step looked, all on the CPU and without an
        axis for the batch.
    """
    if alpha is not None and len(alpha) != len(tokens):
        raise ValueError(f"α has {len(alpha)} rows for {len(tokens)} steps: one for each word that is given is needed")
    was_training = model.training
    model.eval()
    ids = [[model.target_vocab.ids.get(word, UNK) for word in tokens]]
    given = source_batch([source], [0], model.source_vocab, None if alpha is None else lambda _: alpha)
    batch = Batch(**vars(given), target_in=pad([[BOS, *ids[0][:-1]]]), target_out=pad(ids)).to(device_of(model))
    logits, look = model(batch)
    model.train(was_training)
    if logits.isnan().any():
        raise ValueError(
            "the model computes nan, which is no number: its training went astray. A smaller learning rate helps"
        )
    return torch.softmax(logits[0], dim=1).cpu(), Look._make(None if part is None else part[0].cpu() for part in look)


def decoder_steps(
    model: Translator, source: Sequence[str], tokens: Sequence[str], alpha: Tensor | None = None
) -> Steps:
    """What the model computes at each step while the decoder is given these words; see `forced`.

    Raises:
        ValueError: the model has no α, or lacks it, or computes its own; or α does not fit the words.
    """
    p, look = forced(model, source, tokens, alpha)
    if look.alpha is None:
        raise ValueError("the vanilla model has no α: it looks at one vector at every step")
    never = torch.tensor([PAD, BOS])  # which the search does not write either
    best = p.index_fill(1, never, 0.0).topk(min(LIKELIEST, p.size(1) - len(never)))
    likeliest = [
        [(model.target_vocab.words[i], x) for i, x in zip(ids, values, strict=True)]
        for ids, values in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ]
    written = [p[t, model.target_vocab.ids.get(word, UNK)].item() for t, word in enumerate(tokens)]
    return Steps(SoftAlignment((*source, END), tuple(tokens), look.alpha), look.e, look.c, likeliest, written)
