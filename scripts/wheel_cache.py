"""The cache of releases: wheels, the folders they are unpacked to, and what they depend on.

    wheels/<wheel>, <wheel>.sha256      as fetched, and the hash it had then
    sites/<name>-<version>-<abi>/       the release, unpacked
    deps/<abi>-<hash>/                  its dependencies, shared by all that ask for the same
    patched/<name>-<version>-<abi>-<hash>/
    tmp/                                whatever is not finished; emptied by the next run
    lock                                held by the one run that uses the cache

Whatever is made is made in tmp/ and renamed into its place, so nothing half-made is ever found.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import dist_record
from helper_main import Mistake
from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import sys_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version


class Wheel(NamedTuple):
    """A wheel in the cache whose hash has been checked."""

    path: Path
    name: str
    version: str
    sha256: str


part = ""  # of many, as `3/40 `: the release that is being fetched


def say(message: str) -> None:
    """Tell a person what takes so long."""
    print(f"fetch: {part}{message}", file=sys.stderr, flush=True)


def abi() -> str:
    """What an unpacked folder is good for: `cpython-313`, or `cpython-313t` when free-threaded."""
    return str(sys.implementation.cache_tag) + ("t" if "t" in sys.abiflags else "")


@contextmanager
def open_cache(root: Path) -> Iterator[WheelCache]:
    """The cache in the folder `root`, ours alone for as long as the `with` block lasts."""
    for folder in ("wheels", "sites", "deps", "patched"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    lock = _open_lock(root / "lock")
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run that uses {root} …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        # What an earlier run left when it was killed goes now, what this one leaves at its end.
        shutil.rmtree(root / "tmp", ignore_errors=True)
        try:
            yield WheelCache(root, lock)
        finally:
            shutil.rmtree(root / "tmp", ignore_errors=True)
    finally:
        os.close(lock)


def _open_lock(path: Path) -> int:
    """A lock can be held by reading alone, so a read-only cache that has all still serves."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        if not path.exists():
            raise
        return os.open(path, os.O_RDONLY)


