"""``cloister access check``, ``roles``, ``emergencies`` and ``review``, and the session that other commands act in."""

import argparse
import getpass
import json
import os
from contextlib import suppress
from typing import Any

from rich.table import Table
from rich.text import Text

from cloister._native import AccessControl, AuditLog, Session
from cloister.cli.console import output, printable
from cloister.cli.inputs import log_key_from, text_of
from cloister.cli.status import CLEAN, FINDINGS
from cloister.errors import InvalidArgumentError


def login_name() -> str:
    """The name that this user is logged in with."""
    with suppress(KeyError, OSError):
        return getpass.getuser()
    return f"uid:{os.getuid()}"


def table_from(name: str | None) -> AccessControl | None:
    """The table of a file, where one was named."""
    return None if name is None else AccessControl.parse(text_of(name))


def session_of(options: argparse.Namespace, access: AccessControl | None, log: AuditLog | None) -> Session:
    """The session of whoever runs the command, in a role of the table."""
    user = options.user or login_name()
    return Session(user, _role_of(user, options.role, access), access=access, audit=log if access else None)


def check(options: argparse.Namespace) -> int:
    """Says whether a user may do something, in each of their roles, and why; status 1 if in none of them."""
    access = AccessControl.parse(text_of(options.access))
    roles = [options.role] if options.role else access.roles_of(options.user) or [""]
    answers = []
    for role in roles:
        allowed, reason = access.decide(options.user, role, options.permission)
        answers.append({"role": role, "allowed": allowed, "reason": reason})
    if options.json:
        print(json.dumps(answers, indent=2))
    else:
        for answer in answers:
            verdict = "allowed" if answer["allowed"] else "denied"
            acting = f" as {answer['role']}" if answer["role"] else ""
            print(printable(f"{verdict}{acting}: {answer['reason']}"))
    return CLEAN if any(answer["allowed"] for answer in answers) else FINDINGS


def roles(options: argparse.Namespace) -> int:
    """Prints each role with all that it may do, inherited or not, and the users who have it."""
    access = AccessControl.parse(text_of(options.access))
    holders = {user: access.roles_of(user) for user in access.users}
    found = [
        {
            "role": role,
            "permissions": access.permissions(role) or [],
            "users": [user for user, assigned in holders.items() if role in assigned],
        }
        for role in access.roles
    ]
    if options.json:
        print(json.dumps(found, indent=2))
    elif found:
        table = _table("role", "permissions", "users")
        for entry in found:
            table.add_row(
                str(entry["role"]), "\n".join(entry["permissions"]), printable("\n".join(entry["users"]))
            )
        output().print(table)
    return CLEAN


def emergencies(options: argparse.Namespace) -> int:
    """Prints the emergency accesses that nobody has reviewed yet; status 1 if there are any."""
    found = _reviewer(options).emergencies_to_review()
    if options.json:
        print(json.dumps(found, indent=2))
    elif found:
        output().print(_cases(found))
    return FINDINGS if found else CLEAN


def review(options: argparse.Namespace) -> int:
    """Closes an emergency access of somebody else, and prints the id of the record."""
    print(_reviewer(options).review_emergency(options.id, options.verdict == "justified", options.note))
    return CLEAN


def _reviewer(options: argparse.Namespace) -> Session:
    access = AccessControl.parse(text_of(options.access))
    if not os.path.exists(options.log):
        raise InvalidArgumentError(f"{options.log}: no such log")
    log = AuditLog(options.log, key=log_key_from(options.key_file), access=access)
    return session_of(options, access, log)


def _role_of(user: str, role: str | None, access: AccessControl | None) -> str:
    """The role that was named, or the only one that the user has."""
    if role or access is None:
        return role or ""
    assigned = access.roles_of(user)
    if len(assigned) > 1:
        raise InvalidArgumentError("the user has several roles; hint: choose one with `--role`")
    return assigned[0] if assigned else ""


def _cases(found: list[dict[str, Any]]) -> Table:
    table = _table("id", "time (UTC)", "user", "role", "reason", "permissions")
    for record in found:
        case = record["break_glass"]
        table.add_row(
            case["id"],
            record["timestamp"][: len("2025-11-25T10:30:00")].replace("T", " "),
            Text(printable(record["user_id"])),
            case["role"],
            Text(printable(case["reason"])),
            "\n".join(case["permissions"]),
        )
    return table


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    return table
