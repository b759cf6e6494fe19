"""What a run makes of data races: policies, verdicts, effects, replays, suppressions, and which code is looked at."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import flashflood
import pytest
from explored import write as write_toy
from flashflood import Completed, result
from twinned import TARGET, pairs, write

ITEM = next(pair for pair in pairs("containers") if pair.name == "DictItem")
FEW = ("--strategy", "random", "--schedules", "5")

# Another thread may come in between the reading and the writing, and its addition is then overwritten.
LOSES = """
class It:
    def __init__(self):
        self.x = 0

    def one(self):
        seen = self.x
        tick()
        self.x = seen + 1


def tick():
    pass
"""
# Only the language lets another in there: a GIL build does not hand over within the statement.
KEEPS = LOSES.replace("seen = self.x\n        tick()\n        self.x = seen + 1", "self.x += 1")
# Between the reading and the writing the value is what was read, whoever wrote it.
SETS = LOSES.replace("seen + 1", "1")
LOOPS = """
class It:
    wild = True

    def __init__(self):
        self.d = dict.fromkeys("abc", 0)

    def one(self):
        try:
            for _ in self.d:
                tick()
        except RuntimeError:
            pass

    def other(self):
        self.d["new"] = 1


def tick():
    pass
"""


def item(
    folder: Path, *args: str | Path, verb: str = "explore", ordered: bool = False, **more: Any
) -> Completed:
    """Run the pair of a dict's item, a few times."""
    file = write(folder, "item", [ITEM], ordered=ordered)
    budget = FEW if verb == "explore" else ("--trials", "4")
    return result(verb, file, "--target", TARGET, *budget, *args, **more)


def toy(folder: Path, code: str, *args: str, top: str = "") -> Completed:
    """Explore that code under ThreadSanitizer."""
    file = write_toy(folder, code, top=top)
    budget = () if "--schedules" in args else ("--strategy", "random", "--schedules", "50")
    return result("explore", file, "--target", folder / "target", "--tsan", *budget, *args)


def kept(run: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    """Container, effect and reach of each race, sorted."""
    found = [(f["race"]["container"], f["race"]["effect"], f["reachable"]) for f in run["findings"]]
    return sorted(found, key=str)


# ---- policies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["explore", "stress"])
@pytest.mark.parametrize(
    ("policy", "verdict", "code"), [("show", "pass", 0), ("fail", "fail", 1), (None, "pass", 0)]
)
def test_a_race_by_the_language_fails_only_on_demand(
    tmp_path: Path, verb: str, policy: str | None, verdict: str, code: int
) -> None:
    asked = ("--races", policy) if policy else ()
    ended = item(tmp_path, "--tsan", *asked, verb=verb)
    run = ended.only_run
    assert (run["verdict"], ended.code) == (verdict, code), ended.out
    (finding,) = run["findings"]
    assert (finding["kind"], finding["reachable"]) == ("data-race", "language")
    assert run["races"]["policy"] == (policy or "show")
    assert run["races"]["language"] == 1
    assert "DictItem.d" in ended.out


@pytest.mark.parametrize("verb", ["explore", "stress"])
def test_off_does_not_look(tmp_path: Path, verb: str) -> None:
    ended = item(tmp_path, "--tsan", "--races", "off", verb=verb)
    assert (ended.code, ended.only_run["findings"]) == (0, [])
    assert ended.only_run["races"]["looked_for"] is False
    assert ended.only_run["races"]["policy"] == "off"


@pytest.mark.parametrize("verb", ["explore", "stress"])
def test_without_threadsanitizer_none_are_looked_for(tmp_path: Path, verb: str) -> None:
    ended = item(tmp_path, "--no-tsan", verb=verb)
    assert (ended.code, ended.only_run["findings"]) == (0, [])
    assert ended.only_run["races"]["looked_for"] is False


def test_an_ordered_twin_passes_under_fail(tmp_path: Path) -> None:
    ended = item(tmp_path, "--tsan", "--races", "fail", ordered=True)
    assert (ended.code, ended.only_run["verdict"]) == (0, "pass")
    assert ended.only_run["races"]["looked_for"] is True


def test_an_unknown_policy_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "item", [ITEM], ordered=False)
    ended = flashflood.run("explore", file, "--target", TARGET, "--tsan", "--races", "hide")
    assert ended.code == 2
    assert "hide" in ended.err
    assert all(word in ended.err for word in ("show", "fail", "off"))


# ---- the two verdicts, and effects ---------------------------------------------------------------


def test_a_lost_update_is_a_race_by_the_interpreter(tmp_path: Path) -> None:
    ended = toy(tmp_path, LOSES)
    assert ended.code == 1
    found = kept(ended.only_run)
    assert ("It.x", "lost update", "gil") in found
    assert {container for container, _, _ in found} == {"It.x"}


def test_what_the_gil_keeps_whole_is_a_race_by_the_language(tmp_path: Path) -> None:
    ended = toy(tmp_path, KEEPS)
    assert ended.code == 0, ended.out
    assert {(effect, reach) for _, effect, reach in kept(ended.only_run)} == {(None, "language")}


def test_and_does_harm_between_bytecodes(tmp_path: Path) -> None:
    ended = toy(tmp_path, KEEPS, "--points", "bytecode")
    assert ("It.x", "lost update", "bytecode") in kept(ended.only_run)


def test_a_write_that_hangs_on_no_reading_is_an_update_too(tmp_path: Path) -> None:
    """What a thread does with what it read is not known."""
    assert ("It.x", "lost update", "gil") in kept(toy(tmp_path, SETS).only_run)


