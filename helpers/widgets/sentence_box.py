"""A field for a sentence: what is typed is read, translated and shown step by step."""

from __future__ import annotations

import difflib
import re
import unicodedata
from html import escape

import ipywidgets
from IPython.display import display

from helpers.corpus.romanize import romanize
from helpers.corpus.text import tokenise
from helpers.models import Translator
from helpers.translation import translate
from helpers.vocabulary import SPECIALS, Vocabulary
from helpers.widgets.explorer import attention_explorer, with_sound


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
        page.clear_output(wait=True)
        try:
            words, unknown = read_sentence(field.value, model.source_vocab)
        except ValueError as error:
            message.value = escape(str(error))
            return
        message.value = "<br>".join(
            f"The model does not know {escape(word)}. Close to it: "
            f"{escape(', '.join(map(with_sound, close))) or 'nothing'}."
            for word, close in unknown.items()
        )
        with page:
            display(attention_explorer(model, translate(model, [words])[0]))

    field.observe(show, names="value")
    if text:
        show()
    return SentenceBox([field, message, page])


def read_sentence(text: str, vocab: Vocabulary) -> tuple[tuple[str, ...], dict[str, list[str]]]:
    """A sentence that a learner typed, in Devanagari or romanised, as words that a model takes.

    Args:
        text: such as "लड़का किताब पढ़ता है" or "laṛkā kitāb paṛhtā hai"; accents and dots may be left out.
        vocab: the words that the model knows.
    Returns:
        the words, ended by "।"; and the words that the model does not know, each with the known ones closest to it.
    Raises:
        ValueError: there is no word in the text, or it is not text at all.
    """
    if not isinstance(text, str):
        raise ValueError(f"a sentence is text, such as 'लड़का किताब पढ़ता है', not {text!r}")
    typed = [word for word in tokenise(text) if word not in "।."]
    if not typed:
        raise ValueError("the sentence is empty: type some words, such as 'लड़का पढ़ता है' or 'laṛkā paṛhtā hai'")
    known = vocab.words[len(SPECIALS) :]
    said = {romanize(w): w for w in reversed(known)}
    spelt = {_plain(r): w for r, w in said.items()} | said
    spelt.pop("", None)  # the plain spelling of punctuation, and of any word in Devanagari
    words = [w if w in vocab else spelt.get(w, spelt.get(_plain(w), w)) for w in typed] + ["।"]
    unknown = {}
    for word, close in vocab.unknown(words).items():
        alike = difflib.get_close_matches(_plain(word), spelt, n=3, cutoff=0.5)
        unknown[word] = close or list(dict.fromkeys(spelt[r] for r in alike))
    return tuple(words), unknown


def _plain(romanised: str) -> str:
    """Only the letters a to z, as people type them: laṛkā becomes larka."""
    return re.sub("[^a-z]", "", unicodedata.normalize("NFD", romanised.lower()))
