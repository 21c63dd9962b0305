"""The rules of a configuration that a schema cannot hold, each by what it lets through and what it refuses."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.configuration_rules import RULES, rule_faults
from workflowops.core.naming import folded_path
from workflowops.core.problems import Fault, Severity, where


def addresses(*urls: str) -> dict[str, Any]:
    return {"environments": {name: {"url": url} for name, url in zip("abc", urls, strict=False)}}


def environments(**folders: str) -> dict[str, Any]:
    return {"environments": {name: {"folder": folder} for name, folder in folders.items()}}


def pipeline(*stages: Any, known: tuple[str, ...] = ("dev", "prod")) -> dict[str, Any]:
    return {"environments": {name: {} for name in known}, "pipelines": {"p": {"stages": list(stages)}}}


def faults_of(document: Any) -> list[Fault]:
    return list(rule_faults(document))


@pytest.mark.parametrize(
    ("document", "rule", "place", "said"),
    [
        pytest.param(
            addresses("https://${X"), "bad-variable", "environments.a.url", "${", id="half a variable in an address"
        ),
        pytest.param(
            {"environments": {"a": {"title": "${a b}"}}},
            "bad-variable",
            "environments.a.title",
            "${",
            id="half a variable in a title",
        ),
        pytest.param(
            addresses("n8n.example.com"), "bad-url", "environments.a.url", "https://", id="an address without a scheme"
        ),
        pytest.param(
            addresses("https://u:p@h"), "bad-url", "environments.a.url", "password", id="an address with a password"
        ),
        pytest.param(
            addresses("https://h?k=1"), "bad-url", "environments.a.url", "query", id="an address with a query"
        ),
        pytest.param(
            addresses("http://n8n.example.com"),
            "url-in-clear",
            "environments.a.url",
            "encryption",
            id="an address in clear",
        ),
        pytest.param(
            addresses("https://h", "https://h/"), "same-url", "environments.b.url", "`a`", id="one address twice"
        ),
        pytest.param(environments(a="../x"), "bad-folder", "environments.a.folder", "`..`", id="a folder outside"),
        pytest.param(environments(a="/x"), "bad-folder", "environments.a.folder", "absolute", id="an absolute folder"),
        pytest.param(
            environments(a="x\\y"), "bad-folder", "environments.a.folder", "backslash", id="a folder with a backslash"
        ),
        pytest.param(environments(a="~/x"), "bad-folder", "environments.a.folder", "`~`", id="a folder at home"),
        pytest.param(
            environments(a="."), "bad-folder", "environments.a.folder", "`.`", id="the repository as a folder"
        ),
        pytest.param(environments(a=".git"), "bad-folder", "environments.a.folder", "hidden", id="git's folder"),
        pytest.param(environments(a=".github"), "bad-folder", "environments.a.folder", "hidden", id="GitHub's folder"),
        pytest.param(
            environments(a="x/../y"), "bad-folder", "environments.a.folder", "`..`", id="a folder by way of another"
        ),
        pytest.param(
            {"environments": {"con": {}}},
            "bad-folder",
            "environments.con.folder",
            "Windows",
            id="a name that is no folder",
        ),
        pytest.param(
            environments(a="x", b="X"),
            "folders-overlap",
            "environments.b.folder",
            "is also the folder of `a`",
            id="one folder in two cases",
        ),
        pytest.param(
            environments(a="x", b="x/y"),
            "folders-overlap",
            "environments.b.folder",
            "lies in the folder of `a`",
            id="a folder in another",
        ),
        pytest.param(
            environments(a="x/y/z", b="x"),
            "folders-overlap",
            "environments.b.folder",
            "holds the folder of `a`",
            id="a folder around another",
        ),
        pytest.param(
            {"environments": {"a": {}, "b": {"folder": "a"}}},
            "folders-overlap",
            "environments.b.folder",
            "is also",
            id="the folder that another has by its name",
        ),
        pytest.param(
            {"environments": {"a": {"drift": {"ignore": [{"path": "x"}, {"path": "parameters"}]}}}},
            "ignores-everything",
            "environments.a.drift.ignore[1]",
            "every change",
            id="a rule that hides everything",
        ),
        pytest.param(
            pipeline({"environment": "dev"}, {"environment": "prd"}),
            "unknown-environment",
            "pipelines.p.stages[1].environment",
            "`prd`",
            id="a stage that is no environment",
        ),
        pytest.param(
            pipeline({"environment": "dev"}, {"environment": "dev"}),
            "stage-twice",
            "pipelines.p.stages[1].environment",
            "already",
            id="a stage twice",
        ),
        pytest.param(
            pipeline({"environment": "dev", "publish": "never"}),
            "first-stage",
            "pipelines.p.stages[0].publish",
            "the first stage: its",
            id="publishing in the first stage",
        ),
        pytest.param(
            pipeline({"enabled": False}),
            "first-stage",
            "pipelines.p.stages[0].enabled",
            "the first stage: its",
            id="enabled in the first stage",
        ),
        pytest.param(
            pipeline({"policies": {}}),
            "first-stage",
            "pipelines.p.stages[0].policies",
            "the first stage: its",
            id="policies in the first stage",
        ),
        pytest.param(
            pipeline({"credentials_missing": "block"}),
            "first-stage",
            "pipelines.p.stages[0].credentials_missing",
            "the first stage: its",
            id="credentials_missing in the first stage",
        ),
        pytest.param(
            pipeline({"gates": {"approval": "comments"}}),
            "first-stage",
            "pipelines.p.stages[0].gates",
            "its gates counts for `/revert` alone",
            id="gates in the first stage",
        ),
        pytest.param(
            {
                "environments": {"dev": {}, "prod": {}},
                "pipelines": {
                    "back": {"stages": [{"environment": "prod", "gates": {}}, {"environment": "dev"}]},
                    "default": {"stages": [{"environment": "dev"}, {"environment": "prod"}]},
                },
            },
            "no-effect",
            "pipelines.back.stages[0].gates",
            "a target of the pipeline `default`",
            id="gates where another pipeline leads to the environment",
        ),
        pytest.param(
            pipeline({}, {"gates": {"freeze": ["x"]}}),
            "bad-freeze",
            "pipelines.p.stages[1].gates.freeze[0]",
            "`x`",
            id="a freeze that cannot be read",
        ),
        pytest.param(
            pipeline({}, {"gates": {"min_approvals": 2}}),
            "no-effect",
            "pipelines.p.stages[1].gates.min_approvals",
            "nobody",
            id="approvals of nobody",
        ),
        pytest.param(
            pipeline({}, {"gates": {"four_eyes": True}}),
            "never-passed",
            "pipelines.p.stages[1].gates.four_eyes",
            "nobody is asked",
            id="four eyes of nobody",
        ),
        pytest.param(
            pipeline({}, {"gates": {"soak_hours": 2}}),
            "never-passed",
            "pipelines.p.stages[1].gates.soak_hours",
            "first stage",
            id="a soak after the first stage",
        ),
        pytest.param(
            pipeline({}, {"gates": {"freeze": ["Mon 10:00-Mon 11:00 Europe/Berln"]}}),
            "unknown-time-zone",
            "pipelines.p.stages[1].gates.freeze[0]",
            "Europe/Berln",
            id="a time zone that does not exist",
        ),
        pytest.param(
            pipeline({}, {"credentials": {"A": "B", "B": "C"}}),
            "mapped-twice",
            "pipelines.p.stages[1].credentials.A",
            "`B`",
            id="a credential mapped further",
        ),
        pytest.param(
            pipeline({}, {"credentials": {"A": "A (prod)", "C": "D", "D": "E"}}),
            "mapped-twice",
            "pipelines.p.stages[1].credentials.C",
            "`D`",
            id="one of several mapped further",
        ),
        pytest.param(
            {
                "environments": {"dev": {}, "prod": {}},
                "pipelines": {
                    "one": {"stages": [{"environment": "dev"}, {"environment": "prod"}]},
                    "two": {"stages": [{"environment": "dev"}, {"environment": "prod"}]},
                },
            },
            "target-twice",
            "pipelines.two.stages[1].environment",
            "the pipeline `one` already",
            id="a target of two pipelines",
        ),
    ],
)
def test_a_rule_is_broken(document, rule, place, said) -> None:
    (fault,) = faults_of(document)
    assert (fault.rule, where(fault.path)) == (rule, f"`{place}`")
    assert said in fault.message
    assert fault.fix


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(environments(a="workflows/a", b="workflows/b", c="workflows-c"), id="folders side by side"),
        pytest.param(environments(a="x", b="xy"), id="folders that begin alike"),
        pytest.param(addresses("http://localhost:5678"), id="this machine in clear"),
        pytest.param(addresses("https://h/a", "https://h/b"), id="two paths of a host"),
        pytest.param(
            {"environments": {"a": {"drift": {"ignore": [{"path": "parameters", "node_name": "N"}]}}}},
            id="everything of one node",
        ),
        pytest.param(
            pipeline(
                {"environment": "dev"}, {"environment": "prod", "gates": {"approval": "comments", "min_approvals": 2}}
            ),
            id="a pipeline",
        ),
        pytest.param(
            pipeline({}, {}, {"gates": {"approval": "comments", "four_eyes": True, "soak_hours": 2}}), id="more gates"
        ),
        pytest.param(pipeline({}, {"gates": {"four_eyes": False}}), id="four eyes switched off"),
        pytest.param(pipeline({}, {"credentials": {"A": "A", "B": "A", "C": "E", "D": "E"}}), id="names that mean one"),
        pytest.param(
            {
                "environments": {"dev": {}, "qa": {}, "prod": {}},
                "pipelines": {
                    "one": {"stages": [{"environment": "dev"}, {"environment": "prod"}]},
                    "two": {"stages": [{"environment": "prod"}, {"environment": "qa"}]},
                },
            },
            id="a target that another pipeline begins with",
        ),
    ],
)
def test_no_rule_is_broken(document) -> None:
    assert faults_of(document) == []


def test_warnings_are_about_what_works_and_is_probably_not_meant() -> None:
    documents = [
        addresses("http://h", "http://h"),
        pipeline({"environment": "dev", "gates": {}}),
        {"environments": {"a": {"drift": {"ignore": [{"path": "parameters"}]}}}},
    ]
    assert {fault.severity for document in documents for fault in faults_of(document)} == {Severity.WARNING}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "environments",
                    "pipelines",
                    "stages",
                    "gates",
                    "freeze",
                    "drift",
                    "ignore",
                    "url",
                    "folder",
                    "title",
                    "a",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(ANYTHING)
def test_rules_pass_over_what_has_the_wrong_shape(document) -> None:
    assert all(fault.fix for fault in faults_of(document))


SEGMENTS = st.lists(st.sampled_from(["a", "A", "b", "c"]), min_size=1, max_size=3).map("/".join)


@settings(deadline=None)
@given(st.lists(SEGMENTS, min_size=1, max_size=5))
def test_folders_overlap_exactly_when_one_is_at_or_in_another(folders) -> None:
    named = {f"e{number}": folder for number, folder in enumerate(folders)}
    folded = [f"{folded_path(folder)}/" for folder in folders]
    overlap = any(one.startswith(other) for i, one in enumerate(folded) for j, other in enumerate(folded) if i != j)
    assert any(fault.rule == "folders-overlap" for fault in faults_of(environments(**named))) is overlap


def test_every_rule_says_what_it_is_about() -> None:
    assert all((rule.__doc__ or "").strip() for rule in RULES)
