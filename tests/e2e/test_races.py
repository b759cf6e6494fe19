"""Data races of Python code: each pair of twins of tests/twins, and that the racy one is reported and the other not."""

from __future__ import annotations

import re
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from explored import PYTHONS, binary_of
from flashflood import result
from twinned import FEW, MODULES, TARGET, Pair, groups, is_named, is_of, pairs, write

# Where a lock or a queue of a pool happens to pass from one thread to the other between the two accesses, it orders them
# in that schedule: so there are some. Of stress's trials those of a quarter of the time are looked at, some ten of these.
SCHEDULES = ("--strategy", "random", "--schedules", "10", "--no-confirm")
ENGINES = {
    "explore": ("explore", *SCHEDULES),
    "explore_pthread": ("explore", *SCHEDULES, "--carrier", "pthread"),
    "stress": ("stress", "--trials", "120"),
}
SEEDS = range(1, 21)
ALL = [pair for module in MODULES for pair in pairs(module)]
RACES = [pair for pair in ALL if pair.lines]
FAR = pairs("far")
# Those with one finding, which no order of the two accesses makes another one.
PLAIN = [
    pair
    for pair in RACES
    if len(pair.lines) == 2
    and all(len(operations) == 1 for operations in pair.lines.values())
    and pair.key != "any"
]

OF_EACH_ENGINE = pytest.mark.parametrize("engine", ENGINES)


def of_each(chosen: list[Pair]) -> Any:
    return pytest.mark.parametrize("pair", chosen, ids=lambda pair: pair.name)


class Both(NamedTuple):
    """The runs of some pairs: the racy ones in groups, the ordered ones in one scenario, since there nothing is found."""

    racy: list[dict[str, Any]]
    ordered: dict[str, Any]

    @property
    def all(self) -> list[dict[str, Any]]:
        return [*self.racy, self.ordered]


def both(folder: Path, chosen: list[Pair], *args: str, few: int = FEW) -> Both:
    racy = groups(chosen, few)
    files = [write(folder, name, group, ordered=False) for name, group in racy.items()]
    files.append(write(folder, "ordered", chosen, ordered=True))
    verb, *options = args
    tsan = () if "--no-tsan" in options else ("--tsan",)
    found = result(verb, *files, "--target", TARGET, *tsan, "--jobs", "2", *options).runs
    return Both([found[name] for name in racy], found["ordered"])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The runs of all pairs by an engine's name and a seed, begun when that engine is asked for first."""

    def made(folder: Path, engine: str, seed: int) -> Both:
        found = both(folder, ALL, *ENGINES[engine], "--seed", str(seed))
        for finding in (finding for run in found.all for finding in run["findings"]):
            finding["interleaving"] = None  # most of it all, for 60 of these
        return found

    @cache
    def begun(engine: str) -> dict[int, Future[Both]]:
        folders = {seed: tmp_path_factory.mktemp(f"{engine}-{seed}") for seed in SEEDS}
        return {seed: pool.submit(made, folders[seed], engine, seed) for seed in SEEDS}

    # One command leaves two cores idle for half of its time: while it plans, and while it waits for its last worker.
    with ThreadPoolExecutor(2) as pool:
        yield lambda engine, seed: begun(engine)[seed].result()


@pytest.fixture(scope="module")
def races_of(runs: Any) -> Any:
    """The races of the racy twins, or of the ordered ones, by the classes that either access is in."""

    @cache
    def made(engine: str, seed: int, ordered: bool) -> dict[str, list[dict[str, Any]]]:
        found = runs(engine, seed)
        by_class = defaultdict(list)
        for race in races(*([found.ordered] if ordered else found.racy)):
            for name in {access["function"].split(".")[0] for access in race["accesses"]}:
                by_class[name].append(race)
        return by_class

    return made


def races(*of: dict[str, Any]) -> list[dict[str, Any]]:
    """What is reported of Python code."""
    findings = [finding for run in of for finding in run["findings"]]
    return [f["race"] for f in findings if f["kind"] == "data-race" and f["race"]]


def told(race: dict[str, Any]) -> str:
    """A race in a line, for whoever reads of a test that failed."""
    accesses = " / ".join(
        f"{a['thread']}: {a['operation']} in {a['function']}:{a['line']}" for a in race["accesses"]
    )
    return f"{race['container']}[{race['key']}] {accesses}"


def missed(found: list[dict[str, Any]], pair: Pair) -> list[str] | None:
    """None where the pair's race is among them; else what is."""
    if any(is_of(race, pair) and is_named(race, pair) for race in found):
        return None
    return [told(race) for race in found]


def none_is_missed(found: Both, chosen: list[Pair]) -> None:
    """Each pair's race is reported."""
    lost = {pair.name: missed(races(*found.racy), pair) for pair in chosen}
    assert [name for name, told in lost.items() if told is not None] == []


def check_access(access: dict[str, Any], pair: Pair) -> None:
    """It is where the pair has one, and does what is said there."""
    place = access["function"], access["line"]
    assert access["operation"] in pair.lines[place]
    assert access["file"] == f"pairs/{pair.module}.py"
    assert access["stack"][0] == f"{access['file']}:{place[1]} in {place[0]}"
    check_thread(access, pair)


def check_thread(access: dict[str, Any], pair: Pair) -> None:
    """It is an actor, or what one starts: named for its target, and where that was."""
    if access["thread"] in ("one", "other"):
        assert access["started"] == "an actor of the scenario"
    elif re.fullmatch(r"_worker(#\d+)?", access["thread"]):
        assert access["started"].endswith("in ThreadPoolExecutor._adjust_thread_count")
    else:
        assert access["thread"] == access["function"]
        assert re.fullmatch(rf"pairs/threads.py:\d+ in {pair.name}.one", access["started"])


