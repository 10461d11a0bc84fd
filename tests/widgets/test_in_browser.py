"""The explorer in a real browser: in JupyterLab and Notebook 7, and in pages without a kernel."""

import re
import statistics
import subprocess
import sys
from dataclasses import asdict
from itertools import pairwise
from types import SimpleNamespace

import matplotlib
import pytest
import torch

from helpers.corpus.pairs import Pair, load_split
from helpers.corpus.romanize import romanize
from helpers.corpus.words import gloss
from helpers.models import ModelConfig
from helpers.oracle import SoftAlignment
from helpers.steps import Steps, decoder_steps
from helpers.training import TrainingConfig, fit, new_translator
from helpers.translation import translate
from helpers.vocabulary import END
from helpers.widgets.explorer import Explorer, attention_explorer
from helpers.widgets.sentence_box import read_sentence
from tools.course import build

pytestmark = pytest.mark.browser
EVIL = "</script><img src=x onerror=alert(1)>"
NOTEBOOK = """\
# %% [markdown]
# # Step by step

# %%
import torch
from helpers.oracle import oracle_alpha
from helpers.corpus.pairs import Pair
from helpers.models import ModelConfig
from helpers.training import History, TrainingConfig, new_translator
from helpers.widgets.explorer import Explorer, attention_explorer
from helpers.widgets.sentence_box import sentence_box

torch.set_num_threads(1)
stored = torch.load("tiny.pt", weights_only=True)
short, middle, long = (Pair(*words) for words in stored["pairs"])
model = new_translator(ModelConfig(**stored["config"]), TrainingConfig(), [short, middle, long])
model.load_state_dict(stored["state"])

# %%
attention_explorer(model, short, compare=oracle_alpha(short), history=History.from_dict(stored["history"]))

# %%
attention_explorer(model, middle)

# %%
attention_explorer(model, middle)

# %%
attention_explorer(model, long)

# %%
sentence_box(model)
"""
# What an explorer shows: every part that is linked to the sliders.
SHOWN = """root => {
    const all = (selector, what) => [...root.querySelectorAll(selector)].map(what), text = part => part.textContent;
    const slider = root.querySelector('input'), heat = root.querySelector('.heat');
    const top = part => part.getBoundingClientRect().y;
    const pixels = selector => {
        const canvas = root.querySelector(selector);
        return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data];
    };
    return {
        slider: slider.value, valuetext: slider.getAttribute('aria-valuetext'),
        now: text(root.querySelector('.said .now')), so_far: all('.said span:not(.later)', text),
        looks: text(root.querySelector('.looks')), bars: all('.bar', bar => text(bar.lastChild)),
        tokens: all('.token', token => +token.style.getPropertyValue('--size')), words: all('.token', text),
        next: all('.next b', text), p: all('.next .number', text), written: text(root.querySelector('.next b.written')),
        strip: pixels('.strip'), sum: text(root.querySelector('.sum')),
        row: text(root.querySelector('.row.now')),
        outline: (top(heat.querySelector('.outline')) - top(heat)) / heat.offsetHeight,
        heat: pixels('.heat canvas'), told: root.querySelectorAll('.heat .told').length,
    };
}"""


@pytest.fixture(scope="module")
def tiny():
    """A model that was trained for a few seconds, and three pairs: short, 12 by 12, and 40 by 40."""
    torch.set_num_threads(1)
    test, beyond = load_split("test"), load_split("test_long")
    short = next(p for p in test if len(p.source) == 6 and len(p.target) == 7)
    middle = next(p for p in test if len(p.source) == 11 and len(p.target) == 11)
    long = next(p for p in beyond if len(p.source) >= 39 and len(p.target) >= 39)
    pairs = [short, middle, Pair(long.source[:39], long.target[:39])]
    config = ModelConfig(embedding=32, hidden=64, attention_hidden=16)
    model = new_translator(config, TrainingConfig(), pairs)
    history = fit(
        model,
        [short, middle] * 8,
        [short],
        TrainingConfig(epochs=3, batch_size=2, learning_rate=1e-2),
        watch=short,
        device=torch.device("cpu"),
        report=lambda _: None,
    )
    _, twelve, forty = ([decoder_steps(model, p.source, (*p.target, END))] for p in pairs)
    return SimpleNamespace(model=model, pairs=pairs, history=history, shown=[history.watched, twelve, twelve, forty])


