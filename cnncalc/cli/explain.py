"""The command that shows how figures come about."""

from __future__ import annotations

from typing import Any

import click

from ..network.network import Network
from ..report.report import ShapeError
from ..studies.explain import explain
from ..studies.explain.records import COLUMNS, Explanation
from . import options as shared
from .output import write

FORMATS = ("text", "markdown", "latex", "json", "csv", "tsv")


def render(explanation: Explanation, form: str, detailed: bool, error: str | None = None) -> str:
    """The explanation in a format; `detailed` lists the ways down step by step."""
    if form == "json":
        from ..text.json import json_text

        return json_text(explanation.to_dict(error))
    if form in ("csv", "tsv"):
        from ..text.answer import Answer, rendered

        rows = [row for explained in explanation for row in explained.rows()]
        return rendered(Answer(COLUMNS, rows, {}, list), form, None)
    if form == "markdown":
        from ..text.explain_text import explanation_markdown

        return explanation_markdown(explanation, detailed)
    if form == "latex":
        from ..text.explain_latex import latex

        return latex(explanation, detailed)
    from ..text.explain_text import text

    return text(explanation, detailed)


def _explained(network: Network, asked: dict[str, Any]) -> Explanation:
    return explain(
        network,
        asked["input_shape"],
        layers=asked["layers"] or None,
        batch=asked["batch"],
        from_layer=asked["from_layer"],
        ignore_global=asked["ignore_global"],
    )


def _up_to(network: Network, failure: ShapeError, asked: dict[str, Any]) -> Explanation:
    """What can be explained of the layers before the failing one; raises the failure if nothing."""
    count = len(failure.report.layers) if failure.report else 0
    wanted = [network.index(name) for name in asked["layers"]]
    kept = [name for name, index in zip(asked["layers"], wanted) if index <= count]
    origin = network.index(asked["from_layer"]) if asked["from_layer"] else 0
    if (wanted and not kept) or origin > count:
        raise failure
    return _explained(network.up_to(count), {**asked, "layers": kept})


def run(**asked: Any) -> None:
    """Load, explain, render, write; the layers before a failing one are still explained."""
    form = shared.chosen_format(asked, FORMATS)
    if asked["net"] is not None and shared.names_network(asked["yaml_file"]):
        asked["net"], asked["layers"] = None, (asked["net"], *asked["layers"])
    network = shared.loaded(asked["net"], asked["yaml_file"], asked["arguments"])
    failure: ShapeError | None = None
    try:
        explanation = _explained(network, asked)
    except ShapeError as error:
        if error.report is None or asked["output"] is not None:
            raise
        failure, explanation = error, _up_to(network, error, asked)
    told = str(failure) if failure else None
    write(render(explanation, form, bool(asked["layers"]), told), asked["output"])
    for warning in explanation.report.warnings:
        click.echo(f"warning: {warning}", err=True)
    if failure:
        raise failure


@click.command("explain", short_help="How every figure comes about, with the numbers put in.")
@shared.net_options
@click.argument("layers", nargs=-1, metavar="[LAYER]...")
@shared.analysis_options
@shared.format_options_of(FORMATS)
def explain_command(**asked: Any) -> None:
    """How every figure of every layer comes about: the formula, with the numbers put in.

    Output size with the branch of the rule that is taken, receptive field on the way up and down
    again, effective stride, padding and centre, parameters, MACs, weight shape and the matrix
    product that computes the layer. For layers that are named, the way down is listed step by step.

    \b
    Examples:
      cnncalc explain vgg16 conv5_3
      cnncalc explain --spec "11,4 3,2 5,1,2" --input 227 --format latex -o rf.tex
    """
    run(**asked)


def command(name: str) -> click.Command:
    """The command of the name."""
    return explain_command
