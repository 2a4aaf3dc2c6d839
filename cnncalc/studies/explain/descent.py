"""The way down: from one unit of a layer to the pixels that it reads, layer by layer.

The field is the extent between two pixels, so both its ends are followed. Mostly one path gives
both, and the recurrence RF ← (RF − 1)·stride + kernel along it gives the field; where two branches
give an end each, each end has a way of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise

from ...analysis.trace import Branch, Trace
from ...fields.extent import Extent
from ...fields.field import Field, Global
from ...fields.unit_field import UnitField
from ...fields.window import Window, moves_only
from ...layers.formulas.step import Step, constant
from ...record import Record
from .steps import span

RULE = "RF ← (RF − 1)·stride + kernel"
FIRST_RULE = "first ← first·stride − padding"
LAST_RULE = "last ← last·stride − padding + kernel − 1"
FIRST, LAST = 0, 1


class Way(Record):
    """A quantity on its way down: where it starts, and what every layer makes of it.

    A step's quantity is the layer's name. `rule` is the recurrence where kernels are not dilated.
    """

    quantity: str
    rule: str
    start: int | None
    steps: tuple[Step, ...]
    axes: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[int, ...]:
        """The quantity from the layer to the input."""
        values = [self.start, *(step.result for step in self.steps)]
        return tuple(value for value in values if isinstance(value, int))

    def on(self, axes: tuple[str, ...]) -> Way:
        """The same way, told of the axes that it holds for."""
        return self.but(axes=axes)


class Stop(Record):
    """A layer on the way, and the units there that give the ends; None where all units do.

    `branch` is how the stop before reads this one.
    """

    index: int
    units: tuple[int | None, ...]
    branch: Branch | None = None


def ways(trace: Trace, index: int, axis: int) -> list[Way]:
    """The ways down from a layer on an axis: one of the RF, or one for each end; none if unknown.

    Where units at different phases read different extents, they start at the first of the widest.
    """
    start = _start(trace, index, axis)
    if start is None:
        return []
    unit, extent = start
    stops = _path(trace, axis, Stop(index, (unit, unit)), extent, (FIRST, LAST))
    if stops is not None and all(_width(stop) >= 1 for stop in stops):
        return [Way("RF", RULE, 1, _steps(trace, stops, _rf_step))]
    result = []
    for side, rule, name in ((FIRST, FIRST_RULE, "first"), (LAST, LAST_RULE, "last")):
        stops = _path(trace, axis, Stop(index, (unit,)), extent, (side,))
        if stops is None:  # through units in a row, or maps joined along the axis
            return []
        result.append(Way(name, rule, unit, _steps(trace, stops, partial(_end_step, name))))
    return result


def _start(trace: Trace, index: int, axis: int) -> tuple[int | None, Extent] | None:
    field = trace.fields[index][axis]
    if isinstance(field, Global):
        return None if field.extent is None else (None, field.extent)
    if not isinstance(field, (Field, UnitField)) or field.extents is None:
        return None
    widths = [extent[1] - extent[0] + 1 if extent else 0 for extent in field.extents]
    unit = widths.index(max(widths))
    extent = field.extents[unit]
    return None if extent is None else (unit, extent)


def _path(
    trace: Trace, axis: int, start: Stop, extent: Extent, sides: Sequence[int]
) -> list[Stop] | None:
    """A path on which every stop gives all ends asked for; None where there is none."""
    dead: set[tuple[int, tuple[int | None, ...]]] = set()
    path = [start]
    choices = [_onward(trace, axis, start, extent, sides)]
    while path and path[-1].index != trace.origin:
        stop = next(choices[-1], None)
        if stop is None:
            choices.pop()
            end = path.pop()
            dead.add((end.index, end.units))
        elif (stop.index, stop.units) not in dead:
            path.append(stop)
            choices.append(_onward(trace, axis, stop, extent, sides))
    return path or None


def _onward(
    trace: Trace, axis: int, stop: Stop, extent: Extent, sides: Sequence[int]
) -> Iterator[Stop]:
    """The stops after one, through its last input first."""
    if stop.index == trace.origin:
        return
    for branch in reversed(trace.branches(stop.index, axis)):
        if isinstance(branch.field, Global):
            whole = branch.field.extent
            if whole and all(whole[side] == extent[side] for side in sides):
                yield Stop(trace.unit_owners[branch.index], (None,) * len(sides), branch)
            continue
        if branch.window is None:  # maps joined along the axis: which is read, no window says
            continue
        units = [_unit(branch, unit, side, extent) for unit, side in zip(stop.units, sides)]
        if None not in units:
            yield Stop(trace.unit_owners[branch.index], tuple(units), branch)


def _unit(branch: Branch, unit: int | None, side: int, extent: Extent) -> int | None:
    """The outermost unit read whose field has that end of the extent; None where none has."""
    field = branch.field
    if not isinstance(field, (Field, UnitField)) or field.extents is None:
        return None
    for read in _units_read(branch, unit, side):
        reached = field.at(read)
        if reached is not None and reached[side] == extent[side]:
            return read
    return None


def _units_read(branch: Branch, unit: int | None, side: int) -> range:
    """The units that a unit reads, or all of the map, from one side; no more than can differ."""
    if unit is None:
        first, step, count = 0, 1, branch.size or 0
    else:
        assert branch.window is not None
        first, step, count = branch.window.read(unit)
    last = first + (count - 1) * step
    most = min(count, branch.field.period) if isinstance(branch.field, Field) else count
    if side == FIRST:
        return range(first, first + most * step, step)
    return range(last, last - most * step, -step)


def _width(stop: Stop) -> int:
    first, last = stop.units
    return 1 if first is None or last is None else last - first + 1


def _steps(
    trace: Trace, stops: Sequence[Stop], step: Callable[[str, Stop, Stop, Branch], Step | None]
) -> tuple[Step, ...]:
    """What every layer makes of the quantity, but for those that leave it as it is."""
    steps = []
    for before, after in pairwise(stops):
        assert after.branch is not None
        steps.append(step(trace.name(before.index), before, after, after.branch))
    return tuple(filter(None, steps))


def _rf_step(layer: str, before: Stop, after: Stop, branch: Branch) -> Step | None:
    """What a layer makes of the RF: by the recurrence, or else by the units that are read."""
    width, result = _width(before), _width(after)
    (first, last), reads = after.units, ""
    if first is None or (before.units[0] is not None and moves_only(branch.window)):
        return None
    if before.units[0] is None:
        reads = "reads the one unit" if result == 1 else f"reads all {branch.size} units"
        if result == branch.size:
            return Step(layer, "RF", "n", {"n": result}, result, reads)
    elif (read := _single(branch.window)) is not None:
        stride, (_, dilation, kernel) = read
        if (width - 1) * stride + dilation * (kernel - 1) + 1 == result:
            gap = dilation != 1
            formula = "(RF − 1)·stride + " + ("dilation·(kernel − 1) + 1" if gap else "kernel")
            values = {"RF": width, "stride": stride, "kernel": kernel, "dilation": dilation}
            return Step(layer, "RF", formula, values, result)
    reads = reads or f"units {span(before.units)} read units {span(after.units)} of {branch.name}"
    return Step(layer, "RF", "last − first + 1", {"first": first, "last": last}, result, reads)


def _single(window: Window | None) -> tuple[int, tuple[int, int, int]] | None:
    """Stride and what each unit reads, where all units read alike."""
    if window is None or window.period != 1 or not window.reads:
        return None
    return window.shift, window.reads[0]


def _end_step(name: str, layer: str, before: Stop, after: Stop, branch: Branch) -> Step | None:
    """What a layer makes of one end's unit."""
    (unit,), (result,) = before.units, after.units
    if result is None:
        return None
    if unit is None:
        return constant(
            layer, name, result, f"the {name} of all {branch.size} units of {branch.name}"
        )
    if (read := _single(branch.window)) is not None:
        stride, (start, dilation, kernel) = read
        reach = dilation * (kernel - 1) if name == "last" else 0
        if unit * stride + start + reach == result:
            formula = _place(name, *read)
            values = {"stride": stride, "padding": -start, "kernel": kernel, "dilation": dilation}
            step = Step(layer, name, formula, {name: unit, **values}, result)
            return None if formula == name else step
    reads = f"unit {unit} reads unit {result} of {branch.name}".replace("-", "−")
    return constant(layer, name, result, reads)


def _place(name: str, stride: int, read: tuple[int, int, int]) -> str:
    """The formula of one end, as short as the window lets it be."""
    start, dilation, kernel = read
    if (stride, start, kernel) == (1, 0, 1) or ((stride, start) == (1, 0) and name == "first"):
        return name
    ends = {"first": "", "last": " + kernel − 1" if dilation == 1 else " + dilation·(kernel − 1)"}
    return f"{name}·stride − padding{ends[name]}"
