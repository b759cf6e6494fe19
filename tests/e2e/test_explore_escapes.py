"""Waits that are not modelled: they are named, and a pass in which there was one is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from explored import explore, passes

CODE = """
import os, select, signal, socket, subprocess, sys, time


class It:
    wild = True

    def one(self):
        here, there = socket.socketpair()
        ends = os.pipe()
        os.write(ends[1], b"x")
        try:
            {deed}
        finally:
            for end in (here, there):
                end.close()
            for end in ends:
                os.close(end)

    def other(self):
        pass
"""

WAITS = {
    "recv": (
        "there.sendall(b'x')\n            here.settimeout(1)\n            here.recv(1)",
        "recv",
    ),
    "select": ("select.select([], [], [], 0.001)", "select.select"),
    "pipe": ("os.read(ends[0], 1)", "os.read"),
    "subprocess": ("subprocess.run([sys.executable, '-c', ''])", "subprocess.Popen.wait"),
}


@pytest.mark.parametrize("name", WAITS)
def test_a_wait_that_is_not_modelled_is_named(tmp_path: Path, name: str) -> None:
    deed, word = WAITS[name]
    ended = explore(tmp_path, CODE.format(deed=deed), "--strategy", "random", "--schedules", "3")
    run = ended.only_run
    assert (run["verdict"], run["findings"], ended.code) == ("inconclusive", [], 3), ended.out
    (note,) = [note for note in run["coverage"]["notes"] if "not modelled" in note]
    assert word in note
    assert note == run["why"]


def test_what_only_takes_its_time_is_named_too(tmp_path: Path) -> None:
    run = passes(explore(tmp_path, CODE.format(deed="there.sendall(b'x')")))
    assert any("socket.socket.sendall x" in note for note in run["coverage"]["notes"])


def test_without_any_there_is_no_note(tmp_path: Path) -> None:
    run = passes(explore(tmp_path, CODE.format(deed="time.sleep(1)")))
    assert not [note for note in run["coverage"]["notes"] if "waits" in note or "calls in" in note]