@pytest.fixture(scope="module")
def notebook(tiny, jupyter):
    """The notebook, executed as `make course` does it, in the server's folder."""
    torch.save(
        {
            "config": vars(tiny.model.config),
            "state": tiny.model.state_dict(),
            "pairs": [(p.source, p.target, p.links) for p in tiny.pairs],
            "history": asdict(tiny.history),
        },
        jupyter.folder / "tiny.pt",
    )
    source = jupyter.folder / "01_steps.py"
    source.write_text(NOTEBOOK.replace("tiny.pt", (jupyter.folder / "tiny.pt").as_posix()), encoding="utf-8")
    return build(source, jupyter.folder, jupyter.folder / "cache")


@pytest.fixture
def exported(notebook, page):
    """The notebook as a page, without a kernel and without a network."""
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", str(notebook)], check=True, capture_output=True)
    page.context.set_offline(True)
    page.goto(notebook.with_suffix(".html").as_uri())
    return page


def colours(share):
    return torch.tensor(matplotlib.colormaps["viridis"](share.numpy())[..., :3]) * 255


def assert_shows(explorer, steps, t, scale):
    """Every linked part shows what the model computed for step t."""

    def close(found, expected, within=0.0051):
        found = torch.tensor([float(x.replace("−", "-") or 0) if isinstance(x, str) else x for x in found])
        torch.testing.assert_close(found.double(), expected.double(), atol=within, rtol=0)

    def same_colours(found, share):
        assert (torch.tensor(found).view(-1, 4)[:, :3] - colours(share.flatten())).abs().max() <= 6

    page, columns = explorer.evaluate(SHOWN), len(steps.alignment.source)
    source, target, alpha = steps.alignment.source, steps.alignment.target, steps.alignment.alpha
    word, heaviest = target[t], int((100 * alpha[t]).round().argmax())
    assert page["slider"] == str(t + 1) and page["now"] == page["row"] == page["written"] == word
    assert page["so_far"] == list(target[: t + 1])
    assert page["outline"] * len(target) == pytest.approx(t, abs=0.1)
    assert page["looks"].startswith(f"step {t + 1}: “{word}” looks at {source[heaviest]}")
    assert page["valuetext"] == page["looks"] and f"{alpha[t].max():.2f}" in page["looks"]
    close(page["bars"][:columns], alpha[t])
    close(page["tokens"], alpha[t])
    close(page["bars"][columns:], steps.e[t])
    likeliest = steps.likeliest[t] if word in dict(steps.likeliest[t]) else [*steps.likeliest[t], (word, steps.p[t])]
    assert page["next"] == [word for word, _ in likeliest]
    close(page["p"], torch.tensor([p for _, p in likeliest]))
    same_colours(page["strip"], (steps.c[t] / scale + 1) / 2)
    same_colours(page["heat"], alpha)
    assert page["sum"].startswith(f"= {alpha[t].max():.2f} h{source[heaviest]}")
    assert page["words"][0] == source[0] + romanize(source[0]) + gloss(source[0], target)


# Notes the time from each key to the next painted frame, in milliseconds.
TICKS = """root => {
    root.times = [];
    root.querySelector('input').onkeydown = event => requestAnimationFrame(() => {
        const painted = new MessageChannel();
        painted.port1.onmessage = () => root.times.push(performance.now() - event.timeStamp);
        painted.port2.postMessage(0);
    });
}"""


def drive(page, explorer, epochs):
    """Mouse and keyboard on one explorer."""
    scale = round(max(float(s.c.abs().max()) for s in epochs) + 0.05, 1)
    steps, last = epochs[-1], len(epochs[-1].p) - 1
    explorer.scroll_into_view_if_needed()
    slider, heat = explorer.get_by_role("slider", name="step t"), explorer.locator(".heat")
    assert_shows(explorer, steps, 0, scale)
    slider.focus()
    for keys, t in (("ArrowRight ArrowRight", 2), ("ArrowLeft", 1), ("End", last), ("ArrowRight", last), ("Home", 0)):
        for key in keys.split():
            page.keyboard.press(key)
        assert_shows(explorer, steps, t, scale)
    heat.click(position={"x": 3, "y": heat.bounding_box()["height"] * 3.5 / len(steps.p)})
    assert_shows(explorer, steps, 3, scale)
    page.keyboard.press("ArrowLeft")  # a click leaves the keyboard at the slider
    assert_shows(explorer, steps, 2, scale)
    page.mouse.move(heat.bounding_box()["x"] + 4, heat.bounding_box()["y"] + 4)
    assert heat.get_attribute("title").startswith(f"{steps.alignment.target[0]} ← {steps.alignment.source[0]} ")
    explorer.locator(".row").nth(1).click()
    assert_shows(explorer, steps, 1, scale)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    assert_shows(explorer, steps, last, scale)
    explorer.get_by_role("button", name="Play step t").click()  # from the end, it begins anew
    explorer.locator(".control output", has_text="2 of").wait_for()
    explorer.get_by_role("button", name="Pause step t").click()
    assert_shows(explorer, steps, 1, scale)
    if len(epochs) > 1:
        explorer.get_by_role("slider", name="epoch").press("Home")
        assert_shows(explorer, epochs[0], 1, scale)
        explorer.get_by_role("slider", name="epoch").press("End")
        assert_shows(explorer, steps, 1, scale)


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_live(app, notebook, jupyter, page, tiny):
    jupyter.open(page, notebook.name, app)
    found = page.locator(".explorer.live")
    found.nth(3).wait_for()
    for explorer, epochs in zip(found.all(), tiny.shown, strict=True):
        drive(page, explorer, epochs)


