"""Verdicts, exit codes with and without --expect known, and what the options of a run mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flashflood import Completed, does, kinds, only_wheels, result, run, scenario, toy, toy_wheel

RAISES = "raise ValueError('raised')"
CHANGES = "d = {1: 1}\nfor key in d:\n    d[key + 1] = 1"
# The other message: the size is what it was.
SWAPS = "d = {0: 0}\nfor key in d:\n    del d[0]\n    d[0] = 0"


def entry(outcome: str, *found: str, may: tuple[str, ...] = (), releases: str = "") -> dict:
    """One entry of a scenario's table."""
    return {
        "releases": releases,
        "outcome": outcome,
        "kinds": list(found),
        "may": list(may),
        "because": "the test says so",
    }


def trial(folder: Path, file: Path, *args: str, target: Path | str | None = None) -> Completed:
    """One trial, unless `args` say otherwise."""
    target = target or toy(folder)
    return result("stress", file, "--target", target, "--no-tsan", "--trials", "1", *args)


def with_table(folder: Path, deed: str, *table: dict) -> Path:
    return does(folder, "graded", deed, top=f"expected = {list(table)!r}")


# deed, table, verdict, exit code, exit code with --expect known, whether the table was met
GRADES = {
    "pass": ("pass", [], "pass", 0, 0, None),
    "fail": (RAISES, [], "fail", 1, 1, None),
    "pass_expected": ("pass", [entry("pass")], "pass", 0, 0, True),
    "fail_expected": (RAISES, [entry("fail", "exception")], "fail", 1, 0, True),
    "changed_size": (CHANGES, [entry("fail", "dict-changed-size")], "fail", 1, 0, True),
    "changed_keys": (SWAPS, [entry("fail", "dict-changed-size")], "fail", 1, 0, True),
    "did_not_come": ("pass", [entry("fail", "exception")], "pass", 0, 1, False),
    "unexpected": (RAISES, [entry("pass")], "fail", 1, 1, False),
    "other_kind": (RAISES, [entry("fail", "dict-changed-size")], "fail", 1, 1, False),
    "half": (RAISES, [entry("fail", "exception", "invariant")], "fail", 1, 1, False),
    "may_come": (RAISES, [entry("pass", may=("exception",))], "fail", 1, 0, True),
    "may_stay_away": ("pass", [entry("pass", may=("exception",))], "pass", 0, 0, True),
    "first_entry": ("pass", [entry("pass"), entry("fail", "exception")], "pass", 0, 0, True),
    "no_version": (RAISES, [entry("fail", "exception", releases=">=1")], "fail", 1, 1, None),
}


@pytest.mark.parametrize("name", GRADES)
@pytest.mark.parametrize("known", [False, True])
def test_grade(tmp_path: Path, name: str, known: bool) -> None:
    deed, table, verdict, code, known_code, met = GRADES[name]
    file = with_table(tmp_path, deed, *table)
    ended = trial(tmp_path, file, *(["--expect", "known"] if known else []))
    assert ended.code == (known_code if known else code), ended.out
    assert ended.only_run["verdict"] == verdict
    assert ended.json["expect_known"] is known
    assert (ended.only_run["expected"] or {}).get("met") is met


def test_quiet_still_says_that_an_expected_failure_did_not_come(tmp_path: Path) -> None:
    file = with_table(tmp_path, "pass", entry("fail", "exception"))
    ended = trial(tmp_path, file, "--expect", "known", "--quiet")
    assert ended.code == 1
    assert "UNEXPECTED" in ended.out


def test_the_same_finding_of_another_target_is_shown_in_full(tmp_path: Path) -> None:
    file = does(tmp_path, "bad", "raise ValueError")
    targets = [toy(tmp_path / name) for name in ("one", "two")]
    ended = run("stress", file, *("-t", targets[0], "-t", targets[1]), "--no-tsan", "--trials", "1")
    assert ended.out.count("Traceback (most recent call last)") == 2


@pytest.mark.parametrize(("version", "code"), [("1.0", 0), ("1.9", 0), ("2.0", 1)])
def test_the_table_goes_by_the_release(tmp_path: Path, version: str, code: int) -> None:
    table = [entry("fail", "exception", releases="<2"), entry("pass", releases=">=2")]
    file = with_table(tmp_path, RAISES, *table)
    target = toy(tmp_path, version)
    ended = trial(tmp_path, file, "--expect", "known", target=target)
    assert ended.code == code
    assert ended.only_run["release"] == version


def test_the_table_goes_by_the_patches(tmp_path: Path) -> None:
    toy_wheel(tmp_path / "wheels", "1.0")
    (tmp_path / "fix.patch").write_text(
        '--- a/toy/__init__.py\n+++ b/toy/__init__.py\n@@ -3 +3 @@\n-NAME = "toy"\n+NAME = "good"\n'
    )
    table = [{**entry("pass"), "patches": ["fix.patch"]}, entry("fail", "exception")]
    file = with_table(tmp_path, "if toy.NAME != 'good': raise ValueError", *table)
    targets = ["--target", "toy==1.0", "--target", f"toy==1.0+{tmp_path}/fix.patch"]
    args = ["--no-tsan", "--trials", "1", "--expect", "known"]
    ended = result("stress", file, *targets, *args, env=only_wheels(tmp_path))
    assert ended.code == 0, ended.out
    assert [run["verdict"] for run in ended.json["runs"]] == ["fail", "pass"]
    assert [run["patches"] for run in ended.json["runs"]] == [[], ["fix.patch"]]
    assert [run["expected"]["met"] for run in ended.json["runs"]] == [True, True]


