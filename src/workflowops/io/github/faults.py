"""What went wrong between us and GitHub, in words, with what to do, and what it means for trying again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from workflowops.errors import (
    GitHubAnswerError,
    GitHubError,
    GitHubForbiddenError,
    GitHubLimitedError,
    GitHubNotFoundError,
    GitHubRejectedError,
    GitHubUnauthorizedError,
)
from workflowops.io.github.limits import Limit
from workflowops.io.github.messages import Answer, Request
from workflowops.io.github.place import Place

_PASSING = frozenset({408, 425, *range(500, 600)})
_NO_PULL_REQUESTS = "not permitted to create or approve pull requests"
_NO_PERMISSION = "resource not accessible by"
_ALLOW_PULL_REQUESTS = (
    'Switch on "Allow GitHub Actions to create and approve pull requests" in the settings of the repository (Actions, '
    "General, Workflow permissions); the organization may have to allow it first."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A request that failed. `is_passing`: asking again may help. `may_be_done`: a write may have been carried out.

    `cause` is what a library raised, where one did and its text is fit to be shown.
    """

    error: GitHubError
    is_passing: bool = False
    may_be_done: bool = False
    cause: Exception | None = None


def fault_of(answer: Answer, request: Request, place: Place) -> Fault:
    """Turn an answer that is not a readable 2xx into the error it means."""
    if answer.status in _PASSING:
        return Fault(_failed(answer, request, place), is_passing=True, may_be_done=True)
    if answer.status < 300:
        is_cut = not answer.is_html
        return Fault(_unreadable(answer, request, place), is_passing=is_cut, may_be_done=True)
    if answer.status < 400:
        return Fault(_moved(answer, request, place))
    match answer.status:
        case 401:
            return Fault(_unauthorized(answer, request, place))
        case 403:
            return Fault(_forbidden(answer, request, place))
        case 404 | 410:
            return Fault(_not_found(answer, request, place))
        case _:
            return Fault(_rejected(answer, request, place))


def failed_task(request: Request, place: Place) -> str:
    """Begin the sentence that tells what was tried."""
    return f"Could not {request.task} in {place.repository}"


def foreign_error(request: Request, place: Place, *, lack: str) -> GitHubAnswerError:
    """Say that an answer is JSON, but not what GitHub answers to this; `lack` names what is wrong with it."""
    return GitHubAnswerError(
        f"{failed_task(request, place)}: {place.server} answered JSON that is not what GitHub answers: {lack}.",
        fix="Check that GITHUB_API_URL is the address of GitHub's REST API, not of another program.",
    )


def limited_error(
    limit: Limit, request: Request, place: Place, *, seconds: float, patience: float
) -> GitHubLimitedError:
    """Say that a limit holds longer than we wait."""
    later = "Run it again then; what is left to be done is done by the next run."
    if limit.is_primary:
        later += " A token of a GitHub App of your own has a limit of its own, which is higher."
    return GitHubLimitedError(
        f"{failed_task(request, place)}: {limit.name} at {place.server} is used up. It would take {seconds:.0f} more "
        f"seconds of waiting; at most {patience:.0f} are waited for one request.",
        fix=later,
    )


def renamed_error(place: Place, *, name: str) -> GitHubNotFoundError:
    """Say that the repository is called otherwise by now."""
    return GitHubNotFoundError(
        f"{place.repository} is called {place.quoted(name)} by now.",
        fix="Use the new name: in GITHUB_REPOSITORY, and in the address of the git remote.",
    )


def switched_off_error(place: Place) -> GitHubRejectedError:
    """Say that the repository has no issues."""
    return GitHubRejectedError(f"Issues are switched off in {place.repository}.", fix=_SWITCH_ON)


_SWITCH_ON = "Switch issues on in the settings of the repository (General, Features)."


def _said(answer: Answer, place: Place) -> str:
    """Quote GitHub's message as the end of a sentence."""
    words = place.quoted(answer.message).rstrip(".")
    return f": {words}." if words else "."


def _failed(answer: Answer, request: Request, place: Place) -> GitHubAnswerError:
    return GitHubAnswerError(
        f"{failed_task(request, place)}: {place.server} failed with {answer.status}{_said(answer, place)}",
        fix="Run it again in a while; https://www.githubstatus.com tells about outages.",
    )


