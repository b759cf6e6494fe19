"""Virtual threading: each primitive of the standard library where it keeps threads apart, and its twin where it fails
to. The first has to pass by every schedule that there is, and the second to be found.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from explored import PYTHONS, explore, passes

HEAD = """
import contextlib, contextvars, queue, threading, time
from concurrent.futures import ThreadPoolExecutor


def tick():
    pass


"""

# Two threads add one each, in the keeping of `{lock}`.
GUARDED = """
class It:
    def __init__(self):
        self.lock = {lock}
        self.x = 0

    def one(self):
        with self.lock{again}:
            seen = self.x
            tick()
            self.x = seen + 1

    def check(self):
        assert self.x == 2, f"lost {{2 - self.x}}"
"""

# One thread prepares what the other takes; `{tell}` and `{wait}` are how they agree on that.
HANDED_OVER = """
class It:
    wild = True  # the control would wait for what came before

    def __init__(self):
        self.event = threading.Event()
        self.condition = threading.Condition()
        self.barrier = threading.Barrier(2)
        self.queue = queue.Queue(1)
        self.simple = queue.SimpleQueue()
        self.semaphore = threading.Semaphore(0)
        self.x = 0
        self.taken = None

    def one(self):
        tick()
        self.x = 1
        {tell}

    def other(self):
        {wait}
        self.taken = self.x

    def check(self):
        assert self.taken == 1, "taken before it was there"
"""

# A thread that one of the two starts itself; the other does nothing.
STARTED = """
class It:
    def __init__(self):
        self.x = 0
        self.local = threading.local()
        self.context = contextvars.ContextVar("context", default=0)

    def add(self):
        seen = self.x
        tick()
        self.x = seen + 1

    def one(self):
        {started}

    def other(self):
        pass
"""

POOL = """
with ThreadPoolExecutor({workers}) as pool:
    futures = [pool.submit(self.add) for _ in range(2)]
assert [future.result() for future in futures] == [None, None]
assert self.x == 2, f"lost {{2 - self.x}}"
"""

LEFT_POOL = """
pool = ThreadPoolExecutor({workers})
futures = [pool.submit(self.add) for _ in range(2)]
[future.result() for future in futures]
assert self.x == 2, f"lost {{2 - self.x}}"
"""

JOINED = """
thread = threading.Thread(target=self.add)
thread.start()
thread.join({timeout})
assert not thread.is_alive()
assert self.x == 1
"""

TIMER = """
timer = threading.Timer(1000, self.add)
timer.start()
{end}
tick()
assert self.x in {allowed}, self.x
"""

# Each of two threads keeps its own there, and finds it again.
OWN = """
class Namespace:
    pass


class Shared:
    def set(self, value):
        self.value = value

    def get(self):
        return self.value


class It:
    def __init__(self):
        self.local = {local}()
        self.variable = {variable}

    def one(self, mine=1):
        self.local.value = mine
        self.variable.set(mine)
        tick()
        assert (self.local.value, self.variable.get()) == (mine, mine)

    def other(self):
        self.one(2)
"""

NAMES = """
class It:
    def one(self):
        threads = [threading.Thread(target=self.name_it) for _ in range(2)]
        idents = set()
        self.names = []
        for thread in threads:
            thread.start()
            idents.add(thread.ident)
        for thread in threads:
            thread.join()
        assert len(idents) == 2 and threading.get_ident() not in idents
        # The number between them is that of the actor, which is a stranger to threading: Dummy-2.
        assert sorted(self.names) == ["Thread-1 (name_it)", "Thread-3 (name_it)"], self.names

    def name_it(self):
        assert threading.current_thread().ident == threading.get_ident()
        self.names.append(threading.current_thread().name)

    def other(self):
        assert threading.main_thread().ident != threading.get_ident()
