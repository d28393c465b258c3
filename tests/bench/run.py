"""What `make bench` prints: one table of throughput and overhead, from Rust, C and Python, beside the peers, in one run.

Figures are megabytes (10^6 bytes) per second of processor time of one thread, medians of rounds in which the contestants
take turns. Bars are printed beside the figures; nothing fails by them.
"""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from corpora import clinical, configuration, source
from machinery import CARGO, ROOT, Contestant, Turn, c, contest, has_llama_cpp_python, lines_of, peers, python, rust
from walls_cost import cost

NOTE = ROOT / "core/benches/note.txt"
ABSENT = "the peers could not be installed"


@dataclass(frozen=True)
class Row:
    """One figure, and where there is one, its bar: at least, or with a minus at most."""

    what: str
    value: float | None
    unit: str
    bar: float | None = None

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.what:<66} {'-':>11}  {ABSENT}"
        digits = 0 if self.value >= 1000 else 1 if self.value >= 20 else 2
        line = f"{self.what:<66} {self.value:>11,.{digits}f}  {self.unit}"
        if self.bar is None:
            return line
        met = self.value >= self.bar if self.bar > 0 else self.value <= -self.bar
        sign = "≥" if self.bar > 0 else "≤"
        return f"{line:<90} {sign} {abs(self.bar):g}{'' if met else '  MISSED'}"


RECORDS = {
    "audit: verify, keyed and signed": 400_000.0,
    "audit: durable, 64 writers over one": 50.0,
    "access: 5 roles, granted": -200.0,
    "access: 5 roles, granted within a scope": -200.0,
    "access: 200 roles, granted": -200.0,
    "access: 200 roles, granted within a scope": -200.0,
    "query: one user among 10000000 records, median": -20.0,
    "query: one user among 10000000 records, worst": -20.0,
}
"""Bars of what the benchmarks of the records print."""


