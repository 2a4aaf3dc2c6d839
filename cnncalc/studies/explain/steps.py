"""Steps for the four figures of a field, as all ways of coming about share them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...arithmetic import Exact
from ...fields.extent import Extent
from ...fields.field import Field, Figures
from ...layers.formulas.step import Step, constant, plain, unknown

RF = "receptive field"
STRIDE = "effective stride"
PADDING = "effective padding"
CENTRE = "centre"
SMALLEST = "smallest receptive field"

FIGURES = (
    (RF, "r", "rf"),
    (STRIDE, "j", "eff_stride"),
    (PADDING, "P", "eff_pad"),
    (CENTRE, "c", "center"),
)
GLOBAL = "global: every unit reads the same"
ANCHORED = "padding `same` on a map of unknown size: where the field lies is not known"
IN_A_ROW = "units in a row lie on no axis of the input"
NOTHING = "the first unit reads nothing"
MOST_PHASES = 16


def steps_as_before(source: Figures, result: Figures, branch: str) -> list[Step]:
    """All four as they are on the input."""
    steps = []
    for quantity, symbol, name in FIGURES:
        values = {f"{symbol}_in": getattr(source, name)}
        steps.append(Step(quantity, symbol, f"{symbol}_in", values, getattr(result, name), branch))
    return steps


def origin_steps(branch: str) -> list[Step]:
    """All four of the layer that fields are relative to."""
    results = zip(FIGURES, (1, 1, 0, 0))
    return [constant(quantity, symbol, value, branch) for (quantity, symbol, _), value in results]


def unknown_steps(reason: str, stride: Step | None = None) -> list[Step]:
    """All four unknown, but perhaps the stride, and why."""
    steps = [unknown(quantity, symbol, reason) for quantity, symbol, _ in FIGURES]
    return steps if stride is None else [steps[0], stride, *steps[2:]]


def off_axis_steps(result: Figures, branch: str) -> list[Step]:
    """All four of units in a row, or of such as came out of one: what is known."""
    values = [(quantity, symbol, getattr(result, name)) for quantity, symbol, name in FIGURES]
    return [
        unknown(quantity, symbol, IN_A_ROW)
        if value is None
        else constant(quantity, symbol, value, branch)
        for quantity, symbol, value in values
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


def place_steps(extent: Extent | None, result: Figures, branch: str = "") -> list[Step]:
    """Effective padding and centre, by the first unit's first and last pixel."""
    if extent is None or result.eff_pad is None:
        reason = NOTHING if extent is None else ANCHORED
        return [unknown(PADDING, "P", reason), unknown(CENTRE, "c", reason)]
    values = {"first": extent[0], "last": extent[1]}
    return [
        Step(PADDING, "P", "−first", values, result.eff_pad, "of the first unit"),
        Step(CENTRE, "c", "(first + last)/2", values, result.center, branch),
    ]


def centre_step(result: Figures) -> Step:
    """The centre by effective padding and field."""
    if result.center is None:
        return unknown(CENTRE, "c", ANCHORED)
    values = {"P": result.eff_pad, "r": result.rf}
    return Step(CENTRE, "c", "−P + (r − 1)/2", values, result.center)


def span(extent: tuple[int | None, ...] | None) -> str:
    """From the first to the last, as text."""
    if extent is None:
        return "nothing"
    return f"{extent[0]} … {extent[1]}".replace("-", "−")


def phase_steps(field: Field, result: Figures, reads: Callable[[int], str]) -> list[Step]:
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
    widths = sorted(set(widths), reverse=True)
    alike = "the same at every phase"
    return [
        *steps,
        extreme(RF, "r", max, widths, alike, "the largest over the phases"),
        extreme(SMALLEST, "r_min", min, widths, alike, "the smallest over the phases"),
    ]


def _phase(extent: Extent | None, quantity: str, reads: str) -> Step:
    pixels = f"pixels {span(extent)}" if extent else "no pixel"
    return extent_width(extent, f"{reads}: {pixels}", quantity)


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
        branch = f"{count:,} of {period:,} phases; unit {unit} reads pixels {span(extents[unit])}"
        steps.append(extent_width(extents[unit], branch, f"{RF} at some phases"))
    return steps


def extreme(
    quantity: str,
    symbol: str,
    function: Callable[[Sequence[int]], int],
    values: Sequence[int],
    alike: str,
    branch: str = "",
) -> Step:
    """The largest or smallest of different values; `alike` says of one that it is that of all."""
    result = function(values)
    if len(values) == 1:
        return constant(quantity, symbol, result, alike)
    formula = f"{function.__name__}({', '.join(map(plain, values))})"
    return Step(quantity, symbol, formula, {}, result, branch)
