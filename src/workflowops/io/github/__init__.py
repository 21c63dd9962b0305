"""Touches GitHub's REST API."""

from workflowops.io.github.review import GitHubPullRequests
from workflowops.io.github.settings import GitHubSettings
from workflowops.io.github.tracker import GitHubTracker

__all__ = ["GitHubPullRequests", "GitHubSettings", "GitHubTracker"]
