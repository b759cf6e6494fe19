#!/usr/bin/env python3
"""Is MetricsBuffer.flush() of the installed sentry-arroyo safe when threads share the buffer?

    python3 test_arroyo_fix.py

Needs nothing but Python 3.9 or later and the arroyo installed in it. Several threads share one real
MetricsBuffer. The first adds timings and counters as a consumer does; each other does what arroyo's
stuck detector does, incr_counter("arroyo.consumer.stuck", 1) and then flush(). (arroyo runs one
detector: --threads 2 is that case. More of them find rare losses in seconds.) The metrics backend
sends a UDP datagram on loopback for each metric, as a StatsD client does: that gives up the GIL in
the middle of flush(), which is how the other threads get in.

Rounds, each with fresh threads on a fresh buffer, are repeated until the time is over; an error
ends the run early. After each round the books are checked, metric by metric: what was added must
equal what was sent plus what the buffer still holds. A loss and a doubling of one metric in one
round cancel out, so the numbers are lower bounds.

exit code
  0  no error; lost or doubled metrics, if any, are a WARNING (see --strict)
  1  an exception came out of the buffer, threads hung, or --strict and metrics were lost or doubled
  2  bad arguments, or no arroyo that this script can drive
  3  inconclusive: too few operations, or no flush that another thread met
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import hashlib
import importlib
import importlib.metadata
import os
import platform
import socket
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

EXIT_OK, EXIT_FOUND, EXIT_USAGE, EXIT_INCONCLUSIVE = 0, 1, 2, 3

# A verdict needs more operations than this, however early the error came.
MIN_OPERATIONS = 6000
# What the last round may take beyond --seconds before its threads are told to stop, and what they
# may take to obey before they count as hung.
ROUND_GRACE_SECONDS = 20.0
HANG_SECONDS = 10.0

# The second wording is that of free-threaded builds and of keys replaced at the same size.
RACE_MESSAGES = (
    "dictionary changed size during iteration",
    "dictionary keys changed during iteration",
)

STUCK = "arroyo.consumer.stuck"
TIMERS = (
    "arroyo.consumer.poll.time",
    "arroyo.consumer.processing.time",
    "arroyo.consumer.backpressure.time",
    "arroyo.consumer.dlq.time",
    "arroyo.consumer.join.time",
    "arroyo.consumer.callback.time",
    "arroyo.consumer.shutdown.time",
)
COUNTERS = (
    "arroyo.consumer.run.count",
    "arroyo.consumer.invalid_message.count",
    "arroyo.consumer.pause",
    "arroyo.consumer.resume",
    "arroyo.consumer.dlq.dropped_messages",
)


class UsageError(Exception):
    """The run cannot start; the message says why and what to do."""


@dataclass
class Ledger:
    """What one thread did. Only that thread writes it, so the accounting itself cannot race."""

    added: list[tuple[str, float]] = field(default_factory=list)
    sent: list[tuple[str, float]] = field(default_factory=list)
    flushes: int = 0
    met: int = 0  # flushes during which another thread added something
    error: BaseException | None = None


class UdpMetrics:
    """A metrics backend that sends a real datagram for each metric, to a socket nobody reads."""

    def __init__(self) -> None:
        self.__sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.__sink.bind(("127.0.0.1", 0))
        self.__address = self.__sink.getsockname()
        self.__socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.__thread = threading.local()

    def write_to(self, ledger: Ledger) -> None:
        """From now on, what the calling thread sends is noted in `ledger`."""
        self.__thread.ledger = ledger

    def __send(self, name: str, value: float, kind: str) -> None:
        self.__thread.ledger.sent.append((name, value))
        with contextlib.suppress(OSError):  # a full queue, say: StatsD clients drop, too
            self.__socket.sendto(f"{name}:{value}|{kind}".encode(), self.__address)

    def increment(self, name: str, value: float = 1, tags: Any = None) -> None:
        self.__send(name, value, "c")

    def gauge(self, name: str, value: float, tags: Any = None) -> None:
        self.__send(name, value, "g")

    def timing(self, name: str, value: float, tags: Any = None) -> None:
        self.__send(name, value, "ms")


@dataclass
class Arroyo:
    """The arroyo under test and the backend that it was given."""

    processor: ModuleType
    metrics: ModuleType
    backend: UdpMetrics
    version: str

    def new_buffer(self) -> Any:
        return self.processor.MetricsBuffer()


@dataclass
class Totals:
    """The sum over all rounds."""

    rounds: int = 0
    operations: int = 0
    flushes: int = 0
    met: int = 0
    lost: Counter = field(default_factory=Counter)
    doubled: Counter = field(default_factory=Counter)
    races: list[BaseException] = field(default_factory=list)
    others: list[BaseException] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return bool(self.races or self.others or self.hung)

    @property
    def conclusive(self) -> bool:
        return self.operations > MIN_OPERATIONS and self.met > 0

    @property
    def unbalanced(self) -> bool:
        return bool(self.lost or self.doubled)


# --- the arroyo under test ----------------------------------------------------------------------


def load_arroyo() -> Arroyo:
    """Import the installed arroyo, give it the backend, and see that it can be driven at all."""
    try:
        processor = importlib.import_module("arroyo.processing.processor")
        metrics = importlib.import_module("arroyo.utils.metrics")
    except Exception as error:  # a botched patch may raise anything
        raise UsageError(
            f"cannot import arroyo ({type(error).__name__}: {error}); install it into this Python: "
            f"{sys.executable} -m pip install sentry-arroyo==2.36.0"
        ) from error
    try:
        backend = UdpMetrics()
    except OSError as error:
        raise UsageError(f"cannot open a UDP socket on 127.0.0.1 ({error}); allow it") from error
    arroyo = Arroyo(processor, metrics, backend, installed_version(processor))
    if problem := problem_on_one_thread(arroyo):
        raise UsageError(
            f"cannot drive the MetricsBuffer of arroyo {arroyo.version} even on one thread "
            f"({problem}); use a release from 2.14.25 on, or mend the patch"
        )
    return arroyo


def installed_version(processor: ModuleType) -> str:
    """The version of the distribution that this very file belongs to, not of another copy."""
    try:
        distribution = importlib.metadata.distribution("sentry-arroyo")
        owned = distribution.locate_file("arroyo/processing/processor.py")
        if os.path.samefile(str(owned), str(processor.__file__)):
            return distribution.version
    except (importlib.metadata.PackageNotFoundError, OSError):
        pass
    return "of unknown version (not installed by pip)"


def problem_on_one_thread(arroyo: Arroyo) -> str:
    """The control: the same calls on one thread, or whatever the threads show means nothing."""
    ledger = Ledger()
    arroyo.backend.write_to(ledger)
    try:
        arroyo.metrics.configure_metrics(arroyo.backend, force=True)
        buffer = arroyo.new_buffer()
        for step in range(len(TIMERS) * len(COUNTERS)):
            add_metrics(buffer, ledger, step)
        report_stuck(buffer, ledger)
        balance = unaccounted(buffer, [ledger])
    except Exception as error:  # noqa: BLE001 - a botched patch may raise anything
        return f"{type(error).__name__}: {error}"
    if not ledger.sent:
        return "flush() sent nothing"
    return f"its books do not balance: {balance}" if balance else ""


# --- what the threads do ------------------------------------------------------------------------


def add_metrics(buffer: Any, ledger: Ledger, step: int) -> None:
    """The consumer's loop: a timing or a counter, each metric in its turn."""
    if step % 2:
        name, add = COUNTERS[step // 2 % len(COUNTERS)], buffer.incr_counter
    else:
        name, add = TIMERS[step // 2 % len(TIMERS)], buffer.incr_timing
    # Whole numbers only, so that sums of floats are exact. Noted first: an exception can come only
    # out of the flush that an increment may end in, when the increment itself is done.
    ledger.added.append((name, 1))
    add(name, 1)


def report_stuck(buffer: Any, ledger: Ledger) -> None:
    """What arroyo's stuck detector does to the buffer, word for word."""
    ledger.added.append((STUCK, 1))
    buffer.incr_counter(STUCK, 1)
    buffer.flush()


def run_consumer(buffer: Any, ledgers: list[Ledger], me: int, steps: range) -> None:
    for step in steps:
        add_metrics(buffer, ledgers[me], step)


def run_detector(buffer: Any, ledgers: list[Ledger], me: int, steps: range) -> None:
    mine = ledgers[me]
    others = [ledger.added for ledger in ledgers if ledger is not mine]
    for _ in steps:
        before = sum(map(len, others))
        mine.flushes += 1
        try:
            report_stuck(buffer, mine)
        finally:
            mine.met += sum(map(len, others)) != before


def is_detector(me: int) -> bool:
    """All but the first: flushes that meet each other show losses that one detector rarely does."""
    return me > 0


# --- a round ------------------------------------------------------------------------------------


def unaccounted(buffer: Any, ledgers: list[Ledger]) -> dict[str, float]:
    """For each metric that does not add up: added - sent - still held (> 0 lost, < 0 doubled)."""
    balance: Counter = Counter()
    for ledger in ledgers:
        for name, value in ledger.added:
            balance[name] += value
        for name, value in ledger.sent:
            balance[name] -= value
    for held in (buffer._MetricsBuffer__timers, buffer._MetricsBuffer__counters):
        balance.subtract(held)
    return {name: value for name, value in sorted(balance.items()) if value}


def in_slices(operations: int, stop: threading.Event) -> Iterator[range]:
    """`operations` in slices, so that the stop flag costs the loops between them nothing."""
    for start in range(0, operations, 100):
        if stop.is_set():
            return
        yield range(start, min(start + 100, operations))


def start_threads(
    arroyo: Arroyo, buffer: Any, ledgers: list[Ledger], operations: int, stop: threading.Event
) -> list[threading.Thread]:
    barrier = threading.Barrier(len(ledgers))

    def body(me: int) -> None:
        arroyo.backend.write_to(ledgers[me])
        run: Callable[..., None] = run_detector if is_detector(me) else run_consumer
        try:
            barrier.wait()
            for steps in in_slices(operations, stop):
                run(buffer, ledgers, me, steps)
        except Exception as error:  # noqa: BLE001 - ends this thread only, whatever it is
            ledgers[me].error = error

    # Daemons: a thread that hangs must not keep this script from saying so.
    names = ["stuck detector" if is_detector(me) else "consumer" for me in range(len(ledgers))]
    threads = [
        threading.Thread(target=body, args=(me,), name=f"{name} {me}", daemon=True)
        for me, name in enumerate(names)
    ]
    try:
        for thread in threads:
            thread.start()
    except RuntimeError as error:  # "can't start new thread"
        barrier.abort()
        raise UsageError(f"{error}: use fewer than {len(threads)} --threads") from error
    return threads


def join_threads(
    threads: list[threading.Thread], stop: threading.Event, deadline: float
) -> list[str]:
    """Wait for the threads; returns the stacks of those that do not end, none being the rule."""
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    stop.set()
    hung_at = time.monotonic() + HANG_SECONDS
    for thread in threads:
        thread.join(max(0.0, hung_at - time.monotonic()))
    frames = sys._current_frames()
    return [
        f"{thread.name}:\n" + "".join(traceback.format_stack(frames[thread.ident]))
        for thread in threads
        if thread.is_alive() and thread.ident in frames
    ]


def run_round(arroyo: Arroyo, options: argparse.Namespace, totals: Totals, deadline: float) -> None:
    """All the threads once, on one buffer, and the books checked after."""
    buffer = arroyo.new_buffer()
    ledgers = [Ledger() for _ in range(options.threads)]
    stop = threading.Event()
    threads = start_threads(arroyo, buffer, ledgers, options.operations, stop)
    totals.hung += join_threads(threads, stop, deadline)

    totals.rounds += 1
    for ledger in ledgers:
        totals.operations += len(ledger.added)
        totals.flushes += ledger.flushes
        totals.met += ledger.met
        if ledger.error is not None:
            (totals.races if is_race(ledger.error) else totals.others).append(ledger.error)
    if totals.hung:
        return  # they still hold the buffer: its books are not closed
    for name, value in unaccounted(buffer, ledgers).items():
        (totals.lost if value > 0 else totals.doubled)[name] += abs(value)


def is_race(error: BaseException) -> bool:
    return isinstance(error, RuntimeError) and str(error) in RACE_MESSAGES


@contextlib.contextmanager
def interpreter_set(interval: float) -> Iterator[None]:
    """The switch interval set and the cyclic garbage collector off, both restored after.

    Up to Python 3.11 even list(d.items()) raises if a collection inside it runs Python code, a
    weakref callback say, that lets another thread in. Dead threads have such callbacks, so this
    script's own garbage would put the blame on arroyo. hammer() collects between rounds instead.
    """
    before, collecting = sys.getswitchinterval(), gc.isenabled()
    sys.setswitchinterval(interval)
    gc.disable()
    try:
        yield
    finally:
        sys.setswitchinterval(before)
        if collecting:
            gc.enable()


def hammer(arroyo: Arroyo, options: argparse.Namespace) -> Totals:
    """Rounds until the time is over, or until an error has been seen in enough operations."""
    totals = Totals()
    end = time.monotonic() + options.seconds
    with interpreter_set(options.switch_interval):
        while True:
            run_round(arroyo, options, totals, end + ROUND_GRACE_SECONDS)
            gc.collect()
            enough = totals.failed and totals.operations > MIN_OPERATIONS
            if enough or totals.hung or time.monotonic() >= end:
                return totals


# --- the report ---------------------------------------------------------------------------------


def describe(arroyo: Arroyo, options: argparse.Namespace) -> list[str]:
    path = str(arroyo.processor.__file__)
    with open(path, "rb") as source:
        digest = hashlib.sha256(source.read()).hexdigest()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return [
        f"arroyo   {arroyo.version}",
        f"file     {path}",
        f"sha256   {digest}",
        f"python   {python}, switch interval {options.switch_interval:g} s",
    ]


def describe_run(totals: Totals, threads: int) -> list[str]:
    crew = f"{threads} threads (1 consumer, {threads - 1} as stuck detector)"
    lines = [
        f"run      {totals.rounds} rounds of {crew}, {totals.operations:,} operations",
        f"         {totals.flushes:,} flushes, {totals.met:,} while another thread added metrics",
    ]
    for name in sorted({*totals.lost, *totals.doubled}):
        lost, doubled = totals.lost[name], totals.doubled[name]
        lines.append(f"         {name:<40} lost {lost:>8,.0f}  doubled {doubled:>8,.0f}")
    return lines


def errors_of(totals: Totals) -> list[str]:
    """The first traceback of each kind of failure."""
    lines = []
    for errors in (totals.races, totals.others):
        for error in errors[:1]:
            text = traceback.format_exception(type(error), error, error.__traceback__)
            lines += ["", "first " + "".join(text).rstrip(), ""]
    for stack in totals.hung[:1]:
        lines += ["", "first hung thread, " + stack.rstrip(), ""]
    return lines


def verdict_of(totals: Totals, strict: bool) -> tuple[list[str], int]:
    """The lines that say what was found, and the exit code."""
    lines = []
    code = EXIT_FOUND if totals.failed else EXIT_OK
    if totals.races:
        times = f"{len(totals.races)} times in {totals.operations:,} operations"
        lines.append(f"FAIL: RuntimeError: {totals.races[0]}: {times}")
    if totals.others:
        lines.append(f"FAIL: {len(totals.others)} threads ended in another exception")
    if totals.hung:
        lines.append(f"FAIL: {len(totals.hung)} threads hung; the books were not checked")
    if not totals.failed:
        lines.append("no RuntimeError, nor any other exception")
    if totals.unbalanced:
        lost, doubled = sum(totals.lost.values()), sum(totals.doubled.values())
        word = "FAIL" if strict else "WARNING"
        lines.append(f"{word}: metrics lost: {lost:,.0f}, metrics doubled: {doubled:,.0f}")
        code = EXIT_FOUND if strict else code
    elif not totals.hung:
        lines.append("no metric lost or doubled")
    if code == EXIT_OK and not totals.conclusive:
        lines.append(
            f"INCONCLUSIVE: {totals.operations:,} operations, more than {MIN_OPERATIONS:,} needed; "
            f"{totals.met:,} flushes met by another thread, 1 needed: raise --operations, "
            "--seconds or --threads"
        )
        code = EXIT_INCONCLUSIVE
    return lines, code


# --- the command line ---------------------------------------------------------------------------


def number(kind: type, low: float, high: float) -> Callable[[str], Any]:
    """An argparse type: a number from `low` to `high`."""

    def parse(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            what = "a whole number" if kind is int else "a number"
            raise argparse.ArgumentTypeError(f"{text!r} is not {what} from {low:g} to {high:g}")
        return value

    return parse


class Parser(argparse.ArgumentParser):
    """One line for an error, with the remedy; argparse's own prints the usage as well."""

    def error(self, message: str) -> Any:
        raise UsageError(f"{message}; see --help")


def parse_options(arguments: list[str]) -> argparse.Namespace:
    summary, _, rest = str(__doc__).partition("\n")
    parser = Parser(
        description=summary,
        epilog=rest.strip("\n"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_sizes(parser.add_argument)
    parser.add_argument("--strict", action="store_true", help="lost or doubled metrics: exit 1")
    parser.add_argument("--quiet", action="store_true", help="print the verdict only")
    return parser.parse_args(arguments)


def add_sizes(option: Callable[..., Any]) -> None:
    """How many, how long, how often."""
    option(
        "--threads",
        type=number(int, 2, 256),
        default=6,
        metavar="N",
        help="threads that share the buffer, all but one of them stuck detectors (default: 6)",
    )
    option(
        "--operations",
        type=number(int, 1, 10_000_000),
        default=1500,
        metavar="N",
        help="operations of each thread in a round: a metric added, or one added and a flush "
        "(default: 1500)",
    )
    option(
        "--seconds",
        type=number(float, 0, 86_400),
        default=3.0,
        metavar="S",
        help="start new rounds for so long, while no error is seen; more finds rarer losses "
        "(default: 3)",
    )
    option(
        "--switch-interval",
        type=number(float, 1e-6, 10),
        default=1e-6,
        metavar="S",
        help="how long a thread keeps the GIL while another waits. Python's own default, 0.005, "
        "hides most interleavings from a short run (default: 0.000001)",
    )


def run(arguments: list[str]) -> int:
    options = parse_options(arguments)
    arroyo = load_arroyo()
    if not options.quiet:
        print(*describe(arroyo, options), sep="\n", flush=True)
    totals = hammer(arroyo, options)
    if not options.quiet:
        print(*describe_run(totals, options.threads), *errors_of(totals), sep="\n")
    lines, code = verdict_of(totals, options.strict)
    print(*lines, sep="\n")
    return code


def main(arguments: list[str]) -> int:
    try:
        return run(arguments)
    except UsageError as error:
        print(f"test_arroyo_fix.py: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print("INCONCLUSIVE: interrupted", file=sys.stderr)
        return EXIT_INCONCLUSIVE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
