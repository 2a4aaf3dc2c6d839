"""What an analysis knows beyond its report."""

from __future__ import annotations

from ..fields.field import AxisField
from ..layers.base import Windows
from ..record import Record
from ..report.report import Report


class Trace(Record):
    """An analysis with what its figures come from, by the layers' indices, 0 being the input.

    `fields` are every layer's fields, per axis; `windows` how it reaches into each of its inputs,
    per axis.
    """

    report: Report
    fields: dict[int, tuple[AxisField, ...]]
    windows: dict[int, tuple[Windows, ...]]
