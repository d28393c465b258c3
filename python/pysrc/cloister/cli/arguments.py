"""What can be written on the command line."""

import argparse
from collections.abc import Callable
from math import nan
from typing import Any

from cloister._native import __version__
from cloister.cli import (
    access,
    audit,
    chat,
    conversations,
    demo,
    doctor,
    inspect,
    keys,
    policy,
    proofs,
    records,
    report_page,
    rules,
    text,
)
from cloister.cli.inputs import KEY_VARIABLE

DESCRIPTION = """\
Send text to a language model without letting identifiers, credentials or the conversation leave this process."""

CLASSES = ("PUBLIC", "INTERNAL", "SENSITIVE")
"""Of data, from the least to the most sensitive."""

EPILOG = """\
exit status: 0 done and clean; 1 findings, a blocked text, or a log that is not intact; 2 wrong usage; 3 failure
environment: CLOISTER_MODEL (a GGUF file), CLOISTER_KEY (a 256-bit key as base64 or hex), NO_COLOR"""

AUTHORITY = """\
Read or verify an audit log. These commands open files by their paths: whoever may read them, and has the key where one is
asked for, is asked for no permission. A table of roles guards what an application does."""

Command = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """Complains without repeating what was written: it may be a note whose quotes were forgotten."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As the base class, but the surplus is not quoted."""
        options, surplus = self.parse_known_args(args, namespace)
        if surplus:
            self.error("an unknown option, or an argument too many; hint: put a text between quotes")
        return options

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            raise argparse.ArgumentError(action, f"choose from {', '.join(map(str, action.choices))}")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    root = _parser_of(prog="cloister", description=DESCRIPTION, epilog=EPILOG)
    root.add_argument("--version", action="version", version=f"cloister {__version__}")
    commands = root.add_subparsers(metavar="COMMAND", required=True)
    _demo(_add(commands, "demo", demo.run, "show the whole road on a clinical note"))
    _scrub(_add(commands, "scrub", text.scrub, "replace identifiers and secrets"))
    _restore(_add(commands, "restore", policy.restore, "put back what `scrub --vault` has replaced"))
    _scan(_add(commands, "scan", text.scan, "report identifiers and secrets; status 1 if there are any"))
    _list(_add(commands, "rules", rules.rules, "list the rules that `scan` uses with the same options"))
    _chat(_add(commands, "chat", chat.run, "ask the model through the guard"))
    _conversations(commands.add_parser("conversations", help="list or erase what `chat --save` has saved"))
    _audit(commands.add_parser("audit", help="read or verify an audit log", description=AUTHORITY))
    _access(commands.add_parser("access", help="say who may do what, and review emergency access"))
    _encrypt(_add(commands, "encrypt", keys.encrypt, "encrypt a file with AES-256-GCM"))
    _decrypt(_add(commands, "decrypt", keys.decrypt, "decrypt what `encrypt` wrote"))
    _keygen(_add(commands, "keygen", keys.keygen, "make a 256-bit key"))
    _inspect(_add(commands, "inspect", inspect.run, "check a model file without loading it, and who vouches for it"))
    _doctor(_add(commands, "doctor", doctor.run, "say what is enforced on this machine"))
    return root


def _parser_of(**members: Any) -> argparse.ArgumentParser:
    return Parser(formatter_class=argparse.RawDescriptionHelpFormatter, **members)


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Command,
    summary: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    command.set_defaults(run=run)
    return command


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**31:
        raise argparse.ArgumentTypeError("not a number from 0 to 2147483647")
    return int(text)


def _heat(text: str) -> float:
    return _number(text, 10.0)


def _number(text: str, highest: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = nan
    if not 0.0 <= number <= highest:
        raise argparse.ArgumentTypeError(f"not a number from 0 to {highest:g}")
    return number


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="write JSON")


def _files(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "files", nargs="*", default=["-"], metavar="FILE", help="UTF-8 text; `-` is stdin [-]"
    )


