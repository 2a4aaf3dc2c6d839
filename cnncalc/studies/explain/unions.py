"""The field of a merge: its inputs' intervals and their union."""

from __future__ import annotations

from collections.abc import Sequence

from ...analysis.trace import Branch
from ...fields.composition import AxisField, over_all_units
from ...fields.extent import Extent
from ...fields.field import Field, Figures, Global
from ...fields.figures import alignment
from ...fields.unit_field import UnitField
from ...layers.formulas.step import Interval, Step, unknown
from .centres import mean_centres
from .steps import BY_UNIT, GLOBAL, STRIDE, extent_width, extreme, phase_steps, place_steps, span

MOST_NAMES = 4
MOST_INTERVALS = 12
ALL = "of all that read"

Part = tuple[str, Extent | None]


def merge_steps(
    branches: Sequence[Branch], field: Field | UnitField | Global, result: Figures
) -> list[Step]:
    """All steps of a merge whose field is known."""
    fields = [branch.field_behind for branch in branches]
    names = [branch.name for branch in branches]
    if isinstance(field, Global):
        wholes = [over_all_units(part, b.size) for part, b in zip(fields, branches)]
        parts = [(name, whole.extent) for name, whole in zip(names, wholes)]
        steps = _union(parts, field.extent, "over all units")
        return [*steps, unknown(STRIDE, "j", GLOBAL), *place_steps(field.extent, result)]
    assert field.extents is not None
    known = [part for part in fields if isinstance(part, (Field, UnitField))]
    if len(field.extents) == 1:
        steps = _union(list(zip(names, [part.at(0) for part in known])), field.extents[0], "")
    else:
        steps = phase_steps(field, result, lambda unit: _reads(names, known, unit))
    stride = result.eff_stride
    if isinstance(field, UnitField):
        steps.append(unknown(STRIDE, "j", BY_UNIT))
    else:
        steps.append(Step(STRIDE, "j", "j_in", {"j_in": stride}, stride, "of all inputs"))
    return steps + place_steps(field.extents[0], result, _centres(names, fields))


def _by_interval(parts: Sequence[Part]) -> list[tuple[str, Extent | None]]:
    """Intervals with the names of the inputs that have them."""
    names: dict[tuple[int, int] | None, list[str]] = {}
    for name, extent in parts:
        names.setdefault(extent and extent[:2], []).append(name)
    return [(_some(alike), span) for span, alike in names.items()]  # type: ignore[misc]


def _some(names: Sequence[str]) -> str:
    first = ", ".join(names[:MOST_NAMES])
    return f"{first} and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else first


def _union(parts: Sequence[Part], union: Extent | None, branch: str) -> list[Step]:
    """The intervals, the union's first and last pixel, and the field."""
    grouped = _by_interval(parts)
    steps = [
        Step(f"read through {names}", "", "", {}, _interval(extent), branch)
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
        extreme("first pixel", "first", min, firsts, ALL),
        extreme("last pixel", "last", max, lasts, ALL),
        extent_width(union, "the union's extent"),
    ]


def _interval(extent: Extent | None) -> Interval:
    return Interval(None, None) if extent is None else Interval(*extent[:2])


def _reads(names: Sequence[str], parts: Sequence[Field | UnitField], unit: int) -> str:
    grouped = _by_interval([(name, part.at(unit)) for name, part in zip(names, parts)])
    texts = [f"{name} {span(extent)}" for name, extent in grouped[:MOST_NAMES]]
    return "; ".join([*texts, "…"] if len(grouped) > MOST_NAMES else texts)


def _centres(names: Sequence[str], fields: Sequence[AxisField]) -> str:
    """Whether the inputs are centred alike, and where they are if not."""
    alike = alignment(fields)
    if alike is None:
        return ""
    if alike:
        return "the inputs are centred alike"
    pairs = [(name, field) for name, field in zip(names, fields) if isinstance(field, Field)]
    centres = mean_centres([field for _, field in pairs])
    places: dict[object, str] = {}
    for (name, _), place in zip(pairs, centres.places):
        places.setdefault(place, f"{str(place).replace('-', '−')} ({name})")
    told = ", ".join(list(places.values())[:MOST_NAMES])
    which = "centres" if centres.units == 1 else f"{centres.which} {centres.lie} at"
    return f"the inputs are not aligned: {which} {told}"
