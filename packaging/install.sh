#!/bin/sh
# Installs Cloister from this folder; nothing is fetched from anywhere.
#
# ./install.sh PREFIX [PYTHON]
#   PREFIX  gets lib/, include/, share/cloister/ (the model) and venv/ (Python with the wheel)
set -eu

[ $# -ge 1 ] || { echo "usage: ./install.sh PREFIX [PYTHON]" >&2; exit 2; }
cd "$(dirname "$0")"
prefix=$1 python=${2:-python3}

sha256sum --check --quiet SHA256SUMS || { echo "the archive is damaged or was altered; hint: copy it again" >&2; exit 1; }
mkdir -p "$prefix/share/cloister"
cp -R library/. "$prefix"
cp model/*.gguf "$prefix/share/cloister"
# The files that build tools read name the place they were made for.
find "$prefix/lib/pkgconfig" "$prefix/lib/cmake" -type f -exec sed -i "s|^prefix=.*|prefix=$prefix|" {} +
"$python" -m venv "$prefix/venv"
"$prefix/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links wheels cloister
model=$(echo "$prefix"/share/cloister/*.gguf)
echo "installed; hint: export CLOISTER_MODEL=$model, then $prefix/venv/bin/cloister doctor --attest"
