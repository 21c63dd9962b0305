"""What git says: every message means one of a few failures, each with a fix, and no credential is told."""

import pytest

from workflowops.errors import ConfigurationError, MovedError, PushRefusedError, RemoteError
from workflowops.io.git_failures import GitFailure, classify, describe, error_for, redact


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            "remote: Permission to o/r.git denied to github-actions[bot].\n"
            "fatal: unable to access 'https://github.com/o/r/': The requested URL returned error: 403",
            GitFailure.REFUSED,
            id="GitHub, token without write access",
        ),
        pytest.param(
            "remote: error: GH006: Protected branch update failed for refs/heads/main.\n"
            " ! [remote rejected] abc -> main (protected branch hook declined)",
            GitFailure.REFUSED,
            id="GitHub, protected branch",
        ),
        pytest.param(
            "remote: error: GH013: Repository rule violations found for refs/heads/main.\n"
            " ! [remote rejected] abc -> main (push declined due to repository rule violations)",
            GitFailure.REFUSED,
            id="GitHub, ruleset",
        ),
        pytest.param(
            "remote: Could not resolve host: ticket system\n"
            " ! [remote rejected] abc -> main (pre-receive hook declined)",
            GitFailure.REFUSED,
            id="a hook that declines for its own reasons",
        ),
        pytest.param(
            "ERROR: The key you are authenticating with has been marked as read only.",
            GitFailure.REFUSED,
            id="read-only deploy key",
        ),
        pytest.param(
            "remote: error: insufficient permission for adding an object to repository database objects\n"
            " ! [remote rejected] abc -> main (unpacker error)",
            GitFailure.REFUSED,
            id="a bare repository of another user",
        ),
        pytest.param(" ! [rejected] abc -> main (fetch first)", GitFailure.MOVED, id="fetch first"),
        pytest.param(" ! [rejected] abc -> main (non-fast-forward)", GitFailure.MOVED, id="non-fast-forward"),
        pytest.param(" ! [rejected] abc -> main (stale info)", GitFailure.MOVED, id="stale lease"),
        pytest.param(
            "remote: error: cannot lock ref 'refs/heads/x': is at 1 but expected 2\n"
            " ! [remote rejected] abc -> x (failed to update ref)",
            GitFailure.MOVED,
            id="moved while the push was under way",
        ),
        pytest.param(
            " ! [remote rejected] abc -> x (cannot lock ref 'refs/heads/x': reference already exists)",
            GitFailure.MOVED,
            id="created at the same moment",
        ),
        pytest.param(
            " ! [remote rejected] abc -> x (cannot lock ref 'refs/heads/x': 'refs/heads/x/y' exists; cannot create)",
            GitFailure.NAME_TAKEN,
            id="a branch below that name",
        ),
        pytest.param(
            "fatal: Unable to create '/r/.git/shallow.lock': File exists.", GitFailure.MOVED, id="another git at work"
        ),
        pytest.param(
            "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
            GitFailure.UNAUTHENTICATED,
            id="no credentials",
        ),
        pytest.param("git@github.com: Permission denied (publickey).", GitFailure.UNAUTHENTICATED, id="no ssh key"),
        pytest.param(
            "fatal: unable to access 'https://x/': Could not resolve host: x", GitFailure.UNREACHABLE, id="no such host"
        ),
        pytest.param(
            "fatal: unable to access 'https://x/': The requested URL returned error: 502",
            GitFailure.UNREACHABLE,
            id="bad gateway",
        ),
        pytest.param(
            "fatal: unable to access 'https://x/': SSL certificate problem: self-signed",
            GitFailure.UNREACHABLE,
            id="TLS",
        ),
        pytest.param(
            "remote: fatal error in commit_refs\n ! [remote rejected] abc -> x (failure)",
            GitFailure.UNREACHABLE,
            id="GitHub, passing failure",
        ),
        pytest.param(
            "ssh: connect to host github.com port 22: Connection refused\n"
            "fatal: Could not read from remote repository.",
            GitFailure.UNREACHABLE,
            id="ssh, nobody listens",
        ),
        pytest.param("fatal: the remote end hung up unexpectedly", GitFailure.UNREACHABLE, id="hung up"),
        pytest.param("fatal: couldn't find remote ref refs/heads/x", GitFailure.NO_REF, id="no such branch"),
        pytest.param("remote: Repository not found.", GitFailure.NO_REMOTE, id="GitHub, hidden or no repository"),
        pytest.param(
            "fatal: 'origin' does not appear to be a git repository\nfatal: Could not read from remote repository.",
            GitFailure.NO_REMOTE,
            id="no such remote",
        ),
        pytest.param("fatal: not a git repository (or any parent)", GitFailure.NO_REPOSITORY, id="no repository"),
        pytest.param(
            "fatal: detected dubious ownership in repository at '/github/workspace'",
            GitFailure.UNTRUSTED,
            id="ownership",
        ),
        pytest.param("fatal: write error: No space left on device", GitFailure.DISK_FULL, id="disk full"),
        pytest.param("fatal: bad object deadbeef", GitFailure.OTHER, id="something else"),
    ],
)
def test_a_message_of_git_means_one_failure(message: str, expected: GitFailure) -> None:
    assert classify(message) is expected


