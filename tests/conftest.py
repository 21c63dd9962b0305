"""Settings of all tests: properties do not depend on the clock, and in CI and `.ci/test` not on chance either."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "workflowops",
    deadline=None,
    derandomize=os.environ.get("CI") == "true" or bool(os.environ.get("WORKFLOWOPS_SAME_EXAMPLES")),
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile("workflowops")
