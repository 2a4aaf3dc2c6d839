"""What a notebook shows of a result: the one place where a result knows how it is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, Self, TypeVar

# Which function of the text room makes the answer of a result of a class.
ANSWERS = {
    "Box": "box.box_answer",
    "Catalogue": "catalogue.catalogue_answer",
    "Comparison": "compare.comparison_answer",
    "Difference": "diff.difference_answer",
    "EffectiveFields": "erf.erf_answer",
    "Explanation": "html.explanation_tables",
    "FieldAnswer": "solve_field.field_answer",
    "Findings": "lint.finding_answer",
    "InputSizes": "solve_input.input_answer",
    "Intensity": "intensity.intensity_answer",
    "Memory": "memory.memory_answer",
    "Network": "html.network_table",
    "Paddings": "solve_padding.padding_answer",
    "PixelReaders": "box.readers_answer",
    "Report": "html.summary_table",
    "Tiling": "solve_tile.tiling_answer",
    "Verdicts": "check.verdict_answer",
}

T = TypeVar("T")


def html(result: Any) -> str:
    """The result as HTML tables."""
    module, _, function = ANSWERS[type(result).__name__].partition(".")
    answer = getattr(import_module(f"..text.{module}", __package__), function)(result)
    page = import_module("..text.page", __package__)
    return "".join(map(page.grid_html, answer.grids()))


def page(report: Any) -> Any:
    """The page of a report."""
    return import_module("..pictures.page", __package__).page_of_report(report)


class Displayed:
    """What notebooks show as a table."""

    def _repr_html_(self) -> str:
        return html(self)


class DisplayedTuple(Displayed, tuple[T, ...]):
    """Results in order, with what they are of."""

    def __new__(cls, results: Iterable[T], **of: Any) -> Self:
        self = super().__new__(cls, results)
        self.__dict__.update(of)
        return self
