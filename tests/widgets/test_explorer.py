"""The explorer's page: complete, small, readable without scripts, and safe whatever somebody types."""

import base64
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from PIL import Image
from support.examples import PAIRS, small

from helpers import plots
from helpers.corpus.pairs import Pair, load_split
from helpers.oracle import SoftAlignment, oracle_alpha
from helpers.steps import Steps, decoder_steps
from helpers.training import History, TrainingConfig, fit, new_translator
from helpers.translation import translate
from helpers.vocabulary import END
from helpers.widgets.explorer import SCRIPT, STYLE, Explorer, attention_explorer

PAIR = PAIRS[1]
EVIL = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def long():
    """A model that knows the corpus's words, and a pair of 40 words on both sides, `</s>` counted."""
    pair = next(p for p in load_split("test_long") if len(p.source) >= 39 and len(p.target) >= 39)
    pair = Pair(pair.source[:39], pair.target[:39])
    config = replace(small().config, hidden=128)
    return new_translator(config, TrainingConfig(), [pair]), pair


def bundle(explorer):
    data, metadata = explorer._repr_mimebundle_(include=None, exclude=None)
    assert set(data) == {"text/html", "image/png", "text/plain"} and metadata["image/png"]["alt"] == data["text/plain"]
    return data


def data_of(explorer):
    """What the script is given, read back from the page."""
    (data,) = re.findall(r"explore\(root, (\{.*\})\);\n\}\n</script>", bundle(explorer)["text/html"])
    return json.loads(data)


