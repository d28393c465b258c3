"""What concerns the process as a whole: the GIL, Ctrl-C, and ending while work is under way."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import cloister
import pytest
from conftest import NOTE

CHAT = """
import signal, sys, cloister
# A process that a shell has started in the background ignores the signal.
signal.signal(signal.SIGINT, signal.default_int_handler)
engine = cloister.Engine(sys.argv[1], threads=1)
print("ready", flush=True)
story = [{"role": "user", "content": "Tell me a very long story about a monastery."}]
try:
    engine.chat(story, cloister.ChatOptions(max_tokens=3000, temperature=1.0))
except KeyboardInterrupt:
    print("stopped", flush=True)
"""

LEFT_OPEN = """
import sys, cloister
engine = cloister.Engine(sys.argv[1], threads=1)
guard = cloister.Guard(engine, without_audit=True)
stream = guard.stream(cloister.Session("ann"), "Tell me a very long story.")
other = engine.stream([{"role": "user", "content": "And another one."}])
print(next(stream), flush=True)
"""


def progress_during(work: Callable[[], object]) -> int:
    """How often another thread ran while ``work`` did, without the interpreter ever forcing a switch."""
    counted = 0
    done = threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0.0005)

    counter = threading.Thread(target=count)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(60)
    try:
        counter.start()
        work()
    finally:
        done.set()
        counter.join()
        sys.setswitchinterval(interval)
    return counted


@pytest.mark.parametrize("name", ["scan", "scrub", "detect", "encrypt"])
def test_other_threads_run_while_a_wall_works(name: str) -> None:
    text = (NOTE + "\n") * 100_000
    cipher = cloister.Cipher(cloister.Key.generate())
    work: dict[str, Callable[[], object]] = {
        "scan": lambda: cloister.Scanner().scan(text),
        "scrub": lambda: cloister.Scrubber().scrub(text),
        "detect": lambda: cloister.Detector().detect(text),
        "encrypt": lambda: [cipher.encrypt(text) for _ in range(5)],
    }
    assert progress_during(work[name]) > 5


def test_ctrl_c_stops_a_chat(model: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", CHAT, model], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[0] == "stopped\n"
    assert process.returncode == 0


def test_a_process_may_end_with_streams_open(model: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEFT_OPEN, model], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0 and done.stderr == b"" and done.stdout


def test_a_hundred_megabytes_are_scrubbed() -> None:
    text = b"plain words without anything in them\n" * (100 * 1024 * 1024 // 37)
    assert len(cloister.Scrubber().scrub(text).findings) == 0
    assert cloister.Scrubber().scrub("x" * (10 << 20)).text == "x" * (10 << 20)
