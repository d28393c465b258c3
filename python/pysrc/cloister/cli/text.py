"""``cloister scrub`` and ``cloister scan``."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

from cloister._native import Finding, Scanner, Scrubbed
from cloister.cli import records
from cloister.cli.console import byte_progress
from cloister.cli.inputs import chunks_of, output_to, read, size_of
from cloister.cli.policy import scrub_by, scrubber_of
from cloister.cli.rules import scanner_from
from cloister.cli.status import CLEAN, FINDINGS
from cloister.errors import InvalidUtf8Error


def scrub(options: argparse.Namespace) -> int:
    """Writes the scrubbed text of each file, one after the other, as it is read."""
    parts_of = _scrubbing(options)
    with (
        output_to(options.output, overwrite=options.force) as out,
        byte_progress("scrubbing", size_of(options.files), quiet=options.quiet) as advance,
    ):
        for place, name in enumerate(options.files):
            # The text of a JSON report is one string: it comes at once.
            parts: list[str] = []
            found: list[Finding] = []
            for size, part in parts_of(name):
                advance(size, len(part.findings))
                if options.json:
                    parts.append(part.text)
                    found += part.findings
                else:
                    out.write(part.text.encode("utf-8"))
            if options.json:
                entry = {"file": name, "text": "".join(parts), "findings": [one.to_dict() for one in found]}
                before = '{"files": [' if place == 0 else ", "
                out.write(f"{before}{json.dumps(entry)}".encode())
        if options.json:
            out.write(b"]}\n")
    return CLEAN


def _scrubbing(options: argparse.Namespace) -> Callable[[str], Iterator[tuple[int, Scrubbed]]]:
    """The function that scrubs a file: as it is read, or at once where a vault or a subject goes with the whole text."""
    scrubber = scrubber_of(options, lambda: scanner_from(options))
    if options.vault is None and options.subject is None:

        def streamed(name: str) -> Iterator[tuple[int, Scrubbed]]:
            stream = scrubber.stream()
            return _parts(stream.push, stream.finish, name, options)

        return streamed
    scrub_whole = scrub_by(options, scrubber)

    def whole(name: str) -> Iterator[tuple[int, Scrubbed]]:
        content = read(name).content
        try:
            text = content.decode("utf-8", "replace") if options.lossy else content
            yield len(content), scrub_whole(text)
        except InvalidUtf8Error as error:
            raise _not_text(name, error) from None

    return whole


def scan(options: argparse.Namespace) -> int:
    """Prints where something was found, never what, as the files are read."""
    scanner = scanner_from(options)
    if options.records:
        return _scan_records(options, scanner)
    kinds: Counter[str] = Counter()
    with byte_progress("scanning", size_of(options.files), quiet=options.quiet) as advance:
        for place, name in enumerate(options.files):
            stream = scanner.stream()
            first = True
            if options.json:
                sys.stdout.write('{"files": [' if place == 0 else ", ")
                sys.stdout.write(f'{{"file": {json.dumps(name)}, "findings": [')
            for size, findings in _parts(stream.push, stream.finish, name, options):
                advance(size, len(findings))
                kinds.update(finding.kind for finding in findings)
                for finding in findings:
                    if options.json:
                        sys.stdout.write(f"{'' if first else ', '}{json.dumps(finding.to_dict())}")
                        first = False
                    else:
                        print(_line(name, finding))
            if options.json:
                sys.stdout.write("]}")
    if options.json:
        print(f'], "findings": {kinds.total()}, "kinds": {json.dumps(dict(kinds))}}}')
    return FINDINGS if kinds else CLEAN


def _scan_records(options: argparse.Namespace, scanner: Scanner) -> int:
    """As `scan`, of files of records: a finding is named by its record and field."""
    kinds: Counter[str] = Counter()
    with byte_progress("scanning", size_of(options.files), quiet=options.quiet) as advance:
        for place, name in enumerate(options.files):
            first = True
            if options.json:
                sys.stdout.write('{"files": [' if place == 0 else ", ")
                sys.stdout.write(f'{{"file": {json.dumps(name)}, "findings": [')
            for size, fields in records.fields_of(name, options.records, lossy=options.lossy):
                found = records.scan(scanner, fields)
                advance(size, len(found))
                kinds.update(placed.finding.kind for placed in found)
                for placed in found:
                    if options.json:
                        sys.stdout.write(f"{'' if first else ', '}{json.dumps(placed.to_dict())}")
                        first = False
                    else:
                        where = f"{name}:{placed.field.record}:{placed.field.name}:{placed.start + 1}"
                        print(_told(where, placed.finding))
            if options.json:
                sys.stdout.write("]}")
    if options.json:
        print(f'], "findings": {kinds.total()}, "kinds": {json.dumps(dict(kinds))}}}')
    return FINDINGS if kinds else CLEAN


T = TypeVar("T")


def _parts(
    push: Callable[[bytes | str], T], finish: Callable[[], T], name: str, options: argparse.Namespace
) -> Iterator[tuple[int, T]]:
    """What a stream makes of each chunk of a file, with the bytes of the chunk."""
    try:
        for size, chunk in chunks_of(name, lossy=options.lossy):
            yield size, push(chunk)
        yield 0, finish()
    except InvalidUtf8Error as error:
        raise _not_text(name, error) from None


def _not_text(name: str, error: InvalidUtf8Error) -> InvalidUtf8Error:
    return InvalidUtf8Error(f"{name}: {error}, or use `--lossy`")


def _line(name: str, finding: Finding) -> str:
    return _told(f"{name}:{finding.line}:{finding.column + 1}", finding)


def _told(place: str, finding: Finding) -> str:
    what = f"{finding.kind} ({finding.category}, {finding.severity}, confidence {finding.confidence:.2f})"
    advice = finding.rule.remediation
    return f"{place}: {what}; {advice}" if advice else f"{place}: {what}"
