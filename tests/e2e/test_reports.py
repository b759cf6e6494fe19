"""Reports from outside: every format of one run, rendered again, on a terminal and off it; lists and help."""

from __future__ import annotations

import json
import os
import pty
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import NamedTuple

import pytest
from flashflood import SCHEMA, Completed, does, load, result, run, start, toy
from jsonschema import Draft202012Validator

FILES = {"json": "result.json", "junit": "junit.xml", "markdown": "summary.md"}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
VERBS = {
    "check": ["--scenario", "--seconds", "--tsan", "--expect", "--out", "--format"],
    "stress": ["--target", "--threads", "--trials", "--seed", "--no-tsan", "--hang-after", "--out"],
    "explore": ["--target", "--strategy", "--schedules", "--preemptions", "--points", "--resume"],
    "replay": ["--target", "--carrier", "--python", "--times", "SCHEDULE.flood"],
    "report": ["--out", "--format", "--quiet"],
    "list": ["scenarios", "strategies", "formats", "pythons"],
    "doctor": ["--python"],
}


class Campaign(NamedTuple):
    """A run that fails and one that passes, and where their reports are."""

    ended: Completed
    out: Path
    args: list[str | Path]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    folder = tmp_path_factory.mktemp("campaign")
    bad = does(folder, "bad", "raise ValueError('<&\"]]> | `tick` ünï')")
    args = ["stress", bad, does(folder, "good", "time.sleep(0.1)"), "--target", toy(folder)]
    args += ["--no-tsan", "--trials", "6"]
    more = ["--format", "text,json,junit,markdown"]
    return Campaign(result(*args, *more, out=folder / "out"), folder / "out", args)


def rendered(campaign: Campaign, name: str) -> str:
    """What the campaign itself wrote in that format."""
    return campaign.ended.out if name == "text" else (campaign.out / FILES[name]).read_text("utf-8")


def test_all_formats_of_one_run(campaign: Campaign) -> None:
    assert campaign.ended.code == 1
    assert sorted(path.name for path in campaign.out.iterdir()) == sorted(FILES.values())
    for name in ["text", *FILES]:
        text = rendered(campaign, name)
        for word in ("bad", "good", "ValueError", "ünï", "bad.py"):
            assert word in text, name


def test_the_result_has_the_schema(campaign: Campaign) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    content = load(campaign.out / "result.json")
    assert [run["verdict"] for run in content["runs"]] == ["fail", "pass"]
    content["runs"][0]["verdict"] = "fine"
    assert not Draft202012Validator(SCHEMA).is_valid(content)  # the schema is not asleep


def test_junit_has_a_case_for_each_run(campaign: Campaign) -> None:
    root = ElementTree.fromstring(rendered(campaign, "junit"))
    cases = list(root.iter("testcase"))
    assert len(cases) == 2
    failures = list(root.iter("failure"))
    assert len(failures) == 1
    assert "Traceback" in failures[0].text
    assert '<&"]]> | `tick` ünï' in failures[0].text


def test_the_text_says_what_to_do_next(campaign: Campaign) -> None:
    text = campaign.ended.out
    rows = [line for line in text.splitlines() if re.match(r"(FAIL|PASS) +(bad|good) ", line)]
    assert len(rows) == 2
    assert "Traceback" in text
    assert campaign.ended.runs["bad"]["replay"] in re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("name", ["text", *FILES])
def test_report_renders_the_same_again(campaign: Campaign, name: str) -> None:
    ended = run("report", campaign.out / "result.json", "--format", name)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == rendered(campaign, name)


def test_report_writes_the_same_files_again(campaign: Campaign, tmp_path: Path) -> None:
    ended = run(
        "report", campaign.out / "result.json", "--format", ",".join(FILES), "--out", tmp_path / "o"
    )
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    for file in FILES.values():
        assert (tmp_path / "o" / file).read_bytes() == (campaign.out / file).read_bytes()


def test_report_into_the_same_folder_changes_nothing(campaign: Campaign) -> None:
    before = {path.name: path.read_bytes() for path in campaign.out.iterdir()}
    args = ["--format", "json,junit,markdown", "--out", campaign.out]
    assert run("report", campaign.out / "result.json", *args).code == 0
    assert {path.name: path.read_bytes() for path in campaign.out.iterdir()} == before


def test_report_is_text_unless_asked(campaign: Campaign) -> None:
    assert run("report", campaign.out / "result.json").out == campaign.ended.out


@pytest.mark.parametrize("name", FILES)
def test_a_format_without_a_folder_goes_to_standard_output(campaign: Campaign, name: str) -> None:
    ended = run(*campaign.args, "--format", name)
    assert ended.code == 1
    if name == "json":
        assert len(json.loads(ended.out)["runs"]) == 2
    elif name == "junit":
        assert ElementTree.fromstring(ended.out).tag == "testsuites"
    else:
        assert "| " in ended.out


