"""What the benchmarks share: how they run flashflood and plain Python, the targets, and what they say of the machine."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[1]
DRIVER = ROOT / "build" / "flashflood"
BARE = "sentry-arroyo==2.36.0"
PATCHED = f"{BARE}+patches/arroyo_processor_fix.patch"
FIXED = "sentry-arroyo==2.37.1"
DICT, LOST = "dict-changed-size", "invariant"


def give_up(message: str) -> NoReturn:
    sys.exit(f"bench: {message.strip()}")


def flashflood(*arguments: str) -> list[dict]:
    """The runs of a command; one that the harness could not carry out measures nothing."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(DRIVER), *arguments, "--out", folder, "--quiet"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        file = Path(folder, "result.json")
        if done.returncode not in (0, 1) or not file.exists():
            give_up(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(file.read_text())["runs"]


def memory_mib(run: dict) -> int:
    return run["coverage"]["peak_rss_kib"] // 1024


def rate(run: dict, unit: str) -> float:
    return run[unit] / run["seconds"]


def python_tag() -> str:
    return (ROOT / "build" / "default-python").read_text().strip()


def target_paths(target: str) -> list[str]:
    """Where the driver finds the target: the same helper, the same cache."""
    release, *patches = target.split("+")
    cache = os.environ.get("XDG_CACHE_HOME")
    folder = f"{cache}/flashflood" if cache else str(ROOT / "build" / "cache")
    python = ROOT / "build" / python_tag() / "venv" / "bin" / "python"
    command = [python, ROOT / "scripts" / "fetch_target.py", "--cache", folder, release]
    for patch in patches:
        command += ["--patch", ROOT / patch]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["paths"]


def run_script(binary: str | Path, script: str, scenario: str, job: dict, **env: str) -> Any:
    """What a script that runs a scenario without the harness prints."""
    file = ROOT / "scenarios" / f"{scenario}.py"
    command = [binary, ROOT / "scripts" / script, file, json.dumps(job)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **env})
    if done.returncode:
        give_up(f"{script}: {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def machine() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    model = found[1] if found else platform.machine()
    load = os.getloadavg()[0]
    return f"{platform.system()}, {os.cpu_count()} cores of {model}, {python_tag()}, load before {load:.1f}"


def tell_broken(broken: list[str]) -> int:
    """Says which limits are broken; the exit status."""
    for line in broken:
        print(f"LIMIT BROKEN: {line}")
    return 1 if broken else 0
