"""Ids of one instance in place of another's: the order in which what is known is asked."""

from typing import Any

import pytest
from tests.builders import applied, workflow

from workflowops.core.localization import Instance, localized

MEANS = {"t-old": "c-sub", "d-sub": "c-sub", "t-new": "c-sub", "t-own": "t-own"}
INSTANCE = Instance(
    ids={"c-sub": "t-new"}, here={key: MEANS[key] for key in MEANS if key != "d-sub"}.get, anywhere=MEANS.get
)


def calling(workflow_id: str, **settings: Any) -> dict[str, Any]:
    document = workflow(settings=settings)
    document["nodes"][3]["parameters"]["workflowId"]["value"] = workflow_id
    return document


def called(document: Any) -> str:
    held: str = document["nodes"][3]["parameters"]["workflowId"]["value"]
    return held


@pytest.mark.parametrize("live", ["t-old", "d-sub", "t-new", "t-own"])
@pytest.mark.parametrize("declared", ["t-old", "d-sub", "t-new"])
def test_a_known_workflow_is_the_living_one_whatever_n8n_or_the_baseline_hold(declared, live) -> None:
    was = applied(references={"workflows": {"Call": live}})
    placed = localized(calling(declared), live=calling(live), applied=was, instance=INSTANCE)
    assert (called(placed.document), placed.unknown_ids) == ("t-new", ())


@pytest.mark.parametrize("declared", ["d-sub,nobody", "nobody,d-sub"])
def test_callers_that_are_known_are_the_living_ones_beside_those_that_n8n_has(declared) -> None:
    file, live = calling("t-new", callerIds=declared), calling("t-new", callerIds="nobody,d-sub")
    placed: Any = localized(file, live=live, applied=None, instance=INSTANCE)
    assert placed.document["settings"]["callerIds"] == declared.replace("d-sub", "t-new")
    assert placed.unknown_ids == ()


def test_an_error_workflow_that_is_an_expression_is_left_as_it_is() -> None:
    placed: Any = localized(calling("t-own", errorWorkflow="={{ 1 }}"), live=None, applied=None, instance=INSTANCE)
    assert (placed.document["settings"]["errorWorkflow"], called(placed.document)) == ("={{ 1 }}", "t-own")
