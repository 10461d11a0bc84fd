"""How notebooks are built, on small ones made here; and how links follow the repository."""

import re
import sys

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from tools import ROOT, course
from tools.course import PICTURED, PICTURES, WIDGET, build, clean, lessons_named, picture, read, sources
from tools.links import relink

LESSON = """\
# %% [markdown]
# # Does it run?

# %%
import os, sys, warnings
from tqdm.auto import tqdm
total = sum(tqdm(range(1000), desc="adding"))

# %%
from tqdm import tqdm as text_bar
for _ in text_bar(range(3)): pass
for step in range(3): print(f"step {step}", end="\\r" if step < 2 else "\\n")

# %%
import ipywidgets
from IPython.display import display
class Shown(ipywidgets.IntSlider):
    def _repr_mimebundle_(self, **options):
        return super()._repr_mimebundle_(**options) | {"text/html": "<b>a slider</b>"}
display(Shown()); display(ipywidgets.IntSlider())

# %%
print(os.environ["ATTENTION_COURSE_CACHE"], os.path.basename(os.getcwd()))
total
"""


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lesson")
    source = folder / "01_lesson.py"
    source.write_text(LESSON, encoding="utf-8")
    return nbformat.read(build(source, folder, folder / "cache"), as_version=4)


def test_notebook_is_executed_in_its_folder_with_the_given_cache(lesson):
    printed, value = lesson.cells[-1].outputs
    assert printed.text.rstrip().endswith("cache notebooks")
    assert value.data["text/plain"] == str(sum(range(1000)))
    assert [cell.execution_count for cell in lesson.cells if cell.cell_type == "code"] == [1, 2, 3, 4]


def test_stored_outputs_need_no_kernel_and_show_no_progress_bar(lesson):
    bars, text_bars, widgets, _ = [cell.outputs for cell in lesson.cells if cell.cell_type == "code"]
    assert bars == []
    assert [(output.name, output.text) for output in text_bars] == [("stdout", "step 2\n")]
    assert [set(output.data) for output in widgets] == [{"text/html", "text/plain"}]
    assert set(lesson.metadata) == {"kernelspec", "language_info"}


def test_warnings_stay_so_that_somebody_sees_them():
    warning = nbformat.v4.new_output("stream", name="stderr", text="UserWarning: careful\n")
    bar = nbformat.v4.new_output("stream", name="stderr", text="\r 50%|##  |\r100%|####|\n")
    assert [output.text for output in clean([bar, warning])] == ["UserWarning: careful\n"]


def test_widget_keeps_its_picture():
    data = {WIDGET: {"model_id": "1"}, "image/png": "iVBOR", "text/plain": "Figure"}
    (output,) = clean([nbformat.v4.new_output("display_data", data=data)])
    assert set(output.data) == {"image/png", "text/plain"}


def test_cell_ids_are_stable_and_unique(tmp_path):
    source = tmp_path / "01_same.py"
    source.write_text("# %%\n1\n\n# %%\n1\n\n# %%\n2\n", encoding="utf-8")
    ids = [cell.id for cell in read(source).cells]
    assert len(set(ids)) == 3
    assert ids == [cell.id for cell in read(source).cells]


def test_it_says_how_much_memory_the_kernel_held_at_most(tmp_path, capsys):
    source = tmp_path / "01_big.py"
    source.write_text('# %%\nbig = b"x" * 400_000_000\ndel big\n', encoding="utf-8")
    (cell,) = nbformat.read(build(source, tmp_path, tmp_path), as_version=4).cells
    assert cell.outputs == []
    (peak,) = re.findall(r" s +(\d+|nan) MB +\d+ kB\n", capsys.readouterr().out)
    assert sys.platform == "win32" or 400 < int(peak) < 600


def test_failing_notebook_leaves_the_stored_one_alone(tmp_path):
    stored = tmp_path / "01_broken.ipynb"
    stored.write_text("before", encoding="utf-8")
    source = tmp_path / "01_broken.py"
    source.write_text("# %%\n1 / 0\n", encoding="utf-8")
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        build(source, tmp_path, tmp_path)
    assert stored.read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["01_broken.ipynb", "01_broken.py"]


def test_numbers_name_lessons(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["course", "03", "04"])
    assert lessons_named("") == ["03_oracle_attention", "04_learned_attention"]
    monkeypatch.setattr(sys, "argv", ["course"])
    assert len(lessons_named("")) == len(sources())
    monkeypatch.setattr(sys, "argv", ["course", "03", "99"])
    with pytest.raises(SystemExit):
        lessons_named("")
    assert "no lesson 99: there are 01, 02" in capsys.readouterr().err


def test_lesson_04_brings_the_pictures_of_the_readme(monkeypatch, tmp_path):
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "build", lambda source, folder, cache: folder / f"{source.stem}.ipynb")
    for number, files in (("03", set()), ("04", set(PICTURES))):
        monkeypatch.setattr(sys, "argv", ["course", number])
        assert course.main() == 0
        assert {path.name for path in (tmp_path / "docs").iterdir()} == files
    for file in PICTURES:
        assert (tmp_path / "docs" / file).read_bytes() == (ROOT / "docs" / file).read_bytes(), "run `make course`"


def test_a_picture_that_went_is_missed():
    with pytest.raises(ValueError, match=r"should begin with 'A cat'"):
        picture(nbformat.read(PICTURED, as_version=4), "A cat")


def test_links_follow_the_repository_and_leave_other_links_alone():
    text = (
        "https://colab.research.google.com/github/old-owner/old.name/blob/main/notebooks/01_x.ipynb\n"
        "git clone -q https://github.com/old-owner/old.name attention-course\n"
        "https://mybinder.org/v2/gh/old-owner/old.name/main?urlpath=lab/tree/notebooks/01_x.ipynb\n"
        "see https://github.com/rasbt/LLMs-from-scratch and ![badge](https://colab.research.google.com/assets/b.svg)\n"
    )
    new = relink(text, "me/fork")
    assert new == text.replace("old-owner/old.name", "me/fork")
    assert relink(new, "me/fork") == new
