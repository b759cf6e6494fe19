"""Do for many releases what fetch_target.py does for one; what cannot be had costs no other.

    fetch_many.py --cache DIR [--lock FILE]

Standard input is a JSON array of objects with `target`, NAME==VERSION, and `patches`, files.
Standard output is one JSON object whose `targets` has, for each, what fetch_target.py prints, or
`error`, why there is none, and `passing`: whether that is this moment's trouble (no network, a
full disk) and not the release's. The cache is open to others between two of them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import wheel_cache
from fetch_target import LOCK_FILE, Parser, fetch_release
from helper_main import Failure, HelperError, run_helper


def fetch_one(options: argparse.Namespace, wanted: dict[str, Any]) -> dict[str, Any]:
    """One release, or why there is none."""
    options.target, options.patch = wanted["target"], wanted["patches"]
    try:
        return fetch_release(options)
    except HelperError as error:
        return {"error": error.message, "passing": error.passing}
    except OSError as error:
        where = error.filename or options.cache
        reason = f"cache {options.cache}: cannot be used: {error.strerror or error} ({where})"
        return {"error": reason, "passing": True}


def main(arguments: list[str]) -> None:
    """Answer the request on standard input."""
    parser = Parser(prog="fetch_many.py", description=__doc__.splitlines()[0])
    parser.add_argument("--cache", required=True, metavar="DIR", help="where releases are kept")
    parser.add_argument("--lock", default=LOCK_FILE, metavar="FILE", help="the known hashes")
    options = parser.parse_args(arguments)
    options.cache = Path(os.path.abspath(options.cache))
    try:
        wanted = json.load(sys.stdin)
    except ValueError as error:
        raise Failure(f"request on standard input: {error!r}; see fetch_many.py") from error
    found = []
    for number, each in enumerate(wanted, 1):
        wheel_cache.part = f"{number}/{len(wanted)} "
        found.append(fetch_one(options, each))
    print(json.dumps({"targets": found}, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(run_helper(main))
