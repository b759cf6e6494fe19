"""The golden reports, read the way others read them: a JSON Schema validator, an XML parser, a Markdown renderer."""

import copy
import html.parser
import json
import pathlib
import xml.etree.ElementTree as ElementTree

import jsonschema
import markdown_it
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADINGS = ["Verdict", "Scenario", "Races", "Target", "Found", "Covered", "Expected"]
GOLDEN = ROOT / "tests" / "golden"
FIXTURES = ["ordinary", "explored", "races", "hostile"]


def golden(fixture: str, suffix: str) -> str:
    return (GOLDEN / f"{fixture}.{suffix}").read_text(encoding="utf-8")


def result_of(fixture: str) -> dict:
    return json.loads(golden(fixture, "json"))


@pytest.fixture(scope="module")
def schema() -> dict:
    return json.loads((ROOT / "docs" / "result.schema.json").read_text(encoding="utf-8"))


# ---- JSON ---------------------------------------------------------------------------------------------------------


def objects(node: object):
    """Each schema of an object, wherever it stands in the schema."""
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        for value in node.values():
            yield from objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from objects(value)


def test_the_schema_is_one_and_leaves_nothing_open(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    for node in objects(schema):
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])
        for name, member in node["properties"].items():
            assert "description" in member or "$ref" in member, name


@pytest.mark.parametrize("fixture", [*FIXTURES, "matrix", "bisection"])
def test_json_is_valid(schema, fixture):
    jsonschema.Draft202012Validator(schema).validate(result_of(fixture))


def test_json_has_every_member_in_the_schemas_order(schema):
    result = result_of("ordinary")
    run = result["runs"][0]
    defs = schema["$defs"]
    assert list(result) == schema["required"]
    assert list(run) == defs["run"]["required"]
    assert list(run["coverage"]) == defs["coverage"]["required"]
    assert list(run["expected"]) == defs["expectation"]["required"]
    assert list(run["findings"][0]) == defs["finding"]["required"]


