r"""LaTeX tables with the rules of booktabs, captions of two lines, and labels that carry the run's identity.

A table goes in as it is quoted and comes out as one ``table`` environment that fits the text width of the
standard classes: heads and labels wrap, and both ends of an interval stand below their number. The macro
``\withinterval{number}{low}{high}`` does the latter, so a document can define it in another way.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Final

import xarray as xr

from timecone.results.tables.accounts import account_lines, citation, subject
from timecone.results.tables.table import Cell, Table

# Characters of two lines of a caption, without "Table 1: ", at the narrowest text width of the classes.
_CAPTION: Final = 125
# Characters of a line of a head, and of a label that needs no second line.
_HEAD, _LABEL = 9, 14
# So many columns leave a fifth of the width to the labels; fewer leave more.
_MANY: Final = 6
_MACRO: Final = (
    r"\providecommand{\withinterval}[3]{\begin{tabular}[t]{@{}r@{}}"
    r"#1\\[-2pt]{\tiny #2}\\[-3pt]{\tiny #3}\end{tabular}}"
)
_NOTE: Final = "Below each number: both ends of its 95 % Monte Carlo interval."
# What LaTeX reads as its own signs, and signs for which the usual fonts have no letter.
_SIGNS: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "`": r"\textasciigrave{}",
        "[": "{[}",
        "]": "{]}",
        "–": "--",
        "\N{NO-BREAK SPACE}": "~",
        "\N{NARROW NO-BREAK SPACE}": r"\,",
        "\N{MINUS SIGN}": "$-$",
        "\N{MULTIPLICATION SIGN}": r"$\times$",
        "±": r"$\pm$",
        "≤": r"$\leq$",
        "≥": r"$\geq$",
        "∞": r"$\infty$",
    }
)
# Other signs that pdflatex knows: Latin letters, and these.
_LAST_LATIN, _PUNCTUATION = "\u017f", "—“”…\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"


def latex(run: xr.DataTree, tables: Sequence[Table]) -> str:
    """Return the tables in LaTeX, with the rules of booktabs.

    Each caption has two lines at the usual text width: what the table shows, and the run. A table's note is
    below it. Definition, conditions and accounts precede the tables as comments. Labels end with the run's
    identity, so one document can have tables of several runs.
    """
    title, definition, conditions = subject(run)
    comments = [title, definition, f"Conditions: {conditions}", *account_lines(run), f"Cite: {citation(run)}"]
    bodies = [_environment(table, title, str(run.attrs["run_id"])) for table in tables]
    needs = [r"Needs \usepackage{booktabs}."]
    if others := _unknown_to_pdflatex("".join(bodies)):
        needs.append(f"pdflatex has no letters for {others}: use lualatex with a font that has them.")
    head = "".join(f"% {_one_line(line)}\n" for line in comments + needs)
    return "\n".join([f"{head}{_MACRO}\n", *bodies])


def latex_text(text: str) -> str:
    """Return text that LaTeX shows as it is, in one line."""
    return _one_line(text.strip()).translate(_SIGNS)


def _one_line(text: str) -> str:
    return re.sub(r"\s*[\r\n\v\f\x85\u2028\u2029]\s*", " ", text)


def _unknown_to_pdflatex(text: str) -> str:
    return " ".join(sorted({sign for sign in text if sign > _LAST_LATIN} - set(_PUNCTUATION)))


def _environment(table: Table, title: str, run_id: str) -> str:
    """Return one table with caption, label and note."""
    wraps = any(len(label) > _LABEL for label, _ in table.rows)
    width = 0.2 if len(table.columns) >= _MANY else 0.35
    first = rf"p{{{width}\linewidth}}" if wraps else "l"
    others = "".join(r"p{0.2\linewidth}" if head in table.text_columns else "r" for head in table.columns)
    rows = [
        " & ".join([_label(label, wraps=wraps), *map(_cell, cells)]) + r" \\" for label, cells in table.rows
    ]
    stacked = any(cell.bracket for _, cells in table.rows for cell in cells)
    notes = [_NOTE] * stacked + [table.note] * bool(table.note)
    below = rf"\par\smallskip{{\footnotesize {latex_text(' '.join(notes))}\par}}"
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{latex_text(_caption(table.title, title, run_id))}}}",
        rf"\label{{tab:{table.name}-{run_id}}}",
        r"\footnotesize\setlength{\tabcolsep}{2pt}",
        rf"\begin{{tabular}}{{{first}{others}}}",
        r"\toprule",
        " & ".join(map(_head, (table.corner, *table.columns))) + r" \\",
        r"\midrule",
        *rows,
        r"\bottomrule",
        r"\end{tabular}",
        *[below] * bool(notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _caption(shown: str, title: str, run_id: str) -> str:
    """Return what a table shows, and the title and identity of the run, in two lines."""
    identity = f" (run {run_id})."
    first = textwrap.shorten(shown, _CAPTION - len(identity) - 2, placeholder=" ...")
    left = _CAPTION - len(first) - len(identity) - 2
    run = textwrap.shorten(title, left, placeholder=" ...") if left > len(" ...") else ""
    return f"{first}. {run}{identity}" if run.strip(" .") else f"{first}{identity}"


def _head(text: str) -> str:
    r"""Return the head of a column, its words below one another where they are long."""
    lines = textwrap.wrap(_one_line(text), _HEAD, break_long_words=False)
    stacked = r"\\".join(map(latex_text, lines))
    return rf"\shortstack[r]{{{stacked}}}" if len(lines) > 1 else latex_text(text)


def _label(text: str, *, wraps: bool) -> str:
    """Return the label of a row; one that belongs to a row before it is indented."""
    ragged = r"\raggedright" if wraps else ""
    indent = r"\hangindent1em\hspace*{0.5em}" if text.startswith("  ") and wraps else ""
    indent = r"\quad" if text.startswith("  ") and not wraps else indent
    before = ragged + indent
    return f"{before} {latex_text(text)}" if before else latex_text(text)


def _cell(cell: Cell) -> str:
    number = _number(cell.text)
    if not cell.bracket:
        return number
    lower, _, upper = cell.bracket.partition(" to ")
    if upper.endswith(" %") and not lower.endswith(" %"):
        lower += " %"
    return rf"\withinterval{{{number}}}{{{_number(lower)}}}{{{_number(upper)}}}"


def _number(text: str) -> str:
    """Return a number, or words, with a minus sign where text has a hyphen before a digit."""
    return re.sub(r"^-(?=[\d.])", "$-$", latex_text(text))
