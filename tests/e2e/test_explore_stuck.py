"""Schedules that do not come to an end: deadlocks, hangs, code that will not be stopped, stacks that overflow."""

from __future__ import annotations

from pathlib import Path

import pytest
from explored import PYTHONS, explore, fails, passes

STRATEGIES = ("auto", "exhaustive", "pct", "random")

LOCKS = """
import threading


class It:
    def __init__(self):
        self.a, self.b = threading.Lock(), threading.Lock()

    def one(self):
        with self.a:
            {between}
            with self.b:
                pass

    def other(self):
        with self.{first}:
            {between}
            with self.{second}:
                pass


def tick():
    pass
"""
CROSSED = LOCKS.format(first="b", second="a", between="tick()")
STRAIGHT = LOCKS.format(first="a", second="b", between="tick()")
AT_ONCE = LOCKS.format(first="b", second="a", between="pass")


def budget(strategy: str) -> tuple[str, ...]:
    return ("--strategy", strategy, "--schedules", "1000")


@PYTHONS
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_locks_that_cross_are_a_deadlock(tmp_path: Path, python: str, strategy: str) -> None:
    run = explore(tmp_path, CROSSED, *budget(strategy), python=python)
    found = fails(run, "deadlock")
    assert "one at toy/__init__.py:12 in It.one" in found["message"]
    assert "other at toy/__init__.py:18 in It.other" in found["message"]
    for line in ("one waits: lock:", "other waits: lock:", "line 12, in one", "line 18, in other"):
        assert line in found["traceback"]
    assert found["confirmed"] is True
    assert found["switches"] == 1
    assert found["count"] < 1000


@PYTHONS
def test_locks_that_do_not_cross_are_none(tmp_path: Path, python: str) -> None:
    passes(explore(tmp_path, STRAIGHT, python=python))


@PYTHONS
def test_the_gil_is_not_handed_over_between_two_locks_that_are_free(
    tmp_path: Path, python: str
) -> None:
    """Nothing in between asks for it; other interpreters may."""
    passes(explore(tmp_path, AT_ONCE, python=python))
    fails(explore(tmp_path, AT_ONCE, "--points", "bytecode", python=python), "deadlock")


@pytest.mark.parametrize("strategy", ["auto", "pct", "random"])
def test_locks_that_do_not_cross_pass_by_each_strategy(tmp_path: Path, strategy: str) -> None:
    assert explore(tmp_path, STRAIGHT, *budget(strategy)).only_run["verdict"] == "pass"


WAITS = {
    "event": ("threading.Event()", "self.it.wait()"),
    "condition": ("threading.Condition()", "with self.it:\n            self.it.wait()"),
    "queue": ("queue.Queue()", "self.it.get()"),
    "semaphore": ("threading.Semaphore(0)", "self.it.acquire()"),
    "twice": ("threading.Lock()", "self.it.acquire()\n        self.it.acquire()"),
    "join": (
        "threading.Event()",
        "t = threading.Thread(target=self.it.wait)\n        t.start()\n        t.join()",
    ),
}
WAIT = """
import queue, threading


class It:
    wild = True

    def __init__(self):
        self.it = {it}

    def one(self):
        {wait}

    def other(self):
        pass
"""


@PYTHONS
@pytest.mark.parametrize("name", WAITS)
def test_one_that_waits_for_nobody_is_a_deadlock(tmp_path: Path, python: str, name: str) -> None:
    it, wait = WAITS[name]
    found = fails(explore(tmp_path, WAIT.format(it=it, wait=wait), python=python), "deadlock")
    assert "one at toy/__init__.py" in found["message"]
    assert found["message"].count(" at ") == (2 if name == "join" else 1)
    assert found["switches"] == 0


# ---- hangs ---------------------------------------------------------------------------------------

SPIN = """
import plain, threading


class It:
    wild = True

    def one(self):
        {deed}

    def other(self):
        {company}
"""
SPINS = {
    "watched": "while True:\n            pass",
    "unwatched": "plain.spin()",
    "called": "while True:\n            self.other()",
    "comprehension": "[0 for _ in iter(int, 1)]",
    "swallows": "plain.swallow(threading.Lock())",
}
PLAIN = """
def spin():
    while True:
        pass


def swallow(lock):
    lock.acquire()
    while True:
        try:
            lock.acquire(timeout=1)
        except BaseException:
            pass
"""


def spins(folder: Path, name: str, company: str, python: str) -> None:
    """It is found within seconds, and the worker goes on to the next schedule."""
    (folder / "target").mkdir()
    (folder / "target" / "plain.py").write_text(PLAIN)
    code = SPIN.format(deed=SPINS[name], company=company)
    run = explore(folder, code, "--strategy", "random", "--schedules", "2", python=python)
    found = fails(run, "hang")
    assert "the schedule does not end" in found["message"]
    assert found["count"] == run.only_run["schedules"] == 2
    assert run.only_run["seconds"] < 30


@pytest.mark.slow
@PYTHONS
def test_a_loop_without_an_end_is_a_hang(tmp_path: Path, python: str) -> None:
    spins(tmp_path, "watched", "pass", python)


@pytest.mark.slow
@PYTHONS
@pytest.mark.parametrize("company", ["pass", "threading.Event().wait(1)"], ids=["alone", "others"])
@pytest.mark.parametrize("name", SPINS)
def test_what_does_not_end_is_a_hang(tmp_path: Path, python: str, name: str, company: str) -> None:
    spins(tmp_path, name, company, python)


SWALLOWS = """
import threading


class It:
    wild = True

    def __init__(self):
        self.lock = threading.Lock()
        self.lock.acquire()

    def one(self):
        {deed}

    def other(self):
        pass
"""
ONCE = "try:\n            self.lock.acquire()\n        except BaseException:\n            pass"
ALWAYS = "while True:\n            " + ONCE.replace("\n", "\n    ")
CLEANS = "try:\n            self.lock.acquire()\n        finally:\n            self.lock.acquire()"


@PYTHONS
@pytest.mark.parametrize("deed", [ONCE, ALWAYS, CLEANS], ids=["once", "always", "finally"])
def test_who_swallows_its_end_does_not_hold_up_the_next(
    tmp_path: Path, python: str, deed: str
) -> None:
    code = SWALLOWS.format(deed=deed)
    ended = explore(tmp_path, code, "--strategy", "random", "--schedules", "20", python=python)
    fails(ended, "deadlock")
    assert ended.only_run["schedules"] == 20
    assert ended.only_run["seconds"] < 20


# ---- stacks --------------------------------------------------------------------------------------

DEEP = """
import functools, itertools


class It:
    wild = True

    def one(self):
        {deed}

    def down(self):
        return [*map(It.down, [self])]

    def other(self):
        pass
"""


@PYTHONS
@pytest.mark.parametrize("deed", ["self.one()", "self.down()"], ids=["python", "through_c"])
def test_a_recursion_is_an_error_as_ever(tmp_path: Path, python: str, deed: str) -> None:
    ended = explore(tmp_path, DEEP.format(deed=deed), "--schedules", "3", python=python)
    assert "RecursionError" in fails(ended, "exception")["message"]


@PYTHONS
def test_a_stack_that_overflows_is_a_crash(tmp_path: Path, python: str) -> None:
    """The C stack: an iterator of an iterator of an iterator, a million deep."""
    deed = "next(functools.reduce(itertools.chain, itertools.repeat((), 10**6), iter(())), None)"
    ended = explore(tmp_path, DEEP.format(deed=deed), "--schedules", "3", python=python)
    assert "signal 11" in fails(ended, "crash")["message"]
