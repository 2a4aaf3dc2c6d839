"""The command that writes a network for another program: a framework, or one that draws."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from ..analysis.analysis import analyze
from . import options as shared
from .output import write

# The module in exporters that writes each form, and its function.
EXPORTS = {
    "pytorch": ("pytorch.export", "export"),
    "keras": ("keras.export", "export"),
    "onnx": ("onnx.export", "export"),
    "dot": ("diagram", "dot"),
    "mermaid": ("diagram", "mermaid"),
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
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
def export(**asked: Any) -> None:
    """Write a network for a framework, or as a diagram.

    pytorch is the source of one module whose layers, shapes and parameters are the report's, keras
    that of a functional model, onnx a model with shapes and no trained weights; dot and mermaid
    draw the layers, coloured by stage.

    \b
    Example:
      cnncalc export resnet50 --to pytorch -o resnet50.py
    """
    network = shared.loaded(asked["net"], asked["yaml_file"], asked["arguments"])
    report = analyze(network, asked["input_shape"])
    module, function = EXPORTS[asked["form"]]
    exporter = getattr(import_module(f"..exporters.{module}", __package__), function)
    write(exporter(network, report), asked["output"])
    for warning in report.warnings:
        click.echo(f"warning: {warning}", err=True)
