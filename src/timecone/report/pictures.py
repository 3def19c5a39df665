"""Figures of a page: scalable drawings that need nothing from elsewhere, with captions and descriptions."""

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
    """A figure of the page.

    Attributes
    ----------
    name, title : str
        Key, and heading.
    caption : str
        How to read it.
    notes : str
        Small print, which the page folds.
    alt : str
        Description with numbers, for readers who cannot see it.
    svg : str
        The drawing.
    """

    name: str
    title: str
    caption: str
    notes: str
    alt: str
    svg: str

    @property
    def data(self) -> str:
        """The figure as a data address: an image of its own, whose identifiers meet no other's."""
        return "data:image/svg+xml," + quote(self.svg, safe=_SAFE)


def picture(name: str, title: str, drawn: plots.Figure) -> Picture:
    """Return a figure as scalable vectors, its text as outlines so that it looks the same everywhere."""
    import matplotlib as mpl  # noqa: PLC0415 - only pages with figures need it

    # The page has the caption as text, and the conditions once.
    drawn.figure.supxlabel("")
    caption = drawn.caption.removesuffix(drawn.source).strip()
    notes = _CONDITIONS.split(drawn.notes)[0]
    text = io.StringIO()
    with house(), mpl.rc_context({"svg.fonttype": "path"}):
        drawn.figure.savefig(text, format="svg", metadata={"Date": None})
    drawn.close()
    alt = f"{title}. {drawn.alt}".strip()
    return Picture(name, title, caption, notes, alt, _short(text.getvalue()))


def _short(svg: str) -> str:
    """Return a drawing without document type, comments and metadata; outlines to a hundredth of a unit."""

    def rounded(outline: re.Match[str]) -> str:
        return _LONG_NUMBER.sub(lambda number: f"{float(number[0]):.2f}", " ".join(outline[0].split()))

    body = re.sub(r"^.*?(?=<svg)|<!--.*?-->|<metadata>.*?</metadata>|\n\s*", "", svg, flags=re.DOTALL)
    return re.sub(r'(?<=\bd=")[^"]*', rounded, body)
