"""scripts/tsan-python: what it builds and how, that a killed build goes on, that what is finished is left alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
TOOLS = (
    *("bash", "sh", "dirname", "mkdir", "rm", "cat", "touch", "flock", "tail", "tar", "gzip", "cp"),
    *("setarch", "find", "true", "kill", "nproc", "chmod"),
)
NAMES = ("python-3.13-tsan", "python-3.13t-tsan")

# What stands in for apt, configure, make and the interpreter: each writes down that it was called.
APT = """
case "$*" in
  indextargets*) . /etc/os-release; echo "http://mirror/debian|$VERSION_CODENAME" ;;
  *--download-only*) echo fetch >> $MACHINE/calls; cp $MACHINE/python3.13_3.13.9.orig.tar.gz . ;;
esac
"""
CONFIGURE = """
echo "configure $*" >> $MACHINE/calls
for option; do case $option in --prefix=*) echo "${option#--prefix=}" > prefix ;; esac; done
"""
MAKE = """
if [ "$1" = install ]; then
  prefix=$(cat prefix)
  echo "make install" >> $MACHINE/calls
  mkdir -p $prefix/bin
  for name in python3.13 python3.13t; do cp $MACHINE/python $prefix/bin/$name; done
  exit
fi
for part in one two three; do
  if [ -e $part.o ]; then continue; fi
  if [ "$(cat $MACHINE/dies 2>/dev/null)" = $part ]; then rm $MACHINE/dies; kill -KILL 0; fi
  if [ "$(cat $MACHINE/fails 2>/dev/null)" = $part ]; then echo "$part.c: no" >&2; exit 2; fi
  echo "make $part" >> $MACHINE/calls
  touch $part.o
done
"""
MADE = ["make one", "make two", "make three", "make install"]


def program(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}")
    file.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout of its own, on a machine where apt, configure and make are pretended."""
    for name in TOOLS:
        found = shutil.which(name)
        assert found, name
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).symlink_to(found)
    scripts = tmp_path / "checkout" / "scripts"
    scripts.mkdir(parents=True)
    for name in ("tsan-python", "python-build.sh"):
        shutil.copy(CHECKOUT / "scripts" / name, scripts)
    program(scripts / "bootstrap", "")
    program(tmp_path / "bin" / "apt-get", APT)
    program(tmp_path / "bin" / "make", MAKE)
    program(tmp_path / "python", "cat > /dev/null")
    source = tmp_path / "Python-3.13.9"
    program(source / "configure", CONFIGURE)
    tools = source / "Tools" / "tsan"
    tools.mkdir(parents=True)
    (tools / "suppressions.txt").write_text("race:both\n")
    (tools / "suppressions_free_threading.txt").write_text("race_top:only_free_threaded\n")
    archive = tmp_path / "python3.13_3.13.9.orig.tar.gz"
    subprocess.run(["tar", "-czf", archive, "-C", tmp_path, source.name], check=True)
    return tmp_path


