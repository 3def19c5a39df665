"""How every kernel of the house is compiled, and where the machine code is kept.

Numba's on-disk cache looks only at the file that holds the compiled function: after an edit of a
function that it calls, it would go on running the old machine code. Here the cache folder is named by a
hash of all sources that kernels are made of, so a changed source can never meet a stale kernel.
"""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numba
import platformdirs

# Typed as Any: Numba sets the options of its config module at run time.
numba_config: Any = numba.config

_PACKAGE = Path(__file__).resolve().parent.parent
_KERNEL_PARTS = ("schema.py", "numerics", "inputs", "models", "results")
_NUMBER_PARTS = (*_KERNEL_PARTS, "units.py", "scenario", "simulation")

# Only flags that keep inf and NaN: inf is an answer here. `contract` allows fused multiply-add; every
# lane of a tile runs the same instructions, so results do not depend on where a draw falls.
FASTMATH = frozenset({"contract"})


def _hash(parts: tuple[str, ...]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        place = _PACKAGE / part
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(path.relative_to(_PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


@functools.cache
def source_hash() -> str:
    """Return 16 hex digits over all sources that a run's numbers come from; part of its identity."""
    return _hash(_NUMBER_PARTS)


@functools.cache
def cache_folder() -> Path | None:
    """Return the folder for compiled kernels, or None where nothing can be written."""
    base = numba_config.CACHE_DIR or platformdirs.user_cache_dir("timecone", appauthor=False)
    folder = Path(base) / f"kernels-{_hash(_KERNEL_PARTS)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


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
    # error_model="numpy": a zero check before each division would keep loops from being vectorised.
    jit = functools.partial(
        numba.njit,
        nogil=True,
        error_model="numpy",
        fastmath=set(FASTMATH),
        forceinline=forceinline,
    )
    folder = cache_folder()
    if folder is None:
        return cast("F", jit()(function))
    with _cache_in(folder):
        return cast("F", jit(cache=True)(function))


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
