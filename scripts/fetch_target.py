"""Turn a target into the folders to put on sys.path, for the interpreter that runs this.

    fetch_target.py --cache DIR [--lock FILE] NAME==VERSION [--patch FILE]...
    fetch_target.py --cache DIR [--package NAME]... FOLDER

Standard output is one JSON object: `name`, `version`, `packages` (of a folder: which of those
asked for it holds), `paths` in the order of sys.path, `wheel`, `sha256`, `dependencies`, `patches`.
Exit codes: 0 done, 2 something the user can mend, 3 anything else. Once a target is in the cache,
neither the network nor pip is used for it again.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import Any, NoReturn

from folder_target import read_folder
from helper_main import Failure, Mistake, run_helper
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from patched_copy import patched_folder, read_patch
from wheel_cache import installed_versions, open_cache, requires_dist

LOCK_FILE = Path(__file__).resolve().with_name("releases.lock")
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


class Parser(argparse.ArgumentParser):
    """An argument parser that reports as the rest of the helper does: in one line."""

    def error(self, message: str) -> NoReturn:
        raise Mistake(f"{message}; see `fetch_target.py --help`")


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """The command line, checked as far as it can be without looking at a disk."""
    parser = Parser(prog="fetch_target.py", description=__doc__.splitlines()[0])
    parser.add_argument("--cache", required=True, metavar="DIR", help="where releases are kept")
    parser.add_argument("--lock", default=LOCK_FILE, metavar="FILE", help="the known hashes")
    parser.add_argument("--patch", action="append", default=[], metavar="FILE")
    parser.add_argument("--package", action="append", default=[], metavar="NAME")
    parser.add_argument("target", help="NAME==VERSION, or a folder that holds the package")
    options = parser.parse_args(arguments)
    options.cache = Path(os.path.abspath(options.cache))
    return options


def parse_release(target: str) -> tuple[str, Version]:
    """Name and version of a release that is written NAME==VERSION."""
    name, _, version = target.partition("==")
    if not NAME.fullmatch(name.strip()):
        raise Mistake(f"{target}: {name!r} is not a name; write NAME==VERSION")
    try:
        return canonicalize_name(name.strip()), Version(version)
    except InvalidVersion:
        raise Mistake(f"{target}: {version!r} is not a version; write one such as 2.36.0") from None


def locked_hashes(file: Path, name: str, version: Version) -> frozenset[str]:
    """The hashes that the lock file allows for a release; none if it does not name it."""
    try:
        lines = file.read_text("utf-8").replace("\\\n", " ").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Mistake(f"lock file {file}: cannot be read: {error}; check --lock") from error
    hashes: set[str] = set()
    for line in lines:
        words = line.partition("#")[0].split()
        if not words:
            continue
        found = [word[len("--hash=sha256:") :] for word in words[1:]]
        if not all(re.fullmatch(r"[0-9a-f]{64}", each) for each in found) or not found:
            raise Mistake(
                f"lock file {file}: {line!r} is not NAME==VERSION --hash=sha256:HEX; mend the line"
            )
        if parse_release(words[0]) == (name, version):
            hashes.update(found)
    return frozenset(hashes)


def fetch_release(options: argparse.Namespace) -> dict[str, Any]:
    """Fetch, unpack and patch a release of the package index."""
    name, version = parse_release(options.target)
    patches = [read_patch(file) for file in options.patch]
    locked = locked_hashes(Path(options.lock), name, version)
    with open_cache(options.cache) as cache:
        wheel = cache.fetch(name, version, locked, Path(options.lock))
        site = cache.unpack(wheel)
        requirements = requires_dist(next(site.glob("*.dist-info")))
        deps = cache.dependencies(requirements)
        root = patched_folder(cache, wheel, site, patches) if patches else site
    return {
        "name": wheel.name,
        "version": wheel.version,
        "packages": None,
        "paths": [str(path) for path in (root, deps) if path],
        "wheel": wheel.path.name,
        "sha256": wheel.sha256,
        "dependencies": installed_versions(deps),
        "patches": [
            {"file": str(patch.path), "name": patch.path.name, "sha256": patch.sha256}
            for patch in patches
        ],
    }


def use_folder(options: argparse.Namespace) -> dict[str, Any]:
    """Use a folder as it stands, with what it needs and lacks from the cache."""
    if options.patch:
        raise Mistake(
            f"{options.target}+{options.patch[0]}: a folder is used as it stands; "
            "apply the patch there yourself, or patch a release NAME==VERSION"
        )
    folder = read_folder(options.target, options.package)
    deps = None
    if folder.requirements:
        with open_cache(options.cache) as cache:
            deps = cache.dependencies(folder.requirements)
    return {
        "name": folder.name,
        "version": folder.version,
        "packages": folder.packages,
        "paths": [str(path) for path in (folder.root, deps) if path],
        "wheel": None,
        "sha256": None,
        "dependencies": installed_versions(deps),
        "patches": [],
    }


def main(arguments: list[str]) -> None:
    """Resolve the target and print what was found."""
    options = parse_arguments(arguments)
    is_release = "==" in options.target and os.sep not in options.target
    try:
        found = fetch_release(options) if is_release else use_folder(options)
    except OSError as error:
        where = error.filename or options.cache
        raise Failure(
            f"cache {options.cache}: cannot be used: {error.strerror or error} ({where}); "
            "mend that, or choose another folder with --cache"
        ) from error
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(run_helper(main))
