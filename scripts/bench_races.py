"""What it costs to look for data races of Python code: the part `races` of bench_explore.py."""

from __future__ import annotations

import statistics

from bench_common import BARE, flashflood, rate
from bench_rounds import (
    BUFFER,
    LOCK,
    Bench,
    median_and_spread,
    name_of,
    processor_rate,
    row,
    slowness_of,
    stays_flat,
    table,
)

LEAST_RATE = 15_000  # schedules a second
MOST_RATIO = 2.5  # times as long as under ThreadSanitizer alone
MOST_STRESS_RATIO = 1.5
MOST_GROWTH = 1.1
INTERVAL = "1e-4"  # seconds between the switches of stress, which else differ from trial to trial


def races(bench: Bench) -> None:
    """Against ThreadSanitizer alone, in turns."""
    print()
    heads("explore, random", "schedules for a second of processor time", "at least, here")
    for target in (LOCK, BARE):
        explored(bench, target)
    print()
    heads("stress", "trials/s")
    for target in (LOCK, BARE):
        stressed(bench, target)
    print()
    count = 100_000 if bench.quick else 1_000_000
    for target in (LOCK, BARE):
        what = f"Peak memory with races, {name_of(target)},"
        stays_flat(bench, what, count, MOST_GROWTH, target, "--tsan", "--races", "show")


def heads(engine: str, unit: str, *more: str) -> None:
    policies = (f"`--races {policy}`, {unit}" for policy in ("off", "show"))
    table(f"`{BUFFER}`, {engine}", *policies, "times as long", "at most", *more)


def explored(bench: Bench, target: str) -> None:
    """By processor time, since one thread does all of it and others may use the machine."""
    speeds: dict[str, list[float]] = {"off": [], "show": []}
    floors = []
    for _ in range(bench.rounds):
        for policy, found in speeds.items():
            found.append(processor_rate(bench.seconds, target, "--tsan", "--races", policy))
        floors.append(bench.floor())
    least = LEAST_RATE / slowness_of(floors) / bench.slack
    said, speed = f"races, {name_of(target)}:", statistics.median(speeds["show"])
    compare(bench, said, speeds, MOST_RATIO, f"{least:,.0f}")
    bench.must(speed >= least, f"{said} {speed:,.0f} schedules/s, not {least:,.0f}")


def stressed(bench: Bench, target: str) -> None:
    """For a time that has room for many trials of both kinds."""
    speeds: dict[str, list[float]] = {"off": [], "show": []}
    for _ in range(bench.rounds):
        for policy, found in speeds.items():
            how = ("--tsan", "--races", policy, "--seconds", str(2 * bench.seconds))
            where = ("--target", target, "--switch-interval", INTERVAL)
            (run,) = flashflood("stress", BUFFER, *where, *how)
            found.append(rate(run, "schedules"))
    compare(bench, f"races, stress, {name_of(target)}:", speeds, MOST_STRESS_RATIO)


def compare(
    bench: Bench, said: str, speeds: dict[str, list[float]], limit: float, *more: str
) -> None:
    """Prints the line; the ratio is that within a round."""
    ratios = [off / show for off, show in zip(speeds["off"], speeds["show"])]
    medians = (f"{statistics.median(found):,.0f}" for found in speeds.values())
    row(said.split(", ")[-1].rstrip(":"), *medians, median_and_spread(ratios), f"{limit:g}", *more)
    ratio = statistics.median(ratios)
    fine = ratio <= limit * bench.slack
    bench.must(fine, f"{said} {ratio:.2f} times as long, not {limit:g}")
