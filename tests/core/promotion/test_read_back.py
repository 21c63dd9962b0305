"""Which credentials n8n bound otherwise than was written."""

from typing import Any

import pytest

from workflowops.core.promotion.read_back import unfound_credentials, wrongly_bound


def document(reference: Any, *, disabled: bool = False, kind: str = "httpBasicAuth") -> dict[str, Any]:
    credentials = {} if reference is None else {"credentials": {kind: reference}}
    return {"nodes": [{"name": "Ask", "disabled": disabled, **credentials}, "odd", {"name": "Other"}]}


KNOWN, OTHER, NONE = {"id": "c1", "name": "API"}, {"id": "c2", "name": "API"}, {"id": None, "name": "API"}

CASES = [
    pytest.param(document(KNOWN), document(KNOWN), "", id="as sent"),
    pytest.param(document(KNOWN), document({"id": "c1", "name": "Renamed"}), "", id="n8n corrects the name"),
    pytest.param(document(KNOWN), document(OTHER), "uses another credential", id="another id"),
    pytest.param(document(KNOWN), document(NONE), "uses another credential", id="no id"),
    pytest.param(document(KNOWN), document(None), "uses another credential", id="no credential at all"),
    pytest.param(document(KNOWN, disabled=True), document(OTHER), "uses another credential", id="of a disabled node"),
    pytest.param(document(NONE), document(KNOWN), "", id="found by its name"),
    pytest.param(document(NONE), document(NONE), "found no credential", id="not found by its name"),
    pytest.param(document(NONE, disabled=True), document(NONE), "", id="disabled nodes are not looked at by n8n"),
    pytest.param(document("API"), document("API"), "found no credential", id="a bare text"),
    pytest.param(document(None), document(None), "", id="none"),
]


@pytest.mark.parametrize(("sent", "held", "expected"), CASES)
def test_a_credential_that_is_not_the_one_that_was_sent_is_named(sent: Any, held: Any, expected: str) -> None:
    told = wrongly_bound(sent, held, must_be_found={"Ask"})
    assert bool(told) is bool(expected)
    assert all(expected in each and "`Ask`" in each for each in told)


def test_what_need_not_be_found_may_stay_without_an_id() -> None:
    assert wrongly_bound(document(NONE), document(NONE), must_be_found=()) == ()


def test_credentials_by_name_only_are_named_unless_the_node_is_disabled() -> None:
    assert unfound_credentials(document(NONE)) == {("Ask", "httpBasicAuth")}
    assert unfound_credentials(document(NONE, disabled=True)) == frozenset()
    assert unfound_credentials(document(KNOWN)) == frozenset()
    assert unfound_credentials({}) == frozenset()
