"""The drop-in's scrubber and detector: the known behaviour, without the known defects."""

from __future__ import annotations

import re
import time

import cloister
import pytest
from attune_llm.security import (
    PIIScrubber,
    SecretsDetector,
    SecretType,
    Severity,
    detect_secrets,
)
from attune_llm.security import pii_scrubber as module
from conftest import NOTE, STRIPE_KEY


def test_the_result_is_a_tuple_that_reads_like_its_text() -> None:
    result = PIIScrubber().scrub("SSN 123-45-6789")
    text, detections = result
    assert isinstance(result, tuple) and len(result) == 2
    assert text == "SSN [SSN]" == result == str(result) == f"{result}"
    assert "[SSN]" in result and "123-45-6789" not in result and result != "SSN"
    assert result[1] is detections and result.lower() == "ssn [ssn]" and hash(result) == hash(text)
    assert PIIScrubber().scrub("") == ("", [])


def test_a_detection_tells_where_and_never_shows_what() -> None:
    [found] = PIIScrubber().scrub("é SSN 123-45-6789")[1]
    assert (found.pii_type, found.start_pos, found.end_pos) == ("ssn", 6, 17)
    assert found.matched_text == "123-45-6789" and found.replacement == "[SSN]"
    assert found.metadata == {"original_length": 11, "replacement_length": 5}
    assert "6789" not in f"{found} {found.to_dict()} {found.to_audit_safe_dict()}"
    assert found.to_audit_safe_dict()["position"] == "6-17"


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("MRN: 987654", "[MRN]"),
        ("Patient ID: 1234567", "[PATIENT_ID]"),
        ("seen PT123456 today", "seen [PATIENT_ID] today"),
        ("insurance INS12345678", "insurance [INSURANCE_ID]"),
        ("born 01/15/1980", "born [DOB]"),
        ("NPI 1234567893", "NPI [NPI]"),
        ("mail john@example.com", "mail [EMAIL]"),
        ("from 192.168.1.1", "from [IP]"),
        ("from 2001:db8::1", "from [IP]"),
        ("card 4111-1111-1111-1111", "card [CC]"),
        ("Patient John Doe", "Patient [NAME]"),
        ("live at 123 Main Street", "live at [ADDRESS]"),
    ],
)
def test_identifiers_are_replaced(text: str, scrubbed: str) -> None:
    assert PIIScrubber().scrub(text) == scrubbed


@pytest.mark.parametrize("text", ["card 4111-1111-1111-1112", "at 1718000000", "build 123456789"])
def test_numbers_without_label_or_check_digit_stay(text: str) -> None:
    assert PIIScrubber().scrub(text) == text


def test_names_can_be_left_alone() -> None:
    assert PIIScrubber(enable_name_detection=False).scrub("Patient John Doe") == "Patient John Doe"
    scrubber = PIIScrubber(enable_name_detection=False)
    scrubber.enable_pattern("name")
    assert scrubber.scrub("Patient John Doe") == "Patient [NAME]"


def test_patterns_are_disabled_by_name_or_by_field() -> None:
    scrubber = PIIScrubber()
    scrubber.disable_pattern("ssn")
    assert scrubber.scrub("SSN 123-45-6789") == "SSN 123-45-6789"
    scrubber.patterns["ssn"].enabled = True
    assert scrubber.scrub("SSN 123-45-6789") == "SSN [SSN]"
    with pytest.raises(ValueError, match="Pattern 'nothing' not found"):
        scrubber.disable_pattern("nothing")


