"""Slugs and paths: valid everywhere, whatever a workflow is called."""

import posixpath
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.naming import (
    LONGEST_SLUG,
    check_slug,
    folded_path,
    free_slug,
    free_slugs,
    is_sidecar_path,
    is_workflow_path,
    path_fault,
    slug_of,
    target_path,
)
from workflowops.errors import ConfigurationError

NAMES = st.text(st.characters(), max_size=120) | st.text("aA bB_-./\\0\U0001f600\u00e9\u0130", max_size=120)
SEGMENTS = st.sampled_from(
    [
        "dev",
        "a.json",
        "..",
        ".",
        "",
        ".git",
        "a.wfo.json",
        "~",
        "CON.json",
        "con",
        "a\\b.json",
        "a ",
        "a.",
        "C:",
        "\u00e9.json",
    ]
)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=5).map("/".join) | st.text(max_size=40)
RESERVED = ("con", "prn", "aux", "nul", "com1", "com9", "lpt1", "conin$")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Customer Survey Automation", "customer_survey_automation", id="the walkthrough's"),
        pytest.param("  Order -- Processing (v2)! ", "order_processing_v2", id="punctuation"),
        pytest.param("Größe & Übergröße", "grosse_ubergrosse", id="German"),
        pytest.param("Bjørn Łódź Þing œuvre", "bjorn_lodz_thing_oeuvre", id="letters that do not come apart"),
        pytest.param("\u0130stanbul \u0131\u015f\u0131k", "istanbul_isik", id="Turkish"),
        pytest.param("ﬁle ² ™ \uff21", "file_2_tm_a", id="compatibility characters"),
        pytest.param("a/b\\c:d*e", "a_b_c_d_e", id="slashes"),
        pytest.param("../../etc/passwd", "etc_passwd", id="a path"),
        pytest.param("CON", "con_workflow", id="a device"),
        pytest.param("lpt1", "lpt1_workflow", id="another device"),
        pytest.param("con.json", "con_json", id="not a device any more"),
        pytest.param("...", "workflow_ab5df625", id="dots"),
        pytest.param("\U0001f680\U0001f680", "workflow_6708b29c", id="emoji"),
        pytest.param("订单处理", "workflow_58a4118f", id="Chinese"),
        pytest.param("\ud800", "workflow_91a681b9", id="half a character"),
        pytest.param("", "workflow_e3b0c442", id="empty"),
        pytest.param("x" * 300, "x" * 80, id="300 characters"),
        pytest.param("a" * 79 + " b", "a" * 79, id="no underscore at the cut"),
    ],
)
def test_slug_of(name, expected) -> None:
    assert slug_of(name) == expected


@settings(deadline=None)
@given(NAMES)
def test_a_slug_is_valid_and_is_its_own_slug(name) -> None:
    slug = slug_of(name)
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", slug)
    assert len(slug) <= LONGEST_SLUG
    assert slug not in RESERVED
    assert slug_of(slug) == slug
    assert check_slug(slug) == slug
    assert path_fault(f"{slug}.json") is None


@settings(deadline=None)
@given(st.lists(NAMES, max_size=12), st.sets(NAMES, max_size=5))
def test_free_slugs_are_valid_and_unique_under_case_folding(names, taken) -> None:
    slugs = free_slugs(names, taken=taken)
    folded = [slug.casefold() for slug in slugs]
    assert len(set(folded)) == len(names)
    assert not set(folded) & {other.casefold() for other in taken}
    assert [check_slug(slug) for slug in slugs] == list(slugs)


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        pytest.param("Orders", set(), "orders", id="free"),
        pytest.param("Orders", {"orders"}, "orders_2", id="taken"),
        pytest.param("Orders", {"ORDERS", "orders_2"}, "orders_3", id="taken in upper case, and the next as well"),
        pytest.param("x" * 90, {"x" * 80}, "x" * 78 + "_2", id="the number fits in"),
    ],
)
def test_free_slug(name, taken, expected) -> None:
    assert free_slug(name, taken=taken) == expected


def test_many_workflows_of_one_name_get_slugs_of_their_own() -> None:
    slugs = free_slugs(["Orders"] * 3000, taken={"orders_7"})
    assert len(set(slugs)) == 3000
    assert slugs[:2] == ("orders", "orders_2")
    assert "orders_7" not in slugs


@pytest.mark.parametrize(
    "slug",
    ["", "Orders", "orders-2", "a__b", "_a", "a_", "a.b", "../a", "con", "x" * 81, "ordersé", "orders\n", " orders"],
)
def test_a_slug_of_another_form_is_refused_with_one_that_would_do(slug) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_slug(slug)
    assert slug_of(slug) in caught.value.fix


@pytest.mark.parametrize("path", ["prod", "workflows/prod", "dev/team a/x.json", "Ünïcode/文件", "a-b_c.d"])
def test_a_plain_path_has_no_fault(path) -> None:
    assert path_fault(path) is None


