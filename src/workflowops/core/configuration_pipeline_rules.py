"""What pipelines must not say although their shape is right."""

from collections.abc import Iterator, Mapping
from typing import Any

from workflowops.core.configuration_parts import is_text, stages
from workflowops.core.problems import Fault, PathInDocument, Severity, nearest, shown
from workflowops.core.schedule import parse_freeze, time_zone

_ABOUT_TARGETS = ("enabled", "gates", "policies", "publish", "on_delete", "credentials", "credentials_missing")


def stages_name_environments(document: Mapping[str, Any]) -> Iterator[Fault]:
    """A stage is an environment of this file, and comes once in a pipeline."""
    environments = document.get("environments")
    known = list(environments) if isinstance(environments, dict) else []
    for path, listed in stages(document):
        seen: set[str] = set()
        for number, stage in enumerate(listed):
            name = str(stage.get("environment"))
            if not is_text(stage.get("environment")):
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
    """Nothing is promoted into the first stage: what it asks for is asked where `/revert` takes something back.

    Where another pipeline leads to the environment, that one is asked then, and what is said here never counts.
    """
    owners = _owners(document)
    for path, listed in stages(document):
        for key in _ABOUT_TARGETS:
            if not listed or key not in listed[0]:
                continue
            name = str(listed[0].get("environment"))
            owner = owners.get(name)
            if owner in (None, str(path[1])):
                message = f"Nothing is promoted into the first stage: its {key} counts for `/revert` alone."
                fix = "Move it to the stage that it is about, or leave it here for `/revert`."
                yield Fault((*path, 0, key), "first-stage", message, fix, Severity.WARNING, is_key=True)
            else:
                leads = f"{shown(name)} is a target of the pipeline {shown(owner or '')}, which counts"
                message = f"{leads}: its {key} here has no effect."
                fix = "Write it there, or take it out."
                yield Fault((*path, 0, key), "no-effect", message, fix, Severity.WARNING, is_key=True)


def targets_have_one_pipeline(document: Mapping[str, Any]) -> Iterator[Fault]:
    """What asks for approval in one pipeline must not be left to another one that does not.

    The first pipeline that leads to an environment counts, for promotions into it and for `/revert`, wherever one that
    begins there stands in the file.
    """
    owners = _owners(document)
    for path, listed in stages(document):
        for number, stage in enumerate(listed[1:], start=1):
            name, pipeline = str(stage.get("environment")), str(path[1])
            owner = owners.get(name, pipeline)
            if owner != pipeline:
                message = f"{shown(name)} is a target of the pipeline {shown(owner)} already, whose gates count."
                fix = "Have one pipeline lead to each environment."
                place = (*path, number, "environment")
                yield Fault(place, "target-twice", message, fix, Severity.WARNING)


def _owners(document: Mapping[str, Any]) -> dict[str, str]:
    """Answer the first pipeline that leads to each environment."""
    owners: dict[str, str] = {}
    for path, listed in stages(document):
        for stage in listed[1:]:
            if is_text(stage.get("environment")):
                owners.setdefault(str(stage["environment"]), str(path[1]))
    return owners


def gates_can_be_passed(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Freeze windows can be read; who asks for people or for time asks somebody who can answer."""
    for path, listed in stages(document):
        for number, stage in enumerate(listed):
            gates = stage.get("gates")
            if isinstance(gates, dict):
                place = (*path, number, "gates")
                yield from _freeze_faults(place, gates)
                yield from _approval_faults(place, gates)
                if number == 1 and gates.get("soak_hours") is not None:
                    yield _soak_fault(place)


def _freeze_faults(path: PathInDocument, gates: Mapping[str, Any]) -> Iterator[Fault]:
    windows = gates.get("freeze")
    for number, window in enumerate(windows if isinstance(windows, list) else ()):
        if is_text(window):
            place = (*path, "freeze", number)
            try:
                zone = parse_freeze(window).time_zone
            except ValueError as error:
                message = f"The freeze {shown(window)} cannot be read. {error}"
                fix = "Write it like `Fri 16:00-Mon 08:00 Europe/Berlin`."
                yield Fault(place, "bad-freeze", message, fix)
            else:
                yield from _zone_faults(place, zone)


def _zone_faults(place: PathInDocument, zone: str) -> Iterator[Fault]:
    try:
        time_zone(zone)
    except ValueError:
        message = f"This machine does not know the time zone {shown(zone)}. Where that is so, nothing is promoted."
        fix = "Take a name such as `Europe/Berlin` of the IANA list; a machine without time zone data needs `tzdata`."
        yield Fault(place, "unknown-time-zone", message, fix, Severity.WARNING)


def _approval_faults(path: PathInDocument, gates: Mapping[str, Any]) -> Iterator[Fault]:
    if gates.get("approval", "none") != "none":
        return
    fix = "Add `approval: environment` or `approval: comments`."
    if "min_approvals" in gates:
        message = "min_approvals has no effect: nobody is asked to approve."
        yield Fault((*path, "min_approvals"), "no-effect", message, fix, Severity.WARNING, is_key=True)
    if gates.get("four_eyes") is True:
        message = "four_eyes can never be passed: nobody is asked to approve."
        yield Fault((*path, "four_eyes"), "never-passed", message, fix, is_key=True)


def _soak_fault(path: PathInDocument) -> Fault:
    return Fault(
        (*path, "soak_hours"),
        "never-passed",
        "soak_hours can never be passed here: nothing is promoted into the first stage, so nobody knows since when it "
        "runs a version.",
        "Put a stage between the two, or take it out.",
        is_key=True,
    )


def credentials_are_mapped_once(document: Mapping[str, Any]) -> Iterator[Fault]:
    """A mapped name means itself: were it mapped further, no file could say which of the two it means."""
    for path, listed in stages(document):
        for number, stage in enumerate(listed):
            credentials = stage.get("credentials")
            names = credentials if isinstance(credentials, dict) else {}
            for name, here in names.items():
                if is_text(here) and names.get(here, here) != here:
                    message = f"The credential {shown(str(name))} is called {shown(here)} here, which is mapped itself."
                    fix = "Give a credential of this stage a name that the stage before does not have."
                    yield Fault((*path, number, "credentials", name), "mapped-twice", message, fix)


PIPELINE_RULES = (
    stages_name_environments,
    first_stages_are_sources,
    targets_have_one_pipeline,
    gates_can_be_passed,
    credentials_are_mapped_once,
)
