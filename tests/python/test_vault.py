"""What is done with a finding, and the way back: policies, vaults at rest, and restoring what a model has written."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import cloister
import pytest
from conftest import Run

KEY = cloister.Key("b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4")
TEXT = "Patient John Doe, SSN 123-45-6789, is well."
DATED = f"{TEXT} Seen 01/15/2024."


def test_a_policy_says_what_is_done_with_each_kind() -> None:
    scrubber = cloister.Scrubber(policy="[kinds]\nssn = 'mask'\nname = 'drop'")
    assert scrubber.scrub(TEXT).text == "Patient , SSN ***-**-6789, is well."
    changed = cloister.Scrubber(policy="redact", operators={"ssn": "mask:2", "*": "keep"})
    assert changed.scrub(TEXT).text == "Patient John Doe, SSN ***-**-**89, is well."
    harbor = cloister.Scrubber(policy="hipaa-safe-harbor")
    assert harbor.scrub(DATED).text == "Patient [NAME], SSN [SSN], is well. Seen 2024."


def test_policies_that_make_no_sense_are_refused() -> None:
    for members in [
        {"policy": "shred everything"},
        {"policy": "surrogates"},
        {"policy": "redact", "style": "mask"},
        {"operators": {"ssn": "shred"}},
        {"operators": {"shoe_size": "drop"}},
        {"key": KEY},
    ]:
        with pytest.raises(cloister.InvalidArgumentError) as raised:
            cloister.Scrubber(**members)  # type: ignore[arg-type]
        assert "shred" not in str(raised.value)
    with pytest.raises(cloister.InvalidKeyError):
        cloister.Scrubber(policy="surrogates", key=cloister.Key(bytes(range(32))))


def test_surrogates_come_back_through_the_vault() -> None:
    scrubber = cloister.Scrubber(policy="surrogates", key=KEY)
    vault = cloister.Vault()
    hidden = scrubber.pseudonymize(TEXT, vault, subject="patient 7").text
    assert "Doe" not in hidden and "6789" not in hidden and "[" not in hidden
    assert vault.restore(hidden) == TEXT
    assert scrubber.scrub(TEXT, subject="patient 7").text == hidden


def test_what_a_vault_remembers_is_found_in_later_texts() -> None:
    vault = cloister.Vault()
    scrubber = cloister.Scrubber()
    scrubber.pseudonymize("Patient John Doe, account number: 77814.", vault)
    text = "Is Doe better? And 77814?"
    later = scrubber.pseudonymize(text, vault)
    assert later.text == "Is [NAME_2] better? And [ACCOUNT_1]?"
    assert [finding.why["origin"] for finding in later.findings] == ["vault", "vault"]
    assert vault.restore(later.text) == text


def test_chunks_may_cut_a_placeholder_anywhere() -> None:
    vault = cloister.Vault()
    vault.placeholder("NAME", "John Doe")
    restorer = vault.restorer()
    answer = "**\\[name\\_1\\]**'s, (NAME_1) & 【Name 1】"
    whole = "".join(restorer.push(letter) for letter in answer) + restorer.finish()
    assert whole == "**John Doe**'s, (John Doe) & John Doe"


def test_a_vault_at_rest_is_encrypted_and_goes_on(tmp_path: Path) -> None:
    cipher = cloister.Cipher(KEY)
    path = tmp_path / "vault"
    vault = cloister.Vault()
    vault.placeholder("NAME", "John Doe")
    vault.save(path, cipher)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and b"John" not in path.read_bytes()
    again = cloister.Vault.open(path, cipher)
    assert again.placeholder("NAME", "Jane Roe") == "[NAME_2]"
    again.save(path, cipher)
    with pytest.raises(cloister.BusyError):
        vault.save(path, cipher)
    with pytest.raises(cloister.DecryptError):
        cloister.Vault.open(path, cloister.Cipher(cloister.Key.generate()))
    with pytest.raises(cloister.NotFoundError):
        cloister.Vault.open(tmp_path / "none", cipher)
    envelope = again.export(cipher, context="case 7")
    assert cloister.Vault.import_(envelope, cipher, context="case 7").restore("[NAME_2]") == "Jane Roe"
    with pytest.raises(cloister.DecryptError):
        cloister.Vault.import_(envelope, cipher, context="case 8")


def test_a_vault_expires_and_is_bounded() -> None:
    vault = cloister.Vault(ttl=0.3, capacity=1)
    assert vault.expires_at is not None and vault.expires_at <= time.time() + 1
    vault.placeholder("NAME", "John Doe")
    with pytest.raises(cloister.TooLargeError):
        vault.placeholder("NAME", "Jane Roe")
    time.sleep(0.35)
    assert vault.restore("[NAME_1]") == "[NAME_1]" and len(vault) == 0
    with pytest.raises(cloister.ClosedError):
        vault.placeholder("NAME", "John Doe")
    with pytest.raises(cloister.InvalidArgumentError):
        cloister.Vault(ttl=-1.0)


def test_the_command_line_scrubs_by_policy_and_restores(run: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(TEXT, "utf-8")
    (tmp_path / "dated.txt").write_text(DATED, "utf-8")
    (tmp_path / "policy.toml").write_text("base = 'hipaa-safe-harbor'\n[kinds]\nssn = 'mask'\n", "utf-8")
    assert run("scrub", "--policy", "policy.toml", "dated.txt").stdout == (
        b"Patient [NAME], SSN ***-**-6789, is well. Seen 2024."
    )
    done = run("scrub", "--operator", "ssn=mask", "--operator", "*=drop", "note.txt")
    assert done.stdout == b"Patient , SSN ***-**-6789, is well."
    (tmp_path / "key").write_bytes(run("keygen").stdout)
    (tmp_path / "key").chmod(0o600)
    keyed = ["--vault", "vault", "--key-file", "key"]
    hidden = run("scrub", "--policy", "pseudonymise", *keyed, "note.txt").stdout
    assert b"[NAME_" in hidden and b"Doe" not in hidden
    assert os.stat(tmp_path / "vault").st_mode & 0o777 == 0o600
    more = run("scrub", "--policy", "pseudonymise", *keyed, stdin=b"Dr. Roe, SSN 123-45-6789").stdout
    number = hidden[hidden.index(b"[SSN_") : hidden.index(b", is")]
    assert more.endswith(b", SSN " + number)
    assert run("restore", *keyed, stdin=hidden.upper()).stdout == TEXT.upper().replace(
        "JOHN DOE", "John Doe"
    ).encode()
    assert run("restore", *keyed, stdin=more).stdout == b"Dr. Roe, SSN 123-45-6789"
    assert run("restore", "--vault", "none", "--key-file", "key").returncode == 3
    done = run("scrub", "--policy", "surrogates", "note.txt")
    assert done.returncode == 3 and b"key" in done.stderr
    done = run("scrub", "--operator", "ssn", "note.txt")
    assert done.returncode == 2 and b"KIND=OPERATOR" in done.stderr
