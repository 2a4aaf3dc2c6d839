"""The field of a merge: its inputs' intervals and their union."""

from __future__ import annotations

from collections.abc import Sequence

from ...fields.extent import Extent
from ...fields.field import (
    AxisField,
    Field,
    Figures,
    Global,
    alignment,
    mean_center,
    over_all_units,
)
from ...layers.formulas.step import Interval, Step, plain, unknown
from .steps import GLOBAL, STRIDE, extent_width, phase_steps, place_steps, span
from .subject import Branch, reached

MOST_NAMES = 4
MOST_INTERVALS = 12

Part = tuple[str, Extent | None]


def merged_steps(branches: Sequence[Branch], field: Field | Global, found: Figures) -> list[Step]:
    """All steps of a merge whose field is known."""
    fields = [reached(branch) for branch in branches]
    names = [branch.name for branch in branches]
    if isinstance(field, Global):
        wholes = [over_all_units(part, b.size) for part, b in zip(fields, branches)]
        parts = [(name, whole.extent) for name, whole in zip(names, wholes)]
        steps = _union(parts, field.extent, "over all units")
        stride = unknown(STRIDE, "j", GLOBAL)
        return [*steps, stride, *place_steps(field.extent, found)]
    assert field.extents is not None
    known = [part for part in fields if isinstance(part, Field)]
    if field.period == 1:
        steps = _union(list(zip(names, [part.at(0) for part in known])), field.extents[0], "")
    else:
        steps = phase_steps(field, found, lambda unit: _told(names, known, unit))
    stride = Step(
        STRIDE, "j", "j_in", {"j_in": found.eff_stride}, found.eff_stride, "of all inputs"
    )
    places = place_steps(field.extents[0], found, _centres(names, fields))
    return [*steps, stride, *places]


def _grouped(parts: Sequence[Part]) -> list[tuple[str, Extent | None]]:
    """Intervals with the names of the inputs that have them."""
    names: dict[tuple[int, int] | None, list[str]] = {}
    for name, extent in parts:
        names.setdefault(extent and extent[:2], []).append(name)
    return [(_listed(alike), span) for span, alike in names.items()]  # type: ignore[misc]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    return f"{shown} and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else shown


def _union(parts: Sequence[Part], union: Extent | None, told: str) -> list[Step]:
    """The intervals, the union's first and last pixel, and the field."""
    grouped = _grouped(parts)
    steps = [
        Step(f"read through {names}", "", "", {}, _interval(extent), told)
        for names, extent in grouped[:MOST_INTERVALS]
    ]
    if len(grouped) > MOST_INTERVALS:
        rest = f"{len(grouped) - MOST_INTERVALS} more intervals, inside the union"
        steps.append(Step("and", "", "", {}, _interval(union), rest))
    reading = [extent for _, extent in parts if extent is not None]
    if union is None or not reading:
        return [*steps, extent_width(None)]
    firsts = sorted({extent[0] for extent in reading})[:MOST_INTERVALS]
    lasts = sorted({extent[1] for extent in reading}, reverse=True)[:MOST_INTERVALS]
    return [
        *steps,
        _extreme("first pixel", "first", "min", firsts, union[0]),
        _extreme("last pixel", "last", "max", lasts, union[1]),
        extent_width(union, "the union's extent"),
    ]


def _interval(extent: Extent | None) -> Interval:
    return Interval(None, None) if extent is None else Interval(*extent[:2])


def _extreme(quantity: str, symbol: str, name: str, ends: Sequence[int], result: int) -> Step:
    if len(ends) == 1:
        return Step(quantity, symbol, plain(ends[0]), {}, result, "of all that read")
    return Step(quantity, symbol, f"{name}({', '.join(map(plain, ends))})", {}, result)


def _told(names: Sequence[str], parts: Sequence[Field], unit: int) -> str:
    grouped = _grouped([(name, part.at(unit)) for name, part in zip(names, parts)])
    told = [f"{name} {span(extent)}" for name, extent in grouped[:MOST_NAMES]]
    return "; ".join([*told, "…"] if len(grouped) > MOST_NAMES else told)


def _centres(names: Sequence[str], fields: Sequence[AxisField]) -> str:
    """Whether the inputs are centred alike, and where they are if not."""
    alike = alignment(fields)
    if alike is None:
        return ""
    if alike:
        return "the inputs are centred alike"
    places: dict[object, str] = {}
    for name, field in zip(names, fields):
        centre = mean_center(field)
        assert centre is not None
        places.setdefault(centre, f"{plain(centre)} ({name})")
    shown = list(places.values())[:MOST_NAMES]
    return f"the inputs are not aligned: centres {', '.join(shown)}"
