"""``cloister scrub`` and ``cloister scan``."""

import argparse
import json
import sys
from collections import Counter
from typing import Any

from cloister._native import Finding, Scanner, Scrubber
from cloister.cli.console import byte_progress
from cloister.cli.inputs import Input, read, size_of
from cloister.cli.status import CLEAN, FINDINGS
from cloister.errors import Error


def scrub(options: argparse.Namespace) -> int:
    """Writes the scrubbed text of each file, one after the other."""
    scanner = _scanner(options)
    scrubber = Scrubber(scanner, style="mask" if options.mask else "redact")
    results: list[dict[str, Any]] = []
    with byte_progress("scrubbing", size_of(options.files)) as advance:
        for name in options.files:
            source = read(name)
            try:
                scrubbed = scrubber.scrub(source.content)
            except Error as error:
                raise _named(error, source) from None
            if options.json:
                results.append(
                    {
                        "file": name,
                        "text": scrubbed.text,
                        "findings": [finding.to_dict() for finding in scrubbed.findings],
                    }
                )
            else:
                sys.stdout.buffer.write(scrubbed.text.encode("utf-8"))
            advance(len(source.content))
    if options.json:
        _print_json({"files": results})
    return CLEAN


def scan(options: argparse.Namespace) -> int:
    """Prints where something was found, never what."""
    scanner = _scanner(options)
    found: list[tuple[str, list[Finding]]] = []
    with byte_progress("scanning", size_of(options.files)) as advance:
        for name in options.files:
            source = read(name)
            try:
                found.append((name, scanner.scan(source.content)))
            except Error as error:
                raise _named(error, source) from None
            advance(len(source.content))
    if options.json:
        _print_json(_report(found))
    else:
        for name, findings in found:
            for finding in findings:
                print(_line(name, finding))
    return FINDINGS if any(findings for _, findings in found) else CLEAN


def _scanner(options: argparse.Namespace) -> Scanner:
    return Scanner(
        identifiers=options.only != "secrets",
        secrets=options.only != "identifiers",
        rules=read(options.rules).content if options.rules else None,
        without=options.without,
        allow=options.allow,
        min_confidence=options.min_confidence,
    )


def _line(name: str, finding: Finding) -> str:
    place = f"{name}:{finding.line}:{finding.column + 1}"
    what = f"{finding.kind} ({finding.category}, {finding.severity}, confidence {finding.confidence:.2f})"
    advice = finding.rule.remediation
    return f"{place}: {what}; {advice}" if advice else f"{place}: {what}"


def _report(found: list[tuple[str, list[Finding]]]) -> dict[str, Any]:
    return {
        "files": [
            {"file": name, "findings": [finding.to_dict() for finding in findings]}
            for name, findings in found
        ],
        "findings": sum(len(findings) for _, findings in found),
        "kinds": dict(Counter(finding.kind for _, findings in found for finding in findings)),
    }


def _named(error: Error, source: Input) -> Error:
    return type(error)(f"{source.name}: {error}")


def _print_json(value: object) -> None:
    print(json.dumps(value))
