"""Holds a guarded conversation in buffers that can be wiped, ends it, and waits until its standard input is closed.

``python conversation.py LOG MODEL PROMPT_BYTES on|off``; standard input brings 32 bytes of a key and the prompt. Standard
output gets the answer and then a NUL.
"""

import os
import sys

import cloister


def read(length: int) -> bytearray:
    buffer = bytearray(length)
    view = memoryview(buffer)
    while view:
        view = view[os.readv(0, [view]) :]
    return buffer


def main() -> None:
    log, model, length, wiping = sys.argv[1:]
    cloister.set_wiping(wiping == "on")
    key, prompt = read(32), read(int(length))
    engine = cloister.Engine(model, context_tokens=1024)
    audit = cloister.AuditLog(log, key=cloister.Key(key))
    guard = cloister.Guard(engine, audit=audit)
    session = cloister.Session("physician-7", "physician")
    options = cloister.ChatOptions(max_tokens=40, temperature=0.0)
    reply = guard.chat(session, prompt, options)
    answer = reply.buffer()
    os.writev(1, [answer])
    for buffer in (answer, prompt, key):
        cloister.wipe(buffer)
    del reply, session, guard, audit
    os.write(1, b"\0")
    assert os.read(0, 1) == b""
    assert engine.loaded


main()
