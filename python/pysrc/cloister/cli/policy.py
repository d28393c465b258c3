"""What ``cloister scrub`` does with a finding, and the vault of ``cloister restore``."""

import argparse
import os
import sys
from collections.abc import Callable

from cloister._native import Cipher, Key, Scanner, Scrubbed, Scrubber, Vault
from cloister.cli.inputs import KEY_VARIABLE, key_from, read
from cloister.cli.status import CLEAN
from cloister.errors import InvalidArgumentError

Scrub = Callable[[bytes | str], Scrubbed]


def scrub_by(options: argparse.Namespace, scrubber: Scrubber) -> Scrub:
    """The function that scrubs a whole text; a vault is saved before the text is given."""
    if options.vault is None:
        return lambda text: scrubber.scrub(text, subject=options.subject)
    cipher = Cipher(key_from(options.key_file))
    vault = Vault.open(options.vault, cipher) if os.path.exists(options.vault) else Vault()

    def pseudonymize(text: bytes | str) -> Scrubbed:
        scrubbed = scrubber.pseudonymize(text, vault, subject=options.subject)
        vault.save(options.vault, cipher)
        return scrubbed

    return pseudonymize


def restore(options: argparse.Namespace) -> int:
    """Writes each file with the values of the vault put back."""
    vault = Vault.open(options.vault, Cipher(key_from(options.key_file)))
    for name in options.files:
        sys.stdout.buffer.write(vault.restore(read(name).content).encode("utf-8"))
    return CLEAN


def scrubber_of(options: argparse.Namespace, scanner: Callable[[], Scanner]) -> Scrubber:
    """What scrubs as the options say.

    ``scanner`` makes the one that the options choose; a policy chooses its own unless they do.
    """
    if options.policy is None and not options.operator:
        return Scrubber(scanner(), style="mask" if options.mask else "redact")
    if options.mask:
        raise InvalidArgumentError("`--mask` and a policy are both given; hint: use `--operator '*=mask'`")
    return Scrubber(
        scanner() if _chooses_rules(options) or options.policy is None else None,
        policy=_policy(options.policy),
        key=_key(options.key_file),
        operators=dict(options.operator),
    )


def _policy(named: str | None) -> str | bytes | None:
    """A file, or the name of a ready-made policy."""
    if named is None or not os.path.exists(named):
        return named
    return read(named).content


def _key(key_file: str | None) -> Key | None:
    """The key, where there is one: not every policy needs it."""
    return key_from(key_file) if key_file or os.environ.get(KEY_VARIABLE) else None


def _chooses_rules(options: argparse.Namespace) -> bool:
    return any(
        (
            options.only,
            options.profile,
            options.rules,
            options.gitleaks,
            options.without,
            options.allow,
            options.allow_pattern,
            options.deny,
            options.deny_pattern,
            options.min_confidence,
        )
    )
