# shellcheck shell=bash
# Finds, or makes once, a Python that has exactly the pinned packages of a requirement file. Sourced, never run.
#
# Everything lives in $WORKFLOWOPS_CACHE (default: $XDG_CACHE_HOME/workflowops, then ~/.cache/workflowops):
#   env-<key>  a virtual environment; the key covers the requirement file, the interpreter's path and the machine's type
#   uv-<key>   uv itself, where the machine has none
#   app-<key>  a copy of src/workflowops with its bytecode; the key covers the names and contents of all its files
# Each is made in a folder of its own and moved into place in one step, so that runs side by side cannot disturb each
# other. What nobody used for thirty days is removed when something new is made.

action_folder=${BASH_SOURCE[0]%/*}
cache='' python=''

# fail EXIT_CODE PROBLEM FIX: says what is wrong and what to do, and ends the script.
fail() {
  if [ "${GITHUB_ACTIONS:-}" = true ]; then printf '::error title=WorkflowOps::%s %s\n' "$2" "$3" >&2; fi
  printf 'Error: %s\nFix: %s\n' "$2" "$3" >&2
  exit "$1"
}

# find_cache: sets $cache to an absolute path; nothing is created yet.
find_cache() {
  cache=${WORKFLOWOPS_CACHE:-}
  if [ -z "$cache" ] && [ -n "${XDG_CACHE_HOME:-}" ]; then cache=$XDG_CACHE_HOME/workflowops; fi
  if [ -z "$cache" ] && [ -n "${HOME:-}" ]; then cache=$HOME/.cache/workflowops; fi
  if [ -z "$cache" ] && [ -n "${RUNNER_TEMP:-}" ]; then cache=$RUNNER_TEMP/workflowops; fi
  if [ -z "$cache" ]; then
    fail 2 "There is no place for the cache: HOME is not set." "Set HOME, or WORKFLOWOPS_CACHE to a folder that only you can write."
  fi
  case $cache in /*) ;; *) cache=$PWD/$cache ;; esac
}

# find_python: sets $python to the interpreter's path as the shell finds it; does not start it.
find_python() {
  local wanted=${WORKFLOWOPS_PYTHON:-python3}
  python=$(command -v -- "$wanted") || fail 2 "There is no $wanted on PATH." \
    "Install Python 3.11 or newer (on GitHub: actions/setup-python), or set WORKFLOWOPS_PYTHON to one."
  case $python in /*) ;; *) python=$PWD/$python ;; esac
}

# base_python: prints the real path of the interpreter behind $python, past shims, links and virtual environments.
base_python() {
  local answer
  answer=$("$python" -I -c '
import os, sys
print("%d.%d" % sys.version_info[:2], sys.version_info >= (3, 11), os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable))
') || fail 2 "$python does not start." "Repair it, or set WORKFLOWOPS_PYTHON to Python 3.11 or newer."
  case $answer in
    *' True '*) printf '%s\n' "${answer#* True }" ;;
    *) fail 2 "$python is Python ${answer%% *}; WorkflowOps needs 3.11 or newer." \
      "Install Python 3.11 or newer (on GitHub: actions/setup-python), or set WORKFLOWOPS_PYTHON to one." ;;
  esac
}

# make_work_folder: creates the cache and, in it, a folder for this run alone that goes away with it; sets $work.
make_work_folder() {
  mkdir -p -- "$cache" 2>/dev/null || true
  if ! work=$(mktemp -d "$cache/.making.XXXXXX" 2>/dev/null); then
    fail 2 "The cache folder $cache cannot be written." "Make it writable, or set WORKFLOWOPS_CACHE to a folder that is."
  fi
  trap 'rm -rf -- "$work"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  find "$cache" -mindepth 1 -maxdepth 1 -name '.making.*' -mtime +1 -exec rm -rf -- {} + 2>/dev/null || true
  find "$cache" -mindepth 2 -maxdepth 2 -name .used -mtime +30 2>/dev/null | while IFS= read -r mark; do
    rm -rf -- "${mark%/.used}"
  done
}

# put_in_place MADE DESTINATION PROOF: moves a finished folder to its name in one step. Another run may have been
# faster: what holds the file PROOF stays. What lacks it is broken and gives way.
put_in_place() {
  if [ -e "$2" ] && [ ! -e "$2/$3" ]; then mv -- "$2" "$work/broken.$$" 2>/dev/null || true; fi
  true >"$1/.used"
  "$base" -I -c 'import os, sys; os.rename(sys.argv[1], sys.argv[2])' "$1" "$2" 2>/dev/null || [ -e "$2/$3" ] ||
    fail 2 "$2 cannot be written." "Make its folder writable, or set WORKFLOWOPS_CACHE to a folder that is."
}

# find_pip: sets $pip to an interpreter that has pip; false when the machine has none.
find_pip() {
  pip=$base
  if "$pip" -I -m pip --version >/dev/null 2>&1; then return; fi
  pip=$work/pip/bin/python
  [ -x "$pip" ] || "$base" -I -m venv "$work/pip" >/dev/null 2>&1
}

# run_pip OPTION...: as the machine has set up pip (mirrors, certificates), apart from what would stand in our way.
run_pip() {
  PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_QUIET=1 PIP_NO_DEPS=1 \
    PIP_ONLY_BINARY=:all: PIP_REQUIRE_HASHES=1 "$pip" -I -m pip "$@" >>"$work/log" 2>&1
}

# find_uv: sets $uv. The one on PATH if it works; else the pinned one, fetched with pip.
find_uv() {
  local key
  uv=uv
  if uv --version >/dev/null 2>&1; then return; fi
  key=$(git hash-object --no-filters "$action_folder/uv-requirements.txt")
  uv=$cache/uv-$HOSTTYPE-$OSTYPE-$key/bin/uv
  if "$uv" --version >/dev/null 2>&1; then return; fi
  find_pip || fail 2 "$python has neither pip nor ensurepip, and there is no uv on PATH." \
    "Install one of them: 'apt-get install python3-venv' on Debian and Ubuntu, or uv from your package manager."
  run_pip install --target "$work/uv" -r "$action_folder/uv-requirements.txt" || not_installed
  put_in_place "$work/uv" "${uv%/bin/uv}" bin/uv
}

# not_installed: what the installer said, and what it may mean.
not_installed() {
  cat -- "$work/log" >&2
  fail 4 "The pinned packages could not be installed with $python." \
    "Read the installer's words above. A package index must be reachable (mirrors: UV_DEFAULT_INDEX or PIP_INDEX_URL; own certificates: SSL_CERT_FILE), and Python must be 3.11 to 3.14 on Linux or macOS, since nothing is built from source."
}

# make_environment REQUIREMENTS DESTINATION: installs, with hashes required, and without building anything. Wants a
# subshell of its own, as make_app does: both set variables and a trap for its end.
make_environment() {
  base=$(base_python)
  make_work_folder
  # Not in the folder of the caller: its uv.toml and pyproject.toml are not ours to obey.
  cd -- "$work" || exit
  printf 'workflowops: installing %s into %s (once)\n' "${1##*/}" "$cache" >&2
  find_uv
  # uv does not read pip's settings: a mirror given to pip is meant for it too.
  if [ -n "${PIP_INDEX_URL:-}" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then export UV_DEFAULT_INDEX=$PIP_INDEX_URL; fi
  if [ -z "${HOME:-}${XDG_CACHE_HOME:-}${UV_CACHE_DIR:-}" ]; then export UV_CACHE_DIR=$cache/uv; fi
  "$uv" venv --quiet --relocatable --no-project --python "$base" "$work/env" >>"$work/log" 2>&1 || not_installed
  # Mirrors and certificates may be set up for pip alone, in its own files: where uv does not get through, pip may.
  "$uv" pip install --quiet --no-build --require-hashes --python "$work/env/bin/python" -r "$1" >>"$work/log" 2>&1 ||
    { find_pip && run_pip --python "$work/env/bin/python" install -r "$1"; } ||
    not_installed
  put_in_place "$work/env" "$2" bin/python
}

