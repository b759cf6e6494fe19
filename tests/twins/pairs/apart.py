"""What looks like a race from afar and is none: nothing orders the threads, but each has its own. No twin is reported."""

import threading

from pairs import Apart


class TwoKeys(Apart):
    def __init__(self, ordered):
        self.d = {"mine": 0, "yours": 0}

    def one(self):
        self.d["mine"] += 1

    def other(self):
        self.d["yours"] += 1


class KeyBesideANewOne(Apart):
    """That the dict grows is nothing to whoever asks for another key."""

    def __init__(self, ordered):
        self.d = {"mine": 0}

    def one(self):
        self.d["mine"] += 1
        return self.d.get("mine")

    def other(self):
        self.d["new"] = 1


class TwoAttributes(Apart):
    def __init__(self, ordered):
        self.mine = self.yours = 0

    def one(self):
        self.mine += 1

    def other(self):
        self.yours += 1


class TwoNewAttributes(Apart):
    def one(self):
        self.mine = 1
        return self.mine

    def other(self):
        self.yours = 1
        return self.yours


class TwoSlots(Apart):
    __slots__ = ("mine", "yours")

    def __init__(self, ordered):
        self.mine = self.yours = 0

    def one(self):
        self.mine += 1

    def other(self):
        self.yours += 1


class TwoIndices(Apart):
    def __init__(self, ordered):
        self.l = [0, 0]

    def one(self):
        self.l[0] += 1

    def other(self):
        self.l[1] += 1


class TwoMembers(Apart):
    def __init__(self, ordered):
        self.s = {"mine"}

    def one(self):
        return "mine" in self.s

    def other(self):
        self.s.add("yours")


class Box:
    def __init__(self):
        self.x = 0
        self.d = {"k": 0}


class TwoObjects(Apart):
    """Of one class: the same lines, attributes and keys."""

    def __init__(self, ordered):
        self.mine, self.yours = Box(), Box()

    def one(self):
        self.add(self.mine)

    def other(self):
        self.add(self.yours)

    def add(self, box):
        box.x += 1
        box.d["k"] += 1


class Reused(Apart):
    """Objects that live one after the other, in turn in either thread, at the same few addresses."""

    def one(self):
        for _ in range(20):
            self.live()

    def other(self):
        for _ in range(20):
            self.live()

    def live(self):
        box, items, numbers, names = Box(), {}, [0], set()
        box.x += 1
        box.d["k"] += 1
        items["k"] = box
        numbers[0] = 1
        numbers.append(len(items))
        names.add("k")
        for _ in items:
            pass


class OnlyRead(Apart):
    shared = {"k": 0}

    def __init__(self, ordered):
        self.x = 0
        self.l = [0, 1]

    def one(self):
        return self.look()

    def other(self):
        return self.look()

    def look(self):
        return (
            self.x,
            self.l[0],
            sorted(self.l),
            len(self.shared),
            self.shared["k"],
            "k" in self.shared,
        )


class ThreadLocal(Apart):
    """One object, with other attributes for each thread."""

    def __init__(self, ordered):
        self.local = threading.local()

    def one(self):
        self.local.x = 1
        return self.local.x

    def other(self):
        self.local.x = 2
        return self.local.x


class OwnVariables(Apart):
    """One function, and a closure's variable, for each call of it."""

    def one(self):
        return self.count()

    def other(self):
        return self.count()

    def count(self):
        count = 0

        def add():
            nonlocal count
            count += 1

        add()
        return count


class InTheMaking(Apart):
    """What the constructor did was done before there was a thread."""

    def __init__(self, ordered):
        self.d = {"k": 0}
        self.d["k"] += 1
        self.x = len(self.d)

    def one(self):
        return self.d["k"], self.x

    def other(self):
        return self.d["k"], self.x


class Underfoot(Apart):
    """Nobody's code under test: what the standard library keeps for itself."""

    def one(self):
        return threading.current_thread().name, threading.active_count()

    def other(self):
        return threading.current_thread().name, threading.active_count()
