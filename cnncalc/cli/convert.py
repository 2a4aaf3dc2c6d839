"""The command that writes any readable model as a YAML definition."""

from __future__ import annotations

import click

from . import options as shared
from .output import write


def command(name: str) -> click.Command:
    """The command `convert`."""
    return convert


@click.command("convert", short_help="Write a model as a YAML definition.")
@shared.net_options
@shared.input_option()
@shared.file_option
def convert(asked: shared.Asked, path: str | None) -> None:
    """Write a model as a YAML definition that gives the same report.

    Attributes at their default are left out, and parts that are plainly equal become blocks.

    \b
    Example:
      cnncalc convert model.onnx -o model.yaml
    """
    from ..exporters.yaml import folded_definition

    write(folded_definition(asked.network_on_input()), path)
