"""The command that shows how figures come about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from ..definition.inputs import AskedInput
from ..network.network import Network
from ..report.report import ShapeError
from ..studies.explain import explain
from ..studies.explain.records import Explanation
from ..studies.memory.peak import peak_sum
from ..text.explain import explain_answer
from ..text.explain_memory import peak_answer
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import Output, warn

FORMATS = ("text", "markdown", "latex", "json", "csv", "tsv")


def _up_to(
    network: Network,
    failure: ShapeError,
    layers: Sequence[str],
    input: AskedInput | None,
    **how: Any,
) -> Explanation:
    """What can be explained of the layers before the failing one; raises the failure if nothing."""
    count = len(failure.report.layers) if failure.report else 0
    before = [name for name in layers if network.index(name) <= count]
    origin = network.index(how["from_layer"]) if how["from_layer"] else 0
    if (layers and not before) or origin > count:
        raise failure
    return explain(network.up_to(count), input, layers=before or None, **how)


def run(asked: Asked, output: Output, layers: tuple[str, ...], **how: Any) -> None:
    """Load, explain, render, write; the layers before a failing one are still explained."""
    if how.pop("memory"):
        if layers:
            raise click.UsageError("--memory explains the peak of the network; name no layer")
        peak = peak_sum(asked.network_on_input(), batch=how["batch"])
        output.write(peak_answer(peak))
        return
    if asked.net is not None and asked.names_network:
        layers, asked = (asked.net, *layers), asked.but(net=None)
    network = asked.network()
    failure: ShapeError | None = None
    try:
        explanation = explain(network, asked.input, layers=layers or None, **how)
    except ShapeError as error:
        if error.report is None or output.path is not None:
            raise
        failure, explanation = error, _up_to(network, error, layers, asked.input, **how)
    message = str(failure) if failure else None
    output.write(explain_answer(explanation, bool(layers), message, asked.channels_last))
    warn(explanation.report.warnings)
    if failure:
        raise failure


@click.command(
    "explain",
    cls=GroupedCommand,
    short_help="How every figure comes about, with the numbers put in.",
)
@shared.net_options
@click.argument("layers", nargs=-1, metavar="[LAYER]...", shell_complete=shared.completer("layer"))
@shared.analysis_options
@click.option("--memory", is_flag=True, help="The peak of live bytes, as a sum of its tensors.")
@shared.format_options_of(FORMATS)
def command(**options: Any) -> None:
    """How every figure of every layer comes about: the formula, with the numbers put in.

    Output size with the branch of the rule that is taken, receptive field on the way up and down
    again, effective stride, padding and centre, parameters, MACs, weight shape and the matrix
    product that computes the layer. For layers that are named, the way down is listed step by step.

    \b
    Examples:
      cnncalc explain vgg16 conv5_3
      cnncalc explain --spec "11,4 3,2 5,1,2" --input 227 --format latex -o rf.tex
    """
    run(**options)
