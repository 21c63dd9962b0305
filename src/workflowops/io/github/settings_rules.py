"""Which rules hold for branches and tags: rulesets, and branch protection as far as it can be read."""

from collections.abc import Iterable, Iterator

from workflowops.core.doctor.ref_patterns import is_meant
from workflowops.core.doctor.repository_facts import BranchFacts, Read, Rule, Unread
from workflowops.core.json import Json
from workflowops.io.github.reading import text_of
from workflowops.io.github.settings_reading import SettingsReader, field, listed

CLASSIC = "the branch protection"

_METADATA = "metadata: read"
_BYPASS = {"always": True, "exempt": True, "never": False, "pull_requests_only": False}
_JOBS = "github-actions"
_SWITCHES = ("required_signatures", "lock_branch")


class RulesReader:
    """Reads rules; a ruleset that holds for several branches is read once."""

    def __init__(self, reader: SettingsReader) -> None:
        self._reader = reader
        self._rulesets: dict[int, Json] = {}

    def branch(self, name: str) -> Read[BranchFacts]:
        """Answer what holds for a branch, existing or not. Two requests, and one for each ruleset.

        One more where it is protected. Source: docs.github.com, "Get rules for a branch" and "Get a branch".
        """
        place, task = self._reader.place, f"read the branch {self._reader.place.quoted(name)}"
        found = self._reader.answer(place.path("branches", name), task=task, needs="contents: read", accept={404})
        if isinstance(found, Unread):
            return found
        rules = self._active(name)
        if isinstance(rules, Unread):
            return rules
        exists = found.status == 200
        is_protected = exists and field(found.data, "protected") is True
        classic = self._classic(name) if is_protected else ()
        return BranchFacts(
            name=name,
            exists=exists,
            is_protected=is_protected,
            rules=(*rules, *(classic or ())),
            has_hidden_protection=classic is None,
        )

    def tags(self, tags: Iterable[str]) -> Read[tuple[Rule, ...]]:
        """Answer the rules that hold for tags of these names. One request, and one for each ruleset for tags.

        Source: docs.github.com, "Get all repository rulesets".
        """
        reader, task = self._reader, "list the rulesets"
        entries = reader.entries(reader.place.path("rulesets"), task=task, needs=_METADATA)
        if isinstance(entries, Unread):
            return () if _has_no_rules(entries) else entries
        found: list[Rule] = []
        for entry in entries:
            number = field(entry, "id")
            if text_of(entry, "target") != "tag" or text_of(entry, "enforcement") != "active":
                continue
            whole = self._ruleset(number) if isinstance(number, int) else None
            if whole is None:
                return reader.foreign("a ruleset")
            if isinstance(whole, Unread):
                return whole
            if any(_means(whole, f"refs/tags/{tag}") for tag in tags):
                found += _rules_of(whole)
        return tuple(found)

    def _active(self, branch: str) -> tuple[Rule, ...] | Unread:
        reader, place = self._reader, self._reader.place
        task = f"read the rules of the branch {place.quoted(branch)}"
        entries = reader.entries(place.path("rules", "branches", branch), task=task, needs=_METADATA)
        if isinstance(entries, Unread):
            return () if _has_no_rules(entries) else entries
        return tuple(self._rule(entry) for entry in entries if text_of(entry, "type"))

    def _rule(self, entry: Json) -> Rule:
        number = field(entry, "ruleset_id")
        whole = self._ruleset(number) if isinstance(number, int) else None
        known = None if isinstance(whole, Unread) else whole
        return _as_rule(entry, ruleset=known, otherwise=text_of(entry, "ruleset_source"))

    def _ruleset(self, number: int) -> Json | Unread:
        """Read a ruleset. One request, the first time."""
        if number not in self._rulesets:
            reader = self._reader
            path, task = reader.place.path("rulesets", number), f"read the ruleset {number}"
            found = reader.answer(path, task=task, needs=_METADATA)
            if isinstance(found, Unread):
                return found
            self._rulesets[number] = found.data
        return self._rulesets[number]

    def _classic(self, name: str) -> tuple[Rule, ...] | None:
        """Answer what the branch protection asks for; None where only administrators may read it.

        GitHub answers 404 for "not protected in this way". Source: docs.github.com, "Get branch protection".
        """
        reader, place = self._reader, self._reader.place
        task = f"read the protection of the branch {place.quoted(name)}"
        path, needs = place.path("branches", name, "protection"), "administration: read"
        found = reader.answer(path, task=task, needs=needs, accept={404})
        if isinstance(found, Unread):
            return None
        if found.status == 404:
            return () if "not protected" in found.message.lower() else None
        return tuple(_classic_rules(found.data))


def _classic_rules(data: Json) -> Iterator[Rule]:
    """Yield what a branch protection asks of the jobs, whose token is that of the app GitHub Actions."""
    reviews = field(data, "required_pull_request_reviews")
    if isinstance(reviews, dict):
        count = field(reviews, "required_approving_review_count")
        is_bypassed = _names_jobs(field(reviews, "bypass_pull_request_allowances"))
        yield Rule("pull_request", CLASSIC, is_bypassed=is_bypassed, reviews=count if isinstance(count, int) else 0)
    restrictions = field(data, "restrictions")
    if isinstance(restrictions, dict):
        yield Rule("restrictions", CLASSIC, is_bypassed=_names_jobs(restrictions))
    if isinstance(field(data, "required_status_checks"), dict):
        yield Rule("required_status_checks", CLASSIC, is_bypassed=False)
    for name in _SWITCHES:
        if field(data, name, "enabled") is True:
            yield Rule(name, CLASSIC, is_bypassed=False)


def _names_jobs(people: Json) -> bool:
    return _JOBS in {text_of(app, "slug") for app in listed(field(people, "apps"))}


def _means(ruleset: Json, ref: str) -> bool:
    """Say whether a ruleset means a ref; one without conditions means all."""
    names = field(ruleset, "conditions", "ref_name")
    if not isinstance(names, dict):
        return True
    include, exclude = ([str(each) for each in listed(names.get(key))] for key in ("include", "exclude"))
    return is_meant(ref, include=include, exclude=exclude)


def _rules_of(ruleset: Json) -> Iterator[Rule]:
    for entry in listed(field(ruleset, "rules")):
        if text_of(entry, "type"):
            yield _as_rule(entry, ruleset=ruleset, otherwise="")


def _as_rule(entry: Json, *, ruleset: Json, otherwise: str) -> Rule:
    name = text_of(ruleset, "name") or otherwise
    reviews = field(entry, "parameters", "required_approving_review_count")
    return Rule(
        type=text_of(entry, "type"),
        source=f"the ruleset {name}" if name else "a ruleset",
        is_bypassed=_BYPASS.get(text_of(ruleset, "current_user_can_bypass")),
        reviews=reviews if isinstance(reviews, int) else 0,
    )


def _has_no_rules(unread: Unread) -> bool:
    """Say whether the owner's plan has no rules at all.

    GitHub answers 403 then: "Upgrade to GitHub Pro or make this repository public to enable this feature."
    """
    return unread.is_refused and "upgrade to github" in unread.why.lower()
