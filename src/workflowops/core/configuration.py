"""workflowops.yml: the environments of a team and the pipelines between them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

from workflowops.core.access import Connection, connection, connections, title_of
from workflowops.core.configuration_incidents import incident_policy, reworded
from workflowops.core.configuration_pipelines import (
    Approval,
    ContentPolicy,
    CredentialsMissing,
    Gates,
    OnDelete,
    Pipeline,
    Publish,
    SecretsPolicy,
    Stage,
    pipeline,
)
from workflowops.core.configuration_rules import rule_faults
from workflowops.core.incident.policy import IncidentPolicy
from workflowops.core.problems import Fault, PathInDocument, Problem, Severity, has_error, in_order, nearest, shown
from workflowops.core.shape import faults, fits
from workflowops.core.yaml_document import YamlNode, read_yaml
from workflowops.errors import ConfigurationError
from workflowops.schemas import SchemaName, schema

__all__ = [
    "Approval",
    "Configuration",
    "Connection",
    "ContentPolicy",
    "CredentialsMissing",
    "DriftPolicy",
    "Environment",
    "Gates",
    "IgnoreRule",
    "IncidentSeverity",
    "OnDelete",
    "Pipeline",
    "Problem",
    "Publish",
    "SecretsPolicy",
    "Severity",
    "Stage",
    "Telling",
    "connection",
    "connections",
    "read_configuration",
    "select",
    "title_of",
]

VERSION = 1
_MOST_PROBLEMS = 200
_MOST_FAULTS = 1000


class IncidentSeverity(StrEnum):
    """How bad drift is in an environment."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Telling(StrEnum):
    """Whether something that is never drift is told."""

    IGNORE = "ignore"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """A field that may differ. `path` is what the dotted path of a field begins with; None matches every node."""

    path: str
    node_type: str | None = None
    node_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftPolicy:
    """What counts as drift in an environment, and what else is told."""

    ignore: tuple[IgnoreRule, ...] = ()
    bindings: Telling = Telling.IGNORE
    activation: bool = True
    tags: bool = True
    draft: Telling = Telling.REPORT


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One n8n instance and its folder. `title`, `url` and `api_key` may hold `${NAME}`; see `connections`."""

    name: str
    title: str
    url: str
    api_key: str
    folder: str
    severity: IncidentSeverity = IncidentSeverity.MEDIUM
    drift: DriftPolicy = field(default_factory=DriftPolicy)
    incidents: IncidentPolicy = field(default_factory=IncidentPolicy)
    timeout_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The whole file. Environments and pipelines stand in the file's order.

    `incidents` is what the top of the file says about incidents, defaults filled in: what is left to go by for those of
    an environment that is not in the file any more.
    """

    version: int
    environments: Mapping[str, Environment]
    pipelines: Mapping[str, Pipeline] = field(default_factory=dict)
    incidents: IncidentPolicy = field(default_factory=IncidentPolicy)


def read_configuration(source: bytes, *, path: str) -> tuple[Configuration | None, tuple[Problem, ...]]:
    """Read workflowops.yml and say everything that is wrong with it, each with its line and column.

    None when there is an error; warnings alone leave it readable. A literal API key is refused and never repeated.
    """
    document, problems = read_yaml(source, path=path)
    if document is None:
        return None, problems
    found = [*problems, *(_located(fault, document, path) for fault in _faults(document.value))]
    if has_error(found):
        return None, _shortened(in_order(found), path)
    return _configuration(document.value), _shortened(in_order(found), path)


