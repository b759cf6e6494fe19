"""What the driver makes of what workers tell it: schedules, claims, replays, and the jobs that it gives them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from flashflood import Completed
from test_bad_input import refused_in_one_line
from told import DONE, FOUND, Told, claim, finding, flood, progress, schedule

PASSES = [progress(), claim(), DONE]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


# ---- jobs ----------------------------------------------------------------------------------------


def test_a_job_says_all_that_explore_was_asked_for(told: Told) -> None:
    told.explore(told=PASSES)
    (job,) = told.jobs()
    asked = {"engine": "explore", "carrier": "fiber", "points": "gil", "strategy": "auto"}
    asked |= {"seconds": 10, "trials": 0, "seed": 1, "threads": 0, "target": "target"}
    asked |= {"preemptions": -1, "preemptions_given": False, "depth": 0, "step_limit": 0}
    asked |= {"verify": False, "confirm": True, "switch_interval": 0}
    assert {key: job[key] for key in asked} == asked
    assert "schedule" not in job
    assert "resume" not in job


@pytest.mark.parametrize(
    ("args", "asked"),
    [
        (["--schedules", "7"], {"trials": 7, "seconds": 0}),
        (["--schedules", "7", "--seconds", "3"], {"trials": 7, "seconds": 3}),
        (["--preemptions", "2"], {"preemptions": 2, "preemptions_given": True}),
        (["--preemptions", "unbounded"], {"preemptions": -1, "preemptions_given": True}),
        (["--depth", "3"], {"depth": 3, "strategy": "auto"}),
        (
            ["--points", "bytecode", "--carrier", "pthread"],
            {"points": "bytecode", "carrier": "pthread"},
        ),
        (["--verify", "--no-confirm"], {"verify": True, "confirm": False}),
        (["--seed", "9", "--threads", "4"], {"seed": 9, "threads": 4}),
        (["--until", "invariant"], {"until": "invariant"}),
    ],
)
def test_a_job_says_what_its_options_say(told: Told, args: list[str], asked: dict) -> None:
    ended = told.explore(*args, told=PASSES)
    (job,) = told.jobs()
    assert {key: job[key] for key in asked} == asked
    again = shlex.split(ended.only_run["replay"])
    assert set(args) <= set(again)
    assert again[1:3] == ["explore", "toy_scenario"]


def test_check_runs_both_engines(told: Told) -> None:
    ended = told.run("check", "target", told={"explore": PASSES, "stress": [progress(), DONE]})
    assert ended.code == 0, ended.err
    kept = ("engine", "carrier", "points", "strategy", "tsan", "verdict")
    assert [tuple(run[key] for key in kept) for run in ended.json["runs"]] == [
        ("explore", "fiber", "gil", "auto", True, "pass"),
        ("stress", "pthread", "free", "none", True, "pass"),
    ]
    assert [job["seconds"] for job in told.jobs()] == [5, 5]
    assert "all runs" not in ended.out
    assert all(len(line) <= 80 for line in ended.out.splitlines() if "flashflood" not in line)


@pytest.mark.parametrize("option", ["--tsan", "--no-tsan"])
def test_what_is_said_of_tsan_holds_for_both_engines(told: Told, option: str) -> None:
    ended = told.run(
        "check", "target", option, told={"explore": PASSES, "stress": [progress(), DONE]}
    )
    assert [run["tsan"] for run in ended.json["runs"]] == [option == "--tsan"] * 2


def test_the_table_may_be_of_one_engine(told: Told) -> None:
    file = told.folder / "scenarios" / "toy_scenario.py"
    entry = {"releases": "", "outcome": "fail", "kinds": ["dict-changed-size"], "because": "it is"}
    table = [{**entry, "engine": "explore"}, {"releases": "", "outcome": "pass", "because": "rare"}]
    file.write_text(file.read_text() + f"expected = {table!r}\n")
    says = {"explore": FOUND, "stress": [progress(), DONE]}
    ended = told.run("check", "target", "--expect", "known", told=says)
    assert ended.code == 0, ended.out
    assert [run["expected"]["outcome"] for run in ended.json["runs"]] == ["fail", "pass"]


# ---- schedules -----------------------------------------------------------------------------------


def test_a_schedule_is_kept_beside_the_result(told: Told) -> None:
    ended = told.explore()
    (found,) = ended.only_run["findings"]
    assert ended.code == 1
    assert found["schedule"] == "schedules/0123456789abcdef.flood"
    assert (told.folder / "out" / found["schedule"]).read_text() == "the text\n"
    assert (found["switches"], found["reachable"], found["confirmed"]) == (2, "gil", None)
    assert [step["thread"] for step in found["interleaving"]] == ["report", "work", "report"]
    command = shlex.split(found["replay"])
    assert command[1:3] == ["replay", "out/schedules/0123456789abcdef.flood"]
    assert command[command.index("--target") + 1] == "target"
    assert found["replay"] in ended.out
    assert re.search(r"^ +report +work$", ended.out, re.MULTILINE)
    assert re.search(r"switched ---->", ended.out)
    assert re.search(r"<---- ended", ended.out)


def test_a_schedule_is_kept_without_a_folder_too(told: Told) -> None:
    ended = told.explore("--format", "text", out=False)
    file = told.folder / "build" / "cache" / "schedules" / "0123456789abcdef.flood"
    assert file.read_text() == "the text\n"
    assert f"replay {file} --target target" in ended.out


def test_a_scenario_of_ones_own_is_named_in_the_command(told: Told) -> None:
    own = told.folder / "own.py"
    own.write_text((told.folder / "scenarios" / "toy_scenario.py").read_text())
    ended = told.run("explore", "own.py", "--target", "target")
    assert f"--scenario {own}" in ended.only_run["findings"][0]["replay"]


def test_the_same_finding_of_two_targets_has_two_schedules(told: Told) -> None:
    (told.folder / "two").symlink_to("target")
    ended = told.explore("--target", "two")
    names = [run["findings"][0]["schedule"] for run in ended.json["runs"]]
    assert names == ["schedules/0123456789abcdef.flood", "schedules/0123456789abcdef-2.flood"]
    assert all((told.folder / "out" / name).is_file() for name in names)


def test_what_is_confirmed_is_told_later(told: Told) -> None:
    better = schedule(confirmed=True, switches=1, schedule="better\n")
    ended = told.explore(told=[finding(), schedule(), better, *PASSES])
    (found,) = ended.only_run["findings"]
    assert (found["confirmed"], found["switches"]) == (True, 1)
    assert (told.folder / "out" / found["schedule"]).read_text() == "better\n"
    assert "under the GIL; confirmed on real threads" in ended.out


@pytest.mark.parametrize("name", ["../../evil", "", "a/b", "x" * 200, ".hidden", "a\nb"])
def test_no_worker_names_a_file(told: Told, name: str) -> None:
    ended = told.explore(told=[finding(name), schedule(name), *PASSES])
    (found,) = ended.only_run["findings"]
    assert (found["schedule"], found["replay"]) == (None, None)
    assert len(found["interleaving"]) == 3
    assert any("was not kept" in note for note in ended.only_run["coverage"]["notes"])
    assert not list(told.folder.rglob("*.flood"))


def test_a_schedule_that_cannot_be_written_costs_nothing_else(told: Told) -> None:
    (told.folder / "out").mkdir()
    (told.folder / "out" / "schedules").write_text("in the way")
    ended = told.explore()
    assert ended.code == 1
    assert len(ended.only_run["findings"]) == 1
    assert any("was not kept" in note for note in ended.only_run["coverage"]["notes"])


STRANGE: list[dict[str, Any]] = [
    {"interleaving": [1, None, {}, {"thread": "\u202e", "line": -3, "source": 7}]},
    {"interleaving": "no", "switches": "many", "schedule": 3, "confirmed": "yes"},
    {"reachable": "moon", "switches": None, "schedule": None},
    {"interleaving": [{"thread": f"t{i % 99}", "line": i} for i in range(30000)]},
]


@pytest.mark.parametrize("strange", STRANGE)
def test_strange_schedules_do_no_harm(told: Told, strange: dict) -> None:
    ended = told.explore(told=[schedule("untold"), finding(), schedule(**strange), *PASSES])
    assert ended.code == 1, ended.err
    assert ended.only_run["findings"][0]["reachable"] == "gil"


def test_a_death_under_explore_is_not_confirmed(told: Told) -> None:
    ended = told.explore("--points", "bytecode", told=[progress(), {"record": "die"}])
    (found,) = ended.only_run["findings"]
    assert (found["kind"], found["reachable"], found["confirmed"]) == ("crash", "bytecode", None)


# ---- claims --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "verdict", "bound", "complete"),
    [
        ([claim()], "pass", None, False),
        ([claim(bound=2, done=0.5)], "pass", 2, False),
        ([claim(complete=True, bound=1, done=1)], "pass", 1, True),
        ([claim("first"), claim("last", bound=0)], "pass", 0, False),
        ([], "inconclusive", None, False),
        ([claim(None)], "inconclusive", None, False),
    ],
)
def test_a_pass_says_what_it_covered(
    told: Told, claims: list, verdict: str, bound: int | None, complete: bool
) -> None:
    ended = told.explore(told=[progress(), *claims, DONE])
    run = ended.only_run
    assert (run["verdict"], run["bound"], run["complete"]) == (verdict, bound, complete)
    assert ended.code == (0 if verdict == "pass" else 3)
    if verdict == "pass":
        assert run["claim"] == claims[-1]["text"]
        assert f"claim: {run['claim']}" in re.sub(r"\s+", " ", ended.out)
    else:
        assert "which schedules" in run["why"]


# ---- replays -------------------------------------------------------------------------------------


def outcome(name: str, line: int | None = None, detail: str | None = None) -> dict[str, Any]:
    return {"record": "replay", "outcome": name, "line": line, "detail": detail}


def replay(told: Told, *args: str, says: list, text: str | None = None) -> Completed:
    (told.folder / "a.flood").write_text(flood() if text is None else text)
    return told.run("replay", "a.flood", "--target", "target", *args, told=says)


OUTCOMES = [
    ([finding(), schedule(), outcome("fails the same")], 1, "fails the same"),
    ([finding("beef"), outcome("fails otherwise")], 1, "fails otherwise"),
    ([outcome("passes")], 0, "passes"),
    ([outcome("diverged", 12, "report ended")], 3, "diverged at line 12: report ended"),
    ([outcome("cannot be reached", None, "no such place")], 3, "cannot be reached: no such place"),
    (
        [outcome("passes"), finding(), outcome("fails the same"), outcome("passes")],
        1,
        "fails the same",
    ),
]


@pytest.mark.parametrize(("says", "code", "words"), OUTCOMES)
def test_the_outcome_of_a_replay(told: Told, says: list, code: int, words: str) -> None:
    ended = replay(told, says=[*says, progress(1), DONE])
    assert ended.code == code, ended.out
    assert re.findall(r"^ +replay: (.*)$", ended.out, re.MULTILINE)[0] == words
    (job,) = told.jobs()
    assert (job["engine"], job["strategy"], job["points"]) == ("replay", "replay", "bytecode")
    assert (job["threads"], job["trials"], job["seconds"]) == (2, 1, 0)
    assert job["schedule"] == flood()
    assert ended.only_run["replayed"]["outcome"] in words
    assert ended.only_run["expected"] is None


def test_a_replay_keeps_its_own_file(told: Told) -> None:
    ended = replay(
        told, "--carrier", "pthread", "--times", "3", says=[*OUTCOMES[0][0], progress(3), DONE]
    )
    (found,) = ended.only_run["findings"]
    assert found["schedule"] == "a.flood"
    assert not (told.folder / "out" / "schedules").exists()
    words = shlex.split(found["replay"])
    assert words[1:] == "replay a.flood --target target --carrier pthread --times 3".split()
    assert found["replay"] == ended.only_run["replay"]
    (job,) = told.jobs()
    assert (job["carrier"], job["trials"]) == ("pthread", 3)


def test_a_worker_that_dies_in_a_replay_fails(told: Told) -> None:
    ended = replay(told, says=[{"record": "die"}])
    assert (ended.code, ended.only_run["replayed"]["outcome"]) == (1, "fails otherwise")


def test_a_replay_without_an_outcome_decides_nothing(told: Told) -> None:
    ended = replay(told, says=[outcome("sings"), progress(1), DONE])
    assert (ended.code, ended.only_run["verdict"]) == (3, "inconclusive")


BAD_SCHEDULES = {
    "empty": ("", "a.flood"),
    "foreign": ("{}\n", "not a flashflood schedule"),
    "newer": (flood(magic="flashflood schedule 2"), "version 2"),
    "cut": (flood()[:-30], "a.flood"),
    "damaged": (flood().replace("report", "repost"), "a.flood"),
    "binary": ("\0\1\2" * 100, "not a flashflood schedule"),
    "malformed": (flood(first="first nobody"), "nobody"),
}


@pytest.mark.parametrize("name", BAD_SCHEDULES)
def test_a_bad_schedule_is_refused(told: Told, name: str) -> None:
    text, words = BAD_SCHEDULES[name]
    refused_in_one_line(replay(told, says=[], text=text), "schedule 'a.flood'", words)


def test_a_schedule_that_is_not_there(told: Told) -> None:
    refused_in_one_line(told.run("replay", "b.flood"), "'b.flood'", "no such file", ".flood")
    refused_in_one_line(told.run("replay", "target"), "'target'", "no such file")
    refused_in_one_line(told.run("replay"), "one SCHEDULE.flood", "0")


def test_a_schedule_says_its_target_and_its_scenario(told: Told) -> None:
    (told.folder / "a.flood").write_text(flood(target="target target"))
    ended = told.run("replay", "a.flood", told=[outcome("passes"), progress(1), DONE])
    assert (ended.code, ended.only_run["target"]) == (0, "target")
    (told.folder / "a.flood").write_text(flood(scenario="scenario gone"))
    refused_in_one_line(told.run("replay", "a.flood", "--target", "target"), "'gone'")


def test_a_schedule_that_is_too_long(told: Told) -> None:
    text = flood(switches="\n".join(["switch report ended -> work"] * 5000))
    refused_in_one_line(replay(told, says=[], text=text), "a.flood", str(len(text)))
