"""patches/arroyo_processor_fix.patch against pip-installed releases."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from arroyo_copies import PATCH, PROCESSOR, apply_patch, copy_of, installed

# The releases whose stuck detector shares the buffer: the ones that the patch is for.
TARGETS = ("2.34.0", "2.35.0", "2.36.0", "2.37.0")

# Others, tried: does it apply exactly, at other lines, or not at all?
OTHERS = {
    "1.1.0": "no",  # the first MetricsBuffer: one dict, and a reset that replaces it
    "2.10.2": "no",  # the last of that kind
    "2.11.0": "no",  # two dicts, but metrics are members of an Enum: metric.value
    "2.14.25": "offset",
    "2.25.0": "offset",
    "2.30.0": "offset",
    "2.33.0": "offset",
    "2.37.1": "exact",  # the detector reports past the buffer; flush() is as it was
    "2.38.5": "offset",
    "2.40.3": "offset",
    "2.42.2": "offset",
}

BEFORE = """
        for metric, value in self.__timers.items():
            self.metrics.timing(metric, value)
        for metric, value in self.__counters.items():
            self.metrics.increment(metric, value)
        self.__reset()
"""
AFTER = """
        timers = list(self.__timers.items())
        counters = list(self.__counters.items())
        self.__reset()

        for metric, value in timers:
            self.metrics.timing(metric, value)
        for metric, value in counters:
            self.metrics.increment(metric, value)
"""


def number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def header() -> str:
    """The text above the diff, as one line."""
    return " ".join(PATCH.read_text().partition("\n--- ")[0].split())


@pytest.mark.parametrize("version", TARGETS)
def test_applies_exactly_and_changes_flush_only(version: str, tmp_path: Path) -> None:
    folder = copy_of(version, tmp_path / "site")
    original = (folder / PROCESSOR).read_text()

    result = apply_patch(folder, "--fuzz=0")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"patching file {PROCESSOR}\n"  # no offset, no fuzz
    assert original.count(BEFORE) == 1
    assert (folder / PROCESSOR).read_text() == original.replace(BEFORE, AFTER)


@pytest.mark.parametrize("version", TARGETS)
def test_reversed_restores_every_byte(version: str, tmp_path: Path) -> None:
    folder = copy_of(version, tmp_path / "site")
    assert apply_patch(folder).returncode == 0

    assert apply_patch(folder, "-R").returncode == 0

    pristine = installed(version)
    assert (folder / PROCESSOR).read_bytes() == (pristine / PROCESSOR).read_bytes()
    left = {path.relative_to(folder) for path in folder.rglob("*")}
    assert left == {path.relative_to(pristine) for path in pristine.rglob("*")}


@pytest.mark.parametrize("version", OTHERS)
def test_other_releases_it_applies_to(version: str) -> None:
    result = apply_patch(installed(version), "--fuzz=0", "--dry-run")

    if result.returncode != 0:
        outcome = "no"
    else:
        outcome = "offset" if "offset" in result.stdout else "exact"
    assert outcome == OTHERS[version], result.stdout


def test_twice_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    folder = copy_of("2.36.0", tmp_path / "site")
    assert apply_patch(folder).returncode == 0
    once = (folder / PROCESSOR).read_bytes()

    assert apply_patch(folder).returncode != 0
    assert (folder / PROCESSOR).read_bytes() == once


def test_header_claims_what_the_table_holds() -> None:
    claim = re.search(r"Fits ([\d., and]+) exactly", header())
    assert claim and tuple(re.findall(r"\d+\.\d+\.\d+", claim[1])) == TARGETS

    span = re.search(r"to those from ([\d.]+\d) to ([\d.]+\d)", header())
    assert span
    first, last = number(span[1]), number(span[2])
    applies = {number(version) for version, outcome in OTHERS.items() if outcome != "no"}
    assert (min(applies), max(applies)) == (first, last)
    assert applies == {n for n in map(number, OTHERS) if first <= n <= last}


def test_header_says_what_the_patch_does_not_do() -> None:
    assert "does not make MetricsBuffer thread-safe" in header()
    assert "between the second list() and the end of the reset is lost" in header()
    assert "sent twice" in header()


def test_patched_module_imports(tmp_path: Path) -> None:
    folder = copy_of("2.36.0", tmp_path / "site", dependencies=True)
    assert apply_patch(folder).returncode == 0
    program = (
        "from arroyo.processing import processor; import inspect;"
        "print(processor.__file__); print(inspect.getsource(processor.MetricsBuffer.flush))"
    )

    shown = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(folder)},
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert shown.returncode == 0, shown.stderr
    path, source = shown.stdout.split("\n", 1)
    assert path == str(folder / PROCESSOR)
    assert AFTER in source
