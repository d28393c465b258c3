"""``cloister audit``: what an auditor does at the command line, and what other systems read."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import cloister
import pytest
from cloister.cli.report_page import COLUMNS
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cloister", "audit", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A signed log in a folder with its keys."""
    assert run("keygen", "hospital.example/audit", "-o", tmp_path / "key").returncode == 0
    (tmp_path / "public").write_text(run("public-key", tmp_path / "key").stdout)
    log = cloister.AuditLog(tmp_path / "audit.jsonl", signing_key=(tmp_path / "key").read_text(), durability="os")
    log.record("llm_request", "ann", action="ask", data={"security": {"pii_scrubbed": 4}})
    log.record("security_violation", "<b>bob</b>", status="blocked", data={"violation": {"type": "leak", "severity": "HIGH"}})
    del log
    return tmp_path


def test_an_auditor_needs_the_public_key_alone(signed: Path) -> None:
    log, public = signed / "audit.jsonl", signed / "public"
    verified = run("verify", log, "--public-key", public)
    assert verified.returncode == 0 and "covered by a checkpoint" in verified.stdout and "note:" in verified.stdout
    assert run("checkpoint", log, "--signing-key", signed / "key", "-o", signed / "note").returncode == 0
    assert run("verify", log, "--public-key", public, "--checkpoint", signed / "note").returncode == 0
    proof = ["--record", signed / "record", "--proof", signed / "proof"]
    assert run("prove", log, "2", "--public-key", public, *proof).returncode == 0
    assert "bob" not in (signed / "record").read_text() + (signed / "proof").read_text()
    assert run("check", signed / "record", signed / "proof", "--public-key", public).stdout.startswith("proven")
    found = run("query", log, "--type", "llm_request", "--prove", public)
    shown = json.loads(found.stdout)
    assert json.loads(shown["record"])["user_id"] == "ann"
    assert cloister.audit_check_proof(shown["record"], shown["proof"], public.read_text())
    (signed / "record").write_text("{}")
    assert run("check", signed / "record", signed / "proof", "--public-key", public).returncode == 1
    assert run("grown", log, signed / "note", "--public-key", public).returncode == 0

    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:3]))
    cut = run("verify", log, "--public-key", public, "--checkpoint", signed / "note")
    assert cut.returncode == 1 and "truncation or rollback" in cut.stdout


def test_a_hold_and_a_sealed_log(signed: Path) -> None:
    log = signed / "audit.jsonl"
    key = ["--signing-key", signed / "key"]
    assert run("hold", log, "case 12", *key).stdout == "held\n"
    assert run("hold", log, "case 12", *key).stdout == "held already\n"
    assert run("hold", log, "settled", "--release", *key).stdout == "no longer held\n"
    sealed = signed / "sealed.jsonl"
    assert run("seal", sealed, "-o", signed / "sealed.key").returncode == 0
    cloister.AuditLog(sealed).record("view", "ann")
    assert run("verify", sealed, "--key-file", signed / "sealed.key").returncode == 0


def test_the_newest_records_are_shown(signed: Path) -> None:
    shown = run("tail", signed / "audit.jsonl", "-n", "2", "--json").stdout.splitlines()
    assert [json.loads(line)["event_type"] for line in shown] == ["security_violation", "checkpoint"]


@pytest.mark.parametrize("form", ["ocsf", "ecs", "cef", "syslog", "fhir"])
def test_every_form_is_one_line_for_each_record(signed: Path, form: str) -> None:
    lines = run("export", signed / "audit.jsonl", "--format", form, "--type", "llm_request").stdout.splitlines()
    assert len(lines) == 1 and "ann" in lines[0]


def test_fhir_events_are_valid_resources(signed: Path) -> None:
    resources = pytest.importorskip("fhir.resources.R4B.auditevent")
    for line in run("export", signed / "audit.jsonl", "--format", "fhir").stdout.splitlines():
        resources.AuditEvent.model_validate_json(line)


def test_ocsf_events_are_valid_by_the_published_schema(signed: Path) -> None:
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.6.0"))
    classes = {6003: "api_activity", 2004: "detection_finding"}
    validators = {uid: Draft202012Validator(schema.get_class_schema(name)) for uid, name in classes.items()}
    seen = set()
    for line in run("export", signed / "audit.jsonl", "--format", "ocsf").stdout.splitlines():
        event = json.loads(line)
        problems = [f"{error.json_path}: {error.message}" for error in validators[event["class_uid"]].iter_errors(event)]
        assert problems == []
        seen.add(event["class_uid"])
    assert seen == set(classes)


def test_a_report_is_one_page_that_loads_nothing(signed: Path) -> None:
    page = signed / "report.html"
    assert run("report", signed / "audit.jsonl", "-o", page).returncode == 0
    text = page.read_text()
    assert "<b>bob</b>" not in text and "&lt;b&gt;bob&lt;/b&gt;" in text
    assert not re.search(r"(src|href)=|url\(|@import", text) and text.count("<svg") >= 5
    HTMLParser().feed(text)
    body = text[text.index("<tbody>") :]
    assert body.index("llm_request") < body.index("security_violation")
    by_user = ["--sort", "user_id", "--public-key", signed / "public"]
    assert run("report", signed / "audit.jsonl", "-o", page, "--force", *by_user).returncode == 0
    text = page.read_text()
    body = text[text.index("<tbody>") :]
    assert body.index("&lt;b&gt;bob") < body.index("ann") < body.index("system")
    assert "covered by a checkpoint" in text


