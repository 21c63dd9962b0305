"""The checks of an instance itself tell every failure apart, and stop where nothing more can be known."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.doctor.facts import ABLE, READING, clocks, instance, words

from workflowops.core.configuration import Connection
from workflowops.core.doctor.catalogue import INSTANCE_CHECKS, instance_checks
from workflowops.core.doctor.check import Verdict
from workflowops.core.doctor.key import KeyRights
from workflowops.core.doctor.n8n_checks import (
    api_can_promote,
    clocks_agree,
    key_is_encrypted,
    key_may_no_more,
    key_may_read,
)
from workflowops.errors import (
    ConfigurationError,
    ListingUnstableError,
    N8nAnswerError,
    N8nForbiddenError,
    N8nNotFoundError,
    N8nRejectedError,
    N8nUnauthorizedError,
    N8nUnreachableError,
)

UNSET = ConfigurationError("Unset or empty: N8N_DEV_URL.", fix="Set it.")
REFUSED = N8nUnreachableError("It cannot be reached.", fix="Start n8n.")
PAGE = N8nAnswerError("It answered a page for people.", fix="Check the path.")
STRANGER = N8nUnauthorizedError("It does not accept the API key.", fix="Make a new key.")
FORBIDDEN = N8nForbiddenError("The key may not do this.", fix="Give it workflow:list.")
ABSENT = N8nNotFoundError("It has no such thing (404).", fix="Check the id.")
REJECTED = N8nRejectedError("It refuses the request (400).", fix="Read its words.")
RESTLESS = ListingUnstableError("The list kept changing.", fix="Try again.")
FAILED = {"workflows": None, "rights": None, "credentials": None}


def verdicts(facts) -> dict[str, Verdict]:
    return {check.id: check.verdict for check in instance_checks(facts)}


def of(facts, verdict: Verdict) -> set[str]:
    return {name for name, found in verdicts(facts).items() if found is verdict}


def test_an_instance_in_order_passes_every_check() -> None:
    assert set(verdicts(instance()).values()) == {Verdict.PASSED}


@pytest.mark.parametrize(("facts", "broken", "passed"), [
    pytest.param(
        instance(connection=None, misconfigured=UNSET, clocks=None, abilities=None, **FAILED),
        {"n8n.settings"}, set(), id="variable unset",
    ),
    pytest.param(
        instance(failure=REFUSED, clocks=None, abilities=None, **FAILED),
        {"n8n.answers"}, {"n8n.settings", "n8n.encryption"}, id="refused",
    ),
    pytest.param(
        instance(failure=PAGE, abilities=None, **FAILED),
        {"n8n.answers"}, {"n8n.settings", "n8n.encryption"}, id="a page for people",
    ),
    pytest.param(
        instance(failure=STRANGER, **FAILED),
        {"n8n.key"},
        {"n8n.settings", "n8n.encryption", "n8n.answers", "n8n.abilities", "n8n.clock"},
        id="key refused",
    ),
])  # fmt: skip
def test_one_thing_is_broken_and_what_stands_on_it_is_skipped(facts, broken, passed) -> None:
    assert of(facts, Verdict.BROKEN) == broken
    assert of(facts, Verdict.PASSED) == passed
    assert of(facts, Verdict.SKIPPED) == set(INSTANCE_CHECKS) - broken - passed


def test_a_key_without_the_scope_to_list_is_the_keys_fault_and_nobody_says_that_the_content_is_in_order() -> None:
    found = verdicts(instance(failure=FORBIDDEN, workflows=None, credentials=None))
    assert found["n8n.scopes"] is Verdict.BROKEN
    assert {found[name] for name in ("n8n.workflows", "n8n.names", "n8n.webhooks", "n8n.sizes")} == {Verdict.SKIPPED}


def test_a_list_that_failed_for_another_reason_breaks_the_check_of_the_list() -> None:
    found = verdicts(instance(failure=RESTLESS, workflows=None))
    assert (found["n8n.workflows"], found["n8n.scopes"]) == (Verdict.BROKEN, Verdict.UNKNOWN)


@pytest.mark.parametrize("failure", [ABSENT, REJECTED], ids=["404", "400"])
def test_another_program_that_answers_in_json_is_not_taken_for_n8n_and_nothing_is_said_of_its_key(failure) -> None:
    found = instance(failure=failure, abilities=None, **FAILED)
    assert of(found, Verdict.BROKEN) == {"n8n.answers"}
    assert of(found, Verdict.PASSED) == {"n8n.settings", "n8n.encryption"}


@pytest.mark.parametrize(("failure", "key"), [
    pytest.param(STRANGER, Verdict.BROKEN, id="401"),
    pytest.param(FORBIDDEN, Verdict.UNKNOWN, id="403"),
])  # fmt: skip
def test_a_refusal_by_what_may_be_a_proxy_proves_neither_n8n_nor_the_key(failure, key) -> None:
    found = verdicts(instance(failure=failure, abilities=None, **FAILED))
    assert (found["n8n.answers"], found["n8n.key"]) == (Verdict.UNKNOWN, key)


def test_a_request_that_n8n_refused_says_nothing_about_the_key() -> None:
    found = verdicts(instance(failure=REJECTED, **FAILED))
    assert (found["n8n.answers"], found["n8n.key"]) == (Verdict.PASSED, Verdict.UNKNOWN)
    assert found["n8n.workflows"] is Verdict.BROKEN


@pytest.mark.parametrize("check", instance_checks(instance(connection=None, misconfigured=UNSET)), ids=lambda c: c.id)
def test_the_title_of_every_check_is_one_claim(check) -> None:
    assert check.title[0].isupper() or check.title.startswith("n8n")
    assert not check.title.endswith(".")


@pytest.mark.parametrize(("url", "verdict"), [
    ("https://n8n.example.com", Verdict.PASSED),
    ("http://127.0.0.1:5678", Verdict.PASSED),
    ("http://localhost", Verdict.PASSED),
    ("http://n8n.internal", Verdict.WARNING),
])  # fmt: skip
def test_a_key_that_travels_in_the_clear_is_told(url, verdict) -> None:
    assert key_is_encrypted(instance(connection=Connection(url, "k"))).verdict is verdict


@pytest.mark.parametrize(("scopes", "verdict", "named"), [
    pytest.param({"workflow:list", "workflow:read", "credential:list"}, Verdict.PASSED, "", id="all"),
    pytest.param({"workflow:list", "workflow:read"}, Verdict.WARNING, "credential:list", id="no credentials"),
    pytest.param({"workflow:list"}, Verdict.BROKEN, "workflow:read", id="cannot read"),
    pytest.param(set(), Verdict.BROKEN, "workflow:list and workflow:read", id="nothing"),
])  # fmt: skip
def test_a_key_that_may_too_little_is_told_with_the_scopes_it_lacks(scopes, verdict, named) -> None:
    found = key_may_read(instance(rights=KeyRights(scopes=frozenset(scopes))))
    assert found.verdict is verdict
    assert named in words(found)


def test_a_server_without_a_list_of_credentials_asks_for_no_scope_to_list_them() -> None:
    rights = KeyRights(scopes=frozenset({"workflow:list", "workflow:read"}))
    assert key_may_read(instance(rights=rights, abilities=None)).verdict is Verdict.PASSED


@pytest.mark.parametrize(("rights", "verdict", "named"), [
    pytest.param(READING, Verdict.PASSED, "", id="reading alone"),
    pytest.param(
        KeyRights(scopes=READING.scopes | {"workflow:update"}), Verdict.WARNING,
        "1 of them changes something", id="writes",
    ),
    pytest.param(
        KeyRights(scopes=READING.scopes | {"execution:read"}), Verdict.WARNING,
        "none of which changes anything", id="reads more",
    ),
    pytest.param(
        KeyRights(proven={"workflow:update": True, "workflow:activate": True}), Verdict.WARNING,
        "n8n 2 limits keys", id="an older server where every key may all",
    ),
    pytest.param(
        KeyRights(proven={"workflow:update": False, "workflow:activate": False}), Verdict.PASSED, "", id="proven",
    ),
    pytest.param(KeyRights(proven={"workflow:update": False}), Verdict.UNKNOWN, "scopes", id="half proven"),
    pytest.param(KeyRights(), Verdict.UNKNOWN, "scopes", id="not told"),
    pytest.param(None, Verdict.UNKNOWN, "could not be asked", id="not asked"),
])  # fmt: skip
def test_a_key_that_may_too_much_is_told(rights, verdict, named) -> None:
    found = key_may_no_more(instance(rights=rights))
    assert found.verdict is verdict
    assert named in words(found)


@given(st.frozensets(st.sampled_from(["workflow:update", "user:delete", "execution:read", "tag:list"])))
def test_every_scope_beyond_reading_is_named_and_no_other(more) -> None:
    found = key_may_no_more(instance(rights=KeyRights(scopes=READING.scopes | more)))
    assert set(found.details) == more - {"tag:list"}


def test_what_an_older_server_cannot_do_is_told_one_by_one() -> None:
    found = api_can_promote(instance(abilities=type(ABLE)(source=ABLE.source, publish=True)))
    assert found.verdict is Verdict.WARNING
    assert len(found.details) == 3


def test_a_server_that_does_not_tell_its_abilities_is_unknown_and_not_in_order() -> None:
    assert api_can_promote(instance(abilities=None)).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(("ahead", "verdict", "named"), [
    (timedelta(0), Verdict.PASSED, ""),
    (timedelta(seconds=60), Verdict.PASSED, ""),
    (timedelta(seconds=-61), Verdict.PASSED, ""),  # the header has whole seconds
    (timedelta(seconds=62), Verdict.WARNING, "61 seconds ahead of"),
    (timedelta(seconds=-62), Verdict.WARNING, "61 seconds behind"),
    (timedelta(hours=1), Verdict.WARNING, "59 minutes ahead of"),
    (timedelta(days=-3), Verdict.WARNING, "71 hours behind"),
])  # fmt: skip
def test_a_clock_that_is_off_by_more_than_a_minute_is_told(ahead, verdict, named) -> None:
    found = clocks_agree(instance(clocks=clocks(ahead=ahead)))
    assert found.verdict is verdict
    assert named in found.found


def test_a_server_that_does_not_tell_the_time_is_unknown() -> None:
    assert clocks_agree(instance(clocks=None)).verdict is Verdict.UNKNOWN