# find_environment REQUIREMENTS (an absolute path): sets $environment to a virtual environment that has them, made now if need be.
find_environment() {
  local key
  [ -n "$cache" ] || find_cache
  [ -n "$python" ] || find_python
  key=$(printf '%s\n' 'layout 1' "$python" "$HOSTTYPE-$OSTYPE" "$(<"$1")" | git hash-object --no-filters --stdin)
  environment=$cache/env-$key
  # A dangling link counts as absent: the interpreter behind it was removed or replaced.
  if [ ! -x "$environment/bin/python" ]; then (make_environment "$1" "$environment"); fi
  true >"$environment/.used" 2>/dev/null || true
}

# make_app FOLDER DESTINATION: copies the program, without anybody's bytecode.
make_app() {
  base=$environment/bin/python
  make_work_folder
  mkdir -- "$work/app"
  cp -R -- "$1/workflowops" "$work/app/workflowops"
  find "$work/app" -name __pycache__ -prune -exec rm -rf -- {} +
  put_in_place "$work/app" "$2" workflowops/__main__.py
}

# find_app FOLDER: sets $app to a copy of FOLDER/workflowops in the cache. A checkout may be read-only, and must stay as
# it is; without stored bytecode every start would compile everything again.
find_app() {
  local names key
  names=$(find "$1/workflowops" -name __pycache__ -prune -o -type f -print | LC_ALL=C sort)
  key=$({
    printf '%s\n' "${names//"$1"/}"
    printf '%s\n' "$names" | git hash-object --no-filters --stdin-paths
  } | git hash-object --stdin)
  app=$cache/app-$key
  if [ ! -e "$app/workflowops/__main__.py" ]; then (make_app "$1" "$app"); fi
  true >"$app/.used" 2>/dev/null || true
}
