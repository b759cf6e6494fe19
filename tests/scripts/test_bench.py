"""The benchmarks' own parts, and explore's limits as a machine that others use can hold them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPTS = CHECKOUT / "scripts"

SCENARIO = """
from flashflood import actor, choose, control, engine, invariant, reach, setup

CALLS = []


class Tiny:
    @setup
    @staticmethod
    def once():
        CALLS.append("setup")

    def __init__(self):
        self.calls = []

    @actor(calls=3, stress_calls=1000, many=True)
    def first(self, call):
        self.calls.append(call)

    @actor
    def second(self):
        self.calls.append(engine())

    @control
    def in_turn(self):
        raise SystemExit("a control is not run")

    @invariant
    def all_were_called(self):
        assert self.calls == [0, 1, 2, "explore"] and CALLS == ["setup"]
"""


def run_script(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a script to its end."""
    command = [sys.executable, str(SCRIPTS / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT)


def test_the_floor_makes_the_calls_of_a_schedule_and_checks_the_invariants(tmp_path: Path) -> None:
    (tmp_path / "tiny.py").write_text(SCENARIO)
    done = run_script("plain_calls.py", tmp_path / "tiny.py", '{"paths": [], "seconds": 0.05}')
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert measured["schedules"] > 0
    assert measured["seconds"] >= 0.05


def test_the_floor_ends_where_an_invariant_breaks(tmp_path: Path) -> None:
    (tmp_path / "tiny.py").write_text(SCENARIO.replace("[0, 1, 2,", "[0, 2, 1,"))
    done = run_script("plain_calls.py", tmp_path / "tiny.py", '{"paths": [], "seconds": 0.05}')
    assert done.returncode == 1
    assert "AssertionError" in done.stderr


@pytest.mark.slow
@pytest.mark.fetching
def test_explore_keeps_its_limits() -> None:
    done = run_script("bench_explore.py", "--quick")
    assert done.returncode == 0, done.stdout + done.stderr
    for part in (
        "The floor",
        "exhaustive",
        "to the first RuntimeError",
        "frontrun 0",
        "Peak memory",
        "Peak memory with races",
    ):
        assert part in done.stdout
