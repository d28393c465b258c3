#!/bin/sh
# Stands where tests look for a compiler: gives them the program that was compiled before.
source= output=
while [ $# -gt 0 ]; do
    case $1 in
    -o) output=$2; shift ;;
    *.c | *.cpp) source=$1 ;;
    -fsyntax-only) exit 0 ;;
    esac
    shift
done
. /settings
name=$(echo "${source#"$ROOT"/}" | tr / _)
case $name in *_leak.c) name=leak.c ;; esac
exec cp "/programs/$name" "$output"
