"""View of the explorer: the page as a Panel component, for a server and for notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

import panel as pn
import param
from bokeh.document import Document
from panel.custom import JSComponent

from timecone.explorer.session import MANY, Session

_FOLDER: Final = resources.files("timecone.explorer")
STYLE: Final = (_FOLDER / "page.css").read_text("utf-8")
SCRIPT: Final = (_FOLDER / "page.js").read_text("utf-8")
_WRAPPER: Final = """
export default { render({ model }) {
  const root = document.createElement("div");
  mount(root, model.css, {
    send: (message) => model.send_msg(message),
    listen: (receive) => model.on("msg:custom", (event) => receive(event.data ?? event)),
  }, { address: model.address });
  return root;
} }
"""


class Explorer(JSComponent):
    """A page with a slider for every input of a scenario, and the answer beside it.

    `timecone.explorer` makes one; a notebook shows it.

    Parameters
    ----------
    opened : str
        The scenario to begin with.
    files : mapping of str to Path, optional
        Scenario files that may be opened by name, beside the presets.
    whole : bool, default: False
        Whether these files will not last.
    address : bool, default: False
        Whether the state is kept in the address of the page.
    many : int
        Draws of the long run that the page can request.
    """

    css = param.String(default=STYLE, doc="Style of the page.")
    address = param.Boolean(default=False, doc="Whether the state is kept in the address of the page.")

    _esm = SCRIPT + _WRAPPER

    def __init__(
        self,
        opened: str,
        files: Mapping[str, Path] | None = None,
        *,
        whole: bool = False,
        address: bool = False,
        many: int = MANY,
        **about: Any,
    ) -> None:
        super().__init__(address=address, sizing_mode="stretch_width", **about)  # type: ignore[no-untyped-call]
        self._document: Document | None = pn.state.curdoc
        self.session = Session(self._tell, opened, files, whole=whole, many=many)

    def _handle_msg(self, data: Any) -> None:
        """Take a message of the page."""
        if self._document is None:
            # A notebook: the kernel answers at once, and cells wait.
            self.session.answer(data if isinstance(data, Mapping) else {"kind": ""})
        else:
            self.session.receive(data)

    def _tell(self, message: dict[str, Any]) -> None:
        """Send a message to the page, from whichever thread."""
        if self._document is None:
            self._send_msg(message)
            return
        self._document.add_next_tick_callback(lambda: self._send_msg(message))
