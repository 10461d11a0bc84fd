"""The page in a browser: what a reader does, held against what PyTorch computes."""

import re
import statistics
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import torch
from playwright.sync_api import expect
from support.examples import untrained
from support.http_server import Answer, running

from helpers.attention import Context
from helpers.corpus.pairs import BUCKETS, bucket_of, hero, load_split
from helpers.corpus.romanize import romanize
from helpers.evaluation import bleu
from helpers.oracle import oracle_alpha
from helpers.page.write import MAIN, write_page
from helpers.recipes import recipe
from helpers.steps import decoder_steps
from helpers.training import load
from helpers.translation import translate
from helpers.widgets.sentence_box import read_sentence

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # a busy computer is slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The page with the course's four translators; those that are not in the cache have random weights."""
    torch.set_num_threads(1)
    train, valid = load_split("train"), load_split("valid")
    models = {name: load(recipe(name), train, valid) or untrained(recipe(name).model) for name in MAIN}
    with torch.no_grad():
        for model in models.values():
            for weight in model.cpu().parameters():
                weight.copy_(weight.half())  # as they are in the page
    test = load_split("test") + load_split("test_long")
    some = [hero(test), next(pair for pair in test if len(pair.source) == 30)]
    some += [pair for bucket in BUCKETS for pair in [p for p in test if bucket_of(len(p.source)) == bucket][:5]]
    pairs = list(dict.fromkeys(some))
    path = write_page(tmp_path_factory.mktemp("page") / "translator.html", models, pairs)
    return SimpleNamespace(models=models, pairs=pairs, path=path)


@pytest.fixture(params=["file"])
def reader(request, made, page):
    """The open page, offline. What went wrong in it is in `page.errors`."""
    page.on(
        "console", lambda message: page.errors.append(message.text) if message.type in ("error", "warning") else None
    )
    with running() as server:
        html = made.path.read_bytes()
        page.goto(made.path.as_uri() if request.param == "file" else server.serve("/translator.html", Answer(html)))
        page.context.set_offline(True)
        expect(page.locator("#target .now")).to_be_visible()
        yield page
        assert page.refused == page.errors == []


def greedy(made, name, sentence):
    told = oracle_alpha if name == "oracle" else None
    return translate(made.models[name], [sentence], oracle=told)[0]


def texts(page, selector):
    return page.locator(selector).all_inner_texts()


def choose(page, name):
    page.get_by_role("radio", name=re.compile(f"^{name}")).check()


@pytest.mark.parametrize("reader", ["file", "http"], indirect=True)
def test_it_begins_with_the_sentence_of_the_lessons(reader, made, capsys):
    pair = made.pairs[0]
    assert reader.get_by_label("A sentence").input_value() == " ".join(pair.source)
    assert texts(reader, "#source b") == [*pair.source, "</s>"]
    assert texts(reader, "#source i") == [romanize(word) for word in pair.source if romanize(word) != word]
    for name in MAIN:
        choose(reader, name)
        assert texts(reader, "#target span") == list(greedy(made, name, pair).tokens)
    size, ready = made.path.stat().st_size, reader.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
    with capsys.disabled():
        print(f"\n{size / 1e6:.1f} MB, ready in {ready:.0f} ms", end=" ")


def test_what_is_typed_is_translated(reader, made):
    vocab = made.models["learned"].source_vocab
    for typed in ("ladka kitab padhta hai", "लडकी घर जाती है", "laṛkā kitāb paṛhtā hai?"):
        reader.get_by_label("A sentence").fill(typed)
        reader.keyboard.press("Enter")
        words, _ = read_sentence(typed, vocab)
        assert texts(reader, "#source b") == [*words, "</s>"]
        for name in ("vanilla", "learned", "both ways"):
            choose(reader, name)
            assert texts(reader, "#target span") == list(greedy(made, name, words).tokens)
        assert reader.get_by_role("radio", name="oracle").is_disabled()
        expect(reader.locator("#answers")).to_contain_text("nobody knows the alignment")


