#!/bin/sh
# Builds the library for Windows with MinGW, runs tests under Wine, and uses `cloister.dll` from programs in C and C++.
#
# tests/ports/windows.sh MODEL FOLDER [TEST...]
#
# MODEL is a GGUF file, FOLDER takes what is built. TEST is the name of an integration test of the core; without any, those
# that concern the engine, the guard and files run. Needed are MinGW (`apt install g++-mingw-w64-x86-64-posix`), Wine (`apt install
# wine64`), the standard library (`rustup target add x86_64-pc-windows-gnu`), and what compiles llama.cpp.
# CLOISTER_WINE names the program `wine64` where it is elsewhere.
set -eu

model=$(realpath "$1") folder=$2
shift 2
[ $# -gt 0 ] || set -- engine engine_injection engine_cache engine_formats engine_adapter guard sessions access operators
root=$(cd "$(dirname "$0")/../.." && pwd)
target=x86_64-pc-windows-gnu cross=x86_64-w64-mingw32
mkdir -p "$folder"
folder=$(realpath "$folder")

for wine in "${CLOISTER_WINE:-}" "$(command -v wine64 || true)" /usr/lib/wine/wine64; do [ -x "$wine" ] && break; done
[ -x "$wine" ] || { echo "Wine is not there; hint: apt install wine64" >&2; exit 1; }
compiler=$cross-gcc compiler_cpp=$cross-g++
# Threads of the C++ library.
if command -v $cross-g++-posix > /dev/null; then compiler=$cross-gcc-posix compiler_cpp=$cross-g++-posix; fi
export CC_x86_64_pc_windows_gnu=$compiler CXX_x86_64_pc_windows_gnu=$compiler_cpp
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=$compiler CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER="$wine"
export BINDGEN_EXTRA_CLANG_ARGS_x86_64_pc_windows_gnu="-I$($compiler -print-file-name=include) -isystem $(dirname \
    "$(printf '#include <windows.h>\n' | $compiler -E -x c - | sed -n 's|^# [0-9]* "\(.*/windows.h\)".*|\1|p' | head -n 1)")"
# Before version 11 the headers of MinGW lack what ggml uses of newer Windows.
if ! printf '#include <windows.h>\nTHREAD_POWER_THROTTLING_STATE state;\n' | $compiler -x c - -c -o /dev/null 2>/dev/null; then
    export CFLAGS_x86_64_pc_windows_gnu=-D_WIN32_WINNT=0x0601
fi

# Where programs find the libraries of the compiler.
paths=
for library in libstdc++-6.dll libgcc_s_seh-1.dll libwinpthread-1.dll; do
    found=$($compiler_cpp -print-file-name=$library)
    [ "$found" != "$library" ] || continue
    paths="$paths;Z:$(dirname "$(realpath "$found")" | tr / '\\')"
done
# A library of Windows that Rust's needs and Wine has from version 9 on.
mkdir -p "$folder/own"
$compiler -O2 -Wall -Wextra -shared "$root/tests/ports/bcryptprimitives.c" -o "$folder/own/bcryptprimitives.dll" -ladvapi32
paths="$paths;Z:$(echo "$folder/own" | tr / '\\')"
export WINEPREFIX="$folder/wine" WINEDEBUG="${WINEDEBUG:--all}" WINEPATH="${paths#;}"
export CLOISTER_TEST_MODEL="Z:$model" RUST_TEST_THREADS="${RUST_TEST_THREADS:-1}"

cd "$root"
features="--no-default-features --features llama"
tests=
for test in "$@"; do tests="$tests --test $test"; done
failed=0
# Together with a test of the C ABI, so that the library is compiled once.
# shellcheck disable=SC2086
cargo test --release --locked --target $target $features -p cloister-core -p cloister-ffi --no-fail-fast $tests --test boundary || failed=1
# shellcheck disable=SC2086
cargo build --release --locked --target $target $features -p cloister-core -p cloister-ffi --example tiny_gguf
release="$(cargo metadata --no-deps --format-version 1 | sed 's|.*"target_directory":"\([^"]*\)".*|\1|')/$target/release"
deps="$release/deps"
rm -rf "$folder/programs"
mkdir -p "$folder/programs"
cp "$deps/cloister.dll" "$folder/programs"
"$wine" "$release/examples/tiny_gguf.exe" "$folder/tiny.gguf"
for source in tests/ports/doctor.c tests/c/*.c tests/cpp/*.cpp; do
    program="$folder/programs/$(echo "$source" | tr / _).exe"
    case $source in
    *.c) by=$compiler standard=c11 ;;
    *) by=$compiler_cpp standard=c++17 ;;
    esac
    $by -std=$standard -Wall -Wextra -Werror -pedantic -D__USE_MINGW_ANSI_STDIO=1 -I include "$source" -o "$program" \
        -L "$deps" -l:libcloister.dll.a -pthread || { failed=1; continue; }
    scratch=$(mktemp -d)
    case $source in
    */attest.*) echo "$source ... left out: it attests the lockdown"; continue ;;
    */engine.*) needed="$folder/tiny.gguf" ;;
    */guard.*) needed=$model ;;
    *) needed= ;;
    esac
    if "$wine" "$program" "$scratch" ${needed:+"Z:$needed"}; then echo "$source ... ok"; else echo "$source ... FAILED"; failed=1; fi
    rm -rf "$scratch"
done
exit $failed
