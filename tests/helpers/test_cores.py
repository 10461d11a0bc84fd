"""One thread for each process, and tasks side by side: the same results, errors and interruptions as one by one."""

import os
import signal
import subprocess
import sys
import time

import pytest

from helpers import cores
from helpers.cores import side_by_side


def threads(code, **environment):
    """How many threads torch uses after this code, in a process of its own."""
    env = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"} | environment
    code = f"import torch\n{code}\nprint(torch.get_num_threads())"
    return int(
        subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True).stdout.split()[-1]
    )


@pytest.mark.parametrize("code", ["from helpers.bootstrap import prepare; prepare()", "import helpers.training"])
def test_a_notebook_and_a_script_use_one_thread(code):
    assert threads(code) == 1


def test_the_number_that_a_user_chose_stays():
    prepare = "from helpers.bootstrap import prepare; prepare()"
    assert threads(prepare, OMP_NUM_THREADS="2") == 2
    more = os.cpu_count() + 1
    assert threads(f"torch.set_num_threads({more}); {prepare}") == more
    assert threads(f"{prepare}; torch.set_num_threads(2); {prepare}; import helpers.training") == 2


@pytest.mark.parametrize("share,expected", [("max 100000", 8), ("200000 100000", 2), ("50000 100000", 1), ("?", 8)])
def test_a_container_may_have_less_than_its_cores(monkeypatch, tmp_path, share, expected):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(cores, "SHARE", tmp_path / "cpu.max")
    assert cores.cores() == 8
    (tmp_path / "cpu.max").write_text(share)
    assert cores.cores() == expected


def test_each_task_has_a_process_and_tells_how_far_it_is():
    told = []

    def task(tell):
        tell("half")
        return os.getpid()

    results = side_by_side({"a": task, "b": task, "c": task}, lambda name, message: told.append((name, message)))
    assert list(results) == ["a", "b", "c"] and len({*results.values(), os.getpid()}) == 4
    assert sorted(told) == [("a", "half"), ("b", "half"), ("c", "half")]


def test_a_single_task_stays_here():
    assert side_by_side({"a": lambda tell: os.getpid()}) == {"a": os.getpid()}
    assert side_by_side({}) == {}


def test_no_more_at_once_than_there_are_cores(monkeypatch):
    def task(tell):
        start = time.time()
        time.sleep(0.2)
        return start, time.time()

    monkeypatch.setattr(cores, "cores", lambda: 1)
    first, second = side_by_side({"a": task, "b": task}).values()
    assert first[1] <= second[0]
    monkeypatch.setattr(cores, "cores", lambda: 8)
    monkeypatch.setattr(cores, "MOST", 1)
    first, second = side_by_side({"a": task, "b": task}, most=1).values()
    assert first[1] <= second[0]


def test_an_error_is_the_tasks_own_and_stops_the_others():
    def fail(tell):
        raise ValueError("three words")

    def long(tell):
        time.sleep(60)

    start = time.perf_counter()
    with pytest.raises(ValueError, match="three words") as caught:
        side_by_side({"long": long, "fail": fail})
    assert "in fail" in caught.value.__notes__[0] and time.perf_counter() - start < 50


def test_a_process_that_dies_is_named():
    with pytest.raises(RuntimeError, match="process of 'dies' ended before"):
        side_by_side({"dies": lambda tell: os._exit(3), "lives": lambda tell: 1})


def loop(tell):
    """Goes on until it is interrupted, and returns how far it came, as fit does."""
    for n in range(6000):
        try:
            tell(n)
        except KeyboardInterrupt:
            return n
        time.sleep(0.01)


def press_stop(*_):
    """The learner presses ■."""
    signal.raise_signal(signal.SIGINT)


def test_an_interruption_reaches_every_task_and_keeps_what_it_returns(monkeypatch):
    monkeypatch.setattr(cores, "cores", lambda: 2)
    results = side_by_side({"a": loop, "b": loop, "never begun": loop}, press_stop)
    assert list(results) == ["a", "b"] and max(results.values()) < 5999


def test_a_second_interruption_drops_them():
    def press_twice(*_):
        press_stop()
        press_stop()

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        side_by_side({"a": loop, "b": loop}, press_twice)
    assert signal.getsignal(signal.SIGINT) is before


SCRIPT = """
import sys
from helpers.cores import side_by_side
from helpers.models import ModelConfig
from helpers.training import Recipe, TrainingConfig, fit_or_load_all
from support.examples import PAIRS

if __name__ == "__main__":
    recipes = [Recipe(name, ModelConfig(hidden=8), TrainingConfig(epochs=100000)) for name in ("one", "two")]
    for name, (model, history) in fit_or_load_all(recipes, PAIRS, PAIRS).items():
        print(name, history.interrupted, len(history.loss) > 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a console of its own is needed to send Ctrl-C")
def test_ctrl_c_in_a_terminal_ends_all_trainings_and_keeps_their_best(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "ATTENTION_COURSE_CACHE": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, script], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    said = b""
    while not (b"one" in said and b"two" in said and said.count(b"BLEU") > 4):
        said += os.read(process.stdout.fileno(), 1000)
    os.killpg(process.pid, signal.SIGINT)  # all processes of the group, as a terminal and Jupyter do
    rest = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 0 and "Traceback" not in rest
    assert "one True True" in rest and "two True True" in rest and rest.count("best model so far") == 2
