"""What explore costs, how far exhaustive gets, how soon a race is found: `make bench`.

    build/tools/bin/python scripts/bench_explore.py            all of it: 20 minutes
    build/tools/bin/python scripts/bench_explore.py --quick    short rounds, fewer cases, wider limits: for CI, a minute

Prints tables as docs/explore.md has them, and ends with 1 where a limit is broken. The floor is what the same calls take
one after the other in plain CPython of the same build: fresh object, actors, invariants. Floor and explore take turns;
a ratio is the median over the rounds of the ratio within a round, so that what else runs on the machine weighs on both
sides of it. A limit in seconds, or in schedules a second, is for a machine on which the floor takes NOMINAL_FLOOR;
where it takes longer in this run, the limit is wider by as much.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from bench_common import (
    BARE,
    DICT,
    FIXED,
    ROOT,
    give_up,
    machine,
    python_tag,
    rate,
    run_script,
    target_paths,
    tell_broken,
)
from bench_races import races
from bench_rounds import (
    BUFFER,
    LOCK,
    Bench,
    explore,
    median_and_spread,
    name_of,
    processor_rate,
    row,
    stays_flat,
    table,
)

FRONTRUN = "frontrun==0.7.0"
SWAP = f"{BARE}+patches/arroyo_swap.patch"
STUCK = "stuck_detector"
FIRST_LIMITS = {BUFFER: 200, STUCK: 2000}  # schedules to the first RuntimeError
STRATEGIES = ("auto", "exhaustive", "pct", "random")
LEAST_STUCK_RATE = 3000
LEAST_TIMES_FRONTRUN = 100
MOST_GROWTH = 1.05


class Cost(NamedTuple):
    """A way to explore, and how many times the floor's time a schedule of it may take."""

    arguments: str
    limit: float | None = None


COSTS = [
    Cost("--strategy random", 2.5),
    Cost("--strategy random --tsan --races off", 3.5),
    Cost("--strategy pct"),
    Cost("--strategy auto"),
    Cost("--strategy exhaustive"),
    Cost("--strategy random --points bytecode"),
    Cost("--strategy random --carrier pthread"),
]


class Space(NamedTuple):
    """A space that exhaustive has to get through, in how many seconds, and the verdict."""

    scenario: str
    target: str
    bound: str
    seconds: float
    verdict: str
    quick: bool = False


SPACES = [
    Space(BUFFER, BARE, "3", 1, "fail", True),
    Space(BUFFER, BARE, "5", 10, "fail"),
    Space(BUFFER, BARE, "unbounded", 60, "fail"),
    Space(BUFFER, LOCK, "3", 1, "pass"),
    Space(BUFFER, LOCK, "5", 10, "pass", True),
    Space(BUFFER, LOCK, "unbounded", 60, "pass"),
    Space(BUFFER, SWAP, "3", 1, "pass"),
    Space(BUFFER, SWAP, "5", 10, "pass"),
    Space(BUFFER, SWAP, "unbounded", 60, "pass"),
    Space(STUCK, BARE, "2", 60, "fail"),
]


def costs(bench: Bench) -> None:
    """Each way to explore against the floor, in turns."""
    measured = [cost for cost in COSTS if cost.limit or not bench.quick]
    ratios: dict[Cost, list[float]] = {cost: [] for cost in measured}
    rates: dict[Cost, list[float]] = {cost: [] for cost in measured}
    after = bench.floor()
    for _ in range(bench.rounds):
        for cost in measured:
            how = cost.arguments.split()
            run = explore(BUFFER, BARE, *how, "--seconds", str(bench.seconds))
            before, after = after, bench.floor()
            rates[cost].append(rate(run, "schedules"))
            ratios[cost].append((before + after) / 2 / rates[cost][-1])
    floor = statistics.median(bench.floors)
    print(f"The floor: {1e6 / floor:.1f} µs, {floor:,.0f} schedules/s\n")
    table("`metrics_buffer`, 2.36.0", "schedules/s", "times the floor", "limit")
    for cost in measured:
        limit = f"{cost.limit:g}" if cost.limit else ""
        speed = f"{statistics.median(rates[cost]):,.0f}"
        row(f"`{cost.arguments}`", speed, median_and_spread(ratios[cost]), limit)
        ratio = statistics.median(ratios[cost])
        fine = not cost.limit or ratio <= cost.limit * bench.slack
        bench.must(fine, f"{cost.arguments}: {ratio:.2f} times the floor, not {limit}")


def stuck_rate(bench: Bench) -> None:
    """Of 2.37.1, where nothing fails: what is found is shrunk, which takes time that is no schedule's."""
    seconds = str(2 * bench.seconds)
    runs = [
        explore(STUCK, FIXED, "--strategy", "random", "--seconds", seconds)
        for _ in range(bench.rounds)
    ]
    speed, slowness = statistics.median(rate(run, "schedules") for run in runs), bench.slowness()
    least = LEAST_STUCK_RATE / slowness / bench.slack
    print(
        f"\n`stuck_detector`, 2.37.1, random: {speed:,.0f} schedules/s (at least {LEAST_STUCK_RATE:,};"
        f" this machine is {slowness:.2f} times slower than that limit is for)"
    )
    bench.must(speed >= least, f"stuck_detector: {speed:,.0f} schedules/s, not {least:,.0f}")


