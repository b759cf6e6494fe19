"""A driver whose workers say what they are told to say: how it takes records, whatever a worker makes of them.

The driver is the built one, in a checkout of its own; the worker is a script. What real workers find is tested with
real workers.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import flashflood
from flashflood import ROOT, Completed

TAG = "cpython-0.0.0"
FNV_BASIS, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3

WORKER = """#!{python}
import json, os, pathlib, signal, sys, time
job = json.loads(sys.argv[1])
here = pathlib.Path({folder!r})
with (here / "jobs").open("a") as jobs:
    print(json.dumps(job), file=jobs)
def say(record, **more):
    os.write(job["records_fd"], json.dumps({{"record": record, **more}}).encode() + b"\\n")
say("hello", python="CPython 0.0.0", binary="python", stdlib="lib", tsan=False, pid=1)
if job["mode"] == "self-test-racy":
    say("finding", kind="data-race", fingerprint="f")
if job["mode"] != "run":
    say("done", why=None)
    sys.exit(0)
say("ready", actors=[{{"name": "work", "threads": 1}}, {{"name": "report", "threads": 1}}])
say("control", passed=True, message=None)
told = json.loads((here / "told").read_text())
for record in told.get(job["engine"], told.get("*", [])):
    if record["record"] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    say(**record)
"""

STEPS = [
    ("report", 157, "for metric, value in self.__timers.items():", True),
    ("work", 171, "self.__counters[metric] += value", False),
    ("report", 157, "for metric, value in self.__timers.items():", False),
]


def finding(fingerprint: str = "0123456789abcdef", **more: Any) -> dict[str, Any]:
    """A finding as a worker first tells it."""
    told = {"message": "RuntimeError: dictionary changed size", "actor": "report", "first_at": 3}
    told |= {"kind": "dict-changed-size", "where": "toy/__init__.py:3 in flush"}
    return {"record": "finding", "fingerprint": fingerprint, "traceback": None, **told, **more}


def schedule(fingerprint: str = "0123456789abcdef", **more: Any) -> dict[str, Any]:
    """Its schedule, told later."""
    keys = ("thread", "line", "source", "switched")
    steps = [
        {"function": "f", "file": "toy/__init__.py", **dict(zip(keys, step))} for step in STEPS
    ]
    told = {"reachable": "gil", "confirmed": None, "switches": 2, "schedule": "the text\n"}
    return {
        "record": "schedule",
        "fingerprint": fingerprint,
        **told,
        "interleaving": steps,
        **more,
    }


def race(fingerprint: str = "00112233aabbccdd", **more: Any) -> dict[str, Any]:
    """A data race of Python code, by the language unless `more` says otherwise."""
    accesses = [
        {
            "thread": thread,
            "started": "an actor of the scenario",
            "operation": operation,
            "function": f"Buffer.{function}",
            "file": "toy/__init__.py",
            "line": line,
            "stack": [f"toy/__init__.py:{line} in Buffer.{function}", f"toy.py:9 in {thread}"],
        }
        for thread, operation, function, line in (
            ("report", "read", "flush", 131),
            ("work", "write", "add", 124),
        )
    ]
    told = {"container": "Buffer.__counters", "key": "'a'", "effect": None, "report": None}
    told |= {"accesses": accesses, **more.pop("race", {})}
    holds = {"kind": "data-race", "message": "Buffer.__counters is raced for", "actor": "report"}
    holds |= {"reachable": "language", "confirmed": None, "race": told}
    return finding(fingerprint, **{**holds, **more})


def claim(text: str | None = "every schedule was run", **more: Any) -> dict[str, Any]:
    return {"record": "claim", "done": -1, "bound": -1, "complete": False, "text": text, **more}


def progress(schedules: int = 9) -> dict[str, Any]:
    calls = {"work": schedules, "report": schedules}
    amounts = {"schedules": schedules, "operations": 2 * schedules, "seconds": 0.5}
    return {"record": "progress", **amounts, "calls": calls, "counts": {}, "reached": {}}


DONE = {"record": "done", "why": None}
FOUND = [finding(), schedule(), progress(), claim(), DONE]


def flood(**changes: str) -> str:
    """The text of a schedule file, after the grammar in harness/strategy/schedule.c."""
    lines = {
        "magic": "flashflood schedule 1",
        "scenario": "scenario toy_scenario",
        "target": "target toy",
        "python": "python 3.11.2",
        "points": "points bytecode",
        "finding": "finding dict-changed-size 0123456789abcdef",
        "actors": "actors 2",
        "threads": "thread work\nthread report",
        "first": "first report",
        "switches": "switch report ended -> work",
    }
    text = "".join(line + "\n" for line in {**lines, **changes}.values())
    value = FNV_BASIS
    for byte in text.encode():
        value = (value ^ byte) * FNV_PRIME % 2**64
    return text + f"end {value:016x}\n"


class Told:
    """A checkout whose workers are told what to say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        build = folder / "build"
        (build / TAG).mkdir(parents=True)
        (folder / "scripts").symlink_to(ROOT / "scripts")
        (folder / "scenarios").mkdir()
        shutil.copy(flashflood.DRIVER, build / "flashflood")
        own = (flashflood.DRIVER.parent / "default-python").read_text().strip()
        (build / TAG / "venv").symlink_to(flashflood.DRIVER.parent / own / "venv")
        (build / f"{TAG}-tsan").mkdir()
        for tag in (TAG, f"{TAG}-tsan"):
            worker = build / tag / "flashflood-worker"
            worker.write_text(WORKER.format(python=sys.executable, folder=str(folder)))
            worker.chmod(0o755)
        (build / "default-python").write_text(TAG)
        self.target = flashflood.toy(folder)
        flashflood.scenario(
            folder / "scenarios",
            "toy_scenario",
            "class Toy:\n    @actor\n    def work(self): pass\n",
        )

    def run(self, *args: str | Path, told: Any = None, out: bool = True, **more: Any) -> Completed:
        """Run it, with what its workers say: a list, or one for each engine."""
        says = told if isinstance(told, dict) else {"*": FOUND if told is None else told}
        (self.folder / "told").write_text(json.dumps(says))
        (self.folder / "jobs").write_text("")
        folder = self.folder / "out"
        command = [str(arg) for arg in args] + (["--out", "out"] if out else [])
        driver, flashflood.DRIVER = flashflood.DRIVER, self.folder / "build" / "flashflood"
        try:
            ended = flashflood.run(*command, cwd=self.folder, env={"XDG_CACHE_HOME": None}, **more)
        finally:
            flashflood.DRIVER = driver
        return (
            ended._replace(json=flashflood.load(folder / "result.json"))
            if out and os.path.exists(folder / "result.json")
            else ended
        )

    def explore(self, *args: str | Path, told: Any = None, **more: Any) -> Completed:
        return self.run("explore", "toy_scenario", "--target", "target", *args, told=told, **more)

    def jobs(self) -> list[dict[str, Any]]:
        """The runs that workers were started for, in order; without those that only try."""
        jobs = [json.loads(line) for line in (self.folder / "jobs").read_text().splitlines()]
        return [job for job in jobs if job["mode"] == "run"]
