"""The documented snippets, as written, and the two documented test functions, verbatim."""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import re
from pathlib import Path
from typing import Any

import pytest
from attune_llm.security import (
    PIIScrubber,
    SecretsDetector,
    SecretType,
)
from cloister import UnsupportedError

EMPATHY_LLM = '''
from attune_llm import EmpathyLLM
from attune_llm.security import PIIScrubber
# Initialize with security enabled
llm = EmpathyLLM(
provider="anthropic",
api_key=os.getenv("ANTHROPIC_API_KEY"),
enable_security=True # Enables PII scrubbing
)
# Example with PHI
user_input = """
Patient John Doe (SSN: 123-45-6789, MRN: 987654)
called from 555-123-4567 about diabetes medication.
"""
# Process with automatic PII scrubbing
response = await llm.interact(
user_id="doctor@hospital.com",
user_input=user_input,
context={"classification": "SENSITIVE"}
)
'''

SECRETS = '''
from attune_llm.security import SecretsDetector
detector = SecretsDetector()
code_snippet = """
import openai
openai.api_key = "sk-XXXXXXXXXXXXXXXXXXXXXXXXXXXX"
"""
# Detect secrets
detections = detector.detect(code_snippet)
for secret in detections:
    print(f"⚠️ {secret.secret_type}: Line {secret.line}")
    print(f" Severity: {secret.severity}")
    print(f" Recommendation: {secret.remediation}")
'''

AUDIT = '''
from attune_llm.security import AuditLogger
logger = AuditLogger(
log_file="/var/log/empathy/audit.jsonl",
retention_days=90 # HIPAA minimum
)
# Automatically logs all interactions when security is enabled
logger.log_interaction(
user_id="doctor@hospital.com",
action="view_patient_record",
classification="SENSITIVE",
pii_scrubbed=4,
secrets_detected=0
)
# Query audit logs
logs = logger.query(
user_id="doctor@hospital.com",
start_date="2025-11-01",
end_date="2025-11-30"
)
print(f"Total interactions: {len(logs)}")
print(f"Total PII scrubbed: {sum(log['security']['pii_scrubbed'] for log in logs)}")
'''

ENCRYPTION = '''
from attune_llm.security import encrypt_sensitive_data, decrypt_sensitive_data
# Encrypt PHI before storing
encrypted_data = encrypt_sensitive_data(
data={"patient_id": "PT123456", "diagnosis": "Diabetes Type 2"},
encryption_key=os.getenv("ENCRYPTION_KEY"), # 32-byte key
classification="SENSITIVE"
)
# Store encrypted data
database.store(encrypted_data)
# Decrypt when needed (with authorization)
decrypted = decrypt_sensitive_data(
encrypted_data,
encryption_key=os.getenv("ENCRYPTION_KEY")
)
'''

IN_TRANSIT = '''
llm = EmpathyLLM(
provider="anthropic",
api_key=os.getenv("ANTHROPIC_API_KEY"),
enable_security=True,
tls_verify=True # Enforce TLS certificate validation
)
'''

ACCESS = '''
from attune_llm.wizards import HealthcareWizard
from attune_llm.security import AccessControl
# Define roles
access_control = AccessControl()
access_control.add_role("physician", permissions=["read_phi", "write_phi"])
access_control.add_role("nurse", permissions=["read_phi"])
access_control.add_role("admin", permissions=["read_phi", "write_phi", "view_audit_logs"])
# Check permissions before granting access
if access_control.has_permission(user_role="nurse", permission="read_phi"):
    wizard = HealthcareWizard(llm)
    result = await wizard.process(
    user_input="Patient handoff for bed 312",
    user_id="nurse@hospital.com"
    )
'''

LOCAL_ENGINE = '''
engine = SecureInferenceEngine("model.gguf")
response = engine.chat(messages)  # No external calls!
'''


