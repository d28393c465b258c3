"""The exceptions of this package."""

import builtins

__all__ = ["PermissionError", "SecurityError"]


class SecurityError(Exception):
    """Policy refuses the operation, or a key is missing or wrong."""


class PermissionError(SecurityError, builtins.PermissionError):
    """The user may not see this pattern. Also a builtin ``PermissionError``."""
