"""Drives frontrun (PyPI) over the bodies of a scenario: what the benchmark holds explore against.

    python frontrun_bodies.py SCENARIO.py '{"paths": [...], "seconds": 10, "strategy": "random", "seed": 1}'

The same file, the same calls for each thread, the same invariants; the module `flashflood` is a stand-in. `random` is
frontrun's random exploration, a switch possible at each opcode; `dpor` is its systematic one. All that would slow it
and that is not needed here is off: I/O detection, replays of what it found, its explanation of an invariant that
broke (which is looked at, and let pass). frontrun ends at the first exception in a thread; it is started again, with the
next seed, until the time is up. Prints JSON: schedules, seconds, processor_seconds, errors, and of the first RuntimeError
`first_at` (the schedule, from 1) and `first_seconds`, else null.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from plain_calls import bodies_of, prepare
from plain_threads import invariants_of

os.environ["FRONTRUN_ACTIVE"] = "1"  # what the command `frontrun` sets

import frontrun  # noqa: E402

MANY = 1_000_000  # more schedules than the time allows


def looked_at(cls: type) -> Callable[[object], bool]:
    """An invariant for frontrun: evaluates the scenario's, and lets all pass."""
    names = invariants_of(cls)

    def invariant(scenario: object) -> bool:
        for name in names:
            try:
                getattr(scenario, name)()
            except AssertionError:
                pass
        return True

    return invariant


def explore_once(cls: type, strategy: str, seed: int, seconds: float) -> tuple[int, str]:
    """Up to the first exception or for so long; the schedules, and what was said of the exception."""
    schedules = 0

    def setup() -> object:
        nonlocal schedules
        schedules += 1
        return cls()

    limits = {"max_attempts": MANY, "seed": seed}
    if strategy == "dpor":
        limits = {"max_executions": MANY}
    try:
        result = frontrun.explore(
            setup=setup,
            workers=bodies_of(cls),
            invariant=looked_at(cls),
            strategy=strategy,
            detect_io=False,
            reproduce_on_failure=0,
            total_timeout=seconds,
            trace_packages=["arroyo*", "support*"],
            **limits,
        )
    except RuntimeError as error:  # dpor lets a thread's exception through
        return schedules, f"RuntimeError: {error}"
    return schedules, result.explanation or ""


def main() -> None:
    path, job = Path(sys.argv[1]), json.loads(sys.argv[2])
    cls = prepare(path, job)
    schedules = errors = 0
    first_at = first_seconds = None
    seed, started, used = job["seed"], time.perf_counter(), time.process_time()
    while (left := started + job["seconds"] - time.perf_counter()) > 0:
        count, said = explore_once(cls, job["strategy"], seed, left)
        schedules, seed = schedules + count, seed + 1
        if "RuntimeError: dictionary" in said:
            errors += 1
            if first_at is None:
                first_at, first_seconds = schedules, time.perf_counter() - started
    took = time.perf_counter() - started
    print(
        json.dumps(
            {
                "schedules": schedules,
                "seconds": took,
                "processor_seconds": time.process_time() - used,
                "errors": errors,
                "first_at": first_at,
                "first_seconds": first_seconds,
            }
        )
    )


if __name__ == "__main__":
    main()
