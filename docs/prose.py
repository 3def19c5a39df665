"""Style of the documentation's prose: proselint, sentence length, and phrases that this project avoids.

Usage: python docs/prose.py [FILE ...]; without arguments all pages, the README and the newest part of the
changelog, whose entries may be long. Prints one line for each fault; the exit code is 1 if there is any.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import proselint.checks
from proselint.config import DEFAULT
from proselint.registry import CheckRegistry
from proselint.tools import LintFile

ROOT = Path(__file__).resolve().parents[1]
#: Written by a program, so the sentences are those of its source.
GENERATED = {ROOT / "docs" / "published.md"}
#: Sections of the changelog that are read for style.
CHANGELOG_SECTIONS = ("Unreleased",)
#: Words in a sentence; a longer one is split.
LONGEST_SENTENCE = 45
#: Conjunctions of condition in a sentence; more make a chain that nobody can follow.
MOST_CONDITIONS = 3

#: Phrases to avoid, as alternatives of a regular expression, with the reason or the replacement.
PHRASES = {
    r"beside": "next to, with, besides",
    r"but for": "except",
    r"whoever": "anyone who",
    r"fore(?:told|tells?)": "predicted, forecast",
    r"for want of": "for lack of",
    r"(?:which|some|none|each) of them|of its own": "chain of pronouns: name the thing",
    r"(?<!there )(?:is|are|was|were|be) no (?!longer|more|less|later|earlier|\w+er than)": (
        "negated noun: 'is not a ...'"
    ),
    r"simply|obviously|of course|needless to say|it should be noted": "filler: leave it out",
    r"powerful|seamless(?:ly)?|elegant(?:ly)?|cutting[- ]edge|state[- ]of[- ]the[- ]art|world[- ]class": (
        "self-praise: give the number"
    ),
    r"easily|effortless(?:ly)?|intuitive(?:ly)?|honest(?:ly)?": "self-praise: say what it does",
    r"unasked": "unless asked",
    r"so many": "that many, or the number",
    r"hitherto|thereof|therein|wherein|hence": "archaic: so, in it",
    r"in order to": "to",
    r"due to the fact that": "because",
    r"(?:counts?|knows?|says?) not": "inverted negation: does not ...",
    r"comes? about": "happens",
    r"what is (?:left|stated|known|drawn|not|repeated|replaced|switched|on|positive|stored)": (
        "free relative: name the thing"
    ),
    r"all that": "everything that, or name the things",
    r"says? nothing of": "says nothing about",
    r"(?:page|table|file|row|section|line|list|note|definition)s? stands?": "texts do not stand: is",
    r"stands? (?:in|below|above|on the page|there)": "texts do not stand: is",
}
#: Checks of proselint that are about typesetting, or misread numbers and names.
LEFT_OUT = ("typography", "dates_times.dates", "lexical_illusions", "annotations", "social_awareness")

#: Begins an item of a list in the text that is checked.
_BULLET = "•"
_FENCE = re.compile(r"^( *)(```|~~~).*?^\1\2[^\n]*$", re.DOTALL | re.MULTILINE)
_NOT_PROSE = (
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"\$\$.*?\$\$", re.DOTALL),
    re.compile(r"^(?: {4}|\t)(?! *[-*] ).*$", re.MULTILINE),  # indented code; an indented list is prose
    re.compile(r"^:::.*$", re.MULTILINE),
    re.compile(r"^\{:.*\}$", re.MULTILINE),
    re.compile(r"<[^>\n]+>"),
    re.compile(r"\{[^}\n]*\}"),
)
_TABLE = re.compile(r"^ *\|.*$", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?:;])[\"')*_]*\s+(?=[\"'(*_`]*[A-Z0-9])|\n\s*\n|•")
_CONDITION = re.compile(
    r"\b(?:if|unless|except|provided|whether|wherever|whenever|otherwise|although)\b", re.IGNORECASE
)
_WORD = re.compile(r"[A-Za-z][\w'-]*")
#: Headings that begin like a relative clause name nothing that a reader looks for.
_HEADING = re.compile(r"^#+ (?:What|How|Where|Whether|Who|When|Why|That)\b[^?\n]*$", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """A fault of style: the line and the reason."""

    line: int
    text: str
    reason: str


def prose(text: str, *, tables: bool = False) -> str:
    """Return a Markdown text with everything but prose and headings blanked, line by line.

    Parameters
    ----------
    text : str
        Markdown.
    tables : bool
        Whether cells of tables are prose.

    Returns
    -------
    str
        Text of as many lines.
    """

    def blank(match: re.Match[str]) -> str:
        return "\n" * match[0].count("\n")

    for pattern in (_FENCE, *_NOT_PROSE[:2]):
        text = pattern.sub(blank, text)
    # The body of an admonition is indented and yet prose.
    text = re.sub(r"(?m)^!!! .*\n(?:(?: {4}.*)?\n)+", lambda m: re.sub(r"(?m)^ {4}", "", m[0]), text)
    for pattern in (*_NOT_PROSE[2:], *(() if tables else (_TABLE,))):
        text = pattern.sub(blank, text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\$[^$\n]+\$", "X", text)
    text = re.sub(r"`[^`\n]+`", "X", text)
    text = re.sub(r"(?m)^(?:> |!!! .*)", lambda m: " " * len(m[0]), text)
    return re.sub(r"(?m)^( *)(?:[-*]|\d+\.) ", rf"\1{_BULLET} ", text)


def faults(text: str, *, sentences: bool = True) -> Iterator[Fault]:
    """Yield the faults of a Markdown text, by line.

    Parameters
    ----------
    text : str
        Markdown.
    sentences : bool
        Whether sentences are checked too, not only phrases and headings.

    Yields
    ------
    Fault
        A fault of style.
    """
    found = [*_phrases(prose(text, tables=True)), *_headings(text)]
    if sentences:
        found += [*_sentences(text), *_proselint(prose(text))]
    yield from sorted(found, key=lambda fault: fault.line)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _phrases(plain: str) -> Iterator[Fault]:
    for pattern, reason in PHRASES.items():
        for match in re.finditer(rf"\b(?:{pattern})\b", plain, re.IGNORECASE):
            yield Fault(_line(plain, match.start()), match[0], reason)


def _headings(text: str) -> Iterator[Fault]:
    text = _FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in _HEADING.finditer(text):
        yield Fault(_line(text, match.start()), match[0], "title: a noun phrase, an imperative or a question")


def _sentences(text: str) -> Iterator[Fault]:
    plain = re.sub(r"(?m)^#+ .*$", _BULLET, prose(text))
    begin = 0
    for end in [*_SENTENCE_END.finditer(plain), None]:
        stop = end.start() if end else len(plain)
        sentence = plain[begin:stop]
        first = begin + len(sentence) - len(sentence.lstrip())
        words = len(_WORD.findall(sentence))
        opening = " ".join(sentence.split()[:6])
        if words > LONGEST_SENTENCE:
            yield Fault(_line(plain, first), f"{opening} ...", f"a sentence of {words} words: split it")
        conditions = len(_CONDITION.findall(sentence))
        if conditions > MOST_CONDITIONS:
            yield Fault(_line(plain, first), f"{opening} ...", f"{conditions} conditions in a sentence")
        begin = end.end() if end else stop


def _proselint(plain: str) -> Iterator[Fault]:
    registry = CheckRegistry()
    if not registry.checks:
        registry.register_many(proselint.checks.__register__)
    for result in LintFile("page", plain).lint(DEFAULT):
        check = result.check_result
        if not check.check_path.startswith(LEFT_OUT):
            yield Fault(result.pos[0], check.check_path, check.message)


def latest(changelog: str) -> str:
    """Return a changelog with everything but its newest release blanked."""
    releases = [match.start() for match in re.finditer(r"^## ", changelog, re.MULTILINE)]
    end = releases[1] if len(releases) > 1 else len(changelog)
    return changelog[:end]


def pages() -> list[Path]:
    """Return the files whose style is checked."""
    docs = sorted(set((ROOT / "docs").rglob("*.md")) - GENERATED)
    return [*docs, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]


def main(arguments: Iterable[str] = ()) -> int:
    """Print the faults of some files, or of all; return the exit code."""
    count = 0
    for path in [Path(name) for name in arguments] or pages():
        text = path.read_text(encoding="utf-8")
        is_changelog = path.name == "CHANGELOG.md"
        for fault in faults(latest(text) if is_changelog else text, sentences=not is_changelog):
            shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
            print(f"{shown}:{fault.line}: {fault.text!r}: {fault.reason}")
            count += 1
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
