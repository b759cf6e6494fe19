"""The matrix: a cell for each release, whatever becomes of it, and what was finished is never lost."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from explored import WANTED, binary_of
from flashflood import Completed, load, only_wheels, processes_with, result, run, start
from flashflood import toy_wheel

# So many kills if they are asked for; else as many of them as fit into a few minutes.
KILLS = int(os.environ.get("FLASHFLOOD_KILLS", "20"))
SECONDS = 1e6 if "FLASHFLOOD_KILLS" in os.environ else 180

SAFE = """
class It:
    def __init__(self):
        self.x = 0

    def one(self):
        self.x += 1
        tick()


def tick():
    pass
"""
RACY = SAFE.replace(
    "self.x += 1\n        tick()", "seen = self.x\n        tick()\n        self.x = seen + 1"
)

SCENARIO = '''"""Two threads add to one number of a toy."""

from flashflood import actor, control, invariant
import toy

needs = "toy>=1"
package = "toy"


class Two:
    def __init__(self):
        self.it = toy.It()

    @control
    def one_by_one(self):
        pass

    @actor
    def one(self):
        self.it.one()

    @actor
    def other(self):
        self.it.one()

    @invariant
    def both_count(self):
        assert self.it.x == 2
'''


class Toys:
    """Releases of a toy on an index of their own, and a scenario for them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = only_wheels(folder)
        self.scenario = folder / "two.py"
        self.scenario.write_text(SCENARIO)

    def add(self, version: str, code: str = SAFE, *headers: str) -> None:
        toy_wheel(self.folder / "wheels", version, code, *headers)

    def matrix(self, *args: str | Path) -> Completed:
        return result("matrix", self.scenario, *args, out=self.folder / "out", env=self.env)


@pytest.fixture
def toys(tmp_path: Path) -> Toys:
    return Toys(tmp_path)


def cells(ended: Completed) -> dict[str, str]:
    """What became of each row of a matrix with one column."""
    assert ended.json is not None
    found = {run["target"]: run["verdict"] for run in ended.json["runs"]}
    return found | {gap["target"]: gap["kind"] for gap in ended.json["matrix"]["not_run"]}


def test_every_release_has_a_cell_that_is_explained(toys: Toys) -> None:
    toys.add("0.9")
    toys.add("1.0")
    toys.add("1.1", RACY)
    toys.add("1.2", "import nothing_of_the_kind\n")
    toys.add("1.3", SAFE, "Requires-Dist: nothing-of-the-kind>=7")
    toys.add("1.10")
    ended = toys.matrix("--format", "text,markdown,grid")
    assert ended.code == 1, ended.err
    assert cells(ended) == {
        "toy==1.10": "pass",
        "toy==1.3": "cannot be installed",
        "toy==1.2": "cannot be imported",
        "toy==1.1": "fail",
        "toy==1.0": "pass",
        "toy==0.9": "does not apply",
    }
    rows = [f"toy=={version}" for version in ("1.10", "1.3", "1.2", "1.1", "1.0", "0.9")]
    assert ended.json["matrix"]["targets"] == rows, "newest first"
    why = {gap["target"]: gap["why"] for gap in ended.json["matrix"]["not_run"]}
    assert "nothing-of-the-kind" in why["toy==1.3"]
    assert "nothing_of_the_kind" in why["toy==1.2"]
    assert why["toy==0.9"] == "needs toy>=1"
    lines = [line.split() for line in ended.out.splitlines()]
    for row in (["1.10", "pass"], ["1.3", "no", "[1]"], ["1.2", "no", "[2]"], ["1.1", "FAIL"]):
        assert row in lines, ended.out
    assert ["0.9", "-"] in lines
    grid = json.loads((toys.folder / "out" / "grid.json").read_text())
    assert [row["release"] for row in grid["rows"]] == [row[5:] for row in rows]
    assert [row["cells"][0]["verdict"] for row in grid["rows"]] == [
        *("pass", "cannot be installed", "cannot be imported", "fail", "pass", "does not apply")
    ]
    assert "| `1.1` | **FAIL** |" in (toys.folder / "out" / "summary.md").read_text()


