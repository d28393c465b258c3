"""Works on request, as the other contestants do: for each line ``task repeats path`` on standard input it goes through the
documents of the file so often and answers with the seconds of processor time that it took and the number of findings.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SEPARATOR = "\x1e"
"""Stands between the documents of a file."""

EVENT = {
    "llm": {"provider": "local", "model": "smollm2", "empathy_level": 3},
    "security": {"pii_scrubbed": 2, "secrets_detected": 0, "sanitization_applied": True},
    "request": {"size_bytes": 1200, "duration_ms": 350},
}
"""What the records of the audit log hold, besides who and what."""

SAMPLING: dict[str, Any] = {"temperature": 0.8, "top_k": 40, "top_p": 0.95, "min_p": 0.05, "repeat_penalty": 1.1, "seed": 1}
"""How both engines choose tokens, by the names that both have."""

Task = Callable[[str], int]
"""Goes through one document and says how many findings it has."""


def serve(task_of: Callable[[str], Task]) -> None:
    """Answers until standard input ends. ``task_of`` knows the tasks by name."""
    tasks: dict[str, Task] = {}
    texts: dict[str, list[str]] = {}
    for line in sys.stdin:
        name, repeats, path = line.rstrip("\n").split(" ", 2)
        task = tasks[name] = tasks.get(name) or task_of(name)
        documents = texts[path] = texts.get(path) or Path(path).read_text("utf-8").split(SEPARATOR)
        findings = 0
        start = time.process_time()
        for _ in range(int(repeats)):
            findings = sum(map(task, documents))
        print(time.process_time() - start, findings, flush=True)


def audit() -> Task:
    """One record into a log in the directory that the document names; it does not wait for the disk."""
    import cloister

    logs: dict[str, cloister.AuditLog] = {}

    def record(folder: str) -> int:
        log = logs.get(folder)
        if log is None:
            log = logs[folder] = cloister.AuditLog(Path(folder) / "ours.jsonl", durability="interval", key=bytes.fromhex("b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4"))
        log.record("llm_request", "doctor@hospital.com", session_id="ses_1", action="llm_interaction", data=EVENT)
        return 1

    return record


def encrypt() -> Task:
    """The document as a Cobblestone-256 message."""
    import cloister

    seal = cloister.Cipher(cloister.Key(bytes.fromhex("b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4"))).encrypt_message
    return lambda text: len(seal(text))


def chat() -> Task:
    """The document as a user's message, answered piece by piece on one thread; says how many tokens the answer has."""
    import cloister

    engine = cloister.Engine(os.environ["CLOISTER_TEST_MODEL"], context_tokens=2048, threads=1)

    def answer(question: str) -> int:
        text = ""
        messages = [{"role": "user", "content": question}]
        for part in engine.create_chat_completion(messages, stream=True, max_tokens=128, **SAMPLING):
            text += part["choices"][0]["delta"].get("content") or ""
        return engine.count_tokens(text)

    return answer


def task_of(name: str) -> Task:
    """By what is to be done."""
    own = {"audit": audit, "chat": chat, "encrypt": encrypt}
    return own[name]() if name in own else cloister_task(name)


def cloister_task(name: str) -> Task:
    """Ours, through the wheel: what `scan` gives for these rules, or with a hyphen in front what `scrub` gives."""
    import cloister

    rules = {
        "identifiers": lambda: cloister.Scanner(secrets=False),
        "secrets": lambda: cloister.Scanner(identifiers=False),
        "all": cloister.Scanner,
        "hipaa": lambda: cloister.Scanner(secrets=False, profile="hipaa"),
        "hipaa-secrets": lambda: cloister.Scanner(profile="hipaa"),
    }
    scanner = rules[name.removeprefix("scrub-")]()
    if name.startswith("scrub-"):
        scrub = cloister.Scrubber(scanner).scrub
        return lambda text: len(scrub(text).findings)
    scan = scanner.scan
    return lambda text: len(scan(text))


if __name__ == "__main__":
    serve(task_of)
