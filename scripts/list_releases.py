"""Say which releases of a package there are, newest first.

    list_releases.py --cache DIR NAME [SPECIFIER | all]

Standard output is one JSON object: `name`, `by` (what they are sorted by: `date` of upload where
the index tells it of each, else `version`), and `releases`, each with `version`, `uploaded` (a
date or null), `yanked` and `wheel` (whether it has one). A specifier is PEP 440's, and as there
pre-releases count only where it names one. Exit codes: 0 done, 2 something the user can mend, 3
anything else.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from fetch_target import NAME, Parser
from helper_main import Mistake, run_helper
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version
from release_index import File, find_files, keep_listing, kept_listing, normal_name
from wheel_cache import say


def read_specifier(text: str) -> SpecifierSet:
    """`all`, or versions as pip takes them."""
    try:
        return SpecifierSet("" if text == "all" else text)
    except InvalidSpecifier:
        raise Mistake(
            f"--releases {text!r} is no specifier; write '>=2.30', '==2.36.0,!=2.36.1' or 'all'"
        ) from None


def listing(cache: Path, name: str) -> list[File]:
    """All files of the package: from the index, or else as they were when it was last reached."""
    folder = cache / "listings"
    files = find_files(name)
    if files:
        keep_listing(folder, name, files)
        return files
    if files is not None:
        raise Mistake(f"{name}: the package index has no such package; check how it is spelt")
    kept = kept_listing(folder, name)
    if kept is None:
        raise Mistake(
            f"{name}: the package index cannot be reached, so its releases are not known; "
            "connect to a network (or set PIP_INDEX_URL to a mirror) and run it again"
        )
    say(f"the package index cannot be reached: {name}'s releases are those that it had last")
    return kept


def describe(version: Version, files: list[File]) -> dict[str, Any]:
    """One release, by its files."""
    dates = sorted(file.uploaded for file in files if file.uploaded)
    return {
        "version": str(version),
        "uploaded": dates[0] if dates else None,
        "yanked": all(file.yanked for file in files),
        "wheel": any(file.is_wheel for file in files),
    }


def newest_first(files: list[File], specifier: SpecifierSet) -> tuple[str, list[dict[str, Any]]]:
    """What they are sorted by, and the releases that the specifier admits."""
    by_version: dict[Version, list[File]] = {}
    for file in files:
        by_version.setdefault(file.version, []).append(file)
    wanted = [(v, describe(v, by_version[v])) for v in specifier.filter(by_version)]
    wanted.sort(key=lambda pair: pair[0], reverse=True)
    by_date = all(release["uploaded"] for _, release in wanted)
    if by_date:
        wanted.sort(key=lambda pair: pair[1]["uploaded"], reverse=True)
    return "date" if by_date else "version", [release for _, release in wanted]


def main(arguments: list[str]) -> None:
    """Answer on standard output."""
    parser = Parser(prog="list_releases.py", description=__doc__.splitlines()[0])
    parser.add_argument("--cache", required=True, metavar="DIR", help="where releases are kept")
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("specifier", nargs="?", default="all", metavar="SPECIFIER")
    options = parser.parse_args(arguments)
    if not NAME.fullmatch(options.name):
        raise Mistake(f"{options.name!r} is not the name of a package; write one as PyPI has it")
    specifier = read_specifier(options.specifier)
    name = normal_name(options.name)
    files = listing(Path(os.path.abspath(options.cache)), name)
    by, releases = newest_first(files, specifier)
    if not releases:
        newest = max(file.version for file in files)
        raise Mistake(
            f"--releases {options.specifier!r}: no release of {name} is in it; "
            f"the highest is {newest}"
        )
    print(json.dumps({"name": name, "by": by, "releases": releases}))


if __name__ == "__main__":
    sys.exit(run_helper(main))
