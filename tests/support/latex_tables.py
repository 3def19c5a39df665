"""LaTeX tables read back: their structure and texts without LaTeX, and what pdflatex makes of them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

_SIGNS = {
    "\\textbackslash{}": "\\",
    "\\textasciitilde{}": "~",
    "\\textasciicircum{}": "^",
    "\\textasciigrave{}": "`",
    "\\textless{}": "<",
    "\\textgreater{}": ">",
    "\\textbar{}": "|",
    "$\\leq$": "≤",
    "$\\infty$": "∞",
    "$-$": "-",
    "{[}": "[",
    "{]}": "]",
    "--": "–",
    "\\,": "\N{NARROW NO-BREAK SPACE}",
}
_INTERVAL = re.compile(r"\\withinterval\{(.*)\}\{(.*)\}\{(.*)\}")
_LAYOUT = re.compile(r"\\raggedright|\\hangindent1em|\\hspace\*\{0\.5em\}|\\quad ?")
# Says how many lines each caption has, and ends the run on whatever LaTeX calls an error.
_DOCUMENT = r"""\documentclass{article}
\usepackage{booktabs}
\makeatletter
\long\def\@makecaption#1#2{%%
  \setbox\@tempboxa\vbox{\noindent #1: #2\par\global\count@\prevgraf}%%
  \typeout{CAPTION \the\count@}\box\@tempboxa}
\makeatother
\begin{document}
%s
\end{document}
"""


def plain(text: str) -> str:
    """Return what a reader sees of a piece of a row."""
    text = _LAYOUT.sub("", text).strip()
    if stacked := _INTERVAL.fullmatch(text):
        number, lower, upper = map(plain, stacked.groups())
        lower = lower.removesuffix(" %") if upper.endswith(" %") else lower
        return f"{number} [{lower} to {upper}]"
    # At once, because what one sign becomes could be read as the beginning of another.
    known = "|".join(map(re.escape, _SIGNS))
    return re.sub(rf"{known}|\\([^a-zA-Z])", lambda m: _SIGNS.get(m[0], m[1]), text)


def rows(source: str) -> list[list[list[str]]]:
    """Return the rows of each table as texts; environments, braces and columns must fit together."""
    body = "\n".join(line for line in source.splitlines() if not line.startswith("%"))
    opened: list[str] = []
    for word, name in re.findall(r"\\(begin|end)\{(\w+)\}", body):
        if word == "begin":
            opened.append(name)
        else:
            assert opened, name
            assert opened.pop() == name
    assert not opened
    tables = []
    for table in re.findall(r"\\begin\{table\}(.*?)\\end\{table\}", body, re.DOTALL):
        bare = re.sub(r"\\[{}]", "", table)
        assert bare.count("{") == bare.count("}")
        assert table.index("\\caption") < table.index("\\label") < table.index("\\begin{tabular}")
        columns, inside = re.search(
            r"\\begin\{tabular\}\{((?:[lr]|p\{[^}]*\})+)\}\n(.*)\n\\end\{tabular\}", table, re.DOTALL
        ).groups()
        count = len(re.sub(r"\{[^}]*\}", "", columns))
        top, head, middle, *lines, bottom = inside.splitlines()
        assert (top, middle, bottom) == ("\\toprule", "\\midrule", "\\bottomrule")
        parts = [re.split(r"(?<!\\) & ", line.removesuffix(" \\\\")) for line in (head, *lines)]
        assert {len(line) for line in parts} == {count}
        tables.append([[plain(part) for part in line] for line in parts[1:]])
    return tables


def compiled(source: str, folder: Path, pdflatex: str) -> tuple[list[str], list[int]]:
    """Return lines that are too wide, and the number of lines of each caption, of a document of tables."""
    path = folder / "tables.tex"
    path.write_text(_DOCUMENT % source, encoding="utf-8")
    done = subprocess.run(
        [pdflatex, "-halt-on-error", "-interaction=nonstopmode", path.name],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        errors="replace",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    wide = re.findall(r"^Overfull \\hbox.*$", done.stdout, re.MULTILINE)
    return wide, [int(number) for number in re.findall(r"^CAPTION (\d+)$", done.stdout, re.MULTILINE)]
