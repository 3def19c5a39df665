"""Version of the package, from the tag: that of the installed distribution, or the next release."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

#: Version of a copy of the sources that is not installed: the next release, as in pyproject.toml.
NEXT_RELEASE = "0.1.0"

try:
    __version__ = version("timecone")
except PackageNotFoundError:
    __version__ = NEXT_RELEASE
