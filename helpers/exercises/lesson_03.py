"""The checks of notebook 03: the oracle's weights, a loop that uses them, a noisy oracle, a table without a network."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn, randn

from helpers.batching import Batch
from helpers.corpus.pairs import Pair, load_split
from helpers.exercises.feedback import (
    WrongAnswer,
    call,
    choice,
    compare,
    exercise,
    number,
    prediction,
    tensor,
)
from helpers.oracle import oracle_alpha, shifted_alpha, uniform_alpha
from helpers.vocabulary import END

LIKE_ORACLE, LIKE_SHIFTED = "like the oracle", "like shifted"


def random_pairs(count: int = 12) -> list[Pair]:
    """Pairs of 4 by 6, then of random numbers of words, finally 1 by 1; each target word has a random link or more."""
    rng, pairs = random.Random(0), []
    for n in range(count):
        T_x, T_y = {0: (4, 6), count - 1: (1, 1)}.get(n, (rng.randint(2, 7), rng.randint(2, 7)))
        places = {(rng.randrange(T_x), t) for t in range(T_y) for _ in range(rng.randint(1, 3))}
        links = tuple((j, t, rng.random() < 0.5) for j, t in sorted(places))
        pairs.append(Pair(tuple(f"x{j}" for j in range(T_x)), tuple(f"y{t}" for t in range(T_y)), links))
    return pairs


@exercise("Rows sum to 1, sure links weigh twice as much as possible ones, </s> is linked to itself: 12 sentences.")
def oracle_weights(answer):
    """3.1: answer(links, T_x, T_y) against `oracle_alpha`."""
    for pair in random_pairs():
        T_x, T_y = len(pair.source), len(pair.target)
        result = call(answer, pair.links, T_x, T_y)
        if isinstance(result, Tensor) and T_x != T_y and result.shape == (T_x + 1, T_y + 1):
            raise WrongAnswer(
                f"the result has shape {tuple(result.shape)}, for {T_x} source and {T_y} target words: a row is "
                "a target word t, so alpha[t, j]."
            )
        if isinstance(result, Tensor) and result.isnan().any():
            raise WrongAnswer("there is a nan: a row without any weight was divided by its sum, 0. Has </s> a link?")
        result = tensor(
            result, (T_y + 1, T_x + 1), "a row for each target word and </s>, a column for each source word and </s>"
        )
        sums = result.sum(1)
        if not torch.allclose(sums, torch.ones(1)):
            if torch.allclose(result.sum(0)[result.sum(0) > 0], torch.ones(1), atol=1e-4):
                raise WrongAnswer(
                    "the columns sum to 1, that is over t; they should over j: divide each row by its own sum, "
                    "alpha.sum(dim=1, keepdim=True)."
                )
            t = int((sums - 1).abs().argmax())
            advice = "divide each row by its own sum"
            if t == T_y and sums[t] == 0:
                advice = "the last row is </s>, linked to the source's </s>"
            raise WrongAnswer(f"row {t} sums to {sums[t]:.2f}, not to 1: {advice}.")
        all_sure = replace(pair, links=tuple((j, t, True) for j, t, _ in pair.links))
        compare(
            result,
            oracle_alpha(pair),
            (
                oracle_alpha(all_sure),
                "all links weigh the same; a possible link should weigh half of a sure "
                "one before the row is divided by its sum.",
            ),
        )


@exercise("The weights sum to 1, and the average of the three states with these weights is (3, 2).")
def which_weights(answer):
    """3.2: the weights that make the context (3, 2) of three states."""
    h, c = torch.tensor([[1.0, 4.0], [3.0, 1.0], [5.0, 2.0]]), torch.tensor([3.0, 2.0])
    try:
        weights = torch.as_tensor(answer, dtype=torch.float)
    except (TypeError, ValueError, RuntimeError):
        raise WrongAnswer("three numbers in brackets are needed, such as [0.5, 0.3, 0.2].") from None
    if weights.shape != (3,):
        raise WrongAnswer("there are three states, so three weights are needed, such as [0.5, 0.3, 0.2].")
    if not weights.isfinite().all() or weights.min() < 0 or weights.max() > 1:
        raise WrongAnswer(f"a weight lies between 0 and 1; these are {_written(weights)}.")
    if not torch.isclose(weights.sum(), torch.ones(()), atol=1e-3):
        raise WrongAnswer(f"weights must sum to 1; these sum to {weights.sum():.2f}.")
    if not torch.allclose(weights @ h, c, atol=5e-3):
        raise WrongAnswer(f"with these weights the context is {_written(weights @ h)}, not (3, 2).")


def _written(numbers: Tensor) -> str:
    return f"({', '.join(f'{x:.3g}' for x in numbers.tolist())})"


class Told(nn.Module):
    """A small encoder and decoder with the two methods of notebook 03's class, to try a learner's loop on."""

    def __init__(self, words: int = 7, size: int = 5):
        super().__init__()
        self.words, self.size = words, size
        self.embedding, self.encoder = nn.Embedding(words, size), nn.GRU(size, size, batch_first=True)
        self.cell, self.output = nn.GRUCell(2 * size, size), nn.Linear(size, words)

    def encode(self, source, lengths):
        h, _ = self.encoder(self.embedding(source))
        return h, torch.tanh(h[torch.arange(len(source)), lengths - 1])

    def step(self, word_before, s, c):
        if c.shape != s.shape:
            raise ValueError(f"step needs one context for each sentence, {tuple(s.shape)}, not {tuple(c.shape)}")
        s = self.cell(torch.cat([self.embedding(word_before), c], dim=1), s)
        return self.output(s), s


def told_batch(B: int, T_x: int, T_y: int, words: int = 7) -> Batch:
    """A batch of random words with random weights, all sentences of the same lengths."""
    source, target = torch.randint(1, words, (B, T_x)), torch.randint(1, words, (B, T_y + 1))
    alpha, lengths = torch.softmax(2 * randn(B, T_y, T_x), dim=2), torch.full((B,), T_x)
    rows = torch.full((B,), T_y)
    return Batch(source, lengths, alpha, rows, list(range(B)), target_in=target[:, :-1], target_out=target[:, 1:])


@exercise("The scores are right for 3 batches: each step has a context of its own.")
def scores_of(answer):
    """3.3: answer(model, batch) against a loop with a context for each step."""
    for B, T_x, T_y in ((2, 4, 3), (1, 6, 5), (3, 3, 3)):
        model, batch = Told().requires_grad_(False), told_batch(B, T_x, T_y)
        h, s_0 = model.encode(batch.source, batch.source_lengths)
        alpha = torch.as_tensor(batch.alpha)
        right = alpha @ h

        def loop(contexts, words=batch.target_in, carry=True, model=model, s_0=s_0):
            s = s_0
            scores: list[Tensor] = []
            for t in range(contexts.size(1)):
                score, new = model.step(words[:, t], s, contexts[:, t])
                scores, s = [*scores, score], new if carry else s_0
            return torch.stack(scores, dim=1)

        result = call(answer, model, batch)
        if isinstance(result, Tensor) and T_y != B and result.shape == (T_y, B, model.words):
            raise WrongAnswer("the steps come first: stack the scores with torch.stack(all_scores, dim=1).")
        result = tensor(result, (B, T_y, model.words), "for each sentence and step, a score for each English word")
        compare(
            result,
            loop(right),
            (loop(h[:, -1:].expand_as(right)), "each step has the last state as its context, as in lesson 1."),
            (loop(right[:, :1].expand_as(right)), "all steps have the context of the first step: use t."),
            (loop(h.mean(1, keepdim=True).expand_as(right)), "this is the plain average: where are the weights?"),
            (loop(right, batch.target_out), "the decoder was given the words that it should write: use target_in."),
            (loop(right, carry=False), "each step starts from s_0: keep the state that `step` returns."),
            (
                loop(torch.softmax(alpha, 2) @ h),
                "these weights went through a softmax once more; they sum to 1 already.",
            ),
            (loop(alpha.flip(1) @ h), "the steps got the weights of other steps."),
        )


@exercise("The mixtures are right for p = 0, 0.3 and 1, and every row sums to 1.")
def mixed(answer):
    """3.4: answer(pair, p) against the mixture of gold and uniform weights."""
    for pair in random_pairs():
        gold, uniform = oracle_alpha(pair), uniform_alpha(pair)
        for p in (0.3, 0.0, 1.0):
            result = tensor(call(answer, pair, p), tuple(gold.shape), "as oracle_alpha(pair)")
            sums = result.sum(1)
            compare(
                result,
                (1 - p) * gold + p * uniform,
                (p * gold + (1 - p) * uniform, "the two are exchanged: p = 0 is the pure oracle."),
                (gold + p * uniform, f"rows sum to {sums[0]:.2f}: the gold weights need the factor (1 - p)."),
                (gold, "p has no effect."),
                (
                    (1 - p) * gold + p * torch.ones_like(gold),
                    f"rows sum to {sums[0]:.2f}: a uniform weight is 1 divided by the number of words, </s> included.",
                ),
                ((1 - p) * gold + p / max(1, gold.size(1) - 1), f"rows sum to {sums[0]:.3f}: </s> is a column, too."),
                (
                    (1 - p) * gold + p / gold.size(0),
                    f"rows sum to {sums[0]:.2f}: divide by the number of source words "
                    "(columns), not of target words (rows).",
                ),
            )


@prediction
def breaking_point(guess, bleu: dict[float, float]) -> tuple[bool, str]:
    """3.4: a guess of the share p at which BLEU is halved, against BLEU measured for several p."""
    guess = number(guess, 0, 1, "a share p")
    curve = ", ".join(f"p = {p:g}: {score:.0f}" for p, score in sorted(bleu.items()))
    is_right, where = False, "not at all"
    if below := [p for p, score in bleu.items() if score < max(bleu.values()) / 2]:
        high = min(below)
        low = max(p for p in bleu if p < high)
        is_right, where = low - 0.1 <= guess <= high + 0.1, f"between {low:g} and {high:g}"
    return is_right, (
        f"You said {guess:g}; BLEU falls below half of its value at p = 0 {where} ({curve}). The right word "
        "has the largest weight for every p below 1, so that alone is not enough: its state must stand out in the "
        "mixture, or the decoder does not recognise it."
    )


Row = tuple[tuple[str, float], ...]  # the Hindi words that a step looks at, with their weights
Table = dict[tuple[Row, str | None], Counter[str]]


def shown(pair: Pair) -> list[Row]:
    """What the oracle shows at each step, as in notebook 03."""
    words = (*pair.source, END)
    return [
        tuple(sorted((word, round(weight, 2)) for word, weight in zip(words, row, strict=True) if weight > 0))
        for row in oracle_alpha(pair).tolist()
    ]


def counted(pairs: Sequence[Pair]) -> Table:
    """The table that exercise 3.5 asks for."""
    table: Table = {}
    for pair in pairs:
        before = "<s>"
        for row, word in zip(shown(pair), (*pair.target, END), strict=True):
            for key in ((row, before), (row, None)):
                table.setdefault(key, Counter())[word] += 1
            before = word
    return table


def looked_up(table: Table, pair: Pair) -> list[str]:
    """The commonest words of a table, up to `</s>`."""
    words, before = [], "<s>"
    for row in shown(pair):
        counts = table.get((row, before)) or table.get((row, None)) or {"<unk>": 1}
        before = max(counts, key=counts.__getitem__)
        words.append(before)
    return words[: words.index(END)] if END in words else words


def some_pairs() -> tuple[list[Pair], list[Pair]]:
    """Pairs to count words in, and others to translate."""
    valid, test = load_split("valid"), load_split("test")
    return spread(valid, 100), spread(valid, 10) + spread(test, 10)


def spread(pairs: Sequence[Pair], n: int) -> list[Pair]:
    """So many of the pairs, from all parts of the list."""
    return list(pairs[:: len(pairs) // n][:n])


@exercise("The counts are right for 100 sentences, after each word and after any word.")
def count_words(answer):
    """3.5: answer(pairs) against the counts of words for each row and word before."""
    pairs = some_pairs()[0]
    result = call(answer, pairs)
    if not isinstance(result, dict) or not all(isinstance(value, Counter) for value in result.values()):
        raise WrongAnswer("a dictionary of Counters is needed: table[row, before][word] += 1.")
    if not result or not all(isinstance(key, tuple) and len(key) == 2 for key in result):
        raise WrongAnswer("each key is a pair of two things: (row, word before), and (row, None).")
    befores = {before for _, before in result}
    if befores <= {"<s>", None}:
        raise WrongAnswer("no English word comes before another here: after each step, remember the word that came.")
    if None not in befores:
        raise WrongAnswer("count each word a second time under (row, None), for a row that comes after a new word.")
    if not any(END in counts for counts in result.values()):
        raise WrongAnswer("no </s> was counted: the last row belongs to it, as in (*pair.target, '</s>').")
    if dict(result) != (right := counted(pairs)):
        if "<s>" not in befores:
            raise WrongAnswer("the word before the first one is “<s>”: set it anew for each pair.")
        key = next(key for key in [*right, *result] if result.get(key) != right.get(key))
        yours, counts = (dict(table.get(key, {})) for table in (result, right))
        raise WrongAnswer(f"for the key {key} yours has {yours}, and {counts} is right.")


@exercise("The translations are right for 20 sentences, also where a row is new, or the word before it.")
def by_table(answer):
    """3.5: answer(table, pair) against what the commonest words of the table give."""
    train, tried = some_pairs()
    table = counted(train)
    for pair in tried:
        result, right = call(answer, table, pair), looked_up(table, pair)
        if not isinstance(result, list | tuple) or not all(isinstance(word, str) for word in result):
            raise WrongAnswer("a list of English words is needed, such as ['the', 'boy', 'slept', '.'].")
        if (words := list(result)) == right:
            continue
        if END in words:
            raise WrongAnswer("there is a </s> in the translation: stop when it comes, and leave it out.")
        alone = looked_up({key: counts for key, counts in table.items() if key[1] is None}, pair)
        if words == alone:
            raise WrongAnswer("the word before makes no difference: ask for (row, before) first, then for (row, None).")
        t = next((t for t, (a, b) in enumerate(zip(words, right, strict=False)) if a != b), min(len(words), len(right)))
        now, due = (words[t] if t < len(words) else "missing" for words in (words, right))
        raise WrongAnswer(f"word {t + 1} of “{' '.join(pair.target)}” is {now}, and {due} is right by the table.")


@prediction
def without_a_network(guess, bleu: Sequence[float]) -> tuple[bool, str]:
    """3.5: a guess of the table's BLEU on long sentences, against BLEU for all lengths."""
    guess, bleu = number(guess, 0, 100, "BLEU"), list(bleu)
    return abs(guess - bleu[-1]) <= 15, (
        f"You said {guess:g}. BLEU of the table, from short to long sentences: "
        f"{', '.join(f'{score:.0f}' for score in bleu)}. There is no network and no state in it. The order of the "
        "words, their number and the Hindi word for each of them came from the oracle's rows."
    )


