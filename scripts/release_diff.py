"""The change between two releases, in the files that stacks name.

Standard input is JSON: `before` and `after`, folders that releases are unpacked to, `names`, what
to call them, `package`, and `texts`, in which files stand as tracebacks and findings name them.
Standard output is JSON: `files`, those of the package that the texts name, `diff`, a unified diff
of these, and `others`, how many more of the package's files changed. Exit codes: 0 done, 3 not.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
from pathlib import Path

from helper_main import Failure, run_helper


def named_files(package: str, texts: list[str]) -> list[str]:
    """The package's files in the texts, in the order in which they come."""
    pattern = rf"(?<![\w./-])({re.escape(package)}(?:/[\w./-]+)?\.py)\b"
    return list(dict.fromkeys(file for text in texts for file in re.findall(pattern, text)))


def content(folder: Path, file: str) -> list[str]:
    """The lines of a file; none where there is no such file."""
    path = folder / file
    return path.read_text("utf-8", "replace").splitlines(keepends=True) if path.is_file() else []


def changed(package: str, before: Path, after: Path) -> list[str]:
    """The package's files that differ."""
    found = set()
    for folder in (before, after):
        for path in [folder / f"{package}.py", *(folder / package).rglob("*.py")]:
            if path.is_file():
                found.add(str(path.relative_to(folder)))
    return sorted(file for file in found if content(before, file) != content(after, file))


def difference(names: list[str], before: Path, after: Path, file: str) -> str:
    """The unified diff of one file; every line of it ends."""
    lines = difflib.unified_diff(
        content(before, file),
        content(after, file),
        f"{names[0]}/{file}",
        f"{names[1]}/{file}",
    )
    ended = [
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    ]
    return "".join(ended)


def main(_: list[str]) -> None:
    """Answer the request on standard input."""
    try:
        asked = json.load(sys.stdin)
        before, after = Path(asked["before"]), Path(asked["after"])
        files = named_files(asked["package"], asked["texts"])
        names = asked["names"]
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(f"request on standard input: {error!r}; see release_diff.py") from error
    all_changed = changed(asked["package"], before, after)
    diff = "".join(difference(names, before, after, file) for file in files)
    others = [file for file in all_changed if file not in files]
    print(json.dumps({"files": files, "diff": diff, "others": len(others)}, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(run_helper(main))
