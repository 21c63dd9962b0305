"""A packaged workflow file made into a team's: its instances, its branch, its runner, its minute, its pin."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from workflowops.core.setup.wishes import PlannedEnvironment, Setup
from workflowops.errors import ConfigurationError

_PIN = re.compile(r"OWNER/workflowops(?P<path>/[a-z/-]+)?@FULL_COMMIT_SHA")
_RUNNER = re.compile(r"(?<=runs-on: )ubuntu-latest(?=\n)")
_BRANCH = re.compile(r"(?<=branches: )\[main\](?=\s)")
_SAID_BRANCH = re.compile(r"^    branches: \[\"?(?P<name>[A-Za-z0-9_][A-Za-z0-9._/-]*)\"?\](?=\s)", re.MULTILINE)
_LABEL = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_SAID_RUNNER = re.compile(rf"^    runs-on: \[?(?P<labels>{_LABEL}(?:, {_LABEL})*)\]?(?=\s)", re.MULTILINE)
_MINUTE = re.compile(r'(?<=- cron: ")[0-9]+(?= )')
_INSTANCES = re.compile(
    r"(?P<indent> +)N8N_DEV_URL: \$\{\{ vars\.N8N_DEV_URL \}\}\n"
    r" +N8N_DEV_API_KEY: \$\{\{ secrets\.N8N_DEV_API_KEY \}\}\n"
    r" +N8N_PROD_URL: \$\{\{ vars\.N8N_PROD_URL \}\}\n"
    r" +N8N_PROD_API_KEY: \$\{\{ secrets\.N8N_PROD_API_KEY \}\}\n"
)
_YAML_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


class Part(StrEnum):
    """What a packaged file holds in place of a team's own."""

    PIN = "the commit of the actions"
    RUNNER = "the runner"
    INSTANCES = "the variables of dev and prod"
    BRANCH = "the branch main"
    MINUTE = "the minute of a schedule"


@dataclass(frozen=True, slots=True)
class Template:
    """A packaged workflow file: its short name, the parts it has beyond pin and runner, its place in the hour."""

    name: str
    parts: frozenset[Part]
    minutes_later: int = 0

    @property
    def file_name(self) -> str:
        """The file, in the package and in the repository alike."""
        return f"workflowops-{self.name}.yml"


_READS = frozenset({Part.INSTANCES})
TEMPLATES = (
    Template("validate", frozenset({Part.BRANCH})),
    Template("sync", _READS | {Part.MINUTE}, minutes_later=23),
    Template("drift", _READS | {Part.BRANCH, Part.MINUTE}),
    Template("comments", _READS),
    Template("preview", _READS),
    Template("promote", _READS | {Part.BRANCH}),
    Template("doctor", _READS | {Part.MINUTE}, minutes_later=41),
)
"""Every workflow file that comes with the program."""


def localized(text: str, template: Template, setup: Setup) -> str:
    """Answer the workflow file of a team.

    Every part that the template says it has is found and replaced; nothing of a placeholder is left. Raises
    ConfigurationError where that is not so, because such a file would run something else than it says.
    """
    pin, runner = setup.pin, setup.runs_on
    replacements: dict[Part, tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = {
        Part.PIN: (_PIN, lambda found: f"{pin.repository}{found['path'] or ''}@{pin.commit}"),
        Part.RUNNER: (_RUNNER, lambda _: runner[0] if len(runner) == 1 else f"[{', '.join(runner)}]"),
        Part.INSTANCES: (_INSTANCES, lambda found: _instances(setup.environments, found["indent"])),
        Part.BRANCH: (_BRANCH, lambda _: f"[{_plain(setup.branch)}]"),
        Part.MINUTE: (_MINUTE, lambda _: str(minute_of(setup.repository, later=template.minutes_later))),
    }
    for part, (pattern, replacement) in replacements.items():
        text, count = pattern.subn(replacement, text)
        is_expected = part in template.parts or part in {Part.PIN, Part.RUNNER}
        if is_expected != bool(count):
            raise _broken(template, part)
    _check_nothing_left(text, template, setup)
    return text


def said_by(text: str) -> tuple[str | None, str | None]:
    """Answer the branch and the runner that a team's workflow file names, as options take them.

    None for what it does not name, or names in a way that no option has: several branches, an expression.
    """
    branch, runner = _SAID_BRANCH.search(text), _SAID_RUNNER.search(text)
    return branch and branch["name"], runner and runner["labels"]


def minute_of(repository: str, *, later: int = 0) -> int:
    """Answer a minute from 1 to 59 for a repository, so that not all of them run at once; never the full hour."""
    first = int.from_bytes(hashlib.sha256(repository.encode("utf-8", "surrogatepass")).digest()[:4], "big")
    return (first + later) % 59 + 1


def _instances(environments: tuple[PlannedEnvironment, ...], indent: str) -> str:
    lines: dict[str, str] = {}
    for each in environments:
        for name in each.url_variables:
            lines.setdefault(name, f"{indent}{name}: ${{{{ vars.{name} }}}}\n")
        lines.setdefault(each.key_variable, f"{indent}{each.key_variable}: ${{{{ secrets.{each.key_variable} }}}}\n")
    return "".join(lines.values())


def _plain(branch: str) -> str:
    is_plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9._/-]*", branch) and branch.lower() not in _YAML_WORDS
    return branch if is_plain else json.dumps(branch)


def _check_nothing_left(text: str, template: Template, setup: Setup) -> None:
    """Find what a placeholder's pattern did not match although it stands for one."""
    own = {name for each in setup.environments for name in (*each.url_variables, each.key_variable)}
    left = set(re.findall(r"\bN8N_(?:DEV|PROD)_(?:URL|API_KEY)\b", text)) - own
    if left:
        raise _broken(template, Part.INSTANCES)
    if re.search(r"FULL_COMMIT_SHA|\bOWNER/", text):
        raise _broken(template, Part.PIN)


def _broken(template: Template, part: Part) -> ConfigurationError:
    return ConfigurationError(
        f"The packaged {template.file_name} does not hold {part} as expected.",
        fix="Run `init` from an unchanged release or checkout of WorkflowOps.",
    )
