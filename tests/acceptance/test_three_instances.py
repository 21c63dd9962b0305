"""The three instances of the promotion tests are what these tests take them for."""

import subprocess
from collections.abc import Iterator
from itertools import count

import httpx
import pytest
from tests.acceptance.conftest import NOT_ASKED, as_param, wanted_versions
from tests.acceptance.documents import HTTP_REQUEST, calling, node, schedule, unique, workflow
from tests.acceptance.servers import SandboxServer, Server
from tests.acceptance.three_instances import NAMES, ThreeInstances

from workflowops.sandbox import Generation

KINDS = [pytest.param(f"sandbox {generation}", id=f"sandbox {generation}") for generation in Generation]


@pytest.fixture(scope="module", params=[*KINDS, *([as_param(name) for name in wanted_versions()] or [NOT_ASKED])])
def three(request: pytest.FixtureRequest) -> Iterator[ThreeInstances]:
    name: str = request.param
    is_sandbox = name.startswith("sandbox ")
    made = (
        ThreeInstances.sandboxes(Generation(name.removeprefix("sandbox "))) if is_sandbox else ThreeInstances.real(name)
    )
    with made as started:
        yield started


def test_each_is_a_server_of_its_own_with_a_key_of_its_own(three: ThreeInstances) -> None:
    assert list(three.places) == list(NAMES)
    assert len({place.server.url for place in three.places.values()}) == 3
    assert {place.server.generation for place in three.places.values()} == {three.dev.server.generation}
    assert set(three.variables) == {"N8N_KEY_DEV", "N8N_KEY_STAGING", "N8N_KEY_PROD"}
    assert three.environments()["prod"] == {"url": three.prod.server.url, "api_key": "${N8N_KEY_PROD}"}


def test_credentials_and_data_tables_have_one_name_and_three_ids(three: ThreeInstances) -> None:
    for labels in ([p.credentials for p in three.places.values()], [p.data_tables for p in three.places.values()]):
        assert {frozenset(each) for each in labels} == {frozenset(labels[0])}
        ids = [identity for each in labels for identity in each.values()]
        assert len(ids) == len(set(ids))
    assert three.dev.credentials


def test_what_is_loaded_runs_with_the_credentials_of_its_place_and_under_an_id_of_its_own(
    three: ThreeInstances,
) -> None:
    called, caller = unique("called"), unique("caller")
    ids = set()
    for place in three.places.values():
        reference = {"httpHeaderAuth": {"id": place.credentials["Billing API"], "name": "Billing API"}}
        request = node("Request", HTTP_REQUEST, credentials=reference)
        (first,) = place.load([workflow(called, schedule(), request)])
        (second,) = place.load([workflow(caller, schedule(), calling(first["id"]))])
        found = place.workflows()
        assert (found[called]["active"], found[caller]["active"]) == (True, True)
        assert found[called]["nodes"][1]["credentials"] == reference
        ids |= {first["id"], second["id"]}
    assert len(ids) == 6


def test_what_is_loaded_unpublished_does_not_run(three: ThreeInstances) -> None:
    (made,) = three.staging.load([workflow()], publish=False)
    assert made["active"] is False


def test_all_of_them_are_ended_with_the_block() -> None:
    with ThreeInstances.sandboxes() as three:
        urls = [place.server.url for place in three.places.values()]
    for url in urls:
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/healthz", trust_env=False)


def test_when_one_does_not_start_the_others_are_ended() -> None:
    started: list[Server] = []
    calls = count(1)

    def start() -> Server:
        if next(calls) == 3:
            raise subprocess.SubprocessError("no third")
        started.append(SandboxServer(Generation.V2))
        return started[-1]

    with pytest.raises(subprocess.SubprocessError, match="no third"), ThreeInstances(start):
        pass
    assert len(started) == 2
    for server in started:
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.url}/healthz", trust_env=False)