BREAKS = {
    "a newer schema": lambda r: r["flashflood"].update(schema=2),
    "no runs": lambda r: r.pop("runs"),
    "an unknown member": lambda r: r["runs"][0].update(more=1),
    "an unknown kind": lambda r: r["runs"][0]["findings"][0].update(kind="x"),
    "an unknown verdict": lambda r: r["runs"][0].update(verdict="x"),
    "a negative count": lambda r: r["runs"][0].update(seed=-1),
    "a missing member": lambda r: r["runs"][0]["findings"][0].pop("confirmed"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_the_schema_refuses(schema, name):
    result = copy.deepcopy(result_of("ordinary"))
    BREAKS[name](result)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(result)


# ---- JUnit --------------------------------------------------------------------------------------------------------

# What the JUnit schemas that CI servers publish have in common: the attributes that must stand, and the children that
# may, in this order.
COUNTS = {"tests", "failures", "errors", "skipped", "time"}
ELEMENTS = {
    "testsuites": ({"name"} | COUNTS, ["testsuite"]),
    "testsuite": ({"name"} | COUNTS, ["properties", "testcase"]),
    "properties": (set(), ["property"]),
    "property": ({"name", "value"}, []),
    "testcase": ({"classname", "name", "time"}, ["skipped", "error", "failure", "system-out"]),
    "failure": ({"type", "message"}, []),
    "error": ({"type", "message"}, []),
    "skipped": ({"message"}, []),
    "system-out": (set(), []),
}


def check_structure(element: ElementTree.Element) -> None:
    attributes, children = ELEMENTS[element.tag]
    assert set(element.attrib) == attributes, element.tag
    order = [children.index(child.tag) for child in element]
    assert order == sorted(order)
    for child in element:
        check_structure(child)


def junit(fixture: str) -> ElementTree.Element:
    return ElementTree.fromstring(golden(fixture, "xml").encode())


@pytest.mark.parametrize("fixture", FIXTURES)
def test_junit_is_well_formed_and_counts_right(fixture):
    root = junit(fixture)
    assert root.tag == "testsuites"
    check_structure(root)
    for element in [root, *root]:
        cases = list(element.iter("testcase"))
        assert int(element.get("tests")) == len(cases)
        for attribute, tag in [
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ]:
            assert int(element.get(attribute)) == sum(case.find(tag) is not None for case in cases)
        assert float(element.get("time")) == pytest.approx(
            sum(float(case.get("time")) for case in cases), abs=0.01
        )
    for case in root.iter("testcase"):
        assert len([child for child in case if child.tag != "system-out"]) <= 1


def test_junit_has_a_case_for_each_run():
    names = [
        (case.get("classname"), case.get("name")) for case in junit("ordinary").iter("testcase")
    ]
    engine = "[stress, pthread, Python 3.11.2, tsan]"
    assert sorted(names) == [
        ("flashflood.metrics_buffer", f"sentry-arroyo==2.36.0+arroyo_processor_fix.patch {engine}"),
        ("flashflood.stuck_detector", f"sentry-arroyo==2.33.1 {engine}"),
        ("flashflood.stuck_detector", f"sentry-arroyo==2.36.0 {engine}"),
        ("flashflood.stuck_detector", f"sentry-arroyo==2.37.1 {engine}"),
    ]
    assert len(set(names)) == len(names)


def case_of(root: ElementTree.Element, name: str) -> ElementTree.Element:
    return next(case for case in root.iter("testcase") if case.get("name").startswith(name + " "))


def test_junit_failures_say_all_that_is_known():
    failure = case_of(junit("ordinary"), "sentry-arroyo==2.36.0").find("failure")
    run = result_of("ordinary")["runs"][0]
    assert failure.get("type") == "dict-changed-size"
    assert failure.get("message") == "RuntimeError: dictionary changed size during iteration"
    for finding in run["findings"]:
        for text in [
            finding["message"],
            finding["where"],
            finding["actor"],
            finding["traceback"] or "",
        ]:
            assert text in failure.text
    assert run["replay"] in failure.text
    assert "in 29 of 2,481 trials" in failure.text


def test_junit_never_passes_what_is_inconclusive_or_cut_short():
    assert (
        case_of(junit("ordinary"), "sentry-arroyo==2.33.1").find("error").get("type")
        == "inconclusive"
    )
    whole = [
        case
        for case in junit("hostile").iter("testcase")
        if case.get("classname") == "flashflood.campaign"
    ]
    assert "CUT SHORT" in whole[0].find("error").get("message")


def test_junit_skips_expected_failures_only_when_graded_so():
    assert result_of("hostile")["expect_known"] is True
    hostile = junit("hostile")
    assert (
        case_of(hostile, "./my+a.patch")
        .find("skipped")
        .get("message")
        .startswith("expected failure: ")
    )
    missed = next(c for c in hostile.iter("testcase") if c.get("classname") == "flashflood.missed")
    assert missed.find("failure").get("type") == "expected-failure-missing"
    assert result_of("ordinary")["expect_known"] is False
    assert not list(junit("ordinary").iter("skipped"))


# ---- Markdown -----------------------------------------------------------------------------------------------------


class Page(html.parser.HTMLParser):
    """The elements of a page, and the text in its table cells and code blocks."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.blocks: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not [
            name for name, _ in attrs if name.startswith("on") or name in ("src", "href", "style")
        ]
        if tag not in ("br", "hr"):
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "pre":
            self.blocks.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, "tags are nested"

    def handle_data(self, data):
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data
        if "pre" in self.open:
            self.blocks[-1] += data


def page(fixture: str) -> Page:
    renderer = markdown_it.MarkdownIt("gfm-like", {"html": True, "linkify": False})
    return Page(renderer.render(golden(fixture, "md")))


ALLOWED = set("details summary b h1 h2 p strong ul li table thead tbody tr th td pre code".split())


@pytest.mark.parametrize("fixture", FIXTURES)
def test_markdown_renders_to_nothing_but_its_own_elements(fixture):
    rendered = page(fixture)
    assert set(rendered.tags) <= ALLOWED
    assert rendered.open == []
    findings = sum(len(run["findings"]) for run in result_of(fixture)["runs"])
    assert rendered.tags.count("details") == rendered.tags.count("summary") == findings


@pytest.mark.parametrize("fixture", FIXTURES)
def test_raw_html_is_only_the_folding(fixture):
    renderer = markdown_it.MarkdownIt("gfm-like", {"html": True, "linkify": False})
    for token in renderer.parse(golden(fixture, "md")):
        for part in [token, *(token.children or [])]:
            if part.type in ("html_block", "html_inline"):
                assert set(Page(part.content.replace("</details>", "")).tags) <= {
                    "details",
                    "summary",
                    "b",
                }


@pytest.mark.parametrize("fixture", FIXTURES)
def test_markdown_tables_have_a_row_for_each_run(fixture):
    rendered = page(fixture)
    runs = result_of(fixture)["runs"]
    assert rendered.tags.count("table") == 1
    assert rendered.rows[0] == HEADINGS
    assert len(rendered.rows) == 1 + len(runs)
    for row, run in zip(rendered.rows[1:], runs):
        assert len(row) == len(HEADINGS)
        assert row[0] == run["verdict"].upper()
        if run["scenario"].isidentifier():
            assert row[1] == run["scenario"]


def test_hostile_text_stays_readable_in_markdown():
    rendered = page("hostile")
    name = rendered.rows[1][1]
    for piece in [
        "a\"b'c\\d\\x0d\\n\\tend ]]> --> <script>alert(1)</script> & &amp; | pipe `code` ```` *b* _u_",
        "[x](y) ![i](j) ~~s~~ $m$ \\x1b[31mred",
        "\\u202ertl\\u202c",
        "@everyone http://evil.test </details>",
    ]:
        assert piece in name


def test_tracebacks_cannot_leave_their_fence():
    blocks = page("hostile").blocks
    inside = [block for block in blocks if block.startswith("`````\n```\n</details>\n")]
    findings = result_of("hostile")["runs"][0]["findings"]
    assert len(inside) == sum(finding["race"] is None for finding in findings)
    assert all(block.endswith("\n~~~\n````````text\n# heading\n") for block in inside)
