"""What became of a network's budgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..network.network import Network
from ..report.report import convention
from ..studies.check import Verdict
from ..wording import number, shape_text
from .answer import Answer
from .grid import Grid

COLUMNS = ("budget", "layer", "figure", "bound", "result")
LEFT = ("budget", "layer", "result")
COSTS = ("max_macs", "max_flops")


def verdict_answer(verdicts: Sequence[Verdict], network: Network, batch: int) -> Answer:
    """The verdicts, a row for each."""
    rows = [[getattr(verdict, name) for name in COLUMNS] for verdict in verdicts]

    def plain() -> dict[str, Any]:
        return {
            "network": network.name,
            "input": list(network.input),
            "convention": convention(network.multiplies),
            "ok": all(verdict.ok for verdict in verdicts),
            "budgets": [dict(zip(COLUMNS, row)) for row in rows],
        }

    return Answer(COLUMNS, rows, plain, lambda: [_grid(verdicts, network, batch)])


def _grid(verdicts: Sequence[Verdict], network: Network, batch: int) -> Grid:
    parts = [network.name, f"input {shape_text(network.input)}"]
    if batch > 1:
        parts.append(f"batch {batch:,}")
    rows = [_cells(verdict) for verdict in verdicts]
    costs = any(verdict.budget in COSTS for verdict in verdicts)
    notes = [convention(network.multiplies)] if costs else []
    return Grid(" · ".join(parts), COLUMNS, rows, LEFT, notes)


def _cells(verdict: Verdict) -> list[str]:
    sign = "≥" if verdict.budget.startswith("min_") else "≤"
    bound = f"{sign} {number(verdict.bound)}"
    figure = number(verdict.figure)
    return [verdict.budget, verdict.layer or "", figure, bound, verdict.result]
