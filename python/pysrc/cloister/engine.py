"""The engine with its asynchronous forms, and chat completions by keyword."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Literal, overload

from cloister import _native
from cloister._native import ChatOptions, Completion, TextStream
from cloister.aio import AsyncStream, call
from cloister.completions import Turns, parts_of, request_of
from cloister.types import ChatMessage

__all__ = ["Engine"]


class Engine(_native.Engine):
    """A GGUF model loaded into this process. Any number of threads and tasks may use one engine.

    Everything is described at :class:`cloister._native.Engine`; here are the forms for ``asyncio``, and chat completions
    with the keywords of ``llama_cpp.Llama``.
    """

    @overload
    def create_chat_completion(
        self, messages: Turns, *, stream: Literal[False] = False, **members: Any
    ) -> dict[str, Any]: ...

    @overload
    def create_chat_completion(
        self, messages: Turns, *, stream: Literal[True], **members: Any
    ) -> Iterator[dict[str, Any]]: ...

    def create_chat_completion(
        self, messages: Turns, *, stream: bool = False, **members: Any
    ) -> dict[str, Any] | Iterator[dict[str, Any]]:
        """Answers a conversation with a chat completion as OpenAI's API has it, or with an iterator of its parts.

        Args:
            messages: ``role``, ``content``, and with tools ``tool_calls``, ``tool_call_id`` and ``name``.
            stream: gives the parts as they come; closing the iterator cancels the answer.
            members: ``max_tokens`` (``None``: until the context window is full), ``temperature``, ``top_p``, ``top_k``,
                ``min_p``, ``typical_p``, ``dynatemp_range``, ``dynatemp_exponent``, ``repeat_penalty``, ``repeat_last_n``,
                ``frequency_penalty``, ``presence_penalty``, ``mirostat_mode``, ``mirostat_tau``, ``mirostat_eta``,
                ``dry_multiplier``, ``dry_base``, ``dry_allowed_length``, ``dry_penalty_last_n``, ``dry_sequence_breakers``,
                ``xtc_probability``, ``xtc_threshold``, ``seed``, ``stop``, ``logit_bias``, ``logprobs``, ``top_logprobs``,
                ``response_format``, ``grammar`` (GBNF), ``regex``, ``lark``, ``tools``, ``tool_choice``, ``n_keep``,
                ``prompt_cache_key``, ``public_system``, ``timeout`` (seconds), ``model`` and ``user``. What is ``None`` has
                its default.

        Raises:
            InvalidArgumentError: a member is not known or outside its range.
        """
        request = request_of(messages, members)
        if stream:
            return parts_of(self.complete_stream(request))
        answer: dict[str, Any] = json.loads(self.complete(request))
        return answer

    async def create_chat_completion_async(self, messages: Turns, **members: Any) -> dict[str, Any]:
        """Like :meth:`create_chat_completion`. Cancelling the task cancels the answer."""
        request = request_of(messages, members)
        answer: dict[str, Any] = json.loads(
            await call(lambda cancel: self.complete(request, cancel=cancel))
        )
        return answer

    async def stream_chat_completion_async(
        self, messages: Turns, **members: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """The parts of :meth:`create_chat_completion`, for ``async for``."""
        request = request_of(messages, members)
        async with AsyncStream(lambda: self.complete_stream(request)) as parts:
            async for part in parts:
                yield json.loads(part)

    async def chat_async(
        self, messages: Iterable[ChatMessage], options: ChatOptions | None = None
    ) -> Completion:
        """Like :meth:`chat`. Cancelling the task cancels the answer."""
        turns = list(messages)
        return await call(lambda cancel: self.chat(turns, options, cancel=cancel))

    async def generate_async(self, prompt: str, options: ChatOptions | None = None) -> Completion:
        """Like :meth:`generate`. Cancelling the task cancels the answer."""
        return await call(lambda cancel: self.generate(prompt, options, cancel=cancel))

    def stream_async(
        self, messages: Iterable[ChatMessage], options: ChatOptions | None = None
    ) -> AsyncStream[TextStream]:
        """Like :meth:`stream`, for ``async for``."""
        turns = list(messages)
        return AsyncStream(lambda: self.stream(turns, options))
