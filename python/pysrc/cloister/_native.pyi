from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, final

from typing_extensions import Self, Unpack, disjoint_base

from cloister.types import (
    Backend,
    ChatMessage,
    ClassificationName,
    FilePath,
    LockdownName,
    OnText,
    QueryMembers,
    RequireName,
    SeverityName,
    Text,
)

__all__ = [
    "AccessControl",
    "Attestation",
    "AuditLog",
    "Cancel",
    "ChatOptions",
    "Cipher",
    "Completion",
    "CompletionStream",
    "ConversationStore",
    "Detector",
    "Engine",
    "Finding",
    "Guard",
    "GuardedStream",
    "Inspection",
    "Key",
    "Keyring",
    "MemoryEstimate",
    "ModelInfo",
    "Opened",
    "Reply",
    "ReplyStream",
    "Report",
    "Restorer",
    "Rule",
    "ScanStream",
    "Scanner",
    "ScrubStream",
    "Scrubbed",
    "Scrubber",
    "Secret",
    "Session",
    "SubjectKeys",
    "Summary",
    "TextStream",
    "Vault",
    "Verification",
    "__version__",
    "attest",
    "audit_check_consistency",
    "audit_check_proof",
    "audit_export",
    "audit_prove",
    "audit_prove_consistency",
    "audit_public_key",
    "audit_query",
    "audit_query_with_proofs",
    "audit_seal",
    "audit_signing_key",
    "audit_verify",
    "compliance_report",
    "doctor",
    "is_authentic",
    "lock_process",
    "set_wiping",
    "violation_summary",
    "wipe",
]

__version__: Final[str]

@final
class Rule:
    """One detection rule."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def token(self) -> str:
        """What stands in the place of a value, without brackets: ``SSN``."""
    @property
    def what(self) -> str:
        """What it finds, in one line."""
    @property
    def category(self) -> Literal["identifier", "secret"]: ...
    @property
    def severity(self) -> SeverityName: ...
    @property
    def remediation(self) -> str:
        """What to do about a find; empty for identifiers."""
    @property
    def source(self) -> str:
        """The standard or documentation that says what such a value looks like; empty where there is none."""
    @property
    def country(self) -> str | None:
        """Whose numbers these are, in two small letters (ISO 3166-1)."""
    @property
    def profiles(self) -> list[str]:
        """The profiles that have the rule; none where its country decides."""

@final
class Finding:
    """One thing found. It never holds the value itself. Offsets are code points unless their names say otherwise, lines
    1-based, columns 0-based."""

    @property
    def rule(self) -> Rule: ...
    @property
    def kind(self) -> str: ...
    @property
    def category(self) -> Literal["identifier", "secret"]: ...
    @property
    def severity(self) -> SeverityName: ...
    @property
    def token(self) -> str: ...
    @property
    def confidence(self) -> float:
        """0 to 1."""
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def start_byte(self) -> int:
        """In bytes of UTF-8."""
    @property
    def end_byte(self) -> int: ...
    @property
    def start_utf16(self) -> int:
        """In UTF-16 units, as Java, JavaScript and C# count."""
    @property
    def end_utf16(self) -> int: ...
    @property
    def context_start(self) -> int:
        """Where the label begins (``MRN: 987654``); equals ``start`` where there is none."""
    @property
    def context_end(self) -> int: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def why(self) -> dict[str, Any]:
        """What led to it, in words of its rule and never of the text.

        ``origin`` is ``pattern``, ``shape``, ``matcher``, ``repeat``, ``tagger``, ``deny_list`` or ``vault``; ``what`` the rule looks for;
        ``label`` and ``near`` are words before and near the value, ``check`` the check that was made and ``verdict`` what it
        said (``valid``, ``plausible``, ``invalid``), each ``None`` where there was none; ``layers`` are the writings that were
        taken off to read the value, of ``unicode``, ``html``, ``percent``, ``quoted_printable``, ``backslash``, ``base64``.
        """
    def to_dict(self) -> dict[str, Any]:
        """Kind, rule, category, severity, offsets, line, column, confidence and why; ``bytes`` and ``utf16`` are pairs."""

@final
class Scanner:
    """Compiled rules: identifiers and secrets, found together in one pass. Any number of threads may use one scanner.

    Args:
        identifiers: with the built-in rules for identifiers.
        secrets: with the built-in rules for secrets.
        profile: which of the rules for identifiers; ``default`` unless it is said.
        without: ids or kinds of built-in rules to leave out.
        rules: further rules, in the form of the built-in ones.
        rules_format: what ``rules`` are written in.
        allow: values that are never reported.
        allow_patterns: regular expressions (of the Rust crate ``regex``: no look-around) of values that are never reported.
        deny: values that are always reported, under the kind that the caller gives them.
        deny_patterns: regular expressions of parts of a line, at most 1 KiB long, that are always reported.
        ignore_case: ``allow`` and ``deny`` hold in any case.
        min_confidence: 0 to 1; what is found with less is dropped.
        min_confidence_of: what holds for single kinds instead.
        gitleaks: a configuration of gitleaks, in TOML: its rules apply too, but for those in `refusals`.

    Raises:
        InvalidArgumentError: a rule or a pattern is malformed, or there is no profile, kind or rule of a name.
    """

    def __new__(
        cls,
        *,
        identifiers: bool = True,
        secrets: bool = True,
        profile: Literal["default", "us", "hipaa", "gdpr", "pci", "all"] | None = None,
        rules: Text | None = None,
        rules_format: Literal["toml", "yaml", "json"] = "toml",
        without: Sequence[str] = ...,
        allow: Sequence[str] = ...,
        allow_patterns: Sequence[str] = ...,
        deny: Mapping[str, Sequence[str]] = ...,
        deny_patterns: Mapping[str, Sequence[str]] = ...,
        ignore_case: bool = False,
        min_confidence: float | None = None,
        min_confidence_of: Mapping[str, float] = ...,
        gitleaks: Text | None = None,
    ) -> Self: ...
    def scan(self, text: Text) -> list[Finding]:
        """Non-overlapping findings in ascending order."""
    def scan_record(self, fields: Sequence[tuple[Text, Text]]) -> list[list[Finding]]:
        """What is found in the fields of one record, each a name and a value, for each field in their order.

        The name of a field is the label of its value: ``[("mrn", "00417882")]``. No field goes on in the next. Offsets
        count from the beginning of the value. A value of one word in which nothing is found so is also read as a whole text.
        """
    def stream(self) -> ScanStream:
        """A scan of a text that comes in chunks, in memory that does not grow with its length.

        The findings are those of `scan` on the whole text, but for these: a name is found again only behind the place where
        it was found first, and of all names the 256 found last are looked for; a value of more than 128 KiB is reported in
        pieces. What stands more than 16 KiB before the end of what was pushed has been reported, unless a value begins there
        whose end is not known yet; that is waited for, for at most 256 KiB.
        """
    @property
    def rules(self) -> list[Rule]: ...
    @property
    def refusals(self) -> list[tuple[str, str]]:
        """The rules of ``gitleaks`` that cannot be applied to a text in linear time, each with the reason."""

