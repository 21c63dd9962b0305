"""The checks of one instance itself: its address, its key, its abilities and its clock."""

from collections.abc import Callable
from datetime import timedelta

from workflowops.core.access import is_in_clear
from workflowops.core.doctor.check import Finding, broken, passed, skipped, unknown, warning
from workflowops.core.doctor.instance import InstanceFacts
from workflowops.core.doctor.key import NEEDED, USEFUL, changes_something
from workflowops.core.text.plain import count
from workflowops.errors import (
    ListingUnstableError,
    N8nAnswerError,
    N8nForbiddenError,
    N8nUnauthorizedError,
    N8nUnreachableError,
)

NOT_USABLE = "The address, the key or the certificates cannot be used."
LARGEST_SKEW = timedelta(seconds=60)
_READING_KEY = "Make a key with the scopes workflow:list, workflow:read and credential:list under Settings > n8n API"

InstanceCheck = Callable[[InstanceFacts], Finding]


def settings_are_usable(facts: InstanceFacts) -> Finding:
    """Address and API key are set and can be used."""
    if facts.misconfigured is not None:
        return broken(str(facts.misconfigured), fix=facts.misconfigured.fix)
    return passed()


def key_is_encrypted(facts: InstanceFacts) -> Finding:
    """The API key travels encrypted."""
    if facts.connection is None:
        return skipped(NOT_USABLE)
    if is_in_clear(facts.connection.url):
        return warning(
            "The address begins with http:// and is on another machine, so anybody on the way can read the key.",
            fix="Put TLS in front of n8n and write the address with https://.",
        )
    return passed("By TLS, or on this machine.")


def server_answers(facts: InstanceFacts) -> Finding:
    """n8n's API answers at the address."""
    if facts.connection is None:
        return skipped(NOT_USABLE)
    match facts.failure:
        case N8nUnreachableError() | N8nAnswerError() as failure:
            return broken(str(failure), fix=failure.fix)
        case N8nUnauthorizedError() | N8nForbiddenError() as failure if facts.abilities is None:
            return unknown(f"What answers there refuses, and nothing shows that it is n8n. {failure}", fix=failure.fix)
        case failure if failure is not None and not is_n8n(facts):
            return broken(
                f"What answers there is not n8n's API. {failure}",
                fix="Check the environment's `url`: host, port, and the path that stands before /api/v1.",
            )
        case _:
            return passed()


def key_is_accepted(facts: InstanceFacts) -> Finding:
    """n8n accepts the API key."""
    if (unreached := why_not_reached(facts)) is not None:
        return skipped(unreached)
    match facts.failure:
        case N8nUnauthorizedError() as failure:
            return broken(str(failure), fix=failure.fix)
        case None | ListingUnstableError():
            return passed()
        case N8nForbiddenError() if is_n8n(facts):
            return passed()
        case failure:
            return unknown(f"The request failed before that was seen. {failure}", fix=failure.fix)


def key_may_read(facts: InstanceFacts) -> Finding:
    """The key may read what the checks need."""
    if (unusable := why_not_usable(facts)) is not None:
        return skipped(unusable)
    if isinstance(facts.failure, N8nForbiddenError):
        return broken(str(facts.failure), fix=facts.failure.fix)
    held = facts.rights.has if facts.rights is not None else lambda _: None
    missing = [scope for scope in NEEDED if held(scope) is False]
    if missing:
        return broken(
            f"It lacks {' and '.join(missing)}.",
            fix=f"{_READING_KEY}, and store it in the secret that `api_key` names.",
        )
    if facts.workflows is None:
        return unknown(
            "The workflows could not be listed for another reason.", fix="Put that right first; it is below."
        )
    absent = [scope for scope in USEFUL if held(scope) is False]
    if absent and facts.abilities is not None and facts.abilities.credentials_list:
        return warning(
            f"It lacks {' and '.join(absent)}, so nobody can tell which credentials a promotion will find.",
            fix=f"{_READING_KEY}; names and types are all that is read of credentials.",
        )
    return passed("It may list and read workflows.")


def key_may_no_more(facts: InstanceFacts) -> Finding:
    """The key may do no more than reading needs."""
    if (unusable := why_not_usable(facts)) is not None:
        return skipped(unusable)
    if facts.rights is None:
        why = f" {facts.rights_failure}" if facts.rights_failure is not None else ""
        return unknown(
            f"What the key may do could not be asked.{why}", fix="Look at its scopes under Settings > n8n API."
        )
    excess = facts.rights.excess
    if not excess:
        return _nothing_more(facts)
    writing = sum(1 for scope in excess if changes_something(scope))
    more = f"It may do {count(len(excess), 'thing')} more"
    changes = f"{writing} of them {'changes' if writing == 1 else 'change'} something"
    found = f"{more}; {changes}." if writing else f"{more}, none of which changes anything."
    return warning(found, fix=_less(facts), details=excess)


