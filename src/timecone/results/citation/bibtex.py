"""BibTeX entries of the software and of a run."""

from __future__ import annotations

import re
from typing import Final

import xarray as xr

from timecone.results.tables.latex import latex_text
from timecone.schema import GIVEN

#: What CITATION.cff says of the software.
TITLE: Final = "timecone: Monte Carlo simulation of AI timelines"
AUTHOR: Final = "The timecone developers"
LICENSE: Final = "MIT"


def bibtex(run: xr.DataTree) -> str:
    """Return two entries: the software in the version that made the run, and the run.

    ``@misc``, which every style knows. The run has no author in its file: whoever cites it adds one.
    """
    version = str(run.attrs.get("version", ""))
    software = {
        "author": f"{{{AUTHOR}}}",
        "title": f"{{{TITLE}}}",
        "version": latex_text(version),
        "note": latex_text(f"Version {version}, {LICENSE} license" if version else f"{LICENSE} license"),
    }
    return f"{_entry(software_key(run), software)}\n{_entry(run_key(run), _run_fields(run))}"


def software_key(run: xr.DataTree) -> str:
    """Return the key under which the software is cited."""
    version = str(run.attrs.get("version", ""))
    return "timecone" + ("_" + re.sub(r"[^A-Za-z0-9]+", "_", version) if version else "")


def run_key(run: xr.DataTree) -> str:
    """Return the key under which the run is cited."""
    return f"timecone_run_{re.sub(r'[^A-Za-z0-9]+', '_', str(run.attrs['run_id']))}"


def _run_fields(run: xr.DataTree) -> dict[str, str]:
    a = run.attrs
    title = str(a.get("title", a["name"]))
    facts = [f"scenario {a['name']}"]
    facts += [f"digest {a['scenario_digest']}"] if "scenario_digest" in a else []
    facts += [f"{int(a['draws']):,} draws", f"seed {int(a['seed'])}"]
    facts += [f"as of {a['as_of']}"] if "as_of" in a else []
    facts += [f"given that {a[GIVEN]}"] if GIVEN in a else []
    maker = f"timecone {a['version']}" if "version" in a else "timecone"
    return {
        "title": f"{{{latex_text(title)}}}",
        "key": latex_text(f"timecone run {a['run_id']}"),
        "year": _year(str(a.get("created", ""))),
        "howpublished": latex_text(f"Run {a['run_id']}, made with {maker}"),
        "note": latex_text(f"{', '.join(facts)}; reproduced by: timecone reproduce"),
    }


def _year(created: str) -> str:
    return created[:4] if re.match(r"\d{4}-", created) else ""


def _entry(key: str, fields: dict[str, str]) -> str:
    width = max(map(len, fields))
    lines = [f"  {name:<{width}} = {{{text}}}," for name, text in fields.items() if text]
    return "\n".join([f"@misc{{{key},", *lines, "}", ""])
