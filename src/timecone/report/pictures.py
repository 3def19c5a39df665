"""Figures as they stand on a page: scalable drawings that carry all that they need."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from urllib.parse import quote

from timecone import plots
from timecone.plots.style import house

# What may stand in a data address as it is, beside letters and digits.
_SAFE = " /:;=,.-()!*'"
_CONDITIONS = re.compile(r" Conditions(?: of [^:]+)?: ")
_LONG_NUMBER = re.compile(r"\d+\.\d{3,}")


@dataclass(frozen=True)
class Picture:
    """A figure as it stands on the page."""

    name: str
    title: str
    caption: str
    svg: str

    @property
    def data(self) -> str:
        """The figure as a data address: an image of its own, whose identifiers meet no other's."""
        return "data:image/svg+xml," + quote(self.svg, safe=_SAFE)


def picture(name: str, title: str, drawn: plots.Figure) -> Picture:
    """Return a figure as scalable vectors, its text as outlines so that it looks the same everywhere."""
    import matplotlib as mpl  # noqa: PLC0415 - only pages with figures need it

    # The page says it in words of its own size, and the conditions but once.
    drawn.figure.supxlabel("")
    caption = _CONDITIONS.split(drawn.caption)[0]
    text = io.StringIO()
    with house(), mpl.rc_context({"svg.fonttype": "path"}):
        drawn.figure.savefig(text, format="svg", metadata={"Date": None})
    drawn.close()
    return Picture(name, title, caption, _short(text.getvalue()))


def _short(svg: str) -> str:
    """Return a drawing without document type, comments and metadata; outlines to a hundredth of a unit."""

    def rounded(outline: re.Match[str]) -> str:
        return _LONG_NUMBER.sub(lambda number: f"{float(number[0]):.2f}", " ".join(outline[0].split()))

    body = re.sub(r"^.*?(?=<svg)|<!--.*?-->|<metadata>.*?</metadata>|\n\s*", "", svg, flags=re.DOTALL)
    return re.sub(r'(?<=\bd=")[^"]*', rounded, body)
