"""What goes wrong on purpose: forks, an interpreter that ends early, forgotten quotes, data of another kind."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import cloister
import pytest
from attune_llm.security import PIIScrubber, SecretsDetector, SecurityError, decrypt_sensitive_data
from conftest import Run

TEXT = "Patient John Doe, SSN 123-45-6789"
ALARM_SECONDS = 20

FORKED_ENGINE = f"""
import os, signal, sys, cloister
engine = cloister.Engine(sys.argv[1], threads=1)
guard = cloister.Guard(engine, without_audit=True)
story = cloister.ChatOptions(max_tokens=400, temperature=1.0)
direct = engine.stream([{{"role": "user", "content": "Tell me a very long story."}}], story)
guarded = guard.stream(cloister.Session("ann"), "Tell me a very long story.", story)
next(direct), next(guarded)

def refused(work):
    try:
        work()
    except cloister.UnsupportedError:
        return "refused"
    return "answered"

child = os.fork()
if child == 0:
    signal.alarm({ALARM_SECONDS})
    said = [refused(lambda: list(direct)), refused(lambda: list(guarded)), refused(lambda: engine.count_tokens("a"))]
    direct.close(), guarded.close(), engine.unload()
    print(*said, flush=True)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print("parent", bool(next(direct)), bool(next(guarded)), flush=True)
"""

FORKED_LOG = """
import os, sys, threading, cloister
log = cloister.AuditLog(sys.argv[1])
stop = threading.Event()
def write():
    while not stop.is_set():
        log.record("thread", "ann")
threads = [threading.Thread(target=write) for _ in range(2)]
for thread in threads: thread.start()
children = []
for number in range(4):
    child = os.fork()
    if child == 0:
        for _ in range(100): log.record("child", str(number))
        os._exit(0)
    children.append(child)
statuses = [os.waitpid(child, 0)[1] for child in children]
stop.set()
for thread in threads: thread.join()
print(statuses, len(log.query(event_type="child")), log.verify().intact)
"""

ENDING = """
import contextlib, sys, threading, time, cloister
class Slow:
    name = "slow"
    def chat(self, messages, options):
        while True:
            time.sleep(0.005)
            yield "word "
guard = cloister.Guard(Slow(), without_audit=True)
stream = guard.stream(cloister.Session("ann"), "Go on.")
print(bool(next(stream)), flush=True)
if sys.argv[1] == "dropped":
    del stream
elif sys.argv[1] == "read":
    def read():
        with contextlib.suppress(cloister.CancelledError):
            list(stream)
    threading.Thread(target=read, daemon=True).start()
    time.sleep(0.1)
"""


def python(source: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", source, *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def test_a_forked_child_is_refused_and_never_waits_for_threads_it_does_not_have(model: str) -> None:
    done = python(FORKED_ENGINE, model)
    assert done.stdout == "refused refused refused\nparent True True\n", done.stderr
    assert done.returncode == 0 and done.stderr == ""


def test_forked_children_and_threads_share_one_log(tmp_path: Path) -> None:
    done = python(FORKED_LOG, str(tmp_path / "audit.jsonl"))
    assert done.stdout == "[0, 0, 0, 0] 400 True\n", done.stderr


@pytest.mark.parametrize("how", ["kept", "dropped", "read"])
def test_the_interpreter_may_end_while_a_python_backend_answers(how: str) -> None:
    for _ in range(5):
        done = python(ENDING, how)
        assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        (TEXT,),
        ("chat", "--no-log", *TEXT.split()),
        ("chat", "--on-secret", TEXT, "text"),
        ("chat", "--temperature", TEXT, "text"),
        ("chat", "--max-tokens", TEXT, "text"),
        ("scan", "--min-confidence", TEXT),
        ("encrypt", "--classification", TEXT),
    ],
)
def test_wrong_usage_does_not_repeat_what_was_written(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert b"Doe" not in done.stderr and b"6789" not in done.stderr


@pytest.mark.parametrize("number", ["nan", "inf", "-1", "10.5"])
def test_a_number_out_of_range_is_wrong_usage(run: Run, number: str) -> None:
    assert run("chat", "--no-log", f"--temperature={number}", "text").returncode == 2
    assert run("scan", f"--min-confidence={number}").returncode == 2


def test_a_key_that_replaces_another_file_is_for_the_owner_alone(run: Run, tmp_path: Path) -> None:
    key = tmp_path / "log.key"
    key.write_text("old")
    key.chmod(0o644)
    assert run("keygen", "-o", str(key), "--force").returncode == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and key.read_text() != "old"
    assert os.listdir(tmp_path) == ["log.key"]


def test_a_file_that_cannot_be_used_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for arguments in (("scan", "folder"), ("keygen", "-o", "missing/key"), ("keygen", "--force", "-o", "folder")):
        done = run(*arguments)
        assert done.returncode == 3
        assert arguments[-1] in done.stderr.decode() and done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("plaintext", [TEXT, "[1, 2]", b"\xff" + TEXT.encode(), ""])
def test_an_envelope_that_holds_no_mapping_is_refused_without_showing_it(plaintext: str | bytes) -> None:
    key = cloister.Key.generate()
    envelope = cloister.Cipher(key).encrypt_to_text(plaintext)
    with pytest.raises(SecurityError) as raised:
        decrypt_sensitive_data(envelope, key.to_bytes())
    chain: BaseException | None = raised.value
    while chain is not None:
        assert "6789" not in json.dumps([repr(chain), str(vars(chain)), repr(chain.args)])
        assert not hasattr(chain, "doc") and not hasattr(chain, "object")
        chain = chain.__context__


@pytest.mark.parametrize("separator", ["\n", " "])
def test_patterns_of_ones_own_take_linear_time(separator: str) -> None:
    detector, scrubber = SecretsDetector(), PIIScrubber()
    detector.add_custom_pattern("ticket", r"TCK\d{4}", "high")
    scrubber.add_custom_pattern("ticket", r"TCK\d{4}", "[TICKET]")
    text = f"TCK1234{separator}" * 40_000
    reserved = [(start, start + 7) for start in range(0, len(text), 16)]
    began = time.perf_counter()
    assert len(detector.detect(text)) == 40_000
    assert scrubber.replace_custom(text, reserved).count("[TICKET]") == 20_000
    assert time.perf_counter() - began < 4


def test_a_match_of_ones_own_pattern_has_its_place() -> None:
    detector = SecretsDetector()
    detector.add_custom_pattern("ticket", r"TCK\d+", "high")
    (found,) = detector.detect("one\n\n two TCK1234 three")
    assert (found.line_number, found.column_start, found.column_end) == (3, 5, 12)
