"""Session of the explorer: messages of a page in, answers out; knows nothing of Panel.

A page asks with an address and gets the answer of that state. Only the latest question counts: what is asked
while a simulation runs replaces what waits, and a long run stops for it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import xarray as xr

from timecone.errors import ArgumentError, TimeconeError
from timecone.explorer.answer import answer_of, details_of, drivers_of, shift_of
from timecone.explorer.controls import Controls, Slider
from timecone.explorer.elicited import elicited
from timecone.explorer.scenario_file import Base, file_text, scenario_of, state_of_file
from timecone.explorer.state import State, address_of, from_address, scenario_in
from timecone.scenario.presets import presets
from timecone.scenario.scenario import Scenario
from timecone.simulation.limits import KEEP
from timecone.simulation.run import Progress, simulate

#: Draws while sliders move; on request by default, and at most.
QUICK: Final = 20_000
#: Draws while sliders move of models that take some milliseconds for a draw.
QUICK_OF: Final[Mapping[str, int]] = {"full_takeoff": 2000, "ai_futures": 2000, "research_automation": 5000}
MANY: Final = 1_000_000
MOST: Final = 100_000_000
#: Bases and runs that are kept, of all sessions of a process.
_MOST_BASES: Final = 8
_MOST_RUNS: Final = 8
_WAIT_FOR_DRIVERS: Final = 0.35
# Seconds after which a simulation tells its progress.
_PATIENCE: Final = 1.0

type Message = Mapping[str, Any]
type Send = Callable[[dict[str, Any]], None]

# One simulation at a time: each uses all processors.
_simulating = threading.Lock()


class _Stopped(Exception):  # noqa: N818 - nothing is wrong
    """Nobody waits for a simulation any more."""


class _Kept[V]:
    """The most recently used values, by key; to be used under its lock."""

    def __init__(self, most: int) -> None:
        self.lock = threading.Lock()
        self._most = most
        self._values: OrderedDict[Any, V] = OrderedDict()

    def __contains__(self, key: Any) -> bool:
        with self.lock:
            return key in self._values

    def get(self, key: Any, make: Callable[[], V]) -> V:
        with self.lock:
            if key not in self._values:
                self._values[key] = make()
                while len(self._values) > self._most:
                    self._values.popitem(last=False)
            self._values.move_to_end(key)
            return self._values[key]


_bases: _Kept[Base] = _Kept(_MOST_BASES)


class Session:
    """The state of one page.

    Parameters
    ----------
    send : callable
        Takes a message to the page; called from a thread of the session.
    opened : str
        The scenario to begin with, as addresses name it.
    files : mapping of str to Path
        Scenario files that addresses may name beside presets; chosen by who started the explorer.
    whole : bool, default: False
        Whether these files will not last, so that files of the page do not extend them.
    many : int
        Draws of the long run that the page can request.

    Raises
    ------
    ArgumentError
        ``many`` is out of range.
    """

    def __init__(
        self,
        send: Send,
        opened: str,
        files: Mapping[str, Path] | None = None,
        *,
        whole: bool = False,
        many: int = MANY,
    ) -> None:
        require_many(many)
        self._whole = whole
        self._many = many
        self._send = send
        self.opened = opened
        self._files = dict(files or {})
        self._references: _Kept[xr.DataTree] = _Kept(_MOST_RUNS)
        self._condition = threading.Condition()
        self._waiting: Message | None = None
        self._newest = 0
        self._closed = False
        self._thread: threading.Thread | None = None

    def receive(self, message: object) -> None:
        """Take a message of the page; the answer comes through ``send``."""
        if not isinstance(message, Mapping) or not isinstance(message.get("kind"), str):
            self._send({"kind": "error", "line": "timecone: not a message of the page."})
            return
        if message["kind"] == "elicit":
            # A fit of some distributions: no simulation has to wait or stop for it.
            self.answer(message)
            return
        with self._condition:
            self._waiting = message
            self._newest += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="explorer", daemon=True)
                self._thread.start()
            self._condition.notify()

    def close(self) -> None:
        """End the session's thread; a simulation under way stops after its block."""
        with self._condition:
            self._closed = True
            self._condition.notify()

    def _work(self) -> None:
        while True:
            with self._condition:
                while self._waiting is None and not self._closed:
                    self._condition.wait()
                if self._closed or self._waiting is None:
                    return
                message, self._waiting = self._waiting, None
                number = self._newest
            self.answer(message, lambda number=number: self._is_stale(number))  # type: ignore[misc]

    def _is_stale(self, number: int) -> bool:
        with self._condition:
            return self._closed or number != self._newest

    def answer(self, message: Message, stale: Callable[[], bool] = lambda: False) -> None:
        """Answer a message; a failure is a message of one line."""
        identity = message.get("id")
        identity = identity if isinstance(identity, int) and not isinstance(identity, bool) else 0
        try:
            self._answer(str(message["kind"]), message, identity, stale)
        except TimeconeError as error:
            self._send({"kind": "error", "id": identity, "line": one_line(error.line)})
        except MemoryError:
            self._send({"kind": "error", "id": identity, "line": "Not enough memory for this run."})
        except Exception as error:  # noqa: BLE001 - the page says it, and goes on
            line = f"Internal error: {type(error).__name__}: {error}. Please report it."
            self._send({"kind": "error", "id": identity, "line": one_line(line)})

    def _answer(self, kind: str, message: Message, identity: int, stale: Callable[[], bool]) -> None:
        if kind == "open":
            self._open(_text(message, "address"), identity, stale)
        elif kind == "ask":
            base, state = self._state(_text(message, "address"))
            quick = quick_draws(base)
            draws = message.get("draws", quick)
            if draws not in (quick, self._many) or isinstance(draws, bool):
                raise ArgumentError(
                    "setting-out-of-range",
                    "draws is out of range",
                    where="draws",
                    got=str(draws)[:40],
                    allowed=f"{quick} or {self._many}",
                )
            self._simulate(base, state, int(draws), identity, stale)
        elif kind == "file":
            base, state = self._state_of_file(_text(message, "text"))
            self._show(base, state, identity, stale, note="The file is read. What was moved is shown below.")
        elif kind == "elicit":
            self._send({"kind": "elicited", "id": identity, **elicited(message)})
        else:
            raise ArgumentError("unknown-message", "not a message of the page", where="kind", got=kind[:40])

    def _base(self, name: str) -> Base:
        path = self._files.get(name)
        return _bases.get((name, path), lambda: Base.open(name, path, whole=self._whole))

    def _state(self, address: str) -> tuple[Base, State]:
        base = self._base(scenario_in(address, self.opened))
        return base, from_address(address, base.name, base.controls)

    def _state_of_file(self, text: str) -> tuple[Base, State]:
        opened: list[Base] = []

        def base_of(extends: str) -> Base:
            paths = {str(path.resolve()): name for name, path in self._files.items()}
            opened.append(self._base(paths.get(extends, extends)))
            return opened[-1]

        state = state_of_file(text, base_of)
        return opened[-1], state

    def _open(self, address: str, identity: int, stale: Callable[[], bool]) -> None:
        """Show what an address says; where it cannot be, the scenario unmoved, and why."""
        note = ""
        try:
            base, state = self._state(address)
            if state.is_moved:
                scenario_of(state, base)
        except TimeconeError as error:
            note = one_line(error.line)
            try:
                base = self._base(scenario_in(address, self.opened))
            except TimeconeError:
                base = self._base(self.opened)
            state = State(base.name)
        self._show(base, state, identity, stale, refused=note)

    def _show(
        self,
        base: Base,
        state: State,
        identity: int,
        stale: Callable[[], bool],
        *,
        note: str = "",
        refused: str = "",
    ) -> None:
        scenario_of(state, base)
        quick = quick_draws(base)
        try:
            reference = self._reference(base, quick, self._teller(identity, 0, quick), stale)
        except _Stopped:
            return
        self._send(
            {
                "kind": "scenario",
                "id": identity,
                "name": base.name,
                "title": base.scenario.title,
                "model": base.scenario.definition.title,
                "conditions": str(base.scenario.conditions),
                "presets": [*((name, name) for name in self._files), *presets().items()],
                "controls": controls_json(base.controls),
                "reference": answer_of(reference) | details_of(reference),
                "drivers": drivers_of(reference),
                "address": address_of(state),
                "note": note,
                "refused": refused,
                "quick": quick,
                "many": self._many,
            }
        )
        self._simulate(base, state, quick, identity, stale)

    def _reference(
        self, base: Base, draws: int, tell: Progress | None = None, stale: Callable[[], bool] = lambda: False
    ) -> xr.DataTree:
        """Return the run of the scenario as it is, kept from the first time."""
        return self._references.get(
            (base.name, base.scenario.digest, draws), lambda: _run(base.scenario, draws, tell, stale)
        )

    def _runs(
        self, base: Base, state: State, draws: int, identity: int, stale: Callable[[], bool]
    ) -> tuple[xr.DataTree, xr.DataTree]:
        """Return the run of the scenario as it is, and that of the state, with progress over both."""
        scenario = scenario_of(state, base)
        is_kept = (base.name, base.scenario.digest, draws) in self._references
        wanted = draws * ((not is_kept) + state.is_moved)

        reference = self._reference(base, draws, self._teller(identity, 0, wanted), stale)
        if not state.is_moved:
            return reference, reference
        tell = self._teller(identity, 0 if is_kept else draws, wanted)
        return reference, _run(scenario, draws, tell, stale)

    def _teller(self, identity: int, before: int, wanted: int) -> Progress:
        """Return what tells the page how many draws are done, once it has waited for a while."""
        begin = time.monotonic()

        def tell(done: int, _: int) -> None:
            if time.monotonic() - begin > _PATIENCE:
                self._send({"kind": "progress", "id": identity, "done": before + done, "wanted": wanted})

        return tell

    def _simulate(
        self, base: Base, state: State, draws: int, identity: int, stale: Callable[[], bool]
    ) -> None:
        try:
            reference, run = self._runs(base, state, draws, identity, stale)
        except _Stopped:
            return
        if stale():
            return
        scenario = scenario_of(state, base)
        self._send(
            {
                "kind": "answer",
                "id": identity,
                "address": address_of(state),
                "answer": answer_of(run),
                "shift": shift_of(reference, run) if state.is_moved else "",
                "reference": answer_of(reference) if draws != quick_draws(base) else None,
                "file": file_text(state, base, draws),
                "file_name": f"{scenario.name}.toml",
                "digest": scenario.digest,
            }
        )
        if stale():
            return
        self._send({"kind": "details", "id": identity, "details": details_of(run)})
        # Not while the next move is on its way.
        with self._condition:
            self._condition.wait_for(lambda: self._waiting is not None or self._closed, _WAIT_FOR_DRIVERS)
        if not stale():
            self._send({"kind": "drivers", "id": identity, "drivers": drivers_of(run)})


