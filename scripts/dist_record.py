"""The RECORD of a distribution: which files it has, and whether they are still what they were."""

from __future__ import annotations

import base64
import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

BYTECODE_FOLDER = "__pycache__"


class Entry(NamedTuple):
    """One file of a distribution, as its RECORD names it."""

    path: str
    sha256: str  # in RECORD's own spelling; empty where it gives none
    size: int  # -1 where it gives none


def digest(content: bytes) -> str:
    """The sha256 of `content` in RECORD's spelling: URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def parse(lines: Iterable[str]) -> list[Entry]:
    """The entries inside the distribution's own folder.

    Scripts that pip puts elsewhere (`../../bin/x`) and byte code, which Python rewrites as it
    likes, are no part of what we check or copy.
    """
    entries = []
    for row in csv.reader(lines):
        path, hashed, size = (row + ["", "", ""])[:3]
        parts = path.split("/")
        if not path or parts[0] in ("", "..") or BYTECODE_FOLDER in parts:
            continue
        sha256 = hashed[len("sha256=") :] if hashed.startswith("sha256=") else ""
        entries.append(Entry(path, sha256, int(size) if size.isdigit() else -1))
    return entries


def read_wheel(wheel: Path) -> list[Entry]:
    """What the wheel says pip will have put into the folder it is unpacked to."""
    import zipfile

    with zipfile.ZipFile(wheel) as archive:
        record = next(n for n in archive.namelist() if n.endswith(".dist-info/RECORD"))
        entries = parse(archive.read(record).decode("utf-8").splitlines())
    return [entry._replace(path=path) for entry in entries if (path := _unpacked(entry.path))]


def _unpacked(path: str) -> str:
    """Where `path` of a wheel lands; empty for what goes outside the import folder."""
    top, _, rest = path.partition("/")
    if not top.endswith(".data"):
        return path
    scheme, _, rest = rest.partition("/")
    return rest if scheme in ("purelib", "platlib") else ""


def read_folder(folder: Path) -> list[Entry]:
    """All that the RECORDs of the distributions in `folder` name."""
    entries = []
    for record in sorted(folder.glob("*.dist-info/RECORD")):
        entries += parse(record.read_text("utf-8").splitlines())
    return entries


def first_difference(folder: Path, entries: list[Entry], *, hashes: bool) -> str | None:
    """The first file that is not as recorded, or None; without `hashes` by its size alone."""
    if not entries:
        return "RECORD"
    for entry in entries:
        path = folder / entry.path
        try:
            if hashes and entry.sha256:
                same = digest(path.read_bytes()) == entry.sha256
            else:
                same = entry.size in (-1, path.stat().st_size)
        except OSError:
            same = False
        if not same:
            return entry.path
    return None


def rewrite(folder: Path) -> None:
    """Make the one RECORD in `folder` say what the folder holds now."""
    record = next(folder.glob("*.dist-info/RECORD"))
    rows = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path != record):
        content = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        rows.append([name, f"sha256={digest(content)}", len(content)])
    rows.append([record.relative_to(folder).as_posix(), "", ""])
    with record.open("w", encoding="utf-8", newline="") as output:
        csv.writer(output, lineterminator="\n").writerows(rows)
