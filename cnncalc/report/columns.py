"""The columns that reports are shown and written in, by their base names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import UsageError
from ..record import Record
from ..wording import did_you_mean, quote
from .layer import LayerReport, decimal


class Column(Record):
    """A column: how to take its value from a layer; per axis it is a tuple, one value an axis.

    Values are whole numbers, exact (numerator, denominator) pairs, text, booleans, lists of text,
    or None where unknown.
    """

    name: str
    per_axis: bool
    value: Callable[[LayerReport], Any]


def _paddings(layer: LayerReport) -> tuple[int | str | None, ...] | None:
    if layer.padding is None:
        return None
    return tuple(
        before if before == after else f"{before}:{after}" for before, after in layer.padding
    )


def _sizes(layer: LayerReport) -> tuple[int | None, ...] | None:
    return layer.out_shape[1:] or None


def _figure(name: str) -> Callable[[LayerReport], Any]:
    return lambda layer: tuple(getattr(figure, name) for figure in layer.figures)


def _columns() -> dict[str, Column]:
    scalars: dict[str, Callable[[LayerReport], Any]] = {
        "index": lambda layer: layer.index,
        "layer": lambda layer: layer.layer,
        "type": lambda layer: layer.type,
        "from": lambda layer: list(layer.sources),
        "out_channels": lambda layer: layer.out_shape[0],
        "groups": lambda layer: layer.groups,
        "params": lambda layer: layer.params,
        "buffers": lambda layer: layer.buffers,
        "macs": lambda layer: layer.macs,
        "flops": lambda layer: layer.flops,
        "activations": lambda layer: layer.activations,
        "aligned": lambda layer: layer.aligned,
        "global": lambda layer: layer.is_global,
        "in_shape": lambda layer: layer.in_shape,
        "out_shape": lambda layer: layer.out_shape,
        "weight_shape": lambda layer: layer.weight_shape,
    }
    axes: dict[str, Callable[[LayerReport], Any]] = {
        "out": _sizes,
        "kernel": lambda layer: layer.kernel,
        "stride": lambda layer: layer.stride,
        "padding": _paddings,
        "dilation": lambda layer: layer.dilation,
        **{
            name: _figure(name)
            for name in ("rf", "rf_min", "eff_stride", "eff_pad", "center", "coverage")
        },
    }
    return {
        **{name: Column(name, False, value) for name, value in scalars.items()},
        **{name: Column(name, True, value) for name, value in axes.items()},
    }


COLUMNS = _columns()
SHAPES = ("in_shape", "out_shape", "weight_shape")


class Cell(Record):
    """One column of a flat table: its heading, its column and the axis where it has one."""

    heading: str
    column: Column
    axis: int | None


def cells(names: list[str], axes: tuple[str, ...]) -> list[Cell]:
    """The flat columns of base names (`rf`) and single axes (`rf_h`); raises UsageError."""
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
            hint = did_you_mean(name, COLUMNS)
            raise UsageError(f"no column is named {quote(name)}; {hint}")
    return result


def cell_value(layer: LayerReport, cell: Cell) -> Any:
    """A layer's value in a flat column: exact, None where unknown or where it has none."""
    value = cell.column.value(layer)
    return value if cell.axis is None or value is None else value[cell.axis]


def flat_record(layer: LayerReport, axes: tuple[str, ...], names: list[str]) -> dict[str, Any]:
    """The layer as a flat dict of the named columns; fractions are doubles, shapes text."""
    record = {}
    for cell in cells(names, axes):
        value = cell_value(layer, cell)
        if cell.column.name in SHAPES and value is not None:
            value = "x".join("?" if number is None else str(number) for number in value)
        elif isinstance(value, list):
            value = ";".join(value)
        record[cell.heading] = decimal(value)
    return record