def api_can_promote(facts: InstanceFacts) -> Finding:
    """n8n's API can do what promotions need."""
    if (unreached := why_not_reached(facts)) is not None:
        return skipped(unreached)
    able = facts.abilities
    if able is None:
        return unknown(
            "n8n does not tell what its API can do.",
            fix="Let requests to /api/v1/openapi.yml pass; n8n 2.16 and newer also answer /api/v1/discover.",
        )
    lacking = [
        told
        for has, told in (
            (able.credentials_list, "credentials cannot be listed, so a promotion cannot prove that they are there"),
            (able.publish_if_active, "no draft can be saved beside what runs, so an update goes live at once"),
            (able.publish, "versions cannot be published, only workflows switched on and off"),
            (able.archive, "workflows cannot be archived, only deleted"),
        )
        if not has
    ]
    if lacking:
        return warning(
            f"This version lacks {len(lacking)} of 4 abilities.",
            fix="Update n8n; 2.36 and newer have all of them. Until then promotions work with what there is.",
            details=[f"{told[0].upper()}{told[1:]}." for told in lacking],
        )
    return passed("Drafts, publishing, archiving and the list of credentials are there.")


def clocks_agree(facts: InstanceFacts) -> Finding:
    """The clocks of n8n and of this machine agree."""
    if (unreached := why_not_reached(facts)) is not None:
        return skipped(unreached)
    clocks = facts.clocks
    if clocks is None or clocks.server is None:
        return unknown("The server does not tell the time.", fix="Compare its clock with this machine's by hand.")
    early = clocks.before - timedelta(seconds=1) - clocks.server  # the header has whole seconds
    late = clocks.server - clocks.after
    if max(early, late) <= LARGEST_SKEW:
        return passed("Within a minute.")
    by, how = (early, "behind") if early > late else (late, "ahead of")
    return warning(
        f"n8n's clock is {_span(by)} {how} this machine's, so times of edits and checks cannot be compared.",
        fix="Set both clocks by NTP (`timedatectl` shows whether they are).",
    )


def why_not_reached(facts: InstanceFacts) -> str | None:
    """Answer why nothing can be said about the server: it could not be asked; None when it answered."""
    if facts.connection is None:
        return NOT_USABLE
    refusals = (N8nUnauthorizedError, N8nForbiddenError)
    is_foreign = facts.failure is not None and not isinstance(facts.failure, refusals) and not is_n8n(facts)
    if is_foreign or isinstance(facts.failure, N8nUnreachableError | N8nAnswerError):
        return "n8n's API did not answer."
    return None


def is_n8n(facts: InstanceFacts) -> bool:
    """Say whether what answers has shown that it is n8n: by its list of workflows, or by what its API can do."""
    is_listing = facts.workflows is not None or isinstance(facts.failure, ListingUnstableError)
    return is_listing or facts.abilities is not None


def why_not_usable(facts: InstanceFacts) -> str | None:
    """Answer why nothing can be said about the content: not reached, or the key was refused."""
    if isinstance(facts.failure, N8nUnauthorizedError):
        return "n8n does not accept the key."
    return why_not_reached(facts)


def _nothing_more(facts: InstanceFacts) -> Finding:
    rights = facts.rights
    if rights is not None and rights.scopes is None and len(rights.proven) < 2:
        return unknown(
            "This version of n8n does not list what a key may do, and could not be made to tell.",
            fix="Look at the key's scopes under Settings > n8n API.",
        )
    return passed("Nothing beyond reading was found.")


def _less(facts: InstanceFacts) -> str:
    if facts.rights is not None and facts.rights.scopes is None:
        return (
            "This version gives every key all rights unless it is licensed; n8n 2 limits keys. Until then treat it as "
            "a password: only in secrets, never on a shared machine."
        )
    return (
        f"{_READING_KEY}, for all jobs but promotions. The key that writes belongs into the GitHub environment's "
        "secret of the same name, where only the promotion's job gets it."
    )


def _span(by: timedelta) -> str:
    seconds = int(by.total_seconds())
    if seconds < 120:
        return f"{seconds} seconds"
    return f"{seconds // 60:,} minutes" if seconds < 7200 else f"{seconds // 3600:,} hours"
