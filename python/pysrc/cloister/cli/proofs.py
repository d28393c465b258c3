"""``cloister audit keygen``, ``seal``, ``checkpoint``, ``hold``, ``prove``, ``check`` and ``grown``: what a log proves."""

import argparse
import sys

from cloister._native import (
    AuditLog,
    audit_check_consistency,
    audit_check_proof,
    audit_prove,
    audit_prove_consistency,
    audit_public_key,
    audit_seal,
    audit_signing_key,
)
from cloister.cli.inputs import log_key_from, text_of, write
from cloister.cli.status import CLEAN, FINDINGS


def keygen(options: argparse.Namespace) -> int:
    """Writes a signing key, and says its public key, which is no secret."""
    signing_key, public_key = audit_signing_key(options.name)
    write(options.output, f"{signing_key}\n".encode(), overwrite=options.force)
    # The key may go to the standard output.
    print(public_key, file=sys.stderr if options.output in (None, "-") else sys.stdout)
    return CLEAN


def public_key(options: argparse.Namespace) -> int:
    """Says the public key of a signing key."""
    print(audit_public_key(text_of(options.signing_key)))
    return CLEAN


def seal(options: argparse.Namespace) -> int:
    """Begins a sealed log and writes its key."""
    key = audit_seal(options.log)
    write(options.output, f"{key.to_base64()}\n".encode("ascii"), overwrite=options.force)
    return CLEAN


def checkpoint(options: argparse.Namespace) -> int:
    """Signs all records so far and writes the note."""
    note = _opened(options).checkpoint()
    write(options.output, note.encode(), overwrite=options.force)
    return CLEAN


def hold(options: argparse.Namespace) -> int:
    """Places a legal hold, or releases it."""
    log = _opened(options)
    changed = log.legal_hold(not options.release, options.reason)
    state = "no longer held" if options.release else "held"
    print(f"{state}" if changed else f"{state} already")
    return CLEAN


def prove(options: argparse.Namespace) -> int:
    """Writes the record and its proof into two files."""
    record, proof = audit_prove(options.log, options.seq, text_of(options.public_key))
    write(options.record, f"{record}\n".encode(), overwrite=options.force)
    write(options.proof, proof.encode(), overwrite=options.force)
    return CLEAN


def check(options: argparse.Namespace) -> int:
    """Says whether a proof holds."""
    record, proof = text_of(options.record), text_of(options.proof)
    return _said(audit_check_proof(record, proof, text_of(options.public_key)), "the record is in the log")


def grown(options: argparse.Namespace) -> int:
    """Says whether the log only grew since a checkpoint, by making the proof and checking it."""
    old, key = text_of(options.checkpoint), text_of(options.public_key)
    proof = audit_prove_consistency(options.log, old, key)
    if options.output:
        write(options.output, proof.encode(), overwrite=options.force)
    return _said(audit_check_consistency(old, proof, key), "the log only grew since the checkpoint")


def _opened(options: argparse.Namespace) -> AuditLog:
    signing_key = text_of(options.signing_key) if options.signing_key else None
    return AuditLog(options.log, key=log_key_from(options.key_file), signing_key=signing_key)


def _said(holds: bool, statement: str) -> int:
    print(f"proven: {statement}" if holds else f"NOT PROVEN: {statement}")
    return CLEAN if holds else FINDINGS
