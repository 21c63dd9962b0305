"""Whether this run proved anything about a real n8n."""

import pytest
from tests.acceptance.conftest import wanted_versions


@pytest.mark.parametrize("version", ["2.41.1", "1.123.81"])
def test_the_suite_runs_on_a_real_n8n(version: str) -> None:
    if version not in wanted_versions():
        pytest.skip(f"The suite did not run on n8n {version}: WORKFLOWOPS_REAL_N8N does not list it.")
