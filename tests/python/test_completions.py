"""Chat completions with the keywords and the shapes that applications know, and what an engine keeps for a next turn."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import cloister
import pytest

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "dose",
        "description": "The dose of a drug",
        "parameters": {
            "type": "object",
            "properties": {"drug": {"enum": ["aspirin", "ibuprofen"]}},
            "required": ["drug"],
            "additionalProperties": False,
        },
    },
}
TEMPLATE = (
    "{% if tools %}{% for tool in tools %}{{ tool | tojson }}{% endfor %}<tool_call></tool_call>{% endif %}"
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)


def test_a_completion_has_the_shape_that_clients_read(engine: cloister.Engine) -> None:
    answer = engine.create_chat_completion(
        QUESTION, max_tokens=12, temperature=0, logprobs=True, top_logprobs=2
    )
    assert answer["object"] == "chat.completion" and answer["id"].startswith("chatcmpl-")
    [choice] = answer["choices"]
    expected = engine.chat(QUESTION, cloister.ChatOptions(max_tokens=12, temperature=0)).text
    assert choice["message"]["content"] == expected and choice["finish_reason"] in ("stop", "length")
    tokens = choice["logprobs"]["content"]
    assert len(tokens) == answer["usage"]["completion_tokens"] <= 12
    assert all(len(token["top_logprobs"]) == 2 and token["logprob"] <= 0 for token in tokens)
    assert answer["timings"]["predicted_per_second"] > 0


def test_the_parts_of_a_stream_make_the_same_answer(engine: cloister.Engine) -> None:
    asked: dict[str, Any] = {"max_tokens": 12, "temperature": 0, "seed": 1}
    whole = engine.create_chat_completion(QUESTION, **asked)
    parts = list(engine.create_chat_completion(QUESTION, stream=True, **asked))
    text = "".join(part["choices"][0]["delta"].get("content", "") for part in parts)
    assert text == whole["choices"][0]["message"]["content"]
    assert parts[-1]["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"]
    assert parts[-1]["usage"]["total_tokens"] == whole["usage"]["total_tokens"]


def test_tasks_get_the_same(engine: cloister.Engine) -> None:
    async def both() -> tuple[str, str]:
        asked: dict[str, Any] = {"max_tokens": 12, "temperature": 0, "seed": 1}
        whole = await engine.create_chat_completion_async(QUESTION, **asked)
        text = ""
        async for part in engine.stream_chat_completion_async(QUESTION, **asked):
            text += part["choices"][0]["delta"].get("content", "")
        return whole["choices"][0]["message"]["content"], text

    whole, text = asyncio.run(both())
    assert whole == text != ""


def test_an_answer_keeps_to_its_schema(engine: cloister.Engine) -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 20}, "capital": {"type": "boolean"}},
        "required": ["city", "capital"],
        "additionalProperties": False,
    }
    response_format = {"type": "json_schema", "json_schema": {"name": "city", "schema": schema}}
    answer = engine.create_chat_completion(QUESTION, response_format=response_format, temperature=0)
    value = json.loads(answer["choices"][0]["message"]["content"])
    assert set(value) == {"city", "capital"} and isinstance(value["capital"], bool)


def test_a_tool_is_called(model: str) -> None:
    with cloister.Engine(model, context_tokens=1024, threads=1, chat_template=TEMPLATE) as engine:
        answer = engine.create_chat_completion(QUESTION, tools=[TOOL], tool_choice="required")
        [choice] = answer["choices"]
        assert choice["finish_reason"] == "tool_calls" and choice["message"]["content"] is None
        [call] = choice["message"]["tool_calls"]
        assert call["function"]["name"] == "dose"
        assert json.loads(call["function"]["arguments"])["drug"] in ("aspirin", "ibuprofen")
        turns = [*QUESTION, choice["message"], {"role": "tool", "tool_call_id": call["id"], "content": "500 mg"}]
        assert engine.create_chat_completion(turns, tools=[TOOL], max_tokens=4)["usage"]["completion_tokens"] > 0


@pytest.mark.parametrize(
    "wrong",
    [{"no_such_member": 1}, {"temperature": 99}, {"temperature": "hot"}, {"top_logprobs": 2}, {"tools": [TOOL]}],
)
def test_what_cannot_be_done_is_an_error_of_one_line(engine: cloister.Engine, wrong: dict[str, Any]) -> None:
    with pytest.raises((cloister.InvalidArgumentError, cloister.UnsupportedError)) as raised:
        engine.create_chat_completion(QUESTION, **wrong)
    assert "\n" not in str(raised.value) and "no_such_member" not in str(raised.value)


def test_the_next_turn_evaluates_only_what_is_new(engine: cloister.Engine) -> None:
    asked = cloister.ChatOptions(max_tokens=8, temperature=0, cache="ward 1")
    first = engine.chat(QUESTION, asked)
    assert first.cached_tokens == 0
    turns = [*QUESTION, {"role": "assistant", "content": first.text}, {"role": "user", "content": "And of Spain?"}]
    assert engine.chat(turns, asked).cached_tokens >= first.prompt_tokens
    assert engine.chat(turns, cloister.ChatOptions(max_tokens=1, cache="ward 2")).cached_tokens == 0

    cipher = cloister.Cipher(cloister.Key.generate())
    envelope = engine.save("ward 1", cipher)
    for name in ("ward 1", "ward 2"):
        engine.forget(name)
    with pytest.raises(cloister.NotFoundError):
        engine.save("ward 1", cipher)
    engine.restore("ward 3", cipher, envelope)
    assert engine.chat(turns, cloister.ChatOptions(max_tokens=1, cache="ward 3")).cached_tokens > first.prompt_tokens
    engine.forget("ward 3")
    with pytest.raises(cloister.DecryptError):
        engine.restore("ward 3", cloister.Cipher(cloister.Key.generate()), envelope)


def test_a_request_has_its_time(engine: cloister.Engine) -> None:
    with pytest.raises(cloister.DeadlineError) as raised:
        engine.chat(QUESTION, cloister.ChatOptions(max_tokens=0, timeout=0.001))
    assert isinstance(raised.value, TimeoutError)
