"""Contestants as processes that take turns, and where they come from."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import venv
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from cloister import doctor

ROOT: Final = Path(__file__).parents[2]
HERE: Final = Path(__file__).parent
TARGET: Final = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").absolute()
PEERS: Final = TARGET / "bench-peers"
CARGO: Final = ["--locked", *os.environ.get("CLOISTER_BENCH_CARGO", "").split()]
SETS: Final = ("AVX", "AVX2", "BMI2", "FMA", "F16C", "AVX512", "AVX512_VBMI", "AVX512_VNNI")
"""Instruction sets that CMake's options of ggml name as llama.cpp's report does."""


class Contestant:
    """A program that works on request; see `contestant.py`."""

    def __init__(self, command: list[str | Path]) -> None:
        self._command = command

    @cached_property
    def _process(self) -> subprocess.Popen[str]:
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, task: str, repeats: int, path: Path) -> tuple[float, int]:
        """The seconds of one pass and the findings in it."""
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        print(task, repeats, path, file=process.stdin, flush=True)
        seconds, findings = process.stdout.readline().split()
        return float(seconds) / repeats, int(findings)


@dataclass
class Turn:
    """One contestant's part in a contest, and what it has shown so far."""

    contestant: Contestant
    task: str
    path: Path
    repeats: int = 1
    seconds: list[float] = field(default_factory=list)
    findings: int = 0

    def take(self) -> None:
        """One round."""
        seconds, self.findings = self.contestant.run(self.task, self.repeats, self.path)
        self.seconds.append(seconds)

    @property
    def time(self) -> float:
        """Seconds of processor time for one pass: the median of the rounds."""
        return statistics.median(self.seconds)

    @property
    def rate(self) -> float:
        """Megabytes per second of processor time."""
        return self.path.stat().st_size / self.time / 1e6


def contest(turns: list[Turn], rounds: int = 5) -> None:
    """Lets all warm up, then take turns."""
    for turn in turns:
        turn.contestant.run(turn.task, 1, turn.path)
    for _ in range(rounds):
        for turn in turns:
            turn.take()


def rust(bench: str = "scan") -> Path:
    """A benchmark of the core, built."""
    command = ["cargo", "bench", "--no-run", "-p", "cloister-core", "--bench", bench, "--message-format=json", *CARGO]
    lines = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    programs = [message["executable"] for line in lines if (message := json.loads(line)).get("executable")]
    return Path(programs[-1])


def c(folder: Path) -> Path:
    """The contestant in C, built against the shared library."""
    subprocess.run(["cargo", "build", "--release", "-p", "cloister-ffi", *CARGO], cwd=ROOT, check=True)
    program = folder / "contestant"
    library = TARGET / "release"
    link = [f"-L{library}", f"-Wl,-rpath,{library}", "-lcloister"]
    flags = ["-std=c11", "-O2", f"-I{ROOT / 'include'}"]
    subprocess.run(["gcc", *flags, HERE / "contestant.c", "-o", program, *link], check=True)
    return program


def python() -> list[str | Path]:
    """The contestant in Python."""
    return [sys.executable, HERE / "contestant.py"]


def peers() -> list[str | Path] | None:
    """The peers in an environment of their own, or nothing where they cannot be had."""
    interpreter = PEERS / "bin" / "python"
    requirements = HERE / "requirements.txt"
    stamp = PEERS / "requirements.txt"
    if not stamp.is_file() or stamp.read_bytes() != requirements.read_bytes():
        venv.create(PEERS, with_pip=True)
        pip: list[str | Path] = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        lines = requirements.read_text().split()
        # Of attune-ai two modules are measured; what the rest of it needs is not wanted. llama-cpp-python is compiled, for
        # ten minutes and more.
        attune, llama = ([line for line in lines if line.startswith(name)] for name in ("attune", "llama"))
        installs = [
            [*pip, *(line for line in lines if line not in attune + llama)],
            [*pip, "--no-deps", *attune],
        ]
        for install in installs:
            if subprocess.run(install, stderr=subprocess.DEVNULL, check=False).returncode:
                return None
        # For the instructions that our own llama.cpp uses on this CPU.
        used = [name for name in SETS if name in doctor().cpu_features]
        flags = " ".join(["-DGGML_NATIVE=OFF", *(f"-DGGML_{name}=ON" for name in ("SSE42", *used))])
        subprocess.run([*pip, *llama], env=os.environ | {"CMAKE_ARGS": flags}, stderr=subprocess.DEVNULL, check=False)
        stamp.write_bytes(requirements.read_bytes())
    return [interpreter, HERE / "peers.py"]


def has_llama_cpp_python() -> bool:
    """Whether it could be compiled here."""
    probe: list[str | Path] = [PEERS / "bin" / "python", "-c", "import llama_cpp"]
    return peers() is not None and not subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode


def lines_of(command: list[str | Path]) -> list[dict[str, object]]:
    """The JSON lines that a program prints."""
    output = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]
