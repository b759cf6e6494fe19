"""Runs a scenario's actors one after the other in plain CPython, without the harness: the floor of explore.

    python plain_calls.py SCENARIO.py '{"paths": [...], "seconds": 1}'

Less than a schedule of explore cannot do: a fresh object, the calls of each actor, the invariants, garbage collection
off. `flashflood` is a stand-in as in plain_threads.py. Prints {"schedules": n, "seconds": s}.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from functools import partial
from pathlib import Path

from plain_threads import actors_of, invariants_of, load, set_up, stand_in

BATCH = 200  # schedules between two looks at the clock


def calls_of(cls: type) -> list[tuple[str, int, bool]]:
    """For each actor its name, its calls, and whether it is told which call it is."""
    return [
        (name, marks.get("calls", 1), getattr(cls, name).__code__.co_argcount >= 2)
        for name, marks in actors_of(cls)
    ]


def act(name: str, calls: int, takes_call: bool, scenario: object) -> None:
    """What one actor's thread does."""
    method = getattr(scenario, name)
    for call in range(calls):
        if takes_call:
            method(call)
        else:
            method()


def bodies_of(cls: type) -> list[partial]:
    """For each actor what its thread does, a function of the scenario's object."""
    return [partial(act, *one) for one in calls_of(cls)]


def prepare(path: Path, job: dict, seed: int = 1) -> type:
    """The scenario's class, as it is under explore."""
    sys.path[:0] = job["paths"]
    sys.path.append(str(path.parent))
    sys.modules["flashflood"] = stand_in(seed, "explore")
    cls = load(path)
    set_up(cls)
    return cls


def measure(cls: type, seconds: float) -> dict:
    actors, invariants = calls_of(cls), invariants_of(cls)
    gc.collect()
    gc.disable()
    schedules = 0
    started = time.perf_counter()
    while (took := time.perf_counter() - started) < seconds:
        for _ in range(BATCH):
            scenario = cls()
            for name, calls, takes_call in actors:
                method = getattr(scenario, name)
                if takes_call:
                    for call in range(calls):
                        method(call)
                else:
                    for _ in range(calls):
                        method()
            for name in invariants:
                getattr(scenario, name)()
        schedules += BATCH
    return {"schedules": schedules, "seconds": took}


def main() -> None:
    path, job = Path(sys.argv[1]), json.loads(sys.argv[2])
    print(json.dumps(measure(prepare(path, job), job["seconds"])))


if __name__ == "__main__":
    main()
