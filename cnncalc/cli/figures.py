"""The commands that print a row per layer: shape, rf, params, flops, summary."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import click

from ..analysis.analysis import analyze
from ..errors import UsageError
from ..report.columns import cells
from ..report.report import ShapeError
from ..text.answer import Answer
from ..text.report import report_answer
from ..text.selection import VIEWS, Selection, View, select
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import Output, warn

HELP = {
    "shape": (
        "Window, output shape, parameters, MACs and receptive field of every layer.",
        "cnncalc shape --yaml mynet.yaml --input 320",
    ),
    "rf": (
        "Receptive field, effective stride and padding, and centre of the first unit's field.",
        "cnncalc rf vgg16",
    ),
    "params": (
        "Parameters and weight shapes, with shares and totals.",
        "cnncalc params alexnet --layout nhwc",
    ),
    "flops": (
        "MACs and FLOPs, with shares and totals. 1 MAC = 2 FLOPs.",
        "cnncalc flops vgg16 --input 320 --batch 8",
    ),
    "summary": (
        "All figures of every layer, with totals.",
        "cnncalc summary vgg16 --csv --columns layer,out_shape,macs",
    ),
}


def run(
    view: View,
    asked: Asked,
    output: Output,
    layers: str | None,
    all_layers: bool,
    columns: str | None,
    depth: int | None,
    sort: str | None,
    top: int | None,
    answer: Callable[[Selection, bool, str | None], Answer] = report_answer,
    own: Collection[str] = (),
    **how: Any,
) -> None:
    """Load, analyse, render, write; a failing layer's rows before it are still printed.

    `own` are columns that the answer has besides a report's.
    """
    network = asked.network()
    failure: ShapeError | None = None
    try:
        report = analyze(network, asked.input, **how)
    except ShapeError as error:
        if error.report is None or output.path is not None:
            raise
        failure, report = error, error.report
    names = shared.column_names(columns, output.form)
    cells([name for name in names or () if name not in own], report.axes, own)
    everything = all_layers or output.form == "json"
    selection = select(report, view, everything, layers, names, depth, sort, top)
    if layers and report.complete and not select(report, view, True, layers, depth=depth).layers:
        raise UsageError(f"no layer of {report.network} fits {layers!r}")
    message = str(failure) if failure else None
    output.write(answer(selection, asked.channels_last, message))
    warn(report.warnings)
    if failure:
        raise failure


def command(name: str, runs: Callable[..., None] = run, own: Sequence[Any] = ()) -> click.Command:
    """The command of a view, with options of its own where it runs in its own way."""
    view = VIEWS[name]
    summary, example = HELP[name]

    def callback(**options: Any) -> None:
        runs(view, **options)

    callback.__doc__ = (
        f"{summary}\n\nNET is a built-in network (`cnncalc list`), a path, or - for YAML on "
        f"standard input.\n\n\b\nExample:\n  {example}\n"
    )
    decorators = [
        shared.net_options,
        *own,
        shared.analysis_options,
        shared.LAYERS_OPTION,
        click.option("--all", "all_layers", is_flag=True, help="Every layer of the network."),
        shared.COLUMNS_OPTION,
        shared.DEPTH_OPTION,
        shared.table_options,
        shared.format_options,
    ]
    return click.command(name, cls=GroupedCommand, short_help=summary)(
        shared.apply(callback, decorators)
    )
