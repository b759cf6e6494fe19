"""What the driver makes of data races that workers tell of: verdicts, policies, suppressions, files, bad records."""

from __future__ import annotations

import re
import shlex
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from flashflood import Completed, run
from test_bad_input import refused_in_one_line
from told import DONE, Told, claim, flood, progress, race, schedule

PASSES = [progress(), claim(), DONE]
LANGUAGE = [race(), *PASSES]
LOST = race("feedfeedfeedfeed", reachable="gil", race={"effect": "lost update"})
BOTH = [race(), LOST, *PASSES]
NATIVE = {"record": "finding", "kind": "data-race", "actor": "native code", "message": "data race"}
NATIVE |= {"where": "file.c:12:3 in work", "fingerprint": "ab12", "traceback": "WARNING: …"}


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


def check(told: Told, *args: str | Path, says: list) -> Completed:
    """Both engines, of which stress says nothing."""
    return told.run("check", "target", *args, told={"explore": says, "stress": [progress(), DONE]})


# ---- where they are looked for ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "lift", "tsan"),
    [
        ([], [True, True], [True, True]),
        (["--races", "show"], [True, True], [True, True]),
        (["--races", "fail"], [True, True], [True, True]),
        (["--races", "off"], [False, False], [True, True]),
        (["--no-tsan"], [False, False], [False, False]),
        (["--no-tsan", "--races", "off"], [False, False], [False, False]),
        (["--tsan"], [True, True], [True, True]),
    ],
)
def test_check_looks_for_races(told: Told, args: list[str], lift: list, tsan: list) -> None:
    ended = check(told, *args, says=PASSES)
    assert ended.code == 0, ended.err
    assert [job["lift"] for job in told.jobs()] == lift
    assert [run_["tsan"] for run_ in ended.json["runs"]] == tsan
    assert [run_["races"]["looked_for"] for run_ in ended.json["runs"]] == lift
    rows = re.findall(r"^PASS +toy_scenario +(\S+) ", ended.out, re.MULTILINE)
    assert rows == ["none" if looked else "-" for looked in lift]


@pytest.mark.parametrize(
    ("verb", "args", "lift"),
    [
        ("explore", [], False),
        ("explore", ["--tsan"], True),
        ("explore", ["--races", "show"], True),
        ("explore", ["--races", "off"], False),
        ("explore", ["--races", "off", "--tsan"], False),
        ("stress", [], True),
        ("stress", ["--races", "off"], False),
        ("stress", ["--no-tsan"], False),
    ],
)
def test_the_other_verbs_look_where_tsan_watches(
    told: Told, verb: str, args: list[str], lift: bool
) -> None:
    ended = told.run(verb, "toy_scenario", "--target", "target", *args, told=PASSES)
    (job,) = told.jobs()
    assert job["lift"] is lift
    again = shlex.split(ended.only_run["replay"])
    told.run(*again[1:], told=PASSES)
    (job,) = told.jobs()
    assert job["lift"] is lift  # the command does the same again


@pytest.mark.parametrize(("args", "lift"), [([], False), (["--tsan"], True)])
def test_a_replay_under_tsan_always_looks(told: Told, args: list[str], lift: bool) -> None:
    (told.folder / "a.flood").write_text(flood())
    says = [{"record": "replay", "outcome": "passes", "line": None, "detail": None}, *PASSES]
    told.run("replay", "a.flood", "--target", "target", *args, told=says)
    assert [job["lift"] for job in told.jobs()] == [lift]


def test_a_worker_that_cannot_look_says_so(told: Told) -> None:
    ready = {"record": "ready", "actors": [{"name": "work", "threads": 1}], "lifted": False}
    ended = told.explore("--tsan", told=[ready, *PASSES])
    assert told.jobs()[0]["lift"] is True
    assert ended.only_run["races"]["looked_for"] is False


@pytest.mark.parametrize("policy", ["show", "fail"])
@pytest.mark.parametrize("verb", ["check", "stress", "explore"])
def test_races_cannot_be_seen_without_tsan(verb: str, policy: str) -> None:
    ended = run(verb, "x", "--no-tsan", "--races", policy)
    refused_in_one_line(ended, f"--races '{policy}'", "--no-tsan", "leave out")