def _run(scenario: Scenario, draws: int, tell: Progress | None, stale: Callable[[], bool]) -> xr.DataTree:
    """Return a run of all its draws; stop where nobody waits for it any more."""
    try:
        with _simulating:
            run = simulate(scenario, draws=draws, paths=0, keep=KEEP, progress=tell, stop=stale)
    except KeyboardInterrupt:
        raise _Stopped from None
    if int(run.attrs["draws"]) < draws:
        raise _Stopped
    return run


def quick_draws(base: Base) -> int:
    """Return how many draws are simulated while sliders move."""
    return QUICK_OF.get(base.scenario.model, QUICK)


def require_many(draws: int) -> None:
    """Refuse a number of draws that a long run cannot have.

    Raises
    ------
    ArgumentError
        It is out of range.
    """
    if not QUICK < draws <= MOST:
        raise ArgumentError(
            "setting-out-of-range",
            "draws is out of range",
            where="draws",
            got=draws,
            allowed=f"above {QUICK} and up to {MOST}",
        )


def controls_json(controls: Controls) -> dict[str, Any]:
    """Return controls as the page takes them."""
    return {
        "sliders": [_slider_json(slider) for slider in controls.sliders.values()],
        "weights": [asdict(choice) for choice in controls.weights.values()],
        "switches": [asdict(switch) for switch in controls.switches.values()],
        "computed": [asdict(each) for each in controls.computed],
    }


def _slider_json(slider: Slider) -> dict[str, Any]:
    ends = slider.ends
    about = {
        key: getattr(slider, key)
        for key in (
            "key",
            "condition",
            "minimum",
            "maximum",
            "unit",
            "meaning",
            "source",
            "as_of",
            "basis",
            "note",
            "is_read",
        )
    }
    text = ", ".join(
        f"{key} = {value}" for key, value in slider.table.items() if key not in ("distribution", "components")
    )
    moves = (
        None
        if ends is None
        else {
            "low": ends.low,
            "high": ends.high,
            "names": list(ends.names),
            "scale": ends.scale,
            "bounds": ends.limits,
            "single": ends.is_single,
        }
    )
    return about | {
        "ends": moves,
        "form": f"{slider.table['distribution']}({text})" if text else str(slider.table["distribution"]),
    }


def one_line(text: str) -> str:
    """Return a message in one printable line of bounded length."""
    line = " ".join(text.split())
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    return line if len(line) <= 600 else f"{line[:600]}..."  # noqa: PLR2004 - some lines on the page


def _text(message: Message, key: str) -> str:
    value = message.get(key, "")
    if not isinstance(value, str):
        raise ArgumentError("message-not-text", "not text", where=key, got=type(value).__name__)
    return value
