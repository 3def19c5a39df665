"""A run whose every word is out to break the page that it stands on."""

from __future__ import annotations

import xarray as xr

import synthetic_run

#: What HTML, Markdown, LaTeX and CSV would each take for a sign of their own.
WORDS = r"""<script>alert(1)</script> & 50 % of $x_1$ | a\b "q" ~#{^} 'z', *b* [l](http://e.x) `c`"""


def hostile() -> xr.DataTree:
    """Return the synthetic run with such a title, conditions, labels, definitions, sources and units."""
    run = synthetic_run.synthetic(title=WORDS, scenario=f"# {WORDS}")
    run.attrs |= {"conditions": WORDS, "name": WORDS, "as_of": WORDS}
    summary = run["summary"].to_dataset()
    for name in ("milestone_label", "milestone_definition"):
        words = [f"{k}{WORDS}" for k in range(summary.sizes["milestone"])]
        summary = summary.assign_coords({name: ("milestone", words)})
    run["summary"] = xr.DataTree(summary)
    about = {"source": WORDS, "basis": WORDS, "as_of": WORDS, "units": WORDS}
    inputs = run["inputs"].to_dataset()
    for variable in inputs.data_vars.values():
        variable.attrs |= about
    run["inputs"] = xr.DataTree(inputs)
    return run
