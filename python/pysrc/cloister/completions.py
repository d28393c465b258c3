"""Requests of chat completions by keyword, and the parts of a stream."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cloister._native import CompletionStream, GuardedStream

__all__ = ["Turns", "parts_of", "request_of"]

Turns = Iterable[Mapping[str, Any]]


def request_of(messages: Turns, members: Mapping[str, Any]) -> str:
    """The request as JSON. Names that ``llama_cpp`` has otherwise are translated."""
    request = {name: value for name, value in members.items() if value is not None}
    limit = request.get("max_tokens")
    if "max_completion_tokens" not in request and (limit is None or limit < 0):
        request["max_tokens"] = 0
    if "mirostat_mode" in request:
        request["mirostat"] = request.pop("mirostat_mode")
    if isinstance(request.get("stop"), Sequence) and not request["stop"]:
        del request["stop"]
    request["messages"] = [dict(turn) for turn in messages]
    return json.dumps(request)


def parts_of(stream: CompletionStream | GuardedStream) -> Iterator[dict[str, Any]]:
    """The parts as objects; closing the iterator cancels the answer."""
    with stream:
        for part in stream:
            yield json.loads(part)
