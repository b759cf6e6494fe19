"""Data races of real releases and patches, by the language and by the interpreter."""

from __future__ import annotations

import re
from typing import Any

import pytest
from explored import PYTHONS, binary_of
from flashflood import ROOT, result

pytestmark = [pytest.mark.slow, pytest.mark.fetching]

BARE = "sentry-arroyo==2.36.0"
SAFE = "sentry-arroyo==2.37.1"
DICTS = {"MetricsBuffer.__counters", "MetricsBuffer.__timers"}
PROCESSOR = "arroyo/processing/processor.py"
DETECTOR = "StreamProcessor.stuck_detector_run.<locals>.f"
BUDGET = {
    "explore": ("--strategy", "random", "--schedules", "200", "--no-confirm"),
    "stress": ("--seconds", "3"),
}


def patched(name: str) -> str:
    return f"{BARE}+{ROOT / 'patches' / name}.patch"


def looked(scenario: str, target: str, *args: str, verb: str = "explore") -> dict[str, Any]:
    budget = () if "--schedules" in args else BUDGET[verb]
    return result(verb, scenario, "--target", target, "--tsan", *budget, *args).only_run


def of_the_buffer(run: dict[str, Any]) -> list[dict[str, Any]]:
    """The races on a MetricsBuffer: on its attributes, or in its dicts."""
    races = [f for f in run["findings"] if f["kind"] == "data-race"]
    assert run["races"]["native"] == 0
    return [f for f in races if f["race"]["container"].startswith("MetricsBuffer.")]


def started(access: dict[str, Any]) -> str:
    """Where its thread was, without the line, which differs between releases."""
    return re.sub(r":\d+", "", access["started"])


def containers(findings: list[dict[str, Any]]) -> set[str]:
    return {finding["race"]["container"] for finding in findings}


@pytest.mark.parametrize("verb", BUDGET)
@PYTHONS
def test_the_detector_and_the_main_thread_race(python: str, verb: str) -> None:
    run = looked("stuck_detector", BARE, "--python", binary_of(python), verb=verb)
    found = [f for f in of_the_buffer(run) if f["race"]["container"] in DICTS]
    assert containers(found) == DICTS
    for finding in found:
        accesses = finding["race"]["accesses"]
        last = accesses[-1]["thread"]
        assert finding["actor"] == (last if last == "consume" else f"thread {last}")
        assert {access["file"] for access in accesses} == {PROCESSOR}
        assert all(access["function"].startswith("MetricsBuffer.") for access in accesses)
        assert {access["thread"] for access in accesses} == {"consume", DETECTOR}
        assert {started(access) for access in accesses} == {
            "an actor of the scenario",
            f"{PROCESSOR} in StreamProcessor.stuck_detector_run",
        }


@pytest.mark.parametrize("verb", BUDGET)
def test_the_release_that_mended_it_has_none_on_the_buffer(verb: str) -> None:
    assert of_the_buffer(looked("stuck_detector", SAFE, verb=verb)) == []


@pytest.mark.parametrize("verb", BUDGET)
@pytest.mark.parametrize("scenario", ["stuck_detector", "metrics_buffer"])
def test_the_lock_orders_all_of_the_buffer(scenario: str, verb: str) -> None:
    assert of_the_buffer(looked(scenario, patched("arroyo_lock"), verb=verb)) == []


def test_the_snapshot_still_loses_updates() -> None:
    run = looked("metrics_buffer", patched("arroyo_processor_fix"))
    found = of_the_buffer(run)
    assert DICTS <= containers(found)
    lost = [f for f in found if f["race"]["effect"] == "lost update" and f["reachable"] == "gil"]
    assert containers(lost) & DICTS
    assert any(f["reachable"] == "language" for f in found)
    run = looked("stuck_detector", patched("arroyo_processor_fix"))
    assert containers(of_the_buffer(run)) & DICTS


def test_the_swap_races_by_the_language_only() -> None:
    run = looked("metrics_buffer", patched("arroyo_swap"))
    found = of_the_buffer(run)
    assert DICTS <= containers(found)
    assert {(f["reachable"], f["race"]["effect"]) for f in found} == {("language", None)}
    assert run["verdict"] == "pass"


@pytest.mark.parametrize("seed", [str(seed) for seed in range(1, 11)])
@pytest.mark.parametrize("scenario", ["stuck_detector", "metrics_buffer"])
def test_the_first_schedule_shows_it(scenario: str, seed: str) -> None:
    """In each of them both threads come to the dicts; whether they fail does not matter."""
    run = looked(
        scenario, BARE, "--schedules", "1", "--strategy", "random", "--no-confirm", "--seed", seed
    )
    assert all(place["count"] for place in run["coverage"]["reached"])
    found = [f for f in of_the_buffer(run) if f["race"]["container"] in DICTS]
    assert found
    assert {f["first_at"] for f in found} == {1}
