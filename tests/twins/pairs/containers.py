"""What two threads do to one container. The racy twin holds two locks that are not the same."""

import contextlib
from collections import OrderedDict, defaultdict, deque

from pairs import ANY, locks

# ---- dict ----------------------------------------------------------------------------------------


class DictItem:
    race = "DictItem.d", "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d["k"] = 1  # races: write

    def other(self):
        with self.yours:
            return self.d["k"]  # races: read


class DictItemAddedTo:
    race = "DictItemAddedTo.d", "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d["k"] += 1  # races: read, write

    def other(self):
        with self.yours:
            self.d["k"] += 1  # races: read, write


class DictItemOfANumber:
    """A key is named as it is written."""

    race = "DictItemOfANumber.d", "7"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {7: 0, "7": 0}

    def one(self):
        with self.mine:
            self.d[7] = 1  # races: write
            self.d["7"]

    def other(self):
        with self.yours:
            return self.d.get(7), self.d["7"]  # races: read


class DictItemDeleted:
    race = "DictItemDeleted.d", "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            del self.d["k"]  # races: write

    def other(self):
        with self.yours:
            return self.d.get("k")  # races: read


class DictGrows:
    race = "DictGrows.d", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d["new"] = 1  # races: write

    def other(self):
        # By the GIL, too, this may fail; that is not what is asked here.
        with self.yours, contextlib.suppress(RuntimeError):
            for _ in self.d:  # races: read
                pass


class DictGrowsUnderItems:
    race = "DictGrowsUnderItems.d", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d["new"] = 1  # races: write

    def other(self):
        with self.yours, contextlib.suppress(RuntimeError):
            for _, _ in self.d.items():  # races: read
                pass


class DictGrowsUnderList:
    """`list` is done in one go under the GIL, and is an access like any other by the language."""

    race = "DictGrowsUnderList.d", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d["new"] = 1  # races: write

    def other(self):
        with self.yours:
            return list(self.d.items())  # races: read


class DictGrowsUnderKeys:
    race = "DictGrowsUnderKeys.d", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d["new"] = 1  # races: write

    def other(self):
        with self.yours:
            return sorted(self.d.keys())  # races: read


class DictShrinks:
    race = "DictShrinks.d", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0, "gone": 0}

    def one(self):
        with self.mine:
            del self.d["gone"]  # races: write

    def other(self):
        with self.yours:
            return tuple(self.d)  # races: read


class DictValues:
    """Its size stays, a value does not."""

    race = "DictValues.d", ANY

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d["k"] = 1  # races: write

    def other(self):
        with self.yours:
            return sum(self.d.values())  # races: read


class DictItemsOfIt:
    race = "DictItemsOfIt.d", ANY

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d["k"] = 1  # races: write

    def other(self):
        with self.yours:
            for _, _ in self.d.items():  # races: read
                pass


class DictCopied:
    race = "DictCopied.d", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d["new"] = 1  # races: write

    def other(self):
        with self.yours:
            return self.d.copy()  # races: read


class DictCleared:
    race = "DictCleared.d", ANY

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d.clear()  # races: write

    def other(self):
        with self.yours:
            return self.d.get("k")  # races: read


class DictUpdated:
    race = "DictUpdated.d", "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d.update({"k": 1})  # races: write

    def other(self):
        with self.yours:
            return self.d["k"]  # races: read


class DictUpdatedByName:
    race = "DictUpdatedByName.d", "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d.update(k=1)  # races: write

    def other(self):
        with self.yours:
            return self.d["k"]  # races: read


class DictPopped:
    race = "DictPopped.d", "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"k": 0}

    def one(self):
        with self.mine:
            self.d.pop("k", None)  # races: write

    def other(self):
        with self.yours:
            return "k" in self.d  # races: read


class DictDefaulted:
    race = "DictDefaulted.d", "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {}

    def one(self):
        with self.mine:
            self.d.setdefault("k", 1)  # races: write

    def other(self):
        with self.yours:
            return self.d.get("k")  # races: read


class DictLength:
    race = "DictLength.d", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {}

    def one(self):
        with self.mine:
            self.d["new"] = 1  # races: write

    def other(self):
        with self.yours:
            return len(self.d)  # races: read


class DictContains:
    race = "DictContains.d", "'new'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {}

    def one(self):
        with self.mine:
            self.d["new"] = 1  # races: write

    def other(self):
        with self.yours:
            return "new" not in self.d  # races: read


class DictInADict:
    """The inner one is what both come to; the outer one is only read."""

    race = ANY, "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = {"inner": {"k": 0}}

    def one(self):
        with self.mine:
            self.d["inner"]["k"] = 1  # races: write

    def other(self):
        with self.yours:
            return self.d["inner"]["k"]  # races: read


