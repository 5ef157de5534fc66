#!/usr/bin/env bash
# Makes the virtual environment from the hash-locked set: with uv in seconds, with pip in a minute.
set -euo pipefail
python="${PYTHON:-python3}"
venv="${VENV:-.venv}"
uv_version="0.13.9"
export UV_PYTHON_DOWNLOADS=never
unset PYTHONDONTWRITEBYTECODE # where set, every process compiles its imports again

"$python" - <<'P' || { echo "Linernotes needs Python 3.11 or later, as $python" >&2; exit 1; }
import sys
sys.exit(sys.version_info < (3, 11))
P

with_uv() {
    if [ ! -x .boot/bin/uv ]; then
        rm -rf .boot
        "$python" -m venv --without-pip .boot &&
            "$python" -m pip --python .boot/bin/python install --quiet "uv==$uv_version" || return 1
    fi
    .boot/bin/uv venv --quiet --allow-existing --python "$python" "$venv" &&
        .boot/bin/uv pip sync --quiet --python "$venv/bin/python" --require-hashes requirements.lock &&
        .boot/bin/uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
}

with_pip() {
    "$python" -m venv "$venv" &&
        "$venv/bin/python" -m pip install --quiet --require-hashes -r requirements.lock &&
        "$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
}

echo "setting up $venv (once)"
with_uv && exit
echo "uv could not be had; using pip" >&2
with_pip && exit
echo "the packages could not be installed: is there a network, and pip or venv for $python?" >&2
exit 1
