"""Drop-in for applications written against ``attune_llm``: the same names, guarded by :mod:`cloister`."""

from cloister import SecureInferenceEngine, __version__

from attune_llm.core import EmpathyLLM
from attune_llm.levels import EmpathyLevel
from attune_llm.providers import (
    AnthropicProvider,
    BaseLLMProvider,
    GeminiProvider,
    LLMResponse,
    LocalProvider,
    OpenAIProvider,
)
from attune_llm.state import CollaborationState, UserPattern

__all__ = [
    "AnthropicProvider",
    "BaseLLMProvider",
    "CollaborationState",
    "EmpathyLLM",
    "EmpathyLevel",
    "GeminiProvider",
    "LLMResponse",
    "LocalProvider",
    "OpenAIProvider",
    "SecureInferenceEngine",
    "UserPattern",
    "__version__",
]
