"""Scanner, scrubber, vault and detector through the native package."""

from __future__ import annotations

import json

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


def test_what_is_not_worth_an_alert_is_redacted_all_the_same() -> None:
    weak = 'password = "tiger"'
    detector = cloister.Detector(alert_from=0.7)
    assert detector.detect(weak) == []
    assert detector.redact(weak)[0] == 'password = "[PASSWORD]"'
    assert cloister.Detector(redact_from=0.7).redact(weak)[0] == weak
    with pytest.raises(cloister.InvalidArgumentError):
        cloister.Detector(alert_from=2.0)


def test_rules_of_gitleaks_apply_and_the_others_are_named() -> None:
    config = (
        '[[rules]]\nid = "house"\ndescription = "d"\nregex = "hs_[a-z0-9]{20}"\nkeywords = ["hs_"]\n'
        '[[rules]]\nid = "bare"\ndescription = "d"\nregex = "[a-z]{64}"\n'
    )
    scanner = cloister.Scanner(identifiers=False, gitleaks=config)
    [found] = scanner.scan("use hs_k3j9dlq0zx7pw2vb5nm1, please")
    assert (found.kind, found.category) == ("house", "secret")
    [(rule, reason)] = scanner.refusals
    assert rule == "bare" and reason.startswith("it has no keywords")
    assert cloister.Scanner().refusals == []


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


def test_offsets_are_told_in_every_unit() -> None:
    text = "é🩺 SSN: 123-45-6789"
    [found] = cloister.Scanner().scan(text)
    assert text.encode()[found.start_byte : found.end_byte] == b"123-45-6789"
    assert text.encode("utf-16-le")[2 * found.start_utf16 : 2 * found.end_utf16].decode("utf-16-le") == "123-45-6789"
    told = found.to_dict()
    assert told["bytes"] == [found.start_byte, found.end_byte]
    assert told["utf16"] == [found.start_utf16, found.end_utf16]


def test_a_finding_tells_why_in_words_of_its_rule() -> None:
    [found] = cloister.Scanner().scan("Medical-Record-Number: 987654")
    assert found.why["label"] == "medical record number" and found.why["layers"] == []
    assert found.to_dict()["why"] == found.why
    [card] = cloister.Scanner().scan("card 4111%2D1111%2D1111%2D1111")
    assert (card.why["check"], card.why["verdict"], card.why["layers"]) == ("card", "valid", ["percent"])
    [secret] = cloister.Detector().detect(f"key {STRIPE_KEY} end")
    assert secret.why["what"] and STRIPE_KEY not in str(secret.to_dict())


def test_a_profile_decides_which_identifiers_are_found() -> None:
    text = "seen on March 3, 2024, card 4111 1111 1111 1111"
    kinds = {
        profile: [found.kind for found in cloister.Scanner(profile=profile).scan(text)]  # type: ignore[arg-type]
        for profile in ("default", "hipaa", "pci")
    }
    assert kinds == {"default": ["credit_card"], "hipaa": ["date", "credit_card"], "pci": ["credit_card"]}
    with pytest.raises(cloister.InvalidArgumentError, match="no profile"):
        cloister.Scanner(profile="mars")  # type: ignore[arg-type]


def test_values_are_denied_and_allowed_by_value_and_by_pattern() -> None:
    scanner = cloister.Scanner(
        deny={"project": ["Heron"]},
        deny_patterns={"bed": [r"\bbed [0-9]+"]},
        allow=["HELP@example.org"],
        allow_patterns=["555-.*"],
        ignore_case=True,
    )
    text = "heron in bed 31, help@example.org, 555-123-4567"
    assert [(f.kind, text[f.start : f.end]) for f in scanner.scan(text)] == [("project", "heron"), ("bed", "bed 31")]
    assert scanner.scan(text)[0].why["origin"] == "deny_list"
    with pytest.raises(cloister.InvalidArgumentError, match="pattern number 1 of the deny list: "):
        cloister.Scanner(deny_patterns={"bed": ["bed ["]})


def test_each_kind_has_its_own_least_confidence() -> None:
    text = "5551234567 and 123-45-6789"
    assert [f.kind for f in cloister.Scanner(min_confidence_of={"phone": 0.99}).scan(text)] == ["ssn"]
    scanner = cloister.Scanner(min_confidence=1.0, min_confidence_of={"phone": 0.0})
    assert [f.kind for f in scanner.scan(text)] == ["phone"]
    with pytest.raises(cloister.InvalidArgumentError):
        cloister.Scanner(min_confidence_of={"no_such_kind": 0.5})


def test_rules_are_written_in_yaml_and_json_too() -> None:
    rule = {
        "id": "bed",
        "kind": "bed",
        "token": "BED",
        "what": "bed number",
        "anchors": ["bed"],
        "pattern": "bed (?P<value>[0-9]{3})",
        "confidence": 0.9,
    }
    yaml = "rule:\n- " + "\n  ".join(f"{name}: {json.dumps(value)}" for name, value in rule.items())
    for form, text in (("json", json.dumps({"rule": [rule]})), ("yaml", yaml)):
        scanner = cloister.Scanner(rules=text, rules_format=form)  # type: ignore[arg-type]
        assert [f.kind for f in scanner.scan("bed 312")] == ["bed"]
        with pytest.raises(cloister.InvalidArgumentError, match="rule `bed`: the pattern is not valid"):
            cloister.Scanner(rules=text.replace("{3}", "{3"), rules_format=form)  # type: ignore[arg-type]
    with pytest.raises(cloister.InvalidArgumentError, match="not a JSON pack: line 1"):
        cloister.Scanner(rules=yaml, rules_format="json")
    with pytest.raises(cloister.InvalidArgumentError, match="no such format"):
        cloister.Scanner(rules=yaml, rules_format="xml")  # type: ignore[arg-type]


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
