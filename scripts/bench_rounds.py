"""What the parts of bench_explore.py share: rounds, the floor, limits, tables."""

from __future__ import annotations

import resource
import statistics
from pathlib import Path

from bench_common import BARE, flashflood, memory_mib, rate, run_script, target_paths

NOMINAL_FLOOR = 8.0e-6  # seconds a schedule of metrics_buffer
QUICK_SLACK = 1.6  # for ratios in short rounds on a machine that others use
LOCK = f"{BARE}+patches/arroyo_lock.patch"
BUFFER = "metrics_buffer"


class Bench:
    """One run of the benchmark: how long its rounds are, and how slow the machine is meanwhile."""

    def __init__(self, quick: bool) -> None:
        self.quick = quick
        self.seconds, self.rounds = (0.6, 3) if quick else (2.0, 5)
        self.slack = QUICK_SLACK if quick else 1.0
        self.python = ""
        self.floors: list[float] = []
        self.broken: list[str] = []

    def floor(self) -> float:
        """Schedules a second of metrics_buffer in plain CPython, now."""
        job = {"paths": target_paths(BARE), "seconds": self.seconds}
        self.floors.append(
            rate(run_script(self.python, "plain_calls.py", BUFFER, job), "schedules")
        )
        return self.floors[-1]

    def slowness(self) -> float:
        """How much longer than on the nominal machine the floor takes, here and now."""
        return slowness_of([self.floor() for _ in range(3)])

    def must(self, holds: bool, message: str) -> None:
        if not holds:
            self.broken.append(message)


def slowness_of(floors: list[float]) -> float:
    return max(1.0, 1 / (NOMINAL_FLOOR * statistics.median(floors)))


def explore(scenario: str, target: str, *arguments: str) -> dict:
    command = ["explore", scenario, "--target", target, "--no-confirm", *arguments]
    if "--tsan" not in arguments:
        command.append("--no-tsan")
    (run,) = flashflood(*command)
    return run


def processor_seconds(target: str, how: tuple[str, ...]) -> tuple[int, float]:
    """The schedules of a random exploration, and the processor time of it and of its start-up."""

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = used()
    run = explore(BUFFER, target, "--strategy", "random", *how)
    return run["schedules"], used() - before


def processor_rate(seconds: float, target: str, *how: str) -> float:
    """Schedules for a second of processor time, without the start-up and the first ones, in which most is found."""
    few, start_up = processor_seconds(target, (*how, "--schedules", "500"))
    many, all_of_it = processor_seconds(target, (*how, "--seconds", str(seconds + start_up)))
    return (many - few) / (all_of_it - start_up)


def name_of(target: str) -> str:
    release, *patches = target.split("+")
    said = [release.replace("sentry-arroyo==", ""), *(Path(patch).name for patch in patches)]
    return " + ".join(said)


def table(*heads: str) -> None:
    row(*heads)
    row(*("---" for _ in heads))


def row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def median_and_spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def stays_flat(bench: Bench, what: str, count: int, most: float, target: str, *how: str) -> None:
    """The same seed, so that the first tenth is the same in both."""
    tenth, whole = (
        explore(BUFFER, target, "--strategy", "random", *how, "--schedules", str(schedules))
        for schedules in (count // 10, count)
    )
    growth = whole["coverage"]["peak_rss_kib"] / tenth["coverage"]["peak_rss_kib"]
    print(
        f"{what} after {count // 10:,} schedules {memory_mib(tenth)} MiB, after {count:,}"
        f" {memory_mib(whole)} MiB: {100 * (growth - 1):+.1f} % (at most {100 * (most - 1):+.0f} %)",
        flush=True,
    )
    bench.must(growth <= most, f"{what} grows: {100 * (growth - 1):+.1f} %")
