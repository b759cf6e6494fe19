"""Outputs that cannot be written and results that cannot be read: one line, exit 2, nothing half-written."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flashflood import Completed, does, load, result, run, toy
from test_bad_input import files_below, refused_in_one_line


@pytest.fixture
def job(tmp_path: Path) -> list[str | Path]:
    """A short run whose verdict is pass."""
    good = does(tmp_path, "good", "pass")
    return ["stress", good, "--target", toy(tmp_path), "--no-tsan", "--trials", "1", "--quiet"]


@pytest.fixture
def earlier(tmp_path: Path, job: list[str | Path]) -> Path:
    """The result.json of an earlier run."""
    result(*job, out=tmp_path / "earlier")
    return tmp_path / "earlier" / "result.json"


# ---- folders that cannot be written --------------------------------------------------------------


def test_out_below_a_file(tmp_path: Path, job: list[str | Path]) -> None:
    (tmp_path / "file").write_text("precious")
    out = tmp_path / "file" / "out"
    refused_in_one_line(run(*job, "--out", out), f"--out '{out}'", "folder")
    assert (tmp_path / "file").read_text() == "precious"


def test_out_is_a_file(tmp_path: Path, job: list[str | Path]) -> None:
    (tmp_path / "file").write_text("precious")
    refused_in_one_line(run(*job, "--out", tmp_path / "file"), f"{tmp_path}/file", "folder")
    assert (tmp_path / "file").read_text() == "precious"


@pytest.mark.parametrize("out", ["/proc/flashflood", "/proc/sys/flashflood/out"])
def test_out_that_cannot_be_made(job: list[str | Path], out: str) -> None:
    refused_in_one_line(run(*job, "--out", out), f"--out '{out}'")


@pytest.mark.parametrize("out", ["/proc/self", "/proc/sys"])
def test_out_that_cannot_be_written(job: list[str | Path], out: str) -> None:
    """It is there, and even root may not write to it."""
    refused_in_one_line(run(*job, "--out", out), out)


def test_empty_out(job: list[str | Path]) -> None:
    refused_in_one_line(run(*job, "--out", ""), "--out ''")


def test_report_that_is_a_folder_already(tmp_path: Path, job: list[str | Path]) -> None:
    (tmp_path / "out" / "result.json").mkdir(parents=True)
    ended = run(*job, "--out", tmp_path / "out")
    refused_in_one_line(ended, str(tmp_path / "out" / "result.json"))
    assert files_below(tmp_path / "out") == []


# ---- full disks ----------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for 16 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no tmpfs can be mounted here, so no disk is small enough to fill: {error}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path) -> None:
    """Leave no room on it."""
    with pytest.raises(OSError, match="No space left"), (disk / "filler").open("wb", 0) as filler:
        while True:
            filler.write(bytes(4096))


def test_full_disk(job: list[str | Path], small_disk: Path) -> None:
    fill(small_disk)
    refused_in_one_line(run(*job, "--out", small_disk), "result.json", "No space left")
    assert [file.name for file in files_below(small_disk)] == ["filler"]


def test_full_disk_keeps_the_earlier_result(job: list[str | Path], small_disk: Path) -> None:
    result(*job, out=small_disk)
    before = (small_disk / "result.json").read_bytes()
    fill(small_disk)
    ended = run(*job, "--out", small_disk, "--seed", "7")
    refused_in_one_line(ended, "result.json", "No space left")
    assert (small_disk / "result.json").read_bytes() == before
    assert sorted(file.name for file in files_below(small_disk)) == ["filler", "result.json"]


def test_full_disk_still_shows_the_findings(tmp_path: Path, small_disk: Path) -> None:
    """What a long campaign found is not lost with the file."""
    bad = does(tmp_path, "bad", "raise ValueError('found')")
    fill(small_disk)
    target = toy(tmp_path)
    ended = run("stress", bad, "-t", target, "--no-tsan", "--trials", "1", "--out", small_disk)
    assert ended.code == 2
    assert "ValueError: found" in ended.out


@pytest.mark.parametrize("ignored", [True, False])
def test_file_that_may_not_grow(
    tmp_path: Path, job: list[str | Path], earlier: Path, ignored: bool
) -> None:
    """The same where nothing can be mounted, by ulimit -f, whether its signal is ignored or not."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignored else signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))

    before = earlier.read_bytes()
    assert len(before) > 1024
    report = ["report", earlier, "--format", "markdown,junit", "--out", tmp_path / "out"]
    ended = run(*report, preexec_fn=limit, restore_signals=False)
    refused_in_one_line(ended, "File too large")
    assert all(file.stat().st_size <= 1024 for file in files_below(tmp_path / "out"))
    assert not list((tmp_path / "out").glob("*.tmp"))
    ended = run(
        *job, "--out", earlier.parent, "--seed", "7", preexec_fn=limit, restore_signals=False
    )
    refused_in_one_line(ended, "result.json", "File too large")
    assert earlier.read_bytes() == before


