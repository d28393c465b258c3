"""The road from ``EmpathyLLM.interact`` to a provider: through :class:`cloister.Guard`, scrubbed and recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import wait
from dataclasses import dataclass, field
from typing import Any, Final

from cloister import (
    AccessControl,
    BlockedError,
    Cancel,
    ChatOptions,
    Completion,
    DeniedError,
    Guard,
    ModelError,
    Reply,
    Scanner,
    Session,
)
from cloister.aio import call

from attune_llm.providers import BaseLLMProvider, LLMResponse, LocalProvider
from attune_llm.security.audit_logger import AuditLogger
from attune_llm.security.errors import PermissionError, SecurityError
from attune_llm.security.pii_scrubber import PIIScrubber
from attune_llm.security.secrets_detector import SecretsDetector

__all__ = ["GuardedProvider", "SecuritySettings", "Turn"]

POLL_SECONDS: Final = 0.05
PLACEHOLDER_RULE: Final = (
    " Words in square brackets such as [NAME_1] stand for real names and numbers: write them exactly as they are."
)


@dataclass(frozen=True)
class SecuritySettings:
    """The members of ``security_config``."""

    audit_log_dir: str = "./logs"
    block_on_secrets: bool = True
    enable_pii_scrubbing: bool = True
    enable_name_detection: bool = True
    enable_audit_logging: bool = True
    enable_console_logging: bool = False

    @classmethod
    def of(cls, config: Mapping[str, Any] | None) -> SecuritySettings:
        """The settings of a dictionary; a member that does not exist raises ``TypeError``."""
        return cls(**(config or {}))


@dataclass
class Turn:
    """One question: what to say first, how much history to send, and how to answer. ``history`` is in messages."""

    system_prompt: str
    history: int
    temperature: float
    max_tokens: int
    classification: str = "SENSITIVE"
    role: str = ""
    response: LLMResponse | None = field(default=None, repr=False)


class Backend:
    """Hands what the guard lets through to a provider. It runs on a worker thread."""

    def __init__(
        self,
        provider: BaseLLMProvider,
        turn: Turn,
        loop: asyncio.AbstractEventLoop,
        cancel: Cancel,
    ) -> None:
        self.name = str(getattr(provider, "model", None) or type(provider).__name__)
        self._provider = provider
        self._turn = turn
        self._loop = loop
        self._cancel = cancel

    def chat(self, messages: list[dict[str, str]], options: ChatOptions) -> str | Completion:
        """Sends the system prompt and the last messages."""
        system = [message for message in messages[:1] if message["role"] == "system"]
        recent = messages[len(system) :][-(self._turn.history + 1) :]
        if isinstance(self._provider, LocalProvider):
            return self._provider.complete([*system, *recent], options, self._cancel)
        answer = self._provider.generate(
            recent,
            system_prompt=system[0]["content"] if system else None,
            temperature=options.temperature,
            max_tokens=options.max_tokens,
        )
        future = asyncio.run_coroutine_threadsafe(answer, self._loop)
        while not wait([future], timeout=POLL_SECONDS).done:
            if self._cancel.cancelled:
                future.cancel()
        response = future.result()
        self._turn.response = response
        return response.content


class GuardedProvider:
    """A provider that only ever receives scrubbed text. One conversation per user.

    Attributes:
        scrubber, detector: the application may add patterns to both and disable kinds of the former.
    """

    def __init__(
        self,
        provider: BaseLLMProvider,
        settings: SecuritySettings,
        access: AccessControl | None = None,
    ) -> None:
        self.provider = provider
        self.settings = settings
        self.access = access
        self.scrubber = PIIScrubber(settings.enable_name_detection)
        self.detector = SecretsDetector()
        self.audit = (
            AuditLogger(
                settings.audit_log_dir, enable_console_logging=settings.enable_console_logging
            )
            if settings.enable_audit_logging
            else None
        )
        self._sessions: dict[tuple[str, str], Session] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def ask(self, user_id: str, text: str, turn: Turn) -> Reply:
        """The guarded answer.

        Raises:
            SecurityError: the text holds secrets.
            PermissionError: the role may not ask.
        """
        loop = asyncio.get_running_loop()
        options = ChatOptions(temperature=turn.temperature, max_tokens=self._limited(turn.max_tokens))
        async with self._locks.setdefault(user_id, asyncio.Lock()):
            session = self._session(user_id, turn)
            text = self._apply_own_patterns(user_id, text, session)

            def work(cancel: Cancel) -> Reply:
                backend = Backend(self.provider, turn, loop, cancel)
                return self._guard(backend, turn).chat(session, text, options, cancel=cancel)

            try:
                return await call(work)
            except BlockedError as error:
                raise blocked(len(self.detector.detect(text))) from error
            except DeniedError as error:
                raise PermissionError(str(error)) from error
            except ModelError as error:
                if error.__cause__ is not None:
                    raise error.__cause__ from None
                raise

    def forget(self, user_id: str) -> None:
        """Wipes the conversations of a user."""
        for key in [key for key in self._sessions if key[0] == user_id]:
            self._sessions.pop(key).clear()

    def _limited(self, max_tokens: int) -> int:
        provider = self.provider
        return provider.limited(max_tokens) if isinstance(provider, LocalProvider) else max_tokens

    def _session(self, user_id: str, turn: Turn) -> Session:
        key = (user_id, turn.role)
        session = self._sessions.get(key)
        if session is None or turn.history == 0:
            session = Session(user_id, turn.role)
        if turn.history > 0:
            self._sessions[key] = session
        session.set_system_prompt(turn.system_prompt + PLACEHOLDER_RULE)
        return session

    def _guard(self, backend: Backend, turn: Turn) -> Guard:
        settings = self.settings
        return Guard(
            backend,
            audit=self.audit.log if self.audit else None,
            without_audit=self.audit is None,
            access=self.access,
            scanner=(
                self.scrubber.scanner(secrets=True)
                if settings.enable_pii_scrubbing
                else Scanner(identifiers=False)
            ),
            on_secret="block" if settings.block_on_secrets else "redact",
            classification=turn.classification,
            system_prompt="",
        )

    def _apply_own_patterns(self, user_id: str, text: str, session: Session) -> str:
        """Applies patterns that were added in Python, after the raw text was searched for secrets."""
        own_secrets = [
            found for found in self.detector.detect(text) if "custom_pattern" in found.metadata
        ]
        if own_secrets and self.settings.block_on_secrets:
            if self.audit:
                kinds = sorted({str(found.metadata["custom_pattern"]) for found in own_secrets})
                details = {"secret_types": kinds, "secrets_count": len(own_secrets)}
                self.audit.log_security_violation(
                    user_id, "secrets_detected", "HIGH", details, session.id
                )
            raise blocked(len(own_secrets))
        if not self.scrubber.custom_patterns or not self.settings.enable_pii_scrubbing:
            return text
        return self.scrubber.replace_custom(text, self._guarded_spans(text))

    def _guarded_spans(self, text: str) -> list[tuple[int, int]]:
        scanner = self.scrubber.scanner(secrets=True)
        return [(found.start, found.end) for found in scanner.scan(text)]


def blocked(count: int) -> SecurityError:
    """What a text with secrets in it is answered with."""
    return SecurityError(
        f"Request blocked: {count} secret(s) detected in input. Please remove sensitive credentials before submitting."
    )
