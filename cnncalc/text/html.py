"""The report as an HTML table, for notebooks."""

from __future__ import annotations

from ..report.report import Report
from .page import grid_html
from .report import report_grid
from .selection import VIEWS, select


def report_html(report: Report) -> str:
    """The summary as an HTML table."""
    return grid_html(report_grid(select(report, VIEWS["summary"])))
