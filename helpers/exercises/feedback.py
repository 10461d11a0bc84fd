"""How an exercise answers back: it runs a learner's code on random inputs and says in words what is wrong.

The checks themselves are in lesson_01.py to lesson_08.py.
"""

from __future__ import annotations

import functools
import inspect
import math
import textwrap
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

import torch
from torch import Tensor

from helpers.corpus.romanize import romanize
from helpers.corpus.words import gloss

EQUAL = "about equal"  # a choice in predictions: one seed cannot decide a small difference


class WrongAnswer(Exception):
    """What is wrong with an answer, in words for the learner."""


class NotAttempted(Exception):
    """There is nothing to check yet."""


@dataclass(frozen=True)
class Verdict:
    """What a check found; it was printed already. True only for a right answer."""

    passed: bool | None  # None: not attempted
    message: str

    def __bool__(self) -> bool:
        return self.passed is True

    def _ipython_display_(self) -> None:
        """Nothing more to show at the end of a cell."""


def exercise(praise: str) -> Callable[[Callable[..., None]], Callable[..., Verdict]]:
    """Make a check of a function that raises `WrongAnswer`, or returns if the answer is right.

    Args:
        praise: what was checked, for the line that a right answer gets.
    """

    def decorate(check: Callable[..., None]) -> Callable[..., Verdict]:
        @functools.wraps(check)
        def judge(answer) -> tuple[bool, str]:
            check(answer)
            return True, praise

        return prediction(judge)

    return decorate


def prediction(judge: Callable[..., tuple[bool, str]]) -> Callable[..., Verdict]:
    """Make a check of a function that returns whether a guess is right, and what everybody is told, right or wrong.

    The function gets the guess and what was measured. It may raise `WrongAnswer`, too.
    """

    @functools.wraps(judge)
    def check(answer, *measured) -> Verdict:
        try:
            if answer is None or answer is ...:
                raise NotAttempted
            with torch.random.fork_rng(devices=[]):  # a check leaves the notebook's random numbers alone
                torch.manual_seed(0)
                is_right, message = judge(answer, *measured)
            verdict = Verdict(bool(is_right), f"{'✓' if is_right else '✗'} {message}")  # it may be numpy's True
        except WrongAnswer as wrong:
            verdict = Verdict(False, f"✗ {wrong}")
        except NotAttempted:
            verdict = Verdict(None, "… Not attempted yet. Fill in the … and run both cells again.")
        except Exception as error:  # such as a comparison of a number with a table
            verdict = Verdict(
                False, f"✗ the result is not of the kind that the stub asks for ({type(error).__name__}: {error})."
            )
        for line in verdict.message.split("\n"):  # JupyterLab would break a long line within a word
            print(textwrap.fill(line, 110, break_long_words=False, break_on_hyphens=False))
        return verdict

    return check


def points(most: float, *verdicts: Verdict) -> float:
    """The share of the checks that were passed, of so many points: nbgrader takes the value of a cell as its grade."""
    return most * sum(map(bool, verdicts)) / len(verdicts)


def _stub():
    """A function without a line of code."""


def call(answer: Callable, *inputs):
    """What the learner's function returns for copies of these inputs.

    Raises:
        WrongAnswer: it raised an error, or returned nothing. The message shows the line and the shapes of the inputs.
        NotAttempted: it has no line of code yet, or returned `...`.
    """
    if not inspect.isfunction(answer):
        raise WrongAnswer(
            f"a function of your own is needed here, and this is {describe(answer)}. Give its name without brackets."
        )
    try:
        result = answer(*(x.clone() if isinstance(x, Tensor) else x for x in inputs))
    except NotImplementedError:
        raise NotAttempted from None
    except (Exception, SystemExit) as error:
        raise WrongAnswer(explain(error, answer, inputs)) from None
    if result is ... or (result is None and len(answer.__code__.co_code) <= len(_stub.__code__.co_code)):
        raise NotAttempted
    if result is None:
        raise WrongAnswer("your function returned None: does its last line begin with `return`?")
    return result