def test_a_release_that_cannot_be_had_fails_nothing(toys: Toys) -> None:
    toys.add("1.0")
    toys.add("1.1", "import nothing_of_the_kind\n")
    assert toys.matrix().code == 0


def test_a_scenario_that_loads_nowhere_is_no_pass(toys: Toys) -> None:
    toys.add("1.0")
    toys.scenario.write_text(SCENARIO + "\nraise ValueError('broken')\n")
    ended = toys.matrix()
    assert ended.code == 3
    assert cells(ended) == {"toy==1.0": "undecided"}


def test_a_specifier_is_pips(toys: Toys) -> None:
    for version in ("1.0", "1.1", "1.2rc1", "1.2"):
        toys.add(version)
    assert set(cells(toys.matrix("--releases", ">=1.0,!=1.1"))) == {"toy==1.0", "toy==1.2"}
    ended = run("matrix", toys.scenario, "--releases", "1.0", env=toys.env)
    assert (ended.code, "--releases '1.0' is no specifier" in ended.err) == (2, True)
    ended = run("matrix", toys.scenario, "--releases", ">7", env=toys.env)
    assert (ended.code, "the highest is 1.2" in ended.err) == (2, True)


def test_each_release_without_and_with_each_patch(toys: Toys) -> None:
    toys.add("1.0", RACY)
    toys.add("1.1", "# another head\n" * 20 + SAFE)
    fix = toys.folder / "fix.patch"
    (toys.folder / "a" / "toy").mkdir(parents=True)
    (toys.folder / "b" / "toy").mkdir(parents=True)
    (toys.folder / "a" / "toy" / "__init__.py").write_text(RACY)
    (toys.folder / "b" / "toy" / "__init__.py").write_text(SAFE)
    diff = ["diff", "-u", "a/toy/__init__.py", "b/toy/__init__.py"]
    fix.write_text(subprocess.run(diff, cwd=toys.folder, stdout=subprocess.PIPE, text=True).stdout)
    ended = toys.matrix("--patch", fix)
    assert cells(ended) == {
        "toy==1.1": "pass",
        f"toy==1.1+{fix}": "cannot be installed",
        "toy==1.0": "fail",
        f"toy==1.0+{fix}": "pass",
    }


def test_a_python_without_a_worker_says_how_to_build_it(toys: Toys) -> None:
    toys.add("1.0")
    ended = toys.matrix("--python", "3.99", "--python", binary_of(WANTED[0]))
    assert ended.code == 3
    (gap,) = ended.json["matrix"]["not_run"]
    assert (gap["kind"], gap["python"]) == ("no worker", "cpython-3.99")
    assert "make worker PYTHON=python3.99" in gap["why"]
    assert [run["verdict"] for run in ended.json["runs"]] == ["pass"]


def test_pythons_and_engines_side_by_side(toys: Toys) -> None:
    toys.add("1.0", RACY)
    pythons = [f"--python={version}" for version in WANTED if binary_of(version)]
    ended = toys.matrix(*pythons, "--engine", "explore,stress", "--no-tsan", "--seconds", "1")
    assert len(ended.json["runs"]) == 2 * len(pythons)
    assert {run["engine"] for run in ended.json["runs"]} == {"explore", "stress"}


# ---- what was finished is kept -------------------------------------------------------------------


def test_what_was_finished_is_not_run_again(toys: Toys) -> None:
    toys.add("1.0")
    toys.add("1.1", RACY)
    first = toys.matrix()
    again = toys.matrix()
    assert "2 of 2 cells were finished before" in again.err
    assert again.json["runs"] == first.json["runs"]
    toys.add("1.2")
    assert "2 of 3 cells were finished before" in toys.matrix().err
    assert "finished before" not in toys.matrix("--fresh").err
    assert "finished before" not in toys.matrix("--schedules", "50").err
    toys.scenario.write_text(SCENARIO + "# changed\n")
    assert "finished before" not in toys.matrix().err


def test_a_schedule_that_is_gone_is_found_again(toys: Toys) -> None:
    toys.add("1.0", RACY)
    (schedule,) = {f["schedule"] for f in toys.matrix().only_run["findings"]}
    (toys.folder / "out" / schedule).unlink()
    assert "finished before" not in toys.matrix().err
    assert (toys.folder / "out" / schedule).is_file()


