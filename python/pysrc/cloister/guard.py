"""The guard with its asynchronous forms, and chat completions by keyword."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal, overload

from cloister import _native
from cloister._native import ChatOptions, Reply, ReplyStream, Session
from cloister.aio import AsyncStream, call
from cloister.completions import Turns, parts_of, request_of

__all__ = ["Guard"]


class Guard(_native.Guard):
    """Scan, policy, record, answer, scan again, restore, record. Any number of threads and tasks may use one guard.

    Everything is described at :class:`cloister._native.Guard`; here are the forms for ``asyncio``, and chat completions with the
    keywords of ``llama_cpp.Llama``.
    """

    @overload
    def create_chat_completion(
        self, session: Session, messages: Turns, *, stream: Literal[False] = False, **members: Any
    ) -> dict[str, Any]: ...

    @overload
    def create_chat_completion(
        self, session: Session, messages: Turns, *, stream: Literal[True], **members: Any
    ) -> Iterator[dict[str, Any]]: ...

    def create_chat_completion(
        self, session: Session, messages: Turns, *, stream: bool = False, **members: Any
    ) -> dict[str, Any] | Iterator[dict[str, Any]]:
        """Answers a conversation within the walls, by a chat completion as OpenAI's API has it or an iterator of its parts.

        ``messages`` are the whole conversation: that of the session is neither sent nor changed. Every text in them is scanned
        and scrubbed, as are arguments of calls, descriptions and schemas of tools and ``stop``. In the answer, identifiers are put
        back so that JSON stays JSON; ``answer["guard"]`` says what was found and which records were written.

        A string of a schema that is restrained by ``pattern``, ``format`` or a length may also be a placeholder, and so the value
        behind it. A number can be none: describe identifiers as strings. ``logprobs`` are about placeholders, not values.

        Args:
            session: identity, vault, and what is kept of the model's work.
            messages: as of :meth:`Engine.create_chat_completion`.
            stream: gives the parts as they come; closing the iterator cancels the answer.
            members: as of :meth:`Engine.create_chat_completion`.

        Raises:
            BlockedError: a text holds a secret.
            InvalidArgumentError: a member is not known or outside its range, or an identifier stands in the name of a tool, in
                a ``pattern`` or in a grammar.
            UnsupportedError: the backend is the application's and takes neither formats nor tools.
        """
        request = request_of(messages, members)
        if stream:
            return parts_of(self.complete_stream(session, request))
        answer: dict[str, Any] = json.loads(self.complete(session, request))
        return answer

    async def create_chat_completion_async(
        self, session: Session, messages: Turns, **members: Any
    ) -> dict[str, Any]:
        """Like :meth:`create_chat_completion`. Cancelling the task cancels the answer."""
        request = request_of(messages, members)
        answer: dict[str, Any] = json.loads(
            await call(lambda cancel: self.complete(session, request, cancel=cancel))
        )
        return answer

    async def stream_chat_completion_async(
        self, session: Session, messages: Turns, **members: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """The parts of :meth:`create_chat_completion`, for ``async for``."""
        request = request_of(messages, members)
        async with AsyncStream(lambda: self.complete_stream(session, request)) as parts:
            async for part in parts:
                yield json.loads(part)

    async def chat_async(
        self, session: Session, text: str, options: ChatOptions | None = None
    ) -> Reply:
        """Like :meth:`chat`. Cancelling the task cancels the answer."""
        return await call(lambda cancel: self.chat(session, text, options, cancel=cancel))

    def stream_async(
        self, session: Session, text: str, options: ChatOptions | None = None
    ) -> AsyncStream[ReplyStream]:
        """Like :meth:`stream`, for ``async for``."""
        return AsyncStream(lambda: self.stream(session, text, options))
