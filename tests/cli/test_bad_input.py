"""What goes wrong at n8n, in git and in files: a clear error, the right exit code, nothing lost, nobody misjudged."""

import json
from collections.abc import Iterator

import pytest
from tests.cli.shop import HOT_FIX, STATE, Shop, key_of, opened_shop, small, with_url
from tests.git_repositories import clone, commit_files, content_of, git, install_hook

from workflowops.io.n8n import exchange
from workflowops.sandbox import Fault

LIST = "/api/v1/workflows"
LOGIN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to continue</body></html>"
CURRENT = "environments/prod/current.json"
MAPPING = "environments/prod/mapping.json"
RECORD = "environments/prod/environment.json"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long the client waits between two tries is its own subject; here it would only take time."""
    monkeypatch.setattr(exchange, "_FIRST_WAIT", 0.0)


@pytest.fixture
def many(tmp_path) -> Iterator[Shop]:
    """An environment of three pages, onboarded and with a baseline."""
    with opened_shop(tmp_path / "shop", "prod") as shop:
        for number in range(600):
            shop.put("prod", small(f"W{number}", url=f"https://api.example.com/{number}"), id=f"id{number:04d}")
        shop.run("onboard", "--all", "--direct")
        shop.run("baseline")
        yield shop


def environment_of(document, name: str = "prod"):
    return next(each for each in document["environments"] if each["environment"] == name)


def assert_unknown(shop: Shop, *, told: str) -> None:
    """Production could not be checked; development was, and what was known of production still stands."""
    kept = {path: content_of(shop.remote, f"{STATE}:{path}") for path in (CURRENT, MAPPING)}
    shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"), "dev")
    document = shop.json("drift", code=4)
    prod, dev = environment_of(document), environment_of(document, "dev")
    assert document["drift_status"] == "unknown"
    assert prod["drift_status"] == "unknown"
    assert (prod["workflows"], sum(prod["counts"].values())) == ([], 0)
    assert told in prod["problems"][0]
    assert (dev["drift_status"], dev["counts"]["modified"]) == ("drift_detected", 1)
    record = shop.state(RECORD)
    assert record["drift_status"] == "unknown"
    assert told in record["problem"]
    assert {path: content_of(shop.remote, f"{STATE}:{path}") for path in kept} == kept
    status = environment_of_status(shop)
    assert (status["drift_status"], told in status["problem"]) == ("unknown", True)


def environment_of_status(shop: Shop):
    return next(each for each in shop.json("status")["environments"] if each["name"] == "prod")


def dead(shop: Shop) -> None:
    shop.instances["prod"].stop()


def wrong_key(shop: Shop) -> None:
    del shop.instances["prod"].instance.store.keys[key_of("prod")]


def without_scope(shop: Shop) -> None:
    shop.instances["prod"].instance.store.keys[key_of("prod")] = frozenset({"tag:list"})


def answering(**fault) -> object:
    return lambda shop: shop.instances["prod"].fail_next(Fault(path=LIST, **fault), times=100)


FAILURES = [
    pytest.param(dead, "cannot be reached", id="dead server"),
    pytest.param(wrong_key, "does not accept the API key", id="wrong key"),
    pytest.param(without_scope, "403", id="key without the scope"),
    pytest.param(answering(status=200, body=LOGIN, content_type="text/html"), "Sign in", id="login page"),
    pytest.param(answering(status=302, body=b"", headers={"Location": "https://sso.example.com/"}), "sso", id="sso"),
    pytest.param(answering(status=502, body=b"<html>Bad Gateway</html>", content_type="text/html"), "502", id="proxy"),
    pytest.param(answering(truncate_to=500), "", id="half a page"),
    pytest.param(answering(status=200, body=b'{"data": [{"id": "a"'), "", id="half a document"),
    pytest.param(answering(status=200, body=b"[]"), "", id="another document"),
    pytest.param(answering(status=200, body=b"OK", content_type="text/plain"), "", id="wrong content type"),
    pytest.param(answering(drop="after"), "", id="dropped connections"),
    pytest.param(answering(status=500, body=b'{"message":"Internal server error"}'), "500", id="server error"),
]  # fmt: skip


@pytest.mark.parametrize(("fail", "told"), FAILURES)
def test_an_instance_that_cannot_be_read_is_unknown(shop: Shop, fail, told) -> None:
    fail(shop)
    assert_unknown(shop, told=told)


@pytest.mark.parametrize("command", ["sync", "baseline", "drift", "onboard"])
def test_every_command_says_that_an_instance_failed(shop: Shop, command) -> None:
    wrong_key(shop)
    arguments = ("onboard", "--all", "--direct") if command == "onboard" else (command,)
    ran = shop.run(*arguments, code=4)
    assert "API key" in ran.out
    document = shop.json(*arguments, code=4)
    assert "API key" in json.dumps(document)
    assert len(shop.state(CURRENT)["workflows"]) == 3
    assert {entry["status"] for entry in shop.state(MAPPING)["workflows"].values()} == {"linked"}


def test_a_sync_that_failed_says_so_in_the_state(shop: Shop) -> None:
    wrong_key(shop)
    document = shop.json("sync", code=4)
    prod = environment_of(document)
    assert (prod["status"], prod["is_new"]) == ("failed", True)
    assert prod["fix"]
    assert environment_of(document, "dev")["status"] == "completed"
    record, job = shop.state(RECORD), shop.state("environments/prod/jobs.json")["jobs"][0]
    assert (record["last_sync_succeeded"], record["drift_status"]) == (False, "unknown")
    assert (job["status"], job["error"]) == ("failed", prod["failed"])
    assert "refs/workflowops/locks/sync/prod" not in shop.refs()


def test_an_instance_that_recovers_is_in_sync_again(shop: Shop) -> None:
    answering(status=503, body=b"no")(shop)
    shop.run("drift", code=4)
    shop.instances["prod"].clear_faults()
    assert shop.json("drift")["drift_status"] == "in_sync"
    assert shop.state(RECORD)["problem"] is None


def test_a_fault_that_passes_is_not_noticed(shop: Shop) -> None:
    for fault in (Fault(status=503, path=LIST), Fault(drop="before", path=LIST), Fault(truncate_to=10, path=LIST)):
        shop.instances["prod"].fail_next(fault)
    assert shop.json("drift")["drift_status"] == "in_sync"


def test_a_key_that_ends_in_the_middle_leaves_nobody_missing(many: Shop) -> None:
    pages = 0

    def revoke(request) -> None:
        nonlocal pages
        pages += request.path == LIST
        if pages == 3:
            many.instances["prod"].instance.store.keys.clear()

    many.instances["prod"].before_request(revoke)
    before = content_of(many.remote, f"{STATE}:{MAPPING}")
    document = many.json("drift", code=4)
    assert sum(environment_of(document)["counts"].values()) == 0
    assert content_of(many.remote, f"{STATE}:{MAPPING}") == before
    pages = 0
    assert many.json("sync", code=4)["workflows_missing"] == 0
    statuses = [entry["status"] for entry in many.state(MAPPING)["workflows"].values()]
    assert statuses == ["linked"] * 600


def test_a_workflow_deleted_between_two_pages_costs_no_other(many: Shop) -> None:
    """n8n pages by position: what is deleted from page 1 moves the first of page 2 out of sight."""
    sandbox, deleted = many.instances["prod"], []

    def delete(request) -> None:
        if request.path == LIST and "offset=" in request.query and not deleted:
            deleted.append("id0003")
            sandbox.instance.delete("id0003")

    sandbox.before_request(delete)
    report = environment_of(many.json("drift"))
    assert deleted
    assert report["counts"]["in_sync"] + report["counts"]["missing"] == 600
    assert report["counts"]["missing"] in (0, 1)
    sandbox.clear_requests()
    report = environment_of(many.json("drift"))
    assert [each["workflow_id"] for each in report["workflows"]] == ["id0003"]
    assert (report["counts"]["missing"], report["counts"]["in_sync"]) == (1, 599)


def test_an_instance_that_has_nothing_of_what_it_had_is_probably_another_one(shop: Shop) -> None:
    """A url that points elsewhere, a key that may not see: far likelier than everything being deleted at once."""
    instance = shop.instances["prod"].instance
    for workflow_id in instance.ids():
        instance.delete(workflow_id)
    report = environment_of(shop.json("drift", code=4))
    assert (report["drift_status"], report["counts"]["missing"]) == ("unknown", 0)
    assert "another instance" in report["problems"][0]


def test_an_odd_workflow_is_set_aside_and_told(shop: Shop) -> None:
    document = small("Odd")
    document["nodes"] = "none"
    workflow_id = shop.put("prod", document, lenient=True)
    synced = shop.json("sync", "--environment", "prod")
    assert (synced["errors"], synced["workflows_synced"]) == (1, 4)
    assert environment_of(synced)["errors"][0]["workflow_id"] == workflow_id
    ran = shop.run("onboard", "--workflow", workflow_id, "--direct", "--environment", "prod", code=3)
    assert "cannot be read" in ran.out
    onboarded = shop.json("onboard", "--all", "--direct", code=3)
    assert [each["workflow_id"] for each in onboarded["refused"]] == [workflow_id]


HALF = "half \ud83d a character"


@pytest.mark.parametrize("command", [["sync"], ["drift"], ["onboard", "--all", "--direct"]], ids=lambda words: words[0])
def test_half_a_character_in_a_name_ends_no_command(empty_shop: Shop, command) -> None:
    """n8n stores it and answers it escaped; it is JSON, and no UTF-8."""
    empty_shop.put("prod", {**small(), "name": HALF}, lenient=True)
    empty_shop.put("prod", small("Whole", url="https://api.example.com/whole"))
    empty_shop.run(*command)
    assert isinstance(empty_shop.json(*command), dict)
    assert empty_shop.json("status")["unmanaged"] is not None


def test_half_a_character_in_a_file_ends_no_command(shop: Shop) -> None:
    shop.commit({"prod/half.json": json.dumps({**small(), "name": HALF}).encode()})
    for command in (["validate"], ["sync"], ["drift"], ["status"], ["baseline"]):
        shop.run(*command)
        shop.json(*command)


def test_half_a_character_in_a_hot_fix_is_shown(shop: Shop) -> None:
    shop.edit("Payment Gateway", with_url(f"https://{HALF}", node="Call Payment API"))
    report = environment_of(shop.json("drift", "--fail-on-drift", code=3))
    assert HALF in report["workflows"][0]["diff"]["node_changes"][0]["new_value"]
    shop.run("drift")


@pytest.mark.parametrize("file", [MAPPING, CURRENT, RECORD, "canonical.json"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b'{"schema": 99}', "schema 99", id="newer"),
        pytest.param(b'{"schema": 1, "workf', "cannot be read", id="cut short"),
    ],
)
def test_a_state_file_that_cannot_be_read_is_named_and_left(shop: Shop, file, content, told) -> None:
    shop.write_state({file: content})
    before = shop.refs()
    for command in (["drift"], ["sync"], ["baseline"], ["onboard", "--all", "--direct"]):
        ran = shop.run(*command, code=4)
        assert file in ran.err
        assert told in ran.err
        assert ran.out == ""
    assert shop.refs() == before


def test_a_mapping_deleted_as_advised_is_written_anew(shop: Shop) -> None:
    before = shop.state(MAPPING)["workflows"]
    shop.write_state({MAPPING: None})
    assert shop.json("drift")["drift_status"] == "in_sync"
    after = shop.state(MAPPING)["workflows"]
    assert {each: entry["canonical_id"] for each, entry in after.items()} == {
        each: entry["canonical_id"] for each, entry in before.items()
    }


@pytest.mark.parametrize(
    ("hook", "told"),
    [
        pytest.param("echo 'Permission to acme/workflows.git denied to bot.' >&2; exit 1", "", id="no permission"),
        pytest.param("echo 'GH006: Protected branch update failed.' >&2; exit 1", "", id="protected branch"),
    ],
)
@pytest.mark.parametrize("command", [["drift"], ["sync"], ["baseline"], ["onboard", "--all", "--direct"]])
def test_a_push_that_is_refused_is_told_with_what_to_do(shop: Shop, hook, told, command) -> None:
    shop.put("prod", small("Survey"))
    before = shop.refs()
    install_hook(shop.remote, "pre-receive", hook)
    ran = shop.run(*command, code=4)
    assert "Fix: " in ran.err
    assert told in ran.err
    assert ("Not recorded" in ran.err) == (command == ["drift"])
    assert bool(ran.out) == (command == ["drift"])
    assert shop.refs() == before


def test_a_dry_run_needs_no_permission(shop: Shop) -> None:
    install_hook(shop.remote, "pre-receive", "exit 1")
    for command in (["drift"], ["sync"], ["baseline"], ["onboard", "--all"]):
        shop.run(*command, "--dry-run")


def test_a_state_branch_that_somebody_moves_is_written_on_top_of(shop: Shop) -> None:
    def move(request) -> None:
        if request.path == LIST:
            shop.write_state({"incidents/7.json": b'{"schema": 1}\n'})

    shop.instances["prod"].before_request(move)
    shop.run("drift", "--environment", "prod")
    assert shop.state("incidents/7.json") == {"schema": 1}
    assert git("log", "-2", "--format=%s", STATE, cwd=shop.remote).splitlines()[-1] == "Somebody else"


def test_a_file_that_a_colleague_pushed_first_is_exit_code_5(shop: Shop, tmp_path) -> None:
    shop.put("prod", small("Survey"))
    colleague = clone(shop.remote, tmp_path / "colleague")
    commit_files(colleague, {"prod/survey.json": b"{}"})
    before = shop.refs()
    ran = shop.run("onboard", "--all", "--direct", code=5)
    assert "prod/survey.json" in ran.err
    assert shop.refs() == before


def test_a_remote_that_is_gone_is_exit_code_4(shop: Shop) -> None:
    shop.remote.rename(shop.root / "gone.git")
    for command in (["drift"], ["sync"], ["status"], ["audit", "verify"], ["baseline"]):
        assert "Fix: " in shop.run(*command, code=4).err


def test_no_repository_is_told(tmp_path, monkeypatch) -> None:
    from tests.cli.shop import configuration, run

    (tmp_path / "workflowops.yml").write_bytes(configuration("prod"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("N8N_PROD_URL", "https://n8n.example.com")
    monkeypatch.setenv("N8N_PROD_API_KEY", "key")
    for command in ("drift", "status"):
        ran = run(command)
        assert (ran.code, ran.out) == (2, "")
        assert "git" in ran.err.lower()


def test_an_unset_key_is_told_with_the_name_of_its_variable(shop: Shop, monkeypatch) -> None:
    monkeypatch.setenv("N8N_PROD_API_KEY", "")
    before = shop.refs()
    for command in (["drift"], ["sync"], ["baseline"], ["onboard", "--all", "--direct"]):
        ran = shop.run(*command, code=2)
        assert "N8N_PROD_API_KEY" in ran.err
    assert shop.refs() == before
    assert shop.json("drift", "--environment", "dev")["drift_status"] == "in_sync"


def test_an_unknown_environment_is_told_with_the_known_ones(shop: Shop) -> None:
    err = shop.run("drift", "--environment", "pord", code=2).err
    assert "`pord`" in err
    assert "Did you mean `prod`" in err


def test_an_unknown_commit_is_told(shop: Shop) -> None:
    assert "no commit 'nowhere'" in shop.run("drift", "--ref", "nowhere", code=2).err


@pytest.mark.parametrize(
    "path", ["prod/payment_gateway.json", "prod/payment_gateway.wfo.json"], ids=["workflow", "sidecar"]
)
def test_a_broken_file_in_git_is_never_read_as_removal(shop: Shop, path) -> None:
    shop.commit({path: b"<<<<<<< HEAD\n{"})
    for _ in range(2):
        report = environment_of(shop.json("drift", code=4))
        assert report["drift_status"] == "unknown"
        assert [(each["workflow_name"], each["kind"]) for each in report["workflows"]] == [
            ("Payment Gateway", "unknown")
        ]
        assert any(path in problem for problem in report["problems"])
    synced = shop.json("sync", "--environment", "prod")
    assert synced["workflows_linked"] == 3
    shop.run("validate", code=2)
