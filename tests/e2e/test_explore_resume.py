"""An exhaustive search that was stopped and goes on comes to the same end as one that was not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from explored import COMPLETE, THREE_ADDITIONS, write
from flashflood import result, run

FAILS = THREE_ADDITIONS.format(check='assert self.x == 6, f"lost {6 - self.x}"')
PASSES = THREE_ADDITIONS.format(check="assert 2 <= self.x <= 6, self.x")


def search(folder: Path, *args: str | Path) -> Any:
    return result("explore", folder / "two.py", "--target", folder / "target", *COMPLETE, *args)


def findings(run_of_result: dict[str, Any]) -> set[tuple[str, str, int]]:
    return {(f["kind"], f["fingerprint"], f["switches"]) for f in run_of_result["findings"]}


@pytest.mark.parametrize("code", [FAILS, PASSES], ids=["fails", "passes"])
def test_a_search_that_goes_on_comes_to_the_same_end(tmp_path: Path, code: str) -> None:
    write(tmp_path, code)
    whole = search(tmp_path, "--seconds", "60").only_run
    assert whole["complete"]
    keep = ("--resume", tmp_path / "search")
    found, schedules, part = set(), 0, {"complete": False}
    for _ in range(100):
        if part["complete"]:
            break
        part = search(tmp_path, *keep, "--schedules", "200").only_run
        found |= findings(part)
        schedules += part["schedules"]
    assert part["complete"], part["claim"]
    assert {fingerprint for _, fingerprint, _ in found} == {
        fingerprint for _, fingerprint, _ in findings(whole)
    }
    assert schedules >= whole["schedules"]  # what is kept says less of what was redundant


def test_another_search_is_refused(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    keep = ("--resume", tmp_path / "search")
    search(tmp_path, *keep, "--schedules", "3")
    before = (tmp_path / "search").read_bytes()
    for other in (("--points", "bytecode"),):
        ended = run(
            *("explore", tmp_path / "two.py", "--target", tmp_path / "target"),
            *(*COMPLETE, *keep, "--schedules", "3", *other),
        )
        assert ended.code in (2, 3)
        assert "keeps another search" in ended.out + ended.err
    write(tmp_path, PASSES, name="three")
    ended = run(
        *("explore", tmp_path / "three.py", "--target", tmp_path / "target", *COMPLETE, *keep)
    )
    assert "keeps another search" in ended.out + ended.err
    assert (tmp_path / "search").read_bytes() == before


def test_a_file_that_is_no_search_is_refused(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    (tmp_path / "search").write_text("milk, bread\n")
    ended = run(
        *("explore", tmp_path / "two.py", "--target", tmp_path / "target", *COMPLETE),
        *("--resume", tmp_path / "search"),
    )
    assert ended.code in (2, 3)
    assert "keeps another search: 'milk, bread'" in ended.out + ended.err
    assert (tmp_path / "search").read_text() == "milk, bread\n"
