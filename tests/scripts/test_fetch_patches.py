"""fetch_target.py from outside: patches, which change a copy, wholly or not at all."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import Run, fetch
from test_fetch_target import run_python


class Patcher(NamedTuple):
    """The release demo 1.0 in a cache of its own, and ways to patch it."""

    fetch: Callable[..., Run]
    folder: Path
    original: str
    patched: Path  # the folder of the cache that patched copies go to

    def write(self, name: str, before: str, after: str) -> Path:
        """A patch file that turns one text of demo/data.py into another."""
        lines = (text.splitlines(keepends=True) for text in (before, after))
        diff = difflib.unified_diff(*lines, "a/demo/data.py", "b/demo/data.py")
        file = self.folder / name
        file.write_text("".join(diff))
        return file

    def change(self, name: str, line: int) -> Path:
        """A patch that applies, and changes one line."""
        wanted = self.original.replace(f"line_{line} = {line}\n", f"line_{line} = 'patched'\n")
        return self.write(name, self.original, wanted)


@pytest.fixture
def patcher(demo_cache: Path, tmp_path: Path) -> Patcher:
    """Patching needs no index: none is given."""
    lock = tmp_path / "some.lock"
    lock.touch()

    def run(*arguments: object, env: dict[str, str] | None = None) -> Run:
        return fetch(demo_cache, "demo==1.0", "--lock", lock, *arguments, env=env)

    site = Path(run().json["paths"][0])
    original = (site / "demo/data.py").read_text()
    # Byte code of the unpatched file must not find its way into a patched copy.
    run_python([str(site)], "import demo.data")
    return Patcher(run, tmp_path, original, demo_cache / "patched")


def test_patches_apply_to_a_copy_in_their_order(patcher: Patcher) -> None:
    first, second = patcher.change("first.patch", 3), patcher.change("second.patch", 12)
    found = patcher.fetch("--patch", first, "--patch", second).json
    assert [patch["name"] for patch in found["patches"]] == ["first.patch", "second.patch"]
    code = "import demo.data as d; print(d.__file__, d.line_3, d.line_4, d.line_12)"
    assert run_python(found["paths"], code) == f"{found['paths'][0]}/demo/data.py patched 4 patched"
    plain = patcher.fetch().json
    assert Path(plain["paths"][0], "demo/data.py").read_text() == patcher.original
    assert (
        run_python(found["paths"], "import importlib.metadata as m; print(m.version('demo'))")
        == "1.0"
    )


def test_a_patched_copy_is_used_again(patcher: Patcher) -> None:
    patch = patcher.change("a.patch", 3)
    first = patcher.fetch("--patch", patch)
    again = patcher.fetch("--patch", patch, env={"PATH": "/nowhere"})
    assert (again.json, again.err) == (first.json, "")


def test_a_patched_copy_that_was_changed_is_made_again(patcher: Patcher) -> None:
    patch = patcher.change("a.patch", 3)
    found = patcher.fetch("--patch", patch).json
    data = Path(found["paths"][0], "demo/data.py")
    good = data.read_text()
    data.write_text(good.replace("patched", "PATCHED"))
    run = patcher.fetch("--patch", patch)
    assert run.json == found
    assert "was changed since it was patched" in run.err
    assert data.read_text() == good


def test_lines_that_moved_are_no_obstacle(patcher: Patcher) -> None:
    moved = "# a new first line\n" + patcher.original
    patch = patcher.write("moved.patch", moved, moved.replace("line_9 = 9", "line_9 = 'patched'"))
    found = patcher.fetch("--patch", patch).json
    assert run_python(found["paths"], "import demo.data as d; print(d.line_9)") == "patched"


def test_a_patch_may_add_and_remove_files(patcher: Patcher) -> None:
    patch = patcher.folder / "files.patch"
    patch.write_text("--- /dev/null\n+++ b/demo/new.py\n@@ -0,0 +1 @@\n+value = 7\n")
    arguments = ("--patch", patch)
    found = patcher.fetch(*arguments).json
    assert run_python(found["paths"], "import demo.new; print(demo.new.value)") == "7"
    assert patcher.fetch(*arguments).err == ""


@pytest.mark.parametrize(
    "trouble", ["other text", "other context", "already applied", "no such file"]
)
def test_a_patch_that_does_not_apply_shows_its_hunk(patcher: Patcher, trouble: str) -> None:
    patched = patcher.original.replace("line_9 = 9", "line_9 = 'patched'")
    before, after = patcher.original, patched
    if trouble == "other text":
        before = before.replace("line_9 = 9", "line_9 = 'other'")
    elif trouble == "other context":  # which patch would overlook, did we allow it fuzz
        before, after = (t.replace("line_6 = 6", "line_6 = 'other'") for t in (before, after))
    elif trouble == "already applied":
        before, after = after, before
    patch = patcher.write("bad.patch", before, after)
    if trouble == "no such file":
        patch.write_text(patch.read_text().replace("data.py", "nothing.py"))
    good = patcher.change("good.patch", 1)
    run = patcher.fetch("--patch", good, "--patch", patch)
    detail = run.refused(2, str(patch), "does not apply cleanly", "demo 1.0")
    assert ("nothing.py" if trouble == "no such file" else "line_9 = ") in detail
    assert list(patcher.patched.iterdir()) == []


def test_files_that_are_no_patches(patcher: Patcher) -> None:
    patch = patcher.folder / "some.patch"
    patcher.fetch("--patch", patch).refused(2, str(patch), "No such file", "check")
    patcher.fetch("--patch", patcher.folder).refused(2, "Is a directory")
    for content in ("", "hello\n"):
        patch.write_text(content)
        patcher.fetch("--patch", patch).refused(2, str(patch), "empty or no patch")
    assert list(patcher.patched.iterdir()) == []


def test_a_machine_without_the_program_patch(patcher: Patcher) -> None:
    run = patcher.fetch("--patch", patcher.change("a.patch", 3), env={"PATH": "/nowhere"})
    run.refused(2, "apt-get install patch")