def check_race(race: dict[str, Any], chosen: list[Pair]) -> None:
    """It is of the lines of one pair, and whole."""
    owners = [pair for pair in chosen if is_of(race, pair)]
    assert len(owners) == 1, told(race)
    assert is_named(race, owners[0]._replace(key="any")), told(race)
    for access in race["accesses"]:
        check_access(access, owners[0])
    *before, first, second = race["accesses"]
    assert first["thread"] != second["thread"], told(race)
    assert "write" in (first["operation"], second["operation"]), told(race)
    read = [(access["thread"], access["operation"]) for access in before]
    assert read == ([(second["thread"], "read")] if race["effect"] else []), told(race)
    for name in (first["function"], second["function"], f"pairs/{owners[0].module}.py"):
        assert name in race["report"]


def check_runs(found: Both, chosen: list[Pair]) -> None:
    """Nothing is found but races of these pairs, in the racy twins, and all are counted."""
    for run in found.racy:
        check_run(run, chosen)
    check_run(found.ordered, [])
    assert found.ordered["verdict"] == "pass"


def check_run(run: dict[str, Any], chosen: list[Pair]) -> None:
    assert {f["kind"] for f in run["findings"]} <= {"data-race"}
    assert run["verdict"] in ("pass", "fail"), run["why"]
    for race in races(run):
        check_race(race, chosen)
    by = [f["reachable"] for f in run["findings"]]
    assert run["races"] == {
        "looked_for": True,
        "policy": "show",
        "language": by.count("language"),
        "interpreter": len(by) - by.count("language"),
        "native": 0,
        "suppressed": 0,
    }


# ---- with each of 20 seeds -----------------------------------------------------------------------


@pytest.mark.slow
@OF_EACH_ENGINE
@of_each(RACES)
def test_the_racy_twin_is_reported(races_of: Any, engine: str, pair: Pair) -> None:
    found = {seed: missed(races_of(engine, seed, False)[pair.name], pair) for seed in SEEDS}
    without = {seed: told for seed, told in found.items() if told is not None}
    assert without == {}, f"{pair.name}, {engine}: not reported as it is with these seeds"


@pytest.mark.slow
@OF_EACH_ENGINE
@of_each(ALL)
def test_the_ordered_twin_is_not(races_of: Any, engine: str, pair: Pair) -> None:
    silent = [True] if pair.lines else [True, False]
    found = {
        seed: [
            told(race) for ordered in silent for race in races_of(engine, seed, ordered)[pair.name]
        ]
        for seed in SEEDS
    }
    assert {seed: told for seed, told in found.items() if told} == {}, f"{pair.name}, {engine}"


@pytest.mark.slow
@OF_EACH_ENGINE
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_reported_is_whole_and_nothing_else_is(runs: Any, engine: str, seed: int) -> None:
    check_runs(runs(engine, seed), RACES)


@pytest.mark.slow
@of_each(PLAIN)
def test_its_fingerprint_is_the_same_each_time(runs: Any, pair: Pair) -> None:
    found = [
        (finding["fingerprint"], engine, seed)
        for engine in ENGINES
        for seed in SEEDS
        for run in runs(engine, seed).racy
        for finding in run["findings"]
        if finding["race"]
        and is_of(finding["race"], pair)
        and is_named(finding["race"], pair)
        and not finding["race"]["effect"]
    ]
    assert len(found) == len(ENGINES) * len(SEEDS)
    assert len({fingerprint for fingerprint, _, _ in found}) == 1, found


@pytest.mark.slow
@OF_EACH_ENGINE
def test_no_two_races_have_one_fingerprint(runs: Any, engine: str) -> None:
    fingerprints = [f["fingerprint"] for run in runs(engine, 1).racy for f in run["findings"]]
    assert len(set(fingerprints)) == len(fingerprints)


# ---- without ThreadSanitizer ---------------------------------------------------------------------


@pytest.mark.slow
@PYTHONS
def test_the_twins_do_nothing_else_that_is_wrong(tmp_path: Path, python: str) -> None:
    """What races is all that is wrong with them, and no schedule makes them fail for it.

    From 3.12 on a call of len() and its like is no switch point any more once the interpreter has specialised it, so the
    first schedule may have points that its repetition lacks; the control does not run the twins before.
    """
    options = ["--strategy", "random", "--schedules", "100", "--python", binary_of(python)]
    if python == "3.11":
        options.append("--verify")
    for run in both(tmp_path, ALL + FAR, "explore", *options, "--no-tsan").all:
        assert (run["verdict"], run["findings"]) == ("pass", []), run["why"]


# ---- with a few ----------------------------------------------------------------------------------


@OF_EACH_ENGINE
@PYTHONS
def test_each_python_reports_them(tmp_path: Path, python: str, engine: str) -> None:
    found = both(tmp_path, ALL, *ENGINES[engine], "--python", binary_of(python))
    none_is_missed(found, RACES)
    check_runs(found, RACES)


@OF_EACH_ENGINE
@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_it_does_not_matter_how_far_apart_they_are(tmp_path: Path, engine: str, seed: str) -> None:
    found = both(tmp_path, FAR, *ENGINES[engine], "--seed", seed, few=1)
    none_is_missed(found, FAR)
    check_runs(found, FAR)
