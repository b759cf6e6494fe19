"""N threads on one MetricsBuffer: is every metric emitted once, and does no thread fail?

The real threads: a StreamProcessor's main thread adds to its MetricsBuffer all the time, and any second thread that adds
to it and flushes it, as the stuck detector of 2.34.0 to 2.37.0 does, works on the same two dicts. `flush()` iterates
them and then clears them.

MetricsBuffer was never made thread-safe ("designed to only deal with one thread", says getsentry/arroyo#517), so
this is a test of patches: it is red on every release. The test of releases is `stuck_detector`.
"""

from arroyo.processing.processor import MetricsBuffer
from arroyo.utils.metrics import configure_metrics
from flashflood import actor, invariant
from support.udp_metrics import UdpMetrics, totals

needs = "sentry-arroyo>=2.14.25,!=2.25.0"  # 2.25.0 alone wants a consumer
package = "arroyo"

# A data race of the kinds is one that does harm on this interpreter; those by the language alone are no failure.
expected = [
    {
        "releases": ">=2.34,<2.37.1",
        "patches": ["arroyo_processor_fix.patch"],
        "engine": "explore",
        "outcome": "fail",
        "kinds": ["invariant", "data-race"],
        "because": "the snapshots end the RuntimeError; what is added between a snapshot and the reset is still lost,"
        " and what two flushes both snapshot is still doubled",
    },
    {
        "releases": ">=2.34,<2.37.1",
        "patches": ["arroyo_processor_fix.patch"],
        "engine": "stress",
        "outcome": "fail",
        "kinds": ["invariant"],
        "may": ["data-race"],
        "because": "as under explore; races are looked for in a few of the trials",
    },
    {
        "releases": ">=2.34,<2.37.1",
        "patches": ["arroyo_lock.patch"],
        "outcome": "pass",
        "because": "every access to the two dicts holds one lock",
    },
    {
        "releases": ">=2.34,<2.37.1",
        "patches": ["arroyo_swap.patch"],
        "outcome": "pass",
        "may": ["data-race"],
        "because": "a GIL build of CPython 3.10 or later does not hand over within the swap, nor within an addition;"
        " 3.9 does, and `--points bytecode` shows what a build without a GIL may do. Two threads that both find it"
        " time to flush, under stress, overwrite each other's time of it",
    },
    {
        "releases": "",
        "engine": "explore",
        "outcome": "fail",
        "kinds": ["dict-changed-size", "invariant", "data-race"],
        "because": "MetricsBuffer is not thread-safe in any release: flush() iterates dicts that other threads change",
    },
    {
        "releases": "",
        "engine": "stress",
        "outcome": "fail",
        "kinds": ["dict-changed-size", "invariant"],
        "may": ["data-race"],
        "because": "MetricsBuffer is not thread-safe in any release: flush() iterates dicts that other threads change",
    },
]

COUNTERS = (
    "arroyo.consumer.run.count",
    "arroyo.consumer.pause",
    "arroyo.consumer.resume",
    "arroyo.consumer.invalid_message.count",
)
TIMINGS = (
    "arroyo.consumer.poll.time",
    "arroyo.consumer.processing.time",
    "arroyo.consumer.join.time",
    "arroyo.consumer.callback.time",
)
SECONDS = 0.5  # a power of two, so that sums of it are exact


class MetricsBufferUnderThreads:
    def __init__(self):
        self.backend = UdpMetrics()
        configure_metrics(self.backend, force=True)
        self.buffer = MetricsBuffer()
        # (metric, amount); append is atomic. A list each, so that keeping books makes no two actors wait for each other's
        # turn: explore tells apart only what matters.
        self.added, self.reported = [], []

    @actor(calls=4, stress_calls=1000, many=True)
    def work(self, call):
        """A consumer's main thread: counters and timings, in turn."""
        if call % 2 == 0:
            metric = COUNTERS[call // 2 % len(COUNTERS)]
            self.added.append((metric, 1))
            self.buffer.incr_counter(metric, 1)
        else:
            metric = TIMINGS[call // 2 % len(TIMINGS)]
            self.added.append((metric, SECONDS))
            self.buffer.incr_timing(metric, SECONDS)

    @actor(calls=1, stress_calls=200, many=True)
    def report(self):
        """What the stuck detector does when it reports."""
        self.reported.append(("arroyo.consumer.stuck", 1))
        self.buffer.incr_counter("arroyo.consumer.stuck", 1)
        self.buffer.flush()

    def differences(self):
        """For each metric, emitted plus what remains, less what was added; without those that are right."""
        remains = [
            *self.buffer._MetricsBuffer__counters.items(),
            *self.buffer._MetricsBuffer__timers.items(),
        ]
        accounted = totals(self.backend.counters + self.backend.timings + remains)
        added = totals(self.added + self.reported)
        names = sorted(added.keys() | accounted.keys())
        found = {name: accounted.get(name, 0) - added.get(name, 0) for name in names}
        return {name: difference for name, difference in found.items() if difference}

    @invariant
    def nothing_is_lost(self):
        lost = {
            name: -difference for name, difference in self.differences().items() if difference < 0
        }
        assert not lost, f"lost: {lost}"

    @invariant
    def nothing_is_doubled(self):
        doubled = {
            name: difference for name, difference in self.differences().items() if difference > 0
        }
        assert not doubled, f"emitted more than was added: {doubled}"
