"""``cloister inspect``."""

import argparse
import json

from cloister.cli.inputs import trust_from
from cloister.cli.status import CLEAN
from cloister.engine import Engine
from cloister.models import default_model


def run(options: argparse.Namespace) -> int:
    """Checks a model file and says who vouches for it and what it takes of the memory, without loading it."""
    found = Engine.inspect(
        options.model or default_model(), context_tokens=options.context, **trust_from(options)
    )
    memory = found.memory
    members = {
        "name": found.name,
        "architecture": found.architecture,
        "training_context_tokens": found.training_context_tokens,
        "context_tokens": found.context_tokens,
        "sha256": found.sha256,
        "verified": found.verified,
        "signer": found.signer,
        "adapter_sha256": found.adapter_sha256,
        "memory": {
            "weights_bytes": memory.weights_bytes,
            "cache_bytes": memory.cache_bytes,
            "compute_bytes": memory.compute_bytes,
            "total_bytes": memory.total_bytes,
        },
        "available_bytes": found.available_bytes,
    }
    if options.json:
        print(json.dumps(members, indent=2))
        return CLEAN
    free = "unknown" if found.available_bytes is None else _mebibytes(found.available_bytes)
    print(f"model: {found.name} ({found.architecture})")
    print(f"context: {found.context_tokens} of {found.training_context_tokens} tokens")
    print(f"sha256: {found.sha256}")
    if found.adapter_sha256:
        print(f"adapter: sha256 {found.adapter_sha256}")
    print(f"verified: {found.verified}" + (f", signed by {found.signer}" if found.signer else ""))
    print(f"memory: {_mebibytes(memory.total_bytes)} needed, {free} free")
    print(f"  weights {_mebibytes(memory.weights_bytes)}")
    print(f"  keys and values {_mebibytes(memory.cache_bytes)}")
    print(f"  buffers {_mebibytes(memory.compute_bytes)}")
    return CLEAN


def _mebibytes(count: int) -> str:
    return f"{count / 2**20:.0f} MiB"
