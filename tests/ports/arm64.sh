#!/bin/sh
# Runs tests on an emulated ARM64 machine that has a kernel of its own: what an emulator of programs alone cannot do, such as
# seccomp filters and locked pages, is real there.
#
# tests/ports/arm64.sh MODEL FOLDER [TEST...]
#
# MODEL is a GGUF file, FOLDER takes what is built. A TEST is an integration test, `core:engine` or `ffi:programs`, or the unit
# tests of a module, `core:lib/isolation`; without any, all that concern the engine and the walls run. Needed are a cross compiler (`apt install g++-aarch64-linux-gnu`), the standard library
# (`rustup target add aarch64-unknown-linux-gnu`), `qemu-system-aarch64`, `cpio`, and what compiles llama.cpp.
#
# CLOISTER_ARM64_KERNELS names the kernels, bootable images; CLOISTER_ARM64_BUSYBOX a static busybox for ARM64. Where they are
# not set, `apt-get` gets both from Debian: a kernel with pages of 4 KiB and one with pages of 16 KiB.
# CLOISTER_ARM64_SKIP names tests that do not run: by default those that `strace` is needed for.
# CLOISTER_ARM64_CPU names the processor that is emulated, by default one that has everything.
set -eu

model=$(realpath "$1") folder=$2
shift 2
[ $# -gt 0 ] || set -- core:lib/isolation core:engine core:engine_lifecycle core:engine_cache core:engine_cpu core:engine_formats \
    core:engine_files core:engine_injection core:engine_model core:engine_adapter core:guard core:cipher \
    ffi:programs ffi:lockdown ffi:residue ffi:boundary
root=$(cd "$(dirname "$0")/../.." && pwd)
target=aarch64-unknown-linux-gnu cross=aarch64-linux-gnu
mkdir -p "$folder"
folder=$(realpath "$folder")

# The library and the tests.
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=$cross-gcc
export BINDGEN_EXTRA_CLANG_ARGS_aarch64_unknown_linux_gnu="-I$($cross-gcc -print-file-name=include) -isystem /usr/$cross/include"
built() {
    (cd "$root" && cargo test --release --locked --target $target "$@" --no-run 2>&1) | tee -a /dev/stderr |
        sed -n 's|^ *Executable .* (\(.*\))$|\1|p' | sed "s|^[^/]|$root/&|"
}
: > "$folder/list"
for crate in core ffi; do
    wanted=
    for test in "$@"; do
        case $test in
        $crate:lib/*) wanted="$wanted --lib" ;;
        $crate:*) wanted="$wanted --test ${test#*:}" ;;
        esac
    done
    [ -n "$wanted" ] || continue
    # Together, so that both crates get the features that they have in the library.
    # shellcheck disable=SC2086
    built -p cloister-$crate $wanted | sed "s|^|$root/$crate |" >> "$folder/list"
done
# Which of its unit tests run stands behind the program of a crate.
for test in "$@"; do
    case $test in */*) sed -i "s|/cloister_${test%%:*}-[0-9a-f]*\$|& ${test##*/}|" "$folder/list" ;; esac
done
[ -s "$folder/list" ] || { echo "no test of that name was built" >&2; exit 1; }
deps=$(dirname "$(sed -n '1s/^[^ ]* \([^ ]*\).*/\1/p' "$folder/list")")

