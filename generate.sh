#!/bin/sh
# Rewrites generated_client/ from openapi.yaml. With --check it writes nothing: it shows what would change and exits 1.
# Exit codes: 0 up to date or rewritten, 1 --check found a difference, 2 the client could not be generated.
set -eu
cd "$(dirname "$0")"

has_generator() {
    "$1" -Es -c 'from importlib.util import find_spec as f; exit(not (f("openapi_python_client") and f("ruff")))' \
        >/dev/null 2>&1
}

if has_generator .venv/bin/python; then python=.venv/bin/python
elif has_generator python3; then python=python3 # an environment that is active already
else
    make --silent setup >&2 || exit 2
    python=.venv/bin/python
fi
# -Es -B -X utf8: neither the caller's Python settings nor the locale change the result, nor is a cache left behind.
exec "$python" -Es -B -X utf8 codegen/generate.py "$@"
