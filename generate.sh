#!/bin/sh
# Rewrites generated_client/ from openapi.yaml. With --check it writes nothing: it shows what would
# change and exits 1. Exit codes: 0 up to date or rewritten, 1 --check found a difference, 2 the
# client could not be generated.
set -eu
cd "$(dirname "$0")"

has_generator() {
    "$1" -Es -c 'from importlib.metadata import version as v; v("openapi-python-client"), v("ruff")' \
        >/dev/null 2>&1
}

python=.venv/bin/python
if ! has_generator "$python"; then
    if has_generator python3; then
        python=python3 # an environment that is active already
    else
        make --silent setup >&2 || exit 2
    fi
fi
# -Es -B -X utf8: neither the caller's Python settings nor the locale change the result, nor is a
# cache left behind.
exec "$python" -Es -B -X utf8 codegen/generate.py "$@"
