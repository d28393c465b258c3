"""The command line through real processes: streams, files, statuses, and what stands on stderr."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import cloister
import pytest
from conftest import NOTE, STRIPE_KEY, Run

SECRET_NOTE = f"use {STRIPE_KEY}\n"


def complaint(stderr: bytes) -> str:
    """The one line of an error."""
    lines = stderr.decode("utf-8").splitlines()
    assert len(lines) == 1 and lines[0].startswith("cloister: "), lines
    return lines[0]


def test_scrubbing_reads_stdin_and_files(run: Run, tmp_path: Path) -> None:
    done = run("scrub", stdin=NOTE.encode())
    assert done.returncode == 0 and done.stderr == b""
    assert done.stdout.decode() == (
        "Patient [NAME] (SSN: [SSN], MRN: [MRN]) called from [PHONE] about diabetes medication."
    )
    (tmp_path / "a.txt").write_text("SSN: 123-45-6789\n", "utf-8")
    done = run("scrub", "a.txt", "-", stdin=SECRET_NOTE.encode())
    assert done.stdout == b"SSN: [SSN]\nuse [STRIPE_KEY]\n"
    assert run("scrub", "--mask", "a.txt").stdout == b"SSN: ***-**-6789\n"
    assert run("scrub", "--without", "ssn", "a.txt").stdout == b"SSN: 123-45-6789\n"
    assert run("scrub", "--only", "secrets", "a.txt").stdout == b"SSN: 123-45-6789\n"


def test_scrubbing_gives_json(run: Run) -> None:
    report = json.loads(run("scrub", "--json", stdin=b"SSN: 123-45-6789").stdout)
    [file] = report["files"]
    assert file["text"] == "SSN: [SSN]" and file["findings"][0]["kind"] == "ssn"


def test_line_ends_and_nuls_are_kept(run: Run) -> None:
    assert run("scrub", stdin=b"a\r\nSSN: 123-45-6789\0\r\n").stdout == b"a\r\nSSN: [SSN]\0\r\n"
    assert run("scrub", stdin=b"").stdout == b""


def test_scanning_tells_where_and_its_status_tells_whether(run: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(f"fine\n{NOTE}\n{SECRET_NOTE}", "utf-8")
    done = run("scan", "note.txt")
    assert done.returncode == 1 and done.stderr == b""
    text = done.stdout.decode()
    assert "note.txt:2:9: name (identifier, " in text and "note.txt:3:5: stripe_key (secret, high" in text
    assert "John" not in text and "6789" not in text and STRIPE_KEY not in text
    done = run("scan", stdin=b"nothing here")
    assert (done.returncode, done.stdout) == (0, b"")


def test_scanning_gives_json(run: Run) -> None:
    report = json.loads(run("scan", "--json", stdin=NOTE.encode()).stdout)
    assert report["findings"] == 4 and report["kinds"]["ssn"] == 1
    found = report["files"][0]["findings"][0]
    assert NOTE[found["start"] : found["end"]] == "John Doe"
    assert found["bytes"] == found["utf16"] == [found["start"], found["end"]]
    assert found["why"]["origin"] == "matcher" and found["why"]["layers"] == []


def test_rules_and_exceptions_come_from_the_command_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(
        '[[rule]]\nid = "bed"\nkind = "bed"\ntoken = "BED"\nwhat = "bed"\nanchors = ["bed"]\n'
        "pattern = '''bed (?P<value>[0-9]{3})'''\nconfidence = 0.9\n",
        "utf-8",
    )
    assert run("scrub", "--rules", "rules.toml", stdin=b"bed 312").stdout == b"bed [BED]"
    assert run("scan", "--allow", "123-45-6789", stdin=b"SSN: 123-45-6789").returncode == 0
    assert run("scan", "--min-confidence", "1.0", stdin=b"SSN: 123-45-6789").returncode == 0
    assert run("scan", "--min-confidence", "ssn=1", stdin=b"SSN: 123-45-6789").returncode == 0
    assert run("scan", "--allow-pattern", "123-.*", stdin=b"SSN: 123-45-6789").returncode == 0
    denying = ("--deny", "project=Heron", "--deny-pattern", "bed=bed [0-9]+", "--ignore-case")
    assert run("scrub", *denying, stdin=b"heron in bed 7").stdout == b"[PROJECT] in [BED]"
    assert run("scan", "--profile", "pci", stdin=b"SSN: 123-45-6789").returncode == 0
    (tmp_path / "rules.yml").write_text(
        "rule:\n- {id: bed, kind: bed, token: BED, what: bed, anchors: [bed],"
        " pattern: 'bed (?P<value>[0-9]{3})', confidence: 0.9}\n",
        "utf-8",
    )
    assert run("scrub", "--rules", "rules.yml", stdin=b"bed 312").stdout == b"bed [BED]"
    (tmp_path / "rules.json").write_text("{", "utf-8")
    done = run("scan", "--rules", "rules.json", stdin=b"x")
    assert done.returncode == 3 and "not a JSON pack: line 1; hint: " in complaint(done.stderr)
    for status, *wrong in ((3, "--rules", "rules.ini"), (3, "--deny", "Doe"), (2, "--min-confidence", "ssn=Doe")):
        done = run("scan", *wrong, stdin=b"x")
        assert done.returncode == status and b"Doe" not in done.stderr
    done = run("scan", "--without", "nothing", stdin=b"x")
    assert done.returncode == 3 and "no rule" in complaint(done.stderr)


def test_rules_of_gitleaks_apply_and_what_is_left_out_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "gitleaks.toml").write_text(
        '[[rules]]\nid = "house"\ndescription = "d"\nregex = "hs_[a-z0-9]{20}"\nkeywords = ["hs_"]\n'
        '[[rules]]\nid = "by-path"\ndescription = "d"\npath = "key$"\n',
        "utf-8",
    )
    done = run("scan", "--gitleaks", "gitleaks.toml", stdin=b"use hs_k3j9dlq0zx7pw2vb5nm1, please")
    assert done.returncode == 1 and b"-:1:5: house (secret, " in done.stdout
    assert done.stderr.decode().startswith("gitleaks.toml: rule `by-path` is left out: it is for files of certain paths")
    scrubbed = run("scrub", "--gitleaks", "gitleaks.toml", stdin=b"use hs_k3j9dlq0zx7pw2vb5nm1, please")
    assert scrubbed.stdout == b"use [HOUSE], please"


def test_what_is_not_worth_an_alert_is_scrubbed_all_the_same(run: Run) -> None:
    weak = b'password = "tiger"'
    assert run("scan", "--min-confidence", "0.7", stdin=weak).returncode == 0
    assert run("scrub", stdin=weak).stdout == b'password = "[PASSWORD]"'


def test_records_are_read_field_by_field_and_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        'id,MRN,note\n1,00-12-34,"line one\nmail a@example.org"\n2,,"said ""SSN 123-45-6789"""\n3,n/a,nothing,extra\n', "utf-8"
    )
    done = run("scan", "--records", "csv", "a.csv")
    assert done.returncode == 1, done.stderr
    lines = done.stdout.decode().splitlines()
    assert [line.split(" (")[0] for line in lines] == [
        "a.csv:1:MRN:1: mrn",
        "a.csv:1:note:15: email",
        "a.csv:2:note:11: ssn",
    ]
    # The name of a column is the label of its values; without it they are figures like others.
    assert b"mrn" not in run("scan", "a.csv").stdout

    (tmp_path / "b.jsonl").write_text(
        '{"patient": {"mrn": "987654", "mails": ["x", "b@example.org"]}, "ok": true}\n\n{"member_id": 123456789, "n": null}\n',
        "utf-8",
    )
    report = json.loads(run("scan", "--json", "--records", "jsonl", "b.jsonl").stdout)
    found = [
        (one["record"], one["field"], one["kind"], one["start"], one["end"]) for one in report["files"][0]["findings"]
    ]
    assert found == [
        (1, "patient.mrn", "mrn", 0, 6),
        (1, "patient.mails[1]", "email", 0, 13),
        (2, "member_id", "insurance_id", 0, 9),
    ]
    assert report["findings"] == 3
    assert run("scan", "--records", "tsv", "-", stdin=b"a\tb\n1\tfine\n").returncode == 0


