"""The command that writes any readable model as a YAML definition."""

from __future__ import annotations

import click

from ..exporters.yaml import folded_definition
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import write


@click.command("convert", cls=GroupedCommand, short_help="Write a model as a YAML definition.")
@shared.net_options
@shared.input_option()
@shared.file_option
def command(asked: Asked, path: str | None) -> None:
    """Write a model as a YAML definition that gives the same report.

    Attributes at their default are left out, and parts that are plainly equal become blocks.

    \b
    Example:
      cnncalc convert model.onnx -o model.yaml
    """
    write(folded_definition(asked.network_on_input()), path)
