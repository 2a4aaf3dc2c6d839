"""The command that writes a network for another program: a framework, or one that draws."""

from __future__ import annotations

from importlib import import_module

import click

from ..analysis.analysis import analyze
from . import options as shared
from .output import warn, write

EXPORTS = {
    "pytorch": "pytorch.export",
    "keras": "keras.export",
    "onnx": "onnx.export",
    "dot": "export_dot",
    "mermaid": "export_mermaid",
}


def command(name: str) -> click.Command:
    """The command `export`."""
    return export


@click.command("export", short_help="Write a network for a framework, or as a diagram.")
@shared.net_options
@click.option(
    "--to", "form", type=click.Choice(tuple(EXPORTS)), required=True, help="What to write."
)
@shared.input_option()
@shared.file_option
def export(asked: shared.Asked, form: str, path: str | None) -> None:
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
    exporter = import_module(f"..exporters.{EXPORTS[form]}", __package__)
    write(exporter.export(network, report), path)
    warn(report.warnings)
