"""Tell the driver what it must know of scenario files, without importing them.

Standard input is JSON: `scenarios`, a list of paths, and `targets`, a list of objects with `name`,
`version`, `patches` and `packages`. Standard output is JSON: for each scenario what it declares,
and in `cells`, for each target, whether it applies and what is expected under each engine. Exit codes: 0 done,
2 a scenario that is wrong, 3 anything else.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from helper_main import Failure, Mistake, run_helper
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from scenario_file import ENGINES, Expectation, Scenario, read_scenario


class Target(NamedTuple):
    """A release, or a folder: then `packages` may say what it holds when no name is known."""

    name: str | None
    version: Version | None
    patches: frozenset[str]
    packages: list[str]


def read_target(given: dict[str, Any]) -> Target:
    """One target of the request."""
    version = given.get("version")
    try:
        parsed = Version(version) if version is not None else None
    except InvalidVersion:
        raise Mistake(
            f"target {given}: {version!r} is not a version; write 2.36.0 or the like"
        ) from None
    name = given.get("name")
    return Target(
        canonicalize_name(name) if name is not None else None,
        parsed,
        frozenset(Path(patch).name for patch in given.get("patches") or []),
        given.get("packages") or [],
    )


def why_not(scenario: Scenario, target: Target) -> str | None:
    """Why the scenario does not apply to the target; None if it does."""
    needs, requirement = scenario.needs, scenario.requirement
    if target.name is None:
        if scenario.package not in target.packages:
            holds = ", ".join(target.packages) or "none that is known"
            return f"needs the package {scenario.package}; the target holds {holds}"
    elif target.name != canonicalize_name(requirement.name):
        return f"needs {needs}; the target is {target.name}"
    if target.version is None or requirement.specifier.contains(target.version, prereleases=True):
        return None
    return f"needs {needs}; the target is {target.version}"


def expectation(scenario: Scenario, target: Target, engine: str) -> Expectation | None:
    """The first entry for the target's version, exactly its patches, and the engine.

    Nothing but an entry for all releases speaks of a checkout, whose version is unknown.
    """
    for entry in scenario.expected:
        if target.version is None:
            matches = not entry.releases
        else:
            matches = entry.releases.contains(target.version, prereleases=True)
        if matches and entry.patches == target.patches and entry.engine in (None, engine):
            return entry
    return None


def describe_expected(entry: Expectation | None) -> dict[str, Any] | None:
    """An entry as the driver takes it."""
    keys = ("outcome", "kinds", "may", "because")
    return entry and {key: getattr(entry, key) for key in keys}


def describe_cell(scenario: Scenario, target: Target) -> dict[str, Any]:
    """What one scenario means for one target."""
    reason = why_not(scenario, target)
    expected = {
        engine: describe_expected(expectation(scenario, target, engine)) if reason is None else None
        for engine in ENGINES
    }
    return {"applies": reason is None, "why_not": reason, "expected": expected}


def describe(scenario: Scenario, targets: list[Target]) -> dict[str, Any]:
    """What the driver is told of one scenario."""
    return {
        "name": Path(scenario.path).stem,
        "path": scenario.path,
        "summary": scenario.doc.partition("\n")[0],
        "doc": scenario.doc,
        "needs": scenario.needs,
        "distribution": canonicalize_name(scenario.requirement.name),
        "package": scenario.package,
        "must_reach": scenario.must_reach,
        "actors": scenario.actors,
        "cells": [describe_cell(scenario, target) for target in targets],
    }


def main(_: list[str]) -> None:
    """Answer the request on standard input."""
    try:
        request = json.load(sys.stdin)
        paths = [str(path) for path in request["scenarios"]]
        targets = [read_target(target) for target in request["targets"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Failure(f"request on standard input: {error!r}; see scenario_info.py") from error
    scenarios = [describe(read_scenario(path), targets) for path in paths]
    print(json.dumps({"scenarios": scenarios}, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(run_helper(main))
