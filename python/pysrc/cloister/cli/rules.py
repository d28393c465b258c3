"""``cloister rules``, and the scanner that the options of a command describe."""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any, Final, Literal

from rich.table import Table

from cloister._native import Rule, Scanner
from cloister.cli.console import messages, output
from cloister.cli.inputs import read
from cloister.cli.status import CLEAN
from cloister.errors import InvalidArgumentError

Format = Literal["toml", "yaml", "json"]

FORMATS: Final[dict[str, Format]] = {".toml": "toml", ".yaml": "yaml", ".yml": "yaml", ".json": "json"}
"""What the end of a file name says about the rules in it."""


def rules(options: argparse.Namespace) -> int:
    """Lists the rules that a scan with the same options would use."""
    found = scanner_from(options).rules
    if options.json:
        print(json.dumps({"rules": [_record(rule) for rule in found]}))
        return CLEAN
    table = Table("id", "kind", "category", "severity", "country", "profiles", "what", "source", box=None)
    for rule in found:
        table.add_row(
            rule.id,
            rule.kind,
            rule.category,
            rule.severity,
            rule.country or "",
            " ".join(rule.profiles),
            rule.what,
            rule.source,
        )
    output().print(table, markup=False)
    return CLEAN


def scanner_from(options: argparse.Namespace) -> Scanner:
    """The scanner that the options of a command ask for. Rules that it cannot use are told on stderr.

    Raises:
        InvalidArgumentError: an option or a rule makes no sense.
    """
    least: dict[str, float] = dict(options.min_confidence)
    everywhere = least.pop("", None)
    scanner = Scanner(
        identifiers=options.only != "secrets",
        secrets=options.only != "identifiers",
        profile=options.profile,
        rules=read(options.rules).content if options.rules else None,
        rules_format=_format(options.rules) if options.rules else "toml",
        without=options.without,
        allow=options.allow,
        allow_patterns=options.allow_pattern,
        deny=_by_kind("--deny", options.deny),
        deny_patterns=_by_kind("--deny-pattern", options.deny_pattern),
        ignore_case=options.ignore_case,
        min_confidence=everywhere,
        min_confidence_of=least,
        gitleaks=read(options.gitleaks).content if options.gitleaks else None,
    )
    for rule, reason in scanner.refusals:
        messages().print(f"{options.gitleaks}: rule `{rule}` is left out: {reason}", markup=False)
    return scanner


def _record(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "kind": rule.kind,
        "token": rule.token,
        "category": rule.category,
        "severity": rule.severity,
        "country": rule.country,
        "profiles": rule.profiles,
        "what": rule.what,
        "source": rule.source,
    }


def _format(name: str) -> Format:
    try:
        return FORMATS[Path(name).suffix.lower()]
    except KeyError:
        message = f"{name}: rules are read from {', '.join(FORMATS)}; hint: name the file after what it is written in"
        raise InvalidArgumentError(message) from None


def _by_kind(option: str, entries: list[str]) -> dict[str, list[str]]:
    lists: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries:
        kind, separator, value = entry.partition("=")
        if not separator:
            raise InvalidArgumentError(f"`{option}` takes KIND=VALUE")
        lists[kind].append(value)
    return lists
