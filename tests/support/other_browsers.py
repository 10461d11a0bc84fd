"""Firefox and WebKit, which Safari is made of, as Debian packs them; the standards' own protocols drive them.

Tests that take the fixtures skip where the browser is not installed: `make browser` installs it on Debian.
"""

import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from glob import glob
from urllib.request import Request, urlopen

import pytest
import websocket

# WebKit as root, and without a GPU.
SETTINGS = ("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "LIBGL_ALWAYS_SOFTWARE", "WEBKIT_DISABLE_COMPOSITING_MODE")


@contextmanager
def started(command, **environment):
    process = subprocess.Popen(
        command,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # its children end with it
    )
    try:
        yield
    finally:
        os.killpg(process.pid, 15)
        process.wait(20)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def until_it_answers(ask, seconds=60):
    for _ in range(5 * seconds):
        try:
            return ask()
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the browser did not start")


@pytest.fixture
def firefox(tmp_path):
    """A function from a page's address and a JavaScript function to what the function returns there."""
    if not (path := shutil.which("firefox-esr")):
        pytest.skip("no Firefox of Debian: make browser")
    port = free_port()
    command = [path, "--headless", "--no-remote", "--profile", str(tmp_path), f"--remote-debugging-port={port}"]
    with started(command, HOME=str(tmp_path)):
        address = f"ws://127.0.0.1:{port}/session"
        line = until_it_answers(lambda: websocket.create_connection(address, timeout=120, suppress_origin=True))
        numbers = iter(range(1, 1000))

        def ask(method, **params):  # WebDriver BiDi
            number = next(numbers)
            line.send(json.dumps({"id": number, "method": method, "params": params}))
            while (answer := json.loads(line.recv())).get("id") != number:
                pass  # an event
            assert answer["type"] == "success", answer
            return answer["result"]

        def evaluate(url, function):
            (tab, *_) = ask("browsingContext.getTree")["contexts"]
            ask("browsingContext.navigate", context=tab["context"], url=url, wait="complete")
            code = f"({function})().then(JSON.stringify)"
            target = {"context": tab["context"]}
            answer = ask("script.evaluate", expression=code, target=target, awaitPromise=True)
            assert answer["type"] == "success", answer
            return json.loads(answer["result"]["value"])

        ask("session.new", capabilities={})
        yield evaluate
        line.close()


@pytest.fixture
def webkit(tmp_path):
    """The same for WebKit."""
    browsers = glob("/usr/lib/*/webkit2gtk-4.*/MiniBrowser")
    if not (shutil.which("WebKitWebDriver") and shutil.which("xvfb-run") and browsers):
        pytest.skip("no WebKit of Debian: make browser")
    port = free_port()
    command = ["xvfb-run", "-a", "WebKitWebDriver", f"--port={port}"]
    with started(command, HOME=str(tmp_path), **dict.fromkeys(SETTINGS, "1")):

        def ask(method, path, body=None):  # WebDriver
            data = None if body is None else json.dumps(body).encode()
            with urlopen(Request(f"http://127.0.0.1:{port}{path}", data, method=method), timeout=180) as answer:
                return json.load(answer)["value"]

        until_it_answers(lambda: ask("GET", "/status"))
        options = {"binary": browsers[0], "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        session = f"/session/{ask('POST', '/session', wanted)['sessionId']}"

        def evaluate(url, function):
            ask("POST", f"{session}/timeouts", {"script": 180_000, "pageLoad": 60_000})
            ask("POST", f"{session}/url", {"url": url})
            code = f"const done = arguments[0]; ({function})().then(done, error => done(String(error)))"
            return ask("POST", f"{session}/execute/async", {"script": code, "args": []})

        yield evaluate
        ask("DELETE", session)
