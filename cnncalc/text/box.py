"""What a unit reads, and which units read a pixel, in every format."""

from __future__ import annotations

from typing import Any

from ..arithmetic import Exact
from ..report.columns import decimal
from ..studies.box import Box, PixelReaders, Readers, Side
from ..wording import input_text, number, plain_input, share
from .answer import Answer
from .grid import Grid

SIDES = (
    *("axis", "first", "last", "pixels", "clipped_first", "clipped_last"),
    *("center", "outside", "coverage"),
)
READERS = ("axis", "pixel", "first", "last", "units")
MOST_SHOWN = 24


def box_answer(box: Box, channels_last: bool = False) -> Answer:
    """The rectangle that a unit reads, a row for each axis."""
    rows = [_side(side) for side in box.sides or ()]

    def plain() -> dict[str, Any]:
        return {
            **_about(box),
            "unit": list(box.unit),
            "outside": decimal(box.outside),
            "sides": [{name: decimal(one) for name, one in zip(SIDES, row)} for row in rows],
        }

    return Answer(SIDES, rows, plain, lambda: [_box_grid(box, channels_last)])


def _about(answer: Box | PixelReaders) -> dict[str, Any]:
    return {
        "network": answer.network,
        "input": plain_input(answer.input),
        "layer": answer.layer,
        "from": answer.origin,
        "global": answer.is_global,
    }


def _side(side: Side) -> tuple[Any, ...]:
    clipped = side.clipped or (None, None)
    span = (side.first, side.last, side.pixels, *clipped)
    return (side.axis, *span, side.center, side.outside, side.coverage)


def _title(answer: Box | PixelReaders, what: str, last: bool) -> str:
    parts = [answer.network, what, f"input {input_text(answer.input, last)}"]
    return " · ".join([*parts, f"in units of {answer.origin}"] if answer.origin else parts)


def _box_grid(box: Box, last: bool) -> Grid:
    rows = []
    for side in box.sides or ():
        clipped = side.clipped and f"{side.clipped[0]}…{side.clipped[1]}"
        span = f"{side.first}…{side.last}"
        within = "?" if side.size is None else clipped or "none"
        center, coverage = number(side.center), per_cent(side.coverage)
        rows.append(
            [side.axis, span, number(side.pixels), within, center, per_cent(side.outside), coverage]
        )
    what = f"unit {_place(box.unit)} of {box.layer}"
    headings = ["axis", "reads", "pixels", "within", "centre", "padding", "coverage"]
    notes = []
    if box.sides is None:
        notes.append("it reads nothing")
    elif box.outside is not None:
        notes.append(f"{per_cent(box.outside)} of the rectangle's pixels are padding")
    if box.is_global:
        notes.append("it reads a whole map: the rectangle is of all that map's units")
    return Grid(_title(box, what, last), headings, rows, ["axis"], notes)


def per_cent(value: Exact | None) -> str:
    """A share in per cent, rounded half up to one decimal; `?` where it is unknown."""
    if isinstance(value, tuple):
        return share(*value)
    return share(value, 1)


def _place(numbers: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, numbers))})"


def readers_answer(readers: PixelReaders, channels_last: bool = False) -> Answer:
    """The units that read a pixel, a row for each axis."""
    rows = [_reader(axis) for axis in readers.axes]

    def plain() -> dict[str, Any]:
        return {
            **_about(readers),
            "pixel": [axis.pixel for axis in readers.axes],
            "axes": [
                {
                    "axis": axis.axis,
                    "pixel": axis.pixel,
                    "first": axis.first,
                    "last": axis.last,
                    "units": None if axis.units is None else list(axis.units),
                }
                for axis in readers.axes
            ],
        }

    return Answer(READERS, rows, plain, lambda: [_readers_grid(readers, channels_last)])


def _reader(axis: Readers) -> tuple[Any, ...]:
    units = None if axis.units is None else [str(unit) for unit in axis.units]
    return axis.axis, axis.pixel, axis.first, axis.last, units


def _readers_grid(readers: PixelReaders, last: bool) -> Grid:
    rows = []
    for axis in readers.axes:
        span = "none" if axis.first is None else f"{axis.first}…{axis.last}"
        rows.append([axis.axis, number(axis.pixel), span, _units(axis)])
    pixel = _place(tuple(axis.pixel for axis in readers.axes))
    what = f"units of {readers.layer} that read pixel {pixel}"
    title = _title(readers, what, last)
    notes = ["axes are taken apart: a unit reads the pixel only if it does so on every axis"]
    return Grid(title, ["axis", "pixel", "units", "which"], rows, ["axis", "which"], notes)


def _units(axis: Readers) -> str:
    """Which units of the interval it is: all, or those named."""
    if axis.first is None or axis.last is None:
        return ""
    if axis.units is None:
        return "not known which of them: their fields are too wide to keep their gaps"
    if len(axis.units) == axis.last - axis.first + 1:
        return "all of them"
    shown = ", ".join(map(str, axis.units[:MOST_SHOWN]))
    return f"only {shown}" + (", …" if len(axis.units) > MOST_SHOWN else "")
