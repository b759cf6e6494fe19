"""Attributes and variables that two threads come to. The racy twin holds two locks that are not the same."""

from pairs import ANY, locks

# ---- attributes ----------------------------------------------------------------------------------


class InstanceAttribute:
    race = "InstanceAttribute.x", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.x = 0

    def one(self):
        with self.mine:
            self.x = 1  # races: write

    def other(self):
        with self.yours:
            return self.x  # races: read


class AttributeMade:
    """It is not there before."""

    race = "AttributeMade.x", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)

    def one(self):
        with self.mine:
            self.x = 1  # races: write

    def other(self):
        with self.yours:
            return getattr(self, "x", None)  # races: read


class AttributeDeleted:
    race = "AttributeDeleted.x", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.x = 0

    def one(self):
        with self.mine:
            del self.x  # races: write

    def other(self):
        with self.yours:
            self.x = 1  # races: write


class AttributeByName:
    race = "AttributeByName.x", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.x = 0

    def one(self):
        with self.mine:
            setattr(self, "x", 1)  # races: write

    def other(self):
        with self.yours:
            return hasattr(self, "x")  # races: read


class AttributeOfAnother:
    """The object is found by way of another one, and read in a function of its own."""

    race = "AttributeOfAnother.x", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.x = 0
        self.through = [self]

    def one(self):
        with self.mine:
            self.through[0].x = 1  # races: write

    def other(self):
        with self.yours:
            return self.read()

    def read(self):
        return self.through[0].x  # races: read


class Slot:
    __slots__ = ("mine", "yours", "x")
    race = "Slot.x", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        self.x = 0

    def one(self):
        with self.mine:
            self.x += 1  # races: read, write

    def other(self):
        with self.yours:
            self.x += 1  # races: read, write


class ClassAttribute:
    race = "ClassAttribute.x", None
    x = 0

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        ClassAttribute.x = 0

    def one(self):
        with self.mine:
            ClassAttribute.x = 1  # races: write

    def other(self):
        with self.yours:
            return ClassAttribute.x  # races: read


class ClassAttributeOfAnObject:
    """Read by way of an object of the class."""

    race = "ClassAttributeOfAnObject.x", None
    x = 0

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)

    def one(self):
        with self.mine:
            type(self).x = 1  # races: write

    def other(self):
        with self.yours:
            return self.x  # races: read


class Base:
    x = 0


class Derived(Base):
    pass


class InheritedAttribute:
    """A class has what its base has."""

    race = "Base.x", None

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        Base.x = 0

    def one(self):
        with self.mine:
            Base.x = 1  # races: write

    def other(self):
        with self.yours:
            return Derived.x  # races: read


# ---- variables -----------------------------------------------------------------------------------

tally = 0
flags = {}


class ModuleGlobal:
    race = "tally", None

    def __init__(self, ordered):
        global tally
        self.mine, self.yours = locks(ordered)
        tally = 0

    def one(self):
        global tally
        with self.mine:
            tally += 1  # races: read, write

    def other(self):
        global tally
        with self.yours:
            tally += 1  # races: read, write


class ModuleGlobalDict:
    race = "flags", "'k'"

    def __init__(self, ordered):
        self.mine, self.yours = locks(ordered)
        flags["k"] = 0

    def one(self):
        with self.mine:
            flags["k"] = 1  # races: write

    def other(self):
        with self.yours:
            return flags["k"]  # races: read


class ClosureCell:
    """A variable of a function that has returned, in two functions that it made."""

    race = "count", None

    def __init__(self, ordered):
        mine, yours = locks(ordered)
        count = 0

        def add():
            nonlocal count
            with mine:
                count += 1  # races: read, write

        def show():
            with yours:
                return count  # races: read

        self.one, self.other = add, show


class ClosureOfADict:
    race = ANY, "'k'"

    def __init__(self, ordered):
        mine, yours = locks(ordered)
        counts = {"k": 0}

        def add():
            with mine:
                counts["k"] += 1  # races: read, write

        def show():
            with yours:
                return counts["k"]  # races: read

        self.one, self.other = add, show