class WheelCache:
    """An open cache; `lock` is the descriptor that keeps it ours."""

    def __init__(self, root: Path, lock: int) -> None:
        self.root = root
        self.lock = lock
        self._scratches = 0

    def scratch(self, purpose: str) -> Path:
        """A new empty folder under tmp/. Its name is free, since only we hold the lock."""
        self._scratches += 1
        folder = self.root / "tmp" / f"{purpose}-{self._scratches}"
        folder.mkdir(parents=True)
        return folder

    def publish(self, made: Path, place: Path) -> None:
        """Move a finished folder to its place; what stood there before goes away whole."""
        if place.exists():
            old = self.scratch("old") / place.name
            place.rename(old)
        made.rename(place)

    # --- wheels ---

    def fetch(self, name: str, version: Version, locked: frozenset[str], lock_file: Path) -> Wheel:
        """The wheel of a release, from the cache or else from the index, its hash checked."""
        path = self._find_wheel(name, version, trusted=bool(locked))
        if path is None:
            return self._download(name, version, locked, lock_file)
        actual = hashlib.sha256(path.read_bytes()).hexdigest()
        expected = locked or {self._recorded(path)}
        if actual not in expected:
            source = lock_file if locked else _hash_file(path)
            raise Mistake(
                f"{path}: its sha256 is {actual}, but {source} says "
                f"{' or '.join(sorted(expected))}; delete {path} to fetch it again"
            )
        return _checked_wheel(path, actual)

    def _find_wheel(self, name: str, version: Version, *, trusted: bool) -> Path | None:
        """The wheel of the release that suits this interpreter best.

        One without a recorded hash counts only if the lock file vouches for it (`trusted`).
        """
        found = []
        for path in (self.root / "wheels").glob("*.whl"):
            try:
                its_name, its_version, _, tags = parse_wheel_filename(path.name)
            except InvalidWheelFilename:
                continue
            if (its_name, its_version) == (name, version) and (trusted or self._recorded(path)):
                found += [(rank, path) for rank, tag in enumerate(sys_tags()) if tag in tags]
        return min(found)[1] if found else None

    def _recorded(self, wheel: Path) -> str:
        """The hash the wheel had when it was first fetched, or nothing."""
        try:
            return _hash_file(wheel).read_text("ascii").split()[0]
        except (FileNotFoundError, IndexError):
            return ""

    def _download(
        self, name: str, version: Version, locked: frozenset[str], lock_file: Path
    ) -> Wheel:
        """Fetch a wheel and file it with its hash.

        A hash that is on file already outlives its wheel: one who deletes a wheel that was
        tampered with gets the same bytes again, or an error.
        """
        import pip_runner

        say(f"fetching {name} {version} …")
        made = pip_runner.download(name, str(version), self.scratch("wheel"), self.lock)
        place = self.root / "wheels" / made.name
        actual = hashlib.sha256(made.read_bytes()).hexdigest()
        recorded = self._recorded(place)
        expected = locked or frozenset({recorded} if recorded else {actual})
        if actual not in expected:
            source = lock_file if locked else _hash_file(place)
            raise Mistake(
                f"{name}=={version}: the wheel that the package index serves has sha256 {actual}, "
                f"but {source} says {' or '.join(sorted(expected))}; find out which one is right, "
                f"and only then change {source}"
            )
        if actual != recorded:
            _hash_file(made).write_text(f"{actual}  {made.name}\n", "ascii")
            _hash_file(made).rename(_hash_file(place))
        made.rename(place)
        return _checked_wheel(place, actual)

    # --- folders ---

    def unpack(self, wheel: Wheel) -> Path:
        """The folder that holds the unpacked wheel, made anew when a file in it was changed."""
        site = self.root / "sites" / f"{wheel.name}-{wheel.version}-{abi()}"
        if site.exists():
            changed = dist_record.first_difference(
                site, dist_record.read_wheel(wheel.path), hashes=True
            )
            if changed is None:
                return site
            say(f"{site / changed} was changed since it was unpacked; unpacking it again …")
        else:
            say(f"unpacking {wheel.path.name} …")
        import pip_runner

        made = self.scratch("site")
        pip_runner.install([str(wheel.path)], made, self.lock, local=True)
        # Patched copies were made from what stood there before: they go first.
        for copy in (self.root / "patched").glob(f"{site.name}-*"):
            shutil.rmtree(copy)
        self.publish(made, site)
        return site

    def dependencies(self, requirements: list[str]) -> Path | None:
        """The folder that holds what these requirements ask for; None when they ask nothing.

        Checked by size alone: a folder that lost a file is found out, and nobody waits for the
        hash of a large C library.
        """
        if not requirements:
            return None
        key = hashlib.sha256("\n".join(sorted(requirements)).encode()).hexdigest()[:12]
        folder = self.root / "deps" / f"{abi()}-{key}"
        if folder.exists():
            changed = dist_record.first_difference(
                folder, dist_record.read_folder(folder), hashes=False
            )
            if changed is None:
                return folder
            say(f"{folder / changed} was changed since it was installed; installing it again …")
        import pip_runner

        say(f"installing {', '.join(sorted(requirements))} …")
        made = self.scratch("deps")
        pip_runner.install(sorted(requirements), made, self.lock, local=False)
        self.publish(made, folder)
        return folder


def _hash_file(wheel: Path) -> Path:
    return wheel.with_name(wheel.name + ".sha256")


def _checked_wheel(path: Path, sha256: str) -> Wheel:
    name, version, _, _ = parse_wheel_filename(path.name)
    return Wheel(path, str(name), str(version), sha256)


def applying(requires: list[str]) -> list[str]:
    """Those of a distribution's Requires-Dist lines that apply here, without their markers."""
    applicable = []
    for line in requires:
        try:
            requirement = Requirement(line)
        except InvalidRequirement as error:
            raise Mistake(
                f"requirement {line!r}: cannot be read: {error}; choose another"
            ) from None
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            requirement.marker = None
            applicable.append(str(requirement))
    return sorted(set(applicable))


def requires_dist(dist_info: Path) -> list[str]:
    """The Requires-Dist lines of an unpacked distribution that apply to this interpreter."""
    lines = []
    for line in (dist_info / "METADATA").read_text("utf-8").splitlines():
        if not line:  # the header ends here, the description follows
            break
        if line.startswith("Requires-Dist:"):
            lines.append(line.partition(":")[2].strip())
    return applying(lines)


def installed_versions(folder: Path | None) -> dict[str, str]:
    """Name and version of each distribution unpacked in `folder`."""
    versions = {}
    for dist_info in sorted(folder.glob("*.dist-info")) if folder else []:
        name, _, version = dist_info.name[: -len(".dist-info")].rpartition("-")
        versions[str(canonicalize_name(name))] = version
    return versions