def test_a_report_is_sorted_by_each_of_its_columns(tmp_path: Path) -> None:
    log = cloister.AuditLog(tmp_path / "audit.jsonl", durability="os")
    for number in range(12):
        names = [f"{name}{number * step % 12:02}" for name, step in (("t", 5), ("u", 7), ("s", 11), ("a", 5), ("e", 7), ("p", 11))]
        log.record(
            names[0],
            names[1],
            session_id=names[2],
            action=names[3],
            error=names[4],
            classification=("PUBLIC", "INTERNAL", "SENSITIVE")[number % 3],
            status=("success", "blocked")[number % 2],
            data={"subject_id": names[5]},
        )
    del log
    page = tmp_path / "report.html"
    orders = set()
    for place, column in enumerate(COLUMNS):
        assert run("report", tmp_path / "audit.jsonl", "--sort", column, "--force", "-o", page).returncode == 0
        body = page.read_text().partition("<tbody>")[2].partition("</tbody>")[0]
        rows = [re.findall("<td>(.*?)</td>", row) for row in body.split("</tr>")[:-1]]
        cells = [row[place] for row in rows]
        assert len(cells) == 12 and cells == sorted(cells) and len(set(cells)) >= 2, column
        orders.add(tuple(row[0] for row in rows))
    assert len(orders) > 4


# Writes in bursts, so that the log is rotated many times between two looks at it, and not at all between others.
ROTATING = """
import sys, time, cloister
log = cloister.AuditLog(sys.argv[1], durability="os", max_file_bytes=4096)
for number in range(2000):
    log.record("burst", "ann", data={"number": number})
    if number % 250 == 0: time.sleep(0.3)
    elif number % 50 == 0: time.sleep(0.01)
log.record("end", "ann")
"""


@pytest.mark.parametrize("lines", [0, 5])
def test_who_follows_a_log_sees_each_record_once_however_often_it_is_rotated(tmp_path: Path, lines: int) -> None:
    log = tmp_path / "audit.jsonl"
    for _ in range(20):
        cloister.AuditLog(log, durability="os").record("before", "ann")
    follow = [sys.executable, "-m", "cloister", "audit", "tail", log, "-n", str(lines), "-f", "--json"]
    with (
        subprocess.Popen([sys.executable, "-c", ROTATING, log]) as writer,
        subprocess.Popen(follow, stdout=subprocess.PIPE, text=True) as tail,
    ):
        assert tail.stdout is not None
        seen = []
        for line in tail.stdout:
            seen.append(json.loads(line))
            if seen[-1]["event_type"] == "end":
                break
        tail.terminate()
        assert writer.wait(60) == 0
    numbers = [record["chain"]["seq"] for record in seen]
    assert numbers == list(range(numbers[0], 20 + 2000 + 1 + 1))
    assert len([record for record in seen if record["event_type"] == "burst"]) > 1500
    assert len(list(tmp_path.glob("audit.jsonl.2*-*"))) > 100


READING = """
import sys
from cloister.cli import main
def read():
    return int(next(line for line in open("/proc/self/io") if line.startswith("rchar")).split()[1])
before = read()
try:
    main(sys.argv[1:])
finally:
    print(read() - before, file=sys.stderr)
"""


def reading(*arguments: str | Path) -> tuple[int, list[int]]:
    """How many bytes a command reads, and the numbers of the records that it prints."""
    command = [sys.executable, "-c", READING, "audit", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(done.stderr.splitlines()[-1]), [json.loads(line)["chain"]["seq"] for line in done.stdout.splitlines()]


@pytest.mark.skipif(sys.platform != "linux", reason="counts what a process reads")
@pytest.mark.parametrize("keyed", [False, True])
def test_commands_read_little_of_a_large_log(tmp_path: Path, keyed: bool) -> None:
    path, key = tmp_path / "audit.jsonl", cloister.Key.generate()
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text(key.to_base64())
    log = cloister.AuditLog(path, durability="os", key=key if keyed else None, max_file_bytes=6_000_000)
    for number in range(1, 40_001):
        log.record("llm_request", "rare" if number % 9000 == 5 else "ann", data={"text": "x" * 300})
    del log
    size = sum(file.stat().st_size for file in tmp_path.glob("audit.jsonl*") if file.is_file())
    assert size > 24_000_000
    expected, key_file = [5, 9005, 18005, 27005, 36005], ["--key-file", tmp_path / "key"] if keyed else []
    # The first one makes the index.
    assert reading("query", path, "--user", "rare", *key_file)[1] == expected
    read, found = reading("query", path, "--user", "rare", *key_file)
    # The file that is being written has no index yet.
    assert found == expected and read < path.stat().st_size + 2_000_000 < size / 2
    read, found = reading("tail", path, "-n", "20")
    assert found == list(range(39_981, 40_001)) and read < 1_000_000
    if keyed:
        read, found = reading("query", path, "--user", "rare")
        assert found == expected and read > size
        (tmp_path / "key").write_text(cloister.Key.generate().to_base64())
        assert "hint:" in run("query", path, *key_file).stderr
