"""``SecureInferenceEngine``: a GGUF model inside this Python process, for applications written against that class.

Everything happens in this process: it holds no connection, starts no other program and writes no file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from os import PathLike
from typing import Any, Final

from cloister._native import ChatOptions
from cloister.engine import Engine
from cloister.errors import Error

__all__ = ["LLAMA_CPP_AVAILABLE", "Message", "SecureInferenceEngine"]

LLAMA_CPP_AVAILABLE: Final = True
ALL_GPU_LAYERS: Final = 2**32 - 1
MEMBERS: Final = ("role", "content", "name", "tool_calls", "tool_call_id")
"""Of a message; a time, for example, the model does not see."""
NOT_LOADED: Final = "No model loaded. Call load_model() first."

@dataclass
class Message:
    """One turn of a conversation with its time."""

    role: str
    content: str
    timestamp: datetime = field(default_factory=datetime.now)

    def to_dict(self) -> dict[str, str]:
        """``role``, ``content`` and ``timestamp`` (ISO 8601)."""
        return {
            "role": self.role,
            "content": self.content,
            "timestamp": self.timestamp.isoformat(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, str]) -> Message:
        """The reverse of :meth:`to_dict`; a missing time is now."""
        stamp = data.get("timestamp")
        when = datetime.fromisoformat(stamp) if stamp else datetime.now()
        return cls(data["role"], data["content"], when)


class SecureInferenceEngine:
    """Loads one model at a time and answers with it. Any number of threads may use one engine.

    Args:
        model_path: loaded at once when given; if that fails, the first use says why.
        n_ctx: context window in tokens.
        n_gpu_layers: layers on a GPU where the build has one; -1 is all.
        n_batch, verbose, max_memory_mb, min_free_memory_mb: accepted for compatibility; they change nothing.
        options: what else :class:`cloister.Engine` takes, for this model: ``threads``, ``require``, ``sha256``, ``adapter`` …
    """

    def __init__(
        self,
        model_path: str | PathLike[str] | None = None,
        n_ctx: int = 2048,
        n_gpu_layers: int = -1,
        n_batch: int = 512,
        verbose: bool = False,
        max_memory_mb: int | None = None,
        min_free_memory_mb: int = 2048,
        **options: Any,
    ) -> None:
        self.n_ctx = n_ctx
        self.n_gpu_layers = n_gpu_layers
        self.n_batch = n_batch
        self.verbose = verbose
        self.max_memory_mb = max_memory_mb
        self.min_free_memory_mb = min_free_memory_mb
        self.current_model_name: str | None = None
        self._engine: Engine | None = None
        self._failure = ""
        if model_path is not None:
            self.load_model(model_path, **options)
        elif options:
            raise TypeError("options of a model were given without `model_path`")

    def load_model(
        self,
        model_path: str | PathLike[str],
        *,
        n_ctx: int | None = None,
        n_gpu_layers: int | None = None,
        n_batch: int | None = None,
        **options: Any,
    ) -> tuple[bool, str]:
        """Loads a model in place of the present one: ``(loaded, message)``. ``options`` as for the class.

        Raises:
            TypeError: an option that :class:`cloister.Engine` does not have, and nothing else.
        """
        layers = self.n_gpu_layers if n_gpu_layers is None else n_gpu_layers
        try:
            engine = Engine(
                model_path,
                context_tokens=self.n_ctx if n_ctx is None else n_ctx,
                gpu_layers=ALL_GPU_LAYERS if layers < 0 else layers,
                **options,
            )
        except (Error, OverflowError) as error:
            self._failure = f"Error loading model: {error}"
            return False, self._failure
        self.unload_model()
        self._engine = engine
        self.current_model_name = str(model_path)
        return True, "Model loaded successfully"

    def unload_model(self) -> None:
        """Frees the model now. Without one it does nothing."""
        engine, self._engine = self._engine, None
        self.current_model_name = None
        self._failure = ""
        if engine is not None:
            engine.unload()

    def is_loaded(self) -> bool:
        """Whether a model is there to answer."""
        return self._engine is not None and self._engine.loaded

    def get_loaded_model(self) -> str | None:
        """The path of the loaded model."""
        return self.current_model_name

    def chat(
        self,
        messages: Sequence[Mapping[str, Any]],
        system_prompt: str | None = None,
        temperature: float = 0.8,
        top_p: float = 0.95,
        top_k: int = 40,
        max_tokens: int = 512,
        stop: str | Sequence[str] | None = None,
        stream: bool = False,
        min_p: float = 0.05,
        typical_p: float = 1.0,
        dynatemp_range: float = 0.0,
        dynatemp_exponent: float = 1.0,
        repeat_penalty: float = 1.1,
        repeat_last_n: int = 64,
        frequency_penalty: float = 0.0,
        presence_penalty: float = 0.0,
        dry_multiplier: float = 0.0,
        dry_base: float = 1.75,
        dry_allowed_length: int = 2,
        dry_penalty_last_n: int = -1,
        xtc_probability: float = 0.0,
        xtc_threshold: float = 0.1,
        mirostat_mode: int = 0,
        mirostat_tau: float = 5.0,
        mirostat_eta: float = 0.1,
        grammar: str | None = None,
        json_schema: Mapping[str, object] | str | None = None,
        seed: int | None = None,
        n_keep: int = 0,
        response_format: Mapping[str, object] | None = None,
        tools: Sequence[Mapping[str, object]] | None = None,
        tool_choice: str | Mapping[str, object] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Answers a conversation. Always an iterator, which starts to work when it is first asked.

        ``grammar`` is GBNF. ``n_keep`` above 0 goes on when the context window is full, keeping so many tokens of the prompt.
        ``response_format``, ``tools`` and ``tool_choice`` are those of OpenAI's API; messages may have ``tool_calls``,
        ``tool_call_id`` and ``name``.

        Yields:
            with ``stream`` one ``{"content": piece}`` after the other, else one ``{"role", "content"}``. Where the model calls
            tools, the last one has them as ``tool_calls``.

        Raises:
            RuntimeError: no model is loaded, or the answer failed.
        """
        engine = self._loaded()
        turns: list[dict[str, Any]] = [
            {name: turn[name] for name in MEMBERS if name in turn} for turn in messages
        ]
        if system_prompt:
            turns.insert(0, {"role": "system", "content": system_prompt})
        members: dict[str, Any] = {
            "max_tokens": max_tokens,
            "temperature": temperature,
            "dynatemp_range": dynatemp_range,
            "dynatemp_exponent": dynatemp_exponent,
            "top_p": top_p,
            "top_k": top_k,
            "min_p": min_p,
            "typical_p": typical_p,
            "repeat_penalty": repeat_penalty,
            "repeat_last_n": repeat_last_n,
            "frequency_penalty": frequency_penalty,
            "presence_penalty": presence_penalty,
            "dry_multiplier": dry_multiplier,
            "dry_base": dry_base,
            "dry_allowed_length": dry_allowed_length,
            "dry_penalty_last_n": max(dry_penalty_last_n, 0),
            "xtc_probability": xtc_probability,
            "xtc_threshold": xtc_threshold,
            "mirostat_mode": mirostat_mode,
            "mirostat_tau": mirostat_tau,
            "mirostat_eta": mirostat_eta,
            "grammar": grammar,
            "seed": seed,
            "stop": stop,
            "n_keep": n_keep or None,
            "response_format": response_format,
            "tools": tools,
            "tool_choice": tool_choice,
        }
        try:
            if json_schema is not None:
                members["response_format"] = _format(json_schema)
            if stream:
                for part in engine.create_chat_completion(turns, stream=True, **members):
                    delta = part["choices"][0]["delta"]
                    if delta.get("content"):
                        yield {"content": delta["content"]}
                    if delta.get("tool_calls"):
                        yield {"tool_calls": delta["tool_calls"]}
            else:
                answer = engine.create_chat_completion(turns, **members)
                yield answer["choices"][0]["message"]
        except (Error, ValueError) as error:
            raise RuntimeError(f"Error during inference: {error}") from error

    def generate(
        self,
        prompt: str,
        max_tokens: int = 512,
        temperature: float = 0.8,
        top_p: float = 0.95,
        top_k: int = 40,
        stream: bool = False,
        **others: Any,
    ) -> Iterator[str]:
        """Continues a text, without a template. Always an iterator; it raises what :meth:`chat` raises."""
        engine = self._loaded()
        try:
            options = ChatOptions(
                max_tokens=max_tokens, temperature=temperature, top_p=top_p, top_k=top_k, **others
            )
            if stream:
                with engine.generate_stream(prompt, options) as pieces:
                    yield from pieces
            else:
                yield engine.generate(prompt, options).text
        except Error as error:
            raise RuntimeError(f"Error during inference: {error}") from error

    def embed(self, text: str) -> list[float]:
        """The embedding of a text, unit length."""
        try:
            return self._loaded().embed(text)
        except Error as error:
            raise RuntimeError(f"Error during inference: {error}") from error

    def _loaded(self) -> Engine:
        if self._engine is None:
            raise RuntimeError(f"{NOT_LOADED} {self._failure}".strip())
        return self._engine


def _format(schema: Mapping[str, object] | str) -> dict[str, object]:
    """A schema as ``response_format``."""
    if isinstance(schema, str):
        try:
            schema = json.loads(schema)
        except ValueError:
            # The error of the parser quotes the schema.
            raise ValueError("`json_schema` is not JSON") from None
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
