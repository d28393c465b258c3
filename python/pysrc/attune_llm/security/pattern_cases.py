"""The cases of ``PIIScrubber.validate_patterns``: texts, and whether the kind must be found in them."""

from collections.abc import Mapping, Sequence
from typing import Final

CASES: Final[Mapping[str, Sequence[tuple[str, bool]]]] = {
    "email": (
        ("write to john.doe@example.com", True),
        ("write to j+d@mail.example.co.uk today", True),
        ("john.doe at example", False),
    ),
    "ssn": (
        ("SSN: 123-45-6789", True),
        ("SSN 123 45 6789", True),
        ("number 000-45-6789", False),
        ("number 666-45-6789", False),
    ),
    "phone": (
        ("call 555-123-4567", True),
        ("call (555) 123-4567", True),
        ("call +1-555-123-4567", True),
        ("version 1.2.3", False),
    ),
    "credit_card": (
        ("card 4111-1111-1111-1111", True),
        ("card 5500 0000 0000 0004", True),
        ("card 378282246310005", True),
        ("card 4111-1111-1111-1112", False),
    ),
    "ipv4": (
        ("from 192.168.1.1", True),
        ("from 10.0.0.254:443", True),
        ("from 999.168.1.1", False),
    ),
    "mrn": (
        ("MRN: 987654", True),
        ("MRN 1234567", True),
        ("mrn#123456", True),
        ("MRN pending", False),
    ),
}
