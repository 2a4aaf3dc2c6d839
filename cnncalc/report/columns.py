"""The columns that reports are shown and written in: declared once, by their base names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from ..arithmetic import Exact
from ..errors import UsageError
from ..record import Record
from ..wording import UNKNOWN, did_you_mean, flat_shape, quote

Row = TypeVar("Row")
MEASURES, FIGURES = "measures", "figures"


def decimal(value: Exact | None) -> int | float | None:
    """A figure as pipelines take it: an integer, or the double nearest to a fraction."""
    return value[0] / value[1] if isinstance(value, tuple) else value


class Column(Record):
    """A column: its name in files, its heading in tables, and how to take its value of a layer.

    Values are whole numbers, exact (numerator, denominator) pairs, text, booleans, lists of text,
    shapes, or None where unknown; per axis a tuple of them. `cell` and `plain` make of the value of
    one axis what a flat table and JSON have of it. `unknown` is what people are shown for None.
    `part` is the record of a layer that tells the value: its measures, which are one object for
    layers of equal kind and inputs, or its figures.
    """

    name: str
    value: Callable[[Any], Any]
    heading: str
    per_axis: bool = False
    is_shape: bool = False
    is_text: bool = False
    is_list: bool = False
    cell: Callable[[Any], Any] | None = None
    plain: Callable[[Any], Any] = decimal
    unknown: str = UNKNOWN
    part: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether its value is one number, text or boolean, which leaves as it is."""
        return not (self.is_shape or self.per_axis or self.is_list)


def _column(name: str, heading: str = "", attribute: str = "", **more: Any) -> Column:
    return Column(name, attrgetter(attribute or name), heading or name.replace("_", " "), **more)


def _figure(name: str, heading: str = "") -> Column:
    """A figure of the field: exact, of each axis."""

    def values(layer: Any) -> tuple[Exact | None, ...]:
        return tuple([getattr(figure, name) for figure in layer.figures])

    return Column(name, values, heading or name, per_axis=True, part=FIGURES)


def _padding_text(pair: tuple[int | None, int | None]) -> int | str | None:
    before, after = pair
    return before if before == after else f"{before}:{after}"


COLUMNS = {
    column.name: column
    for column in (
        _column("index", "#"),
        _column("layer", is_text=True),
        _column("type", is_text=True),
        _column("repeat"),
        Column("from", lambda layer: list(layer.sources), "from", is_text=True, is_list=True),
        Column("out_channels", lambda layer: layer.out_shape[0], "channels", part=MEASURES),
        _column("groups", unknown="", part=MEASURES),
        _column("params", part=MEASURES),
        _column("buffers", part=MEASURES),
        _column("macs", "MACs"),
        _column("product_macs", "product MACs"),
        _column("flops", "FLOPs"),
        _column("activations"),
        _column("aligned", unknown=""),
        _column("global", attribute="is_global"),
        _column("gated"),
        _column("in_shape", "input", is_shape=True, part=MEASURES),
        _column("out_shape", "output", is_shape=True, part=MEASURES),
        _column("weight_shape", "weight", is_shape=True, part=MEASURES),
        Column(
            "out", lambda layer: layer.out_shape[1:] or None, "output", per_axis=True, part=MEASURES
        ),
        _column("kernel", per_axis=True, part=MEASURES),
        _column("stride", per_axis=True, part=MEASURES),
        _column("padding", per_axis=True, cell=_padding_text, plain=list, part=MEASURES),
        _column("dilation", per_axis=True, part=MEASURES),
        _figure("rf"),
        _figure("rf_min", "rf min"),
        _figure("eff_stride", "eff. stride"),
        _figure("eff_pad", "eff. pad"),
        _figure("center"),
        _figure("coverage"),
    )
}
# What JSON has of every layer, in its order.
JSON_KEYS = (
    *("index", "layer", "type", "from", "in_shape", "out_shape"),
    *("kernel", "stride", "padding", "dilation", "groups"),
    *("params", "buffers", "macs", "flops", "activations"),
    *("rf", "rf_min", "eff_stride", "eff_pad", "center", "coverage"),
    *("aligned", "global", "gated"),
)


def plain_layer(layer: Any) -> dict[str, Any]:
    """A layer in JSON's form: per-axis values and shapes are lists, fractions doubles."""
    return {name: plain_value(COLUMNS[name], COLUMNS[name].value(layer)) for name in JSON_KEYS}


def plain_value(column: Column, value: Any) -> Any:
    """A column's value in JSON's form."""
    if value is None:
        return None
    if column.is_shape:
        return list(value)
    return [column.plain(one) for one in value] if column.per_axis else value


class Cell(Record):
    """One column of a flat table: its heading, its column and the axis where it has one."""

    heading: str
    column: Column
    axis: int | None

    def value(self, layer: Any) -> Any:
        """The layer's value: exact, None where unknown or where it has none."""
        if self.column.part == FIGURES:
            return getattr(layer.figures[self.axis], self.column.name)
        value = self.column.value(layer)
        if self.axis is None or value is None:
            return value
        if self.axis >= len(value):  # tokens have one axis, whatever the input has
            return None
        value = value[self.axis]
        return value if self.column.cell is None else self.column.cell(value)


def cells(names: Sequence[str], axes: tuple[str, ...], others: Iterable[str] = ()) -> list[Cell]:
    """The flat columns of base names (`rf`) and single axes (`rf_h`); raises UsageError.

    `others` are names that who asks knows besides: an error may mean them.
    """
    result = []
    for name in names:
        base, _, axis = name.rpartition("_")
        if name in COLUMNS:
            column = COLUMNS[name]
            if column.per_axis:
                result += [Cell(f"{name}_{a}", column, i) for i, a in enumerate(axes)]
            else:
                result.append(Cell(name, column, None))
        elif base in COLUMNS and COLUMNS[base].per_axis and axis in axes:
            result.append(Cell(name, COLUMNS[base], axes.index(axis)))
        else:
            hint = did_you_mean(name, [*others, *COLUMNS])
            raise UsageError(f"no column is named {quote(name)}; {hint}")
    return result


def flat_value(cell: Cell, value: Any) -> Any:
    """A cell's value as a flat dict has it: fractions are doubles, shapes and lists text."""
    if cell.column.is_shape and value is not None:
        return flat_shape(value, UNKNOWN)
    if isinstance(value, list):
        return ";".join(value)
    return decimal(value)


def in_order(rows: Iterable[Row], amount: Callable[[Row], Any]) -> list[Row]:
    """The rows by an amount: numbers from the largest, texts from a to z, those of None last."""
    pairs = [(amount(row), row) for row in rows]
    known = [pair for pair in pairs if pair[0] is not None]
    largest_first = bool(known) and not isinstance(known[0][0], str)
    known.sort(key=lambda pair: pair[0], reverse=largest_first)
    return [row for _, row in known] + [row for value, row in pairs if value is None]
