"""The pull request of an adoption and the answer to who asked for it: complete, masked, and nothing in it is markup."""

from typing import Any

import pytest
from tests.core.text.golden import assert_golden
from tests.core.text.hostile import HOSTILE, as_read, unseen_characters, without_code
from tests.core.text.reports import hot_fix, rebuilt, workflow

from workflowops.core.comment.commands import SPECS
from workflowops.core.drift import ValueChange
from workflowops.core.incident.adoption import ALLOW_SECRETS, AdoptedWorkflow, Adopting, Adoption
from workflowops.core.incident.issue import PullRequest
from workflowops.core.incident.prospect import Follows, Prospect
from workflowops.core.incident.record import ResolutionType
from workflowops.core.standing import DriftKind
from workflowops.core.text.adoption import adoption_text, pull_request_body, pull_request_title
from workflowops.core.text.links import Links
from workflowops.errors import ExitCode

LINKS = Links(server_url="https://github.com", repository="o/r", state_branch="workflowops-state")
# Pieced together, so that no scanner takes this file for a leak.
TOKEN = "gh" + "p_" + "16C7e42F292c6912E7710c838347Ae178B4a"


def adopted(name: str = "Payment Gateway", adopting: Adopting = Adopting.WRITTEN, **more: Any) -> AdoptedWorkflow:
    own = {"files", "overrules_git", "reason", "fix"}
    about = workflow(name, **{"diff": hot_fix(), **{key: more[key] for key in more.keys() - own}})
    files = ("prod/payment_gateway.json",) if adopting in (Adopting.WRITTEN, Adopting.DELETED) else ()
    return AdoptedWorkflow(
        workflow=about, adopting=adopting, **{"files": files, **{k: more[k] for k in more.keys() & own}}
    )


def adoption(*workflows: AdoptedWorkflow, **more: Any) -> Adoption:
    fields: dict[str, Any] = {
        "incident": 12,
        "environment": "prod",
        "title": "Production",
        "workflows": workflows or (adopted(),),
        "branch": "workflowops/adopt-12",
        "commit": "abc123def4567890abc123def4567890abc123de",
        "is_new": True,
        "prospect": Prospect(follows=Follows.RECONCILED, resolution=ResolutionType.ACCEPTED_RUNTIME_CHANGES),
        "pull_request": PullRequest(34, "https://github.com/o/r/pull/34", is_new=True),
    }
    return Adoption(**fields | more)


def everything(**more: Any) -> Adoption:
    gone = ("prod/nightly_export.json", "prod/nightly_export.wfo.json")
    return adoption(
        adopted(),
        adopted("Order Processing", diff=rebuilt(), kind=DriftKind.CONFLICT, overrules_git=True,
                files=("prod/order_processing.json",)),
        adopted("Nightly Export", Adopting.DELETED, kind=DriftKind.MISSING, is_archived=True, diff=None, files=gone),
        adopted("Invoices", kind=DriftKind.ACTIVATION_CHANGED, activation=ValueChange(old=True, new=False), diff=None,
                files=("prod/invoices.json",)),
        adopted("Leads", Adopting.LEFT, diff=None, reason="it is in sync by now"),
        adopted("Survey", Adopting.REFUSED, reason="It holds what looks like a secret that Git does not hold yet: "
                "nodes[1].parameters.token of node 'Call' (value of `token`).",
                fix="Move it into a credential in n8n and ask again. "
                "If these are no secrets: `/adopt allow_secrets=yes`."),
        **{"prospect": Prospect(follows=Follows.STAYS_OPEN, open_because=("Survey",)), **more},
    )  # fmt: skip


def test_the_pull_request() -> None:
    told = everything()
    assert_golden("adoption_pull_request.md", f"{pull_request_title(told)}\n\n{pull_request_body(told)}")


