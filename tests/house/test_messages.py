"""Messages of errors: one reviewed file holds all of them, and a code means one thing."""

from __future__ import annotations

import re
from collections import defaultdict

import messages

COLLECTED = messages.collected()


def test_the_reviewed_file_holds_the_messages_of_the_source() -> None:
    written = messages.FILE.read_text(encoding="utf-8").splitlines()
    lines = messages.text_of(COLLECTED).splitlines()
    changed = sorted(set(lines) ^ set(written))
    assert not changed, "read these lines aloud, then: uv run python tests/support/messages.py"
    assert lines == written


def test_codes_are_in_kebab_case() -> None:
    codes = {message.code for message in COLLECTED}
    assert len(codes) > 300
    assert not [code for code in codes if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", code)]


def test_a_code_means_one_thing() -> None:
    """Classes share a code only where they say the same: 'unknown choice' of a scenario and of a run."""
    by_code = defaultdict(list)
    for message in COLLECTED:
        by_code[message.code].append(message)
    ambiguous = {
        code: sorted({(m.kind, m.what) for m in group})
        for code, group in by_code.items()
        if len({m.kind for m in group}) > 1 and len({re.sub(r"\{.*?\}", "{}", m.what) for m in group}) > 1
    }
    assert not ambiguous


def test_messages_are_clauses() -> None:
    """They begin and end so that place, value and remedy can be joined to them."""
    assert not [
        m.place for m in COLLECTED if not m.what or m.what.endswith((".", "!", " ")) or "\n" in m.what
    ]
