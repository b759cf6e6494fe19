"""scenario_info.py from outside: what it reads in a scenario file, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest
from conftest import CHECKOUT, Run

INFO = CHECKOUT / "scripts" / "scenario_info.py"
SCENARIO = '''\
"""Two threads on one buffer.

They stand for the worker and the detector.
"""

import flashflood
from flashflood import actor

needs = "sentry-arroyo>=2.34"
package = "arroyo"
must_reach = ("MetricsBuffer.flush",)
expected = [
    {"releases": "", "patches": ["fix.patch"], "outcome": "fail", "kinds": ["invariant"],
     "because": "the patch loses metrics"},
    {"releases": ">=2.34,<=2.37.0", "outcome": "fail", "kinds": ["dict-changed-size"],
     "may": ["invariant", "data-race"], "because": "flush() iterates the dict"},
    {"releases": "", "patches": ["b.patch", "a.patch"], "outcome": "pass", "because": "both"},
    {"releases": "", "outcome": "pass", "because": "mended upstream"},
]

raise SystemExit("a scenario must not be run for this")


class Helper:
    def flush(self): ...


class Buffer:
    @actor
    def increment(self): ...

    def helper(self): ...

    @flashflood.actor(threads=2)
    def flush(self): ...
'''

NOTHING = {"explore": None, "stress": None}

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a scenario file: SCENARIO with one part replaced by another."""

    def write(old: str = "", new: str = "", name: str = "buffer.py") -> str:
        assert old in SCENARIO
        file = tmp_path / name
        file.write_text(SCENARIO.replace(old, new, 1) if old else SCENARIO)
        return str(file)

    return write


def target(name: str | None, version: str | None, *patches: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "version": version, "patches": list(patches), "packages": None, **more}


def ask(paths: list[str], targets: list[dict[str, Any]]) -> Run:
    request = json.dumps({"scenarios": paths, "targets": targets})
    done = subprocess.run(
        [sys.executable, INFO], input=request, capture_output=True, check=False, encoding="utf-8"
    )
    return Run(done.returncode, done.stdout, done.stderr)


def cell(path: str, *arguments: Any, **more: Any) -> dict[str, Any]:
    """What the scenario means for one target."""
    return ask([path], [target(*arguments, **more)]).json["scenarios"][0]["cells"][0]


def test_what_a_scenario_declares(write: Write) -> None:
    path = write()
    assert ask([path], []).json["scenarios"] == [
        {
            "name": "buffer",
            "path": path,
            "summary": "Two threads on one buffer.",
            "doc": "Two threads on one buffer.\n\nThey stand for the worker and the detector.",
            "needs": "sentry-arroyo>=2.34",
            "distribution": "sentry-arroyo",
            "package": "arroyo",
            "must_reach": ["MetricsBuffer.flush"],
            "actors": ["increment", "flush"],
            "cells": [],
        }
    ]


def test_the_least_a_scenario_can_declare(tmp_path: Path) -> None:
    path = tmp_path / "größe.py"
    path.write_text(
        "needs: str = 'Some_Name'\npackage: str = 'p'\nclass C:\n @actor\n def a(self): ...\n",
        encoding="utf-8-sig",
    )
    found = ask([str(path)], [target("some.name", "1.0")]).json["scenarios"][0]
    assert (found["name"], found["summary"], found["doc"]) == ("größe", "", "")
    assert (found["needs"], found["distribution"]) == ("Some_Name", "some-name")
    assert found["must_reach"] == []
    assert found["cells"] == [{"applies": True, "why_not": None, "expected": NOTHING}]


@pytest.mark.parametrize(
    ("version", "patches", "outcome", "because"),
    [
        ("2.36.0", [], "fail", "flush() iterates the dict"),
        ("2.37.1", [], "pass", "mended upstream"),
        ("2.37.0rc1", [], "fail", "flush() iterates the dict"),
        ("2.36.0", ["fix.patch"], "fail", "the patch loses metrics"),
        ("2.36.0", ["a.patch", "b.patch"], "pass", "both"),
        ("2.36.0", ["/somewhere/a.patch", "b.patch"], "pass", "both"),
        (None, [], "pass", "mended upstream"),
    ],
)
def test_the_first_entry_that_matches_is_expected(
    write: Write, version: str | None, patches: list[str], outcome: str, because: str
) -> None:
    found = cell(write(), "sentry_arroyo", version, *patches)
    assert found["applies"]
    expected = found["expected"]["stress"]
    assert (expected["outcome"], expected["because"]) == (outcome, because)
    assert found["expected"]["explore"] == expected


