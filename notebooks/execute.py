"""Execute every notebook here; fail where a cell fails or draws without showing, or one is stored with output.

Usage: python notebooks/execute.py [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent


def stored_output(notebook: nbformat.NotebookNode) -> bool:
    """Return whether a notebook carries output or execution counts."""
    return any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)


def hidden_figures(notebook: nbformat.NotebookNode) -> list[int]:
    """Return the positions of executed cells that draw a figure and show none."""
    return [
        position
        for position, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
        and any(sign in cell.source for sign in ("tc.plots.", "plt.subplots", ".plot("))
        and not any("image/png" in output.get("data", {}) for output in cell.outputs)
    ]


def main() -> int:
    """Run all notebooks; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="write the executed notebooks into this folder")
    keep = parser.parse_args().keep
    failed = False
    for path in sorted(HERE.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        if stored_output(notebook):
            print(f"{path.name}: stored with output; clear it before committing")
            failed = True
        begin = time.perf_counter()
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(HERE)}}).execute()
        print(f"{path.name}: {time.perf_counter() - begin:.0f} s")
        if hidden := hidden_figures(notebook):
            print(f"{path.name}: cells {hidden} draw and show nothing")
            failed = True
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, keep / path.name)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
