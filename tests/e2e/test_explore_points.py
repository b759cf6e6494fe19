"""Where control may move: each place that can be split, with the twin that cannot, by every schedule that there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from explored import PYTHONS, explore, fails, passes, write

# Two threads add one each; `{add}` is how, in the body of a method.
ADDS = """
import itertools, sys, plain


class It:
    def __init__(self):
        It.current = self
        self.x = 0
        self.d = {{"k": 0}}
        self.numbers = itertools.count()
        sys.modules.pop("toy.late", None)
        {init}

    def one(self):
        {add}
    {more}
    def check(self):
        total = self.x + self.d["k"]
        assert total == 2, f"lost {{2 - total}}"


def tick():
    pass


def same(value):
    return value
"""

PLAIN = """
def add(it):
    seen = it.x
    for _ in range(2):
        pass
    it.x = seen + 1
"""

LATE = """
from toy import It

seen = It.current.x
for _ in range(2):
    pass
It.current.x = seen + 1
"""


def adds(add: str, more: str = "", init: str = "pass") -> str:
    """The toy's code."""
    inner, outer = "\n" + 8 * " ", "\n" + 4 * " "
    return ADDS.format(
        add=add.strip().replace("\n", inner),
        more=more.strip().replace("\n", outer) + "\n",
        init=init.replace("\n", inner),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With two modules more: one beside the package, one that is imported late."""
    write(tmp_path, "")
    (tmp_path / "target" / "plain.py").write_text(PLAIN)
    (tmp_path / "target" / "toy" / "late.py").write_text(LATE)
    return tmp_path


def both(folder: Path, python: str, code: str, *args: str, **more: Any) -> tuple[Any, Any]:
    """What is found under `gil`, and what under `bytecode`."""
    gil = explore(folder, code, "--points", "gil", *args, python=python, **more)
    return gil, explore(folder, code, "--points", "bytecode", *args, python=python, **more)


# ---- not under the GIL, but between two bytecodes ------------------------------------------------

WHOLE = {
    "attribute": "self.x += 1",
    "item": 'self.d["k"] += 1',
    "two_statements": "seen = self.x\nself.x = seen + 1",
    "straight_line": "seen = self.x\nif seen >= 0:\n    self.x = seen + 1",
}


@PYTHONS
@pytest.mark.parametrize("name", WHOLE)
def test_what_the_gil_keeps_whole(folder: Path, python: str, name: str) -> None:
    gil, bytecode = both(folder, python, adds(WHOLE[name]))
    passes(gil)
    found = fails(bytecode)
    assert found["message"].endswith("lost 1")
    assert (found["reachable"], found["confirmed"]) == ("bytecode", None)


# ---- split under the GIL -------------------------------------------------------------------------

PAIR = """
seen = []
def step(number):
    if number:
        self.x = seen[0] + 1
    else:
        seen[:] = [self.x]
    return number
"""

SPLIT = {
    "entry_of_a_function": "self.put(self.x + 1)",
    "after_a_call": "seen = self.x\nsorted(())\nself.x = seen + 1",
    "back_edge_of_a_for": (
        "for i in range(2):\n    if i:\n        self.x = seen + 1\n    else:\n        seen = self.x"
    ),
    "back_edge_of_a_while": (
        "i = 0\nwhile i < 2:\n    if i:\n        self.x = seen + 1\n    else:\n"
        "        seen = self.x\n    i += 1"
    ),
    "python_in_map": PAIR + "list(map(step, (0, 1)))",
    "python_in_sorted": PAIR + "sorted((0, 1), key=step)",
    "python_in_a_comprehension": PAIR + "[step(i) for i in (0, 1)]",
    "a_generator": "first, second = self.twice()\nself.x = second + 1",
    "a_property": "self.x = self.through + 1",
}

MORE = """
def put(self, value):
    self.x = value

def twice(self):
    seen = self.x
    yield seen
    yield seen

@property
def through(self):
    seen = self.x
    tick()
    return seen
"""


@PYTHONS
@pytest.mark.parametrize("name", SPLIT)
def test_what_the_gil_does_not_keep_whole(folder: Path, python: str, name: str) -> None:
    found = fails(explore(folder, adds(SPLIT[name], MORE), python=python))
    assert (found["reachable"], found["confirmed"]) == ("gil", True)
    assert found["switches"] == 1


# ---- C code --------------------------------------------------------------------------------------

# A list is empty while it is sorted: does another thread see that?
SORTS = """
class It:
    def __init__(self):
        self.boxes = [[1, 2], [1]]
        self.seen = 2

    def one(self):
        self.boxes.sort(key={key})

    def other(self):
        self.seen = len(self.boxes)

    def check(self):
        assert self.seen == 2, self.seen


def python_len(box):
    return len(box)
"""

# repr() asks for signals as the eval loop does, and lets nobody in.
REPR = """
class It:
    def __init__(self):
        self.d = {{key: {value}(0) for key in "abcdef"}}
        self.ones = {{key: {value}(1) for key in "abcdef"}}
        self.text = ""

    def one(self):
        self.text = repr(self.d)

    def other(self):
        self.d.update(self.ones)

    def check(self):
        assert len(set(self.text) & set("01")) == 1, self.text


class PythonInt(int):
    def __repr__(self):
        return str(int(self))
"""


@PYTHONS
@pytest.mark.parametrize("points", ["gil", "bytecode"])
@pytest.mark.parametrize(
    ("code", "in_c", "in_python"),
    [
        (SORTS, {"key": "len"}, {"key": "python_len"}),
        (REPR, {"value": "int"}, {"value": "PythonInt"}),
    ],
    ids=["sort", "repr"],
)
def test_c_code_is_split_only_where_it_runs_python(
    folder: Path, python: str, points: str, code: str, in_c: dict, in_python: dict
) -> None:
    passes(explore(folder, code.format(**in_c), "--points", points, python=python))
    fails(explore(folder, code.format(**in_python), "--points", points, python=python))


# ---- where no switch may happen ------------------------------------------------------------------

FINALISER = """
class Dies:
    def __init__(self, it):
        self.it = it

    def {name}(self):
        seen = self.it.x
        for _ in range(2):
            tick()
        self.it.x = seen + 1
"""


@PYTHONS
@pytest.mark.parametrize("points", ["gil", "bytecode"])
def test_no_switch_in_a_finaliser(folder: Path, python: str, points: str) -> None:
    dies = adds("Dies(self)") + FINALISER.format(name="__del__")
    passes(explore(folder, dies, "--points", points, python=python))
    twin = adds("Dies(self).end()") + FINALISER.format(name="end")
    fails(explore(folder, twin, "--points", points, python=python))


OTHER = "def other(self):\n    self.x += 1"
RUN_IT = "exec(compile(self.late, __file__, 'exec'), {})"
READ_IT = f"self.late = {LATE!r}"


@PYTHONS
def test_no_switch_while_a_module_is_imported(folder: Path, python: str) -> None:
    passes(explore(folder, adds("import toy.late", OTHER), python=python))
    fails(explore(folder, adds(RUN_IT, OTHER, READ_IT), python=python))


@PYTHONS
@pytest.mark.parametrize("points", ["gil", "bytecode"])
def test_only_what_is_watched_is_split(folder: Path, python: str, points: str) -> None:
    code = adds("plain.add(self)")
    passes(explore(folder, code, "--points", points, python=python))
    watch = 'watch = ("plain",)'
    found = fails(explore(folder, code, "--points", points, python=python, top=watch))
    assert {step["file"] for step in found["interleaving"]} >= {"plain.py"}


@PYTHONS
def test_code_that_waits_is_split_wherever_it_is(folder: Path, python: str) -> None:
    """A lock lets others in, watched or not."""
    waits = PLAIN.replace("pass", "__import__('time').sleep(0)")
    (folder / "target" / "plain.py").write_text(waits)
    fails(explore(folder, adds("plain.add(self)", "wild = True"), python=python))