def spaces(bench: Bench) -> None:
    print()
    table("exhaustive", "preemptions", "schedules", "seconds", "limit here", "came to")
    for space in SPACES:
        if bench.quick and not space.quick:
            continue
        limit = space.seconds * bench.slowness() * bench.slack
        cap = str(max(30.0, 3 * limit))
        how = ("--strategy", "exhaustive", "--preemptions", space.bound, "--seconds", cap)
        run = explore(space.scenario, space.target, *how)
        bound = run["bound"] if run["bound"] is not None else -1
        done = run["complete"] or (space.bound != "unbounded" and bound >= int(space.bound))
        came = "complete" if run["complete"] else f"bound {bound}" if bound >= 0 else "no bound"
        what = f"`{space.scenario}`, {name_of(space.target)}"
        figures = (f"{run['schedules']:,}", f"{run['seconds']:.1f}", f"{limit:.1f}")
        row(what, space.bound, *figures, f"{came}, {run['verdict']}")
        said = f"exhaustive {what} {space.bound}:"
        bench.must(done, f"{said} not done after {run['seconds']:.0f} s")
        in_time = not done or run["seconds"] <= limit
        bench.must(in_time, f"{said} {run['seconds']:.1f} s, not {limit:.1f}")
        bench.must(run["verdict"] == space.verdict, f"{said} {run['verdict']}, not {space.verdict}")


def first_errors(bench: Bench) -> None:
    seeds = range(1, 4 if bench.quick else 11)
    print()
    table(f"to the first RuntimeError, {len(seeds)} seeds", "schedules, median (worst)", "seconds")
    for scenario, limit in FIRST_LIMITS.items():
        for strategy in STRATEGIES:
            found, seconds = [], []
            for seed in seeds:
                how = ("--strategy", strategy, "--until", DICT, "--schedules", str(limit))
                run = explore(scenario, BARE, *how, "--seed", str(seed))
                at = [one["first_at"] for one in run["findings"] if one["kind"] == DICT]
                bench.must(bool(at), f"{strategy}, seed {seed}: none in {limit} of {scenario}")
                found.append(min(at, default=limit + 1))
                seconds.append(run["seconds"])
            row(
                f"`{scenario}`, {strategy}",
                f"{statistics.median(found):.0f} ({max(found)})",
                f"{statistics.median(seconds):.2f} ({max(seconds):.2f})",
            )


def memory(bench: Bench) -> None:
    count = 300_000 if bench.quick else 10_000_000
    print()
    stays_flat(bench, "Peak memory", count, MOST_GROWTH, BARE)


def frontrun_python(bench: Bench) -> Path:
    """An environment of its own that has frontrun, for the interpreter of the default worker."""
    folder = ROOT / "build" / f"frontrun-{python_tag()}"
    python = folder / "bin" / "python"
    if not (folder / FRONTRUN).exists():
        make = [bench.python, "-m", "venv", folder]
        install = [python, "-m", "pip", "install", "--quiet", FRONTRUN]
        for command in (make, install):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                give_up(f"{FRONTRUN} cannot be installed for {bench.python}: {done.stderr}")
        (folder / FRONTRUN).touch()
    return python


def against_frontrun(bench: Bench) -> None:
    """By processor time: frontrun's threads wait for each other, and where others use the machine, who waits much is
    served before who computes."""
    python = frontrun_python(bench)
    job = {"paths": target_paths(BARE), "seconds": 2.0 if bench.quick else 6.0}
    theirs: dict[str, list[dict]] = {"random": [], "dpor": []}
    ours = []
    for turn in range(bench.rounds):
        for strategy, runs in theirs.items():
            given = {**job, "strategy": strategy, "seed": 100_000 * turn}
            runs.append(run_script(python, "frontrun_bodies.py", BUFFER, given))
        ours.append(processor_rate(bench.seconds, BARE))
    print()
    table(
        "`metrics_buffer`, 2.36.0",
        "schedules for a second of processor time",
        "flashflood is faster",
        "first RuntimeError: schedules, seconds",
    )
    row("flashflood, random", f"{statistics.median(ours):,.0f}", "", "")
    for strategy, runs in theirs.items():
        speeds = [run["schedules"] / run["processor_seconds"] for run in runs]
        ratios = [our / their for our, their in zip(ours, speeds)]
        ratio = statistics.median(ratios)
        faster = f"{ratio:,.0f} times ({min(ratios):,.0f} to {max(ratios):,.0f})"
        what = f"{FRONTRUN.replace('==', ' ')}, {strategy}"
        row(what, f"{statistics.median(speeds):,.0f}", faster, first_of(runs))
        if strategy == "random":
            least = LEAST_TIMES_FRONTRUN / bench.slack
            bench.must(ratio >= least, f"{ratio:.0f} times {FRONTRUN}, not {least:.0f}")


def first_of(runs: list[dict]) -> str:
    """The median of when they came to a RuntimeError."""
    found = [run for run in runs if run["first_at"] is not None]
    if not found:
        return f"none in {sum(run['schedules'] for run in runs):,}"
    at = statistics.median(run["first_at"] for run in found)
    seconds = statistics.median(run["first_seconds"] for run in found)
    missed = f" (none in {len(runs) - len(found)} runs)" if len(found) < len(runs) else ""
    return f"{at:.0f}, {seconds:.2f}{missed}"


PARTS = {
    "costs": costs,
    "stuck": stuck_rate,
    "spaces": spaces,
    "first": first_errors,
    "memory": memory,
    "races": races,
    "frontrun": against_frontrun,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short rounds: for CI")
    parser.add_argument("--part", choices=PARTS, help="this alone")
    options = parser.parse_args()
    print(machine())
    bench = Bench(options.quick)
    bench.python = explore(BUFFER, BARE, "--schedules", "10")["python_binary"]
    for name, part in PARTS.items():
        if options.part in (None, name):
            part(bench)
    return tell_broken(bench.broken)


if __name__ == "__main__":
    sys.exit(main())
