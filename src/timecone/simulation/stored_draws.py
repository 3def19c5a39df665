"""Stored draws: inputs and outcomes of the first draws of a run, in memory."""

from __future__ import annotations

import copy

import numpy as np

from timecone.schema import ByteArray, FloatArray
from timecone.simulation.block import BlockSimulator, SimulatedBlock
from timecone.simulation.threads import Span


class StoredDraws:
    """Inputs and outcomes of consecutive draws; several threads may fill different blocks.

    Parameters
    ----------
    simulator : BlockSimulator
        Simulates the blocks.
    span : Span
        The draws that are stored. Other draws of a block are ignored.

    Attributes
    ----------
    inputs : array, shape (names, draws)
    choices : array of int8, shape (choices, draws)
    arrival, status : arrays, shape (milestones, draws)
    inclusion, failure : arrays of int8 and int16, shape (draws,)
    durations : array, shape (durations, draws)
    likelihood : array, shape (draws,), optional
    not_yet, thresholds, extras : dicts of str to array, shape (draws,)
    """

    def __init__(self, simulator: BlockSimulator, span: Span) -> None:
        self._simulator = simulator
        self.span = span
        model, sampler, stored = simulator.model, simulator.sampler, span.draws
        self.inputs = np.empty((len(sampler.names), stored))
        self.choices = np.empty((len(sampler.choices), stored), dtype=np.int8)
        self.arrival = np.empty((len(model.milestones), stored))
        self.status = np.empty((len(model.milestones), stored), dtype=np.int8)
        self.inclusion = np.empty(stored, dtype=np.int8)
        self.failure = np.empty(stored, dtype=np.int16)
        self.durations = np.empty((len(model.durations), stored))
        self.likelihood = None if simulator.evidence is None else np.empty(stored)
        self.not_yet = {name: np.empty(stored) for name in simulator.rule.outcomes}
        self.thresholds = {name: np.empty(stored) for name in model.threshold_grids}
        self.extras: dict[str, FloatArray | ByteArray] = {
            extra.name: np.empty(stored, np.int8) if extra.kind == "flag" else np.empty(stored)
            for extra in simulator.extras
        }

    @property
    def size(self) -> int:
        """Number of draws."""
        return self.span.draws

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return self._simulator.sampler.names

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """All arrays by name; the last dimension of each is the draw."""
        fixed = {
            name: getattr(self, name)
            for name in ("inputs", "choices", "arrival", "status", "inclusion", "failure", "durations")
        }
        fixed |= {} if self.likelihood is None else {"likelihood": self.likelihood}
        fixed |= {f"not_yet/{name}": values for name, values in self.not_yet.items()}
        fixed |= {f"threshold/{name}": values for name, values in self.thresholds.items()}
        return fixed | {f"extra/{name}": values for name, values in self.extras.items()}

    def part(self, span: Span) -> StoredDraws:
        """Return some of the draws, as views."""
        begin = span.first - self.span.first
        at = slice(begin, begin + span.draws)
        part = copy.copy(self)
        part.span = span
        part.inputs, part.choices = self.inputs[:, at], self.choices[:, at]
        part.arrival, part.status = self.arrival[:, at], self.status[:, at]
        part.inclusion, part.failure = self.inclusion[at], self.failure[at]
        part.durations = self.durations[:, at]
        part.likelihood = None if self.likelihood is None else self.likelihood[at]
        part.not_yet = {name: values[at] for name, values in self.not_yet.items()}
        part.thresholds = {name: values[at] for name, values in self.thresholds.items()}
        part.extras = {name: values[at] for name, values in self.extras.items()}
        return part

    def model_inputs(self, count: int) -> FloatArray:
        """Return the model's inputs in the first draws, shape (rows, count)."""
        return np.ascontiguousarray(self.inputs[: self._simulator.rows, :count])

    def __call__(self, simulated: SimulatedBlock) -> None:
        """Store the draws of a block that lie in the span."""
        outcomes = simulated.outcomes
        values: dict[str, np.ndarray] = {
            "inputs": simulated.block.values,
            "choices": simulated.block.choices,
            "arrival": outcomes.arrival,
            "status": outcomes.status,
            "inclusion": simulated.inclusion,
            "failure": simulated.failure,
            "durations": simulated.durations,
        }
        values |= {} if simulated.likelihood is None else {"likelihood": simulated.likelihood}
        values |= {f"not_yet/{name}": of_rule for name, of_rule in simulated.not_yet.items()}
        values |= {f"threshold/{name}": levels for name, levels in simulated.thresholds.items()}
        values |= {f"extra/{name}": outcomes.extras[name] for name in self.extras}
        self.put(simulated.span, values)

    def put(self, span: Span, values: dict[str, np.ndarray]) -> None:
        """Store the draws that lie in the span; ``values`` holds all arrays of the draws ``span``."""
        begin = max(span.first, self.span.first)
        end = min(span.first + span.draws, self.span.first + self.span.draws)
        if begin >= end:
            return
        here = slice(begin - self.span.first, end - self.span.first)
        there = slice(begin - span.first, end - span.first)
        for name, array in self.arrays.items():
            array[..., here] = values[name][..., there]
