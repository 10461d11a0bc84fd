"""The page's engine computes what PyTorch computes, in Node and in a browser; engines with a planted bug do not."""

import base64
import json
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from support import node
from support.examples import small, untrained
from support.http_server import Answer, running
from support.node import needs_node

from helpers.attention import Context
from helpers.batching import make_batches
from helpers.corpus.pairs import load_split
from helpers.models import ModelConfig
from helpers.oracle import oracle_alpha
from helpers.page import weights
from helpers.page.weights import exported
from helpers.recipes import RECIPES
from helpers.training import load
from helpers.translation import translate
from helpers.vocabulary import END

ENGINE = Path(weights.__file__).with_name("engine.js")

# Odd sizes: the engine takes four rows of a matrix at a time.
DEEP = ModelConfig("additive", bidirectional=True, embedding=35, hidden=54, attention_hidden=43, deep_output=True)
MODELS = {name: RECIPES[name].model for name in ("vanilla", "oracle", "learned", "both ways")} | {"deep output": DEEP}
BEAM = 3
# What an engine is asked.
DRIVER = """
function answer({ exported, sentences, beam, longest }) {
    const model = new Translator(exported);
    const text = vectors => btoa(vectors.map(v => String.fromCharCode(...new Uint8Array(v.buffer))).join(""));
    const found = ({ words, finished, logProbability, steps }) =>
        ({ words, finished, logProbability, alpha: steps[0].alpha ? text(steps.map(step => step.alpha)) : null });
    return sentences.map(({ words, tokens, oracle, overrule }) => {
        const told = { oracle, longest }, greedy = found(model.greedy(words, told));
        if (!beam) return { greedy };
        const encoded = model.read(words), steps = [{ word: "<s>", s: encoded.s }];
        tokens.forEach((word, t) =>
            steps.push({ word, ...model.step(steps[t].word, steps[t].s, encoded, oracle?.[t]) }));
        return {
            greedy,
            beam: found([...model.beam(words, beam, told)].at(-1).best),
            overruled: overrule ? found(model.greedy(words, { ...told, overrule })) : null,
            logits: text(steps.slice(1).map(step => step.logits)),
        };
    });
}
"""


def in_node(function, argument, engine=ENGINE):
    return node.in_node(function, argument, engine, more=DRIVER)


@cache
def sentences():
    """200 pairs: of the test set, longer ones, one with an unknown word, and one in another normal form."""
    test = load_split("test")
    unknown, composed = test[-1], next(pair for pair in test if "ड\u093c" in "".join(pair.source))
    odd = [
        replace(unknown, source=("ज़ेब्रा", *unknown.source[1:])),
        replace(composed, source=tuple(word.replace("ड\u093c", "\u095c") for word in composed.source)),
    ]
    return [*odd, *test[:188], *load_split("test_long")[:10]]


class Overruled(Context):
    """Another context, but at its second step all weight is on the first word."""

    def __init__(self, context):
        super().__init__()
        self.context, self.t = context, 0

    def keys(self, h):
        return self.context.keys(h)

    def forward(self, s_prev, encoded, alpha_t=None):
        look, self.t = self.context(s_prev, encoded, alpha_t), self.t + 1
        if self.t != 2:
            return look
        return look._replace(c=encoded.h[:, 0], alpha=torch.eye(encoded.h.size(1))[:1])


@torch.no_grad()
def case(model, pairs, trained):
    """What is asked of an engine, and what PyTorch answers."""
    torch.set_num_threads(1)
    oracle, longest = oracle_alpha if model.config.attention == "given" else None, 100 if trained else 12
    right = [{} for _ in pairs]
    for batch in make_batches(pairs, model.source_vocab, model.target_vocab, oracle=oracle):
        for i, row in zip(batch.indices, model(batch)[0], strict=True):
            right[i]["logits"] = row[: len(pairs[i].target) + 1]
    for search, beam in (("greedy", 1), ("beam", BEAM)):
        for i, found in enumerate(translate(model, pairs, beam, oracle, longest)):
            right[i][search] = found
    asked = [{"words": p.source, "tokens": [*p.target, END]} for p in pairs]
    for sentence, pair in zip(asked, pairs, strict=True):
        sentence |= {"oracle": oracle_alpha(pair).tolist()} if oracle else {}
    for sentence, pair, found in list(zip(asked, pairs, right, strict=True))[:20]:
        if model.config.attention != "none":
            context = model.context
            model.context = Overruled(context)
            (found["overruled"],) = translate(model, [pair], 1, oracle, longest)
            model.context = context
            sentence["overrule"] = {2: [3.0, *[0] * len(pair.source)]}  # which is divided by its sum
    return SimpleNamespace(model=model, trained=trained, asked=asked, right=right, longest=longest)


