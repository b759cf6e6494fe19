"""Every command in the docs runs: each fenced `sh` block, page by page, as a reader would type it.

Above a block may stand, as a comment: `cwd: root` (it runs in the checkout; else in a scratch folder of its page),
`exit: N` (how it must end; else 0), `not-run: reason`.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"(?P<notes>(?:<!-- .*? -->\n)*)```sh\n(?P<code>.*?)^```", re.M | re.S)
NOTE = re.compile(r"<!-- ([a-z-]+): (.*?) -->")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


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
    path = f"{ROOT / 'build'}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euc", block.code],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_runs(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if "not-run" in block.notes:
            continue
        done = run(block, tmp_path)
        assert done.returncode == int(block.notes.get("exit", 0)), done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_exclusion_has_a_reason_and_every_note_is_known(page: Path) -> None:
    for block in blocks(page):
        assert block.notes.keys() <= {"cwd", "exit", "not-run"}
        assert len(block.notes.get("not-run", "a reason as long as this")) > 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        assert (page.parent / link).exists(), link
