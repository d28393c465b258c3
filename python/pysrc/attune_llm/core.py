"""``EmpathyLLM``: a conversation that grows with trust, guarded by :mod:`cloister`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any, Final

from cloister import AccessControl

from attune_llm.claude_memory import ClaudeMemoryConfig, ClaudeMemoryLoader
from attune_llm.guarded import GuardedProvider, SecuritySettings, Turn
from attune_llm.levels import PROFILES, EmpathyLevel
from attune_llm.providers import BaseLLMProvider, LLMResponse, LocalProvider, RemoteProvider, provider_of
from attune_llm.security.errors import SecurityError
from attune_llm.state import CollaborationState, UserPattern

__all__ = ["EmpathyLLM", "SecurityError"]

SECURITY_VARIABLE: Final = "ATTUNE_ENABLE_SECURITY"
TRUE_WORDS: Final = frozenset({"1", "true", "yes", "on"})


class EmpathyLLM:
    """Answers users through a provider, at the level that trust allows.

    With ``enable_security`` every text is searched for secrets and identifiers before anything else happens: secrets
    block the request, identifiers reach the provider as placeholders and are put back into the answer, and each step is
    recorded. Without it the text goes to the provider as it is.

    Args:
        provider: ``local`` (a model in this process), ``anthropic``, ``openai``, ``gemini``, or a
            :class:`BaseLLMProvider` of the application's own.
        target_level: the highest level, 1 to 5.
        api_key, model: for the provider; for ``local`` the model is the path of a GGUF file.
        pattern_library: what stands in the prompt of level 5.
        claude_memory_config, project_root: which memory files stand in front of the system prompt.
        enable_security: default from the environment variable ``ATTUNE_ENABLE_SECURITY``, else off.
        security_config: ``audit_log_dir``, ``block_on_secrets``, ``enable_pii_scrubbing``, ``enable_name_detection``,
            ``enable_audit_logging``, ``enable_console_logging``.
        enable_model_routing: accepted for compatibility; one model answers everything.
        tls_verify: whether remote providers check certificates.
        access_control: with a table, asking needs the permission ``read_phi`` of the role in ``context["role"]``.

    Raises:
        ValueError: an unknown provider or level.
    """

    def __init__(
        self,
        provider: str | BaseLLMProvider = "anthropic",
        target_level: int = 3,
        api_key: str | None = None,
        model: str | None = None,
        pattern_library: dict[str, Any] | None = None,
        claude_memory_config: ClaudeMemoryConfig | None = None,
        project_root: str | None = None,
        enable_security: bool | None = None,
        security_config: Mapping[str, Any] | None = None,
        enable_model_routing: bool = False,
        *,
        tls_verify: bool = True,
        access_control: AccessControl | None = None,
        **kwargs: Any,
    ) -> None:
        self.provider = provider_of(provider, api_key=api_key, model=model, **kwargs)
        self.target_level = int(EmpathyLevel(target_level))
        self.pattern_library = pattern_library or {}
        self.project_root = project_root
        self.security_config = dict(security_config or {})
        self.enable_model_routing = enable_model_routing
        self.tls_verify = tls_verify
        self.states: dict[str, CollaborationState] = {}
        self.claude_memory_config = claude_memory_config
        self.claude_memory_loader = (
            ClaudeMemoryLoader(claude_memory_config)
            if claude_memory_config is not None and claude_memory_config.enabled
            else None
        )
        self._cached_memory = ""
        self.reload_memory()
        self.enable_security = _from_environment() if enable_security is None else enable_security
        settings = SecuritySettings.of(security_config)
        self._guarded = (
            GuardedProvider(self.provider, settings, access_control) if self.enable_security else None
        )
        self.pii_scrubber = self._guarded.scrubber if self._guarded else None
        self.secrets_detector = self._guarded.detector if self._guarded else None
        self.audit_logger = self._guarded.audit if self._guarded else None
        if not self.enable_security and not isinstance(self.provider, LocalProvider):
            warnings.warn(
                "SECURITY WARNING: enable_security is off, so texts reach the provider unscrubbed and unrecorded",
                UserWarning,
                stacklevel=2,
            )

    async def interact(
        self,
        user_id: str,
        user_input: str,
        context: Mapping[str, Any] | None = None,
        force_level: int | None = None,
        task_type: str | None = None,
    ) -> dict[str, Any]:
        """Answers one message.

        Args:
            context: ``classification`` (of the audit records) and ``role`` (of the user) are used.
            force_level: answers at this level instead of the one that trust allows.
            task_type: stands in the result.

        Returns:
            ``content`` (with the user's identifiers), ``proactive``, ``metadata`` (``tokens_used``, ``model`` and what
            the level adds), ``level_used``, ``level_description``, and with security on ``security``.

        Raises:
            SecurityError: the text holds secrets; nothing was sent.
            ValueError: an unknown level.
            cloister.UnsupportedError: the provider has no adapter in this version.
        """
        if isinstance(self.provider, RemoteProvider):
            self.provider.refuse()
        state = self._get_or_create_state(user_id)
        level = self._level(state, force_level)
        profile = PROFILES[level]
        turn = Turn(
            system_prompt=self._build_system_prompt(level),
            history=profile.history,
            temperature=profile.temperature,
            max_tokens=profile.max_tokens,
            classification=str((context or {}).get("classification", "SENSITIVE")),
            role=str((context or {}).get("role", "")),
        )
        pattern = state.find_matching_pattern(user_input) if level >= 3 else None
        history_turns = min(len(state.interactions), profile.history)
        if self._guarded is None:
            seen, answer, response, security = await self._ask_openly(state, user_input, turn)
        else:
            seen, answer, response, security = await self._ask_guarded(
                self._guarded, user_id, user_input, turn
            )
        state.add_interaction("user", seen, level)
        state.add_interaction("assistant", response.content, level)
        result: dict[str, Any] = {
            "content": answer,
            "proactive": level >= 4 or pattern is not None,
            "metadata": {
                "tokens_used": response.tokens_used,
                "model": response.model,
                **self._level_metadata(level, state, pattern, history_turns),
            },
            "level_used": int(level),
            "level_description": profile.description,
        }
        if task_type is not None:
            result["metadata"]["task_type"] = task_type
        if security is not None:
            result["security"] = security
        return result

    def reload_memory(self) -> None:
        """Reads the memory files again."""
        if self.claude_memory_loader is not None:
            self.claude_memory_loader.clear_cache()
            self._cached_memory = self.claude_memory_loader.load_all_memory(self.project_root)

    def update_trust(self, user_id: str, outcome: str, magnitude: float = 1.0) -> None:
        """Moves a user's trust by ``success`` or ``failure``."""
        self._get_or_create_state(user_id).update_trust(outcome, magnitude)

    def add_pattern(self, user_id: str, pattern: UserPattern) -> None:
        """Remembers something that the user does again and again."""
        self._get_or_create_state(user_id).add_pattern(pattern)

    def get_statistics(self, user_id: str) -> dict[str, Any]:
        """Counts and rates of one user; no text."""
        return self._get_or_create_state(user_id).get_statistics()

    def reset_state(self, user_id: str) -> None:
        """Forgets a user: state, history and placeholders."""
        self.states.pop(user_id, None)
        if self._guarded is not None:
            self._guarded.forget(user_id)

    async def _ask_openly(
        self, state: CollaborationState, text: str, turn: Turn
    ) -> tuple[str, str, LLMResponse, None]:
        messages = [*state.get_conversation_history(turn.history), {"role": "user", "content": text}]
        response = await self.provider.generate(
            messages,
            system_prompt=turn.system_prompt,
            temperature=turn.temperature,
            max_tokens=turn.max_tokens,
        )
        return text, response.content, response, None

    async def _ask_guarded(
        self, guarded: GuardedProvider, user_id: str, text: str, turn: Turn
    ) -> tuple[str, str, LLMResponse, dict[str, Any]]:
        reply = await guarded.ask(user_id, text, turn)
        done = reply.completion
        response = LLMResponse(
            content=reply.raw_text,
            model=turn.response.model if turn.response else self._model_name(),
            tokens_used=(
                turn.response.tokens_used
                if turn.response
                else done.prompt_tokens + done.completion_tokens
            ),
            finish_reason=turn.response.finish_reason if turn.response else done.finish_reason,
        )
        security = {
            "pii_detected": reply.request.identifiers,
            "pii_scrubbed": reply.request.identifiers > 0,
            "pii_types": reply.request.identifier_kinds,
            "secrets_detected": reply.request.secrets,
            "secret_types": reply.request.secret_kinds,
            "response_pii_detected": reply.response.identifiers,
            "response_secrets_detected": reply.response.secrets,
            "audit_event_ids": reply.event_ids,
        }
        return reply.prompt, reply.text, response, security

    def _model_name(self) -> str:
        if isinstance(self.provider, LocalProvider):
            return self.provider.engine.info.name
        return str(getattr(self.provider, "model", type(self.provider).__name__))

    def _get_or_create_state(self, user_id: str) -> CollaborationState:
        return self.states.setdefault(user_id, CollaborationState(user_id))

    def _level(self, state: CollaborationState, force_level: int | None) -> EmpathyLevel:
        if force_level is None:
            return EmpathyLevel(self._determine_level(state))
        try:
            return EmpathyLevel(force_level)
        except ValueError:
            raise ValueError(f"Invalid level: {force_level}") from None

    def _determine_level(self, state: CollaborationState) -> int:
        reached = 1
        while reached < self.target_level and state.should_progress_to_level(reached + 1):
            reached += 1
        return reached

    def _build_system_prompt(self, level: int) -> str:
        parts = [self._cached_memory, PROFILES[EmpathyLevel(level)].system_prompt]
        if level == EmpathyLevel.SYSTEMS and self.pattern_library:
            entries = (f"- {name}: {entry}" for name, entry in self.pattern_library.items())
            parts.append("\n".join(["Known patterns:", *entries]))
        return "\n\n".join(part for part in parts if part)

    def _level_metadata(
        self,
        level: EmpathyLevel,
        state: CollaborationState,
        pattern: UserPattern | None,
        history_turns: int,
    ) -> dict[str, Any]:
        if level == EmpathyLevel.GUIDED:
            return {"history_turns": history_turns}
        if level == EmpathyLevel.PROACTIVE:
            return {"pattern": _pattern_members(pattern)}
        if level == EmpathyLevel.ANTICIPATORY:
            return {"trajectory_analyzed": True, "trust_level": state.trust_level}
        if level == EmpathyLevel.SYSTEMS:
            return {"pattern_library_size": len(self.pattern_library), "systems_level": True}
        return {}


def _pattern_members(pattern: UserPattern | None) -> dict[str, Any] | None:
    if pattern is None:
        return None
    return {
        "pattern_type": pattern.pattern_type.value,
        "trigger": pattern.trigger,
        "confidence": pattern.confidence,
    }


def _from_environment() -> bool:
    return os.environ.get(SECURITY_VARIABLE, "").strip().lower() in TRUE_WORDS