def kept(out: Path) -> dict[str, dict[str, Any]]:
    """The runs that are kept, by their target; each file is a whole result."""
    files = sorted((out / "cells").glob("*.json"))
    return {run["target"]: run for file in files for run in load(file)["runs"]}


LONG = ("--schedules", "1000", "--jobs", "2")


def interrupt_at_random(toys: Toys, out: Path, dice: random.Random, most: float) -> set[str]:
    """Start a matrix, kill its driver or one of its workers, and tell which cells it said were done."""
    args = ("matrix", toys.scenario, *LONG, "--out", out)
    process = start(*args, env=toys.env, start_new_session=True)
    kills_driver = dice.random() < 0.6
    time.sleep(dice.uniform(0.05, most))
    if kills_driver:
        process.kill()
    else:
        for pid in processes_with(str(toys.scenario))[:1]:
            if pid != process.pid:
                os.kill(pid, signal.SIGKILL)
        time.sleep(dice.uniform(0, 0.3))
        process.kill()
    _, err = process.communicate()
    return set(re.findall(r"^flashflood: \d+/\d+ two on (\S+): explore: pass", err.decode(), re.M))


@pytest.mark.slow
def test_killing_driver_or_worker_loses_no_finished_cell(toys: Toys) -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    dice = random.Random(seed)
    versions = [f"1.{number}" for number in range(16)]
    for version in versions:
        toys.add(version)
    toys.matrix(*LONG)  # fetches, which no later one has to
    began = time.monotonic()
    toys.matrix(*LONG, "--fresh")
    lasts = time.monotonic() - began
    out, rounds, resumed, kills = toys.folder / "out0", 1, 0, 0
    while kills < KILLS and time.monotonic() - began < SECONDS:
        kills += 1
        before = kept(out)
        said = interrupt_at_random(toys, out, dice, lasts)
        after = kept(out)
        resumed += len(after) > len(before) > 0
        assert said <= set(after), "a cell that was told to be done is not kept"
        assert before.items() <= after.items(), "a cell that was kept is lost"
        assert {run["verdict"] for run in after.values()} <= {"pass"}
        if len(after) == len(versions):
            out, rounds = toys.folder / f"out{rounds}", rounds + 1
    ended = result("matrix", toys.scenario, *LONG, out=out, env=toys.env)
    assert {run["verdict"] for run in ended.json["runs"]} == {"pass"}
    assert len(ended.json["runs"]) == len(versions)
    assert resumed or kills < 10


# ---- real releases -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.fetching
def test_the_stuck_detector_is_red_in_exactly_four_releases(tmp_path: Path) -> None:
    pythons = [f"--python={binary_of(version)}" for version in WANTED]
    args = ("stuck_detector", "--releases", ">=2.30", *pythons, "--expect", "known")
    ended = result("matrix", *args, out=tmp_path, timeout=900)
    assert ended.code == 0, ended.out
    red = {
        (run["release"], run["python"].split()[1][:4])
        for run in ended.json["runs"]
        if run["verdict"] == "fail"
    }
    assert red == {
        (release, python)
        for release in ("2.34.0", "2.35.0", "2.36.0", "2.37.0")
        for python in WANTED
    }
    assert {run["verdict"] for run in ended.json["runs"]} == {"pass", "fail"}
    assert {gap["kind"] for gap in ended.json["matrix"]["not_run"]} == {"does not apply"}
    assert all(f["confirmed"] for run in ended.json["runs"] for f in run["findings"])


@pytest.mark.fetching
def test_releases_are_listed_by_date() -> None:
    ended = run("list", "releases")
    assert ended.code == 0, ended.err
    releases = [line.split() for line in ended.out.splitlines()]
    assert [date for _, date in releases] == sorted((date for _, date in releases), reverse=True)
    versions = [version for version, _ in releases]
    assert versions.index("2.33.0") < versions.index("0.0.33") < versions.index("2.31.0")
    assert len(versions) >= 200


def test_releases_of_nothing(tmp_path: Path) -> None:
    ended = run("list", "releases", "toy", env=only_wheels(tmp_path))
    assert ended.code == 2
    assert "toy: the package index has no such package" in ended.err
