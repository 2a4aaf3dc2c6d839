"""The commands about the built-in networks and definitions themselves: list and show."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared
from .output import terminal_width, write


@click.command("list", short_help="The built-in networks with their figures.")
@shared.format_options
def list_networks(**asked: Any) -> None:
    """The built-in networks with input, parameters, MACs and widest receptive field.

    \b
    Example:
      cnncalc list --csv
    """
    form = shared.chosen_format(asked)
    path = asked["output"]
    from ..studies.catalogue import entries
    from ..text.catalogue import rendered

    write(rendered(entries(), form, None if path else terminal_width()), path)


@click.command("show", short_help="A network's definition.")
@shared.net_options
@shared.input_option()
@click.option("--expand", is_flag=True, help="Flat: blocks, arguments and repeats resolved.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
def show(**asked: Any) -> None:
    """A network's definition, as its file has it or expanded.

    \b
    Example:
      cnncalc show vgg16 --expand
    """
    if asked["expand"]:
        from ..exporters.yaml import flat_definition

        network = shared.loaded(asked["net"], asked["yaml_file"], asked["arguments"])
        if asked["input_shape"] is not None:
            network = network.with_input(asked["input_shape"])
        write(flat_definition(network), asked["output"])
        return
    if asked["arguments"] or asked["input_shape"] is not None:
        raise click.UsageError("--set and --input go with --expand; the file itself stays as it is")
    write(shared.found_definition(asked["net"], asked["yaml_file"]).text, asked["output"])


def command(name: str) -> click.Command:
    """The command of a name."""
    return {"list": list_networks, "show": show}[name]