def tsan_python(machine: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it there, in a process group of its own: one that is killed takes nobody along."""
    env = {
        "PATH": str(machine / "bin"),
        "MACHINE": str(machine),
        "XDG_CACHE_HOME": str(machine / "cache"),
    }
    script = machine / "checkout" / "scripts" / "tsan-python"
    return subprocess.run(
        [script, *arguments], env=env, capture_output=True, text=True, start_new_session=True
    )


def calls(machine: Path) -> list[str]:
    """What was called since the last time, the options of configure cut off."""
    file = machine / "calls"
    found = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return [line.split(" --")[0] for line in found]


def prefixes(machine: Path) -> list[Path]:
    return [machine / "cache" / "flashflood" / name for name in NAMES]


def binaries(machine: Path) -> list[str]:
    first, second = prefixes(machine)
    return [f"{first}/bin/python3.13", f"{second}/bin/python3.13t"]


def test_it_builds_both_and_says_where(machine: Path) -> None:
    done = tsan_python(machine)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == binaries(machine)
    for kind, prefix in zip(("gil", "free-threaded"), prefixes(machine), strict=True):
        assert f"building CPython 3.13 ({kind}) with ThreadSanitizer into {prefix}" in done.stderr
    options = [line for line in (machine / "calls").read_text().splitlines() if " --" in line]
    assert [("--disable-gil" in line) for line in options] == [False, True]
    assert all("--enable-shared" in line and "--with-thread-sanitizer" in line for line in options)
    assert calls(machine) == ["fetch", "configure", *MADE, "configure", *MADE]
    left = sorted(path.name for path in (machine / "checkout" / "build" / "tsan-python").iterdir())
    assert left == [f"{name}.log" for name in NAMES]


def test_cpythons_own_suppressions_go_along(machine: Path) -> None:
    assert tsan_python(machine).returncode == 0
    gil, free_threaded = (
        (prefix / "share" / "tsan-suppressions.txt").read_text() for prefix in prefixes(machine)
    )
    assert "race:both\n" in gil and "only_free_threaded" not in gil
    assert "race:both\n" in free_threaded and "race_top:only_free_threaded\n" in free_threaded


def test_what_is_finished_is_not_built_again(machine: Path) -> None:
    tsan_python(machine)
    calls(machine)
    (machine / "bin" / "apt-get").unlink()
    done = tsan_python(machine)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == binaries(machine)
    assert calls(machine) == []


@pytest.mark.parametrize("part", ["one", "two", "three"])
def test_one_that_was_killed_goes_on_where_it_stopped(machine: Path, part: str) -> None:
    (machine / "dies").write_text(part)
    killed = tsan_python(machine)
    assert killed.returncode == -9
    before = calls(machine)
    assert before[:2] == ["fetch", "configure"]
    assert tsan_python(machine, "--built").stdout == ""
    done = tsan_python(machine)
    assert done.returncode == 0, done.stderr
    assert before + calls(machine) == ["fetch", "configure", *MADE, "configure", *MADE]


def test_one_that_fails_names_its_log_and_goes_on(machine: Path) -> None:
    (machine / "fails").write_text("two")
    failed = tsan_python(machine)
    log = machine / "checkout" / "build" / "tsan-python" / "python-3.13-tsan.log"
    assert (failed.returncode, failed.stdout) == (1, "")
    last = failed.stderr.splitlines()[-1]
    assert last == f"tsan-python: CPython 3.13 (gil) does not build: two.c: no ({log})"
    (machine / "fails").unlink()
    calls(machine)
    assert tsan_python(machine).returncode == 0
    assert calls(machine)[:3] == ["make two", "make three", "make install"]


def test_one_that_lacks_a_part_is_not_taken(machine: Path) -> None:
    program(machine / "python", "exit 1")
    done = tsan_python(machine)
    assert (done.returncode, done.stdout) == (1, "")
    assert "lacks a part" in done.stderr
    assert tsan_python(machine, "--built").stdout == ""


def test_without_apt_it_says_so(machine: Path) -> None:
    (machine / "bin" / "apt-get").unlink()
    done = tsan_python(machine)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "tsan-python: none is built yet, and none can be built without apt\n"


def test_an_unknown_option_is_refused(machine: Path) -> None:
    done = tsan_python(machine, "--what")
    assert (done.returncode, done.stderr) == (1, "tsan-python: unknown option: --what\n")


# ---- what the Makefile asks of the interpreter ---------------------------------------------------
PRETEND = """
import platform, runpy, sys, sysconfig
variables = {variables!r}
sysconfig.get_config_var = variables.get
platform.python_version = lambda: "3.13.5"
sys.base_prefix = {prefix!r}
sys.argv = ["python_flags.py", *sys.argv[1:]]
runpy.run_path({script!r}, run_name="__main__")
"""


def flags(prefix: Path, *arguments: str, **variables: object) -> str:
    """What python_flags.py says of an interpreter with these variables, installed in `prefix`."""
    real = {"LIBDIR": "/lib", "Py_ENABLE_SHARED": 1, "LDVERSION": "3.13", **variables}
    script = str(CHECKOUT / "scripts" / "python_flags.py")
    code = PRETEND.format(variables=real, prefix=str(prefix), script=script)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("variables", "tag"),
    [
        ({}, "cpython-3.13.5"),
        ({"Py_GIL_DISABLED": 1}, "cpython-3.13.5t"),
        ({"PY_CFLAGS": "-fsanitize=thread -O1"}, "cpython-3.13.5-tsanpy"),
        ({"CONFIG_ARGS": "'CFLAGS=-fsanitize=thread'"}, "cpython-3.13.5-tsanpy"),
        ({"PY_CFLAGS": "-fsanitize=thread", "Py_GIL_DISABLED": 1}, "cpython-3.13.5t-tsanpy"),
        ({"CONFIG_ARGS": "'--with-thread-sanitizer'"}, "cpython-3.13.5"),  # 3.11 ignores it
        ({"PY_CFLAGS": "-fsanitize=address"}, "cpython-3.13.5"),
    ],
)
def test_the_tag_tells_an_instrumented_interpreter(
    tmp_path: Path, variables: dict[str, object], tag: str
) -> None:
    assert flags(tmp_path, "tag", **variables) == f"{tag}\n"


def test_only_an_instrumented_one_has_suppressions(tmp_path: Path) -> None:
    file = tmp_path / "share" / "tsan-suppressions.txt"
    file.parent.mkdir()
    file.touch()
    assert "TSAN" not in flags(tmp_path)
    instrumented = flags(tmp_path, PY_CFLAGS="-fsanitize=thread").splitlines()
    assert {"PY_TSAN := 1", f"PY_SUPPRESSIONS := {file}"} <= set(instrumented)
