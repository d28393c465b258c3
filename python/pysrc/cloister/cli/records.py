"""Files of records: CSV, TSV and JSON Lines, one record at a time and each field by its name."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from typing import IO, Any, Final

from cloister._native import Finding, Scanner
from cloister.cli.inputs import opened
from cloister.errors import InvalidArgumentError, InvalidUtf8Error, TooLargeError

FORMS: Final = ("csv", "tsv", "jsonl")
LARGEST_FIELD: Final = 16 << 20
"""Of a CSV field in characters; of a line of JSON Lines in characters too."""


@dataclass(frozen=True)
class Field:
    """A value of a record. Records count from 1; the line with the names of a CSV file is none."""

    record: int
    name: str
    label: str
    value: str


@dataclass(frozen=True)
class Placed:
    """A finding within the value of a field; ``start`` and ``end`` count its code points."""

    field: Field
    finding: Finding
    start: int
    end: int

    def to_dict(self) -> dict[str, Any]:
        """What tells of the finding, without the offsets in the text that was scanned for it."""
        members = self.finding.to_dict()
        kept = {name: members[name] for name in ("kind", "rule", "category", "severity", "confidence", "why")}
        return {"record": self.field.record, "field": self.field.name, "start": self.start, "end": self.end} | kept


def fields_of(name: str, form: str, *, lossy: bool = False) -> Iterator[tuple[int, list[Field]]]:
    """The fields of each record of a file, or of stdin for ``-``, with the bytes that were read for it.

    In a CSV or TSV file (RFC 4180) the first record names the fields. In JSON Lines the fields are the strings and
    numbers of the object, by their path: ``patient.names[0]``.

    Raises:
        InvalidArgumentError: a record is not of the form.
        InvalidUtf8Error: the file is not UTF-8, and ``lossy`` was not said.
        NotFoundError, StorageError: the file cannot be read.
        TooLargeError: a field, or a line of JSON, is longer than `LARGEST_FIELD`.
    """
    with opened(name) as file:
        text = TextIOWrapper(file, "utf-8-sig", errors="replace" if lossy else "strict", newline="")
        read = 0
        try:
            for fields in _jsonl(text, name) if form == "jsonl" else _csv(text, name, form):
                # What is buffered counts once it is read; a pipe has no position.
                at = file.tell() if file.seekable() else 0
                yield at - read, fields
                read = at
        except UnicodeDecodeError:
            raise InvalidUtf8Error(f"{name}: not UTF-8; hint: convert it, or use `--lossy`") from None
        finally:
            text.detach()


def _csv(text: IO[str], name: str, form: str) -> Iterator[list[Field]]:
    csv.field_size_limit(LARGEST_FIELD)
    rows = csv.reader(text, delimiter="\t" if form == "tsv" else ",")
    record = 0
    try:
        names = next(rows, [])
        for record, row in enumerate(rows, 1):
            yield [
                Field(record, *_named(names, place), value) for place, value in enumerate(row) if value
            ]
    except csv.Error:
        raise TooLargeError(
            f"{name}: record {record + 1} is not {form.upper()}; hint: a field is too long, or a quote is not closed"
        ) from None


def _named(names: list[str], place: int) -> tuple[str, str]:
    """The name of a column, by its number where it has none, and the label that it is."""
    name = names[place].strip() if place < len(names) else ""
    return (name, name) if name else (str(place + 1), "")


def _jsonl(text: IO[str], name: str) -> Iterator[list[Field]]:
    record = 0
    while line := text.readline(LARGEST_FIELD + 1):
        if len(line) > LARGEST_FIELD:
            raise TooLargeError(f"{name}: record {record + 1} is too long; hint: one record a line")
        if not line.strip():
            continue
        record += 1
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise InvalidArgumentError(f"{name}: record {record} is not JSON; hint: one record a line") from None
        yield [Field(record, path or "value", label, leaf) for path, label, leaf in _leaves(value)]


def _leaves(root: Any) -> Iterator[tuple[str, str, str]]:
    """Strings and numbers with their path and the name that they bear."""
    pending: list[tuple[str, str, Any]] = [("", "", root)]
    while pending:
        path, label, value = pending.pop()
        if isinstance(value, dict):
            members = [(f"{path}.{key}" if path else key, key, inner) for key, inner in value.items()]
            pending += reversed(members)
        elif isinstance(value, list):
            pending += reversed([(f"{path}[{place}]", label, inner) for place, inner in enumerate(value)])
        elif isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != "":
            yield path, label, str(value)


def scan(scanner: Scanner, fields: list[Field]) -> list[Placed]:
    """What is found in the fields of a record, ascending. The name of a field is the label of its value."""
    found = scanner.scan_record([(field.label, field.value) for field in fields])
    return [Placed(field, one, one.start, one.end) for field, of_field in zip(fields, found) for one in of_field]
