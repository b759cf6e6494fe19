"""Virtual time: it passes for the program and not for the user, and whoever sleeps may wake in the middle of anything."""

from __future__ import annotations

from pathlib import Path

from explored import PYTHONS, explore, fails, passes

CLOCKS = """
import time

CLOCKS = (time.time, time.monotonic, time.perf_counter)
NS = (time.time_ns, time.monotonic_ns, time.perf_counter_ns)


class It:
    def one(self):
        before, before_ns = [clock() for clock in CLOCKS], [clock() for clock in NS]
        assert before == [ns / 1e9 for ns in before_ns], "they do not agree"
        time.sleep(1000)
        assert [clock() for clock in CLOCKS] == [seconds + 1000 for seconds in before]
        assert [clock() for clock in NS] == [ns + 1000 * 10**9 for ns in before_ns]

    def other(self):
        pass
"""

# One sleeps; the other is in the middle of two steps, which in real time take no more than a microsecond.
MEETS = """
import threading, time


class It:
    def __init__(self):
        self.lock = threading.Lock()
        self.x = 0

    def one(self):
        time.sleep(1000)
        {put}

    def other(self):
        {look}

    def check(self):
        assert self.same, "it changed in between"


def tick():
    pass
"""
LOOK = "seen = self.x\n{0}tick()\n{0}self.same = self.x == seen"

DAEMON = """
import threading, time


class It:
    wild = True

    def one(self):
        threading.Thread(target=self.doze, daemon={daemon}).start()

    def doze(self):
        {doze}

    def other(self):
        pass
"""


@PYTHONS
def test_clocks_agree_and_no_wall_time_passes(tmp_path: Path, python: str) -> None:
    run = passes(explore(tmp_path, CLOCKS, python=python))
    assert run["seconds"] < 1


@PYTHONS
def test_each_schedule_begins_at_the_same_instant(tmp_path: Path, python: str) -> None:
    seen = "import time\nSEEN = set()\n"
    body = "        SEEN.add((time.time(), time.monotonic()))\n        assert len(SEEN) == 1\n"
    code = f"{seen}class It:\n    def one(self):\n{body}"
    run = explore(tmp_path, code, "--strategy", "random", "--schedules", "100", python=python)
    assert run.only_run["verdict"] == "pass"


@PYTHONS
def test_a_sleeper_meets_what_it_never_would(tmp_path: Path, python: str) -> None:
    look = LOOK.format(" " * 8)
    found = fails(explore(tmp_path, MEETS.format(put="self.x = 1", look=look), python=python))
    assert found["confirmed"] is True
    locked = "with self.lock:\n            " + LOOK.format(" " * 12)
    put = "with self.lock:\n            self.x = 1"
    passes(explore(tmp_path, MEETS.format(put=put, look=locked), python=python))


@PYTHONS
def test_a_daemon_that_sleeps_is_left_asleep(tmp_path: Path, python: str) -> None:
    """As at the end of a program; another thread is waited for."""
    bounded = ("--strategy", "exhaustive", "--preemptions", "1")
    doze = "while True:\n            time.sleep(3600)"
    run = explore(tmp_path, DAEMON.format(daemon=True, doze=doze), *bounded, python=python).only_run
    assert (run["verdict"], run["bound"]) == ("pass", 1)
    assert run["coverage"]["peak_rss_kib"] < 100 * 1024
    late = "time.sleep(3600)\n        raise KeyError('late')"
    found = fails(
        explore(tmp_path, DAEMON.format(daemon=False, doze=late), python=python), "exception"
    )
    assert found["actor"] == "thread It.doze"
