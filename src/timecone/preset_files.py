"""Folder of the files that ship with timecone: scenarios, fitted trends, published figures."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path


@cache
def folder() -> Path:
    """Return the folder that holds the presets, of the installed package or of the source tree."""
    installed = Path(str(resources.files("timecone"))) / "presets"
    return installed if installed.is_dir() else Path(__file__).resolve().parents[2] / "configs"
