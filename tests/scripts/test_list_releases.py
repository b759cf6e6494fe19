"""list_releases.py and fetch_many.py from outside: what there is, in which order, and what cannot be had."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import CHECKOUT, Index, Run, build_wheel

SCRIPTS = CHECKOUT / "scripts"
UNREACHABLE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_FIND_LINKS": ""}


def helper(name: str, cache: Path, *arguments: object, env: dict[str, str], text: str = "") -> Run:
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / name), "--cache", str(cache), *map(str, arguments)],
        input=text,
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, **env},
        timeout=120,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def listed(cache: Path, *arguments: object, env: dict[str, str]) -> list[str]:
    found = helper("list_releases.py", cache, *arguments, env=env).json
    return [release["version"] for release in found["releases"]]


class DatedIndex(Index):
    """An index that answers in JSON, with dates: PEP 700."""

    def serve(self, request: Any) -> None:
        if request.path.rstrip("/").endswith("/demo"):
            names = sorted(path.name for path in self.folder.glob("demo-*.whl"))
            days = {
                name: f"2025-01-{31 - number:02}T00:00:00Z" for number, name in enumerate(names)
            }
            files = [
                {"filename": n, "url": f"/files/{n}", "hashes": {}, "upload-time": days[n]}
                for n in names
            ]
            content = {"meta": {"api-version": "1.1"}, "name": "demo", "files": files}
            kind = "application/vnd.pypi.simple.v1+json"
            self._send(request, json.dumps(content).encode(), kind)
        else:
            super().serve(request)


def test_versions_order_them_where_the_index_has_no_dates(index: Index, cache: Path) -> None:
    for version in ("1.10", "1.9", "2.0rc1"):
        build_wheel(index.folder, "demo", version, {"demo/__init__.py": ""})
    assert listed(cache, "Demo", env=index.env) == ["1.10", "1.9", "1.1", "1.0"]
    assert listed(cache, "demo", ">=1.1,!=1.9", env=index.env) == ["1.10", "1.1"]
    assert listed(cache, "demo", ">=2.0rc1", env=index.env) == ["2.0rc1"]
    assert helper("list_releases.py", cache, "demo", env=index.env).json["by"] == "version"


def test_dates_order_them_where_it_has(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "dated"
    folder.mkdir()
    for version in ("0.5", "1.0", "2.0"):
        build_wheel(folder, "demo", version, {"demo/__init__.py": ""})
    index = DatedIndex(folder)
    try:
        found = helper("list_releases.py", cache, "demo", env=index.env).json
    finally:
        index.close()
    assert found["by"] == "date"
    assert [release["version"] for release in found["releases"]] == ["0.5", "1.0", "2.0"]
    assert found["releases"][0]["uploaded"] == "2025-01-31T00:00:00Z"


def test_a_folder_is_an_index_too(index: Index, cache: Path) -> None:
    env = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index.folder)}
    assert listed(cache, "demo", env=env) == ["1.1", "1.0"]


def test_without_a_network_it_is_what_it_was(index: Index, cache: Path) -> None:
    assert listed(cache, "demo", env=index.env) == ["1.1", "1.0"]
    again = helper("list_releases.py", cache, "demo", env=UNREACHABLE)
    assert [release["version"] for release in again.json["releases"]] == ["1.1", "1.0"]
    assert "cannot be reached" in again.err
    never = helper("list_releases.py", cache, "other", env=UNREACHABLE)
    never.refused(2, "other", "cannot be reached", "connect to a network")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("demo", "1.0"), ["--releases '1.0'", "no specifier"]),
        (("demo", ">7"), ["no release of demo", "highest is 1.1"]),
        (("no-such",), ["no-such", "no such package"]),
        (("../demo",), ["'../demo'", "not the name of a package"]),
    ],
)
def test_what_it_refuses(index: Index, cache: Path, arguments: Any, words: list[str]) -> None:
    helper("list_releases.py", cache, *arguments, env=index.env).refused(2, *words)


def test_what_cannot_be_had_costs_no_other(index: Index, cache: Path) -> None:
    headers = ("Requires-Dist: not-there>=1",)
    build_wheel(index.folder, "demo", "1.2", {"demo/__init__.py": ""}, headers=headers)
    wanted = [
        {"target": f"demo=={version}", "patches": []} for version in ("1.0", "1.2", "9.9", "1.1")
    ]
    found = helper("fetch_many.py", cache, env=index.env, text=json.dumps(wanted)).json["targets"]
    assert [each.get("version") for each in found] == ["1.0", None, None, "1.1"]
    assert "not-there" in found[1]["error"]
    assert "no such release" in found[2]["error"]
    assert [each.get("passing") for each in found] == [None, False, False, None]
    wanted = [{"target": "demo==1.0", "patches": []}, {"target": "demo==1.5", "patches": []}]
    found = helper("fetch_many.py", cache, env=UNREACHABLE, text=json.dumps(wanted)).json["targets"]
    assert [each.get("passing") for each in found] == [None, True], found