@pytest.mark.parametrize("policy", ["", "Show", "all", "language"])
def test_other_policies_are_refused(policy: str) -> None:
    refused_in_one_line(run("check", "x", "--races", policy), f"'{policy}'", "show, fail or off")


def test_a_replay_has_no_policy() -> None:
    refused_in_one_line(run("replay", "x", "--races", "fail"), "--races is no option of replay")


# ---- what they decide ------------------------------------------------------------------------------

DECIDES = [
    (LANGUAGE, [], 0, "pass", (1, 0)),
    (LANGUAGE, ["--races", "fail"], 1, "fail", (1, 0)),
    (BOTH, [], 1, "fail", (1, 1)),
    (BOTH, ["--races", "show"], 1, "fail", (1, 1)),
    ([LOST, *PASSES], [], 1, "fail", (0, 1)),
    ([race(), progress(), DONE], [], 3, "inconclusive", (1, 0)),  # without a claim
    ([race(reachable="bytecode"), *PASSES], ["--points", "bytecode"], 1, "fail", (0, 1)),
]


@pytest.mark.parametrize(("says", "args", "code", "verdict", "counts"), DECIDES)
def test_races_decide(
    told: Told, says: list, args: list[str], code: int, verdict: str, counts: tuple[int, int]
) -> None:
    ended = check(told, *args, "--format", "text,junit,markdown", says=says)
    assert ended.code == code, ended.out
    explored = ended.json["runs"][0]
    races = explored["races"]
    assert explored["verdict"] == verdict
    assert (races["language"], races["interpreter"], races["native"]) == (*counts, 0)
    names = dict(zip(("language", "interpreter"), counts))
    cell = ", ".join(f"{names[k]} {k}" for k in ("interpreter", "language") if names[k])
    assert f"  {cell}" in ended.out
    assert f"| {cell} |" in (told.folder / "out" / "summary.md").read_text()
    root = ElementTree.parse(told.folder / "out" / "junit.xml").getroot()
    assert len(list(root.iter("failure"))) == (code == 1)
    if code == 0:
        shown = next(root.iter("system-out")).text
        assert "by the language: nothing orders these accesses" in shown
        assert "read by thread report:\n  toy/__init__.py:131 in Buffer.flush" in shown


def test_a_race_is_shown_with_both_stacks(told: Told) -> None:
    ended = check(told, says=[LOST, *PASSES])
    for words in (
        "verdict:     by this interpreter: lost update",
        "place:       Buffer.__counters, key 'a'",
        "read by thread report:\n        toy/__init__.py:131 in Buffer.flush\n        toy.py:9 in report",
        "write by thread work:\n        toy/__init__.py:124 in Buffer.add",
        "thread started: an actor of the scenario",
    ):
        assert words in ended.out
    assert all(len(line) <= 80 for line in ended.out.splitlines() if "flashflood" not in line)


def test_quiet_says_nothing_of_what_is_only_shown(told: Told) -> None:
    ended = check(told, "--quiet", says=LANGUAGE)
    assert (ended.code, ended.out, ended.err) == (0, "", "")


TABLE = [
    (LANGUAGE, {"outcome": "pass"}, [], 0),
    (LANGUAGE, {"outcome": "pass"}, ["--races", "fail"], 1),
    (LANGUAGE, {"outcome": "fail", "kinds": ["data-race"]}, [], 1),
    (LANGUAGE, {"outcome": "fail", "kinds": ["data-race"]}, ["--races", "fail"], 0),
    (BOTH, {"outcome": "fail", "kinds": ["data-race"]}, [], 0),
    (BOTH, {"outcome": "pass"}, [], 1),
    (PASSES, {"outcome": "fail", "kinds": ["data-race"]}, [], 1),
    (PASSES, {"outcome": "fail", "kinds": ["data-race"]}, ["--races", "off"], 0),
]