def test_unknown_words_are_named_and_can_be_replaced(reader, made):
    reader.get_by_label("A sentence").fill("larki kitabon padhti hai")
    reader.get_by_role("button", name="Translate", exact=True).click()
    expect(reader.locator("#message")).to_contain_text("No translator here knows kitabon. Close to it: किताब")
    reader.locator("#message button").first.click()
    assert "kitabon" not in texts(reader, "#source b")
    reader.get_by_label("A sentence").fill(" . ")
    reader.keyboard.press("Enter")
    expect(reader.locator("#message")).to_contain_text("The sentence is empty")


def test_words_can_be_tapped(reader, made):
    reader.get_by_text("Tap words instead").click()
    reader.get_by_role("button", name="Begin an empty sentence").click()
    for meaning, word in (("girl", "लड़की"), ("kitab", "किताब")):
        reader.get_by_label("Search").fill(meaning)
        reader.locator("#words button", has_text=word).first.click()
    words, _ = read_sentence("लड़की किताब", made.models["learned"].source_vocab)
    assert texts(reader, "#source b") == [*words, "</s>"]
    assert texts(reader, "#target span") == list(greedy(made, "learned", words).tokens)


def test_a_test_sentence_and_its_words_in_another_order(reader, made):
    reader.get_by_label("how many words").select_option("8–15")
    reader.get_by_role("button", name="A test sentence").click()
    words = texts(reader, "#source b")[:-1]
    (pair,) = [pair for pair in made.pairs if list(pair.source) == words]
    assert 8 <= len(words) <= 15
    expect(reader.locator("#right")).to_contain_text(" ".join(pair.target))
    for name, card in zip(MAIN, reader.locator("#answers label").all(), strict=True):
        found = greedy(made, name, pair)
        kept = [w for text in card.locator("ins").all_inner_texts() for w in text.split()]
        assert len(kept) <= len(pair.target)
        assert ("all right" in card.inner_text()) == (found.target == pair.target)
        written = card.locator(":scope > span").last.evaluate(
            "line => [...line.childNodes].filter(part => part.tagName !== 'INS')"
            ".map(part => part.textContent).join(' ')"
        )
        assert tuple(written.split()) == found.target
    reader.get_by_role("button", name="Shuffle the words").click()
    assert sorted(texts(reader, "#source b")[:-1]) == sorted(words)


def number(text):
    return float(text.replace("−", "-") or 0)


def assert_steps(page, steps, t):
    """The step-through shows what PyTorch computed for step t."""
    explorer = page.locator(".explorer")
    alpha = [number(text) for text in explorer.locator(".bar[role] b").all_text_contents()]
    torch.testing.assert_close(torch.tensor(alpha), steps.alignment.alpha[t], atol=0.0061, rtol=0)
    if steps.e is not None:
        e = [number(text) for text in explorer.locator(".bar:not([role]) b").all_text_contents()]
        torch.testing.assert_close(torch.tensor(e), steps.e[t], atol=0.0061, rtol=0)
    assert explorer.locator(".said .now").inner_text() == steps.alignment.target[t]
    likeliest = dict(zip(texts(explorer, ".next b"), map(number, texts(explorer, ".next .number")), strict=True))
    for word, p in steps.likeliest[t][:3]:
        assert p < 0.02 or likeliest[word] == pytest.approx(p, abs=0.0061)
    sizes = page.locator("#source span").evaluate_all("all => all.map(part => +part.style.getPropertyValue('--size'))")
    torch.testing.assert_close(torch.tensor(sizes).float(), steps.alignment.alpha[t], atol=1e-3, rtol=0)


@pytest.mark.parametrize("name", MAIN[1:])
def test_the_steps_are_those_of_pytorch(name, reader, made):
    choose(reader, name)
    found = greedy(made, name, made.pairs[0])
    given = found.alignment.alpha if name == "oracle" else None
    steps = decoder_steps(made.models[name], found.source, found.tokens, given)
    slider = reader.locator(".explorer").get_by_role("slider", name="step t")
    slider.press("Home")
    assert_steps(reader, steps, 0)
    slider.press("ArrowRight")
    assert_steps(reader, steps, 1)
    reader.locator("#target span").nth(5).click()
    assert_steps(reader, steps, 5)
    reader.get_by_label("step", exact=True).first.press("End")
    assert_steps(reader, steps, len(found.tokens) - 1)