def _rules(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--only", choices=["identifiers", "secrets"], help="with these built-in rules alone"
    )
    command.add_argument(
        "--profile",
        choices=["default", "us", "hipaa", "gdpr", "pci", "all"],
        help="which rules for identifiers [default]",
    )
    command.add_argument("--rules", metavar="FILE", help="further rules: .toml, .yaml, .yml or .json")
    command.add_argument("--gitleaks", metavar="FILE", help="further rules: a configuration of gitleaks")
    command.add_argument(
        "--without", action="append", default=[], metavar="KIND", help="leave out a kind or a rule id"
    )
    command.add_argument(
        "--allow", action="append", default=[], metavar="VALUE", help="a value that is never reported"
    )
    command.add_argument(
        "--allow-pattern", action="append", default=[], metavar="REGEX", help="values that are never reported"
    )
    command.add_argument(
        "--deny", action="append", default=[], metavar="KIND=VALUE", help="a value that is always reported"
    )
    command.add_argument(
        "--deny-pattern", action="append", default=[], metavar="KIND=REGEX", help="what is always reported"
    )
    command.add_argument(
        "--ignore-case", action="store_true", help="`--allow` and `--deny` hold in any case"
    )
    command.add_argument(
        "--min-confidence",
        action="append",
        default=[],
        type=_confidence,
        metavar="[KIND=]C",
        help="drop what is found with less, 0 to 1; of one kind, or of all others",
    )


def _log_key(command: argparse.ArgumentParser) -> None:
    command.add_argument("--key-file", metavar="FILE", help="key of the log's chain")


def _model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", metavar="FILE", help="GGUF model [CLOISTER_MODEL or the installed one]")
    command.add_argument(
        "--threads", type=_count, default=0, metavar="N", help="threads of the model [the cores of this machine]"
    )


def _trust(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--require",
        choices=["none", "hash", "signature"],
        default="none",
        help="what the model file must come with [none]",
    )
    command.add_argument("--sha256", metavar="HEX", help="the SHA-256 that the model file must have")
    command.add_argument(
        "--signature", metavar="FILE", help="a signature over the model file: minisign, or a Sigstore bundle"
    )
    command.add_argument(
        "--public-key", metavar="FILE", help="whose signature: a minisign key or a PEM public key"
    )
    command.add_argument(
        "--root-certificates", metavar="FILE", help="or PEM certificates of which one must vouch for it"
    )
    command.add_argument("--adapter", metavar="FILE", help="a LoRA adapter in GGUF that changes the model")
    command.add_argument(
        "--adapter-scale", type=float, metavar="X", help="how much of it is added [1, as it was trained]"
    )
    command.add_argument("--adapter-sha256", metavar="HEX", help="the SHA-256 that the adapter must have")
    command.add_argument(
        "--adapter-signature", metavar="FILE", help="a signature over the adapter, by the model's signer"
    )


def _inspect(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "model", nargs="?", metavar="FILE", help="GGUF model [CLOISTER_MODEL or the installed one]"
    )
    command.add_argument("--context", type=_count, default=0, metavar="N", help="context window in tokens [the model's, at most 8192]")
    _trust(command)
    _json(command)


def _demo(command: argparse.ArgumentParser) -> None:
    _model(command)
    command.add_argument(
        "--log", metavar="FILE", help="keep the audit log here [a new temporary directory]"
    )
    _log_key(command)


def _reading(command: argparse.ArgumentParser) -> None:
    command.add_argument("--lossy", action="store_true", help="read U+FFFD where a file is not UTF-8")
    command.add_argument("--quiet", action="store_true", help="show no progress")


def _scrub(command: argparse.ArgumentParser) -> None:
    _files(command)
    _reading(command)
    _target(command)
    _rules(command)
    command.add_argument("--mask", action="store_true", help="write ***-**-6789 instead of [SSN]")
    command.add_argument(
        "--policy",
        metavar="POLICY",
        help="what is done with each kind: a TOML or JSON file, or redact, mask, pseudonymise, surrogates, "
        "hipaa-safe-harbor or limited-data-set",
    )
    command.add_argument(
        "--operator",
        action="append",
        default=[],
        type=_operator,
        metavar="KIND=OPERATOR",
        help="change that for one kind, `*` for all others: redact, mask:4, hash:32, placeholder, surrogate, "
        "date_shift:365, generalise, keep or drop",
    )
    command.add_argument("--subject", metavar="ID", help="whom the text is about: their dates are moved alike")
    _vault(command, required=False, summary="remember what was replaced in this encrypted file")
    _json(command)


def _restore(command: argparse.ArgumentParser) -> None:
    _files(command)
    _vault(command, required=True, summary="what `scrub --vault` wrote")


def _vault(command: argparse.ArgumentParser, *, required: bool, summary: str) -> None:
    command.add_argument("--vault", metavar="FILE", required=required, help=summary)
    command.add_argument("--key-file", metavar="FILE", help=f"the key of policy and vault [{KEY_VARIABLE}]")