class Sanitised(HTMLParser):
    """What GitHub, mail and an untrusted notebook keep: neither scripts nor styles; here, the tags and the text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.images = [], "", []
        self.feed(re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.DOTALL))

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.images += [dict(attributes)] * (tag == "img")

    def handle_data(self, data):
        self.text += data


def steps_by_hand(alpha, source, target):
    n = len(target)
    return Steps(SoftAlignment(source, target, alpha), None, torch.zeros(n, 4), [[("a", 1.0)]] * n, [1.0] * n)


def steps_of(model, pair):
    return decoder_steps(model, pair.source, (*pair.target, END))


def test_the_page_has_what_the_model_computed():
    model = small()
    steps = steps_of(model, PAIR)
    data = data_of(attention_explorer(model, PAIR, compare=oracle_alpha(PAIR)))
    (now,) = data["epochs"]
    assert [word[0] for word in data["source"]] == list(steps.alignment.source)
    assert data["target"] == list(steps.alignment.target)
    assert data["source"][1] == ["किताब", "kitāb", "book"] and data["source"][-1] == ["</s>"]
    np.testing.assert_allclose(np.array(now["alpha"]) / 100, steps.alignment.alpha, atol=0.0051)
    np.testing.assert_allclose(np.array(now["e"]) / 100, steps.e, atol=0.0051)
    np.testing.assert_allclose(np.array(data["compare"]) / 100, oracle_alpha(PAIR), atol=0.0051)
    c = np.frombuffer(base64.b64decode(now["c"]), np.uint8).reshape(steps.c.shape)
    np.testing.assert_allclose((c / 127.5 - 1) * data["scale"], steps.c, atol=data["scale"] / 127)
    assert data["scale"] >= steps.c.abs().max() and data["scores"][0] <= 0 <= data["scores"][1]
    assert now["next"] == [[[word, round(100 * p)] for word, p in words] for words in steps.likeliest]
    assert now["p"] == [round(100 * p) for p in steps.p]


def test_a_model_that_is_told_its_weights_has_no_scores():
    data = data_of(attention_explorer(small("given"), PAIR, oracle=oracle_alpha))
    assert data["epochs"][0]["e"] is None and data["scores"] is None
    np.testing.assert_allclose(np.array(data["epochs"][0]["alpha"]) / 100, oracle_alpha(PAIR), atol=0.0051)


def test_a_translation_brings_the_weights_that_it_was_given():
    model = small("given")
    (written,) = translate(model, [PAIR], oracle=oracle_alpha, max_length=20)
    data = data_of(attention_explorer(model, written, oracle=oracle_alpha))
    np.testing.assert_allclose(np.array(data["epochs"][0]["alpha"]) / 100, written.alignment.alpha, atol=0.0051)
    (own,) = translate(small(), [PAIR], max_length=20)
    with pytest.raises(ValueError, match="takes no weights"):
        attention_explorer(small(), own, oracle=oracle_alpha)


def test_the_epochs_of_a_training():
    model = small()
    history = fit(
        model, PAIRS, PAIRS, TrainingConfig(epochs=3), watch=PAIR, device=torch.device("cpu"), report=lambda _: None
    )
    data = data_of(attention_explorer(model, PAIR, compare=oracle_alpha(PAIR), history=history))
    assert len(data["epochs"]) == 3 and data["epochs"][0] != data["epochs"][2]
    for drawn, steps in zip(data["epochs"], history.watched, strict=True):
        np.testing.assert_allclose(np.array(drawn["alpha"]) / 100, steps.alignment.alpha, atol=0.0051)
    with pytest.raises(ValueError, match="another sentence was watched"):
        attention_explorer(model, PAIRS[0], history=history)
    with pytest.raises(ValueError, match="another sentence was watched"):
        attention_explorer(model, translate(model, [PAIR])[0], history=history)
    with pytest.raises(ValueError, match="no sentence was watched"):
        attention_explorer(model, PAIR, history=History())


def test_without_scripts_a_picture_with_its_text_remains():
    html = bundle(attention_explorer(small(), PAIR))["text/html"]
    page = Sanitised(html)
    assert page.tags == ["div", "img"] and page.text.strip() == ""
    (image,) = page.images
    assert "Heatmap of α: 7 target words (rows) by 6 source words" in image["alt"] and "looks at" in image["alt"]
    assert image["src"].startswith("data:image/png;base64,")
    assert not re.search(r"src=.(?!data:)|href=|url\(|@import|fetch\(|https?://(?!www\.w3\.org/2000/svg)", html)


def test_the_picture_marks_the_step_that_its_text_names(monkeypatch):
    alpha = torch.eye(5)
    alpha[1], alpha[2], alpha[3] = alpha[2].clone(), alpha[3].clone(), alpha[1].clone()
    explorer = Explorer([steps_by_hand(alpha, ("क", "ख", "ग", "घ", "</s>"), ("a", "b", "c", "d", "</s>"))])
    drawn, heatmap = [], plots.heatmap
    monkeypatch.setattr(plots, "heatmap", lambda *a, **o: drawn.append(heatmap(*a, **o)) or drawn[-1])
    with plt.rc_context():
        explorer.picture()
    ax = drawn[0].axes[0]
    assert {patch.get_y() for patch in ax.patches} == {3} and "step 4: “d” looks at" in repr(explorer)
    assert "step 4" in ax.get_title(loc="left") and plt.get_fignums() == []


def test_sizes(long):
    model, pair = long
    explorer = attention_explorer(model, pair)
    assert explorer.alignment.alpha.shape == (40, 40)
    stored = len(json.dumps(bundle(explorer)).encode())
    print(f"40×40: {stored / 1e3:.0f} kB, of which the page's style and script take {len(STYLE + SCRIPT) / 1e3:.0f} kB")
    assert stored <= 200_000


@pytest.mark.parametrize("rows,columns", [(1, 1), (1, 3), (3, 200), (101, 4)])
def test_readable_pictures_of_any_shape(rows, columns):
    alpha = torch.full((rows, columns), 1 / columns)
    explorer = Explorer([steps_by_hand(alpha, ("किताब",) * columns, ("book",) * rows)])
    image = np.asarray(Image.open(io.BytesIO(explorer.picture())).convert("L"))
    assert 150 < image.shape[1] <= 7000 and 100 < image.shape[0] < 4000 and image.std() > 10
    data_of(explorer)


@pytest.mark.parametrize("typed", [EVIL, f"लड़की {EVIL} किताब", "$x^2$ \\n ${t} `__ROOT__` __DATA__ \u2028 &lt; \"'"])
def test_whatever_is_typed_stays_text(typed):
    model = new_translator(small().config, TrainingConfig(), [Pair((typed, "।"), (typed, "."))])
    pair = Pair((typed, "।"), (typed, typed, "."))
    for explorer in (attention_explorer(model, pair), attention_explorer(small(), pair)):
        html = bundle(explorer)["text/html"]
        assert data_of(explorer)["target"][0] == typed
        assert Sanitised(html).tags == ["div", "img"] and html.count("</script") == 1 and html.count("<img") == 1
        assert typed in Sanitised(html).images[0]["alt"]


def test_equal_explorers_have_equal_names_and_others_another():
    pages = [attention_explorer(small(), p).html("") for p in (*PAIRS, PAIRS[0])]
    names = [re.search('id="(.*?)"', page)[1] for page in pages]
    assert names[0] == names[3] and len(set(names)) == 3


def test_unknown_words_are_named():
    explorer = attention_explorer(small(), Pair(("लड़की", "zzz"), ("girl",)))
    assert "does not know zzz" in data_of(explorer)["note"] and "does not know zzz" in repr(explorer)


@pytest.mark.parametrize(
    "attention,options,message",
    [
        ("none", {}, "the vanilla model has no α"),
        ("additive", {"oracle": oracle_alpha}, "takes no weights"),
        ("additive", {"compare": torch.eye(5)}, r"\(7, 6\) is needed"),
        ("additive", {"compare": torch.full((7, 6), float("nan"))}, "α holds nan"),
        ("additive", {"compare": torch.ones(7, 6)}, "sum to 1"),
        ("given", {}, "must be told where to look"),
        ("given", {"oracle": lambda pair: torch.ones(7, 6)}, "sum to 1"),
    ],
)
def test_clear_errors(attention, options, message):
    with pytest.raises(ValueError, match=message):
        attention_explorer(small(attention), PAIR, **options)


def test_steps_of_different_sentences_are_refused():
    one, other = (steps_of(small(), p) for p in PAIRS[:2])
    for epochs in ([], [one, other]):
        with pytest.raises(ValueError, match="the steps of one sentence"):
            Explorer(epochs)
