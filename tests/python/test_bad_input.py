"""What goes wrong on purpose: forks, an interpreter that ends early, forgotten quotes, data of another kind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
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