def test_the_vanilla_translator_has_nothing_to_look_at(reader):
    choose(reader, "vanilla")
    expect(reader.locator("#steps")).to_contain_text("has no α")
    reader.get_by_label("step", exact=True).first.press("Home")
    expect(reader.locator("#looks")).to_contain_text("comes from one vector")


class Bent(Context):
    """Another context, but with these weights at some steps, counted from 0."""

    def __init__(self, context, alpha):
        super().__init__()
        self.context, self.given, self.t = context, alpha, -1

    def keys(self, h):
        return self.context.keys(h)

    def forward(self, s_prev, encoded, alpha_t=None):
        look, self.t = self.context(s_prev, encoded, alpha_t), self.t + 1
        if self.t not in self.given:
            return look
        alpha = self.given[self.t].unsqueeze(0)
        return look._replace(c=torch.einsum("bj,bjd->bd", alpha, encoded.h), alpha=alpha)


def bent(made, name, pair, alpha):
    model = made.models[name]
    context, model.context = model.context, Bent(model.context, alpha)
    try:
        return greedy(made, name, pair)
    finally:
        model.context = context


@pytest.mark.parametrize("name", MAIN[1:])
def test_bent_weights_write_another_sentence(name, reader, made):
    choose(reader, name)
    pair, t, j = made.pairs[0], 3, 11
    own = greedy(made, name, pair)
    reader.locator("#target span").nth(t).click()
    bars = reader.locator(".explorer .bar[role]")
    bars.nth(j).focus()
    bars.nth(j).press("End")
    n = len(pair.source) + 1
    weights = {t: torch.eye(n)[j]}
    expect(reader.locator("#target span")).to_have_text(list(bent(made, name, pair, weights).tokens))
    expect(reader.locator("#bent")).to_contain_text("of the probability moved to other words")
    bars.nth(j).press("ArrowDown")  # the others share what is left
    weights[t] = torch.full((n,), 0.05 / (n - 1)).index_fill(0, torch.tensor(j), 0.95)
    expect(reader.locator("#target span")).to_have_text(list(bent(made, name, pair, weights).tokens))
    reader.locator("#target span").nth(t + 2).click()  # a second step, by a tap on a word
    reader.locator("#source span").nth(0).click()
    weights[t + 2] = torch.eye(n)[0]
    expect(reader.locator("#target span")).to_have_text(list(bent(made, name, pair, weights).tokens))
    reader.get_by_role("button", name="Give the weights back").last.click()
    expect(reader.locator("#target span")).to_have_text(list(own.tokens))


def test_a_bar_can_be_pulled(reader, made):
    reader.locator("#target span").nth(3).click()
    bar = reader.locator(".explorer .bar[role]").nth(4)
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    x = box["x"] + box["width"] / 2
    reader.mouse.move(x, box["y"] + box["height"] - 2)
    reader.mouse.down()
    reader.mouse.move(x, box["y"] + box["height"] * 0.4, steps=4)
    reader.mouse.up()
    assert float(bar.get_attribute("aria-valuenow")) == pytest.approx(0.6, abs=0.02)
    bars = reader.locator(".explorer .bar[role]").evaluate_all(
        "all => all.map(bar => +bar.getAttribute('aria-valuenow'))"
    )
    assert sum(bars) == pytest.approx(1, abs=0.07)
    expect(reader.locator("#bent")).to_contain_text("At step 4,")


TIMES = """async () => {
    const bars = document.querySelectorAll('.bar[role]'), times = [];
    for (let i = 0; i < 24; i++) {
        document.querySelectorAll('#target span')[i % 6].click(); // early steps: most is left to translate
        const start = performance.now();
        bars[i].focus({ preventScroll: true });
        bars[i].dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
        document.body.offsetHeight; // laid out by now
        times.push(performance.now() - start);
        document.querySelector('.reset').click();
        await new Promise(done => setTimeout(done));
    }
    return times;
}"""


