"""What flashflood costs: `make bench`. Ratios from one run, harness and plain threads in turn, medians of each.

    build/tools/bin/python scripts/bench.py [--quick]

Ends with 1 where a limit is broken: stress at least 0.8 of the same actors on plain Python threads, a worker's memory
below 200 MiB (400 under ThreadSanitizer), `check` of the two targets within 90 s.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DRIVER = ROOT / "build" / "flashflood"
PATCHED = "sentry-arroyo==2.36.0+patches/arroyo_processor_fix.patch"
CASES = [  # scenario, target, what is counted: none of these stops a thread by an exception
    ("metrics_buffer", PATCHED, "operations"),
    ("stuck_detector", "sentry-arroyo==2.37.1", "trials"),
]
INTERVALS = (1e-6, 1e-4, 5e-3)
LEAST_RATIO = 0.8
MOST_MIB = {False: 200, True: 400}
MOST_CHECK_SECONDS = 90


def flashflood(*arguments: str) -> dict:
    """The result of a command."""
    with tempfile.TemporaryDirectory() as folder:
        command = [DRIVER, *arguments, "--out", folder, "--quiet"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        file = Path(folder, "result.json")
        if not file.exists():
            sys.exit(done.stderr)
        return json.loads(file.read_text())


def harness_run(scenario: str, target: str, interval: float, seconds: float, tsan: bool) -> dict:
    how = "--tsan" if tsan else "--no-tsan"
    limits = ["--seconds", str(seconds), "--switch-interval", str(interval), "--threads", "6"]
    (run,) = flashflood("stress", scenario, "--target", target, how, *limits)["runs"]
    run["trials"] = run["schedules"]
    return run


def target_paths(target: str) -> list[str]:
    """Where the driver finds the target: the same helper, the same cache."""
    release, *patches = target.split("+")
    tag = (ROOT / "build" / "default-python").read_text().strip()
    cache = os.environ.get("XDG_CACHE_HOME")
    folder = f"{cache}/flashflood" if cache else str(ROOT / "build" / "cache")
    command = [
        ROOT / "build" / tag / "venv" / "bin" / "python",
        ROOT / "scripts" / "fetch_target.py",
    ]
    command += ["--cache", folder, release]
    for patch in patches:
        command += ["--patch", ROOT / patch]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["paths"]


def plain_run(scenario: str, target: str, interval: float, seconds: float, binary: str) -> dict:
    job = {"paths": target_paths(target), "threads": 6, "seconds": seconds, "interval": interval}
    command = [binary, ROOT / "scripts" / "plain_threads.py", ROOT / "scenarios" / f"{scenario}.py"]
    done = subprocess.run(
        [*command, json.dumps({**job, "seed": 1})], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def rate(run: dict, unit: str) -> float:
    return run[unit] / run["seconds"]


def compare(case: tuple[str, str, str], interval: float, seconds: float, rounds: int) -> list[str]:
    """Measures one case, prints its line, and says which limits it breaks."""
    scenario, target, unit = case
    bare, watched, plain, memory = [], [], [], {False: 0, True: 0}
    for _ in range(rounds):
        for tsan, rates in ((False, bare), (True, watched)):
            run = harness_run(scenario, target, interval, seconds, tsan)
            rates.append(rate(run, unit))
            memory[tsan] = max(memory[tsan], run["coverage"]["peak_rss_kib"] // 1024)
        plain.append(
            rate(plain_run(scenario, target, interval, seconds, run["python_binary"]), unit)
        )
    base = statistics.median(plain)
    ratio, ratio_tsan = statistics.median(bare) / base, statistics.median(watched) / base
    print(
        f"{scenario:<16} {interval:>8g} s {base:>12,.0f} {unit}/s"
        f" {ratio:>9.2f} {ratio_tsan:>9.2f} {memory[False]:>7} {memory[True]:>7}",
        flush=True,
    )
    broken = [] if ratio >= LEAST_RATIO else [f"{scenario} at {interval:g} s: {ratio:.2f} of plain"]
    broken += [
        f"{scenario}: {memory[tsan]} MiB" for tsan in memory if memory[tsan] > MOST_MIB[tsan]
    ]
    return broken


def check_both(seconds: float) -> list[str]:
    started = time.monotonic()
    flashflood(
        "check", "sentry-arroyo==2.36.0", PATCHED, "--expect", "known", "--seconds", str(seconds)
    )
    took = time.monotonic() - started
    print(f"check of two targets, {seconds:g} s a run: {took:.1f} s (at most {MOST_CHECK_SECONDS})")
    return [f"check took {took:.0f} s"] if took > MOST_CHECK_SECONDS else []


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one short round of each: for CI")
    quick = parser.parse_args().quick
    seconds, rounds = (1.0, 1) if quick else (4.0, 5)
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores")
    print(
        f"{'scenario':<16} {'interval':>10} {'plain threads':>23} {'harness':>9} {'tsan':>9} {'MiB':>7} {'tsan':>7}"
    )
    broken = []
    for case in CASES:
        for interval in INTERVALS[:1] if quick else INTERVALS:
            broken += compare(case, interval, seconds, rounds)
    broken += check_both(2.0 if quick else 10.0)
    for line in broken:
        print(f"LIMIT BROKEN: {line}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
