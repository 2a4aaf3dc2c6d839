"""Units at different phases read different extents: a line for each, or for each width."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...fields.extent import Extent
from ...fields.field import Field, Figures
from ...layers.formulas.step import Step, fixed
from .steps import RF, extent_width

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
        return fixed(quantity, symbol, result, "the same at every phase")
    text = f"{name}({', '.join(map(str, distinct))})"
    branch = "the largest over the phases" if name == "max" else "the smallest over the phases"
    return Step(quantity, symbol, text, {}, result, branch)
