"""What explore finds in real releases and patches, and what it proves of them."""

from __future__ import annotations

from typing import Any

import pytest
from explored import PYTHONS, binary_of
from flashflood import ROOT, result

pytestmark = [pytest.mark.slow, pytest.mark.fetching]

BARE = "sentry-arroyo==2.36.0"
SAFE = "sentry-arroyo==2.37.1"
STRATEGIES = ("auto", "exhaustive", "pct", "random")


def patched(name: str) -> str:
    return f"{BARE}+{ROOT / 'patches' / name}.patch"


def explore(scenario: str, target: str, *args: str, python: str = "3.11") -> dict[str, Any]:
    interpreter = ("--python", binary_of(python))
    run = result("explore", scenario, "--target", target, *interpreter, *args).only_run
    for finding in run["findings"]:
        if finding["reachable"] == "gil":
            assert finding["confirmed"] is True, finding
    return run


def messages(run: dict[str, Any], text: str) -> list[dict[str, Any]]:
    return [finding for finding in run["findings"] if text in (finding["message"] or "")]


# ---- the unpatched release -----------------------------------------------------------------------


@PYTHONS
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_buffer_fails_at_once(python: str, strategy: str) -> None:
    budget = ("--strategy", strategy, "--schedules", "200")
    run = explore("metrics_buffer", BARE, *budget, python=python)
    errors = [f for f in run["findings"] if f["kind"] == "dict-changed-size"]
    assert errors
    assert all(1 <= f["first_at"] <= 200 and f["switches"] <= 2 for f in errors)


@PYTHONS
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_either_thread_of_the_detector_fails_soon(python: str, strategy: str) -> None:
    budget = ("--strategy", strategy, "--schedules", "2000")
    run = explore("stuck_detector", BARE, *budget, python=python)
    errors = [f for f in run["findings"] if f["kind"] == "dict-changed-size"]
    assert all(1 <= f["first_at"] <= 2000 and f["switches"] <= 2 for f in errors)
    actors = {f["actor"] for f in errors}
    assert any(actor.startswith("thread StreamProcessor.stuck_detector_run") for actor in actors)
    assert "consume" in actors


# ---- patches, and the release that mended it -----------------------------------------------------


@PYTHONS
def test_the_snapshot_patch_still_loses_and_doubles(python: str) -> None:
    run = explore(
        "metrics_buffer",
        patched("arroyo_processor_fix"),
        *("--threads", "3", "--seconds", "20"),
        python=python,
    )
    assert {finding["kind"] for finding in run["findings"]} == {"invariant"}
    lost, doubled = messages(run, "lost"), messages(run, "emitted more")
    assert lost
    assert doubled
    assert all(finding["switches"] <= 2 for finding in lost + doubled)


@PYTHONS
def test_the_lock_is_right_in_every_schedule(python: str) -> None:
    space = ("--strategy", "exhaustive", "--preemptions", "unbounded", "--seconds", "300")
    run = explore("metrics_buffer", patched("arroyo_lock"), *space, python=python)
    assert (run["verdict"], run["complete"]) == ("pass", True), run["claim"]


@PYTHONS
def test_the_swap_is_right_under_the_gil_and_only_there(python: str) -> None:
    space = ("--strategy", "exhaustive", "--preemptions", "unbounded", "--seconds", "300")
    run = explore("metrics_buffer", patched("arroyo_swap"), *space, python=python)
    assert (run["verdict"], run["complete"]) == ("pass", True), run["claim"]
    bytecode = ("--points", "bytecode", "--seconds", "60", "--until", "invariant")
    run = explore("metrics_buffer", patched("arroyo_swap"), *bytecode, python=python)
    assert run["verdict"] == "fail"
    assert {f["reachable"] for f in run["findings"]} == {"bytecode"}


@PYTHONS
def test_the_mended_release_passes_with_its_bound(python: str) -> None:
    space = ("--strategy", "exhaustive", "--preemptions", "2", "--seconds", "300")
    run = explore("stuck_detector", SAFE, *space, python=python)
    assert (run["verdict"], run["bound"]) == ("pass", 2), run["claim"]


# ---- ThreadSanitizer, memory ---------------------------------------------------------------------


@pytest.mark.parametrize("scenario", ["metrics_buffer", "stuck_detector"])
def test_thread_sanitizer_has_nothing_to_say_of_our_own_code(scenario: str) -> None:
    run = explore(scenario, BARE, "--tsan", "--seconds", "5")
    assert run["schedules"] > 100
    known = {"dict-changed-size", "invariant", "data-race"}
    assert {finding["kind"] for finding in run["findings"]} <= known
    assert run["races"]["native"] == 0


@pytest.mark.parametrize("strategy", ["random", "pct"])
@pytest.mark.parametrize(
    ("scenario", "schedules"), [("metrics_buffer", 200_000), ("stuck_detector", 20_000)]
)
def test_memory_does_not_grow(scenario: str, schedules: int, strategy: str) -> None:
    def peak(count: int) -> int:
        budget = ("--strategy", strategy, "--schedules", str(count))
        run = explore(scenario, BARE, *budget)
        assert run["schedules"] == count
        return run["coverage"]["peak_rss_kib"]

    assert peak(schedules) <= 1.1 * peak(schedules // 10)
