"""Every command in the docs runs: each fenced `sh` block, page by page, as a reader would type it.

Above a block may stand, as a comment: `cwd: root` (it runs in the checkout; else in a scratch folder of its page),
`exit: N` (how it must end; else 0), `not-run: reason`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRIVER = ROOT / "build" / "flashflood"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SCRIPTS = ("test_arroyo_fix.py", "bench.py", "bench_explore.py")
BLOCK = re.compile(r"(?P<notes>(?:<!-- .*? -->\n)*)```sh\n(?P<code>.*?)^```", re.M | re.S)
NOTE = re.compile(r"<!-- ([a-z-]+): (.*?) -->")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
COMMAND = re.compile(
    r"^\s{4,}(?:\$ )?(?:make|flashflood|build/\S+|python3?|pip3?|git|patch|cd) ", re.M
)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


class Block(NamedTuple):
    """A command block and what stands above it."""

    notes: dict[str, str]
    code: str


def blocks(page: Path) -> list[Block]:
    return [
        Block(dict(NOTE.findall(found["notes"])), found["code"])
        for found in BLOCK.finditer(page.read_text())
    ]


def run(block: Block, scratch: Path) -> subprocess.CompletedProcess[str]:
    folder = ROOT if block.notes.get("cwd") == "root" else scratch
    path = f"{DRIVER.parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euc", block.code],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )


def headings(page: Path) -> set[str]:
    """What a link may name in a page, as GitHub makes it of the headings."""
    text = FENCED.sub("", page.read_text())
    titles = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_runs(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if "not-run" in block.notes:
            continue
        done = run(block, tmp_path)
        assert done.returncode == int(block.notes.get("exit", 0)), (
            block.code + done.stdout + done.stderr
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_exclusion_has_a_reason_and_every_note_is_known(page: Path) -> None:
    for block in blocks(page):
        assert block.notes.keys() <= {"cwd", "exit", "not-run"}
        assert len(block.notes.get("not-run", "a reason as long as this")) > 10
    notes = NOTE.findall(page.read_text())
    assert len(notes) == sum(len(block.notes) for block in blocks(page)), "a note above no block"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_command_hides_from_being_run(page: Path) -> None:
    text = page.read_text()
    assert {language for language, _ in FENCED.findall(text)} <= {"sh", "text"}
    assert not COMMAND.findall(FENCED.sub("", text)), "an indented command: write an sh block"


def test_commands_are_found() -> None:
    found = [block for page in PAGES for block in blocks(page)]
    assert len([block for block in found if "not-run" not in block.notes]) >= 6


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link, heading in LINK.findall(page.read_text()):
        to = page.parent / link if link else page
        assert to.exists(), link
        assert not heading or heading in headings(to), f"{link}#{heading}"


@pytest.fixture(scope="session")
def options() -> set[str]:
    """Every option of a verb or of a script that the docs tell to run."""
    programs = [
        [DRIVER, verb]
        for verb in (
            "check",
            "stress",
            "explore",
            "replay",
            "matrix",
            "bisect",
            "report",
            "list",
            "doctor",
        )
    ]
    programs += [[sys.executable, ROOT / "scripts" / name] for name in SCRIPTS]
    programs += [[ROOT / "scripts" / "tsan-python"]]
    said = [
        subprocess.run([*program, "--help"], capture_output=True, text=True, check=True).stdout
        for program in programs
    ]
    return set(OPTION.findall("\n".join(said)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_option_exists(page: Path, options: set[str]) -> None:
    assert set(OPTION.findall(page.read_text())) <= options
