"""What the tests share: the real model, an answering application, and the command line as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cloister
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
NOTE = "Patient John Doe (SSN: 123-45-6789, MRN: 987654) called from 555-123-4567 about diabetes medication."
STRIPE_KEY = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture(scope="session")
def model() -> str:
    path = os.environ.get("CLOISTER_TEST_MODEL")
    if not path or not Path(path).is_file():
        pytest.fail("set CLOISTER_TEST_MODEL to the GGUF file of SmolLM2-135M-Instruct; `make test` does")
    return path


@pytest.fixture(scope="session")
def engine(model: str) -> cloister.Engine:
    """One thread: on a busy machine, several that wait for each other are much slower."""
    return cloister.Engine(model, context_tokens=2048, threads=1)


@pytest.fixture
def log(tmp_path: Path) -> cloister.AuditLog:
    return cloister.AuditLog(tmp_path / "audit.jsonl")


class Echo:
    """An application's own backend: it answers with the last message, in pieces, and keeps what it was given."""

    name = "echo"

    def __init__(self) -> None:
        self.seen: list[list[dict[str, str]]] = []

    def chat(self, messages: list[dict[str, str]], options: cloister.ChatOptions) -> list[str]:
        self.seen.append(messages)
        text = messages[-1]["content"]
        return [text[start : start + 3] for start in range(0, len(text), 3)]


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs ``python -m cloister`` in a directory and a home of its own."""

    def run(
        *arguments: str, stdin: bytes = b"", **environment: str
    ) -> subprocess.CompletedProcess[bytes]:
        inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return subprocess.run(
            [sys.executable, "-m", "cloister", *arguments],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env={**inherited, "HOME": str(tmp_path), **environment},
            timeout=600,
            check=False,
        )

    return run
