"""What commands read and write: files or the standard streams, and keys."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from cloister._native import Key
from cloister.errors import InvalidArgumentError, InvalidKeyError, NotFoundError, StorageError

STANDARD_STREAM: Final = "-"
KEY_VARIABLE: Final = "CLOISTER_KEY"
KEY_BYTES: Final = 32


@dataclass(frozen=True)
class Input:
    """One file that was read; ``name`` is as the user wrote it, ``-`` for stdin."""

    name: str
    content: bytes


def size_of(names: list[str]) -> int:
    """The bytes of all files together; stdin counts as none.

    Raises:
        NotFoundError: a file does not exist.
    """
    total = 0
    for name in names:
        if name != STANDARD_STREAM:
            try:
                total += os.stat(name).st_size
            except FileNotFoundError:
                raise NotFoundError(f"{name}: no such file") from None
    return total


def read(name: str) -> Input:
    """A whole file, or stdin for ``-``."""
    if name == STANDARD_STREAM:
        return Input(name, sys.stdin.buffer.read())
    try:
        return Input(name, Path(name).read_bytes())
    except FileNotFoundError:
        raise NotFoundError(f"{name}: no such file") from None
    except OSError as error:
        raise _unusable(name, error) from None


def write(name: str | None, content: bytes, *, overwrite: bool = False) -> None:
    """To a new file with mode 0600, or to stdout for ``None`` and ``-``.

    Raises:
        InvalidArgumentError: the file exists, and ``overwrite`` was not said.
        StorageError: it cannot be written.
    """
    if name is None or name == STANDARD_STREAM:
        sys.stdout.buffer.write(content)
        return
    try:
        with _created(name, overwrite=overwrite) as file:
            file.write(content)
    except FileExistsError:
        raise InvalidArgumentError(f"{name} exists; hint: `--force` replaces it") from None
    except OSError as error:
        raise _unusable(name, error) from None


@contextmanager
def _created(name: str, *, overwrite: bool) -> Iterator[IO[bytes]]:
    """A new file; one that it replaces stays as it was until the new one is whole."""
    target = Path(os.path.realpath(name))
    if not overwrite or (target.exists() and not target.is_file()):
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
        return
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        try:
            yield file
            file.flush()
            os.replace(file.name, target)
        except BaseException:
            os.unlink(file.name)
            raise


def _unusable(name: str, error: OSError) -> StorageError:
    reason = (error.strerror or "the operating system refused").lower()
    return StorageError(f"{name}: {reason}")


def key_from(key_file: str | None) -> Key:
    """The key in a file, or in the environment variable ``CLOISTER_KEY``.

    Raises:
        InvalidKeyError: neither is there, or it is not a key.
    """
    if key_file is not None:
        content = read(key_file).content
        if len(content) == KEY_BYTES:
            return Key(content)
        try:
            return Key(content.decode("ascii").strip())
        except UnicodeDecodeError:
            raise InvalidKeyError("the key file holds no key; hint: `cloister keygen` makes one") from None
    if text := os.environ.get(KEY_VARIABLE):
        return Key(text)
    raise InvalidKeyError(
        f"a key is needed; hint: use `--key-file`, or set {KEY_VARIABLE}; `cloister keygen` makes one"
    )


def log_key_from(key_file: str | None) -> Key | None:
    """The key of a log, where one was named."""
    return None if key_file is None else key_from(key_file)
