"""The engine on the real model: answers, streams, threads, cancelling, and files that are no model."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import cloister
import pytest
from test_process import progress_during

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
SHORT = cloister.ChatOptions(max_tokens=16, temperature=0.0, seed=1)
LONG = cloister.ChatOptions(max_tokens=1500, temperature=1.0, seed=1)
STORY = [{"role": "user", "content": "Tell me a very long story about a monastery."}]


def test_the_model_answers(engine: cloister.Engine) -> None:
    pieces: list[str] = []
    answer = engine.chat(QUESTION, SHORT, on_text=pieces.append)
    assert answer.text and "".join(pieces) == answer.text
    assert answer.prompt_tokens > 10 and 0 < answer.completion_tokens <= 16
    assert answer.finish_reason in ("stop", "length") and answer.generation_seconds > 0
    assert engine.chat(QUESTION, SHORT).text == answer.text
    assert answer.text not in repr(answer) and str(answer) == answer.text


def test_a_stream_gives_the_same_answer(engine: cloister.Engine) -> None:
    with engine.stream(QUESTION, SHORT) as stream:
        text = "".join(stream)
        assert stream.completion is not None and stream.completion.text == text
    assert text == engine.chat(QUESTION, SHORT).text


def test_the_model_describes_itself(engine: cloister.Engine) -> None:
    info = engine.info
    assert info.architecture == "llama" and 130e6 < info.parameters < 140e6
    assert info.context_tokens == 2048 and info.has_chat_template
    assert engine.count_tokens("hello world") == 2
    assert "<|im_start|>user" in engine.render(QUESTION)
    assert len(engine.chat_tokens(QUESTION)) == engine.chat(QUESTION, SHORT).prompt_tokens
    vector = engine.embed("hello")
    assert engine.embed("hello world", pooling="last") != engine.embed("hello world")
    assert vector != engine.embed("hello", normalize=False)
    with pytest.raises(cloister.InvalidArgumentError):
        engine.embed("hello", pooling="middle")  # type: ignore[arg-type]
    assert len(vector) == info.embedding_length
    assert abs(sum(number * number for number in vector) - 1) < 1e-3


def test_raw_text_is_continued(engine: cloister.Engine) -> None:
    assert engine.generate("The capital of France is", SHORT).text
    with engine.generate_stream("One, two, three,", SHORT) as stream:
        assert next(stream)


def test_closing_a_stream_ends_the_work_at_once(engine: cloister.Engine) -> None:
    stream = engine.stream(STORY, LONG)
    next(stream)
    began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < 10
    assert list(stream) == [] and stream.completion is None
    assert engine.chat(QUESTION, SHORT).text


def test_cancelling_a_stream_raises_in_whoever_reads_it(engine: cloister.Engine) -> None:
    stream = engine.stream(STORY, LONG)
    next(stream)
    stream.cancel()
    with pytest.raises(cloister.CancelledError):
        for _ in stream:
            pass


def test_other_threads_make_progress_while_the_model_answers(engine: cloister.Engine) -> None:
    options = cloister.ChatOptions(max_tokens=24, temperature=0.0)
    assert progress_during(lambda: engine.chat(QUESTION, options)) > 10


def test_many_threads_share_one_engine(engine: cloister.Engine) -> None:
    expected = engine.chat(QUESTION, SHORT).text
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append(engine.chat(QUESTION, SHORT).text))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 4


def test_the_asynchronous_forms_answer_too(engine: cloister.Engine) -> None:
    async def main() -> tuple[str, str]:
        answer = await engine.chat_async(QUESTION, SHORT)
        pieces = [piece async for piece in engine.stream_async(QUESTION, SHORT)]
        return answer.text, "".join(pieces)

    whole, streamed = asyncio.run(main())
    assert whole == streamed


def test_cancelling_a_task_cancels_the_answer(engine: cloister.Engine) -> None:
    async def main() -> None:
        task = asyncio.create_task(engine.chat_async(STORY, LONG))
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with engine.stream_async(STORY, LONG) as stream:
            assert await anext(stream)
        assert stream.stream.completion is None

    began = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - began < 60


def test_loading_reports_progress_and_can_be_stopped(model: str) -> None:
    shares: list[float] = []
    with cloister.Engine(model, threads=1, progress=shares.append) as engine:
        assert engine.loaded
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1.0)
    assert not engine.loaded
    with pytest.raises(cloister.ClosedError):
        engine.chat(QUESTION)

    def refuse(share: float) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        cloister.Engine(model, progress=refuse)


def test_unloading_ends_a_chat_that_runs(model: str) -> None:
    engine = cloister.Engine(model, threads=1)
    threading.Timer(1.0, engine.unload).start()
    with pytest.raises((cloister.ClosedError, cloister.CancelledError)):
        engine.chat(STORY, LONG)
    engine.unload()


def test_what_is_no_model_is_refused(tmp_path: Path, model: str) -> None:
    with pytest.raises(cloister.NotFoundError):
        cloister.Engine(tmp_path / "missing.gguf")
    for name, content in {
        "empty": b"",
        "text": b"Patient John Doe" * 1000,
        "header": b"GGUF\x03\0\0\0" + b"\xff" * 64,
        "truncated": Path(model).read_bytes()[: 1 << 20],
    }.items():
        path = tmp_path / f"{name}.gguf"
        path.write_bytes(content)
        with pytest.raises(cloister.ModelError) as raised:
            cloister.Engine(path)
        assert "John" not in str(raised.value) and "\n" not in str(raised.value)


def test_a_conversation_needs_messages_of_the_right_shape(engine: cloister.Engine) -> None:
    with pytest.raises(TypeError, match="role"):
        engine.chat([{"content": "hello"}])
    with pytest.raises(TypeError, match="role"):
        engine.chat(["hello"])  # type: ignore[list-item]
    with pytest.raises(cloister.Error):
        engine.chat([])


def test_a_prompt_beyond_the_context_window_is_refused(engine: cloister.Engine) -> None:
    with pytest.raises(cloister.TooLargeError):
        engine.chat([{"role": "user", "content": "word " * 5000}])


def test_the_guarded_model_gives_the_identifiers_back(
    engine: cloister.Engine, log: cloister.AuditLog
) -> None:
    guard = cloister.Guard(engine, audit=log)
    text = "Repeat this sentence: Patient John Doe is stable."
    options = cloister.ChatOptions(max_tokens=32, temperature=0.0)
    reply = guard.chat(cloister.Session("nurse@hospital.com"), text, options)
    assert "John Doe" not in reply.prompt and "John Doe" not in reply.raw_text
    assert reply.completion.completion_tokens > 0
    assert "[NAME_1]" in reply.raw_text and "John Doe" in reply.text
    [response] = log.query(event_type="llm_response")
    assert response["performance"]["completion_tokens"] == reply.completion.completion_tokens


def test_a_guarded_stream_is_also_asynchronous(engine: cloister.Engine) -> None:
    guard = cloister.Guard(engine, without_audit=True)

    async def main() -> None:
        session = cloister.Session("nurse@hospital.com")
        stream = guard.stream_async(session, "Say hello.", SHORT)
        text = "".join([piece async for piece in stream])
        assert stream.stream.reply is not None and stream.stream.reply.text == text
        reply = await guard.chat_async(session, "Say hello.", SHORT)
        assert reply.text

    asyncio.run(main())
