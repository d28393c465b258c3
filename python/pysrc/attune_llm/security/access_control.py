"""Roles and permissions, default deny: :class:`cloister.AccessControl`."""

from cloister import AccessControl

__all__ = ["AccessControl"]
