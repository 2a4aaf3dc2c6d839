"""The least tile that fits a network, where one that was asked for does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import lcm

from ...analysis.analysis import trace_of
from ...analysis.trace import Trace
from ...arithmetic import AXES, Shape
from ...errors import CnncalcError
from ...network.network import Network
from .effort import phases
from .tile_stitching import Stitching, size_periods

Sizes = tuple[int, ...]

LARGEST = 10**7
MOST_TRIED = 500
MOST_EFFORT = 20_000  # phases of fields, over all layers and all tiles that are tried


def fitting(
    network: Network, layer: str | None, sizes: Sizes, whole: Sizes | None
) -> tuple[Stitching, Sizes]:
    """Tiles of some sizes that agree with the image, and its sizes; raises Misfit if they do not.

    Without an image it is one of 2 steps more than a tile: what grows by the same with each, those
    of 1 and 3 steps stand for.
    """
    if whole is not None:
        stitching = Stitching(network, layer, tuple(map(min, sizes, whole)))
        stitching.places(whole)
        return stitching, whole
    stitching = Stitching(network, layer, sizes)
    steps = [stitching.step(axis) for axis in range(len(sizes))]
    for turns in (1, 3, 2):
        image = tuple(size + turns * step for size, step in zip(sizes, steps))
        stitching.places(image)
    return stitching, image


def least_tile(network: Network, layer: str | None, sizes: Sizes, whole: Sizes | None) -> str:
    """What to take in place of a tile that does not fit, in words; empty where that is not known.

    Sizes that are equal are changed together, others one at a time, else made equal.
    """
    target = len(network.nodes) if layer is None else network.index(layer)
    trace = _valid_trace(network.up_to(target), (sizes, whole, network.first_input[1:]))
    if trace is None:
        return ""
    apart = lcm(*size_periods(trace))
    trials = min(MOST_TRIED, MOST_EFFORT // phases(trace))
    searched = []
    for axis, where in _axes(sizes):

        def fits(size: int, axis: int | None = axis) -> bool:
            varied = [size if axis in (None, place) else old for place, old in enumerate(sizes)]
            try:
                fitting(network, layer, tuple(varied), whole)
            except CnncalcError:
                return False
            return True

        most = LARGEST if whole is None else max(whole) if axis is None else whole[axis]
        search = Search(fits, apart, trials)
        asked = sizes[0] if len(set(sizes)) == 1 else 0 if axis is None else sizes[axis]
        if found := search.answer(asked, most, whole is not None):
            return found + where
        searched.append(found is not None)
    if not all(searched):
        return ""
    none = (
        f"no tile up to {LARGEST:,} works"
        if whole is None
        else "no tile works, nor does the whole image"
    )
    return none if len(set(sizes)) == 1 else f"{none}, of one size or different on one axis"


def _axes(sizes: Sizes) -> Iterator[tuple[int | None, str]]:
    """Which axis of a tile to change, and how to say so; None for all of them together."""
    if len(set(sizes)) == 1:
        yield None, ""
        return
    yield from ((axis, f" on axis {name}") for axis, name in enumerate(AXES[len(sizes)]))
    yield None, " on every axis"


def _valid_trace(network: Network, tried: Sequence[Shape | None]) -> Trace | None:
    """The analysis on the first of some sizes that is not refused, at last on unknown ones."""
    unknown: Shape = (None,) * network.axes
    for sizes in (*filter(None, tried), unknown):
        try:
            return trace_of(network, sizes)
        except CnncalcError:
            continue
    return None


class Exhausted(Exception):
    """More tiles would have to be tried than the effort allows."""


class Search:
    """Which sizes of a tile fit.

    Sizes that are `apart` by a multiple of all strides are alike in all windows, and a larger one
    of them has more units that are right: where one fits, all larger ones of its series do.
    """

    def __init__(self, fits: Callable[[int], bool], apart: int, trials: int) -> None:
        self.fits = fits
        self.apart = apart
        self.trials = trials
        self.best: int | None = None

    def answer(self, asked: int, most: int, has_image: bool) -> str | None:
        """The least size that fits, and if it is below the one asked for the next one above.

        Empty where none fits, None where the search was given up.
        """
        try:
            least = self._least_near(max(asked, self.apart), most)
            if least is None:
                return ""
            if least == most and has_image:
                return "only the whole image in one tile works"
            above = self.least(asked + 1, most) if least < asked else None
        except Exhausted:
            return f"one of {self.best} works" if self.best else None
        beside = "" if above is None else f", the next one above {asked} {above}"
        return f"the least tile that works is {least}{beside}"

    def _least_near(self, size: int, most: int) -> int | None:
        """The least size that fits, looked for in ever wider ranges: large maps take long."""
        low, least = 1, None
        while least is None and low <= most:
            high = min(8 * size, most)
            least = self.least(low, high)
            low, size = high + 1, high
        return least

    def least(self, low: int, high: int) -> int | None:
        """The least size from `low` to `high` that fits, None where none does."""
        self.best = None
        for first in range(low, min(low + self.apart, high + 1)):
            end = high if self.best is None else self.best - 1
            turns = (end - first) // self.apart
            if turns >= 0 and self._try(first + turns * self.apart):
                self._try_before(first, turns)
        return self.best

    def _try(self, size: int) -> bool:
        if not self.trials:
            raise Exhausted
        self.trials -= 1
        if fits := self.fits(size):
            self.best = size
        return fits

    def _try_before(self, first: int, turns: int) -> None:
        """Find the first of a series that fits, where the one after so many turns does."""
        low, high = -1, turns
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._try(first + middle * self.apart) else (middle, high)
