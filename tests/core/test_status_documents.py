"""The status as JSON: whole, masked, and null where nobody could ask."""

import json
from typing import Any

from tests.core.statuses import incident, lock, report, shop, stands

from workflowops.core.dashboard import DashboardOutcome
from workflowops.core.figures import Figures, Spread
from workflowops.core.status import UnmanagedWorkflow, WorkflowRow
from workflowops.core.status_documents import status_document

TOKEN = "sk_live_51H8xYzAbCdEfGhIjKlMnOpQrStUv"


def written(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_every_list_of_a_report_is_there_whole() -> None:
    found = written(status_document(shop()))
    counts = {name: len(value) for name, value in found.items() if isinstance(value, list)}
    assert counts == {
        "environments": 3,
        "workflows": 4,
        "unmanaged": 1,
        "incidents": 2,
        "promotions": 2,
        "locks": 1,
        "claims": 3,
        "problems": 1,
    }
    assert (found["taken_at"], found["dashboard"], found["page"]) == ("2026-01-14T16:00:00Z", None, None)


def test_a_cell_is_written_with_everything_that_is_known() -> None:
    found = written(status_document(shop()))["workflows"][3]
    assert (found["slug"], found["name"], found["canonical_id"]) == (
        "payment_gateway",
        "Payment Gateway",
        "id-payment_gateway",
    )
    assert found["cells"]["prod"] == {
        "kind": "drifted",
        "drift": "modified",
        "freshness": "fresh",
        "checked_at": "2026-01-14T15:25:00Z",
        "published_behind": True,
        "active": True,
        "n8n_workflow_id": "wf-1",
        "last_promotion": None,
        "promoted_at": None,
    }


def test_figures_say_how_much_they_rest_on() -> None:
    figures = Figures(since="2025-07-21", to_acknowledge=Spread(count=1, median_seconds=5, waiting=2), carried_out=2)
    found = written(status_document(report(figures=figures)))["figures"]
    assert found["to_acknowledge"] == {
        "count": 1,
        "median_seconds": 5,
        "p90_seconds": None,
        "waiting": 2,
        "too_few": True,
    }
    assert (found["promotions_carried_out"], found["change_failure_percent"]) == (2, 0)


def test_claims_that_nobody_could_ask_for_are_null() -> None:
    assert written(status_document(report(claims=None)))["claims"] is None


def test_what_became_of_issue_and_page_stands_beside_it() -> None:
    found = written(status_document(report(), dashboard=DashboardOutcome(number=7), page="public/index.html"))
    assert (found["dashboard"]["number"], found["page"]) == (7, "public/index.html")


def test_no_text_shows_a_secret() -> None:
    secret = report(
        environments=(stands("prod", problem=TOKEN),),
        workflows=(WorkflowRow(TOKEN, TOKEN, {}, "c1"),),
        unmanaged=(UnmanagedWorkflow("prod", "w1", TOKEN),),
        incidents=(incident(workflows=(TOKEN,)),),
        locks=(lock(reason=TOKEN),),
        problems=(TOKEN,),
    )
    assert TOKEN not in json.dumps(status_document(secret))
