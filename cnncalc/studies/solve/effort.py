"""What an analysis takes, by which studies that try many networks bound themselves."""

from __future__ import annotations

from ...analysis.trace import Trace
from ...fields.field import Field


def phases(trace: Trace) -> int:
    """The phases of the fields of all layers, on all axes."""
    fields = [field for per_axis in trace.fields for field in per_axis]
    return sum(field.period if isinstance(field, Field) else 1 for field in fields)
