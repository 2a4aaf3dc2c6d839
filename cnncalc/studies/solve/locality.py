"""Which layers compute a unit from its surroundings alone, so that a tile is enough for it."""

from __future__ import annotations

from ...analysis.trace import Trace
from ...fields.window import WHOLE
from ...network.network import Network, Node
from ...network.paths import inputs_of
from ...record import Record

EDGE_MODES = ("constant", "zeros", "zero", "edge", "replicate")


class Spoiler(Record):
    """A layer for which a tile is not enough, and why."""

    node: Node
    reason: str


def spoilers(network: Network, trace: Trace) -> dict[int, Spoiler]:
    """For each layer that needs more than a tile, by index, the first that it is because of."""
    found: dict[int, Spoiler] = {}
    for node in network.nodes:
        inherited = [found[source] for source in inputs_of(node) if source in found]
        reason = _reason(node, trace)
        if inherited:
            found[node.index] = inherited[0]
        elif reason:
            found[node.index] = Spoiler(node, reason)
    return found


def _reason(node: Node, trace: Trace) -> str | None:
    windows = [window for per_axis in trace.windows[node.index] for window in per_axis]
    if WHOLE in windows:
        return "reads its whole map"
    if any(window is None or window.reads is None for window in windows):
        return "reads what is not known"
    return _statistics(node) or _far_padding(node)


def _statistics(node: Node) -> str | None:
    """Statistics of the whole map do not count as reading, but a tile has others."""
    kind = node.kind
    normalizes = getattr(kind, "track_running_stats", True) is False
    if normalizes or "num_groups" in kind.attributes:
        return "normalizes by statistics of the whole map"
    along = (getattr(kind, name, None) for name in ("dim", "axis"))
    if any(axis not in (None, 1, -kind.axes - 1) for axis in along):
        return "may sum along an axis of the map"
    return None


def _far_padding(node: Node) -> str | None:
    """Padding that is made of units further in: a tile would have to hold those."""
    mode = getattr(node.kind, "mode", None) if "padding" in node.kind.attributes else None
    if mode is None or mode in EDGE_MODES:
        return None
    return f"pads by {mode}, from units away from the edge"
