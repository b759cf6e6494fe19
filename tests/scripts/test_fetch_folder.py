"""fetch_target.py from outside: a folder as the target, which is used as it stands."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from conftest import Index, Run, fetch


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of demo: the package, and a requirements.txt with all that such a file has."""
    folder = tmp_path / "checkout"
    (folder / "demo").mkdir(parents=True)
    (folder / "demo" / "__init__.py").write_text("import demo_dep\n")
    (folder / "requirements.txt").write_text(
        "# what demo needs\n"
        "--prefer-binary\n"
        "-r more.txt\n"
        "\n"
        "demo-dep>=1,<2  # the only one\n"
        "nothing ; python_version < '3'\n"
        "./vendored\n"
    )
    return folder


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file of the folder, with its size and time."""
    stats = {str(path): path.stat() for path in folder.rglob("*")}
    return {path: (stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}


def take(index: Index, cache: Path, folder: Path, *packages: str) -> Run:
    options = [option for package in packages for option in ("--package", package)]
    return fetch(cache, *options, folder, env=index.env)


def test_a_checkout(index: Index, cache: Path, checkout: Path) -> None:
    before = snapshot(checkout)
    run = take(index, cache, checkout, "arroyo", "demo")
    found = run.json
    deps = found["paths"].pop()
    assert found == {
        "name": None,
        "version": None,
        "packages": ["demo"],
        "paths": [str(checkout)],
        "wheel": None,
        "sha256": None,
        "dependencies": {"demo-dep": "1.0"},
        "patches": [],
    }
    assert Path(deps, "demo_dep.py").exists()
    assert f"{checkout}/requirements.txt:7: left out './vendored'" in run.err
    assert snapshot(checkout) == before
    # Offline from now on, and the same for a release with the same requirements.
    again = fetch(cache, checkout, env={"PIP_INDEX_URL": "http://127.0.0.1:9/simple"})
    assert again.json["paths"] == [str(checkout), deps]


def test_what_the_folder_brings_itself_is_not_installed(
    index: Index, cache: Path, checkout: Path
) -> None:
    (checkout / "demo_dep.py").touch()
    assert take(index, cache, checkout, "demo").json["paths"] == [str(checkout)]
    assert not cache.exists()


def test_the_src_layout(index: Index, cache: Path, checkout: Path) -> None:
    (checkout / "src").mkdir()
    (checkout / "demo").rename(checkout / "src" / "demo")
    found = take(index, cache, checkout, "demo").json
    assert found["paths"][0] == str(checkout / "src")
    assert found["dependencies"] == {"demo-dep": "1.0"}


def test_an_installed_copy_says_what_it_is(index: Index, cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "installed"
    for wheel in ("demo-1.1-py3-none-any.whl", "demo_dep-1.0-py3-none-any.whl"):
        zipfile.ZipFile(index.folder / wheel).extractall(folder)
    found = take(index, cache, folder, "demo").json
    assert (found["name"], found["version"]) == ("demo", "1.1")
    assert found["paths"] == [str(folder)]
    # Without a package to look for, two distributions leave open which one is meant.
    assert take(index, cache, folder).json["name"] is None


def test_an_editable_checkout_says_what_it_is(index: Index, cache: Path, checkout: Path) -> None:
    info = checkout / "Demo.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: Demo\nVersion: 1.2.dev0\n\ntext\n")
    (info / "top_level.txt").write_text("demo\n")
    found = take(index, cache, checkout, "demo").json
    assert (found["name"], found["version"]) == ("demo", "1.2.dev0")
    assert found["dependencies"] == {"demo-dep": "1.0"}


def test_a_folder_that_will_not_do(cache: Path, checkout: Path) -> None:
    fetch(cache, checkout / "nothing").refused(2, str(checkout / "nothing"), "nor a folder")
    fetch(cache, checkout / "requirements.txt").refused(2, "requirements.txt", "nor a folder")
    run = fetch(cache, "--package", "arroyo", "--package", "other", checkout)
    run.refused(2, str(checkout), "no package arroyo or other", "name the folder")
    run = fetch(cache, checkout, "--patch", "x.patch")
    run.refused(2, f"{checkout}+x.patch", "used as it stands")
    assert not cache.exists()
