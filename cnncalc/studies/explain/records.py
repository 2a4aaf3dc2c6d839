"""Explanations as data: what each layer's figures come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import UsageError
from ...layers.formulas.step import Dims, Interval, Points, Result, Step
from ...record import Record
from ...report.columns import decimal
from ...report.display import Displayed
from ...report.layer import LayerReport
from ...report.report import SCHEMA, Report
from ...wording import plain_input, quote
from .descent import Way


class Section(Record):
    """Steps that belong together: `output`, `field` or `costs`."""

    title: str
    steps: tuple[Step, ...]

    def step(self, quantity: str) -> Step:
        """The first step of a quantity; raises KeyError where there is none."""
        for step in self.steps:
            if step.quantity == quantity:
                return step
        raise KeyError(quantity)


class LayerExplanation(Record):
    """The steps of one layer; `ways` lead from it down to the input."""

    layer: LayerReport
    sections: tuple[Section, ...]
    ways: tuple[Way, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, those of the ways down left out."""
        return tuple(step for section in self.sections for step in section.steps)

    def to_dict(self) -> dict[str, Any]:
        """The explanation in JSON's form."""
        steps = [
            {"section": section.title, **_plain_step(step)}
            for section in self.sections
            for step in section.steps
        ]
        ways = [
            {
                "quantity": way.quantity,
                "axes": list(way.axes),
                "rule": way.rule,
                "values": list(way.values),
                "steps": [_plain_step(step) for step in way.steps],
            }
            for way in self.ways
        ]
        layer = self.layer
        return {
            "index": layer.index,
            "layer": layer.layer,
            "type": layer.type,
            "steps": steps,
            "ways": ways,
        }


class Explanation(Displayed, Record):
    """The explanations of a network's layers, in order."""

    report: Report
    layers: tuple[LayerExplanation, ...]

    def __iter__(self) -> Iterator[LayerExplanation]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, name: str) -> LayerExplanation:
        """The explanation of the layer of a name; raises UsageError where there is none."""
        index = self.report[name].index
        for explained in self.layers:
            if explained.layer.index == index:
                return explained
        raise UsageError(f"layer {quote(name)} is not among those explained")

    def to_dict(self, error: str | None = None) -> dict[str, Any]:
        """The explanations in JSON's form; with an error, it is told."""
        return {
            "schema": SCHEMA,
            "network": self.report.network,
            "input": plain_input(self.report.input),
            "convention": self.report.convention,
            "layers": [explained.to_dict() for explained in self.layers],
            **({} if error is None else {"error": error}),
        }


def _plain_step(step: Step) -> dict[str, Any]:
    return {
        "quantity": step.quantity,
        "axes": list(step.axes),
        "symbol": step.symbol or None,
        "formula": step.formula,
        "numbers": step.with_numbers,
        "result": _plain(step.result),
        "branch": step.branch,
    }


def _plain(result: Result) -> Any:
    if isinstance(result, Interval):
        return None if result.first is None else [result.first, result.last]
    if isinstance(result, Dims):
        return list(result.numbers)
    if isinstance(result, Points):
        return [decimal(number) for number in result.numbers]
    return decimal(result)
