"""Which identities are taken: slugs, names, contents and paths, as Git and the open proposals have them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from workflowops.core.naming import folded_path
from workflowops.core.onboarding_record import OnboardingRequest
from workflowops.core.records import CanonicalFile, CanonicalWorkflow
from workflowops.core.sidecar import sidecar_path


@dataclass(slots=True)
class Registry:
    """The identities that are taken: canonical workflows by slug, name and digest, and every path in use.

    `linked` are the canonical workflows, by environment, that a living workflow belongs to already. Grows while a plan
    is made, so that two candidates of one run do not get the same slug.
    """

    slugs: dict[str, str] = field(default_factory=dict)
    slug_of: dict[str, str] = field(default_factory=dict)
    environments: dict[str, set[str]] = field(default_factory=dict)
    by_digest: dict[str, set[str]] = field(default_factory=dict)
    by_name: dict[str, set[str]] = field(default_factory=dict)
    own_paths: dict[tuple[str, str], str] = field(default_factory=dict)
    described: dict[str, CanonicalWorkflow] = field(default_factory=dict)
    linked: set[tuple[str, str]] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)

    def add(self, canonical_id: str, slug: str, environment: str, *, name: str, digest: str) -> None:
        """Enter a copy."""
        self.slugs.setdefault(slug, canonical_id)
        self.slug_of.setdefault(canonical_id, slug)
        self.environments.setdefault(canonical_id, set()).add(environment)
        self.by_digest.setdefault(digest, set()).add(canonical_id)
        self.by_name.setdefault(name, set()).add(canonical_id)

    def is_in_use(self, path: str) -> bool:
        """Say whether a file of that name, or the sidecar beside it, is there on one file system or another."""
        return folded_path(path) in self.paths or folded_path(sidecar_path(path)) in self.paths

    def keep(self, path: str) -> None:
        """Let nobody else have a file, and with it the sidecar beside it."""
        self.paths.add(folded_path(path))

    def take(self, canonical_id: str, environment: str, path: str) -> None:
        """Give a canonical workflow its file and its link in an environment."""
        self.own_paths[canonical_id, environment] = path
        self.linked.add((canonical_id, environment))
        self.keep(path)


def registry_of(
    canonical: CanonicalFile,
    *,
    paths: Iterable[str],
    linked: Iterable[tuple[str, str]] = (),
    proposed: Iterable[OnboardingRequest] = (),
) -> Registry:
    """Enter everything that Git declares, and what pull requests propose that nobody has merged yet.

    `paths` are all files of the repository, whatever they are. `linked` names (canonical id, environment) where a
    workflow that is there holds the link.
    """
    registry = Registry(paths={folded_path(path) for path in paths}, linked={*linked})
    for canonical_id, workflow in canonical.workflows.items():
        registry.described[canonical_id] = workflow
        for environment, copy in workflow.copies.items():
            registry.add(canonical_id, workflow.canonical_slug, environment, name=copy.name, digest=copy.content_hash)
            registry.own_paths[canonical_id, environment] = copy.git_file_path
    for each in proposed:
        registry.add(
            each.canonical_id,
            each.canonical_slug,
            each.environment,
            name=each.workflow_name,
            digest=each.content_hash,
        )
        registry.keep(each.git_file_path)
    return registry