@exercise("Each row is the oracle's row of the step after, for 50 sentences.")
def early(answer):
    """3.6: answer(pair) against the oracle's α moved up by one row."""
    for pair in load_split("test")[::10]:
        gold = oracle_alpha(pair)
        result = tensor(call(answer, pair), tuple(gold.shape), "as oracle_alpha(pair)")
        compare(
            result,
            gold.roll(-1, dims=0),
            (gold, "these are the oracle's own weights: nothing moved."),
            (shifted_alpha(pair), "each row came one step *late*, which is 'shifted': move them up, not down."),
            (gold.roll(-1, dims=1), "the columns moved, that is the words j; the steps t are the rows, dims=0."),
        )


@prediction
def early_or_late(guess, oracle: float, early: float, shifted: float) -> tuple[bool, str]:
    """3.6: a guess whether 'early' comes out like the oracle or like 'shifted', against three measured BLEU."""
    right = LIKE_ORACLE if abs(early - oracle) < abs(early - shifted) else LIKE_SHIFTED
    return choice(guess, LIKE_ORACLE, LIKE_SHIFTED) == right, (
        f"You said “{guess}”. BLEU: oracle {oracle:.1f}, early {early:.1f}, shifted {shifted:.1f}. What comes a step "
        "early can be kept in the decoder's state until it is due. What comes a step late comes after the word was "
        "written. The training was short, so all three numbers are lower than those of the figure."
    )
