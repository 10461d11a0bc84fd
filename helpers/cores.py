"""How the course uses the cores of a computer: one thread for each training, and trainings side by side."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, cast

import cloudpickle
import torch

MOST = 4  # processes at once: each needs about 500 MB, and all together should stay within 3 GB
SPAWN = multiprocessing.get_context("spawn")  # the one way that works on every system, and in Jupyter
SHARE = Path("/sys/fs/cgroup/cpu.max")  # microseconds of processor time in each period, for a container on Linux
Tell = Callable[[Any], None]


def cores() -> int:
    """How many cores this process may use; a container on Linux may have less time than its cores would give."""
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = SHARE.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return here
    return here if quota == "max" else max(1, min(here, int(quota) // int(period)))


def settle_threads() -> None:
    """Let torch use one thread, unless somebody has chosen another number.

    A training is many small operations. Two threads gain a third on two idle cores; but they wait for each other after
    each operation, so beside one busy program they take three times as long as one (experiments/speed.py measures
    it with --threads and --busy). Choose for yourself with the environment variable OMP_NUM_THREADS, or with
    torch.set_num_threads after the set-up cell.
    """
    by_itself = range(cores() // 2, (os.cpu_count() or 1) + 1)  # torch takes all cores, or one thread for two of them
    if "OMP_NUM_THREADS" not in os.environ and torch.get_num_threads() in by_itself:
        torch.set_num_threads(1)


settle_threads()  # once a process: a number that is set later stays


def side_by_side(
    tasks: Mapping[str, Callable[[Tell], Any]],
    heard: Callable[[str, Any], None] = lambda name, message: None,
    most: int = MOST,
) -> dict[str, Any]:
    """Call several functions at the same time, each in a process of its own, as many at once as there are cores.

    Interrupt it (the ■ button, or Ctrl-C), and each running task gets a KeyboardInterrupt when it next tells
    something; what it returns then is kept. Interrupt it twice to drop them all.

    Args:
        tasks: for each name, a function that is given another one, with which it tells how far it is. Functions of a
            notebook will do. A single one is called in this process.
        heard: is given the name of a task and what it told.
        most: so many at once, and no more than there are cores.
    Returns:
        what each task returned; one that was not begun before an interruption is missing.
    Raises:
        RuntimeError: a process ended before its task did.
        Exception: whatever a task raises; the others are stopped.
    """
    if len(tasks) == 1:
        return {name: task(partial(heard, name)) for name, task in tasks.items()}
    waiting, results, stop = dict(tasks), {}, SPAWN.Event()
    running: dict[Connection, tuple[str, Any]] = {}
    most = max(1, min(most, cores() // torch.get_num_threads()))

    def interrupt(*_) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        waiting.clear()

    try:
        with _when_interrupted(interrupt):
            while waiting or running:
                while waiting and len(running) < most:
                    name = next(iter(waiting))
                    pipe, process = _start(waiting.pop(name), stop)
                    running[pipe] = name, process
                for pipe in cast(list[Connection], wait(list(running))):
                    name, process = running[pipe]
                    kind, content = _receive(pipe, name)
                    if kind == "told":
                        heard(name, content)
                        continue
                    del running[pipe]
                    process.join()
                    if kind == "returned":
                        results[name] = content
                    elif not stop.is_set():
                        raise content
    finally:
        for _, process in running.values():
            process.kill()
            process.join()
    return {name: results[name] for name in tasks if name in results}


@contextmanager
def _when_interrupted(do: Any) -> Iterator[None]:
    """Let Ctrl-C and ■ do this for a while; they reach the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, do)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _start(task: Callable[[Tell], Any], stop: Any) -> tuple[Connection, Any]:
    """Begin a task in a process of its own: the pipe to hear from it, and the process."""
    ours, theirs = SPAWN.Pipe(duplex=False)
    work = cloudpickle.dumps(task), torch.get_num_threads(), stop, theirs
    process = SPAWN.Process(target=_work, args=work, daemon=True)
    with _when_interrupted(signal.SIG_IGN):  # which the new process inherits: it hears of an interruption from here
        process.start()
    theirs.close()
    return ours, process


def _receive(pipe: Connection, name: str) -> tuple[str, Any]:
    """What a task says next: ("told" or "returned", something) or ("raised", an exception)."""
    try:
        return cloudpickle.loads(pipe.recv_bytes())
    except EOFError:
        return "raised", RuntimeError(
            f"the process of {name!r} ended before its work was done. Perhaps the memory was used up: close other "
            "programs, or train one model after the other with fit_or_load. In a script (not in a notebook) such a "
            'call must stand below `if __name__ == "__main__":`'
        )


def _work(task: bytes, threads: int, stop: Any, pipe: Connection) -> None:
    """What a process of its own does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(threads)

    def tell(message: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        pipe.send_bytes(cloudpickle.dumps(("told", message)))

    try:
        last = "returned", cloudpickle.loads(task)(tell)
    except (Exception, KeyboardInterrupt) as error:
        error.add_note(f"In the process of this task: {traceback.format_exc()}")
        last = "raised", error
    with suppress(BrokenPipeError):  # nobody listens any more
        pipe.send_bytes(cloudpickle.dumps(last))
