"""Runs this interpreter's pip, and says in one line why it could not do what it was asked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from helper_main import Failure, HelperError, Mistake
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

# -I: neither the current folder nor PYTHONPATH may lend pip their modules. Few retries: without
# a network the answer should come in two seconds, not in ten.
PIP = [sys.executable, "-I", "-m", "pip", "--no-input", "--no-color", "--retries", "2"]
PIP += ["--disable-pip-version-check"]

# No space, over quota, file too large, read-only; pip shows an OSError in either of these forms.
DISK = re.compile(r"(?:\[Errno |OSError\()(28|122|27|30)\b")
UNREACHABLE = re.compile(
    r"after connection broken by|Max retries exceeded|Read timed out|Connection aborted"
    r"|problem confirming the ssl certificate|HTTP error [345]\d\d"
    r"|\[Errno (?:101|110|111|113|-\d)\]"
)
NO_MATCH = re.compile(r"No matching distribution found for (.+)")
WRONG_PYTHON = re.compile(r"requires a different Python|is not a supported wheel on this platform")


def python_name() -> str:
    """This interpreter, as a person names it: `Python 3.11 (cpython-311, linux)`."""
    major, minor = sys.version_info[:2]
    kind = "free-threaded " if "t" in sys.abiflags else ""
    return f"{kind}Python {major}.{minor} ({sys.implementation.cache_tag}, {sys.platform})"


def _run(arguments: list[str], scratch: Path, held: int) -> tuple[int, str]:
    """Run pip; returns its exit code and all that it printed.

    `held` is the descriptor of the cache's lock. pip inherits it, so that the cache stays locked
    while a pip lives on whose parent was killed: nobody removes its folder under its feet. What
    pip itself leaves behind when it is killed lies in `scratch`, which the next run empties.
    """
    with subprocess.Popen(
        PIP + arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "TMPDIR": str(scratch)},
        pass_fds=[held],
    ) as pip:
        try:
            return _await(pip)
        except BaseException:
            pip.kill()
            raise


def _await(pip: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for pip to end. A signal that comes between two reads of its output interrupts neither:
    without a timeout we would not notice it until pip wrote the next line.
    """
    while True:
        try:
            output, _ = pip.communicate(timeout=0.5)
            return pip.returncode, output
        except subprocess.TimeoutExpired:
            continue


def download(name: str, version: str, folder: Path, held: int) -> Path:
    """Fetch the wheel of a release for this interpreter into the empty `folder`."""
    wanted = f"{name}=={version}"
    arguments = ["download", "--no-deps", "--only-binary", ":all:", "--progress-bar", "off"]
    arguments += ["--dest", str(folder), wanted]
    code, output = _run(arguments, folder.parent, held)
    if code != 0:
        if NO_MATCH.search(output) and not _unreachable(output):
            _, log = _run([*arguments, "-vv"], folder.parent, held)
            raise _no_such_release(name, version, output, log)
        raise _explain(wanted, output)
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise Failure(f"{wanted}: pip fetched {len(wheels)} wheels instead of one; run pip by hand")
    return wheels[0]


def install(what: list[str], folder: Path, held: int, *, local: bool) -> None:
    """Install `what` into `folder`; `local` ones are wheel files, for which no index is asked."""
    arguments = ["install", "--no-user", "--progress-bar", "off", "--only-binary", ":all:"]
    arguments += ["--no-warn-script-location", "--target", str(folder)]
    if local:
        arguments += ["--no-deps", "--no-index"]
    code, output = _run(arguments + what, folder.parent, held)
    if code != 0:
        raise _explain(", ".join(Path(item).name if local else item for item in what), output)


def _unreachable(output: str) -> bool:
    """Did pip fail for want of a network? Versions that it listed prove that it reached one."""
    listed = re.search(r"\(from versions: (?!none)", output)
    return bool(UNREACHABLE.search(output)) and not listed


def _explain(wanted: str, output: str) -> HelperError:
    """Turn the output of a pip that failed into the error it stands for."""
    disk = DISK.search(output)
    if disk:
        reason = os.strerror(int(disk[1]))
        return Failure(f"{wanted}: cannot be written: {reason}; free space or give another --cache")
    if "No module named pip" in output:
        return Failure(f"{sys.executable}: has no pip; run `{sys.executable} -m ensurepip`")
    if _unreachable(output):
        return _no_index(wanted)
    missing = NO_MATCH.search(output)
    if missing or WRONG_PYTHON.search(output):
        what = missing[1] if missing else wanted
        return Mistake(
            f"{what}: no wheel of it runs on {python_name()}; choose another release or Python"
        )
    errors = [line for line in output.splitlines() if line.startswith("ERROR:")]
    last = (errors or output.splitlines() or ["it printed nothing"])[-1]
    return Failure(f"{wanted}: pip failed: {last}; see below, or run pip by hand", output)


def _no_such_release(name: str, version: str, output: str, log: str) -> Mistake:
    """Tell a release that is not there from one that is there for other Pythons only."""
    wanted = f"{name}=={version}"
    needs = re.search(rf"(?<![\w.]){re.escape(version)} Requires-Python ([^;\n]+)", output)
    if needs:
        return Mistake(
            f"{wanted}: needs Python {needs[1]}, this is {python_name()}; choose another"
        )
    if any(_is_release(link, name, version) for link in re.findall(r"Skipping link: .*", log)):
        return Mistake(
            f"{wanted}: exists, but no wheel of it runs on {python_name()}; "
            "choose another release or Python"
        )
    listed = re.search(r"\(from versions: (?!none)([^)]*)\)", output)
    if listed:
        newest = ", ".join(listed[1].split(", ")[-3:])
        return Mistake(f"{wanted}: no such release; choose one that exists, such as {newest}")
    # An index that pip may not or will not ask (PIP_NO_INDEX, an untrusted host) fails silently.
    if "404 Client Error" in log or "Fetched page" in log:
        return Mistake(f"{wanted}: the package index has no {name}; check how the name is spelt")
    return _no_index(wanted)


def _no_index(wanted: str) -> Mistake:
    mistake = Mistake(
        f"{wanted}: not in the cache, and the package index cannot be reached; "
        "connect to a network (or set PIP_INDEX_URL to a mirror) and run it again"
    )
    mistake.passing = True
    return mistake


def _is_release(skipped: str, name: str, version: str) -> bool:
    """Does a link that pip skipped lead to a file of this release?"""
    for file in re.findall(r"[^/\s]+(?:\.whl|\.tar\.gz|\.zip)\b", skipped):
        parse = parse_wheel_filename if file.endswith(".whl") else parse_sdist_filename
        try:
            found = parse(file)
        except (InvalidSdistFilename, InvalidWheelFilename):
            continue
        if found[0] == canonicalize_name(name) and found[1] == Version(version):
            return True
    return False
