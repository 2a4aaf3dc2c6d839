"""The paddings that give an output, in every format."""

from __future__ import annotations

from typing import Any

from ..studies.solve.padding import Fit, PaddingQuestion, Paddings
from ..wording import number
from .answer import Answer
from .grid import Grid, scalar

SLIDING = ("before", "after", "conv", "pool", "pool_ceil", "pool_caffe", "dropped", "same_as")
TRANSPOSED = ("before", "after", "output_padding", "same_as")
HEADINGS = {
    "output_padding": "output padding",
    "pool_ceil": "pool, ceil",
    "pool_caffe": "pool, caffe",
    "same_as": "also written",
}
NOTES = (
    "before and after up to dilation·(kernel − 1): more would be read by no window, or alone",
    "pool: floored, rounded up (ceil_mode), and as Caffe rounds; at most half the kernel",
    "dropped: units at the input's end that no window reads",
)


def padding_answer(paddings: Paddings) -> Answer:
    """The paddings, a row for each."""
    columns = TRANSPOSED if paddings.question.transposed else SLIDING
    rows = [[getattr(fit, name) for name in columns] for fit in paddings.fits]

    def plain() -> dict[str, Any]:
        return {
            "question": paddings.question.as_dict(),
            "paddings": [dict(zip(columns, row)) for row in rows],
            "possible_outputs": list(paddings.possible),
        }

    return Answer(columns, rows, plain, lambda: [_grid(paddings, columns)])


def _grid(paddings: Paddings, columns: tuple[str, ...]) -> Grid:
    question = paddings.question
    rows = [[_cell(fit, name) for name in columns] for fit in paddings.fits]
    headings = [HEADINGS.get(name, name) for name in columns]
    notes = list(NOTES[:1] if question.transposed else NOTES)
    if not rows:
        least, most = (number(output) for output in paddings.possible)
        steps = " in steps of 2, the sides being equal," if paddings.step == 2 else ""
        wanted = number(question.output)
        notes.insert(0, f"no padding gives {wanted}: from {least} to {most}{steps} is possible")
    return Grid(_title(question), headings, rows, notes=notes)


def _cell(fit: Fit, name: str) -> str:
    value = getattr(fit, name)
    return "" if value is None or value is False else scalar(value)


def _title(question: PaddingQuestion) -> str:
    parts = [f"{number(question.size)} → {number(question.output)}"]
    parts.append(f"{'transposed ' if question.transposed else ''}kernel {question.kernel_size}")
    parts.append(f"stride {question.stride}")
    if question.dilation > 1:
        parts.append(f"dilation {question.dilation}")
    return " · ".join(parts)
