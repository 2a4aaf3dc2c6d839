"""What each command shows of a report: its columns in files and in tables, and its rows."""

from __future__ import annotations

from collections.abc import Callable

from ..record import Record
from ..report.layer import LayerReport
from ..report.report import Report


class View(Record):
    """`flat` are the columns of CSV, `table` those that people are shown, `keeps` the rows.

    `totals` says whether a table has a footer with them.
    """

    name: str
    flat: tuple[str, ...]
    table: tuple[str, ...]
    keeps: Callable[[LayerReport], bool]
    totals: bool = True


def changes_field(layer: LayerReport) -> bool:
    """Whether the layer has axes and a window, or merges maps of different fields."""
    if len(layer.out_shape) == 1:
        return False
    return layer.has_window or (layer.node.kind.merges and layer.changes_field)


def has_params(layer: LayerReport) -> bool:
    """Whether the layer has parameters, or may have."""
    return layer.params != 0


def has_macs(layer: LayerReport) -> bool:
    """Whether the layer has multiply–accumulates, or may have."""
    return layer.macs != 0


def every(layer: LayerReport) -> bool:
    """Every layer."""
    return True


def _with_name(text: str) -> tuple[str, ...]:
    return ("index", "layer", "type", *text.split())


WINDOW = "kernel stride padding dilation"
COSTS = "params macs flops activations"

VIEWS = {
    view.name: view
    for view in (
        View(
            "shape",
            _with_name(f"{WINDOW} out_channels out params macs rf eff_stride"),
            _with_name(f"{WINDOW} out_shape params macs rf eff_stride"),
            every,
        ),
        View(
            "rf",
            _with_name("out rf eff_stride eff_pad center"),
            _with_name("out rf rf_min eff_stride eff_pad center"),
            changes_field,
        ),
        View(
            "params",
            _with_name("out_channels params"),
            _with_name("weight_shape params params_share"),
            has_params,
        ),
        View(
            "flops",
            _with_name("out_channels out macs flops"),
            _with_name("out_shape macs flops macs_share"),
            has_macs,
        ),
        View(
            "summary",
            _with_name(f"out_channels out {COSTS} rf eff_stride"),
            _with_name(f"out_shape {COSTS} rf eff_stride"),
            every,
        ),
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
    layers = [layer for layer in report.layers if all_layers or view.keeps(layer)]
    if pattern is not None:
        from fnmatch import fnmatchcase

        layers = [layer for layer in layers if fnmatchcase(layer.layer, pattern)]
    return Selection(report, view, tuple(layers), columns)
