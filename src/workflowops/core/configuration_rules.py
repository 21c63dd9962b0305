"""What a configuration must not say although its shape is right: every rule, on whatever part of it can be read."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workflowops.core.access import has_broken_variable, is_in_clear, url_fault
from workflowops.core.configuration_incidents import storm_limits_have_effect
from workflowops.core.naming import folded_path, path_fault
from workflowops.core.problems import Fault, PathInDocument, Severity, nearest, shown
from workflowops.core.schedule import parse_freeze

_LONGEST_TEXT = 2000
"""Longer texts break the schema's bounds, and no rule looks at them."""

Rule = Callable[[Mapping[str, Any]], Iterator[Fault]]


def rule_faults(document: Any) -> Iterator[Fault]:
    """Ask every rule. What has the wrong shape is left to the schema and passed over here."""
    if isinstance(document, dict):
        for rule in RULES:
            yield from rule(document)


def _mappings(document: Mapping[str, Any], key: str) -> Iterator[tuple[PathInDocument, dict[str, Any]]]:
    members = document.get(key)
    if isinstance(members, dict):
        for name, member in members.items():
            if isinstance(member, dict):
                yield (key, name), member


def _texts(document: Mapping[str, Any], key: str) -> Iterator[tuple[PathInDocument, str]]:
    for path, environment in _mappings(document, "environments"):
        if _is_text(environment.get(key)):
            yield (*path, key), environment[key]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT


def _stages(document: Mapping[str, Any]) -> Iterator[tuple[PathInDocument, list[dict[str, Any]]]]:
    for path, pipeline in _mappings(document, "pipelines"):
        stages = pipeline.get("stages")
        if isinstance(stages, list):
            yield (*path, "stages"), [stage if isinstance(stage, dict) else {} for stage in stages]


def variables_are_whole(document: Mapping[str, Any]) -> Iterator[Fault]:
    """`${` begins a variable; what follows must be a name and `}`."""
    for key in ("title", "url"):
        for path, text in _texts(document, key):
            if has_broken_variable(text):
                message = f"The {key} of {shown(str(path[1]))} holds `${{` without a whole `${{NAME}}`."
                yield Fault(path, "bad-variable", message, "Write ${NAME} with letters, digits and `_`.")


def addresses_are_usable(document: Mapping[str, Any]) -> Iterator[Fault]:
    """An address is a scheme, a host and perhaps a path, without anything secret in it."""
    for path, url in _texts(document, "url"):
        if has_broken_variable(url):
            continue
        fault = url_fault(url)
        if fault is not None:
            yield Fault(path, "bad-url", f"The url of {shown(str(path[1]))} {fault[0]}.", fault[1])
        elif is_in_clear(url):
            message = f"The url of {shown(str(path[1]))} begins with http:// - the API key travels without encryption."
            fix = "Use https://, unless the network between is yours alone."
            yield Fault(path, "url-in-clear", message, fix, Severity.WARNING)


