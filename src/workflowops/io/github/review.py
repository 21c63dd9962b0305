"""What a promotion asks of GitHub: pull requests, checks, environments and approvals, and our words on them."""

from collections.abc import Sequence
from typing import Unpack

from workflowops.core.incident.issue import Label
from workflowops.core.promotion.review import CheckReport, Checks, MergedPullRequest, Protection, RunApproval
from workflowops.io.github import environments, merged
from workflowops.io.github.account import Account
from workflowops.io.github.authors import commit_authors
from workflowops.io.github.check_report import report_check
from workflowops.io.github.checks import checks_of
from workflowops.io.github.labelling import set_labels
from workflowops.io.github.repository import RepositoryReader
from workflowops.io.github.session import Connection, GitHubSession
from workflowops.io.github.sticky import say


class GitHubPullRequests(GitHubSession):
    """The pull requests of one repository; answers the port `PullRequests`.

    Reads are repeated while GitHub fails; a write is sent once, and again only after looking whether it was done.
    Waiting for a limit is told through `progress` and ends after `wait_limit_seconds`. Every method raises GitHubError.
    `run_id` is the run that this is part of, whose own jobs are no checks. The numbers of requests are those of a
    GitHub in good health, for lists of one page (100 entries).
    """

    def __init__(
        self, repository: str, token: str, *, run_id: str | None = None, **connection: Unpack[Connection]
    ) -> None:
        """Check the arguments without any request; raises ConfigurationError."""
        super().__init__(repository, token, **connection)
        self._run_id = run_id
        self._repository = RepositoryReader(self._exchange, self._place)
        self._account = Account(self._exchange, self._place)

    def of_commit(self, commit: str) -> MergedPullRequest | None:
        """Find the pull request by whose merge a commit came to the default branch; None when there is none.

        Four requests, and one for each approval. GitHub learns it some seconds after a merge: where it knows none, it
        is asked three times more within 18 seconds.
        """
        return merged.of_commit(commit, self._exchange, self._place, self._repository)

    def pull_request(self, number: int) -> MergedPullRequest | None:
        """Read a pull request, merged or not; None when there is none. Two requests, and one for each approval."""
        return merged.pull_request(number, self._exchange, self._place)

    def commit_authors(self, number: int) -> tuple[str, ...] | None:
        """Answer who wrote or committed its commits; None where not all are known. One request for each 100."""
        return commit_authors(number, self._exchange, self._place)

    def checks(self, commit: str) -> Checks:
        """Answer how the check runs and commit statuses of a commit ended, without our own. Two requests."""
        return checks_of(commit, self._exchange, self._place, run_id=self._run_id)

    def protection(self, environment: str) -> Protection:
        """Answer what guards an environment. One request, two where there is none."""
        return environments.protection(environment, self._exchange, self._place)

    def run_approvals(self, run_id: str) -> Sequence[RunApproval]:
        """Answer who approved or rejected the environments of a run; nobody for a run elsewhere. One request."""
        return environments.run_approvals(run_id, self._exchange, self._place)

    def say(self, number: int, text: str, *, marker: str) -> str:
        """Keep one comment of ours with this marker up to date, and answer its address. Two requests."""
        return say(number, text, marker=marker, exchange=self._exchange, place=self._place, account=self._account)

    def report_check(self, check: CheckReport) -> None:
        """Report a check on a commit, which replaces that of its name. Two requests; more for over 50 annotations."""
        report_check(check, self._exchange, self._place)

    def set_labels(self, number: int, labels: Sequence[Label]) -> None:
        """Give a pull request exactly these of our labels; those of people stay. One request when it has them."""
        set_labels(number, labels, self._exchange, self._place, self._repository)
