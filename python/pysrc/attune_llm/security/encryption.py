"""AES-256-GCM for stored data. A key is never invented: without one, nothing is encrypted."""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cloister import Cipher, DecryptError, Error, InvalidKeyError, Key

from attune_llm.security.classification import Classification
from attune_llm.security.errors import SecurityError

__all__ = ["HAS_ENCRYPTION", "EncryptionManager", "decrypt_sensitive_data", "encrypt_sensitive_data"]

HAS_ENCRYPTION: Final = True
KEY_VARIABLES: Final = ("ATTUNE_MASTER_KEY", "EMPATHY_MASTER_KEY")
KEY_FILES: Final = (".attune/master.key", ".empathy/master.key")
NO_KEY: Final = (
    "an encryption key is needed; hint: give 32 bytes, or their base64 or hex form (`cloister keygen` makes one)"
)


class EncryptionManager:
    """Encrypts and decrypts texts with one master key.

    The key is the one given, else that of the environment (``ATTUNE_MASTER_KEY`` or ``EMPATHY_MASTER_KEY``, base64), else
    that of ``~/.attune/master.key`` or ``~/.empathy/master.key`` (32 bytes). Without any of them ``enabled`` is false and
    both operations raise.

    ``decrypt`` also reads ``base64(nonce, ciphertext, tag)`` as older versions wrote it.

    Raises:
        ValueError: the environment variable holds no base64.
        SecurityError: the key does not have 256 bits.
    """

    def __init__(self, master_key: bytes | None = None) -> None:
        self.master_key = _stored_key() if master_key is None else master_key
        self.enabled = self.master_key is not None
        self._cipher = None if self.master_key is None else _cipher(self.master_key)

    def encrypt(self, plaintext: str) -> str:
        """An envelope as base64 text."""
        try:
            return self._keyed().encrypt_to_text(plaintext)
        except Error as error:
            raise SecurityError(f"Encryption failed: {error}") from error

    def decrypt(self, ciphertext_b64: str) -> str:
        """The text of an envelope."""
        cipher = self._keyed()
        try:
            return cipher.decrypt_text(ciphertext_b64).plaintext.decode("utf-8")
        except (Error, UnicodeDecodeError) as error:
            try:
                return cipher.decrypt_legacy(ciphertext_b64).decode("utf-8")
            except (Error, UnicodeDecodeError):
                raise SecurityError(f"Decryption failed: {error}") from None

    def _keyed(self) -> Cipher:
        if self._cipher is None:
            raise SecurityError(NO_KEY)
        return self._cipher


def encrypt_sensitive_data(
    data: Mapping[str, Any],
    encryption_key: str | bytes | None,
    classification: str | Classification = Classification.SENSITIVE,
) -> str:
    """Encrypts a mapping that has a JSON form; the classification is bound to the result.

    Args:
        encryption_key: 32 bytes, the same as a ``str``, or their base64 or hexadecimal form.

    Raises:
        SecurityError: there is no key, or it does not have 256 bits.
    """
    text = json.dumps(data, ensure_ascii=False)
    name = classification.value if isinstance(classification, Classification) else classification
    return _cipher(encryption_key).encrypt_to_text(text, name)


def decrypt_sensitive_data(encrypted_data: str, encryption_key: str | bytes | None) -> dict[str, Any]:
    """The mapping that :func:`encrypt_sensitive_data` encrypted.

    Raises:
        SecurityError: there is no key, the data was altered or belongs to another key, or it is no JSON object.
    """
    try:
        plaintext = _cipher(encryption_key).decrypt_text(encrypted_data).plaintext
    except DecryptError as error:
        raise SecurityError(f"Decryption failed: {error}") from error
    try:
        value = json.loads(plaintext)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise SecurityError("Decryption failed: the plaintext is not a JSON object; hint: `Cipher` decrypts other data")
    return value


def _cipher(key: str | bytes | None) -> Cipher:
    if not key:
        raise SecurityError(NO_KEY)
    try:
        return Cipher(Key.from_secret(key) if isinstance(key, str) else Key(key))
    except InvalidKeyError as error:
        raise SecurityError(str(error)) from None


def _stored_key() -> bytes | None:
    for variable in KEY_VARIABLES:
        if text := os.environ.get(variable):
            try:
                return base64.b64decode(text, validate=True)
            except binascii.Error:
                raise ValueError(f"Invalid {variable} format") from None
    for name in KEY_FILES:
        path = Path.home() / name
        if path.is_file():
            return path.read_bytes()
    return None
