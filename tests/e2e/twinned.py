"""The pairs of twins in tests/twins, the scenarios that run them, and what is reported of them."""

from __future__ import annotations

import dis
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from flashflood import ROOT

TARGET = ROOT / "tests" / "twins"
MODULES = ("guards", "signals", "containers", "names", "apart", "threads")
MARK = re.compile(r"# races: (.*)")

# Many pairs in one worker, since its start costs most where nothing is found; where each pair has a race, a few, since
# for each of them the schedule with all pairs is run again some times.
FEW = 8

# Both threads pass them in the same order and no two pairs share
# anything, so what orders the threads in one of them orders nothing in another. The control, in which one thread ends
# before the other begins, has nothing to do: some pairs would wait for ever in it.
SCENARIO = '''"""{title}."""

from flashflood import actor, control
from pairs import {modules}

needs = "pairs"
package = "pairs"


class Twins:
    def __init__(self):
        self.twins = [{made}]

    @control
    def without(self):
        self.twins = []

    @actor
    def one(self):
        for twin in self.twins:
            twin.one()

    @actor
    def other(self):
        for twin in self.twins:
            twin.other()
'''


class Pair(NamedTuple):
    """A class of tests/twins; `lines` are those that race: (function, line) and what is done there."""

    module: str
    name: str
    container: str | None  # None: no race
    key: str | None
    lines: dict[tuple[str, int], set[str]]


def pairs(module: str) -> list[Pair]:
    """Those of a module, in the order of their definition."""
    if str(TARGET) not in sys.path:
        sys.path.append(str(TARGET))
    name = f"pairs.{module}"
    members = vars(importlib.import_module(name)).values()
    classes = [m for m in members if inspect.isclass(m) and m.__module__ == name]
    return [read(module, cls) for cls in classes if hasattr(cls, "race")]


def read(module: str, cls: Any) -> Pair:
    container, key = cls.race or (None, None)
    source, first = inspect.getsourcelines(cls)
    marks = {first + i: MARK.search(line) for i, line in enumerate(source)}
    lines = {
        (function_at(cls, line), line): set(mark[1].split(", "))
        for line, mark in marks.items()
        if mark
    }
    assert bool(lines) == bool(cls.race), f"{cls.__name__}: a race has lines, and only that"
    return Pair(module, cls.__name__, container, key, lines)


def function_at(cls: Any, line: int) -> str:
    """The qualified name of the innermost function that has the line."""
    for function in vars(cls).values():
        if isinstance(function, FunctionType):
            for name, code in functions(function.__qualname__, function.__code__):
                if line in (number for _, number in dis.findlinestarts(code)):
                    return name
    raise AssertionError(f"{cls.__name__}: no function has line {line}")


def functions(name: str, code: CodeType) -> Iterator[tuple[str, CodeType]]:
    """The inner ones first."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from functions(f"{name}.<locals>.{constant.co_name}", constant)
    yield name, code


def groups(chosen: list[Pair], few: int = FEW) -> dict[str, list[Pair]]:
    """A few pairs of one module each, by a name: the same in each run, as a fingerprint has the scenario's name in it."""
    found: dict[str, list[Pair]] = {}
    for module in {pair.module: None for pair in chosen}:
        own = [pair for pair in chosen if pair.module == module]
        for at in range(0, len(own), few):
            found[f"{module}_{at // few + 1}"] = own[at : at + few]
    return found


def write(folder: Path, name: str, chosen: list[Pair], *, ordered: bool) -> Path:
    """A scenario of that name: of each of these pairs the one twin."""
    made = "".join(f"\n            {pair.module}.{pair.name}({ordered=})," for pair in chosen)
    modules = ", ".join(sorted({pair.module for pair in chosen}))
    file = folder / f"{name}.py"
    file.write_text(SCENARIO.format(title=name, modules=modules, made=f"{made}\n        "))
    return file


def is_of(race: dict[str, Any], pair: Pair) -> bool:
    """Is this race of the two lines of that pair?"""
    places = [(access["function"], access["line"]) for access in race["accesses"]]
    return all(place in pair.lines for place in places)


def is_named(race: dict[str, Any], pair: Pair) -> bool:
    """Does it name the pair's container and key?"""
    container, key = pair.container, pair.key
    named = race["container"] or ""
    right = container == "any" or named == container or named.endswith(f".{container}")
    return right and key in ("any", race["key"])
