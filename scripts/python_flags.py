"""Say how to embed the interpreter that runs this: variables for make, one a line.

    /path/to/python3.12 scripts/python_flags.py           NAME := value lines
    /path/to/python3.12 scripts/python_flags.py tag       only its folder's name under build/

The interpreter is asked itself (sysconfig), because the first python3 on PATH need not be the one whose
headers and library a system folder holds.
"""

from __future__ import annotations

import os
import platform
import sys
import sysconfig


def var(name: str) -> str:
    return str(sysconfig.get_config_var(name) or "")


def instrumented() -> bool:
    """Was it built with ThreadSanitizer? Then only a worker that has it can be linked with it."""
    return any("-fsanitize=thread" in var(name) for name in ("CONFIG_ARGS", "PY_CFLAGS", "CFLAGS"))


def tag() -> str:
    """`cpython-3.11.2`; with a `t` behind it for a free-threaded build, `-tsanpy` for an instrumented one."""
    free_threaded = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    tsan = "-tsanpy" if instrumented() else ""
    return f"cpython-{platform.python_version()}{free_threaded}{tsan}"


def suppressions() -> str:
    """What ThreadSanitizer is not to report of the interpreter itself, where scripts/tsan-python left it."""
    file = os.path.join(sys.base_prefix, "share", "tsan-suppressions.txt")
    return file if os.path.exists(file) else ""


def link_flags() -> str:
    folder = var("LIBDIR")
    if var("Py_ENABLE_SHARED") == "1":
        name = "python" + var("LDVERSION")
        return f"-L{folder} -l{name} -Wl,-rpath,{folder}"
    archive = os.path.join(var("LIBPL"), var("LIBRARY"))
    return f"{archive} {var('LIBS')} {var('SYSLIBS')} -Wl,-export-dynamic"


def missing() -> str | None:
    """What stands in the way of embedding it, as one line with the remedy."""
    header = os.path.join(sysconfig.get_path("include"), "Python.h")
    if not os.path.exists(header):
        return (
            f"{sys.executable} has no {header}; install its development files (Debian: python3-dev)"
        )
    return None


def main(arguments: list[str]) -> int:
    if arguments == ["tag"]:
        print(tag())
        return 0
    problem = missing()
    if problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    binary = getattr(sys, "_base_executable", "") or sys.executable
    print(f"PY_TAG := {tag()}")
    print(f"PY_BINARY := {binary}")
    print(f"PY_CFLAGS := -isystem {sysconfig.get_path('include')}")
    print(f"PY_LDFLAGS := {link_flags()}")
    if instrumented():
        print("PY_TSAN := 1")
        print(f"PY_SUPPRESSIONS := {suppressions()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