def test_time_from_a_bent_bar_to_the_new_sentence(reader, made, capsys):
    pair = made.pairs[1]
    reader.get_by_label("A sentence").fill(" ".join(pair.source))
    reader.keyboard.press("Enter")
    with capsys.disabled():
        for name in MAIN[1:]:
            choose(reader, name)
            times = reader.evaluate(TIMES)
            print(f"\n{name}: {statistics.median(times):.0f} ms from a bent bar to the sentence of 30 words", end=", ")
            print(f"{min(times):.0f} at best", end=" ")


def test_the_beam(reader, made):
    pair = made.pairs[0]
    reader.locator("#beam").scroll_into_view_if_needed()
    for k in (3, 5):
        reader.get_by_label("k: so many are kept").select_option(str(k))
        (best,) = translate(made.models["learned"], [pair], beam=k)
        row = reader.locator("#lost li", has_text=f"this beam, k = {k}")
        expect(row).to_contain_text(" ".join(best.target))
        per_word = number(re.search(r"ln p = (\S+)", row.inner_text())[1])
        assert per_word == pytest.approx(best.log_probability / len(best.tokens), abs=0.006)
        assert reader.locator("#tree text.best").all_text_contents() == list(best.tokens)
        expect(row).to_contain_text("kept to the end")
    expect(reader.locator("#lost")).to_contain_text("the right answer")
    slider = reader.locator("#grown")
    slider.press("Home")
    expect(reader.locator("#kept")).to_contain_text("Step 1 of")
    assert len(reader.locator("#tree text:visible").all()) <= 2 * 5
    slider.press("ArrowRight")
    expect(reader.locator("#kept")).to_contain_text("Pruned: 20")


def test_bleu_by_length_is_that_of_the_notebooks(reader, made):
    reader.get_by_role("button", name="Translate them all").click()
    expect(reader.locator("#running")).to_contain_text("seconds", timeout=120_000)
    rows = [texts(row, "td") for row in reader.locator("#chart tbody tr").all()]
    found = {
        name: translate(made.models[name], made.pairs, oracle=oracle_alpha if name == "oracle" else None)
        for name in MAIN
    }
    for (low, high), (label, *scores) in zip(BUCKETS, rows, strict=True):
        inside = [i for i, pair in enumerate(made.pairs) if low <= len(pair.source) <= high]
        assert label == f"{low}–{high}"
        for name, score in zip(MAIN, scores, strict=True):
            right = bleu([found[name][i] for i in inside], [" ".join(made.pairs[i].target) for i in inside])
            assert float(score) == pytest.approx(right, abs=0.06)


def test_a_link_holds_sentence_step_and_translator(reader, made):
    reader.get_by_label("A sentence").fill("larki ghar jaati hai")
    reader.keyboard.press("Enter")
    choose(reader, "both ways")
    reader.locator("#target span").nth(2).click()
    reader.get_by_role("button", name="Copy a link").click()
    expect(reader.locator("#message")).to_contain_text("The link is")
    state = parse_qs(urlsplit(reader.url).fragment)
    assert state["t"] == ["3"] and state["m"] == ["both ways"] and state["s"][0].split()[:2] == ["लड़की", "घर"]
    words, link = texts(reader, "#source b"), reader.url
    reader.goto("about:blank")
    reader.goto(link)
    assert texts(reader, "#source b") == words and reader.get_by_role("radio", name="both ways").is_checked()
    assert reader.locator("#step").input_value() == "3"


def test_a_link_holds_the_bent_weights(reader, made):
    choose(reader, "learned")
    reader.locator("#target span").nth(3).click()
    reader.locator("#source span").nth(11).click()  # all the weight on one word
    reader.locator(".explorer .bar[role]").nth(11).press("ArrowDown")
    reader.locator("#target span").nth(5).click()
    reader.locator("#source span").nth(0).click()
    reader.get_by_role("button", name="Copy a link").click()
    expect(reader.locator("#message")).to_contain_text("and your weights")
    written, link = texts(reader, "#target span"), reader.url
    for address, expected in ((link, written), (link.replace("&b=", "&b=999.1~x.y~"), written)):
        reader.goto("about:blank")
        reader.goto(address)
        expect(reader.locator("#target span")).to_have_text(expected)
        assert reader.locator("#step").input_value() == "6"
        assert reader.get_by_role("button", name="Give the weights back").last.is_visible()
    reader.goto("about:blank")
    reader.goto(re.sub("&b=[^&]*", "&b=4.1.2.3~nonsense", link))  # weights that do not fit are of no use
    expect(reader.locator("#bent")).to_contain_text("All weights are the translator’s own")


