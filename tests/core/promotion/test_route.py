"""Where promotions go: every stage but the first, by one way, and told apart where there are several."""

from dataclasses import replace

import pytest

from workflowops.core.configuration import Approval, Configuration, Environment, Gates, Pipeline, Stage
from workflowops.core.promotion.record import Promotion, PromotionStatus
from workflowops.core.promotion.route import is_for_the_next_job, promoted_routes, route_of_reversal, route_to, routes
from workflowops.errors import ConfigurationError


def environment(name: str) -> Environment:
    return Environment(name=name, title=name, url=f"https://{name}.example.com", api_key="${KEY}", folder=name)


def configuration(**pipelines: tuple[str, ...]) -> Configuration:
    names = dict.fromkeys(name for stages in pipelines.values() for name in stages)
    return Configuration(
        version=1,
        environments={name: environment(name) for name in names},
        pipelines={
            name: Pipeline(name=name, stages=tuple(Stage(environment=each) for each in stages))
            for name, stages in pipelines.items()
        },
    )


ONE = configuration(main=("dev", "staging", "prod"))
TWO = configuration(main=("dev", "staging", "prod"), hot=("fix", "prod"))


def test_every_stage_has_a_route_and_the_first_one_has_nothing_before_it() -> None:
    found = [(each.environment, each.previous and each.previous.environment) for each in routes(ONE)]
    assert found == [("dev", None), ("staging", "dev"), ("prod", "staging")]


@pytest.mark.parametrize(
    ("given", "pipeline", "expected"),
    [
        pytest.param(ONE, None, ["staging", "prod"], id="all but the first"),
        pytest.param(TWO, None, ["staging", "prod"], id="a stage of two pipelines once, by the first of them"),
        pytest.param(TWO, "hot", ["prod"], id="those of one pipeline"),
        pytest.param(TWO, "other", [], id="none of an unknown one"),
        pytest.param(configuration(main=("dev",)), None, [], id="a pipeline of one stage has none"),
        pytest.param(configuration(), None, [], id="no pipeline"),
    ],
)
def test_changes_are_promoted_to_the_stages_that_have_one_before_them(given, pipeline, expected) -> None:
    assert [each.environment for each in promoted_routes(given, pipeline=pipeline)] == expected


@pytest.mark.parametrize(
    ("given", "environment", "expected"),
    [
        pytest.param(configuration(back=("prod", "dev"), main=("dev", "prod")), "prod", "main", id="what leads to it"),
        pytest.param(configuration(one=("dev", "prod"), two=("qa", "prod")), "prod", "one", id="the first that does"),
        pytest.param(configuration(one=("dev", "prod"), two=("dev", "qa")), "dev", "one", id="where none leads to it"),
        pytest.param(ONE, "qa", None, id="a stage of none"),
    ],
)
def test_what_is_taken_back_goes_by_the_pipeline_that_leads_there(given, environment, expected) -> None:
    found = route_of_reversal(given, environment)
    assert (found and found.pipeline.name) == expected


def test_a_stage_of_two_pipelines_that_is_first_in_one_is_a_target_of_the_other() -> None:
    found = promoted_routes(configuration(late=("staging", "prod"), early=("dev", "staging")))
    assert [(each.environment, each.pipeline.name) for each in found] == [("prod", "late"), ("staging", "early")]


@pytest.mark.parametrize(
    ("target", "more", "expected"),
    [
        pytest.param("staging", {}, ("main", "dev"), id="by its name"),
        pytest.param("dev", {}, ("main", None), id="the first stage"),
        pytest.param("prod", {"pipeline": "hot"}, ("hot", "fix"), id="by the pipeline"),
        pytest.param("prod", {"source": "staging"}, ("main", "staging"), id="by the stage before"),
    ],
)
def test_a_stage_is_found(target, more, expected) -> None:
    found = route_to(TWO, target, **more)
    assert (found.pipeline.name, found.previous and found.previous.environment) == expected


@pytest.mark.parametrize(
    ("given", "target", "more", "problem", "fix"),
    [
        pytest.param(configuration(), "prod", {}, "no pipelines", "Add `pipelines:`", id="no pipelines"),
        pytest.param(TWO, "prod", {}, "several pipelines: main, hot", "--pipeline", id="in several"),
        pytest.param(
            ONE, "stagign", {}, "No pipeline has a stage `stagign`", "Did you mean `staging`", id="misspelled"
        ),
        pytest.param(ONE, "qa", {}, "No pipeline has a stage `qa`", "Stages: dev, staging, prod.", id="unknown"),
        pytest.param(TWO, "staging", {"pipeline": "hot"}, "no stage of the pipeline `hot`", "in: main", id="pipeline"),
        pytest.param(ONE, "prod", {"source": "dev"}, "from dev to prod", "stage before it is staging", id="too far"),
        pytest.param(TWO, "prod", {"source": "dev"}, "from dev to prod", "staging or fix", id="too far, in several"),
        pytest.param(ONE, "dev", {"source": "prod"}, "from prod to dev", "dev is the first stage", id="backwards"),
    ],
)
def test_what_is_no_way_is_refused_with_what_there_is(given, target, more, problem, fix) -> None:
    with pytest.raises(ConfigurationError) as refused:
        route_to(given, target, **more)
    assert problem in str(refused.value)
    assert fix in refused.value.fix


def promotion(status: PromotionStatus) -> Promotion:
    return Promotion(
        promotion_id="promo-1",
        pipeline_id="main",
        source_stage="dev",
        target_stage="staging",
        status=status,
        workflow_selection=("c-1",),
        plan_digest="d" * 64,
        git_commit_sha="c" * 40,
        created_by="grace",
        created_at="2026-01-14T10:00:00Z",
    )


def asking(approval: Approval) -> Configuration:
    stages = (Stage(environment="dev"), Stage(environment="staging", gates=Gates(approval=approval)))
    return replace(ONE, pipelines={"main": Pipeline(name="main", stages=stages)})


@pytest.mark.parametrize(
    ("approval", "status", "expected"),
    [
        (Approval.COMMENTS, PromotionStatus.PENDING_APPROVAL, False),
        (Approval.COMMENTS, PromotionStatus.APPROVED, True),
        (Approval.ENVIRONMENT, PromotionStatus.PENDING_APPROVAL, True),
        (Approval.NONE, PromotionStatus.APPROVED, True),
        (Approval.COMMENTS, PromotionStatus.RUNNING, True),
    ],
)
def test_the_next_job_is_for_what_is_approved_or_what_its_own_reviewers_approve(approval, status, expected) -> None:
    assert is_for_the_next_job(asking(approval), promotion(status)) is expected
