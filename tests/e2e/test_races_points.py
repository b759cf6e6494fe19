"""Looking for data races changes nothing of what is looked at: no switch point comes or goes."""

from __future__ import annotations

from typing import Any

import pytest
from explored import PYTHONS, binary_of
from flashflood import result

STRATEGIES = {
    "random": ("--strategy", "random", "--schedules", "400"),
    "pct": ("--strategy", "pct", "--schedules", "400"),
    "exhaustive": ("--strategy", "exhaustive", "--preemptions", "1", "--schedules", "400"),
}


pytestmark = [pytest.mark.slow, pytest.mark.fetching]

BARE = "sentry-arroyo==2.36.0"


def explore(scenario: str, target: str, *args: str, python: str) -> dict[str, Any]:
    interpreter = ("--python", binary_of(python))
    return result("explore", scenario, "--target", target, *interpreter, *args).only_run


def others(run: dict[str, Any]) -> list[tuple[str, int, int]]:
    """What was found besides data races, when first and in how many schedules."""
    return sorted(
        (f["fingerprint"], f["first_at"], f["count"])
        for f in run["findings"]
        if f["kind"] != "data-race"
    )


@PYTHONS
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("scenario", ["metrics_buffer", "stuck_detector"])
def test_the_same_is_found_whether_races_are_looked_for_or_not(
    python: str, scenario: str, strategy: str
) -> None:
    budget = (*STRATEGIES[strategy], "--no-confirm")
    plain = explore(scenario, BARE, "--no-tsan", *budget, python=python)
    lifted = explore(scenario, BARE, "--tsan", *budget, python=python)
    assert lifted["races"]["looked_for"]
    assert lifted["races"]["language"] > 0
    assert others(lifted) == others(plain)
    assert (lifted["claim"], lifted["bound"]) == (plain["claim"], plain["bound"])


@PYTHONS
def test_what_races_do_is_seen_after_other_findings_were_told(python: str) -> None:
    """Telling a finding records its lines, which must not end the watching."""
    options = ("--tsan", "--strategy", "random", "--schedules", "400")
    run = explore("metrics_buffer", BARE, *options, python=python)
    effects = {f["race"]["effect"] for f in run["findings"] if f["kind"] == "data-race"}
    assert effects == {None, "lost update", "changed during iteration"}
    assert all(f["confirmed"] for f in run["findings"]), run["findings"]