def _unreadable(answer: Answer, request: Request, place: Place) -> GitHubAnswerError:
    what = "a page for people" if answer.is_html else "JSON that is damaged or cut short"
    return GitHubAnswerError(
        f"{failed_task(request, place)}: {place.server} answered {what} ({answer.status}).",
        fix="Check GITHUB_API_URL, and the proxy on the way to it; a login page in front of it has to let us pass."
        if answer.is_html
        else "Run it again; if it stays, look at the proxy on the way to GitHub.",
    )


def _moved(answer: Answer, request: Request, place: Place) -> GitHubAnswerError:
    return GitHubAnswerError(
        f"{failed_task(request, place)}: {place.server} redirects elsewhere ({answer.status}).",
        fix="The repository was renamed or moved: use its new name. Else check GITHUB_API_URL.",
    )


def _unauthorized(answer: Answer, request: Request, place: Place) -> GitHubUnauthorizedError:
    return GitHubUnauthorizedError(
        f"{failed_task(request, place)}: {place.server} does not accept the token (401){_said(answer, place)}",
        fix="Put a valid token into GITHUB_TOKEN: `${{ github.token }}` in a workflow, which ends with its job; a "
        "personal or App token may have expired or been revoked.",
    )


def _forbidden(answer: Answer, request: Request, place: Place) -> GitHubForbiddenError:
    said = answer.message.lower()
    if _NO_PULL_REQUESTS in said:
        fix = _ALLOW_PULL_REQUESTS
    elif _NO_PERMISSION in said:
        needs = _accepted_permissions(answer.headers) or f"`{request.needs}`"
        fix = f"Add {needs} to the `permissions:` of the job (or give a token of your own that permission)."
        if request.needs.startswith("pull-requests"):
            fix += f" {_ALLOW_PULL_REQUESTS}"
        fix += " Runs for pull requests of forks have a token that only reads, whatever the workflow says."
    elif "x-github-sso" in answer.headers or "saml" in said:
        fix = "Authorize the token for the organization's single sign-on, or use `${{ github.token }}`."
    elif "archived" in said:
        fix = "Unarchive the repository; an archived one cannot be written to."
    else:
        fix = f"Check that the token may do this (`{request.needs}`), and what GitHub gives as the reason."
    return GitHubForbiddenError(
        f"{failed_task(request, place)}: {place.server} does not allow it (403){_said(answer, place)}", fix=fix
    )


def _accepted_permissions(headers: Mapping[str, str]) -> str:
    """Answer what GitHub itself names as enough, as lines of `permissions:`; any one of several will do.

    Source: github.blog/changelog/2023-08-10, `x-accepted-github-permissions: issues=write; pull_requests=write`.
    """
    value = headers.get("x-accepted-github-permissions", "")
    if not re.fullmatch(r"[a-z_]+=[a-z]+(?:\s*[,;]\s*[a-z_]+=[a-z]+)*", value):
        return ""
    sets = [re.findall(r"([a-z_]+)=([a-z]+)", each) for each in value.split(";")]
    return " or ".join(
        " and ".join(f"`{name.replace('_', '-')}: {level}`" for name, level in each) for each in sets if each
    )


def _not_found(answer: Answer, request: Request, place: Place) -> GitHubError:
    if answer.status == 410 and "disabled" in answer.message.lower():
        return GitHubRejectedError(
            f"{failed_task(request, place)}: issues are switched off there{_said(answer, place)}", fix=_SWITCH_ON
        )
    return GitHubNotFoundError(
        f"{failed_task(request, place)}: {place.server} finds nothing there ({answer.status}){_said(answer, place)}",
        fix="It was deleted, or the token may not see it: GitHub answers 404 for both. Check GITHUB_REPOSITORY and the "
        f"token's permissions (`{request.needs}`).",
    )


def _rejected(answer: Answer, request: Request, place: Place) -> GitHubRejectedError:
    return GitHubRejectedError(
        f"{failed_task(request, place)}: {place.server} refuses it ({answer.status}){_said(answer, place)}",
        fix="GitHub names the reason. If it speaks of a text of ours, this is a bug: please report it.",
    )
