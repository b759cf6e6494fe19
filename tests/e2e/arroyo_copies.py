"""Releases of sentry-arroyo as pip installs them, for tests that patch or import them.

Each is fetched once into a folder of its own below $FLASHFLOOD_TEST_CACHE, or build/test-cache.
Nobody may write to it; tests work on copies.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATCH = ROOT / "patches" / "arroyo_processor_fix.patch"
PROCESSOR = Path("arroyo", "processing", "processor.py")


def cache_folder() -> Path:
    return Path(os.environ.get("FLASHFLOOD_TEST_CACHE") or ROOT / "build" / "test-cache")


def installed(version: str, *, dependencies: bool = False) -> Path:
    """The folder that holds the installed `arroyo` package of that release, fetched if need be.

    With its dependencies it can be imported, and is bound to this Python's version.
    """
    name = f"sentry-arroyo-{version}"
    if dependencies:
        name += f"-{sys.implementation.cache_tag}-full"
    folder = cache_folder() / name
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        install(version, folder, dependencies)
    return folder


def install(version: str, folder: Path, dependencies: bool) -> None:
    """pip install into a temporary folder, renamed when complete: a killed run leaves no half."""
    scratch = Path(tempfile.mkdtemp(prefix=".installing-", dir=folder.parent))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += [] if dependencies else ["--no-deps"]
    command += ["--target", str(scratch), f"sentry-arroyo=={version}"]
    try:
        result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
        if result.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}\n{result.stderr}")
        try:
            scratch.rename(folder)
        except OSError:  # another run was faster, and its copy is as good
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def copy_of(version: str, destination: Path, *, dependencies: bool = False) -> Path:
    """A copy in `destination` that a test may change."""
    shutil.copytree(installed(version, dependencies=dependencies), destination)
    return destination


def apply_patch(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The documented command, in the folder that holds the package. `-f`: never ask a question."""
    with PATCH.open() as patch:
        return subprocess.run(
            ["patch", "-p1", "-f", *options],
            cwd=folder,
            check=False,
            stdin=patch,
            capture_output=True,
            text=True,
            timeout=30,
        )
