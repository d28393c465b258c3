"""Who vouches for a model file, and whether it fits: before anything else reads it."""

import json
from hashlib import sha256
from pathlib import Path

import cloister
import pytest
from cloister.errors import DeniedError, InvalidArgumentError

from conftest import Run

SIGNED = Path(__file__).parents[2] / "core" / "tests" / "signed_model"
MODEL = SIGNED / "model.gguf"


def text(name: str) -> str:
    return (SIGNED / name).read_text("utf-8")


def test_an_inspection_tells_the_digest_and_the_memory(model: str) -> None:
    found = cloister.Engine.inspect(model, context_tokens=1024)
    assert found.sha256 == sha256(Path(model).read_bytes()).hexdigest()
    assert found.verified == "none" and found.signer is None
    assert found.context_tokens == 1024 <= found.training_context_tokens
    memory = found.memory
    assert memory.total_bytes == memory.weights_bytes + memory.cache_bytes + memory.compute_bytes
    assert memory.weights_bytes < Path(model).stat().st_size < memory.total_bytes
    wider = cloister.Engine.inspect(model, context_tokens=2048).memory
    assert wider.cache_bytes == 2 * memory.cache_bytes and wider.weights_bytes == memory.weights_bytes


@pytest.mark.parametrize(
    ("signature", "given", "scheme"),
    [
        ("minisign.minisig", {"public_key": "minisign.pub"}, "minisign:"),
        ("p256.json", {"public_key": "p256.pub"}, "key:"),
        ("ed25519.json", {"public_key": "ed25519.pub"}, "key:"),
        ("certificate.json", {"root_certificates": "root.pem"}, "certificate:"),
    ],
)
def test_signatures_are_verified(signature: str, given: dict[str, str], scheme: str) -> None:
    trust = {name: text(file) for name, file in given.items()}
    found = cloister.Engine.inspect(MODEL, require="signature", signature=text(signature), **trust)  # type: ignore[arg-type]
    assert found.verified == "signature" and found.signer is not None and found.signer.startswith(scheme)


def test_what_is_not_vouched_for_is_not_loaded(model: str) -> None:
    for arguments in (
        {"require": "hash"},
        {"require": "signature", "sha256": sha256(Path(model).read_bytes()).hexdigest()},
        {"sha256": "0" * 64},
        {"signature": text("minisign.minisig"), "public_key": text("minisign.pub")},
        {"signature": text("certificate.json"), "root_certificates": text("root.pem")},
    ):
        with pytest.raises(DeniedError):
            cloister.Engine(model, **arguments)  # type: ignore[arg-type]
    for wrong in ({"require": "much"}, {"sha256": "0"}, {"public_key": text("p256.pub")}):
        with pytest.raises(InvalidArgumentError):
            cloister.Engine(model, **wrong)  # type: ignore[arg-type]


def test_what_was_verified_stands_in_the_audit_log(model: str, tmp_path: Path) -> None:
    digest = sha256(Path(model).read_bytes()).hexdigest()
    log = cloister.AuditLog(tmp_path / "audit.jsonl")
    with cloister.Engine(model, context_tokens=512, threads=1, require="hash", sha256=digest) as engine:
        assert engine.info.sha256 == digest and engine.info.verified == "hash"
        assert engine.info.memory.weights_bytes > 0
        guard = cloister.Guard(engine, audit=log)
        guard.chat(cloister.Session("ann"), "Say yes.", cloister.ChatOptions(max_tokens=1))
    records = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text("utf-8").splitlines()]
    models = [record["llm"] for record in records if "llm" in record]
    assert models
    assert all(it["model_sha256"] == digest and it["model_verified"] == "hash" for it in models)


def test_the_command_inspects_a_file(run: Run) -> None:
    files = ("--signature", str(SIGNED / "minisign.minisig"), "--public-key", str(SIGNED / "minisign.pub"))
    done = run("inspect", str(MODEL), "--require", "signature", *files, "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 0 and report["verified"] == "signature"
    assert report["sha256"] == sha256(MODEL.read_bytes()).hexdigest()
    done = run("inspect", str(MODEL), *files)
    assert done.returncode == 0 and b"signed by minisign:" in done.stdout
    other = ("--signature", str(SIGNED / "other_minisign.minisig"), "--public-key", str(SIGNED / "minisign.pub"))
    done = run("inspect", str(MODEL), *other)
    assert done.returncode == 3 and b"signed by somebody else" in done.stderr


def test_a_chat_without_a_required_signature_is_refused(run: Run, model: str) -> None:
    done = run("chat", "--model", model, "--require", "signature", "--no-log", "Say yes.")
    assert done.returncode == 3 and b"a signature is required" in done.stderr
