"""JSON: every key of every layer, whatever the command."""

from __future__ import annotations

import json
from typing import Any

from .views import Selection


def json_report(selection: Selection, error: str | None = None) -> str:
    """The report as JSON; with an error the rows so far, totals null."""
    report = selection.report.to_dict(error)
    report["layers"] = [layer.to_dict() for layer in selection.layers]
    return json_text(report)


def json_text(value: Any) -> str:
    """Indented JSON, one layer's lists on lines of their own kept short."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
