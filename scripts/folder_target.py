"""A folder as a target: a checkout, or whatever else holds the package. It is only ever read."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from helper_main import Mistake
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from wheel_cache import applying, installed_versions, requires_dist, say


class Folder(NamedTuple):
    """What a folder turned out to be."""

    root: Path  # what goes on sys.path
    packages: list[str]  # those that were asked for and are there
    name: str | None
    version: str | None
    requirements: list[str]  # those that the folder does not meet itself


def read_folder(given: str, packages: list[str]) -> Folder:
    """Look at the folder; `packages` are the import packages of which it must hold one."""
    folder = Path(os.path.abspath(given))
    if not folder.is_dir():
        raise Mistake(
            f"{given}: is neither NAME==VERSION nor a folder; name a release, such as "
            "sentry-arroyo==2.36.0, or a folder that exists"
        )
    root = _import_root(folder, packages)
    if root is None:
        wanted = " or ".join(packages)
        raise Mistake(
            f"{given}: holds no package {wanted} (nor does its src/); "
            "name the folder that the package is in"
        )
    info = _metadata_folder({root, folder}, packages)
    name, version = _name_and_version(info) if info else (None, None)
    lines = _requirements(folder, info)
    missing = [line for line in lines if not _present(root, Requirement(line).name)]
    packages = [package for package in packages if _holds(root, package)]
    return Folder(root, packages, name, version, missing)


def _import_root(folder: Path, packages: list[str]) -> Path | None:
    """The folder itself or its src/, whichever holds one of the packages."""
    if not packages:
        return folder
    for root in (folder, folder / "src"):
        if any(_holds(root, package) for package in packages):
            return root
    return None


def _holds(root: Path, module: str) -> bool:
    return (root / module).is_dir() or (root / f"{module}.py").is_file()


def _metadata_folder(places: set[Path], packages: list[str]) -> Path | None:
    """The one dist-info, else the one egg-info, that provides the package; None if not just one."""
    for kind, listing in (("*.dist-info", "RECORD"), ("*.egg-info", "SOURCES.txt")):
        infos = [info for place in sorted(places) for info in place.glob(kind) if info.is_dir()]
        if packages:
            infos = [info for info in infos if _provides(info, listing, packages)]
        if len(infos) == 1:
            return infos[0]
    return None


def _provides(info: Path, listing: str, packages: list[str]) -> bool:
    """Does the metadata name one of the packages, as a top level or by one of its files?"""
    if set(_lines(info / "top_level.txt")) & set(packages):
        return True
    names = "|".join(map(re.escape, packages))
    own = re.compile(rf"(?:src/)?(?:{names})(?:/|\.py(?:,|$))")
    return any(own.match(line) for line in _lines(info / listing))


def _lines(file: Path) -> list[str]:
    try:
        return [line.strip() for line in file.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        return []


def _name_and_version(info: Path) -> tuple[str | None, str | None]:
    """Name and version from METADATA or PKG-INFO; a version that is none counts as unknown."""
    header: dict[str, str] = {}
    for line in _lines(info / "METADATA") or _lines(info / "PKG-INFO"):
        if not line:
            break
        key, _, value = line.partition(":")
        header.setdefault(key, value.strip())
    name = canonicalize_name(header["Name"]) if header.get("Name") else None
    try:
        return name, str(Version(header.get("Version", "")))
    except InvalidVersion:
        return name, None


def _requirements(folder: Path, info: Path | None) -> list[str]:
    """What the code in the folder needs: by its dist-info, else by its requirements.txt."""
    if info and info.name.endswith(".dist-info"):
        return requires_dist(info)
    lines = []
    file = folder / "requirements.txt"
    for number, raw in enumerate(_lines(file), start=1):
        line = re.sub(r"(^|\s)#.*", "", raw).split(" --")[0].strip()
        if not line or line.startswith("-"):
            continue
        try:
            Requirement(line)
        except InvalidRequirement:
            say(f"{file}:{number}: left out {line!r}, which is not a plain requirement")
            continue
        lines.append(line)
    return applying(lines)


def _present(root: Path, name: str) -> bool:
    """Can what the distribution `name` brings be imported from the folder itself?"""
    if canonicalize_name(name) in installed_versions(root):
        return True
    return _holds(root, canonicalize_name(name).replace("-", "_"))
