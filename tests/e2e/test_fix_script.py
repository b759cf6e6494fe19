"""scripts/test_arroyo_fix.py, as a user without a compiler runs it, on 2.36.0."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from arroyo_copies import PROCESSOR, ROOT, apply_patch, copy_of, installed

SCRIPT = ROOT / "scripts" / "test_arroyo_fix.py"
RELEASE = "2.36.0"
RACE = "dictionary changed size during iteration"

# Puts a lock around every access to the buffer: nothing can go wrong.
LOCKED = """

import threading as _threading

_lock = _threading.RLock()


def _locked(method):
    def call(*args):
        with _lock:
            return method(*args)

    return call


for _name in ("incr_timing", "incr_counter", "flush"):
    setattr(MetricsBuffer, _name, _locked(getattr(MetricsBuffer, _name)))
"""


def run(folders: list[Path], *options: str) -> subprocess.CompletedProcess[str]:
    """-S: no site-packages, so the arroyo in `folders` is the only one that can be found."""
    return subprocess.run(
        [sys.executable, "-S", str(SCRIPT), *options],
        env={
            "PYTHONPATH": ":".join(map(str, folders)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "100",
        },
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
    )


@pytest.fixture(scope="module")
def unpatched() -> Path:
    return installed(RELEASE, dependencies=True)


@pytest.fixture(scope="module")
def patched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_of(RELEASE, tmp_path_factory.mktemp("patched") / "site", dependencies=True)
    assert apply_patch(folder).returncode == 0
    return folder


@pytest.fixture
def edited(patched: Path, tmp_path: Path) -> Path:
    """A folder whose arroyo a test may edit, to be searched before `patched`."""
    return copy_of(RELEASE, tmp_path / "site")


@pytest.mark.parametrize("attempt", range(5))
def test_unpatched_is_caught_every_time(unpatched: Path, attempt: int) -> None:
    result = run([unpatched])

    assert result.returncode == 1, result.stdout + result.stderr
    assert f"FAIL: RuntimeError: {RACE}: " in result.stdout
    assert "first Traceback" in result.stdout
    assert f'{unpatched / PROCESSOR}", line' in result.stdout
    assert operations(result.stdout) > 6000


def test_patched_reports_no_runtime_error(patched: Path) -> None:
    result = run([patched])

    assert result.returncode == 0, result.stdout + result.stderr
    assert "no RuntimeError" in result.stdout
    assert RACE not in result.stdout
    assert operations(result.stdout) > 6000


def test_names_release_file_and_python(patched: Path) -> None:
    result = run([patched], "--seconds", "0")

    assert re.search(rf"^arroyo +{re.escape(RELEASE)}$", result.stdout, re.MULTILINE)
    assert re.search(rf"^file +{re.escape(str(patched / PROCESSOR))}$", result.stdout, re.MULTILINE)
    python = ".".join(map(str, sys.version_info[:3]))
    assert re.search(rf"^python .*{re.escape(python)}", result.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("options", "code", "word"), [((), 0, "WARNING"), (("--strict",), 1, "FAIL")]
)
def test_losses_are_reported(
    patched: Path, edited: Path, options: tuple[str, ...], code: int, word: str
) -> None:
    """The patch's own window, held open a little, so that a loss is no matter of luck."""
    window = "        counters = list(self.__counters.items())\n"
    source = (patched / PROCESSOR).read_text()
    assert window in source
    (edited / PROCESSOR).write_text(source.replace(window, window + "        time.sleep(1e-4)\n"))

    result = run([edited, patched], "--seconds", "0.5", *options)

    assert result.returncode == code, result.stdout + result.stderr
    assert "no RuntimeError" in result.stdout
    assert re.search(rf"^{word}: metrics lost: [1-9]", result.stdout, re.MULTILINE)


def test_locked_twin_is_clean_even_when_strict(patched: Path, edited: Path) -> None:
    with (edited / PROCESSOR).open("a") as source:
        source.write(LOCKED)

    result = run([edited, patched], "--seconds", "1", "--strict")

    assert result.returncode == 0, result.stdout + result.stderr
    assert "no metric lost or doubled" in result.stdout


def test_quiet_prints_the_verdict_only(unpatched: Path) -> None:
    result = run([unpatched], "--quiet")

    assert result.returncode == 1
    assert all(
        line.startswith(("FAIL: ", "WARNING: ", "no ")) for line in result.stdout.split("\n")[:-1]
    )


def test_too_little_is_inconclusive(patched: Path) -> None:
    result = run([patched], "--operations", "1", "--seconds", "0")

    assert result.returncode == 3
    assert "INCONCLUSIVE: 6 operations" in result.stdout


def test_not_installed() -> None:
    assert_usage_error(run([]), "pip install sentry-arroyo")


def test_release_too_old(patched: Path) -> None:
    assert_usage_error(run([installed("2.11.0"), patched]), "use a release from 2.14.25 on")


def test_patch_that_breaks_the_buffer(patched: Path, edited: Path) -> None:
    source = (edited / PROCESSOR).read_text()
    (edited / PROCESSOR).write_text(source.replace("self.__timers.clear()", "pass"))

    assert_usage_error(run([edited, patched]), "mend the patch")


@pytest.mark.parametrize(
    "options",
    [
        ("--unknown",),
        ("stray",),
        ("--threads", "1"),
        ("--threads", "six"),
        ("--operations", "0"),
        ("--seconds", "nan"),
        ("--switch-interval", "0"),
    ],
)
def test_bad_options(options: tuple[str, ...]) -> None:
    assert_usage_error(run([], *options), "see --help")


def test_help_teaches() -> None:
    result = run([], "--help")

    assert result.returncode == 0
    for word in (
        "--threads",
        "--operations",
        "--seconds",
        "--switch-interval",
        "--strict",
        "--quiet",
    ):
        assert word in result.stdout
    assert "exit code" in result.stdout


def operations(output: str) -> int:
    found = re.search(r"([\d,]+) operations$", output, re.MULTILINE)
    assert found, output
    return int(found[1].replace(",", ""))


def assert_usage_error(result: subprocess.CompletedProcess[str], remedy: str) -> None:
    """Exit 2, and one line that names the remedy."""
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert remedy in result.stderr
