"""Warning about failed draws: on the error stream, with an exit code above a stated share."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

#: Exit code of a command whose numbers rest on a run in which more than `schema.MOST_FAILED` of the draws
#: failed.
MANY_FAILED = 3


def warn_of_failed(run: xr.DataTree, name: str = "") -> int:
    """Say on the error stream that draws failed, of which run if it is named; return the exit code.

    The code is 0 unless too many failed.
    """
    from timecone.results.run_file.failures import too_many_failed
    from timecone.results.tables.accounts import failure_note
    from timecone.schema import MOST_FAILED

    note = failure_note(run)
    if not note:
        return 0
    sys.stderr.write(f"timecone: warning: {name}{': ' if name else ''}{note}\n")
    if not too_many_failed(run):
        return 0
    sys.stderr.write(f"timecone: more than {100 * MOST_FAILED:g} % failed: exit code {MANY_FAILED}.\n")
    return MANY_FAILED
