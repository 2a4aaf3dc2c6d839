"""The commands about the built-in networks and definitions themselves: list and show."""

from __future__ import annotations

import click

from ..errors import UsageError
from ..exporters.yaml import flat_definition
from ..studies.catalogue import Catalogue, entries, ordered_entries
from ..text.catalogue import catalogue_answer
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import Output, write


@click.command("list", cls=GroupedCommand, short_help="The built-in networks with their figures.")
@click.argument("pattern", required=False, shell_complete=shared.completer("net"))
@click.option("--family", metavar="NAME", help="Only networks for classification, detection, ….")
@shared.table_options
@shared.format_options
def list_networks(
    pattern: str | None, family: str | None, sort: str | None, top: int | None, output: Output
) -> None:
    """The built-in networks with input, parameters, MACs and widest receptive field.

    PATTERN is a part of their names, or a glob.

    \b
    Example:
      cnncalc list resnet --sort macs
    """
    found = entries(pattern, family)
    if sort is not None:
        found = ordered_entries(found, sort)
    output.write(catalogue_answer(Catalogue(found[:top]), by_family=sort is None))


@click.command("show", cls=GroupedCommand, short_help="A network's definition.")
@shared.net_options
@shared.input_option()
@click.option("--expand", is_flag=True, help="Flat: blocks, arguments and repeats resolved.")
@shared.file_option
def show(asked: Asked, expand: bool, path: str | None) -> None:
    """A network's definition, as its file has it or expanded.

    \b
    Example:
      cnncalc show vgg16 --expand
    """
    if expand:
        write(flat_definition(asked.network_on_input()), path)
    elif asked.arguments or asked.input is not None:
        raise click.UsageError("--set and --input go with --expand; the file itself stays as it is")
    else:
        text = asked.definition().text
        if text is None:
            raise UsageError("a model file has no definition to show; use --expand, or convert")
        write(text, path)


def command(name: str) -> click.Command:
    """The command of a name."""
    return {"list": list_networks, "show": show}[name]
