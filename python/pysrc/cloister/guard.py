"""The guard with its asynchronous forms."""

from cloister import _native
from cloister._native import ChatOptions, Reply, ReplyStream, Session
from cloister.aio import AsyncStream, call

__all__ = ["Guard"]


class Guard(_native.Guard):
    """Scan, policy, record, answer, scan again, restore, record. Any number of threads and tasks may use one guard.

    Everything is described at :class:`cloister._native.Guard`; here are the forms for ``asyncio``.
    """

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
