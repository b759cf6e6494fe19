"""Bisection: the releases in which a failure comes and goes, and what changed there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flashflood import Completed, only_wheels, result, run
from test_matrix import RACY, SAFE, SCENARIO, Toys


@pytest.fixture
def toys(tmp_path: Path) -> Toys:
    return Toys(tmp_path)


def bisect(toys: Toys, *args: str) -> Completed:
    return result("bisect", toys.scenario, *args, out=toys.folder / "out", env=toys.env)


def changes(ended: Completed) -> list[tuple[str, str, str]]:
    """Each change: what it is, and the releases that it stands between."""
    assert ended.json is not None, ended.err
    return [
        (change["what"], change["before"][5:], change["after"][5:])
        for change in ended.json["bisection"]["changes"]
    ]


def change(ended: Completed, what: str) -> dict[str, Any]:
    assert ended.json is not None
    (found,) = [each for each in ended.json["bisection"]["changes"] if each["what"] == what]
    return found


def test_a_failure_that_comes_and_goes(toys: Toys) -> None:
    for number in range(16):
        toys.add(f"1.{number}", RACY if 5 <= number < 9 else SAFE)
    ended = bisect(toys)
    assert ended.code == 1, ended.err
    assert changes(ended) == [
        ("first bad", "1.4", "1.5"),
        ("first good again", "1.8", "1.9"),
    ]
    assert ended.json["bisection"]["tried"] < 16
    came = change(ended, "first bad")
    assert came["files"] == ["toy/__init__.py"]
    assert "--- toy==1.4/toy/__init__.py\n+++ toy==1.5/toy/__init__.py\n" in came["diff"]
    assert "-        self.x += 1\n" in came["diff"]
    assert "first bad: toy==1.5" in ended.out
    assert "toy==1.4 passes: every schedule" in ended.out
    assert "toy==1.5 fails: invariant" in ended.out
    assert "replay: " in ended.out
    assert "+        self.x += 1\n" in change(ended, "first good again")["diff"]


def test_a_failure_that_only_comes(toys: Toys) -> None:
    for number in range(8):
        toys.add(f"1.{number}", RACY if number >= 3 else SAFE)
    assert changes(bisect(toys)) == [("first bad", "1.2", "1.3")]


def test_what_cannot_be_tried_is_stepped_over(toys: Toys) -> None:
    toys.add("0.9")
    toys.add("1.0", SAFE)
    toys.add("1.1", "import nothing_of_the_kind\n")
    toys.add("1.2", RACY)
    ended = bisect(toys)
    assert changes(ended) == [("first bad", "1.0", "1.2")]
    assert change(ended, "first bad")["untried"] == ["toy==1.1"]


def test_a_release_to_which_it_does_not_apply_is_good(toys: Toys) -> None:
    toys.add("0.9", SAFE)
    toys.add("1.0", RACY)
    ended = bisect(toys)
    assert changes(ended) == [("first bad", "0.9", "1.0")]
    assert "does not apply: needs toy>=1" in ended.out


def test_nothing_changes(toys: Toys) -> None:
    toys.add("1.0", SAFE)
    toys.add("1.1", SAFE)
    ended = bisect(toys)
    assert (ended.code, changes(ended)) == (0, [])
    assert "No two of them differ" in ended.out


def test_one_scenario_and_one_python(tmp_path: Path) -> None:
    env = only_wheels(tmp_path)
    assert "bisect takes one SCENARIO, not 0" in run("bisect", env=env).err
    (tmp_path / "two.py").write_text(SCENARIO)
    pythons = ("--python", "3.11", "--python", "3.12")
    ended = run("bisect", tmp_path / "two.py", *pythons, env=env)
    assert (ended.code, "bisect takes one --python, not 2" in ended.err) == (2, True)


@pytest.mark.slow
@pytest.mark.fetching
def test_the_stuck_detector_came_and_went(tmp_path: Path) -> None:
    ended = result("bisect", "stuck_detector", "--releases", ">=2.30", out=tmp_path, timeout=600)
    assert ended.code == 1
    name = "sentry-arroyo=="
    assert [
        (each["what"], each["before"], each["after"]) for each in ended.json["bisection"]["changes"]
    ] == [
        ("first bad", f"{name}2.33.1", f"{name}2.34.0"),
        ("first good again", f"{name}2.37.0", f"{name}2.37.1"),
    ]
    went = change(ended, "first good again")
    assert "arroyo/processing/processor.py" in went["files"]
    assert "-                    self.__metrics_buffer.flush()\n" in went["diff"]
    came = change(ended, "first bad")
    assert "+    def stuck_detector_run(self, stuck_detector_timeout: int)" in came["diff"]
    for failing in ("2.34.0", "2.37.0"):
        (run_of_it,) = [each for each in ended.json["runs"] if each["release"] == failing]
        assert all(finding["confirmed"] and finding["replay"] for finding in run_of_it["findings"])