class Bench:
    """The contestants and their texts."""

    def __init__(self, folder: Path) -> None:
        self.program = rust()
        self.rust = Contestant([self.program, "serve"])
        self.c = Contestant([c(folder)])
        self.python = Contestant(python())
        self.peers_command = peers()
        self.peers = Contestant(self.peers_command) if self.peers_command else None
        notes = clinical(4_000_000)
        self.notes = self._file(folder, "notes", notes.replace("\x1e", ""))
        self.documents = self._file(folder, "documents", notes[:150_000])
        self.source = self._file(folder, "source", source(8_000_000))
        self.configuration = self._file(folder, "configuration", configuration(2_000_000))
        self.call = self._file(folder, "call", NOTE.read_text("utf-8")[:1024])

    @staticmethod
    def _file(folder: Path, name: str, text: str) -> Path:
        path = folder / name
        path.write_text(text, "utf-8")
        return path

    def throughput(self) -> Iterator[Row]:
        """Whole texts, through each front."""
        fronts = [("Rust", self.rust), ("C", self.c), ("Python", self.python)]
        for what, task, path, bar in [
            ("identifiers of HIPAA, clinical notes", "hipaa", self.notes, 80),
            ("those and secrets in one pass", "hipaa-secrets", self.notes, 70),
            ("identifiers of every country", "identifiers", self.notes, None),
            ("those and secrets in one pass", "all", self.notes, None),
            ("secrets, source code", "secrets", self.source, 350),
            ("secrets, configuration full of them", "secrets", self.configuration, 200),
        ]:
            turns = [Turn(contestant, task, path) for _, contestant in fronts]
            contest(turns)
            for (front, _), turn in zip(fronts, turns, strict=True):
                yield Row(f"{what}, {front} ({turn.findings:,} findings)", turn.rate, "MB/s", bar)

    def ratios(self) -> Iterator[Row]:
        """The same documents through the same language."""
        for peer, task, own, path, repeats, bar in [
            ("Presidio, patterns only", "presidio", "hipaa", self.documents, 20, 400),
            ("attune-ai, PIIScrubber", "attune-identifiers", "scrub-hipaa", self.documents, 20, 50),
            ("attune-ai, both", "attune-all", "scrub-all", self.documents, 20, None),
            ("Kingfisher on source code", "kingfisher", "secrets", self.source, 1, 1.3),
            ("Kingfisher on configuration", "kingfisher", "secrets", self.configuration, 2, None),
        ]:
            if self.peers is None:
                yield Row(peer, None, "")
                continue
            theirs, ours = Turn(self.peers, task, path), Turn(self.python, own, path, repeats)
            contest([theirs, ours], rounds=3)
            yield Row(f"{peer} ({theirs.findings:,} findings)", theirs.rate, "MB/s")
            yield Row(f"  ours, {own}, from Python too ({ours.findings:,} findings)", ours.rate, "MB/s")
            yield Row("  ratio", ours.rate / theirs.rate, "x", bar)

    def records(self, folder: Path) -> Iterator[Row]:
        """Audit log, access and cipher. The last rows write ten million records, 5 GB."""
        rates: dict[str, float] = {}
        for name in ("audit", "access", "audit_query"):
            for line in lines_of(["cargo", "bench", "-p", "cloister-core", "--bench", name, *CARGO]):
                fields: dict[str, Any] = line
                rates[fields["name"]] = fields["value"]
                yield Row(fields["name"], fields["value"], fields["unit"], RECORDS.get(fields["name"]))
        logs = folder / "logs"
        logs.mkdir()
        place = self._file(folder, "place", str(logs))
        small, large = self._file(folder, "small", "x" * 1024), self._file(folder, "large", "x" * (64 << 20))
        if self.peers is None:
            yield Row("attune-ai, AuditLogger", None, "")
            return
        theirs, ours = Turn(self.peers, "attune-audit", place, 2000), Turn(self.python, "audit", place, 20_000)
        contest([theirs, ours])
        yield Row("attune-ai, AuditLogger, one thread", 1 / theirs.time, "events/s")
        yield Row("  ours, interval, from Python", 1 / ours.time, "events/s")
        yield Row("  ratio, from Python", theirs.time / ours.time, "x", 25)
        yield Row("  ratio, from Rust", rates["audit: one thread, interval, keyed"] * theirs.time, "x", 60)
        yield Row("  ratio, each record handed to the system at once", rates["audit: one thread, os, keyed"] * theirs.time, "x")
        for what, path, repeats, bar in [("1 KiB", small, 20_000, 1.5), ("64 MiB", large, 2, 1.0)]:
            theirs, ours = Turn(self.peers, "cobblestone", path, repeats), Turn(self.python, "encrypt", path, repeats)
            contest([theirs, ours])
            yield Row(f"cryptography, Cobblestone-256, {what}", theirs.rate, "MB/s")
            yield Row("  ours, from Python too", ours.rate, "MB/s")
            yield Row("  ratio", theirs.time / ours.time, "x", bar)

    def calls(self) -> Iterator[Row]:
        """One text of 1 KB."""
        fronts = [("Rust", self.rust, 10, None), ("C", self.c, 15, 5), ("Python", self.python, 20, 8)]
        for what, task in [
            ("scan 1 KB for everything", "all"),
            ("scrub 1 KB of everything", "scrub-all"),
            ("scan 1 KB for secrets", "secrets"),
        ]:
            chosen = [front for front in fronts if not (front[0] == "Rust" and task.startswith("scrub"))]
            turns = [Turn(contestant, task, self.call, 2000) for _, contestant, _, _ in chosen]
            contest(turns, rounds=9)
            for (front, _, everything, secrets), turn in zip(chosen, turns, strict=True):
                bar = secrets if task == "secrets" else everything
                yield Row(f"{what}, {front} ({turn.findings} findings)", turn.time * 1e6, "µs", bar and -bar)
        if self.peers is not None:
            turn = Turn(self.peers, "kingfisher", self.call, 2000)
            contest([turn])
            yield Row(f"Kingfisher, 1 KB, Python ({turn.findings} findings)", turn.time * 1e6, "µs")

    def starts(self) -> Iterator[Row]:
        """The default scanner in fresh processes."""
        [ours] = lines_of([self.program, "start"])
        yield Row("start-up, default scanner, processor time", self._figure(ours, "milliseconds"), "ms", -10)
        yield Row("start-up, default scanner, resident", self._figure(ours, "megabytes"), "MB", -20)
        if self.peers_command is None:
            yield Row("start-up, Kingfisher", None, "")
            return
        [theirs] = lines_of([*self.peers_command, "start"])
        yield Row("start-up, Kingfisher, processor time", self._figure(theirs, "milliseconds"), "ms")
        yield Row("start-up, Kingfisher, resident", self._figure(theirs, "megabytes"), "MB")

    def threads(self) -> Iterator[Row]:
        """Two threads with one scanner."""
        [scaling] = lines_of([self.program, "threads", self.notes])
        yield Row("two threads over one, by the clock (needs two idle cores)", self._figure(scaling, "clock"), "x", 1.9)
        yield Row("two threads over one, by processor time", self._figure(scaling, "processor"), "x", 1.9)

    def hostile(self) -> Iterator[str]:
        """Throughput at each size."""
        for line in lines_of([self.program, "hostile"]):
            rates: Any = line["rates"]
            sizes: Any = line["sizes"]
            if line["name"] == "a.a.a.":
                yield f"\n{'hostile text, MB/s at so many MiB':<34}" + "".join(f"{size:>8}" for size in sizes) + "   64 : 1"
            ratio = rates[-1] / rates[0]
            yield f"{line['name']:<34}" + "".join(f"{rate:>8.0f}" for rate in rates) + (
                f"   {ratio:6.2f}  ≥ 0.7{'' if ratio >= 0.7 else '  MISSED'}"
            )

    @staticmethod
    def _figure(line: dict[str, Any], name: str) -> float:
        return float(line[name])


