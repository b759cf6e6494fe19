"""How the driver's Python helpers end: with one line of error, and an exit code to go by."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable


class HelperError(Exception):
    """Ends a helper: `message` is the one line a person reads, `detail` what may follow it."""

    exit_code = 3
    passing = True  # the same request may succeed another time

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.message = " ".join(message.split())
        self.detail = detail.rstrip("\n")


class Mistake(HelperError):
    """Something the user can mend: what was asked for, or the environment it was asked in."""

    exit_code = 2
    passing = False


class Failure(HelperError):
    """Something that went wrong although the request was right: a full disk, a broken pip."""

    exit_code = 3


def report(error: HelperError) -> int:
    """Print `error` and return the exit code that stands for it."""
    print(f"error: {error.message}", file=sys.stderr)
    if error.detail:
        print(error.detail, file=sys.stderr)
    return error.exit_code


def run_helper(main: Callable[[list[str]], None]) -> int:
    """Run `main` with the command line's arguments; every way to end becomes an exit code."""
    # Paths need not be UTF-8; surrogateescape hands their bytes through as they came.
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    # A polite end unwinds: temporary files are removed and a running pip is stopped with us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main(sys.argv[1:])
        return 0
    except HelperError as error:
        return report(error)
    except KeyboardInterrupt:
        return report(Failure("interrupted before it was done; run the command again"))
    except Exception as error:  # noqa: BLE001 - whatever it was, the driver must get its line
        import traceback

        summary = f"internal error: {type(error).__name__}: {error}; please report it"
        return report(Failure(summary, traceback.format_exc()))
