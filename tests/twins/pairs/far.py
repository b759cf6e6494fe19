"""Accesses that race and are far from each other in time: thousands of others come between, by both threads."""

from pairs import locks

OTHERS = 2000


def work_alone():
    """On data that nobody else knows."""
    own, last = {}, [0]
    for number in range(OTHERS):
        own[number % 100] = number
        last[0] = own[number % 100]
    return last[0]


class FirstAndLast:
    race = "FirstAndLast.d", "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d["k"] = 1  # races: write
        work_alone()

    def other(self):
        work_alone()
        with self.yours:
            return self.d["k"]  # races: read


class LastAndFirst:
    race = "LastAndFirst.d", "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        work_alone()
        with self.mine:
            self.d["k"] = 1  # races: write

    def other(self):
        with self.yours:
            self.d["k"] = 2  # races: write
        work_alone()


class AttributeFirstAndLast:
    race = "AttributeFirstAndLast.x", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.x = 0

    def one(self):
        with self.mine:
            self.x = 1  # races: write
        work_alone()

    def other(self):
        work_alone()
        with self.yours:
            return self.x  # races: read


class AttributeLastAndFirst:
    race = "AttributeLastAndFirst.x", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.x = 0

    def one(self):
        work_alone()
        with self.mine:
            return self.x  # races: read

    def other(self):
        with self.yours:
            self.x = 1  # races: write
        work_alone()
