"""What flashflood costs and what it finds: `make bench`.

    build/tools/bin/python scripts/bench.py            operations a second, memory, time of `check`: 5 minutes
    build/tools/bin/python scripts/bench.py --quick    the same in short rounds: for CI, 45 s
    build/tools/bin/python scripts/bench.py --seeds 20 what is found, for each of 20 seeds: 25 minutes

Ends with 1 where a limit is broken. Costs: stress without ThreadSanitizer at least 0.8 of the same actors on plain
Python threads; a worker's memory below 200 MiB (400 under ThreadSanitizer); `check` of the two targets within 90 s.
Harness and plain threads take turns; a ratio is the median over the rounds of the ratio within a round, so that what
else runs on the machine weighs on both sides of it.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from typing import NamedTuple

from bench_common import (
    BARE,
    DICT,
    FIXED,
    LOST,
    PATCHED,
    flashflood,
    machine,
    memory_mib,
    rate,
    run_script,
    target_paths,
    tell_broken,
)

CASES = [  # scenario, target, what is counted: none of these stops a thread by an exception
    ("metrics_buffer", PATCHED, "operations"),
    ("stuck_detector", FIXED, "trials"),
]
INTERVALS = (1e-6, 1e-4, 5e-3)
LEAST_RATIO = 0.8
MEMORY_LIMIT_MIB = {False: 200, True: 400}  # without ThreadSanitizer, under it
MOST_CHECK_SECONDS = 90


class Detection(NamedTuple):
    """What must and what must not be found with each seed."""

    scenario: str
    target: str
    must: tuple[str, ...]
    must_not: tuple[str, ...]


DETECTIONS = [
    Detection("stuck_detector", BARE, (DICT,), ("data-race",)),
    Detection("metrics_buffer", BARE, (DICT,), ("data-race",)),
    Detection("metrics_buffer", PATCHED, (LOST,), (DICT, "data-race")),
    Detection("stuck_detector", PATCHED, (), (DICT, "data-race")),
    Detection("stuck_detector", FIXED, (), (DICT, LOST, "data-race")),
]


def stress(scenario: str, target: str, tsan: bool, *limits: str) -> dict:
    """ThreadSanitizer alone: what data races of Python code add is `bench_explore.py --part races`."""
    how = ("--tsan", "--races", "off") if tsan else ("--no-tsan",)
    (run,) = flashflood("stress", scenario, "--target", target, *how, *limits)
    return {**run, "trials": run["schedules"]}


def compare(case: tuple[str, str, str], interval: float, seconds: float, rounds: int) -> list[str]:
    """Measures one case, prints its line, and says which limits it breaks."""
    scenario, target, unit = case
    limits = ["--seconds", str(seconds), "--switch-interval", str(interval), "--threads", "6"]
    job = {"paths": target_paths(target), "threads": 6, "seconds": seconds, "interval": interval}
    job["seed"] = 1
    ratios: dict[bool, list[float]] = {False: [], True: []}
    memory = {False: 0, True: 0}
    plain = []
    for _ in range(rounds):
        runs = {tsan: stress(scenario, target, tsan, *limits) for tsan in (False, True)}
        binary = runs[False]["python_binary"]
        plain.append(rate(run_script(binary, "plain_threads.py", scenario, job), unit))
        for tsan, run in runs.items():
            ratios[tsan].append(rate(run, unit) / plain[-1])
            memory[tsan] = max(memory[tsan], memory_mib(run))
    ratio, watched = statistics.median(ratios[False]), statistics.median(ratios[True])
    spread = f"{min(ratios[False]):.2f}-{max(ratios[False]):.2f}"
    print(
        f"{scenario:<15} {interval:>7g} s {statistics.median(plain):>9,.0f} {unit + '/s':<13}"
        f"{ratio:>5.2f} {spread:>10} {watched:>6.2f} {memory[False]:>5} {memory[True]:>5}",
        flush=True,
    )
    broken = [] if ratio >= LEAST_RATIO else [f"{scenario} at {interval:g} s: {ratio:.2f} of plain"]
    for tsan, limit in MEMORY_LIMIT_MIB.items():
        if memory[tsan] >= limit:
            broken.append(f"{scenario}: {memory[tsan]} MiB, not below {limit}")
    return broken


def check_both(seconds: float) -> list[str]:
    started = time.monotonic()
    flashflood("check", BARE, PATCHED, "--expect", "known", "--seconds", str(seconds))
    took = time.monotonic() - started
    print(f"check of two targets, {seconds:g} s a run: {took:.1f} s (at most {MOST_CHECK_SECONDS})")
    return [f"check took {took:.0f} s"] if took > MOST_CHECK_SECONDS else []


def costs(quick: bool) -> list[str]:
    seconds, rounds = (1.0, 3) if quick else (4.0, 5)
    print(f"{'':<26} {'plain threads':<23}{'without TSan':>16} {'TSan':>6} {'MiB, TSan':>11}")
    broken = []
    for case in CASES:
        for interval in INTERVALS[:1] if quick else INTERVALS:
            broken += compare(case, interval, seconds, rounds)
    return broken + check_both(1.0 if quick else 5.0)


def detect(case: Detection, tsan: bool, seeds: int) -> list[str]:
    """Runs one case with each seed, prints its line, and says with which seeds it came out wrong."""
    # What must not be found has the whole time to show itself.
    until = ["--until", DICT] if DICT in case.must else []
    found: dict[str, int] = {}
    wrong, slowest = [], 0.0
    for seed in range(1, seeds + 1):
        limits = ["--seconds", "10", "--seed", str(seed), *until]
        run = stress(case.scenario, case.target, tsan, *limits)
        kinds = {finding["kind"] for finding in run["findings"]}
        slowest = max(slowest, run["seconds"])
        for kind in kinds:
            found[kind] = found.get(kind, 0) + 1
        if not kinds >= set(case.must) or kinds & set(case.must_not):
            wrong.append(seed)
    said = ", ".join(f"{kind} {count} of {seeds}" for kind, count in sorted(found.items()))
    name = re.sub(r"\+patches/.*", " patched", case.target.replace("sentry-arroyo==", ""))
    print(
        f"{case.scenario:<15} {name:<15} {'TSan' if tsan else '':<5} {slowest:>6.2f} s  {said or 'nothing'}",
        flush=True,
    )
    return [f"{case.scenario} of {name}: seeds {wrong}"] if wrong else []


def detections(seeds: int) -> list[str]:
    print(
        "10 s a run, or until an expected RuntimeError; the slowest run; in how many what was found"
    )
    return [
        line for tsan in (True, False) for case in DETECTIONS for line in detect(case, tsan, seeds)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short rounds: for CI")
    parser.add_argument("--seeds", type=int, metavar="N", help="what is found with each of N seeds")
    options = parser.parse_args()
    print(machine())
    broken = detections(options.seeds) if options.seeds else costs(options.quick)
    return tell_broken(broken)


if __name__ == "__main__":
    sys.exit(main())
