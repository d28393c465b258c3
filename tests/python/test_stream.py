"""Texts that come in chunks."""

from __future__ import annotations

import random
import threading

import cloister
import pytest
from conftest import STRIPE_KEY

LINE = f"Größe unauffällig 🩺 SSN: 123-45-6789, mail john.doe@example.com, key {STRIPE_KEY}.\n"
TEXT = LINE * 500


def places(findings: list[cloister.Finding]) -> list[tuple[object, ...]]:
    return [(one.rule.id, one.start, one.end, one.context_start, one.context_end, one.line, one.column) for one in findings]


@pytest.mark.parametrize("seed", range(4))
def test_chunks_give_the_findings_of_the_whole(seed: int) -> None:
    scanner = cloister.Scanner()
    chance = random.Random(seed)
    data = TEXT.encode()
    stream = scanner.stream()
    found: list[cloister.Finding] = []
    at = 0
    while at < len(data):
        size = chance.choice([1, 2, 3, 100, 5000])
        found += stream.push(data[at : at + size])
        at += size
        assert stream.held < 32 << 10
    found += stream.finish()
    assert stream.held == 0
    assert places(found) == places(scanner.scan(TEXT))


def test_a_text_is_scrubbed_as_it_comes() -> None:
    scrubber = cloister.Scrubber(cloister.Scanner())
    stream = scrubber.stream()
    whole = ""
    for start in range(0, len(TEXT), 777):
        whole += stream.push(TEXT[start : start + 777]).text
    assert len(whole) > len(TEXT) // 4 and stream.held > 0
    whole += stream.finish().text
    assert whole == scrubber.scrub(TEXT).text


def test_a_finished_stream_takes_no_more() -> None:
    for stream in (cloister.Scanner().stream(), cloister.Scrubber().stream()):
        stream.finish()
        with pytest.raises(cloister.ClosedError):
            stream.push("x")
        with pytest.raises(cloister.ClosedError):
            stream.finish()


def test_what_is_not_utf8_is_refused_and_not_taken() -> None:
    stream = cloister.Scrubber().stream()
    stream.push("é")
    with pytest.raises(cloister.InvalidUtf8Error, match="byte 4 is not UTF-8") as raised:
        stream.push(b"ab\xff123-45-6789")
    assert "6789" not in str(raised.value)
    stream.push(b"SSN: 123-45-6789 \xe2")
    with pytest.raises(cloister.InvalidUtf8Error):
        stream.finish()


def test_threads_take_turns() -> None:
    stream = cloister.Scanner().stream()
    found: list[cloister.Finding] = []
    threads = [threading.Thread(target=lambda: found.extend(stream.push(TEXT))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found += stream.finish()
    assert len(found) == 4 * len(cloister.Scanner().scan(TEXT))


def test_nothing_shows_a_value() -> None:
    stream = cloister.Scrubber().stream()
    stream.push("SSN: 123-45-6789")
    assert "6789" not in f"{stream!r} {stream.finish()!r}"
