"""Pairs of twins for tests/e2e/test_races.py: each class is one way in which two threads can come to the same data.

A thread calls `one`, another calls `other`. Made with `ordered=True` the two are kept apart by Python's own means, and
no race may be reported; made with `ordered=False` the same lines race, since the lock, or whatever else orders them, is
not the same for both or comes too early. Nothing else differs.

`race` says what is reported of the racy twin: the end of the container's name, and the key as it is written, `None`
for the container as a whole (its size and order), an attribute or a variable, `ANY` where more than one is right. The
lines that race say so in a comment, with what they do. A pair without a race is kept apart by its data alone, and both
of its twins are silent.
"""

import threading

ANY = "any"


def locks(ordered):
    """A lock for each of the two threads: the same one, or two that have nothing to do with each other."""
    mine = threading.Lock()
    return mine, mine if ordered else threading.Lock()


class Apart:
    """A pair without a race."""

    race = None

    def __init__(self, ordered):
        pass
