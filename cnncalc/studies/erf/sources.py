"""Which inputs a layer's distribution comes from, and why there is none."""

from __future__ import annotations

from ...analysis.trace import Trace
from ...fields.field import Field, Global, OffAxis, UnknownField
from ...fields.window import WHOLE
from ...wording import quote

NO_FIELD = "its field is not known"


def local_places(trace: Trace, index: int) -> list[int]:
    """Which inputs of a layer count, by their places: those of its field."""
    node = trace.node(index)
    places = range(len(node.sources))
    if not node.kind.merges:
        return [*places]
    moving = [place for place in places if trace.fields[node.sources[place]][0] is not None]
    return [place for place in moving if not _reads_whole(trace, index, place)] or moving


def _reads_whole(trace: Trace, index: int, place: int) -> bool:
    fields = trace.fields[trace.node(index).sources[place]]
    pairs = zip(fields, trace.windows[index][place])
    return any(isinstance(field, Global) or window is WHOLE for field, window in pairs)


def missing_fields(trace: Trace, axis: int) -> list[str]:
    """Why a layer's units have no place on an axis, by indices; empty where they have."""
    return [_missing_field(trace, index, axis) for index in range(len(trace.fields))]


def _missing_field(trace: Trace, index: int, axis: int) -> str:
    field = trace.fields[index][axis]
    if field is None:
        return f"it does not depend on {quote(trace.name(trace.origin))}"
    if isinstance(field, Global):
        return "it reads a whole map"
    if isinstance(field, OffAxis):
        return "its units do not lie on the input's axes"
    if isinstance(field, UnknownField):
        return field.reason or NO_FIELD
    if field.extents is None:
        return "its field depends on the input's size"
    return "" if any(field.extents) else "it reads nothing"


def missing_shares(trace: Trace, axis: int) -> list[str]:
    """Why it is not known how a layer's expected squared gradient is distributed, by indices."""
    reasons = missing_fields(trace, axis)
    for node in trace.network.nodes[max(trace.origin, 0) :]:
        reasons[node.index] = reasons[node.index] or _missing_share(trace, node.index, reasons)
    return reasons


def _missing_share(trace: Trace, index: int, reasons: list[str]) -> str:
    node, places = trace.node(index), local_places(trace, index)
    inherited = next((reason for p in places if (reason := reasons[node.sources[p]])), "")
    if inherited:
        return inherited
    shares = node.kind.gradient_shares(trace.readings[index])
    if shares is None:
        return f"there is no rule for {quote(node.name)}, of type {node.type}"
    if None in shares and len(places) > 1:
        return f"the channels that {quote(node.name)} joins are not known"
    if len(places) > 1 and any(_has_empty_unit(trace, node.sources[place]) for place in places):
        return f"some units that {quote(node.name)} merges read nothing"
    return ""


def _has_empty_unit(trace: Trace, index: int) -> bool:
    return any(
        isinstance(field, Field) and field.extents is not None and None in field.extents
        for field in trace.fields[index]
    )
