"""Patterns on disk: one JSON file each."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Final

__all__ = ["MemDocsStorage"]

PATTERN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")


class MemDocsStorage:
    """Keeps each pattern in ``<pattern_id>.json``. The directory has mode 0700, the files 0600.

    Args:
        storage_dir: made if it does not exist.
    """

    def __init__(self, storage_dir: str | os.PathLike[str] = "./memdocs_storage") -> None:
        self.storage_dir = Path(storage_dir)
        self.storage_dir.mkdir(mode=0o700, parents=True, exist_ok=True)

    def store(self, pattern_id: str, content: str, metadata: dict[str, Any]) -> bool:
        """Writes a pattern, whole or not at all."""
        path = self._path(pattern_id)
        temporary = path.with_suffix(".new")
        document = {"pattern_id": pattern_id, "content": content, "metadata": metadata}
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        return True

    def retrieve(self, pattern_id: str) -> dict[str, Any] | None:
        """The document of a pattern: ``pattern_id``, ``content``, ``metadata``."""
        try:
            document: dict[str, Any] = json.loads(self._path(pattern_id).read_text("utf-8"))
        except FileNotFoundError:
            return None
        return document

    def delete(self, pattern_id: str) -> bool:
        """Whether there was one to delete."""
        try:
            self._path(pattern_id).unlink()
        except FileNotFoundError:
            return False
        return True

    def list_patterns(
        self, classification: str | None = None, created_by: str | None = None
    ) -> list[str]:
        """The ids of all patterns, or of those of a class or a creator."""
        wanted = {"classification": classification, "created_by": created_by}
        conditions = {name: value for name, value in wanted.items() if value is not None}
        found = []
        for path in sorted(self.storage_dir.glob("*.json")):
            metadata = json.loads(path.read_text("utf-8"))["metadata"]
            if all(metadata.get(name) == value for name, value in conditions.items()):
                found.append(path.stem)
        return found

    def _path(self, pattern_id: str) -> Path:
        if not PATTERN_ID.fullmatch(pattern_id):
            raise ValueError("a pattern id holds letters, digits, `_` and `-` only")
        return self.storage_dir / f"{pattern_id}.json"
