"""Reads a scenario file without running it: what it declares, and where it is wrong."""

from __future__ import annotations

import ast
import platform
import warnings
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from helper_main import Mistake
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

KINDS = ("dict-changed-size", "exception", "invariant", "deadlock", "hang", "crash", "data-race")
ENGINES = ("explore", "stress")
ENTRY_KEYS = ("releases", "patches", "engine", "outcome", "kinds", "may", "because")


class Expectation(NamedTuple):
    """One line of a scenario's table: what is to be found in which releases, and why."""

    releases: SpecifierSet
    patches: frozenset[str]
    engine: str | None  # None: of each
    outcome: str
    kinds: list[str]
    may: list[str]
    because: str


class Scenario(NamedTuple):
    """What a scenario file declares."""

    path: str
    doc: str
    needs: str  # as it is written, for people
    requirement: Requirement
    package: str
    must_reach: list[str]
    actors: list[str]
    expected: list[Expectation]


class Source:
    """A parsed file, and the one way to complain about a line of it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.tree = self._parse(self._read())
        self.values = {}
        for statement in self.tree.body:
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target, value = statement.targets[0], statement.value
            elif isinstance(statement, ast.AnnAssign) and statement.value:
                target, value = statement.target, statement.value
            else:
                continue
            if isinstance(target, ast.Name):
                self.values[target.id] = value

    def fail(self, line: int, message: str) -> NoReturn:
        """Raise the one-line error that names the file and the line."""
        place = f"{self.path}:{line}" if line else self.path
        raise Mistake(f"scenario {place}: {message}") from None

    def literal(self, node: ast.expr, name: str) -> Any:
        """The value of a literal; anything that would have to be run is refused."""
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, MemoryError, RecursionError):
            self.fail(
                node.lineno,
                f"{name} is {_excerpt(ast.unparse(node))}, which would have to be run; "
                "write its value as a literal",
            )

    def text(self, name: str, example: str) -> tuple[str, int]:
        """A string that the file must define, and the line that does."""
        node = self.values.get(name)
        if node is None:
            self.fail(1, f"defines no `{name}`; add a line such as `{name} = {example!r}`")
        value = self.literal(node, name)
        if not isinstance(value, str) or not value.strip():
            self.fail(
                node.lineno, f"{name} is {value!r}, not a string; write {example!r} or the like"
            )
        return value, node.lineno

    def _read(self) -> str:
        try:
            content = Path(self.path).read_bytes()
        except OSError as error:
            self.fail(0, f"cannot be read: {error.strerror}; check the path and its permissions")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self.fail(line, f"byte {content[error.start]:#04x} is not UTF-8; save it as UTF-8")

    def _parse(self, text: str) -> ast.Module:
        if "\0" in text:  # each version of Python has an error of its own for these
            self.fail(text.count("\n", 0, text.index("\0")) + 1, "has a null byte; save it as text")
        remedy = f"mend it (it is read by Python {platform.python_version()})"
        try:
            with warnings.catch_warnings():
                # An odd escape in a string is for whoever runs the file to hear about.
                warnings.simplefilter("ignore")
                return ast.parse(text, self.path)
        except SyntaxError as error:
            line = error.lineno or 1
            offending = (error.text or "".join(text.splitlines()[line - 1 : line])).strip()
            self.fail(line, f"syntax error: {error.msg}: {_excerpt(offending)}; {remedy}")
        except (ValueError, RecursionError, MemoryError) as error:  # absurd nesting
            self.fail(1, f"cannot be parsed: {error or type(error).__name__}; {remedy}")


def read_scenario(path: str) -> Scenario:
    """Read and check the file at `path`."""
    source = Source(path)
    package, line = source.text("package", "arroyo")
    if not package.isidentifier():
        source.fail(
            line, f"package is {package!r}, not a name to import; write 'arroyo' or the like"
        )
    needs, requirement = _read_needs(source)
    _read_names(source, "watch")  # the worker's; read here so that a mistake in it is told
    return Scenario(
        path=path,
        doc=ast.get_docstring(source.tree) or "",
        needs=needs,
        requirement=requirement,
        package=package,
        must_reach=_read_names(source, "must_reach"),
        actors=_find_actors(source),
        expected=_read_expected(source),
    )


def _read_needs(source: Source) -> tuple[str, Requirement]:
    text, line = source.text("needs", "sentry-arroyo>=2.34")
    try:
        needs = Requirement(text)
    except InvalidRequirement:
        needs = None
    # A URL, an environment marker or an extra would say nothing about releases.
    if needs is None or needs.url or needs.marker or needs.extras:
        source.fail(
            line, f"needs is {text!r}; write a name and versions, such as 'sentry-arroyo>=2.34'"
        )
    return text, needs


def _read_names(source: Source, name: str) -> list[str]:
    """What the file may define under that name: a list of strings."""
    node = source.values.get(name)
    if node is None:
        return []
    return _strings(source, node.lineno, name, source.literal(node, name))


def _strings(source: Source, line: int, name: str, value: object) -> list[str]:
    """`value` as a list of strings; one string alone would be taken for its letters."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        source.fail(line, f"{name} is {value!r}; write a list of strings, such as ['…']")
    return list(value)


