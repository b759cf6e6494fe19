"""Toys for explore: a package `toy` with the code under test, and a scenario with two threads on one object of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flashflood
import pytest
from flashflood import Completed, result

# What an `It` may do without: `other` does what `one` does, and `check` finds nothing wrong. One that is `wild` does
# nothing in the control.
SCENARIO = '''"""Two threads on one object of a toy."""

from flashflood import actor, control, invariant
import toy

needs = "toy"
package = "toy"
{top}


class Two:
    def __init__(self):
        self.it = toy.It()
        self.calm = False

    @control
    def one_by_one(self):
        self.calm = getattr(self.it, "wild", False)

    @actor
    def one(self):
        if not self.calm:
            self.it.one()

    @actor
    def other(self):
        if not self.calm:
            getattr(self.it, "other", self.it.one)()

    @invariant
    def holds(self):
        if not self.calm:
            getattr(self.it, "check", bool)()
'''

# Each thread adds one three times, and another may come in between; `check` is what is asked of the sum.
THREE_ADDITIONS = """
class It:
    def __init__(self):
        self.x = 0

    def one(self):
        for _ in range(3):
            seen = self.x
            tick()
            self.x = seen + 1

    def check(self):
        {check}


def tick():
    pass
"""

COMPLETE = ("--strategy", "exhaustive", "--preemptions", "unbounded")
WANTED = ("3.11", "3.12", "3.13")


def build_of(version: str) -> Path | None:
    """The folder of the worker for the Python of that version, where one was built."""
    folders = sorted(flashflood.DRIVER.parent.glob(f"cpython-{version}.*[0-9]"))
    return next((f for f in folders if (f / "flashflood-worker").is_file()), None)


def binary_of(version: str) -> str:
    """That Python itself, as --python wants it; skips the test where no worker was built for it."""
    folder = build_of(version)
    if folder is None:
        pytest.skip(f"no worker was built for Python {version}")
    lines = dict(line.split(" := ", 1) for line in (folder / "python.mk").read_text().splitlines())
    return lines["PY_BINARY"]


PYTHONS = pytest.mark.parametrize("python", WANTED)


def write(folder: Path, code: str, *, top: str = "", name: str = "two") -> Path:
    """The scenario on a `toy` that is this code; `top` is more for the scenario's head."""
    (flashflood.toy(folder) / "toy" / "__init__.py").write_text(code)
    file = folder / f"{name}.py"
    file.write_text(SCENARIO.format(top=top))
    return file


def explore(
    folder: Path, code: str, *args: str, python: str = WANTED[0], top: str = "", **more: Any
) -> Completed:
    """Explore that code, by every schedule unless `args` say otherwise."""
    file = write(folder, code, top=top)
    chosen = args if "--strategy" in args else (*COMPLETE, *args)
    if "--seconds" not in chosen and "--schedules" not in chosen:
        chosen = (*chosen, "--seconds", "60")
    interpreter = ("--python", binary_of(python))
    return result("explore", file, "--target", folder / "target", *interpreter, *chosen, **more)


def passes(ended: Completed) -> dict[str, Any]:
    """Every schedule was run, and nothing is wrong."""
    run = ended.only_run
    assert (run["verdict"], run["findings"]) == ("pass", []), ended.out + ended.err
    assert run["complete"], run["claim"]
    assert ended.code == 0
    return run


def fails(ended: Completed, *kinds: str) -> dict[str, Any]:
    """It was found, with that kind and no other; the first finding."""
    run = ended.only_run
    assert run["findings"], (run["verdict"], run["why"], run["claim"], ended.err)
    assert {finding["kind"] for finding in run["findings"]} == set(
        kinds or ["invariant"]
    ), ended.out
    assert ended.code == 1
    return run["findings"][0]
