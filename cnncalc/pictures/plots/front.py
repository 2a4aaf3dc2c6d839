"""The chart of a sweep's rows: two figures, and the rows that no other is better than."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence

from ...errors import UsageError
from ...wording import did_you_mean, quote
from .charts import ScatterChart, Spot

FIGURES = {
    "params": "parameters",
    "buffers": "buffers",
    "macs": "multiply–accumulates",
    "flops": "floating-point operations",
    "activations": "activations",
    "rf": "receptive field (pixels)",
    "memory": "peak memory (bytes)",
}
DEFAULT_AXES = ("macs", "rf")
LARGER_IS_BETTER = ("rf",)
BESIDE = ("error",)


def front_chart(path: str, axes: Sequence[str] = DEFAULT_AXES) -> ScatterChart:
    """The rows of a sweep's CSV file by two of its figures, the Pareto front marked.

    Rows without a figure, of combinations that were refused, are left out. Raises UsageError for a
    file that is none of a sweep.
    """
    rows = _rows(path)
    columns = [*rows[0]]
    for name in axes:
        if name not in FIGURES or name not in columns:
            choices = [each for each in columns if each in FIGURES]
            raise UsageError(
                f"{path}: no figure is named {quote(name)}; {did_you_mean(name, choices)}"
            )
    x, y = axes
    points = [(_label(row), number(row[x]), number(row[y])) for row in rows if row[x] and row[y]]
    if not points:
        raise UsageError(f"{path}: no row has both {x} and {y}")
    best = pareto([(a, b) for _, a, b in points], axes)
    spots = [Spot(name, a, b, None, at in best) for at, (name, a, b) in enumerate(points)]
    steps = "pre" if x in LARGER_IS_BETTER else "post"
    title = f"Pareto front of {len(points)} networks"
    return ScatterChart(title, FIGURES[x], FIGURES[y], tuple(spots), "", True, steps)


def number(text: str) -> int:
    """A figure of a row; of axes that differ the largest. Raises UsageError for what is none."""
    try:
        return max(map(int, text.split("x")))
    except ValueError:
        raise UsageError(f"{quote(text)} is no whole number, as a sweep's figures are") from None


def pareto(points: Sequence[tuple[int, int]], axes: Sequence[str]) -> set[int]:
    """The places of points that no other is at least as good as in both and better in one."""
    signs = [-1 if name in LARGER_IS_BETTER else 1 for name in axes]
    signed = sorted((signs[0] * x, signs[1] * y, at) for at, (x, y) in enumerate(points))
    best: set[int] = set()
    kept: tuple[int, int] | None = None
    for x, y, at in signed:
        if kept is None or y < kept[1] or (x, y) == kept:
            best.add(at)
            kept = x, y
    return best


def _rows(path: str) -> list[dict[str, str]]:
    if not os.path.isfile(path):
        raise UsageError(f"no file is named {quote(path)}; front takes the CSV file of a sweep")
    try:
        with open(path, encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if None not in row.values()]
    except (OSError, UnicodeError, csv.Error) as error:
        raise UsageError(f"{path}: it cannot be read as CSV: {error}") from None
    if not rows or not set(FIGURES) & set(rows[0]):
        figures = ", ".join(FIGURES)
        raise UsageError(f"{path}: it is no sweep's CSV file, which has some of {figures}")
    return rows


def _label(row: dict[str, str]) -> str:
    """What a row is called: its network, or its arguments."""
    own = {name: text for name, text in row.items() if name not in (*FIGURES, *BESIDE)}
    if "network" in own:
        return own["network"]
    return ", ".join(f"{name}={text}" for name, text in own.items() if name != "input")
