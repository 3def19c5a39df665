"""A report as PDF, printed by a browser: A4, with page numbers, an outline and tags for screen readers.

The browser has no window, and it opens the file that was written and no other address.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from timecone.errors import OutputError
from timecone.files import write_file

#: Programs that can print, in the order in which they are looked for.
BROWSERS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
_FLAGS: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # No name is looked up: the page carries all that it shows.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
    "--export-tagged-pdf",
)
_SECONDS: Final = 180.0


def browser() -> str | None:
    """Return the path of a browser that can print; None where there is none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def print_pdf(page: Path, target: Path) -> Path:
    """Print a page to a PDF file.

    Parameters
    ----------
    page : Path
        An HTML file that needs nothing from elsewhere.
    target : Path
        The PDF file.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        There is no browser, it fails, or the file cannot be written.
    """
    program = require_browser(target)
    with tempfile.TemporaryDirectory(prefix="timecone-pdf-") as folder:
        printed = Path(folder) / "report.pdf"
        command = [
            program,
            *_FLAGS,
            # The sandbox of the browser does not start for the superuser, as in a container.
            *(["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),
            f"--user-data-dir={Path(folder) / 'profile'}",
            f"--print-to-pdf={printed}",
            page.resolve().as_uri(),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)  # noqa: S603 - no shell
            content = printed.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise OutputError(
                "pdf-not-printed",
                "the browser did not print the report",
                where=str(target),
                got=f"{Path(program).name}: {type(error).__name__}",
                remedy=f"Open {page} in a browser and print it to PDF.",
            ) from None
    return write_file(target, content)


def require_browser(target: Path) -> str:
    """Return the path of a browser that can print.

    Raises
    ------
    OutputError
        There is none.
    """
    program = browser()
    if program is None:
        raise OutputError(
            "no-browser",
            "no browser to print PDF was found",
            where=str(target),
            allowed="Chromium, Chrome or Edge on the search path",
            remedy="Install Chromium, or open the HTML report in any browser and print it to PDF.",
        )
    return program