@pytest.mark.parametrize(("says", "entry", "args", "code"), TABLE)
def test_the_table_counts_what_fails(
    told: Told, says: list, entry: dict, args: list[str], code: int
) -> None:
    file = told.folder / "scenarios" / "toy_scenario.py"
    table = [{"releases": "", "because": "it is", "engine": "explore", **entry}]
    file.write_text(file.read_text() + f"expected = {table!r}\n")
    assert check(told, "--expect", "known", *args, says=says).code == code


# ---- schedules and reports of ThreadSanitizer ------------------------------------------------------


def test_the_schedule_of_a_race_is_replayed_under_tsan(told: Told) -> None:
    later = schedule("00112233aabbccdd", reachable="language", report="WARNING: TSan\n  x\n")
    ended = check(told, says=[race(), later, *PASSES])
    (found,) = ended.json["runs"][0]["findings"]
    assert found["reachable"] == "language"
    assert found["race"]["report"] == "WARNING: TSan\n  x\n"
    assert found["race"]["report_file"] == "races/00112233aabbccdd.txt"
    assert (
        told.folder / "out" / found["race"]["report_file"]
    ).read_text() == "WARNING: TSan\n  x\n"
    assert "report:      races/00112233aabbccdd.txt" in ended.out
    assert "WARNING: TSan" not in ended.out
    words = shlex.split(found["replay"])
    assert words[1:3] == ["replay", "out/schedules/00112233aabbccdd.flood"]
    assert words[-1] == "--tsan"


def test_a_race_may_turn_out_to_do_harm(told: Told) -> None:
    later = schedule("00112233aabbccdd", reachable="gil", effect="changed during iteration")
    ended = check(told, says=[race(), later, *PASSES])
    assert ended.code == 1
    assert "by this interpreter: changed during iteration" in ended.out


def test_a_report_may_come_with_the_race(told: Told) -> None:
    ended = told.explore("--tsan", told=[race(race={"report": "text"}), *PASSES], out=False)
    file = told.folder / "build" / "cache" / "races" / "00112233aabbccdd.txt"
    assert file.read_text() == "text"
    assert f"report: {file}" in re.sub(r"\s+", " ", ended.out)


def test_both_engines_keep_their_own_reports(told: Told) -> None:
    says = [race(race={"report": "text"}), *PASSES]
    ended = told.run("check", "target", told={"explore": says, "stress": [*says[:2], DONE]})
    files = [run_["findings"][0]["race"]["report_file"] for run_ in ended.json["runs"]]
    assert files == ["races/00112233aabbccdd.txt", "races/00112233aabbccdd-2.txt"]


@pytest.mark.parametrize(("outcome", "code"), [("fails the same", 1), ("passes", 0)])
def test_a_race_that_is_run_again_fails(told: Told, outcome: str, code: int) -> None:
    (told.folder / "a.flood").write_text(flood())
    says = [race(), {"record": "replay", "outcome": outcome, "line": None, "detail": None}]
    ended = told.run("replay", "a.flood", "-t", "target", "--tsan", told=[*says, *PASSES])
    assert ended.code == code, ended.out


# ---- suppressions ----------------------------------------------------------------------------------


def suppressed(told: Told, text: str, *args: str, says: list) -> Completed:
    (told.folder / "known").write_text(text)
    return check(told, "--suppressions", "known", *args, says=says)


@pytest.mark.parametrize(
    "line", ["container Buffer.*", "function Buffer.add", "file toy/*", "function Buffer.flush"]
)
def test_a_suppressed_race_is_no_finding(told: Told, line: str) -> None:
    more = schedule("feedfeedfeedfeed")
    says = [race(), LOST, race(), more, *PASSES]
    ended = suppressed(told, f"# known\n{line} because it is\n", "--races", "fail", says=says)
    assert ended.code == 0, ended.out
    explored = ended.json["runs"][0]
    assert (explored["findings"], explored["races"]["suppressed"]) == ([], 2)
    assert explored["coverage"]["notes"] == ended.json["runs"][1]["coverage"]["notes"]
    what, pattern = line.split()
    entry = {"what": what, "pattern": pattern, "reason": "it is", "line": 2, "used": 2}
    assert ended.json["suppressions"] == [entry]
    assert "none, 2 suppressed" in ended.out
    assert "unused" not in ended.out
    assert "--suppressions known" in explored["replay"]