@cache
def case_of(name):
    """The trained model of this name if it is in the cache, else one with random weights; on 200 sentences."""
    train, valid = load_split("train"), load_split("valid")
    trained = load(RECIPES[name], train, valid) if name in RECIPES else None
    return case(trained.cpu() if trained else untrained(MODELS[name]), sentences(), trained is not None)


def question(case, precision="float32", beam=BEAM):
    """The argument of `answer` in the driver; without a beam, it is asked for the greedy translations only."""
    model = exported(case.model, precision)
    return {"exported": model, "sentences": case.asked, "beam": beam, "longest": case.longest}


def numbers(text, like):
    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.float32).view_as(like)


def same_words(answers, right, search):
    """The share of the sentences whose words are the same."""
    same = [
        (tuple(a[search]["words"]), a[search]["finished"]) == (r[search].target, r[search].finished)
        for a, r in zip(answers, right, strict=True)
        if search in r
    ]
    return sum(same) / len(same) if same else 1.0


def check(answers, case):
    """Raise an AssertionError unless these are PyTorch's answers. Returns the largest difference of two logits."""
    logits = [(numbers(a["logits"], r["logits"]), r["logits"]) for a, r in zip(answers, case.right, strict=True)]
    worst = torch.stack([(theirs - ours).abs().max() for theirs, ours in logits]).max().item()
    assert worst < 1e-4  # nor is it nan
    for search in ("greedy", "beam", "overruled"):
        assert same_words(answers, case.right, search) >= 0.995, search
        for answer, right in zip(answers, case.right, strict=True):
            if search in right and tuple(answer[search]["words"]) == right[search].target:
                assert answer[search]["logProbability"] == pytest.approx(right[search].log_probability, abs=1e-3)
                if right[search].alignment:
                    alpha = right[search].alignment.alpha
                    torch.testing.assert_close(numbers(answer[search]["alpha"], alpha), alpha, atol=1e-4, rtol=0)
    return worst


@needs_node
@pytest.mark.parametrize("name", MODELS)
def test_the_engine_computes_what_pytorch_computes(name, capsys):
    case = case_of(name)
    worst = check(in_node("answer", question(case)), case)
    half = in_node("answer", question(case, "float16", beam=0))
    assert same_words(half, case.right, "greedy") >= 0.995
    with capsys.disabled():
        print(f"\n{name}, {'trained' if case.trained else 'untrained'}: logits differ by {worst:.1e} at most", end=" ")


@pytest.mark.browser
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("origin, precision, beam", [("file", "float32", BEAM), ("http", "float16", 0)])
def test_in_a_page(name, origin, precision, beam, page, tmp_path):
    case = case_of(name)
    asked = json.dumps(question(case, precision, beam)).replace("<", r"\u003c")
    scripts = (ENGINE.read_text(encoding="utf-8"), f"{DRIVER}\nconst asked = {asked};")  # file:// can fetch nothing
    html = '<!doctype html><meta charset="utf-8">' + "".join(f"<script>{script}</script>" for script in scripts)
    file = tmp_path / "page.html"
    file.write_text(html, encoding="utf-8")
    with running() as server:
        page.goto(file.as_uri() if origin == "file" else server.serve("/page.html", Answer(html.encode())))
        answers = page.evaluate("answer(asked)")
    assert page.refused == page.errors == []
    assert same_words(answers, case.right, "greedy") >= 0.995
    if beam:
        check(answers, case)


AHEAD = "const s_t = once ? s_prev : this.step(before, s_prev, encoded, given, true).s;"
RESET_BEFORE = """
function resetBefore(ofInput, layer, h) {
    const D = h.length, ofState = layer(h), r = h.map((_, i) => sigmoid(ofInput[i] + ofState[i]));
    const ofReset = layer(h.map((h_i, i) => r[i] * h_i));
    return ofState.map((share, i) => (i < 2 * D ? share : ofReset[i] / r[i - 2 * D])); // gru multiplies by r
}
"""
BUGS = {
    "r and z are exchanged": [("const r = ", "const q = "), ("const z = ", "const r = "), ("const q = ", "const z = ")],
    "the reset comes before the matrix": [
        (
            'this.layer("cell.from_state", s_prev)',
            'resetBefore(ofInput, s => this.layer("cell.from_state", s), s_prev)',
        ),
        ("const tanh =", f"{RESET_BEFORE}const tanh ="),
    ],
    "a place of padding gets weight": [("logSoftmax(e).map", "logSoftmax(joined(e, [0])).slice(0, -1).map")],
    "</s> gets no weight": [("logSoftmax(e)", "logSoftmax(e.map((x, j) => (j < e.length - 1 ? x : -Infinity)))")],
    "both readers begin at the first word": [("[...x].reverse()", "x")],
    "backward states stay turned round": [('"l0_reverse").reverse()', '"l0_reverse")')],
    "the second reader's end is its beginning": [("backward[0]", "backward.at(-1)")],
    "α is not used": [("c: average(alpha, h)", "c: average(h.map(() => 1 / h.length), h)")],
    "the given α is not used": [("given ? shares", "given && !keys ? shares")],
    "the given α is not divided by its sum": [("weight / total", "weight")],
    "s_t asks in place of s_{t-1}": [
        ("step(before, s_prev, encoded, given) {", f"step(before, s_prev, encoded, given, once) {{ {AHEAD}"),
        ("this.look(s_prev,", "this.look(s_t,"),
    ],
    "the deep output is shallow": [('tanh(this.layer("readout", joined(s, look.c, y)))', "s")],
    "an unknown word is <pad>": [('"<unk>"', '"<pad>"')],
    "another normal form is unknown": [('.normalize("NFC")', "")],
    "beams are not compared by the word": [("path.logProbability / path.steps.length", "path.logProbability")],
    "half precision has another exponent": [("exponent - 15", "exponent - 14")],
}