def test_what_is_no_record_is_refused_without_showing_it(run: Run) -> None:
    done = run("scan", "--records", "jsonl", stdin=b'{"a": 1}\n{"ssn": "123-45-6789"\n')
    assert done.returncode == 3 and done.stdout == b""
    assert complaint(done.stderr) == "cloister: -: record 2 is not JSON; hint: one record a line"
    done = run("scan", "--records", "csv", stdin=b"a,b\n1,\xff\n")
    assert "not UTF-8" in complaint(done.stderr)
    assert run("scan", "--records", "csv", "--lossy", stdin=b"a,b\n1,\xff\n").returncode == 0
    assert run("scan", "--records", "csv", stdin=b"").returncode == 0


def test_records_stream_in_constant_memory(tmp_path: Path) -> None:
    measure = (
        "import resource, sys; from cloister.cli import main; main(['scan', '--quiet', '--records', 'csv', sys.argv[1]]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    peaks = []
    for rows in (1_000, 60_000):
        file = tmp_path / f"{rows}.csv"
        with file.open("w") as out:
            out.write("id,note\n")
            for row in range(rows):
                out.write(f"{row},the patient was seen and is well and will come again in two weeks or sooner\n")
        done = subprocess.run([sys.executable, "-c", measure, str(file)], capture_output=True, check=True)
        peaks.append(int(done.stderr.split()[-1]))
    assert peaks[1] < peaks[0] + 8_000, peaks


def test_the_rules_are_listed_as_a_scan_would_use_them(run: Run) -> None:
    text = run("rules").stdout.decode()
    assert "ssn-dashed" in text and "stripe" in text
    report = json.loads(run("rules", "--json", "--only", "identifiers", "--profile", "us").stdout)
    countries = {rule["country"] for rule in report["rules"]}
    assert countries == {None, "us"}
    assert {rule["category"] for rule in report["rules"]} == {"identifier"}
    assert set(report["rules"][0]) >= {"id", "kind", "profiles", "what", "source"}


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (("scan", "missing.txt"), b"", "missing.txt: no such file"),
        (("scrub",), b"SSN 123-45-6789 \xff", "-: byte 16 is not UTF-8; hint: "),
        (("chat", "hello"), b"", "CLOISTER_MODEL names no file; hint: "),
        (("chat", "hello", "--model", "missing.gguf"), b"", "model"),
        (("audit", "query", "missing.jsonl"), b"", "log"),
        (("audit", "query", "missing.jsonl", "--where", "x"), b"", "`--where` takes KEY=VALUE"),
        (("encrypt",), b"x", "a key is needed; hint: "),
        (("decrypt", "--key-file", "missing.key"), b"x", "missing.key: no such file"),
    ],
)
def test_a_failure_is_status_three_and_one_line(
    run: Run, arguments: tuple[str, ...], stdin: bytes, message: str
) -> None:
    done = run(*arguments, stdin=stdin, CLOISTER_MODEL="missing.gguf")
    assert done.returncode == 3 and done.stdout == b""
    line = complaint(done.stderr)
    assert message in line
    assert "6789" not in line


