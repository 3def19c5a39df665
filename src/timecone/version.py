"""Version of the package: that of the installed distribution, which is built from the tag."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

#: Version of sources that are not installed, or built without git: the next release is being prepared.
UNRELEASED = "0.1.0.dev0"

try:
    __version__ = version("timecone")
except PackageNotFoundError:
    __version__ = UNRELEASED