def test_a_folder_that_is_not_there_is_made(campaign: Campaign, tmp_path: Path) -> None:
    out = tmp_path / "a" / "b ü" / "c"
    result(*campaign.args[:1], campaign.args[2], *campaign.args[3:], out=out)
    assert [path.name for path in out.iterdir()] == ["result.json"]


# ---- off and on a terminal -----------------------------------------------------------------------


def on_terminal(*args: str | Path, **env: str | None) -> tuple[int, str]:
    """Run it with a terminal for its output; returns its exit code and all that was shown."""
    ours, theirs = pty.openpty()
    process = start(
        *args, stdout=theirs, stderr=theirs, env={"TERM": "xterm", "NO_COLOR": None, **env}
    )
    os.close(theirs)
    shown = bytearray()
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:  # Linux: the other end was closed
        pass
    finally:
        os.close(ours)
    return process.wait(30), shown.decode("utf-8")


def test_no_colours_off_a_terminal(campaign: Campaign) -> None:
    ended = run(*campaign.args, env={"TERM": "xterm", "NO_COLOR": None})
    assert "\x1b" not in ended.out + ended.err
    assert "\r" not in ended.out + ended.err
    assert "1/2 bad on " in ended.err
    assert "2/2 good on " in ended.err


def test_bar_and_colours_on_a_terminal(campaign: Campaign) -> None:
    code, shown = on_terminal(*campaign.args)
    assert code == 1
    assert COLOUR.search(shown)
    assert re.search(r"\r\x1b\[K\[[#.]{20}\] +\d+%  \d/2 runs", shown)
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown).count("FAIL") >= 1


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": None}])
def test_no_colours_where_they_are_not_wanted(campaign: Campaign, env: dict) -> None:
    code, shown = on_terminal(*campaign.args, **env)
    assert code == 1
    assert not COLOUR.search(shown)


def test_no_bar_on_a_dumb_terminal(campaign: Campaign) -> None:
    assert "\x1b" not in on_terminal(*campaign.args, TERM="dumb")[1]


def test_files_have_no_colours_on_a_terminal(campaign: Campaign, tmp_path: Path) -> None:
    report = ["report", campaign.out / "result.json", "--format", "text,markdown,junit"]
    _, shown = on_terminal(*report, "--out", tmp_path)
    assert COLOUR.search(shown)
    assert all(b"\x1b" not in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize("terminal", [False, True])
def test_quiet(campaign: Campaign, terminal: bool) -> None:
    """Nothing at all for a pass, the report alone for a failure."""
    verb = campaign.args[:1]
    good, bad = ([*verb, file, *campaign.args[3:], "--quiet"] for file in campaign.args[2:0:-1])
    if terminal:
        assert on_terminal(*good) == (0, "")
        code, shown = on_terminal(*bad)
        assert code == 1
        assert "\r\x1b[K" not in shown
    else:
        assert run(*good) == Completed(0, "", "")
        ended = run(*bad)
        assert (ended.code, ended.err) == (1, "")
        assert "ValueError" in ended.out


# ---- lists, help, the doctor ---------------------------------------------------------------------


def test_list_scenarios() -> None:
    ended = run("list", "scenarios")
    assert (ended.code, ended.err) == (0, "")
    for name in ("stuck_detector", "metrics_buffer"):
        assert re.search(rf"^{name} +\S", ended.out, re.MULTILINE)
    assert "needs sentry-arroyo>=2.34" in ended.out


def test_list_formats() -> None:
    ended = run("list", "formats")
    assert (ended.code, ended.err) == (0, "")
    assert [line.split()[0] for line in ended.out.splitlines()] == sorted(["grid", "text", *FILES])
    assert all(file in ended.out for file in FILES.values())


def test_list_strategies() -> None:
    """Those that choose; neither what replay follows nor what stress does without."""
    ended = run("list", "strategies")
    assert (ended.code, ended.err) == (0, "")
    names = [line.split()[0] for line in ended.out.splitlines()]
    assert names == ["auto", "exhaustive", "pct", "random"]


def test_list_pythons() -> None:
    ended = run("list", "pythons")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("cpython-3.")


def test_doctor() -> None:
    ended = run("doctor")
    assert ended.code == (3 if "\nBAD" in f"\n{ended.out}" else 0)
    assert ended.err == ""
    for word in (
        "workers built",
        "ThreadSanitizer",
        "gil switch points",
        "patch",
        "cache of",
        "cores",
    ):
        assert word in ended.out


@pytest.mark.parametrize("option", ["--help", "-?"])
@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb(verb: str, option: str) -> None:
    ended = run(verb, option)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Usage: ")
    assert f"flashflood {verb}" in ended.out
    for word in VERBS[verb]:
        assert word in ended.out


@pytest.mark.parametrize("option", ["--help", "-h", "help"])
def test_help(option: str) -> None:
    ended = run(option)
    assert (ended.code, ended.err) == (0, "")
    assert all(f"\n  {verb} " in ended.out for verb in VERBS)


def test_version() -> None:
    ended = run("--version")
    assert ended.code == 0
    assert re.fullmatch(r"flashflood \d+\.\d+\.\d+\n", ended.out)
