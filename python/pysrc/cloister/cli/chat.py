"""``cloister chat``."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Literal

from cloister._native import AccessControl, AuditLog, ChatOptions, Reply, Session, lock_process
from cloister.cli.access import session_of, table_from
from cloister.cli.console import load_engine, messages, printable
from cloister.cli.conversations import store_of
from cloister.cli.inputs import log_key_from, trust_from
from cloister.cli.status import CLEAN
from cloister.errors import BlockedError, InvalidArgumentError
from cloister.guard import Guard
from cloister.models import default_model


def run(options: argparse.Namespace) -> int:
    """One message from the command line or stdin; on a terminal, a conversation until end of input."""
    settings = ChatOptions(
        max_tokens=options.max_tokens, temperature=options.temperature, seed=options.seed
    )
    if not options.store and (options.save or options.resume):
        raise InvalidArgumentError("`--save` and `--resume` need a store; hint: name its directory with `--store`")
    log = None
    if not options.no_log:
        log = AuditLog(options.log or _default_log(), key=log_key_from(options.key_file))
    access = table_from(options.access)
    session = session_of(options, access, log)
    store = store_of(options.store, options.store_key, log, access) if options.store else None
    if store and options.resume:
        store.load(session, options.subject or session.user, options.resume)
    if options.subject:
        session.set_subject(options.subject)
    if options.system:
        session.set_system_prompt(options.system)
    guard = _guard(options, access, log)
    if options.text is None and sys.stdin.isatty():
        _converse(guard, session, settings)
    else:
        text = sys.stdin.buffer.read() if options.text is None else options.text
        if options.json:
            print(json.dumps(_members(guard.chat(session, text, settings)), indent=2))
        else:
            _stream(guard, session, text, settings)
    if store and options.save:
        messages().print(f"saved as {store.save(session, title=options.title)}", highlight=False)
    return CLEAN


def _guard(options: argparse.Namespace, access: AccessControl | None, log: AuditLog | None) -> Guard:
    on_secret: Literal["block", "redact"] = options.on_secret
    if options.lockdown == "process":
        lock_process(audit=log)
    engine = load_engine(
        options.model or str(default_model()),
        threads=options.threads,
        lockdown="off" if options.lockdown == "off" else "engine",
        trust=trust_from(options),
    )
    return Guard(engine, audit=log, without_audit=log is None, access=access, on_secret=on_secret)


def _default_log() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    folder = Path(state) / "cloister"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / "audit.jsonl"


def _converse(guard: Guard, session: Session, settings: ChatOptions) -> None:
    console = messages()
    console.print("end with Ctrl-D", style="dim")
    while True:
        try:
            text = input("> ")
        except EOFError:
            return
        if not text.strip():
            continue
        try:
            _stream(guard, session, text, settings)
        except BlockedError as error:
            console.print(f"cloister: {error}", style="red", markup=False)


def _stream(guard: Guard, session: Session, text: str | bytes, settings: ChatOptions) -> None:
    with guard.stream(session, text, settings) as pieces:
        for piece in pieces:
            sys.stdout.write(printable(piece))
            sys.stdout.flush()
    print()


def _members(reply: Reply) -> dict[str, object]:
    return {
        "text": reply.text,
        "prompt": reply.prompt,
        "raw_text": reply.raw_text,
        "identifiers": reply.request.identifier_kinds,
        "secrets": reply.request.secret_kinds,
        "finish_reason": reply.completion.finish_reason,
        "prompt_tokens": reply.completion.prompt_tokens,
        "completion_tokens": reply.completion.completion_tokens,
        "event_ids": reply.event_ids,
    }
