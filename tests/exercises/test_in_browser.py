"""Exercises in real JupyterLab, as a learner meets them: empty, wrong and right answers, and what the page says."""

import re
import shutil
from itertools import pairwise

import pytest

from tools.course import NOTEBOOKS, read, solutions

pytestmark = pytest.mark.browser
NOT_ATTEMPTED = "… Not attempted yet. Fill in the … and run both cells again."
# For each exercise: a slip in the stored solution, what the page says to it, and what it says to the solution.
EXERCISES = {
    "1.1": (
        "W.T",
        "W",
        "W is the wrong way round: W h for one column is h @ W.T for rows.",
        "The states are right for batches of 1, 4 and 7 sentences",
    ),
    "2.4": (
        "n - 1 - j",
        "n - j",
        "counted from 0: n - 1 - j, not n - j.",
        "Words and links are turned round together, for 50 sentences.",
    ),
    "3.1": (
        ", keepdim=True",
        "",
        "Two shapes do not fit together: write the shape of each part",
        "Rows sum to 1, sure links weigh twice as much as possible ones",
    ),
    "4.2": (
        "e_t.masked_fill(~src_mask, -torch.inf)",
        "e_t * src_mask",
        "a score of 0 is not “no weight”, since e^0 = 1. The score must be -torch.inf.",
        "Rows sum to 1, padding gets exactly 0, large scores do no harm",
    ),
    "6.1": (
        " or ",
        " and ",
        "a pair leaks if *either* side was seen; yours asks for both.",
        "The share is right for 30 small splits.",
    ),
    "7.3": (
        "tril",
        "triu",
        "the steps see the future and not the past: row t must be True up to column t.",
        "A step sees itself and what was before it, and nothing later",
    ),
}
OPENED = """async () => {
    const app = window.jupyterapp, panel = app.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
    await app.commands.execute('notebook:clear-all-cell-outputs');
    return panel.content.widgets.map(cell => [cell.model.type, cell.model.sharedModel.getSource()]);
}"""


class Learner:
    """Mouse, keyboard and eyes on a notebook that is open in JupyterLab."""

    def __init__(self, page):
        self.page = page
        kinds, self.texts = zip(*page.evaluate(OPENED), strict=True)
        self.code = [i for i, kind in enumerate(kinds) if kind == "code"]

    def cell(self, index):
        """A cell on the screen; JupyterLab has no others in the page."""
        self.page.evaluate("i => window.jupyterapp.shell.currentWidget.content.scrollToItem(i, 'center')", index)
        return self.page.locator(f'.jp-Notebook-cell[data-windowed-list-index="{index}"]')

    def run(self, *indices):
        for index in indices:
            cell = self.cell(index)
            folded = cell.locator(".jp-InputPlaceholder")
            if folded.count():  # as the set-up cell is
                folded.click()
            cell.locator(".cm-content").click()
            self.page.keyboard.press("Shift+Enter")

    def write(self, index, text):
        """Type a text in place of what is there, with the real keys; the editor indents and closes brackets itself."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        for number, line in enumerate(text.split("\n")):
            self.page.keyboard.press("Enter" if number else "Delete")
            self.page.keyboard.press("Shift+Home")  # takes the editor's own indentation away
            self.page.keyboard.type(line)
        written = "i => window.jupyterapp.shell.currentWidget.content.widgets[i].model.sharedModel.getSource()"
        assert self.page.evaluate(written, index) == text

    def reads(self, index, words):
        """The text below a cell that has ended, once these words are in it; nothing of it is cut off."""
        output = self.cell(index).locator(".jp-Cell-outputArea")
        output.get_by_text(words).first.wait_for()
        self.cell(index).locator(".jp-InputPrompt", has_text=re.compile(r"\d")).wait_for()
        assert output.evaluate("part => part.scrollWidth <= part.clientWidth && part.scrollHeight <= part.clientHeight")
        assert output.locator("[data-mime-type$=stderr]").count() == 0
        return " ".join(output.inner_text().split())


@pytest.fixture(scope="module")
def answers():
    """The code of every solution by its number, without the check."""
    code = {}
    for path in solutions():
        cells = read(path).cells
        for heading, cell in pairwise(cells):
            if number := re.match(r"## (\d\.\d) ", heading.source):
                code[number[1]] = cell.source.split("\nchecks.")[0].strip()
    code["2.4"] = "from dataclasses import replace\n\n" + code["2.4"]  # as its hint says
    return code


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_empty_a_wrong_and_a_right_answer(exercise, jupyter, page, answers):
    slip, slipped, mistake, praise = EXERCISES[exercise]
    (name,) = (path.name for path in NOTEBOOKS.glob(f"0{exercise[0]}_*.ipynb"))
    shutil.copy(NOTEBOOKS / name, jupyter.folder)
    jupyter.open(page, name, run=False)
    learner = Learner(page)

    def stub_and_check(number):
        (heading,) = (i for i, text in enumerate(learner.texts) if text.startswith(f"### Exercise {number}"))
        return [i for i in learner.code if i > heading][:2]

    stub, check = stub_and_check(exercise)
    real = re.compile("^ *(corpus|everything) = .*(corpus|tatoeba)", re.MULTILINE)  # what lesson 06 needs
    corpus = [i for i in learner.code if real.search(learner.texts[i])]
    checks = stub_and_check(exercise[:2] + "1")  # a lesson imports its checks with the first
    learner.run(*dict.fromkeys([*learner.code[:2], *corpus, *checks, stub, check]))
    assert set(learner.reads(check, NOT_ATTEMPTED).split(NOT_ATTEMPTED)) <= {"", " "}

    right = answers[exercise]
    learner.write(stub, right.replace(slip, slipped, 1))
    learner.run(stub, check)
    said = learner.reads(check, mistake)
    assert said.startswith("✗ ") and said.count("✗") == 1

    learner.write(stub, right)
    learner.run(stub, check)
    said = learner.reads(check, praise)
    assert said.startswith(f"✓ {praise}") and "✗" not in said