@pytest.mark.parametrize("failure", list(GitFailure))
@pytest.mark.parametrize("writing", [True, False], ids=["push", "fetch"])
def test_every_failure_becomes_an_error_with_a_fix(failure: GitFailure, writing: bool) -> None:
    error = error_for(failure, doing="pushing main", detail="fatal: no", writing=writing)
    assert "pushing main: fatal: no" in str(error)
    assert error.fix


def test_being_refused_is_told_apart_from_not_reaching_the_remote() -> None:
    def kind(failure: GitFailure, *, writing: bool) -> type:
        return type(error_for(failure, doing="x", detail="y", writing=writing))

    assert kind(GitFailure.REFUSED, writing=True) is PushRefusedError
    assert kind(GitFailure.UNAUTHENTICATED, writing=True) is PushRefusedError
    assert kind(GitFailure.REFUSED, writing=False) is RemoteError
    assert kind(GitFailure.UNREACHABLE, writing=True) is RemoteError
    assert kind(GitFailure.MOVED, writing=True) is MovedError
    assert kind(GitFailure.NO_REPOSITORY, writing=False) is ConfigurationError


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("https://octocat:hunter2@github.com/o/r", id="user and password"),
        pytest.param("https://hunter2@github.com/o/r", id="token alone"),
        pytest.param("https://x-access-token:hunter2@github.com/o/r", id="as actions do it"),
        pytest.param("https://u:hun@ter2@github.com/o/r", id="an at sign"),
        pytest.param("https://u:pa/hunter2@github.com/o/r", id="a slash"),
        pytest.param("ssh://git:hunter2@host/r", id="ssh"),
        pytest.param("https://host/r?private_token=hunter2&x=1", id="in the query"),
        pytest.param("AUTHORIZATION: basic hunter2", id="a header"),
    ],
)
def test_no_credential_is_told(text: str) -> None:
    shown = redact(f"fatal: unable to access '{text}': no")
    assert "hunter2" not in shown
    assert "ter2" not in shown


def test_a_url_without_credentials_is_told_whole() -> None:
    assert redact("fatal: 'https://github.com/o/r.git'") == "fatal: 'https://github.com/o/r.git'"


def test_what_git_said_is_one_line_without_control_characters() -> None:
    said = describe(
        "hint: try this\nremote: \x1b[31m::error::no\x1b[0m\rfatal: x\n ! [rejected] x (stale)\nerror: failed"
    )
    assert said == "! [rejected] x (stale); remote:  ::error::no; fatal: x; error: failed"
    assert len(describe("fatal: " + "x" * 5000)) == 600