@pytest.mark.parametrize(
    "arguments",
    [(), ("no-such-command",), ("scan", "--no-such-option"), ("audit",), ("chat", "--seed", "-1")],
)
def test_wrong_usage_is_status_two(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2 and b"usage: cloister" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        (),
        *[(name,) for name in ("demo", "scrub", "scan", "rules", "chat", "encrypt", "decrypt", "keygen", "inspect", "doctor")],
        ("audit", "query"),
        ("audit", "verify"),
    ],
)
def test_every_command_explains_itself(run: Run, command: tuple[str, ...]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0 and b"usage: cloister" in done.stdout


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version").stdout.decode().strip() == f"cloister {cloister.__version__}"


def test_a_file_is_encrypted_and_decrypted(run: Run, tmp_path: Path) -> None:
    assert run("keygen", "-o", "own.key").returncode == 0
    assert os.stat(tmp_path / "own.key").st_mode & 0o777 == 0o600
    content = bytes(range(256)) * 10
    (tmp_path / "in.bin").write_bytes(content)
    key = ("--key-file", "own.key")
    assert run("encrypt", *key, "in.bin", "-o", "out.enc", "--context", "p7").returncode == 0
    assert content not in (tmp_path / "out.enc").read_bytes()
    assert run("decrypt", *key, "out.enc", "--context", "p7").stdout == content
    for wrong in (("--context", "p8"), ()):
        done = run("decrypt", *key, "out.enc", *wrong)
        assert done.returncode == 3 and done.stdout == b"" and complaint(done.stderr)
    done = run("encrypt", *key, "in.bin", "-o", "out.enc")
    assert done.returncode == 3 and "--force" in complaint(done.stderr)
    assert run("encrypt", *key, "in.bin", "-o", "out.enc", "--force").returncode == 0


def test_the_key_may_stand_in_the_environment(run: Run) -> None:
    key = run("keygen").stdout.decode().strip()
    envelope = run("encrypt", stdin=b"Diabetes", CLOISTER_KEY=key).stdout
    assert run("decrypt", stdin=envelope, CLOISTER_KEY=key).stdout == b"Diabetes"
    other = run("keygen").stdout.decode().strip()
    assert run("decrypt", stdin=envelope, CLOISTER_KEY=other).returncode == 3
    done = run("encrypt", stdin=b"x", CLOISTER_KEY="passphrase")
    assert done.returncode == 3 and "passphrase" not in complaint(done.stderr)


def test_a_log_is_read_and_verified(run: Run, tmp_path: Path) -> None:
    key = bytes.fromhex("b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4")
    (tmp_path / "log.key").write_bytes(key)
    (tmp_path / "log.key").chmod(0o600)
    log = cloister.AuditLog(tmp_path / "audit.jsonl", key=key)
    log.record("view", "ann", action="open", data={"security": {"pii_scrubbed": 4}})
    log.record("view", "bob", status="denied")
    done = run("audit", "query", "audit.jsonl", "--where", "security__pii_scrubbed__gt=3", "--json")
    [record] = [json.loads(line) for line in done.stdout.splitlines()]
    assert record["user_id"] == "ann"
    text = run("audit", "query", "audit.jsonl", "--newest").stdout.decode()
    assert text.index("bob") < text.index("ann")
    assert run("audit", "query", "audit.jsonl", "--user", "eve").stdout == b""
    log.record("view", "cyd", classification="PUBLIC", data={"subject_id": "17"})
    for condition in ("--classification", "PUBLIC"), ("--subject", "17"):
        done = run("audit", "query", "audit.jsonl", *condition, "--json")
        assert [json.loads(line)["user_id"] for line in done.stdout.splitlines()] == ["cyd"]
    done = run("audit", "verify", "audit.jsonl", "--key-file", "log.key")
    assert done.returncode == 0 and done.stdout.startswith(b"intact: 3 records in 1 file, keyed chain")
    log.path.write_bytes(log.path.read_bytes().replace(b"bob", b"bib"))
    done = run("audit", "verify", "audit.jsonl", "--key-file", "log.key", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 1 and not report["intact"] and report["problems"]


def test_the_doctor_reports_this_machine(run: Run, model: str) -> None:
    report = json.loads(run("doctor", "--json", CLOISTER_MODEL=model).stdout)
    assert report["model"] == model and report["version"] == cloister.__version__
    assert report["enforced"] and report["not_enforced"]
    assert b"enforced:" in run("doctor").stdout


def test_a_question_is_answered_and_recorded(run: Run, tmp_path: Path, model: str) -> None:
    environment = {"CLOISTER_MODEL": model, "XDG_STATE_HOME": str(tmp_path)}
    arguments = ("chat", "--max-tokens", "16", "--temperature", "0", "--user", "ann", "--threads", "1")
    done = run(*arguments, "Repeat: Patient John Doe is stable.", "--json", **environment)
    assert done.returncode == 0, done.stderr
    reply = json.loads(done.stdout)
    assert "[NAME_1]" in reply["prompt"] and reply["identifiers"] == ["name"]
    log = tmp_path / "cloister" / "audit.jsonl"
    assert cloister.audit_query(log, user_id="ann", event_type="llm_response")
    done = run(*arguments, "--no-log", stdin=b"Say hello.", **environment)
    assert done.returncode == 0 and done.stdout.endswith(b"\n") and len(done.stdout) > 2
    assert len(cloister.audit_query(log)) == 2


def test_a_question_with_a_secret_is_blocked(run: Run, tmp_path: Path, model: str) -> None:
    done = run("chat", SECRET_NOTE, "--log", "own.jsonl", "--model", model)
    assert done.returncode == 1 and done.stdout == b""
    line = complaint(done.stderr)
    assert "stripe_key" in line and STRIPE_KEY not in line
    assert cloister.audit_query(tmp_path / "own.jsonl", status="blocked")


def test_the_demonstration_shows_the_whole_road(run: Run, tmp_path: Path, model: str) -> None:
    done = run("demo", "--log", "demo.jsonl", "--threads", "1", CLOISTER_MODEL=model)
    assert done.returncode == 0 and done.stderr == b""
    text = done.stdout.decode()
    assert "\x1b" not in text
    for station in range(1, 8):
        assert f"\n{station}. " in text
    assert "[NAME_1]" in text and "blocked: " in text and "intact: " in text
    assert "a copy with one byte changed: " in text
    assert cloister.audit_verify(tmp_path / "demo.jsonl")
    assert "Alvarez" not in (tmp_path / "demo.jsonl").read_text("utf-8")


def test_large_input_shows_no_bar_outside_a_terminal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "large.txt").write_bytes(b"SSN: 123-45-6789 and more text\n" * 200_000)
    done = run("scan", "--json", "large.txt")
    assert done.returncode == 1 and done.stderr == b""
    assert json.loads(done.stdout)["findings"] == 200_000


def test_a_bar_is_shown_on_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "large.txt").write_bytes(b"plain text without anything\n" * 400_000)
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    done = subprocess.Popen(
        [sys.executable, "-m", "cloister", "scan", "large.txt"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=follower,
        env=environment,
    )
    assert done.wait(120) == 0
    os.close(follower)
    assert b"scanning" in os.read(leader, 1 << 16)
    os.close(leader)


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "large.txt").write_bytes(b"plain text\n" * 100_000)
    command = f"{sys.executable} -m cloister scrub large.txt | head -c 10"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, check=False)
    assert done.stderr == b"" and len(done.stdout) == 10