# The file system of the machine, in which everything lies where it lies here.
guest=$folder/guest
rm -rf "$guest"
mkdir -p "$guest/bin" "$guest/proc" "$guest/sys" "$guest/dev" "$guest/tmp" "$guest/lib" "$guest/programs" "$guest/etc" "$guest$deps"
for library in libc.so.6 libstdc++.so.6; do cp -L "$(dirname "$($cross-gcc -print-file-name=$library)")"/*.so.* "$guest/lib"; done
place() {
    mkdir -p "$guest$(dirname "$1")"
    cp -RL "$1" "$guest$(dirname "$1")"
}
mkdir -p "$guest$root/ffi"
place "$model"
for part in core/tests core/rules core/src/isolation core/src/engine/llama/backend.rs tests include bindings; do place "$root/$part"; done
while read -r _ test _; do place "$test"; done < "$folder/list"
if [ -e "$deps/libcloister.so" ]; then place "$deps/libcloister.so"; fi

# Programs in C and C++ that tests compile are compiled here, as those tests do it, and found by their names there.
compiled() { # compiler, standard, source, further words
    compiler=$1 standard=$2 source=$3
    shift 3
    name=$(echo "${source#"$root"/}" | tr / _)
    "$compiler" "-std=$standard" "$@" -I "$root/include" "$source" -o "$guest/programs/$name" \
        -L "$deps" "-Wl,-rpath,$deps" -lcloister -lm -pthread
}
sanitizers="-g -fsanitize=address,undefined -fno-sanitize-recover=all"
if [ -e "$deps/libcloister.so" ]; then
    # shellcheck disable=SC2086
    {
        for source in "$root"/tests/c/*.c "$root/bindings/c/main.c"; do compiled $cross-gcc c11 "$source" $sanitizers; done
        for source in "$root"/tests/cpp/*.cpp "$root/bindings/cpp/main.cpp"; do compiled $cross-g++ c++17 "$source" $sanitizers; done
        compiled $cross-gcc c11 "$root/tests/memory/residue.c" -D_GNU_SOURCE
        compiled $cross-g++ c++17 "$root/tests/memory/residue.cpp"
        for name in breached process; do compiled $cross-gcc c11 "$root/tests/lockdown/$name.c" -D_GNU_SOURCE; done
        $cross-gcc -std=gnu11 -fno-builtin -shared -fPIC -o "$guest/programs/tests_lockdown_breach.c" \
            "$root/tests/lockdown/breach.c" -lm
        printf '#include <stdlib.h>\nint main(void) { return malloc(7) == 0; }\n' |
            $cross-gcc -std=c11 $sanitizers -x c - -o "$guest/programs/leak.c"
    }
fi
cp "$root/tests/ports/compiled.sh" "$guest/bin/compiled"
cp "$root/tests/ports/machine.sh" "$guest/init"
chmod +x "$guest/bin/compiled" "$guest/init"
cp "$folder/list" "$guest/tests"
traced="a_conversation_needs_no_network a_conversation_writes_nothing the_trace_shows"
printf 'CLOISTER_TEST_MODEL=%s ROOT=%s SKIP="%s"\n' "$model" "$root" "${CLOISTER_ARM64_SKIP-$traced}" > "$guest/settings"
echo 'root:x:0:0:root:/:/bin/sh' > "$guest/etc/passwd"

# Kernel and shell.
if [ -z "${CLOISTER_ARM64_KERNELS:-}" ] || [ -z "${CLOISTER_ARM64_BUSYBOX:-}" ]; then
    "$root/tests/ports/debian-arm64.sh" "$folder/debian"
    CLOISTER_ARM64_KERNELS="${CLOISTER_ARM64_KERNELS:-$folder/debian/kernel-4k $folder/debian/kernel-16k}"
    CLOISTER_ARM64_BUSYBOX="${CLOISTER_ARM64_BUSYBOX:-$folder/debian/busybox}"
fi
cp "$CLOISTER_ARM64_BUSYBOX" "$guest/bin/busybox"
(cd "$guest" && find . | cpio --quiet -o -H newc) > "$folder/machine.cpio"

failed=0
if [ -e "$deps/libcloister.so" ]; then
    grep -v '^#' "$root/core/src/isolation/forbidden-symbols.txt" | sed 's/\*$/.*/' > "$folder/forbidden"
    echo "== imports of libcloister.so"
    if $cross-nm -D --undefined-only --format=posix "$deps/libcloister.so" | sed 's/[@ ].*//' | grep -xf "$folder/forbidden"; then
        failed=1
    else
        echo "none opens a connection, starts a process or loads code ... ok"
    fi
fi
for kernel in $CLOISTER_ARM64_KERNELS; do
    echo "== $(basename "$kernel")"
    qemu-system-aarch64 -M virt -cpu "${CLOISTER_ARM64_CPU:-max,pauth-impdef=on}" -smp 2 -m 6G -nographic -nic none -no-reboot \
        -kernel "$kernel" -initrd "$folder/machine.cpio" -append "console=ttyAMA0 quiet panic=-1 rdinit=/init" < /dev/null |
        sed -u 's|\r||g' | tee "$folder/said"
    grep -q '^== all passed$' "$folder/said" || failed=1
done
exit $failed
