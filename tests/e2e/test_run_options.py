"""What the options of a run and the marks of a scenario mean, to the unit."""

from __future__ import annotations

import ast
import shlex
from pathlib import Path
from typing import Any

import pytest
from flashflood import does, kinds, result, run, scenario, toy
from test_grading import without_times

CHOOSES = """
class Toy:
    quiet = False
    def __init__(self):
        self.chosen = []
    @control
    def calm(self):
        self.quiet = True
    @actor(calls=1, stress_calls={calls})
    def work(self):
        self.chosen.append(choose({bound}))
    @invariant
    def tell(self):
        assert self.quiet, self.chosen
"""

CALLS = """
class Toy:
    def __init__(self):
        self.seen = []
        self.control = False
    @control
    def calm(self):
        self.control = True
    @actor(calls=2, stress_calls=7, many=True)
    def many(self, call):
        self.seen.append(call)
    @actor(calls=3)
    def one(self):
        pass
    @actor
    def plain(self):
        assert engine() == "stress"
    @invariant
    def all_calls_were_made(self):
        each = 2 if self.control else 7
        assert sorted(self.seen) == sorted(list(range(each)) * {threads})
"""


def stress(folder: Path, file: Path, *args: str) -> dict[str, Any]:
    """The one run, without ThreadSanitizer."""
    return result("stress", file, "--target", toy(folder), "--no-tsan", *args).only_run


def chosen(folder: Path, seed: int, bound: int = 1000, calls: int = 8) -> list[int]:
    """What the first trial chose."""
    file = scenario(folder, "chooses", CHOOSES.format(calls=calls, bound=bound))
    run = stress(folder, file, "--trials", "1", "--seed", str(seed))
    assert run["seed"] == seed
    (finding,) = run["findings"]
    return ast.literal_eval(finding["message"].removeprefix("AssertionError: "))


def test_the_same_seed_chooses_the_same(tmp_path: Path) -> None:
    assert chosen(tmp_path, 5) == chosen(tmp_path, 5)
    assert len({tuple(chosen(tmp_path, seed)) for seed in (0, 1, 2, 2**63 - 1)}) == 4


@pytest.mark.parametrize("bound", [1, 2, 3])
def test_choices_are_all_below_their_bound(tmp_path: Path, bound: int) -> None:
    values = chosen(tmp_path, 1, bound, 300)
    assert set(values) == set(range(bound))
    assert all(values.count(value) > 300 / bound / 2 for value in range(bound))


@pytest.mark.parametrize(
    ("bound", "error"),
    [("0", "ValueError"), ("-1", "ValueError"), ("'x'", "TypeError"), ("2**70", "OverflowError")],
)
def test_bad_bounds_raise(tmp_path: Path, bound: str, error: str) -> None:
    body = f"""
class Toy:
    @actor
    def work(self):
        try:
            choose({bound})
        except {error}:
            reach("refused")
must_reach = ["refused"]
"""
    assert stress(tmp_path, scenario(tmp_path, "bad", body), "--trials", "1")["verdict"] == "pass"


def test_the_same_seed_gives_the_same_result(tmp_path: Path) -> None:
    """Byte for byte, times and memory aside, where one thread leaves nothing to luck."""
    file = scenario(tmp_path, "chooses", CHOOSES.format(calls=8, bound=1000))
    first, second = (stress(tmp_path, file, "--trials", "9", "--seed", "3") for _ in range(2))
    assert without_times(first) == without_times(second)
    assert first["findings"][0]["count"] == 9


@pytest.mark.parametrize("tsan", ["--no-tsan", "--tsan"])
@pytest.mark.parametrize("trials", [1, 5])
def test_calls_are_counted_exactly(tmp_path: Path, trials: int, tsan: str) -> None:
    file = scenario(tmp_path, "calls", CALLS.format(threads=4))
    run = stress(tmp_path, file, "--trials", str(trials), "--threads", "6", tsan)
    assert run["verdict"] == "pass", run
    assert run["schedules"] == trials
    assert run["threads"] == 6
    assert run["coverage"]["actors"] == [
        {"name": "many", "threads": 4, "calls": 4 * 7 * trials},
        {"name": "one", "threads": 1, "calls": 3 * trials},
        {"name": "plain", "threads": 1, "calls": 1 * trials},
    ]
    assert run["operations"] == (4 * 7 + 3 + 1) * trials


def test_calls_that_raise_are_not_counted(tmp_path: Path) -> None:
    body = """
class Toy:
    quiet = False
    @control
    def calm(self):
        self.quiet = True
    @actor(calls=1, stress_calls=9)
    def work(self, call):
        if call == 4 and not self.quiet:
            raise ValueError
"""
    run = stress(tmp_path, scenario(tmp_path, "raises", body), "--trials", "3")
    assert run["operations"] == run["coverage"]["actors"][0]["calls"] == 4 * 3
    assert run["findings"][0]["count"] == 3


@pytest.mark.parametrize(
    ("marks", "asked", "shared"),
    [
        (["many=True"], None, [6]),
        (["many=True", "many=True"], None, [3, 3]),
        (["many=True", "many=True"], 5, [2, 3]),  # the last ones first
        (["many=True", ""], None, [5, 1]),
        (["many=True", ""], 3, [2, 1]),
        (["many=True", "many=True"], 1, [1, 1]),
        (["", ""], 8, [1, 1]),
        (["many=True"], 40, [40]),
    ],
)
def test_threads_are_shared_out(
    tmp_path: Path, marks: list[str], asked: int | None, shared: list[int]
) -> None:
    actors = [f"    @actor({mark})\n    def a{i}(self): pass\n" for i, mark in enumerate(marks)]
    file = scenario(tmp_path, "shares", "class Toy:\n" + "".join(actors))
    more = [] if asked is None else ["--threads", str(asked)]
    run = stress(tmp_path, file, "--trials", "2", *more)
    assert [actor["threads"] for actor in run["coverage"]["actors"]] == shared
    assert run["threads"] == sum(shared)
    assert run["operations"] == 2 * sum(shared)


