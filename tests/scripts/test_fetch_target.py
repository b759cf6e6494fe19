"""fetch_target.py from outside, for releases: what it finds, caches, checks and refuses."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import CHECKOUT, Index, Run, build_wheel, fetch

LOCK = CHECKOUT / "scripts" / "releases.lock"
FIX = CHECKOUT / "patches" / "arroyo_processor_fix.patch"
UNREACHABLE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_FIND_LINKS": ""}


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """An empty lock file."""
    file = tmp_path / "some.lock"
    file.write_text("# nothing is locked\n")
    return file


def leftovers(cache: Path) -> list[str]:
    """The folders of the cache that hold anything, tmp/ among them if it is there at all."""
    return sorted(
        p.name
        for p in cache.iterdir()
        if p.name != "lock" and (p.name == "tmp" or any(p.iterdir()))
    )


def run_python(paths: list[str], code: str) -> str:
    """What `code` prints when only `paths` are added to sys.path."""
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}\n{code}"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


# --- real releases ---


def test_a_real_release_is_unpacked_and_can_be_imported(shared_cache: Path) -> None:
    found = fetch(shared_cache, "Sentry_Arroyo==2.36.0").json
    assert found["name"] == "sentry-arroyo"
    assert found["version"] == "2.36.0"
    assert found["wheel"] == "sentry_arroyo-2.36.0-py3-none-any.whl"
    assert f"sentry-arroyo==2.36.0 --hash=sha256:{found['sha256']}\n" in LOCK.read_text()
    assert re.fullmatch(r"2\.[789]\.\d+", found["dependencies"]["confluent-kafka"])
    assert found["patches"] == []
    code = "import arroyo, confluent_kafka; print(arroyo.__file__); print(confluent_kafka.__file__)"
    files = run_python(found["paths"], code).splitlines()
    assert [any(f.startswith(p) for f in files) for p in found["paths"]] == [True, True]


def test_releases_with_the_same_requirements_share_them(shared_cache: Path) -> None:
    first, second = (fetch(shared_cache, f"sentry-arroyo=={v}").json for v in ("2.36.0", "2.37.1"))
    assert first["paths"][0] != second["paths"][0]
    assert first["paths"][1] == second["paths"][1]


def test_the_fix_applies_to_a_copy_of_a_real_release(shared_cache: Path) -> None:
    plain = fetch(shared_cache, "sentry-arroyo==2.36.0").json
    fixed = fetch(shared_cache, "sentry-arroyo==2.36.0", "--patch", FIX).json
    digest = hashlib.sha256(FIX.read_bytes()).hexdigest()
    assert fixed["patches"] == [{"file": str(FIX), "name": FIX.name, "sha256": digest}]
    assert fixed["paths"][0].endswith(digest[:12])
    texts = [
        Path(p["paths"][0], "arroyo/processing/processor.py").read_text() for p in (plain, fixed)
    ]
    assert texts[0] != texts[1]
    assert run_python(
        fixed["paths"], "import arroyo.processing.processor as p; print(p.__file__)"
    ) == (f"{fixed['paths'][0]}/arroyo/processing/processor.py")


def test_a_cached_release_needs_no_network_and_no_time(shared_cache: Path) -> None:
    fetch(shared_cache, "sentry-arroyo==2.36.0").json  # noqa: B018 - asserts that it is cached now
    seconds = []
    for _ in range(5):
        start = time.monotonic()
        run = fetch(shared_cache, "sentry-arroyo==2.36.0", env=UNREACHABLE)
        seconds.append(time.monotonic() - start)
        assert (run.json["version"], run.err) == ("2.36.0", "")
    assert min(seconds) < 0.25, "pip alone takes longer than that; is it called?"


def test_a_release_that_the_real_index_lacks(cache: Path) -> None:
    fetch(cache, "sentry-arroyo==9.99").refused(2, "sentry-arroyo==9.99: no such release", "choose")
    assert leftovers(cache) == []


# --- what cannot be had ---


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("sentry-arroyo==banana", ["'banana' is not a version"]),
        ("sentry-arroyo==", ["'' is not a version"]),
        ("sentry-arroyo==2.*", ["'2.*' is not a version"]),
        ("==2.36.0", ["'' is not a name"]),
        ("x-==1", ["'x-' is not a name"]),
        ("a b==1", ["'a b' is not a name"]),
        ("sentry-arroyo=2.36.0", ["neither NAME==VERSION nor a folder"]),
        ("sentry-arroyo", ["neither NAME==VERSION nor a folder"]),
    ],
)
def test_a_malformed_target(cache: Path, target: str, words: list[str]) -> None:
    fetch(cache, target).refused(2, *words)
    assert not cache.exists()


def test_bad_options(cache: Path) -> None:
    fetch(cache, "demo==1.0", "--bogus").refused(2, "--bogus", "--help")
    fetch(cache).refused(2, "target", "--help")


def test_what_the_index_does_not_have(index: Index, cache: Path, lock: Path) -> None:
    build_wheel(index.folder, "other", "1.0", {"other.py": ""}, tag="cp27-none-any")
    for target, words in {
        "demo==3.0": ["no such release", "1.0, 1.1"],
        "nobody==1.0": ["the package index has no nobody", "spelt"],
        "other==1.0": ["no wheel of it runs on Python 3.", "choose another"],
        "other==2.0": ["the package index has no other"],
    }.items():
        fetch(cache, target, "--lock", lock, env=index.env).refused(2, target, *words)
    assert leftovers(cache) == []


def test_a_release_for_another_python(index: Index, cache: Path, lock: Path) -> None:
    headers = ("Requires-Python: >=3.99",)
    build_wheel(index.folder, "future", "1.0", {"future.py": ""}, headers=headers)
    run = fetch(cache, "future==1.0", "--lock", lock, env=index.env)
    run.refused(2, "future==1.0", "Python 3.", "choose another")


@pytest.mark.parametrize(
    "env",
    [
        UNREACHABLE,
        {"PIP_INDEX_URL": "https://nowhere.invalid/simple", "PIP_FIND_LINKS": ""},
        {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""},
    ],
)
def test_no_network_and_nothing_cached(cache: Path, env: dict[str, str]) -> None:
    run = fetch(cache, "sentry-arroyo==2.36.0", env=env)
    run.refused(2, "sentry-arroyo==2.36.0", "not in the cache", "cannot be reached", "connect")
    assert leftovers(cache) == []


def test_no_network_for_the_dependencies(index: Index, cache: Path, lock: Path) -> None:
    (index.folder / "demo_dep-1.0-py3-none-any.whl").unlink()
    run = fetch(cache, "demo==1.1", "--lock", lock, env=index.env)
    run.refused(2, "demo-dep>=1", "no wheel of it")
    run = fetch(cache, "demo==1.1", "--lock", lock, env=UNREACHABLE)
    run.refused(2, "demo-dep>=1", "cannot be reached")
    assert leftovers(cache) == ["sites", "wheels"]


def test_dependencies_that_do_not_apply_are_left_out(demo_cache: Path, lock: Path) -> None:
    found = fetch(demo_cache, "demo==1.1", "--lock", lock).json
    assert found["dependencies"] == {"demo-dep": "1.0"}
    assert run_python(found["paths"], "import demo.data, demo_dep; print(demo_dep.value)") == "1"


def test_a_version_may_be_written_in_more_than_one_way(
    index: Index, cache: Path, lock: Path
) -> None:
    first = fetch(cache, "Demo==1", "--lock", lock, env=index.env).json
    second = fetch(cache, "demo==1.0.0", "--lock", lock, env=UNREACHABLE).json
    assert first == second
    assert first["version"] == "1.0"


# --- what was tampered with ---


def test_a_lock_is_held_to_when_fetching(index: Index, cache: Path, lock: Path) -> None:
    actual = hashlib.sha256((index.folder / "demo-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    lock.write_text(f"demo==1.0 --hash=sha256:{'a' * 64}\n")
    fetch(cache, "demo==1.0", "--lock", lock, env=index.env).refused(2, actual, "a" * 64, str(lock))
    assert leftovers(cache) == []
    lock.write_text(f"demo==1.0 \\\n  --hash=sha256:{'a' * 64} --hash=sha256:{actual}  # two\n")
    assert fetch(cache, "demo==1.0", "--lock", lock, env=index.env).json["sha256"] == actual
    lock.write_text(f"demo==1.0 --hash=sha256:{'a' * 64}\n")
    fetch(cache, "demo==1.0", "--lock", lock).refused(2, actual, "a" * 64, "delete")


def test_a_lock_that_cannot_be_read(cache: Path, lock: Path) -> None:
    lock.write_text("demo==1.0 --hash=md5:00\n")
    fetch(cache, "demo==1.0", "--lock", lock).refused(
        2, str(lock), "demo==1.0 --hash=md5:00", "mend"
    )
    fetch(cache, "demo==1.0", "--lock", "/nowhere").refused(2, "/nowhere", "--lock")


def test_the_first_wheel_is_trusted_and_then_held_to(
    index: Index, demo_cache: Path, lock: Path
) -> None:
    cache, demo = demo_cache, ("demo==1.0", "--lock", lock)
    first = fetch(cache, *demo).json
    wheel = cache / "wheels" / first["wheel"]
    wheel.write_bytes(wheel.read_bytes() + b"x")
    fetch(cache, *demo, env=index.env).refused(2, first["sha256"], f"delete {wheel}")
    wheel.unlink()  # as the error says
    assert fetch(cache, *demo, env=index.env).json == first
    # Even a wheel that was deleted cannot come back as another one.
    wheel.unlink()
    build_wheel(index.folder, "demo", "1.0", {"demo.py": "evil = True\n"})
    fetch(cache, *demo, env=index.env).refused(2, first["sha256"], f"{wheel}.sha256")
    assert not wheel.exists()


@pytest.mark.parametrize("damage", ["edited", "deleted", "no metadata"])
def test_an_unpacked_release_that_was_changed(demo_cache: Path, lock: Path, damage: str) -> None:
    cache, demo = demo_cache, ("demo==1.0", "--lock", lock)
    found = fetch(cache, *demo).json
    data = Path(found["paths"][0], "demo/data.py")
    good = data.read_text()
    if damage == "edited":
        data.write_text(good.replace("line_1 = 1", "line_1 = 2"))
    elif damage == "deleted":
        data.unlink()
    else:
        next(data.parents[1].glob("*.dist-info/METADATA")).unlink()
    run = fetch(cache, *demo, env=UNREACHABLE)
    assert run.json == found
    assert "was changed since it was unpacked" in run.err
    assert data.read_text() == good
    assert "tmp" not in leftovers(cache)
    assert fetch(cache, *demo).err == ""


def test_dependencies_that_lost_a_file(index: Index, demo_cache: Path, lock: Path) -> None:
    found = fetch(demo_cache, "demo==1.1", "--lock", lock).json
    Path(found["paths"][1], "demo_dep.py").unlink()
    run = fetch(demo_cache, "demo==1.1", "--lock", lock, env=index.env)
    assert run.json == found
    assert "demo_dep.py was changed" in run.err
    assert Path(found["paths"][1], "demo_dep.py").exists()


# --- what is broken ---


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run = fetch(tmp_path / "file" / "cache", "demo==1.0")
    run.refused(3, str(tmp_path / "file" / "cache"), "Not a directory", "--cache")


def test_a_full_disk(index: Index, cache: Path, lock: Path) -> None:
    build_wheel(index.folder, "big", "1.0", {"big.py": "x = 1\n" * 2000})
    run = fetch(cache, "big==1.0", "--lock", lock, env=index.env, file_limit=8000)
    run.refused(3, "big==1.0", "File too large", "free space")
    assert leftovers(cache) == []


def test_an_environment_without_pip(tmp_path: Path, cache: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    import packaging

    python = tmp_path / "venv" / "bin" / "python"
    done = subprocess.run(
        [python, CHECKOUT / "scripts/fetch_target.py", "--cache", cache, "sentry-arroyo==2.36.0"],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(Path(packaging.__file__).parents[1])},
    )
    Run(done.returncode, done.stdout, done.stderr).refused(3, str(python), "ensurepip")
