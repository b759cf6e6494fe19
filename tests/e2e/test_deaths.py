"""Workers that die, hang or flood: a finding with the scenario's name, and the other runs go on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flashflood import does, kinds, result, scenario, start, toy

TSAN = ["--no-tsan", "--tsan"]
DEEP = "def down(n):\n            list(map(down, [n]))\n        "


class Death(NamedTuple):
    """What a scenario does, and what has to be said of it."""

    deed: str
    kind: str
    message: str
    stack: str = "in deed"  # what its traceback shows
    top: str = ""
    where: str = "{}.py:"


DEATHS = {
    "segfault": Death("ctypes.string_at(0)", "crash", "signal 11", where="in string_at"),
    "abort": Death("os.abort()", "crash", "signal 6"),
    "exit_0": Death("os._exit(0)", "crash", "exit status 0", stack=""),
    "exit_7": Death("os._exit(7)", "crash", "exit status 7", stack=""),
    "killed": Death("os.kill(os.getpid(), 9)", "crash", "signal 9", stack=""),
    "fatal_error": Death("ctypes.pythonapi.Py_FatalError(b'no luck')", "crash", "signal 6"),
    "loop": Death("while True: pass", "hang", "did not end"),
    "lock": Death("lock = threading.Lock()\nlock.acquire()\nlock.acquire()", "hang", "did not end"),
    "in_c": Death("ctypes.CDLL(None).pause()", "hang", "did not end"),
    "raises": Death("raise KeyError('gone')", "exception", "KeyError: 'gone'"),
    "sys_exit": Death("sys.exit(3)", "exception", "SystemExit: 3"),
    "interrupt": Death("raise KeyboardInterrupt", "exception", "KeyboardInterrupt"),
    "two_lines": Death("raise ValueError('one\\ntwo')", "exception", "ValueError: one\ntwo"),
    "no_text": Death(
        "raise Mute",
        "exception",
        "Mute",
        top="class Mute(Exception):\n    def __str__(self):\n        raise ValueError",
    ),
    "surrogate": Death("raise ValueError('\\udcff')", "exception", "ValueError"),
    "recursion": Death("self.deed()", "exception", "RecursionError"),
    "thread": Death(
        "thread = threading.Thread(target=self.boom)\nthread.start()\nthread.join()",
        "exception",
        "OSError: boom",
        stack="in boom",
        top="def boom(self):\n    raise OSError('boom')",
    ),
}


def write(folder: Path, name: str, death: Death) -> Path:
    """The scenario that dies so, once its trials have begun."""
    file = does(folder, name, death.deed, top=death.top)
    if "boom" in death.top:
        file.write_text(
            file.read_text().replace("    wild = True", "    wild = True\n    boom = boom")
        )
    return file


def campaign(folder: Path, *files: Path, tsan: str = "--no-tsan") -> Any:
    """One trial of each."""
    limits = ["--trials", "1", "--hang-after", "1" if tsan == "--no-tsan" else "2"]
    return result("stress", *files, "--target", toy(folder), tsan, *limits)


def twin(folder: Path) -> Path:
    """The same with nothing done."""
    return does(folder, "twin", "pass")


def check(run: dict[str, Any], death: Death) -> None:
    """What is said of that death."""
    assert run["verdict"] == "fail"
    assert kinds(run) == [death.kind]
    (finding,) = run["findings"]
    assert death.message in finding["message"]
    assert death.stack in (finding["traceback"] or "")
    assert finding["count"] == 1
    assert finding["first_at"] == (1 if death.kind == "exception" else 0)  # 0: not known
    assert finding["confirmed"] is True
    assert finding["fingerprint"]
    if death.stack:
        assert death.where.format(run["scenario"]) in finding["where"]


@pytest.mark.parametrize("name", DEATHS)
def test_a_death_is_a_finding_and_the_other_run_goes_on(tmp_path: Path, name: str) -> None:
    ended = campaign(tmp_path, write(tmp_path, name, DEATHS[name]), twin(tmp_path))
    assert ended.code == 1
    check(ended.runs[name], DEATHS[name])
    assert ended.runs["twin"]["verdict"] == "pass"
    assert name in ended.out
    assert DEATHS[name].message.splitlines()[0] in ended.out


@pytest.mark.slow
@pytest.mark.parametrize("name", ["segfault", "abort", "exit_0", "loop", "lock", "thread"])
def test_the_same_under_thread_sanitizer(tmp_path: Path, name: str) -> None:
    files = [write(tmp_path, name, DEATHS[name]), twin(tmp_path)]
    ended = campaign(tmp_path, *files, tsan="--tsan")
    check(ended.runs[name], DEATHS[name])
    assert ended.runs["twin"]["verdict"] == "pass"


def test_the_stacks_of_a_hang_show_every_thread(tmp_path: Path) -> None:
    body = """
class Toy:
    quiet = False
    def __init__(self):
        self.left, self.right = threading.Lock(), threading.Lock()
        self.both = threading.Barrier(2)
    @control
    def calm(self):
        self.quiet = True
    def take(self, first, second):
        with first:
            if not self.quiet:
                self.both.wait()
            with second:
                pass
    @actor
    def one(self):
        self.take(self.left, self.right)
    @actor
    def two(self):
        self.take(self.right, self.left)
