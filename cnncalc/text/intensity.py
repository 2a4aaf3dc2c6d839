"""FLOPs for each byte, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..arithmetic import Exact
from ..layers import family
from ..report.columns import cells, decimal, in_order
from ..report.folding import BLOCK, Row
from ..studies.intensity import COMPUTE, Intensity
from ..wording import flat_shape, number, short_number, size_text
from .answer import Answer
from .grid import Grid, heading, report_title
from .report_cells import cell_text, footer, report_notes
from .selection import VIEWS, Selection, select
from .sheet import Sheet, SheetColumn, aligned_numbers
from .terminal import Terminal

# Figures that no report has, with their headings; the last two are of a roofline.
OWN = {"bytes": "bytes", "intensity": "FLOPs/byte", "bound": "bound", "seconds": "at least"}
ROOFLINE = ("bound", "seconds")
TOTALS = ("flops", "bytes", "intensity", "seconds")
WORDS = ("layer", "type", "bound", "from")
COUNTS = ("params", "macs", "flops", "activations", "buffers")
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


def intensity_answer(
    found: Intensity,
    selection: Selection | None = None,
    channels_last: bool = False,
    error: str | None = None,
    sort: str | None = None,
    top: int | None = None,
) -> Answer:
    """A row for each selected layer, of those with FLOPs where none are.

    `sort` is one of the figures that no report has, by which rows are ordered; `top` is how many
    are shown at the most.
    """
    selection = selection or select(found.report, VIEWS["flops"])
    if sort is not None:
        rows = in_order(selection.layers, lambda row: _amount(getattr(found.of(row), sort)))
        selection = selection.but(layers=tuple(rows[:top]), in_order=False)
    table = _Table(found, selection, channels_last)
    flat = [name for name in table.names if name != "out_shape" or selection.columns]
    return Answer(
        table.headings(flat),
        (table.raw(flat, row) for row in selection.layers),
        lambda: table.plain(error),
        lambda: [table.grid()],
        sheets=lambda terminal: [table.sheet(terminal)],
    )


def _amount(value: Any) -> Any:
    """What orders rows by a figure."""
    if not isinstance(value, tuple):
        return value
    from fractions import Fraction

    return Fraction(*value)


class _Table:
    """The selected rows of an intensity, and their columns."""

    def __init__(self, found: Intensity, selection: Selection, channels_last: bool) -> None:
        self.found, self.selection, self.last = found, selection, channels_last
        repeat = ["repeat"] if selection.folded else []
        own = [name for name in OWN if found.roofline is not None or name not in ROOFLINE]
        self.own = own
        usual = ["index", "layer", "type", *repeat, "out_shape", "macs", "flops", *own]
        self.names: Sequence[str] = selection.columns or usual

    def headings(self, names: Sequence[str]) -> list[str]:
        """Names of the columns in files."""
        axes = self.found.report.axes
        return [
            each
            for name in names
            for each in ([name] if name in OWN else [cell.heading for cell in cells([name], axes)])
        ]

    def raw(self, names: Sequence[str], row: Row) -> list[Any]:
        """A row's values in files."""
        values: list[Any] = []
        for name in names:
            if name in OWN:
                values.append(getattr(self.found.of(row), name))
                continue
            for cell in cells([name], self.found.report.axes):
                value = cell.value(row)
                shaped = cell.column.is_shape and value is not None
                values.append(flat_shape(value) if shaped else value)
        return values

    def plain(self, error: str | None) -> dict[str, Any]:
        """The report in JSON's form, with what is moved beside."""
        found, head = self.found, self.found.report.head(error)
        roof, own = found.roofline, [name for name in TOTALS if name in OWN]
        sums = {name: decimal(getattr(found, name)) for name in own}
        totals = None if head["totals"] is None else {**head["totals"], **sums}
        asked = {"dtype": found.dtype, "batch": found.report.batch}
        layers = [self._plain_row(row) for row in self.selection.layers]
        rooms = {"roofline": None if roof is None else roof.as_dict(), "totals": totals}
        return {**head, **asked, **rooms, "layers": layers}

    def _plain_row(self, row: Row) -> dict[str, Any]:
        moved = self.found.of(row)
        repeat = {"repeat": row.repeat} if self.selection.folded else {}
        own = {name: decimal(getattr(moved, name)) for name in OWN}
        return {**row.to_dict(), **repeat, **own}

    def texts(self, name: str, exact: bool) -> list[str]:
        """A column as people read it."""
        rows = self.selection.layers
        if name in OWN:
            return [_own_text(self.found.of(row), name, exact) for row in rows]
        if name in COUNTS and not exact:
            return [short_number(getattr(row, name)) for row in rows]
        text = cell_text(name, self.selection, self.last)
        return [text(row) for row in rows]

    def footer(self, exact: bool) -> list[str]:
        """The network's totals under their columns; empty where a layer failed."""
        write = number if exact else short_number
        texts = footer(self.names, self.selection, write) or [""] * len(self.names)
        if not self.found.report.complete:
            return texts
        texts = [
            _own_text(self.found, name, exact) if name in OWN and name in TOTALS else text
            for name, text in zip(self.names, texts)
        ]
        if "layer" in self.names and any(texts):
            shown = sum(len(row.layers) for row in self.selection.layers)
            is_sum = shown == len(self.found.report.layers)
            texts[[*self.names].index("layer")] = "total" if is_sum else "all layers"
        return texts

    def grid(self) -> Grid:
        """All columns, all digits."""
        columns = [self.texts(name, True) for name in self.names]
        headings, rows = [*map(_heading, self.names)], [*zip(*columns)]
        words, sums = [*map(_heading, WORDS)], self.footer(True)
        sums = sums if any(sums) else []
        return Grid(self.title(), headings, rows, words, self.notes(), sums)

    def sheet(self, terminal: Terminal) -> Sheet:
        """Columns that a narrow terminal leaves out."""
        columns, rows = [], self.selection.layers
        ranks = {} if self.selection.columns else RANKS
        for name, total in zip(self.names, self.footer(terminal.exact)):
            texts, styles = self.texts(name, terminal.exact), list[str]()
            if name == "bound":
                bounds = [self.found.of(row).bound for row in rows]
                styles = ["cost" if bound == COMPUTE else "field" for bound in bounds]
            elif name in ("layer", "type"):
                styles = [row.type if row.type == BLOCK else family(row.type) for row in rows]
            if name not in WORDS:
                *texts, total = aligned_numbers([*texts, total])
            title, rank = _heading(name), ranks.get(name, 0)
            columns.append(SheetColumn(title, texts, name in WORDS, total, styles, rank, title))
        place = [*self.names].index("layer") if "layer" in self.names else None
        short = NAMES_RANK if self.selection.in_order and not self.selection.columns else 0
        return Sheet(self.title(), columns, {}, self.notes(), place, short)

    def title(self) -> str:
        """The network, its input, and the totals in short."""
        parts = [report_title(self.found.report, self.last), self.found.dtype]
        if self.found.report.complete:
            parts.append(f"{short_number(self.found.flops)} FLOPs")
            parts.append(f"{_own_text(self.found, 'intensity', True) or 0} FLOPs/byte")
        return " · ".join(parts)

    def notes(self) -> list[str]:
        """What the figures are, and whose the roofline's."""
        notes = report_notes([*self.names, "macs"], self.selection)
        notes.insert(1, "bytes: inputs, weights and outputs, each read or written once")
        roof = self.found.roofline
        if roof is None:
            return notes
        where = "" if roof.source is None else f" ({roof.source})"
        speed, bandwidth = short_number(roof.speed), short_number(roof.bandwidth)
        notes.append(f"roofline: {speed} FLOP/s, {bandwidth} bytes/s{where}")
        if self.found.report.complete:
            least = time_text(self.found.seconds)
            notes.append(f"all layers one after another take at least {least}: a bound, no latency")
        return notes


def _heading(name: str) -> str:
    return OWN.get(name, heading(name))


def _own_text(figures: Any, name: str, exact: bool) -> str:
    """A figure of a layer, a block or the network; empty where there is none, `?` if unknown."""
    value = getattr(figures, name)
    if value is None and name in ("intensity", "bound"):
        return number(None) if None in (figures.flops, figures.bytes) else ""
    if name == "bytes":
        return number(value) if exact else size_text(value)
    if name == "intensity":
        return _decimal_text(value)
    return time_text(value) if name == "seconds" else str(value)


def _decimal_text(value: Exact) -> str:
    """To two decimals, rounded half up."""
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
