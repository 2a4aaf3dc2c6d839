"""An explanation in every format."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ..arithmetic import Exact
from ..layers.formulas.step import Dims, Interval, Points, Result, Step
from ..report.columns import decimal
from ..studies.explain.records import Explanation, LayerExplanation
from .answer import Answer
from .explain_latex import explanation_latex
from .explain_text import explanation_markdown, explanation_text

COLUMNS = (
    *("index", "layer", "type", "section", "quantity", "axes"),
    *("formula", "numbers", "result", "branch"),
)
DRAWN = {
    "table": explanation_text,
    "text": explanation_text,
    "markdown": explanation_markdown,
    "latex": explanation_latex,
}


def explain_answer(
    explanation: Explanation,
    detailed: bool,
    error: str | None = None,
    channels_last: bool = False,
) -> Answer:
    """The explanation; `detailed` lists the ways down step by step."""
    return Answer(
        COLUMNS,
        (row for explained in explanation for row in _rows(explained)),
        lambda: explanation.to_dict(error),
        texts={
            form: partial(draw, explanation, detailed, channels_last)
            for form, draw in DRAWN.items()
        },
    )


def _rows(explained: LayerExplanation) -> Iterator[list[Any]]:
    """A row of every step, those of the ways down too, under `COLUMNS`."""
    layer = [explained.layer.index, explained.layer.layer, explained.layer.type]
    for section in explained.sections:
        for step in section.steps:
            yield [*layer, section.title, step.quantity, *_cells(step, step.axes)]
    for way in explained.ways:
        for step in way.steps:
            yield [*layer, f"down: {way.quantity}", step.quantity, *_cells(step, way.axes)]


def _cells(step: Step, axes: tuple[str, ...]) -> list[Any]:
    """Axes, formula, numbers, result and branch of a step."""
    return [list(axes), step.formula, step.with_numbers, _flat(step.result), step.branch]


def _flat(result: Result) -> str | Exact | None:
    if isinstance(result, Interval):
        return None if result.first is None else f"{result.first}:{result.last}"
    if isinstance(result, Dims):
        return "x".join("" if number is None else str(number) for number in result.numbers)
    if isinstance(result, Points):
        return ";".join(str(decimal(number)) for number in result.numbers)
    return result
