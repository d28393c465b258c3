"""What a forked child has of its parent's keys, and what its logs and scrubbers do there: real forks, real `multiprocessing`."""

from __future__ import annotations

import hashlib
import hmac
import os
import subprocess
import sys
from pathlib import Path

import cloister
import pytest

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux empties pages in forked children")
pytestmark = linux_only

# Opens a log and a scrubber under the key of a file, forks, and waits in both processes until its standard input is closed.
HELD = """
import os, sys, cloister
key = cloister.Key.from_file(sys.argv[2])
log = cloister.AuditLog(sys.argv[1], key=key)
log.record("view", "ann")
scrubber = cloister.Scrubber(policy="surrogates", key=key)
child = os.fork()
if child == 0:
    try:
        log.record("view", "ann")
    except cloister.UnsupportedError:
        print(os.getpid(), flush=True)
    sys.stdin.read()
    os._exit(0)
sys.stdin.read()
os.waitpid(child, 0)
log.record("view", "ann")
"""

# Forks again and again while threads write; each child is refused, opens the log again and writes to it.
REFUSED = """
import os, sys, threading, cloister
path, key_file, signing_file, durability = sys.argv[1:]
options = {"durability": durability, "interval": 0.01}
if key_file != "-": options["key"] = cloister.Key.from_file(key_file)
if signing_file != "-": options["signing_key"] = open(signing_file).read()
log = cloister.AuditLog(path, **options)
stop, written = threading.Event(), [0, 0]
def write(number):
    while not stop.is_set():
        log.record("thread", "ann")
        written[number] += 1
threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
for thread in threads: thread.start()
def refused(work):
    try:
        work()
    except cloister.UnsupportedError as error:
        return "hint: open it again in this process" in str(error)
    return False
children = []
for number in range(12):
    child = os.fork()
    if child == 0:
        ways = [lambda: log.record("child", "bob"), lambda: log.query(user_id="ann"), log.verify, log.flush,
                lambda: log.legal_hold(True, "x"), log.checkpoint]
        told = [refused(way) for way in ways[:6 if signing_file != "-" else 5]]
        ways.clear()
        del log
        if key_file != "-": options["key"] = cloister.Key.from_file(key_file)
        own = cloister.AuditLog(path, **options)
        for _ in range(25): own.record("child", str(number))
        del own
        os._exit(0 if all(told) else 1)
    children.append(child)
statuses = [os.waitpid(child, 0)[1] for child in children]
stop.set()
for thread in threads: thread.join()
log.flush()
found = log.verify()
print(statuses == [0] * 12, len(log.query(event_type="child")), len(log.query(event_type="thread")) == sum(written),
      found.intact, bool(found.problems))
"""

POOL = """
import multiprocessing, sys, cloister
log = cloister.AuditLog(sys.argv[1], key=cloister.Key.from_file(sys.argv[2]))
scrubber = cloister.Scrubber(policy="surrogates", key=cloister.Key.from_file(sys.argv[2]))
plain = cloister.Scrubber()
own = None
def begin():
    global own
    own = cloister.AuditLog(sys.argv[1], key=cloister.Key.from_file(sys.argv[2]))
def with_parents_log(number):
    return log.record("pool", str(number))
def with_own_log(number):
    return own.record("pool", str(number))
def with_parents_scrubber(text):
    return scrubber.scrub(text).text
def with_plain_scrubber(text):
    return plain.scrub(text).text
def told(pool, work, value):
    try:
        return pool.map(work, [value] * 4)
    except cloister.UnsupportedError as error:
        return "hint: " in str(error)
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(3, begin) as pool:
        print(told(pool, with_parents_log, 1), told(pool, with_parents_scrubber, "SSN 123-45-6789"))
        print(*set(told(pool, with_plain_scrubber, "SSN 123-45-6789")))
        ids = pool.map(with_own_log, range(200))
        pool.close(), pool.join()
    print(len(set(ids)), len(log.query(event_type="pool")), log.verify().intact)
"""


def python(source: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", source, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def memory_has(process: int, wanted: bytes) -> bool:
    with open(f"/proc/{process}/maps", encoding="ascii") as maps, open(f"/proc/{process}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            start, end = (int(part, 16) for part in span.split("-"))
            if not rights.startswith("rw") or "[v" in line:
                continue
            memory.seek(start)
            try:
                content = memory.read(end - start)
            except OSError:
                continue
            if wanted in content:
                return True
    return False


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.touch(0o600)
    file.write_bytes(cloister.Key.generate().to_bytes())
    return file


def test_a_forked_child_has_neither_the_key_of_a_log_nor_what_is_derived_from_it(tmp_path: Path, key_file: Path) -> None:
    key = key_file.read_bytes()
    first_epoch = hmac.digest(key, b"cloister audit v1 first epoch", hashlib.sha256)
    command = [sys.executable, "-c", HELD, tmp_path / "audit.jsonl", key_file]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdin is not None and parent.stdout is not None
        child = int(parent.stdout.readline())
        had = memory_has(parent.pid, key), memory_has(parent.pid, first_epoch)
        inherited = memory_has(child, key), memory_has(child, first_epoch)
        parent.stdin.close()
        assert parent.wait(60) == 0
    assert had == (True, True), "or this test looks in the wrong place"
    assert inherited == (False, False)
    found = cloister.audit_verify(tmp_path / "audit.jsonl", key=key)
    assert found.intact and found.records == 2


@pytest.mark.parametrize("durability", ["group", "interval", "os"])
@pytest.mark.parametrize(("keyed", "signed"), [(True, False), (False, True), (True, True)])
def test_a_forked_child_is_told_to_open_the_log_again_and_disturbs_nobody(
    tmp_path: Path, key_file: Path, keyed: bool, signed: bool, durability: str
) -> None:
    signing_file = tmp_path / "signing"
    signing_file.write_text(cloister.audit_signing_key("hospital.example/audit")[0])
    done = python(
        REFUSED, tmp_path / "audit.jsonl", key_file if keyed else "-", signing_file if signed else "-", durability
    )
    assert done.stdout == "True 300 True True False\n", done.stdout + done.stderr
    assert not list(tmp_path.glob("*.torn-*"))


def test_a_pool_of_processes_is_told_or_works_with_a_log_of_its_own(tmp_path: Path, key_file: Path) -> None:
    done = python(POOL, tmp_path / "audit.jsonl", key_file)
    assert done.stdout == "True True\nSSN [SSN]\n200 200 True\n", done.stdout + done.stderr


def test_children_of_a_log_that_was_sealed_go_on_from_the_key_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    key = cloister.audit_seal(path)
    log = cloister.AuditLog(path, durability="os")
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            for _ in range(300):
                log.record("child", str(number))
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    del log
    found = cloister.audit_verify(path, key=key)
    assert found.intact and found.records == 1200
