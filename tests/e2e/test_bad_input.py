"""Bad input: one line that names the value and the remedy, exit code 2, and nothing half-written."""

from __future__ import annotations

from pathlib import Path

import pytest
from flashflood import HEADER, Completed, does, only_wheels, run, scenario, toy, toy_wheel

GOOD = "class Toy:\n    @actor\n    def work(self):\n        pass\n"


def refused(ended: Completed, *words: str) -> str:
    """Check that it refused in one line that has all of `words`; return what follows that line."""
    own = [line for line in ended.err.splitlines() if line.startswith("flashflood: ")]
    assert ended.code == 2, ended
    assert len(own) == 1, ended.err
    assert ended.err.startswith(own[0])
    assert "Traceback" not in ended.err
    assert ended.out == ""
    for word in words:
        assert word in own[0]
    return ended.err[len(own[0]) + 1 :]


def refused_in_one_line(ended: Completed, *words: str) -> None:
    """The same, and nothing follows."""
    assert refused(ended, *words) == ""


def files_below(folder: Path) -> list[Path]:
    """Files that a refused command left in its --out folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return toy(tmp_path)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return does(tmp_path, "good", "pass")


def stress(folder: Path, *args: str | Path, **more: object) -> Completed:
    """A stress that is refused before it has written anything to its --out folder."""
    ended = run("stress", *args, "--no-tsan", "--trials", "1", "--out", folder / "out", **more)
    assert files_below(folder / "out") == []
    return ended


def test_the_harmless_twin(tmp_path: Path, good: Path, target: Path) -> None:
    ended = run("stress", good, "--target", target, "--no-tsan", "--trials", "1")
    assert ended.code == 0, ended


# ---- the command line ----------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["", "strss", "--bogus", "stress "])
def test_unknown_verb(verb: str) -> None:
    refused_in_one_line(run(verb), f"'{verb}'", "flashflood --help")


def test_no_verb_shows_the_help() -> None:
    ended = run()
    assert ended.code == 2
    assert "Usage: flashflood VERB" in ended.out


@pytest.mark.parametrize(
    "verb", ["check", "stress", "explore", "replay", "report", "list", "doctor"]
)
@pytest.mark.parametrize("option", ["--bogus", "--bogus=3", "-Z"])
def test_unknown_option(verb: str, option: str) -> None:
    refused_in_one_line(run(verb, option), option, f"{verb} --help")


@pytest.mark.parametrize("option", ["--seconds", "--target", "-t", "--out", "--format"])
def test_option_without_its_value(option: str) -> None:
    refused_in_one_line(run("stress", option), f"'{option}'", "--help")


def test_ambiguous_option() -> None:
    refused_in_one_line(run("stress", "--t=1"), "--t=1", "ambiguous")


WHOLE = ["--trials", "--threads", "--seed", "--jobs"]
SECONDS = ["--seconds", "--switch-interval", "--hang-after"]
NO_NUMBER = ["", "x", "-1", "3x", "1e999", "nan", "99999999999999999999999", "٣"]
BAD_NUMBERS = [(option, value) for option in WHOLE for value in [*NO_NUMBER, "1.5", " -1"]]
BAD_NUMBERS += [(option, value) for option in SECONDS for value in [*NO_NUMBER, "0", "inf", "2e6"]]
BAD_NUMBERS += [("--trials", "0"), ("--threads", "0"), ("--jobs", "0"), ("--threads", "1001")]
BAD_NUMBERS += [("--jobs", "257"), ("--seed", "9223372036854775808")]
BAD_NUMBERS += [("--trials", " -18446744073709551615")]  # which strtoull() takes for 1


@pytest.mark.parametrize(("option", "value"), BAD_NUMBERS)
def test_bad_number(option: str, value: str) -> None:
    refused_in_one_line(run("stress", f"{option}={value}"), f"{option} '{value}'", "give a ")


EXPLORE_NUMBERS = [
    (option, value)
    for option in ("--schedules", "--depth", "--preemptions")
    for value in [*NO_NUMBER, "1.5", " -1", "99999999999999"]
]
EXPLORE_NUMBERS += [("--schedules", "0"), ("--depth", "0"), ("--preemptions", "bounded")]


@pytest.mark.parametrize(("option", "value"), EXPLORE_NUMBERS)
def test_bad_number_of_explore(option: str, value: str) -> None:
    refused_in_one_line(run("explore", f"{option}={value}"), f"{option} '{value}'", "give a ")


@pytest.mark.parametrize("value", ["0", "x", "-1", "1000001"])
def test_bad_number_of_replay(value: str) -> None:
    refused_in_one_line(run("replay", f"--times={value}"), f"--times '{value}'", "give a ")


# Nobody is to believe that an option did something.
FOREIGN = [
    ("explore", "--switch-interval=1", "check, stress, matrix, bisect"),
    ("explore", "--trials=1", "check, stress, matrix, bisect"),
    ("explore", "--times=1", "replay"),
    ("stress", "--strategy=pct", "check, explore, matrix, bisect"),
    ("stress", "--schedules=9", "check, explore, matrix, bisect"),
    ("stress", "--verify", "check, explore, matrix, bisect"),
    ("stress", "--resume=file", "explore"),
    ("check", "--resume=file", "explore"),
    ("replay", "--seconds=9", "check, stress, explore, matrix, bisect"),
    ("replay", "--strategy=pct", "check, explore, matrix, bisect"),
    ("replay", "--seed=3", "check, stress, explore, matrix, bisect"),
    ("report", "--seconds=3", "check, stress, explore, matrix, bisect"),
    ("doctor", "--out=x", "check, stress, explore, replay, report, matrix, bisect"),
    ("matrix", "--target=x==1", "check, stress, explore, replay"),
    ("check", "--releases=all", "matrix, bisect"),
    ("list", "--python=x", "check, stress, explore, replay, doctor, matrix, bisect"),
]


@pytest.mark.parametrize(("verb", "option", "of"), FOREIGN)
def test_option_of_another_verb(verb: str, option: str, of: str) -> None:
    name = option.partition("=")[0]
    refused_in_one_line(run(verb, option), f"{name} is no option of {verb}, but of {of};")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--strategy", "luck"], ["--strategy 'luck'", "flashflood list strategies"]),
        (["--strategy", "none"], ["--strategy 'none'", "flashflood list strategies"]),
        (["--strategy", "replay"], ["--strategy 'replay'", "flashflood list strategies"]),
        (["--points", "free"], ["--points 'free'", "gil or bytecode"]),
        (["--carrier", "horse"], ["--carrier 'horse'", "fiber or pthread"]),
        (["--resume", "file"], ["--resume 'file'", "exhaustive", "'auto'"]),
        ([], ["no target", "sentry-arroyo==2.36.0"]),
    ],
)
def test_bad_value_of_explore(args: list[str], words: list[str]) -> None:
    refused_in_one_line(run("explore", *args), *words)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--format", "yaml"], ["--format 'yaml'", "flashflood list formats"]),
        (["--format", "text,yaml"], ["--format 'yaml'", "flashflood list formats"]),
        (["--format", ""], ["--format ''", "flashflood list formats"]),
        (["--until", "fun"], ["--until 'fun'", "dict-changed-size"]),
        (["--expect", "unknown"], ["--expect 'unknown'", "known"]),
        (["--python", "/nowhere/python3"], ["--python /nowhere/python3", "path"]),
        (["--python", "/bin/false"], ["/bin/false"]),
        (["--python", "/bin/true"], ["/bin/true", "is no Python"]),
        ([], ["no target", "sentry-arroyo==2.36.0"]),
    ],
)
def test_bad_value(tmp_path: Path, good: Path, args: list[str], words: list[str]) -> None:
    more = ["--target", toy(tmp_path)] if args else []
    refused_in_one_line(stress(tmp_path, good, *more, *args), *words)


@pytest.mark.parametrize("args", [["list"], ["list", "colours"], ["list", "formats", "pythons"]])
def test_bad_list(args: list[str]) -> None:
    refused_in_one_line(run(*args), args[-1], "scenarios, releases, strategies, formats, pythons")


def test_doctor_takes_no_arguments() -> None:
    refused_in_one_line(run("doctor", "nonsense"), "nonsense")


# ---- scenarios -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("no_such", "flashflood list scenarios"),
        ("nowhere/no_such.py", "no such file"),
        ("support", "flashflood list scenarios"),
        ("two\nlines", "flashflood list scenarios"),
    ],
)
def test_unknown_scenario(tmp_path: Path, target: Path, name: str, remedy: str) -> None:
    ended = stress(tmp_path, name, "--target", target)
    refused_in_one_line(ended, f"'{name}'".replace("\n", "\\n"), remedy)


BROKEN = {
    "syntax": ("class Toy:\n  def work(:\n", ["syntax error", ":10:"]),
    "no_actors": ("class Toy:\n    def work(self):\n        pass\n", ["@actor"]),
    "no_class": ("", ["@actor"]),
    "set_up": (
        GOOD
        + "    @setup\n    @staticmethod\n    def ready():\n        raise OSError('no\\nluck')\n",
        ["set-up ready()", "OSError", "luck"],
    ),
    "constructor": (
        GOOD + "    def __init__(self):\n        raise ValueError('no\\nluck')\n",
        ["constructor", "ValueError", "luck"],
    ),
    "import_missing": ("import no_such_module\n" + GOOD, ["no_such_module", "import"]),
    "import_raises": ("raise LookupError('no\\nluck')\n" + GOOD, ["LookupError", "luck"]),
    "import_exits": ("sys.exit(0)\n" + GOOD, ["SystemExit", "import"]),
    "many_classes": (GOOD + GOOD.replace("Toy", "Two"), ["Toy", "Two", "one class"]),
    "bad_mark": (GOOD.replace("@actor", "@actor(calls=0)"), ["calls"]),
    "bad_table": (GOOD + "expected = [{'outcome': 'pass'}]\n", ["because"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_scenario(tmp_path: Path, target: Path, name: str) -> None:
    body, words = BROKEN[name]
    file = scenario(tmp_path, name, body)
    refused_in_one_line(stress(tmp_path, file, "--target", target), name, *words)


def test_one_broken_scenario_of_two_stops_both(tmp_path: Path, good: Path, target: Path) -> None:
    broken = scenario(tmp_path, "broken", BROKEN["constructor"][0])
    refused_in_one_line(stress(tmp_path, good, broken, "--target", target), "broken")


def test_scenario_that_does_not_apply(tmp_path: Path, target: Path) -> None:
    file = tmp_path / "other.py"
    file.write_text(HEADER.replace('package = "toy"', 'package = "other"') + GOOD)
    refused_in_one_line(stress(tmp_path, file, "--target", target), "other", str(target))


# ---- targets -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["toy", "toy=1.0", "==1.0", "toy==", "toy==one", "toy>=1", "", "+p", "t\n=="]
)
def test_malformed_target(tmp_path: Path, good: Path, target: str) -> None:
    ended = stress(tmp_path, good, "--target", target, env=only_wheels(tmp_path))
    refused_in_one_line(ended, target.replace("\n", "\\n"))


def test_release_that_does_not_exist(tmp_path: Path, good: Path) -> None:
    toy_wheel(tmp_path / "wheels", "1.0")
    env = only_wheels(tmp_path)
    ended = stress(tmp_path, good, "--target", "toy==9.9", "--quiet", env=env)
    refused_in_one_line(ended, "toy==9.9", "1.0")


def test_release_that_does_exist(tmp_path: Path, good: Path) -> None:
    toy_wheel(tmp_path / "wheels", "1.0")
    env = only_wheels(tmp_path)
    args = ["stress", good, "--target", "toy==1.0", "--no-tsan", "--trials", "1", "--quiet"]
    assert run(*args, env=env) == Completed(0, "", "")
    (tmp_path / "wheels").rename(tmp_path / "gone")
    assert run(*args, env=env) == Completed(0, "", "")  # from its cache


def test_no_network_and_nothing_cached(tmp_path: Path, good: Path) -> None:
    env = {
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_NO_INDEX": None,
        "PIP_FIND_LINKS": None,
    }
    ended = stress(tmp_path, good, "--target", "toy==1.0", "--quiet", env=env)
    refused_in_one_line(ended, "toy==1.0", "network")


@pytest.mark.parametrize("folder", ["/nowhere/at/all", "./nowhere"])
def test_folder_that_is_not_there(tmp_path: Path, good: Path, folder: str) -> None:
    refused_in_one_line(stress(tmp_path, good, "--target", folder), folder, "folder")


def test_folder_without_the_package(tmp_path: Path, good: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = stress(tmp_path, good, "--target", tmp_path / "empty")
    refused_in_one_line(ended, str(tmp_path / "empty"), "toy", "package")


PATCH = """--- a/toy/__init__.py
+++ b/toy/__init__.py
@@ -1,3 +1,3 @@
 \"\"\"A toy.\"\"\"
 
