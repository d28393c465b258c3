"""``cloister encrypt``, ``cloister decrypt`` and ``cloister keygen``."""

import argparse

from cloister._native import Cipher, Key
from cloister.cli.inputs import key_from, read, write
from cloister.cli.status import CLEAN
from cloister.errors import DecryptError


def encrypt(options: argparse.Namespace) -> int:
    """Writes the envelope as one line of base64."""
    cipher = Cipher(key_from(options.key_file))
    plaintext = read(options.file).content
    envelope = cipher.encrypt_to_text(plaintext, options.classification, context=options.context)
    write(options.output, f"{envelope}\n".encode("ascii"), overwrite=options.force)
    return CLEAN


def decrypt(options: argparse.Namespace) -> int:
    """Writes the plaintext, byte for byte."""
    cipher = Cipher(key_from(options.key_file))
    try:
        envelope = read(options.file).content.decode("ascii").strip()
    except UnicodeDecodeError:
        raise DecryptError("the input is not an envelope") from None
    if options.legacy:
        plaintext = cipher.decrypt_legacy(envelope)
    else:
        plaintext = cipher.decrypt_text(envelope, context=options.context).plaintext
    write(options.output, plaintext, overwrite=options.force)
    return CLEAN


def keygen(options: argparse.Namespace) -> int:
    """Writes a new key as one line of base64."""
    line = f"{Key.generate().to_base64()}\n".encode("ascii")
    write(options.output, line, overwrite=options.force)
    return CLEAN
