"""The requirement files pin everything that the package asks for, by hash, and name nobody's machine."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from tests.actions.contract import ROOT

USERS, DEVELOPMENT, UV = "action/requirements.txt", ".ci/requirements-dev.txt", "action/uv-requirements.txt"
FILES = [USERS, DEVELOPMENT, UV]


def pins(file: str) -> dict[str, str]:
    """The version of every package in a requirement file."""
    found = re.findall(r"^([\w.-]+)==([^ ;\\]+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    return {name: version.strip() for name, version in found}


def asked_for(*, development: bool) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = project["project"]["dependencies"] + (project["dependency-groups"]["dev"] if development else [])
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(("file", "development"), [(USERS, False), (DEVELOPMENT, True)], ids=["users", "development"])
def test_every_requirement_of_the_project_is_pinned_to_a_version_that_satisfies_it(file, development) -> None:
    pinned = pins(file)
    for requirement in asked_for(development=development):
        assert requirement.specifier.contains(pinned[requirement.name.lower()]), requirement


def test_development_has_the_versions_that_users_get() -> None:
    development = pins(DEVELOPMENT)
    assert {name: development[name] for name in pins(USERS)} == pins(USERS)


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