def explain(error: BaseException, answer: Callable, inputs: tuple) -> str:
    """An error in the learner's code in words: where it was, what was given, what such an error usually means."""
    own = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == answer.__code__.co_filename]
    where = f"your line {own[-1].lineno}, `{own[-1].line}`," if own and own[-1].line else "your code"
    names = inspect.signature(answer).parameters
    given = ", ".join(f"{name} {describe(x)}" for name, x in zip(names, inputs, strict=False)) or "more than it takes"
    text = str(error).split("\n")[0].rstrip(".")
    if isinstance(error, NameError):
        advice = "Is the name spelt correctly, and did you run the cell that defines it?"
    elif isinstance(error, TypeError) and "positional argument" in text:
        advice = f"Your function must take as many arguments as the stub did: {len(inputs)}."
    elif "Boolean value of Tensor" in text:
        advice = "`not`, `and` and `or` do not work on tensors: write ~a, a & b, a | b."
    elif "Use .reshape" in text:
        advice = "After .transpose the numbers do not stand side by side: .flatten and .reshape do it, .view cannot."
    elif isinstance(error, IndexError):
        advice = "A place was asked for that is not there: are the indices in the right order, and is anything left?"
    elif "truth value of a Series" in text:
        advice = "A whole column stands where one value is due: .iloc[0] takes the first."
    elif any(word in text for word in ("shape", "size", "dim", "expand", "out of range", "out of bounds")):
        advice = "Two shapes do not fit together: write the shape of each part of this line beside it."
    else:
        advice = ""
    return f"{where} stopped with {type(error).__name__}: {text}.\n  It was given {given}. {advice}".rstrip()


def hindi(word: str) -> str:
    """A Hindi word with how it is said and what it means."""
    return f"{word} ({romanize(word)}: {gloss(word)})"


def describe(x) -> str:
    """A value in few words: a tensor by its shape, a number by itself, anything else by its type."""
    if isinstance(x, Tensor):
        return f"of shape {tuple(x.shape)}"
    if isinstance(x, float):
        return f"{x:.4g}"
    return f"{x}" if isinstance(x, Real) else f"a {type(x).__name__}"


def tensor(result, shape: tuple[int, ...], meaning: str) -> Tensor:
    """The learner's result, if it is a tensor of real numbers with this shape.

    Args:
        meaning: the shape in words, such as "one weight for each word".
    """
    if not isinstance(result, Tensor):
        raise WrongAnswer(
            f"the result is {describe(result)}; a tensor is needed. torch.stack makes one of a list of tensors."
        )
    if tuple(result.shape) != shape:
        raise WrongAnswer(f"the result has shape {tuple(result.shape)}; {shape} is needed: {meaning}.")
    if result.isnan().any():
        raise WrongAnswer(
            "the result has a nan in it (not a number): somewhere 0 is divided by 0, or infinity is taken "
            "away from infinity, or multiplied by 0."
        )
    return result.detach().float()


def number(result, low: float = -math.inf, high: float = math.inf, meaning: str = "the result") -> float:
    """The learner's result, if it is one number between these two."""
    if isinstance(result, Tensor) and result.numel() == 1:
        result = result.item()
    if isinstance(result, Real) and not isinstance(result, bool) and low <= float(result) <= high:
        return float(result)
    limits = f" between {low:g} and {high:g}" if high < math.inf else ""
    raise WrongAnswer(f"{meaning} is one number{limits}; this is {describe(result)}.")


def choice(result, *allowed: str) -> str:
    """The learner's choice, if it is one of these words."""
    if result not in allowed:
        raise WrongAnswer(f"{result!r} is not among the choices: write {' or '.join(map(repr, allowed))}.")
    return result


def compare(result: Tensor, right: Tensor, *wrong_turns: tuple[Tensor, str]) -> None:
    """Raise `WrongAnswer` unless the numbers agree.

    Args:
        wrong_turns: results that learners often get, and what each of them means.
    """
    if close(result, right):
        return
    for wrong, message in wrong_turns:
        if close(result, wrong):
            raise WrongAnswer(message)
    at = torch.unravel_index((result - right).abs().nan_to_num(torch.inf).argmax(), right.shape)
    raise WrongAnswer(
        f"the numbers are not right yet: at {[int(i) for i in at]} yours is {result[at]:.3f}, "
        f"{right[at]:.3f} is right (of a result of shape {tuple(right.shape)})."
    )


def compare_numbers(result, right: float, case: str, *wrong_turns: tuple[float, str]) -> None:
    """`compare` for what should be a single number.

    Args:
        case: what the number was asked for, such as "for 12 words".
    """
    value = number(result)

    def is_close(other: float) -> bool:
        return math.isclose(value, other, rel_tol=0, abs_tol=1e-4)

    if is_close(right):
        return
    for wrong, message in wrong_turns:
        if is_close(wrong):
            raise WrongAnswer(message)
    raise WrongAnswer(f"{case} yours is {round(value, 4):g}, {round(right, 4):g} is right.")


def close(a: Tensor, b: Tensor) -> bool:
    """Are these the same numbers, but for rounding?"""
    return a.shape == b.shape and torch.allclose(a, b.float(), atol=1e-4, rtol=1e-3)
