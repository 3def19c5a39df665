"""How every kernel of the house is compiled, and where the machine code is kept.

Numba's on-disk cache looks only at the file that holds the compiled function: after an edit of a
function that it calls, it would go on running the old machine code. Here the cache folder is named by a
hash of all sources that kernels are made of, so a changed source can never meet a stale kernel. These are the
files that define kernels and whatever they import of this package, directly or not: an edit elsewhere, for
instance of a writer of tables, compiles nothing anew. Machine code of versions not used for long is removed.
"""

from __future__ import annotations

import functools
import hashlib
import io
import os
import re
import shutil
import stat
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import numba
import platformdirs
from numba.core import event
from numba.core.caching import IndexDataCacheFile

from timecone.numerics import compilation
from timecone.numerics.pipeline import KernelDispatcher
from timecone.numerics.sources import kernel_hash

# Typed as Any: Numba sets the options of its config module at run time.
numba_config: Any = numba.config

# Machine code of other versions, kept for those who change between a few.
_FOLDERS_KEPT = 8
_FOLDER_NAME = re.compile(r"kernels-[0-9a-f]{16}")

# Only flags that keep inf and NaN: inf is an answer here. `contract` allows fused multiply-add; every
# lane of a tile runs the same instructions, so results do not depend on where a draw falls.
FASTMATH = frozenset({"contract"})
_DIGEST_SIZE = 32


class _Reporter(event.Listener):
    """Passes on what Numba compiles to those who asked for it."""

    def on_start(self, event: event.Event) -> None:  # noqa: ARG002 - Numba's signature
        compilation.began()

    def on_end(self, event: event.Event) -> None:  # noqa: ARG002
        compilation.ended()


event.register("numba:compile", _Reporter())  # type: ignore[no-untyped-call]


@functools.cache
def cache_folder() -> Path | None:
    """Return the folder for compiled kernels, or None where nothing can be written.

    What is cached is executed, so a folder to which another user can write is not used.
    """
    base = numba_config.CACHE_DIR or platformdirs.user_cache_dir("timecone", appauthor=False)
    folder = Path(base) / f"kernels-{kernel_hash()}"
    try:
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not is_private(folder):
            warnings.warn(
                f"another user can write to the cache of kernels, {folder}: it is not used, and kernels are"
                " compiled anew each time. Remove the folder.",
                stacklevel=2,
            )
            return None
        folder.chmod(0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
        os.utime(folder)
        if is_new:
            _prune(folder)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def is_private(folder: Path) -> bool:
    """Return whether a folder is this user's and no other user can write to it."""
    if not hasattr(os, "geteuid"):
        return True
    about = folder.stat()
    return about.st_uid == os.geteuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _prune(newest: Path) -> None:
    """Remove the machine code of other versions beside a new folder, but for the few that were used last."""
    with suppress(OSError):  # another process may prune as well
        others = [
            folder
            for folder in newest.parent.iterdir()
            if folder != newest
            and _FOLDER_NAME.fullmatch(folder.name)
            and folder.is_dir()
            and not folder.is_symlink()
            and is_private(folder)
        ]
        others.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
        for folder in others[_FOLDERS_KEPT - 1 :]:
            shutil.rmtree(folder, ignore_errors=True)


class _CheckedCacheFile(IndexDataCacheFile):
    """Numba's cache of a function, with a digest behind each file: what is damaged is compiled again."""

    def save(self, key: Any, data: Any) -> None:
        # A full disk keeps nobody from running what has just been compiled.
        with suppress(OSError):
            super().save(key, data)  # type: ignore[no-untyped-call]

    def _load_index(self) -> Any:
        return super()._load_index() if _is_intact(self._index_path) else {}  # type: ignore[no-untyped-call]

    def _load_data(self, name: str) -> Any:
        if not _is_intact(Path(self._cache_path) / name):
            raise FileNotFoundError(name)  # Numba compiles what it does not find
        return super()._load_data(name)  # type: ignore[no-untyped-call]

    @contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[io.BytesIO]:
        with super()._open_for_write(filepath) as stream:
            content = io.BytesIO()
            yield content
            stream.write(content.getvalue() + _digest(content.getvalue()))


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_SIZE).digest()


def _is_intact(path: str | Path) -> bool:
    try:
        content = Path(path).read_bytes()
    except OSError:
        return False
    return _digest(content[:-_DIGEST_SIZE]) == content[-_DIGEST_SIZE:]


@contextmanager
def _cache_in(folder: Path) -> Iterator[None]:
    """Point numba's cache at ``folder`` while a function is being decorated."""
    before = numba_config.CACHE_DIR
    numba_config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        numba_config.CACHE_DIR = before


def _jit[F: Callable[..., object]](function: F, *, forceinline: bool) -> F:
    if numba_config.DISABLE_JIT:
        function.py_func = function  # type: ignore[attr-defined]
        return function
    # error_model="numpy": a zero check before each division would keep loops from being vectorised.
    options = {
        "nopython": True,
        "nogil": True,
        "error_model": "numpy",
        "fastmath": set(FASTMATH),
        "forceinline": forceinline,
        "boundscheck": None,
    }
    compiled = KernelDispatcher(function, targetoptions=options)
    folder = cache_folder()
    if folder is not None:
        with _cache_in(folder):
            compiled.enable_caching()
        cast("Any", compiled)._cache._cache_file.__class__ = _CheckedCacheFile  # noqa: SLF001 - Numba has no public way
    return cast("F", compiled)


def kernel[F: Callable[..., object]](function: F) -> F:
    """Compile a loop over arrays: GIL released, NumPy's rules for division, machine code cached.

    The original stays reachable as ``.py_func``.
    """
    return _jit(function, forceinline=False)


def scalar[F: Callable[..., object]](function: F) -> F:
    """Compile a pure function of numbers to be called inside kernels.

    As `kernel`, and inlined whatever its size: a call left in a loop would keep it from being vectorised.
    """
    return _jit(function, forceinline=True)


def on_arrays(function: Callable[..., float]) -> Callable[..., Any]:
    """Return the plain Python form of a compiled function of numbers, which NumPy evaluates on arrays.

    Only arithmetic broadcasts: a function that branches, or calls ``min`` and ``max``, does not.
    """
    return cast("Callable[..., Any]", cast("Any", function).py_func)
