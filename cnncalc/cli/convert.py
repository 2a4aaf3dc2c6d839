"""The command that writes any readable model as a YAML definition."""

from __future__ import annotations

from typing import Any

import click

from ..exporters.yaml import folded_definition
from . import options as shared
from .output import write


def command(name: str) -> click.Command:
    """The command `convert`."""
    return convert


@click.command("convert", short_help="Write a model as a YAML definition.")
@shared.net_options
@shared.input_option()
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
def convert(**asked: Any) -> None:
    """Write a model as a YAML definition that gives the same report.

    Attributes at their default are left out, and parts that are plainly equal become blocks.

    \b
    Example:
      cnncalc convert model.onnx -o model.yaml
    """
    network = shared.loaded(asked["net"], asked["yaml_file"], asked["arguments"])
    if asked["input_shape"] is not None:
        network = network.with_input(asked["input_shape"])
    write(folded_definition(network), asked["output"])
