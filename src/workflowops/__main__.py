"""`python -m workflowops`: what the actions run."""

import sys

from workflowops.cli import main

if __name__ == "__main__":
    sys.exit(main())
