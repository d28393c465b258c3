"""The types of arguments: what the calls of this package take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypedDict

if TYPE_CHECKING:
    from cloister._native import ChatOptions, Completion

__all__ = [
    "Backend",
    "ChatMessage",
    "ClassificationName",
    "FilePath",
    "LockdownName",
    "OnText",
    "QueryMembers",
    "RequireName",
    "SeverityName",
    "Text",
]

Text: TypeAlias = str | bytes | bytearray | memoryview
"""Text, or its UTF-8 bytes. Bytes that are not UTF-8 raise ``InvalidUtf8Error``."""

FilePath: TypeAlias = str | PathLike[str]
ClassificationName: TypeAlias = Literal["PUBLIC", "INTERNAL", "SENSITIVE"] | str
SeverityName: TypeAlias = Literal["low", "medium", "high", "critical"]
LockdownName: TypeAlias = Literal["engine", "off"]
RequireName: TypeAlias = Literal["none", "hash", "signature"]
OnText: TypeAlias = Callable[[str], object]
"""Gets each piece of an answer, whole code points. Returning ``False`` stops the answer with ``CancelledError``; what it
raises stops the answer and is raised to the caller."""

ChatMessage: TypeAlias = Mapping[str, str]
"""One turn: ``role`` (``system``, ``user`` or ``assistant``) and ``content``."""


class Backend(Protocol):
    """What may answer in place of an :class:`Engine`. It receives scrubbed text only.

    An attribute ``name: str`` goes into the audit records; without one it is the name of the class.
    """

    def chat(
        self, messages: list[dict[str, str]], options: ChatOptions, /
    ) -> str | Completion | Iterable[str]:
        """Answers a conversation, whole or in pieces."""
        ...


class QueryMembers(TypedDict, total=False):
    """What a query of the log selects by. Everything given must hold."""

    event_type: str | None
    user_id: str | None
    session_id: str | None
    action: str | None
    status: str | None
    classification: ClassificationName | None
    since: str | date | None
    """ISO 8601, a ``date`` or a ``datetime``; without a zone it is UTC. Inclusive."""
    until: str | date | None
    """Likewise; a date alone means to the end of that day."""
    filters: Mapping[str, Any] | None
    """Nested members: ``{"security__pii_scrubbed__gt": 3}``; suffixes ``__gt __gte __lt __lte __ne``."""
    limit: int
    """0 is no limit."""
    newest_first: bool