"""


class Twins(NamedTuple):
    """A template, what fills it so that it is right, what so that it is wrong, and what is then found."""

    template: str
    right: dict[str, str]
    wrong: dict[str, str]
    kind: str = "invariant"
    message: str = ""


def guarded(lock: str, *, again: str = "", wrong: str = "contextlib.nullcontext()") -> Twins:
    return Twins(GUARDED, {"lock": lock, "again": again}, {"lock": wrong, "again": ""})


def handed(
    tell: str,
    wait: str,
    *,
    tells: str | None = None,
    wrong: str = "tick()",
    kind: str = "invariant",
    message: str = "",
) -> Twins:
    twin = {"tell": tell if tells is None else tells, "wait": wrong}
    return Twins(HANDED_OVER, {"tell": tell, "wait": wait}, twin, kind, message)


def started(template: str, right: dict[str, str], wrong: dict[str, str]) -> Twins:
    """Its assertions are in the actor itself."""

    def fill(changes: dict[str, str]) -> dict[str, str]:
        return {"started": template.strip().format(**changes).replace("\n", "\n        ")}

    return Twins(STARTED, fill(right), fill(wrong), "exception")


CONDITION = "with self.condition:\n            "
TELL = CONDITION + "self.condition.notify_all()"
WAIT = CONDITION + "self.condition.wait_for(lambda: self.x{})"

TWINS = {
    "Lock": guarded("threading.Lock()"),
    "RLock": guarded("threading.RLock()", again=", self.lock"),
    "Semaphore": guarded("threading.Semaphore(1)", wrong="threading.Semaphore(2)"),
    "BoundedSemaphore": guarded(
        "threading.BoundedSemaphore(1)", wrong="threading.BoundedSemaphore(2)"
    ),
    "Condition_as_lock": guarded("threading.Condition()"),
    "Event": handed("self.event.set()", "self.event.wait()"),
    "Event_with_timeout": handed(
        "self.event.set()", "self.event.wait()", wrong="self.event.wait(1000)"
    ),
    "Condition": handed(TELL, WAIT.format("")),
    "Condition_with_timeout": handed(TELL, WAIT.format(""), wrong=WAIT.format(", 1000")),
    "Barrier": handed("self.barrier.wait()", "self.barrier.wait()", tells="pass"),
    "Semaphore_as_signal": handed("self.semaphore.release()", "self.semaphore.acquire()"),
    "Queue": handed("self.queue.put(1)", "self.queue.get()"),
    "Queue_with_timeout": handed(
        "self.queue.put(1)",
        "self.queue.get()",
        wrong="self.queue.get(timeout=9)",
        kind="exception",
        message="Empty",
    ),
    "SimpleQueue": handed("self.simple.put(1)", "self.simple.get()"),
    "SimpleQueue_with_timeout": handed(
        "self.simple.put(1)",
        "self.simple.get()",
        wrong="self.simple.get(timeout=9)",
        kind="exception",
        message="Empty",
    ),
    "lost_notification": handed(
        TELL, WAIT.format(""), wrong=CONDITION + "self.condition.wait()", kind="deadlock"
    ),
    "ThreadPoolExecutor": started(POOL, {"workers": "1"}, {"workers": "2"}),
    "executor_left": started(LEFT_POOL, {"workers": "1"}, {"workers": "2"}),
    "join": started(JOINED, {"timeout": ""}, {"timeout": "timeout=1000"}),
    "Timer_joined": started(
        TIMER, {"end": "timer.join()", "allowed": "[1]"}, {"end": "", "allowed": "[0]"}
    ),
    "Timer_cancelled": started(
        TIMER,
        {"end": "timer.cancel()\ntimer.join()", "allowed": "[0, 1]"},
        {"end": "timer.cancel()\ntimer.join()", "allowed": "[0]"},
    ),
    "local": Twins(
        OWN,
        {"local": "threading.local", "variable": "contextvars.ContextVar('variable')"},
        {"local": "Namespace", "variable": "contextvars.ContextVar('variable')"},
        "exception",
    ),
    "ContextVar": Twins(
        OWN,
        {"local": "threading.local", "variable": "contextvars.ContextVar('variable')"},
        {"local": "threading.local", "variable": "Shared()"},
        "exception",
    ),
}


@PYTHONS
@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow) if n == "executor_left" else n for n in TWINS],
)
def test_what_keeps_threads_apart_passes_and_its_twin_fails(
    tmp_path: Path, python: str, name: str
) -> None:
    twins = TWINS[name]
    run = passes(explore(tmp_path, HEAD + twins.template.format(**twins.right), python=python))
    assert not [note for note in run["coverage"]["notes"] if "threads" in note]
    code = HEAD + twins.template.format(**twins.wrong)
    run = explore(tmp_path, code, "--until", twins.kind, python=python).only_run
    found = {finding["kind"]: finding for finding in run["findings"]}
    assert twins.message in found[twins.kind]["message"]
    assert all(finding["confirmed"] is True for finding in run["findings"])


@PYTHONS
def test_threads_have_names_and_idents_of_their_own(tmp_path: Path, python: str) -> None:
    """The same in each schedule."""
    run = explore(tmp_path, HEAD + NAMES, "--preemptions", "1", python=python).only_run
    assert (run["verdict"], run["bound"]) == ("pass", 1)
