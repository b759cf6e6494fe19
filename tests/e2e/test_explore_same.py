"""The same seed gives the same result; and --verify tells of a program that does not do the same twice."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from explored import THREE_ADDITIONS, explore, write
from flashflood import result

STRATEGIES = ("auto", "exhaustive", "pct", "random")
VOLATILE = {"seconds", "peak_rss_kib", "command", "replay"}

RACY = THREE_ADDITIONS.format(check='assert self.x == 6, f"lost {6 - self.x}"')


def settled(value: Any) -> Any:
    """Without times, sizes and the folder of the output."""
    if isinstance(value, dict):
        return {key: settled(item) for key, item in value.items() if key not in VOLATILE}
    return [settled(item) for item in value] if isinstance(value, list) else value


def twice(folder: Path, *args: str | Path, runs: int = 2) -> dict[str, Any]:
    """The results, and the schedules and reports beside them, are equal to the byte; the run."""
    texts, files = [], []
    for number in range(runs):
        out = folder / f"out{number}"
        ended = result("explore", *args, out=out)
        text = json.dumps(settled(ended.json), indent=1)
        texts.append(re.sub(r"out\d/", "out/", text))
        files.append({f.name: f.read_text() for f in out.glob("*/*")})
    assert texts[0] == texts[1]
    assert files[0] == files[1]
    return ended.only_run


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_same_seed_gives_the_same_result(tmp_path: Path, strategy: str) -> None:
    file = write(tmp_path, RACY)
    budget = ("--strategy", strategy, "--schedules", "500", "--seed", "7")
    twice(tmp_path, file, "--target", tmp_path / "target", *budget)


@pytest.mark.parametrize("carrier", ["fiber", "pthread"])
def test_and_the_same_races(tmp_path: Path, carrier: str) -> None:
    file = write(tmp_path, RACY)
    budget = ("--strategy", "random", "--schedules", "100", "--seed", "7", "--carrier", carrier)
    run = twice(tmp_path, file, "--target", tmp_path / "target", "--tsan", *budget)
    assert run["races"]["language"]
    assert run["races"]["interpreter"]


@pytest.mark.slow
@pytest.mark.fetching
@pytest.mark.parametrize("tsan", ["--no-tsan", "--tsan"])
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("scenario", ["metrics_buffer", "stuck_detector"])
def test_the_same_seed_gives_the_same_result_on_a_release(
    tmp_path: Path, scenario: str, strategy: str, tsan: str
) -> None:
    target = ("--target", "sentry-arroyo==2.36.0")
    count = "2000" if tsan == "--no-tsan" else "500"
    run = twice(tmp_path, scenario, *target, "--strategy", strategy, "--schedules", count, tsan)
    assert run["races"]["looked_for"] is (tsan == "--tsan")


# ---- --verify ------------------------------------------------------------------------------------

WILD = """
import os, random, time, uuid


class It:
    def one(self):
        if {chance}:
            tick()
            tick()
        tick()

    def other(self):
        tick()


def tick():
    pass
"""
SAME = {
    "a_constant": "True",
    "virtual_time": "time.time() % 2",
    "urandom": "os.urandom(1)[0] & 1",
    "uuid": "uuid.uuid4().int & 1",
    "random": "random.random() < 0.5",
}
CHANCES = {
    "counter": "next(COUNT) % 2",
    "a_generator_without_a_seed": "random.Random().random() < 0.5",
}


def verified(folder: Path, chance: str) -> dict[str, Any]:
    code = "import itertools\nCOUNT = itertools.count()\n" + WILD.format(chance=chance)
    return explore(folder, code, "--strategy", "random", "--schedules", "200", "--verify").only_run


@pytest.mark.parametrize("name", CHANCES)
def test_verify_tells_of_a_program_that_is_not_deterministic(tmp_path: Path, name: str) -> None:
    run = verified(tmp_path, CHANCES[name])
    assert (run["verdict"], run["findings"]) == ("inconclusive", [])
    times, different = re.search(r"of (\d+) .* and (\d+) of them", run["why"]).groups()
    assert int(times) == 200
    assert 0 < int(different) <= 200


@pytest.mark.parametrize("name", SAME)
def test_verify_has_nothing_to_tell_of_one_that_is(tmp_path: Path, name: str) -> None:
    run = verified(tmp_path, SAME[name])
    assert run["verdict"] == "pass"
    assert any("200 schedules was run twice, and 0" in note for note in run["coverage"]["notes"])


@pytest.mark.slow
@pytest.mark.fetching
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("scenario", ["metrics_buffer", "stuck_detector"])
def test_the_scenarios_are_deterministic(scenario: str, strategy: str) -> None:
    budget = ("--strategy", strategy, "--schedules", "3000", "--verify")
    run = result("explore", scenario, "--target", "sentry-arroyo==2.36.0", *budget).only_run
    (note,) = [note for note in run["coverage"]["notes"] if "run twice" in note]
    assert "and 0 of them came out differently" in note
