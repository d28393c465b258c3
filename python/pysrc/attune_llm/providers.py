"""Whatever answers: the model in this process, a provider of the application's own, or a remote one (not in this version)."""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NoReturn

from cloister import Cancel, ChatOptions, Completion, Engine, UnsupportedError, default_model

__all__ = [
    "AnthropicProvider",
    "BaseLLMProvider",
    "GeminiProvider",
    "LLMResponse",
    "LocalProvider",
    "OpenAIProvider",
]

CHARACTERS_PER_TOKEN: Final = 4


@dataclass
class LLMResponse:
    """One answer. ``tokens_used`` counts prompt and answer."""

    content: str
    model: str
    tokens_used: int
    finish_reason: str
    metadata: dict[str, Any] = field(default_factory=dict)


class BaseLLMProvider(ABC):
    """What a provider must do. Applications may bring their own: ``EmpathyLLM(provider=MyProvider())``."""

    def __init__(self, api_key: str | None = None, **kwargs: Any) -> None:
        self.api_key = api_key
        self.config = kwargs

    @abstractmethod
    async def generate(
        self,
        messages: list[dict[str, str]],
        system_prompt: str | None = None,
        temperature: float = 0.7,
        max_tokens: int = 1024,
        **kwargs: Any,
    ) -> LLMResponse:
        """Answers a conversation of ``role`` and ``content``. With security on, the text is scrubbed."""

    def get_model_info(self) -> dict[str, Any]:
        """What is known about the model."""
        return {}

    def estimate_tokens(self, text: str) -> int:
        """A rough count, four characters to a token."""
        return len(text) // CHARACTERS_PER_TOKEN


class LocalProvider(BaseLLMProvider):
    """A GGUF model in this process. It is loaded at the first answer and shared by every provider of the same file.

    Args:
        model: path of a GGUF file; default :func:`cloister.default_model`.
        engine: an engine that is loaded already, instead of ``model``.
        max_tokens: no answer is longer, whatever the level asks for.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        engine: Engine | None = None,
        max_tokens: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(None, **kwargs)
        self.model = model
        self.max_tokens = max_tokens
        self._given = engine

    @property
    def engine(self) -> Engine:
        """The engine, loaded if it is not yet."""
        if self._given is not None:
            return self._given
        return _engine(str(self.model or default_model()))

    def limited(self, max_tokens: int) -> int:
        """The length of an answer that was asked for, or the longest allowed."""
        return max_tokens if self.max_tokens is None else min(max_tokens, self.max_tokens)

    def complete(
        self, messages: Sequence[Mapping[str, str]], options: ChatOptions, cancel: Cancel | None = None
    ) -> Completion:
        """Answers on the calling thread."""
        return self.engine.chat(messages, options, cancel=cancel)

    async def generate(
        self,
        messages: list[dict[str, str]],
        system_prompt: str | None = None,
        temperature: float = 0.7,
        max_tokens: int = 1024,
        **kwargs: Any,
    ) -> LLMResponse:
        """Answers on a worker thread. ``kwargs`` are further :class:`cloister.ChatOptions`."""
        options = ChatOptions(
            temperature=temperature, max_tokens=self.limited(max_tokens), **kwargs
        )
        system = [{"role": "system", "content": system_prompt}] if system_prompt else []
        done = await asyncio.to_thread(self.complete, [*system, *messages], options)
        return LLMResponse(
            content=done.text,
            model=self.engine.info.name,
            tokens_used=done.prompt_tokens + done.completion_tokens,
            finish_reason=done.finish_reason,
            metadata={"provider": "local", "completion_tokens": done.completion_tokens},
        )

    def get_model_info(self) -> dict[str, Any]:
        """Name, size and context window; loads the model."""
        info = self.engine.info
        return {
            "name": info.name,
            "architecture": info.architecture,
            "parameters": info.parameters,
            "max_tokens": info.context_tokens,
            "cost_per_1m_input": 0.0,
            "cost_per_1m_output": 0.0,
        }

    def estimate_tokens(self, text: str) -> int:
        """The model's own count."""
        return self.engine.count_tokens(text)


@lru_cache(maxsize=4)
def _engine(path: str) -> Engine:
    return Engine(Path(path))


class RemoteProvider(BaseLLMProvider):
    """A provider behind a network, which this version does not contain: it can be configured, but not asked."""

    name: str = ""
    default: str = ""
    variables: tuple[str, ...] = ()

    def __init__(self, api_key: str | None = None, model: str | None = None, **kwargs: Any) -> None:
        keys = (os.environ.get(variable) for variable in self.variables)
        super().__init__(api_key or next(filter(None, keys), None), **kwargs)
        self.model = model or self.default

    def refuse(self) -> NoReturn:
        """Says in one sentence what is missing."""
        raise UnsupportedError(
            f"this version has no adapter for the provider `{self.name}`; hint: use provider=\"local\", or pass a "
            "BaseLLMProvider of your own as provider"
        )

    async def generate(
        self,
        messages: list[dict[str, str]],
        system_prompt: str | None = None,
        temperature: float = 0.7,
        max_tokens: int = 1024,
        **kwargs: Any,
    ) -> LLMResponse:
        """Raises ``cloister.UnsupportedError``."""
        self.refuse()

    def get_model_info(self) -> dict[str, Any]:
        """The name of the model."""
        return {"name": self.model}


class AnthropicProvider(RemoteProvider):
    """Configuration of the Anthropic API."""

    name = "anthropic"
    default = "claude-sonnet-4-5-20250929"
    variables = ("ANTHROPIC_API_KEY",)


class OpenAIProvider(RemoteProvider):
    """Configuration of the OpenAI API."""

    name = "openai"
    default = "gpt-4-turbo-preview"
    variables = ("OPENAI_API_KEY",)


class GeminiProvider(RemoteProvider):
    """Configuration of the Gemini API."""

    name = "gemini"
    default = "gemini-1.5-pro"
    variables = ("GOOGLE_API_KEY", "GEMINI_API_KEY")


REMOTE: Final[Mapping[str, type[RemoteProvider]]] = {
    "anthropic": AnthropicProvider,
    "openai": OpenAIProvider,
    "gemini": GeminiProvider,
    "google": GeminiProvider,
}


def provider_of(
    provider: str | BaseLLMProvider, *, api_key: str | None, model: str | None, **kwargs: Any
) -> BaseLLMProvider:
    """The provider itself, or the one of that name.

    Raises:
        ValueError: there is none of that name.
    """
    if isinstance(provider, BaseLLMProvider):
        return provider
    if provider == "local":
        return LocalProvider(model, **kwargs)
    if provider in REMOTE:
        return REMOTE[provider](api_key, model, **kwargs)
    raise ValueError(f"Unknown provider: {provider}")
