"""The past as records: training runs, chips, prices, costs and studies, and their trends.

`read` reads a file as people download it, `read_own` one of the project's own tables; both give `Records`,
in which every row of the file is either a row or a listed skip. `timecone.history.trends` describes growth in
them, `timecone.history.estimates` computes training compute from what a developer tells.
"""

from __future__ import annotations

from timecone.history.readers import Records, Skip, read, read_own

__all__ = ["Records", "Skip", "read", "read_own"]