def _find_actors(source: Source) -> list[str]:
    """The names of the actors, in the order of the file, of the one class that has any."""
    found = []
    for node in source.tree.body:
        if isinstance(node, ast.ClassDef):
            actors = [method for method in node.body if _is_actor(method)]
            if actors:
                found.append((node, actors))
    if not found:
        source.fail(1, "has no class with actors; mark methods of its class with `@actor`")
    if len(found) > 1:
        first, second = found[0][0], found[1][0]
        source.fail(
            second.lineno,
            f"class {second.name} has actors, as class {first.name} in line {first.lineno} has; "
            "keep one class with actors in a file",
        )
    for method in found[0][1]:
        if isinstance(method, ast.AsyncFunctionDef):
            source.fail(
                method.lineno,
                f"actor {method.name} is a coroutine, which nothing would run; write `def`",
            )
    return [method.name for method in found[0][1]]


def _is_actor(node: ast.stmt) -> bool:
    """Is this a method under `@actor`, `@actor(...)`, `@flashflood.actor` or the like?"""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name == "actor":
            return True
    return False


def _read_expected(source: Source) -> list[Expectation]:
    node = source.values.get("expected")
    if node is None:
        return []
    if not isinstance(node, (ast.List, ast.Tuple)):
        source.fail(node.lineno, "expected is no list; write `expected = [{…}, …]`")
    return [
        _read_entry(source, entry.lineno, source.literal(entry, "an entry of expected"))
        for entry in node.elts
    ]


def _read_entry(source: Source, line: int, entry: object) -> Expectation:
    """Check one entry; the first thing that is wrong with it is the error."""

    def refuse(message: str) -> NoReturn:
        source.fail(line, f"expected: {message}")

    if not isinstance(entry, dict):
        refuse(f"{_excerpt(repr(entry))} is no dict; write {{'releases': …, 'outcome': …}}")
    for key in entry:
        if key not in ENTRY_KEYS:
            refuse(f"key {key!r} is unknown; use {', '.join(ENTRY_KEYS)}")
    outcome, because, engine = (entry.get(key) for key in ("outcome", "because", "engine"))
    if engine not in (None, *ENGINES):
        refuse(f"engine is {engine!r}; write 'explore' or 'stress', or leave it out for both")
    if outcome not in ("pass", "fail"):
        refuse(f"outcome is {outcome!r}; write 'pass' or 'fail'")
    if not isinstance(because, str) or not because.strip():
        refuse(f"because is {because!r}; give the reason for this expectation")
    kinds, may, patches = (
        _strings(source, line, f"expected: {key}", entry.get(key, []))
        for key in ("kinds", "may", "patches")
    )
    for kind in kinds + may:
        if kind not in KINDS:
            refuse(f"kind {kind!r} is unknown; use {', '.join(KINDS)}")
    if (outcome == "fail") != bool(kinds):
        refuse(f"outcome {outcome!r} with kinds {kinds}; a failure, and only that, has kinds")
    for patch in patches:
        if "/" in patch:
            refuse(f"patch {patch!r} is a path; give the file's name alone")
    releases = _specifier(entry.get("releases"), refuse)
    return Expectation(releases, frozenset(patches), engine, outcome, kinds, may, because)


def _specifier(text: object, refuse: Any) -> SpecifierSet:
    try:
        if isinstance(text, str):
            return SpecifierSet(text, prereleases=True)
    except InvalidSpecifier:
        pass
    refuse(f"releases is {text!r}; write versions, such as '>=2.34,<2.37.1', or '' for all")


def _excerpt(text: str) -> str:
    """`text` on one line and not too long, in quotation marks."""
    line = " ".join(text.split())
    return f'"{line[:77]}…"' if len(line) > 78 else f'"{line}"'
