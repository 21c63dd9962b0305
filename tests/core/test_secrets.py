"""Secrets are found without crying wolf, and masked without letting one through."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.forms import VALUES
from tests.core.tokens import GITHUB, TOKENS

from workflowops.core.secret_names import is_secret_name
from workflowops.core.secrets import find_secrets, mask, mask_text

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "awesome-n8n-templates"


def workflow(parameters, name="Call API", **more) -> dict:
    return {
        "name": "W",
        "nodes": [{"name": name, "type": "n8n-nodes-base.httpRequest", "parameters": parameters}],
        **more,
    }


def header(name: str, value: str) -> dict:
    return {"headerParameters": {"parameters": [{"name": "Accept", "value": "*/*"}, {"name": name, "value": value}]}}


@pytest.mark.parametrize("token", [pytest.param(token, id=name) for name, token in TOKENS.items()])
@pytest.mark.parametrize("around", ["{}", "const a = '{}';", "see {} here", "https://x.example/{}/y", '{{"a": "{}"}}'])
def test_a_token_of_a_known_format_is_found_and_masked_anywhere(token, around) -> None:
    text = around.format(token)
    assert find_secrets(workflow({"anything": text}))
    assert token not in json.dumps(mask(text), ensure_ascii=False).replace("\\n", "\n")
    assert token not in mask_text(text)


@pytest.mark.parametrize(
    ("parameters", "path", "secret"),
    [
        pytest.param(
            {"options": {"password": "E223706995"}}, "nodes[0].parameters.options.password", "E223706995", id="a field"
        ),
        pytest.param(
            header("X-Api-Key", "4551a9c"),
            "nodes[0].parameters.headerParameters.parameters[1].value",
            "4551a9c",
            id="a header",
        ),
        pytest.param(
            header("Authorization", "Bearer abcdef123456"),
            "nodes[0].parameters.headerParameters.parameters[1].value",
            "abcdef123456",
            id="after Bearer",
        ),
        pytest.param(
            header("Authorization", "=Basic {{ 'user:hunter2hunter2' }}"),
            "nodes[0].parameters.headerParameters.parameters[1].value",
            "hunter2hunter2",
            id="text in an expression",
        ),
        pytest.param(
            {"url": "https://bob:hunter2@db.example/x"},
            "nodes[0].parameters.url",
            "hunter2",
            id="a password in an address",
        ),
        pytest.param(
            {"url": "postgres://bob:h/u@nter2@db/x"}, "nodes[0].parameters.url", "h/u@nter2", id="a password with signs"
        ),
        pytest.param(
            {"url": "https://x.example/?a=1&api_key=abc123abc123&b=2"},
            "nodes[0].parameters.url",
            "abc123abc123",
            id="a parameter of an address",
        ),
        pytest.param({"jsCode": "const apiKey = 'zx81zx81';"}, "nodes[0].parameters.jsCode", "zx81zx81", id="in code"),
        pytest.param(
            {"jsonBody": '{"client_secret": "zx81zx81"}'},
            "nodes[0].parameters.jsonBody",
            "zx81zx81",
            id="in a JSON text",
        ),
        pytest.param(
            {"jsCode": 'call("{\\"password\\": \\"zx81zx81\\"}")'},
            "nodes[0].parameters.jsCode",
            "zx81zx81",
            id="in a JSON text within code",
        ),
        pytest.param(
            {"command": "curl -u bob:zx81zx81 https://x"}, "nodes[0].parameters.command", "zx81zx81", id="curl -u"
        ),
        pytest.param(
            {"command": "login --password zx81zx81"}, "nodes[0].parameters.command", "zx81zx81", id="an option"
        ),
    ],
)
def test_a_secret_is_found_by_what_stands_around_it(parameters, path, secret) -> None:
    (found,) = find_secrets(workflow(parameters))
    assert (found.path, found.node_name) == (path, "Call API")
    assert secret not in found.preview
    assert secret not in json.dumps(mask(parameters))


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param(header("Authorization", value), id=value)
        for value in [
            "YOUR_API_KEY",
            "Bearer YOUR_API_KEY",
            "Bearer <token>",
            "Bearer [YOUR API KEY HERE]",
            "Bearer $OPENAI_API_KEY",
            "={{ $env.TOKEN }}",
            "=Bearer {{ $json.access_token }}",
            '=Bearer {{ $("Get token").first().json["token"] }}',
            "={{ 'Bearer ' + $env.KOMOS_API_KEY }}",
            "={{ $credentials.api.key }}",
            "Bearer ",
            "",
            "xxxxxxxx",
            "***",
            "{{token}}",
            "ENTER API KEY",
            "${API_KEY}",
            "changeme",
            "a random password",
            "Bearer ********************",
        ]
    ]
    + [
        pytest.param({"options": {"maxTokens": 4096, "tokenType": "bot12345"}}, id="names about tokens"),
        pytest.param(
            {"authentication": "predefinedCredentialType", "nodeCredentialType": "airtableTokenApi"}, id="n8n's own"
        ),
        pytest.param(
            {"documentId": {"__rl": True, "value": "1QZhQqg79-HVBQh8Y2ihMq67UIYIRrJFKLQalcFvtDaY"}}, id="a document"
        ),
        pytest.param({"webhookId": "4551a9c0-0000-4000-8000-000000000000"}, id="a webhook id"),
        pytest.param({"jsCode": "const password = $json.password; if (token === 'string') {}"}, id="code without one"),
        pytest.param({"url": "https://x.example:8080/@scope/pkg?keyword=abc123abc123"}, id="an address without one"),
        pytest.param({"jsonSchema": '{"token": {"type": "string"}, "password": "string"}'}, id="a schema"),
        pytest.param({"text": "Keep the password secret, and never share a token: it is yours."}, id="prose"),
    ],
)
def test_what_is_no_secret_stops_nobody(parameters) -> None:
    assert find_secrets(workflow(parameters)) == ()


def test_the_ids_and_credential_names_of_n8n_are_no_secrets() -> None:
    document = workflow({}, id="AbCdEf0123456789", versionId="4551a9c0-0000-4000-8000-000000000000")
    document["nodes"][0] |= {
        "id": GITHUB,
        "credentials": {"githubTokenApi": {"id": "AbCdEf0123456789", "name": "Token 1 (prod)"}},
    }
    assert find_secrets(document) == ()


def test_a_node_called_cookie_does_not_make_its_fields_secret() -> None:
    document = workflow({"mode": "runOnceForEachItem"}, name="Inject Cookie")
    document["nodes"][0]["onError"] = "continueRegularOutput"
    assert find_secrets(document) == ()


def test_an_address_stays_readable_around_what_is_masked() -> None:
    assert (
        mask("https://bob:hunter2@db.example/x?token=abc123&page=2") == "https://bob:***@db.example/x?token=***&page=2"
    )


@pytest.mark.parametrize(
    ("value", "place", "expected"),
    [
        pytest.param("hunter2!", {"path": "parameters.password"}, "*** (8 characters)", id="by its path"),
        pytest.param(
            "Bearer abcdefghij", {"labels": ("Authorization",)}, "Bearer *** (10 characters)", id="by its label"
        ),
        pytest.param(12345678, {"path": "parameters.password"}, "*** (8 characters)", id="a number"),
        pytest.param(True, {"path": "parameters.password"}, True, id="a switch"),
        pytest.param("My token", {"path": "credentials.airtableTokenApi"}, "My token", id="the name of a credential"),
        pytest.param("={{ $env.TOKEN }}", {"path": "parameters.token"}, "={{ $env.TOKEN }}", id="a reference"),
        pytest.param(
            {"a": ["hunter2!"]}, {"path": "parameters.secret"}, {"a": ["*** (8 characters)"]}, id="all that is inside"
        ),
        pytest.param(
            {"name": "token", "value": "abc"}, {}, {"name": "token", "value": "*** (3 characters)"}, id="name and value"
        ),
        pytest.param(
            "1QZhQqg79-HVBQh8Y2ihMq67UIYIRrJFKLQalcFvtDaY",
            {"path": "parameters.documentId.value"},
            "1QZhQqg79-HVBQh8Y2ihMq67UIYIRrJFKLQalcFvtDaY",
            id="the id of a document",
        ),
        pytest.param(
            "1QZhQqg79-HVBQh8Y2ihMq67UIYIRrJFKLQalcFvtDaY",
            {"path": "parameters.x"},
            "*** (44 characters)",
            id="as random as a key",
        ),
        pytest.param(
            "4551a9c0-0000-4000-8000-000000000000",
            {"path": "parameters.x"},
            "4551a9c0-0000-4000-8000-000000000000",
            id="a uuid",
        ),
    ],
)
def test_a_value_is_masked_by_its_place(value, place, expected) -> None:
    assert mask(value, **place) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("password", True),
        ("dbPassword", True),
        ("DB_PASSWORD", True),
        ("api_key", True),
        ("apiKey", True),
        ("APIKey", True),
        ("X-Api-Key", True),
        ("x-rapidapi-key", True),
        ("Authorization", True),
        ("access_token", True),
        ("client-secret", True),
        ("Cookie", True),
        ("key", False),
        ("keyPath", False),
        ("maxTokens", False),
        ("tokenType", False),
        ("author", False),
        ("authentication", False),
        ("passwordField", False),
        ("compass", False),
        ("", False),
        ("nodeCredentialType", False),
    ],
)
def test_a_name_says_whether_it_holds_a_secret(name, expected) -> None:
    assert is_secret_name(name) is expected


@given(VALUES, st.sampled_from(["", "parameters.password", "parameters.url"]))
def test_masking_twice_changes_nothing(value, path) -> None:
    once = mask(value, path=path)
    assert mask(once, path=path) == once


@given(VALUES)
def test_what_is_masked_is_also_gathered(value) -> None:
    hidden: set[str] = set()
    shown = mask({"password": value}, hidden=hidden)
    assert bool(hidden) is (shown != {"password": value})


def test_a_token_beside_an_expression_is_masked_too() -> None:
    shown = mask("={{ /* " + GITHUB + " */ $json.a }} tail", path="parameters.token")
    assert GITHUB not in shown
    assert "tail" not in shown


def test_a_value_nested_too_deeply_to_be_searched_is_not_shown() -> None:
    value = GITHUB
    for _ in range(400):
        value = [value]
    assert GITHUB not in json.dumps(mask(value))
    assert find_secrets(value) == ()


def test_no_detector_talks_to_the_network() -> None:
    program = f"""
import sys
def refuse(event, arguments):
    if event.startswith("socket."):
        raise SystemExit("a socket was opened: " + event)
from workflowops.core.secrets import find_secrets, mask
mask({TOKENS!r})
sys.addaudithook(refuse)
mask({TOKENS!r})
assert find_secrets({TOKENS!r})
"""
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": str(ROOT / "src")})


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real workflows is not beside this checkout")
def test_few_real_workflows_are_stopped() -> None:
    documents = {path.stem: json.loads(path.read_bytes()) for path in sorted(CORPUS.glob("*.json"))}
    found = {stem: find_secrets(document) for stem, document in documents.items()}
    assert {stem: [secret.kind for secret in secrets] for stem, secrets in found.items() if secrets} == {
        "00074": ["value of `password`", "value of `password`"],
        "00087": ["value of `wordpressApplicationPassword`"],
        "00294": ["value of `X-Apikey`"],
    }
