"""The cells of a report's tables, and what is said below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..report.columns import Cell, cells
from ..report.folding import BlockReport, Row
from ..report.report import Totals
from ..wording import axes_once, number, shape_text, share, short_number
from .grid import BEYOND, GATED, report_title, scalar
from .selection import Selection

COSTS = ("macs", "flops", "macs_share")
BEYOND_NOTE = f"{BEYOND} the receptive field is larger than the input: it reaches into the padding"
GLOBAL_NOTE = "eff. stride ? of layers after a whole map is read: every unit sees all of it"


def totals_title(selection: Selection, last: bool = False) -> str:
    """The title of the tables, with the totals in short where every layer was reached."""
    report = selection.report
    title = report_title(report, last)
    if not selection.view.totals or not report.complete:
        return title
    totals = report.totals
    return f"{title} · {short_number(totals.params)} params · {short_number(totals.macs)} MACs"


def cell_text(name: str, selection: Selection, last: bool) -> Callable[[Row], str]:
    """What writes a layer's cell of a column."""
    report = selection.report
    if name in SPECIAL:
        return lambda layer: SPECIAL[name](layer, selection, last)
    if name.endswith("_share"):
        base = name.removesuffix("_share")
        total = getattr(report.totals, base) if report.complete else None
        return lambda layer: share(getattr(layer, base), total)
    chosen = cells([name], report.axes)
    column = chosen[0].column
    if not column.per_axis:
        return lambda layer: scalar(column.value(layer), column.unknown)
    return lambda layer: _axes_text(chosen, column.value(layer), layer)


def _axes_text(chosen: list[Cell], values: Sequence[Any] | None, layer: Row) -> str:
    """The values of some axes; of tokens, which have one axis, those that there are."""
    return axes_once([cell.value(layer) for cell in chosen if (cell.axis or 0) < len(values or ())])


def _weight(layer: Row, selection: Selection, last: bool) -> str:
    weight = layer.weight_shape
    if weight is None or isinstance(layer, BlockReport):
        return ""
    return shape_text(layer.node.kind.weight_channels_last(weight) if last else weight)


def origin_sizes(selection: Selection) -> tuple[int | None, ...]:
    """Sizes of the map whose units fields are counted in."""
    report = selection.report
    if report.origin is None:
        return report.shape_of(0)[1:]
    if report.origin in report.inputs:
        return report.inputs[report.origin][1:]
    index = report.names[report.origin]
    return report.shape_of(index)[1:] if index <= len(report.layers) else ()


def beyond_input(layer: Row, selection: Selection) -> bool:
    """Whether the receptive field is larger than the input on some axis."""
    sizes = origin_sizes(selection)
    return any(r is not None and s is not None and r > s for r, s in zip(layer.rf, sizes))


def _rf(layer: Row, selection: Selection, last: bool) -> str:
    mark = BEYOND if beyond_input(layer, selection) else ""
    return axes_once(layer.rf) + (GATED if layer.gated else "") + mark


SPECIAL: dict[str, Callable[[Row, Selection, bool], str]] = {
    "out": lambda layer, selection, last: shape_text(layer.out_shape[1:]),
    "out_shape": lambda layer, selection, last: shape_text(layer.out_shape, last),
    "in_shape": lambda layer, selection, last: shape_text(layer.in_shape, last),
    "weight_shape": _weight,
    "rf": _rf,
}


def footer(
    names: Sequence[str], selection: Selection, write: Callable[[int | None], str] = number
) -> list[str]:
    """Totals of the whole network under their columns; empty where a layer failed."""
    totalled = [name for name in names if name in Totals._fields]
    if not selection.view.totals or not selection.report.complete or not totalled:
        return []
    totals = selection.report.totals
    texts = [write(getattr(totals, name)) if name in totalled else "" for name in names]
    label = names.index("layer") if "layer" in names else 0
    texts[label] = texts[label] or ("total" if _adds_up(totalled, selection) else "all layers")
    return texts


def _adds_up(totalled: list[str], selection: Selection) -> bool:
    """Whether no layer that is not selected has a part in the totals."""
    selected = {layer.index for row in selection.layers for layer in row.layers}
    hidden = [layer for layer in selection.report.layers if layer.index not in selected]
    return not any(getattr(layer, name) for layer in hidden for name in totalled)


def report_notes(names: Sequence[str], selection: Selection) -> list[str]:
    """What is to be said of the figures in the columns."""
    notes = []
    if any(name in names for name in COSTS):
        notes.append(selection.report.convention)
    totals = selection.report.totals
    if "params" in names and "buffers" not in names and totals.buffers:
        notes.append(f"besides the parameters: {totals.buffers:,} running statistics (buffers)")
    if "rf" in names and any(beyond_input(layer, selection) for layer in selection.layers):
        notes.append(BEYOND_NOTE)
    gates = dict.fromkeys(layer.through for layer in selection.layers if layer.gated)
    if "rf" in names and gates:
        more = f" and {len(gates) - 1:,} more" if len(gates) > 1 else ""
        notes.append(f"{GATED} and the whole map, through {next(iter(gates))}{more}")
    if "eff_stride" in names and any(layer.is_global for layer in selection.layers):
        notes.append(GLOBAL_NOTE)
    return notes
