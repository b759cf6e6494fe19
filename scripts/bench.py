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
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parents[1]
DRIVER = ROOT / "build" / "flashflood"
BARE = "sentry-arroyo==2.36.0"
PATCHED = f"{BARE}+patches/arroyo_processor_fix.patch"
FIXED = "sentry-arroyo==2.37.1"
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


DICT, LOST = "dict-changed-size", "invariant"
DETECTIONS = [
    Detection("stuck_detector", BARE, (DICT,), ("data-race",)),
    Detection("metrics_buffer", BARE, (DICT,), ("data-race",)),
    Detection("metrics_buffer", PATCHED, (LOST,), (DICT, "data-race")),
    Detection("stuck_detector", PATCHED, (), (DICT, "data-race")),
    Detection("stuck_detector", FIXED, (), (DICT, LOST, "data-race")),
]


def give_up(message: str) -> NoReturn:
    sys.exit(f"bench: {message.strip()}")


def flashflood(*arguments: str) -> list[dict]:
    """The runs of a command; one that is inconclusive measures nothing."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(DRIVER), *arguments, "--out", folder, "--quiet"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        file = Path(folder, "result.json")
        if done.returncode not in (0, 1) or not file.exists():
            give_up(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(file.read_text())["runs"]


def stress(scenario: str, target: str, tsan: bool, *limits: str) -> dict:
    how = "--tsan" if tsan else "--no-tsan"
    (run,) = flashflood("stress", scenario, "--target", target, how, *limits)
    return {**run, "trials": run["schedules"]}


def memory_mib(run: dict) -> int:
    return run["coverage"]["peak_rss_kib"] // 1024


def target_paths(target: str) -> list[str]:
    """Where the driver finds the target: the same helper, the same cache."""
    release, *patches = target.split("+")
    tag = (ROOT / "build" / "default-python").read_text().strip()
    cache = os.environ.get("XDG_CACHE_HOME")
    folder = f"{cache}/flashflood" if cache else str(ROOT / "build" / "cache")
    python = ROOT / "build" / tag / "venv" / "bin" / "python"
    command = [python, ROOT / "scripts" / "fetch_target.py", "--cache", folder, release]
    for patch in patches:
        command += ["--patch", ROOT / patch]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["paths"]


def plain_run(scenario: str, job: dict, binary: str) -> dict:
    command = [binary, ROOT / "scripts" / "plain_threads.py", ROOT / "scenarios" / f"{scenario}.py"]
    done = subprocess.run([*command, json.dumps(job)], capture_output=True, text=True)
    if done.returncode:
        give_up(done.stderr)
    return json.loads(done.stdout)


def rate(run: dict, unit: str) -> float:
    return run[unit] / run["seconds"]


def compare(case: tuple[str, str, str], interval: float, seconds: float, rounds: int) -> list[str]:
    """Measures one case, prints its line, and says which limits it breaks."""
    scenario, target, unit = case
    limits = ["--seconds", str(seconds), "--switch-interval", str(interval), "--threads", "6"]
    job = {"paths": target_paths(target), "threads": 6, "seconds": seconds, "interval": interval}
    ratios: dict[bool, list[float]] = {False: [], True: []}
    memory = {False: 0, True: 0}
    plain = []
    for _ in range(rounds):
        runs = {tsan: stress(scenario, target, tsan, *limits) for tsan in (False, True)}
        binary = runs[False]["python_binary"]
        plain.append(rate(plain_run(scenario, {**job, "seed": 1}, binary), unit))
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


def machine() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    model = found[1] if found else platform.machine()
    tag = (ROOT / "build" / "default-python").read_text().strip()
    load = os.getloadavg()[0]
    return f"{platform.system()}, {os.cpu_count()} cores of {model}, {tag}, load before {load:.1f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short rounds: for CI")
    parser.add_argument("--seeds", type=int, metavar="N", help="what is found with each of N seeds")
    options = parser.parse_args()
    print(machine())
    broken = detections(options.seeds) if options.seeds else costs(options.quick)
    for line in broken:
        print(f"LIMIT BROKEN: {line}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
