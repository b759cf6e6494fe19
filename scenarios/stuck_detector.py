"""arroyo's own stuck detector reports while the main thread wakes up: does either thread fail?

The real threads: a StreamProcessor's main thread, stuck in its strategy's submit(), and the detector thread that the
StreamProcessor starts itself. In 2.34.0 to 2.37.0 the detector adds `arroyo.consumer.stuck` to the main thread's
MetricsBuffer and flushes it, just when the main thread may resume and add to it. The RuntimeError can strike the
detector's thread or the main thread; there it crashes the consumer. 2.37.1 (getsentry/arroyo#517) reports past the
buffer.

The StreamProcessor, its thread, LocalBroker and the strategy's life are arroyo's, unmodified. Under stress its clock
runs faster, so that a trial takes milliseconds; under explore time is virtual, and the strategy is stuck for longer than
the detector waits, or resumes sooner, as the schedule has it.
"""

import logging
import threading
import time

import arroyo.processing.processor as processor_module
from arroyo.backends.local.backend import LocalBroker
from arroyo.backends.local.storages.memory import MemoryMessageStorage
from arroyo.processing.processor import StreamProcessor
from arroyo.processing.strategies.abstract import ProcessingStrategy, ProcessingStrategyFactory
from arroyo.types import Partition, Topic
from arroyo.utils.metrics import configure_metrics
from flashflood import actor, choose, control, engine, invariant, reach, setup
from support.udp_metrics import UdpMetrics

needs = "sentry-arroyo>=2.34"
package = "arroyo"
must_reach = ("the detector reported", "the main thread resumed")

# A data race of the kinds is one that does harm on this interpreter; those by the language alone are no failure.
expected = [
    {
        "releases": ">=2.34,<2.37.1",
        "patches": ["arroyo_processor_fix.patch"],
        "engine": "explore",
        "outcome": "fail",
        "kinds": ["invariant", "data-race"],
        "because": "the snapshots end the RuntimeError; one switch between a snapshot and the reset still loses or"
        " doubles the report",
    },
    {
        "releases": ">=2.34,<2.37.1",
        "patches": ["arroyo_processor_fix.patch"],
        "engine": "stress",
        "outcome": "pass",
        "may": ["invariant", "data-race"],
        "because": "the snapshots end the RuntimeError; that the report is lost or doubled takes luck: 3 in 20 runs of"
        " 10 s",
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
        "engine": "explore",
        "outcome": "fail",
        "kinds": ["data-race"],
        "because": "no metric is lost or doubled: a GIL build of CPython 3.10 or later does not hand over within the"
        " swap, nor within an addition (3.9 does, and `--points bytecode` shows what a build without a GIL may do);"
        " but two threads that both find it time to flush overwrite each other's time of it",
    },
    {
        "releases": ">=2.34,<2.37.1",
        "patches": ["arroyo_swap.patch"],
        "engine": "stress",
        "outcome": "pass",
        "may": ["data-race"],
        "because": "as under explore; that two threads both find it time to flush takes luck",
    },
    {
        "releases": ">=2.34,<2.37.1",
        "engine": "explore",
        "outcome": "fail",
        "kinds": ["dict-changed-size", "invariant", "data-race"],
        "because": "the detector's thread adds to and flushes the main thread's MetricsBuffer (getsentry/arroyo#512)",
    },
    {
        "releases": ">=2.34,<2.37.1",
        "engine": "stress",
        "outcome": "fail",
        "kinds": ["dict-changed-size"],
        "may": ["invariant", "data-race"],
        "because": "the detector's thread adds to and flushes the main thread's MetricsBuffer (getsentry/arroyo#512)",
    },
    {
        "releases": ">=2.37.1",
        "outcome": "pass",
        "because": "the detector reports past the buffer (getsentry/arroyo#517)",
    },
]

STRESS = engine() == "stress"
SPEED = 1000  # seconds of the processor's clock in a real one, under stress
STUCK_SECONDS = 2.5  # under explore; the detector reports after one
TOPIC = Topic("flashflood")
# The main thread is stuck in the first and, once awake, works through the rest.
MESSAGES = 20 if STRESS else 3


