"""What the kernel keeps the engine's threads from, and the proof of it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import cloister
import pytest
from conftest import Echo, Run

LOCKED = """
import os, socket, sys
import cloister
log = cloister.AuditLog(sys.argv[1])
threads, noted = cloister.lock_process(audit=log)
assert threads >= 1 and noted
for attempt in (socket.socket, os.fork, lambda: open(os.path.expanduser("~/cloister-must-not-exist"), "w")):
    try:
        attempt()
    except PermissionError:
        continue
    raise SystemExit(f"{attempt} was not refused")
engine = cloister.Engine(sys.argv[2], context_tokens=512, threads=1)
guard = cloister.Guard(engine, audit=log)
reply = guard.chat(cloister.Session("physician-7"), "Name one colour.", cloister.ChatOptions(max_tokens=4))
assert cloister.attest(engine).holds
print(reply.completion.completion_tokens)
"""


def test_an_attestation_holds_is_authentic_and_is_recorded(engine: cloister.Engine, tmp_path: Path) -> None:
    log = cloister.AuditLog(tmp_path / "audit.jsonl", key=cloister.Key.generate())
    proof = cloister.attest(engine, audit=log)
    document = json.loads(proof.to_json())
    assert proof.holds and "holds=True" in repr(proof)
    assert all(it["refused"] for it in document["engine"]["tried"]) and len(document["engine"]["tried"]) >= 6
    engines = [it for it in document["process"]["threads"] if it["name"] in ("cloister-engine", "cloister-text")]
    assert len(engines) >= 2 and {it["seccomp"] for it in engines} == {2}
    assert document["library"]["imports"]["forbidden"] == []
    assert cloister.is_authentic(proof.to_json(), log)
    assert not cloister.is_authentic(proof.to_json().replace('"grave"', '"Grave"').replace("refused", "Refused", 1), log)
    assert "<!doctype html>" in proof.to_html()
    assert log.query(event_type="attestation")[0]["attestation"]["holds"] is True
    with pytest.raises(cloister.InvalidArgumentError):
        cloister.is_authentic(cloister.attest(engine).to_json(), log)


def test_the_host_keeps_its_sockets_while_the_engine_is_confined(engine: cloister.Engine) -> None:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
    assert engine.generate("One, two,", cloister.ChatOptions(max_tokens=2)).completion_tokens == 2
    assert not [name for name, grave, _ in engine.violations() if grave]


def test_without_a_lockdown_every_record_says_so(model: str, log: cloister.AuditLog) -> None:
    with cloister.Engine(model, context_tokens=512, threads=1, lockdown="off") as engine:
        assert not cloister.attest(engine).holds
        guard = cloister.Guard(engine, audit=log)
        guard.chat(cloister.Session("physician-7"), "Hello.", cloister.ChatOptions(max_tokens=1))
    record = log.query(event_type="llm_request")[0]
    assert record["llm"]["lockdown"] == "off" and "not confined" in record["llm"]["warning"]
    with pytest.raises(cloister.InvalidArgumentError):
        cloister.Engine(model, lockdown="sometimes")  # type: ignore[arg-type]


def test_an_application_s_own_backend_makes_no_claim(log: cloister.AuditLog, echo: Echo) -> None:
    cloister.Guard(echo, audit=log).chat(cloister.Session("physician-7"), "Hello.")
    assert "lockdown" not in log.query(event_type="llm_request")[0]["llm"]


@pytest.mark.skipif(sys.platform != "linux", reason="a process is locked by seccomp and Landlock")
def test_a_locked_process_chats_and_can_do_nothing_else(model: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOCKED, str(tmp_path / "audit.jsonl"), model], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    log = cloister.AuditLog(tmp_path / "audit.jsonl")
    assert log.query(event_type="security_violation")[0]["violation"]["details"]["call"] == "socket"


def test_the_command_line_proves_and_checks(run: Run, model: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(cloister.Key.generate().to_base64())
    (tmp_path / "key").chmod(0o600)
    own = ("--log", "audit.jsonl", "--key-file", "key")
    done = run("doctor", "--attest", "--json", "--html", "page.html", *own, CLOISTER_MODEL=model)
    assert done.returncode == 0, done.stderr
    (tmp_path / "proof.json").write_bytes(done.stdout)
    assert b"hmac-sha256" in done.stdout and (tmp_path / "page.html").read_text().startswith("<!doctype html>")
    assert run("doctor", "--check", "proof.json", *own).returncode == 0
    (tmp_path / "proof.json").write_bytes(done.stdout.replace(b'"holds": true', b'"holds": false'))
    assert run("doctor", "--check", "proof.json", *own).returncode == 1
    plain = run("doctor", "--attest", CLOISTER_MODEL=model).stdout
    assert b"refused by the kernel" in plain and b"nothing vouches for the file" in plain
    pin = json.loads(done.stdout)["engine"]["model_sha256"]
    assert b"vouched for by a pinned SHA-256" in run("doctor", "--attest", "--sha256", pin, CLOISTER_MODEL=model).stdout

