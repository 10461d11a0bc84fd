"""Weights, marks and scores of the page are those of the notebooks."""

import json
import random
from pathlib import Path

import pytest
import torch
from support.examples import PAIRS, loud
from support.node import in_node, needs_node

from helpers.corpus.pairs import alignment_text, load_split
from helpers.evaluation import bleu
from helpers.oracle import oracle_alpha
from helpers.page import write
from helpers.page.weights import exported
from helpers.steps import forced
from helpers.vocabulary import END

pytestmark = needs_node
SCRIPTS = [Path(write.__file__).with_name(name) for name in ("engine.js", "reading.js", "measuring.js")]


def as_asked(pair):
    return {"source": pair.source, "target": pair.target, "links": alignment_text(pair)}


def test_the_oracle_gives_the_same_weights():
    pairs = [*PAIRS, *load_split("test")[:100]]
    found = in_node(
        "pairs => pairs.map(pair => oracleAlpha(pair).map(row => [...row]))", list(map(as_asked, pairs)), *SCRIPTS
    )
    for pair, alpha in zip(pairs, found, strict=True):
        torch.testing.assert_close(torch.tensor(alpha, dtype=torch.float32), oracle_alpha(pair))


def slips(pairs, share):
    """References with wrong words, lost words and words in another order; the more, the higher the share."""
    rng = random.Random(share)
    written = []
    for pair in pairs:
        words = [rng.choice(pair.target) if rng.random() < share else word for word in pair.target]
        words = [word for word in words if rng.random() > share / 2]
        cut = rng.randrange(len(words) + 1) if rng.random() < share else 0
        written.append(words[cut:] + words[:cut])
    return written


@pytest.mark.parametrize("count, share", [(100, 0.0), (100, 0.1), (100, 0.5), (5, 0.9), (1, 0.3), (1, 1.0)])
def test_bleu_is_that_of_sacrebleu(count, share):
    pairs = load_split("test")[:count]
    written = slips(pairs, share)
    asked = [[words, pair.target] for words, pair in zip(written, pairs, strict=True)]
    score = "pairs => { const b = new Bleu(); pairs.forEach(pair => b.add(...pair)); return b.score; }"
    right = bleu([" ".join(words) for words in written], [" ".join(pair.target) for pair in pairs])
    assert in_node(score, asked, *SCRIPTS) == pytest.approx(right, abs=1e-6)


@pytest.mark.parametrize(
    "written, reference", [("a", "a"), ("a b", "b a"), ("x y z", "a b c"), ("", "a b"), ("a a a", "a")]
)
def test_bleu_of_few_words(written, reference):
    score = "pair => { const b = new Bleu(); b.add(...pair); return b.score; }"
    found = in_node(score, [written.split(), reference.split()], *SCRIPTS)
    assert found == pytest.approx(bleu([written], [reference]), abs=1e-6)


def test_marks_give_back_both_sentences():
    pairs = load_split("test")[:50]
    asked = [[words, pair.target] for words, pair in zip(slips(pairs, 0.3), pairs, strict=True)]
    for (written, reference), parts in zip(
        asked, in_node("a => a.map(p => compared(...p))", asked, *SCRIPTS), strict=True
    ):
        assert [w for kind, words in parts if kind != "lost" for w in words] == written
        assert [w for kind, words in parts if kind != "wrong" for w in words] == list(reference)


def test_a_sentence_is_as_likely_as_for_pytorch():
    model, pair = loud("additive"), PAIRS[1]
    p, _ = forced(model, pair.source, (*pair.target, END))
    ids = model.target_vocab.encode(pair.target)
    right = p[range(len(ids)), ids].log().sum()
    ask = "({ exported, source, target }) => logProbability(new Translator(exported), source, target)"
    found = in_node(ask, {"exported": exported(model, "float32"), **as_asked(pair)}, *SCRIPTS)
    assert found == pytest.approx(float(right), abs=1e-3)


def test_distance_is_the_share_that_moved():
    ask = "([p, q]) => distance(p.map(Math.log), q.map(Math.log))"
    assert in_node(ask, [[0.5, 0.5, 1e-9], [0.2, 0.5, 0.3]], *SCRIPTS) == pytest.approx(0.3)
    assert json.dumps(in_node(ask, [[0.5, 0.5], [0.5, 0.5]], *SCRIPTS)) == "0"