def test_a_dict_that_changes_in_a_loop_is_told_though_the_exception_was_caught(
    tmp_path: Path,
) -> None:
    ended = toy(tmp_path, LOOPS)
    assert ended.code == 1
    assert ("It.d", "changed during iteration", "gil") in kept(ended.only_run)


def test_in_one_schedule_there_may_be_a_race_and_no_harm(tmp_path: Path) -> None:
    """The first one of `auto` lets a thread run to its end before the other."""
    ended = toy(tmp_path, LOSES, "--schedules", "1")
    assert {(effect, reach) for _, effect, reach in kept(ended.only_run)} == {(None, "language")}


# ---- replay --------------------------------------------------------------------------------------


@pytest.mark.parametrize("carrier", ["fiber", "pthread"])
def test_its_schedule_shows_it_again(tmp_path: Path, carrier: str) -> None:
    out = tmp_path / "out"
    (finding,) = item(tmp_path, "--tsan", out=out).only_run["findings"]
    ended = result(
        *("replay", out / finding["schedule"], "--scenario", tmp_path / "item.py"),
        *("--target", TARGET, "--tsan", "--carrier", carrier, "--times", "3"),
    )
    assert ended.only_run["replayed"]["outcome"] == "fails the same"
    (again,) = ended.only_run["findings"]
    assert again["fingerprint"] == finding["fingerprint"]
    assert again["race"]["container"] == "DictItem.d"


def test_the_command_that_it_names_shows_it_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (finding,) = item(tmp_path, "--tsan", out=out).only_run["findings"]
    _, *words = shlex.split(finding["replay"])
    ended = result(*words)
    assert ended.only_run["replayed"]["outcome"] == "fails the same"


def test_its_schedule_passes_where_it_was_mended(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (finding,) = item(tmp_path, "--tsan", out=out).only_run["findings"]
    file = write(tmp_path, "item", [ITEM], ordered=True)
    ended = result(
        *("replay", out / finding["schedule"], "--scenario", file, "--target", TARGET, "--tsan")
    )
    assert ended.only_run["replayed"]["outcome"] != "fails the same"
    assert ended.only_run["findings"] == []


# ---- ThreadSanitizer's text ----------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["explore", "stress"])
def test_the_report_is_of_python(tmp_path: Path, verb: str) -> None:
    (finding,) = item(tmp_path, "--tsan", verb=verb).only_run["findings"]
    report = finding["race"]["report"]
    assert "ThreadSanitizer: data race" in report
    for function, line in ITEM.lines:
        assert function in report
        assert f"containers.py:{line}" in report
    assert "libpython" not in report
    assert ".c:" not in report
    for access in finding["race"]["accesses"]:
        names = [frame.split(" in ")[1] for frame in access["stack"]]
        assert names[:2] == [access["function"], f"Twins.{access['thread']}"]


# ---- suppressions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "container DictItem.d because the last one wins",
        "function DictItem.other because it may be late",
        "file pairs/containers.py because they are tests",
        "container Dict* because of all of them",
    ],
)
def test_what_is_suppressed_is_counted_and_not_reported(tmp_path: Path, line: str) -> None:
    file = tmp_path / "suppressions"
    file.write_text(f"# Known.\n\n{line}\n")
    ended = item(tmp_path, "--tsan", "--races", "fail", "--suppressions", file)
    run = ended.only_run
    assert (ended.code, run["verdict"], run["findings"]) == (0, "pass", [])
    assert (run["races"]["suppressed"], run["races"]["language"]) == (1, 0)


def test_a_suppression_that_nothing_needs_is_told(tmp_path: Path) -> None:
    file = tmp_path / "suppressions"
    file.write_text("container Gone.away because it was there once\n")
    ended = item(tmp_path, "--tsan", "--suppressions", file)
    assert len(ended.only_run["findings"]) == 1
    assert "Gone.away" in ended.out + ended.err


@pytest.mark.parametrize(
    "line",
    [
        "container DictItem.d",
        "container DictItem.d because",
        "thread one because of it",
        "container",
    ],
)
def test_a_suppression_without_a_reason_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "suppressions"
    file.write_text(f"# Known.\n{line}\n")
    scenario = write(tmp_path, "item", [ITEM], ordered=False)
    options = ("--target", TARGET, "--tsan", "--suppressions", file)
    ended = flashflood.run("explore", scenario, *options)
    assert ended.code == 2
    assert f"{file}:2" in ended.err


# ---- which code is looked at ---------------------------------------------------------------------

# The package only calls what stands beside it.
BESIDE = """
import beside


class It:
    def __init__(self):
        self.it = beside.Beside()

    def one(self):
        tick()
        self.it.one()


def tick():
    pass
"""


@pytest.mark.parametrize("watched", [False, True])
def test_a_module_beside_the_package_is_looked_at_where_it_is_watched(
    tmp_path: Path, watched: bool
) -> None:
    (flashflood.toy(tmp_path) / "beside.py").write_text(KEEPS.replace("It", "Beside"))
    ended = toy(tmp_path, BESIDE, top="watch = ('beside',)" if watched else "")
    found = {race[0] for race in kept(ended.only_run)}
    assert found == ({"Beside.x"} if watched else set())


def test_the_scenarios_own_code_is_not_where_it_names_a_package(tmp_path: Path) -> None:
    file = flashflood.scenario(
        tmp_path,
        "own",
        """
class Toy:
    def __init__(self):
        self.x = 0

    @actor
    def one(self):
        self.x += 1

    @actor
    def other(self):
        self.x += 1
""",
    )
    target = flashflood.toy(tmp_path)
    ended = result("stress", file, "--target", target, "--tsan", "--trials", "4")
    assert (ended.only_run["verdict"], ended.only_run["findings"]) == ("pass", [])
