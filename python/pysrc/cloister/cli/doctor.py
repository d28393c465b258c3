"""``cloister doctor``."""

import argparse
import json
from pathlib import Path
from typing import Any

from cloister import models
from cloister._native import AuditLog, attest, doctor, is_authentic
from cloister.cli.console import load_engine
from cloister.cli.inputs import log_key_from, trust_from
from cloister.cli.status import CLEAN, FINDINGS
from cloister.errors import InvalidArgumentError, NotFoundError


def run(options: argparse.Namespace) -> int:
    """Says what this machine enforces and which model would be used; proves it with ``--attest``."""
    if options.check:
        return _check(options)
    if options.attest:
        return _attest(options)
    report = doctor()
    model, missing = _model()
    if options.json:
        members = {
            "version": report.version,
            "cpu_variant": report.cpu_variant,
            "cpu_features": report.cpu_features,
            "cpu_features_unused": report.cpu_features_unused,
            "enforced": report.enforced,
            "not_enforced": report.not_enforced,
            "model": model,
        }
        print(json.dumps(members, indent=2))
        return CLEAN
    print(f"cloister {report.version}")
    print(f"build for this CPU: {report.cpu_variant or 'none'}")
    print(f"CPU features in use: {', '.join(report.cpu_features) or 'none'}")
    if report.cpu_features_unused:
        print(f"CPU features that this build does not use: {', '.join(report.cpu_features_unused)}")
    print(f"model: {model or missing}")
    _list("enforced", report.enforced)
    _list("not enforced", report.not_enforced)
    return CLEAN


def _attest(options: argparse.Namespace) -> int:
    log = AuditLog(options.log, key=log_key_from(options.key_file)) if options.log else None
    with load_engine(
        options.model or str(models.default_model()), threads=options.threads, trust=trust_from(options)
    ) as engine:
        found = attest(engine, audit=log)
    if options.html:
        Path(options.html).write_text(found.to_html(), "utf-8")
    if options.json:
        print(found.to_json())
    else:
        _show(json.loads(found.to_json()))
    return CLEAN if found.holds else FINDINGS


def _show(document: dict[str, Any]) -> None:
    library, engine = document["library"], document["engine"]
    print(f"cloister {library['version']} attestation of {document['created']}")
    print("verdict: " + ("everything that was tried was refused" if document["holds"] else "NOT everything is enforced"))
    print(f"library file: sha256 {library['file_sha256']}")
    if library["imports"]:
        print(f"import table: {library['imports']['count']} names, sha256 {library['imports']['names_sha256']}")
    print(f"model file: sha256 {engine['model_sha256']}")
    _list("enforced", document["enforced"])
    _list("not enforced", document["not_enforced"])
    print("MAC: " + (document["mac"]["value"] if "mac" in document else "none; hint: give --log and --key-file"))


def _check(options: argparse.Namespace) -> int:
    key = log_key_from(options.key_file)
    if not options.log or key is None:
        raise InvalidArgumentError("--check needs --log and --key-file: the attestation was made with that key")
    try:
        document = Path(options.check).read_text("utf-8")
    except FileNotFoundError:
        raise NotFoundError("the attestation does not exist") from None
    if is_authentic(document, AuditLog(options.log, key=key)):
        print("authentic: made with the key of this log, and not altered since")
        return CLEAN
    print("NOT authentic: made with another key, or altered")
    return FINDINGS


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