def walls() -> Iterator[Row]:
    """The other walls, one by one."""
    for line in lines_of(["cargo", "bench", "-p", "cloister-core", "--bench", "walls", *CARGO]):
        fields: dict[str, Any] = line
        yield Row(fields["name"], fields["value"], fields["unit"])


def isolation() -> Iterator[Row]:
    """What the engine's walls cost."""
    for line in cost():
        yield Row(*line)


def engine(folder: Path) -> Iterator[Row | str]:
    """The engine with the model of the tests, and with the one that `CLOISTER_BENCH_MODEL` names."""
    yield from own_part(folder / "thin.gguf")
    for model in (os.environ.get("CLOISTER_TEST_MODEL"), os.environ.get("CLOISTER_BENCH_MODEL")):
        if model:
            os.environ["CLOISTER_TEST_MODEL"] = model
            yield Path(model).name
            yield from beside_llama_cpp()
            yield from beside_llama_cpp_python(folder)


def own_part(thin: Path) -> Iterator[Row]:
    """What a token costs besides its evaluation, with a model that is two thin layers and a whole vocabulary.

    Real models take a thousand times as long to evaluate a token, so that a difference between them shows noise.
    """
    program = rust("engine")
    subprocess.run([program, "thin", thin], check=True)
    nothing = Path(os.devnull)

    def costs(way: str, task: str) -> tuple[Turn, Turn]:
        one = Contestant(["env", f"CLOISTER_TEST_MODEL={thin}", program, way, "1"])
        return Turn(one, f"{task}-cpu", nothing), Turn(one, f"long-{task}-cpu", nothing)

    def per_token(short: Turn, long: Turn) -> list[float]:
        tokens = long.findings - short.findings
        return [(b - a) / tokens * 1e6 for a, b in zip(short.seconds, long.seconds, strict=True)]

    ours, theirs, alone = costs("cloister", "generate"), costs("bare", "generate"), costs("bare", "decode")
    contest([*ours, *theirs, *alone], rounds=9)
    own, sampled, decoded = (per_token(*turns) for turns in (ours, theirs, alone))
    yield Row("a token of a thin model with 49,000 tokens, one thread", median(own), "µs CPU")
    yield Row("  less llama.cpp's evaluation and greedy sampler", median(a - b for a, b in zip(own, sampled, strict=True)), "µs", -20)
    yield Row("  less its evaluation alone, the kernel's waking of the caller included", median(a - b for a, b in zip(own, decoded, strict=True)), "µs")


