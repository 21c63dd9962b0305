"""The exception tree: every error names the problem and the fix, and knows its exit code."""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the process tells the shell, and so the job, at its end."""

    DONE = 0
    BUG = 1
    USAGE = 2
    RULE = 3
    REMOTE = 4
    MOVED = 5


class WorkflowOpsError(Exception):
    """A failure that a person can act on: `str(error)` is the problem, `error.fix` what to do."""

    exit_code: ClassVar[ExitCode] = ExitCode.BUG

    def __init__(self, problem: str, *, fix: str) -> None:
        super().__init__(problem)
        self.fix = fix


class ConfigurationError(WorkflowOpsError):
    """The command line, the configuration or a file in the repository cannot be used as it is."""

    exit_code = ExitCode.USAGE


class BlockedError(WorkflowOpsError):
    """A rule said no: a gate, a limit, a refusal that protects somebody's work."""

    exit_code = ExitCode.RULE


class RemoteError(WorkflowOpsError):
    """n8n, git's remote or GitHub failed, or answered something that cannot be trusted."""

    exit_code = ExitCode.REMOTE


class StateError(RemoteError):
    """The state branch cannot be read: newer than this program, cut short, or not ours."""


class PushRefusedError(RemoteError):
    """The git remote does not let us write: no permission, or a protected branch."""


class MovedError(WorkflowOpsError):
    """Somebody else changed the state or the branch first, more often than we retry."""

    exit_code = ExitCode.MOVED


class N8nError(RemoteError):
    """A request to an n8n server failed."""


class N8nUnreachableError(N8nError):
    """No answer: connection refused, name not found, TLS failure, timeout."""


class N8nUnauthorizedError(N8nError):
    """401: no API key, a wrong one, or an expired one."""


class N8nForbiddenError(N8nError):
    """403: the key lacks a scope, or the instance lacks a licence."""


class N8nNotFoundError(N8nError):
    """404 for a thing that was asked for by id."""


class N8nRejectedError(N8nError):
    """400, 405, 409, 413 or 415: n8n understood and refuses the request."""


class N8nAnswerError(N8nError):
    """An answer that is not n8n's API: HTML, a redirect to a login page, truncated or foreign JSON, a 5xx."""


class N8nUncertainError(N8nError):
    """A write may have been carried out or not: no whole answer came, or one that does not say."""


class ListingUnstableError(N8nError):
    """The list of workflows changed while it was read, and kept changing when it was read again."""


class GitHubError(RemoteError):
    """A request to GitHub failed."""


class GitHubUnreachableError(GitHubError):
    """No whole answer: connection refused or dropped, name not found, TLS failure, timeout."""


class GitHubUnauthorizedError(GitHubError):
    """401: no token, a wrong one, or an expired one."""


class GitHubForbiddenError(GitHubError):
    """403: the token lacks a permission, or a setting of the repository or the organization says no."""


class GitHubNotFoundError(GitHubError):
    """404 or 410: it is not there (any more), or the token may not see it."""


class GitHubLimitedError(GitHubError):
    """A limit of GitHub is used up for longer than we wait."""


class GitHubRejectedError(GitHubError):
    """400, 409, 413, 422 and their like: GitHub understood and refuses the request."""


class GitHubAnswerError(GitHubError):
    """An answer that is not GitHub's API: HTML, a redirect, truncated or foreign JSON, a 5xx."""
