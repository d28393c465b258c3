"""The drop-in's encryption and its stored patterns."""

from __future__ import annotations

import base64
import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import cloister
import pytest
from attune_llm.security import (
    Classification,
    EncryptionManager,
    SecureMemDocsIntegration,
    SecurityError,
    decrypt_sensitive_data,
    encrypt_sensitive_data,
)
from attune_llm.security import secure_memdocs as module
from conftest import STRIPE_KEY

KEY = bytes.fromhex("b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4")
# AES-256-GCM of "Diabetes" under KEY with the nonce 00 01 … 0b, made with pyca/cryptography.
LEGACY = "AAECAwQFBgcICQoLpELqwY2kMWJov0pu6VnDC69lEefTqrOv"


@pytest.fixture(autouse=True)
def no_key_is_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("ATTUNE_MASTER_KEY", "EMPATHY_MASTER_KEY"):
        monkeypatch.delenv(variable, raising=False)


def memdocs(tmp_path: Path, key: bytes | None = KEY) -> SecureMemDocsIntegration:
    return SecureMemDocsIntegration(
        storage_dir=str(tmp_path / "store"), audit_log_dir=str(tmp_path / "logs"), master_key=key
    )


@pytest.mark.parametrize(
    "key", [KEY, KEY.hex(), base64.b64encode(KEY).decode(), "k9fJ2mQ7xL4vT8bN3cR6yW1zD5gH0pSa"]
)
def test_a_mapping_comes_back(key: str | bytes) -> None:
    data = {"patient_id": "PT123456", "diagnosis": "Diabetes Type 2 – ältere", "n": [1, None]}
    encrypted = encrypt_sensitive_data(data=data, encryption_key=key, classification="INTERNAL")
    assert isinstance(encrypted, str) and "PT123456" not in encrypted
    assert decrypt_sensitive_data(encrypted, encryption_key=key) == data


@pytest.mark.parametrize("key", [None, "", "short", b"short", bytes(range(32)), "my-secret-encryption-key-32bytes"])
def test_without_a_key_nothing_is_encrypted(key: str | bytes | None) -> None:
    with pytest.raises(SecurityError, match="hint: "):
        encrypt_sensitive_data({"x": 1}, encryption_key=key)
    manager = EncryptionManager()
    assert not manager.enabled and manager.master_key is None
    with pytest.raises(SecurityError, match="key is needed"):
        manager.encrypt("x")


def test_the_wrong_key_does_not_decrypt() -> None:
    encrypted = encrypt_sensitive_data({"x": 1}, KEY)
    with pytest.raises(SecurityError, match="Decryption failed"):
        decrypt_sensitive_data(encrypted, KEY[::-1])
    with pytest.raises(SecurityError, match="Decryption failed"):
        EncryptionManager(KEY).decrypt("not base64 !")


def test_what_older_versions_wrote_is_read() -> None:
    assert EncryptionManager(KEY).decrypt(LEGACY) == "Diabetes"
    with pytest.raises(SecurityError):
        EncryptionManager(KEY[::-1]).decrypt(LEGACY)


def test_the_manager_finds_its_key_where_it_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypted = EncryptionManager(KEY).encrypt("Diabetes")
    (tmp_path / ".empathy").mkdir()
    (tmp_path / ".empathy" / "master.key").write_bytes(KEY)
    assert EncryptionManager().decrypt(encrypted) == "Diabetes"
    monkeypatch.setenv("EMPATHY_MASTER_KEY", base64.b64encode(KEY[::-1]).decode())
    with pytest.raises(SecurityError):
        EncryptionManager().decrypt(encrypted)
    monkeypatch.setenv("EMPATHY_MASTER_KEY", "###")
    with pytest.raises(ValueError, match="Invalid EMPATHY_MASTER_KEY format"):
        EncryptionManager()


def test_a_sensitive_pattern_is_scrubbed_encrypted_and_recorded(tmp_path: Path) -> None:
    store = memdocs(tmp_path)
    text = "Clinical protocol for patient John Doe, SSN 123-45-6789"
    result = store.store_pattern(text, "clinical_protocol", "ann", session_id="ses")
    assert result["classification"] == "SENSITIVE" and result["metadata"]["encrypted"]
    assert result["sanitization_report"]["pii_count"] == 2
    kept = "".join(path.read_text("utf-8") for path in (tmp_path / "store").iterdir())
    assert "protocol for" not in kept and "6789" not in kept
    found = store.retrieve_pattern(result["pattern_id"], "ann")
    assert found["content"] == "Clinical protocol for patient [NAME], SSN [SSN]"
    with pytest.raises(PermissionError):
        store.retrieve_pattern(result["pattern_id"], "bob")
    types = [record["event_type"] for record in store.audit_logger.query()]
    assert types == ["store_pattern", "retrieve_pattern", "retrieve_pattern", "security_violation"]


