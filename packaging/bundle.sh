#!/bin/sh
# Writes one archive from which everything installs on a machine without a network.
#
# packaging/bundle.sh PYTHON WHEEL INSTALLED_TREE MODEL ARCHIVE
#   PYTHON          an interpreter with pip; what the wheel depends on is fetched for it
#   WHEEL           the wheel of this library
#   INSTALLED_TREE  what `make install DESTDIR=… PREFIX=/` has written
#   MODEL           a GGUF file
#   ARCHIVE         the .tar.gz to write
set -eu

python=$1 wheel=$2 tree=$3 model=$4 archive=$5
here=$(dirname "$0")
name=$(basename "$archive" .tar.gz)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
top=$stage/$name

mkdir -p "$top/wheels" "$top/model"
cp "$wheel" "$top/wheels"
"$python" -m pip download --quiet --disable-pip-version-check --only-binary :all: --dest "$top/wheels" "$wheel"
cp -R "$tree/." "$top/library"
cp "$model" "$top/model"
cp "$here/install.sh" "$here/../LICENSE" "$here/../python/NOTICE" "$top"
(cd "$top" && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum > SHA256SUMS)
mkdir -p "$(dirname "$archive")"
tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner -czf "$archive" "$name"
echo "wrote $archive"
