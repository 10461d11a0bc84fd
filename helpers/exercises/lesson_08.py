"""The checks of notebook 08: the faults of the exhibits by name, and twelve pieces of mended code."""

from __future__ import annotations

import torch
from torch import Tensor, arange, rand, randint, randn, softmax, tanh

from helpers.evaluation import bleu
from helpers.exercises.feedback import (
    NotAttempted,
    WrongAnswer,
    call,
    choice,
    compare,
    compare_numbers,
    exercise,
    prediction,
    tensor,
)
from helpers.museum import FAULTS, SUSPECTS
from helpers.vocabulary import BOS, EOS, PAD

WOULD_SHOW = {  # what the instruments say of each fault
    "healthy": "no instrument would ring",
    "padding is not masked": "padding would get some of the weight, and the words the rest of it",
    "the mask is inverted": "padding would get all of the weight, and the attention no gradient",
    "softmax over the batch": "the weights of a step would not sum to 1 over the words",
    "the tanh is missing": "all rows would be the same, and padding would get nothing",
    "keys of words": "a score would read its own word, and no other",
    "scores without states": "a score would read no word at all, and the attention would get a gradient",
    "read from the left twice": "a score would read its word and those to its left, and none to its right",
    "α is recorded a step late": "the average would not be the context, and α would fit the links one step up",
    "α times its own scores": "the average would not be the context, and α would fit the links as it is",
    "it sees the word to write": "another answer would change the scores in training",
    "the teacher is still there": "another answer would change the translations",
    "BLEU with exchanged arguments": "the known case would not give 47.2",
}


def room(number: int, letters: str):
    """A check of {letter: the name of its fault} for the exhibits of a room."""

    def judge(answer) -> tuple[bool, str]:
        if not isinstance(answer, dict) or set(answer) != set(letters):
            raise WrongAnswer(
                f"a name for each of {', '.join(letters)} is needed, as in {{{letters[0]!r}: 'healthy', …}}."
            )
        named = {letter: choice(name, *SUSPECTS) for letter, name in answer.items() if name is not ...}
        if not named:
            raise NotAttempted
        lines = []
        for letter in letters:
            fault, name = FAULTS[letter], named.get(letter)
            case = f" (after {fault.case})" if fault.case else ""
            if name == fault.name:
                lines.append(f"{letter}: yes, {name}{case}: {WOULD_SHOW[name].replace('would ', '')}.")
            elif name is None:
                lines.append(f"{letter}: not named yet.")
            else:
                lines.append(f"{letter}: not “{name}”. Then {WOULD_SHOW[name]}. Is it so in the table?")
        return all(named.get(letter) == FAULTS[letter].name for letter in letters), "\n".join(lines)

    judge.__doc__ = f"8.{number}: {{letter: fault}} for the exhibits {letters}."
    return prediction(judge)


room_1, room_2, room_3, room_4 = room(1, "ABC"), room(2, "DEFG"), room(3, "HIJ"), room(4, "KLM")


def scores_and_mask(*axes: int) -> tuple[Tensor, Tensor]:
    """Random scores (*axes), and a mask (B, T_x) with at least one word and one padding in each sentence."""
    return randn(*axes), arange(axes[-1]) < randint(1, axes[-1], (axes[0], 1))


def compare_weights(result, e: Tensor, mask: Tensor, *turns: tuple[Tensor, str]) -> None:
    """Raise `WrongAnswer` unless these are the masked weights of the scores; mask has the shape of e."""
    hidden, last = e.masked_fill(~mask, -torch.inf), e.dim() - 1
    if isinstance(result, Tensor):
        result = result.nan_to_num()  # where a word is padding in all sentences, or at all steps
    result = tensor(result, tuple(e.shape), "a weight for each score")
    compare(
        result,
        softmax(hidden, last),
        (softmax(e, last), f"padding still gets weight, up to {result[~mask].max():.2f}."),
        (softmax(e.masked_fill(mask, -torch.inf), last), "now the words are hidden, and the padding is seen."),
        (softmax(hidden, 0).nan_to_num(), "the weights sum to 1 over the sentences of the batch, not over the words."),
        (softmax(e, last) * mask, "padding gets 0, but the rows do not sum to 1: mask before the softmax."),
        *turns,
    )


