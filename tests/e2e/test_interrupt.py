"""Signals to the driver: what was found is kept and reported, it is no pass, and no worker stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flashflood import kinds, load, processes_with, scenario, start, toy, wait_for

BODY = """
trials = itertools.count()

class Toy:
    quiet = False

    def __init__(self):
        if next(trials) > 3:
            open({mark!r}, "w").close()

    @control
    def calm(self):
        self.quiet = True

    @actor(calls=1, stress_calls=20)
    def work(self):
        if not self.quiet:
            time.sleep(0.001)
            {deed}
"""
FINDS = "raise ValueError('found early')"
STUCK = "if os.path.exists({mark!r}): threading.Event().wait()"


class Campaign:
    """A campaign of a minute in the background, whose first trials are over."""

    def __init__(self, folder: Path, deed: str, *more: str | Path) -> None:
        self.folder = folder
        mark = str(folder / "mark")
        body = BODY.format(mark=mark, deed=deed.format(mark=mark))
        self.scenario = scenario(folder, "long", body)
        out = ["--out", folder / "out", "--format", "text,junit,markdown", "--seconds", "60"]
        args = ["stress", self.scenario, *more, "--target", toy(folder), "--no-tsan", *out]
        self.process = start(*args, start_new_session=True)
        wait_for((folder / "mark").exists)

    def send(self, number: int, *, group: bool = False) -> None:
        """Signal the driver, or its process group, as a terminal does."""
        (os.killpg if group else os.kill)(self.process.pid, number)

    def end(self, seconds: float = 20) -> int:
        """Wait for its end; no process of the scenario may be left then."""
        self.out, self.err = (text.decode() for text in self.process.communicate(timeout=seconds))
        wait_for(lambda: not processes_with(str(self.scenario)), 3)
        return self.process.returncode

    @property
    def runs(self) -> list[dict[str, Any]]:
        content = load(self.folder / "out" / "result.json")
        assert content["cut_short"] is True
        return content["runs"]

    def stop(self) -> None:
        """Whatever a test left running."""
        for pid in [self.process.pid, *processes_with(str(self.scenario))]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.communicate()


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Any]:
    """Begins campaigns that do not outlive the test."""
    begun = []

    def start_one(*args: Any) -> Campaign:
        begun.append(Campaign(tmp_path, *args))
        return begun[-1]

    yield start_one
    for campaign in begun:
        campaign.stop()


SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
GROUP = pytest.mark.parametrize("group", [False, True], ids=["process", "group"])


@SIGNALS
@GROUP
def test_findings_are_kept_and_reported(begin: Any, number: int, group: bool) -> None:
    campaign = begin(FINDS)
    campaign.send(number, group=group)
    assert campaign.end() == 1
    (run,) = campaign.runs
    assert run["verdict"] == "fail"
    assert kinds(run) == ["exception"]
    assert run["findings"][0]["count"] >= 3
    assert run["schedules"] >= 3
    for text in (
        campaign.out,
        (campaign.folder / "out" / "junit.xml").read_text(),
        (campaign.folder / "out" / "summary.md").read_text(),
    ):
        assert "found early" in text
    assert "cut short" in campaign.out.lower()


@SIGNALS
@GROUP
def test_without_findings_it_is_no_pass(begin: Any, number: int, group: bool) -> None:
    campaign = begin("pass")
    campaign.send(number, group=group)
    assert campaign.end() == 3
    (run,) = campaign.runs
    assert run["verdict"] == "inconclusive"
    assert "signal" in run["why"]
    assert kinds(run) == []
    assert run["schedules"] >= 3
    assert run["operations"] > 0
    assert "cut short" in campaign.out.lower()
    assert "inconclusive" in campaign.out.lower()
    assert "cut short" in (campaign.folder / "out" / "summary.md").read_text().lower()


def test_runs_that_had_not_begun_are_named(begin: Any, tmp_path: Path) -> None:
    later = scenario(tmp_path, "later", "class Toy:\n    @actor\n    def work(self): pass\n")
    campaign = begin("pass", later)
    campaign.send(signal.SIGINT)
    assert campaign.end() == 3
    assert [run["scenario"] for run in campaign.runs] == ["long", "later"]
    assert [run["verdict"] for run in campaign.runs] == ["inconclusive"] * 2
    assert "not started" in campaign.runs[1]["why"]


def test_a_worker_that_does_not_stop_is_killed(begin: Any) -> None:
    """Its actor waits for ever; what it was interrupted in is no hang and no crash."""
    campaign = begin(STUCK)
    campaign.send(signal.SIGINT)
    began = time.monotonic()
    assert campaign.end() == 3
    assert time.monotonic() - began < 8
    (run,) = campaign.runs
    assert run["verdict"] == "inconclusive"
    assert kinds(run) == []


def test_interrupted_while_loading(tmp_path: Path) -> None:
    """Nothing was run yet, so there is nothing to write."""
    body = f"open({str(tmp_path / 'mark')!r}, 'w').close()\ntime.sleep(60)\n"
    body += "class Toy:\n    @actor\n    def work(self): pass\n"
    file = scenario(tmp_path, "loads", body)
    process = start("stress", file, "--target", toy(tmp_path), "--out", tmp_path / "out")
    wait_for((tmp_path / "mark").exists)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 3
    assert b"interrupted before the first run" in err
    assert not list((tmp_path / "out").iterdir())
    wait_for(lambda: not processes_with(str(file)), 3)


def test_a_second_signal_ends_it_at_once(begin: Any) -> None:
    campaign = begin(STUCK)
    campaign.send(signal.SIGINT)
    time.sleep(0.3)
    assert campaign.process.poll() is None
    campaign.send(signal.SIGINT)
    assert campaign.end(2) == 128 + signal.SIGINT
    assert not list((campaign.folder / "out").iterdir())


@pytest.mark.parametrize("deed", ["pass", STUCK])
def test_no_worker_survives_a_killed_driver(begin: Any, deed: str) -> None:
    campaign = begin(deed)
    assert processes_with(str(campaign.scenario))
    campaign.send(signal.SIGKILL)
    assert campaign.end(5) == -signal.SIGKILL
    assert not list((campaign.folder / "out").iterdir())


def test_an_earlier_result_survives_a_killed_driver(tmp_path: Path, begin: Any) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "result.json").write_text("precious")
    campaign = begin("pass")
    campaign.send(signal.SIGKILL)
    campaign.end(5)
    assert (tmp_path / "out" / "result.json").read_text() == "precious"


def test_a_closed_pipe_does_not_end_it(tmp_path: Path) -> None:
    """`flashflood … | head -1`: the result is written all the same."""
    body = "class Toy:\n    @actor\n    def work(self): pass\n"
    file = scenario(tmp_path, "piped", body)
    args = ["--no-tsan", "--trials", "1", "--out", tmp_path / "out"]
    process = start("stress", file, "--target", toy(tmp_path), *args, stderr=subprocess.DEVNULL)
    process.stdout.close()
    assert process.wait(30) in (0, 2, 3)
    assert load(tmp_path / "out" / "result.json")["runs"][0]["verdict"] == "pass"


def test_children_of_a_worker_do_not_outlive_it(tmp_path: Path) -> None:
    """A subprocess that the scenario leaves behind holds our pipes open; it ends with the run."""
    name = f"flashflood-{os.getpid()}"
    body = f"""
import subprocess
class Toy:
    @actor
    def work(self):
        subprocess.Popen(["sleep", "3600"], env={{"MARK": {name!r}}})
"""
    file = scenario(tmp_path, "leaves", body)
    args = ["stress", file, "--target", toy(tmp_path), "--no-tsan", "--trials", "2"]
    began = time.monotonic()
    process = start(*args)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert time.monotonic() - began < 10
    wait_for(lambda: not _with_environment(name), 3)


def _with_environment(mark: str) -> list[str]:
    """Processes that have MARK in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"MARK={mark}".encode() in (entry / "environ").read_bytes():
                found.append(entry.name)
        except OSError:
            continue
    return found