def test_a_log_cannot_control_the_terminal(run: Run, log: cloister.AuditLog) -> None:
    log.record("view", "[red]ann\x1b]0;title\x07")
    done = run("audit", "query", str(log.path))
    assert b"\x1b" not in done.stdout and b"[red]ann" in done.stdout


def test_output_survives_a_narrow_encoding(run: Run) -> None:
    text = "Größe 🩺 SSN: 123-45-6789".encode()
    done = run("scrub", stdin=text, PYTHONIOENCODING="ascii")
    assert done.stdout == "Größe 🩺 SSN: [SSN]".encode()
    report = json.loads(run("scrub", "--json", stdin=text, PYTHONIOENCODING="ascii").stdout)
    assert report["files"][0]["text"] == "Größe 🩺 SSN: [SSN]"


def test_an_argument_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cloister", "audit", "query", "x", "--user", b"\xff"]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, check=False)
    assert done.returncode == 3 and "not UTF-8" in complaint(done.stderr)


def test_scrubbed_text_goes_to_a_file_of_the_owner_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("SSN: 123-45-6789\n", "utf-8")
    done = run("scrub", "in.txt", "-o", "out.txt")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "out.txt").read_bytes() == b"SSN: [SSN]\n"
    assert (tmp_path / "out.txt").stat().st_mode & 0o777 == 0o600
    done = run("scrub", "in.txt", "-o", "out.txt")
    assert done.returncode == 3 and "--force" in complaint(done.stderr)
    assert run("scrub", "--mask", "in.txt", "-o", "out.txt", "--force").returncode == 0
    assert (tmp_path / "out.txt").read_bytes() == b"SSN: ***-**-6789\n"