class DefaultDictItem:
    race = "DefaultDictItem.d", "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = defaultdict(int)

    def one(self):
        with self.mine:
            self.d["k"] += 1  # races: read, write

    def other(self):
        with self.yours:
            self.d["k"] += 1  # races: read, write


class DefaultDictGrows:
    """To ask for an item adds it."""

    race = "DefaultDictGrows.d", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = defaultdict(int)

    def one(self):
        with self.mine:
            self.d["new"]  # races: read, write

    def other(self):
        with self.yours:
            return len(self.d)  # races: read


class OrderedDictItem:
    race = "OrderedDictItem.d", "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = OrderedDict(k=0)

    def one(self):
        with self.mine:
            self.d["k"] = 1  # races: write

    def other(self):
        with self.yours:
            return self.d["k"]  # races: read


class OrderedDictMoved:
    """Neither its size nor an item changes, but its order does."""

    race = "OrderedDictMoved.d", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.d = OrderedDict(a=0, b=0)

    def one(self):
        with self.mine:
            self.d.move_to_end("a")  # races: write

    def other(self):
        with self.yours:
            return list(self.d)  # races: read


# ---- list ----------------------------------------------------------------------------------------


class ListItem:
    race = "ListItem.l", "0"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.l = [0, 0]

    def one(self):
        with self.mine:
            self.l[0] = 1  # races: write

    def other(self):
        with self.yours:
            return self.l[0]  # races: read


class ListItemFromTheEnd:
    """The last one, by either number."""

    race = "ListItemFromTheEnd.l", "1"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.l = [0, 0]

    def one(self):
        with self.mine:
            self.l[-1] = 1  # races: write

    def other(self):
        with self.yours:
            return self.l[1]  # races: read


class ListAppendedTo:
    race = "ListAppendedTo.l", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.l = [0]

    def one(self):
        with self.mine:
            self.l.append(1)  # races: write

    def other(self):
        with self.yours:
            for _ in self.l:  # races: read
                pass


class ListLength:
    race = "ListLength.l", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.l = [0]

    def one(self):
        with self.mine:
            self.l.append(1)  # races: write

    def other(self):
        with self.yours:
            return len(self.l)  # races: read


class ListSorted:
    race = "ListSorted.l", ANY

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.l = [2, 1]

    def one(self):
        with self.mine:
            self.l.sort()  # races: read, write

    def other(self):
        with self.yours:
            return list(self.l)  # races: read


class ListPopped:
    race = "ListPopped.l", ANY

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.l = [0, 1]

    def one(self):
        with self.mine:
            self.l.pop()  # races: read, write

    def other(self):
        with self.yours:
            return 1 in self.l  # races: read


class ListExtended:
    """Two appends of whatever kind race: one of them comes first, and nothing says which."""

    race = "ListExtended.l", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.l = []

    def one(self):
        with self.mine:
            self.l.extend((1, 2))  # races: read, write

    def other(self):
        with self.yours:
            self.l += [3]  # races: read, write


class ListSliced:
    race = "ListSliced.l", ANY

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.l = [0, 1, 2]

    def one(self):
        with self.mine:
            self.l[:] = []  # races: write

    def other(self):
        with self.yours:
            return self.l[1:]  # races: read


# ---- set -----------------------------------------------------------------------------------------


class SetAddedTo:
    race = "SetAddedTo.s", "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.s = set()

    def one(self):
        with self.mine:
            self.s.add("k")  # races: write

    def other(self):
        with self.yours:
            return "k" in self.s  # races: read


class SetGrows:
    race = "SetGrows.s", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.s = {"k"}

    def one(self):
        with self.mine:
            self.s.add("new")  # races: write

    def other(self):
        with self.yours, contextlib.suppress(RuntimeError):
            for _ in self.s:  # races: read
                pass


class SetShrinks:
    race = "SetShrinks.s", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.s = {"k"}

    def one(self):
        with self.mine:
            self.s.discard("k")  # races: write

    def other(self):
        with self.yours:
            return len(self.s)  # races: read


# ---- deque ---------------------------------------------------------------------------------------


class DequePopped:
    race = "DequePopped.q", ANY

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.q = deque([0])

    def one(self):
        with self.mine:
            self.q.append(1)  # races: read, write

    def other(self):
        with self.yours:
            return self.q.popleft()  # races: read, write


class DequeGrows:
    race = "DequeGrows.q", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.q = deque([0])

    def one(self):
        with self.mine:
            self.q.appendleft(1)  # races: read, write

    def other(self):
        with self.yours, contextlib.suppress(RuntimeError):
            for _ in self.q:  # races: read
                pass


class DequeLength:
    race = "DequeLength.q", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.q = deque([0])

    def one(self):
        with self.mine:
            self.q.append(1)  # races: read, write

    def other(self):
        with self.yours:
            return len(self.q)  # races: read
