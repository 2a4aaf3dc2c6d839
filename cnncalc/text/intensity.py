"""FLOPs for each byte, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..arithmetic import Exact
from ..layers import family
from ..report.columns import decimal
from ..studies.intensity import Intensity, LayerIntensity
from ..wording import input_text, number, plain_input, shape_text, short_number, size_text
from .answer import Answer
from .grid import Grid, heading
from .sheet import Sheet, SheetColumn, aligned_numbers
from .terminal import Terminal

WORDS = ("layer", "type", "bound")
RANKS = {
    "index": 70,
    "type": 60,
    "macs": 50,
    "out_shape": 40,
    "bytes": 30,
    "seconds": 20,
    "flops": 15,
}
NAMES_RANK = 35
TIME_UNITS = (("s", 1), ("ms", 10**3), ("µs", 10**6), ("ns", 10**9))


def intensity_answer(found: Intensity, every_layer: bool = False) -> Answer:
    """A row for each layer with FLOPs, or with `every_layer` for all."""
    names = [*LayerIntensity._fields]
    if found.roofline is None:
        names = [name for name in names if name not in ("bound", "seconds")]
    rows = [row for row in found.layers if every_layer or row.flops != 0]
    flat = [name for name in names if name != "out_shape"]

    def plain() -> dict[str, Any]:
        roof = found.roofline
        return {
            "network": found.network,
            "input": plain_input(found.input),
            "dtype": found.dtype,
            "batch": found.batch,
            "convention": found.convention,
            "roofline": None if roof is None else roof.as_dict(),
            "totals": {name: decimal(getattr(found, name)) for name in TOTALS},
            "layers": [_plain(row) for row in found.layers],
        }

    def sheets(terminal: Terminal) -> list[Sheet]:
        return [_sheet(found, rows, names, terminal)]

    values = ([getattr(row, name) for name in flat] for row in rows)
    return Answer(flat, values, plain, lambda: [_grid(found, rows, names)], sheets=sheets)


TOTALS = ("flops", "bytes", "intensity", "seconds")


def _plain(row: LayerIntensity) -> dict[str, Any]:
    values = {**row.as_dict(), "out_shape": list(row.out_shape)}
    return {name: decimal(value) for name, value in values.items()}


def _cell(name: str, value: Any, exact: bool) -> str:
    if name == "out_shape":
        return shape_text(value)
    if name == "bytes":
        return number(value) if exact else size_text(value)
    if name in ("macs", "flops"):
        return number(value) if exact else short_number(value)
    if name == "intensity":
        return _decimal_text(value)
    if name == "seconds":
        return time_text(value)
    return "" if value is None else str(value)


def _decimal_text(value: Exact | None) -> str:
    """To two decimals, rounded half up."""
    if value is None:
        return ""
    top, bottom = value if isinstance(value, tuple) else (value, 1)
    hundredths = (200 * top + bottom) // (2 * bottom)
    return f"{hundredths // 100:,}.{hundredths % 100:02}"


def time_text(seconds: Exact | None) -> str:
    """A time in the largest unit that it fills.

    >>> time_text((1, 800)), time_text(0), time_text(None)
    ('1.25 ms', '0.00 ns', '?')
    """
    if seconds is None:
        return number(None)
    top, bottom = seconds if isinstance(seconds, tuple) else (seconds, 1)
    unit, scale = next((each for each in TIME_UNITS if top * each[1] >= bottom), TIME_UNITS[-1])
    return f"{_decimal_text((top * scale, bottom))} {unit}"


def _title(found: Intensity) -> str:
    parts = [found.network, f"input {input_text(found.input)}"]
    if found.batch > 1:
        parts.append(f"batch {found.batch:,}")
    parts += [found.dtype, f"{short_number(found.flops)} FLOPs"]
    return " · ".join([*parts, f"{_decimal_text(found.intensity) or number(None)} FLOPs/byte"])


def _grid(found: Intensity, rows: Sequence[LayerIntensity], names: Sequence[str]) -> Grid:
    cells = [[_cell(name, getattr(row, name), True) for name in names] for row in rows]
    headings = [_heading(name) for name in names]
    return Grid(_title(found), headings, cells, WORDS, _notes(found))


def _heading(name: str) -> str:
    return {"intensity": "FLOPs/byte", "seconds": "at least"}.get(name, heading(name))


def _sheet(
    found: Intensity, rows: Sequence[LayerIntensity], names: Sequence[str], terminal: Terminal
) -> Sheet:
    columns = []
    for name in names:
        cells = [_cell(name, getattr(row, name), terminal.exact) for row in rows]
        if name == "bound":
            styles = ["cost" if row.bound == "compute" else "field" for row in rows]
        else:
            styles = [family(row.type) for row in rows] if name in WORDS else []
        footer = _cell(name, getattr(found, name), terminal.exact) if name in TOTALS else ""
        if name not in WORDS:
            *cells, footer = aligned_numbers([*cells, footer])
        title = _heading(name)
        columns.append(
            SheetColumn(title, cells, name in WORDS, footer, styles, RANKS.get(name, 0), title)
        )
    return Sheet(_title(found), columns, {}, _notes(found), names.index("layer"), NAMES_RANK)


def _notes(found: Intensity) -> list[str]:
    notes = [found.convention, "bytes: inputs, weights and outputs, each read or written once"]
    roof = found.roofline
    if roof is None:
        return notes
    where = "" if roof.source is None else f" ({roof.source})"
    speed, bandwidth = short_number(roof.speed), short_number(roof.bandwidth)
    notes.append(f"roofline: {speed} FLOP/s, {bandwidth} bytes/s{where}")
    notes.append(
        f"all layers one after another take at least {time_text(found.seconds)}: "
        "a bound, no latency"
    )
    return notes
