"""The requirement files pin everything that the package asks for, by hash, and name nobody's machine."""

import re
import tomllib
from collections.abc import Mapping

import pytest
from packaging.requirements import Requirement
from tests.actions.contract import ROOT

USERS, NOTIFY = "action/requirements.txt", "action/requirements-notify.txt"
DEVELOPMENT, UV = ".ci/requirements-dev.txt", "action/uv-requirements.txt"
FILES = [USERS, NOTIFY, DEVELOPMENT, UV]
MACHINES = [
    pytest.param(
        {"sys_platform": system, "platform_machine": machine, "python_full_version": f"{python}.0"},
        id=f"Python {python} on {system} {machine}",
    )
    for python in ("3.11", "3.14")
    for system, machine in [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "x86_64"), ("darwin", "arm64")]
]


def pins(file: str, machine: Mapping[str, str]) -> dict[str, str]:
    """The version of every package that a machine gets from a requirement file; each comes once."""
    lines = re.findall(r"^[\w.-]+==[^\\\n]+", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    asked = [Requirement(line) for line in lines]
    wanted = [
        each
        for each in asked
        if each.marker is None
        or each.marker.evaluate(
            {**machine, "implementation_name": "cpython", "platform_python_implementation": "CPython"}
        )
    ]
    found = {each.name: str(each.specifier).removeprefix("==") for each in wanted}
    assert len(found) == len(wanted)
    return found


def asked_for(*groups: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    known = {**project["project"]["optional-dependencies"], **project["dependency-groups"]}
    lines = project["project"]["dependencies"] + [line for group in groups for line in known[group]]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("file", "groups"),
    [(USERS, []), (NOTIFY, ["notify"]), (DEVELOPMENT, ["notify", "dev"])],
    ids=["users", "who notifies", "development"],
)
def test_every_requirement_of_the_project_is_pinned_to_a_version_that_satisfies_it(file, groups, machine) -> None:
    pinned = pins(file, machine)
    for requirement in asked_for(*groups):
        if requirement.marker is None or requirement.marker.evaluate(machine):
            assert requirement.specifier.contains(pinned[requirement.name.lower()]), requirement


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("file", [NOTIFY, DEVELOPMENT])
def test_all_files_have_the_versions_that_users_get(file, machine) -> None:
    pinned, users = pins(file, machine), pins(USERS, machine)
    assert {name: pinned[name] for name in users} == users


def test_only_who_notifies_gets_what_notifies() -> None:
    machine = {"sys_platform": "linux"}
    assert {"apprise"} <= set(pins(NOTIFY, machine)) - set(pins(USERS, machine))


@pytest.mark.parametrize("file", FILES)
def test_every_package_is_pinned_by_hash(file) -> None:
    logical = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    packages = [line for line in logical if line and not line.lstrip().startswith("#")]
    assert packages
    for line in packages:
        assert re.fullmatch(r"[\w.-]+==[^ ]+( ; .+?)?( +--hash=sha256:[0-9a-f]{64})+ *", line), line


@pytest.mark.parametrize("file", FILES)
def test_no_index_no_address_and_no_path_is_named(file) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--extra|--find-links|--trusted|file:|/home|/root|/work|/tmp", text)
