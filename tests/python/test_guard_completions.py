"""Requests of OpenAI's API within the walls: formats, tools and streams, restored so that JSON stays JSON."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import cloister
import pytest
from conftest import NOTE, STRIPE_KEY, Echo

ODD = 'Conor "Con" O\\Brien'
QUESTION = [{"role": "user", "content": f"Patient {ODD} was seen by Dr. Ann Smith. Who saw whom?"}]
FORMAT = {
    "type": "json_schema",
    "json_schema": {
        "name": "seen",
        "schema": {
            "type": "object",
            "properties": {"patient": {"const": ODD}, "doctor": {"enum": ["Ann Smith"]}},
            "required": ["patient", "doctor"],
            "additionalProperties": False,
        },
    },
}
TEMPLATE = (
    "{% if tools %}{% for tool in tools %}{{ tool | tojson }}{% endfor %}<tool_call></tool_call>{% endif %}"
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)
TOOL = {
    "type": "function",
    "function": {
        "name": "call",
        "parameters": {
            "type": "object",
            "properties": {"who": {"const": ODD}},
            "required": ["who"],
            "additionalProperties": False,
        },
    },
}
ASKED: dict[str, Any] = {"temperature": 0, "seed": 1, "response_format": FORMAT}


SCANNER = cloister.Scanner(deny={"name": [ODD]})


@pytest.fixture
def session() -> cloister.Session:
    return cloister.Session("doctor@hospital.com")


def test_a_schema_is_kept_and_values_come_back_escaped(
    engine: cloister.Engine, session: cloister.Session, log: cloister.AuditLog
) -> None:
    guard = cloister.Guard(engine, audit=log, scanner=SCANNER)
    answer = guard.create_chat_completion(session, QUESTION, **ASKED)
    content = answer["choices"][0]["message"]["content"]
    assert json.loads(content) == {"patient": ODD, "doctor": "Ann Smith"}
    assert answer["guard"]["request"]["identifier_kinds"] == ["name"]
    assert [record["event_id"] for record in log.query()] == answer["guard"]["event_ids"]
    assert session.turns == 0

    parts = list(guard.create_chat_completion(session, QUESTION, stream=True, **ASKED))
    texts = [part["choices"][0]["delta"].get("content") or "" for part in parts]
    assert "".join(texts) == content and parts[-1]["usage"]["total_tokens"] > 0
    assert parts[0]["choices"][0]["delta"]["role"] == "assistant"


def test_tasks_get_the_same(engine: cloister.Engine, session: cloister.Session) -> None:
    guard = cloister.Guard(engine, without_audit=True, scanner=SCANNER)

    async def both() -> tuple[str, str]:
        whole = await guard.create_chat_completion_async(session, QUESTION, **ASKED)
        text = ""
        async for part in guard.stream_chat_completion_async(session, QUESTION, **ASKED):
            text += part["choices"][0]["delta"].get("content") or ""
        return whole["choices"][0]["message"]["content"], text

    whole, text = asyncio.run(both())
    assert whole == text and json.loads(text)["patient"] == ODD


def test_a_call_of_a_tool_has_the_callers_values(model: str, session: cloister.Session) -> None:
    with cloister.Engine(model, context_tokens=1024, threads=1, chat_template=TEMPLATE) as engine:
        guard = cloister.Guard(engine, without_audit=True, scanner=SCANNER)
        asked: dict[str, Any] = {"tools": [TOOL], "tool_choice": "required", "temperature": 0, "seed": 1}
        answer = guard.create_chat_completion(session, QUESTION, **asked)
        [choice] = answer["choices"]
        assert choice["finish_reason"] == "tool_calls"
        [call] = choice["message"]["tool_calls"]
        assert json.loads(call["function"]["arguments"]) == {"who": ODD}
        result = {"role": "tool", "tool_call_id": call["id"], "name": "call", "content": "No answer."}
        turns = [*QUESTION, choice["message"], result]
        again = guard.create_chat_completion(session, turns, tools=[TOOL], max_tokens=4)
        assert again["guard"]["request"]["identifiers"] >= 2


def test_secrets_and_what_cannot_be_scrubbed_are_refused(
    engine: cloister.Engine, session: cloister.Session
) -> None:
    guard = cloister.Guard(engine, without_audit=True, scanner=SCANNER)
    secret = [{"role": "tool", "tool_call_id": "1", "name": "read", "content": f"key {STRIPE_KEY}"}]
    with pytest.raises(cloister.BlockedError):
        guard.create_chat_completion(session, secret)
    with pytest.raises(cloister.InvalidArgumentError, match="hint:") as raised:
        guard.create_chat_completion(session, QUESTION, grammar=f'root ::= "{NOTE}"')
    assert "John" not in str(raised.value)
    with pytest.raises(cloister.InvalidArgumentError):
        guard.complete(session, "{}")


def test_an_application_answers_requests_without_formats(echo: Echo) -> None:
    guard = cloister.Guard(echo, without_audit=True)
    session = cloister.Session("nurse")
    turns = [{"role": "user", "content": NOTE}]
    answer = guard.create_chat_completion(session, turns)
    assert answer["choices"][0]["message"]["content"] == NOTE and answer["model"] == "echo"
    assert "[SSN_1]" in echo.seen[0][-1]["content"]
    parts: list[str] = []
    last = guard.complete(session, json.dumps({"messages": turns, "stream": True}), on_part=parts.append)
    assert parts[-1] == last and len(parts) > 3
    with pytest.raises(cloister.UnsupportedError, match="hint:"):
        guard.create_chat_completion(session, turns, response_format={"type": "json_object"})


def test_closing_a_stream_ends_it_and_frees_the_session(
    engine: cloister.Engine, session: cloister.Session, log: cloister.AuditLog
) -> None:
    guard = cloister.Guard(engine, audit=log, scanner=SCANNER)
    parts = guard.create_chat_completion(session, QUESTION, stream=True, max_tokens=500)
    next(parts)
    parts.close()  # type: ignore[attr-defined]
    assert [record["status"] for record in log.query()] == ["success", "cancelled"]
    assert guard.create_chat_completion(session, QUESTION, max_tokens=1)["choices"]
