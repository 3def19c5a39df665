"""Pages of the notebooks: with their output if they have been executed, otherwise their text and code alone.

``python notebooks/execute.py --keep build/notebooks`` executes them, as ``.ci/run`` does before building the
site.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Final

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from nbconvert import MarkdownExporter

ROOT: Final = Path(__file__).resolve().parents[1]
NOTEBOOKS: Final = ROOT / "notebooks"
EXECUTED: Final = ROOT / "build" / "notebooks"
#: Folder of the pages in the site.
PAGES: Final = "tutorial"
#: Characters of text that a cell may print in a page.
MOST_TEXT: Final = 6000
_LOG = logging.getLogger("mkdocs.hooks.notebooks")
_STYLE = re.compile(r"<style.*?</style>\s*", re.DOTALL)
_NOT_EXECUTED = (
    '!!! note "Without output"\n'
    "    This copy of the site was built without executing the notebooks.\n"
    "    `python notebooks/execute.py --keep build/notebooks` does it.\n"
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page and its pictures for every notebook."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for uri, content in notebook_page(path, EXECUTED / path.name).items():
            files.append(File.generated(config, f"{PAGES}/{uri}", content=content))
    return files


def notebook_page(stored: Path, executed: Path) -> dict[str, str | bytes]:
    """Return the files of a notebook's page: its Markdown and its pictures, by name.

    Parameters
    ----------
    stored : Path
        The notebook as it is in the repository, without output.
    executed : Path
        The same notebook with output, if there is one.

    Returns
    -------
    dict
        Contents by file name; the page comes first.
    """
    notebook = nbformat.read(stored, as_version=4)
    note = _NOT_EXECUTED
    if executed.exists():
        other = nbformat.read(executed, as_version=4)
        if [cell.source for cell in other.cells] == [cell.source for cell in notebook.cells]:
            notebook, note = other, ""
        else:
            _LOG.warning("%s is of another version of the notebook; execute the notebooks again", executed)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            _readable(output)
    body, resources = MarkdownExporter().from_notebook_node(
        notebook, resources={"unique_key": stored.stem, "output_files_dir": "images"}
    )
    # Links of the notebook are relative to its folder.
    body = re.sub(r"\]\(\.\./docs/", "](../", body)
    body = re.sub(r"\]\((\d\d_\w+)\.ipynb", r"](\1.md", body)
    # The name of a picture is no description of it: the text around it is.
    body = re.sub(r"!\[(?:png|svg)\]", "![Figure drawn by the code above]", body)
    title, _, rest = body.lstrip().partition("\n")
    pictures = dict(resources.get("outputs", {}))
    return {f"{stored.stem}.md": f"{title}\n\n{note}\n{rest}", **pictures}


def _readable(output: nbformat.NotebookNode) -> None:
    """Leave of an output what a page can show: a picture, a table or plain text."""
    data = output.get("data", {})
    table = data.get("text/html", "")
    if "image/png" in data:
        data.pop("text/plain", None)
        data.pop("text/html", None)
    elif "dataframe" in table:
        data["text/html"] = _STYLE.sub("", table)
        data.pop("text/plain", None)
    else:
        data.pop("text/html", None)  # a tree of xarray needs its own style and folds
    for place, key in ((data, "text/plain"), (output, "text")):
        if len(place.get(key, "")) > MOST_TEXT:
            place[key] = place[key][:MOST_TEXT] + "\n..."
