"""JavaScript of the course without a browser: in node, or in the one that Playwright brings."""

import json
import shutil
import subprocess
from pathlib import Path

import playwright
import pytest

NODES = (shutil.which("node"), *map(str, (Path(playwright.__file__).parent / "driver").glob("node*")))
NODE = next(filter(None, NODES), None)
needs_node = pytest.mark.skipif(NODE is None, reason="no node, and Playwright brought none")


def in_node(function, argument, *scripts, more=""):
    """What a function in JavaScript returns; it sees the scripts' names, as in the page, and those of `more`."""
    code = "\n".join([*(Path(script).read_text(encoding="utf-8") for script in scripts), more])
    code += f'\nconsole.log(JSON.stringify(({function})(JSON.parse(require("fs").readFileSync(0, "utf8")))));'
    options = {"capture_output": True, "encoding": "utf-8"}
    done = subprocess.run([NODE, "-e", code], input=json.dumps(argument), **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
