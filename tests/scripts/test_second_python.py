"""scripts/second-python: where it looks, what it takes, and that it names what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPT = CHECKOUT / "scripts" / "second-python"
TOOLS = ("bash", "dirname", "find", "sort", "mkdir", "flock", "tail", "rm")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine without Pythons and without apt."""
    (tmp_path / "bin").mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found
        (tmp_path / "bin" / name).symlink_to(found)
    return tmp_path


def second_python(machine: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it there."""
    env = {
        "PATH": str(machine / "bin"),
        "HOME": str(machine),
        "XDG_CACHE_HOME": str(machine / "cache"),
        "PYTHON": "/nowhere/python3",
    }
    return subprocess.run([SCRIPT, *arguments], env=env, capture_output=True, text=True)


def put_python(at: Path, version: str, **also: str) -> None:
    """A program that answers as a CPython of that version, installed with its headers, would."""
    at.parent.mkdir(parents=True, exist_ok=True)
    home = at.parents[1]
    (home / "include").mkdir(exist_ok=True)
    (home / "include" / "Python.h").touch()
    (home / f"libpython{version}.so").touch()
    variables = {
        "Py_ENABLE_SHARED": "1",
        "LIBDIR": str(home),
        "LDVERSION": version,
        **also,
    }
    pretend = f"""
import sys, sysconfig
sys.version_info = type("V", (tuple,), {{"releaselevel": "final"}})(({version.replace(".", ", ")}, 0))
sysconfig.get_config_var = {variables!r}.get
sysconfig.get_path = lambda name: {str(home / "include")!r}
sys._base_executable = {str(at)!r}
sys.argv = ["-", *sys.argv[2:]]
exec(sys.stdin.read())
"""
    at.with_suffix(".py").write_text(pretend)
    at.write_text(f'#!/bin/sh\nexec {sys.executable} {at.with_suffix(".py")} "$@"\n')
    at.chmod(0o755)


def test_what_is_here_can_be_embedded() -> None:
    done = subprocess.run([SCRIPT], capture_output=True, text=True)
    if done.returncode:
        assert done.stderr.startswith("second-python: ")
        pytest.skip(done.stderr.strip())
    python = done.stdout.strip()
    flags = subprocess.run(
        [python, CHECKOUT / "scripts" / "python_flags.py"], capture_output=True, text=True
    )
    assert flags.returncode == 0, flags.stderr
    assert "cpython-3.13" in flags.stdout or "cpython-3.12" in flags.stdout


def test_without_one_and_without_apt_it_says_so(machine: Path) -> None:
    done = second_python(machine)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "second-python: no CPython 3.13 or 3.12 was found, and none can be built without apt\n"
    )


def test_without_one_all_names_each_version_and_goes_on(machine: Path) -> None:
    done = second_python(machine, "--all")
    assert (done.returncode, done.stdout) == (0, "")
    for version in ("a second Python", "CPython 3.9", "CPython 3.12", "CPython 3.14"):
        assert f"tests on {version} are left out" in done.stderr


def test_3_13_in_pyenv_goes_before_3_12_on_path(machine: Path) -> None:
    put_python(machine / "usr" / "bin" / "python3.12", "3.12")
    (machine / "bin" / "python3.12").symlink_to(machine / "usr" / "bin" / "python3.12")
    assert second_python(machine).stdout.strip().endswith("usr/bin/python3.12")
    inside = machine / ".pyenv" / "versions" / "3.13.9" / "bin" / "python3.13"
    put_python(inside, "3.13")
    assert second_python(machine).stdout == f"{inside}\n"
    assert second_python(machine, "--all").stdout.splitlines() == [
        str(inside),
        str(machine / "usr" / "bin" / "python3.12"),
    ]


@pytest.mark.parametrize(
    "wrong", [{"Py_GIL_DISABLED": "1"}, {"Py_ENABLE_SHARED": ""}, {"LDVERSION": "3.13d"}]
)
def test_what_cannot_be_embedded_is_not_taken(machine: Path, wrong: dict[str, str]) -> None:
    put_python(machine / "usr" / "bin" / "python3.13", "3.13", **wrong)
    (machine / "bin" / "python3.13").symlink_to(machine / "usr" / "bin" / "python3.13")
    assert second_python(machine).returncode == 1


def test_one_half_built_is_not_taken(machine: Path) -> None:
    built = machine / "cache" / "flashflood" / "python-3.13"
    put_python(built / "bin" / "python3.13", "3.13")
    assert second_python(machine).returncode == 1
    (built / "complete").touch()
    assert second_python(machine).stdout == f"{built}/bin/python3.13\n"


def test_an_unknown_option_is_refused() -> None:
    done = subprocess.run([SCRIPT, "--what"], capture_output=True, text=True, env=dict(os.environ))
    assert (done.returncode, done.stderr) == (1, "second-python: unknown option: --what\n")
