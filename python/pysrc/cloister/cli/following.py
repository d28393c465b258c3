"""``cloister audit tail --follow``: each record of a log once, while others write to it and rotate it."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any, BinaryIO, Final

POLL_SECONDS: Final = 0.2
# The longest line of a log, and more than that.
LONGEST: Final = 2 << 20
ROTATED: Final = re.compile(r"\.\d{8}T\d{6}Z-(\d+)")


class Following:
    """A log from now on. What it holds already is for whoever asks after this was made: :meth:`records` skips that."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._file: BinaryIO = self._path.open("rb")
        end = self._file.seek(0, os.SEEK_END)
        self._file.seek(max(0, end - LONGEST))
        before = self._file.read(min(end, LONGEST))
        # A line that is being written belongs to what comes.
        self._file.seek(end - len(before) + before.rfind(b"\n") + 1)

    def records(self, shown: int) -> Iterator[dict[str, Any]]:
        """Records behind number ``shown``, the last one at some moment since this was made; without end."""
        while True:
            # Asked for first: what comes after the last line of a file that was rotated by now is in the next file.
            rotated = self._is_rotated()
            for line in self._lines():
                record = json.loads(line)
                if record["chain"]["seq"] > shown:
                    yield record
            if not rotated:
                sleep(POLL_SECONDS)
                continue
            # From here on every file is read from its beginning, and read once.
            following = self._next()
            self._file.close()
            self._file = following

    def _lines(self) -> Iterator[bytes]:
        """Whole lines that were not read yet."""
        size = os.fstat(self._file.fileno()).st_size
        if self._file.tell() > size:
            # Lines whose head could not be written were taken back.
            self._file.seek(size)
        for line in iter(self._file.readline, b""):
            if not line.endswith(b"\n"):
                self._file.seek(-len(line), os.SEEK_CUR)
                return
            yield line

    def _is_rotated(self) -> bool:
        try:
            return self._path.stat().st_ino != os.fstat(self._file.fileno()).st_ino
        except FileNotFoundError:
            return False

    def _next(self) -> BinaryIO:
        """The file behind the current one, which was rotated."""
        while True:
            later = self._rotated_later()
            try:
                following = (later[0] if later else self._path).open("rb")
            except FileNotFoundError:
                sleep(POLL_SECONDS)
                continue
            # Where the log was rotated again meanwhile, what was opened by its name may not be the next one.
            again = self._rotated_later()
            if not again or os.path.samestat(again[0].stat(), os.fstat(following.fileno())):
                return following
            following.close()

    def _rotated_later(self) -> list[Path]:
        """Rotated files behind the current one, oldest first."""
        found = []
        for path in self._path.parent.iterdir():
            suffix = path.name.removeprefix(self._path.name)
            match = ROTATED.fullmatch(suffix) if suffix != path.name else None
            if match:
                found.append((int(match[1]), path))
        files = [path for _, path in sorted(found)]
        own = os.fstat(self._file.fileno())
        for place, path in enumerate(files):
            if os.path.samestat(path.stat(), own):
                return files[place + 1 :]
        # The current file is past its retention.
        return []