@pytest.mark.parametrize("width, scheme", [(360, "light"), (360, "dark"), (800, "light"), (1440, "dark")])
def test_it_fits_and_is_for_everyone(width, scheme, reader):
    reader.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    reader.set_viewport_size({"width": width, "height": 740})
    reader.get_by_text("Tap words instead").click()
    reader.locator("#source span").nth(3).click()
    reader.locator("#tree").scroll_into_view_if_needed()
    expect(reader.locator("#lost li").first).to_be_visible()
    assert reader.evaluate("document.documentElement.scrollWidth") <= width
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe comes with make setup")
    found = axe.Axe().run(reader).response["violations"]
    assert [(v["id"], v["impact"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found] == []
    small = reader.locator("button:visible, select:visible, input[type=search]:visible").evaluate_all(
        "all => all.filter(part => part.offsetHeight < 24 || part.offsetWidth < 24).map(part => part.outerHTML)"
    )
    assert small == []


def test_paper_has_the_sentence_and_no_buttons(reader):
    reader.emulate_media(media="print", color_scheme="dark")
    for shown in ("#source", "#target", "#answers", ".explorer .heat"):
        expect(reader.locator(shown)).to_be_visible()
    assert reader.locator("button:visible, input:visible:not([type=radio])").count() == 0
    assert reader.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"


def test_keys_alone_reach_everything(reader):
    reader.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(60):
        reader.keyboard.press("Tab")
        reached.add(
            reader.evaluate("e => (e = document.activeElement).id || e.getAttribute('role') || e.name || e.textContent")
        )
    assert {
        "typed",
        "another",
        "length",
        "shuffle",
        "share",
        "step",
        "translator",
        "slider",
        "width",
        "grown",
        "grow",
        "run",
    } <= reached


A_TOUR = """async () => {
    const $ = id => document.getElementById(id), words = part => [...part.children].map(span => span.textContent);
    const until = async ready => { while (!ready()) await new Promise(done => setTimeout(done, 50)); };
    const errors = [];
    addEventListener('error', ({ message }) => errors.push(message));
    $('typed').value = 'ladka kitab padhta hai';
    $('form').requestSubmit();
    const typed = words($('target'));
    document.querySelector('.explorer input').value = 2;
    document.querySelector('.explorer input').dispatchEvent(new Event('input'));
    const step = $('step').value, bar = document.querySelectorAll('.bar[role]')[0];
    bar.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
    const bent = words($('target'));
    $('beam').scrollIntoView();
    await until(() => $('lost').children.length);
    $('run').click();
    await until(() => $('running').textContent.includes('seconds'));
    const lost = $('lost').textContent, table = $('chart').querySelector('table').textContent;
    return { errors, typed, step, bent, lost, table, beyond: document.documentElement.scrollWidth - innerWidth };
}"""


@pytest.mark.parametrize("browser", ["firefox", "webkit"])
def test_other_browsers(browser, request, made):
    found = request.getfixturevalue(browser)(made.path.as_uri(), A_TOUR)
    words, _ = read_sentence("ladka kitab padhta hai", made.models["learned"].source_vocab)
    typed = greedy(made, "learned", words)
    one_hot = torch.eye(len(words) + 1)[0]
    assert found["errors"] == [] and found["typed"] == list(typed.tokens) and found["step"] == "2"
    assert found["bent"] == list(bent(made, "learned", words, {1: one_hot}).tokens)
    assert "this beam, k = 3" in found["lost"] and "48–60" in found["table"] and found["beyond"] <= 0
