"""GATHER where a push came from: the pull requests behind every commit that it brought, not behind its last alone."""

from dataclasses import dataclass

from workflowops.commands.promoting import Promoting
from workflowops.commands.promotion_gates import Behind
from workflowops.core.promotion.request import hands_in, requested_by
from workflowops.core.promotion.review import MergedPullRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The pull requests of a push: that of its last commit, and those of the commits before, the newest first.

    `unreviewed` are the commits without one. `is_known` is False where nobody can be asked.
    """

    last: MergedPullRequest | None = None
    others: tuple[MergedPullRequest, ...] = ()
    unreviewed: tuple[str, ...] = ()
    is_known: bool = True

    @property
    def behind(self) -> Behind:
        """Answer what the gates are asked with before there is a record."""
        is_merged = self.last is not None and not self.unreviewed
        return Behind(pull_request=self.last, others=self.others, is_merged=is_merged if self.is_known else None)

    @property
    def labels(self) -> frozenset[str]:
        """Answer the labels that every one of them carries: what one allows is allowed for its own change alone."""
        if self.last is None or self.unreviewed:
            return frozenset()
        return frozenset(self.last.labels).intersection(*(each.labels for each in self.others))

    @property
    def also_wrote(self) -> tuple[str, ...]:
        """Answer who had a hand in it beside the author of the last one."""
        asked = None if self.last is None else requested_by(self.last.body)
        found = [asked, *(login for each in self.others for login in hands_in(each))]
        return tuple(dict.fromkeys(each for each in found if each))


def origin_of(
    promoting: Promoting, last: MergedPullRequest | None, *, base: str, commit: str, is_review_needed: bool
) -> Origin:
    """Look up the pull request of every commit that came since `base`; `last` is that of `commit`.

    One lookup a commit. Where a review is needed, the first commit without one ends it. Raises BlockedError where it is
    not known what came since.
    """
    if promoting.pull_requests is None:
        return Origin(is_known=False)
    others: dict[int, MergedPullRequest] = {}
    unreviewed: list[str] = []
    for each in promoting.workspace.repository.first_parents(base, commit):
        found = last if each == commit else promoting.pull_requests.of_commit(each)
        if found is not None:
            others.setdefault(found.number, found)
            continue
        unreviewed.append(each)
        if is_review_needed:
            break
    if last is not None:
        others.pop(last.number, None)
    return Origin(last=last, others=tuple(others.values()), unreviewed=tuple(unreviewed))
