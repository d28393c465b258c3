"""The engine with its asynchronous forms."""

from collections.abc import Iterable

from cloister import _native
from cloister._native import ChatOptions, Completion, TextStream
from cloister.aio import AsyncStream, call
from cloister.types import ChatMessage

__all__ = ["Engine"]


class Engine(_native.Engine):
    """A GGUF model loaded into this process. Any number of threads and tasks may use one engine.

    Everything is described at :class:`cloister._native.Engine`; here are the forms for ``asyncio``.
    """

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