def ticks(page, explorer):
    """Milliseconds from a press of an arrow key to the painted change, the median of 20."""
    slider = explorer.get_by_role("slider", name="step t")
    slider.press("Home")
    explorer.evaluate(TICKS)
    for i in range(20):
        page.keyboard.press("ArrowRight" if i < 10 else "ArrowLeft")
        page.wait_for_function("([root, n]) => root.times.length > n", arg=[explorer.element_handle(), i])
    return statistics.median(explorer.evaluate("root => root.times"))


@pytest.mark.parametrize("which,size", [(1, "12×12"), (3, "40×40")])
def test_each_key_is_painted(which, size, notebook, jupyter, page, capsys):
    jupyter.open(page, notebook.name)
    found = page.locator(".explorer.live")
    found.nth(3).wait_for()
    with capsys.disabled():  # no limit: the machine may have other work
        print(f"\n{size}: {ticks(page, found.nth(which)):.1f} ms from the key to the painted change, median of 20")


def type_sentence(page, text):
    page.locator(".widget-text input").fill(text)
    page.locator(".widget-text input").press("Enter")


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_a_typed_sentence_appears(app, notebook, jupyter, page, tiny):
    jupyter.open(page, notebook.name, app)
    page.locator(".widget-text input").wait_for()
    box = page.locator(".widget-vbox")
    known = tiny.pairs[0].source[:-1]
    for text in (" ".join(known), " ".join(map(romanize, known))):
        type_sentence(page, text)
        words, _ = read_sentence(text, tiny.model.source_vocab)
        (answer,) = translate(tiny.model, [words])
        steps = decoder_steps(tiny.model, answer.source, answer.tokens)
        explorer = box.locator(".explorer.live", has_text=steps.alignment.source[0])
        explorer.wait_for()
        assert_shows(explorer, steps, 0, round(float(steps.c.abs().max()) + 0.05, 1))
        type_sentence(page, "।")
        box.get_by_text("the sentence is empty").wait_for()
    word = max(known, key=len)
    type_sentence(page, f"{word}क {EVIL}")
    box.get_by_text(f"The model does not know {word}क. Close to it: {word} ({romanize(word)})").wait_for()
    box.locator(".token", has_text="onerror").wait_for()
    assert page.locator('img[src="x"]').count() == 0


def test_a_page_without_a_kernel(exported, tiny):
    found = exported.locator(".explorer.live")
    assert found.count() == 4  # two of them are the same
    for explorer, epochs in zip(found.all(), tiny.shown, strict=True):
        drive(exported, explorer, epochs)
        assert not explorer.locator("img").is_visible()
    assert exported.get_by_text("this needs a running kernel").is_visible()
    assert exported.errors == []


def test_paper_shows_the_picture(exported):
    exported.emulate_media(media="print")
    for explorer in exported.locator(".explorer").all():
        assert explorer.locator("img").is_visible() and not explorer.locator(".stage").is_visible()


@pytest.mark.parametrize("trusted", [False, True])
def test_a_notebook_opened_again(trusted, notebook, jupyter, page):
    name = f"again_{trusted}.ipynb"
    text = notebook.read_text(encoding="utf-8").replace("Step by step", f"Again: {trusted}")
    (jupyter.folder / name).write_text(text, encoding="utf-8")
    if trusted:
        jupyter.trust(name)
    jupyter.open(page, name, run=False)
    if trusted:
        page.locator(".explorer.live").first.wait_for()
        page.get_by_role("slider", name="step t").first.press("ArrowRight")
        assert page.locator(".looks").first.inner_text().startswith("step 2:")
    else:
        picture = page.locator('.jp-OutputArea img[alt^="Heatmap of α"]').first
        picture.wait_for()
        assert picture.is_visible() and picture.evaluate("image => image.naturalWidth") > 100
        assert page.locator(".explorer.live").count() == 0
    page.get_by_text("this needs a running kernel").wait_for()


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("width", [400, 1000])
def test_only_the_explorer_scrolls_sideways(which, width, page, tiny):
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(attention_explorer(tiny.model, tiny.pairs[which]).html(""))
    page.locator(".explorer.live").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.locator(".stage").evaluate("""stage => [...stage.querySelectorAll('*')]
        .filter(part => !part.closest('.scroll') && part.getBoundingClientRect().right > innerWidth)
        .map(part => part.outerHTML)""")
    assert outside == []


