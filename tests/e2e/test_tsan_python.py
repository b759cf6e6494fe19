"""Stress on CPythons that are themselves built with ThreadSanitizer: where `make tsan-python` has built them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import explored
import pytest
from arroyo_copies import copy_of
from flashflood import ROOT, does, kinds, result, run, scenario, toy

pytestmark = pytest.mark.slow

SIZE = "RuntimeError: dictionary changed size during iteration"
KEYS = "RuntimeError: dictionary keys changed during iteration"
AWAKE = "ThreadSanitizer awake: its racy twin was reported, its locked twin was not"
GIL_OFF = "free-threaded Python, its GIL is off"

# One dict that is iterated while others add to it and take from it; under a lock where `held` is one.
DICTS = """
class Toy:
    held = {held}

    def __init__(self):
        self.counts = {{}}

    @control
    def calm(self):
        self.held = threading.Lock()

    @actor(calls=20, stress_calls=400, many=True)
    def change(self, n):
        reach("changed")
        with self.held:
            self.counts[n % 50] = n
            self.counts.pop(choose(50), None)

    @actor(calls=20, stress_calls=100, many=True)
    def read(self):
        with self.held:
            for key, value in self.counts.items():
                pass
"""
RACY = DICTS.format(held="contextlib.nullcontext()")
LOCKED = DICTS.format(held="threading.Lock()")

# Additions to one number, each two accesses.
ADDS = """
lock = threading.Lock()

class Toy:
    def __init__(self):
        self.sum = 0

    @actor(calls=5, stress_calls=2000, many=True)
    def add(self, n):
        {how}self.sum += 1

    @invariant
    def all_there(self):
        assert self.sum in (6 * 5, 6 * 2000), self.sum  # of the control, of a trial
