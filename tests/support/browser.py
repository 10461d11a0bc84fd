"""Fixtures for tests in a real browser: Debian's Chromium, driven by Playwright, and a Jupyter server of its own.

Mark such tests with `@pytest.mark.browser`. They skip where there is no browser, but fail in CI.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import ipywidgets
import nbformat
import pytest

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)
RUN_ALL = """async wait => {
    const panel = window.jupyterapp.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
    const done = window.jupyterapp.commands.execute('notebook:run-all-cells');
    return wait ? done : null;
}"""


@pytest.fixture(scope="session")
def chromium():
    """The browser, without a window."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no browser: apt-get install chromium fonts-noto-core")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page that reaches this machine only; what it tried to fetch from elsewhere is in `page.refused`."""
    with chromium.new_context(viewport={"width": 1200, "height": 900}) as context:
        page = context.new_page()
        page.refused, page.errors = [], []

        def only_here(route):
            if re.match(r"(http|ws)://(127\.0\.0\.1|localhost)", route.request.url) is None:
                page.refused.append(route.request.url)
                return route.abort()
            return route.continue_()

        context.route(re.compile(r"^(http|ws)"), only_here)
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.set_default_timeout(60_000)
        yield page


class Jupyter:
    """A running server over a folder of its own."""

    def __init__(self, folder: Path, url: str, environment: dict[str, str]):
        self.folder, self.url, self.environment = folder, url, environment

    def write(self, name: str, *cells: str) -> Path:
        """A notebook with these code cells."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
        nbformat.write(notebook, self.folder / name)
        return self.folder / name

    def trust(self, name: str) -> None:
        """Let the stored outputs of a notebook run their scripts."""
        command = [sys.executable, "-m", "nbformat.sign", str(self.folder / name)]
        subprocess.run(command, env=self.environment, check=True, capture_output=True)

    def open(self, page, name: str, app: str = "lab", run: bool = True, wait: bool = True) -> None:
        """Open a notebook in JupyterLab or Notebook 7 ("notebook"), run all of its cells, and wait for their end."""
        if app == "notebook" and ipywidgets.__version__ < "8":
            pytest.skip("Notebook 7 is tried with ipywidgets 8")
        page.goto(self.url + {"lab": "/doc/tree/", "notebook": "/notebooks/"}[app] + name)
        page.wait_for_function("window.jupyterapp?.shell.currentWidget?.context")
        if run:
            page.evaluate(RUN_ALL, wait)


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory, chromium):
    """JupyterLab and Notebook 7 on one server, without anybody's settings."""
    folder, own = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    places = (
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "IPYTHONDIR",
        "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR",
    )
    environment = os.environ | {place: str(own / place) for place in places}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])
    environment |= {"ATTENTION_COURSE_CACHE": str(own / "cache"), "https_proxy": "http://127.0.0.1:9"}  # no downloads
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--port=0",
        "--ip=127.0.0.1",
        "--allow-root",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        "--LabApp.news_url=None",
    ]
    log = own / "log"
    with open(log, "w") as written:
        server = subprocess.Popen(command, env=environment, stdout=written, stderr=subprocess.STDOUT)
        try:
            yield Jupyter(folder, _address(server, log), environment)
        finally:
            server.terminate()
            server.wait(20)


def _address(server: subprocess.Popen, log: Path, seconds: int = 180) -> str:
    for _ in range(10 * seconds):
        if address := re.search(r"http://127\.0\.0\.1:\d+", log.read_text(errors="replace")):
            return address[0]
        try:
            server.wait(0.1)
            break
        except subprocess.TimeoutExpired:
            pass
    raise RuntimeError(f"Jupyter did not start:\n{log.read_text(errors='replace')[-2000:]}")