def test_the_answers() -> None:
    in_sync = adopted(adopting=Adopting.LEFT, reason="it is in sync by now")
    nothing = {"branch": None, "commit": None, "pull_request": None, "is_new": False}
    known = PullRequest(34, "https://github.com/o/r/pull/34", is_new=False)
    answers = {
        "opened": everything(),
        "brought up to date": adoption(pull_request=known),
        "asked twice": adoption(is_new=False, pull_request=known),
        "somebody pushed onto it": adoption(is_new=False, is_ours=False, pull_request=known),
        "nothing left": adoption(in_sync, **nothing),
        "all refused": adoption(adopted(adopting=Adopting.REFUSED, reason="Odd.", fix="Look."), **nothing),
        "n8n is down": adoption(problem="https://prod answered 502.", fix="Start it.", workflows=(), **nothing),
        "GitHub refused": adoption(pull_request=None, problem="GitHub answered 403.", fix="Look.",
                                   exit_code=ExitCode.REMOTE),
        "without GitHub": adoption(pull_request=None),
        "dry run": adoption(is_dry_run=True, **nothing),
    }  # fmt: skip
    told = "\n".join(f"# {name}\n\n{adoption_text(answer, links=LINKS)}" for name, answer in answers.items())
    assert_golden("adoption_answers.md", told)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_from_outside_is_markup(text) -> None:
    told = adoption(
        adopted(text, file=text, files=(f"prod/{text}",)),
        adopted(text, Adopting.REFUSED, reason=text, fix=text),
        title=text,
        problem=text,
        fix=text,
    )
    for shown in (pull_request_body(told), adoption_text(told, links=LINKS), pull_request_title(told)):
        assert unseen_characters(shown.replace("\u200b", "")) == []
    for shown in (pull_request_body(told), adoption_text(told, links=LINKS)):
        prose = without_code(shown)
        assert "@octocat" not in prose
        assert "<img" not in prose
        assert "](https://evil" not in prose
        assert "wfo:incident" not in prose or "<!-- wfo" not in prose


@pytest.mark.parametrize(
    "name", ["fixes #12", "@octocat", "o/r#3", "closes GH-12", "fixes https://github.com/o/r/issues/7"]
)
def test_a_name_in_the_title_neither_mentions_anybody_nor_closes_an_issue(name) -> None:
    title = pull_request_title(adoption(adopted(name)))
    assert name not in title
    assert "://" not in title
    assert name in as_read(title)


@pytest.mark.parametrize("text", [ALLOW_SECRETS, *(f"For example: `{spec.example}`." for spec in SPECS.values())])
def test_what_we_advise_to_type_is_shown_as_it_is_typed(text) -> None:
    told = adoption(adopted(adopting=Adopting.REFUSED, reason="Odd.", fix=f"Look. {text}"), problem="Odd.", fix=text)
    for shown in (pull_request_body(told), adoption_text(told)):
        assert text.replace("`", "") in as_read(shown).replace("<code>", "").replace("</code>", "")


def test_a_secret_beside_our_own_advice_is_masked() -> None:
    fix = f"token={TOKEN} {ALLOW_SECRETS} token={TOKEN}"
    told = adoption(adopted(adopting=Adopting.REFUSED, reason="Odd.", fix=fix))
    assert TOKEN not in adoption_text(told)


def test_no_secret_is_told() -> None:
    told = adoption(adopted(f"Orders {TOKEN}"), adopted(adopting=Adopting.REFUSED, reason=TOKEN, fix=TOKEN))
    assert TOKEN not in pull_request_body(told) + pull_request_title(told) + adoption_text(told)


def test_hundreds_of_workflows_stay_under_github_s_limits_and_the_rest_is_counted() -> None:
    diff = rebuilt()
    told = adoption(*(adopted(f"Orders {number}", diff=diff) for number in range(500)))
    body = pull_request_body(told)
    assert len(body) < 65_000
    assert "more workflow" in body
    assert "left out here" in body
    assert body.rstrip().endswith("<!-- workflowops:adopt 12 -->")
    assert len(adoption_text(told)) < 65_000
    assert len(pull_request_title(adoption(adopted("x" * 5_000)))) <= 200


def test_names_of_any_length_stay_under_github_s_limits() -> None:
    long = "|" * 5_000
    told = adoption(
        *(adopted(long, file=long, files=(long, long)) for _ in range(300)),
        *(adopted(long, Adopting.REFUSED, reason=long, fix=long) for _ in range(300)),
        title=long,
    )
    assert len(pull_request_body(told)) < 65_536
    assert len(adoption_text(told)) < 65_536
