"""Records: what was written to the state is read again, and nothing else is taken for it."""

import dataclasses
import json

import pytest
from hypothesis import given
from tests.builders import ANY_TEXT, LAW, applied, canonical, current, declared, mapped, mapping

from workflowops.core.json import printable
from workflowops.core.records import (
    SCHEMA,
    CanonicalFile,
    Checkpoint,
    Counts,
    CurrentFile,
    DriftStatus,
    EnvironmentRecord,
    JobRecord,
    JobsFile,
    JobStatus,
    MappingFile,
    current_path,
    decode,
    encode,
    environment_path,
    jobs_path,
    mapping_path,
    tallied,
)
from workflowops.errors import ExitCode, StateError

REFERENCES = {"workflows": {"Call": "w2"}, "caller_ids": ["a", "b"]}
ENVIRONMENT = EnvironmentRecord(
    environment="prod",
    title="Production",
    drift_status=DriftStatus.DRIFT_DETECTED,
    drift_summary=Counts(modified=2, in_sync=40),
    last_sync_succeeded=True,
)
MAPPING = mapping(
    mapped("w1", "c1", env_references=REFERENCES, tags=("a", "b"), drift_status="modified", draft_content_hash="d"),
    mapped("w2", problem="odd", suggestion="orders"),
)
CANONICAL = canonical(
    {"c1": {"dev": declared(references=REFERENCES, active=True, tags=("a",), n8n_workflow_id="w9"), "prod": declared()}}
)
CURRENT = current(c1=applied(references=REFERENCES, git_content_hash="g", git_references={}, active=False, tags=()))
JOBS = JobsFile(
    jobs=(
        JobRecord(
            id="job-1",
            environment="prod",
            status=JobStatus.INTERRUPTED,
            created_at="2026-01-14T09:30:00Z",
            checkpoint=Checkpoint(last_processed_index=25, workflows_synced=25, workflows_skipped=5, errors=("w3",)),
            result={"workflows_synced": 45, "errors": []},
        ),
    )
)
RECORDS = [
    pytest.param(record, id=type(record).__name__) for record in (ENVIRONMENT, MAPPING, CANONICAL, CURRENT, JOBS)
]


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_comes_back_as_it_was_written(record) -> None:
    assert decode(encode(record), type(record), path="a.json") == record


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_is_written_with_sorted_keys_one_a_line(record) -> None:
    text = encode(record)
    assert text.endswith(b"}\n")
    assert max(map(len, text.splitlines())) < 120
    value = json.loads(text)
    assert [*value] == sorted(value)
    assert value["schema"] == SCHEMA


@pytest.mark.parametrize("record", RECORDS)
def test_writing_is_repeatable(record) -> None:
    text = encode(record)
    again = decode(text, type(record), path="a.json")
    assert again is not None
    assert encode(again) == text


def test_key_order_in_a_mapping_makes_no_difference() -> None:
    turned = dataclasses.replace(MAPPING, workflows=dict(reversed(MAPPING.workflows.items())))
    assert encode(turned) == encode(MAPPING)


def test_nothing_is_nothing() -> None:
    assert decode(None, MappingFile, path="a.json") is None


@pytest.mark.parametrize("record", RECORDS)
def test_a_newer_schema_is_refused(record) -> None:
    newer = json.dumps(json.loads(encode(record)) | {"schema": SCHEMA + 1, "workflows": 7}).encode()
    with pytest.raises(StateError, match=rf"prod/x\.json .* has schema {SCHEMA + 1}") as refused:
        decode(newer, type(record), path="prod/x.json")
    assert refused.value.exit_code is ExitCode.REMOTE
    assert "newer" in refused.value.fix


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_that_is_cut_short_is_refused(record) -> None:
    text = encode(record)
    for length in range(0, len(text) - 2, max(1, len(text) // 40)):
        with pytest.raises(StateError, match="cannot be read"):
            decode(text[:length], type(record), path="a.json")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="no schema"),
        pytest.param(b'{"schema": "1"}', id="a schema that is text"),
        pytest.param(b'{"schema": 1}', id="nothing else"),
        pytest.param(b'{"schema": 1, "canonical_form": 1, "workflows": []}', id="another shape"),
        pytest.param(b'{"schema": 1, "canonical_form": 1, "workflows": {"w": {}}}', id="an empty entry"),
        pytest.param(b'\xff{"schema": 1}', id="no UTF-8"),
        pytest.param(b'{"schema": 1, "a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", id="nested without end"),
        pytest.param(b"<<<<<<< HEAD\n", id="a merge conflict"),
    ],
)
def test_what_is_not_ours_is_refused(text) -> None:
    with pytest.raises(StateError, match=r"a\.json on the state branch cannot be read"):
        decode(text, MappingFile, path="a.json")


def test_keys_that_this_program_does_not_know_are_passed_over() -> None:
    value = json.loads(encode(MAPPING)) | {"written_by": "a later version of the same schema"}
    value["workflows"]["w1"]["colour"] = "blue"
    assert decode(json.dumps(value).encode(), MappingFile, path="a.json") == MAPPING


def test_fields_added_since_are_optional() -> None:
    value = json.loads(encode(CURRENT))
    del value["workflows"]["c1"]["git_references"], value["workflows"]["c1"]["git_content_hash"]
    found = decode(json.dumps(value).encode(), CurrentFile, path="a.json")
    assert found is not None
    assert found.workflows["c1"].git_references is None
    value = json.loads(encode(CANONICAL))
    del value["unreadable_paths"]
    assert decode(json.dumps(value).encode(), CanonicalFile, path="a.json") == CANONICAL


@LAW
@given(ANY_TEXT, ANY_TEXT)
def test_any_name_can_be_stored(name, tag) -> None:
    entry = mapped("w1", workflow_name=name, tags=(tag,), env_references={"workflows": {name: tag}})
    found = decode(encode(mapping(entry)), MappingFile, path="a.json")
    assert found is not None
    held = found.workflows["w1"]
    assert (held.workflow_name, held.tags) == (printable(name), (printable(tag),))
    assert held.env_references == {"workflows": {printable(name): printable(tag)}}


def test_every_environment_has_its_own_files() -> None:
    paths = {path("prod") for path in (environment_path, mapping_path, current_path, jobs_path)}
    assert paths == {f"environments/prod/{name}.json" for name in ("environment", "mapping", "current", "jobs")}


def test_a_tally_becomes_counts_and_drift_is_what_n8n_runs_and_git_does_not_say() -> None:
    counts = tallied(
        {"modified": 1, "conflict": 2, "missing": 4, "activation_changed": 8, "tags_changed": 16, "pending": 32}
    )
    assert counts.drifted == 31
    assert Counts(in_sync=1, pending=1, unmapped=1, draft_ahead=1, unknown=1).drifted == 0
