"""HDF5 files of unknown origin: read once by another process, which can be ended.

HDF5 has no checksum over its own structure, and an altered file can keep its library busy for ever or end the
process. Files with a digest of ours are proven intact without reading them; all others pass here first.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

#: Time that reading a file may take, seconds, and bytes that are read in a second at least.
SECONDS: Final = 30.0
_BYTES_PER_SECOND: Final = 5e6
_READ: Final = """
import sys, h5py
def read(name, item):
    dict(item.attrs)
    if isinstance(item, h5py.Dataset):
        item[()]
with h5py.File(sys.argv[1], "r") as file:
    dict(file.attrs)
    file.visititems(read)
"""


def require_readable(path: Path) -> None:
    """Refuse a file that cannot be read in reasonable time.

    Parameters
    ----------
    path : Path
        An HDF5 or netCDF-4 file; for instance ``Path("run.nc")``.

    Raises
    ------
    OSError
        Reading it fails, takes too long, or ends the process that reads.
    """
    limit = SECONDS + path.stat().st_size / _BYTES_PER_SECOND
    command = [sys.executable, "-I", "-c", _READ, str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=limit, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise OSError(f"damaged: not read within {limit:.0f} s") from None
    if done.returncode < 0:
        raise OSError("damaged: reading it ends the process")
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise OSError(lines[-1] if lines else "not readable")
