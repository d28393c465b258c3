"""``SecureInferenceEngine`` in the shape its applications know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attune_llm
import cloister
import pytest
from secure_inference_engine import LLAMA_CPP_AVAILABLE, Message, SecureInferenceEngine

MESSAGES = [{"role": "user", "content": "Say hello."}]


@pytest.fixture(scope="module")
def engine(model: str) -> SecureInferenceEngine:
    return SecureInferenceEngine(model)


def test_one_class_under_three_names() -> None:
    assert SecureInferenceEngine is attune_llm.SecureInferenceEngine is cloister.SecureInferenceEngine
    assert LLAMA_CPP_AVAILABLE


def test_an_answer_is_always_an_iterator(engine: SecureInferenceEngine) -> None:
    whole = engine.chat(MESSAGES, max_tokens=8, temperature=0.0)
    assert isinstance(whole, Iterator)
    [answer] = whole
    assert answer["role"] == "assistant"
    pieces = list(engine.chat(MESSAGES, "Be brief.", max_tokens=8, stream=True))
    assert pieces and all(set(piece) == {"content"} for piece in pieces)
    assert list(engine.generate("One, two,", max_tokens=4))
    assert list(engine.generate("One, two,", max_tokens=4, stream=True))
    assert len(engine.embed("hello")) == 576


def test_a_stream_that_is_left_frees_the_engine(engine: SecureInferenceEngine) -> None:
    stream = engine.chat(MESSAGES, max_tokens=400, stream=True)
    assert next(stream)["content"]
    stream.close()  # type: ignore[attr-defined]
    assert next(engine.chat(MESSAGES, max_tokens=4))


def test_methods_that_are_off_are_accepted_and_others_refused(engine: SecureInferenceEngine) -> None:
    assert next(engine.chat(MESSAGES, max_tokens=4, mirostat_mode=0, dry_base=2.0, typical_p=1.0))
    for wrong in ({"mirostat_mode": 2}, {"grammar": "root ::= x"}, {"no_such_option": 1}):
        with pytest.raises(RuntimeError, match="is not supported"):
            next(engine.chat(MESSAGES, **wrong))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="Error during inference: `top_p`"):
        next(engine.chat(MESSAGES, top_p=7.0))


def test_loading_never_raises_and_use_says_why(tmp_path: Path, model: str) -> None:
    engine = SecureInferenceEngine()
    assert not engine.is_loaded() and engine.get_loaded_model() is None
    with pytest.raises(RuntimeError, match=r"^No model loaded\. Call load_model\(\) first\.$"):
        next(engine.chat(MESSAGES))
    loaded, message = engine.load_model(tmp_path / "missing.gguf")
    assert not loaded and message.startswith("Error loading model: ")
    with pytest.raises(RuntimeError, match="Error loading model"):
        engine.embed("x")
    assert engine.load_model(model, n_ctx=512) == (True, "Model loaded successfully")
    assert engine.is_loaded() and engine.get_loaded_model() == engine.current_model_name == model
    engine.unload_model()
    engine.unload_model()
    assert not engine.is_loaded()


def test_a_message_survives_its_dictionary() -> None:
    message = Message("user", "hello")
    assert Message.from_dict(message.to_dict()) == message
    assert Message.from_dict({"role": "user", "content": "x"}).timestamp is not None
