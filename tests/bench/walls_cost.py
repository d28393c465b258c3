"""What lockdown and wiping cost: the same chats with both and with neither, taking turns in one process."""

from __future__ import annotations

import os
import time
from statistics import median

import cloister

PROMPT = "Summarise in three sentences why a hospital keeps its records for six years. " * 6
TOKENS = 64
ROUNDS = 15


def measure(engine: cloister.Engine, wiping: bool) -> tuple[float, float]:
    """Tokens per second of processor time, from the first piece of the answer to the last and over the whole chat."""
    cloister.set_wiping(wiping)
    options = cloister.ChatOptions(max_tokens=TOKENS, temperature=0.0, repeat_penalty=1.1)
    times = [time.process_time()]
    done = engine.generate(PROMPT, options, on_text=lambda _: times.append(time.process_time()))
    times.append(time.process_time())
    return (done.completion_tokens - 1) / (times[-2] - times[1]), done.completion_tokens / (times[-1] - times[0])


def cost() -> list[tuple[str, float, str, float | None]]:
    """Rows: what, figure, unit, and the least it should be."""
    model = os.environ.get("CLOISTER_TEST_MODEL")
    if not model:
        return []
    # One thread: on a busy machine, several that wait for each other measure the machine.
    confined = cloister.Engine(model, context_tokens=2048, threads=1)
    free = cloister.Engine(model, context_tokens=2048, threads=1, lockdown="off")
    measure(confined, True)
    measure(free, False)
    with_walls: list[tuple[float, float]] = []
    without: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        with_walls.append(measure(confined, True))
        without.append(measure(free, False))
    cloister.set_wiping(True)
    # Neighbours in time share the load of the machine, so each is compared with its own.
    pairs = list(zip(with_walls, without, strict=True))
    return [
        ("answering, lockdown and wiping on, one thread", median(it[0] for it in with_walls), "tok/s CPU", None),
        ("  off", median(it[0] for it in without), "tok/s CPU", None),
        ("  on over off", median(on[0] / off[0] for on, off in pairs), "x", 0.98),
        (f"  whole chats of {TOKENS} tokens, prompt included, on over off", median(on[1] / off[1] for on, off in pairs), "x", None),
    ]


if __name__ == "__main__":
    for what, value, unit, _ in cost():
        print(f"{what:<66} {value:>11.3f}  {unit}")
