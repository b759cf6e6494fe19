"""The main job on real releases: twenty seeds each, with ThreadSanitizer and without, and the twins that must be clean.

FLASHFLOOD_CLEAN_SECONDS: how long each of the clean runs goes on (default 1; the figures in docs/stress.md are of 10).
"""

from __future__ import annotations

import os

import pytest
from flashflood import result

pytestmark = [pytest.mark.slow, pytest.mark.fetching]

BARE = "sentry-arroyo==2.36.0"
PATCHED = f"{BARE}+patches/arroyo_processor_fix.patch"
SAFE = "sentry-arroyo==2.37.1"
SEEDS = range(1, 21)
CLEAN_SECONDS = os.environ.get("FLASHFLOOD_CLEAN_SECONDS", "1")
TSAN = pytest.mark.parametrize("tsan", ["--tsan", "--no-tsan"])


def stress(scenario: str, target: str, *more: str) -> dict:
    """The one run of a stress command."""
    (run,) = result("stress", scenario, "--target", target, *more).json["runs"]
    return run


def kinds(run: dict) -> set[str]:
    """Of what was found, races of Python code aside: test_races_arroyo has those."""
    return {finding["kind"] for finding in run["findings"] if not finding["race"]}


@TSAN
@pytest.mark.parametrize("scenario", ["stuck_detector", "metrics_buffer"])
def test_the_unpatched_release_fails_within_ten_seconds(scenario: str, tsan: str) -> None:
    slowest = 0.0
    for seed in SEEDS:
        until = ["--until", "dict-changed-size", "--seconds", "10", "--seed", str(seed)]
        run = stress(scenario, BARE, tsan, *until)
        assert "dict-changed-size" in kinds(run), f"seed {seed}"
        assert "data-race" not in kinds(run), f"seed {seed}: our own C code"
        slowest = max(slowest, run["seconds"])
    print(f"{scenario} {tsan}: 20 of 20, the slowest after {slowest:.2f} s")


@TSAN
def test_the_patch_ends_the_error_and_not_the_losses(tsan: str) -> None:
    wrong = 0
    for seed in SEEDS:
        run = stress(
            "metrics_buffer", PATCHED, tsan, "--seconds", CLEAN_SECONDS, "--seed", str(seed)
        )
        assert kinds(run) <= {"invariant"}, f"seed {seed}"
        wrong += "invariant" in kinds(run)
    print(f"{tsan}: lost or doubled metrics in {wrong} of 20 runs of {CLEAN_SECONDS} s")
    assert wrong >= 5  # of 20; in ten seconds each run has some


@TSAN
@pytest.mark.parametrize("target", [SAFE, PATCHED])
def test_the_fixed_detector_never_raises(target: str, tsan: str) -> None:
    for seed in SEEDS:
        run = stress(
            "stuck_detector", target, tsan, "--seconds", CLEAN_SECONDS, "--seed", str(seed)
        )
        allowed = set() if target == SAFE else {"invariant"}
        assert kinds(run) <= allowed, f"seed {seed}"
        assert run["verdict"] == "pass" or (target == PATCHED and run["verdict"] == "fail")


def test_the_error_strikes_both_threads() -> None:
    """In the detector's thread, and in the main thread, which crashes the consumer."""
    run = stress("stuck_detector", BARE, "--no-tsan", "--seconds", "5")
    actors = {f["actor"] for f in run["findings"] if f["kind"] == "dict-changed-size"}
    assert "consume" in actors
    assert any(actor.startswith("thread StreamProcessor.stuck_detector_run") for actor in actors)


def test_check_of_both_targets_meets_the_table_in_time_and_memory() -> None:
    outcome = result("check", BARE, PATCHED, "--expect", "known")
    assert outcome.code == 0, outcome.out
    runs = outcome.json["runs"]
    planned = [(run["scenario"], run["engine"]) for run in runs]
    both = [
        (name, engine)
        for name in ("metrics_buffer", "stuck_detector")
        for engine in ("explore", "stress")
    ]
    assert planned == both * 2
    assert all(run["expected"]["met"] is True for run in runs)
    assert all(run["coverage"]["peak_rss_kib"] < 400 * 1024 for run in runs)
    assert sum(run["seconds"] for run in runs) < 90
