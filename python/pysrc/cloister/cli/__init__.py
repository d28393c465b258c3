"""The command ``cloister``.

Exit status: 0 done and clean, 1 findings (``scan``), a blocked text (``chat``) or a log that is not intact (``audit
verify``), 2 wrong usage, 3 failure. Errors are one line on stderr.
"""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from cloister.cli.arguments import parser
from cloister.cli.status import FAILURE, FINDINGS, INTERRUPTED
from cloister.errors import BlockedError, Error

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status; wrong usage raises ``SystemExit(2)``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except BlockedError as error:
        return _complain(str(error), FINDINGS)
    except Error as error:
        return _complain(str(error), FAILURE)
    except UnicodeError:
        return _complain("an argument is not UTF-8", FAILURE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except OSError as error:
        return _complain(error.strerror or "the operating system refused", FAILURE)
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)


def _complain(message: str, status: int) -> int:
    print(f"cloister: {message}", file=sys.stderr)
    return status
