#!/bin/busybox sh
# The first program of the emulated machine: runs the tests and switches it off.
/bin/busybox --install -s /bin
export PATH=/bin HOME=/ LANG=C.UTF-8 LD_LIBRARY_PATH=
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t tmpfs none /tmp
ln -sf /proc/self/fd /dev/fd
ip link set lo up
. /settings
export CLOISTER_TEST_MODEL CC=/bin/compiled CXX=/bin/compiled RUST_TEST_THREADS=1 RUST_BACKTRACE=0
unset LD_LIBRARY_PATH
echo "$(uname -srm), pages of $(grep -m 1 KernelPageSize /proc/self/smaps | tr -s ' ' | cut -d ' ' -f 2) KiB, CPU:$(grep -m 1 Features /proc/cpuinfo | cut -d : -f 2)"
failed=0
while read -r crate test filter; do
    echo "== $(basename "${test%-*}") $filter"
    # shellcheck disable=SC2086
    (cd "$crate" && timeout 900 "$test" $filter $(for name in $SKIP; do echo "--skip $name"; done)) < /dev/null || failed=1
done < /tests
[ $failed = 1 ] || echo "== all passed"
poweroff -f
