"""The built command, run as a user runs it, and throw-away things to run it on.

The driver is $FLASHFLOOD, or the one in the checkout's build folder. Nothing here needs a network: the
target is a folder, or a wheel, with a package `toy`, and scenarios are written into the test's folder.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
DRIVER = Path(os.environ.get("FLASHFLOOD") or ROOT / "build" / "flashflood").resolve()
SCHEMA = json.loads((ROOT / "docs" / "result.schema.json").read_text("utf-8"))

HEADER = '''"""A toy: {name}."""

import ctypes, itertools, os, random, sys, threading, time
from flashflood import actor, choose, control, engine, invariant, reach, setup
import toy

needs = "toy"
package = "toy"
'''

# A class with one actor, whose `deed` is done in the trials and not in the control.
DEED = """
{top}

class Toy:
    wild = True

    @control
    def calm(self):
        self.wild = False

    @actor
    def work(self):
        if self.wild:
            self.deed()

    def deed(self):
        {deed}
"""


class Completed(NamedTuple):
    """How the command ended; `json` is its result.json, where it wrote one."""

    code: int
    out: str
    err: str
    json: dict[str, Any] | None = None

    @property
    def runs(self) -> dict[str, dict[str, Any]]:
        """The result's runs by their scenario."""
        assert self.json is not None, self.err
        return {run["scenario"]: run for run in self.json["runs"]}

    @property
    def only_run(self) -> dict[str, Any]:
        """The one run of a result that has just one."""
        assert self.json is not None, self.err
        (run,) = self.json["runs"]
        return run


def environment(changes: dict[str, str | None] | None = None) -> dict[str, str]:
    """This one's, with `changes`; None removes a variable."""
    env = {**os.environ, **(changes or {})}
    return {name: value for name, value in env.items() if value is not None}


def start(*args: str | Path, env: dict[str, str | None] | None = None, **more: Any) -> Any:
    """Start the command and do not wait for it; `more` goes to Popen."""
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": ROOT, **more}
    command = [str(DRIVER), *map(str, args)]
    return subprocess.Popen(command, env=environment(env), stdin=subprocess.DEVNULL, **more)


def run(
    *args: str | Path,
    timeout: float = 240,
    env: dict[str, str | None] | None = None,
    **more: Any,
) -> Completed:
    """Run the command to its end."""
    with start(*args, env=env, **more) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return Completed(process.returncode, _text(out), _text(err))


def _text(output: bytes | None) -> str:
    return (output or b"").decode("utf-8")


def result(*args: str | Path, out: Path | None = None, **more: Any) -> Completed:
    """Run the command with --out, and load the result that it wrote there, checked by its schema."""
    if out is None:
        with tempfile.TemporaryDirectory() as folder:
            return result(*args, out=Path(folder), **more)
    ended = run(*args, "--out", out, **more)
    assert (out / "result.json").is_file(), ended.err
    return ended._replace(json=load(out / "result.json"))


def load(file: Path) -> dict[str, Any]:
    """A result.json, validated."""
    text = file.read_text("utf-8")
    assert "LeakSanitizer" not in text, text
    content = json.loads(text)
    jsonschema.validate(content, SCHEMA)
    return content


def toy(folder: Path, version: str | None = None) -> Path:
    """A folder target with the package `toy`; with a version it looks like an installed one."""
    target = folder / "target"
    (target / "toy").mkdir(parents=True, exist_ok=True)
    (target / "toy" / "__init__.py").write_text('"""A toy."""\n\nNAME = "toy"\n')
    if version:
        info = target / f"toy-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: toy\nVersion: {version}\n")
        (info / "RECORD").write_text("toy/__init__.py,,\n")
    return target


TOY = '"""A toy."""\n\nNAME = "toy"\n'


def toy_wheel(folder: Path, version: str, code: str = TOY, *headers: str) -> Path:
    """A wheel of `toy`, in a folder for pip's --find-links; `headers` are more of its metadata."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"toy-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", "Name: toy", f"Version: {version}", *headers, ""]
    files = {
        "toy/__init__.py": code,
        f"{info}/METADATA": "\n".join(metadata),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},sha256={_digest(text)},{len(text)}" for path, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    wheel = folder / f"toy-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def only_wheels(folder: Path) -> dict[str, str | None]:
    """An environment in which pip knows what `wheels/` in the folder has, and whose cache is new."""
    (folder / "wheels").mkdir(exist_ok=True)
    return {
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PIP_NO_INDEX": "1",
        "PIP_INDEX_URL": None,
        "PIP_FIND_LINKS": str(folder / "wheels"),
    }


def scenario(folder: Path, name: str, body: str) -> Path:
    """A scenario file for `toy`: the imports, what it needs, and then `body`."""
    file = folder / f"{name}.py"
    file.write_text(HEADER.format(name=name) + body)
    return file


def does(folder: Path, name: str, deed: str, *, top: str = "") -> Path:
    """A scenario that does `deed`, of one line or more, in each trial and not in its control."""
    indented = deed.strip().replace("\n", "\n        ")
    return scenario(folder, name, DEED.format(deed=indented, top=top))


def kinds(run_of_result: dict[str, Any]) -> list[str]:
    """What was found, in order."""
    return [finding["kind"] for finding in run_of_result["findings"]]


def wait_for(condition: Any, seconds: float = 30) -> Any:
    """Wait until `condition()` is true, and return what it gave."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found


def processes_with(text: str) -> list[int]:
    """The processes, zombies aside, whose command line has `text`: the workers of a scenario."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if text.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:  # it ended while we looked
            continue
    return found
