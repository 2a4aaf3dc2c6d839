"""What became of a network's budgets."""

from __future__ import annotations

from typing import Any

from ..definition.budgets import MEMORY_BUDGETS
from ..studies.check import EXCEEDED, MISSED, OK, UNKNOWN, Verdict, Verdicts
from ..wording import input_text, number, plain_input
from .annotation import of_verdict
from .answer import Answer
from .grid import Grid
from .outcome import Outcome
from .sheet import Sheet, sheet_of
from .terminal import Terminal

COLUMNS = ("budget", "layer", "figure", "bound", "result")
SHOWN = ("budget", "layer", "figure", "bound", "result", "margin")
LEFT = ("budget", "layer", "result")
STYLES = {OK: "good", EXCEEDED: "bad", MISSED: "bad", UNKNOWN: "doubtful"}
COSTS = ("max_macs", "max_flops")


def verdict_answer(verdicts: Verdicts, channels_last: bool = False) -> Answer:
    """The verdicts, a row for each."""
    rows = [[getattr(verdict, name) for name in COLUMNS] for verdict in verdicts]

    def plain() -> dict[str, Any]:
        return {
            "network": verdicts.network,
            "input": plain_input(verdicts.input),
            "convention": verdicts.convention,
            "ok": all(verdict.ok for verdict in verdicts),
            "budgets": [dict(zip(COLUMNS, row)) for row in rows],
        }

    def sheets(terminal: Terminal) -> list[Sheet]:
        sheet = sheet_of(_grid(verdicts, channels_last))
        styles = [STYLES[verdict.result] for verdict in verdicts]
        *others, result, margin = sheet.columns
        return [sheet.but(columns=[*others, result.but(styles=styles), margin])]

    return Answer(COLUMNS, rows, plain, lambda: [_grid(verdicts, channels_last)], sheets=sheets)


def verdict_outcome(path: str, verdicts: Verdicts, channels_last: bool) -> Outcome:
    """The verdicts of one of several networks."""
    cases = {
        verdict.budget: [] if verdict.ok else [of_verdict(verdict, path)] for verdict in verdicts
    }
    return Outcome(path, verdict_answer(verdicts, channels_last), None, cases)


def _grid(verdicts: Verdicts, last: bool) -> Grid:
    parts = [verdicts.network, f"input {input_text(verdicts.input, last)}"]
    if verdicts.batch > 1:
        parts.append(f"batch {verdicts.batch:,}")
    if any(verdict.budget in MEMORY_BUDGETS for verdict in verdicts):
        parts.append(verdicts.dtype)
    rows = [_cells(verdict) for verdict in verdicts]
    costs = any(verdict.budget in COSTS for verdict in verdicts)
    notes = [verdicts.convention] if costs else []
    return Grid(" · ".join(parts), SHOWN, rows, LEFT, notes)


def _cells(verdict: Verdict) -> list[str]:
    sign = "≥" if verdict.budget.startswith("min_") else "≤"
    bound = f"{sign} {number(verdict.bound)}"
    figure = number(verdict.figure)
    margin = _margin(verdict)
    return [verdict.budget, verdict.layer or "", figure, bound, verdict.result, margin]


def _margin(verdict: Verdict) -> str:
    """What is left up to the bound, in hundredths of it rounded down; over it with a minus."""
    if verdict.figure is None or not verdict.bound:
        return ""
    left = verdict.bound - verdict.figure
    if verdict.budget.startswith("min_"):
        left = -left
    tenths = abs(left) * 1000 // verdict.bound
    sign = "−" if left < 0 else ""
    return f"{sign}{tenths // 10:,}.{tenths % 10} %"