def beside_llama_cpp_python(folder: Path) -> Iterator[Row]:
    """Chats from Python: template, sampling, text in pieces. llama-cpp-python is compiled with our flags."""
    command = peers()
    if command is None or not has_llama_cpp_python():
        yield Row("llama-cpp-python", None, "")
        return
    story = "Write a long story about a nurse who worked in a small hospital by the sea."
    letter = f"Write a referral letter from this note:\n\n{NOTE.read_text('utf-8')}"
    peer, own = Contestant(command), Contestant(python())
    for what, asked in [("a story", story), ("a letter from a note", letter)]:
        question = folder / what.replace(" ", "-")
        question.write_text(asked, "utf-8")
        theirs, ours = Turn(peer, "chat", question), Turn(own, "chat", question)
        contest([theirs, ours], rounds=5)
        yield Row(f"chat from Python, one thread, {what}, llama-cpp-python", theirs.findings / theirs.time, "tokens/s CPU")
        yield Row("  ours", ours.findings / ours.time, "tokens/s CPU")
        ratio = (ours.findings / ours.time) / (theirs.findings / theirs.time)
        yield Row("  ratio", ratio, "x", 1.1)


def beside_llama_cpp() -> Iterator[Row]:
    """The engine beside llama.cpp alone, over the same library, and with itself."""
    program = rust("engine")
    nothing = Path(os.devnull)
    for what, task in [("prompt of 476 tokens", "prompt"), ("prompt of 20 and answer of 128 tokens", "generate-cpu")]:
        # One thread and its processor time: on a busy machine, several that wait for each other measure the machine.
        theirs, ours = (Turn(Contestant([program, which, "1"]), task, nothing) for which in ("bare", "cloister"))
        contest([theirs, ours], rounds=7)
        yield Row(f"{what}, one thread", ours.findings / ours.time, "tokens/s CPU")
        yield Row("  over llama.cpp alone", median(a / b for a, b in zip(theirs.seconds, ours.seconds, strict=True)), "x", 0.98)
    for what, task in [("letter from a note", "letter"), ("story", "story")]:
        plain, ahead = (Turn(Contestant([program, which, "1"]), task, nothing) for which in ("cloister", "speculating"))
        contest([plain, ahead], rounds=3)
        yield Row(f"{what}, answer with speculation, one thread", ahead.findings / ahead.time, "tokens/s")
        yield Row("  over one token at a time", (ahead.findings / ahead.time) / (plain.findings / plain.time), "x")
    both = Contestant([program, "cloister", "2"])
    alone = Contestant([program, "bare", "2"])
    one, eight, batch_of_eight = Turn(both, "generate", nothing), Turn(both, "eight", nothing), Turn(alone, "eight", nothing)
    contest([one, eight, batch_of_eight], rounds=3)
    yield Row("one conversation, two threads", one.findings / one.time, "tokens/s")
    yield Row("eight at once over one", (eight.findings / eight.time) / (one.findings / one.time), "x", 2.5)
    yield Row("  over llama.cpp alone with a batch of eight", batch_of_eight.time / eight.time, "x")
    first, second = Turn(both, "first-turn", nothing), Turn(both, "second-turn", nothing)
    contest([first, second], rounds=3)
    yield Row("time to the first token, first turn of 1,900 tokens", first.time, "s")
    yield Row("  second turn over first", second.time / first.time, "x", -0.1)
    cancel = Turn(both, "cancel", nothing)
    contest([cancel], rounds=5)
    batch = first.time / first.findings * 256
    yield Row("cancelling a prompt of 3,800 tokens, over the time of a micro-batch", cancel.time / batch, "x", -1)


def machine() -> str:
    """On what this was measured."""
    information = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.split(":", 1)[1].strip() for line in information.splitlines() if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    return f"{model}, {os.cpu_count()} threads, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}, {platform.system()}"


def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        print(machine(), flush=True)
        parts = [
            bench.throughput(),
            bench.ratios(),
            bench.calls(),
            bench.starts(),
            bench.threads(),
            bench.hostile(),
            bench.records(Path(folder)),
            walls(),
            isolation(),
            engine(Path(folder)),
        ]
        for rows in parts:
            for row in rows:
                print(row, flush=True)
            print(flush=True)


if __name__ == "__main__":
    main()
