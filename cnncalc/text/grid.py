"""What people are shown, as a grid of text: the table, Markdown and HTML renderers draw it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..record import Record
from ..report.columns import cell_value, cells
from ..report.layer import LayerReport
from ..report.report import CONVENTION, Report
from ..wording import UNKNOWN, axes_once, number, shape, share
from .views import Selection

BEYOND = "*"
TOTALLED = ("params", "buffers", "macs", "flops", "activations")
COSTS = ("macs", "flops", "macs_share")
LEFT = ("layer", "type", "from", "network", "family", "source")
HEADINGS = {
    "index": "#",
    "out_shape": "output",
    "in_shape": "input",
    "weight_shape": "weight",
    "out": "output",
    "eff_stride": "eff. stride",
    "eff_pad": "eff. pad",
    "rf_min": "rf min",
    "out_channels": "channels",
    "macs": "MACs",
    "flops": "FLOPs",
    "params_share": "share",
    "macs_share": "share",
}
BEYOND_NOTE = f"{BEYOND} the receptive field is larger than the input: it reaches into the padding"
GLOBAL_NOTE = "eff. stride ? of layers after a whole map is read: every unit sees all of it"


class Grid(Record):
    """A titled table of text; `left` says per column whether it is aligned left."""

    title: str
    headings: list[str]
    left: list[bool]
    rows: list[list[str]]
    footer: list[str]
    notes: list[str]


def grid(selection: Selection, channels_last: bool = False) -> Grid:
    """The selected layers as people read them; `channels_last` writes shapes as Keras does."""
    names = list(selection.columns or _shown(selection))
    columns = [_column(name, selection, channels_last) for name in names]
    return Grid(
        report_title(selection.report, channels_last),
        [HEADINGS.get(name, name) for name in names],
        [name in LEFT for name in names],
        [[text(layer) for text in columns] for layer in selection.layers],
        _footer(names, selection),
        _notes(names, selection),
    )


def _shown(selection: Selection) -> tuple[str, ...]:
    """The view's columns, without a smallest field that is the largest everywhere."""
    columns = selection.view.table
    if "rf_min" in columns and all(layer.rf == layer.rf_min for layer in selection.layers):
        return tuple(name for name in columns if name != "rf_min")
    return columns


def _column(name: str, selection: Selection, last: bool) -> Callable[[LayerReport], str]:
    if name in SPECIAL:
        return lambda layer: SPECIAL[name](layer, selection, last)
    if name.endswith("_share"):
        base = name.removesuffix("_share")
        report = selection.report
        total = getattr(report.totals, base) if report.complete else None
        return lambda layer: share(getattr(layer, base), total)
    chosen = cells([name], selection.report.axes)
    column = chosen[0].column
    if not column.per_axis:
        return lambda layer: scalar(column.value(layer), name)
    return lambda layer: axes_once(
        column.value(layer) and [cell_value(layer, cell) for cell in chosen]
    )


def scalar(value: Any, name: str) -> str:
    """One value; an unknown number is `?`, what does not apply is left empty."""
    if value is None:
        return "" if name in ("aligned", "groups") else UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    return number(value)


def _weight(layer: LayerReport, selection: Selection, last: bool) -> str:
    weight = layer.weight_shape
    if weight is None:
        return ""
    ordered = layer.node.kind.weight_channels_last(weight) if last else weight
    return "×".join(UNKNOWN if value is None else str(value) for value in ordered)


def _sizes(layer: LayerReport, selection: Selection, last: bool) -> str:
    return "×".join(UNKNOWN if size is None else str(size) for size in layer.out_shape[1:])


def origin_sizes(selection: Selection) -> tuple[int | None, ...]:
    """Sizes of the map whose units fields are counted in."""
    report = selection.report
    if report.origin is None:
        return report.input[1:]
    index = report.names[report.origin]
    return report.layers[index - 1].out_shape[1:] if index <= len(report.layers) else ()


def beyond_input(layer: LayerReport, selection: Selection) -> bool:
    """Whether the receptive field is larger than the input on some axis."""
    sizes = origin_sizes(selection)
    return any(r is not None and s is not None and r > s for r, s in zip(layer.rf, sizes))


def _rf(layer: LayerReport, selection: Selection, last: bool) -> str:
    mark = BEYOND if beyond_input(layer, selection) else ""
    return axes_once(layer.rf) + mark


SPECIAL: dict[str, Callable[[LayerReport, Selection, bool], str]] = {
    "out": _sizes,
    "out_shape": lambda layer, selection, last: shape(layer.out_shape, last),
    "in_shape": lambda layer, selection, last: shape(layer.in_shape, last),
    "weight_shape": _weight,
    "rf": _rf,
}


def report_title(report: Report, last: bool = False) -> str:
    """The network, its input, and what the figures are scaled and relative to."""
    parts = [report.network, f"input {shape(report.input, last)}"]
    if report.batch > 1:
        parts.append(f"batch {report.batch:,}")
    if report.origin is not None:
        parts.append(f"fields relative to {report.origin}")
    return " · ".join(parts)


def _footer(names: list[str], selection: Selection) -> list[str]:
    """Totals of the whole network under their columns; empty where a layer failed."""
    totalled = [name for name in names if name in TOTALLED]
    if not selection.report.complete or not totalled:
        return []
    totals = selection.report.totals
    texts = [number(getattr(totals, name)) if name in TOTALLED else "" for name in names]
    label = names.index("layer") if "layer" in names else 0
    texts[label] = texts[label] or ("total" if _adds_up(totalled, selection) else "all layers")
    return texts


def _adds_up(totalled: list[str], selection: Selection) -> bool:
    """Whether no layer that is not shown has a part in the totals."""
    shown = {layer.index for layer in selection.layers}
    hidden = [layer for layer in selection.report.layers if layer.index not in shown]
    return not any(getattr(layer, name) for layer in hidden for name in totalled)


def _notes(names: list[str], selection: Selection) -> list[str]:
    notes = []
    if any(name in names for name in COSTS):
        notes.append(CONVENTION)
    totals = selection.report.totals
    if "params" in names and "buffers" not in names and totals.buffers:
        notes.append(f"besides the parameters: {totals.buffers:,} running statistics (buffers)")
    if "rf" in names and any(beyond_input(layer, selection) for layer in selection.layers):
        notes.append(BEYOND_NOTE)
    if "eff_stride" in names and any(layer.is_global for layer in selection.layers):
        notes.append(GLOBAL_NOTE)
    return notes
