"""The order of layers whose peak is least, and a bound on it where the search does not end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from heapq import heappop, heappush
from operator import or_

from ...arithmetic import Number
from ...record import Record
from .liveness import run
from .storages import Storages

EFFORT = 300_000  # layers tried, each counted once for every UNIT layers of the network
UNIT = 2_000
MOST_LAYERS = 10_000


class Ordering(Record):
    """Whether an order's peak is `proven` least, and the bytes that no order's peak is under."""

    proven: bool
    bound: Number


class _State(Record):
    """Layers that ran, as bits; what is live after them, the peak so far and how it came there."""

    done: int
    live: int
    peak: int
    ready: tuple[int, ...]
    steps: tuple[int, ...]
    before: _State | None


class _Exhausted(Exception):
    """The effort is spent."""


def best_order(storages: Storages) -> tuple[Sequence[int], Ordering]:
    """The order of the least peak, the network's own where that has it."""
    own = storages.layers
    peak = run(storages, own).peak
    if None in storages.sizes.values() or peak is None:
        return own, Ordering(False, None)
    floor = _floor(storages)
    if peak == floor or len(own) > MOST_LAYERS:
        return own, Ordering(peak == floor, floor)
    return _Search(storages, peak, floor).best()


def _floor(storages: Storages) -> int:
    """Bytes that are live at some time whatever the order."""
    sizes: dict[int, int] = storages.sizes  # type: ignore[assignment]
    inputs = sum(sizes[key] for key in storages.inputs)
    least = [inputs, sum(sizes[key] for key in storages.outputs)]
    for index in storages.layers:
        new = [key for key in storages.makes[index] if key not in storages.movable]
        least.append(sum(sizes[key] for key in (*storages.reads[index], *new)))
    return max(least)


class _Search:
    """Least peaks first over sets of layers that ran: the first to have all has the least peak.

    A layer that frees as much as it takes and raises no peak runs at once: in any order that is as
    good it can be moved to the front.
    """

    def __init__(self, storages: Storages, peak: int, floor: int) -> None:
        self.storages = storages
        self.sizes: dict[int, int] = storages.sizes  # type: ignore[assignment]
        self.readers = {
            key: reduce(or_, (1 << each for each in readers), 0)
            for key, readers in storages.readers.items()
        }
        self.after: list[list[int]] = [[] for _ in storages.homes]
        for index in storages.layers:
            for other in storages.waits[index]:
                self.after[other].append(index)
        self.waits = [reduce(or_, (1 << each for each in waits), 0) for waits in storages.waits]
        self.all = reduce(or_, (1 << index for index in storages.layers), 0)
        self.floor = floor
        self.order: Sequence[int] = storages.layers
        self.peak = peak
        self.effort = EFFORT

    def best(self) -> tuple[Sequence[int], Ordering]:
        """The best order found, with what is proven of it."""
        bound = self.floor
        ready = tuple(index for index in self.storages.layers if not self.waits[index])
        read = [key for key in self.storages.inputs if self.readers[key]]
        start = _State(0, sum(self.sizes[key] for key in read), self.floor, ready, (), None)
        waiting: list[tuple[int, int, int, _State]] = []
        least: dict[int, int] = {}
        ticks = 0
        try:
            self._dive(start)
            heappush(waiting, (self.floor, 0, 0, start))
            while waiting and waiting[0][0] < self.peak:
                bound, _, _, state = heappop(waiting)
                for follower in self._followers(state):
                    if follower.peak >= min(self.peak, least.get(follower.done, self.peak)):
                        continue
                    if follower.done == self.all:
                        self._take(follower)
                        continue
                    least[follower.done] = follower.peak
                    ticks += 1
                    depth = follower.done.bit_count()
                    heappush(waiting, (follower.peak, -depth, ticks, follower))
        except _Exhausted:
            return self.order, Ordering(bound >= self.peak, min(bound, self.peak))
        return self.order, Ordering(True, self.peak)

    def _take(self, state: _State) -> None:
        """Keep an order that is better than all before."""
        parts = []
        at: _State | None = state
        while at is not None:
            parts.append(at.steps)
            at = at.before
        self.order = [index for steps in reversed(parts) for index in steps]
        self.peak = state.peak

    def _dive(self, state: _State) -> None:
        """An order that takes the layer of the least peak each time, then of the least live."""
        while state.done != self.all:
            state = min(self._followers(state), key=lambda each: (each.peak, each.live))
        if state.peak < self.peak:
            self._take(state)

    def _followers(self, state: _State) -> list[_State]:
        """States behind each layer that may run next, and behind those that then run at once."""
        return [self._run_free(self._behind(state, index)) for index in state.ready]

    def _run_free(self, state: _State) -> _State:
        """The state behind all layers that may run at once without loss."""
        steps = [*state.steps]
        before, moved = state.before, True
        while moved:
            moved = False
            for index in state.ready:
                after = self._behind(state, index)
                harmless = after.peak <= state.peak and after.live <= state.live
                if harmless or len(state.ready) == 1:
                    steps.append(index)
                    state, moved = after, True
                    break
        return state.but(steps=tuple(steps), before=before)

    def _behind(self, state: _State, index: int) -> _State:
        """The state behind a layer that is ready."""
        self.effort -= 1 + len(self.storages.homes) // UNIT
        if self.effort < 0:
            raise _Exhausted
        storages, sizes, done = self.storages, self.sizes, state.done | 1 << index
        outputs = storages.outputs
        source = storages.movable.get(index)
        moves = (
            source is not None
            and source not in outputs
            and sizes[source] == sizes[index]
            and not self.readers[source] & ~done
        )
        made = storages.makes[index]
        live = state.live + sum(sizes[key] for key in made if not moves or key != index)
        peak = max(state.peak, live)
        for key in (*storages.reads[index], *made):
            gone = not self.readers[key] & ~done and key not in outputs
            if gone and not (moves and key == source):
                live -= sizes[key]
        ready = [each for each in state.ready if each != index]
        ready += [each for each in self.after[index] if not self.waits[each] & ~done]
        return _State(done, live, peak, tuple(ready), (index,), state)
