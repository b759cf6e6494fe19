"""How one thread tells another that something is there. The racy twin tells it too early, or looks too early."""

import queue
import threading
import time
from concurrent.futures import Future

from pairs import ANY


class EventWaitedFor:
    race = "EventWaitedFor.value", None

    def __init__(self, ordered):
        self.ordered, self.value = ordered, 0
        self.event = threading.Event()

    def one(self):
        if self.ordered:
            self.value = 1
        self.event.set()
        if not self.ordered:
            self.value = 1  # races: write

    def other(self):
        self.event.wait()
        return self.value  # races: read


class EventWaitedForInTime:
    race = "EventWaitedForInTime.value", None

    def __init__(self, ordered):
        self.ordered, self.value = ordered, 0
        self.event = threading.Event()

    def one(self):
        if self.ordered:
            self.value = 1
        self.event.set()
        if not self.ordered:
            self.value = 1  # races: write

    def other(self):
        while not self.event.wait(0.01):
            pass
        return self.value  # races: read


class EventPolled:
    """Nobody waits: it is asked until it is set."""

    race = "EventPolled.value", None

    def __init__(self, ordered):
        self.ordered, self.value = ordered, 0
        self.event = threading.Event()

    def one(self):
        if self.ordered:
            self.value = 1
        self.event.set()
        if not self.ordered:
            self.value = 1  # races: write

    def other(self):
        while not self.event.is_set():
            time.sleep(0.001)
        return self.value  # races: read


class EventAskedOnce:
    """Only what is done because it was set comes behind it."""

    race = "EventAskedOnce.value", None

    def __init__(self, ordered):
        self.ordered, self.value = ordered, 0
        self.event = threading.Event()

    def one(self):
        self.value = 1  # races: write
        self.event.set()

    def other(self):
        if not self.ordered or self.event.is_set():
            return self.value  # races: read


class ConditionNotified:
    race = "ConditionNotified.value", None

    def __init__(self, ordered):
        self.ordered, self.value = ordered, 0
        self.condition, self.there = threading.Condition(), False

    def one(self):
        if self.ordered:
            self.value = 1
        with self.condition:
            self.there = True
            self.condition.notify()
        if not self.ordered:
            self.value = 1  # races: write

    def other(self):
        with self.condition:
            while not self.there:
                self.condition.wait()
        return self.value  # races: read


class ConditionWaitedFor:
    race = "ConditionWaitedFor.value", None

    def __init__(self, ordered):
        self.ordered, self.value = ordered, 0
        self.condition, self.there = threading.Condition(), False

    def one(self):
        if self.ordered:
            self.value = 1
        with self.condition:
            self.there = True
            self.condition.notify_all()
        if not self.ordered:
            self.value = 1  # races: write

    def other(self):
        with self.condition:
            self.condition.wait_for(lambda: self.there)
        return self.value  # races: read


class SemaphoreReleased:
    race = "SemaphoreReleased.value", None

    def __init__(self, ordered):
        self.ordered, self.value = ordered, 0
        self.semaphore = threading.Semaphore(0)

    def one(self):
        if self.ordered:
            self.value = 1
        self.semaphore.release()
        if not self.ordered:
            self.value = 1  # races: write

    def other(self):
        self.semaphore.acquire()
        return self.value  # races: read


class Barrier:
    race = "Barrier.value", None

    def __init__(self, ordered):
        self.ordered, self.value = ordered, 0
        self.barrier = threading.Barrier(2)

    def one(self):
        if self.ordered:
            self.value = 1
        self.barrier.wait()
        if not self.ordered:
            self.value = 1  # races: write

    def other(self):
        self.barrier.wait()
        return self.value  # races: read


class Queue:
    race = "Queue.value", None

    def __init__(self, ordered):
        self.ordered, self.value = ordered, 0
        self.queue = queue.Queue()

    def one(self):
        if self.ordered:
            self.value = 1
        self.queue.put("there")
        if not self.ordered:
            self.value = 1  # races: write

    def other(self):
        self.queue.get()
        return self.value  # races: read


class QueueCarries:
    """What is put in is as the getter finds it, unless the other goes on with it."""

    race = ANY, "'k'"

    def __init__(self, ordered):
        self.ordered = ordered
        self.queue = queue.Queue()

    def one(self):
        message = {"k": 0}
        if self.ordered:
            message["k"] = 1
        self.queue.put(message)
        if not self.ordered:
            message["k"] = 1  # races: write

    def other(self):
        message = self.queue.get()
        return message["k"]  # races: read


class QueueJoined:
    """The other way: the one that put it in waits until it is done."""

    race = "QueueJoined.value", None

    def __init__(self, ordered):
        self.ordered, self.value = ordered, 0
        self.queue = queue.Queue()

    def one(self):
        self.queue.put("do it")
        self.queue.join()
        return self.value  # races: read

    def other(self):
        self.queue.get()
        if self.ordered:
            self.value = 1
        self.queue.task_done()
        if not self.ordered:
            self.value = 1  # races: write


class SimpleQueue:
    race = "SimpleQueue.value", None

    def __init__(self, ordered):
        self.ordered, self.value = ordered, 0
        self.queue = queue.SimpleQueue()

    def one(self):
        if self.ordered:
            self.value = 1
        self.queue.put("there")
        if not self.ordered:
            self.value = 1  # races: write

    def other(self):
        self.queue.get()
        return self.value  # races: read


class SetFuture:
    """A future that nobody's pool made."""

    race = "SetFuture.value", None

    def __init__(self, ordered):
        self.ordered, self.value = ordered, 0
        self.future = Future()

    def one(self):
        if self.ordered:
            self.value = 1
        self.future.set_result("there")
        if not self.ordered:
            self.value = 1  # races: write

    def other(self):
        self.future.result()
        return self.value  # races: read
