"""Networks side by side, in every format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..arithmetic import Number
from ..report.columns import decimal
from ..report.layer import LayerReport
from ..report.report import convention
from ..studies.compare import TOTALS, Compared, Comparison, Pair, ratio_to
from ..wording import axes_once, flat_input, flat_shape, input_text, number, plain_input, shape_text
from .answer import Answer
from .grid import Grid, heading
from .ratios import ratio_text

FIGURES = ("layers", *TOTALS)
LAYER_FIGURES = ("params", "macs")
PAIR_COLUMNS = (
    *(
        "network",
        "layer",
        "type",
        "other_layer",
        "other_type",
        "by",
        "out_shape",
        "other_out_shape",
    ),
    *("params", "other_params", "params_ratio", "macs", "other_macs", "macs_ratio"),
)
AXIS_ORDER = ("l", "d", "h", "w")


def comparison_answer(
    comparison: Comparison, by_layer: bool = False, channels_last: bool = False
) -> Answer:
    """A row for each network; with `by_layer`, one for each pair of layers that correspond."""
    columns, rows = _totals(comparison)
    if by_layer:
        columns, rows = PAIR_COLUMNS, list(_pair_rows(comparison))

    def plain() -> dict[str, Any]:
        networks = [_network(each) for each in comparison.networks]
        layers = {"layers": [_pair(row) for row in rows]} if by_layer else {}
        return {"convention": _convention(comparison), "networks": networks, **layers}

    def grids() -> list[Grid]:
        others = range(1, len(comparison.networks)) if by_layer else ()
        return [
            _grid(comparison, channels_last),
            *(_layer_grid(comparison, other, channels_last) for other in others),
        ]

    return Answer(columns, rows, plain, grids)


def _network(each: Compared) -> dict[str, Any]:
    return {
        "asked": each.asked,
        "network": each.report.network,
        "input": plain_input(each.report.input),
        **{name: each.figures[name] for name in FIGURES},
        "rf": list(each.rf),
        "rf_of": each.rf_of,
        "ratios": {name: decimal(each.ratios[name]) for name in FIGURES},
        "exact_ratios": {name: _fraction(each.ratios[name]) for name in FIGURES},
    }


def _fraction(value: Any) -> str | None:
    if isinstance(value, tuple):
        return "/".join(map(str, value))
    return None if value is None else str(value)


def _totals(comparison: Comparison) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    axes = [name for name in AXIS_ORDER if any(name in n.report.axes for n in comparison.networks)]
    columns = ["network", "input", "layers"]
    columns += [column for name in TOTALS for column in (name, f"{name}_ratio")]
    rows = []
    for each in comparison.networks:
        rf = dict(zip(each.report.axes, each.rf))
        totals = [value for n in TOTALS for value in (each.figures[n], each.ratios[n])]
        along = [rf.get(axis) for axis in axes]
        rows.append((each.asked, flat_input(each.report.input), len(each.report), *totals, *along))
    return (*columns, *(f"rf_{axis}" for axis in axes)), rows


def _pair_rows(comparison: Comparison) -> Iterator[tuple[Any, ...]]:
    for place, each in enumerate(comparison.networks[1:], start=1):
        for pair in comparison.pairs(place):
            first, other = pair.first, pair.other
            figures: list[Any] = []
            for name in LAYER_FIGURES:
                one, two = _figure((first, other), name)
                figures += [one, two, ratio_to(two, one)]
            yield (
                each.asked,
                *((first.layer, first.type) if first else (None, None)),
                *((other.layer, other.type) if other else (None, None)),
                pair.by,
                flat_shape(first.out_shape) if first else None,
                flat_shape(other.out_shape) if other else None,
                *figures,
            )


def _pair(row: tuple[Any, ...]) -> dict[str, Any]:
    return {name: decimal(value) for name, value in zip(PAIR_COLUMNS, row)}


def _convention(comparison: Comparison) -> str:
    """What counts as a MAC in any of the networks."""
    nodes = (layer.node for each in comparison.networks for layer in each.report)
    return convention(any(node.kind.multiplies for node in nodes))


def _grid(comparison: Comparison, last: bool) -> Grid:
    """The figures as rows, so that networks stand side by side."""
    networks = comparison.networks
    headings = [""]
    for place, each in enumerate(networks):
        headings += [each.asked, "ratio"] if place else [each.asked]
    rows = [_row("input", [input_text(each.report.input, last) for each in networks], None)]
    for name in FIGURES:
        values = [each.figures[name] for each in networks]
        if name != "buffers" or any(values):
            ratios = [ratio_text(each.ratios[name]) for each in networks]
            rows.append(_row(heading(name), list(map(number, values)), ratios))
    rows.append(_row("rf", [axes_once(each.rf) for each in networks], None))
    names = " · ".join(each.asked for each in networks)
    notes = [
        _convention(comparison),
        "memory: the most bytes that are live at once, of float32",
        "rf: the widest receptive field of a layer that does not see the whole input",
    ]
    return Grid(names, headings, rows, [""], notes)


def _row(name: str, values: list[str], ratios: list[str] | None) -> list[str]:
    cells = [name, values[0]]
    for place, value in enumerate(values[1:], start=1):
        cells += [value, ratios[place] if ratios else ""]
    return cells


def _layer_grid(comparison: Comparison, other: int, last: bool) -> Grid:
    first, second = comparison.networks[0].asked, comparison.networks[other].asked
    headings = [f"layer of {first}", f"of {second}", "by", "output", "other output"]
    headings += ["params", "other params", "ratio", "MACs", "other MACs", "ratio"]
    rows = [row for pair in comparison.pairs(other) if (row := _layer_row(pair, last)) is not None]
    notes = [
        "layers of equal name correspond; of the rest, the n-th of a type to the n-th of that type",
        "left out: pairs without parameters and MACs",
    ]
    return Grid(f"{second} against {first}, layer by layer", headings, rows, headings[:3], notes)


def _layer_row(pair: Pair, last: bool) -> list[str] | None:
    layers = (pair.first, pair.other)
    figures = [(_figure(layers, name)) for name in LAYER_FIGURES]
    if not any(value for pair_of in figures for value in pair_of):
        return None
    cells = [layer.layer if layer else "" for layer in layers]
    cells += [
        pair.by or "",
        *(shape_text(layer.out_shape, last) if layer else "" for layer in layers),
    ]
    for one, two in figures:
        there = [number(value) if layer else "" for value, layer in zip((one, two), layers)]
        cells += [*there, ratio_text(ratio_to(two, one)) if all(layers) else ""]
    return cells


def _figure(layers: tuple[LayerReport | None, ...], name: str) -> tuple[Number, Number]:
    one, two = (getattr(layer, name) if layer else None for layer in layers)
    return one, two
