"""The field of a layer's units from those of the units that it reads: the way up."""

from __future__ import annotations

from collections.abc import Sequence

from ...analysis.trace import Branch, Trace
from ...arithmetic import Exact, ratio
from ...fields.composition import AxisField
from ...fields.field import Field, Figures, Global, OffAxis, UnknownField
from ...fields.figures import figures
from ...fields.unit_field import UnitField
from ...fields.window import IDENTITY, Window
from ...layers.formulas.sizes import NO_SIZE
from ...layers.formulas.step import Step, unknown
from .steps import (
    ANCHORED,
    BY_UNIT,
    GLOBAL,
    PADDING,
    RF,
    STRIDE,
    centre_step,
    extent_width,
    off_axis_steps,
    origin_steps,
    phase_steps,
    place_steps,
    span,
    steps_as_before,
    stride_step,
    unknown_steps,
)
from .unions import merge_steps


def field_steps(trace: Trace, index: int, axis: int) -> list[Step]:
    """How a layer's receptive field, effective stride, padding and centre come about."""
    if index == trace.origin:
        return origin_steps("fields are relative to this layer's output")
    field = trace.fields[index][axis]
    if field is None:
        return unknown_steps(f"does not depend on {trace.name(trace.origin)}")
    branches = trace.branches(index, axis)
    if isinstance(field, OffAxis):
        return off_axis_steps(trace.layer(index).figures[axis], "of every unit that is a map's")
    if reason := _why_unknown(field, branches):
        stride = _stride(field, branches[0]) if isinstance(field, Field) else None
        return unknown_steps(reason, stride)
    assert isinstance(field, (Field, UnitField, Global))
    result = trace.layer(index).figures[axis]
    if trace.node(index).kind.merges:
        if any(branch.window is None for branch in branches) and not isinstance(field, Global):
            return _join_steps(branches[0], field, result)
        return merge_steps(branches, field, result)
    return _single(branches[0], field, result)


def _why_unknown(field: AxisField, branches: Sequence[Branch]) -> str:
    """Why a field is unknown; empty where it is known."""
    if isinstance(field, UnitField) or (isinstance(field, Field) and field.extents is not None):
        return ""
    if isinstance(field, Global) and field.known:
        return ""
    if isinstance(field, UnknownField) and field.reason:
        return field.reason
    for branch in branches:
        known = branch.field.known if isinstance(branch.field, Global) else True
        if not known or isinstance(branch.field, UnknownField):
            return f"the field of {branch.name} is unknown"
    if any(branch.window is None and branch.size is not None for branch in branches):
        return "how it reads its input is not known"
    if isinstance(field, Field) or any(branch.size is not None for branch in branches):
        return ANCHORED
    return NO_SIZE


def _stride(field: Field, branch: Branch) -> Step:
    source = branch.field
    assert isinstance(source, Field) and branch.window is not None
    factor = ratio(branch.window.shift, branch.window.period)
    return stride_step(_stride_of(source), factor, _stride_of(field))


def _stride_of(field: Field) -> Exact:
    return ratio(field.shift, field.period)


def _join_steps(first: Branch, field: Field | UnitField, result: Figures) -> list[Step]:
    """The steps of maps one after the other, on the axis along which they are."""
    if isinstance(field, Field):
        return steps_as_before(figures(first.field), result, "the maps go on as one would")
    steps = phase_steps(field, result, lambda unit: "as in its own map")
    return [*steps, unknown(STRIDE, "j", BY_UNIT), *place_steps(field.extents[0], result)]


def _single(branch: Branch, field: Field | UnitField | Global, result: Figures) -> list[Step]:
    """The steps of a layer with one input."""
    source, window = branch.field, branch.window
    if window is IDENTITY:
        return steps_as_before(figures(source), result, "that of its input, unit by unit")
    if isinstance(source, OffAxis) and isinstance(field, Field):
        return off_axis_steps(result, "as on the map whose units they are")
    if isinstance(source, Global):
        return steps_as_before(figures(source), result, "its input reads whole maps already")
    if isinstance(field, Global):
        return _whole(branch, source, field, result)
    assert window is not None
    if isinstance(field, UnitField):
        steps = phase_steps(field, result, lambda unit: _reads(window, unit))
        return [*steps, unknown(STRIDE, "j", BY_UNIT), *place_steps(field.extents[0], result)]
    assert isinstance(source, Field) and field.extents is not None
    if field.period == source.period == window.period == 1 and field.extents[0] is not None:
        return _textbook(source, window, result)
    steps = phase_steps(field, result, lambda unit: _reads(window, unit))
    return [*steps, _stride(field, branch), *place_steps(field.extents[0], result)]


def _reads(window: Window, unit: int) -> str:
    """The units that a unit reads, as text."""
    first, step, count = window.read(unit)
    if not count:
        return "reads no unit"
    if count == 1:
        return f"reads unit {first}".replace("-", "−")
    gaps = f", every {step}." if step > 1 else ""
    return f"reads units {span((first, first + (count - 1) * step))}{gaps}"


def _textbook(source: Field, window: Window, result: Figures) -> list[Step]:
    """All units read alike: the formulas of the textbooks."""
    before = figures(source)
    first, dilation, kernel = window.read(0)
    jump = before.eff_stride
    widening = {"r_in": before.rf, "k": kernel, "d": dilation, "j_in": jump}
    if result.eff_pad is None:
        padding = unknown(PADDING, "P", ANCHORED)
    else:
        values = {"P_in": before.eff_pad, "p": -first, "j_in": jump}
        padding = Step(PADDING, "P", "P_in + p·j_in", values, result.eff_pad)
    return [
        Step(RF, "r", "r_in + (k − 1)·d·j_in", widening, result.rf),
        stride_step(jump, window.shift, result.eff_stride),
        padding,
        centre_step(result),
    ]


def _whole(branch: Branch, source: AxisField, field: Global, result: Figures) -> list[Step]:
    """Every unit reads the whole map."""
    units = "tokens" if isinstance(source, OffAxis) else f"{branch.size} units"
    reads = f"global: every unit reads all {units}"
    before = figures(source)
    stride = unknown(STRIDE, "j", GLOBAL)
    if field.extent is None:
        return [extent_width(None), stride, *place_steps(None, result)]
    if not isinstance(source, Field) or source.period > 1:
        width = extent_width(field.extent, f"{reads}, pixels {span(field.extent)}")
        return [width, stride, *place_steps(field.extent, result)]
    values = {"r_in": before.rf, "n": branch.size, "j_in": before.eff_stride}
    return [
        Step(RF, "r", "r_in + (n − 1)·j_in", values, result.rf, reads),
        stride,
        Step(PADDING, "P", "P_in", {"P_in": before.eff_pad}, result.eff_pad),
        centre_step(result),
    ]