@final
class ScanStream:
    """A scan of a text that comes in chunks. Offsets count from the beginning of the text. Threads take turns."""

    def push(self, chunk: Text) -> list[Finding]:
        """Takes a chunk, which may be cut anywhere, inside a code point too, and gives the findings that are certain by now.

        Raises:
            InvalidUtf8Error: nothing of the chunk was taken.
            ClosedError: the stream is finished.
        """
    def finish(self) -> list[Finding]:
        """The rest. What comes later is refused.

        Raises:
            InvalidUtf8Error: the text ends inside a code point.
            ClosedError: the stream was finished before.
        """
    @property
    def held(self) -> int:
        """Bytes taken so far of which it is not certain yet whether they are part of a finding."""

@final
class ScrubStream:
    """A text that is scrubbed as it comes: see `ScanStream`. Threads take turns."""

    def push(self, chunk: Text) -> Scrubbed:
        """Takes a chunk and gives the scrubbed text that is certain by now, which follows what was given before.

        Raises:
            InvalidUtf8Error: nothing of the chunk was taken.
            ClosedError: the stream is finished.
        """
    def finish(self) -> Scrubbed:
        """The rest. What comes later is refused.

        Raises:
            InvalidUtf8Error: the text ends inside a code point; what was held back is lost.
            ClosedError: the stream was finished before.
        """
    @property
    def held(self) -> int:
        """Bytes taken so far whose text was not given out yet."""

@final
class Scrubbed:
    """Scrubbed text with what was found in the original. ``str()`` of it is the text."""

    @property
    def text(self) -> str: ...
    @property
    def findings(self) -> list[Finding]: ...

@final
class Vault:
    """Remembers which placeholder or surrogate stands for which value. Wiped when it is collected, and by the first call
    after it has expired: from then on nothing is restored, and remembering more raises ``ClosedError``. Threads take turns.

    Whoever has a vault may use it, until :meth:`bind`.

    Args:
        ttl: how long values are remembered, in seconds; default as long as the vault exists.
        capacity: the most values, default 1048576.
    """

    def __new__(cls, *, ttl: float | None = None, capacity: int | None = None) -> Self: ...
    @staticmethod
    def open(path: FilePath, cipher: Cipher, *, context: Text | None = None) -> Vault:
        """Reads a vault that :meth:`save` wrote, and goes on with the same placeholders."""
    def save(self, path: FilePath, cipher: Cipher, *, context: Text | None = None) -> None:
        """Writes the vault, encrypted, in one step, mode 0600.

        Raises:
            BusyError: another process has saved to the file since this vault was opened or saved.
        """
    @staticmethod
    def import_(envelope: Text, cipher: Cipher, *, context: Text | None = None) -> Vault:
        """The vault of an envelope that :meth:`export` gave."""
    def export(self, cipher: Cipher, *, context: Text | None = None) -> bytes:
        """The vault in an encrypted envelope. The import needs the same ``context`` again."""
    def bind(self, session: Session) -> None:
        """Binds the vault to a session for good: each use asks the table of the session for ``read_phi``, about its subject,
        and for ``write_phi`` where the vault is exported or saved; the vault is wiped when the session ends.

        Uses then also raise ``DeniedError``, ``ClosedError`` once the session has ended, and ``BusyError`` during its chat.
        """
    def reserve(self, text: Text) -> None:
        """Keeps placeholder-shaped text that the caller wrote from being restored later: call it with the raw text."""
    def placeholder(self, token: Text, value: Text) -> str:
        """The placeholder of ``value``, ``[SSN_1]``: the same one every time."""
    def restore(self, text: Text) -> str:
        """Puts every value back, whatever a model has made of the placeholders: another case, other brackets or none,
        markdown, a genitive."""
    def restorer(self) -> Restorer:
        """Restores a text that arrives in chunks."""
    def clear(self) -> None:
        """Forgets every value, wiping it."""
    @property
    def expires_at(self) -> float | None:
        """Seconds since 1970."""
    def __len__(self) -> int: ...

@final
class Restorer:
    """Puts values back into a text that arrives in chunks; a placeholder may be cut anywhere. Threads take turns."""

    def push(self, chunk: Text) -> str:
        """The part of the text so far that is certain."""
    def finish(self) -> str:
        """The rest."""

@final
class Scrubber:
    """Finds and replaces what its scanner knows. Any number of threads may use one scrubber.

    Args:
        scanner: which rules; default the built-in ones for identifiers; with a policy those of its profile and for secrets.
        style: ``redact`` writes ``[SSN]``, ``mask`` writes ``***-**-6789``.
        policy: what is done with each kind instead: TOML, JSON, or a ready-made policy: ``redact``, ``mask``,
            ``pseudonymise``, ``surrogates``, ``hipaa-safe-harbor`` or ``limited-data-set``.
        key: for hashes, keyed placeholders, surrogates and moved dates.
        operators: changes for single kinds, ``{"ssn": "mask:4", "*": "drop"}``; ``*`` is every kind not named.
    """

    def __new__(
        cls,
        scanner: Scanner | None = None,
        *,
        style: Literal["redact", "mask"] = "redact",
        policy: Text | None = None,
        key: Key | None = None,
        operators: dict[str, str] | None = None,
    ) -> Self: ...
    def scrub(self, text: Text, *, subject: Text | None = None) -> Scrubbed:
        """Replaces for good. All dates of one ``subject``, the id of a patient for example, are moved alike."""
    def stream(self) -> ScrubStream:
        """Scrubs a text that comes in chunks, with the findings of `Scanner.stream`."""
    def find(self, text: Text) -> list[Finding]: ...
    def pseudonymize(self, text: Text, vault: Vault, *, subject: Text | None = None) -> Scrubbed:
        """Replaces by what ``vault`` can put back: placeholders such as ``[SSN_1]``, or what the policy says."""

@final
class Secret:
    """One credential in a text. It never holds the value. Offsets are code points, lines 1-based, columns 0-based."""

    @property
    def kind(self) -> str:
        """For example ``openai_api_key``."""
    @property
    def rule_id(self) -> str: ...
    @property
    def token(self) -> str: ...
    @property
    def severity(self) -> SeverityName: ...
    @property
    def remediation(self) -> str: ...
    @property
    def confidence(self) -> float:
        """0 to 1."""
    @property
    def snippet(self) -> str:
        """The line around it with every secret in it as ``[REDACTED]``."""
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def end_line(self) -> int: ...
    @property
    def end_column(self) -> int: ...
    @property
    def why(self) -> dict[str, Any]:
        """What led to it: see ``Finding.why``."""
    def to_dict(self) -> dict[str, Any]:
        """Kind, rule, severity, offsets, line, column, confidence, why, snippet and remediation."""

