"""What `make` can do beside the two commands: install, and a worker for another interpreter."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from flashflood import ROOT, result, scenario, toy

pytestmark = pytest.mark.slow

OTHERS = ("3.13", "3.12", "3.10", "3.9")


def make(*arguments: str) -> None:
    done = subprocess.run(
        ["make", "-C", ROOT, *arguments], capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def other_python() -> str | None:
    """An interpreter that is not Debian's, on PATH or in pyenv's folder, that can be embedded."""
    found = [shutil.which(f"python{version}") for version in OTHERS]
    found += [
        str(path)
        for version in OTHERS
        for path in sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python3"))
    ]
    for path in filter(None, found):
        flags = [path, str(ROOT / "scripts" / "python_flags.py")]
        if subprocess.run(flags, capture_output=True).returncode == 0:
            return path
    return None


ACTOR = """
class Good:
    @actor
    def work(self):
        assert toy
"""


def test_installed_it_runs_from_anywhere(tmp_path: Path) -> None:
    make("install", f"PREFIX={tmp_path}/usr")
    command = [tmp_path / "usr/bin/flashflood", "stress", scenario(tmp_path, "good", ACTOR)]
    command += ["--target", toy(tmp_path), "--trials", "3", "--format", "json", "--quiet"]
    done = subprocess.run(
        command, cwd="/", env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["runs"][0]["verdict"] == "pass"
    listed = subprocess.run([command[0], "list", "scenarios"], cwd="/", capture_output=True)
    assert b"stuck_detector" in listed.stdout


def test_another_python_has_a_worker_of_its_own(tmp_path: Path) -> None:
    python = other_python()
    if python is None:
        pytest.skip(f"no other interpreter found: looked for {', '.join(OTHERS)}")
    make(f"PYTHON={python}", "worker")
    ended = result(
        *("stress", scenario(tmp_path, "good", ACTOR), "--target", toy(tmp_path)),
        *("--python", python, "--trials", "3"),
    )
    version = subprocess.run([python, "-V"], capture_output=True, text=True).stdout.split()[1]
    assert ended.only_run["verdict"] == "pass"
    assert version in ended.only_run["python"]
