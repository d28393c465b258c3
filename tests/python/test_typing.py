"""The stubs say what the module is, and the sources hold what they promise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cloister
from conftest import REPOSITORY


def run(*arguments: str, cwd: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stubs_agree_with_the_module(tmp_path: Path) -> None:
    run("mypy.stubtest", "cloister._native", cwd=tmp_path)


def test_the_sources_pass_strict_type_checking() -> None:
    run("mypy", cwd=REPOSITORY / "python")


def test_everything_public_is_documented() -> None:
    for name in cloister.__all__:
        if name != "__version__":
            assert getattr(cloister, name).__doc__, name


def test_every_package_is_marked_as_typed() -> None:
    package = Path(cloister.__file__).parent
    for name in ("cloister", "attune_llm", "secure_inference_engine"):
        assert (package.parent / name / "py.typed").is_file()
