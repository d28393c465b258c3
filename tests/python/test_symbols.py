"""The module of the wheel imports nothing that could open a connection or start a program."""

from __future__ import annotations

import shutil
import subprocess
from fnmatch import fnmatchcase

import cloister._native
from conftest import REPOSITORY

FORBIDDEN = REPOSITORY / "tests" / "vectors" / "forbidden-symbols.txt"


def test_no_forbidden_symbol_is_imported() -> None:
    nm = shutil.which("nm")
    assert nm, "nm is needed; hint: install binutils"
    listing = subprocess.run(
        [nm, "-D", "--undefined-only", str(cloister._native.__file__)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    symbols = {line.split()[-1].split("@")[0] for line in listing.splitlines() if line.strip()}
    lines = FORBIDDEN.read_text("utf-8").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    assert "PyModule_Create2" in symbols or "PyModuleDef_Init" in symbols
    assert [name for name in sorted(symbols) if any(fnmatchcase(name, p) for p in patterns)] == []