@pytest.mark.parametrize("typed", [EVIL, f"${{1}} {EVIL}"])
def test_whatever_is_typed_stays_text(typed, page, tiny):
    pair = Pair((typed, "।"), (typed, "."))
    model = new_translator(tiny.model.config, TrainingConfig(), [pair])
    page.on("dialog", lambda dialog: pytest.fail("the sentence ran as a script"))
    page.set_content(attention_explorer(model, pair).html(""))
    explorer = page.locator(".explorer.live")
    explorer.get_by_role("slider", name="step t").press("ArrowRight")
    explorer.get_by_role("slider", name="step t").press("ArrowLeft")
    assert page.locator('img[src="x"]').count() == 0 and page.errors == []
    for part in (".said", ".looks", ".next", ".sum", ".row", ".token", ".upright"):
        assert typed in explorer.locator(part).first.text_content(), part


def test_people_who_listen_hear_every_step(page, tiny):
    page.set_content(attention_explorer(tiny.model, tiny.pairs[0]).html(""))
    slider = page.get_by_role("slider", name="step t")
    slider.press("ArrowRight")
    line = page.locator("[aria-live=polite]").inner_text()
    assert re.fullmatch(rf"step 2: “{tiny.pairs[0].target[1]}” looks at \S+ \(.+\) 0\.\d\d( and at .+)?", line)
    assert slider.get_attribute("aria-valuetext") == line
    assert slider.get_attribute("data-lm-suppress-shortcuts") == "true"
    assert page.get_by_role("img", name="Heatmap of α").count() == 1
    assert page.get_by_role("button", name="Play step t").count() == 1


def test_numbers_stand_behind_words_from_right_to_left(page):
    words = ("يقرأ", "الولد", "كتابا")
    alpha = torch.tensor([[0.6, 0.3, 0.1, 0.0]] * 4)
    steps = Steps(SoftAlignment((*words, END), (*words, END), alpha), None, torch.zeros(4, 2), [[]] * 4, [0.5] * 4)
    page.set_content(Explorer([steps]).html(""))
    looks, total = page.locator(".looks"), page.locator(".sum")
    for part in (looks, total):  # on the screen, from left to right, each word stands beside its own number
        order = part.evaluate(
            """part => {
                const found = [], range = document.createRange();
                for (const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT); walker.nextNode();)
                    for (const match of walker.currentNode.data.matchAll(/[0-9.]{4}|[\\u0600-\\u06ff]+/g)) {
                        range.setStart(walker.currentNode, match.index);
                        range.setEnd(walker.currentNode, match.index + match[0].length);
                        found.push([range.getBoundingClientRect().x, match[0]]);
                    }
                return found.sort((a, b) => a[0] - b[0]).map(([_, text]) => text);
            }"""
        )
        pairs = {("0.60", "يقرأ"), ("0.30", "الولد")} if part is total else {("يقرأ", "0.60"), ("الولد", "0.30")}
        assert pairs <= set(pairwise(order)), order


@pytest.mark.parametrize("width", [375, 1000, 1400])
def test_long_words_do_not_cover_each_other(width, page):
    page.set_viewport_size({"width": width, "height": 800})
    words = ("autobahnen", "geschwindigkeitsbegrenzung", "der", "x" * 300)
    eye = torch.eye(5)
    steps = Steps(SoftAlignment((*words, END), (*words, END), eye), None, torch.zeros(5, 2), [[]] * 5, [0.5] * 5)
    page.set_content(Explorer([steps]).html(""))
    boxes = page.locator(".token").evaluate_all(
        "all => all.map(token => token.getBoundingClientRect()).map(({x, y, right, bottom}) => [x, y, right, bottom])"
    )
    for i, (x, y, right, bottom) in enumerate(boxes):
        for other in boxes[i + 1 :]:
            assert right <= other[0] + 1 or other[2] <= x + 1 or bottom <= other[1] + 1 or other[3] <= y + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
