"""What git's messages mean: a closed list of failures, and the error with its fix for each."""

import re
from enum import StrEnum

from workflowops.errors import ConfigurationError, MovedError, PushRefusedError, RemoteError, WorkflowOpsError

_LONGEST_DETAIL = 600


class GitFailure(StrEnum):
    """Why git failed, as far as it changes what we do or advise."""

    REFUSED = "refused"
    UNAUTHENTICATED = "unauthenticated"
    UNREACHABLE = "unreachable"
    MOVED = "moved"
    NAME_TAKEN = "name_taken"
    NO_REMOTE = "no_remote"
    NO_REF = "no_ref"
    NO_REPOSITORY = "no_repository"
    UNTRUSTED = "untrusted"
    TOO_OLD = "too_old"
    DISK_FULL = "disk_full"
    OTHER = "other"


# In order: the first that fits names the failure. Sources: git 2.39's own texts; GitHub's answers to a push.
_SIGNS: tuple[tuple[GitFailure, str], ...] = (
    (GitFailure.UNTRUSTED, r"detected dubious ownership"),
    (GitFailure.NO_REPOSITORY, r"not a git repository|cannot change to '"),
    (GitFailure.NO_REF, r"couldn't find remote ref"),
    (GitFailure.NAME_TAKEN, r"exists; cannot create|directory/file conflict"),
    (GitFailure.REFUSED, r"unable to create '.*': (permission denied|read-only file system)"),
    (
        GitFailure.MOVED,
        r"\[rejected\].*\((fetch first|non-fast-forward|stale info|already exists|needs force|remote ref updated)"
        r"|\[remote rejected\].*\((cannot lock ref|failed to update ref|failed to lock|incorrect old value"
        r"|reference already exists)"
        r"|error: cannot lock ref|unable to update local ref|\.lock': File exists|some local refs could not be updated",
    ),
    (
        GitFailure.REFUSED,
        r"returned error: 403|\[remote rejected\].*\((?!failure|internal server error|remote unpack failed"
        r"|unpacker error|remote failed to report)"
        r"|GH0\d\d|protected branch|hook declined|marked as read.?only|write access to repository not granted"
        r"|permission to .* denied|not allowed to push|insufficient permission for adding an object"
        r"|unable to create temporary object directory",
    ),
    (
        GitFailure.UNAUTHENTICATED,
        r"returned error: 401|authentication failed|could not read (username|password)|terminal prompts disabled"
        r"|permission denied \(|host key verification failed|invalid username or",
    ),
    (
        GitFailure.UNREACHABLE,
        r"could not resolve host|failed to connect|couldn't connect|connection (refused|timed out|reset|closed)"
        r"|network is unreachable|no route to host|operation timed out|returned error: (429|5\d\d)|rpc failed"
        r"|\bssl|\btls|certificate|early eof|unexpected disconnect"
        r"|\((failure|internal server error|remote unpack failed"
        r"|unpacker error|remote failed to report)|unable to access",
    ),
    (GitFailure.DISK_FULL, r"no space left on device|disk quota exceeded"),
    (
        GitFailure.NO_REMOTE,
        r"does not appear to be a git repository|repository.*not found|no such remote|does not exist"
        r"|could not read from remote repository",
    ),
    (GitFailure.UNREACHABLE, r"hung up unexpectedly"),
)
_CONTROL = r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x1f\x7f-\x9f]"
_SECRETS: tuple[tuple[str, str], ...] = (
    # A password may hold any character but white space and quotes; better too much hidden than too little.
    (r"([a-zA-Z][a-zA-Z0-9+.-]*://)[^\s'\"<>]*@", r"\1***@"),
    (r"(?i)\b((?:access|private|job)[_-]?token|password|client_secret|key)=[^\s&'\"]+", r"\1=***"),
    (r"(?i)(authorization:\s*)\S+(\s+\S+)?", r"\1***"),
)


def redact(text: str) -> str:
    """Hide what looks like a credential: the user part of any URL, token parameters, authorization headers."""
    for pattern, replacement in _SECRETS:
        text = re.sub(pattern, replacement, text)
    return text


def describe(stderr: str) -> str:
    """Put git's complaint on one line of at most 600 characters; what was rejected comes first."""
    lines = [re.sub(_CONTROL, " ", line).strip() for line in stderr.splitlines()]
    telling = [line for line in lines if re.match(r"(fatal|error|remote|ssh|!)", line)] or lines
    telling.sort(key=lambda line: not line.startswith("!"))
    said = "; ".join(line for line in telling if line and line != "remote:")
    return said if len(said) <= _LONGEST_DETAIL else f"{said[: _LONGEST_DETAIL - 3]}..."


def classify(stderr: str) -> GitFailure:
    """Name the failure behind git's messages, which were asked for in English (LC_ALL=C)."""
    for failure, pattern in _SIGNS:
        if re.search(pattern, stderr, re.IGNORECASE):
            return failure
    return GitFailure.OTHER


def error_for(failure: GitFailure, *, doing: str, detail: str, writing: bool = False) -> WorkflowOpsError:
    """Make the error that tells a person what failed and what to do; `doing` completes "git failed while ..."."""
    problem = f"Git failed while {doing}: {detail or 'it gave no reason'}"
    if failure is GitFailure.REFUSED or (failure is GitFailure.UNAUTHENTICATED and writing):
        return (PushRefusedError if writing else RemoteError)(problem, fix=_REFUSED[writing])
    kind, fix = _ERRORS.get(failure, (RemoteError, "Read git's message above; the same command can be tried by hand."))
    return kind(problem, fix=fix)


_REFUSED = {
    True: "Give the token or key write access (in GitHub Actions: `permissions: contents: write`), and let no branch "
    "protection, ruleset or hook stop this push.",
    False: "Give the token or key read access to the repository (in GitHub Actions: `permissions: contents: read`).",
}
_ERRORS: dict[GitFailure, tuple[type[WorkflowOpsError], str]] = {
    GitFailure.UNAUTHENTICATED: (
        RemoteError,
        "Give git credentials it can use without asking: actions/checkout keeps them in the job's checkout, "
        "`gh auth setup-git` or an ssh agent does on a laptop.",
    ),
    GitFailure.UNREACHABLE: (RemoteError, "Check the network and that the git host is up, then run again."),
    GitFailure.MOVED: (MovedError, "Another git process is at work here, or the remote moved: run again."),
    GitFailure.NAME_TAKEN: (
        ConfigurationError,
        "A branch or ref of that name stands in the way; delete it, or pass another --state-branch.",
    ),
    GitFailure.NO_REMOTE: (
        RemoteError,
        "Compare with `git remote -v`; pass the right one with --state-remote. A private repository also answers "
        "this to a token without access.",
    ),
    GitFailure.NO_REPOSITORY: (ConfigurationError, "Run inside a git checkout of the repository with workflowops.yml."),
    GitFailure.UNTRUSTED: (
        ConfigurationError,
        "The checkout belongs to another user. Run `git config --global --add safe.directory <checkout>`.",
    ),
    GitFailure.TOO_OLD: (ConfigurationError, "Install git 2.30 or newer."),
    GitFailure.DISK_FULL: (RemoteError, "Make room on the disk, here or on the git host, then run again."),
}
