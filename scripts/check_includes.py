"""Hold the include lines against the architecture: they point down only (docs/architecture.md).

A folder may include itself and the folders named for it here. Python.h belongs to harness/python and what stands on
it; a strategy never sees it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

BASE = {"platform"}
MODEL = BASE | {"model"}
ENGINE = MODEL | {"carrier", "strategy", "tsan"}
ALLOWED = {
    "platform": BASE,
    "model": MODEL,
    "carrier": MODEL,
    "strategy": MODEL,
    "tsan": MODEL | {"carrier"},
    "python": MODEL | {"carrier", "strategy", "tsan"},
    "oracle": ENGINE | {"python"},
    "worker": ENGINE | {"python", "oracle"},
    "campaign": MODEL | {"strategy"},
    "reports": MODEL,
    "cli": MODEL | {"campaign", "reports", "strategy"},
    "main": BASE | {"cli"},
}
NO_PYTHON = {
    "platform",
    "model",
    "carrier",
    "strategy",
    "tsan",
    "campaign",
    "reports",
    "cli",
    "main",
}
INCLUDE = re.compile(r'^#include "([a-z]+)/', re.MULTILINE)


def room_of(path: Path) -> str:
    """The folder that a file belongs to: `harness/cli/check.c` is of `cli`."""
    if path.parts[0] == "harness":
        return path.parts[1] if len(path.parts) > 2 else "main"
    return path.parts[0]


def complaints(path: Path) -> list[str]:
    room = room_of(path)
    text = path.read_text()
    found = [
        f"{path}: {room} may not include {other}/"
        for other in INCLUDE.findall(text)
        if other != room and other not in ALLOWED[room]
    ]
    if room in NO_PYTHON and re.search(r"#include [<\"](python/)?[Pp]ython\.h", text):
        found.append(f"{path}: {room} may not include Python.h")
    return found


def main() -> int:
    files = [*Path("harness").rglob("*.[ch]"), *Path("reports").rglob("*.[ch]")]
    found = [line for path in sorted(files) for line in complaints(path)]
    for line in found:
        print(line, file=sys.stderr)
    print(f"{len(files)} files, {len(found)} includes that point up")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
