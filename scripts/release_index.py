"""Which files a package has on the index that pip is configured for, and when each came there.

pip's own session and options are used, so that its configuration holds here too: index, further
indexes, find-links, certificates, proxies, passwords.
"""

from __future__ import annotations

import html.parser
import json
import os
import re
import urllib.parse
from pathlib import Path
from typing import Any, NamedTuple

from helper_main import Failure
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

ACCEPT = "application/vnd.pypi.simple.v1+json, text/html; q=0.2"  # the JSON has dates (PEP 700)


class File(NamedTuple):
    """A wheel or a source archive of one release; `uploaded` is an ISO time, or nothing."""

    version: Version
    is_wheel: bool
    uploaded: str
    yanked: bool


class Links(html.parser.HTMLParser):
    """The links of a page of the simple index (PEP 503): their last parts, and whether yanked."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            path = urllib.parse.urlsplit(given["href"] or "").path
            self.found.append(
                (urllib.parse.unquote(path.rpartition("/")[2]), "data-yanked" in given)
            )


def read_file(name: str, filename: str, uploaded: str = "", yanked: bool = False) -> File | None:
    """The file, if its name is one of a release of that package."""
    is_wheel = filename.endswith(".whl")
    try:
        found = parse_wheel_filename(filename) if is_wheel else parse_sdist_filename(filename)
    except (InvalidSdistFilename, InvalidWheelFilename):
        return None
    return File(found[1], is_wheel, uploaded, yanked) if found[0] == name else None


def find_files(name: str) -> list[File] | None:
    """All files of the package; None where no index can be reached that may know of any."""
    from pip._internal.commands.index import IndexCommand

    command = IndexCommand("index", "")
    options, _ = command.parse_args(["versions", name])
    found = _linked(name, options.find_links)
    urls = [] if options.no_index else [options.index_url, *options.extra_index_urls]
    reached = bool(found) or not urls
    with command.main_context():
        session = command._build_session(options, retries=2, timeout=min(options.timeout, 30))
        for url in urls:
            page = _ask(session, f"{url.rstrip('/')}/{name}/")
            reached = reached or page is not None
            found += [file for file in map(lambda one: read_file(name, *one), page or []) if file]
    return found if found or reached else None


def _ask(session: Any, url: str) -> list[tuple[str, str, bool]] | None:
    """The files that a page of the index lists; None where it cannot be read."""
    try:
        answer = session.get(url, headers={"Accept": ACCEPT})
    except Exception as error:  # noqa: BLE001 - requests, urllib3 and ssl raise many kinds
        if isinstance(error, OSError):
            return None
        raise Failure(f"{url}: cannot be asked: {error}; run pip by hand") from error
    if answer.status_code == 404:
        return []
    if answer.status_code != 200:
        return None
    if "json" not in answer.headers.get("Content-Type", ""):
        links = Links()
        links.feed(answer.text)
        return [(filename, "", yanked) for filename, yanked in links.found]
    return [
        (file["filename"], file.get("upload-time") or "", bool(file.get("yanked")))
        for file in answer.json()["files"]
    ]


def _linked(name: str, places: list[str]) -> list[File]:
    """What stands in the folders of pip's find-links."""
    files = []
    for place in places:
        folder = Path(urllib.parse.unquote(re.sub("^file://", "", place)))
        if folder.is_dir():
            files += [read_file(name, entry) for entry in sorted(os.listdir(folder))]
    return [file for file in files if file]


def keep_listing(folder: Path, name: str, files: list[File]) -> None:
    """Write down what there is, for a day without a network."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps([[str(file.version), *file[1:]] for file in files])
        made = folder / f"{name}.{os.getpid()}.tmp"
        made.write_text(text, "utf-8")
        made.rename(folder / f"{name}.json")
    except OSError:  # a cache that cannot be written still serves
        pass


def kept_listing(folder: Path, name: str) -> list[File] | None:
    """What was there when it was last asked."""
    try:
        kept = json.loads((folder / f"{name}.json").read_text("utf-8"))
        return [File(Version(version), *rest) for version, *rest in kept]
    except (OSError, ValueError, TypeError):
        return None


def normal_name(name: str) -> str:
    """The package's name as the index has it."""
    return str(canonicalize_name(name))
