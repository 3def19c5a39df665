"""Designs: where in the unit cube the draws lie.

Random draws are independent. Sobol' points and Latin hypercubes fill the cube more evenly, so their averages
err less, but formulas for independent draws do not give that error: they come in replicates, independently
scrambled, and the error is read off the spread between replicates.

Owen 1997, "Scrambled net variance for integrals of smooth functions"; McKay, Beckman & Conover 1979.
"""

from __future__ import annotations

import hashlib
import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from timecone.errors import ArgumentError
from timecone.inputs.philox import stream_key, uniforms, uniforms_again
from timecone.inputs.sobol import HALF_CELL as _HALF_SOBOL_CELL
from timecone.inputs.sobol import SobolSequence
from timecone.schema import FloatArray

type WordArray = NDArray[np.uint32]

DESIGNS = ("random", "sobol", "latin")
#: Fewer could not tell their own spread.
LEAST_REPLICATES = 8
#: How the names of choices' streams begin.
CHOICE_STREAM = "choice/"
_LEAST_POINTS = 64
_HALF_CELL = 2.0**-53
_MOST_BYTES = 1_000_000_000
# Hypercubes hold their points, sequences a few numbers for each stream.
_KEPT_REPLICATES = 2
_KEPT_SEQUENCES = 64


class Design(ABC):
    """Uniforms in (0, 1) for every stream and draw.

    Attributes
    ----------
    replicates : int
        Independent parts of equal size, in the order of draws; 1 where draws are independent themselves.
    """

    replicates: int = 1

    @abstractmethod
    def fill(self, streams: Sequence[str], first: int, out: FloatArray) -> None:
        """Fill ``out``, shape (streams, draws), with draws ``first``, ``first + 1``, ..."""

    def fill_again(self, streams: Sequence[str], draw: int, first: int, out: FloatArray) -> None:
        """Fill ``out``, shape (streams, attempts), with further attempts at one draw.

        Raises
        ------
        ArgumentError
            Draws of the design are not independent.
        """
        raise ArgumentError(
            "redraw-design",
            "only independent draws can be drawn again",
            where="design",
            allowed="design = 'random'",
        )

    def held(self, streams: int) -> int:
        """Return how many bytes of points the design holds at most."""
        return 0


class RandomDesign(Design):
    """Independent draws: draw i of a stream depends on the seed, its name and i alone.

    With ``stratify`` the streams of choices are evenly spread instead, so that every value of a choice gets
    its share of any number of draws: of any 2**k draws from a multiple of 2**k on, one lies in each of 2**k
    equal strata. Choices stay independent of each other.
    """

    def __init__(self, seed: int, *, stratify: bool = False) -> None:
        self._seed = seed
        self._stratify = stratify
        self._keys: dict[str, tuple[np.uint64, np.uint64]] = {}

    def fill_again(self, streams: Sequence[str], draw: int, first: int, out: FloatArray) -> None:
        for row, name in enumerate(streams):
            uniforms_again(*self._key(name), draw, first, out[row])

    def _key(self, name: str) -> tuple[np.uint64, np.uint64]:
        return self._keys.get(name) or self._keys.setdefault(name, stream_key(self._seed, name))

    def fill(self, streams: Sequence[str], first: int, out: FloatArray) -> None:
        for row, name in enumerate(streams):
            key = self._key(name)
            if self._stratify and name.startswith(CHOICE_STREAM):
                draws = np.arange(first, first + out.shape[1]).astype(np.uint32)
                out[row] = _van_der_corput(draws, *key)
            else:
                uniforms(*key, first, out[row])


def _van_der_corput(draws: WordArray, shuffle: np.uint64, scramble: np.uint64) -> FloatArray:
    """Return van der Corput's sequence, shuffled and scrambled by two words.

    Burley 2020, "Practical hash-based Owen scrambling". Shuffling makes the sequences of two choices
    independent; scrambling alone would leave both to alternate between the halves of the interval.
    """
    shuffled = _reversed(_hash(_reversed(draws), np.uint32(shuffle)))
    points = _reversed(_hash(shuffled, np.uint32(scramble))).astype(np.float64)
    return points * 2.0**-32 + _HALF_SOBOL_CELL


def _hash(words: WordArray, seed: np.uint32) -> WordArray:
    """Return words each of whose bits is flipped, or not, by the bits below it (Laine & Karras 2011)."""
    words = words + seed
    for multiplier in (0x6C50B47C, 0xB82F1E52, 0xC7AFE638, 0x8D22F6E6):
        words = words ^ (words * np.uint32(multiplier))
    return words


def _reversed(words: WordArray) -> WordArray:
    """Return words with their 32 bits in the opposite order."""
    for shift, mask in ((1, 0x55555555), (2, 0x33333333), (4, 0x0F0F0F0F), (8, 0x00FF00FF)):
        words = ((words >> np.uint32(shift)) & np.uint32(mask)) | (
            (words & np.uint32(mask)) << np.uint32(shift)
        )
    return (words >> np.uint32(16)) | (words << np.uint32(16))


