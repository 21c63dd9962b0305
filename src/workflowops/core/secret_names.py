"""Names of fields that hold secrets, and values that only stand for one."""

import itertools
import re
from collections.abc import Iterable
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")

_SECRET_WORDS = frozenset({
    "apikey", "apitoken", "authorization", "authtoken", "cookie", "cookies", "dsn", "jwt", "pass", "passcode",
    "passphrase", "passwd", "password", "passwords", "passwort", "pwd", "secret", "secrets", "token",
    "accesskey", "accesstoken", "clientsecret", "connectionstring", "privatekey", "rapidapikey", "secretkey",
})  # fmt: skip
_SECRET_PAIRS = frozenset({
    ("access", "key"), ("account", "key"), ("api", "key"), ("app", "key"), ("auth", "key"), ("client", "key"),
    ("connection", "string"), ("encryption", "key"), ("function", "key"), ("functions", "key"), ("license", "key"),
    ("master", "key"), ("private", "key"), ("rapidapi", "key"), ("secret", "key"), ("service", "key"),
    ("signing", "key"), ("subscription", "key"), ("x", "auth"),
})  # fmt: skip
_ABOUT_A_SECRET = frozenset({
    "count", "description", "enabled", "endpoint", "expires", "expiry", "field", "header", "label", "length", "limit",
    "max", "min", "mode", "name", "path", "placeholder", "policy", "required", "size", "type", "uri", "url", "usage",
})  # fmt: skip
"""`tokenType`, `maxToken`, `passwordField` describe a secret; they hold none."""

_QUERY_NAMES = frozenset({"auth", "code", "credential", "credentials", "key", "pass", "pw", "sas", "sig", "signature"})

_SCHEME = re.compile(r"\s*(?:Bearer|Basic|Token|ApiKey|Api-Key|Bot|Key|Digest)\s+", re.IGNORECASE)

_STAND_IN = re.compile(
    r"""
    <[^<>]*> | \[[^\[\]]*\] | \{[^{}]*\} | \{\{.*\}\} | \$\{[^{}]*\} | \$\w+ | %\w+% | \$\(.*\)
    | [xX*.\-_\u2022#?0]+ | (?:your|my|the|insert|enter|replace|paste|put)[\s_\-].{0,60} | .{0,60}[\s_\-]here
    | (?:change|replace)[\s_\-]?me | todo | tbd | null | none | undefined | true | false | redacted | hidden
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_STAND_IN_WORDS = re.compile(
    r"(?:^|[\W_])(?:your|insert|enter|replace|paste|example|sample|placeholder|changeme|dummy|redacted|here)(?:$|[\W_])"
    r"|KEYHERE|TOKENHERE|SECRETHERE|x{4,}|\*{3,}|\.{3}",
    re.IGNORECASE,
)
_KINDS_OF_VALUES = re.compile(
    r"string|number|text|password|token|secret|required|optional|username|email|header|query|body|object|array|boolean"
    r"|(?:basic|bearer|header|query|digest|oauth2?)(?:auth)?|any|unknown|value|default|test",
    re.IGNORECASE,
)
_LONGEST = 200
_WORDS_ONLY = re.compile(r"[A-Za-z]+(?:[ ,.'-]+[A-Za-z]+)+[.!?]?")
_VARIABLE_NAME = re.compile(r"[A-Z]+(?:_[A-Z]+)+|\$[\w.]+")


@lru_cache(maxsize=4_096)
def is_secret_name(name: str) -> bool:
    """Say whether a field of this name holds a secret: `apiKey`, `X-Auth-Token`, `DB_PASSWORD`; not `maxTokens`."""
    words = [word.lower() for word in _WORD.findall(name[:200])]
    if not words or words[-1] in _ABOUT_A_SECRET or words[0] in _ABOUT_A_SECRET:
        return False
    return not _SECRET_WORDS.isdisjoint(words) or any(pair in _SECRET_PAIRS for pair in itertools.pairwise(words))


def is_secret_query_name(name: str) -> bool:
    """Say whether a parameter of this name in an address holds a secret; shorter names count there: `key`, `sig`."""
    return name.lower().removeprefix("x-amz-") in _QUERY_NAMES or is_secret_name(name)


def first_secret_name(names: Iterable[str]) -> str:
    """Answer the first of several names, such as the steps of a path, that is that of a secret; else nothing."""
    return next((name for name in names if is_secret_name(name)), "")


def without_scheme(text: str) -> str:
    """Answer the credentials of an Authorization header: what follows `Bearer` or `Basic`."""
    scheme = _SCHEME.match(text)
    return text[scheme.end() :] if scheme else text


def is_stand_in(text: str) -> bool:
    """Say whether a text visibly stands for a secret: `<token>`, `YOUR_API_KEY`, `${TOKEN}`, `xxxx`, already masked."""
    core = text.strip().strip("\"'`")
    return not core or core.startswith("***") or (len(core) <= _LONGEST and _STAND_IN.fullmatch(core) is not None)


def is_documentation(text: str) -> bool:
    """Say whether a text is a stand-in, or words and variable names that a reader would not take for a secret."""
    core = text.strip().strip("\"'`")
    return is_stand_in(core) or (len(core) <= _LONGEST and _reads_as_documentation(core))


def _reads_as_documentation(core: str) -> bool:
    return (
        _STAND_IN_WORDS.search(core) is not None
        or _KINDS_OF_VALUES.fullmatch(core) is not None
        or _WORDS_ONLY.fullmatch(core) is not None
        or _VARIABLE_NAME.fullmatch(core) is not None
    )
