"""ThreadSanitizer is awake, and is off when it is to be off."""

from __future__ import annotations

from pathlib import Path

import pytest
from flashflood import does, kinds, result, run, scenario, toy

AWAKE = "ThreadSanitizer awake: its racy twin was reported, its locked twin was not"
# libc's memset, which ctypes calls without the GIL, on one buffer from two threads.
MEMSET = """
buffer = ctypes.create_string_buffer(1 << 16)
memset = ctypes.CDLL(None).memset
memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
lock = threading.Lock()

class Toy:
    @actor(calls=1, stress_calls=200)
    def zeros(self):
        {how}memset(buffer, 0, 1 << 16)

    @actor(calls=1, stress_calls=200)
    def ones(self):
        {how}memset(buffer, 1, 1 << 16)
"""


def test_the_doctor_finds_it_awake() -> None:
    ended = run("doctor")
    (line,) = (line for line in ended.out.splitlines() if " ThreadSanitizer " in line)
    assert line.startswith("ok ")
    assert line.endswith("awake: racy twin reported, locked twin not")


@pytest.mark.parametrize(("option", "tsan"), [("--tsan", True), ("--no-tsan", False), ("-q", True)])
def test_a_run_says_whether_it_watched(tmp_path: Path, option: str, tsan: bool) -> None:
    file = does(tmp_path, "quiet", "pass")
    ended = result("stress", file, "--target", toy(tmp_path), option, "--trials", "2")
    assert ended.code == 0, ended.out
    assert ended.only_run["tsan"] is tsan
    assert (AWAKE in ended.only_run["coverage"]["notes"]) is tsan
    assert ("--tsan" in ended.only_run["replay"].split()) is tsan


@pytest.mark.slow
@pytest.mark.parametrize("how", ["", "with lock: "])
def test_a_data_race_of_native_code_is_a_finding(tmp_path: Path, how: str) -> None:
    """Calls that let go of the GIL: only a lock of Python's orders them."""
    file = scenario(tmp_path, "memset", MEMSET.format(how=how))
    ended = result("stress", file, "--target", toy(tmp_path), "--tsan", "--trials", "5")
    found = set(kinds(ended.only_run))
    assert found == (set() if how else {"data-race"})
    assert ended.code == (0 if how else 1)
    for finding in ended.only_run["findings"]:
        assert "memset" in finding["traceback"]
