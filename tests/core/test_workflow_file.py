"""Workflow files: written for reviewers, read without fuss, the same digests on both sides."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.canonical import canonicalize, digests
from workflowops.core.problems import Problem, Severity
from workflowops.core.workflow_file import LARGEST_FILE, parse_workflow, render_workflow, tag_names
from workflowops.errors import BlockedError

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "awesome-n8n-templates"
needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real workflows is not beside the repository"
)

LIVE = {
    "updatedAt": "2026-01-10T14:30:00.000Z",
    "id": "wf-001",
    "name": "Größen & Co",
    "active": True,
    "isArchived": False,
    "nodes": [
        {
            "parameters": {"url": "https://example.com", "z": 1, "a": {"y": 2.5, "b": []}},
            "type": "n8n-nodes-base.httpRequest",
            "typeVersion": 4.2,
            "position": [240, 300],
            "id": "n-1",
            "name": "Call",
            "credentials": {"httpBasicAuth": {"id": "c-1", "name": "API Auth"}},
            "webhookId": "w-1",
            "color": "red",
            "disabled": False,
        }
    ],
    "connections": {"Call": {"main": [[{"node": "Call", "type": "main", "index": 0}], None]}},
    "settings": {"executionOrder": "v1"},
    "staticData": {"node:Call": {"x": 1}},
    "meta": {"templateCredsSetupCompleted": True},
    "pinData": {"Call": [{"json": {"mail": "a@example.com"}}]},
    "versionId": "v-1",
    "versionCounter": 3,
    "activeVersionId": "v-1",
    "activeVersion": {"nodes": []},
    "triggerCount": 1,
    "tags": [{"id": "t-2", "name": "b", "createdAt": "x"}, {"id": "t-1", "name": "a"}],
    "shared": [{"role": "workflow:owner", "project": {"name": "Ada <ada@example.com>"}}],
    "nodeGroups": [],
    "createdAt": "2026-01-10T14:30:00.000Z",
    "sourceWorkflowId": None,
    "description": "d",
}
WRITTEN = """\
{
  "name": "Größen & Co",
  "active": true,
  "tags": [
    "a",
    "b"
  ],
  "nodes": [
    {
      "id": "n-1",
      "name": "Call",
      "type": "n8n-nodes-base.httpRequest",
      "typeVersion": 4.2,
      "position": [
        240,
        300
      ],
      "disabled": false,
      "parameters": {
        "url": "https://example.com",
        "z": 1,
        "a": {
          "y": 2.5,
          "b": []
        }
      },
      "credentials": {
        "httpBasicAuth": {
          "id": "c-1",
          "name": "API Auth"
        }
      },
      "webhookId": "w-1"
    }
  ],
  "connections": {
    "Call": {
      "main": [
        [
          {
            "node": "Call",
            "type": "main",
            "index": 0
          }
        ],
        null
      ]
    }
  },
  "settings": {
    "executionOrder": "v1"
  }
}
"""

TEXTS = st.text(st.characters(exclude_categories=[]), max_size=6)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | st.sampled_from(["={{ $json.a }}", "a\r\nb", 10**400, -0.0, 2.0, "DEFAULT"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["A", "B", "A (2)", "", "\u00fc", "\ud800"])
CREDENTIALS = st.dictionaries(
    st.sampled_from(["httpBasicAuth", "x"]),
    st.none() | TEXTS | st.fixed_dictionaries({}, optional={"id": VALUES, "name": VALUES}),
    max_size=2,
)
NODES = st.fixed_dictionaries(
    {},
    optional={
        "id": TEXTS | st.integers(),
        "name": NAMES | st.none(),
        "type": st.sampled_from(["n8n-nodes-base.set", "n8n-nodes-base.stickyNote", "n8n-nodes-base.executeWorkflow"]),
        "typeVersion": st.sampled_from([1, 1.0, 2.1, "2"]),
        "position": st.lists(st.integers(-9, 9) | st.floats(-9, 9), max_size=3) | st.none(),
        "parameters": st.dictionaries(st.sampled_from(["a", "workflowId", "dataTableId"]), VALUES, max_size=2) | VALUES,
        "credentials": CREDENTIALS | VALUES,
        "webhookId": TEXTS,
        "disabled": st.booleans(),
        "onError": TEXTS,
        "notes": TEXTS,
        "notesInFlow": st.booleans(),
        "color": VALUES,
        "retryOnFail": st.booleans(),
        "maxTries": st.integers(1, 5),
        "customTelemetryTags": VALUES,
    },
)
TARGET = st.fixed_dictionaries({"node": NAMES}, optional={"type": TEXTS, "index": st.integers(0, 2)})
OUTPUTS = st.lists(st.none() | st.lists(st.none() | TARGET, max_size=3), max_size=3)
KINDS = st.dictionaries(st.sampled_from(["main", "ai_tool"]), OUTPUTS, max_size=2)
SETTINGS = st.dictionaries(
    st.sampled_from(["executionOrder", "timezone", "errorWorkflow", "callerIds", "x"]),
    VALUES | st.just("v1"),
    max_size=3,
)
WORKFLOWS = st.fixed_dictionaries(
    {
        "nodes": st.lists(NODES | VALUES, max_size=4),
        "connections": st.dictionaries(NAMES, KINDS | VALUES, max_size=3),
    },
    optional={
        "name": NAMES | VALUES,
        "active": st.booleans() | st.none(),
        "tags": st.lists(TEXTS | st.fixed_dictionaries({"id": TEXTS, "name": TEXTS}) | st.none(), max_size=3) | VALUES,
        "settings": SETTINGS | VALUES,
        "nodeGroups": st.lists(st.fixed_dictionaries({"name": TEXTS, "nodeIds": st.lists(TEXTS, max_size=2)})) | VALUES,
        "pinData": VALUES,
        "shared": VALUES,
        "updatedAt": TEXTS,
        "unknown": VALUES,
    },
)


def read(source: bytes) -> dict[str, Any]:
    document, problems = parse_workflow(source, path="dev/a.json")
    assert document is not None, problems
    assert not [problem for problem in problems if problem.is_error]
    return document


def problems_of(document: object) -> tuple[Problem, ...]:
    return parse_workflow(json.dumps(document).encode(), path="dev/a.json")[1]


def test_a_workflow_is_written_as_reviewers_read_it() -> None:
    assert render_workflow(LIVE).decode() == WRITTEN


def test_nothing_personal_and_nothing_that_changes_by_itself_is_written() -> None:
    written = render_workflow(LIVE).decode()
    for private in ("ada@example.com", "a@example.com", "updatedAt", "versionId", "staticData", "meta", "color", "t-1"):
        assert private not in written


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(sorted(LIVE), id="sorted"),
        pytest.param(sorted(LIVE, reverse=True), id="sorted the other way round"),
    ],
)
def test_the_order_of_known_keys_does_not_matter(order) -> None:
    node = LIVE["nodes"][0]
    shuffled = {key: LIVE[key] for key in order} | {"nodes": [{key: node[key] for key in sorted(node)}]}
    assert render_workflow(shuffled).decode() == WRITTEN


def test_the_order_of_parameters_stays() -> None:
    document = {"nodes": [{"parameters": {"z": 1, "a": 2}}], "connections": {"b": {}, "a": {}}}
    assert json.loads(render_workflow(document), object_pairs_hook=list) == [
        ("nodes", [[("parameters", [("z", 1), ("a", 2)])]]),
        ("connections", [("b", []), ("a", [])]),
    ]


def test_half_a_character_stays_an_escape_and_the_rest_stays_readable() -> None:
    written = render_workflow({"name": "\ud83d\U0001f600é", "nodes": [], "connections": {}})
    assert '"\\ud83d\U0001f600é"'.encode() in written
    assert read(written)["name"] == "\ud83d\U0001f600é"


def test_what_json_cannot_hold_is_null_as_n8n_would_write_it() -> None:
    written = render_workflow({"nodes": [{"parameters": {"a": [float("inf"), float("nan"), 1.5]}}], "connections": {}})
    assert read(written)["nodes"][0]["parameters"]["a"] == [None, None, 1.5]


def test_a_workflow_that_could_not_be_read_again_is_not_written() -> None:
    deep: Any = 1
    for _ in range(400):
        deep = [deep]
    with pytest.raises(BlockedError, match="nested"):
        render_workflow({"nodes": [{"parameters": {"a": deep}}], "connections": {}})


@settings(deadline=None, max_examples=300)
@given(WORKFLOWS)
def test_a_file_has_the_digests_of_the_workflow_it_was_written_from(document) -> None:
    written = render_workflow(document)
    assert digests(canonicalize(read(written))) == digests(canonicalize(document))


@settings(deadline=None)
@given(NODES, st.dictionaries(st.sampled_from(["color", "extraUiKey", "description"]), VALUES, min_size=1))
def test_node_keys_that_n8n_does_not_take_are_left_out_and_count_for_nothing(node, unknown) -> None:
    document = {"nodes": [{**unknown, **node}], "connections": {}}
    written = render_workflow(document)
    assert written == render_workflow({"nodes": [node], "connections": {}})
    assert digests(canonicalize(read(written))) == digests(canonicalize(document))


@settings(deadline=None)
@given(WORKFLOWS)
def test_writing_what_was_read_changes_nothing(document) -> None:
    written = render_workflow(document)
    read_again = read(written)
    assert render_workflow(read_again) == written
    assert tag_names(read_again.get("tags")) == tag_names(document.get("tags"))
    assert written.endswith(b"}\n")
    assert b"\r" not in written


@settings(deadline=None)
@given(st.binary() | VALUES.map(lambda value: json.dumps(value).encode()))
def test_whatever_the_bytes_there_is_a_workflow_or_an_error(source) -> None:
    document, problems = parse_workflow(source, path="a.json")
    assert (document is None) is any(problem.is_error for problem in problems)


@pytest.mark.parametrize(
    ("source", "rule", "said"),
    [
        pytest.param(b"", "empty-file", "empty", id="nothing"),
        pytest.param(b'{"nodes": [', "json-syntax", "ends in the middle", id="truncated"),
        pytest.param(b'{"nodes": [NaN], "connections": {}}', "json-syntax", "NaN", id="NaN"),
        pytest.param(b"null", "wrong-type", "a mapping", id="null"),
        pytest.param(b'"text"', "wrong-type", "a mapping", id="a text"),
        pytest.param(b"[]", "not-a-workflow", "list of 0", id="an empty list"),
        pytest.param(b'[{"nodes": [], "connections": {}}]', "not-a-workflow", "list of 1", id="an export of several"),
        pytest.param(b'{"data": [], "nextCursor": null}', "not-a-workflow", "neither nodes", id="a page of the API"),
        pytest.param(b'{"nodes": []}', "missing-key", "`connections`", id="no connections"),
        pytest.param(b'{"connections": {}}', "missing-key", "`nodes`", id="no nodes"),
        pytest.param(b'{"nodes": {}, "connections": {}}', "wrong-type", "`nodes` must be a list", id="nodes by name"),
        pytest.param(
            b'{"nodes": [], "connections": []}', "wrong-type", "`connections` must be", id="connections listed"
        ),
        pytest.param(b'{"nodes": null, "connections": {}}', "wrong-type", "`nodes`", id="null for nodes"),
        pytest.param(b'{"nodes": [], "connections": null}', "wrong-type", "`connections`", id="null connections"),
        pytest.param(b'{"nodes": [], "nodes": [1], "connections": {}}', "duplicate-key", "`nodes`", id="nodes twice"),
        pytest.param(b'{"nodes": [' + b"[" * 10_000 + b"]" * 10_000 + b"]}", "nested-too-deeply", "200", id="deep"),
        pytest.param(b" " * (LARGEST_FILE + 1), "file-too-large", "at most", id="too large"),
        pytest.param('{"nodes": []}'.encode("utf-16"), "not-utf-8", "UTF-16", id="UTF-16"),
    ],
)
def test_what_is_no_workflow_is_refused_with_a_fix(source, rule, said) -> None:
    document, (problem,) = parse_workflow(source, path="dev/a.json")
    assert document is None
    assert (problem.rule, problem.path, problem.severity) == (rule, "dev/a.json", Severity.ERROR)
    assert said in problem.message
    assert problem.fix


def test_a_byte_order_mark_is_a_warning() -> None:
    document, (problem,) = parse_workflow(b'\xef\xbb\xbf{"name": "a", "nodes": [], "connections": {}}', path="a.json")
    assert document == {"name": "a", "nodes": [], "connections": {}}
    assert (problem.rule, problem.severity) == ("byte-order-mark", Severity.WARNING)


def test_an_oddity_is_placed_on_its_line() -> None:
    text = '{\n  "name": "a",\n  "nodes": [\n    {"name": "A"}\n  ],\n  "connections": {\n    "B": {}\n  }\n}'
    problems = parse_workflow(text.encode(), path="a.json")[1]
    assert {problem.rule: problem.line for problem in problems} == {
        "node-without-id": 4,
        "node-without-type": 4,
        "node-without-position": 4,
        "connection-from-nowhere": 7,
    }


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (None, None),
        ("a", None),
        ([], ()),
        (["b", "a", "b"], ("a", "b")),
        ([{"id": "1", "name": "x"}, "y", {"id": "2"}, None, 5], ("x", "y")),
    ],
)
def test_tag_names(tags, expected) -> None:
    assert tag_names(tags) == expected


@needs_corpus
def test_every_real_workflow_is_read_with_warnings_at_most_and_survives_writing() -> None:
    files = sorted(CORPUS.glob("*.json"))
    assert len(files) > 300
    for file in files:
        source = file.read_bytes()
        document = read(source)
        written = render_workflow(document)
        read_again = read(written)
        assert render_workflow(read_again) == written, file.name
        assert digests(canonicalize(read_again)) == digests(canonicalize(document)), file.name


@needs_corpus
def test_what_was_written_holds_nothing_private() -> None:
    for file in sorted(CORPUS.glob("*.json")):
        written = render_workflow(read(file.read_bytes()))
        rules = {problem.rule for problem in parse_workflow(written, path=file.name)[1]}
        assert "private-data" not in rules, file.name
