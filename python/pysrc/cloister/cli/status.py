"""The exit statuses that scripts can rely on."""

from typing import Final

CLEAN: Final = 0
FINDINGS: Final = 1
USAGE: Final = 2
FAILURE: Final = 3
INTERRUPTED: Final = 130
