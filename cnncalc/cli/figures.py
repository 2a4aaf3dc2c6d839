"""The commands that print a row per layer: shape, rf, params, flops, summary."""

from __future__ import annotations

from typing import Any

import click

from ..analysis.analysis import analyze
from ..errors import UsageError
from ..report.columns import cells
from ..report.report import Report, ShapeError
from ..text.views import VIEWS, Selection, View, select
from . import options as shared
from .output import terminal_width, write

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


def render(selection: Selection, form: str, last: bool, error: str | None, to_file: bool) -> str:
    """The selection in a format; renderers are imported only when they draw."""
    if form == "json":
        from ..text.json import json_report

        return json_report(selection, error)
    if form in ("csv", "tsv"):
        from ..text.delimited import delimited

        return delimited(selection, form)
    from ..text.grid import grid

    if form == "markdown":
        from ..text.markdown import markdown

        return markdown(grid(selection, last))
    from ..text.table import table

    return table(grid(selection, last), None if to_file else terminal_width())


def _columns(text: str | None, form: str, axes: tuple[str, ...]) -> tuple[str, ...] | None:
    if text is None:
        return None
    if form == "json":
        raise click.UsageError("--columns does not go with JSON, which has every key")
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise click.UsageError("--columns names no column")
    cells(list(names), axes)
    return names


def _select(report: Report, view: View, form: str, asked: dict[str, Any]) -> Selection:
    columns = _columns(asked["columns"], form, report.axes)
    all_layers = asked["all_layers"] or form == "json"
    selection = select(report, view, all_layers, asked["layers"], columns)
    pattern = asked["layers"]
    if pattern and report.complete and not select(report, view, True, pattern).layers:
        raise UsageError(f"no layer of {report.network} fits {pattern!r}")
    return selection


def run(view: View, **asked: Any) -> None:
    """Load, analyse, render, write; a failing layer's rows before it are still printed."""
    form = shared.chosen_format(asked)
    network = shared.loaded(asked["net"], asked["yaml_file"], asked["arguments"])
    failure: ShapeError | None = None
    try:
        report = analyze(
            network,
            asked["input_shape"],
            batch=asked["batch"],
            from_layer=asked["from_layer"],
            ignore_global=asked["ignore_global"],
        )
    except ShapeError as error:
        if error.report is None or asked["output"] is not None:
            raise
        failure, report = error, error.report
    selection = _select(report, view, form, asked)
    last = asked["layout"] == "nhwc"
    told = str(failure) if failure else None
    write(render(selection, form, last, told, asked["output"] is not None), asked["output"])
    for warning in report.warnings:
        click.echo(f"warning: {warning}", err=True)
    if failure:
        raise failure


def command(name: str) -> click.Command:
    """The command of a view."""
    view = VIEWS[name]
    summary, example = HELP[name]

    def callback(**asked: Any) -> None:
        run(view, **asked)

    callback.__doc__ = (
        f"{summary}\n\nNET is a built-in network (`cnncalc list`), a path, or - for YAML on "
        f"standard input.\n\n\b\nExample:\n  {example}\n"
    )
    decorators = [
        shared.net_options,
        shared.analysis_options,
        click.option(
            "--layout",
            type=click.Choice(("nchw", "nhwc")),
            default="nchw",
            help="How shapes and weight shapes are written in tables.",
        ),
        click.option("--layers", metavar="GLOB", help="Only layers whose name fits."),
        click.option("--all", "all_layers", is_flag=True, help="Every layer of the network."),
        click.option("--columns", metavar="A,B,C", help="These columns, as CSV names them."),
        shared.format_options,
    ]
    return click.command(name, short_help=summary)(shared.apply(callback, decorators))
