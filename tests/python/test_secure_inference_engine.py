"""``SecureInferenceEngine`` in the shape its applications know."""

from __future__ import annotations

import json
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


def test_every_way_of_sampling_answers_and_wrong_values_are_refused(engine: SecureInferenceEngine) -> None:
    for way in (
        {"mirostat_mode": 2},
        {"typical_p": 0.5},
        {"dynatemp_range": 0.3},
        {"dry_multiplier": 0.8, "dry_base": 2.0},
        {"xtc_probability": 0.5},
        {"n_keep": 4},
    ):
        assert next(engine.chat(MESSAGES, max_tokens=4, **way))["content"]  # type: ignore[arg-type]
    for wrong in ({"mirostat_mode": 3}, {"top_p": 7.0}, {"grammar": "root ::= x"}, {"json_schema": "{"}):
        with pytest.raises(RuntimeError, match="^Error during inference: "):
            next(engine.chat(MESSAGES, **wrong))  # type: ignore[arg-type]


def test_an_answer_keeps_to_a_grammar_or_a_schema(engine: SecureInferenceEngine) -> None:
    [answer] = engine.chat(MESSAGES, grammar='root ::= "yes" | "no"', max_tokens=5)
    assert answer["content"] in ("yes", "no")
    schema = {
        "type": "object",
        "properties": {"greeting": {"enum": ["hello"]}},
        "required": ["greeting"],
        "additionalProperties": False,
    }
    pieces = engine.chat(MESSAGES, json_schema=schema, max_tokens=60, stream=True)
    assert json.loads("".join(piece["content"] for piece in pieces))["greeting"] == "hello"


def test_formats_and_tools_are_those_of_openai(model: str) -> None:
    template = "{% if tools %}<tool_call></tool_call>{% endif %}{% for m in messages %}{{ m.content }}\n{% endfor %}"
    engine = SecureInferenceEngine(model, n_ctx=512, chat_template=template)
    [answer] = engine.chat(MESSAGES, response_format={"type": "json_object", "schema": {"enum": ["hello"]}})
    assert answer == {"role": "assistant", "content": '"hello"'}
    parameters = {"type": "object", "properties": {}, "additionalProperties": False}
    tool = {"type": "function", "function": {"name": "greet", "parameters": parameters}}
    [answer] = engine.chat(MESSAGES, tools=[tool], tool_choice="required")
    assert [call["function"]["name"] for call in answer["tool_calls"]] == ["greet"]
    [part] = engine.chat(MESSAGES, tools=[tool], tool_choice="required", stream=True)
    assert part["tool_calls"][0]["function"] == {"name": "greet", "arguments": "{}"}


def test_loading_never_raises_and_use_says_why(tmp_path: Path, model: str) -> None:
    engine = SecureInferenceEngine()
    assert not engine.is_loaded() and engine.get_loaded_model() is None
    with pytest.raises(RuntimeError, match=r"^No model loaded\. Call load_model\(\) first\.$"):
        next(engine.chat(MESSAGES))
    loaded, message = engine.load_model(tmp_path / "missing.gguf")
    assert not loaded and message.startswith("Error loading model: ")
    with pytest.raises(RuntimeError, match="Error loading model"):
        engine.embed("x")
    loaded, message = engine.load_model(model, n_ctx=512, sha256="0" * 64)
    assert not loaded and "SHA-256" in message
    with pytest.raises(TypeError):
        engine.load_model(model, sha256sum="0" * 64)
    assert engine.load_model(model, n_ctx=512) == (True, "Model loaded successfully")
    assert engine.is_loaded() and engine.get_loaded_model() == engine.current_model_name == model
    engine.unload_model()
    engine.unload_model()
    assert not engine.is_loaded()


def test_a_message_survives_its_dictionary() -> None:
    message = Message("user", "hello")
    assert Message.from_dict(message.to_dict()) == message
    assert Message.from_dict({"role": "user", "content": "x"}).timestamp is not None