def execute(snippet: str, **names: Any) -> dict[str, Any]:
    """Runs a snippet, which may hold ``await``, and gives its names."""
    scope = {"os": os, **names}
    code = compile(snippet, "<snippet>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def run() -> None:
        outcome = eval(code, scope)
        if inspect.iscoroutine(outcome):
            await outcome

    asyncio.run(run())
    return scope


@pytest.fixture(autouse=True)
def work_in_a_directory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_pii_scrubbing():
    scrubber = PIIScrubber()
    text = "Patient SSN 123-45-6789 called from 555-123-4567"
    scrubbed = scrubber.scrub(text)
    # Verify PII removed
    assert "123-45-6789" not in scrubbed
    assert "555-123-4567" not in scrubbed
    # Verify scrubbed items tracked
    items = scrubber.get_scrubbed_items(text)
    assert len(items) == 2
    assert any(item['type'] == 'ssn' for item in items)


def test_secrets_detection():
    detector = SecretsDetector()
    code = 'api_key = "sk_live_XXXXXXXXXXXXXXXXXXXXXXXXXXXX"'
    detections = detector.detect(code)
    assert len(detections) > 0
    assert detections[0].secret_type == SecretType.STRIPE_KEY


def test_the_remote_provider_says_in_one_sentence_what_is_missing() -> None:
    with pytest.raises(UnsupportedError, match="no adapter for the provider `anthropic`; hint: "):
        execute(EMPATHY_LLM)


def test_the_first_snippet_answers_with_the_local_model(model: str) -> None:
    snippet = EMPATHY_LLM.replace('provider="anthropic"', 'provider="local", model=MODEL, max_tokens=24')
    scope = execute(snippet, MODEL=model)
    records = scope["llm"].audit_logger.query(event_type="llm_request")
    assert sorted(records[0]["security"]["pii_types"]) == ["mrn", "name", "phone", "ssn"]
    assert records[0]["classification"] == "SENSITIVE"
    assert scope["response"]["content"]
    assert "123-45-6789" not in Path("logs/audit.jsonl").read_text("utf-8")


def test_the_secrets_snippet_prints_what_it_promises(capsys: pytest.CaptureFixture[str]) -> None:
    execute(SECRETS)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "⚠️ OPENAI_API_KEY: Line 3"
    assert lines[1] == " Severity: HIGH"
    assert lines[2].startswith(" Recommendation: ") and len(lines[2]) > 30


def test_the_audit_snippet_finds_what_it_logged(tmp_path: Path) -> None:
    here = AUDIT.replace("/var/log/empathy", str(tmp_path / "log"))
    here = here.replace('"2025-11-01"', "TODAY").replace('"2025-11-30"', "TODAY")
    from datetime import datetime, timezone

    scope = execute(here, TODAY=datetime.now(timezone.utc).date().isoformat())
    assert len(scope["logs"]) == 1
    record = scope["logs"][0]
    assert record["action"] == "view_patient_record"
    assert record["classification"] == "SENSITIVE"
    assert record["security"]["pii_scrubbed"] == 4
    assert record["compliance"]["retention_days"] == 90


def test_the_encryption_snippet_gives_the_data_back(monkeypatch: pytest.MonkeyPatch) -> None:
    class Database:
        def store(self, data: str) -> None:
            assert "PT123456" not in data

    monkeypatch.setenv("ENCRYPTION_KEY", "k9fJ2mQ7xL4vT8bN3cR6yW1zD5gH0pSa")
    scope = execute(ENCRYPTION, database=Database())
    assert scope["decrypted"] == {"patient_id": "PT123456", "diagnosis": "Diabetes Type 2"}


def test_certificate_validation_can_be_asked_for() -> None:
    from attune_llm import EmpathyLLM

    assert execute(IN_TRANSIT, EmpathyLLM=EmpathyLLM)["llm"].tls_verify is True


def test_the_wizard_answers_whoever_has_the_permission(model: str) -> None:
    from attune_llm import EmpathyLLM

    llm = EmpathyLLM(provider="local", model=model, enable_security=True, max_tokens=24)
    result = execute(ACCESS, llm=llm)["result"]
    assert result["content"]
    assert result["hipaa_compliance"]["audit_logged"] is True
    assert result["hipaa_compliance"]["phi_detected"] is False


def test_the_local_engine_answers_without_external_calls(model: str) -> None:
    from secure_inference_engine import SecureInferenceEngine

    messages = [{"role": "user", "content": "Say hello."}]
    snippet = LOCAL_ENGINE.replace('"model.gguf"', "MODEL")
    scope = execute(snippet, SecureInferenceEngine=SecureInferenceEngine, MODEL=model, messages=messages)
    answer = next(scope["response"])
    assert answer["role"] == "assistant" and answer["content"]


@pytest.mark.parametrize(
    "pattern",
    [
        r"requests|urllib|http|socket",
        r"subprocess|Popen|run\(",
        r"open\(.*[\"']w|\.write\(",
        r"telemetry|analytics|tracking",
    ],
)
def test_the_documented_code_audit_finds_nothing(pattern: str) -> None:
    import cloister.secure_inference_engine

    source = inspect.getsource(cloister.secure_inference_engine)
    assert re.findall(pattern, source, re.IGNORECASE) == []
