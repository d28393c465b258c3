"""``cloister demo``: the whole road on one clinical note, with everything it leaves behind."""

import argparse
import tempfile
from pathlib import Path
from typing import Final

from cloister._native import (
    AccessControl,
    AuditLog,
    ChatOptions,
    Completion,
    Key,
    Session,
    audit_verify,
)
from cloister.cli.console import load_engine
from cloister.cli.demo_view import View
from cloister.cli.inputs import log_key_from
from cloister.cli.status import CLEAN
from cloister.engine import Engine
from cloister.errors import BlockedError
from cloister.guard import Guard
from cloister.models import default_model

USER: Final = "nurse@hospital.com"
ROLE: Final = "nurse"

NOTE: Final = """\
SBAR handoff, bed 312
Situation: Patient Maria Alvarez (MRN: 4471902, DOB: 03/14/1958) is short of breath since 02:40.
Background: Heart failure, admitted on Friday. SSN 536-22-8730, insurance INS00482913.
Assessment: Oxygen saturation 88% on 2 L, crackles in both lungs, weight up 2.4 kg.
Recommendation: Furosemide 40 mg IV now. Call Dr. Samuel Okafor at 555-014-7788 if she does not improve."""

TASK: Final = "Write a summary of this handoff in two sentences. Say who must be called."

NOTE_WITH_KEY: Final = (
    "Please read the lab export yourself: AWS_SECRET_ACCESS_KEY="
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzE8vQm3pLt"
)

CONTEXT_TOKENS: Final = 2048
OPTIONS: Final = ChatOptions(max_tokens=120, temperature=0.0, repeat_penalty=1.1, seed=7)


class Watched:
    """A backend that shows what arrives at the model and what the model writes, and otherwise is the engine."""

    def __init__(self, engine: Engine, view: View) -> None:
        self.name = engine.info.name
        self._engine = engine
        self._view = view

    def chat(self, messages: list[dict[str, str]], options: ChatOptions) -> Completion:
        """Answers with the engine."""
        self._view.prompt(messages[-1]["content"])
        return self._engine.chat(messages, options, on_text=self._view.piece)


def run(options: argparse.Namespace) -> int:
    """Note, scrubbed prompt, answer, restored answer, a blocked note, the records, and the log's verification."""
    key = log_key_from(options.key_file)
    path = Path(options.log) if options.log else Path(tempfile.mkdtemp(prefix="cloister-demo-")) / "audit.jsonl"
    view = View()
    model = options.model or str(default_model())
    engine = load_engine(model, threads=options.threads, context_tokens=CONTEXT_TOKENS)
    log = AuditLog(path, key=key)
    access = AccessControl()
    access.add_role(ROLE, ["read_phi"])
    guard = Guard(Watched(engine, view), audit=log, access=access)
    session = Session(USER, ROLE)
    question = f"{NOTE}\n\n{TASK}"

    view.note(NOTE, guard.preview(session, NOTE)[1])
    reply = guard.chat(session, question, OPTIONS)
    view.answer(reply, engine.info)
    try:
        guard.chat(session, NOTE_WITH_KEY)
    except BlockedError as error:
        view.blocked(NOTE_WITH_KEY, guard.preview(session, NOTE_WITH_KEY)[1], str(error))
    view.records(log.query())
    view.verified(log.verify(), _verify_edited_copy(path, key), path)
    return CLEAN


def _verify_edited_copy(path: Path, key: Key | None) -> list[str]:
    """What a verification says about a copy of the log in which one byte was changed."""
    content = bytearray(path.read_bytes())
    place = content.index(USER.encode("ascii"))
    content[place] ^= 1
    with tempfile.TemporaryDirectory(prefix="cloister-demo-") as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(content)
        return audit_verify(copy, key).problems