def _confidence(text: str) -> tuple[str, float]:
    """A kind, empty for all, and the least confidence in it."""
    kind, _, share = text.rpartition("=")
    return kind, _number(share, 1.0)


def _operator(text: str) -> tuple[str, str]:
    kind, equals, operator = text.partition("=")
    if not (kind and equals and operator):
        raise argparse.ArgumentTypeError("not KIND=OPERATOR")
    return kind, operator


def _scan(command: argparse.ArgumentParser) -> None:
    _files(command)
    _reading(command)
    command.add_argument(
        "--records",
        choices=records.FORMS,
        help="the files are CSV, TSV or JSON Lines: read the fields by their names, and name record and field of what is found",
    )
    _rules(command)
    _json(command)


def _list(command: argparse.ArgumentParser) -> None:
    _rules(command)
    _json(command)


def _chat(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "text", nargs="?", help="the message; without it stdin, on a terminal a conversation"
    )
    _model(command)
    _identity(command)
    command.add_argument("--access", metavar="TABLE", help="ask this table of roles before each message")
    command.add_argument("--system", metavar="TEXT", help="system prompt; scrubbed like the message")
    command.add_argument(
        "--on-secret", choices=["block", "redact"], default="block", help="what to do with a secret [block]"
    )
    command.add_argument("--max-tokens", type=_count, default=512, metavar="N", help="at most this many, 0 for all that fit [512]")
    command.add_argument("--temperature", type=_heat, default=0.2, metavar="T", help="0 to 10 [0.2]")
    command.add_argument("--seed", type=_count, metavar="N", help="same seed, same answer")
    command.add_argument("--log", metavar="FILE", help="audit log [~/.local/state/cloister/audit.jsonl]")
    command.add_argument("--no-log", action="store_true", help="write no audit records")
    command.add_argument(
        "--lockdown",
        choices=["engine", "process", "off"],
        default="engine",
        help="whom the kernel confines: the model's threads, all threads, nobody [engine]",
    )
    _trust(command)
    _log_key(command)
    command.add_argument("--store", metavar="DIR", help="where conversations are saved, encrypted; nothing is without `--save`")
    _store_key(command)
    command.add_argument("--subject", metavar="ID", help="whom the conversation is about [the user]")
    command.add_argument("--resume", metavar="ID", help="go on with a saved conversation")
    command.add_argument("--save", action="store_true", help="save the conversation at the end")
    command.add_argument("--title", default="", metavar="TEXT", help="what `conversations list` shows; encrypted too")
    _json(command)


def _store_key(command: argparse.ArgumentParser) -> None:
    command.add_argument("--store-key", metavar="FILE", help=f"the master key of the store [{KEY_VARIABLE}]")


