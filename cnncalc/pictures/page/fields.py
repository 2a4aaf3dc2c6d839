"""Fields of view as data that the page computes boxes and readers from, exactly.

Per phase, or per unit where units are kept one by one, stand the first pixel, as a difference to
that of the phase before, and the number of pixels from first to last, 0 where nothing is read.
`gaps` has, by phase, the lengths of runs of pixels that are read and left out in turn; None where
they were not counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import Any

from ...analysis.trace import Trace
from ...errors import UsageError
from ...fields.composition import AxisField
from ...fields.extent import UNCOUNTED, Extent
from ...fields.field import Field, Global, OffAxis
from ...fields.row import InRow
from ...fields.unit_field import UnitField
from ...studies.box import known_field

Data = dict[str, Any]
RUNS = re.compile("1+|0+")
LARGEST_DOUBLE = 1 << 53  # integers up to it are exact in the page's own numbers


def field_table(trace: Trace) -> tuple[list[Data], list[list[int]]]:
    """The distinct fields, and the place of each axis' field there: of the first input, of the
    layers, and of further inputs from the last to the second, which go by indices below 0.
    """
    table: list[Data] = []
    known: dict[int, int] = {}
    places = []
    for index, fields in zip(trace.indices, trace.fields):
        row = []
        for field, axis in zip(fields, trace.axes):
            if id(field) in known:
                row.append(known[id(field)])
                continue
            row.append(len(table))
            try:
                table.append(field_data(known_field(field, trace.name(index), axis, trace)))
                known[id(field)] = row[-1]
            except UsageError as unknown:  # told of this layer
                table.append({"unknown": str(unknown)})
        places.append(row)
    return table, places


def field_data(field: Field | UnitField | Global | OffAxis) -> Data:
    """A field of one axis as data; `kind` says how the extents are to be taken."""
    if isinstance(field, InRow):
        row = field.row
        sizes: Sequence[int] = row.sizes  # type: ignore[assignment]
        return {
            "kind": "row",
            "learned": row.learned,
            "start": row.first,
            "step": prod(sizes[field.axis + 1 :]),
            "size": sizes[field.axis],
            "field": field_data(field.field),
        }
    if isinstance(field, OffAxis):
        return {"unknown": "it joins the units of several maps, which is not shown"}
    if isinstance(field, Field):
        periodic = {"kind": "periodic", "period": field.period, "shift": field.shift}
        return {**periodic, **_extents(field.extents or ())}
    if isinstance(field, Global):
        return {"kind": "whole", **_extents([field.extent])}
    return {"kind": "units", **_extents(field.extents)}


def _extents(extents: Sequence[Extent | None]) -> Data:
    firsts, last = [], 0
    for extent in extents:
        last = extent[0] if extent else last
        firsts.append(last)
    gaps = {phase: _runs(e[2]) for phase, e in enumerate(extents) if e and e[2] is not None}
    return {
        "first": [after - before for before, after in pairwise([0, *firsts])],
        "pixels": [extent[1] - extent[0] + 1 if extent else 0 for extent in extents],
        **({"gaps": gaps} if gaps else {}),
    }


def _runs(mask: int) -> list[int] | None:
    """Lengths of the runs of ones and zeros of a mask, from its lowest bit, which is set."""
    if mask == UNCOUNTED:
        return None
    return [len(run) for run in RUNS.findall(f"{mask:b}"[::-1])]


def beyond_doubles(trace: Trace) -> bool:
    """Whether some unit's pixels are numbers that the page's own ones do not hold exactly."""
    return any(
        _furthest(field, units or 0) >= LARGEST_DOUBLE
        for index, fields in zip(trace.indices, trace.fields)
        for field, units in zip(fields, (*trace.shape(index)[1:], *[1] * len(fields)))
    ) or any((size or 0) >= LARGEST_DOUBLE for size in trace.origin_sizes)


def _furthest(field: AxisField, units: int) -> int:
    """A bound on the distance from the first pixel to any that one of so many units reads."""
    if isinstance(field, InRow):
        return _furthest(field.field, prod(size or 1 for size in field.row.sizes))
    extents: Sequence[Extent | None] = ()
    turns = shift = 0
    if isinstance(field, Global):
        extents = [field.extent]
    elif isinstance(field, UnitField):
        extents = field.extents
    elif isinstance(field, Field):
        extents, shift = field.extents or (), field.shift
        turns = units // field.period + 1
    ends = [max(abs(extent[0]), abs(extent[1])) for extent in extents if extent]
    return max(ends, default=0) + turns * shift + units
