"""``cloister audit query``, ``tail``, ``export`` and ``verify``."""

import argparse
import json
from socket import gethostname
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from cloister._native import Key, Verification, audit_export, audit_query, audit_query_with_proofs, audit_verify
from cloister.cli.console import output, printable
from cloister.cli.following import Following
from cloister.cli.inputs import log_key_from, text_of, write
from cloister.cli.status import CLEAN, FINDINGS
from cloister.errors import InvalidArgumentError
from cloister.types import QueryMembers


SECONDS: Final = len("2025-11-25T10:30:00")


def query(options: argparse.Namespace) -> int:
    """Prints matching records: a table, or one JSON record per line, with ``--prove`` each with its proof."""
    if options.prove:
        key = text_of(options.prove)
        for record, proof in audit_query_with_proofs(options.log, key, **conditions_of(options)):
            print(json.dumps({"record": record, "proof": proof}))
        return CLEAN
    _print(records_of(options, log_key_from(options.key_file)), as_json=options.json)
    return CLEAN


def export(options: argparse.Namespace) -> int:
    """Writes matching records in the form of another system."""
    records = records_of(options, log_key_from(options.key_file))
    lines = audit_export(records, options.format, options.host or gethostname())
    write(options.output, lines.encode(), overwrite=options.force)
    return CLEAN


def tail(options: argparse.Namespace) -> int:
    """Prints the newest records, oldest of them first, and with ``--follow`` those that come."""
    following = Following(options.log) if options.follow else None
    newest = audit_query(options.log, limit=max(1, options.lines), newest_first=True)
    if options.lines:
        _print(newest[::-1], as_json=options.json)
    if following:
        for record in following.records(newest[0]["chain"]["seq"] if newest else 0):
            _print([record], as_json=options.json)
    return CLEAN


def records_of(options: argparse.Namespace, key: Key | None = None) -> list[dict[str, Any]]:
    """The records that the conditions of a command leave: with the key of the log, or where it has none, by its index."""
    return audit_query(options.log, key, **conditions_of(options))


def conditions_of(options: argparse.Namespace) -> QueryMembers:
    """The conditions of a command."""
    filters = dict(_condition(text) for text in options.where)
    if options.subject is not None:
        filters["subject_id"] = options.subject
    return {
        "event_type": options.type,
        "user_id": options.user,
        "session_id": options.session,
        "action": options.action,
        "status": options.status,
        "classification": options.classification,
        "since": options.since,
        "until": options.until,
        "filters": filters,
        "limit": options.limit,
        "newest_first": options.newest,
    }


def _print(records: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        for record in records:
            print(json.dumps(record), flush=True)
    elif records:
        output().print(table_of(records))


def verify(options: argparse.Namespace) -> int:
    """Says whether the log is intact, where it is not, and what cannot be seen."""
    result = audit_verify(
        options.log,
        log_key_from(options.key_file),
        public_key=text_of(options.public_key) if options.public_key else None,
        checkpoints=[text_of(name) for name in options.checkpoint],
    )
    if options.json:
        members = ("intact", "records", "files", "keyed", "covered", "problems", "notes")
        print(json.dumps({name: getattr(result, name) for name in members}, indent=2))
    else:
        print(summary_of(result))
        for problem in result.problems:
            print(f"  {problem}")
        for note in result.notes:
            print(f"  note: {note}")
    return CLEAN if result.intact else FINDINGS


def summary_of(result: Verification) -> str:
    """One line about a verification."""
    state = "intact" if result.intact else "NOT INTACT"
    chain = "keyed chain" if result.keyed else "chain without a key"
    covered = "" if result.covered is None else f", {_count(result.covered, 'line')} covered by a checkpoint"
    return f"{state}: {_count(result.records, 'record')} in {_count(result.files, 'file')}, {chain}{covered}"


def table_of(records: list[dict[str, Any]]) -> Table:
    """Who did what, when, and what was found: one row per record."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("time (UTC)", "event", "user", "status", "identifiers", "secrets"):
        table.add_column(title, overflow="fold")
    for record in records:
        security = record.get("security")
        counts = security if isinstance(security, dict) else {}
        table.add_row(
            *(
                Text(printable(str(value)))
                for value in (
                    str(record.get("timestamp", ""))[:SECONDS].replace("T", " "),
                    record.get("event_type", ""),
                    record.get("user_id", ""),
                    record.get("status", ""),
                    counts.get("pii_scrubbed", ""),
                    counts.get("secrets_detected", ""),
                )
            )
        )
    return table


def _condition(text: str) -> tuple[str, object]:
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise InvalidArgumentError("`--where` takes KEY=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
