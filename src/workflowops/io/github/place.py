"""Which repository on which GitHub, and the paths of what is in it."""

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote, urlsplit

from workflowops.errors import ConfigurationError

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9._-]{1,100}")
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?")
_TEAM = re.compile(r"(?P<organization>[A-Za-z0-9][A-Za-z0-9_-]{0,99})/(?P<slug>[A-Za-z0-9._-]{1,255})")
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1")
_MASK = "***"
_MOST_QUOTED = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A repository on a GitHub. `api` has no slash at its end; `server` is how the GitHub is called in messages.

    `token` is what no message may repeat, though some servers repeat what they were sent.
    """

    repository: str
    api: str
    prefix: str
    server: str
    token: str = field(repr=False)

    @classmethod
    def of(cls, repository: str, token: str, *, api_url: str) -> Self:
        """Check the name, the token and the API's address; raises ConfigurationError that repeats no token."""
        if not _REPOSITORY.fullmatch(repository) or repository.partition("/")[2] in {".", ".."}:
            raise ConfigurationError(
                f"{_one_line(repository)!r} does not name a repository on GitHub.",
                fix="Write it as owner/name; in a workflow GITHUB_REPOSITORY holds it.",
            )
        api, host = _api(api_url)
        return cls(
            repository=repository,
            api=api,
            prefix=urlsplit(api).path,
            server="GitHub" if host == "api.github.com" else f"GitHub at {host}",
            token=_checked_token(token),
        )

    @property
    def owner(self) -> str:
        """Answer the account that the repository belongs to."""
        return self.repository.partition("/")[0]

    @property
    def graphql(self) -> str:
        """Answer the address of the GraphQL API: beside the REST API's prefix `/api/v3` on a GitHub of one's own."""
        root = self.api.removesuffix(self.prefix)
        return f"{root}{self.prefix.removesuffix('/v3')}/graphql"

    def path(self, *parts: str | int) -> str:
        """Answer the path of something in the repository, every part quoted."""
        return path_of("repos", *self.repository.split("/"), *parts)

    def is_here(self, url: str) -> bool:
        """Say whether an address of the API lies in this repository; upper and lower case are one, as on GitHub."""
        path = urlsplit(url).path.removeprefix(self.prefix).casefold()
        return f"{path}/".startswith(f"/repos/{self.repository}/".casefold())

    def quoted(self, text: str) -> str:
        """Make what a stranger wrote fit for a message: one line, printable, short, without the token."""
        line = _one_line(re.sub(re.escape(self.token), _MASK, text, flags=re.IGNORECASE))
        return line if len(line) <= _MOST_QUOTED else line[:_MOST_QUOTED] + "..."

    def holds_token(self, text: str) -> bool:
        """Say whether a text would give the token away."""
        return self.token.casefold() in text.casefold()


def path_of(*parts: str | int) -> str:
    """Answer a path below the API's address, every part quoted."""
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)


def is_login(text: str) -> bool:
    """Say whether a text can be the login of a person or of a bot (`name[bot]`)."""
    return _LOGIN.fullmatch(text) is not None


def team_path(team: str) -> str | None:
    """Answer the path of a team written as `organization/slug`; None when it is not written so."""
    found = _TEAM.fullmatch(team.removeprefix("@"))
    if found is None or found["slug"] in {".", ".."}:
        return None
    return path_of("orgs", found["organization"], "teams", found["slug"])


def _api(api_url: str) -> tuple[str, str]:
    """Answer the API's address without a slash at its end, and its host."""
    fix = "Write it as https://api.github.com, or https://github.example.com/api/v3 for a GitHub of your own."
    try:
        parts = urlsplit(api_url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:  # whose text repeats parts of the address, and so perhaps of a password
        raise ConfigurationError("The address of GitHub's API has a wrong host or port.", fix=fix) from None
    if not _HOST.fullmatch(host) or "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError("The address of GitHub's API cannot be used.", fix=fix)
    if parts.scheme != "https" and not (parts.scheme == "http" and _LOOPBACK.fullmatch(host)):
        raise ConfigurationError(f"The address of GitHub's API at {host} does not start with https://.", fix=fix)
    netloc = f"[{host}]" if ":" in host else host
    if port is not None:
        netloc += f":{port}"
    return f"{parts.scheme}://{netloc}{parts.path.rstrip('/')}", host


def _checked_token(token: str) -> str:
    checked = token.strip()
    if not re.fullmatch(r"[\x21-\x7e]+", checked):
        raise ConfigurationError(
            "The GitHub token holds blanks or characters that no token has."
            if checked
            else "There is no GitHub token.",
            fix="Put it into GITHUB_TOKEN, one line without quotes; in a workflow that is `${{ github.token }}`.",
        )
    return checked


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