def test_patterns_of_ones_own_join_the_native_ones() -> None:
    scrubber = PIIScrubber()
    scrubber.add_custom_pattern("employee", r"(?<=staff )EMP-\d+(?!\d)", "[EMP]", description="badge")
    scrubber.add_custom_pattern("badge", r"BDG\d+", "[EMP]", confidence=0.5)
    text, found = scrubber.scrub("staff EMP-77, BDG5, SSN 123-45-6789")
    assert text == "staff [EMP], [EMP], SSN [SSN]"
    assert [item.pii_type for item in found] == ["employee", "badge", "ssn"]
    assert scrubber.get_pattern_info("employee")["is_custom"] is True
    scrubber.disable_pattern("badge")
    assert scrubber.scrub("BDG5") == "BDG5"
    scrubber.remove_custom_pattern("badge")
    for wrong, message in {
        "ssn": "Cannot remove default pattern 'ssn'. Use disable_pattern() instead.",
        "badge": "Pattern 'badge' not found",
    }.items():
        with pytest.raises(ValueError, match=re.escape(message)):
            scrubber.remove_custom_pattern(wrong)
    with pytest.raises(ValueError, match="Pattern 'employee' already exists"):
        scrubber.add_custom_pattern("employee", "x", "y")
    with pytest.raises(ValueError, match="Invalid regex pattern"):
        scrubber.add_custom_pattern("open", "(", "y")


def test_a_default_pattern_wins_over_a_custom_one_at_the_same_place() -> None:
    scrubber = PIIScrubber()
    scrubber.add_custom_pattern("digits", r"\d{3}-\d{2}-\d{4}", "[X]")
    assert scrubber.scrub("SSN 123-45-6789") == "SSN [SSN]"
    scrubber.add_custom_pattern("nothing", r"x*", "[Y]")
    assert scrubber.scrub("abc") == "abc"


def test_the_statistics_add_up() -> None:
    scrubber = PIIScrubber()
    scrubber.add_custom_pattern("badge", r"BDG\d+", "[EMP]")
    scrubber.disable_pattern("ssn")
    counts = scrubber.get_statistics()
    assert counts["total_patterns"] == counts["default_patterns"] + 1
    assert counts["enabled_default"] == counts["default_patterns"] - 1
    assert counts["pattern_names"]["custom"] == ["badge"]
    assert {"email", "ssn", "phone", "credit_card", "ipv4", "mrn"} <= set(scrubber.patterns)


def test_the_built_in_cases_pass() -> None:
    results = PIIScrubber().validate_patterns()
    assert [(item["pattern"], item["total_tests"]) for item in results] == [
        ("email", 3),
        ("ssn", 4),
        ("phone", 4),
        ("credit_card", 4),
        ("ipv4", 3),
        ("mrn", 4),
    ]
    assert [item["pattern"] for item in results if item["failed"]] == []


def test_a_native_pattern_can_be_searched_with() -> None:
    pattern = PIIScrubber().patterns["ssn"].pattern
    match = pattern.search("SSN 123-45-6789")
    assert match is not None and match.group() == "123-45-6789" and match.span() == (4, 15)
    assert pattern.findall("nothing") == [] and pattern.pattern == "cloister:ssn"


def test_both_import_paths_give_the_same_class() -> None:
    assert module.PIIScrubber is PIIScrubber


def test_every_type_is_a_native_kind_and_the_other_kinds_are_generic() -> None:
    kinds = {rule.kind for rule in cloister.Scanner(identifiers=False).rules}
    assert {kind.value for kind in SecretType} - kinds == set()
    assert len(kinds) > 300 and {SecretType.of_kind(kind) for kind in kinds} == set(SecretType)


def test_a_kind_without_a_type_of_its_own_is_generic_and_named_in_the_metadata() -> None:
    token = "dop_v1_" + "0123456789abcdef" * 4
    [found] = SecretsDetector().detect(f"the token is {token}.")
    assert found.secret_type is SecretType.GENERIC_API_KEY
    assert found.metadata["kind"].startswith("digitalocean")


