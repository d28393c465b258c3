"""``cloister access``: who may do what, and who looks at emergencies afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cloister
import pytest

TABLE = """
separate = [["nurse", "officer"]]

[roles.nurse]
permissions = ["read_phi@patient:17"]
[roles.chief]
permissions = ["write_phi"]
inherits = ["nurse"]
[roles.porter]
permissions = ["break_glass"]
[roles.officer]
permissions = ["review_break_glass", "break_glass"]

[users]
kim = ["chief", "porter"]
bob = ["porter"]
ada = ["officer"]
eve = ["officer"]
"""


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cloister", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "roles.toml"
    path.write_text(TABLE)
    return path


def test_a_check_says_why_in_each_role_of_the_user(table: Path) -> None:
    checked = run("access", "check", table, "kim", "read_phi@patient:17")
    assert checked.returncode == 0
    assert checked.stdout == "allowed as chief: granted\ndenied as porter: not_granted\n"
    assert run("access", "check", table, "kim", "read_phi").stdout.startswith("denied as chief: out_of_scope")
    assert run("access", "check", table, "kim", "read_phi@patient:17", "--role", "nurse").stdout == "allowed as nurse: granted\n"
    unknown = run("access", "check", table, "mallory", "read_phi", "--json")
    assert unknown.returncode == 1
    assert json.loads(unknown.stdout) == [{"role": "", "allowed": False, "reason": "unknown_user"}]


def test_the_roles_are_listed_with_what_they_inherit(table: Path) -> None:
    listed = json.loads(run("access", "roles", table, "--json").stdout)
    assert listed[0] == {"role": "chief", "permissions": ["read_phi@patient:17", "write_phi"], "users": ["kim"]}
    assert "patient:17" in run("access", "roles", table).stdout


def test_a_table_that_is_none_is_refused_in_one_line(table: Path) -> None:
    table.write_text("[roles.nurse]\npermissions = 7\n")
    refused = run("access", "roles", table)
    assert refused.returncode == 3 and refused.stderr.count("\n") == 1 and "line 2" in refused.stderr


def test_an_emergency_is_listed_and_closed_by_a_second_person(table: Path, tmp_path: Path) -> None:
    log, access = tmp_path / "audit.jsonl", cloister.AccessControl.parse(TABLE)
    session = cloister.Session("ada", "officer", access=access, audit=cloister.AuditLog(log))
    case = session.break_glass("patient down")
    session.end()
    waiting = run("access", "emergencies", table, log, "--user", "eve")
    assert waiting.returncode == 1 and case in waiting.stdout and "patient down" in waiting.stdout
    assert run("access", "emergencies", table, log, "--user", "bob").returncode == 3
    own = run("access", "review", table, log, case, "justified", "--user", "ada")
    assert own.returncode == 3 and "second person" in own.stderr
    closed = run("access", "review", table, log, case, "unjustified", "--user", "eve", "--note", "nobody was there")
    assert closed.stdout.startswith("evt_")
    assert run("access", "emergencies", table, log, "--user", "eve", "--json").stdout == "[]\n"
    again = run("access", "review", table, log, case, "justified", "--user", "eve")
    assert again.returncode == 3
    missing = run("access", "emergencies", table, tmp_path / "none.jsonl", "--user", "eve")
    assert missing.returncode == 3 and not (tmp_path / "none.jsonl").exists()


def test_conversations_ask_the_table_that_is_named(table: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(cloister.Key.generate().to_base64())
    (tmp_path / "key").chmod(0o600)
    store = [tmp_path / "store", "--store-key", tmp_path / "key"]
    asked = ["--access", table, "--role", "chief", "--user", "kim", "--log", tmp_path / "audit.jsonl"]
    assert run("conversations", "list", *store, "patient:17", *asked, "--json").stdout == "[]\n"
    refused = run("conversations", "list", *store, "patient:18", *asked)
    assert refused.returncode == 3 and "read_phi" in refused.stderr
    several = run("conversations", "list", *store, "patient:17", *asked[:2], "--user", "kim")
    assert several.returncode == 3 and "--role" in several.stderr
