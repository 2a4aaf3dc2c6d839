"""The input sizes that a network takes, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..studies.solve.input import InputSizes, pattern
from ..wording import number, shape_text
from .answer import Answer
from .grid import Grid

COLUMNS = ("size", "works", "exact", "layer", "reason")
MOST_RUNS = 12


def input_answer(answer: InputSizes, channels_last: bool = False) -> Answer:
    """The sizes, a row for each of the range or of those that give the output."""
    rows = []
    for verdict in answer.verdicts:
        finding = verdict.finding
        told = (finding.layer, finding.reason) if finding else (None, None)
        rows.append((verdict.size, verdict.works, verdict.exact, *told))

    def plain() -> dict[str, Any]:
        return {
            "network": answer.network,
            "input": list(answer.shape),
            "axis": answer.axis,
            "range": list(answer.between),
            "smallest": answer.smallest,
            "below_smallest": answer.below and answer.below.as_dict(),
            "layer": answer.layer,
            "output": answer.output,
            "works": _summary(answer.working, answer),
            "exact": _summary(answer.exact, answer),
            "parameters_depend_on_size": list(answer.resized),
            "sizes": [dict(zip(COLUMNS, row)) for row in rows],
        }

    return Answer(COLUMNS, rows, plain, lambda: [_grid(answer, channels_last)])


def _summary(sizes: list[int], answer: InputSizes) -> dict[str, Any]:
    found = pattern(sizes, answer.between[1])
    step, first = (found.step, list(found.first)) if found else (None, [])
    return {"count": len(sizes), "step": step, "first": first}


def _grid(answer: InputSizes, last: bool) -> Grid:
    rows = [["smallest that works", number(answer.smallest), "", ""]]
    asked = "" if answer.layer is None else f" and {answer.layer} gives {number(answer.output)}"
    for what, sizes in (
        (f"works{asked}: no layer refuses", answer.working),
        ("exact: and no window drops pixels", answer.exact),
    ):
        found = pattern(sizes, answer.between[1])
        step = number(found.step) if found else ""
        rows.append([what, sizes_text(sizes, answer.between[1]), number(len(sizes)), step])
    where = "every axis"
    if answer.axis is not None:
        where = f"axis {answer.axis} of {shape_text(answer.shape, last)}"
    least, most = map(number, answer.between)
    title = f"{answer.network} · {where} from {least} to {most}"
    headings = ["input", "sizes", "how many", "step"]
    return Grid(title, headings, rows, headings[:2], _notes(answer))


def sizes_text(sizes: Sequence[int], last: int) -> str:
    """Sizes in short: as a repetition up to the end of their range, else as runs.

    >>> sizes_text([188, 204, 220, 236, 252, 268], 270), sizes_text([7, 8, 9, 12], 90)
    ('188, 204, 220, …, 268', '7…9, 12')
    """
    if not sizes:
        return "none"
    found = pattern(sizes, last)
    if found and found.step > 1 and found.first[0] == sizes[0] and len(found.first) <= MOST_RUNS:
        shown = max(len(found.first) + 1, 3)
        if len(sizes) > shown + 1:
            return f"{', '.join(map(str, sizes[:shown]))}, …, {sizes[-1]}"
    runs = _runs(sizes)
    texts = [str(a) if a == b else f"{a}…{b}" for a, b in runs[:MOST_RUNS]]
    return ", ".join(texts) + (", …" if len(runs) > MOST_RUNS else "")


def _runs(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of every run of sizes that follow each other."""
    runs: list[tuple[int, int]] = []
    for size in sizes:
        if runs and runs[-1][1] == size - 1:
            runs[-1] = runs[-1][0], size
        else:
            runs.append((size, size))
    return runs


def _notes(answer: InputSizes) -> list[str]:
    notes = []
    found = pattern(answer.exact, answer.between[1])
    if found and found.step > 1 and len(found.first) == 1:
        rest = found.first[0] % found.step
        kind = f"{rest} more than a multiple" if rest else "a multiple"
        notes.append(f"exact sizes are {kind} of {found.step}")
    if answer.below:
        below, size = answer.below, answer.smallest - 1
        notes.append(f"{number(size)} is too small: layer {below.layer}: {below.reason}")
    if answer.spoiled:
        notes.append(
            f"at {number(answer.spoiled)} sizes {answer.layer} gives it, but another layer refuses"
        )
    if answer.resized:
        names = ", ".join(answer.resized[:5]) + (", …" if len(answer.resized) > 5 else "")
        notes.append(
            f"the parameters of {names} depend on the size: trained ones fit some sizes only"
        )
    return notes
