"""What the wheel ships imports nothing that could open a connection or start a program, and exports nothing but the module."""

from __future__ import annotations

import shutil
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

import cloister
from conftest import REPOSITORY

FORBIDDEN = REPOSITORY / "core" / "src" / "isolation" / "forbidden-symbols.txt"


def binaries() -> list[Path]:
    """Every shared library that was installed, whatever processor it is for."""
    package = Path(cloister.__file__).parent
    beside = [package.parent / f"{package.name}.libs", package]
    found = [path for folder in beside if folder.is_dir() for path in folder.rglob("*.so*")]
    assert any(path.name.startswith("_native") for path in found)
    return found


def symbols(binary: Path, which: str) -> set[str]:
    nm = shutil.which("nm")
    assert nm, "nm is needed; hint: install binutils"
    listing = subprocess.run([nm, "-D", which, str(binary)], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1].split("@")[0] for line in listing.splitlines() if line.strip()}


def test_no_forbidden_symbol_is_imported() -> None:
    lines = FORBIDDEN.read_text("utf-8").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    for binary in binaries():
        found = symbols(binary, "--undefined-only")
        assert "malloc" in found
        assert [name for name in sorted(found) if any(fnmatchcase(name, p) for p in patterns)] == [], binary.name


def test_nothing_is_exported_but_the_module() -> None:
    native = next(path for path in binaries() if path.name.startswith("_native"))
    assert symbols(native, "--defined-only") == {"PyInit__native"}
