"""The command that writes a network for another program: a framework, or one that draws."""

from __future__ import annotations

from collections.abc import Callable

import click

from ..analysis.analysis import analyze
from ..exporters import diagram
from ..exporters.keras.export import export as keras_source
from ..exporters.onnx.export import export as onnx_model
from ..exporters.pytorch.export import export as pytorch_source
from ..network.network import Network
from ..report.report import Report
from . import options as shared
from .grouping import GroupedCommand
from .output import warn, write

EXPORTS: dict[str, Callable[[Network, Report], str | bytes]] = {
    "pytorch": pytorch_source,
    "keras": keras_source,
    "onnx": onnx_model,
    "dot": diagram.dot,
    "mermaid": diagram.mermaid,
}


@click.command(
    "export", cls=GroupedCommand, short_help="Write a network for a framework, or as a diagram."
)
@shared.net_options
@click.option(
    "--to", "form", type=click.Choice(tuple(EXPORTS)), required=True, help="What to write."
)
@shared.input_option()
@shared.file_option
def command(asked: shared.Asked, form: str, path: str | None) -> None:
    """Write a network for a framework, or as a diagram.

    pytorch is the source of one module whose layers, shapes and parameters are the report's, keras
    that of a functional model, onnx a model with shapes and no trained weights; dot and mermaid
    draw the layers, coloured by stage.

    \b
    Example:
      cnncalc export resnet50 --to pytorch -o resnet50.py
    """
    network = asked.network()
    report = analyze(network, asked.input)
    write(EXPORTS[form](network, report), path)
    warn(report.warnings)