@pytest.mark.parametrize(
    ("path", "said"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param("/prod", "absolute", id="absolute"),
        pytest.param("C:/prod", "absolute", id="a drive"),
        pytest.param("C:prod", "absolute", id="a drive without a slash"),
        pytest.param("//server/share", "absolute", id="a share"),
        pytest.param("\\\\server\\share", "backslash", id="a share with backslashes"),
        pytest.param("a\\b", "backslash", id="a backslash"),
        pytest.param("..", "`..`", id="the parent"),
        pytest.param("a/../../b", "`..`", id="out and in"),
        pytest.param(".", "`.`", id="the repository itself"),
        pytest.param("./prod", "`.`", id="from here"),
        pytest.param("a//b", "empty part", id="two slashes"),
        pytest.param("prod/", "empty part", id="a slash at the end"),
        pytest.param(".git", "hidden", id="git"),
        pytest.param(".GIT", "hidden", id="git in upper case"),
        pytest.param(".github/workflows", "hidden", id="GitHub's own"),
        pytest.param("a/.git/b", "hidden", id="git inside"),
        pytest.param("~", "`~`", id="home"),
        pytest.param("~/prod", "`~`", id="in home"),
        pytest.param("git~1", "`~`", id="git's short name"),
        pytest.param("a\x00b", "control", id="NUL"),
        pytest.param("a\nb", "control", id="a line break"),
        pytest.param("ab:c", "character", id="a stream"),
        pytest.param("a?b", "character", id="a question mark"),
        pytest.param("prod.", "dot", id="a dot at the end"),
        pytest.param("prod ", "space", id="a space at the end"),
        pytest.param(" prod", "space", id="a space at the beginning"),
        pytest.param("CON", "Windows", id="a device"),
        pytest.param("a/nul.json", "Windows", id="a device with a suffix"),
        pytest.param("com1", "Windows", id="a port"),
        pytest.param("x" * 256, "255 bytes", id="256 characters"),
        pytest.param("ü" * 128, "255 bytes", id="256 bytes"),
        pytest.param("\ud800", "half a character", id="half a character"),
    ],
)  # fmt: skip
def test_a_path_that_cannot_be_everywhere_has_a_fault(path, said) -> None:
    fault = path_fault(path)
    assert fault is not None
    assert said in fault


@settings(deadline=None)
@given(PATHS)
def test_a_path_without_fault_stays_inside(path) -> None:
    if path_fault(path) is None:
        assert posixpath.normpath(path) == path
        assert not posixpath.isabs(path)
        assert not any(part.startswith((".", "~")) or part.lower() in RESERVED for part in path.split("/"))


@settings(deadline=None)
@given(st.sampled_from(["dev", "workflows/dev", "a"]), PATHS)
def test_a_target_never_leaves_its_folder(folder, file) -> None:
    try:
        path = target_path(folder, file)
    except ConfigurationError:
        return
    assert path == file
    assert posixpath.normpath(path).startswith(f"{folder}/")
    assert is_workflow_path(path)
    assert path_fault(path) is None


@settings(deadline=None)
@given(NAMES)
def test_every_slug_is_a_target(name) -> None:
    path = f"dev/{slug_of(name)}.json"
    assert target_path("dev", path) == path


@pytest.mark.parametrize(
    ("file", "said"),
    [
        pytest.param("orders.json", "folder `dev`", id="no folder"),
        pytest.param("prod/orders.json", "folder `dev`", id="another folder"),
        pytest.param("dev2/orders.json", "folder `dev`", id="a folder that begins alike"),
        pytest.param("DEV/orders.json", "folder `dev`", id="the folder in upper case"),
        pytest.param("dev/../prod/orders.json", "`..`", id="out of the folder"),
        pytest.param("/dev/orders.json", "absolute", id="absolute"),
        pytest.param("dev\\orders.json", "backslash", id="a backslash"),
        pytest.param("dev/.orders.json", "hidden", id="hidden"),
        pytest.param("dev/orders.yml", "end in .json", id="no JSON"),
        pytest.param("dev/orders.JSON", "end in .json", id="upper case"),
        pytest.param("dev/orders.wfo.json", "sidecar", id="a sidecar"),
        pytest.param("dev/", "empty part", id="a folder"),
        pytest.param("dev/CON.json", "Windows", id="a device"),
    ],
)
def test_a_target_of_another_kind_is_refused_with_an_example(file, said) -> None:
    with pytest.raises(ConfigurationError) as caught:
        target_path("dev", file)
    assert said in str(caught.value)
    assert "dev/order_processing.json" in caught.value.fix


@pytest.mark.parametrize(
    ("path", "is_workflow", "is_sidecar"),
    [
        ("dev/a.json", True, False),
        ("dev/team/a.json", True, False),
        ("dev/a.wfo.json", False, True),
        ("dev/.a.json", False, False),
        ("dev/.hidden/a.wfo.json", False, False),
        ("dev/README.md", False, False),
        ("dev/a.JSON", False, False),
        ("dev/ajson", False, False),
    ],
)
def test_a_file_is_a_workflow_a_sidecar_or_neither(path, is_workflow, is_sidecar) -> None:
    assert (is_workflow_path(path), is_sidecar_path(path)) == (is_workflow, is_sidecar)


@pytest.mark.parametrize(("one", "other"), [("Prod", "pROD"), ("caf\u00e9", "cafe\u0301"), ("STRASSE", "straße")])
def test_paths_that_some_file_system_takes_for_one_fold_to_one(one, other) -> None:
    assert folded_path(one) == folded_path(other)
