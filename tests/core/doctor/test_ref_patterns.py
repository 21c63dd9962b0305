"""The patterns of GitHub's rules: which refs they mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.doctor.ref_patterns import is_meant, matches_ref

REFS = st.from_regex(r"[a-z0-9.+-]{1,6}(/[a-z0-9.+-]{1,6}){0,3}", fullmatch=True)


@pytest.mark.parametrize(
    ("pattern", "ref", "expected"),
    [
        pytest.param("main", "main", True, id="itself"),
        pytest.param("main", "mainly", False, id="the whole of it"),
        pytest.param("*", "main", True, id="a star is anything"),
        pytest.param("*", "feature/a", False, id="but no slash"),
        pytest.param("snapshots/*", "snapshots/promo-1-pre", True, id="a folder"),
        pytest.param("snapshots*", "snapshots/promo-1-pre", False, id="a star does not enter a folder"),
        pytest.param("**/*", "feature/a/b", True, id="two stars enter every folder"),
        pytest.param("**/*", "main", True, id="or none"),
        pytest.param("snapshots/**/*", "snapshots/a/b", True, id="below a folder"),
        pytest.param("**", "a/b", False, id="two stars alone are one"),
        pytest.param("v?.0", "v1.0", True, id="one letter"),
        pytest.param("v?.0", "v/.0", False, id="one letter that is no slash"),
        pytest.param("v[12]", "v2", True, id="one of these"),
        pytest.param("v[!12]", "v2", False, id="none of these"),
        pytest.param("v[a-c]", "vb", True, id="a range"),
        pytest.param("a.c", "abc", False, id="a dot is a dot"),
        pytest.param("a+", "a+", True, id="a plus is a plus"),
        pytest.param("a[", "a[", True, id="a bracket that is not closed"),
    ],
)
def test_a_pattern_means_what_github_says(pattern, ref, expected) -> None:
    assert matches_ref(pattern, ref) is expected


@given(REFS)
def test_every_ref_is_meant_by_itself_and_by_all(ref) -> None:
    assert matches_ref(ref, ref)
    assert matches_ref("**/*", ref)
    assert is_meant(ref, include=["~ALL"])


@given(st.text(max_size=12), REFS)
def test_no_pattern_breaks_the_reader(pattern, ref) -> None:
    assert isinstance(matches_ref(pattern, ref), bool)


def test_what_is_excluded_is_not_meant() -> None:
    refs = {"include": ["~ALL"], "exclude": ["refs/heads/workflowops-*"]}
    assert is_meant("refs/heads/main", **refs)
    assert not is_meant("refs/heads/workflowops-state", **refs)


def test_the_default_branch_has_a_name_of_its_own() -> None:
    assert is_meant("refs/heads/main", include=["~DEFAULT_BRANCH"], is_default=True)
    assert not is_meant("refs/heads/other", include=["~DEFAULT_BRANCH"])
