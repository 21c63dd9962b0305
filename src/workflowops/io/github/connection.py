"""Why no answer came from GitHub, from what PyGithub and the libraries below it raised."""

from collections.abc import Iterator
from dataclasses import replace

import requests

from workflowops.errors import GitHubAnswerError, GitHubError, GitHubUnreachableError
from workflowops.io.github.faults import Fault, failed_task
from workflowops.io.github.messages import Request
from workflowops.io.github.place import Place


def connection_fault(error: Exception, request: Request, place: Place, *, seconds: float) -> Fault:
    """Say why no whole answer came; `seconds` is how long was waited for a sign of life.

    What happens before anything is sent is certain not to have been carried out; a connection that broke off may have.
    """
    task = failed_task(request, place)
    match error:
        case requests.exceptions.SSLError():
            return _fault(_distrusted(task, place), error, place)
        case requests.exceptions.ProxyError():
            return _fault(_no_proxy(task, place), error, place)
        case requests.exceptions.InvalidURL() | requests.exceptions.InvalidHeader():
            return _fault(_unsendable(task, place, error), error, place)
        case requests.exceptions.Timeout():
            told: GitHubError = _timed_out(task, place, seconds=seconds)
        case requests.exceptions.RequestException() | OSError():
            told = _dropped(task, place)
        case RuntimeError():  # PyGithub's word for a redirect to another host, or in a circle
            return _fault(_redirected(task, place), error, place)
        case _:
            return replace(_fault(_unsendable(task, place, error), error, place), may_be_done=True)
    return replace(_fault(told, error, place), is_passing=True, may_be_done=True)


def _fault(told: GitHubError, error: Exception, place: Place) -> Fault:
    """Keep the cause only where it repeats no token."""
    is_fit = not any(place.holds_token(f"{each} {each!r}") for each in _chain(error))
    return Fault(told, cause=error if is_fit else None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def _distrusted(task: str, place: Place) -> GitHubUnreachableError:
    return GitHubUnreachableError(
        f"{task}: the TLS certificate of {place.server} is not trusted.",
        fix="Name your own CA with REQUESTS_CA_BUNDLE (a PEM file), or renew the certificate. Verification cannot be "
        "turned off.",
    )


def _no_proxy(task: str, place: Place) -> GitHubUnreachableError:
    return GitHubUnreachableError(
        f"{task}: the proxy on the way to {place.server} does not let us through.",
        fix="Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or put the host into NO_PROXY.",
    )


def _timed_out(task: str, place: Place, *, seconds: float) -> GitHubUnreachableError:
    return GitHubUnreachableError(
        f"{task}: {place.server} did not answer within {seconds:g} seconds.",
        fix="Run it again in a while; https://www.githubstatus.com tells about outages.",
    )


def _dropped(task: str, place: Place) -> GitHubUnreachableError:
    return GitHubUnreachableError(
        f"{task}: {place.server} cannot be reached, or broke the connection off.",
        fix="Check the network and GITHUB_API_URL, and run it again; https://www.githubstatus.com tells about outages.",
    )


def _redirected(task: str, place: Place) -> GitHubAnswerError:
    return GitHubAnswerError(
        f"{task}: {place.server} redirects to another host or in a circle, which is not followed.",
        fix="Check GITHUB_API_URL: it has to be the address that GitHub itself uses, with https://.",
    )


def _unsendable(task: str, place: Place, error: Exception) -> GitHubUnreachableError:
    return GitHubUnreachableError(
        f"{task}: no request to {place.server} came about ({type(error).__name__}).",
        fix="Check GITHUB_API_URL and the proxy variables.",
    )
