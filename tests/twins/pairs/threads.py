"""Threads that begin, end, and work for a pool. `one` starts them; the racy twin does too late what they read, or reads
too early what they do.
"""

import threading
from concurrent.futures import ThreadPoolExecutor


class Alone:
    """`other` has nothing to do."""

    def __init__(self, ordered):
        self.ordered, self.value = ordered, 0

    def other(self):
        pass


class ThreadStarted(Alone):
    race = "ThreadStarted.value", None

    def one(self):
        thread = threading.Thread(target=self.work)
        if self.ordered:
            self.value = 1
        thread.start()
        if not self.ordered:
            self.value = 1  # races: write
        thread.join()

    def work(self):
        return self.value  # races: read


class ThreadJoined(Alone):
    race = "ThreadJoined.value", None

    def one(self):
        thread = threading.Thread(target=self.work)
        thread.start()
        if not self.ordered:
            self.seen = self.value  # races: read
        thread.join()
        if self.ordered:
            self.seen = self.value

    def work(self):
        self.value = 1  # races: write


class AnotherJoined(Alone):
    """To have waited for one thread says nothing of another."""

    race = "AnotherJoined.value", None

    def one(self):
        works, idles = threading.Thread(target=self.work), threading.Thread(target=self.idle)
        works.start()
        idles.start()
        first, second = (works, idles) if self.ordered else (idles, works)
        first.join()
        self.seen = self.value  # races: read
        second.join()

    def work(self):
        self.value = 1  # races: write

    def idle(self):
        pass


class TwoStarted(Alone):
    """Two threads of one parent, one after the other or at a time."""

    race = "TwoStarted.value", None

    def one(self):
        first, second = threading.Thread(target=self.add), threading.Thread(target=self.add_too)
        first.start()
        if self.ordered:
            first.join()
        second.start()
        first.join()
        second.join()

    def add(self):
        self.value += 1  # races: read, write

    def add_too(self):
        self.value += 1  # races: read, write


class Submitted(Alone):
    """What was done before submit() is there for the worker."""

    race = "Submitted.value", None

    def one(self):
        with ThreadPoolExecutor(1) as pool:
            if self.ordered:
                self.value = 1
            pool.submit(self.work)
            if not self.ordered:
                self.value = 1  # races: write

    def work(self):
        return self.value  # races: read


class Result(Alone):
    """What the worker did is there behind result()."""

    race = "Result.value", None

    def one(self):
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(self.work)
            if not self.ordered:
                self.seen = self.value  # races: read
            future.result()
            if self.ordered:
                self.seen = self.value

    def work(self):
        self.value = 1  # races: write


class ShutDown(Alone):
    """What the worker did is there when the pool is shut down."""

    race = "ShutDown.value", None

    def one(self):
        pool = ThreadPoolExecutor(1)
        pool.submit(self.work)
        pool.shutdown(wait=self.ordered)
        self.seen = self.value  # races: read
        pool.shutdown()

    def work(self):
        self.value = 1  # races: write


class TwoPools(Alone):
    """Tasks of two pools, in turn or at a time."""

    race = "TwoPools.value", None

    def one(self):
        with ThreadPoolExecutor(1) as pool, ThreadPoolExecutor(1) as another:
            first = pool.submit(self.add)
            if self.ordered:
                first.result()
            another.submit(self.add_too)

    def add(self):
        self.value += 1  # races: read, write

    def add_too(self):
        self.value += 1  # races: read, write
