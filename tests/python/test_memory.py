"""What is left of a conversation in the memory of a process after it has ended: nothing, where buffers are used that can be wiped."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import cloister
import pytest
from conftest import REPOSITORY

# No dictionary has these words, so no page of a program holds them by chance.
PROMPT = (
    b"Please say in one sentence what the quorvexil thrandomere of our wexbury ointment zantrolene plimquist is "
    b"good for, and whether brundlewick osmothery can be taken with it."
)
PIECE = 16
# Token ids that follow each other in the same order nowhere by chance.
RUN = 8


def pieces(text: bytes) -> list[bytes]:
    return [text[start : start + PIECE] for start in range(0, len(text) - PIECE + 1, PIECE)]


def count(process: int, wanted: Iterable[bytes]) -> int:
    """How often any of them is in memory that the process can write to."""
    patterns, found = list(wanted), 0
    maps = Path(f"/proc/{process}/maps").read_text("ascii").splitlines()
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for line in maps:
            place, rights = line.split()[:2]
            if not rights.startswith("rw"):
                continue
            start, end = (int(part, 16) for part in place.split("-"))
            try:
                region = os.pread(memory.fileno(), end - start, start)
            except OSError:
                continue
            found += sum(region.count(pattern) for pattern in patterns)
    return found


def token_runs(model: str) -> list[bytes]:
    """Runs of tokens inside the prompt, as they stand in memory."""
    with cloister.Engine(model, context_tokens=256) as engine:
        tokens = engine.chat_tokens([{"role": "user", "content": PROMPT.decode("ascii")}])
    inner = tokens[len(tokens) // 3 : -(len(tokens) // 4)]
    return [struct.pack(f"={RUN}i", *inner[at : at + RUN]) for at in range(0, len(inner) - RUN + 1, RUN)]


def traces(model: str, folder: Path, wiping: str, tokens: list[bytes]) -> dict[str, int]:
    key = os.urandom(32)
    command = [
        sys.executable,
        str(REPOSITORY / "tests" / "python" / "conversation.py"),
        str(folder / f"{wiping}.jsonl"),
        model,
        str(len(PROMPT)),
        wiping,
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as child:
        assert child.stdin and child.stdout
        child.stdin.write(key)
        child.stdin.write(PROMPT)
        answer = b""
        while not answer.endswith(b"\0"):
            more = child.stdout.read(4096)
            assert more, "the conversation ended early"
            answer += more
        answer = answer[:-1]
        assert len(answer) >= PIECE
        wide = [piece.decode("ascii").encode("utf-16-le") for piece in pieces(PROMPT)]
        found = {
            "prompt": count(child.pid, pieces(PROMPT)),
            "prompt as UTF-16": count(child.pid, wide),
            "token ids": count(child.pid, tokens),
            "answer": count(child.pid, pieces(answer)),
            "key": count(child.pid, [key]),
        }
        child.stdin.close()
        assert child.wait() == 0
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads another process's memory by way of /proc")
def test_nothing_of_a_conversation_is_left_when_it_has_ended(model: str, tmp_path: Path) -> None:
    tokens = token_runs(model)
    assert len(tokens) > 2
    assert set(traces(model, tmp_path, "on", tokens).values()) == {0}
    left = traces(model, tmp_path, "off", tokens)
    assert left["prompt"] > 0 and left["token ids"] > 0


def test_a_buffer_is_wiped_in_place() -> None:
    buffer = bytearray(b"123-45-6789")
    view = memoryview(buffer)
    cloister.wipe(buffer)
    assert bytes(view) == bytes(11)