def test_a_secret_has_the_fields_of_both_generations() -> None:
    [found] = SecretsDetector().detect(f'\napi_key = "{STRIPE_KEY}"')
    assert (found.secret_type, found.severity) == (SecretType.STRIPE_KEY, Severity.HIGH)
    assert found.line == found.line_number == 2 and found.column_start < found.column_end
    assert 0 < found.confidence <= 1 and found.remediation
    assert found.to_dict()["secret_type"] == "stripe_key"
    assert f"{found.secret_type} {found.severity}" == "STRIPE_KEY HIGH"


def test_a_short_vendor_key_is_a_generic_one() -> None:
    found = SecretsDetector().detect('api_key = "sk_live_abc123xyz789"')
    assert [item.secret_type for item in found] == [SecretType.GENERIC_API_KEY]


def test_no_snippet_shows_a_neighbour() -> None:
    text = f"a = '{STRIPE_KEY}'; b = 'AKIAQYLPMN5HFIQR7XYZ'; password = 'correct-horse-9'"
    assert SecretsDetector(alert_from=0.7).detect('password = "tiger"') == []
    found = SecretsDetector(max_context_chars=200).detect(text)
    assert len(found) == 3
    for item in found:
        shown = f"{item} {item.to_dict()}"
        assert STRIPE_KEY not in shown and "AKIAQYLPMN5" not in shown and "horse" not in shown


def test_scrubbing_first_hides_nothing_from_the_detector() -> None:
    for secret in (
        "sk_live_51HxJ1234567890abcdefghijklm",
        "AKIA1234567890ABCDEF",
        "postgres://admin:hunter2secret@db.example.com",
        "postgresql://admin:hunter2secret@db.example.com",
    ):
        assert SecretsDetector().detect(f"use {secret} now"), secret


def test_random_strings_are_found_as_configured() -> None:
    text = "x = 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ0Lf8Rw'"
    [found] = SecretsDetector().detect(text)
    assert found.secret_type is SecretType.HIGH_ENTROPY_STRING and found.severity is Severity.LOW
    assert found.metadata["entropy"] > 4.5 and found.metadata["length"] == 32
    assert SecretsDetector(enable_entropy_analysis=False).detect(text) == []
    assert SecretsDetector(entropy_threshold=5.5).detect(text) == []
    assert SecretsDetector(min_entropy_length=40).detect(text) == []
    assert SecretsDetector(min_entropy_length=10, entropy_threshold=3.0).detect("x = 'aB3dE5gH7jK9'")


def test_secrets_of_ones_own_are_found_too() -> None:
    detector = SecretsDetector()
    detector.add_custom_pattern("internal", r"^KEY-\w{4}$", "Critical")
    [found] = detector.detect("one\nKEY-abcd\ntwo")
    assert (found.line, found.column_start, found.column_end) == (2, 0, 8)
    assert found.severity is Severity.CRITICAL and found.metadata == {"custom_pattern": "internal"}
    assert "abcd" not in found.context_snippet
    assert detector.get_statistics()["custom_patterns"] == 1
    assert detector.remove_custom_pattern("internal") and not detector.remove_custom_pattern("internal")
    with pytest.raises(ValueError, match="Must be: critical, high, medium, low"):
        detector.add_custom_pattern("x", "x", "awful")
    with pytest.raises(ValueError, match="Invalid regex pattern"):
        detector.add_custom_pattern("x", "(", "low")


def test_one_call_detects_too() -> None:
    assert detect_secrets("") == [] == SecretsDetector().detect("")
    assert detect_secrets(NOTE) == []
    assert detect_secrets(f"x {STRIPE_KEY}", enable_entropy_analysis=False)


def test_hostile_text_takes_linear_time() -> None:
    def seconds(text: str) -> float:
        began = time.perf_counter()
        PIIScrubber().scrub(text)
        SecretsDetector().detect(text)
        return time.perf_counter() - began

    for piece in ("a.", "eyJ-", "1-", "a@b.co "):
        seconds(piece * 1000)
        assert seconds(piece * 50_000) < 5, piece
