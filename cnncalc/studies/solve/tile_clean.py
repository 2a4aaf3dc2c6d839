"""Which units of a tile's maps are computed as they are in the whole image, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence

from ...analysis.trace import Trace
from ...fields.window import WHOLE, Window
from ...network.network import Node
from ...network.paths import inputs_of
from ...record import Record


class Spoiler(Record):
    """A layer for which a tile is not enough, and why."""

    node: Node
    reason: str


def spoilers(trace: Trace) -> dict[int, Spoiler]:
    """For each layer that needs more than a tile, by index, the first that it is because of."""
    result: dict[int, Spoiler] = {}
    for node in trace.network.nodes:
        inherited = [result[source] for source in inputs_of(node) if source in result]
        reason = _reason(node, trace)
        if inherited:
            result[node.index] = inherited[0]
        elif reason:
            result[node.index] = Spoiler(node, reason)
    return result


def _reason(node: Node, trace: Trace) -> str | None:
    windows = [window for per_axis in trace.windows[node.index] for window in per_axis]
    if WHOLE in windows:
        return "reads its whole map"
    if any(window is None or window.reads is None for window in windows):
        return "reads what is not known"
    return node.kind.beyond_window()


class Span(Record):
    """The units [first, end) of a map of `size` that no edge within the image has touched."""

    first: int
    end: int
    size: int


def clean_spans(trace: Trace, needed: Sequence[int], axis: int) -> dict[int, Span]:
    """The clean units of the needed layers on one axis, 0 being the input.

    Both edges of the tile are taken to be within the image, so that whatever is beyond them is
    missing: pixels, and units of every map. `first` does not depend on the tile's size.
    """
    pixels = units_along(trace, 0, axis)
    spans = {0: Span(0, pixels, pixels)}
    for index in needed:
        windows = [per_axis[axis] for per_axis in trace.windows[index]]
        # What an attribute names besides is read through the window of the one input.
        sources = inputs_of(trace.node(index))
        windows += windows[:1] * (len(sources) - len(windows))
        size = units_along(trace, index, axis)
        first, end = 0, size
        for source, window in zip(sources, windows):
            assert window is not None
            first = max(first, _first(window, spans[source].first))
            end = min(end, _end(window, spans[source].end))
        spans[index] = Span(first, end, size)
    return spans


def units_along(trace: Trace, index: int, axis: int) -> int:
    """How many units a layer's map has on an axis, of an input whose sizes are known."""
    size = trace.shape(index)[1 + axis]
    assert size is not None
    return size


def _first(window: Window, clean: int) -> int:
    """The least unit from which on all units read only from the clean unit on."""
    assert window.reads is not None
    touched = [
        phase + window.period * (-((first - clean) // window.shift) - 1)
        for phase, (first, _, count) in enumerate(window.reads)
        if count
    ]
    return max(touched, default=-1) + 1


def _end(window: Window, clean: int) -> int:
    """The least unit that reads the unit `clean` or one after it."""
    assert window.reads is not None
    reading = [
        phase + window.period * ((clean - 1 - first - step * (count - 1)) // window.shift + 1)
        for phase, (first, step, count) in enumerate(window.reads)
        if count
    ]
    return min(reading, default=clean)