@exercise("A is mended: padding gets exactly 0, and the words share 1.")
def weights_a(answer):
    """8.5: answer(e_t, mask)."""
    for B, T_x in ((2, 4), (5, 6)):
        e, mask = scores_and_mask(B, T_x)
        compare_weights(call(answer, e, mask), e, mask)


@exercise("B is mended: each step of each sentence sums to 1, for all steps at once.")
def weights_b(answer):
    """8.5: answer(e, mask) for all steps."""
    for B, T_y, T_x in ((3, 4, 5), (5, 2, 6)):
        e, mask = scores_and_mask(B, T_y, T_x)
        wide = mask.unsqueeze(1).expand_as(e)
        over_steps = softmax(e.masked_fill(~wide, -torch.inf), 1).nan_to_num()
        turn = over_steps, "now the weights of a word sum to 1 over the steps."
        compare_weights(call(answer, e, mask), e, wide, turn)


@exercise("C is mended: the words are seen, and the padding is hidden.")
def weights_c(answer):
    """8.5: answer(e_t, mask)."""
    for B, T_x in ((2, 5), (4, 7)):
        e, mask = scores_and_mask(B, T_x)
        compare_weights(call(answer, e, mask), e, mask)


@exercise("D is mended: the step has a say again.")
def scores_d(answer):
    """8.5: answer(keys, query, V_att)."""
    for B, T_x, D_a in ((1, 3, 2), (4, 5, 6)):
        keys, query, V = randn(B, T_x, D_a), randn(B, D_a), randn(D_a)
        both = keys + query.unsqueeze(1)
        compare(
            tensor(call(answer, keys, query, V), (B, T_x), "a score for each word"),
            tanh(both) @ V,
            (both @ V, "the tanh is still missing."),
            (tanh(both @ V), "the tanh belongs inside, before V_att: a score may be any number."),
            (tanh(keys) @ V, "the query is missing."),
        )


@exercise("E is mended: a key knows what stands around its word.")
def keys_e(answer):
    """8.5: answer(h, x, U_att)."""
    for B, T_x, D, D_a in ((1, 3, 4, 2), (3, 5, 4, 6)):
        h, x, U = randn(B, T_x, D), randn(B, T_x, D), randn(D, D_a)
        compare(
            tensor(call(answer, h, x, U), (B, T_x, D_a), "a key for each word"),
            h @ U,
            (x @ U, "these keys are still made from the words."),
            ((h + x) @ U, "the word's vector is added to the state; the key of lesson 4 is made from the state alone."),
        )


@exercise("G is mended: a score sees the state of its word.")
def scores_g(answer):
    """8.5: answer(s_prev, h, U_att, W_att, V_att)."""
    for B, T_x, D_h, D_s, D_a in ((2, 3, 4, 5, 6), (4, 2, 3, 4, 2)):
        s, h, U, W, V = randn(B, D_s), randn(B, T_x, D_h), randn(D_h, D_a), randn(D_s, D_a), randn(D_a)
        query = (s @ W).unsqueeze(1)
        compare(
            tensor(call(answer, s, h, U, W, V), (B, T_x), "a score for each word"),
            tanh(h @ U + query) @ V,
            ((h @ U + query) @ V, "this is the fault of D: the tanh is missing."),
            (tanh(h @ U) @ V, "the decoder is missing: where is s_prev @ W_att?"),
            ((s @ W)[:, :T_x], "no score sees a state yet: where is h @ U_att?"),
        )