@pytest.mark.parametrize("name", ["text", "json", "junit", "markdown"])
def test_full_standard_output(earlier: Path, name: str) -> None:
    with open("/dev/full", "w") as full:
        ended = run("report", earlier, "--format", name, stdout=full)
    refused_in_one_line(ended, name, "standard output", "No space left")


def test_full_standard_output_of_a_campaign_keeps_the_result(
    tmp_path: Path, job: list[str | Path]
) -> None:
    with open("/dev/full", "w") as full:
        ended = run(*job, "--format", "text", "--out", tmp_path / "out", stdout=full)
    refused_in_one_line(ended, "standard output", "No space left")
    assert load(tmp_path / "out" / "result.json")["runs"][0]["verdict"] == "pass"


# ---- results that are none -----------------------------------------------------------------------


def report(file: Path) -> Completed:
    """A report that is refused before it wrote anything."""
    ended = run("report", file, "--format", "markdown", "--out", file.parent / "out")
    assert files_below(file.parent / "out") == []
    return ended


FOREIGN = {
    "empty": (b"", "empty"),
    "array": (b"[]", "not a result of flashflood"),
    "foreign": (b'{"version": 1, "runs": []}', "not a result of flashflood"),
    "text": (b"hello\n", "not JSON"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0", "not JSON"),
    "no_runs": (b'{"flashflood": {"schema": 1, "tool": "x"}}', "missing"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_result_that_is_not_ours(tmp_path: Path, name: str) -> None:
    content, problem = FOREIGN[name]
    file = tmp_path / f"{name}.json"
    file.write_bytes(content)
    refused_in_one_line(report(file), f"'{file}'", problem, "result.json")


@pytest.mark.parametrize("part", [0.01, 0.3, 0.6, 0.99])
def test_result_that_is_cut_short(tmp_path: Path, earlier: Path, part: float) -> None:
    text = earlier.read_bytes().rstrip()
    file = tmp_path / "cut.json"
    file.write_bytes(text[: int(len(text) * part)])
    refused_in_one_line(report(file), f"'{file}'", "cut short", "run the campaign again")


def change(earlier: Path, **members: Any) -> Path:
    """A copy of the result with other members in its first run."""
    content = load(earlier)
    content["runs"][0].update(members)
    file = earlier.parent.parent / "changed.json"
    file.write_text(json.dumps(content))
    return file


def test_result_of_a_newer_schema(tmp_path: Path, earlier: Path) -> None:
    content = load(earlier)
    content["flashflood"]["schema"] = 99
    file = tmp_path / "newer.json"
    file.write_text(json.dumps(content))
    refused_in_one_line(report(file), f"'{file}'", "99", "newer flashflood")


@pytest.mark.parametrize(
    ("member", "value"),
    [("verdict", "fine"), ("findings", {}), ("seed", -1), ("scenario", None), ("seconds", "1")],
)
def test_result_with_a_wrong_member(earlier: Path, member: str, value: Any) -> None:
    refused_in_one_line(report(change(earlier, **{member: value})), f"runs[0].{member}")


def test_result_with_an_unknown_member_is_read(earlier: Path) -> None:
    assert run("report", change(earlier, colour="red")).code == 0


@pytest.mark.parametrize("name", ["no_such.json", "."])
def test_result_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    refused_in_one_line(run("report", tmp_path / name), str(tmp_path / name))


@pytest.mark.parametrize("count", [0, 2])
def test_report_takes_one_result(earlier: Path, count: int) -> None:
    refused_in_one_line(run("report", *[earlier] * count), "one RESULT.json", str(count))