class _Replicated(Design):
    """A design in replicates of equal size.

    Attributes
    ----------
    name : str
        The design's name in a scenario file; with the seed and the replicate it determines the points.
    """

    name: ClassVar[str]

    def __init__(self, seed: int, draws: int, replicates: int) -> None:
        self._seed = seed
        self.replicates = replicates
        self._points = draws // replicates
        self._kept: OrderedDict[int, object] = OrderedDict()
        self._lock = threading.Lock()

    def _generator(self, replicate: int) -> np.random.Generator:
        text = f"timecone/{self._seed}/{self.name}/{replicate}".encode()
        digest = hashlib.blake2b(text, digest_size=16).digest()
        return np.random.default_rng(int.from_bytes(digest, "little"))

    def _keep(self, replicate: int, made: object, most: int) -> None:
        """Keep what a replicate is made from, and drop the oldest where there are too many."""
        self._kept[replicate] = made
        if len(self._kept) > most:
            self._kept.popitem(last=False)

    def fill(self, streams: Sequence[str], first: int, out: FloatArray) -> None:
        done = 0
        while done < out.shape[1]:
            replicate, begin = divmod(first + done, self._points)
            if replicate >= self.replicates:
                out[:, done:] = 0.5  # padding of the last block, dropped by the caller
                return
            count = min(self._points - begin, out.shape[1] - done)
            self._fill_part(replicate, begin, out[:, done : done + count])
            done += count

    @abstractmethod
    def _fill_part(self, replicate: int, begin: int, out: FloatArray) -> None:
        """Fill ``out``, shape (streams, points), with points ``begin``, ``begin + 1``, ... of a replicate."""


class SobolDesign(_Replicated):
    """Sobol' points, scrambled independently in each replicate.

    The first dimensions are the most even ones; ``leading`` are the streams, by position, that take them.
    """

    name: ClassVar[str] = "sobol"

    def __init__(self, seed: int, draws: int, replicates: int, leading: Sequence[int] = ()) -> None:
        super().__init__(seed, draws, replicates)
        self._leading = list(leading)

    def _fill_part(self, replicate: int, begin: int, out: FloatArray) -> None:
        sequence = self._sequence(replicate, len(out))
        if not self._leading:
            sequence.fill(begin, out)
            return
        led = set(self._leading)
        order = [*self._leading, *(k for k in range(len(out)) if k not in led)]
        points = np.empty_like(out)
        sequence.fill(begin, points)
        out[order] = points

    def _sequence(self, replicate: int, streams: int) -> SobolSequence:
        with self._lock:
            sequence = self._kept.get(replicate)
            if sequence is None:
                from scipy.stats import qmc  # noqa: PLC0415

                if streams > qmc.Sobol.MAXDIM:
                    raise ArgumentError(
                        "too-many-sobol-dimensions",
                        "more random streams than Sobol' points have dimensions",
                        where="design",
                        got=streams,
                        allowed=f"at most {qmc.Sobol.MAXDIM}",
                    )
                sequence = SobolSequence.scrambled(streams, self._generator(replicate))
                self._keep(replicate, sequence, _KEPT_SEQUENCES)
        assert isinstance(sequence, SobolSequence)
        return sequence


class LatinDesign(_Replicated):
    """Latin hypercubes: in every stream one point in each of as many equal strata as there are points."""

    name: ClassVar[str] = "latin"

    def held(self, streams: int) -> int:
        # One more while the oldest is still there, and one while it is being made.
        return (min(_KEPT_REPLICATES, self.replicates) + 2) * self._points * streams * 8

    def _fill_part(self, replicate: int, begin: int, out: FloatArray) -> None:
        from scipy.stats import qmc  # noqa: PLC0415

        with self._lock:
            cube = self._kept.get(replicate)
            if cube is None:
                sampler = qmc.LatinHypercube(len(out), rng=self._generator(replicate))
                cube = np.ascontiguousarray(sampler.random(self._points).T)
                self._keep(replicate, cube, _KEPT_REPLICATES)
        assert isinstance(cube, np.ndarray)
        np.clip(cube[:, begin : begin + out.shape[1]], _HALF_CELL, 1.0 - _HALF_CELL, out=out)


def make_design(
    name: str,
    seed: int,
    *,
    draws: int,
    streams: int,
    replicates: int,
    stratify: bool = False,
    leading: Sequence[int] = (),
) -> Design:
    """Return a design for a number of draws and streams; ``leading`` as in `SobolDesign`.

    Raises
    ------
    ArgumentError
        The design is unknown, or does not support this number of draws.
    """
    if name == "random":
        return RandomDesign(seed, stratify=stratify)
    if name not in DESIGNS:
        raise ArgumentError(
            "unknown-design", "unknown design", where="design", got=name, allowed=", ".join(DESIGNS)
        )
    if replicates < LEAST_REPLICATES:
        raise ArgumentError(
            "too-few-replicates",
            "too few replicates to estimate the error",
            where="replicates",
            got=replicates,
            allowed=f"at least {LEAST_REPLICATES}",
        )
    points, rest = divmod(draws, replicates)
    if name == "sobol":
        if rest or points < _LEAST_POINTS or points & (points - 1):
            power = max(points, _LEAST_POINTS).bit_length() - 1
            near = [replicates * 2**p for p in (power, power + 1)]
            raise ArgumentError(
                "sobol-not-power-of-two",
                "the number of Sobol' points per replicate must be a power of two",
                where="draws",
                got=draws,
                allowed=f"{replicates} times a power of two, for instance {near[0]} or {near[1]}",
            )
        return SobolDesign(seed, draws, replicates, leading)
    if rest or points < _LEAST_POINTS:
        least = replicates * _LEAST_POINTS
        raise ArgumentError(
            "unequal-replicates",
            "the replicates are not of equal size",
            where="draws",
            got=draws,
            allowed=f"a multiple of {replicates}, at least {least}",
        )
    if points * streams * 8 > _MOST_BYTES:
        raise ArgumentError(
            "design-exceeds-memory",
            "a Latin hypercube of this size does not fit into memory",
            where="draws",
            got=draws,
            remedy="Use more replicates, or design = 'sobol'.",
        )
    return LatinDesign(seed, draws, replicates)
