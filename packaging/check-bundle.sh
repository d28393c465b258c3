#!/bin/sh
# Installs an archive in a name space without a network and asks the model there: in Python, and in a C program.
#
# packaging/check-bundle.sh ARCHIVE [PYTHON]
set -eu

archive=$(realpath "$1") python=${2:-python3}
if [ "${CLOISTER_ALONE:-}" != yes ]; then
    if ! unshare --map-root-user --net true 2>/dev/null; then
        echo "SKIPPED: this kernel lets nobody make a network name space, so nothing was shown about one" >&2
        exit 0
    fi
    CLOISTER_ALONE=yes exec unshare --map-root-user --net sh "$0" "$archive" "$python"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Only the loopback interface is there, and it is down.
"$python" -c 'import socket; socket.create_connection(("192.0.2.1", 9), 1)' 2>/dev/null && { echo "there is a network" >&2; exit 1; }
tar -C "$work" -xzf "$archive"
folder=$(echo "$work"/*/)
"${folder}install.sh" "$work/prefix" "$python"
CLOISTER_MODEL=$(echo "$work"/prefix/share/cloister/*.gguf)
export CLOISTER_MODEL
"$work/prefix/venv/bin/cloister" doctor --attest
cat > "$work/version.c" <<'PROGRAM'
#include <cloister.h>
#include <stdio.h>

int main(void) { return puts(cloister_version()) < 0; }
PROGRAM
cc "$work/version.c" -I "$work/prefix/include" -L "$work/prefix/lib" -Wl,-rpath,"$work/prefix/lib" -lcloister -o "$work/version"
"$work/version"
# One altered byte is noticed.
printf x >> "${folder}wheels/$(ls "${folder}wheels" | head -n 1)"
if "${folder}install.sh" "$work/again" "$python" 2>/dev/null; then
    echo "an altered archive was installed" >&2
    exit 1
fi
echo "installed and used without a network"
