"""The first example of the package's README runs as pasted."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import REPOSITORY


def test_the_first_example_runs(
    tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLOISTER_MODEL", model)
    text = (REPOSITORY / "python" / "README.md").read_text("utf-8")
    example = text.split("```python\n", 1)[1].split("```", 1)[0]
    exec(compile(example, "README.md", "exec"), {})
    prompt = capsys.readouterr().out.splitlines()[0]
    assert "[NAME_1]" in prompt and "[MRN_1]" in prompt and "987654" not in prompt
    assert (tmp_path / "audit.jsonl").is_file()
