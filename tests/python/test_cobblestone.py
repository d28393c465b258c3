"""The cipher against another implementation of the same standard: `cryptography` (OpenSSL), and against published vectors."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import cloister
import pytest

cobblestone = pytest.importorskip("cryptography.cobblestone")
vectors = pytest.importorskip("cryptography_vectors")

KEY = bytes.fromhex("b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4")
LENGTHS = [0, 1, 1023, 16_383, 16_384, 16_385, 40_000, 3_000_000]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("context", [b"", b"record 7"])
def test_messages_go_both_ways(length: int, context: bytes) -> None:
    cipher = cloister.Cipher(cloister.Key(KEY))
    plaintext = os.urandom(length)
    decryptor = cobblestone.Cobblestone256Decryptor(KEY, context)
    message = cipher.encrypt_message(plaintext, context=context)
    assert decryptor.update(message) + decryptor.finalize() == plaintext
    encryptor = cobblestone.Cobblestone256Encryptor(KEY, context)
    message = encryptor.update(plaintext) + encryptor.finalize()
    assert cipher.decrypt_message(message, context=context) == plaintext


def test_an_envelope_is_a_header_and_a_message() -> None:
    """So data outlive this library: whoever has the key, the header and the standard reads them."""
    cipher = cloister.Cipher(cloister.Key(KEY))
    envelope = cipher.encrypt(b"Diabetes", "INTERNAL", content_type="text/plain", context=b"record 7")
    length = 23 + envelope[22]
    header, message = envelope[:length], envelope[length:]
    assert header.endswith(b"text/plain")
    decryptor = cobblestone.Cobblestone256Decryptor(KEY, b"cloister envelope v2\0" + header + b"record 7")
    assert decryptor.update(message) + decryptor.finalize() == b"Diabetes"


def test_every_published_gcm_vector_of_the_legacy_form_comes_out() -> None:
    """NIST CAVP: those with a nonce of 96 bits, a tag of 128 and no associated data, which is all that form knows."""
    tried = 0
    for name in ("gcmDecrypt256.rsp", "gcmEncryptExtIV256.rsp"):
        with vectors.open_vector_file(f"ciphers/AES/GCM/{name}", "r") as file:
            for case in _cases(file.read()):
                if (case["IVlen"], case["Taglen"], case["AADlen"]) != ("96", "128", "0"):
                    continue
                tried += 1
                text = base64.b64encode(bytes.fromhex(case["IV"] + case["CT"] + case["Tag"]))
                cipher = cloister.Cipher(cloister.Key(bytes.fromhex(case["Key"])))
                try:
                    assert cipher.decrypt_legacy(text.decode()).hex() == case["PT"]
                except cloister.DecryptError:
                    assert "FAIL" in case
    assert tried == 150


def _cases(text: str) -> list[dict[str, str]]:
    cases: list[dict[str, str]] = []
    lengths: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.strip().strip("[]").partition("=")
        name, value = name.strip(), value.strip()
        if line.startswith("["):
            lengths[name] = value
        elif name == "Count":
            cases.append(dict(lengths, PT="", CT=""))
        elif name and cases and not name.startswith("#"):
            cases[-1][name] = value
    return cases


def test_files_parts_and_keyrings(tmp_path: Path) -> None:
    source, sealed, opened = tmp_path / "plain", tmp_path / "sealed", tmp_path / "opened"
    content = os.urandom(200_000)
    source.write_bytes(content)
    cipher = cloister.Cipher(cloister.Key(KEY))
    assert cipher.encrypt_file(source, sealed, content_type="application/pdf", context="c") == len(content)
    assert cipher.decrypt_part(sealed, 16_380, 10, context="c") == content[16_380:16_390]
    cipher.decrypt_file(sealed, opened, context="c")
    assert opened.read_bytes() == content
    whole = cipher.decrypt(sealed.read_bytes(), context="c")
    assert whole.content_type == "application/pdf" and whole.created > 1_700_000_000

    ring = cloister.Keyring(cloister.Key(KEY))
    old = ring.encrypt(b"note")
    first = ring.keys()[0][0]
    ring.rotate(cloister.Key.generate())
    new = ring.rewrap(old)
    assert new is not None and ring.rewrap(new) is None
    assert ring.decrypt(old).plaintext == ring.decrypt(new).plaintext == b"note"
    ring = cloister.Keyring.load(cipher, ring.dump(cipher))
    ring.destroy(first)
    with pytest.raises(cloister.DecryptError, match="destroyed"):
        ring.decrypt(old)


def test_no_fips_module_is_claimed_that_the_wheel_does_not_have() -> None:
    has_module = b"AWS-LC FIPS" in Path(cloister._native.__file__ or "").read_bytes()
    assert cloister.Cipher.is_fips_mode() == has_module


def test_keys_come_from_where_they_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = cloister.Key(KEY)
    file = tmp_path / "key"
    file.write_text(key.to_base64())
    file.chmod(0o644)
    with pytest.raises(cloister.Error, match="open to other users"):
        cloister.Key.from_file(file)
    file.chmod(0o600)
    monkeypatch.setenv("CLOISTER_TEST_KEY", key.to_base64())
    for same in (
        cloister.Key.from_file(file),
        cloister.Key.from_env("CLOISTER_TEST_KEY"),
        cloister.Key.from_source(lambda: KEY),
    ):
        assert same.to_bytes() == KEY
    with pytest.raises(cloister.NotFoundError):
        cloister.Key.from_env("CLOISTER_NO_SUCH_KEY")
    with pytest.raises(cloister.InvalidKeyError):
        cloister.Key.from_passphrase("password", b"0123456789abcdef")
    made = cloister.Key.from_passphrase("correct horse battery staple", b"0123456789abcdef", memory_kib=19456, passes=2, lanes=1)
    argon2 = pytest.importorskip("cryptography.hazmat.primitives.kdf.argon2")
    other = argon2.Argon2id(salt=b"0123456789abcdef", length=32, iterations=2, lanes=1, memory_cost=19456)
    assert made.to_bytes() == other.derive(b"correct horse battery staple")


def test_the_command_line_encrypts_files_of_any_size(tmp_path: Path) -> None:
    source, sealed, opened = tmp_path / "plain", tmp_path / "sealed", tmp_path / "opened"
    source.write_bytes(os.urandom(5_000_000))
    key = tmp_path / "key"
    command = [sys.executable, "-m", "cloister"]
    subprocess.run([*command, "keygen", "-o", key], check=True)
    options = ["--key-file", key, "--binary"]
    subprocess.run([*command, "encrypt", source, "-o", sealed, *options], check=True)
    subprocess.run([*command, "decrypt", sealed, "-o", opened, *options], check=True)
    assert opened.read_bytes() == source.read_bytes()
    assert subprocess.run([*command, "encrypt", "-", *options], capture_output=True, check=False).returncode == 3