def addresses_are_told_apart(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Two environments at one address are usually a slip made while copying."""
    first: dict[str, PathInDocument] = {}
    for path, url in _texts(document, "url"):
        seen = first.setdefault(url.strip().rstrip("/"), path)
        if seen is not path:
            message = f"{shown(str(path[1]))} has the same url as {shown(str(seen[1]))}."
            fix = "Give each environment an instance of its own."
            yield Fault(path, "same-url", message, fix, Severity.WARNING)


def folders_lie_inside(document: Mapping[str, Any]) -> Iterator[Fault]:
    """A folder is a plain path from the root of the repository that every file system can hold."""
    for path, folder in _folders(document):
        fault = path_fault(folder)
        if fault is not None:
            message = f"The folder {shown(folder)} of {shown(str(path[1]))} {fault}."
            yield Fault(path, "bad-folder", message, "Write a path such as `prod` or `workflows/prod`.")


def folders_are_apart(document: Mapping[str, Any]) -> Iterator[Fault]:
    """No folder is another one, or lies in it, upper and lower case being the same."""
    owners: dict[str, str] = {}
    owners_below: dict[str, str] = {}
    for path, folder in _folders(document):
        folded, name = folded_path(folder), str(path[1])
        above = [folded[:end] for end, character in enumerate(folded) if character == "/"]
        holder = next((owners[parent] for parent in above if parent in owners), None)
        for owner, relation in (
            (owners.get(folded), "is also"),
            (holder, "lies in"),
            (owners_below.get(folded), "holds"),
        ):
            if owner is not None:
                message = f"The folder {shown(folder)} of {shown(name)} {relation} the folder of {shown(owner)}."
                yield Fault(path, "folders-overlap", message, "Give each environment a folder of its own.")
                break
        owners.setdefault(folded, name)
        owners_below.update(dict.fromkeys(above, name))


def _folders(document: Mapping[str, Any]) -> Iterator[tuple[PathInDocument, str]]:
    for path, environment in _mappings(document, "environments"):
        folder = environment.get("folder", path[1])
        if _is_text(folder):
            yield (*path, "folder"), folder


def ignore_rules_are_narrow(document: Mapping[str, Any]) -> Iterator[Fault]:
    """A rule that hides every parameter of every node hides everything."""
    for path, environment in _mappings(document, "environments"):
        drift = environment.get("drift")
        rules = drift.get("ignore") if isinstance(drift, dict) else None
        for number, rule in enumerate(rules if isinstance(rules, list) else ()):
            if (
                isinstance(rule, dict)
                and rule.get("path") == "parameters"
                and not {"node_type", "node_name"} & set(rule)
            ):
                message = f"This rule hides every change of a parameter in {shown(str(path[1]))}."
                fix = "Name a field (`parameters.debug`), a node_type or a node_name."
                yield Fault((*path, "drift", "ignore", number), "ignores-everything", message, fix, Severity.WARNING)


def stages_name_environments(document: Mapping[str, Any]) -> Iterator[Fault]:
    """A stage is an environment of this file, and comes once in a pipeline."""
    environments = document.get("environments")
    known = list(environments) if isinstance(environments, dict) else []
    for path, stages in _stages(document):
        seen: set[str] = set()
        for number, stage in enumerate(stages):
            name = str(stage.get("environment"))
            if not _is_text(stage.get("environment")):
                continue
            place = (*path, number, "environment")
            if name not in known:
                meant = nearest(name, known)
                fix = f"Did you mean {shown(meant)}?" if meant else f"Known: {', '.join(known[:20]) or 'none'}."
                yield Fault(place, "unknown-environment", f"No environment is called {shown(name)}.", fix)
            elif name in seen:
                message = f"{shown(name)} is a stage of this pipeline already."
                yield Fault(place, "stage-twice", message, "Take one of the two out.")
            seen.add(name)


def first_stages_are_sources(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Nothing is promoted into the first stage, so what it asks for is never asked."""
    for path, stages in _stages(document):
        for key in ("gates", "publish", "on_delete", "credentials"):
            if stages and key in stages[0]:
                message = f"Nothing is promoted into the first stage: its {key} has no effect."
                fix = "Move it to the stage that it is about, or take it out."
                yield Fault((*path, 0, key), "no-effect", message, fix, Severity.WARNING, is_key=True)


def gates_can_be_passed(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Freeze windows can be read; a number of approvals goes with somebody who approves."""
    for path, stages in _stages(document):
        for number, stage in enumerate(stages):
            gates = stage.get("gates")
            if isinstance(gates, dict):
                yield from _gate_faults((*path, number, "gates"), gates)


def _gate_faults(path: PathInDocument, gates: Mapping[str, Any]) -> Iterator[Fault]:
    windows = gates.get("freeze")
    for number, window in enumerate(windows if isinstance(windows, list) else ()):
        if _is_text(window):
            try:
                parse_freeze(window)
            except ValueError as error:
                message = f"The freeze {shown(window)} cannot be read. {error}"
                fix = "Write it like `Fri 16:00-Mon 08:00 Europe/Berlin`."
                yield Fault((*path, "freeze", number), "bad-freeze", message, fix)
    if "min_approvals" in gates and gates.get("approval", "none") == "none":
        message = "min_approvals has no effect: nobody is asked to approve."
        fix = "Add `approval: environment` or `approval: comments`."
        yield Fault((*path, "min_approvals"), "no-effect", message, fix, Severity.WARNING, is_key=True)


RULES: tuple[Rule, ...] = (
    variables_are_whole,
    addresses_are_usable,
    addresses_are_told_apart,
    folders_lie_inside,
    folders_are_apart,
    ignore_rules_are_narrow,
    stages_name_environments,
    first_stages_are_sources,
    gates_can_be_passed,
    storm_limits_have_effect,
)
