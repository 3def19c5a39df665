"""Models: each one a table of parameters, a table of outputs and one kernel."""

from __future__ import annotations

from timecone.models.registry import find, register

__all__ = ["find", "register"]
