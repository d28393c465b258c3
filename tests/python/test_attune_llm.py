"""``EmpathyLLM`` and the wizards, with an application's own provider and with the model in this process."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import attune_llm
import cloister
import pytest
from attune_llm import BaseLLMProvider, EmpathyLevel, EmpathyLLM, LLMResponse, UserPattern
from attune_llm.security import SecurityError
from attune_llm.state import CollaborationState, PatternType
from attune_llm.wizards import BaseWizard, HealthcareWizard, WizardConfig
from conftest import NOTE, STRIPE_KEY


class Echo(BaseLLMProvider):
    """Answers with the last message, and keeps what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.model = "echo-1"
        self.seen: list[list[dict[str, str]]] = []
        self.prompts: list[str] = []

    async def generate(
        self,
        messages: list[dict[str, str]],
        system_prompt: str | None = None,
        temperature: float = 0.7,
        max_tokens: int = 1024,
        **kwargs: Any,
    ) -> LLMResponse:
        await asyncio.sleep(0)
        self.seen.append(messages)
        self.prompts.append(system_prompt or "")
        return LLMResponse(messages[-1]["content"], self.model, 42, "stop", {})


@pytest.fixture
def provider() -> Echo:
    return Echo()


@pytest.fixture
def llm(provider: Echo, tmp_path: Path) -> EmpathyLLM:
    return EmpathyLLM(
        provider, enable_security=True, security_config={"audit_log_dir": str(tmp_path / "logs")}
    )


def ask(llm: EmpathyLLM, text: str, **others: Any) -> dict[str, Any]:
    return asyncio.run(llm.interact("ann", text, **others))


def test_the_provider_sees_placeholders_and_the_user_does_not(llm: EmpathyLLM, provider: Echo) -> None:
    result = ask(llm, NOTE, context={"classification": "INTERNAL"})
    assert result["content"] == NOTE
    seen = provider.seen[0][-1]["content"]
    assert "6789" not in seen and "John" not in seen and "[SSN_1]" in seen
    assert result["metadata"] == {"tokens_used": 42, "model": "echo-1", "history_turns": 0}
    assert (result["level_used"], result["proactive"]) == (2, False)
    security = result["security"]
    assert security["pii_detected"] == 4 and security["pii_scrubbed"] is True
    assert set(security["pii_types"]) == {"ssn", "mrn", "phone", "name"}
    assert security["secrets_detected"] == 0
    assert llm.audit_logger is not None
    request, response = llm.audit_logger.query()
    assert [request["event_id"], response["event_id"]] == security["audit_event_ids"]
    assert request["user_id"] == "ann" and request["classification"] == "INTERNAL"
    assert all("John" not in turn.content for turn in llm.states["ann"].interactions)


@pytest.mark.parametrize(
    "secret",
    [STRIPE_KEY, "AKIA1234567890ABCDEF", "postgres://admin:hunter2secret@db.example.com"],
)
def test_a_secret_blocks_the_request_before_anything_is_sent(
    llm: EmpathyLLM, provider: Echo, secret: str
) -> None:
    with pytest.raises(SecurityError, match=r"^Request blocked: 1 secret\(s\) detected in input\.") as raised:
        ask(llm, f"use {secret}")
    assert secret not in str(raised.value) and provider.seen == []
    assert llm.audit_logger is not None
    assert llm.audit_logger.get_violation_summary()["by_type"] == {"secrets_detected": 1}


def test_secrets_can_be_redacted_instead(provider: Echo, tmp_path: Path) -> None:
    config = {"block_on_secrets": False, "enable_audit_logging": False}
    llm = EmpathyLLM(provider, enable_security=True, security_config=config)
    assert ask(llm, f"use {STRIPE_KEY}")["content"] == "use [STRIPE_KEY]"
    assert llm.audit_logger is None


def test_history_is_sent_once_and_within_its_window(llm: EmpathyLLM, provider: Echo) -> None:
    for number in range(5):
        ask(llm, f"question {number}")
    contents = [message["content"] for message in provider.seen[-1]]
    assert contents.count("question 4") == 1 and contents[-1] == "question 4"
    assert len(contents) <= 6 and "question 0" not in contents
    ask(llm, "alone", force_level=1)
    assert [message["content"] for message in provider.seen[-1]] == ["alone"]


def test_patterns_of_the_application_take_part(llm: EmpathyLLM, provider: Echo) -> None:
    assert llm.pii_scrubber is not None and llm.secrets_detector is not None
    llm.pii_scrubber.add_custom_pattern("badge", r"BDG\d+", "[BADGE]")
    llm.pii_scrubber.disable_pattern("phone")
    ask(llm, "BDG77 at 555-123-4567")
    assert provider.seen[-1][-1]["content"] == "[BADGE] at 555-123-4567"
    llm.secrets_detector.add_custom_pattern("internal", r"KEY-\w{4}", "high")
    with pytest.raises(SecurityError, match="Request blocked: 1"):
        ask(llm, "KEY-abcd")


