"""Steps for the four figures of a field, as all ways of coming about share them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...arithmetic import Exact
from ...fields.extent import Extent
from ...fields.field import Field, Figures
from ...layers.formulas.step import Step, constant, unknown

RF = "receptive field"
STRIDE = "effective stride"
PADDING = "effective padding"
CENTRE = "centre"

GLOBAL = "global: every unit reads the same"
ANCHORED = "padding `same` on a map of unknown size: where the field lies is not known"
NOTHING = "the first unit reads nothing"


def unchanged(source: Figures, found: Figures, branch: str) -> list[Step]:
    """All four as they are on the input."""
    named = (
        (RF, "r", source.rf, found.rf),
        (STRIDE, "j", source.eff_stride, found.eff_stride),
        (PADDING, "P", source.eff_pad, found.eff_pad),
        (CENTRE, "c", source.center, found.center),
    )
    return [
        Step(quantity, symbol, f"{symbol}_in", {f"{symbol}_in": before}, after, branch)
        for quantity, symbol, before, after in named
    ]


def extent_width(extent: Extent | None, branch: str = "", quantity: str = RF) -> Step:
    """The field of a unit by its first and its last pixel."""
    if extent is None:
        return constant(quantity, "r", 0, branch or "reads nothing")
    first, last, _ = extent
    values = {"first": first, "last": last}
    return Step(quantity, "r", "last − first + 1", values, last - first + 1, branch)


def stride_step(source: Exact | None, factor: Exact, result: Exact | None) -> Step:
    """The effective stride: the input's, times the stride."""
    return Step(STRIDE, "j", "j_in·s", {"j_in": source, "s": factor}, result)


def place_steps(extent: Extent | None, found: Figures, branch: str = "") -> list[Step]:
    """Effective padding and centre, by the first unit's first and last pixel."""
    if extent is None or found.eff_pad is None:
        reason = NOTHING if extent is None else ANCHORED
        return [unknown(PADDING, "P", reason), unknown(CENTRE, "c", reason)]
    values = {"first": extent[0], "last": extent[1]}
    return [
        Step(PADDING, "P", "−first", values, found.eff_pad, "of the first unit"),
        Step(CENTRE, "c", "(first + last)/2", values, found.center, branch),
    ]


def centre_step(found: Figures) -> Step:
    """The centre by effective padding and field."""
    if found.center is None:
        return unknown(CENTRE, "c", ANCHORED)
    values = {"P": found.eff_pad, "r": found.rf}
    return Step(CENTRE, "c", "−P + (r − 1)/2", values, found.center)


def unknown_steps(reason: str, stride: Step | None = None) -> list[Step]:
    """All four unknown, but perhaps the stride, and why."""
    return [
        unknown(RF, "r", reason),
        stride or unknown(STRIDE, "j", reason),
        unknown(PADDING, "P", reason),
        unknown(CENTRE, "c", reason),
    ]


MOST_PHASES = 16
SMALLEST = "smallest receptive field"


def span(extent: Extent | tuple[int, int] | None) -> str:
    """From the first to the last, as text."""
    if extent is None:
        return "nothing"
    return f"{extent[0]} … {extent[1]}".replace("-", "−")


def phase_steps(field: Field, found: Figures, reads: Callable[[int], str]) -> list[Step]:
    """The field at every phase, then the largest and the smallest of them.

    `reads` tells what the unit of a phase reads. With more than a few phases, there is a line for
    every width instead, and with more than a few widths only for the largest and the smallest.
    """
    assert field.extents is not None
    if field.period == 1:
        return [extent_width(field.extents[0], reads(0))]
    if field.period <= MOST_PHASES:
        steps = [
            _phase(extent, f"{RF}, phase {unit}", reads(unit))
            for unit, extent in enumerate(field.extents)
        ]
    else:
        steps = _by_width(field.extents, field.period)
    widths: list[int] = [step.result for step in steps]  # type: ignore[misc]
    return [*steps, _extreme(RF, "r", "max", widths), _extreme(SMALLEST, "r_min", "min", widths)]


def _phase(extent: Extent | None, quantity: str, reads: str) -> Step:
    told = f"{reads}: pixels {span(extent)}" if extent else f"{reads}: no pixel"
    return extent_width(extent, told, quantity)


def _by_width(extents: Sequence[Extent | None], period: int) -> list[Step]:
    units: dict[int, list[int]] = {}
    for unit, extent in enumerate(extents):
        width = extent[1] - extent[0] + 1 if extent else 0
        units.setdefault(width, []).append(unit)
    widths = sorted(units, reverse=True)
    if len(widths) > MOST_PHASES:
        widths = [*widths[: MOST_PHASES - 1], widths[-1]]
    steps = []
    for width in widths:
        count, unit = len(units[width]), units[width][0]
        told = f"{count:,} of {period:,} phases; unit {unit} reads pixels {span(extents[unit])}"
        steps.append(extent_width(extents[unit], told, f"{RF} at some phases"))
    return steps


def _extreme(quantity: str, symbol: str, name: str, widths: Sequence[int]) -> Step:
    distinct = sorted(set(widths), reverse=True)
    result = max(distinct) if name == "max" else min(distinct)
    if len(distinct) == 1:
        return constant(quantity, symbol, result, "the same at every phase")
    text = f"{name}({', '.join(map(str, distinct))})"
    branch = "the largest over the phases" if name == "max" else "the smallest over the phases"
    return Step(quantity, symbol, text, {}, result, branch)