def test_a_failure_leaves_neither_a_part_of_the_output_nor_the_old_one_changed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"SSN: 123-45-6789\n" * 100_000 + b"\xff")
    (tmp_path / "old.txt").write_bytes(b"old")
    for arguments in (("new.txt",), ("old.txt", "--force")):
        done = run("scrub", "in.txt", "-o", *arguments)
        assert done.returncode == 3
        assert "in.txt: byte 1700000 is not UTF-8; hint: " in complaint(done.stderr) and b"--lossy" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.txt", "old.txt"]
    assert (tmp_path / "old.txt").read_bytes() == b"old"


def test_what_is_not_utf8_is_read_when_that_is_asked_for(run: Run) -> None:
    done = run("scrub", "--lossy", stdin=b"SSN: 123-45-6789 \xff end")
    assert done.returncode == 0 and done.stdout.decode() == "SSN: [SSN] \ufffd end"
    assert run("scan", "--lossy", stdin=b"\xff\xc3").returncode == 0


def test_an_interruption_leaves_no_output(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cloister", "scrub", "-", "-o", "out.txt"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A child of a process in the background would ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdin is not None and process.stderr is not None
        process.stdin.write(b"SSN: 123-45-6789\n" * 100_000)
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while not any(path.stat().st_size for path in tmp_path.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert b"interrupted" in process.stderr.read()
    assert list(tmp_path.iterdir()) == []


LARGE_BYTES = 96 << 20
"""Far more than what a process may use to go through it."""

GROWTH_BYTES = 40 << 20


def peak_of(*arguments: str, cwd: Path) -> int:
    """The most resident memory of a command, in bytes."""
    program = (
        "import resource, sys\n"
        "from cloister.cli import main\n"
        "status = main(sys.argv[1:])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, file=sys.stderr)\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], cwd=cwd, capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return int(done.stderr)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    paragraph = b"The patient was seen in clinic and was doing well.\n" * 200 + b"SSN: 123-45-6789, call 555-123-4567.\n"
    (tmp_path / "small.txt").write_bytes(paragraph)
    with (tmp_path / "large.txt").open("wb") as file:
        for _ in range(LARGE_BYTES // len(paragraph)):
            file.write(paragraph)
    small = peak_of("scrub", "small.txt", "-o", "small.out", cwd=tmp_path)
    assert peak_of("scrub", "large.txt", "-o", "large.out", cwd=tmp_path) < small + GROWTH_BYTES
    assert peak_of("scan", "large.txt", cwd=tmp_path) < small + GROWTH_BYTES
    expected = (tmp_path / "small.out").read_bytes()
    count = LARGE_BYTES // len(paragraph)
    assert (tmp_path / "large.out").stat().st_size == count * len(expected)
    with (tmp_path / "large.out").open("rb") as file:
        assert all(file.read(len(expected)) == expected for _ in range(count))
