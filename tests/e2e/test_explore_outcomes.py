"""The reduction leaves nothing out: on real arroyo, the search of the whole space ends in every state that schedules
drawn at random end in, on each kind of switch points, for each patch.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from flashflood import ROOT, result

BARE = "sentry-arroyo==2.36.0"
PATCHES = ("", "arroyo_processor_fix", "arroyo_lock", "arroyo_swap")

SAY_HOW_IT_ENDED = """
    @invariant
    def state_at_the_end(self):
        emitted = (self.backend.counters, self.backend.timings)
        reach(f"{sorted(self.differences().items())} {emitted}")
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """metrics_buffer, which also says by reach() how each schedule ended."""
    text = (ROOT / "scenarios" / "metrics_buffer.py").read_text()
    imports = "from flashflood import actor, invariant"
    assert imports in text
    file = tmp_path / "ends.py"
    file.write_text(text.replace(imports, f"{imports}, reach") + SAY_HOW_IT_ENDED)
    (tmp_path / "support").symlink_to(ROOT / "scenarios" / "support")
    return file


def ends(scenario: Path, target: str, *options: str) -> tuple[set[str], dict]:
    """The distinct states in which schedules ended, and the run."""
    run = result("explore", scenario, "--target", target, "--no-confirm", *options).only_run
    return {point["name"] for point in run["coverage"]["reached"]}, run


@pytest.mark.slow
@pytest.mark.fetching
@pytest.mark.parametrize("points", ["gil", "bytecode"])
@pytest.mark.parametrize("patch", PATCHES)
def test_every_end_is_reached(scenario: Path, patch: str, points: str) -> None:
    target = f"{BARE}+{ROOT}/patches/{patch}.patch" if patch else BARE
    by_points = ("--points", points)
    whole = ("--strategy", "exhaustive", "--preemptions", "unbounded", "--seconds", "120")
    searched, run = ends(scenario, target, *whole, *by_points)
    assert run["complete"], run["claim"]
    drawn, _ = ends(scenario, target, "--strategy", "random", "--schedules", "100000", *by_points)
    deep = ("--strategy", "pct", "--depth", "4", "--schedules", "20000")
    drawn_by_priority, _ = ends(scenario, target, *deep, *by_points)
    assert drawn <= searched
    assert drawn_by_priority <= searched
    assert len(searched) > 10
