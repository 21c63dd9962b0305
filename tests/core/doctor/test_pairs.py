"""Between two stages: credentials are compared by type and name, after what the stage calls them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.doctor.facts import credential, environment, instance, use, words, workflow

from workflowops.core.configuration import Configuration, Pipeline, Stage
from workflowops.core.doctor.check import Verdict
from workflowops.core.doctor.pairs import Pair, credentials_are_there, pair_checks, pairs_of
from workflowops.errors import N8nUnreachableError

SILENT = N8nUnreachableError("https://prod.example.com does not answer.", fix="Start it.")
NAMES = st.lists(st.sampled_from(["Shop", "Bank", "Mail"]), max_size=4)


def pair(source, target, **mapping: str) -> Pair:
    stage = Stage(environment="prod", credentials=mapping)
    return Pair(pipeline="default", stage=stage, source_name="dev", source=source, target=target)


def dev(*names: str, **more):
    uses = tuple(use(name, identity=f"d-{name}") for name in names)
    held = tuple(credential(name, identity=f"d-{name}") for name in dict.fromkeys(names))
    return instance("dev", **({"workflows": (workflow(credentials=uses),), "credentials": held} | more))


def prod(*names: str, **more):
    held = tuple(credential(name, identity=f"p{number}") for number, name in enumerate(names))
    return instance("prod", **({"credentials": held} | more))


@pytest.mark.parametrize(("compared", "verdict", "named"), [
    pytest.param(pair(dev("Shop"), prod("Shop")), Verdict.PASSED, "", id="there"),
    pytest.param(pair(dev(), prod()), Verdict.PASSED, "", id="none needed"),
    pytest.param(
        pair(dev("Shop"), prod("Bank")), Verdict.WARNING, "`Shop` (`httpBasicAuth`) is missing; 1 workflow uses it.",
        id="missing",
    ),
    pytest.param(pair(dev("Shop"), prod("Shop", "Shop")), Verdict.WARNING, "is there 2 times", id="ambiguous"),
    pytest.param(pair(dev("Shop"), prod("Live shop"), Shop="Live shop"), Verdict.PASSED, "", id="mapped"),
    pytest.param(
        pair(dev("Shop"), prod("Shop"), Bank="Live bank"), Verdict.WARNING, "`Live bank` is named by the stage",
        id="mapped to nothing",
    ),
    pytest.param(pair(None, prod()), Verdict.SKIPPED, "dev was not looked at", id="source not examined"),
    pytest.param(pair(dev(workflows=None), prod()), Verdict.SKIPPED, "could not be listed", id="source not listed"),
    pytest.param(pair(dev(), prod(credentials=None)), Verdict.UNKNOWN, "credential:list", id="target lists none"),
    pytest.param(
        pair(dev(), prod(credentials=None, credentials_failure=SILENT)), Verdict.UNKNOWN, "does not answer",
        id="target did not answer",
    ),
])  # fmt: skip
def test_what_the_next_stage_lacks_is_told(compared, verdict, named) -> None:
    found = credentials_are_there(compared)
    assert found.verdict is verdict
    assert named in words(found)


def test_another_type_of_the_same_name_is_another_credential() -> None:
    other = instance("prod", credentials=(credential("Shop", "oAuth2Api"),))
    assert credentials_are_there(pair(dev("Shop"), other)).verdict is Verdict.WARNING


def test_a_credential_counts_by_the_name_it_has_now_and_not_by_the_one_in_the_node() -> None:
    renamed = dev("Old", credentials=(credential("New", identity="d-Old"),))
    assert credentials_are_there(pair(renamed, prod("New"))).verdict is Verdict.PASSED
    assert credentials_are_there(pair(renamed, prod("Old"))).verdict is Verdict.WARNING


def test_what_only_an_archived_workflow_uses_is_not_needed() -> None:
    archived = dev(workflows=(workflow(is_archived=True, credentials=(use("Gone"),)),))
    assert credentials_are_there(pair(archived, prod())).verdict is Verdict.PASSED


@given(NAMES, NAMES)
def test_it_passes_exactly_when_every_needed_credential_is_there_once(needed, there) -> None:
    found = credentials_are_there(pair(dev(*needed), prod(*there)))
    assert (found.verdict is Verdict.PASSED) == all(there.count(name) == 1 for name in needed)


def configuration(*stages: str) -> Configuration:
    pipeline = Pipeline(name="default", stages=tuple(Stage(environment=name) for name in stages))
    environments = {name: environment(name) for name in ("dev", "staging", "prod")}
    return Configuration(version=1, environments=environments, pipelines={"default": pipeline, "again": pipeline})


def test_every_two_neighbours_are_compared_once_and_the_check_is_about_the_later() -> None:
    instances = {name: instance(name) for name in ("dev", "staging", "prod")}
    checks = pair_checks(pairs_of(configuration("dev", "staging", "prod"), instances))
    assert [check.subject for check in checks] == ["environment staging", "environment prod"]


def test_a_stage_that_was_not_asked_for_is_not_compared() -> None:
    checks = pair_checks(pairs_of(configuration("dev", "staging", "prod"), {"prod": instance("prod")}))
    assert [(check.subject, check.verdict) for check in checks] == [("environment prod", Verdict.SKIPPED)]
