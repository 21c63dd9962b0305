# shellcheck shell=bash
# The start of every script here: goes to the root of the repository and finds, or makes once, the development
# environment. Sourced, never run. Sets $root, and puts the environment's programs first on PATH.

root=$(CDPATH='' cd -- "${BASH_SOURCE[0]%/*}/.." && pwd -P)
cd -- "$root" || exit
# shellcheck source=action/environment.sh
source "$root/action/environment.sh"
find_environment "$root/.ci/requirements-dev.txt"
export PATH=$environment/bin:$PATH
unset PYTHONHOME PYTHONPATH
