"""Which account writes our comments: nobody else's count as said by us."""

from workflowops.io.github.exchange import Exchange
from workflowops.io.github.messages import Request
from workflowops.io.github.place import Place
from workflowops.io.github.reading import NOBODY, login_of, text_of

_WORKFLOW_ACCOUNT = "github-actions[bot]"


class Account:
    """The account that we are, as far as it is known.

    It is known from the answers to our own writes; else the opener of an incident's issue is one of us, because only
    we open those; else `GET /user` names the owner of a personal token. A workflow's GITHUB_TOKEN and the token of an
    App get 403 there: the first one always writes as `github-actions[bot]`, and an App is known by the issue it opened.
    """

    def __init__(self, exchange: Exchange, place: Place) -> None:
        self._exchange = exchange
        self._place = place
        self._ours: set[str] = set()
        self._openers: dict[int, str] = {}
        self._is_asked = False

    def learn(self, login: str) -> None:
        """Note the author of something that we just wrote."""
        if login not in {"", NOBODY}:
            self._ours.add(login.casefold())

    def wrote(self, login: str, *, issue: int | None) -> bool:
        """Say whether an author is us. No request when that is known; else one for the issue, and one for the account.

        `issue` is the number of an issue that we opened; None where somebody else may have opened it.
        """
        if login == NOBODY:
            return False
        wanted = login.casefold()
        if wanted in self._ours or (issue is not None and wanted == self._opener(issue)):
            return True
        return wanted in self._asked()

    def _opener(self, issue: int) -> str:
        if issue not in self._openers:
            request = Request(
                method="GET",
                path=self._place.path("issues", issue),
                task=f"read who opened issue #{issue}",
                needs="issues: read",
            )
            self._openers[issue] = login_of(self._exchange.read(request).data).casefold()
        return self._openers[issue]

    def _asked(self) -> set[str]:
        if not self._is_asked:
            request = Request(method="GET", path="/user", task="ask whose token this is", needs="metadata: read")
            answer = self._exchange.read(request, accept={403, 404})
            self.learn(text_of(answer.data, "login") if answer.status == 200 else _WORKFLOW_ACCOUNT)
            self._is_asked = True
        return self._ours
