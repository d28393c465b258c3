"""The README's quick start, pasted as it stands into a shell at the root of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(?:Save as `(?P<name>[\w.]+)`:\n\n)?^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.M | re.S)
LEFT_BEHIND = ["quickstart", "quickstart-cpp", "quickstart.py", "quickstart.c", "quickstart.cpp", "out", "logs"]


@pytest.fixture
def clean_root() -> None:
    """The quick start leaves files in the folder where it is pasted; none may be there before, none stays behind."""
    remove_leftovers()
    yield
    remove_leftovers()


def remove_leftovers() -> None:
    for path in [*(ROOT / name for name in LEFT_BEHIND), *ROOT.glob("audit.jsonl*")]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def quick_start() -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text.split("\n## Quick start\n")[1].split("\n## ")[0]


def test_the_quick_start_works_pasted_as_is(clean_root: None) -> None:
    if not (ROOT / ".venv/bin/python").samefile(sys.executable):
        pytest.fail("the quick start uses .venv; hint: run `make test`")
    script = ["set -e"]
    for block in BLOCK.finditer(quick_start()):
        if block["name"]:
            (ROOT / block["name"]).write_text(block["body"], encoding="utf-8")
        elif block["language"] == "python":
            script.append(f".venv/bin/python - <<'PASTED'\n{block['body']}PASTED")
        else:
            script.append(block["body"])
    assert len(script) == 6, "the quick start has a Python, a drop-in, a command-line, a C and a C++ part"
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=ROOT,
        env={**os.environ, "CLOISTER_MODEL": os.environ["CLOISTER_TEST_MODEL"]},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("the model saw:") == 3
    seen = [line for line in done.stdout.splitlines() if line.startswith("the model saw:")]
    assert all("[NAME" in line and "John Doe" not in line for line in seen), seen
    assert "SSN [SSN] called from [PHONE] ['ssn', 'phone']" in done.stdout
    assert "OPENAI_API_KEY 1 HIGH" in done.stdout
    assert "log intact: True" in done.stdout