def _conversations(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(metavar="ACTION", required=True)
    listing = _stored(_add(actions, "list", conversations.listed, "list the conversations of a person"))
    listing.add_argument("subject", metavar="SUBJECT", help="whom they are about")
    _json(listing)
    delete = _stored(_add(actions, "delete", conversations.delete, "erase one conversation"))
    delete.add_argument("subject", metavar="SUBJECT", help="whom it is about")
    delete.add_argument("id", metavar="ID", help="as `list` prints it")
    erase = _stored(_add(actions, "erase", conversations.erase, "destroy the key of a person and all their conversations"))
    erase.add_argument("subject", metavar="SUBJECT")
    _stored(_add(actions, "expire", conversations.expire, "erase what is past its retention; once a day"))


def _stored(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    command.add_argument("store", metavar="DIR", help="what `chat --store` was given")
    _store_key(command)
    command.add_argument("--log", metavar="FILE", help="record it in this audit log")
    _log_key(command)
    command.add_argument("--access", metavar="TABLE", help="ask this table of roles; without it the key alone decides")
    _identity(command)
    return command


def _identity(command: argparse.ArgumentParser) -> None:
    command.add_argument("--user", metavar="ID", help="who is asking [the name you are logged in with]")
    command.add_argument("--role", metavar="ROLE", help="in which role [the only one that the user has]")


def _access(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(metavar="ACTION", required=True)
    check = _add(actions, "check", access.check, "say whether a user may do something, and why; status 1 if not")
    _table_of_roles(check)
    check.add_argument("user", metavar="USER")
    check.add_argument("permission", metavar="PERMISSION", help="such as read_phi, or read_phi@patient:17")
    check.add_argument("--role", metavar="ROLE", help="in which role [each that the user has]")
    _json(check)
    roles = _add(actions, "roles", access.roles, "list the roles, what they may do, and who has them")
    _table_of_roles(roles)
    _json(roles)
    waiting = _add(
        actions, "emergencies", access.emergencies, "list emergency accesses that nobody has reviewed; status 1 if there are any"
    )
    _reviewing(waiting)
    _json(waiting)
    review = _add(actions, "review", access.review, "close an emergency access of somebody else")
    _reviewing(review)
    review.add_argument("id", metavar="ID", help="as `emergencies` prints it")
    review.add_argument("verdict", choices=["justified", "unjustified"], metavar="VERDICT", help="justified or unjustified")
    review.add_argument("--note", default="", metavar="TEXT", help="stands in the log, without identifiers")


def _table_of_roles(command: argparse.ArgumentParser) -> None:
    command.add_argument("access", metavar="TABLE", help="a table of roles: TOML or JSON")


def _reviewing(command: argparse.ArgumentParser) -> None:
    _table_of_roles(command)
    command.add_argument("log", metavar="FILE", help="the log")
    _log_key(command)
    _identity(command)


def _audit(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(metavar="ACTION", required=True)
    query = _add(actions, "query", audit.query, "print the records that match")
    query.add_argument("log", metavar="FILE", help="the log; rotated files beside it are read too")
    _log_key(query)
    _conditions(query)
    query.add_argument("--json", action="store_true", help="write one JSON record per line")
    query.add_argument("--prove", metavar="FILE", help="write each record with its proof for this public key, as JSON")
    verify = _add(actions, "verify", audit.verify, "check that nobody altered the log; status 1 if somebody did")
    verify.add_argument("log", metavar="FILE", help="the log; rotated files beside it are checked too")
    _log_key(verify)
    _public_key(verify, required=False)
    verify.add_argument(
        "--checkpoint",
        action="append",
        default=[],
        metavar="FILE",
        help="a checkpoint that was kept elsewhere; shows a log that was cut or set back",
    )
    _json(verify)
    tail = _add(actions, "tail", audit.tail, "print the newest records")
    tail.add_argument("log", metavar="FILE")
    tail.add_argument("-n", "--lines", type=_count, default=10, metavar="N", help="how many [10]")
    tail.add_argument("--follow", "-f", action="store_true", help="and those that come")
    tail.add_argument("--json", action="store_true", help="write one JSON record per line")
    export = _add(actions, "export", audit.export, "write records in the form of another system")
    export.add_argument("log", metavar="FILE")
    export.add_argument(
        "--format", choices=["ocsf", "ecs", "cef", "syslog", "fhir"], required=True, help="one line for each record"
    )
    export.add_argument("--host", metavar="NAME", help="in the formats that carry one [this machine]")
    _log_key(export)
    _conditions(export)
    _target(export)
    report = _add(actions, "report", report_page.report, "write one HTML page about a period, with charts")
    report.add_argument("log", metavar="FILE")
    _log_key(report)
    _public_key(report, required=False)
    report.add_argument(
        "--sort", choices=report_page.COLUMNS, metavar="FIELD", help="of the table: timestamp, event_type, user_id, … [as recorded]"
    )
    _conditions(report)
    _target(report)
    keygen = _add(actions, "keygen", proofs.keygen, "make a key that signs checkpoints; prints the public key")
    keygen.add_argument("name", metavar="NAME", help="of the log, such as hospital.example/audit")
    _target(keygen)
    public = _add(actions, "public-key", proofs.public_key, "print the public key of a signing key")
    public.add_argument("signing_key", metavar="FILE", help="what `keygen` wrote")
    seal = _add(actions, "seal", proofs.seal, "begin a log whose key is kept elsewhere")
    seal.add_argument("log", metavar="FILE", help="the log; it must not exist")
    _target(seal)
    checkpoint = _add(actions, "checkpoint", proofs.checkpoint, "sign all records so far; keep the note elsewhere")
    _writing(checkpoint)
    _target(checkpoint)
    hold = _add(actions, "hold", proofs.hold, "let retention delete nothing")
    _writing(hold)
    hold.add_argument("reason", metavar="REASON", help="stands in the log")
    hold.add_argument("--release", action="store_true", help="end the hold")
    prove = _add(actions, "prove", proofs.prove, "prove that one record is in the log")
    prove.add_argument("log", metavar="FILE")
    prove.add_argument("seq", type=_count, metavar="N", help="the number of the record, `chain.seq`")
    _public_key(prove, required=True)
    prove.add_argument("--record", metavar="FILE", required=True, help="write the record here")
    prove.add_argument("--proof", metavar="FILE", required=True, help="write the proof here")
    prove.add_argument("--force", action="store_true", help="replace the files")
    check = _add(actions, "check", proofs.check, "check what `prove` wrote; status 1 if it proves nothing")
    check.add_argument("record", metavar="RECORD")
    check.add_argument("proof", metavar="PROOF")
    _public_key(check, required=True)
    grown = _add(actions, "grown", proofs.grown, "prove that the log only grew since a checkpoint")
    grown.add_argument("log", metavar="FILE")
    grown.add_argument("checkpoint", metavar="CHECKPOINT")
    _public_key(grown, required=True)
    _target(grown)


def _conditions(command: argparse.ArgumentParser) -> None:
    """Which records."""
    command.add_argument("--user", metavar="ID")
    command.add_argument("--session", metavar="ID")
    command.add_argument("--type", metavar="TYPE", help="llm_request, llm_response, security_violation, …")
    command.add_argument("--action", metavar="NAME")
    command.add_argument("--status", metavar="STATUS", help="success, blocked, failed, denied or cancelled")
    command.add_argument("--classification", choices=CLASSES, help="of the data that were touched")
    command.add_argument("--subject", metavar="ID", help="whom the records are about: `subject_id` as it stands there")
    command.add_argument("--since", metavar="TIME", help="ISO 8601, inclusive; UTC unless it names a zone")
    command.add_argument("--until", metavar="TIME", help="likewise; a date alone is the end of that day")
    command.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a nested member, for example security__pii_scrubbed__gt=3",
    )
    command.add_argument("--limit", type=_count, default=0, metavar="N", help="at most this many [all]")
    command.add_argument("--newest", action="store_true", help="newest first")


def _public_key(command: argparse.ArgumentParser, *, required: bool) -> None:
    command.add_argument(
        "--public-key", metavar="FILE", required=required, help="of the log; with it no secret is needed"
    )


def _writing(command: argparse.ArgumentParser) -> None:
    """Of commands that write into a log."""
    command.add_argument("log", metavar="FILE", help="the log")
    _log_key(command)
    command.add_argument("--signing-key", metavar="FILE", help="what `keygen` wrote")


def _cipher(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", nargs="?", default="-", metavar="FILE", help="`-` is stdin [-]")
    command.add_argument("--key-file", metavar="FILE", help=f"the key [{KEY_VARIABLE}]")
    command.add_argument(
        "--context", metavar="TEXT", help="whom or what the data belongs to; needed again to decrypt"
    )
    command.add_argument(
        "--binary", action="store_true", help="a file of bytes in place of text, for large ones; needs FILE and -o"
    )
    _target(command)


def _target(command: argparse.ArgumentParser) -> None:
    command.add_argument("-o", "--output", metavar="FILE", help="write here, mode 0600 [stdout]")
    command.add_argument("--force", action="store_true", help="replace the output file")


def _encrypt(command: argparse.ArgumentParser) -> None:
    _cipher(command)
    command.add_argument(
        "--classification",
        choices=CLASSES,
        default="SENSITIVE",
        help="bound to the ciphertext [SENSITIVE]",
    )


def _decrypt(command: argparse.ArgumentParser) -> None:
    _cipher(command)
    command.add_argument(
        "--legacy", action="store_true", help="read base64(nonce, ciphertext, tag) of older systems"
    )


def _keygen(command: argparse.ArgumentParser) -> None:
    _target(command)


def _doctor(command: argparse.ArgumentParser) -> None:
    _json(command)
    command.add_argument(
        "--attest", action="store_true", help="load the model, try what its lockdown must refuse, and hash what was loaded"
    )
    _model(command)
    _trust(command)
    command.add_argument("--html", metavar="FILE", help="with --attest, write a page for people as well")
    command.add_argument("--log", metavar="FILE", help="with --attest, record it in this audit log")
    command.add_argument(
        "--check", metavar="FILE", help="check an attestation against the key of the log; status 1 if it does not fit"
    )
    _log_key(command)
