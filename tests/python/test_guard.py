"""The guard with an application's own backend: what it gets, what is recorded, what is refused."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import cloister
import pytest
from conftest import NOTE, STRIPE_KEY, Echo


@pytest.fixture
def guard(echo: Echo, log: cloister.AuditLog) -> cloister.Guard:
    return cloister.Guard(echo, audit=log)


@pytest.fixture
def session() -> cloister.Session:
    return cloister.Session("nurse@hospital.com")


def test_the_backend_sees_placeholders_and_the_caller_does_not(
    guard: cloister.Guard, session: cloister.Session, echo: Echo
) -> None:
    reply = guard.chat(session, NOTE)
    seen = echo.seen[0][-1]["content"]
    assert seen == reply.prompt == reply.raw_text
    assert "[NAME_1]" in seen and "[SSN_1]" in seen and "6789" not in seen
    assert str(reply) == reply.text == NOTE
    assert set(reply.request.identifier_kinds) == {"name", "ssn", "mrn", "phone"}
    assert reply.response.secrets == 0 and len(reply.event_ids) == 2
    assert "John" not in repr(reply)


def test_the_answer_comes_in_pieces_that_make_up_the_whole(
    guard: cloister.Guard, session: cloister.Session
) -> None:
    pieces: list[str] = []
    reply = guard.chat(session, NOTE, on_text=pieces.append)
    assert "".join(pieces) == reply.text and len(pieces) > 3
    with guard.stream(session, NOTE) as stream:
        assert stream.reply is None
        assert "".join(stream) == NOTE
        assert stream.reply is not None and stream.reply.text == NOTE


def test_the_history_is_sent_and_can_be_forgotten(
    guard: cloister.Guard, session: cloister.Session, echo: Echo
) -> None:
    guard.chat(session, "SSN: 123-45-6789")
    guard.chat(session, "again SSN: 123-45-6789")
    assert [message["role"] for message in echo.seen[1]][-3:] == ["user", "assistant", "user"]
    assert echo.seen[1][-1]["content"] == "again SSN: [SSN_1]"
    assert (session.turns, session.remembered) == (2, 1)
    assert session.restore("[SSN_1]") == "123-45-6789"
    session.clear()
    assert (session.turns, session.remembered) == (0, 0)
    assert session.restore("[SSN_1]") == "[SSN_1]"


def test_a_secret_is_blocked_and_the_block_is_recorded(
    guard: cloister.Guard, session: cloister.Session, echo: Echo, log: cloister.AuditLog
) -> None:
    with pytest.raises(cloister.BlockedError, match="stripe_key") as raised:
        guard.chat(session, f"use {STRIPE_KEY}")
    assert STRIPE_KEY not in str(raised.value) and echo.seen == []
    [record] = log.query(event_type="security_violation", status="blocked")
    assert record["security"]["secrets_detected"] == 1
    assert STRIPE_KEY not in log.path.read_text("utf-8")


def test_a_secret_can_be_redacted_for_good(echo: Echo, session: cloister.Session) -> None:
    guard = cloister.Guard(echo, without_audit=True, on_secret="redact")
    assert guard.chat(session, f"use {STRIPE_KEY}").text == "use [STRIPE_KEY]"


def test_a_preview_sends_and_records_nothing(
    guard: cloister.Guard, session: cloister.Session, echo: Echo, log: cloister.AuditLog
) -> None:
    text, findings = guard.preview(session, NOTE)
    assert "[SSN_1]" in text and len(findings) == 4
    assert echo.seen == [] and log.query() == []


def test_a_guard_must_be_told_where_to_record(echo: Echo) -> None:
    with pytest.raises(cloister.InvalidArgumentError, match="where to record; hint: "):
        cloister.Guard(echo)


def test_no_record_means_no_model_call(tmp_path: Path, echo: Echo, session: cloister.Session) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    log = cloister.AuditLog(folder / "audit.jsonl")
    guard = cloister.Guard(echo, audit=log)
    guard.chat(session, "first")
    (folder / "audit.jsonl").unlink()
    for left in folder.iterdir():
        left.unlink()
    folder.rmdir()
    with pytest.raises(cloister.AuditError):
        guard.chat(session, "second")
    assert len(echo.seen) == 1


def test_roles_are_checked(echo: Echo, log: cloister.AuditLog) -> None:
    access = cloister.AccessControl()
    access.add_role("nurse", ["read_phi"])
    guard = cloister.Guard(echo, audit=log, access=access)
    assert guard.chat(cloister.Session("ann", "nurse"), "hello").text == "hello"
    with pytest.raises(cloister.DeniedError):
        guard.chat(cloister.Session("eve", "visitor"), "hello")
    assert [record["user_id"] for record in log.query(status="denied")] == ["eve"]


def test_what_the_backend_raises_is_the_cause(session: cloister.Session, log: cloister.AuditLog) -> None:
    class Broken:
        def chat(self, messages: list[dict[str, str]], options: cloister.ChatOptions) -> str:
            raise LookupError(messages[-1]["content"])

    guard = cloister.Guard(Broken(), audit=log)
    with pytest.raises(cloister.ModelError, match="the backend raised an exception") as raised:
        guard.chat(session, NOTE)
    assert isinstance(raised.value.__cause__, LookupError)
    with pytest.raises(cloister.ModelError) as streamed:
        list(guard.stream(session, NOTE))
    assert isinstance(streamed.value.__cause__, LookupError)
    assert len(log.query(status="failed")) == 2
    assert session.turns == 0


@pytest.mark.parametrize("answer", [7, None, [b"bytes"], ["text", 7]])
def test_an_answer_of_another_type_is_an_error(session: cloister.Session, answer: object) -> None:
    class Odd:
        def chat(self, messages: object, options: object) -> object:
            return answer

    with pytest.raises(cloister.ModelError) as raised:
        cloister.Guard(Odd(), without_audit=True).chat(session, "hello")  # type: ignore[arg-type]
    assert isinstance(raised.value.__cause__, TypeError)


def test_what_cannot_answer_is_no_backend() -> None:
    with pytest.raises(TypeError, match="chat"):
        cloister.Guard(object(), without_audit=True)  # type: ignore[arg-type]


def test_the_receiver_stops_the_answer_by_returning_false_or_raising(
    guard: cloister.Guard, session: cloister.Session, log: cloister.AuditLog
) -> None:
    with pytest.raises(cloister.CancelledError):
        guard.chat(session, NOTE, on_text=lambda piece: False)

    def refuse(piece: str) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        guard.chat(session, NOTE, on_text=refuse)
    assert [record["status"] for record in log.query(event_type="llm_response")] == ["cancelled"] * 2
    assert session.turns == 0
    assert guard.chat(session, "still usable").text == "still usable"


class Endless:
    """Answers until it is stopped."""

    def __init__(self) -> None:
        self.stopped = threading.Event()

    def chat(self, messages: object, options: object) -> Iterator[str]:
        try:
            while True:
                yield "word "
        finally:
            self.stopped.set()


def test_closing_a_stream_stops_the_backend_and_is_recorded(
    session: cloister.Session, log: cloister.AuditLog
) -> None:
    backend = Endless()
    guard = cloister.Guard(backend, audit=log)
    stream = guard.stream(session, "go on")
    assert next(stream)
    stream.close()
    stream.close()
    gc.collect()
    assert backend.stopped.wait(10)
    assert list(stream) == [] and stream.reply is None
    assert [record["status"] for record in log.query(event_type="llm_response")] == ["cancelled"]


def test_a_stream_that_is_dropped_stops_too(session: cloister.Session) -> None:
    backend = Endless()
    stream = cloister.Guard(backend, without_audit=True).stream(session, "go on")
    next(stream)
    del stream
    gc.collect()
    assert backend.stopped.wait(10)


def test_a_session_serves_one_chat_at_a_time(session: cloister.Session) -> None:
    guard = cloister.Guard(Endless(), without_audit=True)
    with guard.stream(session, "go on") as stream:
        next(stream)
        with pytest.raises(cloister.BusyError, match="hint: "):
            guard.chat(session, "me too")
        with pytest.raises(cloister.BusyError):
            session.clear()
    session.clear()


def test_a_flag_stops_a_chat_from_another_thread(session: cloister.Session) -> None:
    cancel = cloister.Cancel()
    threading.Timer(0.2, cancel.cancel).start()
    with pytest.raises(cloister.CancelledError):
        cloister.Guard(Endless(), without_audit=True).chat(session, "go on", cancel=cancel)
    assert cancel.cancelled


def test_many_threads_use_one_guard(guard: cloister.Guard, log: cloister.AuditLog) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        session = cloister.Session(f"user {number}")
        text = f"SSN: 123-45-{6000 + number}"
        try:
            for _ in range(10):
                assert guard.chat(session, text).text == text
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(log.query()) == 160 and log.verify()


def test_the_system_prompt_of_a_guard_may_hold_no_identifiers(echo: Echo) -> None:
    with pytest.raises(cloister.InvalidArgumentError, match="ssn"):
        cloister.Guard(echo, without_audit=True, system_prompt="You serve SSN 123-45-6789")


def test_the_system_prompt_of_a_session_is_scrubbed(
    guard: cloister.Guard, session: cloister.Session, echo: Echo
) -> None:
    session.set_system_prompt("You serve SSN 123-45-6789")
    guard.chat(session, "hello")
    assert echo.seen[0][0] == {"role": "system", "content": "You serve SSN [SSN_1]"}


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": -1.0}, {"top_p": 0.0}, {"max_tokens": -1}, {"seed": 2**32}, {"stop": [""]}],
)
def test_options_outside_their_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(cloister.InvalidArgumentError):
        cloister.ChatOptions(**wrong)  # type: ignore[arg-type]


def test_options_are_equal_when_their_values_are() -> None:
    options = cloister.ChatOptions(stop="END", max_tokens=5)
    assert options == cloister.ChatOptions(stop=["END"], max_tokens=5) != cloister.ChatOptions()
    assert (options.stop, options.max_tokens) == (["END"], 5)
