#!/usr/bin/env bash
# Runs WorkflowOps: `bash action/run.sh COMMAND [OPTION...]`. Needs bash, git and Python 3.11 or newer, nothing else.
# With WORKFLOWOPS_NOTIFY=true, what tells people outside of GitHub is installed as well.
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=action/environment.sh
source "$root/action/environment.sh"
requirements=requirements.txt
if [ "${WORKFLOWOPS_NOTIFY:-}" = true ]; then requirements='requirements-notify.txt'; fi
find_environment "$root/action/$requirements"
find_app "$root/src"

# The working folder holds somebody's repository, perhaps a stranger's pull request: nothing is ever imported from there.
unset PYTHONHOME PYTHONDONTWRITEBYTECODE # bytecode goes to the cache, and nowhere else
export WORKFLOWOPS_SOURCE=$root # `init` asks git which commit lies there
export PYTHONPATH=$app PYTHONSAFEPATH=1 PYTHONNOUSERSITE=1 PYTHONUTF8=1
exec "$environment/bin/python" -m workflowops "$@"