"""

# What a program does with threads that orders all it shares: ThreadSanitizer is to report nothing of it.
TIDY = """
class Toy:
    def __init__(self):
        self.queue = queue.SimpleQueue()
        self.event = threading.Event()
        self.condition = threading.Condition()
        self.waiting = 0
        self.seen = threading.local()

    @actor(calls=5, stress_calls=40, many=True)
    def put(self, n):
        kind = type("Kind", (), {"__slots__": ("value",), "double": lambda self: self.value * 2})
        made = kind()
        made.value = n
        self.queue.put(made)
        self.event.set()
        with self.condition:
            self.waiting += 1
            self.condition.notify_all()

    @actor(calls=5, stress_calls=40, many=True)
    def take(self, n):
        self.seen.last = n
        try:
            assert self.queue.get(timeout=0.01).double() % 2 == 0
        except queue.Empty:
            pass
        logging.getLogger("toy").debug("taken %d", n)
        text = ",".join(sorted({str(i): i for i in range(50)}))
        assert len(re.findall("[0-9]+", text)) == 50

    @actor(calls=1, stress_calls=3)
    def start(self):
        results = []
        threads = [threading.Thread(target=results.append, args=(n,)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == [0, 1, 2]
        gc.collect()
"""
IMPORTS = "import contextlib, gc, logging, queue, re\n"

# Enough of confluent_kafka for arroyo to be imported, where no wheel of it runs.
KAFKA = """
OFFSET_BEGINNING, OFFSET_END, OFFSET_INVALID, OFFSET_STORED, TIMESTAMP_NOT_AVAILABLE = range(5)


class Consumer: pass
class KafkaError: pass
class KafkaException(Exception): pass
class Message: pass
class Producer: pass
class TopicPartition: pass
"""


def built() -> list[str]:
    """The interpreters: first the one with a GIL, then the free-threaded one."""
    script = ROOT / "scripts" / "tsan-python"
    done = subprocess.run([script, "--built"], capture_output=True, text=True, check=True)
    have_workers = run("list", "pythons").out
    return done.stdout.splitlines() if "-tsanpy" in have_workers else []


def interpreter(free_threaded: bool) -> str:
    found = [path for path in built() if path.endswith("t") == free_threaded]
    if not found:
        pytest.skip("no such CPython has been built; `make tsan-python` does it in some minutes")
    return found[0]


@pytest.fixture(params=[False, True], ids=["gil", "free-threaded"])
def free_threaded(request: pytest.FixtureRequest) -> bool:
    interpreter(request.param)
    return request.param


def stress(folder: Path, file: Path | str, free_threaded: bool, *more: str, **also: Any) -> dict:
    """The one run of a stress command on that interpreter."""
    target = also.pop("target", None) or toy(folder)
    python = interpreter(free_threaded)
    options = ("--target", target, "--python", python, *more)
    return result("stress", file, *options, **also).only_run


def test_both_messages_of_a_racy_dict_are_one_kind(tmp_path: Path, free_threaded: bool) -> None:
    file = scenario(tmp_path, "racy", IMPORTS + RACY)
    found = stress(tmp_path, file, free_threaded, "--trials", "300")
    changed = [one for one in found["findings"] if one["kind"] == "dict-changed-size"]
    assert {one["message"] for one in changed} == {SIZE, KEYS}
    assert {one["reachable"] for one in changed} == {"bytecode" if free_threaded else "gil"}
    assert all(one["confirmed"] is True for one in changed)
    # With a GIL nothing of CPython's is unordered; without, its own code reports the race too.
    assert set(kinds(found)) - {"dict-changed-size"} <= ({"data-race"} if free_threaded else set())
    for one in found["findings"]:
        assert "pyatomic" not in one["where"], "the caller of an atomic says more"


@pytest.mark.parametrize("body", [LOCKED, TIDY], ids=["locked", "tidy"])
def test_nothing_is_reported_where_all_is_in_order(
    tmp_path: Path, free_threaded: bool, body: str
) -> None:
    file = scenario(tmp_path, "ordered", IMPORTS + body)
    found = stress(tmp_path, file, free_threaded, "--trials", "100")
    assert found["findings"] == []
    assert (found["verdict"], found["tsan"]) == ("pass", True)
    notes = found["coverage"]["notes"]
    assert AWAKE in notes
    assert (GIL_OFF in notes) is free_threaded


def test_counts_are_whole(tmp_path: Path, free_threaded: bool) -> None:
    """What the harness itself counts from all threads at once, it counts right without a GIL."""
    file = scenario(tmp_path, "locked", IMPORTS + LOCKED)
    covered = stress(tmp_path, file, free_threaded, "--trials", "50")["coverage"]
    calls = {actor["name"]: actor["calls"] for actor in covered["actors"]}
    reached = {point["name"]: point["count"] for point in covered["reached"]}
    assert reached["changed"] == calls["change"] == 50 * 3 * 400


@pytest.mark.parametrize("how", ["", "with lock: "])
def test_lost_updates_are_for_the_invariant_to_find(
    tmp_path: Path, free_threaded: bool, how: str
) -> None:
    """ThreadSanitizer is silent, as each access is under the object's own lock; a GIL of 3.13 does not split it."""
    found = stress(
        tmp_path, scenario(tmp_path, "adds", ADDS.format(how=how)), free_threaded, "--trials", "20"
    )
    assert kinds(found) == (["invariant"] if free_threaded and not how else [])


def test_native_code_is_watched(tmp_path: Path, free_threaded: bool) -> None:
    """Our suppressions do not put ThreadSanitizer to sleep: a race of native code is reported."""
    top = "buffer = ctypes.create_string_buffer(1 << 16)\nset = ctypes.CDLL(None).memset\n"
    top += "set.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]"
    file = does(tmp_path, "memset", "set(buffer, 0, 1 << 16)", top=top)
    file.write_text(file.read_text().replace("@actor\n", "@actor(many=True, stress_calls=50)\n"))
    found = stress(tmp_path, file, free_threaded, "--trials", "5")
    assert "data-race" in kinds(found)
    assert any("memset" in one["traceback"] for one in found["findings"])


def test_the_users_own_options_come_last(tmp_path: Path, free_threaded: bool) -> None:
    file = does(tmp_path, "quiet", "pass")
    command = ("stress", file, "--target", toy(tmp_path), "--trials", "1")
    asleep = run(
        *command, "--python", interpreter(free_threaded), env={"TSAN_OPTIONS": "report_bugs=0"}
    )
    assert asleep.code == 3
    assert "ThreadSanitizer is asleep" in asleep.err


def test_it_has_no_worker_without(tmp_path: Path, free_threaded: bool) -> None:
    file = does(tmp_path, "quiet", "pass")
    options = ("--target", toy(tmp_path), "--python", interpreter(free_threaded), "--no-tsan")
    refused = run("stress", file, *options)
    assert refused.code == 2
    assert "is built with ThreadSanitizer, and its worker cannot be without" in refused.err


def test_explore_needs_a_gil(tmp_path: Path) -> None:
    file = explored.write(tmp_path, explored.THREE_ADDITIONS.format(check="pass"))
    refused = run("explore", file, "--target", tmp_path / "target", "--python", interpreter(True))
    assert refused.code == 2
    assert "has no GIL, and explore parks its threads by the GIL" in refused.err
    assert "only stress runs on it" in refused.err


@pytest.mark.parametrize("check", ["pass", "assert self.x == 6, self.x"])
def test_explore_runs_with_one(tmp_path: Path, check: str) -> None:
    file = explored.write(tmp_path, explored.THREE_ADDITIONS.format(check=check))
    options = ("--target", tmp_path / "target", "--python", interpreter(False))
    ended = result("explore", file, *options, *explored.COMPLETE, "--seconds", "60")
    if check == "pass":
        explored.passes(ended)
    else:
        assert explored.fails(ended)["confirmed"] is True
    assert ended.only_run["tsan"] is True


def test_the_doctor_examines_it(free_threaded: bool) -> None:
    ended = run("doctor", "--python", interpreter(free_threaded))
    assert "awake: racy twin reported, locked twin not" in ended.out
    assert ("not on this Python, which has no GIL" in ended.out) is free_threaded


@pytest.mark.fetching
def test_a_release_is_red_with_a_gil(tmp_path: Path) -> None:
    more = ("--until", "dict-changed-size", "--seconds", "20")
    found = stress(tmp_path, "metrics_buffer", False, *more, target="sentry-arroyo==2.36.0")
    assert "dict-changed-size" in kinds(found)
    assert set(kinds(found)) <= {"dict-changed-size", "invariant"}


@pytest.mark.fetching
def test_without_a_gil_a_release_lacks_a_wheel_and_says_so(tmp_path: Path) -> None:
    options = ("--target", "sentry-arroyo==2.36.0", "--python", interpreter(True))
    refused = run("stress", "metrics_buffer", *options, "--seconds", "1")
    assert refused.code == 2
    assert "confluent-kafka" in refused.err
    assert "no wheel of it runs on free-threaded Python 3.13" in refused.err


@pytest.mark.fetching
def test_without_a_gil_a_release_is_red_with_a_stand_in_for_that(tmp_path: Path) -> None:
    """As docs/tsan-python.md has it: the release's folder, with a confluent_kafka that is empty."""
    folder = copy_of("2.36.0", tmp_path / "arroyo")
    (folder / "confluent_kafka.py").write_text(KAFKA)
    more = ("--until", "dict-changed-size", "--seconds", "20")
    found = stress(tmp_path, "metrics_buffer", True, *more, target=folder)
    assert "dict-changed-size" in kinds(found)
    assert GIL_OFF in found["coverage"]["notes"]


@pytest.mark.fetching
def test_the_fixed_release_is_green_without_a_gil(tmp_path: Path) -> None:
    """Its detector reads the frames of threads that run, which is CPython's affair: our suppressions."""
    folder = copy_of("2.37.1", tmp_path / "arroyo")
    (folder / "confluent_kafka.py").write_text(KAFKA)
    found = stress(tmp_path, "stuck_detector", True, "--seconds", "10", target=folder)
    assert (found["verdict"], found["findings"]) == ("pass", [])
