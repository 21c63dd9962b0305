"""What the doctor asks of the place where the repository is: its settings, read and never changed."""

from typing import Protocol

from workflowops.core.doctor.repository_facts import Asked, RepositoryFacts


class RepositorySettings(Protocol):
    """The settings of one repository on GitHub."""

    def facts(self, asked: Asked) -> RepositoryFacts:
        """Read everything that can be read, without a write.

        Never raises RemoteError: what could not be read stands in the facts as `Unread`, with the reason.
        """
