"""Scanner, scrubber, vault and detector through the native package."""

from __future__ import annotations

import cloister
import pytest
from conftest import NOTE, STRIPE_KEY


def test_offsets_are_code_points() -> None:
    text = "Émilie 🩺 SSN: 123-45-6789"
    [found] = cloister.Scanner().scan(text)
    assert found.kind == "ssn"
    assert text[found.start : found.end] == "123-45-6789"
    assert (found.line, found.column) == (1, found.start)


def test_the_context_holds_the_label() -> None:
    text = "MRN: 987654"
    [found] = cloister.Scanner().scan(text)
    assert text[found.context_start : found.context_end] == text
    assert text[found.start : found.end] == "987654"


@pytest.mark.parametrize("wrap", [str.encode, lambda s: bytearray(s.encode()), lambda s: memoryview(s.encode())])
def test_bytes_are_taken_like_text(wrap: object) -> None:
    assert callable(wrap)
    assert cloister.Scrubber().scrub(wrap(NOTE)).text == cloister.Scrubber().scrub(NOTE).text


def test_scrubbing_replaces_every_identifier() -> None:
    scrubbed = cloister.Scrubber().scrub(NOTE)
    assert str(scrubbed) == scrubbed.text
    assert scrubbed.text == (
        "Patient [NAME] (SSN: [SSN], MRN: [MRN]) called from [PHONE] about diabetes medication."
    )


def test_masking_keeps_the_last_four() -> None:
    assert cloister.Scrubber(style="mask").scrub("SSN: 123-45-6789").text == "SSN: ***-**-6789"


def test_the_same_value_gets_the_same_placeholder_and_comes_back() -> None:
    vault = cloister.Vault()
    text = "SSN: 123-45-6789, again SSN 123-45-6789"
    hidden = cloister.Scrubber().pseudonymize(text, vault).text
    assert hidden == "SSN: [SSN_1], again SSN [SSN_1]"
    assert vault.restore(hidden) == text
    assert len(vault) == 1
    vault.clear()
    assert vault.restore(hidden) == hidden


def test_detection_reports_a_secret_without_repeating_it() -> None:
    [secret] = cloister.Detector().detect(f'x = 1\napi_key = "{STRIPE_KEY}"')
    assert (secret.kind, secret.severity, secret.line) == ("stripe_key", "high", 2)
    shown = f"{secret!r} {secret.snippet} {secret.to_dict()} {secret.remediation}"
    assert STRIPE_KEY not in shown and "[REDACTED]" in secret.snippet


def test_redacting_takes_the_whole_secret() -> None:
    text, [secret] = cloister.Detector().redact(f"key {STRIPE_KEY} end")
    assert text == "key [STRIPE_KEY] end"
    assert secret.token == "STRIPE_KEY"


def test_kinds_can_be_left_out_and_values_allowed() -> None:
    assert cloister.Scanner(without=["ssn"]).scan("SSN: 123-45-6789") == []
    assert cloister.Scanner(allow=["123-45-6789"]).scan("SSN: 123-45-6789") == []
    with pytest.raises(cloister.InvalidArgumentError):
        cloister.Scanner(without=["no_such_kind"])


def test_rules_of_ones_own_are_added_and_checked() -> None:
    rules = """
    [[rule]]
    id = "bed"
    kind = "bed"
    token = "BED"
    what = "bed number"
    anchors = ["bed"]
    pattern = '''(?i)bed (?P<value>[0-9]{3})'''
    confidence = 0.9
    """
    scanner = cloister.Scanner(rules=rules)
    assert cloister.Scrubber(scanner).scrub("in bed 312").text == "in bed [BED]"
    assert [found.confidence for found in scanner.scan("in bed 312")] == [0.9]
    with pytest.raises(cloister.InvalidArgumentError, match="bed"):
        cloister.Scanner(rules=rules.replace("[0-9]{3}", "[0-9"))


@pytest.mark.parametrize("text", ["", "\0", "\0" * 1000, "\r\n\t", "🩺" * 1000])
def test_odd_texts_are_scanned_like_any_other(text: str) -> None:
    assert cloister.Scrubber().scrub(text).text == text
    assert cloister.Detector().detect(text) == []


def test_a_nul_does_not_end_the_text() -> None:
    assert cloister.Scrubber().scrub("a\0SSN: 123-45-6789\0b").text == "a\0SSN: [SSN]\0b"


def test_bytes_that_are_not_utf8_are_an_error_of_their_own() -> None:
    with pytest.raises(cloister.InvalidUtf8Error, match="byte 2 is not UTF-8; hint: ") as raised:
        cloister.Scrubber().scrub(b"ab\xff123-45-6789")
    assert isinstance(raised.value, ValueError) and "6789" not in str(raised.value)


def test_a_lone_surrogate_is_refused_without_quoting_the_text() -> None:
    with pytest.raises(cloister.InvalidUtf8Error) as raised:
        cloister.Scrubber().scrub("SSN 123-45-6789 \ud800")
    assert raised.value.__cause__ is None and raised.value.__context__ is None


def test_other_types_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="expected str or bytes-like, not int"):
        cloister.Scrubber().scrub(7)  # type: ignore[arg-type]


def test_nothing_shows_a_value() -> None:
    finding = cloister.Scanner().scan(NOTE)[0]
    vault = cloister.Vault()
    vault.placeholder("SSN", "123-45-6789")
    shown = f"{finding!r} {finding.to_dict()} {vault!r} {cloister.Scrubber().scrub(NOTE)!r}"
    assert "John" not in shown and "6789" not in shown
