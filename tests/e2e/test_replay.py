"""Replays: the five outcomes with their exit codes, a hundred times the same, and on other Pythons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from explored import WANTED, binary_of, explore, fails, write
from flashflood import Completed, result
from told import FNV_BASIS, FNV_PRIME

BARE = "sentry-arroyo==2.36.0"

RACY = """
class It:
    def __init__(self):
        self.x = 0

    def one(self):
        seen = self.x
        self.pause()
        self.x = seen + 1

    def pause(self):
        pass

    def check(self):
        assert self.x == 2, f"lost {2 - self.x}"
"""
# The same places, and nothing is lost.
MENDED = RACY.replace("seen + 1", "self.x + 1")
# Fails there, and with something else alone.
OTHERWISE = RACY.replace(
    "        self.x = seen",
    "        if self.x != seen:\n            raise KeyError\n        self.x = seen",
).replace("assert self.x == 2", "assert self.x >= 1")
RENAMED = RACY.replace("pause", "rest")
# No call, no place to stop.
STRAIGHT = RACY.replace("        self.pause()\n", "")


def checked(lines: str) -> str:
    """With the checksum that belongs to it (FNV-1a, 64 bits), in place of the one that it has."""
    text = lines[: lines.rindex("end ")]
    value = FNV_BASIS
    for byte in text.encode():
        value = (value ^ byte) * FNV_PRIME % 2**64
    return f"{text}end {value:016x}\n"


def found(folder: Path, *args: str) -> Path:
    """The schedule of the lost addition."""
    ended = explore(folder, RACY, *args, out=folder / "out")
    return folder / "out" / fails(ended)["schedule"]


def replay(folder: Path, file: Path, *args: str | Path) -> Completed:
    target = () if "--target" in args else ("--target", folder / "target")
    return result("replay", file, "--scenario", folder / "two.py", *target, *args)


def outcome(ended: Completed) -> tuple[str, int]:
    return ended.only_run["replayed"]["outcome"], ended.code


# ---- the five outcomes ---------------------------------------------------------------------------


@pytest.mark.parametrize("points", ["gil", "bytecode"])
@pytest.mark.parametrize("carrier", ["fiber", "pthread"])
def test_it_fails_the_same_a_hundred_times(tmp_path: Path, points: str, carrier: str) -> None:
    ended = replay(
        tmp_path, found(tmp_path, "--points", points), "--times", "100", "--carrier", carrier
    )
    assert outcome(ended) == ("fails the same", 1)
    run = ended.only_run
    assert run["schedules"] == 100
    assert [f["count"] for f in run["findings"]] == [100]
    assert (run["points"], run["carrier"]) == (points, carrier)


@pytest.mark.parametrize("carrier", ["fiber", "pthread"])
def test_it_fails_otherwise(tmp_path: Path, carrier: str) -> None:
    file = found(tmp_path)
    write(tmp_path, OTHERWISE)
    ended = replay(tmp_path, file, "--carrier", carrier)
    assert outcome(ended) == ("fails otherwise", 1)
    assert "expected invariant" in ended.only_run["replayed"]["detail"]


@pytest.mark.parametrize("carrier", ["fiber", "pthread"])
def test_it_passes_where_the_code_was_mended(tmp_path: Path, carrier: str) -> None:
    file = found(tmp_path)
    write(tmp_path, MENDED)
    ended = replay(tmp_path, file, "--carrier", carrier)
    assert outcome(ended) == ("passes", 0)
    assert ended.only_run["findings"] == []


def edited(folder: Path, old: str, new: str) -> Path:
    """The schedule with a change in it, and the checksum made right."""
    text = found(folder).read_text()
    assert old in text
    file = folder / "edited.flood"
    file.write_text(checked(text.replace(old, new)))
    return file


def test_a_schedule_that_was_edited_diverges_at_its_line(tmp_path: Path) -> None:
    file = edited(tmp_path, "#1 ->", "#2 ->")
    lines = file.read_text().splitlines()
    number = next(i for i, line in enumerate(lines, 1) if "#2 ->" in line)
    ended = replay(tmp_path, file)
    assert outcome(ended) == ("diverged", 3)
    assert ended.only_run["replayed"]["line"] == number
    assert f"diverged at line {number}" in ended.out
    assert ended.only_run["verdict"] == "inconclusive"


def test_what_diverges_and_fails_nonetheless_is_told(tmp_path: Path) -> None:
    file = edited(tmp_path, "#1 ->", "#2 ->")
    write(tmp_path, RACY.replace("self.x == 2", "self.x == 3"))
    ended = replay(tmp_path, file)
    assert ended.code == 1
    assert [finding["kind"] for finding in ended.only_run["findings"]] == ["invariant"]


@pytest.mark.parametrize("code", [RENAMED, STRAIGHT], ids=["renamed", "removed"])
def test_what_is_not_there_cannot_be_reached(tmp_path: Path, code: str) -> None:
    file = found(tmp_path)
    write(tmp_path, code)
    ended = replay(tmp_path, file)
    assert outcome(ended) == ("cannot be reached", 3)
    assert "It.pause" in ended.only_run["replayed"]["detail"] + file.read_text()


def test_a_thread_that_is_not_there_cannot_be_reached(tmp_path: Path) -> None:
    text = found(tmp_path).read_text()
    file = tmp_path / "edited.flood"
    first = next(line for line in text.splitlines() if line.startswith("first "))
    file.write_text(checked(text.replace("thread other\n", "thread other\nthread nobody\n")))
    assert outcome(replay(tmp_path, file)) == ("fails the same", 1)
    changed = text.replace("thread other\n", "thread other\nthread nobody\n")
    file.write_text(checked(changed.replace(first, "first nobody")))
    assert outcome(replay(tmp_path, file)) == ("cannot be reached", 3)


def test_lines_may_move(tmp_path: Path) -> None:
    """A place is known by its function, and by how far below its first line it is."""
    file = found(tmp_path)
    write(tmp_path, "\n\n\n# More above it.\n" + RACY)
    ended = replay(tmp_path, file)
    assert outcome(ended)[1] == 1
    assert ended.only_run["findings"][0]["message"].endswith("lost 1")


@pytest.mark.parametrize("version", WANTED[1:])
def test_it_fails_on_another_python(tmp_path: Path, version: str) -> None:
    file = found(tmp_path)
    assert outcome(replay(tmp_path, file, "--python", binary_of(version))) == ("fails the same", 1)


# ---- releases ------------------------------------------------------------------------------------


def of_release(folder: Path, scenario: str, kind: str, *args: str) -> Path:
    """The schedule of the first finding of that kind in the release."""
    out = folder / "out"
    run = result("explore", scenario, "--target", BARE, *args, "--until", kind, out=out).only_run
    return next(out / f["schedule"] for f in run["findings"] if f["kind"] == kind)


@pytest.mark.slow
@pytest.mark.fetching
@pytest.mark.parametrize("carrier", ["fiber", "pthread"])
@pytest.mark.parametrize("scenario", ["metrics_buffer", "stuck_detector"])
def test_a_release_fails_the_same_a_hundred_times(
    tmp_path: Path, scenario: str, carrier: str
) -> None:
    file = of_release(tmp_path, scenario, "dict-changed-size")
    ended = result("replay", file, "--times", "100", "--carrier", carrier)
    assert outcome(ended) == ("fails the same", 1)
    assert {f["count"] for f in ended.only_run["findings"]} == {100}


@pytest.mark.slow
@pytest.mark.fetching
def test_the_release_that_mended_it_does_not_fail(tmp_path: Path) -> None:
    file = of_release(tmp_path, "stuck_detector", "dict-changed-size")
    ended = result("replay", file, "--target", "sentry-arroyo==2.37.1")
    assert outcome(ended) in {("cannot be reached", 3), ("diverged", 3), ("passes", 0)}


def many(folder: Path, count: int) -> list[Path]:
    """Schedules of all that is found on both scenarios, seed after seed."""
    files: list[Path] = []
    for seed in range(1, 10 * count):
        for scenario in ("metrics_buffer", "stuck_detector"):
            out = folder / f"{scenario}{seed}"
            drawn = ("--strategy", "random", "--seed", str(seed), "--schedules", "300")
            ended = result("explore", scenario, "--target", BARE, *drawn, "--no-confirm", out=out)
            files += [out / finding["schedule"] for finding in ended.only_run["findings"]]
        if len(files) >= count:
            break
    return files[:count]


@pytest.mark.slow
@pytest.mark.fetching
def test_forty_schedules_on_other_pythons(tmp_path: Path) -> None:
    files = many(tmp_path, 40)
    assert len(files) == 40
    for version in WANTED[1:]:
        outcomes: list[Any] = [
            outcome(result("replay", file, "--python", binary_of(version)))[0] for file in files
        ]
        same = outcomes.count("fails the same")
        print(f"{version}: {same} of {len(files)} fail the same")
        assert same >= 0.95 * len(files), outcomes
        assert set(outcomes) <= {"fails the same", "diverged", "cannot be reached"}
