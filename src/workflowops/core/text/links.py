"""Where things stand on GitHub, as addresses."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The team's repository on its server; `run_url` is the run that speaks, where there is one."""

    server_url: str
    repository: str
    state_branch: str
    run_url: str | None = None

    def state_file(self, path: str) -> str:
        """Answer the address of a file on the state branch."""
        return f"{self.server_url}/{self.repository}/blob/{quote(self.state_branch)}/{quote(path)}"

    def commit(self, sha: str) -> str:
        """Answer the address of a commit."""
        return f"{self.server_url}/{self.repository}/commit/{quote(sha)}"

    def issue(self, number: int) -> str:
        """Answer the address of an issue."""
        return f"{self.server_url}/{self.repository}/issues/{number}"