@final
class Detector:
    """Finds credentials. Any number of threads may use one detector.

    Args:
        scanner: which rules; default the built-in ones for secrets. Identifiers that it finds are passed over.
        max_context_chars: length of a snippet in code points, 0 for none; default 50.
        alert_from: 0 to 1; ``detect`` leaves out what is less sure. 0.7 leaves out what may be a mere word, and random
            strings without a name.
        redact_from: 0 to 1; ``redact`` leaves in place what is less sure. What stays in a text cannot be taken back, so that
            this is usually lower.

    Raises:
        InvalidArgumentError: a confidence is not 0 to 1.
    """

    def __new__(
        cls,
        scanner: Scanner | None = None,
        *,
        max_context_chars: int | None = None,
        alert_from: float = 0.0,
        redact_from: float = 0.0,
    ) -> Self: ...
    def detect(self, text: Text) -> list[Secret]:
        """The secrets that are worth an alert. No snippet shows a secret, be it worth one or not."""
    def redact(self, text: Text) -> tuple[str, list[Secret]]:
        """``text`` with every secret, whole, as its kind: ``[OPENAI_API_KEY]``."""

@final
class Key:
    """A 256-bit key. Wiped when it is collected; its ``repr`` shows nothing of it.

    Args:
        value: 32 bytes, or a ``str`` of 64 hexadecimal digits or of base64.

    Raises:
        InvalidKeyError: it does not have 256 bits, or can be guessed: it repeats, counts or is made of words.
    """

    def __new__(cls, value: Text) -> Self: ...
    @staticmethod
    def from_secret(secret: Text) -> Key:
        """What the constructor takes as text, or else a text of exactly 32 bytes as it stands. Not for passphrases."""
    @staticmethod
    def from_env(variable: str) -> Key:
        """The key in an environment variable, as text.

        Raises:
            NotFoundError: it is not set.
        """
    @staticmethod
    def from_file(path: FilePath) -> Key:
        """The key in a file: 32 bytes or text.

        Raises:
            DeniedError: the file belongs to another user, is open to others, or is a symbolic link.
        """
    @staticmethod
    def from_passphrase(
        passphrase: Text, salt: bytes, *, memory_kib: int = 65536, passes: int = 3, lanes: int = 4
    ) -> Key:
        """Argon2id (RFC 9106). ``salt`` has at least 16 bytes, drawn once at random and kept; it is no secret.

        Raises:
            InvalidKeyError: the passphrase is easily guessed.
        """
    @staticmethod
    def from_source(source: Callable[[], bytes]) -> Key:
        """The 32 bytes that a function gives: a key management service, a TPM, an HSM."""
    @staticmethod
    def generate() -> Key:
        """A new random key."""
    def to_base64(self) -> str:
        """The key itself, as text: yours to protect."""
    def to_bytes(self) -> bytes:
        """The key itself, 32 bytes: yours to protect."""

