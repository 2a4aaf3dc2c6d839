"""The command about effective receptive fields."""

from __future__ import annotations

from fnmatch import fnmatchcase

import click

from ..errors import UsageError
from ..network.network import Network
from ..studies.erf import erf
from ..text.erf import erf_answer
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import Output


def _layer_names(network: Network, names: tuple[str, ...], pattern: str | None) -> list[str] | None:
    """The layers that are named, and those whose names fit; None where none is asked for."""
    if pattern is None:
        return [*names] or None
    fitting = [node.name for node in network.nodes if fnmatchcase(node.name, pattern)]
    if not fitting:
        raise UsageError(f"no layer of {network.name} fits {pattern!r}")
    return [*names, *fitting]


@click.command("erf", cls=GroupedCommand, short_help="How much of its field a unit really uses.")
@shared.net_options
@click.argument("names", nargs=-1, metavar="[LAYER]...", shell_complete=shared.completer("layer"))
@click.option(
    "--layers",
    metavar="GLOB",
    shell_complete=shared.completer("layer"),
    help="Only layers whose name fits.",
)
@click.option("--paths", is_flag=True, help="How many paths lead from a unit to each pixel.")
@shared.input_options()
@shared.from_option("In units of that layer, not pixels.")
@shared.table_options
@shared.format_options
def command(
    asked: Asked,
    output: Output,
    names: tuple[str, ...],
    layers: str | None,
    paths: bool,
    from_layer: str | None,
    sort: str | None,
    top: int | None,
) -> None:
    """The effective receptive field at initialization: its standard deviation, and how wide it is.

    Of every layer that is not global, or of each LAYER. sd and the centred extents that hold 50, 90
    and 99 % of a unit's expected squared gradient are exact; trained weights change it: cnncalc
    help erf.

    \b
    Examples:
      cnncalc erf resnet50
      cnncalc erf vgg16 conv5_3 --paths --json
    """
    if asked.net is not None and asked.names_network:
        names, asked = (asked.net, *names), asked.but(net=None)
    network = asked.network_on_input()
    chosen = _layer_names(network, names, layers)
    found = erf(network, layers=chosen, paths=paths, from_layer=from_layer)
    output.write(erf_answer(found, sort, top, asked.channels_last))
