"""What `make bench` prints: one table of throughput and overhead, from Rust, C and Python in one run."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cloister

ROOT = Path(__file__).parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").absolute()
NOTE = ROOT / "core/benches/note.txt"

Row = tuple[str, float, str]


def rows_of(command: list[str | Path]) -> Iterator[Row]:
    """The rows that a program prints as JSON lines."""
    output = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in output.splitlines():
        if line.startswith("{"):
            row = json.loads(line)
            yield row["name"], row["value"], row["unit"]


def from_rust() -> Iterator[Row]:
    """The walls, one by one."""
    yield from rows_of(["cargo", "bench", "--locked", "-p", "cloister-core", "--bench", "walls"])


def from_c() -> Iterator[Row]:
    """One call through the C ABI."""
    subprocess.run(["cargo", "build", "--release", "--locked", "-p", "cloister-ffi"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "call"
        library = TARGET / "release"
        source = ROOT / "tests/bench/call.c"
        link = [f"-L{library}", f"-Wl,-rpath,{library}", "-lcloister"]
        subprocess.run(["gcc", "-std=c11", "-O2", f"-I{ROOT / 'include'}", source, "-o", program, *link], check=True)
        yield from rows_of([program, NOTE])


def from_python() -> Iterator[Row]:
    """One call through the wheel."""
    scrubber = cloister.Scrubber()
    text = NOTE.read_text()[:1024]
    yield "call from Python, empty text", microseconds_per_call(lambda: scrubber.scrub("")), "µs"
    yield "scrub 1 KiB from Python", microseconds_per_call(lambda: scrubber.scrub(text)), "µs"


def microseconds_per_call(call: Callable[[], object], rounds: int = 21, calls: int = 2000) -> float:
    """The median over rounds of the mean time of a call."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        times.append((time.perf_counter() - start) / calls * 1e6)
    return statistics.median(times)


def main() -> None:
    """Measures and prints."""
    rows = [*from_rust(), *from_c(), *from_python()]
    width = max(len(name) for name, _, _ in rows)
    print(f"\n{'what':<{width}}  {'value':>12}  unit")
    for name, value, unit in rows:
        print(f"{name:<{width}}  {value:>12,.{0 if value >= 1000 else 1 if value >= 10 else 2}f}  {unit}")


if __name__ == "__main__":
    main()
