"""A field for a sentence: what is typed is read, translated and shown step by step."""

from __future__ import annotations

from functools import cache
from html import escape

import ipywidgets
import regex
from IPython.display import display

from helpers.corpus.text import INVISIBLE, tokenise
from helpers.corpus.typed import TypedWords
from helpers.models import Translator
from helpers.translation import translate
from helpers.vocabulary import SPECIALS, Vocabulary
from helpers.widgets.explorer import attention_explorer, with_sound

ENDS = ("।", ".", "?", "!", "॥", "|", "…", "؟", "۔", "。")  # the first that a model knows ends its sentences
CLAUSE_ENDS = ("है", "हैं", "हूँ", "था", "थी", "थे", "थीं", ",")  # "ki" is कि, "that", behind these, and की, "of", elsewhere
QUOTES = ('"', "'", "«", "»", "“", "”", "„")


class SentenceBox(ipywidgets.VBox):
    """A field for a sentence, and the explorer of what is typed. Pages without a kernel show a line of text."""

    _ipython_display_ = None  # ipywidgets 7 would show the widget alone, without that line

    def _repr_mimebundle_(self, **_) -> dict:
        line = "Type a sentence here: this needs a running kernel. Run the cell above."
        return {
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.model_id,
            },
            "text/html": f"<p><em>{line}</em></p>",
            "text/plain": line,
        }


def sentence_box(model: Translator, text: str = "") -> SentenceBox:
    """Type a sentence, in Devanagari or romanised, press Enter, and step through its translation.

    Args:
        model: one that computes its own α.
        text: the sentence to begin with.
    Raises:
        ValueError: the model cannot translate a sentence alone: it must be told its weights, or has none.
    """
    if translate(model, [["।"]], max_length=1)[0].alignment is None:
        raise ValueError("the vanilla model has no α to step through: give a model that computes its own")
    field = ipywidgets.Text(
        text,
        description="Sentence",
        placeholder="laṛkā kitāb paṛhtā hai",
        continuous_update=False,
        layout=ipywidgets.Layout(width="95%"),
    )
    message, page = ipywidgets.HTML(), ipywidgets.Output()

    def show(_=None) -> None:
        try:
            words, unknown = read_sentence(field.value, model.source_vocab)
        except ValueError as error:
            message.value = escape(str(error))
            page.clear_output()
            return
        lines = [
            f"The model does not know {word}. Close to it: {', '.join(map(with_sound, close)) or 'nothing'}."
            for word, close in unknown.items()
        ]
        lines += [
            f"{typed} is read as {with_sound(read)}; it can also be {', '.join(map(with_sound, others))}."
            for typed, (read, *others) in dict(filter(all, readings_of(field.value, model.source_vocab))).items()
            if others
        ]
        message.value = "<br>".join(map(escape, lines))
        page.clear_output(wait=True)
        with page:
            display(attention_explorer(model, translate(model, [words])[0]))

    field.observe(show, names="value")
    if text:
        show()
    return SentenceBox([field, message, page])


def read_sentence(text: str, vocab: Vocabulary) -> tuple[tuple[str, ...], dict[str, list[str]]]:
    """A sentence that a learner typed, in Devanagari or in Latin letters, as words that a model takes.

    Args:
        text: such as "लड़का किताब पढ़ता है", "laṛkā kitāb paṛhtā hai" or "ladka kitab padhta hai".
        vocab: the words that the model knows.
    Returns:
        the words, with an end sign that the model knows; and the words that it does not know, each with the known
        ones closest to it.
    Raises:
        ValueError: there is no word in the text, or it is not text at all.
    """
    words = [readings[0] if readings else typed for typed, readings in readings_of(text, vocab)]
    unknown = vocab.unknown(words)
    return tuple(words), {word: close or _typed_words(vocab).close_to(word) for word, close in unknown.items()}


def readings_of(text: str, vocab: Vocabulary) -> list[tuple[str, list[str]]]:
    """Each word of a typed sentence with the known words that it can be, the likeliest first; see `read_sentence`."""
    if not isinstance(text, str):
        raise ValueError(f"a sentence is text, such as 'लड़का किताब पढ़ता है', not {text!r}")
    known = _typed_words(vocab)
    typed: list[str] = []
    for run in INVISIBLE.sub("", text.replace("\u200b", " ")).replace("–", "-").split():
        before, whole, after = regex.fullmatch(r"(\P{L}*)(.*?)([^\p{L}\p{M}]*)", run).groups()
        if "-" in whole and known.find(whole):  # a run without spaces may be one word: धीरे-धीरे
            typed += [*tokenise(before), whole, *tokenise(after)]
        else:
            typed += tokenise(run)
    ends = [sign for sign in ENDS if sign in vocab]
    end = ends[:1]
    while typed and typed[-1] in ENDS + QUOTES:
        end = [typed[-1]] if typed[-1] in ends else end
        typed.pop()
    found: list[tuple[str, list[str]]] = []
    for word in typed:
        if word in QUOTES and word not in vocab:
            continue
        if found and word == found[-1][0] and (twice := known.find(f"{word}-{word}")):  # dhire dhire
            found[-1] = f"{word} {word}", twice
        else:
            readings = known.find(word)
            if {"कि", "की"} <= set(readings):
                after_clause = found and found[-1][1][:1] and found[-1][1][0] in CLAUSE_ENDS
                readings = sorted(readings, key=lambda word: word != ("कि" if after_clause else "की"))
            found.append((word, readings))
    if not found:
        raise ValueError("the sentence is empty: type some words, such as 'लड़का पढ़ता है' or 'laṛkā paṛhtā hai'")
    return found + [(sign, [sign]) for sign in end]


@cache
def _typed_words(vocab: Vocabulary) -> TypedWords:
    return TypedWords(vocab.words[len(SPECIALS) :])