def test_what_no_suppression_matches_stays(told: Told) -> None:
    text = "container Other.* because it is\nfunction work because ours is that\n"
    ended = suppressed(
        told, text, "--format", "text,junit,markdown", says=[LOST, NATIVE, NATIVE, *PASSES]
    )
    assert ended.code == 1
    explored = ended.json["runs"][0]
    assert [found["fingerprint"] for found in explored["findings"]] == ["feedfeedfeedfeed"]
    assert [entry["used"] for entry in ended.json["suppressions"]] == [0, 1]
    note = "unused suppression: container Other.* (line 1)"
    assert note in ended.out
    assert ended.out.count("unused suppression") == 1
    assert note in (told.folder / "out" / "junit.xml").read_text()
    assert (
        "unused suppression: container Other." in (told.folder / "out" / "summary.md").read_text()
    )


def test_only_races_are_suppressed(told: Told) -> None:
    text = "file * because none\nfunction * because none\ncontainer * because none\n"
    says = [{**race(), "kind": "exception"}, *PASSES]
    assert suppressed(told, text, says=says).code == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\ncontainer Buffer\n", ["known:2:", "no reason"]),
        ("thread x because y\n", ["known:1:", "'thread'", "container, function, file"]),
        ("file because y\n", ["known:1:", "no pattern"]),
        ("\0\n", ["known:1:", "NUL"]),
    ],
)
def test_a_bad_suppression_is_refused(told: Told, text: str, words: list[str]) -> None:
    refused_in_one_line(suppressed(told, text, says=PASSES), *words)
    assert told.jobs() == []


@pytest.mark.parametrize("file", ["missing", "target"])
def test_suppressions_that_cannot_be_read(told: Told, file: str) -> None:
    refused_in_one_line(
        told.run("explore", "toy_scenario", "-t", "target", "--suppressions", file),
        f"--suppressions '{file}'",
    )


# ---- bad records -----------------------------------------------------------------------------------

ACCESS = {"thread": 3, "started": [], "operation": "sing", "line": -4, "stack": [None, "x", {}]}
STRANGE: list[Any] = [
    3,
    [],
    {},
    {"container": 7, "key": {}, "effect": "moon", "accesses": "no", "report": 4},
    {"accesses": [None, 1, [], {}, ACCESS]},
    {"accesses": [{"stack": "no", "file": "\u202e", "function": "\n", "line": 1e99}] * 99},
    {"accesses": [{"stack": ["frame"] * 5000}], "container": "\x1b[31m" * 99},
]


@pytest.mark.parametrize("strange", STRANGE)
def test_strange_races_do_no_harm(told: Told, strange: Any) -> None:
    says = [{**race(), "race": strange}, schedule("00112233aabbccdd", report=3), *PASSES]
    ended = told.explore("--tsan", "--format", "text,junit,markdown", told=says)
    assert ended.code in (0, 1), ended.err
    assert len(ended.only_run["findings"]) == 1


def test_only_a_race_holds_by_the_language(told: Told) -> None:
    says = [{**race(), "kind": "invariant"}, {**NATIVE, "reachable": "language"}, *PASSES]
    ended = told.explore("--tsan", told=says)
    assert ended.code == 1
    assert [found["reachable"] for found in ended.only_run["findings"]] == ["gil", "gil"]
    assert [found["race"] for found in ended.only_run["findings"]] == [None, None]


@pytest.mark.parametrize("name", ["../../evil", "", "a/b", "x" * 200])
def test_no_worker_names_a_report(told: Told, name: str) -> None:
    ended = told.explore("--tsan", told=[race(name, race={"report": "text"}), *PASSES])
    (found,) = ended.only_run["findings"]
    assert found["race"]["report_file"] is None
    assert any("was not kept" in note for note in ended.only_run["coverage"]["notes"])
    assert not list(told.folder.rglob("*.txt"))
