"""Copies of an unpacked release with patches applied; the release itself is never changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import dist_record
from helper_main import Mistake
from wheel_cache import Wheel, WheelCache, say


class Patch(NamedTuple):
    """A patch file as it was when it was read: what is hashed is what is applied."""

    path: Path
    content: bytes
    sha256: str


def read_patch(file: str) -> Patch:
    """Read a patch before anything is fetched for its sake."""
    path = Path(os.path.abspath(file))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Mistake(
            f"patch {file}: cannot be read: {error.strerror}; check its path, {path}"
        ) from error
    return Patch(path, content, hashlib.sha256(content).hexdigest())


def patched_folder(cache: WheelCache, wheel: Wheel, site: Path, patches: list[Patch]) -> Path:
    """The folder with the files of `site`, changed by `patches` in their order."""
    key = hashlib.sha256(b"".join(patch.content for patch in patches)).hexdigest()[:12]
    folder = cache.root / "patched" / f"{site.name}-{key}"
    if folder.exists():
        entries = dist_record.read_folder(folder)
        changed = dist_record.first_difference(folder, entries, hashes=True)
        if changed is None:
            return folder
        say(f"{folder / changed} was changed since it was patched; patching again …")
    made = cache.scratch("patched")
    _copy_distribution(site, made)
    for patch in patches:
        _apply(patch, made, cache.scratch("rejects") / "rejects", wheel)
    dist_record.rewrite(made)
    cache.publish(made, folder)
    return folder


def _copy_distribution(site: Path, made: Path) -> None:
    """Copy what RECORD names. Byte code stays behind: it would be that of the unpatched files."""
    for entry in dist_record.read_folder(site):
        target = made / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(site / entry.path, target)


def _apply(patch: Patch, folder: Path, rejects: Path, wheel: Wheel) -> None:
    """Apply one patch to `folder`, or raise with the hunks that it refused.

    Without fuzz: a hunk whose surroundings changed would land somewhere, but not surely where
    its author meant it. Lines that merely moved are no reason to refuse.
    """
    program = shutil.which("patch")
    if program is None:
        raise Mistake("the program patch is not installed; run `apt-get install patch`")
    command = [program, "-p1", "--batch", "--forward", "--fuzz=0", "--no-backup-if-mismatch"]
    done = subprocess.run(
        [*command, f"--reject-file={rejects}", f"--directory={folder}"],
        input=patch.content,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "LC_ALL": "C"},
    )
    output = done.stdout.decode("utf-8", "surrogateescape")
    output = output.replace(f" -- saving rejects to file {rejects}", "")
    changes = "patching file" in output  # an empty patch "succeeds" as well
    if done.returncode == 0 and changes:
        return
    detail = output
    if rejects.exists():
        detail += "rejected:\n" + rejects.read_text("utf-8", "surrogateescape")
    reason = "does not apply cleanly" if changes or done.returncode == 1 else "is empty or no patch"
    raise Mistake(
        f"patch {patch.path}: {reason}; make it against {wheel.name} {wheel.version} "
        "(for `patch -p1` from the folder that holds the package)",
        detail,
    )
