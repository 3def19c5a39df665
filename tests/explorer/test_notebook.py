"""The explorer in a notebook: it is shown, and its kernel answers the messages of the page."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

SHOWN = """
import timecone as tc

explorer = tc.explore(tc.load("open_loop"))
explorer
"""
ANSWERED = """
import json

sent = []
explorer._send_event = lambda kind, data: sent.append(data)
for message in (
    {"kind": "open", "id": 1, "address": ""},
    {"kind": "ask", "id": 2, "address": "hardware.headroom=1~2", "draws": 20_000},
    {"kind": "ask", "id": 3, "address": "hardware.headroom=2~1", "draws": 20_000},
):
    explorer._handle_msg(message)
print(json.dumps([[m["kind"], m["id"], m.get("shift", ""), m.get("line", "")] for m in sent]))
"""


def test_a_notebook_shows_the_explorer_and_its_kernel_answers() -> None:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in (SHOWN, ANSWERED)]
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown, answered = notebook.cells
    (result,) = [output for output in shown.outputs if output.output_type == "execute_result"]
    assert "timecone" in result.data["text/html"]
    assert "application/vnd.holoviews_exec.v0+json" in result.data
    text = "".join(output.text for output in answered.outputs if output.get("name") == "stdout")
    replies = [reply for reply in json.loads(text) if reply[0] != "progress"]
    assert [reply[:2] for reply in replies] == [
        *([kind, 1] for kind in ("scenario", "answer", "details", "drivers")),
        *([kind, 2] for kind in ("answer", "details", "drivers")),
        ["error", 3],
    ]
    assert replies[0][2] == ""
    assert "median" in replies[4][2]
    assert "lower end is not below" in replies[-1][3]
