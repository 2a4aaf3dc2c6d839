"""What people are shown of an explanation, as rows: text, Markdown and LaTeX draw them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..layers.formulas.step import MEANINGS, NAME, Dims, Interval, Points, Result, Step
from ..record import Record
from ..studies.explain.descent import Way
from ..studies.explain.records import Explanation, LayerExplanation
from ..wording import number, shape_text

MOST_VALUES = 7


class Row(Record):
    """A quantity: with symbols, with numbers, and its result; empty where it has none.

    `inner` rows are the steps of a way down.
    """

    quantity: str
    symbol: str
    formula: str
    numbers: str
    result: str
    note: str
    inner: bool = False


def layer_title(explained: LayerExplanation, last: bool = False) -> str:
    """The layer, its type and its shapes."""
    layer = explained.layer
    inputs = ", ".join(shape_text(shape, last) for shape in dict.fromkeys(layer.in_shapes))
    return f"{layer.layer} · {layer.type} · {inputs} → {shape_text(layer.out_shape, last)}"


def rows(explained: LayerExplanation, detailed: bool) -> Iterator[Row]:
    """The layer's rows; `detailed` lists the ways down step by step."""
    every = len(explained.layer.figures)
    for section in explained.sections:
        for step in section.steps:
            yield step_row(step, every)
        if section.title == "field":
            for way in explained.ways:
                yield from _way_rows(way, every, detailed)


def step_row(step: Step, every: int) -> Row:
    """The row of a step, of a layer with so many axes."""
    return _row(_quantity_label(step.quantity, step.axes, every), step)


def _quantity_label(quantity: str, axes: Sequence[str], every: int) -> str:
    """The quantity, with its axes where it does not hold for all."""
    return f"{quantity}, {' and '.join(axes)}" if len(axes) < every and axes else quantity


def _row(quantity: str, step: Step, inner: bool = False) -> Row:
    result = result_text(step.result)
    formula, numbers = step.formula, step.with_numbers
    if numbers == formula:
        formula = ""
    if formula in step.values or _same(numbers, result):
        numbers = ""
    return Row(quantity, step.symbol, formula, numbers, result, step.branch, inner)


def _same(numbers: str, result: str) -> bool:
    """Whether the numbers are the result already, but for its thousands separators."""
    return numbers.replace(",", "") == result.replace(",", "")


def _way_rows(way: Way, every: int, detailed: bool) -> Iterator[Row]:
    name = "way down" if way.quantity == "RF" else f"way down, {way.quantity} pixel"
    chain = arrow_chain([signed_number(value) for value in way.values])
    yield Row(_quantity_label(name, way.axes, every), "", way.rule, chain, "", "")
    if detailed:
        for step in way.steps:
            yield _row(step.quantity, step, inner=True)


def arrow_chain(values: Sequence[str]) -> str:
    """The values joined by arrows; of many the first three and the last."""
    if len(values) > MOST_VALUES:
        values = [*values[:3], "…", values[-1]]
    return " → ".join(values)


def result_text(result: Result) -> str:
    """A result as people read it."""
    if isinstance(result, Interval):
        if result.first is None:
            return "nothing"
        return f"{signed_number(result.first)} … {signed_number(result.last)}"
    if isinstance(result, Points):
        return ", ".join(map(signed_number, result.numbers))
    if isinstance(result, Dims):
        return " × ".join(map(signed_number, result.numbers))
    return signed_number(result)


def signed_number(value: int | tuple[int, int] | None) -> str:
    """A number with thousands separators and a minus sign."""
    return number(value).replace("-", "−")


def legend(explanation: Explanation) -> list[tuple[str, str]]:
    """The symbols that the formulas use, with their meanings."""
    used = set()
    for explained in explanation:
        for step in explained.steps:
            used.update(NAME.findall(f"{step.symbol} {step.formula}"))
    bases = {name if name in MEANINGS else name.partition("_")[0] for name in used}
    return [(symbol, meaning) for symbol, meaning in MEANINGS.items() if symbol in bases]


def notes(explanation: Explanation) -> list[str]:
    """What holds for all layers."""
    costs = any(explained.layer.macs != 0 for explained in explanation)
    return [explanation.report.convention] if costs else []
