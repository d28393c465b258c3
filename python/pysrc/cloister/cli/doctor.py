"""``cloister doctor``."""

import argparse
import json

from cloister import models
from cloister._native import doctor
from cloister.cli.status import CLEAN
from cloister.errors import NotFoundError


def run(options: argparse.Namespace) -> int:
    """Says what this machine enforces and which model would be used."""
    report = doctor()
    model, missing = _model()
    if options.json:
        members = {
            "version": report.version,
            "cpu_features": report.cpu_features,
            "enforced": report.enforced,
            "not_enforced": report.not_enforced,
            "model": model,
        }
        print(json.dumps(members, indent=2))
        return CLEAN
    print(f"cloister {report.version}")
    print(f"CPU features in use: {', '.join(report.cpu_features) or 'none'}")
    print(f"model: {model or missing}")
    _list("enforced", report.enforced)
    _list("not enforced", report.not_enforced)
    return CLEAN


def _model() -> tuple[str | None, str]:
    try:
        return str(models.default_model()), ""
    except NotFoundError as error:
        return None, str(error)


def _list(title: str, lines: list[str]) -> None:
    if lines:
        print(f"{title}:")
        for line in lines:
            print(f"  {line}")