@final
class Opened:
    """A decrypted envelope."""

    @property
    def plaintext(self) -> bytes: ...
    @property
    def classification(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def created(self) -> int:
        """Seconds since 1970, by the clock of the machine that encrypted it."""

@final
class Cipher:
    """Cobblestone-256 (AES-256-GCM) with the classification bound to the ciphertext. Any number of threads may use one.

    ``context`` (who or what the data belongs to; may be left out) must be given again to decrypt. Decrypting raises
    ``DecryptError`` when the key or context is another one or anything was altered.
    """

    def __new__(cls, key: Key) -> Self: ...
    @staticmethod
    def is_fips_mode() -> bool:
        """Whether ciphers work with a FIPS 140-3 module in its approved mode: a wheel built with the feature ``fips`` does."""
    def encrypt(
        self,
        plaintext: Text,
        classification: ClassificationName = "SENSITIVE",
        *,
        content_type: str = "",
        context: Text | None = None,
    ) -> bytes: ...
    def encrypt_message(self, plaintext: Text, *, context: Text | None = None) -> bytes:
        """A Cobblestone-256 message without a header: ``cryptography.cobblestone`` decrypts it with the same key."""
    def decrypt_message(self, message: Text, *, context: Text | None = None) -> bytes: ...
    def encrypt_file(
        self,
        source: FilePath,
        target: FilePath,
        classification: ClassificationName = "SENSITIVE",
        *,
        content_type: str = "",
        context: Text | None = None,
    ) -> int:
        """Into a new file, mode 0600; memory does not grow with it. Returns the bytes of plaintext."""
    def decrypt_file(self, source: FilePath, target: FilePath, *, context: Text | None = None) -> None:
        """Into a new file, mode 0600, which is there only if nothing was altered."""
    def decrypt_part(
        self, source: FilePath, offset: int, length: int, *, context: Text | None = None
    ) -> bytes:
        """Up to ``length`` bytes of an encrypted file, from byte ``offset`` of its plaintext on."""
    def decrypt(self, envelope: Text, *, context: Text | None = None) -> Opened: ...
    def encrypt_to_text(
        self,
        plaintext: Text,
        classification: ClassificationName = "SENSITIVE",
        *,
        context: Text | None = None,
    ) -> str:
        """The same as URL-safe base64 without padding."""
    def decrypt_text(self, text: Text, *, context: Text | None = None) -> Opened: ...
    def decrypt_legacy(self, text: Text) -> bytes:
        """Reads ``base64(nonce[12] + ciphertext + tag[16])`` without a header, as older systems wrote it."""

@final
class Keyring:
    """Keys of which one is primary and encrypts; all that are enabled decrypt. Any number of threads may use one ring."""

    def __new__(cls, key: Key) -> Self: ...
    @staticmethod
    def load(wrapping: Cipher, envelope: Text) -> Keyring:
        """What :meth:`dump` made."""
    def dump(self, wrapping: Cipher) -> bytes:
        """The ring in an envelope of another key, to be stored."""
    def add(self, key: Key) -> bool:
        """Adds a key that decrypts. False if it is there already."""
    def rotate(self, key: Key) -> str:
        """Makes ``key`` the primary one and returns its id; those so far go on decrypting."""
    def enable(self, id: str) -> None: ...
    def disable(self, id: str) -> None: ...
    def destroy(self, id: str) -> None:
        """Wipes a key for ever: what was encrypted with it can no longer be read."""
    def keys(self) -> list[tuple[str, str, bool]]:
        """Id, state (``enabled``, ``disabled``, ``destroyed``), and whether it is the primary one."""
    def encrypt(
        self,
        plaintext: Text,
        classification: ClassificationName = "SENSITIVE",
        *,
        content_type: str = "",
        context: Text | None = None,
    ) -> bytes: ...
    def decrypt(self, envelope: Text, *, context: Text | None = None) -> Opened: ...
    def rewrap(self, envelope: Text, *, context: Text | None = None) -> bytes | None:
        """The same content in an envelope of the primary key; ``None`` if it is one already."""

@final
class Verification:
    """What a verification found. It is true exactly when the log is intact."""

    @property
    def intact(self) -> bool: ...
    @property
    def records(self) -> int: ...
    @property
    def files(self) -> int: ...
    @property
    def keyed(self) -> bool:
        """An unkeyed chain shows accidents, not an insider who recomputes it."""
    @property
    def covered(self) -> int | None:
        """Lines that the last good checkpoint covers; ``None`` without a public key."""
    @property
    def problems(self) -> list[str]:
        """One line each, with file name and line number."""
    @property
    def notes(self) -> list[str]:
        """What this result does not say, in plain words; not a sign that anything is wrong."""
    def __bool__(self) -> bool: ...

@final
class AuditLog:
    """A log of JSON lines that show when they were altered. Any number of threads, and several processes, may write.

    In a forked child, with ``multiprocessing`` too, a log with a key or a signing key raises :class:`UnsupportedError`: the keys stay
    with the parent, and the child opens the log again.

    Args:
        path: the file; its directory must exist. Created with mode 0600.
        max_file_bytes: rotate before the file grows beyond this. Default 100 MiB; 0 is never.
        retention_days: how long rotated files are kept. Default 2192 (six years); 0 is for ever.
        durability: ``group`` and ``each`` return when the record is on the disk, in a group with whatever is written at the
            same time or alone; ``os`` when the operating system has it, which survives a crash of the process;
            ``interval`` at once, and the record is on the disk ``interval`` seconds later.
        interval: seconds.
        on_failure: while records cannot be written ``deny`` raises, ``block`` waits up to ``on_failure_limit`` seconds,
            and ``buffer`` keeps up to ``on_failure_limit`` records in memory. All but ``deny`` are recorded.
        key: a :class:`Key` or 32 bytes; with it nobody without the key can recompute the chain.
        signing_key: from :func:`audit_signing_key`; signs checkpoints, so that whoever has the public key can verify.
        access: who may use the log. With a table it is used through :meth:`Session.query_log` and its siblings alone.
        subjects: records users, and persons in the members ``subject_id`` and ``patient_id``, under their pseudonyms. Queries
            of this object take ids all the same; :func:`audit_query` takes pseudonyms.
    """

    def __new__(
        cls,
        path: FilePath,
        *,
        max_file_bytes: int | None = None,
        retention_days: int | None = None,
        durability: Literal["group", "each", "interval", "os"] = "group",
        interval: float = 0.1,
        on_failure: Literal["deny", "block", "buffer"] = "deny",
        on_failure_limit: float = 0.0,
        key: Key | bytes | None = None,
        signing_key: str | None = None,
        access: AccessControl | None = None,
        subjects: SubjectKeys | None = None,
    ) -> Self: ...
    def flush(self) -> None:
        """Brings everything that was recorded to the disk, whatever the durability."""
    def checkpoint(self) -> str:
        """Signs all records so far and returns the note (C2SP ``tlog-checkpoint``): keep it elsewhere.

        Raises:
            InvalidArgumentError: the log has no signing key.
        """
    def legal_hold(self, held: bool, reason: str) -> bool:
        """Places a legal hold or releases it: while it lasts, no file is deleted. False if nothing was to be done."""
    def record(
        self,
        event_type: str,
        user_id: str = ...,
        *,
        session_id: str = ...,
        action: str = ...,
        classification: ClassificationName = "SENSITIVE",
        status: str = ...,
        error: str = ...,
        data: Mapping[str, Any] | None = None,
    ) -> str:
        """Writes one record and returns its id. ``data`` are further top-level members with a JSON form.

        Raises:
            AuditError: nothing was written.
        """
    def query(self, **members: Unpack[QueryMembers]) -> list[dict[str, Any]]:
        """Matching records, oldest first, rotated files included."""
    def verify(self) -> Verification: ...
    @property
    def retention_days(self) -> int: ...
    @property
    def path(self) -> Path: ...

def audit_query(
    path: FilePath, key: Key | bytes | None = None, **members: Unpack[QueryMembers]
) -> list[dict[str, Any]]:
    """Reads a log without opening it for writing.

    The index is used for a log without a key that is not signed, and with ``key`` for one that was begun with it; everything
    is read of any other, for nobody else can tell whether the index was altered. Where it is missing it is made, if the log is
    the caller's own.

    Raises:
        InvalidKeyError: the log does not begin with ``key``.
    """

def audit_verify(
    path: FilePath,
    key: Key | bytes | None = None,
    *,
    public_key: str | None = None,
    checkpoints: list[str] = ...,
) -> Verification:
    """Checks a log and its rotated files: edits, deletions, insertions, reordering, splices, a torn last line.

    With ``public_key`` no secret is needed; ``checkpoints`` that were kept elsewhere show a log that was cut or set back.
    """

def audit_signing_key(name: str) -> tuple[str, str]:
    """A new signing key for a log that is called ``name``, such as ``hospital.example/audit``, and its public key."""

def audit_public_key(signing_key: str) -> str: ...
def audit_seal(path: FilePath) -> Key:
    """Begins a sealed log: on the machine lies only the key of the current 1024 records.

    Returns:
        The key of the log, for :func:`audit_verify`: keep it where the machine cannot read it.
    """

def audit_export(
    records: Iterable[Mapping[str, Any]],
    format: Literal["ocsf", "ecs", "cef", "syslog", "fhir"],
    host: str,
) -> str:
    """Records of a query in the form of another system: OCSF 1.6, ECS 8.17, CEF 0, RFC 5424 or FHIR R4; one line each."""

def audit_prove(path: FilePath, seq: int, public_key: str) -> tuple[str, str]:
    """The line of record ``seq``, and the proof that it is in the log (C2SP ``tlog-proof``)."""

def audit_query_with_proofs(
    path: FilePath, public_key: str, **members: Unpack[QueryMembers]
) -> list[tuple[str, str]]:
    """The lines of up to 100 matching records, each with its proof. That there are no further matches is not proven.

    Raises:
        AuditError: no checkpoint covers one of them yet.
        TooLargeError: there are more.
    """

def audit_check_proof(record: str, proof: str, public_key: str) -> bool: ...
def audit_prove_consistency(path: FilePath, checkpoint: str, public_key: str) -> str:
    """The proof that the log only grew since ``checkpoint``.

    Raises:
        AuditError: it did not.
    """

def audit_check_consistency(checkpoint: str, proof: str, public_key: str) -> bool: ...
def violation_summary(records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts of the ``security_violation`` records: ``total_violations``, ``by_type``, ``by_severity``, ``by_user``."""

def compliance_report(
    records: Iterable[Mapping[str, Any]],
    since: str | date | None = None,
    until: str | date | None = None,
) -> dict[str, Any]:
    """Requests, stored and retrieved patterns, violations, and which share of the records claims each regulation.

    ``since`` and ``until`` are repeated under ``period``; the records are taken as they are.
    """

@disjoint_base
class AccessControl:
    """Users, roles and their permissions, default deny. Any number of threads may read and change one table.

    A permission may be given within a scope, ``read_phi@clinic/ward-7``: it holds there and below. Whoever asks without a
    scope asks for everywhere.
    """

    def __new__(cls) -> Self: ...
    @staticmethod
    def parse(text: Text) -> AccessControl:
        """The table of a text, TOML or JSON: ``roles``, each with ``permissions`` and ``inherits``, ``users``, each with a list
        of roles, and ``separate``, a list of lists of roles that exclude each other. Where it lists users, nobody else is let
        in.

        Raises:
            InvalidArgumentError: it is malformed; the message has the number of the line.
        """
    def add_role(self, role: str, permissions: Sequence[str]) -> None:
        """Adds or replaces a role."""
    def add_role_inheriting(self, role: str, permissions: Sequence[str], inherits: Sequence[str]) -> None:
        """Adds or replaces a role that has the permissions of other roles as well.

        Raises:
            NotFoundError: one of them is unknown.
            InvalidArgumentError: the role would inherit from itself.
            DeniedError: the separation of duty forbids it.
        """
    def assign(self, user: str, role: str) -> None:
        """Gives a user a role. From the first user on, nobody acts in a role that was not given to them.

        Raises:
            NotFoundError: there is no such role.
            DeniedError: the separation of duty forbids it.
        """
    def unassign(self, user: str, role: str) -> bool: ...
    def separate(self, roles: Sequence[str]) -> None:
        """Lets roles exclude each other: no user may have, and no role inherit from, more than one of them."""
    def decide(self, user: str, user_role: str, permission: str) -> tuple[bool, str]:
        """Whether a user who acts in a role may do it, and the reason as it stands in records."""
    @property
    def users(self) -> list[str]: ...
    def roles_of(self, user: str) -> list[str]: ...
    def remove_role(self, role: str) -> bool: ...
    def has_permission(self, user_role: str, permission: str) -> bool:
        """``False`` for an unknown role."""
    def require(self, user_role: str, permission: str) -> None:
        """Raises ``DeniedError`` unless the role has the permission."""
    @property
    def roles(self) -> list[str]: ...
    def permissions(self, role: str) -> list[str] | None: ...

@final
class ChatOptions:
    """How an answer is generated. What is left out has the default in brackets.

    Args:
        max_tokens: at most this many tokens; 0 is until the context window is full [512].
        temperature: 0 picks the likeliest token each time; 0 to 10 [0.2].
        top_p: nucleus sampling, above 0 to 1 [0.95].
        top_k: among this many likeliest tokens; 0 is all [40].
        min_p: drop tokens less likely than this share of the likeliest, 0 to 1 [0.05].
        typical_p: locally typical sampling, above 0 to 1 [1].
        repeat_penalty: 0.1 to 10; 1 is none [1].
        repeat_last_n: how many tokens back the penalties look [64].
        frequency_penalty: -2 to 2 [0].
        presence_penalty: -2 to 2 [0].
        seed: same seed, model, prompt and options give the same answer [drawn].
        stop: the answer ends before the first of these; at most 16 [none].
        cache: what was evaluated is kept under this name for the next request of the same name: one for each conversation,
            user or tenant. :meth:`Engine.forget` ends it, or 15 minutes without use [nothing is kept].
        public_system: the system message is no secret, and evaluated once for all requests that say so of the same text.
        timeout: seconds until the request ends with ``DeadlineError``, also while it waits for its turn [none].

    Raises:
        InvalidArgumentError: a value is outside its range.
    """

    def __new__(
        cls,
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        top_k: int | None = None,
        min_p: float | None = None,
        typical_p: float | None = None,
        repeat_penalty: float | None = None,
        repeat_last_n: int | None = None,
        frequency_penalty: float | None = None,
        presence_penalty: float | None = None,
        seed: int | None = None,
        stop: str | Sequence[str] | None = None,
        cache: str | None = None,
        public_system: bool = False,
        timeout: float | None = None,
    ) -> Self: ...
    @property
    def cache(self) -> str | None: ...
    @property
    def public_system(self) -> bool: ...
    @property
    def timeout(self) -> float | None: ...
    @property
    def typical_p(self) -> float: ...
    @property
    def max_tokens(self) -> int: ...
    @property
    def temperature(self) -> float: ...
    @property
    def top_p(self) -> float: ...
    @property
    def top_k(self) -> int: ...
    @property
    def min_p(self) -> float: ...
    @property
    def repeat_penalty(self) -> float: ...
    @property
    def repeat_last_n(self) -> int: ...
    @property
    def frequency_penalty(self) -> float: ...
    @property
    def presence_penalty(self) -> float: ...
    @property
    def seed(self) -> int | None: ...
    @property
    def stop(self) -> list[str]: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...

@final
class Cancel:
    """A flag that stops an operation from another thread, for good."""

    def __new__(cls) -> Self: ...
    def cancel(self) -> None: ...
    @property
    def cancelled(self) -> bool: ...

@final
class Completion:
    """A finished answer. ``str()`` of it is the text; its ``repr`` shows none of it."""

    def buffer(self) -> bytearray:
        """The text as UTF-8 in memory that :func:`wipe` can overwrite, without a ``str`` of it."""
    @property
    def text(self) -> str: ...
    @property
    def finish_reason(self) -> Literal["stop", "length", "tool_calls"]: ...
    @property
    def prompt_tokens(self) -> int: ...
    @property
    def cached_tokens(self) -> int:
        """Tokens of the prompt that an earlier request of the same cache had evaluated."""
    @property
    def completion_tokens(self) -> int: ...
    @property
    def prompt_seconds(self) -> float: ...
    @property
    def generation_seconds(self) -> float: ...

@final
class ModelInfo:
    """What a model file says about itself."""

    @property
    def name(self) -> str: ...
    @property
    def architecture(self) -> str: ...
    @property
    def parameters(self) -> int: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def vocabulary(self) -> int: ...
    @property
    def training_context_tokens(self) -> int: ...
    @property
    def context_tokens(self) -> int: ...
    @property
    def embedding_length(self) -> int: ...
    @property
    def has_chat_template(self) -> bool: ...
    @property
    def sha256(self) -> str:
        """Of the file that was mapped, before it was."""
    @property
    def verified(self) -> RequireName:
        """The strongest of what was verified."""
    @property
    def signer(self) -> str | None:
        """``minisign:``, ``key:`` or ``certificate:`` and an id, where a signature was given."""
    @property
    def adapter_sha256(self) -> str | None:
        """Of the adapter that changes the model."""
    @property
    def memory(self) -> MemoryEstimate: ...

@final
class MemoryEstimate:
    """What loading a model takes of the memory, in bytes, from its header alone."""

    @property
    def weights_bytes(self) -> int:
        """Mapped from the file, and shared with other processes that map it."""
    @property
    def cache_bytes(self) -> int: ...
    @property
    def compute_bytes(self) -> int: ...
    @property
    def total_bytes(self) -> int: ...

@final
class Inspection:
    """What is known of a model file before it is loaded."""

    @property
    def name(self) -> str: ...
    @property
    def architecture(self) -> str: ...
    @property
    def training_context_tokens(self) -> int: ...
    @property
    def context_tokens(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    @property
    def verified(self) -> RequireName: ...
    @property
    def signer(self) -> str | None: ...
    @property
    def adapter_sha256(self) -> str | None: ...
    @property
    def memory(self) -> MemoryEstimate: ...
    @property
    def available_bytes(self) -> int | None:
        """Free for it now, within the limits of the control group; ``None`` where the system does not tell."""

@final
class TextStream:
    """Pieces of an answer as they come. Closing it, or leaving ``with``, cancels the answer. Threads take turns."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> str: ...
    def cancel(self) -> None:
        """Stops the answer without waiting: the next piece raises ``CancelledError``. From any thread."""
    def close(self) -> None:
        """Stops the answer and waits until the work has ended. Twice does nothing more."""
    @property
    def completion(self) -> Completion | None:
        """Present once the stream has ended without an error."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exc: object) -> None: ...

@final
class CompletionStream:
    """JSON objects of a chat completion as they come. Closing it, or leaving ``with``, cancels it. Threads take turns."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> str: ...
    def cancel(self) -> None:
        """Stops the answer without waiting: the next piece raises ``CancelledError``. From any thread."""
    def close(self) -> None:
        """Stops the answer and waits until the work has ended. Twice does nothing more."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exc: object) -> None: ...

@disjoint_base
class Engine:
    """A GGUF model loaded into this process. Any number of threads may use one engine.

    Args:
        path: the model file.
        context_tokens: context window; 0 is the model's own, at most 8192.
        threads: 0 is the cores this process may use.
        gpu_layers: layers on a GPU where the build has one.
        queue: chats that may wait for their turn before ``BusyError``.
        lockdown: ``engine`` (the default) has the kernel confine the engine's threads before they touch the model;
            ``off`` does not, and every record says so.
        chat_template: a template in jinja, instead of the model's own.
        require: what the file must come with: ``none`` (the default), ``hash`` or ``signature``. What is given is verified in
            any case, on the open file that is then mapped.
        sha256: the SHA-256 that the file must have, in hexadecimal.
        signature: the text of a signature over it: minisign, or a Sigstore bundle of OpenSSF Model Signing v1.0.
        public_key: whose signature: a minisign public key, or a PEM public key (ECDSA or Ed25519).
        root_certificates: or, for a bundle with a certificate, PEM root certificates of which one must vouch for it.
        adapter: a LoRA adapter in GGUF that changes the model for every request. ``require`` holds for both files.
        adapter_scale: how much of it is added, -1000 to 1000; 1 (the default) is as it was trained.
        adapter_sha256: the SHA-256 that the adapter must have, in hexadecimal.
        adapter_signature: the text of a signature over it, by whoever must have signed the model.
        unchecked_memory: loads even where less memory is free than the model is estimated to need.
        speculation: words that have followed the latest ones before are tried together, and those that the sampler does not
            pick are taken back: faster where an answer repeats parts of its conversation. False: one token at a time.
        progress: called with 0 to 1 while the model loads; what it raises ends the loading.

    Raises:
        NotFoundError: there is no such file.
        ModelError: the file is malformed or unsuitable.
        DeniedError: the file is not what was pinned or signed.
        TooLargeError: it does not fit into the memory that is free.
    """

    def __new__(
        cls,
        path: FilePath,
        *,
        context_tokens: int | None = None,
        threads: int | None = None,
        gpu_layers: int | None = None,
        queue: int | None = None,
        lockdown: LockdownName | None = None,
        chat_template: str | None = None,
        require: RequireName | None = None,
        sha256: str | None = None,
        signature: str | None = None,
        public_key: str | None = None,
        root_certificates: str | None = None,
        adapter: FilePath | None = None,
        adapter_scale: float | None = None,
        adapter_sha256: str | None = None,
        adapter_signature: str | None = None,
        unchecked_memory: bool = False,
        speculation: bool = True,
        progress: Callable[[float], object] | None = None,
    ) -> Self: ...
    @staticmethod
    def inspect(
        path: FilePath,
        *,
        context_tokens: int | None = None,
        require: RequireName | None = None,
        sha256: str | None = None,
        signature: str | None = None,
        public_key: str | None = None,
        root_certificates: str | None = None,
        adapter: FilePath | None = None,
        adapter_scale: float | None = None,
        adapter_sha256: str | None = None,
        adapter_signature: str | None = None,
    ) -> Inspection:
        """Does what loading does first, and no more: checks the header, verifies what is asked, adds up the memory.

        Raises:
            DeniedError: the file is not what was pinned or signed.
        """
    @property
    def info(self) -> ModelInfo: ...
    def chat(
        self,
        messages: Sequence[ChatMessage],
        options: ChatOptions | None = None,
        *,
        on_text: OnText | None = None,
        cancel: Cancel | None = None,
    ) -> Completion:
        """Answers a conversation; the prompt is rendered by the model's own template."""
    def generate(
        self,
        prompt: Text,
        options: ChatOptions | None = None,
        *,
        on_text: OnText | None = None,
        cancel: Cancel | None = None,
    ) -> Completion:
        """Continues raw text, without a template."""
    def stream(
        self,
        messages: Sequence[ChatMessage],
        options: ChatOptions | None = None,
    ) -> TextStream:
        """Like :meth:`chat`, as an iterator."""
    def generate_stream(self, prompt: Text, options: ChatOptions | None = None) -> TextStream:
        """Like :meth:`generate`, as an iterator."""
    def complete(
        self, request: Text, *, on_part: OnText | None = None, cancel: Cancel | None = None
    ) -> str:
        """Answers a chat-completion request of OpenAI's API, given and answered as JSON. With ``"stream": true``, ``on_part``
        gets each piece, and the last one is returned. ``Engine.create_chat_completion`` is the same with keywords."""
    def complete_stream(self, request: Text) -> CompletionStream:
        """Like :meth:`complete`, as an iterator."""
    def forget(self, cache: str) -> None:
        """Gives up what is kept under a name. Its memory is overwritten when this returns, or, if something is being
        answered, as soon as nothing is."""
    def save(self, cache: str, cipher: Cipher) -> bytes:
        """What is kept under a name, encrypted, for :meth:`restore`.

        Raises:
            NotFoundError: nothing is kept under this name.
        """
    def restore(self, cache: str, cipher: Cipher, envelope: Text) -> None:
        """Keeps what :meth:`save` gave, under a name, so that the conversation goes on, in another process too.

        Raises:
            DecryptError: another key, or an altered envelope.
            UnsupportedError: it belongs to another model or version.
        """
    def embed(
        self, text: Text, *, pooling: Literal["mean", "first", "last"] = "mean", normalize: bool = True
    ) -> list[float]:
        """A vector of ``info.embedding_length`` numbers, of unit length if ``normalize`` says so."""
    def count_tokens(self, text: Text) -> int: ...
    def render(self, messages: Sequence[ChatMessage]) -> str:
        """The prompt as the model's own template renders it."""
    def chat_tokens(self, messages: Sequence[ChatMessage]) -> list[int]:
        """The token ids that :meth:`chat` evaluates for a conversation."""
    def violations(self) -> list[tuple[str, bool, int]]:
        """System calls that the lockdown refused to the engine's threads: name, whether it is grave, how often."""
    def unload(self) -> None:
        """Frees the model now, cancelling what runs; later calls raise ``ClosedError``. From any thread, twice too."""
    @property
    def loaded(self) -> bool: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exc: object) -> None: ...

@final
class Session:
    """A conversation of one user: history, vault, identity. One chat at a time: a second one raises ``BusyError``.

    Wiped when it ends and when it is collected. Its ``id`` stands in the audit records. What uses a session that has ended
    raises ``ClosedError``.

    Args:
        user: names one person.
        role: the role in which that person acts.
        access: the table that is asked for permissions. Without one it is that of the first guard with a table that the
            session is used with.
        audit: where beginning, end, refusals and emergency access are recorded.
        idle: seconds without use after which it ends by itself, default 900; ``None`` is never.
        absolute: seconds after which it ends in any case, default 43,200; ``None`` is never.
        reauthenticate_after: seconds after which the user is asked again who is there.
        reauthenticate: asks, with user, role and ``time_passed`` or ``break_glass``; anything but truth is a refusal.

    Raises:
        DeniedError: the table does not let the user act in that role.
    """

    def __new__(
        cls,
        user: str,
        role: str = ...,
        *,
        access: AccessControl | None = None,
        audit: AuditLog | None = None,
        idle: float | None = ...,
        absolute: float | None = ...,
        reauthenticate_after: float | None = None,
        reauthenticate: Callable[[str, str, str], object] | None = None,
    ) -> Self: ...
    @property
    def ended(self) -> bool: ...
    def end(self) -> None:
        """Wipes everything; nothing can be done with the session any more."""
    def on_end(self, hook: Callable[[], object]) -> None:
        """Calls ``hook`` once when the session ends, by whatever cause and on any thread. It must not use the session."""
    def require(self, permission: str) -> None:
        """Raises ``DeniedError``, and records it, unless the role has the permission or an emergency access covers it."""
    def break_glass(self, reason: Text, permissions: Sequence[str] = ..., *, limit: float | None = None) -> str:
        """Begins an emergency access (45 CFR 164.312(a)(2)(ii)) and returns its id.

        Until it ends, the session may also do what ``permissions`` name (``read_phi`` if none). It needs ``break_glass`` in
        the table, and the record is on the disk before anything is allowed; identifiers in ``reason`` are redacted there.

        Args:
            reason: 1 to 500 characters in one line.
            permissions: their names.
            limit: seconds, at most a day; default 30 minutes.
        """
    def end_emergency(self) -> bool: ...
    @property
    def emergency(self) -> str | None:
        """The id of the emergency access that is under way."""
    def emergencies_to_review(self) -> list[dict[str, Any]]:
        """The records of emergency accesses that nobody has judged yet; needs ``review_break_glass``."""
    def review_emergency(self, id: str, justified: bool, note: Text | None = None) -> str:
        """Judges an emergency access of somebody else, once.

        Raises:
            DeniedError: it is one's own.
            NotFoundError: none of this id waits for its review.
        """
    def record(
        self,
        log: AuditLog,
        event_type: str,
        *,
        action: str = ...,
        classification: ClassificationName = "SENSITIVE",
        status: str = ...,
        error: str = ...,
        data: Mapping[str, Any] | None = None,
    ) -> str:
        """``AuditLog.record`` with the user and the id of the session; needs ``write_audit_logs``."""
    def query_log(self, log: AuditLog, **members: Unpack[QueryMembers]) -> list[dict[str, Any]]:
        """``AuditLog.query``; needs ``view_audit_logs``. Who looked is itself recorded.

        Where the role has the permission for the subject of this session alone, only the records about that subject are found.
        """
    def verify_log(self, log: AuditLog) -> Verification:
        """``AuditLog.verify``; needs ``view_audit_logs``."""
    def checkpoint_log(self, log: AuditLog) -> str:
        """``AuditLog.checkpoint``; needs ``manage_audit_logs``."""
    def hold_log(self, log: AuditLog, held: bool, reason: str) -> bool:
        """``AuditLog.legal_hold``; needs ``manage_audit_logs``."""
    @property
    def id(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def turns(self) -> int:
        """A question with its answer is one."""
    @property
    def remembered(self) -> int:
        """How many values the vault of this conversation remembers."""
    def set_system_prompt(self, text: Text) -> None:
        """Replaces the guard's system prompt in this conversation. It is scrubbed like the user's text."""
    def set_subject(self, subject: Text) -> None:
        """Says whom the conversation is about: a policy that moves dates moves all those of one subject alike.

        With a table, ``read_phi`` is from now on asked for within the scope that is this id, ``read_phi@patient:17``, and
        before that for everywhere. The id then stands in the records.

        Raises:
            DeniedError: the session holds a conversation about whom ``read_phi`` is missing.
        """
    def restore(self, text: Text) -> str:
        """Puts identifiers back into a text that holds this session's placeholders."""
    def clear(self) -> None:
        """Forgets the history and the vault, wiping both."""

@final
class SubjectKeys:
    """One key for each person, in a directory (mode 0700): erasing a person is destroying a key.

    Args:
        directory: made if it is not there; its parent must exist.
        master: encrypts the keys, and names their files.

    Raises:
        InvalidKeyError: the directory belongs to another master key.
    """

    def __new__(cls, directory: FilePath, master: Key) -> Self: ...
    def pseudonym(self, subject: str) -> str:
        """The pseudonym of a person, who gets a key if there is none: ``psn_`` and 24 hexadecimal digits."""
    def find(self, subject: str) -> str | None:
        """The pseudonym of a person who has a key."""
    def destroy(self, subject: str) -> bool:
        """Destroys the key of a person for ever. :meth:`ConversationStore.erase_subject` does this and records it."""

@final
class ConversationStore:
    """Conversations that are saved because somebody said so, each under the key of its subject, or of its user where a
    session has no subject. Any number of threads, and several processes, may use one directory.

    Args:
        directory: made if it is not there; its parent must exist.
        subjects: the keys.
        audit: records every use; none takes place that cannot be recorded.
        access: is asked whatever session comes, beside the table of the session, for ``read_phi@patient:17`` and the like
            where the subject is ``patient:17``.
    """

    def __new__(
        cls,
        directory: FilePath,
        subjects: SubjectKeys,
        *,
        audit: AuditLog | None = None,
        access: AccessControl | None = None,
    ) -> Self: ...
    def save(self, session: Session, *, title: str = ..., classification: ClassificationName = "SENSITIVE") -> str:
        """Saves the conversation and returns its id, which it keeps when it is saved again.

        The class says how long it is kept: ``PUBLIC`` 365, ``INTERNAL`` 180, ``SENSITIVE`` 90 days. Needs ``write_phi``.
        """
    def load(self, session: Session, subject: str, id: str) -> None:
        """Goes on with a saved conversation in a session, whose own so far is wiped. Needs ``read_phi``.

        Raises:
            NotFoundError: there is none, or it has expired or was erased.
        """
    def list(self, session: Session, subject: str) -> list[dict[str, Any]]:
        """The conversations of ``subject``: id, title, user, role, classification, turns, and begun, saved and expires in
        seconds since 1970. Needs ``read_phi``."""
    def delete(self, session: Session, subject: str, id: str) -> dict[str, Any]:
        """Erases a conversation; needs ``erase_phi``.

        Returns:
            ``event_id`` of the record, ``conversations``, ``sha256`` of each, and ``key_destroyed``.

        Raises:
            DeniedError: also while a legal hold lasts.
        """
    def erase_subject(self, session: Session, subject: str) -> dict[str, Any]:
        """Destroys the key of a person and all conversations with it; as :meth:`delete`."""
    def expire(self) -> int:
        """Erases what is past its retention, and returns how many conversations that were. Call it once a day."""

@final
class Summary:
    """What was found in a text, by kind and number. Never a value."""

    @property
    def identifiers(self) -> int: ...
    @property
    def secrets(self) -> int: ...
    @property
    def identifier_kinds(self) -> list[str]: ...
    @property
    def secret_kinds(self) -> list[str]: ...

@final
class Reply:
    """An answer with everything that happened on the way. ``str()`` of it is the text; its ``repr`` shows none of it."""

    def buffer(self) -> bytearray:
        """The text as UTF-8 in memory that :func:`wipe` can overwrite, without a ``str`` of it."""
    @property
    def text(self) -> str:
        """The answer with the caller's identifiers put back."""
    @property
    def prompt(self) -> str:
        """The user's message as the model saw it."""
    @property
    def raw_text(self) -> str:
        """The answer as the model gave it, with placeholders."""
    @property
    def request(self) -> Summary: ...
    @property
    def response(self) -> Summary: ...
    @property
    def completion(self) -> Completion: ...
    @property
    def event_ids(self) -> list[str]:
        """The ids of the request and the response record; empty without a log."""

@final
class ReplyStream:
    """Pieces of the restored answer as they come. Closing it, or leaving ``with``, cancels it. Threads take turns."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> str: ...
    def cancel(self) -> None:
        """Stops the answer without waiting: the next piece raises ``CancelledError``. From any thread."""
    def close(self) -> None:
        """Stops the answer and waits until the work has ended and is recorded. Twice does nothing more."""
    @property
    def reply(self) -> Reply | None:
        """Present once the stream has ended without an error."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exc: object) -> None: ...

@final
class GuardedStream:
    """JSON objects of a guarded chat completion as they come. Closing it, or leaving ``with``, cancels it. Threads take turns."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> str: ...
    def cancel(self) -> None:
        """Stops the answer without waiting: the next piece raises ``CancelledError``. From any thread."""
    def close(self) -> None:
        """Stops the answer and waits until the work has ended and is recorded. Twice does nothing more."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exc: object) -> None: ...

@disjoint_base
class Guard:
    """The walls around a backend. Any number of threads may use one guard, each with its own session.

    Args:
        backend: an :class:`Engine`, or an object with ``chat(messages, options)`` that returns a ``str``, a
            :class:`Completion` or an iterable of ``str``.
        audit: where every call is recorded. Without it, ``without_audit=True`` must be said.
        access: with a table, a chat needs the permission ``read_phi`` about the subject of the session.
        scanner: other rules than all built-in ones.
        on_secret: ``block`` refuses the text, ``redact`` replaces the secret by its kind, for good.
        classification: of the records.
        system_prompt: stands before every conversation; it may hold neither identifiers nor secrets.
        without_audit: nothing is recorded.
        policy: what is done with identifiers, as of a :class:`Scrubber`; default placeholders that are put back.
        key: for the policy.
    """

    def __new__(
        cls,
        backend: Engine | Backend,
        *,
        audit: AuditLog | None = None,
        access: AccessControl | None = None,
        scanner: Scanner | None = None,
        on_secret: Literal["block", "redact"] = "block",
        classification: ClassificationName = "SENSITIVE",
        system_prompt: Text | None = None,
        without_audit: bool = False,
        policy: Text | None = None,
        key: Key | None = None,
    ) -> Self: ...
    def chat(
        self,
        session: Session,
        text: Text,
        options: ChatOptions | None = None,
        *,
        on_text: OnText | None = None,
        cancel: Cancel | None = None,
    ) -> Reply:
        """The main job.

        Raises:
            BlockedError: the text holds a secret.
            DeniedError: the session's role may not.
            AuditError: the record could not be written; the model was not asked, or its answer is not given.
            CancelledError: ``on_text`` or ``cancel`` stopped it.
            ModelError: the model or backend failed; what a backend raised is ``__cause__``.
        """
    def stream(
        self, session: Session, text: Text, options: ChatOptions | None = None
    ) -> ReplyStream:
        """Like :meth:`chat`, as an iterator."""
    def complete(
        self,
        session: Session,
        request: Text,
        *,
        on_part: OnText | None = None,
        cancel: Cancel | None = None,
    ) -> str:
        """Answers a chat-completion request of OpenAI's API within the walls, given and answered as JSON. With
        ``"stream": true``, ``on_part`` gets each piece, and the last one is returned. ``Guard.create_chat_completion`` is the
        same with keywords.

        The request is the whole conversation: that of the session is neither sent nor changed. Every text in it is scanned and
        scrubbed; the answer, in JSON and in calls of tools too, is restored. Its member ``guard`` says what was found.

        Raises:
            InvalidArgumentError: the request is malformed, or an identifier stands in the name of a tool, in a ``pattern`` or
                in a grammar.
            UnsupportedError: the backend is the application's and takes neither formats nor tools.
        """
    def complete_stream(self, session: Session, request: Text) -> GuardedStream:
        """Like :meth:`complete`, as an iterator."""
    def preview(self, session: Session, text: Text) -> tuple[str, list[Finding]]:
        """What :meth:`chat` would find and send, without sending or recording."""

@final
class Report:
    """What this machine enforces, and what it does not."""

    @property
    def version(self) -> str: ...
    @property
    def cpu_variant(self) -> str:
        """The build of llama.cpp's CPU backend in use, the best that this CPU suits: ``baseline``, ``avx512`` or ``avx512_vnni``.

        The environment variable ``CLOISTER_CPU`` names another one.
        """
    @property
    def cpu_features(self) -> list[str]: ...
    @property
    def cpu_features_unused(self) -> list[str]:
        """This CPU has them, and the build in use was compiled without them."""
    @property
    def enforced(self) -> list[str]: ...
    @property
    def not_enforced(self) -> list[str]: ...

@final
class Attestation:
    """What was tried and found by :func:`attest`."""

    @property
    def holds(self) -> bool:
        """Whether everything that was tried was refused, and the import table is clean."""
    def to_json(self) -> str:
        """The document; :func:`is_authentic` checks it."""
    def to_html(self) -> str:
        """A page for people, which loads nothing from anywhere."""

def attest(engine: Engine | None = None, *, audit: AuditLog | None = None) -> Attestation:
    """Proves what is enforced now.

    Tries on the engine's own thread what its lockdown must refuse, asks the kernel about every thread, and hashes the
    import table and the model. With ``audit`` it is recorded, and authenticated where the log has a key.
    """

def is_authentic(document: str, audit: AuditLog) -> bool:
    """Whether an attestation was made with the key of this log and not altered since."""

def lock_process(*, audit: AuditLog | None = None, writable: Sequence[FilePath] = ...) -> tuple[int, bool]:
    """Locks every thread of this process, for good (Linux).

    No new connection, no other program or process, and no file written but beneath ``writable`` and the directory of the
    log; ``asyncio`` programs that open connections therefore cannot use it. Call it first, before other threads are
    there and before a model is loaded. Gives how many threads there were (more than one may still write to files), and
    whether refused calls are noted.
    """

def set_wiping(on: bool) -> None:
    """Switches the overwriting of freed memory off or on, for the whole process. On from the start."""

def wipe(buffer: bytearray) -> None:
    """Overwrites a buffer with zeros. What was ``str`` or ``bytes`` cannot be wiped: Python keeps copies of its own."""

def doctor() -> Report:
    """Looks at this machine and this build."""
