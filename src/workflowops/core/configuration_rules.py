"""What a configuration must not say although its shape is right: every rule, on whatever part of it can be read."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workflowops.core.access import has_broken_variable, is_in_clear, url_fault
from workflowops.core.configuration_incidents import storm_limits_have_effect
from workflowops.core.configuration_parts import is_text, mappings
from workflowops.core.configuration_pipeline_rules import PIPELINE_RULES
from workflowops.core.naming import folded_path, path_fault
from workflowops.core.problems import Fault, PathInDocument, Severity, shown

Rule = Callable[[Mapping[str, Any]], Iterator[Fault]]


def rule_faults(document: Any) -> Iterator[Fault]:
    """Ask every rule. What has the wrong shape is left to the schema and passed over here."""
    if isinstance(document, dict):
        for rule in RULES:
            yield from rule(document)


def _texts(document: Mapping[str, Any], key: str) -> Iterator[tuple[PathInDocument, str]]:
    for path, environment in mappings(document, "environments"):
        if is_text(environment.get(key)):
            yield (*path, key), environment[key]


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
    for path, environment in mappings(document, "environments"):
        folder = environment.get("folder", path[1])
        if is_text(folder):
            yield (*path, "folder"), folder


def ignore_rules_are_narrow(document: Mapping[str, Any]) -> Iterator[Fault]:
    """A rule that hides every parameter of every node hides everything."""
    for path, environment in mappings(document, "environments"):
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


RULES: tuple[Rule, ...] = (
    variables_are_whole,
    addresses_are_usable,
    addresses_are_told_apart,
    folders_lie_inside,
    folders_are_apart,
    ignore_rules_are_narrow,
    *PIPELINE_RULES,
    storm_limits_have_effect,
)
