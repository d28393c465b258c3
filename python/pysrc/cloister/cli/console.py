"""Where output goes: colours and progress only on a terminal, and progress only on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from cloister.cli.inputs import Trust
from cloister.engine import Engine
from cloister.types import LockdownName

LARGE_INPUT_BYTES: Final = 4 << 20
"""Input from this size on shows a progress bar."""


REPLACEMENT: Final = "\ufffd"
PIPED_WIDTH: Final = 200
"""Columns of tables that go to a file or a pipe."""


def output() -> Console:
    """The console of stdout. Colours only on a terminal, and never with ``NO_COLOR``."""
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    return console


def printable(text: str) -> str:
    """The text without characters that would control a terminal; line ends and tabs stay."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else REPLACEMENT for sign in text)


def messages() -> Console:
    """The console of stderr."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def byte_progress(what: str, total: int, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A bar over ``total`` bytes on stderr; what it gives takes the bytes that were done and what was found in them.

    It is shown on a terminal, for large input; without a total it tells what was done so far.
    """
    shown = not quiet and messages().is_terminal and (total == 0 or total >= LARGE_INPUT_BYTES)
    progress = Progress(
        TextColumn(what),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[found]:,} found"),
        console=messages(),
        transient=True,
        disable=not shown,
    )
    found = 0
    with progress:
        task = progress.add_task(what, total=total or None, found=0)

        def advance(done: int, more: int) -> None:
            nonlocal found
            found += more
            progress.update(task, advance=done, found=found)

        yield advance


def load_engine(
    path: str,
    *,
    threads: int,
    context_tokens: int = 0,
    lockdown: LockdownName = "engine",
    trust: Trust | None = None,
) -> Engine:
    """Loads a model with a progress bar on stderr."""
    progress = Progress(
        TextColumn("loading the model"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=messages(),
        transient=True,
        disable=not messages().is_terminal,
    )
    with progress:
        task = progress.add_task("loading", total=1.0)
        return Engine(
            path,
            context_tokens=context_tokens,
            threads=threads,
            lockdown=lockdown,
            progress=lambda share: progress.update(task, completed=share),
            **(trust or {}),
        )