@exercise("H is mended: the second half is read from the right.")
def states_h(answer):
    """8.6: answer(from_left, from_right)."""
    for B, T_x, D in ((1, 3, 2), (4, 5, 3)):
        left, right = randn(B, T_x, D), randn(B, T_x, D)
        compare(
            tensor(call(answer, left, right), (B, T_x, 2 * D), "both states of a word end to end"),
            torch.cat([left, right], 2),
            (torch.cat([left, left], 2), "the second half is still a copy of the first."),
            (torch.cat([right, left], 2), "the two halves are exchanged: the states from the left come first."),
            (
                torch.cat([left, right.flip(1)], 2),
                "from_right is in the order of the words already: no flip is needed.",
            ),
        )


@exercise("I is mended: the weights of a step are recorded with this step.")
def alphas_i(answer):
    """8.6: answer(step, s, n)."""
    for n, T_x in ((1, 4), (4, 3)):
        rows = softmax(randn(n, T_x), dim=1)

        def step(s, rows=rows):
            return s + 1, rows[int(s)]

        result = call(answer, step, torch.tensor(0), n)
        if isinstance(result, list) and result and all(isinstance(row, Tensor) for row in result):
            result = torch.stack(result)
        late = torch.cat([torch.zeros(1, T_x), rows[:-1]])
        compare(
            tensor(result, (n, T_x), "the weights of each step, one under the other"),
            rows,
            (late, "each step still has the weights of the step before."),
            (rows[[*range(1, n), n - 1]], "each step has the weights of the step after it."),
        )


@exercise("J is mended: each state is multiplied by its weight, once.")
def context_j(answer):
    """8.6: answer(alpha_t, e_t, h)."""
    for B, T_x, D in ((2, 3, 4), (5, 6, 3)):
        e, h = randn(B, T_x), randn(B, T_x, D)
        alpha = softmax(e, 1)
        compare(
            tensor(call(answer, alpha, e, h), (B, D), "a context for each sentence"),
            (alpha.unsqueeze(1) @ h).squeeze(1),
            (((alpha * e).unsqueeze(1) @ h).squeeze(1), "the weights are still multiplied by their scores."),
            ((e.unsqueeze(1) @ h).squeeze(1), "these are the scores; the average is made with the weights."),
            (((alpha * alpha).unsqueeze(1) @ h).squeeze(1), "the weights are multiplied by themselves."),
        )


@exercise("K is mended: each step is given the word before the one that it should write.")
def given_k(answer):
    """8.6: answer(target_out)."""
    for B, T_y in ((1, 4), (3, 6)):
        target = randint(4, 30, (B, T_y))
        target[:, -1] = EOS
        target[0, T_y // 2 :] = PAD
        target[0, T_y // 2] = EOS
        begin = torch.full((B, 1), BOS)
        compare(
            tensor(call(answer, target), (B, T_y), "a word for each step"),
            torch.cat([begin, target[:, :-1]], 1),
            (target, "each step is still given the word that it should write."),
            (target.roll(1, 1), "the first step is given the last word: it needs <s>, number 2."),
            (
                torch.cat([target[:, 1:], begin], 1),
                "moved to the wrong side: now each step is given the word after its own.",
            ),
        )


@exercise("L is mended: the next step is given what the model wrote.")
def next_l(answer):
    """8.6: answer(scores, right)."""
    for B, words in ((1, 5), (4, 9)):
        scores, right = rand(B, words), randint(0, words, (B,))
        scores[arange(B), right] = 0
        compare(
            tensor(call(answer, scores, right), (B,), "the number of one word for each sentence"),
            scores.argmax(1),
            (right, "the next step is still given the right word."),
            (scores.max(1).values, "these are the highest scores; the numbers of the words are asked for: argmax."),
        )


@exercise("M is mended: a translation that is too short pays for it.")
def bleu_m(answer):
    """8.6: answer(bleu, written, right)."""
    written, right = ["the farmer will sell", "he ran"], ["the farmer will sell three flowers .", "he ran fast ."]
    compare_numbers(
        call(answer, bleu, written, right),
        bleu(written, right),
        "for two translations that are too short",
        (bleu(right, written), "the right sentences still stand where the translations should."),
    )