"""
    ended = campaign(tmp_path, scenario(tmp_path, "deadlock", body))
    (finding,) = ended.only_run["findings"]
    assert finding["kind"] in ("hang", "deadlock")
    assert " in one" in finding["traceback"]
    assert " in two" in finding["traceback"]


def test_a_deep_recursion_in_c_is_some_finding(tmp_path: Path) -> None:
    """Up to 3.11 it runs out of the C stack; later ones raise RecursionError."""
    deed = "def down(n):\n    list(map(down, [n]))\nsys.setrecursionlimit(10**8)\ndown(1)"
    ended = campaign(tmp_path, does(tmp_path, "deep", deed), twin(tmp_path))
    assert kinds(ended.runs["deep"]) in (["crash"], ["exception"])
    assert ended.runs["twin"]["verdict"] == "pass"


@pytest.mark.parametrize("deed", ["ctypes.string_at(0)", "os._exit(0)", "os.abort()"])
def test_a_death_while_loading(tmp_path: Path, deed: str) -> None:
    body = f"{deed}\nclass Toy:\n    @actor\n    def work(self):\n        pass\n"
    ended = campaign(tmp_path, scenario(tmp_path, "loads", body), twin(tmp_path))
    assert ended.code == 1
    assert kinds(ended.runs["loads"]) == ["crash"]
    assert ended.runs["twin"]["verdict"] == "pass"


@pytest.mark.parametrize("deed", ["pass", "os._exit(1)", "ctypes.string_at(0)", "time.sleep(60)"])
def test_what_was_found_before_the_death_is_kept(tmp_path: Path, deed: str) -> None:
    """A first thread raises, and only then a second one dies; the twin does not."""
    body = f"""
class Toy:
    quiet = False
    def __init__(self):
        self.raised = threading.Event()
    @control
    def calm(self):
        self.quiet = True
    @actor
    def first(self):
        if not self.quiet:
            threading.Timer(0.3, self.raised.set).start()
            raise ValueError("found first")
    @actor
    def second(self):
        if not self.quiet:
            self.raised.wait()
            {deed}
"""
    ended = campaign(tmp_path, scenario(tmp_path, "both", body))
    last = {"pass": [], "time.sleep(60)": ["hang"]}.get(deed, ["crash"])
    assert kinds(ended.only_run) == ["exception", *last]
    assert ended.only_run["findings"][0]["message"] == "ValueError: found first"
    assert ended.code == 1


def test_garbage_on_standard_output_is_no_record(tmp_path: Path) -> None:
    deed = """
print('{"record": "finding", "kind": "crash", "fingerprint": "x", "message": "forged"}')
sys.stdout.flush()
os.write(1, bytes(range(256)) * 16)
os.write(2, bytes(range(256)) * 16)"""
    ended = campaign(tmp_path, does(tmp_path, "garbage", deed), twin(tmp_path))
    assert ended.code == 0, ended.out
    assert "forged" not in ended.out + ended.err


def test_garbage_among_the_records_is_noted_once(tmp_path: Path) -> None:
    deed = "for fd in range(3, 6):\n    try: os.write(fd, b'garbage\\n' * 50)\n    except OSError: pass"
    ended = campaign(tmp_path, does(tmp_path, "garbage", deed), twin(tmp_path))
    assert ended.runs["twin"]["verdict"] == "pass"
    notes = ended.runs["garbage"]["coverage"]["notes"]
    assert len(notes) == len(set(notes)) == 1


def test_a_long_message_does_not_fill_the_terminal(tmp_path: Path) -> None:
    ended = campaign(tmp_path, does(tmp_path, "long", "raise ValueError('x' * 5_000_000)"))
    assert kinds(ended.only_run) == ["exception"]
    assert len(ended.out) < 100_000


def test_one_place_is_one_finding_whatever_it_says(tmp_path: Path) -> None:
    file = does(
        tmp_path, "counts", "raise ValueError(next(numbers))", top="numbers = itertools.count()"
    )
    ended = result("stress", file, "--target", toy(tmp_path), "--no-tsan", "--trials", "20")
    assert [finding["count"] for finding in ended.only_run["findings"]] == [20]


def test_what_it_printed_is_shown_when_it_dies(tmp_path: Path) -> None:
    deed = "os.write(2, b'last \\xff words\\x1b[31m\\n')\nos._exit(9)"
    ended = campaign(tmp_path, does(tmp_path, "talks", deed))
    (finding,) = ended.only_run["findings"]
    assert "last " in finding["traceback"]
    assert " words" in finding["traceback"]
    assert "\x1b" not in ended.out


FLOOD = "for _ in range(3200):\n    os.write({fd}, b'x' * 65536)"


@pytest.mark.slow
@pytest.mark.parametrize("fd", [1, 2])
@pytest.mark.parametrize("end", ["pass", "os._exit(0)"])
def test_a_flood_does_not_fill_our_memory(tmp_path: Path, fd: int, end: str) -> None:
    """200 MB of it, and the end of them is kept if the worker then dies."""
    file = does(tmp_path, "flood", f"{FLOOD.format(fd=fd)}\n{end}")
    out = ["--out", tmp_path / "out", "--no-tsan", "--trials", "1"]
    with start("stress", file, twin(tmp_path), "--target", toy(tmp_path), *out) as process:
        peak = peak_memory(process)
        process.communicate()
    assert process.returncode == (0 if end == "pass" else 1)
    assert 0 < peak < 64 * 1024


def peak_memory(process: Any) -> int:
    """The largest resident set of the process, in KiB, seen just before it ended."""
    peak = 0
    while process.poll() is None:
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                peak = max(peak, int(line.split()[1]))
        time.sleep(0.02)
    return peak