def test_without_security_the_text_goes_as_it_is_with_a_warning(provider: Echo) -> None:
    with pytest.warns(UserWarning, match="SECURITY WARNING"):
        llm = EmpathyLLM(provider)
    result = ask(llm, NOTE)
    assert provider.seen[0][-1]["content"] == NOTE and "security" not in result
    assert llm.pii_scrubber is None and llm.audit_logger is None


def test_the_environment_turns_security_on(
    provider: Echo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTUNE_ENABLE_SECURITY", "yes")
    assert EmpathyLLM(provider).enable_security


@pytest.mark.parametrize("name", ["anthropic", "openai", "gemini", "google"])
def test_remote_providers_are_configured_but_not_asked(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    llm = EmpathyLLM(provider=name, api_key=None, enable_security=True, tls_verify=True)
    with pytest.raises(cloister.UnsupportedError, match='hint: use provider="local"'):
        ask(llm, NOTE)


def test_wrong_arguments_are_refused(llm: EmpathyLLM) -> None:
    with pytest.raises(ValueError, match="Unknown provider: nobody"):
        EmpathyLLM("nobody")
    with pytest.raises(ValueError, match="Invalid level: 9"):
        ask(llm, "hello", force_level=9)
    with pytest.raises(TypeError, match="colour"):
        EmpathyLLM("local", enable_security=True, security_config={"colour": 1})


def test_an_error_of_the_provider_reaches_the_application(tmp_path: Path) -> None:
    class Broken(Echo):
        async def generate(self, *args: Any, **kwargs: Any) -> LLMResponse:
            raise TimeoutError("no answer")

    config = {"audit_log_dir": str(tmp_path / "logs")}
    llm = EmpathyLLM(Broken(), enable_security=True, security_config=config)
    with pytest.raises(TimeoutError, match="no answer"):
        ask(llm, "hello")
    assert llm.audit_logger is not None
    assert len(llm.audit_logger.query(status="failed")) == 1


def test_roles_are_checked(provider: Echo, tmp_path: Path) -> None:
    access = cloister.AccessControl()
    access.add_role("nurse", ["read_phi"])
    config = {"audit_log_dir": str(tmp_path / "logs")}
    llm = EmpathyLLM(provider, enable_security=True, security_config=config, access_control=access)
    assert ask(llm, "hello", context={"role": "nurse"})["content"] == "hello"
    with pytest.raises(PermissionError):
        ask(llm, "hello")


def test_a_cancelled_request_ends_the_provider_and_leaves_the_user_free(tmp_path: Path) -> None:
    class Slow(Echo):
        cancelled = False

        async def generate(self, *args: Any, **kwargs: Any) -> LLMResponse:
            if not self.seen:
                self.seen.append([])
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    self.cancelled = True
                    raise
            return await super().generate(*args, **kwargs)

    provider = Slow()
    config = {"audit_log_dir": str(tmp_path / "logs")}
    llm = EmpathyLLM(provider, enable_security=True, security_config=config)

    async def main() -> dict[str, Any]:
        task = asyncio.create_task(llm.interact("ann", "first"))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await llm.interact("ann", "second")

    assert asyncio.run(main())["content"] == "second"
    assert provider.cancelled


def test_two_requests_of_one_user_take_turns(llm: EmpathyLLM) -> None:
    async def main() -> list[dict[str, Any]]:
        return list(await asyncio.gather(*(llm.interact("ann", f"text {n}") for n in range(4))))

    assert [result["content"] for result in asyncio.run(main())] == [f"text {n}" for n in range(4)]


def test_trust_and_patterns_raise_the_level(llm: EmpathyLLM, provider: Echo) -> None:
    pattern = UserPattern(PatternType.SEQUENTIAL, "handoff", "list", 0.9, 3, datetime.now(timezone.utc))
    llm.add_pattern("ann", pattern)
    for _ in range(3):
        llm.update_trust("ann", "success")
    result = ask(llm, "the handoff please")
    assert result["level_used"] == 3 and result["proactive"]
    assert result["metadata"]["pattern"]["trigger"] == "handoff"
    assert llm.get_statistics("ann")["trust_level"] == pytest.approx(0.65)
    llm.reset_state("ann")
    assert llm.get_statistics("ann")["total_interactions"] == 0
    with pytest.raises(ValueError, match="unknown outcome"):
        llm.update_trust("ann", "maybe")


def test_the_pattern_library_reaches_level_five_scrubbed(provider: Echo, tmp_path: Path) -> None:
    llm = EmpathyLLM(
        provider,
        target_level=5,
        pattern_library={"contact": "call SSN 123-45-6789"},
        enable_security=True,
        security_config={"audit_log_dir": str(tmp_path / "logs")},
    )
    result = ask(llm, "hello", force_level=5)
    assert result["metadata"]["pattern_library_size"] == 1 and result["proactive"]
    assert "contact: call SSN [SSN_1]" in provider.prompts[-1]


def test_the_five_levels_are_described() -> None:
    for level in EmpathyLevel:
        assert EmpathyLevel.get_description(level) and EmpathyLevel.get_system_prompt(level)
        assert EmpathyLevel.get_typical_use_cases(level)
    recommended = [EmpathyLevel.get_temperature_recommendation(level) for level in EmpathyLevel]
    assert recommended == [0.7, 0.6, 0.5, 0.3, 0.4]
    lengths = [EmpathyLevel.get_max_tokens_recommendation(level) for level in EmpathyLevel]
    assert lengths == [1024, 1536, 2048, 4096, 4096]
    assert [EmpathyLevel.should_use_json_mode(level) for level in range(1, 6)] == [False] * 3 + [True] * 2
    assert EmpathyLevel.get_required_context(3)["user_patterns"]
    state = CollaborationState("ann")
    state.add_interaction("user", "hello", 2)
    assert state.get_conversation_history() == [{"role": "user", "content": "hello"}]


def test_memory_files_stand_before_the_prompt(provider: Echo, tmp_path: Path) -> None:
    from attune_llm.claude_memory import ClaudeMemoryConfig, ClaudeMemoryLoader

    (tmp_path / "CLAUDE.md").write_text("House rules.\n@more.md\n", "utf-8")
    (tmp_path / "more.md").write_text("Ask SSN 123-45-6789.", "utf-8")
    config = ClaudeMemoryConfig(enabled=True, load_enterprise=False, load_user=False)
    llm = EmpathyLLM(
        provider,
        claude_memory_config=config,
        project_root=str(tmp_path),
        enable_security=True,
        security_config={"audit_log_dir": str(tmp_path / "logs")},
    )
    ask(llm, "hello")
    assert provider.prompts[-1].startswith("House rules.\nAsk SSN [SSN_1].")
    (tmp_path / "CLAUDE.md").write_text("@../../../etc/hostname\n", "utf-8")
    with pytest.raises(ValueError, match="outside its directory"):
        ClaudeMemoryLoader(config).load_all_memory(str(tmp_path))


def test_the_wizard_reports_what_really_happened(llm: EmpathyLLM, provider: Echo) -> None:
    wizard = HealthcareWizard(
        llm, enable_medication_scrubbing=True, custom_phi_patterns=[r"bed \d+"]
    )
    result = asyncio.run(
        wizard.process("Patient John Doe, bed 312, takes metformin", "ann", patient_id="1234567")
    )
    seen = provider.seen[-1][-1]["content"]
    for value in ("John", "312", "metformin", "1234567"):
        assert value not in seen
    report = result["hipaa_compliance"]
    assert report["phi_detected"] and report["phi_scrubbed"] and report["audit_logged"]
    assert report["classification"] == "SENSITIVE" and report["retention_days"] == 90
    assert result["wizard"] == {
        "name": "Healthcare Assistant",
        "domain": "healthcare",
        "empathy_level": 3,
    }
    assert {"ssn", "mrn", "dob", "insurance_id", "npi", "medication_name"} <= set(wizard.get_phi_patterns())
    status = wizard.get_hipaa_compliance_status()
    assert status["compliant"] == all(status["checks"].values())
    assert len(status["recommendations"]) == list(status["checks"].values()).count(False)


def test_a_wizard_needs_a_guarded_model(provider: Echo) -> None:
    with pytest.warns(UserWarning):
        llm = EmpathyLLM(provider)
    with pytest.raises(ValueError, match="hint: EmpathyLLM"):
        HealthcareWizard(llm)
    open_wizard = BaseWizard(llm, WizardConfig("Notes", "office", enable_security=False))
    result = asyncio.run(open_wizard.process("hello", "ann", session_context={"topic": "budget"}))
    assert result["content"] == "topic: budget\n\nhello" and open_wizard.get_name() == "Notes"


def test_the_local_provider_answers_in_this_process(engine: cloister.Engine, tmp_path: Path) -> None:
    provider = attune_llm.LocalProvider(engine=engine, max_tokens=24)
    llm = EmpathyLLM(
        provider, enable_security=True, security_config={"audit_log_dir": str(tmp_path / "logs")}
    )
    result = ask(llm, "Repeat: patient John Doe is stable.")
    assert result["content"] and result["metadata"]["tokens_used"] > 0
    assert result["metadata"]["model"] == engine.info.name
    assert provider.get_model_info()["max_tokens"] == 2048
    assert provider.estimate_tokens("hello world") == 2
    response = asyncio.run(provider.generate([{"role": "user", "content": "Say hello."}]))
    assert response.content and response.finish_reason in ("stop", "length")


def test_what_is_exported_is_there() -> None:
    import attune_llm.security

    for module in (attune_llm, attune_llm.security):
        for name in module.__all__:
            assert getattr(module, name) is not None