def test_a_pattern_with_a_secret_is_refused(tmp_path: Path) -> None:
    store = memdocs(tmp_path)
    with pytest.raises(SecurityError, match="Cannot store") as raised:
        store.store_pattern(f"use {STRIPE_KEY}", "note", "ann")
    assert STRIPE_KEY not in str(raised.value)
    assert store.get_statistics()["total_patterns"] == 0
    assert store.audit_logger.get_violation_summary()["by_type"] == {"secrets_in_storage": 1}
    with pytest.raises(ValueError, match="Content cannot be empty"):
        store.store_pattern("  ", "note", "ann")


def test_a_sensitive_pattern_needs_a_key(tmp_path: Path) -> None:
    store = memdocs(tmp_path, key=None)
    with pytest.raises(SecurityError, match="key is needed"):
        store.store_pattern("a diagnosis", "note", "ann")
    assert store.store_pattern("use short functions", "note", "ann")["classification"] == "PUBLIC"


def test_classes_follow_whole_words(tmp_path: Path) -> None:
    store = memdocs(tmp_path)
    assert store.store_pattern("computer graphics", "note", "ann")["classification"] == "PUBLIC"
    assert store.store_pattern("PHI rules", "note", "ann")["classification"] == "SENSITIVE"
    assert store.store_pattern("a trade secret", "note", "ann")["classification"] == "INTERNAL"
    chosen = store.store_pattern("x", "note", "ann", explicit_classification=Classification.INTERNAL)
    assert chosen["classification"] == "INTERNAL"
    assert [item["classification"] for item in store.list_patterns("bob")].count("SENSITIVE") == 0
    assert len(store.list_patterns("ann", classification=Classification.INTERNAL)) == 2
    assert store.get_statistics()["by_classification"] == {"PUBLIC": 1, "INTERNAL": 2, "SENSITIVE": 1}


def test_only_the_creator_deletes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = memdocs(tmp_path)
    pattern_id = store.store_pattern("public text", "note", "ann")["pattern_id"]
    with pytest.raises(module.PermissionError):
        store.delete_pattern(pattern_id, "bob")
    path = tmp_path / "store" / f"{pattern_id}.json"
    text = path.read_text("utf-8")
    retrieve = store.storage.retrieve

    def retrieve_and_lose(name: str) -> dict[str, Any] | None:
        document = retrieve(name)
        path.unlink()
        return document

    with monkeypatch.context() as patched:
        patched.setattr(store.storage, "retrieve", retrieve_and_lose)
        assert not store.delete_pattern(pattern_id, "ann")
    path.write_text(text, "utf-8")
    assert store.delete_pattern(pattern_id, "ann")
    records = store.audit_logger.query(event_type="delete_pattern")
    assert [record["status"] for record in records] == ["failed", "success"]
    with pytest.raises(ValueError, match="not found"):
        store.retrieve_pattern(pattern_id, "ann")


def test_what_is_past_its_retention_is_not_given_out(tmp_path: Path) -> None:
    store = memdocs(tmp_path)
    pattern_id = store.store_pattern("public text", "note", "ann")["pattern_id"]
    path = tmp_path / "store" / f"{pattern_id}.json"
    document = json.loads(path.read_text("utf-8"))
    long_ago = datetime.now(timezone.utc) - timedelta(days=366)
    document["metadata"]["created_at"] = long_ago.isoformat()
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(ValueError, match="has expired retention period"):
        store.retrieve_pattern(pattern_id, "ann")


@pytest.mark.parametrize("name", ["../escape", "", "a/b", "a\0b"])
def test_an_id_cannot_leave_the_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="pattern id"):
        memdocs(tmp_path).storage.retrieve(name)


def test_the_files_are_private(tmp_path: Path) -> None:
    store = memdocs(tmp_path)
    store.store_pattern("public text", "note", "ann")
    [path] = (tmp_path / "store").iterdir()
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert cloister.audit_verify(store.audit_logger.log_path)
