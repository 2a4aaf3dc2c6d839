"""Which units of a tile's maps are computed as they are in the whole image."""

from __future__ import annotations

from collections.abc import Sequence

from ...analysis.trace import Trace
from ...fields.window import Window
from ...network.network import Network
from ...network.paths import inputs_of
from ...record import Record


class Span(Record):
    """The units [first, end) of a map of `size` that no edge within the image has touched."""

    first: int
    end: int
    size: int


def clean_spans(
    network: Network, trace: Trace, needed: Sequence[int], axis: int
) -> dict[int, Span]:
    """The clean units of the needed layers on one axis, 0 being the input.

    Both edges of the tile are taken to be within the image, so that whatever is beyond them is
    missing: pixels, and units of every map. `first` does not depend on the tile's size.
    """
    pixels = trace.report.input[1 + axis]
    assert pixels is not None
    spans = {0: Span(0, pixels, pixels)}
    for index in needed:
        node = network.nodes[index - 1]
        size = trace.report.layers[index - 1].out_shape[1 + axis]
        assert size is not None
        windows = [per_axis[axis] for per_axis in trace.windows[index]]
        # What an attribute names besides is read through the window of the one input.
        sources = inputs_of(node)
        windows += windows[:1] * (len(sources) - len(windows))
        first, end = 0, size
        for source, window in zip(sources, windows):
            assert window is not None
            first = max(first, _first(window, spans[source].first))
            end = min(end, _end(window, spans[source].end))
        spans[index] = Span(first, end, size)
    return spans


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
    return min(
        (
            phase + window.period * ((clean - 1 - first - step * (count - 1)) // window.shift + 1)
            for phase, (first, step, count) in enumerate(window.reads)
            if count
        ),
        default=clean,
    )
