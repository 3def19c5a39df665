"""Files that a fit has written: netCDF trees, read into memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import xarray as xr

from timecone.errors import UsageError
from timecone.hdf5 import require_readable


def open_fit(path: str | Path, remedy: str) -> xr.DataTree:
    """Read a netCDF tree of unknown origin.

    Parameters
    ----------
    path : str or Path
        The file.
    remedy : str
        How to make such a file, for the message if there is none.

    Returns
    -------
    DataTree
        Its content, all in memory.

    Raises
    ------
    UsageError
        It is missing or cannot be read.

    Examples
    --------
    >>> from timecone.history.fit_file import open_fit
    >>> "posterior" in open_fit("posterior.nc", "timecone fit writes one.")
    True
    """
    path = Path(path)
    if not path.is_file():
        raise UsageError("no-such-file", "no such file", where=str(path), remedy=remedy)
    try:
        require_readable(path)
        with xr.open_datatree(path, engine="h5netcdf") as stored:
            return stored.load().copy()
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError("not-netcdf", f"not a readable netCDF-4 file ({reason})", where=str(path)) from None


def has_parts(tree: xr.DataTree, parts: Mapping[str, Iterable[str]]) -> bool:
    """Return whether a tree has some groups with some variables.

    Examples
    --------
    >>> import xarray as xr
    >>> from timecone.history.fit_file import has_parts
    >>> tree = xr.DataTree.from_dict({"trend": xr.Dataset({"line": 1.0})})
    >>> has_parts(tree, {"trend": ["line"]}), has_parts(tree, {"trend": ["curve"]})
    (True, False)
    """
    return all(
        group in tree and all(name in tree[group].to_dataset() for name in names)
        for group, names in parts.items()
    )
