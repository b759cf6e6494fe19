"""Runs a scenario's actors on plain Python threads, without the harness: what the benchmark holds it against.

    python plain_threads.py SCENARIO.py '{"paths": [...], "threads": 6, "seconds": 5, "interval": 1e-6, "seed": 1}'

The same file, the same calls for each thread, the same sharing of threads, a fresh object for each trial. `flashflood`
is a stand-in with the same names. Prints {"trials": n, "operations": n, "seconds": s}.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import random
import socket
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

DRAIN = "import socket, sys\ns = socket.socket(fileno=int(sys.argv[1]))\nwhile True: s.recv(65536)"


def stand_in(seed: int, engine: str = "stress") -> types.ModuleType:
    """A module `flashflood` whose marks are attributes, as the worker's are."""
    module = types.ModuleType("flashflood")
    chance = random.Random(seed)

    def actor(function: Callable | None = None, **marks: Any) -> Any:
        def mark(method: Callable) -> Callable:
            method.marks = marks  # type: ignore[attr-defined]
            return method

        return mark(function) if function else mark

    module.actor = actor
    module.invariant = mark_invariant
    module.control = lambda function: function
    module.setup = mark_setup
    module.reach = lambda name: None
    module.choose = chance.randrange
    module.udp_sink = udp_sink
    module.engine = lambda: engine
    return module


def mark_invariant(function: Callable) -> Callable:
    function.is_invariant = True  # type: ignore[attr-defined]
    return function


def mark_setup(function: Any) -> Any:
    getattr(function, "__func__", function).is_setup = True
    return function


def udp_sink() -> tuple[str, int]:
    """A socket that a process of its own drains, as the worker's drain thread does without the GIL."""
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind(("127.0.0.1", 0))
    fd = sink.fileno()
    drain = subprocess.Popen([sys.executable, "-c", DRAIN, str(fd)], pass_fds=[fd])
    DRAINS.append((sink, drain))
    return sink.getsockname()


DRAINS: list[tuple[socket.socket, subprocess.Popen]] = []


def load(path: Path) -> type:
    """The scenario's class."""
    spec = importlib.util.spec_from_file_location("scenario", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["scenario"] = module
    spec.loader.exec_module(module)
    return next(
        value
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == "scenario" and actors_of(value)
    )


def actors_of(cls: type) -> list[tuple[str, dict]]:
    return [(name, value.marks) for name, value in vars(cls).items() if hasattr(value, "marks")]


def invariants_of(cls: type) -> list[str]:
    return [name for name, value in vars(cls).items() if hasattr(value, "is_invariant")]


def set_up(cls: type) -> None:
    for name, value in vars(cls).items():
        if hasattr(getattr(value, "__func__", value), "is_setup"):
            getattr(cls, name)()


def share(actors: list[tuple[str, dict]], threads: int) -> list[tuple[str, int]]:
    """For each thread, the actor and its calls, as harness/worker/main.c shares them."""
    counts = [1] * len(actors)
    many = [index for index, (_, marks) in enumerate(actors) if marks.get("many")]
    turn = 0
    while many and sum(counts) < threads:
        counts[many[-1 - turn % len(many)]] += 1
        turn += 1
    shared = []
    for (name, marks), count in zip(actors, counts):
        shared += [(name, marks.get("stress_calls", marks.get("calls", 1)))] * count
    return shared


def run_trial(cls: type, shared: list[tuple[str, int]], takes_call: dict[str, bool]) -> int:
    """One trial; the number of calls that ended."""
    scenario = cls()
    barrier = threading.Barrier(len(shared))
    done = []

    def body(name: str, calls: int) -> None:
        method = getattr(scenario, name)
        barrier.wait()
        if takes_call[name]:
            for call in range(calls):
                method(call)
        else:
            for _ in range(calls):
                method()
        done.append(calls)

    before = set(threading.enumerate())
    threads = [threading.Thread(target=body, args=one) for one in shared]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    return sum(done)


def measure(cls: type, job: dict) -> dict:
    actors = actors_of(cls)
    shared = share(actors, job["threads"])
    takes_call = {name: getattr(cls, name).__code__.co_argcount >= 2 for name, _ in actors}
    set_up(cls)
    sys.setswitchinterval(job["interval"])
    gc.collect()
    gc.freeze()
    trials = operations = 0
    started = time.monotonic()
    while time.monotonic() - started < job["seconds"]:
        gc.collect()
        operations += run_trial(cls, shared, takes_call)
        trials += 1
    return {"trials": trials, "operations": operations, "seconds": time.monotonic() - started}


def main() -> None:
    path, job = Path(sys.argv[1]), json.loads(sys.argv[2])
    sys.path[:0] = job["paths"]
    sys.path.append(str(path.parent))
    sys.modules["flashflood"] = stand_in(job["seed"])
    try:
        print(json.dumps(measure(load(path), job)))
    finally:
        for _, drain in DRAINS:
            drain.kill()


if __name__ == "__main__":
    main()
