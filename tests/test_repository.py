"""The repository keeps its promises: commands, links, versions, sizes, licences."""

import ast
import re
import shutil
import subprocess
import sys
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.links import PROJECT, REPOSITORY, ROOT, linked_files, relink

README = re.sub("<!--.*?-->", "", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
EXTRAS = PROJECT["project"]["optional-dependencies"]
DECLARED = [Requirement(line) for lines in (PROJECT["project"]["dependencies"], *EXTRAS.values()) for line in lines]
PINS = {}
for file in ("requirements.txt", "requirements-teaching.txt"):
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            PINS[canonicalize_name(Requirement(line).name)] = Requirement(line).specifier


def tracked():
    """Files that git tracks or would track."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git repository: a downloaded archive")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_commands_that_the_texts_name_exist():
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", README + CONTRIBUTING, re.MULTILINE))
    assert {"lab", "test", "students", "course"} <= named <= targets
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert set(phony[1].split()) == targets


def test_what_the_makefile_runs_exists():
    modules = re.findall(r"-m ((?:helpers|tools|experiments)[\w.]*)", MAKEFILE)
    lists = re.findall(r"^(?:COLAB|TEACHING)_TESTS := (.+)$", MAKEFILE.replace("\\\n", " "), re.MULTILINE)
    tests = " ".join(lists).split()
    assert len(modules) > 8 and len(tests) > 8
    missing = [m for m in modules if not (ROOT / f"{m.replace('.', '/')}.py").exists()]
    assert missing + [name for name in tests if not (ROOT / "tests" / f"{name}.py").exists()] == []


def test_files_that_the_texts_name_exist():
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link]
    folders = re.findall(r"^    (\w+/) ", README, re.MULTILINE)
    places = re.findall(r"`([\w.]+/[\w./]*)`", CONTRIBUTING)
    assert len(links) > 5 and len(folders) > 5 and len(places) > 15
    assert [name for name in links + folders + places if not (ROOT / name).exists()] == []


def test_citation_is_of_the_last_release():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version, day = re.search(r"^## \[([\d.]+)\] - ([\d-]+)$", changes, re.MULTILINE).groups()
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {version}\ndate-released: {day}\n" in citation
    assert PROJECT["project"]["description"] in citation


def test_links_name_the_repository_of_pyproject_and_existing_notebooks():
    for path in linked_files():
        text = path.read_text(encoding="utf-8")
        assert relink(text) == text, f"{path.name}: run `make links`"
        badges = re.findall(rf"research\.google\.com/github/{REPOSITORY}/blob/main/([^)\s\"]+)", text)
        assert badges, f"{path.name} has no Colab badge"
        assert [badge for badge in badges if not (ROOT / badge).exists()] == []


def test_pins_are_within_the_ranges():
    for requirement in DECLARED:
        name = canonicalize_name(requirement.name)
        if name in {"attention-course", "pre-commit", "uv"}:
            continue  # this project; a tool that lives outside .venv
        pin = str(PINS[name]).removeprefix("==")
        assert requirement.specifier.contains(pin), f"{name}: {pin} is not {requirement.specifier}"
    assert all(str(pin).startswith("==") for pin in PINS.values())
    for file in ("requirements.txt", "requirements-teaching.txt"):
        assert "`make pins`" in (ROOT / file).read_text(encoding="utf-8")
    assert not [name for name in PINS if re.match("nvidia|cuda|triton", name)], "a laptop without a GPU needs none"


def test_pre_commit_runs_the_pinned_versions():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    for name, repository in (("ruff", "astral-sh/ruff-pre-commit"), ("mypy", "pre-commit/mirrors-mypy")):
        assert f"{repository}\n    rev: v{str(PINS[name]).removeprefix('==')}\n" in hooks


def test_readme_names_the_pinned_torch():
    assert f"torch{PINS['torch']} --index-url https://download.pytorch.org/whl/cpu" in README


def test_binder_opens_the_first_lesson_with_what_was_tested():
    assert f"mybinder.org/v2/gh/{REPOSITORY}/main?urlpath=lab/tree/notebooks/01_encoder_decoder.ipynb" in README
    lines = (ROOT / ".binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    index, pins, *more = [line for line in lines if line and not line.startswith("#")]
    assert index.removeprefix("--extra-index-url ") in MAKEFILE and pins == "-r ../requirements.txt"
    assert all(canonicalize_name(Requirement(line).name) not in PINS for line in more)
    python = (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert f"  - python={python}\n" in (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert f'/python:{python}"' in (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")


def imports(path):
    """The full names that a file imports; of `from a import b` it is a.b, as b may be a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_imported_package_is_declared():
    own = {"helpers", "tools", "tests", "experiments", "support", "google"}
    declared = {canonicalize_name(requirement.name) for requirement in DECLARED}
    teaching = (ROOT / "requirements-teaching.txt").read_text(encoding="utf-8")
    declared |= {canonicalize_name(name) for name in re.findall(r"^[\w-]+(?===)", teaching, re.MULTILINE)}
    owners = packages_distributions()
    for path in tracked():
        if path.suffix == ".py":
            for name in {module.split(".")[0] for module in imports(path)} - own - set(sys.stdlib_module_names):
                known = {canonicalize_name(owner) for owner in owners.get(name, [name])}
                neighbour = (path.parent / f"{name}.py").exists()
                assert known & declared or neighbour, f"{path.name} imports {name}"


# Which rooms a room may import; the longest name of a module's room counts.
HELPERS = {"helpers", "helpers.corpus", "helpers.exercises", "helpers.page", "helpers.widgets"}
ROOMS = {
    "helpers.corpus": {"helpers.corpus"},
    "helpers": {"helpers", "helpers.corpus"},
    "helpers.exercises": {"helpers", "helpers.corpus", "helpers.exercises"},
    "helpers.page": {"helpers", "helpers.corpus", "helpers.widgets", "helpers.page"},
    "helpers.widgets": {"helpers", "helpers.corpus", "helpers.widgets"},
    "notebooks": HELPERS,
    "tools": HELPERS | {"tools"},
    "experiments": HELPERS | {"experiments"},
}


def room_of(module):
    return max((room for room in ROOMS if f"{module}.".startswith(f"{room}.")), key=len)


def own_imports():
    """For each module of the rooms, the modules of the rooms that it imports, also within a function."""
    graph, tops = {}, {room.split(".")[0] for room in ROOMS}
    for top in tops:
        for path in (ROOT / top).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            graph[name] = {module for module in imports(path) if module.split(".")[0] in tops}
    return {
        name: {m if m in graph else m.rpartition(".")[0] for m in modules} - {name} for name, modules in graph.items()
    }


def test_imports_go_one_way():
    wrong = [
        f"{name} imports {module}"
        for name, modules in own_imports().items()
        for module in modules
        if room_of(module) not in ROOMS[room_of(name)]
    ]
    assert wrong == []


def test_no_imports_run_in_a_circle():
    tuple(TopologicalSorter(own_imports()).static_order())  # which raises CycleError, with the circle


def test_sentences_need_no_torch_and_no_pictures():
    modules = [name for name in own_imports() if room_of(name) == "helpers.corpus"]
    heavy = "{'torch', 'matplotlib', 'seaborn', 'ipywidgets'}"
    code = f"import sys, importlib; [importlib.import_module(m) for m in {modules}]; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stdout + done.stderr


def test_no_file_is_big():
    for path in tracked():
        limit = 8e6 if path.is_relative_to(ROOT / "data" / "generated") else 1e6
        assert path.stat().st_size < limit, f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB"


def test_no_path_of_one_machine():
    for path in tracked():
        if path.suffix in {".py", ".md", ".toml", ".yml", ".ipynb", ".tsv", ".json", ".txt"}:
            text = path.read_text(encoding="utf-8")
            found = re.search(r"(?<![\w.])/(home|Users|root|work|tmp|opt)/\w+", text)
            if found and path.name != "test_notebooks.py":  # which plants one
                pytest.fail(f"{path.relative_to(ROOT)}: {found[0]}")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("LICENSE", "MIT License"),
        ("LICENSE-text", "Creative Commons Attribution 4.0 International Public License"),
        ("data/LICENSE", "CC0 1.0 Universal"),
    ],
)
def test_licences_are_there_in_full(name, words):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert words in text and "attention-course authors" in text
    assert name in README and name in PROJECT["project"]["license-files"]


@pytest.mark.parametrize("check", [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)], ids=" ".join)
def test_code_is_in_the_house_style(check):
    assert f"-m {' '.join(check)}\n" in MAKEFILE
    done = subprocess.run([sys.executable, "-m", *check], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", ["helpers/page/page.html", "tools/slides.html"])
def test_scripts_of_the_pages_are_javascript(page, tmp_path):
    if not (node := shutil.which("node")):
        pytest.skip("node is not installed: the browser's tests run these scripts, too")
    scripts = re.findall(r"<script>(.*?)</script>", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    assert scripts
    for n, script in enumerate(scripts):
        file = tmp_path / f"{n}.js"
        file.write_text(f'"use strict";\n{script}', encoding="utf-8")
        done = subprocess.run([node, "--check", file], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
