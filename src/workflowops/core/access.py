"""How an n8n instance is reached: `${NAME}` replaced by what the process environment holds."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from workflowops.core.problems import shown
from workflowops.errors import ConfigurationError

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}")
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#\\\s]*)(?P<path>/[^?#\\\s]*)?(?P<rest>[?#].*)?", re.IGNORECASE
)
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:@\[\]]+)(?::(?P<port>[0-9]{1,5}))?")
_BARE_HOST = re.compile(r"[a-z0-9.-]{1,60}(?::[0-9]{1,5})?")
"""A host without a scheme, narrow enough that an API key put here by mistake is not taken for one and repeated."""
_OWN_MACHINE = re.compile(r"(?:localhost|127\.[0-9.]+|\[::1\])(?::[0-9]+)?", re.IGNORECASE)
_IN_HEADER = re.compile(r"[\x21-\x7e]+")


class _Reached(Protocol):
    """The part of an environment that this module reads."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def api_key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Connection:
    """Where an instance answers, without `/` at the end, and the key it wants. The key is never printed."""

    url: str
    api_key: str = field(repr=False)


def connection(environment: _Reached, *, variables: Mapping[str, str]) -> Connection:
    """Answer how one environment is reached; see `connections`."""
    return connections([environment], variables=variables)[environment.name]


def connections(environments: Iterable[_Reached], *, variables: Mapping[str, str]) -> dict[str, Connection]:
    """Answer by name how each of the environments in use is reached.

    Raises ConfigurationError that names every variable that is unset or empty, then one for values that cannot be used.
    Values are never repeated: they are secrets.
    """
    wanted = list(environments)
    _refuse_unset(wanted, variables)
    return {
        environment.name: Connection(_url(environment, variables), _api_key(environment, variables))
        for environment in wanted
    }


def title_of(environment: _Reached, *, variables: Mapping[str, str]) -> str:
    """Answer what people call the environment. A variable that is unset stays as it is written: it is only a title."""
    return _VARIABLE.sub(lambda found: variables.get(found["name"], "").strip() or found[0], environment.title)


def variables_in(template: str) -> tuple[str, ...]:
    """Name the variables that a text asks for, in order."""
    return tuple(found["name"] for found in _VARIABLE.finditer(template))


def has_broken_variable(template: str) -> bool:
    """Say whether a text holds a `${` that is no whole `${NAME}`."""
    return "${" in _VARIABLE.sub("", template)


def url_fault(url: str) -> tuple[str, str] | None:
    """Say what is wrong with the address of an instance, as message and fix that repeat nothing secret; None when fine.

    The address may hold `${NAME}`. Its beginning is not judged while a variable stands there.
    """
    begun = _VARIABLE.match(url)
    if begun is not None:
        rest = url[begun.end() :]
        url = ("https" if rest.startswith("://") else "https://example.com") + rest
    parts = _URL.fullmatch(_VARIABLE.sub("1", url).strip())
    if parts is None:
        like = f"https://{url}" if _BARE_HOST.fullmatch(url) else "https://n8n.example.com"
        return "does not begin with https:// or is no address", f"Write it like {shown(like)}."
    if "@" in parts["authority"]:
        return "holds a user name or password", "Take them out; the API key is all that n8n asks for."
    host = _HOST.fullmatch(parts["authority"])
    if host is None or int(host["port"] or 0) > 65535:
        return "names no host, or no port below 65536", "Write it like `https://n8n.example.com`."
    if parts["rest"]:
        return "holds a query or a fragment (`?` or `#`)", "Write only host and path, as in `https://example.com/n8n`."
    if re.search(r"/api/v[0-9]+/?$", parts["path"] or ""):
        return "ends in the path of the API", "Leave /api/v1 off; it is added."
    return None


def is_in_clear(url: str) -> bool:
    """Say whether the API key would travel without encryption to another machine."""
    parts = _URL.fullmatch(url)
    return parts is not None and parts["scheme"].lower() == "http" and not _OWN_MACHINE.fullmatch(parts["authority"])


def _refuse_unset(environments: Iterable[_Reached], variables: Mapping[str, str]) -> None:
    users: dict[str, list[str]] = {}
    for environment in environments:
        for key in ("url", "api_key"):
            for name in variables_in(getattr(environment, key)):
                if not variables.get(name, "").strip():
                    users.setdefault(name, []).append(f"{environment.name}.{key}")
    if not users:
        return
    names = [f"{name} (for {', '.join(used_by)})" for name, used_by in users.items()]
    raise ConfigurationError(
        f"Unset or empty: {', '.join(names)}.",
        fix="Set the environment variables. In a GitHub workflow: under `env:`, as in "
        f"`{_from_github(users)}`; what does not exist there reads as empty.",
    )


def _from_github(users: Mapping[str, Sequence[str]]) -> str:
    """The line of a workflow that sets the first of these variables: a key is a secret, an address a variable."""
    name, places = next(iter(users.items()))
    context = "vars" if all(place.endswith(".url") for place in places) else "secrets"
    return f"{name}: ${{{{ {context}.{name} }}}}"


def _url(environment: _Reached, variables: Mapping[str, str]) -> str:
    url = _VARIABLE.sub(lambda found: variables[found["name"]].strip(), environment.url).strip()
    fault = url_fault(url) if "${" not in url else ("holds `${` after its variables were read", "Check the variables.")
    if fault is not None:
        named = "".join(f" Look at {name}." for name in variables_in(environment.url))
        raise ConfigurationError(f"The url of {environment.name} {fault[0]}.", fix=fault[1] + named)
    return url.rstrip("/")


def _api_key(environment: _Reached, variables: Mapping[str, str]) -> str:
    names = variables_in(environment.api_key)
    if len(names) != 1 or environment.api_key.strip() != f"${{{names[0]}}}":
        raise ConfigurationError(
            f"The api_key of {environment.name} is not one whole ${{NAME}}.",
            fix="Put the key into an environment variable and write its name: `${N8N_API_KEY}`.",
        )
    key = variables[names[0]].strip()
    if _IN_HEADER.fullmatch(key) is None:
        raise ConfigurationError(
            f"{names[0]} holds a character that no API key holds: a line break, a space or one outside ASCII.",
            fix="Copy the key again from n8n (Settings, n8n API).",
        )
    return key