def test_nothing_is_expected_of_patches_that_no_entry_names(write: Write) -> None:
    for patches in (["a.patch"], ["a.patch", "b.patch", "fix.patch"]):
        found = cell(write(), "sentry-arroyo", "2.36.0", *patches)
        assert found == {"applies": True, "why_not": None, "expected": NOTHING}


def test_an_entry_may_be_of_one_engine(write: Write) -> None:
    first, second = "fail", "pass"
    for engine, other in (("explore", "stress"), ("stress", "explore")):
        path = write('"patches": ["fix.patch"],', f'"engine": "{engine}",')
        expected = cell(path, "sentry-arroyo", "2.38.0")["expected"]
        assert (expected[engine]["outcome"], expected[other]["outcome"]) == (first, second)


def test_an_expectation_is_given_whole(write: Write) -> None:
    assert cell(write(), "sentry-arroyo", "2.36.0")["expected"]["explore"] == {
        "outcome": "fail",
        "kinds": ["dict-changed-size"],
        "may": ["invariant", "data-race"],
        "because": "flush() iterates the dict",
    }


@pytest.mark.parametrize(
    ("given", "why_not"),
    [
        (target("sentry-arroyo", "2.34.0"), None),
        (target("Sentry.Arroyo", "2.34.1.dev3"), None),
        (target("sentry-arroyo", None), None),
        (target(None, None, packages=["other", "arroyo"]), None),
        (target("sentry-arroyo", "2.30.0"), "needs sentry-arroyo>=2.34; the target is 2.30.0"),
        (
            target("sentry-arroyo", "2.34.0rc1"),
            "needs sentry-arroyo>=2.34; the target is 2.34.0rc1",
        ),
        (target("other", "2.36.0"), "needs sentry-arroyo>=2.34; the target is other"),
        (target(None, None), "needs the package arroyo; the target holds none that is known"),
        (
            target(None, None, packages=["x", "y"]),
            "needs the package arroyo; the target holds x, y",
        ),
        (
            target(None, "2.1", packages=["arroyo"]),
            "needs sentry-arroyo>=2.34; the target is 2.1",
        ),
    ],
)
def test_whether_a_scenario_applies(
    write: Write, given: dict[str, Any], why_not: str | None
) -> None:
    found = ask([write()], [given]).json["scenarios"][0]["cells"][0]
    assert (found["applies"], found["why_not"]) == (why_not is None, why_not)
    assert (found["expected"] == NOTHING) == (why_not is not None)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("class Buffer:", "class Buffer(:", 28, ["syntax error", '"class Buffer(:"', "mend"]),
        ("import flashflood\n", "\0", 6, ["null byte", "save it"]),
        ("import flashflood\n", "x = " + "(" * 300, 6, ["mend it"]),
        ("needs = ", "need = ", 1, ["no `needs`", "needs = 'sentry-arroyo>=2.34'"]),
        ('"sentry-arroyo>=2.34"', '"sentry-arroyo>>2"', 9, ["'sentry-arroyo>>2'", "write"]),
        ('"sentry-arroyo>=2.34"', '"a @ file:///x"', 9, ["'a @ file:///x'", "write"]),
        ('"sentry-arroyo>=2.34"', "3", 9, ["needs is 3", "write"]),
        ('"sentry-arroyo>=2.34"', "f()", 9, ['needs is "f()"', "literal"]),
        ('package = "arroyo"', "", 1, ["no `package`", "package = 'arroyo'"]),
        ('"arroyo"', '"sentry-arroyo"', 10, ["'sentry-arroyo'", "not a name to import"]),
        ('("MetricsBuffer.flush",)', '"flush"', 11, ["must_reach is 'flush'", "list of strings"]),
        ("import flashflood\n", 'watch = "queue"\n', 6, ["watch is 'queue'", "list of strings"]),
        ("expected = [", "expected = other + [", 12, ["expected is no list"]),
        ('"releases": "", ', '"release": "", ', 13, ["'release' is unknown", "releases, patches"]),
        ('{"releases": "", ', "{", 13, ["releases is None", "'' for all"]),
        ('"releases": ""', '"releases": "2.34"', 13, ["releases is '2.34'", "write versions"]),
        ('"patches": ["fix.patch"]', '"engine": "luck"', 13, ["engine is 'luck'", "leave it out"]),
        ('"patches": ["fix.patch"]', '"engine": ""', 13, ["engine is ''", "'explore' or 'stress'"]),
        ('"outcome": "fail"', '"outcome": "red"', 13, ["outcome is 'red'", "'pass' or 'fail'"]),
        ('["invariant"]', '["invariants"]', 13, ["kind 'invariants' is unknown", "data-race"]),
        ('["invariant"]', '"invariant"', 13, ["kinds is 'invariant'", "list of strings"]),
        ('"kinds": ["invariant"]', '"may": []', 13, ["outcome 'fail' with kinds []"]),
        ('"outcome": "pass"', '"outcome": "pass", "kinds": ["hang"]', 17, ["'pass' with kinds"]),
        ('"the patch loses metrics"', '" "', 13, ["because is ' '", "give the reason"]),
        ('"fix.patch"', '"patches/fix.patch"', 13, ["'patches/fix.patch'", "name alone"]),
        ('{"releases": "", "outcome": "pass", "because"', '{x: 1, "because"', 18, ["literal"]),
        ("@actor\n", "@other\n", None, None),
        ("def increment", "async def increment", 30, ["increment is a coroutine", "write `def`"]),
        ("def flush", "@actor\n    def flush", 29, ["class Buffer", "class Helper in line 24"]),
    ],
)
def test_a_scenario_that_is_wrong(
    write: Write, old: str, new: str, line: int | None, words: list[str] | None
) -> None:
    path = write(old, new)
    run = ask([path], [target("sentry-arroyo", "2.36.0")])
    if line is None:  # the twin: another decorator merely makes no actor of the method
        assert run.json["scenarios"][0]["actors"] == ["flush"]
        return
    assert run.refused(2, f"scenario {path}:{line}: ", *words) == ""


