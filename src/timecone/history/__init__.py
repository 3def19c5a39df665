"""Tables of the past (training runs, chips, prices, costs and studies) and their trends.

`read` reads a file as people download it, `read_bundled` a table that comes with the package; both give a
`HistoryTable`, in which every row of the file is either read or listed as rejected. `timecone.history.trends`
describes growth in them, `timecone.history.estimates` computes training compute from what a developer tells.
"""

from __future__ import annotations

from timecone.history.readers import HistoryTable, RejectedRow, read, read_bundled

__all__ = ["HistoryTable", "RejectedRow", "read", "read_bundled"]
