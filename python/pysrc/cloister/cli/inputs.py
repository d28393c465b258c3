"""What commands read and write: files or the standard streams, and keys."""

import argparse
import os
import sys
import tempfile
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Final, TypedDict

from cloister._native import Key
from cloister.errors import Error, InvalidArgumentError, InvalidKeyError, NotFoundError, StorageError
from cloister.types import RequireName

STANDARD_STREAM: Final = "-"
KEY_VARIABLE: Final = "CLOISTER_KEY"
KEY_BYTES: Final = 32
CHUNK_BYTES: Final = 1 << 20
"""How much of a file is in memory at a time."""


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


class Trust(TypedDict, total=False):
    """What is asked of a model file and of what changes it, by the names of :class:`cloister.Engine`."""

    require: RequireName
    sha256: str | None
    signature: str | None
    public_key: str | None
    root_certificates: str | None
    adapter: str | None
    adapter_scale: float | None
    adapter_sha256: str | None
    adapter_signature: str | None


def trust_from(options: argparse.Namespace) -> Trust:
    """What the command line asks of the model file; the files that it names are read."""

    def content(name: str | None) -> str | None:
        return None if name is None else text_of(name)

    return Trust(
        require=options.require,
        sha256=options.sha256,
        signature=content(options.signature),
        public_key=content(options.public_key),
        root_certificates=content(options.root_certificates),
        adapter=options.adapter,
        adapter_scale=options.adapter_scale,
        adapter_sha256=options.adapter_sha256,
        adapter_signature=content(options.adapter_signature),
    )


def text_of(name: str) -> str:
    """A small text file as it stands.

    Raises:
        InvalidArgumentError: it is not text.
    """
    try:
        return read(name).content.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidArgumentError(f"{name}: not UTF-8 text") from None


def write(name: str | None, content: bytes, *, overwrite: bool = False) -> None:
    """As `output_to`, all at once."""
    with output_to(name, overwrite=overwrite) as file:
        file.write(content)


def chunks_of(name: str, *, lossy: bool = False) -> Iterator[tuple[int, bytes | str]]:
    """A file, or stdin for ``-``, in chunks, each with the number of bytes that it has in the file.

    ``lossy`` reads U+FFFD where the file is not UTF-8.

    Raises:
        NotFoundError: the file does not exist.
        StorageError: it cannot be read.
    """
    decoder = getincrementaldecoder("utf-8")("replace") if lossy else None
    with opened(name) as file:
        while chunk := file.read1(CHUNK_BYTES):
            yield len(chunk), chunk if decoder is None else decoder.decode(chunk)
    if decoder is not None:
        yield 0, decoder.decode(b"", final=True)


@contextmanager
def opened(name: str) -> Iterator[BufferedReader]:
    """A file to read, or stdin for ``-``.

    Raises:
        NotFoundError: the file does not exist.
        StorageError: it cannot be opened or read.
    """
    try:
        if name == STANDARD_STREAM:
            yield sys.stdin.buffer  # type: ignore[misc]
            return
        with open(name, "rb") as file:
            yield file
    except FileNotFoundError:
        raise NotFoundError(f"{name}: no such file") from None
    except OSError as error:
        raise _unusable(name, error) from None


@contextmanager
def output_to(name: str | None, *, overwrite: bool = False) -> Iterator[IO[bytes]]:
    """A new file with mode 0600, which gets its name once it is whole, or stdout for ``None`` and ``-``.

    Raises:
        InvalidArgumentError: the file exists, and ``overwrite`` was not said.
        StorageError: it cannot be written.
    """
    if name is None or name == STANDARD_STREAM:
        yield sys.stdout.buffer
        return
    target = Path(os.path.realpath(name))
    if target.exists() and not overwrite:
        raise _exists(name)
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as device:
                yield device
            return
        with _nameless(target) as file:
            yield file
            file.flush()
            if overwrite:
                os.replace(file.name, target)
            else:
                # Unlike a rename, it fails where somebody else was faster.
                os.link(file.name, target)
    except Error:
        raise
    except FileExistsError:
        raise _exists(name) from None
    except OSError as error:
        raise _unusable(name, error) from None


@contextmanager
def _nameless(target: Path) -> Iterator[IO[bytes]]:
    """A file in the folder of ``target``, gone at the end unless it was moved."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        try:
            yield file
        finally:
            with suppress(FileNotFoundError):
                os.unlink(file.name)


def _exists(name: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{name} exists; hint: `--force` replaces it")


def _unusable(name: str, error: OSError) -> StorageError:
    reason = (error.strerror or "the operating system refused").lower()
    return StorageError(f"{name}: {reason}")


def key_from(key_file: str | None) -> Key:
    """The key in a file, on stdin for ``-``, or in the environment variable ``CLOISTER_KEY``.

    Raises:
        DeniedError: the file belongs to another user, is open to others, or is a symbolic link.
        InvalidKeyError: neither is there, or it is not a key.
        NotFoundError: the file does not exist.
    """
    if key_file == STANDARD_STREAM:
        content = read(key_file).content
        return Key(content if len(content) == KEY_BYTES else content.decode("utf-8", "replace").strip())
    if key_file is not None:
        try:
            return Key.from_file(key_file)
        except NotFoundError:
            raise NotFoundError(f"{key_file}: no such file") from None
    if text := os.environ.get(KEY_VARIABLE):
        return Key(text)
    raise InvalidKeyError(
        f"a key is needed; hint: use `--key-file`, or set {KEY_VARIABLE}; `cloister keygen` makes one"
    )


def log_key_from(key_file: str | None) -> Key | None:
    """The key of a log, where one was named."""
    return None if key_file is None else key_from(key_file)