def test_a_scenario_without_actors(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(
        "needs = 'x'\npackage = 'x'\n\n@actor\ndef f(): ...\nclass C:\n def g(self): ...\n"
    )
    ask([str(path)], []).refused(2, f"scenario {path}:1: ", "no class with actors", "`@actor`")


def test_a_scenario_that_cannot_be_read(tmp_path: Path) -> None:
    missing = tmp_path / "missing.py"
    ask([str(missing)], []).refused(2, f"scenario {missing}: ", "No such file", "check the path")
    ask([str(tmp_path)], []).refused(2, f"scenario {tmp_path}: ", "Is a directory")
    latin = tmp_path / "latin.py"
    latin.write_bytes(b"# fine\n# gr\xfc\xdfe\n")
    ask([str(latin)], []).refused(2, f"scenario {latin}:2: ", "0xfc is not UTF-8", "save it")


def test_a_path_that_is_not_utf8(write: Write) -> None:
    """The driver knows a path by its bytes, and gets the same bytes back."""
    name = b"caf\xe9.py"
    path = Path(write()).with_name(name.decode("utf-8", "surrogateescape"))
    path.write_text(SCENARIO)
    raw = bytes(path).join([b'{"scenarios": ["', b'"], "targets": []}'])
    done = subprocess.run([sys.executable, INFO], input=raw, capture_output=True, check=True)
    assert b'"path": "' + bytes(path) + b'"' in done.stdout


def test_a_request_that_is_none(write: Write) -> None:
    ask([write()], [target("sentry-arroyo", "banana")]).refused(2, "'banana' is not a version")
    for request in ("", "{}", "[]", '{"scenarios": [], "targets": [1]}'):
        done = subprocess.run(
            [sys.executable, INFO], input=request, capture_output=True, check=False, text=True
        )
        Run(done.returncode, done.stdout, done.stderr).refused(3, "request on standard input")


def test_the_scenarios_of_this_project() -> None:
    paths = sorted(str(path) for path in (CHECKOUT / "scenarios").glob("[!_]*.py"))
    for found in ask(paths, []).json["scenarios"]:
        assert found["summary"]
        assert found["actors"]
