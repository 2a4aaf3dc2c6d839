"""The field of a layer's units from those of the units that it reads: the way up."""

from __future__ import annotations

from collections.abc import Sequence

from ...arithmetic import Exact, ratio
from ...fields.field import AxisField, Field, Figures, Global, UnknownField, figures
from ...fields.window import IDENTITY, Window
from ...layers.formulas.sizes import NO_SIZE
from ...layers.formulas.step import Step, constant, unknown
from .steps import (
    ANCHORED,
    CENTRE,
    GLOBAL,
    PADDING,
    RF,
    STRIDE,
    centre_step,
    extent_width,
    phase_steps,
    place_steps,
    span,
    stride_step,
    unchanged,
    unknown_steps,
)
from .subject import Branch, Subject
from .unions import merged_steps


def field_steps(subject: Subject, index: int, axis: int) -> list[Step]:
    """How a layer's receptive field, effective stride, padding and centre come about."""
    if index == subject.origin:
        return _restarted()
    field = subject.field(index, axis)
    if field is None:
        name = subject.network.name_of(subject.origin)
        return unknown_steps(f"does not depend on {name}")
    node = subject.node(index)
    branches = subject.branches(node, axis)
    if reason := _unknown(field, branches):
        stride = None
        if isinstance(field, Field):
            stride = _stride(field, branches[0])
        return unknown_steps(reason, stride)
    assert isinstance(field, (Field, Global))
    found = subject.layer(index).figures[axis]
    if node.kind.merges:
        return merged_steps(branches, field, found)
    return _single(branches[0], field, found)


def _restarted() -> list[Step]:
    told = "fields are relative to this layer's output"
    return [
        constant(RF, "r", 1, told),
        constant(STRIDE, "j", 1, told),
        constant(PADDING, "P", 0, told),
        constant(CENTRE, "c", 0, told),
    ]


def _unknown(field: AxisField, branches: Sequence[Branch]) -> str:
    """Why a field is unknown; empty where it is known."""
    if isinstance(field, Field) and field.extents is not None:
        return ""
    if isinstance(field, Global) and field.known:
        return ""
    if isinstance(field, UnknownField) and field.reason:
        return field.reason
    for branch in branches:
        if isinstance(branch.field, UnknownField) or branch.field is None:
            return f"the field of {branch.name} is unknown"
        if isinstance(branch.field, Global) and not branch.field.known:
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


def _single(branch: Branch, field: Field | Global, found: Figures) -> list[Step]:
    """The steps of a layer with one input."""
    source, window = branch.field, branch.window
    if window is IDENTITY:
        return unchanged(figures(source), found, "that of its input, unit by unit")
    if isinstance(source, Global):
        return unchanged(figures(source), found, "its input reads whole maps already")
    assert isinstance(source, Field) and window is not None
    if isinstance(field, Global):
        return _whole(branch, source, field, found)
    assert field.extents is not None and source.extents is not None and window.reads is not None
    if field.period == source.period == window.period == 1 and field.extents[0] is not None:
        return _closed(source, window, found)
    steps = phase_steps(field, found, lambda unit: _reads(window, unit))
    return [*steps, _stride(field, branch), *place_steps(field.extents[0], found)]


def _reads(window: Window, unit: int) -> str:
    """The units that a unit reads, as text."""
    assert window.reads is not None
    periods, phase = divmod(unit, window.period)
    first, step, count = window.reads[phase]
    if not count:
        return "reads no unit"
    first += periods * window.shift
    if count == 1:
        return f"reads unit {first}".replace("-", "−")
    gaps = f", every {step}." if step > 1 else ""
    return f"reads units {span((first, first + (count - 1) * step))}{gaps}"


def _closed(source: Field, window: Window, found: Figures) -> list[Step]:
    """All units read alike: the formulas of the textbooks."""
    assert window.reads is not None
    before = figures(source)
    first, dilation, kernel = window.reads[0]
    jump = before.eff_stride
    widening = {"r_in": before.rf, "k": kernel, "d": dilation, "j_in": jump}
    if found.eff_pad is None:
        padding = unknown(PADDING, "P", ANCHORED)
    else:
        values = {"P_in": before.eff_pad, "p": -first, "j_in": jump}
        padding = Step(PADDING, "P", "P_in + p·j_in", values, found.eff_pad)
    return [
        Step(RF, "r", "r_in + (k − 1)·d·j_in", widening, found.rf),
        stride_step(jump, window.shift, found.eff_stride),
        padding,
        centre_step(found),
    ]


def _whole(branch: Branch, source: Field, field: Global, found: Figures) -> list[Step]:
    """Every unit reads the whole map."""
    told = f"global: every unit reads all {branch.size} units"
    before = figures(source)
    stride = unknown(STRIDE, "j", GLOBAL)
    if field.extent is None:
        return [extent_width(None), stride, *place_steps(None, found)]
    if source.period > 1:
        width = extent_width(field.extent, f"{told}, pixels {span(field.extent)}")
        return [width, stride, *place_steps(field.extent, found)]
    values = {"r_in": before.rf, "n": branch.size, "j_in": before.eff_stride}
    return [
        Step(RF, "r", "r_in + (n − 1)·j_in", values, found.rf, told),
        stride,
        Step(PADDING, "P", "P_in", {"P_in": before.eff_pad}, found.eff_pad),
        centre_step(found),
    ]
