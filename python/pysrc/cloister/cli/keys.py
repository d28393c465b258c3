"""``cloister encrypt``, ``cloister decrypt`` and ``cloister keygen``."""

import argparse

from cloister._native import Cipher, Key
from cloister.cli.inputs import STANDARD_STREAM, key_from, read, write
from cloister.cli.status import CLEAN
from cloister.errors import DecryptError, InvalidArgumentError


def encrypt(options: argparse.Namespace) -> int:
    """Writes the envelope as one line of base64, or as bytes in constant memory."""
    cipher = Cipher(key_from(options.key_file))
    if options.binary:
        source, target = _files(options)
        cipher.encrypt_file(source, target, options.classification, context=options.context)
        return CLEAN
    plaintext = read(options.file).content
    envelope = cipher.encrypt_to_text(plaintext, options.classification, context=options.context)
    write(options.output, f"{envelope}\n".encode("ascii"), overwrite=options.force)
    return CLEAN


def decrypt(options: argparse.Namespace) -> int:
    """Writes the plaintext, byte for byte."""
    cipher = Cipher(key_from(options.key_file))
    if options.binary:
        source, target = _files(options)
        cipher.decrypt_file(source, target, context=options.context)
        return CLEAN
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


def _files(options: argparse.Namespace) -> tuple[str, str]:
    """What `--binary` reads and writes: both are files, so that neither must fit into memory.

    Raises:
        InvalidArgumentError: one is not named.
    """
    if STANDARD_STREAM in (options.file, options.output or STANDARD_STREAM):
        raise InvalidArgumentError("`--binary` takes a file, and writes one; hint: name it with `-o`")
    return options.file, options.output


def keygen(options: argparse.Namespace) -> int:
    """Writes a new key as one line of base64."""
    line = f"{Key.generate().to_base64()}\n".encode("ascii")
    write(options.output, line, overwrite=options.force)
    return CLEAN
