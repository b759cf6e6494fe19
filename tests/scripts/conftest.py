"""What the tests of the helper scripts share: a way to run them, and a package index of our own."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
FETCH = CHECKOUT / "scripts" / "fetch_target.py"


class Run(NamedTuple):
    """How a helper ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """What it printed, if it ended well."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    def refused(self, code: int, *words: str) -> str:
        """Check that it refused with one line of error that has all of `words`; return the rest."""
        lines = [line for line in self.err.splitlines() if not line.startswith("fetch: ")]
        assert (self.code, self.out) == (code, ""), self
        assert lines[0].startswith("error: ")
        assert all(word in lines[0] for word in words), lines[0]
        assert not any(line.startswith("error: ") for line in lines[1:])
        return "\n".join(lines[1:])


def build_wheel(
    folder: Path,
    name: str,
    version: str,
    files: dict[str, str],
    *,
    headers: tuple[str, ...] = (),
    tag: str = "py3-none-any",
) -> Path:
    """Write a small but proper wheel; `headers` are further lines of its METADATA."""
    info = f"{name}-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *headers]
    content = {
        **files,
        f"{info}/METADATA": "\n".join([*metadata, "", "Requires-Dist: not-a-header", ""]),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = [f"{path},sha256={_digest(text)},{len(text)}" for path, text in content.items()]
    content[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    wheel = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in content.items():
            archive.writestr(zipfile.ZipInfo(path), text)  # the same bytes whenever it is built
    return wheel


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Index:
    """A package index on loopback that counts what is fetched, and can stall in mid-file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fetched: Counter[str] = Counter()
        self.open = threading.Event()  # clear it, and wheels stop coming half-way
        self.open.set()
        self.stalled = threading.Event()
        index = self

        class Handler(BaseHTTPRequestHandler):
            """Serves /simple/NAME/ and the wheels in the folder."""

            def do_GET(self) -> None:
                index.serve(self)

            def log_message(self, *_: object) -> None:
                """Keep the output of the tests clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Let go of whoever still waits, and stop."""
        self.open.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def env(self) -> dict[str, str]:
        """The environment in which pip knows of this index alone, and remembers nothing."""
        url = f"http://127.0.0.1:{self.server.server_port}/simple"
        return {"PIP_INDEX_URL": url, "PIP_FIND_LINKS": "", "PIP_NO_CACHE_DIR": "1"}

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        last = request.path.rstrip("/").rpartition("/")[2]
        if last.endswith(".whl"):
            self.fetched[last] += 1
            self._send(request, (self.folder / last).read_bytes(), "application/zip")
            return
        names = [p.name for p in self.folder.glob(f"{last.replace('-', '_')}-*.whl")]
        if not names:
            request.send_error(404)
            return
        links = "".join(f'<a href="/files/{name}">{name}</a>\n' for name in names)
        self._send(
            request, f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), "text/html"
        )

    def _send(self, request: BaseHTTPRequestHandler, content: bytes, kind: str) -> None:
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        half = len(content) // 2 if kind == "application/zip" else 0
        try:
            request.wfile.write(content[:half])
            request.wfile.flush()
            if half and not self.open.is_set():
                self.stalled.set()
                self.open.wait(30)
            request.wfile.write(content[half:])
        except OSError:
            pass  # the one who asked was killed, as a test wants it


def fill_index(folder: Path) -> None:
    """Put `demo` 1.0 and 1.1 there, and `demo-dep` 1.0, which 1.1 requires."""
    folder.mkdir()
    lines = "".join(f"line_{number} = {number}\n" for number in range(20))
    files = {"demo/__init__.py": "", "demo/data.py": lines}
    build_wheel(folder, "demo", "1.0", files)
    requires = ("Requires-Dist: demo-dep>=1", "Requires-Dist: nothing; python_version < '3'")
    build_wheel(
        folder, "demo", "1.1", files, headers=(*requires, "Requires-Dist: no; extra == 'x'")
    )
    build_wheel(folder, "demo_dep", "1.0", {"demo_dep.py": "value = 1\n"})


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An index of the test's own; a test may change what it has."""
    fill_index(tmp_path / "index")
    with closing(Index(tmp_path / "index")) as server:
        yield server


def fetch_command(cache: Path, *arguments: object) -> list[str]:
    """The command line of the helper under test."""
    return [sys.executable, str(FETCH), "--cache", str(cache), *map(str, arguments)]


def fetch(
    cache: Path, *arguments: object, env: dict[str, str] | None = None, file_limit: int = 0
) -> Run:
    """Run fetch_target.py to its end; with `file_limit` no file may grow beyond that many bytes."""

    def limit() -> None:
        if file_limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

    done = subprocess.run(
        fetch_command(cache, *arguments),
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, **(env or {})},
        preexec_fn=limit,
        timeout=120,
    )
    return Run(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def shared_cache() -> Path:
    """The cache for real releases, which outlives the tests."""
    default = CHECKOUT / "build" / "test-cache"
    return Path(os.environ.get("FLASHFLOOD_TEST_CACHE") or default)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """An empty cache of the test's own."""
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds demo 1.0 and 1.1, fetched once for all tests."""
    root = tmp_path_factory.mktemp("filled")
    (root / "empty.lock").touch()
    fill_index(root / "index")
    with closing(Index(root / "index")) as index:
        for version in ("1.0", "1.1"):
            target = (f"demo=={version}", "--lock", root / "empty.lock")
            assert fetch(root / "cache", *target, env=index.env).code == 0
    return root / "cache"


@pytest.fixture
def demo_cache(_filled: Path, cache: Path) -> Path:
    """A cache of the test's own that holds demo 1.0 and 1.1."""
    shutil.copytree(_filled, cache)
    return cache
