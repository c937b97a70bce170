#!/usr/bin/env bash
# Makes .venv: the locked dependencies, then our own packages editable. `make` calls it when an input changed.
set -euo pipefail
cd "$(dirname "$0")"
python=${PYTHON:-python3}
venv=.venv

fail() { echo "setup: $1" >&2; exit 1; }

command -v "$python" >/dev/null || fail "no '$python' found: install Python 3.11 or newer, or name one with PYTHON=…"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "'$python' is $("$python" -V 2>&1): Python 3.11 or newer is needed; name one with PYTHON=…"
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
  fail "'$python' has no venv module: install it (on Debian and Ubuntu: apt-get install python3-venv)"

[ -x "$venv/bin/python" ] || { echo "setup: making $venv"; "$python" -m venv "$venv"; }

# uv comes from the same lock as everything else: its entry alone is enough for pip.
uv_lock=$(mktemp)
trap 'rm -f "$uv_lock"' EXIT
awk '/^uv==/ {on=1} on {print} on && !/\\$/ {exit}' requirements.lock >"$uv_lock"
[ -s "$uv_lock" ] || fail "requirements.lock names no uv: run 'make lock'"
echo "setup: installing the locked dependencies"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$uv_lock"
"$venv/bin/uv" pip sync --quiet --python "$venv/bin/python" --require-hashes requirements.lock
"$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation \
  -e ./sdk -e ./provider -e ./operator -e ./emulator -e ./lab
touch "$venv/ready"
