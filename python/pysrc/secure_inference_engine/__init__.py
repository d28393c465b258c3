"""``from secure_inference_engine import SecureInferenceEngine``: :mod:`cloister.secure_inference_engine` by its old name."""

from cloister.secure_inference_engine import LLAMA_CPP_AVAILABLE, Message, SecureInferenceEngine

__all__ = ["LLAMA_CPP_AVAILABLE", "Message", "SecureInferenceEngine"]