@pytest.mark.parametrize("reached", [True, False])
@pytest.mark.parametrize("known", [False, True])
def test_what_was_not_reached_is_no_pass(tmp_path: Path, reached: bool, known: bool) -> None:
    top = f"must_reach = ['here', 'there']\nexpected = {[entry('pass')]!r}"
    deed = "reach('here')" + ("\nreach('there')" if reached else "")
    file = does(tmp_path, "reaches", deed, top=top)
    ended = trial(tmp_path, file, *(["--expect", "known"] if known else []))
    assert ended.code == (0 if reached else 3)
    run = ended.only_run
    assert run["verdict"] == ("pass" if reached else "inconclusive")
    assert reached or run["why"] == "never reached: there"
    counts = {point["name"]: point["count"] for point in run["coverage"]["reached"]}
    assert counts == {"here": 1, "there": int(reached)}


def test_what_the_control_reached_does_not_count(tmp_path: Path) -> None:
    body = """
must_reach = ["here"]
class Toy:
    wild = True
    @control
    def calm(self):
        self.wild = False
    @actor
    def work(self):
        if not self.wild:
            reach("here")
"""
    ended = trial(tmp_path, scenario(tmp_path, "reaches", body))
    assert (ended.code, ended.only_run["verdict"]) == (3, "inconclusive")


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("deed", ["pass", RAISES, "self.held = False"])
def test_a_control_that_fails_decides_nothing(tmp_path: Path, deed: str, known: bool) -> None:
    body = f"""
expected = {[entry("fail", "exception", "invariant")]!r}
class Toy:
    held = True
    @actor
    def work(self):
        {deed}
    @invariant
    def holds(self):
        assert self.held
"""
    args = ["--expect", "known"] if known else []
    ended = trial(tmp_path, scenario(tmp_path, "broken", body), *args)
    run = ended.only_run
    if deed == "pass":
        assert (ended.code, run["verdict"]) == (int(known), "pass")
        assert run["coverage"]["control"] == "passed"
    else:
        assert (ended.code, run["verdict"]) == (3, "inconclusive")
        assert run["coverage"]["control"] == "failed"
        assert "control" in run["why"]
        assert run["findings"] == []


def test_a_trial_waits_for_its_slowest_actor(tmp_path: Path) -> None:
    body = "class Toy:\n    @actor\n    def one(self): pass\n"
    body += "    @actor(calls=1, stress_calls=1)\n    def two(self): time.sleep(0.2)\n"
    ended = trial(tmp_path, scenario(tmp_path, "both", body))
    assert ended.only_run["verdict"] == "pass"
    assert all(actor["calls"] == 1 for actor in ended.only_run["coverage"]["actors"])


@pytest.mark.parametrize(("codes", "code"), [("pp", 0), ("pf", 1), ("pi", 3), ("if", 1), ("fi", 1)])
def test_the_worst_run_decides(tmp_path: Path, codes: str, code: int) -> None:
    deeds = {"p": "pass", "f": RAISES, "i": "pass"}
    files = [
        does(tmp_path, f"{i}_{c}", deeds[c], top="must_reach = ['it']" if c == "i" else "")
        for i, c in enumerate(codes)
    ]
    args = ["--target", toy(tmp_path), "--no-tsan", "--trials", "1"]
    ended = result("stress", *files, *args)
    assert ended.code == code
    verdicts = {"p": "pass", "f": "fail", "i": "inconclusive"}
    assert [run["verdict"] for run in ended.json["runs"]] == [verdicts[c] for c in codes]


def test_check_takes_targets_and_stress_scenarios(tmp_path: Path) -> None:
    file = does(tmp_path, "good", "pass")
    args = ["--no-tsan", "--trials", "1"]
    check = result("check", toy(tmp_path), "--scenario", file, *args, "--schedules", "1")
    stress = result("stress", file, "--target", toy(tmp_path), *args, "--seconds", "5")
    assert (check.code, stress.code) == (3, 0)
    by_engine = {run["engine"]: run for run in check.json["runs"]}
    assert list(by_engine) == ["explore", "stress"]
    assert "no switch point was met" in by_engine["explore"]["why"]  # one thread: no schedules
    assert without_times(by_engine["stress"]) == without_times(stress.only_run)


def without_times(run: dict[str, Any]) -> dict[str, Any]:
    """A run without what no seed decides."""
    coverage = {**run["coverage"], "peak_rss_kib": 0}
    return {**run, "seconds": 0, "coverage": coverage}


def test_a_broken_invariant_is_named(tmp_path: Path) -> None:
    body = """
class Toy:
    @control
    def calm(self):
        self.calm = True
    @actor
    def work(self): pass
    @invariant
    def holds(self):
        assert getattr(self, "calm", None) is True, "not calm"
"""
    run = trial(tmp_path, scenario(tmp_path, "asserts", body)).only_run
    assert kinds(run) == ["invariant"]
    assert run["findings"][0]["message"] == "AssertionError: not calm"
    assert run["findings"][0]["actor"] == "invariant holds"
    assert run["findings"][0]["count"] == 1
