"""Who sets the weights of a step gets the words that the model itself would say, in code and in the browser."""

import base64
import re
import statistics
import subprocess
import sys
from html import unescape
from pathlib import Path

import ipywidgets
import nbformat
import pytest
import torch
from support.examples import PAIRS, loud, small

from helpers.corpus.pairs import Pair
from helpers.models import ModelConfig
from helpers.oracle import oracle_alpha
from helpers.training import TrainingConfig, new_translator
from helpers.translation import translate
from helpers.vocabulary import BOS, PAD
from helpers.widgets.be_the_oracle import BeTheOracle, decode, distance, overrule
from tools.course import build

PAIR = PAIRS[1]
EVIL = "<img src=x onerror=alert(1)>"
EVIL_PAIR = Pair((EVIL, "</style>", "।"), (EVIL, "."), ((0, 0, True), (2, 1, True)))
TESTS = Path(__file__).resolve().parents[1]
CELL = f"import sys; sys.path[:0] = {[str(TESTS), str(TESTS.parent)]}; from widgets.test_be_the_oracle import *; "


def text(widget):
    """What the page says, without the marks."""
    return " ".join(unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", widget.shown.value, flags=re.DOTALL)).split())


@torch.no_grad()
@pytest.mark.parametrize("cell,bidirectional", [("gru", False), ("lstm", True)])
def test_the_next_word_is_the_one_that_the_model_says(cell, bidirectional):
    model, gold = loud("given", cell, bidirectional), oracle_alpha(PAIR)
    encoded, state = model.read(PAIR.source)
    word = torch.tensor([BOS])
    for t in range(1, 4):
        for weights in ([0.1, 0.2, 0.3, 0.0, 0.4, 0.0], torch.eye(6)[2]):
            alpha_t = torch.as_tensor(weights).unsqueeze(0)
            expected = model.step(word, state, encoded, alpha_t)[0].exp()[0]
            _, p = decode(model, PAIR, overrule(PAIR, t, weights))
            torch.testing.assert_close(p[t - 1], expected)
        log_p, state, _ = model.step(word, state, encoded, gold[t - 1 : t])
        log_p[:, [PAD, BOS]] = -torch.inf
        word = log_p.argmax(1)


def test_all_other_steps_keep_the_true_weights():
    for pair in PAIRS:
        gold = oracle_alpha(pair)
        for t in range(1, len(gold) + 1):
            for one in torch.eye(len(pair.source) + 1):
                expected = gold.clone()
                expected[t - 1] = one
                torch.testing.assert_close(overrule(pair, t, 7 * one), expected)  # weights are divided by their sum


def test_the_sentence_is_what_the_model_writes():
    model = loud()
    for pair in PAIRS:
        words, p = decode(model, pair, oracle_alpha(pair))
        (expected,) = translate(model, [pair], oracle=oracle_alpha)
        assert words == expected.tokens and len(p) == len(words)
        torch.testing.assert_close(p.sum(1), torch.ones(len(p)))


def test_the_distance_of_two_distributions():
    p, q = torch.tensor([0.5, 0.5, 0.0]), torch.tensor([0.2, 0.5, 0.3])
    assert distance(p, q) == distance(q, p) == pytest.approx(0.3)
    assert distance(p, p) == 0 and distance(torch.eye(3)[0], torch.eye(3)[1]) == 1


@pytest.mark.parametrize(
    ("t", "weights", "message"),
    [
        (0, [1.0] * 6, "no step 0: this sentence has the steps 1 to"),
        (99, [1.0] * 6, "no step 99"),
        (1, [1.0] * 5, "6 weights are needed, one for each of लड़की, किताब, पढ़ती, है, ।, </s>; these are 5"),
        (1, [0.0] * 6, "All weights are zero"),
        (1, [1.0, -0.5, 0, 0, 0, 0], "numbers from 0 up"),
        (1, [float("nan")] * 6, "numbers from 0 up"),
    ],
)
def test_what_does_not_fit_is_refused(t, weights, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        overrule(PAIR, t, weights)


def test_models_and_pairs_that_cannot_be_overruled_are_refused():
    for attention in ("none", "additive"):
        with pytest.raises(ValueError, match="this model takes no weights"):
            BeTheOracle(small(attention), PAIR)
    with pytest.raises(ValueError, match="no link to a source word"):
        BeTheOracle(loud(), Pair(PAIR.source, PAIR.target))
    with pytest.raises(ValueError, match="no step 12"):
        BeTheOracle(loud(), PAIR, t=12)


def test_sliders_and_buttons_set_the_weights():
    model, gold = loud(), oracle_alpha(PAIR)
    widget = BeTheOracle(model, PAIR, 2)
    drawn = []
    widget.shown.observe(drawn.append, "value")

    def agrees(weights):
        for label, weight in zip(widget.labels, (weights / weights.sum()).tolist(), strict=True):
            assert f"<b>{weight:.2f}</b>" in label.value
        t = widget.step.value
        (true, ps), (yours, qs) = (decode(model, PAIR, a) for a in (gold, overrule(PAIR, t, weights)))
        p, q = ps[t - 1], qs[t - 1]
        shown = text(widget)
        assert shown.startswith(f"{distance(p, q):.0%} of the probability moved")
        assert f"true weights: {' '.join(true)}" in shown
        assert f"your weights: {' '.join(yours)}" in shown
        for word in (true[t - 1], yours[t - 1]):
            i = model.target_vocab.ids[word]
            assert f"{word} {p[i]:.0%} {q[i]:.0%}" in shown

    agrees(gold[1])
    widget.sliders[3].value = 0.5
    agrees(gold[1] + 0.5 * torch.eye(6)[3])
    for press, weights in (
        (widget.uniform, torch.ones(6)),
        (widget.only[4], torch.eye(6)[4]),
        (widget.gold, gold[1]),
    ):
        drawn.clear()
        press.click()
        agrees(weights)
        assert len(drawn) == 1  # many sliders move, the page is drawn once
    widget.step.value = 3
    agrees(gold[2])
    assert [slider.value for slider in widget.sliders] == pytest.approx(gold[2].tolist())


def test_without_any_weight_there_is_a_message_and_no_number():
    widget = BeTheOracle(loud(), PAIR, 2)
    for slider in widget.sliders:
        slider.value = 0.0
    assert text(widget) == "All weights are zero, so there is nothing to average. Give at least one word a weight."
    assert all("nan" not in label.value and "<b>0.00</b>" in label.value for label in widget.labels)
    widget.gold.click()
    assert text(widget).startswith("0% of the probability moved")


def test_every_source_word_has_its_sound_and_meaning():
    widget = BeTheOracle(loud(), PAIR)
    assert "laṛkī" in widget.labels[0].value and "girl" in widget.labels[0].value
    assert [button.description for button in widget.only] == [*PAIR.source, "</s>"]
    options = [f"{n}: {word}" for n, word in enumerate(widget.true[: len(widget.alpha)], 1)]
    assert [name for name, _ in widget.step.options] == options


def evil():
    """A model that knows, and says, words that are HTML."""
    return new_translator(ModelConfig("given", embedding=8, hidden=16), TrainingConfig(), [EVIL_PAIR])


def test_words_are_not_taken_for_html():
    widget = BeTheOracle(evil(), EVIL_PAIR)
    for shown in (widget.shown.value, *(label.value for label in widget.labels)):
        assert "<img" not in shown and "</style>" not in shown.replace('"></style>', "")
    assert "&lt;img src=x" in widget.shown.value and "&lt;img src=x" in widget.labels[0].value
    assert widget._repr_mimebundle_()[0]["text/html"].count("<img") == 1


def test_without_a_kernel_there_is_a_picture(tmp_path):
    source = tmp_path / "03_oracle.py"
    source.write_text(f"# %%\n{CELL}BeTheOracle(loud(), PAIR, 2)\n", encoding="utf-8")
    stored = build(source, tmp_path, tmp_path)
    notebook = nbformat.read(stored, as_version=4)
    assert "widgets" not in notebook.metadata and "VBox" not in stored.read_text(encoding="utf-8")
    *_, output = notebook.cells[0].outputs  # after what an old matplotlib is told
    assert set(output.data) == {"text/html", "image/png", "text/plain"}
    assert base64.b64decode(output.data["image/png"]).startswith(b"\x89PNG")
    alt = output.metadata["image/png"]["alt"]
    assert re.fullmatch(
        r"With the true weights, the word at step 2 is “.+” \(\d+%\)\. "
        r"With all weight on .+ it is “.+” \(\d+%\)\.",
        alt,
    )
    assert "need a running kernel" in output.data["text/html"] and f'<img alt="{alt}"' in output.data["text/html"]
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", stored], check=True, capture_output=True)
    exported = stored.with_suffix(".html").read_text(encoding="utf-8")
    assert "need a running kernel" in exported and exported.count(f'<img alt="{alt}"') == 1


@pytest.mark.browser
@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_in_the_browser(jupyter, page, app, capsys):
    if app == "notebook" and ipywidgets.__version__ < "8":
        pytest.skip("Notebook 7 is tried with ipywidgets 8")
    jupyter.write(
        f"oracle-{app}.ipynb",
        CELL + "torch.set_num_threads(1); BeTheOracle(loud(), PAIR, 2)",
        "BeTheOracle(evil(), EVIL_PAIR)",
    )
    jupyter.open(page, f"oracle-{app}.ipynb", app)
    twin = BeTheOracle(loud(), PAIR, 2)  # the same numbers, in this process
    page.wait_for_function("document.querySelectorAll('[role=status]').length == 2")
    status = page.locator("[role=status]")

    def same():
        """Wait until the page says what the twin says."""
        page.wait_for_function(
            "text => document.querySelector('[role=status]').innerText.replace(/\\s/g, '') == text",
            arg=text(twin).replace(" ", ""),
        )

    same()
    for name in ("uniform weights", "true weights", *PAIR.source, "</s>"):
        page.get_by_role("button", name=name, exact=True).first.click()
        next(b for b in (twin.uniform, twin.gold, *twin.only) if b.description == name).click()
        same()
    page.get_by_label("step t:").first.select_option(index=0)
    twin.step.value = 1
    same()

    page.wait_for_timeout(500)  # the sliders have their names
    boy, book = (page.get_by_role("slider", name=name) for name in ("laṛkī girl", "kitāb book"))
    twin.gold.click()
    box, rail = book.bounding_box(), page.locator(".source-word").nth(1).locator(".slider").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, rail["y"] + rail["height"] / 2, steps=8)
    page.mouse.up()
    page.wait_for_timeout(1000)
    share = float(page.locator(".source-word").nth(1).locator("b").inner_text())
    twin.sliders[1].value = round(20 * share / (1 - share)) / 20  # the others sum to 1; a slider has twenty notches
    assert 0.3 < twin.sliders[1].value < 0.7
    same()

    boy.focus()
    milliseconds = []
    for _ in range(10):
        status.first.evaluate("""part => { window.changed = new Promise(done => {
            addEventListener('keydown', () => { window.start = performance.now(); }, {capture: true, once: true});
            const seen = new MutationObserver(() => { seen.disconnect(); done(performance.now() - window.start); });
            seen.observe(part.closest('.widget-html'), {childList: true, subtree: true}); }); }""")
        page.keyboard.press("ArrowDown" if twin.sliders[0].value > 0 else "ArrowUp")
        milliseconds.append(page.evaluate("window.changed"))
        twin.sliders[0].value += -0.05 if twin.sliders[0].value > 0 else 0.05
        same()
    with capsys.disabled():
        print(
            f"\n{app}, ipywidgets {ipywidgets.__version__}: an arrow key is answered in "
            f"{statistics.median(milliseconds):.0f} ms in the page (median of 10)"
        )

    assert EVIL in status.nth(1).inner_text() and page.locator("[role=status] img, .source-word img").count() == 0
    assert page.get_by_role("button", name=EVIL).count() == 1
