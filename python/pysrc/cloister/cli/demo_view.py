"""How the demonstration looks: colours on a terminal, brackets and rules elsewhere."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from cloister._native import Finding, ModelInfo, Reply, Verification
from cloister.cli.audit import summary_of, table_of
from cloister.cli.console import output, printable

COLOURS: Final = {"identifier": "bold black on yellow", "secret": "bold white on red"}
PLAIN_MARKS: Final = ("«", "»")
PLACEHOLDER: Final = r"\[[A-Z][A-Z_]*_\d+\]"


class View:
    """Prints the stations of the road, numbered."""

    def __init__(self) -> None:
        self._console: Console = output()
        self._station = 0

    def note(self, text: str, findings: Sequence[Finding]) -> None:
        """The note as it came, with what was found in it."""
        self._title("The note, as the application hands it over")
        self._console.print(self._marked(text, findings))
        self._console.print(Text(f"found: {_counts(findings)}", style="dim"))

    def prompt(self, text: str) -> None:
        """What the model sees."""
        self._title("What the model sees")
        self._console.print(_with_placeholders(text))
        self._title("The model's answer, as it comes")

    def piece(self, text: str) -> None:
        """A piece of the answer, at once."""
        self._console.print(Text(printable(text)), end="")
        self._console.file.flush()

    def answer(self, reply: Reply, model: ModelInfo) -> None:
        """The answer with the identifiers put back."""
        done = reply.completion
        rate = done.completion_tokens / done.generation_seconds if done.generation_seconds else 0.0
        figures = f"{model.name}: {done.completion_tokens} tokens, {rate:.0f} tokens/s, in this process"
        self._console.print("\n", Text(figures, style="dim"), sep="")
        self._title("The answer, with the identifiers put back")
        self._console.print(Text(printable(reply.text)))

    def blocked(self, text: str, findings: Sequence[Finding], message: str) -> None:
        """A note that is refused."""
        self._title("A note with a credential in it")
        self._console.print(self._marked(text, findings))
        self._console.print(Text(f"blocked: {message}", style="bold red"))

    def records(self, records: list[dict[str, Any]]) -> None:
        """The audit records: all as a table, the first one whole."""
        self._title("The audit records: kinds and counts, never a value")
        self._console.print(table_of(records))
        self._console.print(Text(json.dumps(records[0]), style="dim"))

    def verified(self, result: Verification, edited: Sequence[str], path: Path) -> None:
        """The log is intact, and a copy with one changed byte is not."""
        self._title("The log, verified")
        self._console.print(Text(summary_of(result), style="green" if result.intact else "bold red"))
        for problem in (*result.problems, *(f"a copy with one byte changed: {line}" for line in edited[:1])):
            self._console.print(Text(problem))
        self._console.print(Text(f"check it yourself: cloister audit verify {path}", style="dim"))

    def _title(self, title: str) -> None:
        self._station += 1
        self._console.print()
        self._console.print(Text(f"{self._station}. {title}", style="bold cyan"))

    def _marked(self, text: str, findings: Sequence[Finding]) -> Text:
        marked = Text()
        coloured = self._console.color_system is not None and not self._console.no_color
        opening, closing = ("", "") if coloured else PLAIN_MARKS
        end = 0
        for finding in findings:
            marked.append(text[end : finding.start])
            value = f"{opening}{text[finding.start : finding.end]}{closing}"
            marked.append(value, style=COLOURS[finding.category])
            end = finding.end
        return marked.append(text[end:])


def _with_placeholders(text: str) -> Text:
    shown = Text(text)
    shown.highlight_regex(PLACEHOLDER, style="bold green")
    return shown


def _counts(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.kind for finding in findings)
    return ", ".join(kind if count == 1 else f"{kind} ×{count}" for kind, count in counts.items())
