"""What is done about the issue of unmanaged workflows, and that it stays below GitHub's limits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.incident.issue import Issue, IssueEdit
from workflowops.core.onboarding_record import UnmappedAlert
from workflowops.core.records import DriftStatus, EnvironmentRecord, MappingFile
from workflowops.core.setup.form import onboarding_form
from workflowops.core.sync import UnmappedWorkflow
from workflowops.core.text.incident_sections import units
from workflowops.core.text.links import Links
from workflowops.core.text.unmapped import unmapped_body, unmapped_title
from workflowops.core.unmapped.alert import Deed, Listing, deed_for, listing_of

LINKS = Links(server_url="https://github.com", repository="o/r", state_branch="workflowops-state")
ALERT = UnmappedAlert(intent="i", decided_at="2026-01-14T09:00:00Z", number=1, url="u", title="t")
EDIT = IssueEdit(title="x")


def workflow(number: int = 0, *, name: str = "Orders", at: str = "2026-01-14T09:00:00Z") -> UnmappedWorkflow:
    return UnmappedWorkflow(
        n8n_workflow_id=f"w{number}", workflow_name=name, node_count=3, active=False, detected_at=at
    )


def listing(*workflows: UnmappedWorkflow) -> Listing:
    return Listing(environment="dev", title="Development", workflows=workflows)


def issue(*, is_open: bool = True) -> Issue:
    return Issue(number=1, url="u", title="t", body="", is_open=is_open, labels=(), author="us")


CLOSED_BY_HAND = UnmappedAlert(intent="i", decided_at="x", number=1, closed_by_hand_at="2026-01-14T10:00:00Z")
SETTLED = UnmappedAlert(intent="i", decided_at="x", number=1, is_open=False)
SOME, NEW, NONE = listing(workflow()), listing(workflow(at="2026-01-14T11:00:00Z")), listing()


@pytest.mark.parametrize(
    ("alert", "found", "listed", "edit", "expected"),
    [
        pytest.param(None, None, SOME, None, Deed.OPENED, id="first"),
        pytest.param(None, None, NONE, None, Deed.DROPPED, id="nothing and no issue"),
        pytest.param(ALERT, None, SOME, None, Deed.OPENED, id="gone"),
        pytest.param(ALERT, None, NONE, None, Deed.DROPPED, id="gone, and not needed"),
        pytest.param(ALERT, issue(), SOME, None, Deed.UNCHANGED, id="as it should be"),
        pytest.param(ALERT, issue(), SOME, EDIT, Deed.UPDATED, id="something changed"),
        pytest.param(ALERT, issue(), NONE, EDIT, Deed.CLOSED, id="nothing left"),
        pytest.param(SETTLED, issue(is_open=False), SOME, EDIT, Deed.REOPENED, id="found again"),
        pytest.param(SETTLED, issue(is_open=False), NONE, None, Deed.UNCHANGED, id="nothing, as before"),
        pytest.param(CLOSED_BY_HAND, issue(is_open=False), SOME, EDIT, Deed.LEFT_CLOSED, id="closed by hand"),
        pytest.param(CLOSED_BY_HAND, issue(is_open=False), NEW, EDIT, Deed.REOPENED, id="closed by hand, and news"),
    ],
)
def test_what_is_done(alert, found, listed, edit, expected) -> None:
    assert deed_for(alert, found, listed, edit) is expected


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(None, id="never looked at"),
        pytest.param({"last_sync_succeeded": False}, id="failed"),
        pytest.param({}, id="never synced"),
        pytest.param(
            {"last_sync_succeeded": True, "drift_status": DriftStatus.UNKNOWN, "problem": "No answer."},
            id="failed since",
        ),
    ],
)
def test_what_could_not_be_read_is_unknown_and_not_empty(record) -> None:
    known = None if record is None else EnvironmentRecord(environment="dev", title="Dev", **record)
    mapping = MappingFile(canonical_form=1)
    assert listing_of(known, mapping, environment="dev", title="Dev", requests=()) is None


def test_3000_workflows_fit_and_the_rest_is_counted() -> None:
    many = listing(*(workflow(number, name="n" * 200) for number in range(3_000)))
    body = unmapped_body(many, intent="i", links=LINKS)
    shown = body.count("| ☐ |")
    assert units(body) < 60_000
    assert shown > 100
    assert f"({3_000 - shown:,} more are not shown here." in body
    assert unmapped_title(many) == "3,000 unmanaged workflows in Development"


@settings(max_examples=50)
@given(st.lists(st.text(max_size=300), max_size=30))
def test_no_name_breaks_the_table_or_the_marks(names) -> None:
    listed = listing(*(workflow(number, name=name) for number, name in enumerate(names)))
    body = unmapped_body(listed, intent="i", links=None)
    assert body.count("<!-- workflowops:begin -->") == body.count("<!-- workflowops:end -->") == 1
    assert sum(line.startswith("| ☐ |") for line in body.split("\n")) == len(names)
    assert units(body) < 60_000


def test_the_link_to_the_form_is_there_only_where_the_place_is_known() -> None:
    assert onboarding_form(["dev"])
    assert "issues/new?template=workflowops-onboard.yml" in unmapped_body(SOME, intent="i", links=LINKS)
    assert "issues/new" not in unmapped_body(SOME, intent="i", links=None)