@cache
def small_case():
    return case(untrained(DEEP), sentences()[:30], trained=False)


@needs_node
@pytest.mark.parametrize("bug", [None, *BUGS])
def test_an_engine_with_a_bug_is_found(bug, tmp_path):
    script = ENGINE.read_text(encoding="utf-8")
    for right, wrong in BUGS.get(bug, []):
        assert right in script, f"the engine has no {right!r} any more: write this bug anew"
        script = script.replace(right, wrong)
    engine = tmp_path / "engine.js"
    engine.write_text(script, encoding="utf-8")
    answers = in_node("answer", question(small_case(), "float16"), engine)  # these weights are exact in half precision
    with nullcontext() if bug is None else pytest.raises(AssertionError):
        check(answers, small_case())


@needs_node
def test_a_beam_shows_what_is_kept_and_what_is_pruned():
    function = """({ exported, words }) => {
        const model = new Translator(exported), told = { longest: 9 };
        const paths = ps => ps.map(({ words, logProbability, steps }) => [words, logProbability, steps.length]);
        const grown = [...model.beam(words, 3, told)];
        return {
            kept: grown.map(({ kept }) => paths(kept)), pruned: grown.map(({ pruned }) => paths(pruned)),
            one: [...model.beam(words, 1, told)].at(-1).best.words, greedy: model.greedy(words, told).words,
        };
    }"""
    found = in_node(function, {"exported": exported(untrained(DEEP)), "words": ["लड़का", "आया", "।"]})
    assert found["one"] == found["greedy"]
    assert len(found["pruned"][0]) == 0 and len(found["kept"]) <= 9
    for t, (kept, pruned) in enumerate(zip(found["kept"], found["pruned"], strict=True), 1):
        scores = [logP for _, logP, _ in kept + pruned]
        assert len(kept) == 3 and scores == sorted(scores, reverse=True)
        assert {steps for *_, steps in kept} <= set(range(1, t + 1))


@needs_node
@pytest.mark.parametrize(
    "attention, call, message",
    [
        ("additive", "read([])", "a sentence is a list of words"),
        ("additive", "greedy('लड़का आया ।')", "a sentence is a list of words"),
        ("additive", "read(['लड़का', 1])", "a sentence is a list of words"),
        ("given", "greedy(['लड़का'])", "this model must be told where to look"),
        ("none", "greedy(['लड़का'], { overrule: { 1: [1, 0] } })", "this model takes no weights"),
        *[
            ("additive", f"greedy(['लड़का'], {{ overrule: {{ 1: {wrong} }} }})", "2 weights from 0 up are needed")
            for wrong in ("[1]", "[0, 0]", "[2, -1]", "[NaN, 1]", "[Infinity, 1]")
        ],
    ],
)
def test_what_an_engine_cannot_do_it_says(attention, call, message):
    function = f"""exported => {{
        const model = new Translator(exported);
        try {{ model.{call}; }} catch (error) {{ return error.message; }}
    }}"""
    assert message in in_node(function, exported(small(attention)))


@needs_node
@pytest.mark.parametrize("name", ["learned", "both ways"])
def test_time_for_a_sentence_of_30_words(name, capsys):
    function = """({ exported, sentences }) => {
        const model = new Translator(exported), times = [];
        for (const words of [...sentences, ...sentences, ...sentences]) {
            const start = process.cpuUsage(); // unlike a clock, it does not count what others do
            model.greedy(words, { longest: 31 });
            const { user, system } = process.cpuUsage(start);
            times.push((user + system) / 1000);
        }
        return times.sort((a, b) => a - b);
    }"""
    pairs = [p for split in ("test", "test_long") for p in load_split(split) if len(p.source) == 30][:10]
    times = in_node(function, {"exported": exported(case_of(name).model), "sentences": [p.source for p in pairs]})
    with capsys.disabled():
        print(f"\n{name}: {times[15]:.0f} ms of a CPU for a sentence of 30 words, {times[0]:.0f} at best", end=" ")