-NAME = "{old}"
+NAME = "patched"
"""


def patched(folder: Path, content: str | None) -> tuple[str, dict[str, str | None]]:
    """A target with a patch of that content, and the environment that has its release."""
    toy_wheel(folder / "wheels", "1.0")
    if content is not None:
        (folder / "fix.patch").write_text(content)
    return f"toy==1.0+{folder}/fix.patch", {**only_wheels(folder)}


def test_patch_that_applies(tmp_path: Path) -> None:
    target, env = patched(tmp_path, PATCH.format(old="toy"))
    file = does(tmp_path, "is_patched", "assert toy.NAME == 'patched'")
    args = ["stress", file, "--target", target, "--no-tsan", "--trials", "1", "--quiet"]
    assert run(*args, env=env) == Completed(0, "", "")


def test_patch_that_does_not_apply(tmp_path: Path, good: Path) -> None:
    target, env = patched(tmp_path, PATCH.format(old="other"))
    ended = stress(tmp_path, good, "--target", target, "--quiet", env=env)
    hunk = refused(ended, "fix.patch", "does not apply", "toy 1.0")
    assert '-NAME = "other"\n+NAME = "patched"' in hunk


@pytest.mark.parametrize("content", ["", "no patch\n"])
def test_patch_that_is_none(tmp_path: Path, good: Path, content: str) -> None:
    target, env = patched(tmp_path, content)
    refused(stress(tmp_path, good, "--target", target, "--quiet", env=env), "fix.patch", "patch")


def test_patch_file_that_is_missing(tmp_path: Path, good: Path) -> None:
    target, env = patched(tmp_path, None)
    ended = stress(tmp_path, good, "--target", target, env=env)
    refused_in_one_line(ended, f"{tmp_path}/fix.patch", "path")