def select(configuration: Configuration, names: Sequence[str]) -> tuple[Environment, ...]:
    """Answer the environments of these names, in the file's order; all of them when no name is given.

    Raises ConfigurationError that lists the names that do not exist and those that do.
    """
    known = configuration.environments
    unknown = [name for name in dict.fromkeys(names) if name not in known]
    if unknown:
        meant = [nearest(name, list(known)) for name in unknown]
        guesses = [shown(guess) for guess in dict.fromkeys(meant) if guess is not None]
        raise ConfigurationError(
            f"No environment is called {', '.join(map(shown, unknown))}.",
            fix=(f"Did you mean {' and '.join(guesses)}? " if guesses else "") + f"Known: {', '.join(known)}.",
        )
    return tuple(environment for name, environment in known.items() if not names or name in names)


def _faults(value: Any) -> list[Fault]:
    asked = schema(SchemaName.CONFIGURATION)
    shape = (
        [] if fits(value, asked) else [_reworded(each, value) for each in islice(faults(value, asked), _MOST_FAULTS)]
    )
    return [*shape, *rule_faults(value)]


def _reworded(fault: Fault, value: Any) -> Fault:
    """Give the two faults that matter most words of their own."""
    if fault.path == ("version",) and fault.rule == "unknown-value" and isinstance(value["version"], int):
        message = f"This program reads version {VERSION} of the file, not version {value['version']:.0f}."
        return Fault(fault.path, "unknown-version", message, f"Write version: {VERSION}, or use a newer WorkflowOps.")
    if len(fault.path) == 3 and fault.path[0] == "environments" and fault.path[2] == "api_key":
        return _literal_key_fault(fault.path, str(fault.path[1]))
    return reworded(fault, value)


def _literal_key_fault(path: PathInDocument, environment: str) -> Fault:
    name = re.sub(r"[^A-Z0-9]", "_", environment.upper())[:60]
    return Fault(
        path,
        "literal-api-key",
        f"The api_key of {shown(environment)} is not one whole ${{NAME}}. The key itself must not stand here.",
        f"Write `api_key: ${{N8N_{name}_API_KEY}}` and put the key into a secret of that name. If a real key was ever "
        "committed, delete it in n8n and make a new one.",
    )


def _located(fault: Fault, document: YamlNode, path: str) -> Problem:
    return fault.located(path, document.place_of(fault.path, is_key=fault.is_key))


def _shortened(problems: tuple[Problem, ...], path: str) -> tuple[Problem, ...]:
    if len(problems) <= _MOST_PROBLEMS:
        return problems
    more = f"{len(problems) - _MOST_PROBLEMS:,} more problems are not shown."
    fix = "Put those right that are shown first."
    return (*problems[:_MOST_PROBLEMS], Problem.error(path, rule="more-problems", message=more, fix=fix))


def _configuration(value: Any) -> Configuration:
    return Configuration(
        version=int(value["version"]),
        environments={
            name: _environment(name, raw, incidents=value.get("incidents", {}))
            for name, raw in value["environments"].items()
        },
        pipelines={name: pipeline(name, raw) for name, raw in value.get("pipelines", {}).items()},
        incidents=incident_policy(value.get("incidents", {}), {}, severity=IncidentSeverity.MEDIUM),
    )


def _environment(name: str, raw: dict[str, Any], *, incidents: dict[str, Any]) -> Environment:
    severity = IncidentSeverity(raw.get("severity", IncidentSeverity.MEDIUM))
    return Environment(
        name=name,
        title=raw.get("title", name),
        url=raw["url"],
        api_key=raw["api_key"],
        folder=raw.get("folder", name),
        severity=severity,
        drift=_drift_policy(raw.get("drift", {})),
        incidents=incident_policy(incidents, raw.get("incidents", {}), severity=severity),
        timeout_seconds=float(raw.get("timeout_seconds", 30)),
    )


def _drift_policy(raw: dict[str, Any]) -> DriftPolicy:
    return DriftPolicy(
        ignore=tuple(IgnoreRule(**rule) for rule in raw.get("ignore", ())),
        bindings=Telling(raw.get("bindings", Telling.IGNORE)),
        activation=raw.get("activation", True),
        tags=raw.get("tags", True),
        draft=Telling(raw.get("draft", Telling.REPORT)),
    )
