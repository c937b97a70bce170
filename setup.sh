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

locks=$(mktemp -d)
trap 'rm -rf "$locks"' EXIT
take() {
  awk -v name="$1==" 'index($0, name) == 1 {on=1} on {print} on && !/\\$/ {exit}' requirements.lock >"$locks/$1"
  [ -s "$locks/$1" ] || fail "requirements.lock names no $1: run 'make lock'"
}
# uv comes from the same lock as everything else: its entry alone is enough for pip.
take uv
# Pulumi asks for the plugin of every provider that it finds beside a program. This one is for one example
# only, so it lies apart, where nothing finds it by chance.
take pulumi-kubernetes
grep --invert-match --line-regexp --fixed-strings --file="$locks/pulumi-kubernetes" requirements.lock >"$locks/rest"

echo "setup: installing the locked dependencies"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$locks/uv"
"$venv/bin/uv" pip sync --quiet --python "$venv/bin/python" --require-hashes "$locks/rest"
"$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --require-hashes \
  --target "$venv/apart" -r "$locks/pulumi-kubernetes"
"$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation \
  -e ./sdk -e ./provider -e ./operator -e ./emulator -e ./lab
touch "$venv/ready"
