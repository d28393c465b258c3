"""``cloister conversations list``, ``delete``, ``erase`` and ``expire``, and the store that ``chat`` saves to."""

import argparse
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from cloister._native import AccessControl, AuditLog, ConversationStore, Session, SubjectKeys
from cloister.cli.access import session_of, table_from
from cloister.cli.console import output, printable
from cloister.cli.inputs import key_from, log_key_from
from cloister.cli.status import CLEAN


def store_of(
    directory: str, key_file: str | None, log: AuditLog | None, access: AccessControl | None
) -> ConversationStore:
    """The store in a directory, which is made if it is not there: ``keys`` and ``conversations`` in it."""
    folder = Path(directory)
    folder.mkdir(mode=0o700, exist_ok=True)
    subjects = SubjectKeys(folder / "keys", key_from(key_file))
    return ConversationStore(folder / "conversations", subjects, audit=log, access=access)


def listed(options: argparse.Namespace) -> int:
    """Prints the conversations of a person that have not expired."""
    store, session = _opened(options)
    found = store.list(session, options.subject)
    if options.json:
        print(json.dumps(found, indent=2))
    elif found:
        output().print(_table_of(found))
    return CLEAN


def delete(options: argparse.Namespace) -> int:
    """Erases one conversation, and prints what is gone and the record that says so."""
    store, session = _opened(options)
    print(json.dumps(store.delete(session, options.subject, options.id), indent=2))
    return CLEAN


def erase(options: argparse.Namespace) -> int:
    """Destroys the key of a person and all their conversations, and prints what is gone."""
    store, session = _opened(options)
    print(json.dumps(store.erase_subject(session, options.subject), indent=2))
    return CLEAN


def expire(options: argparse.Namespace) -> int:
    """Erases what is past its retention."""
    store, _ = _opened(options)
    count = store.expire()
    print("1 conversation erased" if count == 1 else f"{count} conversations erased")
    return CLEAN


def _opened(options: argparse.Namespace) -> tuple[ConversationStore, Session]:
    log = AuditLog(options.log, key=log_key_from(options.key_file)) if options.log else None
    access = table_from(options.access)
    session = session_of(options, access, log)
    return store_of(options.store, options.store_key, log, access), session


def _table_of(found: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("id", "title", "user", "class", "turns", "saved (UTC)", "kept until"):
        table.add_column(title, overflow="fold")
    for saved in found:
        table.add_row(
            saved["id"],
            Text(printable(saved["title"])),
            Text(printable(saved["user"])),
            saved["classification"],
            str(saved["turns"]),
            f"{datetime.fromtimestamp(saved['saved'], timezone.utc):%Y-%m-%d %H:%M:%S}",
            f"{datetime.fromtimestamp(saved['expires'], timezone.utc):%Y-%m-%d}",
        )
    return table