class FastTime:
    """The time module as arroyo.processing.processor sees it."""

    @staticmethod
    def time():
        return time.time() * SPEED

    @staticmethod
    def sleep(seconds):
        time.sleep(seconds / SPEED)


class ReportsSeen(logging.Handler):
    """The detector's warning, the last thing that it does before it touches the metrics."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.on_report = None

    def emit(self, record):
        if self.on_report and "main thread stuck" in record.msg:
            self.on_report()


class StuckStrategy(ProcessingStrategy):
    """Blocks in submit() until the detector reports, then goes on at some moment of that report."""

    def __init__(self, scenario):
        self.scenario = scenario

    def poll(self):
        pass

    def submit(self, message):
        if message.payload == 0:
            self.scenario.be_stuck()
        elif message.payload == MESSAGES - 1:
            self.scenario.processor.signal_shutdown()

    def close(self):
        pass

    def terminate(self):
        pass

    def join(self, timeout=None):
        pass


class Factory(ProcessingStrategyFactory):
    def __init__(self, scenario):
        self.scenario = scenario

    def create_with_partitions(self, commit, partitions):
        return StuckStrategy(self.scenario)


class StuckDetectorReports:
    seen = ReportsSeen()

    @setup
    @staticmethod
    def watch_the_detector():
        if STRESS:
            processor_module.time = FastTime
        logger = logging.getLogger("arroyo")
        logger.addHandler(StuckDetectorReports.seen)
        logger.setLevel(logging.WARNING)
        logger.propagate = False

    def __init__(self):
        self.reported = threading.Event()
        self.stuck = threading.Event()
        self.reports = 0
        self.wait_for_the_detector_to_end = False
        self.detector = None
        self.seen.on_report = self.note_report
        self.backend = UdpMetrics()
        configure_metrics(self.backend, force=True)
        broker = LocalBroker(MemoryMessageStorage())
        broker.create_topic(TOPIC, 1)
        for message in range(MESSAGES):
            broker.produce(Partition(TOPIC, 0), message)
        self.consumer = broker.get_consumer("group")

    @control
    def resume_only_when_the_detector_has_ended(self):
        self.wait_for_the_detector_to_end = True

    def note_report(self):
        if self.wait_for_the_detector_to_end:
            self.stuck.wait()  # a slow machine may take the main thread for stuck before it is
        self.detector = threading.current_thread()
        reach("the detector reported")
        self.reports += 1
        self.reported.set()

    def be_stuck(self):
        if self.wait_for_the_detector_to_end:
            self.stuck.set()
            self.reported.wait()
            self.detector.join()
        elif STRESS:
            self.reported.wait()
            if choose(2):
                time.sleep(choose(200) / 1e6)
        else:
            time.sleep(STUCK_SECONDS)
        reach("the main thread resumed")

    @actor
    def consume(self):
        self.processor = StreamProcessor(
            self.consumer, TOPIC, Factory(self), join_timeout=0.0, stuck_detector_timeout=1
        )
        self.processor.run()

    def accounted_for(self):
        """How often arroyo.consumer.stuck was emitted, and what remains of it in the buffer."""
        emitted = sum(
            value for name, value in self.backend.counters if name == "arroyo.consumer.stuck"
        )
        remains = self.processor._StreamProcessor__metrics_buffer._MetricsBuffer__counters
        return emitted + remains.get("arroyo.consumer.stuck", 0)

    @invariant
    def no_report_is_lost(self):
        assert (
            self.accounted_for() >= self.reports
        ), f"arroyo.consumer.stuck: added {self.reports}, accounted for {self.accounted_for()}"

    @invariant
    def no_report_is_doubled(self):
        assert (
            self.accounted_for() <= self.reports
        ), f"arroyo.consumer.stuck: added {self.reports}, accounted for {self.accounted_for()}"
