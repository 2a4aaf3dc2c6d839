"""What each command shows of a report: its columns in files and in tables, and its rows."""

from __future__ import annotations

from collections.abc import Callable

from ..record import Record
from ..report.layer import LayerReport
from ..report.report import Report

Keeps = Callable[[LayerReport], bool]


class View(Record):
    """`flat` are the columns of CSV, `table` those that people are shown.

    `keeps` says which rows, None all; `totals` whether a table has a footer with them.
    """

    name: str
    flat: tuple[str, ...]
    table: tuple[str, ...]
    keeps: Keeps | None = None
    totals: bool = True


def changes_field(layer: LayerReport) -> bool:
    """Whether the layer has axes and a window, or merges maps of different fields."""
    if len(layer.out_shape) == 1:
        return False
    return layer.node.kind.windowed or (layer.node.kind.merges and layer.changes_field)


def _view(name: str, flat: str, table: str, keeps: Keeps | None = None) -> View:
    start = ("index", "layer", "type")
    return View(name, (*start, *flat.split()), (*start, *table.split()), keeps)


WINDOW = "kernel stride padding dilation"
COSTS = "params macs flops activations"
FIELD = "rf eff_stride"
WEIGHTS, PRODUCTS = "weight_shape params params_share", "out_shape macs flops macs_share"

VIEWS = {
    view.name: view
    for view in (
        _view(
            "shape",
            f"{WINDOW} out_channels out params macs {FIELD}",
            f"{WINDOW} out_shape params macs {FIELD}",
        ),
        _view(
            "rf",
            f"out {FIELD} eff_pad center",
            "out rf rf_min eff_stride eff_pad center",
            changes_field,
        ),
        _view("params", "out_channels params", WEIGHTS, lambda layer: layer.params != 0),
        _view("flops", "out_channels out macs flops", PRODUCTS, lambda layer: layer.macs != 0),
        _view("summary", f"out_channels out {COSTS} {FIELD}", f"out_shape {COSTS} {FIELD}"),
    )
}


class Selection(Record):
    """The layers to show of a report, and the columns that were asked for (None: the view's)."""

    report: Report
    view: View
    layers: tuple[LayerReport, ...]
    columns: tuple[str, ...] | None = None


def select(
    report: Report,
    view: View,
    all_layers: bool = False,
    pattern: str | None = None,
    columns: tuple[str, ...] | None = None,
) -> Selection:
    """The view's layers, or every one; only those whose name fits the glob pattern."""
    keeps = view.keeps
    layers = [layer for layer in report.layers if all_layers or not keeps or keeps(layer)]
    if pattern is not None:
        from fnmatch import fnmatchcase

        layers = [layer for layer in layers if fnmatchcase(layer.layer, pattern)]
    return Selection(report, view, tuple(layers), columns)
