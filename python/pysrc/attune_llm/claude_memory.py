"""Memory files that stand in front of the system prompt: organisation, user and project."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

__all__ = ["ClaudeMemoryConfig", "ClaudeMemoryLoader", "MemoryFile"]

ENTERPRISE_VARIABLE: Final = "CLAUDE_ENTERPRISE_MEMORY"
ENTERPRISE_FILE: Final = "/etc/claude/CLAUDE.md"
IMPORT: Final = re.compile(r"^@(\S+)[ \t]*$", re.MULTILINE)


@dataclass
class ClaudeMemoryConfig:
    """Which files are read, and how far their imports are followed."""

    enabled: bool = False
    load_enterprise: bool = True
    load_user: bool = True
    load_project: bool = True
    enterprise_memory_path: str | None = None
    project_root: str | None = None
    max_import_depth: int = 5
    max_file_size_bytes: int = 1_000_000
    validate_files: bool = True


@dataclass
class MemoryFile:
    """One file that was read. ``level`` is ``enterprise``, ``user`` or ``project``."""

    level: str
    path: str
    content: str = field(repr=False)
    imports: list[str] = field(default_factory=list)
    load_order: int = 0


class ClaudeMemoryLoader:
    """Reads the memory files of a configuration.

    A line ``@path`` is replaced by that file, relative to the one it stands in. With ``validate_files`` a file that is
    too large, is not UTF-8 or is imported from outside the directory of its memory file raises ``ValueError``.
    """

    def __init__(self, config: ClaudeMemoryConfig | None = None) -> None:
        self.config = config or ClaudeMemoryConfig()
        self._files: list[MemoryFile] = []
        self._text: str | None = None

    def load_all_memory(self, project_root: str | None = None) -> str:
        """The text of all files, the organisation's first. Read once, until :meth:`clear_cache`."""
        if self._text is None:
            self._files = []
            for level, path in self._candidates(project_root):
                if path.is_file():
                    self._load(level, path)
            self._text = "\n\n".join(file.content for file in self._files)
        return self._text

    def clear_cache(self) -> None:
        """Forgets what was read."""
        self._files, self._text = [], None

    def get_loaded_files(self) -> list[str]:
        """The paths of what was read."""
        return [file.path for file in self._files]

    def _candidates(self, project_root: str | None) -> list[tuple[str, Path]]:
        config, found = self.config, []
        if config.load_enterprise:
            named = config.enterprise_memory_path or os.environ.get(ENTERPRISE_VARIABLE)
            found.append(("enterprise", Path(named or ENTERPRISE_FILE)))
        if config.load_user:
            found.append(("user", Path.home() / ".claude" / "CLAUDE.md"))
        if config.load_project:
            root = Path(project_root or config.project_root or ".")
            places = (root / ".claude" / "CLAUDE.md", root / "CLAUDE.md")
            found += [("project", place) for place in places if place.is_file()][:1]
        return found

    def _load(self, level: str, path: Path) -> None:
        imports: list[str] = []
        content = self._expand(path, path.parent.resolve(), self.config.max_import_depth, imports)
        self._files.append(MemoryFile(level, str(path), content, imports, len(self._files)))

    def _expand(self, path: Path, root: Path, depth: int, imports: list[str]) -> str:
        text = self._read(path)
        if depth <= 0:
            return text

        def imported(match: re.Match[str]) -> str:
            target = (path.parent / match[1]).resolve()
            if self.config.validate_files and not target.is_relative_to(root):
                raise ValueError("a memory file imports from outside its directory")
            if not target.is_file():
                return match[0]
            imports.append(str(target))
            return self._expand(target, root, depth - 1, imports)

        return IMPORT.sub(imported, text)

    def _read(self, path: Path) -> str:
        if self.config.validate_files and path.stat().st_size > self.config.max_file_size_bytes:
            raise ValueError("a memory file is larger than max_file_size_bytes")
        return path.read_text("utf-8")