@pytest.mark.parametrize(
    ("marks", "shared"), [(["many=True"], [2]), ([""], [1]), (["many=True", "", ""], [1, 1, 1])]
)
def test_explore_has_a_thread_for_each_actor_and_two_at_least(
    tmp_path: Path, marks: list[str], shared: list[int]
) -> None:
    actors = [f"    @actor({mark})\n    def a{i}(self): pass\n" for i, mark in enumerate(marks)]
    file = scenario(tmp_path, "shares", "class Toy:\n" + "".join(actors))
    run = result("explore", file, "--target", toy(tmp_path), "--schedules", "2").only_run
    assert [actor["threads"] for actor in run["coverage"]["actors"]] == shared


@pytest.mark.parametrize(
    ("until", "trials"), [("exception", 1), ("invariant", 4), ("hang", 4), (None, 4)]
)
def test_until_ends_at_the_first_of_its_kind(
    tmp_path: Path, until: str | None, trials: int
) -> None:
    body = """
class Toy:
    quiet = False
    @control
    def calm(self):
        self.quiet = True
    @actor
    def work(self):
        if not self.quiet:
            raise ValueError
"""
    more = ["--until", until] if until else []
    run = stress(tmp_path, scenario(tmp_path, "raises", body), "--trials", "4", *more)
    assert run["schedules"] == trials
    assert kinds(run) == ["exception"]


def test_the_time_ends_a_run(tmp_path: Path) -> None:
    file = scenario(tmp_path, "short", "class Toy:\n    @actor\n    def work(self): pass\n")
    run = stress(tmp_path, file, "--seconds", "0.5")
    assert 0.4 < run["seconds"] < 2
    assert run["schedules"] > 10


@pytest.mark.parametrize("interval", ["0.000001", "0.5"])
def test_the_switch_interval_is_set(tmp_path: Path, interval: str) -> None:
    body = f"""
class Toy:
    quiet = False
    @control
    def calm(self):
        self.quiet = True
    @actor
    def work(self):
        assert self.quiet or abs(sys.getswitchinterval() - {interval}) < 1e-7
"""
    file = scenario(tmp_path, "interval", body)
    run = stress(tmp_path, file, "--trials", "3", "--switch-interval", interval)
    assert run["verdict"] == "pass", run["findings"]
    assert f"--switch-interval {float(interval):g}" in run["replay"]


# Not the tester's environment but the harness decides how Python runs: asserts have to be awake.
@pytest.mark.parametrize(
    "setting",
    [
        "PYTHONOPTIMIZE=2",
        "PYTHONHOME=/nowhere",
        "PYTHONINSPECT=1",
        "PYTHONPATH=/nowhere",
        "PYTHONWARNINGS=error",
        "LC_ALL=C",
        "PYTHONIOENCODING=ascii",
    ],
)
def test_the_environment_changes_nothing(tmp_path: Path, setting: str) -> None:
    file = does(tmp_path, "environment", "assert False, 'ünï'")
    name, _, value = setting.partition("=")
    args = ["stress", file, "--target", toy(tmp_path), "--no-tsan", "--trials", "1"]
    ended = result(*args, env={name: value})
    assert ended.code == 1
    assert ended.only_run["findings"][0]["message"] == "AssertionError: ünï"


@pytest.mark.parametrize(
    "name", ["random", "threading", "flashflood", "toy", "my-own.v2", "a b", "ünï"]
)
def test_a_scenario_may_have_any_name(tmp_path: Path, name: str) -> None:
    """That of a module of Python's, of ours or of the target's, too: it does not hide that one."""
    file = does(tmp_path, name, "assert random.random() < 1\nassert toy.NAME == 'toy'")
    run_ = stress(tmp_path, file, "--trials", "1")
    assert (run_["scenario"], run_["verdict"]) == (name, "pass"), run_


def test_runs_side_by_side_are_told_in_their_order(tmp_path: Path) -> None:
    deeds = {"slow": "time.sleep(0.5)", "dies": "os._exit(1)", "quick": "pass"}
    files = [does(tmp_path, name, deed) for name, deed in deeds.items()]
    args = ["--target", toy(tmp_path), "--no-tsan", "--trials", "1", "--jobs", "3"]
    ended = result("stress", *files, files[2], *args)
    assert ended.code == 1
    told = [(run_["scenario"], run_["verdict"]) for run_ in ended.json["runs"]]
    assert told == [("slow", "pass"), ("dies", "fail"), ("quick", "pass"), ("quick", "pass")]


def test_nothing_is_written_beside_the_code(tmp_path: Path) -> None:
    """Neither byte code nor anything else: a folder is only ever read."""
    (tmp_path / "scenarios").mkdir()
    file = does(tmp_path / "scenarios", "reads", "pass")
    target = toy(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert run("stress", file, "--target", target, "--no-tsan", "--trials", "1").code == 0
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["plain", "a b", "it's", "$HOME;x"])
def test_the_replay_command_can_be_pasted_into_a_shell(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    file = does(folder, "bad", "raise ValueError")
    more = ["--trials", "2", "--seed", "4", "--hang-after", "9", "--until", "exception"]
    first = stress(folder, file, *more)
    words = shlex.split(first["replay"])
    assert str(file) in words
    assert str(toy(folder)) in words
    assert set(more) <= set(words)
    second = result(*words[1:]).only_run
    assert without_times(first) == without_times(second)
