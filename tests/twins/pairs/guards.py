"""What lets one thread in at a time. The racy twin has one for each thread."""

import threading
import time


class Lock:
    race = "Lock.value", None

    def __init__(self, ordered):
        self.value = 0
        self.mine = threading.Lock()
        self.yours = self.mine if ordered else threading.Lock()

    def one(self):
        with self.mine:
            self.value += 1  # races: read, write

    def other(self):
        with self.yours:
            self.value += 1  # races: read, write


class LockAcquired:
    """The same by its methods."""

    race = "LockAcquired.value", None

    def __init__(self, ordered):
        self.value = 0
        self.mine = threading.Lock()
        self.yours = self.mine if ordered else threading.Lock()

    def one(self):
        self.mine.acquire()
        try:
            self.value = 1  # races: write
        finally:
            self.mine.release()

    def other(self):
        self.yours.acquire(timeout=1000)
        try:
            return self.value  # races: read
        finally:
            self.yours.release()


class LockTried:
    """It does not wait, it tries again."""

    race = "LockTried.value", None

    def __init__(self, ordered):
        self.value = 0
        self.mine = threading.Lock()
        self.yours = self.mine if ordered else threading.Lock()

    def one(self):
        while not self.mine.acquire(blocking=False):
            time.sleep(0.001)
        self.value = 1  # races: write
        self.mine.release()

    def other(self):
        while not self.yours.acquire(False):
            time.sleep(0.001)
        self.value = 2  # races: write
        self.yours.release()


class LockMadeAnew:
    """Locks that live one after the other may lie at one address; they order nothing."""

    race = "LockMadeAnew.value", None

    def __init__(self, ordered):
        self.value = 0
        lock = threading.Lock()
        self.lock = (lambda: lock) if ordered else threading.Lock

    def one(self):
        with self.lock():
            self.value += 1  # races: read, write

    def other(self):
        with self.lock():
            self.value += 1  # races: read, write


class LockOfThree:
    """A third thread's use of both locks, between the two, is no bridge where it does not come between."""

    race = "LockOfThree.value", None

    def __init__(self, ordered):
        self.value = 0
        self.mine = threading.Lock()
        self.yours = self.mine if ordered else threading.Lock()
        for lock in (self.mine, self.yours):
            with lock:
                self.value += 1

    def one(self):
        with self.mine:
            self.value += 1  # races: read, write

    def other(self):
        with self.yours:
            self.value += 1  # races: read, write


class RLock:
    race = "RLock.value", None

    def __init__(self, ordered):
        self.value = 0
        self.mine = threading.RLock()
        self.yours = self.mine if ordered else threading.RLock()

    def one(self):
        with self.mine:
            with self.mine:
                pass
            self.value += 1  # races: read, write

    def other(self):
        with self.yours, self.yours:
            self.value += 1  # races: read, write


class ConditionHeld:
    race = "ConditionHeld.value", None

    def __init__(self, ordered):
        self.value = 0
        self.mine = threading.Condition()
        self.yours = self.mine if ordered else threading.Condition()

    def one(self):
        with self.mine:
            self.value = 1  # races: write

    def other(self):
        with self.yours:
            return self.value  # races: read


class ConditionOverALock:
    """Two conditions are one lock, where they were made of one."""

    race = "ConditionOverALock.value", None

    def __init__(self, ordered):
        self.value = 0
        lock = threading.Lock()
        self.mine = threading.Condition(lock)
        self.yours = threading.Condition(lock if ordered else threading.Lock())

    def one(self):
        with self.mine:
            self.value = 1  # races: write

    def other(self):
        with self.yours:
            return self.value  # races: read


class Semaphore:
    race = "Semaphore.value", None

    def __init__(self, ordered):
        self.value = 0
        self.mine = threading.Semaphore(1)
        self.yours = self.mine if ordered else threading.Semaphore(1)

    def one(self):
        with self.mine:
            self.value += 1  # races: read, write

    def other(self):
        with self.yours:
            self.value += 1  # races: read, write


class BoundedSemaphore:
    race = "BoundedSemaphore.value", None

    def __init__(self, ordered):
        self.value = 0
        self.mine = threading.BoundedSemaphore(1)
        self.yours = self.mine if ordered else threading.BoundedSemaphore(1)

    def one(self):
        with self.mine:
            self.value = 1  # races: write

    def other(self):
        self.yours.acquire()
        self.value = 2  # races: write
        self.yours.release()
