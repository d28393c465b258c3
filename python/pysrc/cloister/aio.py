"""The asynchronous forms: the same calls on a worker thread, where cancelling the task cancels the work."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from cloister._native import Cancel

__all__ = ["AsyncStream", "call"]

R = TypeVar("R")
S = TypeVar("S", bound="Stream")


class Stream(Protocol):
    """What the synchronous streams have in common."""

    def __next__(self) -> str: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


async def call(work: Callable[[Cancel], R]) -> R:
    """Runs ``work`` on a worker thread. When the task is cancelled, the flag that ``work`` got is set, and the work has
    ended before the cancellation goes on."""
    cancel = Cancel()
    running = asyncio.ensure_future(asyncio.to_thread(work, cancel))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        cancel.cancel()
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()
        raise


class AsyncStream(Generic[S]):
    """Pieces of an answer for ``async for``. Leaving ``async with``, ``aclose()`` or cancelling the task cancels it.

    Attributes:
        stream: the synchronous stream behind it, for its ``completion`` or ``reply`` after the end.
    """

    def __init__(self, start: Callable[[], S]) -> None:
        self._start = start
        self._stream: S | None = None

    @property
    def stream(self) -> S:
        """The synchronous stream; it is started by the first piece asked for, or by this."""
        if self._stream is None:
            self._stream = self._start()
        return self._stream

    def __aiter__(self) -> "AsyncStream[S]":
        return self

    async def __anext__(self) -> str:
        try:
            piece = await asyncio.to_thread(self._next)
        except asyncio.CancelledError:
            if self._stream is not None:
                self._stream.cancel()
            raise
        if piece is None:
            raise StopAsyncIteration
        return piece

    def _next(self) -> str | None:
        try:
            return next(self.stream)
        except StopIteration:
            return None

    async def aclose(self) -> None:
        """Cancels the answer and waits until the work has ended. Twice does nothing more."""
        if self._stream is not None:
            await asyncio.to_thread(self._stream.close)

    async def __aenter__(self) -> "AsyncStream[S]":
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
