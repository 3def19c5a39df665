"""Session of the explorer: long runs tell their progress and end with the next question; fits stop none."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from refusals import refused
from timecone.explorer import session as sessions
from timecone.explorer.session import QUICK, Session

MANY = 60_000
MOVED = "hardware.headroom=1.2~5"


class Replies:
    """Messages of a session, to be waited for."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.messages: list[dict[str, Any]] = []

    def take(self, message: dict[str, Any]) -> None:
        with self._condition:
            self.messages.append(message)
            self._condition.notify_all()

    def wait(self, kind: str, identity: int) -> dict[str, Any]:
        def reply() -> dict[str, Any] | None:
            of = [m for m in self.messages if (m["kind"], m.get("id")) == (kind, identity)]
            return of[0] if of else None

        with self._condition:
            assert self._condition.wait_for(lambda: reply() is not None, timeout=60.0), (kind, identity)
            message = reply()
        assert message is not None
        return message


@pytest.mark.slow
def test_a_long_run_tells_its_progress_over_both_runs_and_ends_with_the_next_move(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "_PATIENCE", -1.0)
    replies = Replies()
    session = Session(replies.take, "open_loop", many=MANY)
    try:
        session.receive({"kind": "ask", "id": 1, "address": MOVED, "draws": MANY})
        answer = replies.wait("answer", 1)
        assert answer["answer"]["draws"] == answer["reference"]["draws"] == MANY
        told = [m for m in replies.messages if m["kind"] == "progress"]
        done = [m["done"] for m in told]
        assert done == sorted(done)
        assert done[-1] == 2 * MANY
        assert {m["wanted"] for m in told} == {2 * MANY}
        replies.wait("drivers", 1)
        # The next question replaces a run under way, whose answer never comes; a fit does not.
        session.receive({"kind": "ask", "id": 2, "address": "hardware.headroom=1.3~5", "draws": MANY})
        replies.wait("progress", 2)
        pairs = [[0.05, 1.0], [0.5, 2.0], [0.95, 8.0]]
        session.receive({"kind": "elicit", "id": 3, "quantiles": pairs, "scale": "log"})
        assert replies.wait("elicited", 3)["fits"]
        session.receive({"kind": "ask", "id": 4, "address": "hardware.headroom=1.4~5", "draws": QUICK})
        assert replies.wait("answer", 4)["answer"]["draws"] == QUICK
        session.receive({"kind": "ask", "id": 5, "address": "hardware.headroom=1.5~5", "draws": QUICK})
        pairs = [[0.05, 1.0], [0.5, 3.0], [0.95, 8.0]]
        session.receive({"kind": "elicit", "id": 6, "quantiles": pairs, "scale": "log"})
        replies.wait("answer", 5)
    finally:
        session.close()
    assert [m["kind"] for m in replies.messages if m["kind"] == "error"] == []


def test_the_number_of_draws_on_request_is_bounded() -> None:
    for draws in (0, QUICK, 100_000_001):
        with refused("setting-out-of-range", "draws"):
            Session(lambda _: None, "open_loop", many=draws)
