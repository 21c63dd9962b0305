"""Incidents as files that one can open: the port of the tracker without a GitHub, for the demo and for rehearsals."""

from collections.abc import Sequence
from dataclasses import replace

from workflowops.core.incident.issue import Issue, IssueEdit, NewIssue, Reaction
from workflowops.core.incident.markers import is_marked
from workflowops.core.json import JsonObject, printable
from workflowops.io.folder_store import OURS, StoredEntry
from workflowops.io.issue_file import StoredIssue
from workflowops.io.pull_request_folder import PullRequestFolder


class IssueFolder(PullRequestFolder):
    """Issues in a folder: `issues/<number>.md` to be read, `issues/<number>.json` with the data.

    Pull requests lie in `pull-requests/`; both share their numbers, as on GitHub. `labels.json` holds the labels.
    Where they are there, `roles.json` (login -> role) and `teams.json` (`org/slug` -> logins) are respected; without,
    everybody is an admin and no team can be read. One process writes at a time; every file is replaced as a whole.
    """

    @property
    def requests(self) -> int:
        """How many requests were sent: none, ever."""
        return 0

    def open_issues(self, label: str) -> Sequence[Issue]:
        """List the open issues with a label, newest first."""
        found = [issue for issue in self._store.issues() if issue.state == "open" and _has(issue, label)]
        return [self._issue(issue) for issue in reversed(found)]

    def issue(self, number: int) -> Issue | None:
        """Read one issue; None when its file is not there."""
        found = self._store.issue(number)
        return None if found is None else self._issue(found)

    def find_issue(self, label: str, marker: str, *, since: str) -> Issue | None:
        """Find the oldest issue with that label whose body holds the marker, open or closed, changed since then."""
        for issue in self._store.issues():
            if marker in issue.body and _has(issue, label) and issue.updated_at >= since:
                return self._issue(issue)
        return None

    def open_issue(self, new: NewIssue, *, look_since: str | None) -> Issue:
        """Open an issue; where `look_since` is given, answer the one with the marker if it exists."""
        found = None if look_since is None else self.find_issue(new.labels[0], new.marker, since=look_since)
        if found is not None:
            return found
        issue = StoredIssue(
            number=self._store.next_number(),
            title=printable(new.title),
            body=printable(new.body),
            labels=tuple(dict.fromkeys(new.labels)),
            assignees=tuple(dict.fromkeys(new.assignees)),
            author=OURS,
            created_at=self._store.now(),
            updated_at=self._store.now(),
        )
        self._store.save_entry(issue)
        return self._issue(issue)

    def edit_issue(self, number: int, edit: IssueEdit) -> None:
        """Change an issue; assignees are added and taken away. Raises RemoteError when it is not there."""
        issue = self._store.issue(number)
        if issue is None:
            raise self._store.missing(f"issue #{number}")
        gone = {login.casefold() for login in edit.unassigned or ()}
        stay = [login for login in issue.assignees if login.casefold() not in gone]
        state = issue.state if edit.is_open is None else "open" if edit.is_open else "closed"
        self._store.save_entry(
            replace(
                issue,
                title=issue.title if edit.title is None else printable(edit.title),
                body=issue.body if edit.body is None else printable(edit.body),
                labels=issue.labels if edit.labels is None else tuple(dict.fromkeys(edit.labels)),
                assignees=tuple(dict.fromkeys([*stay, *(edit.assignees or ())])),
                state=state,
                updated_at=self._store.now(),
            )
        )

    def comment(self, number: int, text: str, *, marker: str, look_since: str | None) -> str:
        """Comment and answer the address; where `look_since` is given, look for our comment with the marker first."""
        stored = self._store.existing(number)
        if look_since is not None:
            for comment in stored.comments:
                if comment.author == OURS and is_marked(comment.body, marker) and comment.created_at >= look_since:
                    return self._store.comment_url(stored, comment.id)
        return self._store.comment_url(stored, self.add_comment(number, OURS, text))

    def react(self, comment_id: int, reaction: Reaction) -> None:
        """React to a comment; the same reaction twice is one, and a comment that is gone needs none."""
        for stored in self._store.entries():
            comments = tuple(
                replace(each, reactions=tuple(dict.fromkeys([*each.reactions, reaction])))
                if each.id == comment_id
                else each
                for each in stored.comments
            )
            if comments != stored.comments:
                self._store.save_entry(replace(stored, comments=comments))

    def pin_issue(self, number: int) -> str | None:
        """Write `pinned.json`: a folder takes every pin. Raises RemoteError when there is no such issue."""
        if self._store.issue(number) is None:
            raise self._store.missing(f"issue #{number}")
        path = self._store.folder / "pinned.json"
        pinned = self._store.load(path, list[int]) or []
        if number not in pinned:
            self._store.save(path, [*pinned, number])
        return None

    def is_member(self, login: str, *, team: str) -> bool | None:
        """Say whether somebody is in a team of `teams.json`; None for a team that is not in it."""
        teams = self._store.load(self._store.folder / "teams.json", dict[str, tuple[str, ...]]) or {}
        members = teams.get(team)
        return None if members is None else login.casefold() in {name.casefold() for name in members}

    # What people do, and what GitHub would send because of it.

    def add_comment(self, number: int, author: str, text: str) -> int:
        """Comment on an issue or a pull request as somebody; answers the comment's id."""
        return self._store.add_comment(number, author, text)

    def comment_event(self, number: int, comment_id: int) -> JsonObject:
        """Answer the payload of the event `issue_comment` (created), as far as this program reads it."""
        stored = self._store.existing(number)
        comment = next((each for each in stored.comments if each.id == comment_id), None)
        if comment is None:
            raise self._store.missing(f"comment {comment_id} on issue #{number}")
        return {
            "action": "created",
            "issue": self._payload(stored),
            "comment": {
                "id": comment.id,
                "html_url": self._store.comment_url(stored, comment.id),
                "body": comment.body,
                "user": _user(comment.author),
                "created_at": comment.created_at,
                "updated_at": comment.created_at,
                "author_association": "COLLABORATOR",
            },
            "sender": _user(comment.author),
        }

    def issue_event(self, number: int, action: str, sender: str) -> JsonObject:
        """Answer the payload of the event `issues` with that action, as far as this program reads it."""
        issue = self._store.issue(number)
        if issue is None:
            raise self._store.missing(f"issue #{number}")
        return {"action": action, "issue": self._payload(issue), "sender": _user(sender)}

    def _payload(self, stored: StoredEntry) -> JsonObject:
        """Answer an issue as GitHub sends it; a pull request is one with `pull_request` in it."""
        payload: JsonObject = {
            "number": stored.number,
            "html_url": self._store.url(stored),
            "title": stored.title,
            "body": stored.body,
            "state": stored.state,
            "labels": [{"name": name} for name in stored.labels],
            "user": _user(stored.author),
            "created_at": stored.created_at,
        }
        if isinstance(stored, StoredIssue):
            people: JsonObject = {"assignees": [_user(login) for login in stored.assignees]}
            return payload | people | {"updated_at": stored.updated_at}
        added: JsonObject = {"assignees": [], "updated_at": stored.created_at}
        return payload | added | {"pull_request": {"html_url": self._store.url(stored)}}

    def _issue(self, issue: StoredIssue) -> Issue:
        return issue.issue(self._store.url(issue))


def _has(issue: StoredIssue, label: str) -> bool:
    return label.casefold() in {name.casefold() for name in issue.labels}


def _user(login: str) -> JsonObject:
    return {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"}
