"""What a training shows: bars anywhere; in a notebook the bars and the growing α, each once, whatever happens."""

import base64
import io

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image
from support.examples import PAIRS

from helpers.models import ModelConfig
from helpers.training import Progress, TrainingConfig, View, fit, new_translator

SETUP = f"""
import sys
sys.path[:0] = {__import__("sys").path!r}
from helpers.bootstrap import prepare
prepare()
from helpers.models import ModelConfig
from helpers.training import *
from support.examples import PAIRS
"""
TRAIN = """
config = TrainingConfig(epochs=3, batch_size=1)
model = new_translator(ModelConfig("additive", hidden=16), config, PAIRS)
"""
INTERRUPTED = """
calls, forward = [], model.forward
def press_stop(batch):
    calls.append(batch)
    if len(calls) == 12:
        raise KeyboardInterrupt
    return forward(batch)
model.forward = press_stop
"""


def outputs_of(*code):
    """What cells leave in the notebook."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (SETUP, *code)])
    NotebookClient(notebook, timeout=120).execute()
    return [output for cell in notebook.cells[1:] for output in cell.outputs]


@pytest.mark.parametrize("stop", ["", INTERRUPTED], ids=["to its end", "interrupted"])
def test_the_last_picture_stays_once(stop):
    bars, picture = outputs_of(
        TRAIN + stop + "history = fit(model, PAIRS, PAIRS, config, watch=PAIRS[0], name='grows')"
    )
    assert bars["output_type"] == picture["output_type"] == "display_data"
    (line,) = bars["data"]["text/plain"].splitlines()
    assert line.startswith("grows: ") and "validation BLEU" in line and ("100%" in line) == (not stop)
    alt = picture["metadata"]["image/png"]["alt"]
    assert ("α after 3.00 of 3 passes" in alt) == (not stop) and "the model writes" in alt
    image = Image.open(io.BytesIO(base64.b64decode(picture["data"]["image/png"])))
    assert image.width > 500 and len(image.convert("L").getcolors()) > 20


def test_trainings_side_by_side_have_a_bar_each(monkeypatch, tmp_path):
    monkeypatch.setenv("ATTENTION_COURSE_CACHE", str(tmp_path))
    bars, other_bars, picture, printed = outputs_of(
        """
class Mine(torch.nn.Module):  # of the notebook, which the process of the training does not know
    def forward(self, x):
        return x

recipes = [Recipe(name, ModelConfig("additive", hidden=16), TrainingConfig(epochs=2)) for name in ("one", "two")]
models = {r.name: new_translator(r.model, r.training, PAIRS) for r in recipes}
models["one"].dropout = Mine()
seen = fit_all(models, PAIRS, PAIRS, TrainingConfig(epochs=2))
fit_or_load_all(recipes, PAIRS, PAIRS, watch={"two": PAIRS[0]})
print(seen["one"].loss == seen["two"].loss)
"""
    )
    for output in (bars, other_bars):
        first, second = output["data"]["text/plain"].splitlines()
        assert first.startswith("one: 100%") and second.startswith("two: 100%")
    assert "2.00 of 2 passes" in picture["metadata"]["image/png"]["alt"] and printed["text"] == "True\n"


@pytest.mark.browser
@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_the_picture_grows_in_the_page(page, jupyter, app):
    jupyter.write(
        "grow.ipynb", SETUP, TRAIN.replace("epochs=3", "epochs=60"), "fit(model, PAIRS, PAIRS, config, watch=PAIRS[0]);"
    )
    jupyter.open(page, "grow.ipynb", app, wait=False)
    picture, bar = page.locator(".jp-OutputArea-output img"), page.locator(".jp-OutputArea-output pre").last
    seen = set()
    picture.wait_for()
    while "100%" not in bar.inner_text():
        seen.add(picture.get_attribute("src"))
    assert len(seen) > 5 and picture.count() == 1


def test_elsewhere_there_is_a_bar(capsys):
    model = new_translator(ModelConfig("additive", hidden=8), TrainingConfig(), PAIRS)
    fit(model, PAIRS, PAIRS, TrainingConfig(epochs=2), watch=PAIRS[0], name="mine")
    said = capsys.readouterr().out
    assert "mine: 100%" in said and "validation BLEU" in said


def test_a_training_that_waits_has_its_bar(capsys):
    with View() as view:
        view(Progress("first", epochs=2, total=10))
        view(Progress("second", epochs=2, total=20))
        view(Progress("first", epochs=2, total=10, done=10))
    said = capsys.readouterr().out
    assert "first: 100%" in said and "second:   0%| " in said
