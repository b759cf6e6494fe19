"""fetch_target.py from outside: several at once, and those that are killed half-way."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import Index, fetch, fetch_command

WHEEL = "demo-1.1-py3-none-any.whl"


@pytest.fixture
def demo(tmp_path: Path) -> tuple[object, ...]:
    """The arguments that ask for demo 1.1, which has a dependency."""
    lock = tmp_path / "some.lock"
    lock.touch()
    return ("demo==1.1", "--lock", lock)


def start(index: Index, cache: Path, demo: tuple[object, ...]) -> subprocess.Popen[str]:
    """Start a run in a process group of its own, which can be killed as a whole."""
    return subprocess.Popen(
        fetch_command(cache, *demo),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, **index.env},
        start_new_session=True,
    )


def check_whole(index: Index, cache: Path, demo: tuple[object, ...]) -> None:
    """The next run gets all that belongs to the release, and leaves nothing else."""
    found = fetch(cache, *demo, env=index.env).json
    assert Path(found["paths"][0], "demo/data.py").exists()
    assert Path(found["paths"][1], "demo_dep.py").exists()
    assert sorted(path.name for path in cache.iterdir()) == [
        "deps",
        "lock",
        "patched",
        "sites",
        "wheels",
    ]
    assert {path.name for path in (cache / "wheels").iterdir()} == {WHEEL, f"{WHEEL}.sha256"}


def test_two_at_once_on_an_empty_cache(index: Index, cache: Path, demo: tuple[object, ...]) -> None:
    runs = [start(index, cache, demo) for _ in range(2)]
    outputs = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert outputs[0][0] == outputs[1][0]
    assert index.fetched[WHEEL] == 1
    assert any("waiting for another run" in err for _, err in outputs)
    check_whole(index, cache, demo)


@pytest.mark.parametrize("delay", [0.1, 0.5, 0.9, 1.3])
def test_killed_at_some_moment(
    index: Index, cache: Path, demo: tuple[object, ...], delay: float
) -> None:
    run = start(index, cache, demo)
    time.sleep(delay)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    check_whole(index, cache, demo)


def test_killed_while_its_pip_lives_on(index: Index, cache: Path, demo: tuple[object, ...]) -> None:
    """The orphaned pip writes to tmp/: until it ends, the next run must keep its hands off."""
    index.open.clear()
    first = start(index, cache, demo)
    assert index.stalled.wait(30)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    second = start(index, cache, demo)
    time.sleep(0.5)
    assert second.poll() is None
    index.open.set()
    _, err = second.communicate(timeout=60)
    first.communicate()
    assert second.returncode == 0, err
    assert "waiting for another run" in err
    check_whole(index, cache, demo)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ended_politely(
    index: Index, cache: Path, demo: tuple[object, ...], number: signal.Signals
) -> None:
    """It takes its pip with it and cleans up at once."""
    index.open.clear()
    run = start(index, cache, demo)
    assert index.stalled.wait(30)
    run.send_signal(number)
    _, err = run.communicate(timeout=10)
    assert run.returncode == 3
    assert err.splitlines()[-1].startswith("error: interrupted")
    assert not (cache / "tmp").exists()
    index.open.set()
    check_whole(index, cache, demo)
