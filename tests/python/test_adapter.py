"""A model that is changed by an adapter."""

from __future__ import annotations

import hashlib
import random
import struct
from pathlib import Path

import cloister
import pytest

# Of SmolLM2-135M.
WIDTH, RANK, WEIGHT = 576, 2, "blk.0.attn_output.weight"
QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
SHORT = cloister.ChatOptions(max_tokens=8, temperature=0.0)


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def adapter(folder: Path) -> Path:
    """A LoRA adapter in GGUF version 3 that adds noise to one matrix."""
    entries = {"general.type": "adapter", "general.architecture": "llama", "adapter.type": "lora"}
    head = struct.pack("<4sIQQ", b"GGUF", 3, 2, len(entries))
    for key, value in entries.items():
        head += text(key) + struct.pack("<I", 8) + text(value)
    size = WIDTH * RANK * 4
    for index, (part, columns, rows) in enumerate((("lora_a", WIDTH, RANK), ("lora_b", RANK, WIDTH))):
        head += text(f"{WEIGHT}.{part}") + struct.pack("<IQQIQ", 2, columns, rows, 0, index * size)
    head += bytes(-len(head) % 32)
    noise = random.Random(1)
    values = [noise.uniform(-1, 1) for _ in range(2 * WIDTH * RANK)]
    path = folder / "adapter.gguf"
    path.write_bytes(head + struct.pack(f"<{len(values)}f", *values))
    return path


def test_an_adapter_changes_the_answers_and_is_verified(model: str, tmp_path: Path) -> None:
    file = adapter(tmp_path)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    with cloister.Engine(model, context_tokens=256, threads=1) as plain:
        assert plain.info.adapter_sha256 is None
        expected = plain.chat(QUESTION, SHORT).text
    options = {"context_tokens": 256, "threads": 1, "adapter": file, "adapter_sha256": digest}
    with cloister.Engine(model, adapter_scale=0.0, **options) as unchanged:  # type: ignore[arg-type]
        assert unchanged.chat(QUESTION, SHORT).text == expected
    with cloister.Engine(model, **options) as changed:  # type: ignore[arg-type]
        assert changed.info.adapter_sha256 == digest
        assert changed.chat(QUESTION, SHORT).text != expected
    found = cloister.Engine.inspect(model, adapter=file)
    assert found.adapter_sha256 == digest and found.verified == "none"
    with pytest.raises(cloister.DeniedError):
        cloister.Engine(model, adapter=file, adapter_sha256="0" * 64)
    with pytest.raises(cloister.InvalidArgumentError, match="without an `adapter`"):
        cloister.Engine(model, adapter_sha256=digest)
    with pytest.raises(cloister.ModelError, match="adapter"):
        cloister.Engine(model, adapter=model)
